"""What the TM Forum APIs ask for: TMF646 searches and appointments, TMF697 work orders, and the crews' own records.

A posted appointment or search says what it needs by its place and its related entities: one with the role `skill`, or
one with the role `workOrder`, whose needs are then taken.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import queries, rules, work
from abonent.domain.workforce.appointments import book_appointment, cancel_appointment, confirm, reschedule
from abonent.domain.workforce.dispatch import enter
from abonent.domain.workforce.refused import keep_failed, obstacle
from abonent.domain.workforce.resources import (
    APPOINTMENT,
    CREW,
    CREW_ABSENCE,
    SEARCH_TIME_SLOT,
    WORK_ORDER,
)
from abonent.domain.workforce.rules_work import by_hand
from abonent.domain.workforce.slots import HORIZON_DAYS, Wish, period, search_time_slots, within_reach
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain, remove_ended
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove
from abonent.kit.patch import changed_names
from abonent.kit.values import from_wire, to_wire

Document = dict[str, Any]
_MOST_SLOTS = 100
_LONGEST_SEARCH = timedelta(days=62)
# What belongs to the slot, or to the process.
_OURS = frozenset({"relatedEntity", "relatedPlace", "calendarEvent", "status", "validFor"})


async def _wish(ctx: Context, document: Mapping[str, Any]) -> tuple[Wish, str | None]:
    """What a posted document needs, and the work order it is for."""
    number = doc.related(document, "workOrder")
    if number is None:
        return Wish(doc.related(document, "skill"), (document.get("relatedPlace") or {}).get("id")), None
    if not ctx.caller.staff:
        raise Forbidden("workOrderByStaff", N_("Only staff may book a visit for a work order."))
    stored = await ctx.store.get(ctx.caller, WORK_ORDER, number)
    return doc.wish_of(stored.document), number


def _start(document: Mapping[str, Any], path: str = "validFor") -> datetime:
    given = (document.get("validFor") or {}).get("startDateTime")
    if given is None:
        raise BadInput(
            "missingAttribute",
            N_("{path}: this attribute is mandatory; add it."),
            path=f"{path}.startDateTime",
        )
    return from_wire(given)


async def post_search(ctx: Context, document: Document) -> Document:
    """TMF646 searchTimeSlot: answered at once with the free slots in the requested times (two weeks when none). What
    cannot be searched is `rejected`, and searchResult says why."""
    found: list[rules.Slot] = []
    result, status = "", "done"
    wish, _ = await _wish(ctx, document)
    try:
        found = await _searched(ctx, wish, document)
        result = "success" if found else "noTimeSlot"
    except BadInput as refused:
        result, status = str(refused), "rejected"
    answer = {
        **document,
        "id": await ctx.store.next_id(SEARCH_TIME_SLOT),
        "searchDate": to_wire(ctx.now()),
        "status": status,
        "searchResult": result,
        "availableTimeSlot": [
            {"id": str(n), "validFor": period(slot.start, slot.end)}
            for n, slot in enumerate(sorted(set(found), key=lambda s: (s.start, s.end)), 1)
        ],
    }
    if ctx.caller.owner is not None:
        answer["relatedParty"] = {"id": ctx.caller.owner, "role": "customer", "@referredType": "Customer"}
    change = ctx.change()
    change.insert(SEARCH_TIME_SLOT, answer)
    await ctx.store.commit(change)
    return answer


async def _searched(ctx: Context, wish: Wish, document: Document) -> list[rules.Slot]:
    """The free slots in the times a search asks for. BadInput for times or a place that make no sense."""
    spans = []
    for number, asked in enumerate(document.get("requestedTimeSlot") or ()):
        path = f"requestedTimeSlot[{number}].validFor"
        start = _start(asked, path)
        end = (asked.get("validFor") or {}).get("endDateTime")
        finish = from_wire(end) if end else within_reach(start) + timedelta(days=1)
        if not timedelta() < finish - start <= _LONGEST_SEARCH:
            raise BadInput(
                "badPeriod", N_("{path}: it must end after it begins, within two months."), path=path
            )
        spans.append((start, finish))
    now = ctx.now()
    found: list[rules.Slot] = []
    for start, finish in spans or [(now, now + timedelta(days=HORIZON_DAYS))]:
        if finish <= now:
            continue
        days = max(1, -(-(finish - max(start, now)) // timedelta(days=1)))
        slots = await search_time_slots(ctx, wish, after=start, days=days, limit=_MOST_SLOTS)
        found += [slot for slot in slots if slot.end <= finish]
    return found


async def post_appointment(ctx: Context, document: Document) -> Document:
    """TMF646 appointment: the slot that starts at validFor.startDateTime is booked, or the answer is a Conflict. What
    nobody could keep (a time that is over, a place we do not know) stands as `failed` with the reason."""
    wish, number = await _wish(ctx, document)
    why = await obstacle(ctx, wish, document)
    if why is not None and number is None:
        return await keep_failed(ctx, wish, document, why)
    if why is not None:
        raise BadInput("noSuchVisit", why, path="validFor.startDateTime")
    start = _start(document)
    if number is not None:
        await work.rebook(ctx, number, start)
        stored = await ctx.store.get(ctx.caller, WORK_ORDER, number)
        return (await ctx.store.get(ctx.caller, APPOINTMENT, stored.document["appointment"]["id"])).document
    customer = None
    if ctx.caller.owner is not None:
        document = {**document, "relatedParty": []}
        customer = {"id": ctx.caller.owner}
    return await book_appointment(
        ctx, wish, start, customer=customer, crew=doc.related(document, "crew"), given=document
    )


async def patch_appointment(ctx: Context, stored: Stored, document: Document) -> Document:
    """Another validFor.startDateTime moves it, status cancelled gives it up, confirmed agrees; how a visit went is
    said of its work order. Other attributes are notes about it."""
    changed = changed_names(document, stored.document)
    ours = changed & _OURS
    if ours - {"status", "validFor"} or len(ours) > 1 or (ours and changed - ours - {"note"}):
        raise IllegalMove(
            "oneAtATime",
            N_(
                "Change one of these at a time: validFor (to move it), status (to confirm or cancel it), or notes."
            ),
        )
    if ctx.caller.owner is not None and "relatedParty" in changed:
        raise Forbidden("partiesByStaff", N_("Only staff may change the parties of an appointment."))
    if "status" in ours:
        return await _status(ctx, stored, document)
    if "validFor" in ours:
        return await reschedule(ctx, stored.id, _start(document))
    if not changed:
        return document
    return await plain(APPOINTMENT).change(ctx, stored, document | {"lastUpdate": to_wire(ctx.now())})


async def _status(ctx: Context, stored: Stored, document: Document) -> Document:
    wanted = document["status"]
    if wanted == "cancelled":
        notes = list(document.get("note") or ())
        reason = notes[-1].get("text") if len(notes) > len(stored.document.get("note") or ()) else None
        return await cancel_appointment(ctx, stored.id, reason)
    if wanted == "confirmed":
        return await confirm(ctx, stored.id)
    if not ctx.caller.staff or doc.related(stored.document, "workOrder") is not None:
        raise IllegalMove(
            "statusByWork",
            N_("Status {status} follows from the work order of the visit: complete it, or let it fail."),
            status=wanted,
        )
    return await plain(APPOINTMENT).change(ctx, stored, document | {"lastUpdate": to_wire(ctx.now())})


async def remove_appointment(ctx: Context, stored: Stored) -> None:
    """Delete an appointment that is over."""
    await remove_ended(ctx, stored)


# ---- work orders


async def post_work_order(ctx: Context, document: Document) -> Document:
    """TMF697 workOrder entered by hand: it waits for a slot (`pending`), or takes the appointment it names."""
    return await enter(ctx, document)


async def patch_work_order(ctx: Context, stored: Stored, document: Document) -> Document:
    """state inProgress, completed, failed or cancelled does what the action of that name does, with the text of
    `note` as result or reason. Other attributes are kept as they are given; what a process holds together is not."""
    changed = changed_names(document, stored.document)
    if "state" in changed:
        return await _state(ctx, stored, document)
    held = changed & {
        "attachment",
        "appointment",
        "relatedEntity",
        "order",
        "workOrderItem",
        "place",
        "externalId",
    }
    if held:
        raise IllegalMove(
            "workOrderHeld",
            N_("{path} cannot be patched: book or move the appointment, or change the crew instead."),
            path=", ".join(sorted(held)),
        )
    return await plain(WORK_ORDER).change(ctx, stored, document)


async def _state(ctx: Context, stored: Stored, document: Document) -> Document:
    said = (document.get("note") or {}).get("text") if document.get("note") != stored.document.get(
        "note"
    ) else None  # fmt: skip
    match document["state"]:
        case "inProgress":
            return await work.start_work(ctx, stored.id)
        case "completed":
            return await work.complete_work(ctx, stored.id, said or "done")
        case "failed" | "cancelled" as ended:
            reason = said or document.get("cancellationReason")
            if not reason:
                raise BadInput("reasonMissing", N_("{path}: say why, in note.text."), path="note")
            act = work.fail_work if ended == "failed" else work.cancel_work
            return await act(ctx, stored.id, reason)
        case other:
            raise IllegalMove(
                "stateByProcess",
                N_(
                    "State {new} is reached by the process alone. By hand a work order may be set to {possible}."
                ),
                new=other,
                possible="inProgress, completed, failed, cancelled",
            )


async def remove_work_order(ctx: Context, stored: Stored) -> None:
    """Delete a work order that is over, or that was entered by hand and has no slot yet; its history stays."""
    if stored.state == "pending" and by_hand(stored.id):
        await plain(WORK_ORDER).remove(ctx, stored)
        return
    await remove_ended(ctx, stored)


# ---- crews


async def post_crew(ctx: Context, document: Document) -> Document:
    """A crew whose hours, zone and capacity make sense. BadInput."""
    rules.read_crew(document)
    return await plain(CREW).create(ctx, document)


async def patch_crew(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change a crew. Its zone stays while it has visits to keep, as they stand in the book of its local days."""
    rules.read_crew(document)
    if document["timeZone"] != stored.document["timeZone"]:
        await _demand_no_visits(ctx, stored)
    return await plain(CREW).change(ctx, stored, document)


