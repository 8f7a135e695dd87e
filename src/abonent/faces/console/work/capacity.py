"""How many visits may still be booked: by day, skill and town. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from abonent.domain.workforce.rules import Booked, Crew, Need, free_slots
from abonent.faces.console.work.labels import SKILL, weekday, worded
from abonent.kit.formats import NBSP
from abonent.kit.i18n import Translator

DAYS = 7


@dataclass(frozen=True, slots=True)
class Head:
    """A day of the table's head, a link to its board."""

    weekday: str
    number: str
    month: str
    href: str


@dataclass(frozen=True, slots=True)
class CapacityRow:
    """A skill in a town: free visits of each day; None where no such crew works that day."""

    skill: str
    town: str
    days: tuple[int | None, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Capacity:
    heads: tuple[Head, ...]
    rows: tuple[CapacityRow, ...]


def capacity(
    crews: Sequence[Crew], booked: Mapping[str, Booked], start: datetime, now: datetime, t: Translator
) -> Capacity:
    """Free visits of the reader's days from today on. `start`: nothing before it can be booked.

    A crew that goes to several towns is counted in each of them, one without districts in all.
    """
    days = [t.local(now).date() + timedelta(days=n) for n in range(DAYS)]
    end = start + timedelta(days=DAYS)
    free = {crew.id: _free(crew, booked, start, end, days, t) for crew in crews}
    works = {crew.id: [bool(crew.works(day)) for day in days] for crew in crews}
    towns = sorted({d.city for crew in crews for d in crew.districts if d.city})
    rows = []
    for skill in sorted({skill for crew in crews for skill in crew.skills}):
        for town in towns or [""]:
            able = [c for c in crews if skill in c.skills and _goes(c, town)]
            if not able:
                continue
            counts = tuple(
                sum(free[c.id][n] for c in able) if any(works[c.id][n] for c in able) else None
                for n in range(DAYS)
            )
            word = worded(SKILL, skill, t)
            rows.append(
                CapacityRow(word, town or t.gettext("everywhere"), counts, sum(c or 0 for c in counts))
            )
    return Capacity(tuple(_head(day, t) for day in days), tuple(rows))


def _goes(crew: Crew, town: str) -> bool:
    return not crew.districts or any(d.city == town for d in crew.districts)


def _free(
    crew: Crew,
    booked: Mapping[str, Booked],
    start: datetime,
    end: datetime,
    days: Sequence[date],
    t: Translator,
) -> list[int]:
    """Slots of one crew by day; where it has people for several visits at once, a free slot counts once."""
    counts = dict.fromkeys(days, 0)
    for slot in free_slots([crew], booked, Need(), start, end):
        day = t.local(slot.start).date()
        if day in counts:
            counts[day] += 1
    return [counts[day] for day in days]


def _head(day: date, t: Translator) -> Head:
    noon = datetime.combine(day, datetime.min.time(), t.zone) + timedelta(hours=12)
    number, _, month = t.day(noon, noon).partition(NBSP)
    return Head(weekday(day, t), number, month, f"/appointments?day={day.isoformat()}")
