"""Free slots, and taking one. What is booked of a crew on a day is one document, changed by compare-and-set: of two
who want the last slot one is saved, the other reads again and is told what is free."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from abonent.domain.workforce import queries, rules
from abonent.domain.workforce.resources import CREW_DAY
from abonent.domain.workforce.rules import Booked, Booking, Crew, Need, Place, Slot, local_days
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict
from abonent.kit.values import ref, to_wire

HORIZON_DAYS = 14
# Slots that are named to somebody who came too late.
_NAMED = 3

# Days can be counted and told in any zone between these.
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit somebody wants: skill, id of the geographic address, minutes of work; what is None does not matter."""

    skill: str | None = None
    address: str | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Crews that could do the work, with what stands against them."""

    crews: list[Crew]
    booked: dict[str, Booked]
    days: dict[str, Stored]

    def crew(self, id: str) -> Crew:
        return next(crew for crew in self.crews if crew.id == id)


@dataclass(frozen=True, slots=True)
class Taken:
    """A slot that a change takes: when, by whom, and the id of the crew's day it stands in."""

    start: datetime
    end: datetime
    crew: Crew
    day: str

    @property
    def period(self) -> dict[str, str]:
        return period(self.start, self.end)


def within_reach(moment: datetime) -> datetime:
    """The moment, or the nearest one from which days can be counted on: no crew has a slot beyond it that matters."""
    return min(max(moment, _FIRST), _LAST)


def period(start: datetime, end: datetime) -> dict[str, str]:
    return {"startDateTime": to_wire(start), "endDateTime": to_wire(end)}


def day_id(crew: str, day: date) -> str:
    return f"{crew}|{day.isoformat()}"


async def need_of(ctx: Context, wish: Wish, *, strict: bool = True) -> Need:
    """The wish with what is known of its place. An address that does not exist is a BadInput if `strict`; otherwise a
    place where only crews without districts go."""
    place = None
    if wish.address is not None:
        place = await queries.place_of(ctx.store, wish.address)
        if place is None and not strict:
            place = Place()
        if place is None:
            raise BadInput(
                "unknownAddress",
                N_("{path}: there is no address {id}. Use the id of a geographicAddress."),
                path="relatedPlace",
                id=wish.address,
            )
    return Need(wish.skill, place, wish.minutes)


async def roster(ctx: Context, need: Need, start: datetime, end: datetime, *, every: bool = False) -> Roster:
    """The crews that do such work there (or `every` crew), and what is booked of them in [start, end)."""
    known = [rules.read_crew(document) for document in await queries.crews(ctx.store)]
    crews = [crew for crew in known if every or rules.able(crew, need)]
    away = await queries.absences(ctx.store, [c.id for c in crews], start, end + timedelta(days=1))
    days = {c.id: [day_id(c.id, day) for day in local_days(start, end, c.zone)] for c in crews}
    found = await ctx.store.find((CREW_DAY, id) for ids in days.values() for id in ids)
    stored = {id: day for (_, id), day in found.items()}
    booked = {
        crew.id: rules.read_booked(
            [a for a in away if a["crew"]["id"] == crew.id],
            [stored[id].document for id in days[crew.id] if id in stored],
        )
        for crew in crews
    }
    return Roster(crews, booked, stored)


async def search_time_slots(
    ctx: Context,
    wish: Wish,
    *,
    after: datetime | None = None,
    days: int = HORIZON_DAYS,
    limit: int | None = None,
) -> list[Slot]:
    """Slots that are free for a visit, in order of time: from `after`, but not before the crew can be told."""
    need = await need_of(ctx, wish)
    return await free(ctx, need, after=after, days=days, limit=limit)


async def free(
    ctx: Context,
    need: Need,
    *,
    after: datetime | None = None,
    days: int = HORIZON_DAYS,
    limit: int | None = None,
) -> list[Slot]:
    """The same for a need that is known."""
    soonest = ctx.now() + rules.LEAD
    start = within_reach(max(after, soonest) if after else soonest)
    end = start + timedelta(days=days)
    known = await roster(ctx, need, start, end)
    return rules.free_slots(known.crews, known.booked, need, start, end)[:limit]


