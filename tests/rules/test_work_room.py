"""The work room's rules: filters, rights, forms, materials, absences, crews as forms, the order's link."""

from datetime import date, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.workforce.rules import Obstacle, Slot, read_crew
from abonent.domain.workforce.rules_hours import DAYS
from abonent.faces.console.data import OrderFile
from abonent.faces.console.order_view import order_view
from abonent.faces.console.work import rights
from abonent.faces.console.work.absence import read_absence_form
from abonent.faces.console.work.acts import acts, crew_options, slot_days
from abonent.faces.console.work.crew_form import document_of, form_of, new_form, read_form
from abonent.faces.console.work.crew_view import hours_of, monday_of
from abonent.faces.console.work.filters import (
    ANY,
    Wanted,
    address,
    query_of,
    read_day,
    read_wanted,
)
from abonent.faces.console.work.labels import WORK, tel
from abonent.faces.console.work.materials import MaterialRow, materials_of, typed_rows
from abonent.faces.console.work.work_view import really_done
from abonent.kit.access import Caller, Role
from abonent.kit.errors import BadInput, Forbidden
from abonent.kit.i18n import Translator
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, KOSTROMA, NORTH, crew, june

ZONE = ZoneInfo("Europe/Moscow")
T = Translator("en", ZONE)
NOW = june(3, 9, 51)


def caller(role: Role) -> Caller:
    return Caller("somebody", role)


# ---- filters


@given(
    st.builds(
        Wanted,
        state=st.sampled_from(["", "open", *WORK]),
        crew=st.sampled_from(["", "CR-1"]),
        skill=st.sampled_from(["", "fibre"]),
        town=st.sampled_from(["", "Ярославль"]),
        client=st.sampled_from(["", "A & B"]),
        text=st.sampled_from(["", "WO-1 + 2"]),
        day=st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31)),
        late=st.booleans(),
        sort=st.sampled_from(["number", "visit", "client", "crew", "state"]),
        descending=st.booleans(),
        offset=st.integers(0, 40).map(lambda n: n * 50),
    )
)
def test_an_address_says_the_whole_filter(wanted: Wanted) -> None:
    query = query_of(wanted)
    assert read_wanted(dict(parse_qsl(query))) == wanted
    assert (address(wanted) == "/work-orders") == (wanted == ANY)


@given(
    st.dictionaries(
        st.sampled_from(["state", "sort", "day", "page", "late", "q", "crew"]), st.text(max_size=20)
    )
)
def test_any_address_reads_as_some_filter(query: dict[str, str]) -> None:
    wanted = read_wanted(query)
    wanted.criteria(NOW, ZONE)
    assert wanted.offset >= 0 and "\x00" not in wanted.text


def test_a_day_is_the_reader_s() -> None:
    criteria = Wanted(day=date(2026, 6, 4), late=True).criteria(NOW, ZONE)
    assert (criteria.starts, criteria.until) == (june(3, 21), june(4, 21))
    assert criteria.late_at == NOW
    assert read_day("2026-02-30") is None and read_day("0001-01-01") is None


# ---- rights and forms


@pytest.mark.parametrize(
    ("role", "state", "steps"),
    [
        (Role.AGENT, "acknowledged", "rebook reassign cancel"),
        (Role.AGENT, "pending", "rebook cancel"),
        (Role.AGENT, "inProgress", "cancel"),
        (Role.ENGINEER, "acknowledged", "start absent rebook fail"),
        (Role.ENGINEER, "inProgress", "complete absent fail"),
        (Role.MANAGER, "acknowledged", "start absent rebook reassign fail cancel"),
        (Role.ADMIN, "inProgress", "complete absent fail cancel"),
        (Role.ADMIN, "completed", ""),
        (Role.CLIENT, "acknowledged", ""),
    ],
)
def test_which_forms_are_shown(role: Role, state: str, steps: str) -> None:
    status = None if state == "pending" else "confirmed"
    made = acts(state, status, 0, ready=True, caller=caller(role), t=T)
    assert " ".join(act.step for act in made) == steps
    assert sum(act.primary for act in made) <= 1


def test_a_proposed_time_can_be_agreed_and_the_third_absence_says_what_it_means() -> None:
    made = acts("acknowledged", "initialized", 2, ready=False, caller=caller(Role.MANAGER), t=T)
    assert made[0].step == "confirm"
    assert "third visit" in next(act for act in made if act.step == "absent").follows


