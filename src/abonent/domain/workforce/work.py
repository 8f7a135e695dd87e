"""Work orders on their way: dispatched, started, completed, failed, sent to another crew, given another slot.

Whoever acts (a dispatcher, the crew, a simulated crew of the demo) calls these with a context: its clock is the time
of what happened, its caller is named in the history.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import queries, rules
from abonent.domain.workforce.appointments import close, move
from abonent.domain.workforce.documents import Material
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.rules import Obstacle
from abonent.domain.workforce.rules_work import OPEN, OPEN_APPOINTMENT, after_absence, demand
from abonent.domain.workforce.slots import Books, Roster, Taken, need_of, roster, take, without
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

Document = dict[str, Any]

# What the order stands with when nobody could be met.
NOT_AT_HOME = N_("The client was not at home")

OBSTACLES = {
    Obstacle.SKILL: N_("it lacks the skill"),
    Obstacle.DISTRICT: N_("it does not go to that district"),
    Obstacle.HOURS: N_("it does not work then"),
    Obstacle.ABSENT: N_("it is absent then"),
    Obstacle.BUSY: N_("it has another visit then"),
    Obstacle.TRAVEL: N_("it would not get there in time from its other visits"),
}


async def load(ctx: Context, id: str) -> tuple[Stored, Stored | None]:
    """A work order with its appointment."""
    work = await ctx.store.get(ctx.caller, WORK_ORDER, id)
    number = (work.document.get("appointment") or {}).get("id")
    if number is None:
        return work, None
    return work, await ctx.store.one(APPOINTMENT, number)


async def act(
    ctx: Context, id: str, action: str, do: Callable[[Change, Stored, Stored | None], Awaitable[Document]]
) -> Document:
    """Load, check that the action is legal, do it, save; again if somebody else was quicker."""

    async def once() -> Document:
        work, appointment = await load(ctx, id)
        demand(action, id, work.state)
        change = ctx.change()
        document = await do(change, work, appointment)
        await ctx.store.commit(change)
        return document

    return await repeated(once)


async def start_work(ctx: Context, id: str) -> Document:
    """The crew is there and begins."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        at = ctx.now()
        document = doc.visited(doc.in_state(work.document, "inProgress", at), "inProgress")
        document["startDate"] = to_wire(at)
        change.update(work, document)
        if appointment is not None and appointment.state == "initialized":
            change.update(
                appointment, appointment.document | {"status": "confirmed", "lastUpdate": to_wire(at)}
            )
        return document

    return await act(ctx, id, "start", do)


async def complete_work(
    ctx: Context, id: str, result: str, materials: Iterable[Material] = (), *, note: str | None = None
) -> Document:
    """The work is done: what was done, what was used (with serial numbers), and a word about it."""
    used = list(materials)

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        at = ctx.now()
        document = doc.in_state(doc.visited(work.document, "completed"), "completed", at)
        document = doc.with_result(document, result, used)
        began = work.document.get("startDate")
        if began:
            minutes = round((at - from_wire(began)).total_seconds() / 60)
            document = doc.with_work(document, actualDuration={"amount": minutes, "units": "min"})
        document = doc.noted(document, note, ctx.caller.name, at) | {"completionDate": to_wire(at)}
        change.update(work, document, result)
        if appointment is not None and appointment.state in OPEN_APPOINTMENT:
            await close(ctx, change, appointment, "completed")
        return document

    return await act(ctx, id, "complete", do)


async def fail_work(ctx: Context, id: str, reason: str) -> Document:
    """The work cannot be done; the order's task stands with the reason until a person acts."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        return await _end(ctx, change, work, appointment, "failed", reason)

    return await act(ctx, id, "fail", do)


async def client_absent(ctx: Context, id: str, *, note: str | None = None) -> Document:
    """Nobody opened. The attempt is noted and the work waits for a new slot; after the third it has failed."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        at = ctx.now()
        attempts = doc.failed_visits(work.document) + 1
        told = f"{NOT_AT_HOME}: {note}" if note else NOT_AT_HOME
        if after_absence(attempts) == "failed":
            reason = f"{told} ({attempts} visits)"
            return await _end(ctx, change, work, appointment, "failed", reason)
        document = doc.unplanned(doc.visited(work.document, "failed", told))
        document = doc.noted(doc.in_state(document, "pending", at), told, ctx.caller.name, at)
        change.update(work, document, told)
        change.publish(WORK_ORDER, id, "InformationRequired")
        if appointment is not None and appointment.state in OPEN_APPOINTMENT:
            await close(ctx, change, appointment, "failed", told)
        return document

    return await act(ctx, id, "clientAbsent", do)


