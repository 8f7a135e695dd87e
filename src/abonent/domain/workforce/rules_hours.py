"""When a crew works: local working hours with breaks, as stretches of UTC time. Pure.

Hours are wall-clock times of the crew's zone; slots are real time. On the night the clocks change, a shift is
therefore an hour shorter or longer, and so is what fits in it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from abonent.kit.errors import N_, BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?a)([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time without interruption, `start` inclusive, `end` exclusive; UTC."""

    start: datetime
    end: datetime

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end

    def holds(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of a weekday in minutes after local midnight (0 to 1440), with the breaks in them."""

    start: int
    end: int
    breaks: tuple[tuple[int, int], ...] = ()


Week = Mapping[int, tuple[Hours, ...]]
"""Weekday (Monday is 0) -> its hours."""


def clock_minutes(text: str, path: str) -> int:
    """ "09:30" as minutes after midnight; "24:00" is 1440. BadInput."""
    if not _CLOCK.fullmatch(text):
        raise BadInput(
            "badClockTime",
            N_("{path}: `{value}` is no time of day. Write it as 09:30; 24:00 is the end of the day."),
            path=path,
            value=text[:40],
        )
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def read_week(working_hours: Iterable[Mapping[str, Any]]) -> dict[int, tuple[Hours, ...]]:
    """The week of a crew's document. BadInput for hours that end before they begin, or breaks outside of them."""
    week: dict[int, list[Hours]] = {}
    for number, given in enumerate(working_hours):
        path = f"workingHours[{number}]"
        start, end = _span(given, path)
        breaks = []
        for place, pause in enumerate(given.get("break") or ()):
            inner = f"{path}.break[{place}]"
            begin, finish = _span(pause, inner)
            if not start <= begin < finish <= end:
                raise BadInput(
                    "breakOutsideHours", N_("{path}: a break must lie within the working hours."), path=inner
                )
            breaks.append((begin, finish))
        for day in given["day"]:
            week.setdefault(DAYS.index(day), []).append(Hours(start, end, tuple(sorted(breaks))))
    for day, spans in week.items():
        ordered = sorted(spans, key=lambda hours: hours.start)
        for before, after in pairwise(ordered):
            if after.start < before.end:
                raise BadInput(
                    "hoursOverlap",
                    N_("{path}: the hours of {day} overlap. Join them, or say when one ends."),
                    path="workingHours",
                    day=DAYS[day],
                )
        week[day] = ordered
    return {day: tuple(spans) for day, spans in week.items()}


def _span(given: Mapping[str, Any], path: str) -> tuple[int, int]:
    start = clock_minutes(given["from"], f"{path}.from")
    end = clock_minutes(given["to"], f"{path}.to")
    if end <= start:
        raise BadInput(
            "endsBeforeStart",
            N_("{path}: it must end after it begins. A shift over midnight is written as two days."),
            path=path,
        )
    return start, end


def moment_of(day: date, minutes: int, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The UTC moment at which the clocks of `zone` show `minutes` after midnight of `day` (1440: the next midnight).

    A time that the clocks show twice is the first of the two, or the `last`. One that they skip is the moment at
    which they skip it.
    """
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if last else first
    # Skipped: seen with the later offset the moment lies before the change, with the earlier one after it.
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _end_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When time that lasts until `minutes` is over: after the last minute that shows less. An end at the very time to
    which the clocks are put back is not put off by the hour that follows."""
    minute_before = moment_of(day, minutes - 1, zone, last=True)
    return min(moment_of(day, minutes, zone, last=True), minute_before + timedelta(minutes=1))


def stretches(week: Week, day: date, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """Working time of a local day without its breaks, in order."""
    return _stretches(week.get(day.weekday(), ()), day, zone)


@lru_cache(maxsize=8192)
def _stretches(listed: tuple[Hours, ...], day: date, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """Kept, since crews share their hours and each search for slots asks for the same days again."""
    found: list[Stretch] = []
    for hours in listed:
        begin = moment_of(day, hours.start, zone)
        for pause, back in hours.breaks:
            # Of a break in the hour that comes twice, all is a break: from its first showing to its last.
            _keep(found, begin, moment_of(day, pause, zone))
            begin = max(begin, _end_of(day, back, zone))
        _keep(found, begin, _end_of(day, hours.end, zone))
    return tuple(found)


def _keep(found: list[Stretch], start: datetime, end: datetime) -> None:
    if start < end:
        found.append(Stretch(start, end))


def local_days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Every local day that [start, end) touches."""
    day = start.astimezone(zone).date()
    while moment_of(day, 0, zone) < end:
        yield day
        day += timedelta(days=1)