def test_crews_are_kept_by_managers_and_seen_by_staff() -> None:
    for role in Role:
        allowed = role in {Role.MANAGER, Role.ADMIN}
        assert rights.may(caller(role), "crews") is allowed
    for what in ("crews", "start", "reassign"):
        with pytest.raises(Forbidden):
            rights.demand(caller(Role.CLIENT), what)
    with pytest.raises(Forbidden):
        rights.demand_staff(caller(Role.CLIENT))


def test_slots_stand_under_their_days_and_those_together_once() -> None:
    slots = [
        Slot(june(day, hour), june(day, hour + 2), (f"CR-{day}",)) for day in (4, 5, 8, 9) for hour in (6, 8)
    ]
    slots.insert(1, Slot(june(4, 6), june(4, 9), ("CR-9",)))
    days, later = slot_days(slots, "2026-06-04T08:00:00.000Z", NOW, T)
    assert [len(day.slots) for day in days] == [2, 2, 2] and len(later) == 1
    assert days[0].word.replace("\u00a0", " ") == "Thu, 4 June"
    assert (days[0].slots[0].word, days[0].slots[0].about.replace("\u00a0", " ")) == (
        "09:00–11:00",
        "2 crews",
    )
    assert [option.chosen for option in days[0].slots] == [False, True]


def test_crews_that_cannot_stand_apart_with_the_reason() -> None:
    crews = [(read_crew(NORTH), None), (read_crew(COPPER), Obstacle.SKILL), (read_crew(KOSTROMA), None)]
    able, unable = crew_options(crews, "CR-1", "CR-4", T)
    assert [(each.value, each.chosen) for each in able] == [("CR-4", True)]
    assert [(each.value, each.about) for each in unable] == [("CR-3", "lacks the skill")]


# ---- materials


def test_materials_as_typed() -> None:
    rows = typed_rows(["ONT", "cable", ""], ["", "35,5", ""], ["pcs", "m", "pcs"], ["ELTX5F", "", ""])
    first, second = materials_of(rows)
    assert (first.name, first.quantity, first.unit, first.serial) == ("ONT", 1, "pcs", "ELTX5F")
    assert (second.quantity, second.unit, second.serial) == (35.5, "m", None)


