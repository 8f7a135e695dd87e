"""Which slots there are, who gets one, and why a crew cannot; against a model that tries every minute."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.workforce.rules import (
    Booked,
    Booking,
    Crew,
    District,
    Need,
    Obstacle,
    Place,
    Slot,
    at_once,
    choose,
    free_slots,
    obstacle,
    read_absence,
    read_booked,
    read_crew,
)
from abonent.domain.workforce.rules_hours import Hours, Stretch
from abonent.kit.errors import BadInput

MOSCOW = ZoneInfo("Europe/Moscow")
WEDNESDAY = date(2026, 6, 3)
FIBRE = Need("fibre", Place("Yaroslavl", "Svobody", frozenset({"N-1"})))
# 09:00 to 18:00 with lunch from 13:00 to 14:00, Monday to Friday.
WEEK = {day: (Hours(540, 1080, ((780, 840),)),) for day in range(5)}


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    """Moscow time of a day in June 2026, as UTC."""
    return datetime(2026, 6, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


def crew(id: str = "CR-1", **more: Any) -> Crew:
    facts: dict[str, Any] = {
        "skills": frozenset({"fibre"}),
        "districts": (District("Yaroslavl"),),
        "zone": MOSCOW,
        "week": WEEK,
    }
    return Crew(id, id, **(facts | more))


def booked(*visits: tuple[datetime, datetime], away: tuple[Stretch, ...] = ()) -> Booked:
    days: dict[date, tuple[Booking, ...]] = {}
    for n, (start, end) in enumerate(visits):
        day = start.astimezone(MOSCOW).date()
        days[day] = (*days.get(day, ()), Booking(f"AP-{n}", start, end))
    return Booked(away, days)


def slots(
    *crews: Crew, taken: dict[str, Booked] | None = None, need: Need = FIBRE, day: int = 3
) -> list[Slot]:
    return free_slots(crews, taken or {}, need, at(0, day=day), at(0, day=day + 1))


def hours_of(found: list[Slot]) -> list[str]:
    return [f"{s.start.astimezone(MOSCOW):%H:%M}-{s.end.astimezone(MOSCOW):%H:%M}" for s in found]


def test_a_free_day_has_two_slots_before_lunch_and_two_after() -> None:
    # 09-13 holds 2 slots of 2 hours, 14-18 another 2.
    assert hours_of(slots(crew())) == ["09:00-11:00", "11:00-13:00", "14:00-16:00", "16:00-18:00"]


def test_a_slot_may_end_at_midnight() -> None:
    late = crew(week={2: (Hours(20 * 60, 24 * 60),)})
    assert hours_of(slots(late)) == ["20:00-22:00", "22:00-00:00"]


def test_long_work_takes_more_than_a_slot_and_never_goes_over_lunch() -> None:
    # 180 minutes start on the grid of 2 hours: at 09:00 and 14:00; from 11:00 they would meet lunch.
    assert hours_of(slots(crew(), need=Need("fibre", None, 180))) == ["09:00-12:00", "14:00-17:00"]
    assert slots(crew(), need=Need("fibre", None, 241)) == []


def test_short_work_takes_a_slot_all_the_same() -> None:
    assert hours_of(slots(crew(), need=Need("fibre", None, 20)))[0] == "09:00-11:00"


def test_slots_of_another_length() -> None:
    assert hours_of(slots(crew(slot_minutes=90, week={2: (Hours(540, 780),)}))) == [
        "09:00-10:30",
        "10:30-12:00",
    ]


def test_only_slots_that_start_in_the_time_asked_for() -> None:
    found = free_slots([crew()], {}, FIBRE, at(9, 1), at(16))
    assert hours_of(found) == ["11:00-13:00", "14:00-16:00"]
    # From Friday noon to Monday noon: the weekend between has none.
    over = free_slots([crew()], {}, FIBRE, at(12, day=5), at(12, day=8))
    assert [s.start for s in over] == [at(14, day=5), at(16, day=5), at(9, day=8), at(11, day=8)]


def test_an_absence_takes_every_slot_it_touches() -> None:
    ill = booked(away=(Stretch(at(10, 59), at(11, 1)),))
    assert hours_of(slots(crew(), taken={"CR-1": ill})) == ["14:00-16:00", "16:00-18:00"]
    # Back at 14:00 sharp: the slot of 14:00 is there.
    until = booked(away=(Stretch(at(8), at(14)),))
    assert hours_of(slots(crew(), taken={"CR-1": until})) == ["14:00-16:00", "16:00-18:00"]


def test_capacity_is_how_many_visits_there_may_be_at_once() -> None:
    one = booked((at(9), at(11)))
    two = booked((at(9), at(11)), (at(9), at(11)))
    assert at(9) not in [s.start for s in slots(crew(), taken={"CR-1": one})]
    assert at(9) in [s.start for s in slots(crew(capacity=2), taken={"CR-1": one})]
    assert at(9) not in [s.start for s in slots(crew(capacity=2), taken={"CR-1": two})]


def test_visits_one_after_the_other_count_once() -> None:
    # 9-10 and 10-11 never overlap each other: at most one at a time within 9-11.
    visits = booked((at(9), at(10)), (at(10), at(11))).days[WEDNESDAY]
    assert at_once(visits, at(9), at(11)) == 1
    assert at_once(visits, at(8), at(9)) == 0
    assert at_once(booked((at(8), at(12)), (at(10), at(11))).days[WEDNESDAY], at(9), at(13)) == 2


def test_the_least_loaded_crew_comes_first_then_the_lower_id() -> None:
    taken = {"CR-1": booked((at(14), at(16))), "CR-3": booked((at(14), at(15)))}
    found = slots(crew("CR-1"), crew("CR-2"), crew("CR-3"), crew("CR-0"), taken=taken)
    assert found[0].crews == ("CR-0", "CR-2", "CR-3", "CR-1")
    # At 14:00 those two are busy.
    assert found[2].crews == ("CR-0", "CR-2")


def test_the_load_of_another_day_does_not_count() -> None:
    taken = {"CR-1": booked((at(9, day=4), at(18, day=4)))}
    assert slots(crew("CR-2"), crew("CR-1"), taken=taken)[0].crews == ("CR-1", "CR-2")


def test_choosing() -> None:
    found = slots(crew("CR-1"), crew("CR-2"), taken={"CR-1": booked((at(16), at(18)))})
    chosen = choose(found, at(9))
    assert chosen is not None and chosen[1] == "CR-2"
    assert choose(found, at(9), "CR-1") == (found[0], "CR-1")
    assert choose(found, at(16), "CR-1") is None
    assert choose(found, at(10)) is None


PLACES = [
    (District("Yaroslavl"), True),
    (District(" yaroslavl "), True),
    (District("Kostroma"), False),
    (District("Yaroslavl", frozenset({"svobody"})), True),
    (District("Yaroslavl", frozenset({"Mira"})), False),
    (District(nodes=frozenset({"N-1"})), True),
    (District(nodes=frozenset({"N-2"})), False),
    (District("Kostroma", nodes=frozenset({"N-1"})), True),
    (District(), False),
]


@pytest.mark.parametrize(("district", "goes"), PLACES)
def test_districts(district: District, goes: bool) -> None:
    assert crew(districts=(district,)).goes_to(FIBRE.place) is goes
    assert bool(slots(crew(districts=(district,)))) is goes


def test_without_districts_or_place_a_crew_goes_everywhere() -> None:
    assert crew(districts=()).goes_to(Place("Anywhere"))
    assert crew().goes_to(None)
    assert not crew().goes_to(Place())


@pytest.mark.parametrize(
    ("facts", "need", "taken", "time", "why"),
    [
        ({}, FIBRE, booked(), (9, 11), None),
        # Not on the grid, but within working time: a dispatcher may do that.
        ({}, FIBRE, booked(), (10, 12), None),
        ({"skills": frozenset({"copper"})}, FIBRE, booked(), (9, 11), Obstacle.SKILL),
        ({"districts": (District("Kostroma"),)}, FIBRE, booked(), (9, 11), Obstacle.DISTRICT),
        ({}, FIBRE, booked(), (8, 10), Obstacle.HOURS),
        ({}, FIBRE, booked(), (12, 14), Obstacle.HOURS),
        ({}, FIBRE, booked(away=(Stretch(at(10), at(20)),)), (9, 11), Obstacle.ABSENT),
        ({}, FIBRE, booked((at(10), at(12))), (9, 11), Obstacle.BUSY),
        ({}, FIBRE, booked((at(11), at(13))), (9, 11), None),
        ({}, Need(), booked(), (9, 11), None),
    ],
)
def test_why_a_crew_cannot(
    facts: dict[str, Any], need: Need, taken: Booked, time: tuple[int, int], why: Obstacle | None
) -> None:
    assert obstacle(crew(**facts), need, taken, at(time[0]), at(time[1])) == why


# ---- against a naive model

moments = st.integers(0, 4 * 24 * 4).map(lambda n: at(0, day=1) + timedelta(minutes=15 * n))
spans = st.tuples(moments, st.integers(1, 24)).map(lambda t: (t[0], t[0] + timedelta(minutes=15 * t[1])))


@st.composite
def crews(draw: st.DrawFn, id: str) -> tuple[Crew, Booked]:
    start = draw(st.integers(0, 80)) * 15
    length = draw(st.integers(4, 60)) * 15
    end = min(start + length, 1440)
    lunch = draw(st.none() | st.tuples(st.integers(0, 20), st.integers(1, 8)))
    breaks = ()
    if lunch and start + (lunch[0] + lunch[1]) * 15 <= end:
        breaks = ((start + lunch[0] * 15, start + (lunch[0] + lunch[1]) * 15),)
    made = crew(
        id,
        week={d: (Hours(start, end, breaks),) for d in draw(st.sets(st.integers(0, 6)))},
        capacity=draw(st.integers(1, 2)),
        slot_minutes=draw(st.sampled_from([60, 120, 150])),
        zone=draw(st.sampled_from([MOSCOW, ZoneInfo("Asia/Kathmandu")])),
    )
    visits = draw(st.lists(spans, max_size=5))
    days: dict[date, tuple[Booking, ...]] = {}
    for n, (begin, finish) in enumerate(visits):
        # As the book keeps them: within one local day.
        day = made.day_of(begin)
        if made.day_of(finish) == day:
            days[day] = (*days.get(day, ()), Booking(str(n), begin, finish))
    away = tuple(Stretch(*span) for span in draw(st.lists(spans, max_size=1)))
    return made, Booked(away, days)


@given(crews("CR-1"), crews("CR-2"), st.none() | st.integers(30, 200))
def test_slots_against_a_model_that_looks_at_every_minute(
    first: tuple[Crew, Booked], second: tuple[Crew, Booked], minutes: int | None
) -> None:
    need = Need("fibre", FIBRE.place, minutes)
    begin, finish = at(0, day=1), at(0, day=5)
    expected: dict[tuple[datetime, datetime], set[str]] = {}
    for who, stands in (first, second):
        for slot in _by_minutes(who, stands, need, begin, finish):
            expected.setdefault(slot, set()).add(who.id)
    found = free_slots([first[0], second[0]], {"CR-1": first[1], "CR-2": second[1]}, need, begin, finish)
    assert {(s.start, s.end): set(s.crews) for s in found} == expected
    assert [(s.start, s.end) for s in found] == sorted(expected)


def _by_minutes(
    who: Crew, stands: Booked, need: Need, begin: datetime, finish: datetime
) -> list[tuple[datetime, datetime]]:
    """Quarter of an hour by quarter: at work or not; a run of work gives a slot every `slot_minutes`."""
    step = timedelta(minutes=15)
    bookings = [b for day in stands.days.values() for b in day]

    def at_work(moment: datetime) -> bool:
        wall = moment.astimezone(who.zone)
        minute = wall.hour * 60 + wall.minute
        return any(
            h.start <= minute < h.end and not any(a <= minute < b for a, b in h.breaks)
            for h in who.week.get(wall.weekday(), ())
        )

    taken = timedelta(minutes=max(who.slot_minutes, need.minutes or 0))
    found, moment, began = [], begin - timedelta(days=1), None
    while moment < finish + timedelta(days=1):
        midnight = moment.astimezone(who.zone).strftime("%H:%M") == "00:00"
        if not at_work(moment):
            began = None
        elif began is None or midnight:
            began = moment
        if (
            began is not None
            and (moment - began) % timedelta(minutes=who.slot_minutes) == timedelta()
            and begin <= moment < finish
        ):
            inside = [moment + step * n for n in range(-(-taken // step))]
            same_day = who.day_of(moment + taken - timedelta(minutes=1)) == who.day_of(moment)
            free = (
                same_day
                and all(at_work(m) for m in inside)
                and not any(a.start < moment + taken and moment < a.end for a in stands.absences)
                and all(
                    sum(b.start <= m < b.end for b in bookings) < who.capacity
                    for m in (moment + timedelta(minutes=n) for n in range(int(taken.total_seconds()) // 60))
                )
            )
            if free:
                found.append((moment, moment + taken))
        moment += step
    return found


# ---- documents

DOCUMENT: dict[str, Any] = {
    "id": "CR-1",
    "name": "North",
    "skill": ["fibre"],
    "timeZone": "Europe/Moscow",
    "workingHours": [{"day": ["mon"], "from": "09:00", "to": "18:00"}],
}


def test_a_crew_as_a_document() -> None:
    read = read_crew(
        DOCUMENT | {"district": [{"city": "Yaroslavl", "street": ["Mira"], "accessNode": ["N-1"]}]}
    )
    assert (read.capacity, read.slot_minutes, read.week) == (1, 120, {0: (Hours(540, 1080),)})
    assert read.districts == (District("Yaroslavl", frozenset({"Mira"}), frozenset({"N-1"})),)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"timeZone": "Moscow"}, "unknownTimeZone"),
        ({"timeZone": "../etc/passwd"}, "unknownTimeZone"),
        ({"timeZone": ""}, "unknownTimeZone"),
        ({"capacity": 0}, "outOfRange"),
        ({"slotMinutes": 1441}, "outOfRange"),
    ],
)
def test_a_crew_that_makes_no_sense(more: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_crew(DOCUMENT | more)
    assert refused.value.code == code


def test_absences_with_open_ends() -> None:
    for_good = read_absence({"validFor": {"startDateTime": "2026-06-03T00:00:00Z"}})
    assert for_good.overlaps(at(9, day=30), at(11, day=30))
    assert not for_good.overlaps(at(0, day=2), at(1, day=2))
    assert read_absence({"validFor": {"endDateTime": "2026-06-03T00:00:00Z"}}).overlaps(
        at(0, day=1), at(1, day=1)
    )
    with pytest.raises(BadInput):
        read_absence(
            {"validFor": {"startDateTime": "2026-06-03T00:00:00Z", "endDateTime": "2026-06-03T00:00:00Z"}}
        )


def test_what_is_booked_as_documents() -> None:
    day = {
        "date": "2026-06-03",
        "booking": [
            {"appointment": "AP-1", "start": "2026-06-03T06:00:00.000Z", "end": "2026-06-03T08:00:00.000Z"}
        ],
    }
    assert read_booked([], [day]).days == {WEDNESDAY: (Booking("AP-1", at(9), at(11)),)}
