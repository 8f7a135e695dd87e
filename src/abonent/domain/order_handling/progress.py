"""Moving a plan on: load order and plan, note what became of a task, release what waited, save as one change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from abonent.domain.order_handling import alerts
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.assessment import RUN_TASK
from abonent.domain.order_handling.lines import line, lines, with_state
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.rules import roll_up
from abonent.domain.order_handling.rules_cancel import cancelled_items, passed, settled
from abonent.domain.order_handling.rules_deposit import FOLLOW
from abonent.domain.order_handling.rules_numbers import CLOSE, holds
from abonent.domain.order_handling.rules_refund import OVER
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.values import to_wire

Document = dict[str, Any]

RETRY = "order_handling.retry_task"
# An order's cancellation requests may be done now.
CLOSE_CANCELLATIONS = "order_handling.close_cancellations"
# Pause before the first new attempt at what may pass by itself; it doubles each time.
_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Running:
    """An order in work with its plan, as read."""

    order: Stored
    stored_plan: Stored
    plan: Plan

    @property
    def item_of(self) -> dict[str, dict[str, Any]]:
        return {item["id"]: item for item in lines(self.order.document)}

    def leaving(self, item: str) -> bool:
        """Whether an item is being cancelled."""
        return self.item_of[item].get("state") == "pendingCancellation"


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
    order = None
    if passed(plan.find(task.id)) and not task.output and not task.undoes:
        order = alerts.with_milestone(running.order.document, alerts.NO_RETURN, task.item, ctx.now())
    advance(ctx, change, running, plan, order=order)


def finish(
    ctx: Context,
    change: Change,
    running: Running,
    task: Task,
    *,
    result: str,
    output: dict[str, Any] | None = None,
    delivered: bool = False,
) -> Plan:
    """Note in `change` that a task is completed; tasks that waited for it become ready and get their job.
    `delivered`: with it its item is, and the order when it was the last one."""
    plan = planning.completed(running.plan, task.id, ctx.now(), result=result, output=output or {})
    order = None
    if delivered:
        order = with_state(running.order.document, "completed", {task.item})
        before = line(running.order.document, task.item).get("state")
        change.flip(PRODUCT_ORDER, running.order.id, f"item {task.item}", before, "completed")
        order = alerts.with_milestone(order, alerts.DELIVERED, task.item, ctx.now())
    return advance(ctx, change, running, plan, order=order, reasons={task.id: result})


def stop(
    ctx: Context, change: Change, running: Running, task: Task, reason: str, *, passing: bool = False
) -> None:
    """Note in `change` that a task failed: the order is held with the reason until a person acts.

    What may pass by itself (`passing`) is tried again as often as the catalogue says (`retries`), with growing pauses.
    A task of an item that is being cancelled anyway is called off instead.
    """
    if running.leaving(task.item) and not task.undoes:
        plan = planning.called_off(running.plan, task.id, ctx.now(), reason=reason)
        advance(ctx, change, running, plan, reasons={task.id: reason})
        return
    plan = planning.failed(running.plan, task.id, ctx.now(), reason=reason)
    failed = plan.find(task.id)
    if passing and failed.attempts <= int(task.spec.get("retries") or 0):
        due = ctx.now() + _PAUSE * 2 ** (failed.attempts - 1)
        failed.retry_at = to_wire(due)
        change.set_timer(
            f"retry/{running.order.id}/{task.id}", due, RETRY, order=running.order.id, task=task.id
        )
        advance(ctx, change, running, plan, reasons={task.id: reason})
        return
    order = None
    if running.order.state == "inProgress":
        order = with_state(running.order.document, "held", {task.item}) | {"state": "held"}
        if running.leaving(task.item):
            order = running.order.document | {"state": "held"}
    told = f"{task.id}: {reason}"
    advance(ctx, change, running, plan, order=order, reason=told, reasons={task.id: reason})


async def retry_task(ctx: Context, order: str, task: str, **_: Any) -> None:
    """Job of the timer: a task that failed is tried again, unless somebody acted meanwhile."""
    running = await load(ctx, order)
    if running is None or not any(t.id == task and t.retry_at for t in running.plan.task):
        return
    change = ctx.change()
    advance(ctx, change, running, planning.retried(running.plan, task))
    await ctx.store.commit(change)


def advance(
    ctx: Context,
    change: Change,
    running: Running,
    plan: Plan,
    *,
    order: Document | None = None,
    via: tuple[str, ...] = (),
    reason: str | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Plan:
    """Note in `change` the next plan, and the order as far as it follows from it.

    order    the order's next document, where the caller changes it; its state is reached over the states `via`
    reason   why the order's state changes; reasons: why those of tasks do, by task
    Ready tasks get their job; items for which nothing is left to take back are cancelled; the order ends with its last
    item; an end that is forecast after the promise leaves an alert.
    """
    number, stored = running.order.id, running.order
    plan = settled(plan, ctx.now())
    document = order if order is not None else stored.document
    steps = [*via, document["state"]]
    document = _without_cancelled(ctx, change, running, plan, document)
    steps.append(document["state"])
    told = alerts.alerted(document, plan, ctx.now())
    if told is not None:
        document = told
    _note_tasks(change, running, plan, reasons or {})
    waiting = {t.id for t in running.plan.ready}
    if stored.state == "held" and document["state"] == "inProgress":
        waiting = set()  # their jobs came while the order stood still
    for ready in plan.ready:
        if ready.id not in waiting:
            change.defer(RUN_TASK, order=number, task=ready.id)
    change.update(running.stored_plan, planning.to_document(plan))
    if document is stored.document:
        return plan
    if document["state"] in STATES.final and holds(document, plan.task):
        change.defer(CLOSE, order=number)
    if document["state"] in OVER:
        change.defer(FOLLOW, id=number)
    change.update(_over(change, stored, steps[:-1], document["state"], reason), document, reason)
    for kind, attribute in (("Milestone", alerts.MILESTONES), ("JeopardyAlert", alerts.ALERTS)):
        if len(document.get(attribute, ())) > len(stored.document.get(attribute, ())):
            change.publish(PRODUCT_ORDER, number, kind)
    return plan


def _without_cancelled(
    ctx: Context, change: Change, running: Running, plan: Plan, document: Document
) -> Document:
    """The order with the items cancelled for which nothing is left to do, over if none is open."""
    gone = cancelled_items(document, plan)
    if gone:
        for id in sorted(gone):
            change.flip(PRODUCT_ORDER, running.order.id, f"item {id}", "pendingCancellation", "cancelled")
        document = with_state(document, "cancelled", gone)
        change.defer(CLOSE_CANCELLATIONS, order=running.order.id)
    elif document is running.order.document:
        return document
    final = roll_up([item.get("state", "") for item in lines(document)])
    if final is None or document["state"] in STATES.final:
        return document
    ended = {"state": final, "completionDate": to_wire(ctx.now())}
    if final == "cancelled":
        ended = {"state": final, "cancellationDate": to_wire(ctx.now())}
    return document | ended


def _over(change: Change, stored: Stored, steps: list[str], last: str, reason: str | None) -> Stored:
    """The order as if it stood in the last of `steps`: moves that the same change makes at once stand in the history
    one by one."""
    state = str(stored.state)
    for step in steps:
        if step != last and STATES.check(f"{PRODUCT_ORDER.name} {stored.id}", state, step):
            change.flip(PRODUCT_ORDER, stored.id, "state", state, step, reason)
            state = step
    return Stored(stored.resource, stored.document | {"state": state}, stored.version)


def _note_tasks(change: Change, running: Running, plan: Plan, reasons: Mapping[str, str]) -> None:
    """A history row for each task that moved, save for those that merely may begin now."""
    before = {task.id: task.state for task in running.plan.task}
    for task in plan.task:
        old = before.get(task.id)
        if old in {None, task.state} or (old == "pending" and task.state == "ready"):
            continue
        reason = reasons.get(task.id) or (task.result if task.state in {"skipped", "cancelled"} else None)
        change.flip(PRODUCT_ORDER, running.order.id, f"task {task.id}", old, task.state, reason)
