"""The day's work: what needs a person, by when, whose it is; the outlook of plans; the geometry of the map."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling.queries_open import Cohort, OpenOrder
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.faces.console.home.lines import due_words, lines
from abonent.faces.console.home.map_view import Numbers, map_view
from abonent.faces.console.home.measures import measures_view
from abonent.faces.console.home.process_map import GAP, Station, bars
from abonent.faces.console.home.standard import PROCESSES, standard
from abonent.faces.console.home.work import (
    OWN,
    WITHIN,
    own,
    sorted_work,
    stand,
    work_of,
    work_of_message,
    work_of_visit,
)
from abonent.faces.console.plan_model import outlook, read_plan
from abonent.kit.i18n import Translator
from abonent.kit.values import to_wire

NOW = datetime(2026, 6, 17, 11, 20, tzinfo=UTC)
EN = Translator("en", ZoneInfo("Europe/Moscow"))
RU = Translator("ru", ZoneInfo("Europe/Moscow"))
HOUR = timedelta(hours=1)


def order(**more: Any) -> OpenOrder:
    made = OpenOrder(
        id="O-1",
        state="inProgress",
        ordered=NOW - 30 * HOUR,
        promised=None,
        description="",
        offerings=("Fibre 300", "Television"),
        towns=("Yaroslavl",),
        monthly=Decimal(690),
        currency="RUB",
        customer_id="C-1",
        customer_name="North Quay",
        placed_by="anna",
        by_client=False,
        agent="Anna",
        moved_at=NOW - 2 * HOUR,
        reason="",
        tasks=[],
        decisions=[],
    )
    return replace(made, **more)


def task(id: str, state: str, begins: float, ends: float, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "item": "1",
        "name": {"en": id, "ru": id},
        "kind": "serviceOrder",
        "state": state,
        "plannedStart": to_wire(NOW + begins * HOUR),
        "plannedEnd": to_wire(NOW + ends * HOUR),
        **more,
    }


FAILED = [
    task("line", "failed", -3, -2, end=to_wire(NOW - HOUR), result="no signal"),
    task("test", "pending", -2, -1),
]
REFERRED = [
    {"kind": "credit", "outcome": "refer", "reasons": [{"text": "The client has arrears.", "ok": False}]}
]


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, None),
        ({"state": "acknowledged"}, None),
        ({"state": "pendingCancellation"}, None),
        ({"state": "pendingCancellation", "promised": NOW - HOUR}, None),
        # Nobody is called for five minutes.
        ({"promised": NOW + HOUR * 11 / 12, "tasks": [task("line", "ready", 0, 1)]}, None),
        ({"state": "pending"}, "client"),
        # What is being cancelled goes on by itself, also past its promise.
        ({"state": "assessingCancellation"}, None),
        ({"state": "assessingCancellation", "promised": NOW - HOUR}, None),
        ({"state": "held"}, "complete"),
        ({"state": "held", "decisions": REFERRED}, "credit"),
        ({"state": "held", "decisions": [{"kind": "feasibility", "outcome": "refer"}]}, "assess"),
        ({"state": "held", "decisions": [{"kind": "credit", "outcome": "approve"}]}, "resume"),
        ({"state": "held", "tasks": FAILED, "decisions": REFERRED}, "mend"),
        ({"state": "held", "tasks": [task("line", "ready", -1, 1)]}, "resume"),
        ({"promised": NOW - HOUR}, "late"),
        ({"promised": NOW + HOUR, "tasks": [task("line", "ready", -2, 1)]}, "risk"),
        ({"promised": NOW + 5 * HOUR, "tasks": [task("line", "ready", -2, 1)]}, None),
        ({"promised": NOW + HOUR, "tasks": FAILED}, "mend"),
    ],
)
def test_what_needs_a_person(facts: dict[str, Any], kind: str | None) -> None:
    work = work_of(stand(order(**facts), NOW), NOW)
    assert (work.kind if work else None) == kind


def test_it_is_due_by_its_own_hour_or_by_the_promise_if_that_is_earlier() -> None:
    held = order(state="held", decisions=REFERRED)
    work = work_of(stand(held, NOW), NOW)
    assert work is not None
    assert work.due == held.moved_at + WITHIN["credit"]
    soon = work_of(stand(replace(held, promised=NOW + HOUR), NOW), NOW)
    assert soon is not None
    assert (soon.due, soon.broken) == (NOW + HOUR, False)
    late = work_of(stand(replace(held, promised=NOW - HOUR), NOW), NOW)
    assert late is not None
    assert (late.due, late.broken, late.kind) == (NOW - HOUR, True, "credit")


def test_broken_promises_first_then_time_left_then_money() -> None:
    def credit(id: str, moved: float, stake: int, promised: datetime | None = None):
        made = order(
            id=id, state="held", decisions=REFERRED, moved_at=NOW + moved * HOUR, monthly=Decimal(stake)
        )
        work = work_of(stand(replace(made, promised=promised), NOW), NOW)
        assert work is not None
        return work

    listed = [
        credit("O-1", -1, 100),
        credit("O-2", -9, 100),
        credit("O-3", -1, 500),
        credit("O-4", -1, 1, NOW - HOUR / 2),
    ]
    assert [w.order.id for w in sorted_work(listed) if w.order] == ["O-4", "O-2", "O-3", "O-1"]


def test_each_role_has_its_own_work_and_an_administrator_all_of_it() -> None:
    states = [
        {"state": "pending"},
        {"state": "held", "tasks": FAILED},
        {"state": "held", "decisions": REFERRED},
    ]
    work = [w for facts in states if (w := work_of(stand(order(**facts), NOW), NOW))]
    kinds = {role: [w.kind for w in own(work, role)] for role in (*OWN, "admin")}
    assert kinds == {
        "agent": ["client", "credit"],
        "engineer": ["mend"],
        "manager": ["credit"],
        "admin": ["client", "mend", "credit"],
    }
    broken = work_of(stand(order(state="held", tasks=FAILED, promised=NOW - HOUR), NOW), NOW)
    assert broken is not None
    assert own([broken], "manager") == [broken]
    # Nothing that is found may be nobody's.
    assert frozenset().union(*OWN.values()) >= WITHIN.keys() | {"late", "risk"}


def test_a_line_says_when_what_why_and_where() -> None:
    running = task("Line", "inProgress", -3, -2, start=to_wire(NOW - 3 * HOUR))
    late = work_of(stand(order(promised=NOW - HOUR, tasks=[running]), NOW), NOW)
    message = {
        "id": "M-1",
        "subject": "Order O-1 is received",
        "sendTime": to_wire(NOW - HOUR),
        "receiver": [{"id": "C-1", "name": "North Quay"}],
        "characteristic": [{"name": "productOrder", "value": "O-1"}],
    }
    failed = work_of_message(message)
    assert late is not None
    assert failed is not None
    first, second = lines([late, failed], NOW, EN, frozenset())
    assert (first.due, first.tone, first.href) == ("1\u00a0h late", "bad", "/orders/O-1")
    assert first.what == "Deliver what is late, order O-1"
    assert first.why == "Fibre 300 and 1 more item · “Line” is 2\u00a0h behind its plan."
    assert (second.href, second.client) == ("/orders/O-1", "North Quay")
    there = lines([failed], NOW, EN, frozenset({"/messages"}))[0]
    assert there.href == "/messages/M-1"
    assert work_of_message({"id": "M-2"}) is None


def test_a_work_order_without_a_crew_leads_to_its_slots() -> None:
    document = {"id": "WO-1", "order": [{"id": "O-1"}], "stateChangeDate": to_wire(NOW - 9 * HOUR)}
    row = WorkOrderRow(document, "C-1", "North Quay", {"city": "Tver", "streetName": "Svobody"}, None)
    work = work_of_visit(row, NOW)
    shown = lines([work], NOW, EN, frozenset({"/work-orders"}))[0]
    assert (shown.due, shown.tone, shown.why) == ("waits 9\u00a0h", "risk", "O-1 · Tver, Svobody")
    assert (shown.href, lines([work], NOW, EN, frozenset())[0].href) == ("/work-orders/WO-1", "/orders/O-1")
    assert [own([work], role) for role in ("agent", "engineer", "manager")] == [[work], [work], []]


def test_due_is_red_only_for_a_broken_promise() -> None:
    assert due_words(NOW - HOUR, False, NOW, EN, since=NOW - 3 * HOUR) == ("waits 3\u00a0h", "risk")
    assert due_words(NOW + HOUR / 2, False, NOW, EN) == ("in 30\u00a0min", "risk")
    assert due_words(NOW + 2 * HOUR, False, NOW, EN) == ("by 16:20", "")
    assert due_words(NOW + 24 * HOUR, False, NOW, RU) == ("завтра, 14:20", "")
    assert due_words(NOW + 72 * HOUR, False, NOW, EN) == ("20\u00a0Jun", "")


moments = st.integers(-72, 72)
states = st.sampled_from(["pending", "ready", "inProgress", "completed", "failed", "skipped", "cancelled"])


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, Any]]:
    tasks = []
    for n in range(draw(st.integers(1, 6))):
        begins = draw(moments)
        made = task(str(n), draw(states), begins, begins + draw(st.integers(0, 30)))
        if n and draw(st.booleans()):
            made["dependsOn"] = [str(draw(st.integers(0, n - 1)))]
        if made["state"] in ("inProgress", "completed"):
            made["start"] = to_wire(NOW - draw(st.integers(0, 40)) * HOUR)
        if made["state"] == "completed":
            made["end"] = to_wire(NOW)
        tasks.append(made)
    return tasks


@given(plans())
def test_the_outlook_agrees_with_the_plan_of_an_orders_page(tasks: list[dict[str, Any]]) -> None:
    plan, look = read_plan({"task": tasks}, NOW), outlook(tasks, NOW)
    assert plan is not None
    assert look.forecast == plan.forecast
    assert (look.stuck is not None) == plan.stuck


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(["soft", "risk", "bad"])), max_size=5))
def test_bars_fill_their_width_and_none_disappears(shares: list[tuple[int, str]]) -> None:
    drawn = bars(Station("orders", "", "", shares=tuple(shares)), 14, 264)
    there = [look for count, look in shares if count]
    assert [each.look for each in drawn] == there
    if there:
        assert abs(sum(each.width for each in drawn) + GAP * (len(there) - 1) - 264) < 0.5
        assert min(each.width for each in drawn) >= 1.9


def test_the_map_says_what_is_not_in_use_and_tells_its_finding() -> None:
    numbers = Numbers(18, 2, 3, Decimal(85_820), Decimal(150), "RUB", 2000, 14, 1)
    for t in (EN, RU):
        view = map_view(numbers, t)
        assert len(view.wide.boxes) == len(view.narrow.boxes) == 4
        assert [box.station.used for box in view.wide.boxes] == [True, False, False, False]
        assert "18" in view.finding
        assert [row.number for row in view.rows] == ["1.1.1.5", "1.1.1.6", "1.1.1.7", "1.1.1.9"]
    assert view.narrow.width == 332


def test_every_row_of_the_standard_is_there_and_leads_to_rooms_that_are() -> None:
    ids = [row.id for process in PROCESSES for row in process.rows]
    assert ids == [*(f"OH-{n}" for n in range(1, 7)), *(f"PH-{n}" for n in range(1, 8)),
                   *(f"QS-{n}" for n in range(1, 8)), *(f"RL-{n}" for n in range(1, 6))]  # fmt: skip
    shown = {row.id: row.places for each in standard(frozenset({"/orders"}), EN) for row in each.rows}
    assert shown["OH-6"] == (("/orders", "list of orders"),)
    assert shown["OH-4"] == ()


def test_measures_of_no_orders_are_none_and_shares_add_up() -> None:
    assert measures_view([], EN) is None
    assert measures_view([Cohort("", {}, 0, 0, None, None)], EN) is None
    whole = Cohort("", {"completed": 3, "failed": 1}, 2, 3, 3600.0, 7200.0)
    view = measures_view([whole, replace(whole, offering="Fibre")], EN)
    assert view is not None
    assert [(each.count, each.share) for each in view.states] == [("3", "75%"), ("1", "25%")]
    assert (view.whole.on_time, view.whole.median, view.whole.nine) == ("67%", "1\u00a0h", "2\u00a0h")


def test_the_client_of_a_line_leads_to_his_page() -> None:
    found = [work_of(stand(order(state="pending", customer_id=id), NOW), NOW) for id in ("C 1", None)]
    shown = lines([each for each in found if each], NOW, EN, frozenset())
    assert [line.client_href for line in shown] == ["/clients/C%201", ""]
