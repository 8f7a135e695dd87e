"""What of an order may still be amended, item by item, and how a plan differs after an amendment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.order_handling.lines import ADD, MODIFY, OFF, lines
from abonent.domain.order_handling.plan import DONE, Plan, Task
from abonent.domain.order_handling.rules_cancel import gate_of
from abonent.domain.order_handling.states import PRODUCT_ORDER_ITEM

Document = Mapping[str, Any]

# States of an order in which what is ordered may be changed; with a plan, only those in which it runs or stands.
_BEFORE_PLAN = frozenset({"acknowledged", "pending", "held"})
_WITH_PLAN = frozenset({"inProgress", "held"})


@dataclass(frozen=True, slots=True)
class Amendable:
    """What of an item may still change.

    values  its quantity and characteristics; place: its address
    gate    the task with which it passed its point of no return; begun: the first task that fixed its address
    over    it is delivered, cancelled or on its way out
    """

    item: str
    values: bool
    place: bool
    gate: Task | None = None
    begun: Task | None = None
    over: bool = False


def is_open(state: str, *, planned: bool) -> bool:
    """Whether an order in this state, with a plan or without, can be amended at all."""
    return state in (_WITH_PLAN if planned else _BEFORE_PLAN)


def amendable(order: Document, plan: Plan | None) -> list[Amendable]:
    """Every item of the order, bundles before their parts; what cannot change is told with what fixed it."""
    found = []
    for item in lines(order):
        id, add = item["id"], item.get("action") == ADD
        over = item.get("state") in PRODUCT_ORDER_ITEM.final | OFF
        gate = gate_of(plan, id)
        begun = next(
            (
                task
                for task in (plan.task if plan else ())
                if task.item == id and (task.state not in {"pending", "ready"} or task.output)
            ),
            None,
        )
        free = not over and gate is None
        values = free and item.get("action") in {ADD, MODIFY}
        found.append(Amendable(id, values, free and add and begun is None, gate, begun, over))
    return found


def can_change(order: Document, plan: Plan | None) -> bool:
    """Whether anything of an order's items may still be changed."""
    return any(each.values or each.place for each in amendable(order, plan))


@dataclass(frozen=True, slots=True)
class Difference:
    """How a plan differs after an amendment: tasks by what becomes of them.

    again   done before, to be done once more (or once more when they end); back: what takes done work back
    new     tasks that were not there; gone: tasks that are called off or needless
    """

    again: tuple[Task, ...] = ()
    back: tuple[Task, ...] = ()
    new: tuple[Task, ...] = ()
    gone: tuple[Task, ...] = ()


def difference(before: Plan, after: Plan) -> Difference:
    """What an amendment made of a plan."""
    old = {task.id: task for task in before.task}
    now = {task.id: task for task in after.task}

    def anew(task: Task) -> bool:
        was = old.get(task.id)
        if was is None or was.item != task.item:
            return False
        return (was.state in DONE and task.state not in DONE | {"cancelled"}) or (
            task.again and not was.again
        )

    added = [task for task in after.task if task.id not in old]
    return Difference(
        again=tuple(task for task in after.task if anew(task)),
        back=tuple(task for task in added if task.undoes),
        new=tuple(task for task in added if not task.undoes),
        gone=tuple(
            task
            for task in before.task
            if task.state not in DONE | {"cancelled"}
            and (task.id not in now or now[task.id].state == "cancelled")
        ),
    )
