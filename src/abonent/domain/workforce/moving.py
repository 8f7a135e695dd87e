"""A visit moved by a dispatcher: to any crew and time at which it can be made, not only to a slot that is offered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import rules
from abonent.domain.workforce.resources import APPOINTMENT, CREW_DAY
from abonent.domain.workforce.rules import Crew, Obstacle
from abonent.domain.workforce.rules_hours import Stretch, local_days
from abonent.domain.workforce.rules_work import OPEN_APPOINTMENT, demand
from abonent.domain.workforce.slots import Books, need_of, roster, without
from abonent.domain.workforce.work import act, appointed, cannot, hindrances, load
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.values import to_wire

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chance:
    """What a crew can offer a visit on a day: when it could begin, each with its end; else what is in the way."""

    crew: Crew
    times: tuple[Stretch, ...]
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Picked:
    """A visit that is to be moved, with its client's name and its address. `appointment`: of its present visit; None
    while it waits for one."""

    work: Document
    appointment: Document | None
    client: str
    address: Document | None
    chances: tuple[Chance, ...]


async def pick(ctx: Context, id: str, start: datetime, end: datetime) -> Picked:
    """A work order and what each crew could offer it in [start, end). NotFound."""
    work, appointment = await load(ctx, id)
    if appointment is not None and appointment.state not in OPEN_APPOINTMENT:
        appointment = None
    need = await need_of(ctx, doc.wish_of(work.document), strict=False)
    known = await roster(ctx, need, start, end, every=True)
    client, place = doc.customer_of(work.document), (work.document.get("place") or {}).get("id")
    wanted = [(kind, id) for kind, id in ((CUSTOMER_, client), (GEOGRAPHIC_ADDRESS, place)) if id]
    found = {name: stored.document for (name, _), stored in (await ctx.store.find(wanted)).items()}
    own = appointment.id if appointment else ""
    soonest = max(start, ctx.now())
    return Picked(
        work.document,
        appointment.document if appointment else None,
        found.get(CUSTOMER_.name, {}).get("name", ""),
        found.get(GEOGRAPHIC_ADDRESS.name),
        tuple(
            _chance(crew, need, without(known.booked[crew.id], own), soonest, end)
            for crew in sorted(known.crews, key=lambda each: (each.name, each.id))
        ),
    )


def _chance(crew: Crew, need: rules.Need, booked: rules.Booked, start: datetime, end: datetime) -> Chance:
    slots = rules.free_slots([crew], {crew.id: booked}, need, start, end) if start < end else []
    if slots:
        return Chance(crew, tuple(Stretch(slot.start, slot.end) for slot in slots), None)
    if not rules.able(crew, need):
        return Chance(
            crew, (), Obstacle.SKILL if need.skill not in {None, *crew.skills} else Obstacle.DISTRICT
        )
    times = [
        each
        for day in (local_days(start, end, crew.zone) if start < end else ())
        for each in rules.grid(crew, need, day)
        if start <= each[0] < end
    ]
    # What stands in the way most often is what one would have to change.
    counted = Counter(rules.obstacle(crew, need, booked, *each) for each in times)
    return Chance(crew, (), counted.most_common(1)[0][0] if counted else Obstacle.HOURS)


async def move_visit(ctx: Context, id: str, crew: str, start: datetime) -> Document:
    """The crew makes the visit at that time, whoever had it before; a work order without a slot gets its first one.

    IllegalMove "crewCannot" says what is in the way (skill, district, hours, absence, another visit, the way) and who
    could then. BadInput "startOver" for a time that is over.
    """

    async def do(change: Change, work: Stored, appointment: Stored | None) -> Document:
        at = ctx.now()
        if appointment is not None and appointment.state not in OPEN_APPOINTMENT:
            appointment = None
        had = appointment.document if appointment else {}
        stays = bool(had) and doc.starts(had) == start
        if start < at and not stays:
            raise BadInput("startOver", N_("{path}: that time is over. Choose a later one."), path="at")
        return await _place(ctx, change, work, appointment, crew, start, stays=stays)

    return await act(ctx, id, "rebook", do)


async def _place(
    ctx: Context,
    change: Change,
    work: Stored,
    appointment: Stored | None,
    crew: str,
    start: datetime,
    *,
    stays: bool,
) -> Document:
    """`stays`: only the crew changes, so the visit keeps its length and what the client said to it."""
    wish, at = doc.wish_of(work.document), ctx.now()
    need = await need_of(ctx, wish, strict=False)
    known = await roster(ctx, need, start, start + timedelta(days=1), every=True)
    who = next((each for each in known.crews if each.id == crew), None)
    end = start + rules.length(who, need) if who else start + timedelta(minutes=1)
    if stays and appointment is not None:
        end = doc.ends(appointment.document)
    own = appointment.id if appointment else await ctx.store.next_id(APPOINTMENT)
    now = doc.related(appointment.document, "crew") if appointment else None
    if stays and crew == now:
        return work.document
    hindered = hindrances(known, need, own, start, end)
    if who is None or hindered[crew] is not None:
        raise cannot(known, hindered, crew, now if stays else None)
    leaving = doc.day_of(appointment.document) if appointment else None
    days: Mapping[str, Stored] = known.days
    if leaving is not None and leaving not in days:
        days = {
            **days,
            **{key: day for (_, key), day in (await ctx.store.find([(CREW_DAY, leaving)])).items()},
        }
    books = Books(dict(days))
    if leaving is not None:
        books.strike(leaving, own)
    taken = books.enter(who, need, own, start, end)
    books.write(change)
    if appointment is None:
        document = appointed(change, work.document, own, taken, "confirmed", at)
        change.update(work, document)
        return document
    moved = doc.with_slot(appointment.document, taken) | {"lastUpdate": to_wire(at)}
    change.update(appointment, moved if stays else moved | {"status": "confirmed"})
    document = doc.planned(work.document, own, doc.crew_reference(taken), taken.period, wish.skill)
    change.update(work, document)
    return document


async def give_to_any(ctx: Context, id: str) -> Document:
    """Another crew makes the visit at its time: of those that can the one with the least to do that day. IllegalMove
    "nobodyCan"."""
    work, appointment = await load(ctx, id)
    demand("reassign", id, work.state)
    if appointment is None or appointment.state not in OPEN_APPOINTMENT:
        raise IllegalMove(
            "noSlotYet", N_("Work order {id} has no appointment yet. Choose a slot for it."), id=id
        )
    start, end = doc.starts(appointment.document), doc.ends(appointment.document)
    need = await need_of(ctx, doc.wish_of(work.document), strict=False)
    known = await roster(ctx, need, start, end, every=True)
    now = doc.related(appointment.document, "crew")
    hindered = hindrances(known, need, appointment.id, start, end)
    able = [c for c in known.crews if c.id != now and hindered[c.id] is None]
    if not able:
        raise IllegalMove(
            "nobodyCan", N_("No other crew can make this visit at its time. Choose another slot for it.")
        )
    best = min(able, key=lambda c: (rules.load(known.booked[c.id], c.day_of(start)), c.id))
    return await move_visit(ctx, id, best.id, start)
