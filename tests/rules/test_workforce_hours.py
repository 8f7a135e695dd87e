"""Working hours in a time zone: breaks, ends of days, and the nights on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abonent.domain.workforce.rules_hours import (
    Hours,
    Stretch,
    clock_minutes,
    local_days,
    moment_of,
    read_week,
    stretches,
)
from abonent.kit.errors import BadInput

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
# Half an hour of summer time, and no whole hours from UTC.
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def week(start: str, end: str, *breaks: tuple[str, str], days: str = "mon tue wed thu fri") -> Any:
    pauses = [{"from": a, "to": b} for a, b in breaks]
    return read_week([{"day": days.split(), "from": start, "to": end, "break": pauses}])


def test_a_day_with_lunch_in_moscow() -> None:
    # Wednesday; Moscow is three hours ahead of UTC. 09:00-13:00 and 14:00-18:00.
    assert [*stretches(week("09:00", "18:00", ("13:00", "14:00")), date(2026, 6, 3), MOSCOW)] == [
        Stretch(utc(2026, 6, 3, 6), utc(2026, 6, 3, 10)),
        Stretch(utc(2026, 6, 3, 11), utc(2026, 6, 3, 15)),
    ]


def test_no_hours_on_other_days() -> None:
    assert stretches(week("09:00", "18:00"), date(2026, 6, 6), MOSCOW) == ()


def test_breaks_at_the_edges_and_side_by_side() -> None:
    hours = week("09:00", "12:00", ("11:30", "12:00"), ("09:00", "09:15"), ("09:15", "10:00"))
    assert stretches(hours, date(2026, 6, 3), UTC_ZONE) == (
        Stretch(utc(2026, 6, 3, 10), utc(2026, 6, 3, 11, 30)),
    )


UTC_ZONE = ZoneInfo("UTC")


def test_the_day_ends_at_24_00() -> None:
    assert [*stretches(week("22:00", "24:00"), date(2026, 6, 3), MOSCOW)] == [
        Stretch(utc(2026, 6, 3, 19), utc(2026, 6, 3, 21))
    ]
    # The whole of 29 March in Berlin has 23 hours, of 25 October 25.
    whole = read_week([{"day": ["sun"], "from": "00:00", "to": "24:00"}])
    for day, hours in ((FORWARD, 23), (BACK, 25)):
        (all_day,) = stretches(whole, day, BERLIN)
        assert all_day.end - all_day.start == timedelta(hours=hours)


def test_a_time_that_is_skipped_is_the_moment_of_the_change() -> None:
    # At 02:00 the clocks of Berlin go to 03:00, which is 01:00 UTC.
    assert moment_of(FORWARD, 150, BERLIN) == utc(2026, 3, 29, 1)
    assert moment_of(FORWARD, 120, BERLIN) == utc(2026, 3, 29, 1)
    assert moment_of(FORWARD, 180, BERLIN) == utc(2026, 3, 29, 1)
    # A shift that lies within the skipped hour does not take place; one around it is an hour shorter.
    inside = {6: (Hours(120, 180),)}
    assert stretches(inside, FORWARD, BERLIN) == ()
    around = {6: (Hours(60, 240),)}
    assert stretches(around, FORWARD, BERLIN) == (Stretch(utc(2026, 3, 29, 0), utc(2026, 3, 29, 2)),)
    # 02:00 goes to 02:30 on Lord Howe: 15:30 UTC of the day before.
    assert moment_of(date(2026, 10, 4), 135, LORD_HOWE) == utc(2026, 10, 3, 15, 30)


def test_a_time_that_comes_twice() -> None:
    # 03:00 summer time becomes 02:00: 02:30 is 00:30 and 01:30 UTC.
    assert moment_of(BACK, 150, BERLIN) == utc(2026, 10, 25, 0, 30)
    assert moment_of(BACK, 150, BERLIN, last=True) == utc(2026, 10, 25, 1, 30)
    # A shift to 02:30 is worked to the second one, one from 02:30 begins with the first.
    assert [*stretches({6: (Hours(60, 150),)}, BACK, BERLIN)] == [
        Stretch(utc(2026, 10, 24, 23), utc(2026, 10, 25, 1, 30))
    ]
    # A break in that hour lasts from its first showing to its last: 02:15 (00:15 UTC) to 02:45 (01:45 UTC).
    assert [*stretches({6: (Hours(60, 240, ((135, 165),)),)}, BACK, BERLIN)] == [
        Stretch(utc(2026, 10, 24, 23), utc(2026, 10, 25, 0, 15)),
        Stretch(utc(2026, 10, 25, 1, 45), utc(2026, 10, 25, 3)),
    ]


zones = st.sampled_from([MOSCOW, BERLIN, LORD_HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu")])
changes = st.sampled_from([FORWARD, BACK, date(2026, 4, 5), date(2026, 10, 4), date(2026, 3, 8)])
days = st.builds(lambda d, n: d + timedelta(days=n), changes, st.integers(-1, 1))
quarters = st.integers(0, 96).map(lambda n: n * 15)


@st.composite
def shifts(draw: st.DrawFn) -> Hours:
    marks = sorted(draw(st.lists(quarters, min_size=2, max_size=6, unique=True)))
    inner = marks[1:-1]
    return Hours(marks[0], marks[-1], tuple(zip(inner[::2], inner[1::2], strict=False)))


@given(zones, days, shifts())
@example(BERLIN, BACK, Hours(0, 120, ()))
def test_hours_against_a_clock_that_is_read_minute_by_minute(zone: ZoneInfo, day: date, shift: Hours) -> None:
    """The naive way: walk the UTC minutes and look at the wall clock. A stretch of wall time goes from the first minute
    that shows at least its start to the last one that shows less than its end."""
    midnight = datetime.combine(day, datetime.min.time())
    readings = []
    moment = midnight.replace(tzinfo=UTC) - timedelta(hours=15)
    while moment < midnight.replace(tzinfo=UTC) + timedelta(hours=40):
        wall = moment.astimezone(zone).replace(tzinfo=None)
        readings.append((moment, (wall - midnight) // timedelta(minutes=1)))
        moment += timedelta(minutes=1)

    def shown(start: int, end: int) -> set[datetime]:
        first = min((m for m, wall in readings if start <= wall <= 1440 + 120), default=None)
        last = max((m for m, wall in readings if wall < end), default=None)
        return {m for m, _ in readings if first is not None and last is not None and first <= m <= last}

    expected = shown(shift.start, shift.end)
    for pause in shift.breaks:
        expected -= shown(*pause)
    found = stretches({day.weekday(): (shift,)}, day, zone)
    assert {m for m, _ in readings if any(s.start <= m < s.end for s in found)} == expected
    assert all(s.start < s.end for s in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_local_days_between_two_moments() -> None:
    # 21:00 UTC is midnight in Moscow.
    assert list(local_days(utc(2026, 6, 3, 20, 59), utc(2026, 6, 3, 21), MOSCOW)) == [date(2026, 6, 3)]
    assert list(local_days(utc(2026, 6, 3, 21), utc(2026, 6, 4, 21, 1), MOSCOW)) == [
        date(2026, 6, 4),
        date(2026, 6, 5),
    ]


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("09:30", 570), ("23:59", 1439), ("24:00", 1440)]
)
def test_times_of_day(text: str, minutes: int) -> None:
    assert clock_minutes(text, "from") == minutes


@pytest.mark.parametrize(
    "text", ["", "9:30", "24:01", "25:00", "09:60", "noon", "٠٩:٣٠", "09:30 ", "09:30\n"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(BadInput):
        clock_minutes(text, "from")


def hours(start: str, end: str, *breaks: tuple[str, str]) -> dict[str, Any]:
    return {"day": ["mon"], "from": start, "to": end, "break": [{"from": a, "to": b} for a, b in breaks]}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([hours("18:00", "09:00")], "endsBeforeStart"),
        ([hours("09:00", "09:00")], "endsBeforeStart"),
        ([hours("09:00", "18:00", ("08:00", "10:00"))], "breakOutsideHours"),
        ([hours("09:00", "18:00", ("17:00", "18:30"))], "breakOutsideHours"),
        ([hours("09:00", "18:00", ("13:00", "13:00"))], "endsBeforeStart"),
        ([hours("09:00", "12:00"), hours("11:59", "18:00")], "hoursOverlap"),
    ],
)
def test_hours_that_make_no_sense(given: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_week(given)
    assert refused.value.code == code


def test_two_shifts_of_a_day_that_touch() -> None:
    assert read_week([hours("14:00", "18:00"), hours("09:00", "14:00")]) == {
        0: (Hours(540, 840), Hours(840, 1080))
    }
