"""Moving a plan on: load order and plan, note a task's end, release what waited, save as one change."""

from dataclasses import dataclass
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.assessment import RUN_TASK
from abonent.domain.order_handling.lines import line, lines, with_state
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.rules import roll_up
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.values import to_wire


@dataclass(frozen=True, slots=True)
class Running:
    """An order in work with its plan, as read."""

    order: Stored
    stored_plan: Stored
    plan: Plan

    @property
    def item_of(self) -> dict[str, dict[str, Any]]:
        return {item["id"]: item for item in lines(self.order.document)}


async def load(ctx: Context, order_id: str) -> Running | None:
    """Order and plan in one statement; None when there is no plan (yet, or no such order)."""
    found = await ctx.store.find([(PRODUCT_ORDER, order_id), (ORDER_PLAN, order_id)])
    order, plan = found.get((PRODUCT_ORDER.name, order_id)), found.get((ORDER_PLAN.name, order_id))
    if order is None or plan is None:
        return None
    return Running(order, plan, planning.from_document(plan.document))


def begin(
    ctx: Context, change: Change, running: Running, task: Task, slot: planning.Slot | None = None
) -> None:
    """Note in `change` that a task starts, and when its visit is if it is one."""
    plan = planning.started(running.plan, task.id, ctx.now())
    if slot is not None:
        plan = planning.rescheduled(plan, task.id, slot)
    change.update(running.stored_plan, planning.to_document(plan))
    _note(change, running, task, "inProgress", None)


def finish(
    ctx: Context,
    change: Change,
    running: Running,
    task: Task,
    *,
    result: str,
    output: dict[str, Any] | None = None,
) -> Plan:
    """Note in `change` that a task is completed; tasks that waited for it become ready and get their job."""
    plan = planning.completed(running.plan, task.id, ctx.now(), result=result, output=output or {})
    change.update(running.stored_plan, planning.to_document(plan))
    _note(change, running, task, "completed", result)
    before = {t.id for t in running.plan.ready}
    for ready in plan.ready:
        if ready.id not in before:
            change.defer(RUN_TASK, order=running.order.id, task=ready.id)
    return plan


def stop(ctx: Context, change: Change, running: Running, task: Task, reason: str) -> None:
    """Note in `change` that a task failed: the order is held with the reason until a person acts."""
    plan = planning.failed(running.plan, task.id, ctx.now(), reason=reason)
    change.update(running.stored_plan, planning.to_document(plan))
    _note(change, running, task, "failed", reason)
    if running.order.state == "inProgress":
        order = with_state(running.order.document, "held", {task.item}) | {"state": "held"}
        change.update(running.order, order, f"{task.id}: {reason}")


def complete_item(ctx: Context, change: Change, running: Running, item_id: str) -> None:
    """Note in `change` that an item is delivered, and the order when it was the last one."""
    document = with_state(running.order.document, "completed", {item_id})
    change.flip(PRODUCT_ORDER, running.order.id, f"item {item_id}", line(running.order.document, item_id).get("state"),
                "completed")  # fmt: skip
    final = roll_up([item["state"] for item in lines(document)])
    if final is not None:
        document |= {"state": final, "completionDate": to_wire(ctx.now())}
    change.update(running.order, document)


def _note(change: Change, running: Running, task: Task, state: str, reason: str | None) -> None:
    change.flip(PRODUCT_ORDER, running.order.id, f"task {task.id}", task.state, state, reason)