async def rebook(ctx: Context, id: str, start: datetime, *, crew: str | None = None) -> Document:
    """A new slot for a work order, by the least loaded crew or the one that is named. Conflict "slotTaken"."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        if appointment is not None and appointment.state in OPEN_APPOINTMENT:
            return (await move(ctx, change, appointment, work, start, crew))[1] or work.document
        document = await _book(ctx, change, work.document, "confirmed", start=start, crew=crew)
        change.update(work, document)
        return document

    return await act(ctx, id, "rebook", do)


async def reassign(ctx: Context, id: str, crew: str) -> Document:
    """Another crew makes the visit at the same time. IllegalMove "crewCannot" says why it cannot and who could."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        if appointment is None:
            raise IllegalMove(
                "noSlotYet", N_("Work order {id} has no appointment yet. Choose a slot for it."), id=id
            )
        start, end = doc.starts(appointment.document), doc.ends(appointment.document)
        wish = doc.wish_of(work.document)
        need = await need_of(ctx, wish, strict=False)
        known = await roster(ctx, need, start, end, every=True)
        now = doc.related(appointment.document, "crew")
        if crew == now:
            return work.document
        hindered = hindrances(known, need, appointment.id, start, end)
        if crew not in hindered or hindered[crew] is not None:
            raise cannot(known, hindered, crew, now)
        leaving = doc.day_of(appointment.document)
        books = Books(known.days)
        if leaving is not None:
            books.strike(leaving, appointment.id)
        taken = books.enter(known.crew(crew), need, appointment.id, start, end)
        books.write(change)
        moved = doc.with_slot(appointment.document, taken) | {"lastUpdate": to_wire(ctx.now())}
        change.update(appointment, moved)
        document = doc.planned(
            work.document, appointment.id, doc.crew_reference(taken), taken.period, wish.skill
        )
        change.update(work, document)
        return document

    return await act(ctx, id, "reassign", do)


def cannot(known: Roster, hindered: dict[str, Obstacle | None], crew: str, now: str | None) -> IllegalMove:
    """The refusal of a visit by a crew: what is in its way, and who else could then. `now`: who has it."""
    names = {c.id: c.name for c in known.crews}
    able = sorted(id for id, why in hindered.items() if why is None and id != now)
    why = hindered.get(crew)
    return IllegalMove(
        "crewCannot",
        N_("Crew {crew} cannot take this visit: {why}. These can: {who}.")
        if able
        else N_(
            "Crew {crew} cannot take this visit: {why}. No other crew can at that time; choose another slot."
        ),
        crew=names.get(crew, crew),
        why=OBSTACLES[why] if why else N_("there is no such crew"),
        who=", ".join(names[id] for id in able),
        crews=able,
    )


async def crews_for(ctx: Context, id: str) -> list[tuple[rules.Crew, Obstacle | None]]:
    """Every crew with what keeps it from a planned visit (None: nothing does), for a list to choose from."""
    work, appointment = await load(ctx, id)
    if appointment is None:
        return []
    start, end = doc.starts(appointment.document), doc.ends(appointment.document)
    need = await need_of(ctx, doc.wish_of(work.document), strict=False)
    known = await roster(ctx, need, start, end, every=True)
    hindered = hindrances(known, need, appointment.id, start, end)
    return [(crew, hindered[crew.id]) for crew in known.crews]


def hindrances(
    known: Roster, need: rules.Need, appointment: str, start: datetime, end: datetime
) -> dict[str, Obstacle | None]:
    """What keeps each crew from a visit; the visit itself is in nobody's way."""
    return {
        crew.id: rules.obstacle(crew, need, without(known.booked[crew.id], appointment), start, end)
        for crew in known.crews
    }


async def cancel_work(ctx: Context, id: str, reason: str) -> Document:
    """The work is not wanted any more: its slot is free again."""

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        return await _end(ctx, change, work, appointment, "cancelled", reason)

    return await act(ctx, id, "cancel", do)


