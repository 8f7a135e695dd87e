"""When people order: by the hour, the weekday, the season and the holidays of the operator's region.
Pure but for `draw`."""

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from random import Random

# The region's wall clock; there is no summer time.
LOCAL = timezone(timedelta(hours=3))
OPENS, CLOSES = 9, 19

# Shares of an hour of the local day: at the counter and by telephone; through the site.
STAFFED = (0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 11, 12, 10, 8, 9, 10, 11, 10, 8, 3, 0, 0, 0, 0)
ONLINE = (2, 1, 0.4, 0.2, 0.2, 0.4, 1, 2, 3, 3, 3, 3, 4, 4, 3, 3, 4, 6, 8, 10, 12, 12, 9, 5)
WEEKDAYS = (1.12, 1.08, 1.03, 1.0, 0.98, 0.62, 0.42)
# Less in summer, when people are in their gardens; most when they are back.
MONTHS = (0.86, 0.94, 1.0, 0.98, 0.9, 0.84, 0.8, 0.92, 1.18, 1.1, 1.06, 1.08)
HOLIDAYS = frozenset(
    {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4), (12, 31)}
)
HOLIDAY_SHARE = 0.22
# How much larger business is after ninety days.
GROWTH = 0.12
# Orders of homes that come through the site.
ONLINE_SHARE = 0.55


def weight(day: date, today: date) -> float:
    """How much is ordered on a day, against an ordinary working day of today's size and season."""
    share = WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] / MONTHS[today.month - 1]
    if (day.month, day.day) in HOLIDAYS:
        share *= HOLIDAY_SHARE
    return share * (1 - GROWTH * (today - day).days / 90)


def hourly(hour: int, *, online: bool) -> float:
    """The share of a day's orders that comes in an hour (0 to 23, local) through a channel."""
    table = ONLINE if online else STAFFED
    return table[hour] / sum(table)


def moments(draw: Random, start: datetime, end: datetime, a_day: float) -> Iterator[tuple[datetime, bool]]:
    """(moment, whether online) of each order from start to end, in the order of time; `a_day`: see weight."""
    day, today = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
    while day <= today:
        expected = a_day * weight(day, today)
        # Everything about a day is drawn at once, so that a longer past leaves the later days as they are.
        of_day: list[tuple[datetime, bool]] = []
        for _ in range(_poisson(draw, expected)):
            online = draw.random() < (ONLINE_SHARE if working(day) else 0.85)
            hour = draw.choices(range(24), ONLINE if online else STAFFED)[0]
            at = datetime(
                day.year, day.month, day.day, hour, draw.randrange(60), draw.randrange(60), tzinfo=LOCAL
            )
            of_day.append((at.astimezone(start.tzinfo), online))
        yield from (moment for moment in sorted(of_day) if start <= moment[0] < end)
        day += timedelta(days=1)


def per_second(at: datetime, a_day: float) -> float:
    """Orders a second at a moment, of both channels: what a living demo draws from."""
    here = at.astimezone(LOCAL)
    day = here.date()
    share = ONLINE_SHARE if working(day) else 0.85
    hour = share * hourly(here.hour, online=True) + (1 - share) * hourly(here.hour, online=False)
    return a_day * weight(day, day) * hour / 3600


def working(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def in_hours(at: datetime) -> bool:
    """Whether the operator's people are at work."""
    here = at.astimezone(LOCAL)
    return working(here.date()) and OPENS <= here.hour < CLOSES


def at_work(at: datetime) -> datetime:
    """The same moment, or the beginning of the next hours in which the operator's people are at work."""
    here = at.astimezone(LOCAL)
    if in_hours(here):
        return at
    if not working(here.date()) or here.hour >= CLOSES:
        here = (here + timedelta(days=1)).replace(hour=0)
        while not working(here.date()):
            here += timedelta(days=1)
    return here.replace(hour=OPENS, minute=7 + here.minute // 3, second=here.second).astimezone(at.tzinfo)


def _poisson(draw: Random, mean: float) -> int:
    """A number of independent events whose mean is known (Knuth's way; the mean is at most some hundreds)."""
    limit, count, product = math.exp(-min(mean, 500.0)), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count
