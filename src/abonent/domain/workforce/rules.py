"""Which slots there are, which crew gets one, and why a crew cannot. Pure.

A slot is offered where a crew with the skill goes to the place, works, is not absent and has room. Slots start on
the crew's own grid: every `slot_minutes` from the start of each stretch of work.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from abonent.domain.workforce.rules_hours import Stretch, Week, local_days, read_week, stretches
from abonent.domain.workforce.rules_travel import Spot, Travel, read_travel
from abonent.kit.errors import N_, BadInput
from abonent.kit.values import from_wire, to_wire

SLOT_MINUTES = 120
# What is offered starts at least so much later: the crew must get to know of it and drive there.
LEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the work is: its city and street, and the access nodes that reach it. None: it does not matter where."""

    city: str = ""
    street: str = ""
    nodes: frozenset[str] = frozenset()
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class District:
    """Where a crew goes: access nodes, or a city, all of it or some streets."""

    city: str = ""
    streets: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()

    def holds(self, place: Place) -> bool:
        if self.nodes & place.nodes:
            return True
        if not self.city or _same(self.city) != _same(place.city):
            return False
        return not self.streets or _same(place.street) in {_same(s) for s in self.streets}


def _same(name: str) -> str:
    """Names as they are compared: without case and space around."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class Crew:
    """A crew as the rules see it."""

    id: str
    name: str
    skills: frozenset[str]
    districts: tuple[District, ...]
    zone: ZoneInfo
    week: Week
    capacity: int = 1
    slot_minutes: int = SLOT_MINUTES
    travel: Travel | None = None

    def goes_to(self, place: Place | None) -> bool:
        return place is None or not self.districts or any(d.holds(place) for d in self.districts)

    def works(self, day: date) -> tuple[Stretch, ...]:
        """Its working time on a local day."""
        return stretches(self.week, day, self.zone)

    def day_of(self, moment: datetime) -> date:
        """The local day whose book a visit stands in."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked of a crew: the visit of an appointment. `minutes` of work and `spot` where they are known."""

    appointment: str
    start: datetime
    end: datetime
    minutes: int | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands against a crew's working time: absences, and bookings by local day."""

    absences: tuple[Stretch, ...] = ()
    days: Mapping[date, tuple[Booking, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """The work a slot is wanted for. minutes: how long it takes; None: as long as the crew's slot."""

    skill: str | None = None
    place: Place | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is offered, UTC, and the crews that could come then, best first."""

    start: datetime
    end: datetime
    crews: tuple[str, ...]


class Obstacle(StrEnum):
    """Why a crew cannot take a visit; the first that holds is told."""

    SKILL = "skill"
    DISTRICT = "district"
    HOURS = "hours"
    ABSENT = "absent"
    BUSY = "busy"
    TRAVEL = "travel"


def length(crew: Crew, need: Need) -> timedelta:
    """How long a visit blocks the crew: a slot, or longer if the work is."""
    return timedelta(minutes=max(crew.slot_minutes, need.minutes or 0))


def able(crew: Crew, need: Need) -> bool:
    """Whether the crew does such work at that place at all."""
    return (need.skill is None or need.skill in crew.skills) and crew.goes_to(need.place)


def obstacle(crew: Crew, need: Need, booked: Booked, start: datetime, end: datetime) -> Obstacle | None:
    """What keeps a crew from a visit at that time; None: nothing does."""
    if need.skill is not None and need.skill not in crew.skills:
        return Obstacle.SKILL
    if not crew.goes_to(need.place):
        return Obstacle.DISTRICT
    day = crew.day_of(start)
    if not any(stretch.holds(start, end) for stretch in crew.works(day)):
        return Obstacle.HOURS
    return in_the_way(crew, need, booked, day, start, end)


def in_the_way(
    crew: Crew, need: Need, booked: Booked, day: date, start: datetime, end: datetime
) -> Obstacle | None:
    """The same for a crew that does such work there and works then."""
    if any(absence.overlaps(start, end) for absence in booked.absences):
        return Obstacle.ABSENT
    if at_once(booked.days.get(day, ()), start, end) >= crew.capacity:
        return Obstacle.BUSY
    if crew.travel is not None:
        on_the_way = _with_ways(crew.travel, need, booked.days.get(day, ()), start, end)
        if at_once(on_the_way, start, end) >= crew.capacity:
            return Obstacle.TRAVEL
    return None


def _with_ways(
    travel: Travel, need: Need, bookings: Iterable[Booking], start: datetime, end: datetime
) -> Iterator[Booking]:
    """Bookings together with the way between each and a visit in [start, end). What is left of a slot when its work
    is done counts for the way, so short work leaves the next slot free."""
    spot = need.place.spot if need.place else None
    done = min(end, start + timedelta(minutes=need.minutes)) if need.minutes else end
    for each in bookings:
        way = travel.between(each.spot, spot)
        over = min(each.end, each.start + timedelta(minutes=each.minutes)) if each.minutes else each.end
        late = each.start >= start and done + way > each.start
        yield Booking(each.appointment, each.start - way if late else each.start, max(each.end, over + way))


def at_once(bookings: Iterable[Booking], start: datetime, end: datetime) -> int:
    """The most visits that overlap each other at some moment of [start, end)."""
    within = [b for b in bookings if b.start < end and start < b.end]
    return max(
        (sum(b.start <= moment < b.end for b in within) for moment in {start, *(b.start for b in within)}
         if start <= moment), default=0
    )  # fmt: skip


def load(booked: Booked, day: date) -> timedelta:
    """Time booked of a crew on a day."""
    return sum((b.end - b.start for b in booked.days.get(day, ())), timedelta())


def free_slots(
    crews: Sequence[Crew],
    booked: Mapping[str, Booked],
    need: Need,
    start: datetime,
    end: datetime,
) -> list[Slot]:
    """Slots that start in [start, end), in order of time; each with its free crews, the least loaded first."""
    found: dict[tuple[datetime, datetime], list[tuple[timedelta, str]]] = {}
    for crew in crews:
        if not able(crew, need):
            continue
        own = booked.get(crew.id, Booked())
        for day in local_days(start, end, crew.zone):
            busy = load(own, day)
            for begin, finish in grid(crew, need, day):
                if start <= begin < end and in_the_way(crew, need, own, day, begin, finish) is None:
                    found.setdefault((begin, finish), []).append((busy, crew.id))
    return [
        Slot(begin, finish, tuple(id for _, id in sorted(free)))
        for (begin, finish), free in sorted(found.items())
    ]


def grid(crew: Crew, need: Need, day: date) -> list[tuple[datetime, datetime]]:
    """The times of a day at which the crew's slots start and that leave room for the work before the next break."""
    step, taken = timedelta(minutes=crew.slot_minutes), length(crew, need)
    times = []
    for stretch in crew.works(day):
        begin = stretch.start
        while begin + taken <= stretch.end:
            times.append((begin, begin + taken))
            begin += step
    return times


def choose(slots: Iterable[Slot], start: datetime, crew: str | None = None) -> tuple[Slot, str] | None:
    """The slot that starts then with its best crew, or with the one that is wanted; None when it is not free."""
    for slot in slots:
        if slot.start == start and (crew is None or crew in slot.crews):
            return slot, crew or slot.crews[0]
    return None


# ---- crews as documents


def read_crew(document: Mapping[str, Any]) -> Crew:
    """A crew's document for the rules. BadInput if it makes no sense."""
    return Crew(
        id=document.get("id", ""),
        name=document["name"],
        skills=frozenset(document.get("skill") or ()),
        districts=tuple(_district(d) for d in document.get("district") or ()),
        zone=_zone(document["timeZone"]),
        week=read_week(document["workingHours"]),
        capacity=_positive(document, "capacity", 1, 100),
        slot_minutes=_positive(document, "slotMinutes", SLOT_MINUTES, 24 * 60),
        travel=read_travel(document.get("travel")),
    )


def _district(document: Mapping[str, Any]) -> District:
    return District(
        document.get("city") or "",
        frozenset(document.get("street") or ()),
        frozenset(document.get("accessNode") or ()),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadInput(
            "unknownTimeZone",
            N_("{path}: there is no time zone `{value}`. Write its IANA name, such as Europe/Moscow."),
            path="timeZone",
            value=name[:60],
        ) from None


def _positive(document: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    value = document.get(name, usual)
    if not 1 <= value <= most:
        raise BadInput("outOfRange", N_("{path}: it must be between 1 and {most}."), path=name, most=most)
    return value


def read_booked(absences: Iterable[Mapping[str, Any]], days: Iterable[Mapping[str, Any]]) -> Booked:
    """Absences and crew days of one crew, as documents, for the rules."""
    return Booked(
        tuple(read_absence(a) for a in absences),
        {date.fromisoformat(d["date"]): tuple(_booking(b) for b in d["booking"]) for d in days},
    )


def _booking(document: Mapping[str, Any]) -> Booking:
    north, east = document.get("latitude"), document.get("longitude")
    spot = Spot(
        document.get("address") or "",
        document.get("city") or "",
        None if north is None else float(north),
        None if east is None else float(east),
    )
    start, end = from_wire(document["start"]), from_wire(document["end"])
    known = spot.address or spot.city or spot.known
    return Booking(document["appointment"], start, end, document.get("minutes"), spot if known else None)


def booking_document(booking: Booking) -> dict[str, Any]:
    """A booking as it stands in the crew's day."""
    spot = booking.spot or Spot()
    more = {
        "minutes": booking.minutes,
        "address": spot.address,
        "city": spot.city,
        "latitude": spot.latitude,
        "longitude": spot.longitude,
    }
    kept = {name: value for name, value in more.items() if value not in {None, ""}}
    times = {"start": to_wire(booking.start), "end": to_wire(booking.end)}
    return {"appointment": booking.appointment, **times, **kept}


def read_absence(document: Mapping[str, Any]) -> Stretch:
    """The time of an absence; open ends go on for ever. BadInput if it ends before it begins."""
    valid = document["validFor"]
    start = from_wire(valid["startDateTime"]) if valid.get("startDateTime") else _EVER.start
    end = from_wire(valid["endDateTime"]) if valid.get("endDateTime") else _EVER.end
    if end <= start:
        raise BadInput("endsBeforeStart", N_("{path}: it must end after it begins."), path="validFor")
    return Stretch(start, end)


_EVER = Stretch(from_wire("1900-01-01T00:00:00Z"), from_wire("9000-01-01T00:00:00Z"))
