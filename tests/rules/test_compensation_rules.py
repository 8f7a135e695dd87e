"""Taking back: which tasks, in which order, whatever stage a chain of tasks has reached. Without a database."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.rules_amend import amendment, merged
from abonent.domain.order_handling.rules_cancel import (
    cancelled_items,
    fixed_items,
    leaving,
    settled,
    stands,
    taken_back,
)
from abonent.domain.order_handling.states import CANCEL_PRODUCT_ORDER, TASK
from abonent.kit.errors import BadInput, IllegalMove

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
CHAIN = (("port", "reserve"), ("line", "serviceOrder"), ("visit", "workOrder"), ("access", "serviceOrder"))
OUTPUT: dict[str, dict[str, Any]] = {
    "reserve": {"port": "N-1/1"},
    "serviceOrder": {"services": [{"id": "S-1"}]},
    "workOrder": {"workOrder": "WO-1"},
}


def plan_of(*states: str, items: tuple[str, ...] = ("1",), gate: str = "access") -> Plan:
    """Chains of tasks in these states, one an item; the visit leaves equipment behind."""
    tasks, before = [], ""
    for item in items:
        before = ""
        for (name, kind), state in zip(CHAIN, states, strict=True):
            tasks.append(
                Task(
                    id=f"{item}.{name}",
                    item=item,
                    name={"en": name},
                    kind=kind,
                    depends_on=[before] if before else [],
                    state=state,
                    planned_start="2026-06-03T09:51:00.000Z",
                    planned_end="2026-06-03T10:51:00.000Z",
                    minutes=5,
                    point_of_no_return=name == gate,
                    compensation="Take it back" if kind == "workOrder" else None,
                    spec={"action": "add"},
                    output=OUTPUT[kind] if state == "completed" else {},
                )
            )
            before = f"{item}.{name}"
    return Plan(id="O-1", planned_start="", planned_end="2026-06-03T10:51:00.000Z", task=tasks)


def order_of(*items: dict[str, Any]) -> dict[str, Any]:
    return {"id": "O-1", "productOrderItem": [{"action": "add", "state": "inProgress", **i} for i in items]}


STAGES = [
    ("completed",) * done + (at,) + ("pending",) * (3 - done)
    for done, at in itertools.product(range(4), ("ready", "inProgress", "failed"))
]


@pytest.mark.parametrize("stage", STAGES, ids="-".join)
@pytest.mark.parametrize("well", [True, False], ids=["done", "failed"])
def test_at_every_stage_all_that_stands_is_undone_last_first(stage: tuple[str, ...], well: bool) -> None:
    plan = taken_back(plan_of(*stage), {"1"}, NOW, reason="off")
    assert all(t.state not in {"ready", "pending", "failed"} for t in plan.task if not t.undoes)
    undone: list[str] = []
    for _ in range(20):
        for task in plan.task:
            if task.state == "inProgress" and not task.undoes:
                # What was at work ends, well or not; either way nothing of the item goes on.
                assert not undone
                kept = OUTPUT[task.kind]
                plan = (
                    planning.completed(plan, task.id, NOW, result="", output=kept)
                    if well
                    else planning.called_off(plan, task.id, NOW, reason="x")
                )
                plan = settled(plan, NOW)
                break
        ready = [t for t in plan.task if t.undoes and t.state == "ready"]
        if not ready:
            break
        assert len(ready) == 1, "a chain is undone one by one"
        undone.append(str(ready[0].undoes))
        plan = settled(planning.completed(plan, ready[0].id, NOW, result="", output={}), NOW)
    standing = [t.id for t in plan.task if stands(t)]
    assert undone == standing[::-1]
    order = order_of({"id": "1", "state": "pendingCancellation"})
    assert cancelled_items(order, plan) == {"1"}


@given(st.lists(st.sampled_from(["add", "modify", "delete"]), min_size=1, max_size=4))
def test_it_is_the_reverse_action_that_undoes(actions: list[str]) -> None:
    plan = plan_of("completed", "completed", "pending", "pending")
    for action in actions:
        plan.find("1.line").spec = {"action": action}
    undo = next(t for t in taken_back(plan, {"1"}, NOW, reason="off").task if t.undoes == "1.line")
    assert undo.spec["action"] == {"add": "delete", "delete": "add", "modify": "modify"}[actions[-1]]


def test_other_items_go_on() -> None:
    plan = taken_back(
        plan_of("completed", "inProgress", "pending", "pending", items=("1", "2")), {"2"}, NOW, reason="off"
    )
    assert {t.state for t in plan.task if t.item == "1"} == {"completed", "inProgress", "pending"}
    assert not any(t.undoes for t in plan.task if t.item == "1")


def test_the_names_are_in_both_languages() -> None:
    plan = taken_back(plan_of("completed", "pending", "pending", "pending"), {"1"}, NOW, reason="off")
    undo = next(t for t in plan.task if t.undoes)
    assert undo.name == {"en": "Free what was reserved", "ru": "Освободить занятое"}


@pytest.mark.parametrize("state", sorted(TASK.states))
def test_the_gate_is_passed_once_it_began(state: str) -> None:
    plan, order = plan_of("completed", "completed", "completed", state), order_of({"id": "1"})
    passed = state in {"inProgress", "completed"}
    assert ("1" in fixed_items(order, plan)) == passed
    if passed:
        with pytest.raises(IllegalMove):
            leaving(order, plan, None)
    else:
        assert leaving(order, plan, None).whole


@pytest.mark.parametrize("state", ["completed", "cancelled", "pendingCancellation", "failed", "rejected"])
def test_what_is_over_or_leaving_is_not_cancelled(state: str) -> None:
    with pytest.raises(IllegalMove):
        leaving(order_of({"id": "1", "state": state}), None, None)


def test_a_request_names_items_there_are() -> None:
    with pytest.raises(BadInput):
        leaving(order_of({"id": "1"}), None, ["2"])


REQUEST_MOVES = {
    ("acknowledged", "inProgress"), ("acknowledged", "done"), ("acknowledged", "terminatedWithError"),
    ("inProgress", "done"), ("inProgress", "terminatedWithError"),
}  # fmt: skip


def test_exactly_these_moves_of_a_request_are_legal() -> None:
    states = CANCEL_PRODUCT_ORDER.states
    assert states == {"acknowledged", "inProgress", "done", "terminatedWithError"}
    legal = {pair for pair in itertools.product(states, repeat=2) if CANCEL_PRODUCT_ORDER.may(*pair)}
    assert legal == REQUEST_MOVES


def test_an_item_left_out_stays_in_the_order() -> None:
    before = order_of({"id": "1"}, {"id": "2", "state": "cancelled"}, {"id": "3"})
    wanted = order_of({"id": "3"}, {"id": "4"})
    change = amendment(before, wanted)
    assert (change.added, change.dropped) == ({"4"}, {"1"})
    assert [i["id"] for i in merged(before, wanted)["productOrderItem"]] == ["1", "2", "3", "4"]
