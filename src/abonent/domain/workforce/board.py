"""A day of the crews at a glance: when each works, is absent, and whom it visits."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce import queries, rules
from abonent.domain.workforce.resources import CREW_DAY, WORK_ORDER
from abonent.domain.workforce.rules import Booked, Crew
from abonent.domain.workforce.rules_day import DayLoad, load_of
from abonent.domain.workforce.rules_hours import Stretch, moment_of
from abonent.domain.workforce.slots import day_id
from abonent.kit.context import Context

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a day. `work` is None for an appointment whose order has not been placed yet; `state` is that of
    the work order, else the appointment's status."""

    appointment: Document
    work: Document | None
    client: str
    address: Document | None
    state: str

    @property
    def period(self) -> Stretch:
        return Stretch(doc.starts(self.appointment), doc.ends(self.appointment))


@dataclass(frozen=True, slots=True)
class CrewDay:
    """A crew's local day, its times in UTC: midnight to midnight, hours of work, absences, visits in order of time.
    `booked`: the same for the rules, where it was asked for."""

    crew: Crew
    day: Stretch
    working: tuple[Stretch, ...]
    absences: list[Stretch]
    visits: list[Visit]
    booked: Booked = field(default_factory=Booked)


@dataclass(frozen=True, slots=True)
class LoadOfDay:
    """A crew's local day in numbers. `works`: whether it is a working day by its hours."""

    load: DayLoad
    visits: int
    works: bool
    absent: bool


async def day_board(ctx: Context, day: date) -> list[CrewDay]:
    """All crews on one day (each in its own time zone), by name."""
    crews = sorted(
        (rules.read_crew(c) for c in await queries.crews(ctx.store)), key=lambda crew: (crew.name, crew.id)
    )
    if not crews:
        return []
    whole = {
        c.id: Stretch(moment_of(day, 0, c.zone), moment_of(day + timedelta(days=1), 0, c.zone)) for c in crews
    }
    start, end = min(s.start for s in whole.values()), max(s.end for s in whole.values())
    away = await queries.absences(ctx.store, [c.id for c in crews], start, end)
    visits = await _visits(ctx, await queries.visits_between(ctx.store, start, end))
    books = await _books(ctx, [day_id(c.id, day) for c in crews])
    return [
        CrewDay(
            crew,
            whole[crew.id],
            crew.works(day),
            [
                absence
                for a in away
                if a["crew"]["id"] == crew.id
                and (absence := rules.read_absence(a)).overlaps(whole[crew.id].start, whole[crew.id].end)
            ],
            [
                v
                for v in visits
                if doc.related(v.appointment, "crew") == crew.id
                and v.period.overlaps(whole[crew.id].start, whole[crew.id].end)
            ],
            rules.read_booked(
                (a for a in away if a["crew"]["id"] == crew.id),
                [books[key]] if (key := day_id(crew.id, day)) in books else [],
            ),
        )
        for crew in crews
    ]


async def week_board(ctx: Context, first: date, days: int = 7) -> list[tuple[Crew, list[LoadOfDay]]]:
    """The days of all crews from `first` on in numbers, crews by name."""
    crews = sorted(
        (rules.read_crew(c) for c in await queries.crews(ctx.store)), key=lambda crew: (crew.name, crew.id)
    )
    if not crews:
        return []
    each = [first + timedelta(days=n) for n in range(days)]
    start = min(moment_of(first, 0, c.zone) for c in crews)
    end = max(moment_of(first + timedelta(days=days), 0, c.zone) for c in crews)
    away = await queries.absences(ctx.store, [c.id for c in crews], start, end)
    books = await _books(ctx, [day_id(c.id, day) for c in crews for day in each])
    told = []
    for crew in crews:
        keys = (day_id(crew.id, day) for day in each)
        booked = rules.read_booked(
            (a for a in away if a["crew"]["id"] == crew.id), (books[key] for key in keys if key in books)
        )
        told.append((crew, [_numbers(crew, booked, day) for day in each]))
    return told


def _numbers(crew: Crew, booked: Booked, day: date) -> LoadOfDay:
    hours = crew.works(day)
    absent = any(a.overlaps(s.start, s.end) for a in booked.absences for s in hours)
    return LoadOfDay(load_of(crew, booked, day), len(booked.days.get(day, ())), bool(hours), absent)


async def _books(ctx: Context, ids: list[str]) -> dict[str, Document]:
    """What is booked of crews' days, by id of the day."""
    found = await ctx.store.find((CREW_DAY, id) for id in ids)
    return {id: stored.document for (_, id), stored in found.items()}


async def crew_days(ctx: Context, crew: Crew, first: date, days: int) -> list[CrewDay]:
    """The local days of one crew from `first` on, in order."""
    each = [first + timedelta(days=n) for n in range(days + 1)]
    edges = [moment_of(day, 0, crew.zone) for day in each]
    away = [rules.read_absence(a) for a in await queries.absences(ctx.store, [crew.id], edges[0], edges[-1])]
    visits = await _visits(ctx, await queries.visits_between(ctx.store, edges[0], edges[-1], crew.id))
    return [
        CrewDay(
            crew,
            Stretch(start, end),
            crew.works(day),
            [absence for absence in away if absence.overlaps(start, end)],
            [visit for visit in visits if start <= visit.period.start < end],
        )
        for day, start, end in zip(each[:-1], edges[:-1], edges[1:], strict=True)
    ]


async def visits_of(ctx: Context, crew: str, start: datetime, end: datetime) -> list[Visit]:
    """Visits of a crew that begin in [start, end), in order of time."""
    return await _visits(ctx, await queries.visits_between(ctx.store, start, end, crew))


async def _visits(ctx: Context, appointments: list[Document]) -> list[Visit]:
    """Appointments with what they refer to, in one statement."""
    work_of = {a["id"]: doc.related(a, "workOrder") or "" for a in appointments}
    place_of = {a["id"]: (a.get("relatedPlace") or {}).get("id") or "" for a in appointments}
    client_of = {a["id"]: doc.customer_of(a) or "" for a in appointments}
    wanted = [(WORK_ORDER, id) for id in work_of.values() if id]
    wanted += [(GEOGRAPHIC_ADDRESS, id) for id in place_of.values() if id]
    wanted += [(CUSTOMER_, id) for id in client_of.values() if id]
    found = {key: stored.document for key, stored in (await ctx.store.find(wanted)).items()}
    visits = []
    for appointment in appointments:
        id = appointment["id"]
        work = found.get((WORK_ORDER.name, work_of[id]))
        # A later visit of the same work stands for itself.
        current = work is not None and (work.get("appointment") or {}).get("id") == id
        client = found.get((CUSTOMER_.name, client_of[id])) or {}
        state = work["state"] if work is not None and current else appointment["status"]
        address = found.get((GEOGRAPHIC_ADDRESS.name, place_of[id]))
        visits.append(Visit(appointment, work, client.get("name", ""), address, state))
    return visits
