"""What order handling hears from below: how work on site goes on."""

from dataclasses import replace
from typing import Any

from abonent.domain.order_handling.plan import Task, key_of, on_site, rescheduled
from abonent.domain.order_handling.progress import Running, advance, finish, load, stop
from abonent.domain.order_handling.visits import WORK_ORDER_TASK, slot_of
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire

FOLLOW_WORK = "order_handling.follow_work"
# Both: a work order that only gets another slot keeps its state.
EVENTS = ("WorkOrderStateChangeEvent", "WorkOrderAttributeValueChangeEvent")


async def follow_work(ctx: Context, id: str, **_: Any) -> None:
    """Job: a work order changed. It is read as it stands now, so late and repeated events do no harm."""

    async def once() -> None:
        work = await ctx.store.one(WORK_ORDER, id)
        order = next((o["id"] for o in work.document.get("order") or ()), None) if work else None
        running = await load(ctx, order) if order else None
        if work is None or running is None:
            return
        task = _task_of(running, work)
        if task is not None:
            await _take_up(ctx, running, task, work)

    await repeated(once)


def _task_of(running: Running, work: Stored) -> Task | None:
    """The task whose present attempt this work order is."""
    for task in running.plan.task:
        begun = task.kind == WORK_ORDER_TASK and task.state == "inProgress"
        if begun and key_of(running.order.id, task) == work.document.get("externalId"):
            return task
    return None


async def _take_up(ctx: Context, running: Running, task: Task, work: Stored) -> None:
    change = ctx.change()
    document = work.document
    began = document.get("startDate") if work.state in {"inProgress", "completed", "failed"} else None
    if began and task.start is None:
        running = replace(running, plan=on_site(running.plan, task.id, began))
        task = running.plan.find(task.id)
    if work.state == "inProgress":
        advance(ctx, change, running, running.plan)
    elif work.state == "completed":
        finish(
            ctx,
            change,
            running,
            task,
            result=doc.result_of(document) or "done",
            output={"workOrder": work.id, "materials": doc.materials(document)},
        )
    elif work.state in {"failed", "cancelled"}:
        stop(ctx, change, running, task, doc.reason_of(document) or f"work order {work.state}")
    else:
        # A crew that began and left in vain comes once more: until then the task waits for it.
        plan = on_site(running.plan, task.id, None) if task.start else running.plan
        slot = slot_of(document)
        if slot and (task.planned_start, task.planned_end) != (to_wire(slot[0]), to_wire(slot[1])):
            plan = rescheduled(plan, task.id, slot)
        if plan is running.plan:
            return
        advance(ctx, change, running, plan)
    await ctx.store.commit(change)
