"""A crew's day judged: the ways between its visits, what is wrong with a visit, how much of the day is taken. Pure.

A visit is judged by the rules by which it was booked, so what the board marks is what a booking would refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from abonent.domain.workforce.rules import Booked, Booking, Crew, Need, Obstacle, Place, in_the_way
from abonent.domain.workforce.rules_hours import Stretch

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Of a crew's day: time it could work (all its people together, without absences), time that is booked of it, and
    time on the way between visits."""

    working: timedelta = NOTHING
    booked: timedelta = NOTHING
    ways: timedelta = NOTHING

    @property
    def percent(self) -> int | None:
        """Booked of what could be worked, a whole percent; None where nobody works. Over 100 when visits lie outside of
        the hours, or in an absence that came later."""
        return round(100 * self.booked / self.working) if self.working else None


def ways(crew: Crew, bookings: Sequence[Booking]) -> dict[str, timedelta]:
    """The way to each visit from the one before it, by appointment; none to the first visit, to one that begins while
    another goes on, and where there is no way to go."""
    found: dict[str, timedelta] = {}
    if crew.travel is None:
        return found
    ordered = sorted(bookings, key=lambda each: (each.start, each.end))
    for number, each in enumerate(ordered):
        before = [b for b in ordered[:number] if b.end <= each.start]
        if len(before) < number or not before:
            continue
        way = crew.travel.between(max(before, key=lambda b: b.end).spot, each.spot)
        if way:
            found[each.appointment] = way
    return found


def troubles(crew: Crew, booked: Booked, day: date) -> dict[str, Obstacle]:
    """What is wrong with each visit of a day: outside of the hours, in an absence, more at once than there are people,
    or too soon after the visit before it."""
    found: dict[str, Obstacle] = {}
    hours = crew.works(day)
    bookings = booked.days.get(day, ())
    for each in bookings:
        need = Need(place=Place(spot=each.spot), minutes=each.minutes)
        others = tuple(b for b in bookings if b.appointment != each.appointment)
        why = in_the_way(crew, need, Booked(booked.absences, {day: others}), day, each.start, each.end)
        if why == Obstacle.TRAVEL:
            # It stands with the later of the two: that is where the crew does not come in time.
            earlier = tuple(b for b in others if b.start <= each.start)
            why = in_the_way(crew, need, Booked((), {day: earlier}), day, each.start, each.end)
        if why != Obstacle.ABSENT and not any(s.holds(each.start, each.end) for s in hours):
            why = Obstacle.HOURS
        if why is not None:
            found[each.appointment] = why
    return found


def load_of(crew: Crew, booked: Booked, day: date) -> DayLoad:
    """How much of a day is taken."""
    bookings = booked.days.get(day, ())
    free = [left for stretch in crew.works(day) for left in _without(stretch, booked.absences)]
    return DayLoad(
        sum((each.end - each.start for each in free), NOTHING) * crew.capacity,
        sum((each.end - each.start for each in bookings), NOTHING),
        sum(ways(crew, bookings).values(), NOTHING),
    )


def _without(stretch: Stretch, absences: Sequence[Stretch]) -> list[Stretch]:
    """What absences leave of a stretch."""
    left, start = [], stretch.start
    for away in sorted(absences, key=lambda each: each.start):
        if away.start > start:
            left.append(Stretch(start, min(away.start, stretch.end)))
        start = max(start, away.end)
        if start >= stretch.end:
            break
    if start < stretch.end:
        left.append(Stretch(start, stretch.end))
    return [each for each in left if each.start < each.end]
