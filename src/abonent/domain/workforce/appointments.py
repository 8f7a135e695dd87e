"""Appointments: booked, moved, confirmed, cancelled; the work order that belongs to one moves along."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.rules_work import OPEN_APPOINTMENT
from abonent.domain.workforce.slots import Wish, need_of, take, vacate
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def book_appointment(
    ctx: Context,
    wish: Wish,
    start: datetime,
    *,
    customer: Mapping[str, Any] | None = None,
    crew: str | None = None,
    note: str | None = None,
    given: Mapping[str, Any] | None = None,
) -> Document:
    """Book the slot that starts at `start` (UTC), by the least loaded crew or the one that is named.

    `customer` is a reference {id, name}; `given` holds further TMF646 attributes. Of two who want the last slot one
    gets it; the other a Conflict "slotTaken" whose fact `slots` names the next that are free.
    """
    need = await need_of(ctx, wish)
    id = await ctx.store.next_id(APPOINTMENT)

    async def once() -> Document:
        at = ctx.now()
        document = doc.new_appointment(id, wish, "confirmed", at, given)
        parties: list[Document] = list(document.get("relatedParty") or ())
        if customer is not None and doc.customer_of(document) is None:
            parties.append(
                {
                    **{k: customer[k] for k in ("id", "name") if customer.get(k)},
                    "role": "customer",
                    "@referredType": "Customer",
                }
            )
        if parties:
            document["relatedParty"] = parties
        change = ctx.change()
        taken = await take(ctx, change, need, id, start=start, crew=crew)
        assert taken is not None
        document = doc.noted(doc.with_slot(document, taken), note, ctx.caller.name, at)
        change.insert(APPOINTMENT, document)
        await ctx.store.commit(change)
        return document

    return await repeated(once)


async def reschedule(ctx: Context, id: str, start: datetime, *, crew: str | None = None) -> Document:
    """Move an appointment to the slot that starts at `start`; the slot it had is free again. Conflict "slotTaken"."""

    async def once() -> Document:
        stored, work = await load(ctx, id)
        change = ctx.change()
        document, _ = await move(ctx, change, stored, work, start, crew)
        await ctx.store.commit(change)
        return document

    return await repeated(once)


async def move(
    ctx: Context,
    change: Change,
    stored: Stored,
    work: Stored | None,
    start: datetime,
    crew: str | None = None,
) -> tuple[Document, Document | None]:
    """Note in `change` that an open appointment goes to another slot; returns it and its work order."""
    demand_open(stored, work)
    wish = wish_of(stored.document, work)
    taken = await take(
        ctx,
        change,
        await need_of(ctx, wish, strict=False),
        stored.id,
        start=start,
        crew=crew,
        leaving=doc.day_of(stored.document),
    )
    assert taken is not None
    document = doc.with_slot(stored.document, taken) | {
        "status": "confirmed",
        "lastUpdate": to_wire(ctx.now()),
    }
    change.update(stored, document)
    if work is None:
        return document, None
    planned = doc.planned(work.document, stored.id, doc.crew_reference(taken), taken.period, wish.skill)
    change.update(work, planned)
    return document, planned


async def confirm(ctx: Context, id: str) -> Document:
    """The client agrees to the slot that was proposed to him."""

    async def once() -> Document:
        stored, _ = await load(ctx, id)
        if stored.state == "confirmed":
            return stored.document
        document = stored.document | {"status": "confirmed", "lastUpdate": to_wire(ctx.now())}
        change = ctx.change()
        change.update(stored, document)
        await ctx.store.commit(change)
        return document

    return await repeated(once)


async def cancel_appointment(ctx: Context, id: str, reason: str | None = None) -> Document:
    """Give an appointment up: its slot is free again, and its work order waits for another one."""

    async def once() -> Document:
        stored, work = await load(ctx, id)
        if stored.state == "cancelled":
            return stored.document
        demand_open(stored, work)
        change = ctx.change()
        document = await close(ctx, change, stored, "cancelled", reason)
        if work is not None:
            at = ctx.now()
            waiting = doc.in_state(doc.unplanned(work.document), "pending", at)
            change.update(work, doc.noted(waiting, reason, ctx.caller.name, at), reason)
            change.publish(WORK_ORDER, work.id, "InformationRequired")
        await ctx.store.commit(change)
        return document

    return await repeated(once)


async def close(
    ctx: Context, change: Change, stored: Stored, status: str, reason: str | None = None
) -> Document:
    """Note in `change` how an appointment ended; a slot that has not begun is free again."""
    at = ctx.now()
    if status == "cancelled" or at < doc.starts(stored.document):
        await vacate(ctx, change, doc.day_of(stored.document), stored.id)
    document = {**stored.document, "status": status, "lastUpdate": to_wire(at)}
    document = doc.noted(document, reason, ctx.caller.name, at)
    change.update(stored, document, reason)
    return document


async def load(ctx: Context, id: str) -> tuple[Stored, Stored | None]:
    """An appointment the caller may see, with its work order if that is still open for it."""
    stored = await ctx.store.get(ctx.caller, APPOINTMENT, id)
    number = doc.related(stored.document, "workOrder")
    if number is None:
        return stored, None
    work = await ctx.store.one(WORK_ORDER, number)
    # A later visit of the same work has an appointment of its own.
    current = work is not None and (work.document.get("appointment") or {}).get("id") == id
    return stored, work if current else None


def wish_of(appointment: Mapping[str, Any], work: Stored | None) -> Wish:
    """What the appointment's slot must offer: what its work order needs, or what was asked for when it was booked."""
    if work is not None:
        return doc.wish_of(work.document)
    place = (appointment.get("relatedPlace") or {}).get("id")
    minutes = int((doc.ends(appointment) - doc.starts(appointment)).total_seconds() // 60)
    return Wish(doc.related(appointment, "skill"), place, minutes)


def demand_open(stored: Stored, work: Stored | None) -> None:
    """IllegalMove unless the appointment may still be moved or given up."""
    if stored.state not in OPEN_APPOINTMENT:
        raise IllegalMove(
            "appointmentOver",
            N_("Appointment {id} is {state} and cannot be changed any more. Book another one."),
            id=stored.id,
            state=stored.state,
        )
    if work is not None and work.state == "inProgress":
        raise IllegalMove(
            "workBegan",
            N_("The crew is at work on {work} already. Complete the work order, or let it fail."),
            work=work.id,
        )
