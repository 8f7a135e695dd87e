"""What of an order may still be amended, in every state of its tasks and items, and how a plan differs afterwards."""

from itertools import product
from typing import Any

import pytest

from abonent.domain.order_handling import rules_amend
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.rules_amend import Amendment
from abonent.domain.order_handling.rules_amendable import amendable, can_change, difference, is_open
from abonent.domain.order_handling.states import PRODUCT_ORDER, PRODUCT_ORDER_ITEM, TASK
from abonent.kit.errors import IllegalMove

NONE: frozenset[str] = frozenset()


def task(id: str, state: str = "pending", **more: Any) -> Task:
    return Task(id=id, item=id.partition(".")[0], name={"en": id}, kind="serviceOrder", state=state, **more)


def plan(*tasks: Task) -> Plan:
    return Plan(id="O-1", planned_start="", planned_end="", task=list(tasks))


def order(state: str = "inProgress", action: str = "add") -> dict[str, Any]:
    items = [
        {"id": "1", "action": action, "state": state},
        {"id": "2", "action": "add", "state": "inProgress"},
    ]
    return {"id": "O-1", "state": "inProgress", "productOrderItem": items}


def refused(document: dict[str, Any], running: Plan, **what: frozenset[str]) -> bool:
    wanted = {"changed": NONE, "placed": NONE, "counted": NONE} | what
    try:
        rules_amend.check(
            document, running, Amendment(NONE, NONE, wanted["changed"], wanted["placed"], wanted["counted"])
        )
    except IllegalMove:
        return True
    return False


@pytest.mark.parametrize("state", sorted(PRODUCT_ORDER_ITEM.states))
@pytest.mark.parametrize("of_task", sorted(TASK.states))
@pytest.mark.parametrize("gate", [True, False])
def test_what_is_offered_is_what_an_amendment_accepts(state: str, of_task: str, gate: bool) -> None:
    running = plan(task("1.line", of_task, point_of_no_return=gate), task("2.line"))
    document, own = order(state), frozenset({"1"})
    first = amendable(document, running)[0]
    assert first.values == (not refused(document, running, changed=own))
    assert first.values == (not refused(document, running, counted=own))
    assert first.place == (not refused(document, running, placed=own))


def test_what_is_ended_or_left_as_it_is_has_nothing_to_choose() -> None:
    for action in ("delete", "noChange"):
        first = amendable(order(action=action), plan(task("1.line")))[0]
        assert not first.values and not first.place
    modified = amendable(order(action="modify"), plan(task("1.line")))[0]
    assert modified.values and not modified.place


def test_it_says_what_fixed_an_item() -> None:
    gate = task("1.access", "completed", point_of_no_return=True, start="2026-06-03T10:00:00.000Z")
    first, second = amendable(order(), plan(task("1.line", "completed"), gate, task("2.line")))
    assert (first.gate, first.begun) == (gate, task("1.line", "completed"))
    assert second.values and second.place and second.gate is None
    assert can_change(order(), plan(gate, task("2.line")))
    assert not can_change({"productOrderItem": order()["productOrderItem"][:1]}, plan(gate))


@pytest.mark.parametrize("state", sorted(PRODUCT_ORDER.states))
def test_an_order_is_open_before_its_end(state: str) -> None:
    assert is_open(state, planned=False) == (state in {"acknowledged", "pending", "held"})
    assert is_open(state, planned=True) == (state in {"inProgress", "held"})


@pytest.mark.parametrize(("was", "now"), list(product(sorted(TASK.states), repeat=2)))
def test_a_task_is_told_in_one_group_at_most(was: str, now: str) -> None:
    made = difference(plan(task("1.line", was)), plan(task("1.line", now)))
    told = [name for name in ("again", "back", "new", "gone") if getattr(made, name)]
    done = {"completed", "skipped"}
    if was in done and now not in done | {"cancelled"}:
        assert told == ["again"]
    elif was not in done | {"cancelled"} and now == "cancelled":
        assert told == ["gone"]
    else:
        assert told == []


def test_new_tasks_and_those_that_take_back_are_told_apart() -> None:
    before = plan(task("1.line", "completed"), task("2.line"))
    back = task("1.line~", "ready", undoes="1.line")
    after = plan(task("1.line", "completed"), back, task("3.line"))
    made = difference(before, after)
    assert [t.id for t in made.back] == ["1.line~"]
    assert [t.id for t in made.new] == ["3.line"]
    assert [t.id for t in made.gone] == ["2.line"]
    at_work = difference(plan(task("1.line", "inProgress")), plan(task("1.line", "inProgress", again=True)))
    assert [t.id for t in at_work.again] == ["1.line"]