@dataclass
class Books:
    """Changes to what is booked, collected by day: leaving one slot for another of the same day is one write."""

    days: dict[str, Stored]
    crews: dict[str, Crew] = field(default_factory=dict)
    _changed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def _of(self, day: str) -> list[dict[str, Any]]:
        if day not in self._changed:
            stored = self.days.get(day)
            self._changed[day] = list(stored.document["booking"]) if stored else []
        return self._changed[day]

    def enter(self, crew: Crew, need: Need, appointment: str, start: datetime, end: datetime) -> Taken:
        day = day_id(crew.id, crew.day_of(start))
        self.crews[day] = crew
        spot = need.place.spot if need.place else None
        booking = Booking(appointment, start, end, need.minutes, spot)
        self._of(day).append(rules.booking_document(booking))
        return Taken(start, end, crew, day)

    def strike(self, day: str, appointment: str) -> None:
        self._changed[day] = [b for b in self._of(day) if b["appointment"] != appointment]

    def write(self, change: Change) -> None:
        for day, bookings in self._changed.items():
            stored = self.days.get(day)
            if stored is not None:
                change.update(stored, stored.document | {"booking": bookings})
            elif day in self.crews:
                crew = self.crews[day]
                change.insert(
                    CREW_DAY,
                    {
                        "id": day,
                        "crew": ref({"id": crew.id, "name": crew.name}, "Crew"),
                        "date": day.rpartition("|")[2],
                        "booking": bookings,
                    },
                )


async def take(
    ctx: Context,
    change: Change,
    need: Need,
    appointment: str,
    *,
    start: datetime | None = None,
    after: datetime | None = None,
    crew: str | None = None,
    leaving: str | None = None,
) -> Taken | None:
    """Note in `change` that an appointment takes a slot: the one that starts at `start`, or the first after `after`.

    `leaving` is the crew's day the appointment stands in so far. Conflict "slotTaken" when nobody is free at `start`;
    its fact `slots` holds the next that are free. None when no slot was named and none is free.
    """
    begin = within_reach(start or max(after or ctx.now(), ctx.now() + rules.LEAD))
    end = begin + timedelta(days=HORIZON_DAYS)
    known = await roster(ctx, need, begin, end)
    days = dict(known.days)
    if leaving is not None and leaving not in days:
        days |= await _day(ctx, leaving)
    booked = {id: without(b, appointment) for id, b in known.booked.items()}
    slots = rules.free_slots(known.crews, booked, need, begin, end)
    if start is None:
        chosen = (slots[0], slots[0].crews[0]) if slots else None
        if chosen is None:
            return None
    else:
        chosen = rules.choose(slots, start, crew)
        # Who is no dispatcher cannot know whether a crew could still be told.
        soonest = ctx.now() if ctx.caller.staff else ctx.now() + rules.LEAD
        if chosen is None or start < soonest:
            raise slot_taken(known, slots, start, ctx.now())
    slot, who = chosen
    books = Books(days)
    if leaving is not None:
        books.strike(leaving, appointment)
    taken = books.enter(known.crew(who), need, appointment, slot.start, slot.end)
    books.write(change)
    return taken


async def _day(ctx: Context, day: str) -> dict[str, Stored]:
    return {id: stored for (_, id), stored in (await ctx.store.find([(CREW_DAY, day)])).items()}


def without(booked: Booked, appointment: str) -> Booked:
    """What is booked besides this appointment: it does not stand in its own way."""
    return Booked(
        booked.absences,
        {
            d: tuple(b for b in bookings if b.appointment != appointment)
            for d, bookings in booked.days.items()
        },
    )


async def vacate(ctx: Context, change: Change, day: str | None, appointment: str) -> None:
    """Note in `change` that an appointment's slot is free again."""
    if day is None:
        return
    books = Books(await _day(ctx, day))
    if day in books.days:
        books.strike(day, appointment)
        books.write(change)


def slot_taken(known: Roster, slots: Iterable[Slot], start: datetime, now: datetime) -> Conflict:
    """Nobody is free then; what is free next, as text in the crew's own time and as data."""
    zones = {crew.id: crew.zone for crew in known.crews}
    later = [slot for slot in slots if slot.start >= now + rules.LEAD and slot.start != start][:_NAMED]
    told = ", ".join(f"{s.start.astimezone(zones[s.crews[0]]):%Y-%m-%d %H:%M}" for s in later)
    zone = next(iter(zones.values()), None)
    return Conflict(
        "slotTaken",
        N_("No crew is free at {start}. Free next: {free}.")
        if later
        else N_(
            "No crew is free at {start}, nor within two weeks of it. Choose another time, or add a crew."
        ),
        start=f"{within_reach(start).astimezone(zone):%Y-%m-%d %H:%M}",
        free=told,
        slots=[period(slot.start, slot.end) for slot in later],
    )
