"""Tasks that failed and wait for a person: done again, left out with a reason, or with the item's data mended.

Cancelling with what follows from it is `cancel`; what is queued here is read by `queries_fallout`.
"""

from collections.abc import Mapping
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.lines import copied, line, lines, with_state
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.progress import Running, advance, load
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_retest import activation_of, reopened
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove, NotFound
from abonent.kit.retry import repeated

Document = dict[str, Any]

RETRIED = N_("Done again by hand")
MENDED = N_("Its values were mended by hand")
# Kinds without which an item can be delivered, or undone, if a person answers for it. A reservation is always given
# back, and a service that is not set up cannot be delivered.
_LEFT_OUT = frozenset({"serviceTest", "workOrder"})
_LEFT_STANDING = frozenset({"serviceOrder", "workOrder"})


def may_skip(task: Task) -> bool:
    """Whether a task may be left out: tests and visits, and of what is taken back all but reservations."""
    return task.kind in (_LEFT_STANDING if task.undoes else _LEFT_OUT)


async def retry(ctx: Context, order_id: str, task_id: str) -> None:
    """Do a failed task again. NotFound, Forbidden (not staff), IllegalMove when it has not failed."""

    async def once() -> None:
        running, task = await _failed(ctx, order_id, task_id)
        plan = planning.retried(running.plan, task.id)
        await _go_on(ctx, running, plan, {task.id: RETRIED}, RETRIED)

    await repeated(once)


async def skip(ctx: Context, order_id: str, task_id: str, reason: str) -> None:
    """Leave a failed task out, for a reason that is kept. Besides what `retry` raises: BadInput without a reason,
    IllegalMove for a kind that may not be left out."""
    if not reason.strip():
        raise BadInput("reasonMissing", N_("Say in a few words why the task is left out."))

    async def once() -> None:
        running, task = await _failed(ctx, order_id, task_id)
        if not may_skip(task):
            raise IllegalMove(
                "taskNeeded",
                N_(
                    "Task {task} cannot be left out: without it nothing is delivered, or something stays taken."
                ),
                task=task.name.get("en", task.id),
            )
        plan = planning.skipped(running.plan, task.id, ctx.now(), reason=reason)
        await _go_on(ctx, running, plan, {task.id: reason}, reason)

    await repeated(once)


async def mend(ctx: Context, order_id: str, task_id: str, values: Mapping[str, str]) -> None:
    """Set characteristics of the failed task's item, by name ("" takes one away), and do the task again.

    What was not changed keeps its type. Raises what amending the order raises, and what `retry` does.
    """
    running, task = await _failed(ctx, order_id, task_id)
    order = copied(running.order.document)
    item = line(order, task.item)
    before = (item.get("product") or {}).get("productCharacteristic") or []
    after = _mended(before, values)
    if after != before:
        item["product"] = {**(item.get("product") or {}), "productCharacteristic": after}
        work = activation_of(running.plan, task) if task.kind == "serviceTest" else None
        if work is not None:
            # What a test found is mended although there is no way back any more: the client ordered nothing else.
            plan = reopened(running.plan, task.id, work.id, ctx.now())
            await _go_on(ctx, running, plan, {task.id: MENDED, work.id: MENDED}, MENDED, order)
            return
        await change_order(ctx, running.order, order)
    await retry(ctx, order_id, task_id)


def _mended(before: list[Document], values: Mapping[str, str]) -> list[Document]:
    known = {each["name"]: each for each in before}
    after = [
        each if str(each.get("value")) == values.get(each["name"], str(each.get("value")))
        else {**each, "value": values[each["name"]]}
        for each in before
    ]  # fmt: skip
    after += [{"name": name, "value": value} for name, value in values.items() if name not in known]
    return [each for each in after if each["value"] != ""]


async def _failed(ctx: Context, order_id: str, task_id: str) -> tuple[Running, Task]:
    if not ctx.caller.staff:
        raise Forbidden("falloutByStaff", N_("Only staff may act on tasks that failed."))
    await ctx.store.get(ctx.caller, PRODUCT_ORDER, order_id)
    running = await load(ctx, order_id)
    task = next((t for t in running.plan.task if t.id == task_id), None) if running else None
    if running is None or task is None:
        raise NotFound("noTask", N_("Order {order} has no task {task}."), order=order_id, task=task_id)
    if task.state != "failed" or running.order.state in STATES.final:
        raise IllegalMove(
            "taskNotFailed",
            N_("Task {task} is {state} by now; there is nothing to mend."),
            task=task.name.get("en", task.id),
            state=task.state,
        )
    return running, task


async def _go_on(
    ctx: Context,
    running: Running,
    plan: Plan,
    reasons: Mapping[str, str],
    reason: str,
    order: Document | None = None,
) -> None:
    """Save the plan, and `order` if its items were mended; one that was held goes on once no task stands as failed."""
    if running.order.state == "held" and not any(t.state == "failed" for t in plan.task):
        document = order or running.order.document
        held = {i["id"] for i in lines(document) if i.get("state") == "held"}
        order = with_state(document, "inProgress", held) | {"state": "inProgress"}
    change = ctx.change()
    advance(ctx, change, running, plan, order=order, reason=reason, reasons=reasons)
    await ctx.store.commit(change)
