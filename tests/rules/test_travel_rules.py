"""The way between two visits: how long it is, and that no crew is booked where it could not be in time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domain.workforce.rules import (
    Booked,
    Booking,
    Crew,
    Need,
    Obstacle,
    Place,
    booking_document,
    free_slots,
    obstacle,
    read_booked,
    read_crew,
)
from abonent.domain.workforce.rules_hours import Hours
from abonent.domain.workforce.rules_travel import Spot, Travel, kilometres, point_of, read_travel
from abonent.kit.errors import BadInput

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2026, 6, 3)
CENTRE = Spot("A-1", "Yaroslavl", 57.626, 39.897)
SUBURB = Spot("A-2", "Yaroslavl", 57.700, 39.770)
RYBINSK = Spot("A-3", "Rybinsk", 58.048, 38.858)
UNKNOWN = Spot("A-4", "Yaroslavl")
SPOTS = (CENTRE, SUBURB, RYBINSK, UNKNOWN, Spot("A-5", "Rybinsk"), None)
ROAD = Travel(40, timedelta(minutes=10), {frozenset({"yaroslavl", "rybinsk"}): timedelta(minutes=75)})


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 3, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


def crew(travel: Travel | None = ROAD, **more: Any) -> Crew:
    week = {day: (Hours(540, 1260),) for day in range(7)}
    return Crew("CR-1", "North", frozenset(), (), MOSCOW, week, travel=travel, **more)


def need(spot: Spot | None, minutes: int | None = None) -> Need:
    return Need(None, Place(spot=spot), minutes)


def visit(hour: int, spot: Spot | None, minutes: int | None = None) -> Booking:
    return Booking(f"AP-{hour}", at(hour), at(hour + 2), minutes, spot)


def starts(who: Crew, wanted: Need, *visits: Booking) -> list[int]:
    booked = {who.id: Booked((), {DAY: visits})}
    found = free_slots([who], booked, wanted, at(0), at(23))
    return [slot.start.astimezone(MOSCOW).hour for slot in found]


class TestTheWay:
    def test_it_is_the_distance_over_the_speed(self) -> None:
        assert kilometres(CENTRE, SUBURB) == pytest.approx(11.2, abs=0.2)
        # 11.2 km, 14.6 by street, at 40 km/h
        assert ROAD.between(CENTRE, SUBURB) == timedelta(minutes=22)

    def test_a_leg_counts_where_a_point_is_not_known(self) -> None:
        assert ROAD.between(UNKNOWN, RYBINSK) == timedelta(minutes=75)

    def test_a_known_point_goes_before_a_leg(self) -> None:
        assert ROAD.between(CENTRE, RYBINSK) == timedelta(minutes=151)

    def test_nothing_known_is_the_least(self) -> None:
        assert ROAD.between(UNKNOWN, CENTRE) == ROAD.between(None, CENTRE) == timedelta(minutes=10)

    def test_the_same_address_is_no_way(self) -> None:
        assert ROAD.between(CENTRE, CENTRE) == ROAD.between(UNKNOWN, UNKNOWN) == timedelta()

    @pytest.mark.parametrize("one", SPOTS)
    @pytest.mark.parametrize("other", SPOTS)
    def test_it_is_the_same_in_both_directions(self, one: Spot | None, other: Spot | None) -> None:
        way = ROAD.between(one, other)
        assert way == ROAD.between(other, one)
        assert way >= ROAD.least or (one == other and one is not None)

    @given(
        st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
        st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    )
    def test_no_distance_is_longer_than_half_round_the_earth(
        self, one: tuple[float, float], other: tuple[float, float]
    ) -> None:
        found = kilometres(Spot("a", "", *one), Spot("b", "", *other))
        assert 0 <= found <= 20_016


class TestSlots:
    def test_the_slot_after_a_distant_visit_is_not_offered(self) -> None:
        assert starts(crew(), need(RYBINSK), visit(11, UNKNOWN)) == [15, 17, 19]

    def test_nor_the_one_before_it(self) -> None:
        assert starts(crew(), need(RYBINSK), visit(13, UNKNOWN)) == [9, 17, 19]

    def test_what_is_left_of_a_slot_counts_for_the_way(self) -> None:
        short = visit(11, UNKNOWN, 40)
        assert starts(crew(), need(RYBINSK, 40), short) == [9, 13, 15, 17, 19]
        # 40 minutes of work leave 80 for a way of 75; 50 do not.
        assert starts(crew(), need(RYBINSK, 50), short) == [13, 15, 17, 19]

    def test_at_the_same_address_they_may_follow_each_other(self) -> None:
        assert starts(crew(), need(CENTRE), visit(11, CENTRE)) == [9, 13, 15, 17, 19]

    def test_a_crew_that_says_nothing_of_travel_is_there_at_once(self) -> None:
        assert starts(crew(None), need(RYBINSK), visit(11, CENTRE)) == [9, 13, 15, 17, 19]

    def test_two_cars_make_two_ways(self) -> None:
        pair = crew(capacity=2)
        assert starts(pair, need(RYBINSK), visit(11, UNKNOWN)) == [9, 11, 13, 15, 17, 19]
        assert starts(pair, need(RYBINSK), visit(11, UNKNOWN), visit(11, UNKNOWN)) == [15, 17, 19]

    def test_a_dispatcher_is_told_why(self) -> None:
        booked = Booked((), {DAY: (visit(11, UNKNOWN),)})
        who = crew()
        assert obstacle(who, need(RYBINSK), booked, at(13), at(15)) is Obstacle.TRAVEL
        assert obstacle(who, need(RYBINSK), booked, at(11), at(13)) is Obstacle.BUSY
        assert obstacle(who, need(RYBINSK), booked, at(15), at(17)) is None

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([s for s in SPOTS if s]),
                st.sampled_from([None, 20, 45, 90, 120]),
                st.integers(0, 5),
            ),
            max_size=9,
        )
    )
    def test_whoever_books_what_is_offered_can_be_everywhere_in_time(
        self, wishes: list[tuple[Spot, int | None, int]]
    ) -> None:
        who, day = crew(), tuple[Booking, ...]()
        for n, (spot, minutes, which) in enumerate(wishes):
            booked = {who.id: Booked((), {DAY: day})}
            found = free_slots([who], booked, need(spot, minutes), at(0), at(23))
            if found:
                slot = found[which % len(found)]
                day = (*day, Booking(str(n), slot.start, slot.end, minutes, spot))
        for before, after in pairwise(sorted(day, key=lambda b: b.start)):
            work = timedelta(minutes=before.minutes) if before.minutes else before.end - before.start
            assert before.end <= after.start
            assert before.start + work + ROAD.between(before.spot, after.spot) <= after.start


class TestDocuments:
    def test_a_booking_keeps_where_and_how_long(self) -> None:
        one = visit(11, CENTRE, 40)
        day = {"date": "2026-06-03", "booking": [booking_document(one), booking_document(visit(14, None))]}
        assert read_booked([], [day]).days == {DAY: (one, visit(14, None))}

    def test_bookings_of_before_are_read(self) -> None:
        old = {"appointment": "AP-11", "start": "2026-06-03T08:00:00.000Z", "end": "2026-06-03T10:00:00.000Z"}
        assert read_booked([], [{"date": "2026-06-03", "booking": [old]}]).days == {DAY: (visit(11, None),)}

    def test_a_crew_says_how_it_travels(self) -> None:
        leg = {"from": "Yaroslavl", "to": " RYBINSK ", "minutes": 75}
        travel = {"kmPerHour": 40, "minimumMinutes": 10, "leg": [leg]}
        hours = [{"day": ["wed"], "from": "09:00", "to": "18:00"}]
        document = {"name": "North", "skill": [], "timeZone": "Europe/Moscow", "workingHours": hours}
        assert read_crew(document | {"travel": travel}).travel == ROAD
        assert read_crew(document).travel is None
        assert read_travel({}) == Travel(30)

    @pytest.mark.parametrize(
        "travel",
        [
            {"kmPerHour": 0},
            {"kmPerHour": 301},
            {"kmPerHour": inf},
            {"minimumMinutes": -1},
            {"minimumMinutes": 1441},
            {"leg": [{"from": "a", "to": "b", "minutes": -5}]},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, travel: dict[str, Any]) -> None:
        with pytest.raises(BadInput):
            read_travel(travel)

    @pytest.mark.parametrize(
        ("location", "point"),
        [
            ({"geometryType": "point", "geometry": [{"x": "39.9", "y": 57.6}]}, (57.6, 39.9)),
            ({"geometry": {"x": 39.9, "y": 57.6}}, (57.6, 39.9)),
            ({"geometry": []}, None),
            ({"geometry": [{"x": "east", "y": 1}]}, None),
            ({"geometry": [{"x": 1, "y": 91}]}, None),
            ({"id": "L-1"}, None),
            ("L-1", None),
            (None, None),
        ],
    )
    def test_the_point_of_an_address(self, location: Any, point: tuple[float, float] | None) -> None:
        assert point_of(location) == point
