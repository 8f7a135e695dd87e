"""May it still be cancelled, and what has to be taken back then. Pure: order and plan in, decision and plan out.

An item is out of reach once it is delivered, or once a task behind which there is no way back was begun. What was done
for the others is taken back by tasks of the same plan, in the reverse order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.lines import line, lines, relied_on
from abonent.domain.order_handling.plan import OPEN, Plan, Task
from abonent.domain.order_handling.states import PRODUCT_ORDER_ITEM
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.i18n import LANGUAGES, Translator
from abonent.kit.values import from_wire, to_wire

Document = Mapping[str, Any]

# States in which an item is being cancelled, or is beyond that.
LEAVING = PRODUCT_ORDER_ITEM.final | {"pendingCancellation"}
NOTHING_TO_UNDO = N_("Nothing had to be taken back")

_REVERSED = {"add": "delete", "delete": "add", "modify": "modify"}
_UNDOING = {
    "reserve": N_("Free what was reserved"),
    "serviceOrder": N_("Take back what was set up in the network"),
    "workOrder": N_("Take back what was installed"),
    "portIn": N_("Give the number back to its operator"),
}
_FREED = frozenset({"reserve", "portIn"})
# Longest work, in minutes, that freeing a reservation is taken for.
_FREEING = 1.0


def passed(task: Task) -> bool:
    """Whether a task was begun behind which there is no way back."""
    return task.point_of_no_return and (task.state in {"inProgress", "completed"} or bool(task.output))


def gate_of(plan: Plan | None, item: str) -> Task | None:
    """The task with which an item passed its point of no return; None while it has not."""
    tasks = plan.task if plan else []
    return next((t for t in tasks if t.item == item and not t.undoes and passed(t)), None)


def open_items(order: Document) -> list[str]:
    """Ids of the items that are neither over nor being cancelled."""
    return [item["id"] for item in lines(order) if item.get("state") not in LEAVING]


def fixed_items(order: Document, plan: Plan | None) -> dict[str, Task | None]:
    """Items that can be cancelled no more: the gate each passed, None for one that is delivered. A bundle with such a
    part is among them, by the part's gate."""
    fixed: dict[str, Task | None] = {}
    for item in lines(order):
        inside = [item["id"], *(part["id"] for part in lines(item))]
        gates = [gate for id in inside if (gate := gate_of(plan, id)) is not None]
        states = {item.get("state"), *(part.get("state") for part in lines(item))}
        if gates or "completed" in states:
            fixed[item["id"]] = next(iter(gates), None)
    return fixed


@dataclass(frozen=True, slots=True)
class Leaving:
    """Items that are to be cancelled; `whole`: nothing of the order is left then."""

    items: frozenset[str]
    whole: bool


def leaving(order: Document, plan: Plan | None, wanted: Iterable[str] | None) -> Leaving:
    """What is cancelled when `wanted` items are asked for (None: all), bundles with their parts.

    BadInput for an item the order does not have. IllegalMove, with what can be cancelled instead, when one of them is
    past its point of no return, when nothing is left to cancel, or when an item that stays relies on one of them.
    """
    known = {item["id"]: item.get("state") for item in lines(order)}
    # What is delivered is among them, so that it is refused and not passed over.
    left = [id for id, state in known.items() if state not in LEAVING or state == "completed"]
    asked = set(left) if wanted is None else set(wanted)
    for id in sorted(asked - known.keys()):
        raise BadInput(
            "unknownItem",
            N_("Order {order} has no item {path}."),
            order=order["id"],
            path=id,
        )
    with_parts = {part["id"] for id in asked for part in lines(line(order, id))} | asked
    going = {id for id in left if id in with_parts}
    going |= {
        item["id"]
        for item in lines(order)
        if item["id"] in left and item.get("productOrderItem") and _all_leaving(item, going)
    }
    if not going:
        raise IllegalMove(
            "nothingToCancel",
            N_("Nothing of order {order} is left to cancel: its items are over or being cancelled already."),
            order=order["id"],
        )
    _check_gates(order, plan, going)
    _check_reliance(order, going)
    rest = [item for item in lines(order) if item["id"] not in going]
    whole = all(item.get("state") in {"cancelled", "pendingCancellation"} for item in rest)
    return Leaving(frozenset(going), whole)


def _all_leaving(bundle: Document, going: set[str]) -> bool:
    parts = list(lines(bundle))
    return all(
        part["id"] in going or part.get("state") in {"cancelled", "pendingCancellation"} for part in parts
    )


def _check_gates(order: Document, plan: Plan | None, going: set[str]) -> None:
    fixed = fixed_items(order, plan)
    stuck = next((id for id in fixed if id in going), None)
    if stuck is None:
        return
    free = [id for id in open_items(order) if id not in fixed]
    gate = fixed[stuck]
    facts = {"item": stuck, "possible": ", ".join(free) or "-", "items": free, "path": "productOrderItem"}
    if gate is None:
        raise IllegalMove(
            "itemDelivered",
            N_(
                "Item {item} is delivered already; what is delivered is ended by a new order. "
                "Items that can still be cancelled: {possible}."
            ),
            **facts,
        )
    raise IllegalMove(
        "pointOfNoReturn",
        N_(
            "Item {item} is past its point of no return: “{task}” began on {since}. "
            "Items that can still be cancelled: {possible}."
        ),
        task=gate.name.get("en", gate.id),
        since=gate.start or gate.end or "-",
        **facts,
    )