async def remove_crew(ctx: Context, stored: Stored) -> None:
    await _demand_no_visits(ctx, stored)
    await plain(CREW).remove(ctx, stored)


async def _demand_no_visits(ctx: Context, stored: Stored) -> None:
    if await queries.has_visits_ahead(ctx.store, stored.id, ctx.now()):
        raise IllegalMove(
            "crewHasVisits",
            N_("Crew {crew} still has visits to keep. Give them to other crews first."),
            crew=stored.document["name"],
        )


async def post_absence(ctx: Context, document: Document) -> Document:
    """A crew is away. What it has booked then stays until somebody moves it (see queries.visits_between)."""
    rules.read_absence(document)
    await ctx.store.get(ctx.caller, CREW, document["crew"]["id"])
    return await plain(CREW_ABSENCE).create(ctx, document)


async def patch_absence(ctx: Context, stored: Stored, document: Document) -> Document:
    rules.read_absence(document)
    return await plain(CREW_ABSENCE).change(ctx, stored, document)


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(SEARCH_TIME_SLOT, create=post_search)
    actions.register(
        APPOINTMENT, create=post_appointment, change=patch_appointment, remove=remove_appointment
    )
    actions.register(WORK_ORDER, create=post_work_order, change=patch_work_order, remove=remove_work_order)
    actions.register(CREW, create=post_crew, change=patch_crew, remove=remove_crew)
    actions.register(CREW_ABSENCE, create=post_absence, change=patch_absence)