async def note_cancel(ctx: Context, change: Change, id: str, reason: str) -> Document:
    """The same, noted in a change that the caller saves. IllegalMove says what may be done instead."""
    work, appointment = await load(ctx, id)
    demand("cancel", id, work.state)
    return await _end(ctx, change, work, appointment, "cancelled", reason)


async def cancel_work_of(
    ctx: Context, product_order: str, clients: Collection[str], appointments: Iterable[str], reason: str
) -> None:
    """Cancel all open work of a product order, and those of the `appointments` its items name that are open, of one
    of its `clients`, and of no other work."""
    for work in await queries.work_orders_of(ctx.store, product_order):
        if work.state in OPEN:
            await cancel_work(ctx, work.id, reason)
    for id in appointments:

        async def once(id: str = id) -> None:
            stored = await ctx.store.one(APPOINTMENT, id)
            if stored is None or stored.state not in OPEN_APPOINTMENT:
                return
            own = doc.customer_of(stored.document) in clients
            if own and doc.related(stored.document, "workOrder") is None:
                change = ctx.change()
                await close(ctx, change, stored, "cancelled", reason)
                await ctx.store.commit(change)

        await repeated(once)


async def _end(
    ctx: Context, change: Change, work: Stored, appointment: Stored | None, state: str, reason: str
) -> Document:
    """Note in `change` that a work order and its appointment ended without result."""
    at = ctx.now()
    if state == "cancelled" and work.state == "inProgress":
        # TMF697 leads from work to its cancellation over two more states: the history shows them all.
        for old, new in (
            ("inProgress", "assessingCancellation"),
            ("assessingCancellation", "pendingCancellation"),
        ):
            change.flip(WORK_ORDER, work.id, "state", old, new, reason)
        work = Stored(WORK_ORDER, work.document | {"state": "pendingCancellation"}, work.version)
    document = doc.in_state(doc.visited(work.document, state, reason), state, at)
    document = doc.noted(document, reason, ctx.caller.name, at) | {"completionDate": to_wire(at)}
    if state == "cancelled":
        document |= {"cancellationDate": to_wire(at), "cancellationReason": reason}
        del document["completionDate"]
    change.update(work, document, reason)
    if appointment is not None and appointment.state in OPEN_APPOINTMENT:
        await close(ctx, change, appointment, state, reason)
    return document


async def book_first(
    ctx: Context, change: Change, document: Document, not_before: datetime | None
) -> Document:
    """Note in `change` the first free slot as a proposal for a work order that is new; returns the work order, still
    `pending` when no slot is free."""
    return await _book(ctx, change, document, "initialized", after=not_before)


async def _book(
    ctx: Context,
    change: Change,
    document: Document,
    status: str,
    *,
    start: datetime | None = None,
    after: datetime | None = None,
    crew: str | None = None,
) -> Document:
    """Note in `change` a new appointment of a work order; returns the work order with it."""
    at = ctx.now()
    wish = doc.wish_of(document)
    id = await ctx.store.next_id(APPOINTMENT)
    need = await need_of(ctx, wish, strict=False)
    taken = await take(ctx, change, need, id, start=start, after=after, crew=crew)
    return document if taken is None else appointed(change, document, id, taken, status, at)


def appointed(
    change: Change, document: Document, id: str, taken: Taken, status: str, at: datetime
) -> Document:
    """Note in `change` a new appointment of a work order at the slot it takes; returns the work order with it."""
    wish = doc.wish_of(document)
    given = {"description": document["description"]} if document.get("description") else {}
    appointment = doc.new_appointment(id, wish, status, at, given)
    parties = [p for p in document.get("relatedParty") or () if p.get("role") == "customer"]
    if parties:
        appointment["relatedParty"] = parties
    appointment = doc.with_slot(appointment, taken)
    appointment["relatedEntity"].append(
        {"id": document["id"], "role": "workOrder", "@referredType": "WorkOrder"}
    )
    change.insert(APPOINTMENT, appointment)
    planned = doc.planned(document, id, doc.crew_reference(taken), taken.period, wish.skill)
    return doc.in_state(planned, "acknowledged", at)
