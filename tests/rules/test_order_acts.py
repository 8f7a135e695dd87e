"""Which forms an order's page offers, and how reasons and refusals are told."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from abonent.domain.order_handling.states import PRODUCT_ORDER
from abonent.faces.console.data import HistoryRow, OrderFile
from abonent.faces.console.order_acts import CANCELLABLE, RELEASABLE, refusal
from abonent.faces.console.order_view import OrderView, order_view
from abonent.kit.errors import Conflict, IllegalMove
from abonent.kit.i18n import Translator

NOW = datetime(2026, 6, 17, 11, 20, tzinfo=UTC)
EN, RU = Translator("en"), Translator("ru")
REASON = {"text": "Access node {node} has no free port.", "facts": {"node": "N-1"}, "ok": False}
REFERRED = [{"kind": "credit", "outcome": "refer", "reasons": [REASON]}]


def view(state: str, t: Translator = EN, *, staff: bool = True, **more: Any) -> OrderView:
    return order_view(OrderFile({"id": "O-1", "state": state}, 1, **more), NOW, t, staff=staff)


def steps(state: str, **more: Any) -> list[str]:
    return [act.step for act in view(state, **more).acts]


def plan(*states: str) -> dict[str, Any]:
    return {"task": [{"id": f"1.{n}", "name": f"Task {n}", "state": state} for n, state in enumerate(states)]}


@pytest.mark.parametrize("state", sorted(PRODUCT_ORDER.states))
def test_a_form_is_offered_only_for_a_legal_move(state: str) -> None:
    offered = steps(state, decisions=REFERRED)
    assert ("release" in offered) == (state in RELEASABLE)
    assert ("cancel" in offered) == (state in CANCELLABLE)
    assert "release" not in offered or PRODUCT_ORDER.may(state, "inProgress")
    assert "cancel" not in offered or PRODUCT_ORDER.may(state, "cancelled")


@pytest.mark.parametrize(
    ("tasks", "offered"),
    [
        (("ready", "pending"), ["release", "cancel"]),
        (("completed", "failed"), ["release", "cancel"]),
        (("failed", "pending"), ["release", "cancel"]),
    ],
)
def test_work_that_began_is_taken_back(tasks: tuple[str, ...], offered: list[str]) -> None:
    held = view("held", plan=plan(*tasks))
    assert [act.step for act in held.acts] == offered
    assert held.acts[-1].follows.startswith("What was done" if tasks[0] != "ready" else "No work has begun")


ITEMS = [{"id": id, "state": "inProgress", "productOffering": {"name": f"Product {id}"}} for id in ("1", "2")]


def gated(state: str, *items: dict[str, Any], at: str = "1") -> list[tuple[str, ...]]:
    """Verb and choices of the form that cancels, with a gate of item `at` in a state."""
    gate = {"id": f"{at}.gate", "item": at, "name": "Gate", "state": state, "pointOfNoReturn": True}
    order = {"id": "O-1", "state": "inProgress", "productOrderItem": list(items or ITEMS)}
    shown = order_view(OrderFile(order, 1, plan={"task": [gate]}), NOW, EN, staff=True)
    return [(act.verb, *(value for value, _ in act.choices)) for act in shown.acts if act.step == "cancel"]


def test_in_work_the_order_or_an_item_is_cancelled_until_the_gate() -> None:
    assert gated("pending") == [("Cancel order", "order", "1", "2")]
    assert gated("inProgress") == [("Cancel an item", "2")]
    assert gated("completed", ITEMS[0]) == []
    assert gated("failed", ITEMS[0]) == [("Cancel order",)]
    assert gated("pending", ITEMS[0], {**ITEMS[1], "state": "completed"}) == [("Cancel an item", "1")]
    bundle = {"id": "0", "state": "inProgress", "productOrderItem": ITEMS}
    assert gated("completed", bundle) == [("Cancel an item", "2")]


def test_nobody_but_staff_gets_a_form() -> None:
    assert steps("held", decisions=REFERRED, staff=False) == []


def test_an_incomplete_order_says_what_is_missing_and_is_not_released() -> None:
    why = "The client is not known: name a customer in relatedParty."
    held = view("held", history=[HistoryRow(NOW, "order", None, "held", why)])
    assert [act.step for act in held.acts] == ["cancel"]
    assert held.notice is not None
    assert held.notice.lead == "Something is missing in the order."
    assert held.notice.rest.startswith(why)


def test_a_reason_kept_as_a_sentence_is_told_in_the_readers_language() -> None:
    history = [
        HistoryRow(NOW, "order", "acknowledged", "held", "Access node N-1 has no free port.", "system"),
        HistoryRow(NOW, "order", "inProgress", "held", "1.0: Access node N-1 has no free port."),
        HistoryRow(NOW, "order", "acknowledged", "held", "typed by a person: so", "anna"),
        HistoryRow(NOW, "release", None, None, None, "anna"),
    ]
    log = view("held", RU, decisions=REFERRED, history=history, plan=plan("failed")).log
    told = RU.gettext("Access node {node} has no free port.", node="N-1")
    assert told != "Access node N-1 has no free port."
    assert [row.reason for row in log] == [told, f"Task 0: {told}", "typed by a person: so", ""]
    assert [row.by for row in log] == ["автоматически", "", "anna", "anna"]
    assert log[3].text == "Пущен в работу вручную"


def test_a_refusal_speaks_of_the_order_and_not_of_the_api() -> None:
    move = IllegalMove("illegalStateTransition", "{old} {new}", old="completed", new="cancelled")
    assert refusal(move, "completed", EN) == "The order is now “Done”; from there this step is not possible."
    assert "«Выполнен»" in refusal(move, "completed", RU)
    assert "at the same moment" in refusal(Conflict("changed", "x"), "held", EN)
    other = IllegalMove("other", "Order {order} is odd.", order="O-1")
    assert refusal(other, "held", EN) == "Order O-1 is odd."


def test_an_order_that_names_nothing_is_placed_anew_and_this_one_cancelled() -> None:
    bare = {"id": "1", "action": "add", "state": "held"}
    order = {"id": "O-1", "state": "held", "productOrderItem": [bare]}
    why = "Item 1 names no product offering."
    file = OrderFile(
        order,
        1,
        customer={"id": "C 7", "name": "Olga"},
        history=[HistoryRow(NOW, "order", None, "held", why)],
        amendable=True,
    )
    shown = order_view(file, NOW, EN, staff=True)
    assert [(act.step, act.href) for act in shown.acts] == [
        ("anew", "/orders/new?client=C+7"),
        ("cancel", ""),
    ]
    assert shown.notice is not None
    assert shown.notice.rest == f"{why} Place it anew for the client, then cancel this one."
    assert order_view(file, NOW, EN).acts == ()
    # Without a client there is nobody to enter it for; with an offering the rest can be added here.
    assert [act.step for act in order_view(replace(file, customer=None), NOW, EN, staff=True).acts] == [
        "amend",
        "cancel",
    ]
    named = {**order, "productOrderItem": [{**bare, "productOffering": {"id": "fibre-300"}}]}
    assert order_view(replace(file, order=named), NOW, EN, staff=True).acts[0].step == "amend"