@pytest.mark.parametrize(
    "row",
    [
        MaterialRow(serial="S1"),
        MaterialRow("ONT", "0"),
        MaterialRow("ONT", "-1"),
        MaterialRow("ONT", "NaN"),
        MaterialRow("ONT", "1e9"),
        MaterialRow("ONT", "many"),
        MaterialRow("ONT", "2", "pcs", "S1"),
        MaterialRow("cable", "1", "m", "S1"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(row: MaterialRow) -> None:
    with pytest.raises(BadInput) as refused:
        materials_of([MaterialRow(), row])
    assert refused.value.facts["path"] == "material-1"


@given(st.lists(st.text(max_size=8), max_size=8), st.lists(st.text(max_size=8), max_size=8))
def test_whatever_is_typed_is_material_or_a_named_problem(names: list[str], numbers: list[str]) -> None:
    try:
        assert all(
            each.quantity > 0 and each.name for each in materials_of(typed_rows(names, numbers, [], []))
        )
    except BadInput as problem:
        assert str(problem.facts["path"]).startswith("material-")


# ---- absences


def test_an_absence_in_the_reader_s_time() -> None:
    form = {"from": "2026-06-04T09:00", "until": "2026-06-05T18:00", "reason": " Training "}
    absence = read_absence_form(form, NOW, ZONE)
    assert absence.wrong == {}
    document = absence.document(NORTH)
    assert document["validFor"] == {
        "startDateTime": "2026-06-04T06:00:00.000Z",
        "endDateTime": "2026-06-05T15:00:00.000Z",
    }
    assert (document["crew"]["id"], document["reason"]) == ("CR-1", "Training")
    open_ended = read_absence_form({**form, "until": ""}, NOW, ZONE)
    assert open_ended.wrong == {} and "endDateTime" not in open_ended.document(NORTH)["validFor"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": ""}, "from"),
        ({"from": "soon"}, "from"),
        ({"from": "9999-12-31T23:59"}, "from"),
        ({"from": "2046-01-01T00:00", "until": ""}, "from"),
        ({"until": "never"}, "until"),
        ({"until": "2026-06-04T08:00"}, "until"),
        ({"from": "2026-06-01T08:00", "until": "2026-06-02T08:00"}, "until"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_what_is_wrong_stands_at_its_field(change: dict[str, str], field: str) -> None:
    form = {"from": "2026-06-04T09:00", "until": "2026-06-05T18:00", "reason": "Training", **change}
    assert list(read_absence_form(form, NOW, ZONE).wrong) == [field]


# ---- crews as forms


def test_a_crew_survives_its_form() -> None:
    for document in (
        NORTH,
        crew("CR-9", "Two", district=[{"city": "Yaroslavl", "street": ["Svobody"]}, {"accessNode": ["N-1"]}]),
    ):
        made, wrong = document_of(form_of(document), document)
        assert wrong == {}
        assert made == {**document, "capacity": 1, "slotMinutes": 120}


def test_a_week_the_form_cannot_show_stays() -> None:
    shifts = [
        {"day": ["mon"], "from": "08:00", "to": "12:00"},
        {"day": ["mon"], "from": "14:00", "to": "20:00"},
    ]
    document = crew("CR-9", "Shifts", workingHours=shifts)
    assert form_of(document).week == ()
    made, wrong = document_of(form_of(document), document)
    assert wrong == {} and made["workingHours"] == shifts


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "101"}, "capacity"),
        ({"slot": "x"}, "slot"),
        ({"zone": "Nowhere"}, "zone"),
        ({"mon_from": "25:00"}, "mon"),
        ({"tue_to": "08:00"}, "tue"),
        ({"wed_break_to": ""}, "wed"),
    ],
)
def test_a_wrong_field_of_a_crew_is_named(change: dict[str, str], field: str) -> None:
    values = {
        "name": "North",
        "zone": "Europe/Moscow",
        "capacity": "1",
        "slot": "120",
        "towns": "Yaroslavl: Svobody",
    }
    for row in new_form().week:
        values |= {
            f"{row.day}_{name}": time
            for name, time in zip(("from", "to", "break_from", "break_to"), row.times, strict=True)
        }
    many = {"skill": ["fibre"], "person": ["Ivan", ""], "phone": ["+7 900", ""]}
    made, wrong = document_of(read_form(values, many, week=True), {})
    assert wrong == {} and made["workingHours"][0]["day"] == list(DAYS[:5])
    assert made["district"] == [{"city": "Yaroslavl", "street": ["Svobody"]}]
    assert made["person"] == [{"name": "Ivan", "phone": "+7 900"}]
    assert list(document_of(read_form({**values, **change}, many, week=True), {})[1]) == [field]


def test_hours_in_words() -> None:
    assert hours_of(NORTH, T) == ("Mon–Fri 09:00–18:00, break 13:00–14:00",)
    weekend = crew("CR-9", "W", workingHours=[{"day": ["sun", "mon", "wed"], "from": "10:00", "to": "24:00"}])
    assert hours_of(weekend, T) == ("Mon, Wed, Sun 10:00–24:00",)
    assert monday_of(date(2026, 6, 7)) == date(2026, 6, 1)
    assert (tel("+7 (900) 555-09-01"), tel("555 09 01"), tel("ask")) == (
        "tel:+79005550901",
        "tel:5550901",
        "",
    )


# ---- the order's page


def test_a_visit_s_task_leads_to_its_work_order_for_staff() -> None:
    task = {"id": "1.visit", "kind": "workOrder", "name": "Visit", "state": "inProgress", "dependsOn": []}
    times = {"plannedStart": to_wire(NOW), "plannedEnd": to_wire(NOW + timedelta(hours=2))}

    def href(attempts: int, *, staff: bool = True, **more: str) -> str:
        plan = {"id": "O-1", "task": [{**task, **times, **more, "attempts": attempts}]}
        order = {"id": "O-1", "state": "inProgress"}
        return order_view(OrderFile(order, 1, plan), NOW, T, staff=staff).tasks[0].href

    assert href(1) == "/work-orders/WO-1-1.visit"
    assert href(2) == "/work-orders/WO-1-1.visit-2"
    assert href(0) == href(1, staff=False) == href(1, kind="reserve") == ""


def test_a_visit_that_is_done_was_when_it_really_was() -> None:
    work = {"state": "completed", "startDate": to_wire(NOW), "completionDate": to_wire(june(3, 9, 52))}
    assert really_done(work) == (NOW, june(3, 9, 52))
    assert really_done({**work, "state": "inProgress"}) is None
    assert really_done({**work, "startDate": None}) is None