def _check_reliance(order: Document, going: set[str]) -> None:
    for item in lines(order):
        if item["id"] in going or item.get("state") in {"cancelled", "pendingCancellation"}:
            continue
        for target in relied_on(item):
            if target in going:
                raise IllegalMove(
                    "itemReliedOn",
                    N_("Item {item} relies on item {target}. Cancel both, or neither."),
                    item=item["id"],
                    target=target,
                    path="productOrderItem",
                )


def stands(task: Task) -> bool:
    """Whether a task left something in the world that somebody has to take back."""
    if task.undoes or task.kind not in _UNDOING:
        return False
    if task.kind == "workOrder":
        # Only the catalogue knows whether a visit leaves anything behind.
        return bool(task.output) and task.compensation is not None
    if task.kind == "reserve":
        return "port" in task.output or "resource" in task.output
    return bool(task.output)


def taken_back(plan: Plan, items: Iterable[str], now: datetime, *, reason: str) -> Plan:
    """The plan in which nothing more is done for `items` and what was done is undone, the last thing first.

    Tasks that did not begin are cancelled. Those at work are waited for; what they bring is undone afterwards.
    """
    plan = planning.copied(plan)
    gone = set(items)
    own = [task for task in plan.task if task.item in gone and not task.undoes]
    at_work = {task.id for task in own if task.state == "inProgress"}
    needed = [task for task in own if stands(task) or (task.id in at_work and task.kind in _UNDOING)]
    undoing = {task.id: _undoing(plan, task) for task in needed if not _undone(plan, task)}
    below = _downstream(own)
    for task in own:
        if task.state in {"pending", "ready", "failed"}:
            task.state, task.end, task.result = "cancelled", to_wire(now), reason
        task.again = False
    dropped = {task.id for task in own}
    for task in plan.task:
        if task.item not in gone:
            # A bundle that stays does not wait for the parts that go.
            task.depends_on = [id for id in task.depends_on if id not in dropped]
    for id, undo in undoing.items():
        later = [undoing[each].id for each in below[id] if each in undoing]
        undo.depends_on = later + sorted({id, *below[id]} & at_work)
    plan.task += undoing.values()
    _date(plan, {undo.id for undo in undoing.values()}, now)
    return settled(plan, now)


def _date(plan: Plan, undoing: set[str], now: datetime) -> None:
    """Plan the take-backs one after the other, from now."""
    for task in planning.in_dependency_order(plan.task):
        if task.id in undoing:
            before = [from_wire(plan.find(id).planned_end) for id in task.depends_on]
            begin = max([now, *before])
            task.planned_start = to_wire(begin)
            task.planned_end = to_wire(begin + timedelta(minutes=task.minutes))
    plan.planned_end = max(
        (t.planned_end for t in plan.task if t.state != "cancelled"), default=plan.planned_end
    )


def _undone(plan: Plan, task: Task) -> bool:
    return any(other.undoes == task.id for other in plan.task)


def _undoing(plan: Plan, task: Task) -> Task:
    """The task that takes back what `task` did, or is doing. Its dependencies and dates are still to be set."""
    text = task.compensation or _UNDOING[task.kind]
    minutes = min(task.minutes, _FREEING) if task.kind in _FREED else task.minutes
    base, taken = f"{task.id}.undo", {other.id for other in plan.task}
    spec = {key: value for key, value in task.spec.items() if key not in {"appointment", "retries"}}
    first = task.spec.get("firstAction") or task.spec.get("action", "add")
    return Task(
        id=base if base not in taken else f"{base}.{len(taken)}",
        item=task.item,
        name={lang: Translator(lang).gettext(text) for lang in LANGUAGES},
        kind=task.kind,
        minutes=minutes,
        spec={**spec, "action": _REVERSED.get(first, "delete")},
        undoes=task.id,
    )


def _downstream(tasks: list[Task]) -> dict[str, list[str]]:
    """Task -> the tasks that wait for it, directly or through others."""
    ids = {task.id for task in tasks}
    direct = {id: [t.id for t in tasks if id in t.depends_on] for id in ids}
    found: dict[str, list[str]] = {}
    for id in ids:
        seen: dict[str, None] = {}
        waiting = list(direct[id])
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen[each] = None
                waiting += direct[each]
        found[id] = list(seen)
    return found


def settled(plan: Plan, now: datetime) -> Plan:
    """Take-backs that turned out to be needless are skipped, the others released. Changes the plan; returns it."""
    while True:
        planning.release(plan)
        idle = [t for t in plan.task if t.undoes and t.state == "ready" and not stands(plan.find(t.undoes))]
        if not idle:
            return plan
        for task in idle:
            task.state, task.end, task.result = "skipped", to_wire(now), NOTHING_TO_UNDO


def cancelled_items(order: Document, plan: Plan) -> set[str]:
    """Items on their way out for which nothing is left to be done."""
    busy = {task.item for task in plan.task if task.state in OPEN or task.state == "failed"}
    return {
        item["id"]
        for item in lines(order)
        if item.get("state") == "pendingCancellation"
        and busy.isdisjoint({item["id"], *(part["id"] for part in lines(item))})
    }
