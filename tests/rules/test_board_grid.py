"""The board as a grid: ways, what is wrong with a visit, load, free time, the week; travel in the crew's form."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.workforce.board import CrewDay, LoadOfDay, Visit
from abonent.domain.workforce.moving import Chance, Picked
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.domain.workforce.rules import (
    Booked,
    Booking,
    Crew,
    Need,
    Obstacle,
    Place,
    obstacle,
    read_crew,
)
from abonent.domain.workforce.rules_day import DayLoad, load_of, troubles, ways
from abonent.domain.workforce.rules_hours import Stretch
from abonent.domain.workforce.rules_travel import Spot, read_travel
from abonent.faces.console.work.board_model import BoardWanted, read_board
from abonent.faces.console.work.board_view import BoardView, board_view, move_form, waiting_view
from abonent.faces.console.work.crew_form import document_of, form_of, new_form
from abonent.faces.console.work.travel_form import travel_fields, travel_of
from abonent.faces.console.work.week_view import cell_of, week_view
from abonent.kit.i18n import Translator
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, crew, june

T = Translator("en", ZoneInfo("Europe/Moscow"))
NOW = june(3, 9, 51)
DAY = date(2026, 6, 4)
FAR = {"leg": [{"from": "Yaroslavl", "to": "Far", "minutes": 50}], "minimumMinutes": 10}
NEAR_SPOT, FAR_SPOT = Spot("A-1", "Yaroslavl"), Spot("A-9", "Far")
NORTH = read_crew(crew("CR-1", "North", travel=FAR))
SOUTH = read_crew(crew("CR-2", "South"))


def booking(id: str, hour: int, minute: int = 0, spot: Spot | None = NEAR_SPOT, hours: int = 2) -> Booking:
    start = june(4, hour, minute)
    return Booking(id, start, start + timedelta(hours=hours), None, spot)


def booked(*bookings: Booking, away: tuple[Stretch, ...] = ()) -> Booked:
    return Booked(away, {DAY: bookings})


# ---- a day judged


def test_the_way_stands_before_each_visit_but_the_first() -> None:
    day = [booking("AP-2", 8, spot=FAR_SPOT), booking("AP-1", 6), booking("AP-3", 11, spot=FAR_SPOT)]
    # Both in Far are at one address, so there is no way between them.
    assert ways(NORTH, day) == {"AP-2": timedelta(minutes=50)}
    assert ways(SOUTH, day) == {}
    assert ways(NORTH, [booking("AP-1", 6), booking("AP-2", 7, spot=FAR_SPOT)]) == {}


def test_what_is_wrong_with_visits() -> None:
    tight = booked(booking("AP-1", 6), booking("AP-2", 8, spot=FAR_SPOT))
    assert troubles(NORTH, tight, DAY) == {"AP-2": Obstacle.TRAVEL}  # at the later of the two
    assert troubles(SOUTH, tight, DAY) == {}
    both = booked(booking("AP-1", 6), booking("AP-2", 7))
    assert troubles(SOUTH, both, DAY) == {
        "AP-1": Obstacle.BUSY, "AP-2": Obstacle.BUSY,
    }  # fmt: skip
    assert troubles(replace(SOUTH, capacity=2), both, DAY) == {}
    assert troubles(SOUTH, booked(booking("AP-1", 14)), DAY) == {"AP-1": Obstacle.HOURS}
    assert troubles(SOUTH, booked(booking("AP-1", 9)), DAY) == {"AP-1": Obstacle.HOURS}  # into the break
    away = (Stretch(june(4, 5), june(4, 7)),)
    assert troubles(SOUTH, booked(booking("AP-1", 6), booking("AP-2", 8), away=away), DAY) == {
        "AP-1": Obstacle.ABSENT
    }


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([NEAR_SPOT, FAR_SPOT])), max_size=5),
    st.integers(1, 2),
)
def test_what_booking_allows_is_never_marked(wished: list[tuple[int, Spot]], people: int) -> None:
    one = replace(NORTH, capacity=people)
    taken: tuple[Booking, ...] = ()
    for number, (quarter, spot) in enumerate(wished):
        start = june(4, 6) + timedelta(minutes=15 * quarter)
        end = start + timedelta(hours=2)
        need = Need(place=Place("Yaroslavl", spot=spot))
        if obstacle(one, need, booked(*taken), start, end) is None:
            taken = (*taken, Booking(f"AP-{number}", start, end, None, spot))
    assert troubles(one, booked(*taken), DAY) == {}


def test_load_counts_people_and_leaves_absences_out() -> None:
    two = booked(booking("AP-1", 6), booking("AP-2", 8, spot=FAR_SPOT))
    assert load_of(NORTH, two, DAY) == DayLoad(timedelta(hours=8), timedelta(hours=4), timedelta(minutes=50))
    assert load_of(NORTH, two, DAY).percent == 50
    assert load_of(replace(NORTH, capacity=2), two, DAY).percent == 25
    away = (Stretch(june(4, 11), june(5, 3)), Stretch(june(4, 5), june(4, 7)))
    assert load_of(NORTH, replace(two, absences=away), DAY).percent == 133
    assert load_of(NORTH, booked(away=(Stretch(june(1, 0), june(9, 0)),)), DAY).percent is None
    assert load_of(NORTH, Booked(), date(2026, 6, 6)).percent is None


# ---- the grid


def visit(id: str, hour: int, state: str = "acknowledged", spot: Spot = NEAR_SPOT) -> Visit:
    start = june(4, hour)
    appointment: dict[str, Any] = {
        "id": f"AP-{id}",
        "status": "confirmed",
        "validFor": {"startDateTime": to_wire(start), "endDateTime": to_wire(start + timedelta(hours=2))},
    }
    return Visit(appointment, work(id, state), "Anna", {"city": spot.city, "streetName": "Svobody"}, state)


def work(id: str, state: str = "acknowledged", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "state": state,
        "appointment": {"id": f"AP-{id}"},
        "workOrderItem": [{"id": "1", "work": {"name": "Connect", "workType": "fibre"}}],
        "relatedEntity": [{"id": "CR-1", "name": "North", "role": "crew"}],
    } | more


def day_of(of: Crew, visits: list[Visit], known: Booked, absences: list[Stretch] | None = None) -> CrewDay:
    whole = Stretch(june(3, 21), june(4, 21))
    return CrewDay(of, whole, of.works(DAY), absences or [], visits, known)


def seen(*days: CrewDay, wanted: BoardWanted | None = None, dispatcher: bool = True) -> BoardView:
    return board_view(days, wanted or BoardWanted(DAY), None, NOW, T, dispatcher=dispatcher)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_lane_shows_visits_ways_what_is_wrong_and_what_is_free() -> None:
    visits = [visit("W-1", 6, "completed"), visit("W-2", 8, spot=FAR_SPOT)]
    known = booked(booking("AP-W-1", 6), booking("AP-W-2", 8, spot=FAR_SPOT))
    (lane,) = seen(day_of(NORTH, visits, known)).lanes
    done, tight = lane.blocks
    assert (done.move, done.trouble, done.way, done.look) == ("", "", 0, "ok")
    assert (tight.way, tight.tight, tight.look) == (50, True, "risk")
    assert tight.trouble == "too little time for the way"
    assert tight.move == "/appointments?day=2026-06-04&move=W-2#move"
    assert [each.time for each in lane.free] == ["14:00", "16:00"]
    assert plain(lane.about) == "50% booked, 2 free"
    (agent,) = seen(day_of(NORTH, visits, known), dispatcher=False).lanes
    assert [each.move for each in agent.blocks] == ["", ""]


def test_what_is_wrong_is_listed_and_absences_lead_to_giving_all_away() -> None:
    away = Stretch(june(4, 5), june(4, 7))
    hit = day_of(NORTH, [visit("W-1", 6)], booked(booking("AP-W-1", 6), away=(away,)), [away])
    late = day_of(SOUTH, [visit("W-2", 14)], booked(booking("AP-W-2", 14)))
    view = seen(hit, late, wanted=BoardWanted(DAY, skill="fibre"))
    assert view.hit == 1
    assert view.give.startswith("/work-orders/bulk?work=W-1&back=%2Fappointments%3Fday%3D2026-06-04")
    assert [(each.id, each.trouble) for each in view.wrong] == [("W-2", "outside of the crew’s hours")]
    off = seen(replace(late, crew=read_crew(COPPER), working=(), visits=[], booked=Booked()))
    assert off.lanes[0].about == "0% booked, 4 free"
    gone = day_of(
        SOUTH, [], booked(away=(Stretch(june(1, 0), june(9, 0)),)), [Stretch(june(1, 0), june(9, 0))]
    )
    assert seen(gone).lanes[0].about == "absent"


def test_a_picked_visit_shows_where_it_could_go_and_who_cannot() -> None:
    chances = (
        Chance(NORTH, (Stretch(june(4, 11), june(4, 13)),), None),
        Chance(SOUTH, (), Obstacle.DISTRICT),
    )
    picked = Picked(work("W-1"), visit("W-1", 6).appointment, "Anna", {"city": "Yaroslavl"}, chances)
    wanted = BoardWanted(DAY, town="Yaroslavl", move="W-1", crew="CR-1", at="14:00")
    days = [
        day_of(NORTH, [visit("W-1", 6)], booked(booking("AP-W-1", 6))),
        day_of(SOUTH, [], Booked()),
    ]
    view = board_view(days, wanted, picked, NOW, T, dispatcher=True)
    north, south = view.lanes
    assert [each.href for each in north.free] == [
        "/appointments?day=2026-06-04&town=Yaroslavl&move=W-1&crew=CR-1&at=14%3A00#move"
    ]
    assert north.blocks[0].picked and south.free == () and south.about == "does not go to that place"
    assert view.picture is not None and "target" in view.picture.kinds
    form = move_form(picked, wanted, NOW, T)
    assert [(each.value, each.chosen, each.about) for each in form.crews] == [
        ("CR-1", True, "14:00"),
        ("CR-2", False, ""),
    ]
    assert form.unable == (("South", "does not go to that place"),)
    assert plain(form.present).startswith("North, ") and form.at == "14:00" and form.ready


def test_the_column_beside_the_grid() -> None:
    waiting = WorkOrderRow(work("W-1", "pending"), "C-1", "Anna", {"city": "Yaroslavl"}, None)
    late = WorkOrderRow(
        work("W-2", "inProgress", expectedCompletionDate=to_wire(june(3, 8))), None, "", None, "confirmed"
    )
    view = waiting_view(([waiting], 14), ([late], 1), BoardWanted(DAY, "fibre"), NOW, T, dispatcher=True)
    assert view.unassigned[0].move == "/appointments?day=2026-06-04&skill=fibre&move=W-1#move"
    assert view.unassigned[0].about == "Yaroslavl, fibre"
    assert view.unassigned_href == "/work-orders?state=pending&skill=fibre"
    assert plain(view.late[0].gap) == "North, 1 h 51 min late" and view.late[0].move == ""


@given(st.dictionaries(st.sampled_from(["day", "skill", "town", "move", "crew", "at", "moved"]), st.text()))
def test_any_address_reads_as_some_board(query: dict[str, str]) -> None:
    wanted = read_board(query, DAY)
    assert "\x00" not in wanted.move and wanted.address().startswith("/appointments?day=")
    assert wanted.plain().move == ""


# ---- the week


def numbers(working: int, taken: int, visits: int, *, absent: bool = False, works: bool = True) -> LoadOfDay:
    return LoadOfDay(DayLoad(timedelta(hours=working), timedelta(hours=taken)), visits, works, absent)


@pytest.mark.parametrize(
    ("load", "look", "share", "word"),
    [
        (numbers(8, 4, 2), "", "50%", ""),
        (numbers(8, 8, 4), "full", "100%", ""),
        (numbers(4, 6, 3, absent=True), "over", "150%", "absent for a part of it"),
        (numbers(0, 0, 0, absent=True), "off", "", "absent"),
        (numbers(0, 2, 1, absent=True), "over", "", "absent"),
        (numbers(0, 0, 0, works=False), "off", "", "does not work"),
    ],
)
def test_a_day_of_the_week(load: LoadOfDay, look: str, share: str, word: str) -> None:
    cell = cell_of([load], "/appointments?day=2026-06-04", "Thu", T)
    assert (cell.look, cell.share, cell.word) == (look, share, word)
    assert 0 <= cell.bar <= 100


def test_the_week_begins_on_monday_and_sums_its_columns() -> None:
    loads = [numbers(8, 4, 2), *([numbers(8, 0, 0)] * 4), *([numbers(0, 0, 0, works=False)] * 2)]
    view = week_view([(NORTH, loads), (SOUTH, loads), (read_crew(COPPER), loads)],
                     BoardWanted(DAY, skill="fibre"), NOW, T)  # fmt: skip
    assert [row.name for row in view.rows] == ["North", "South"]
    assert view.heads[0].href == "/appointments?day=2026-06-01&skill=fibre"
    assert (plain(view.sums[0].visits), view.sums[0].share, view.rows[0].share) == ("4 visits", "50%", "10%")
    assert [head.today for head in view.heads] == [False, False, True, False, False, False, False]
    assert view.is_this and view.next == "/appointments/week?day=2026-06-08&skill=fibre"


# ---- the crew's form


def test_travel_is_typed_and_shown_as_it_is_kept() -> None:
    fields = travel_fields(FAR)
    assert fields == {"speed": "", "least": "10", "legs": "Yaroslavl – Far: 50"}
    assert travel_of(**fields, kept={"note": "kept", **FAR}) == ({"note": "kept", **FAR}, {})
    assert travel_of("", " "[:0], " \n", FAR) == (None, {})
    document, wrong = travel_of("27,5", "0", "A-B - C, D : 7\n\nX,Y:12", None)
    assert not wrong and document == {
        "kmPerHour": 27.5,
        "minimumMinutes": 0,
        "leg": [{"from": "A-B", "to": "C, D", "minutes": 7}, {"from": "X", "to": "Y", "minutes": 12}],
    }
    assert read_travel(document) is not None


@pytest.mark.parametrize(
    ("speed", "least", "legs", "field"),
    [
        ("fast", "", "", "speed"),
        ("301", "", "", "speed"),
        ("0", "", "", "speed"),
        ("٣", "", "", "speed"),
        ("", "-1", "", "least"),
        ("", "1441", "", "least"),
        ("", "", "Yaroslavl: 5", "legs"),
        ("", "", "Yaroslavl – Far: 1441", "legs"),
        ("", "", "Yaroslavl – Far", "legs"),
    ],
)
def test_wrong_travel_is_told_at_its_field(speed: str, least: str, legs: str, field: str) -> None:
    form = replace(new_form(), name="North", skills=("fibre",), speed=speed, least=least, legs=legs)
    assert set(document_of(form, {})[1]) == {field}


def test_a_crew_s_travel_survives_its_form() -> None:
    kept = crew("CR-1", "North", travel=FAR)
    document, wrong = document_of(form_of(kept), kept)
    assert not wrong and document["travel"] == FAR
    assert "travel" not in document_of(replace(form_of(kept), legs="", least=""), kept)[0]
