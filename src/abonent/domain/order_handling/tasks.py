"""The job that runs one task of a plan. Each kind has its executor; all may be run again at any point.

A worker can die between any two steps, and then the task's job is given to another one. So each executor looks at
what stands already, calls the outside with the task's own idempotency key, and saves by compare-and-set.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from abonent.domain.inventory.queries_reservations import free_in
from abonent.domain.inventory.resources import RESOURCE
from abonent.domain.order_handling import (
    activation,
    contract_task,
    delivery,
    held_ports,
    numbers,
    porting,
    service_tests,
)
from abonent.domain.order_handling.plan import Task
from abonent.domain.order_handling.progress import Running, begin, finish, load, stop
from abonent.domain.order_handling.quoted import start_building
from abonent.domain.order_handling.rules_contract_task import KIND as CONTRACT
from abonent.domain.order_handling.rules_porting import KIND as PORT_IN
from abonent.domain.order_handling.rules_quoted import BUILD
from abonent.domain.order_handling.visits import slot_of, work_for
from abonent.domain.workforce.dispatch import dispatch
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.retry import repeated
from abonent.kit.values import ref

Executor = Callable[[Context, Running, Task], Awaitable[None]]


async def run_task(ctx: Context, order: str, task: str, **_: Any) -> None:
    """Job: run a task that is ready, or go on with one whose worker died."""
    running = await load(ctx, order)
    if running is None:
        return
    current = running.plan.find(task)
    # What is taken back does not wait for what holds the order up.
    at_work = running.order.state == "inProgress" or (current.undoes and running.leaving(current.item))
    if at_work and current.state in {"ready", "inProgress"}:
        await _EXECUTORS[current.kind](ctx, running, current)


async def _reserve(ctx: Context, running: Running, task: Task) -> None:
    """Take a free port of the node that qualification chose, or give back what was taken."""
    if "pool" in task.spec:
        await numbers.take(ctx, running, task)
        return
    change = ctx.change()
    if task.undoes:
        await _give_back(ctx, change, running, task)
        return
    node = task.spec.get("node")
    if node is None:
        finish(ctx, change, running, task, result="no access line needed")
        await ctx.store.commit(change)
        return
    held = await held_ports.port_of(ctx, running.order.document, task.item, node)
    if held is not None:
        port, reservation = held
        change.update(reservation, reservation.document | {"reservationState": "completed"})
        name = port.document.get("name", port.id)
        finish(ctx, change, running, task, result=name, output={"port": port.id})
        await ctx.store.commit(change)
        return
    found = await free_in(ctx.store, node, category="port", seed=running.order.id)
    port = next(iter(found), None)
    if port is None:
        stop(ctx, change, running, task, f"access node {node} has no free port any more")
    else:
        change.update(port, port.document | {"resourceStatus": "reserved"}, f"order {running.order.id}")
        finish(
            ctx, change, running, task, result=port.document.get("name", port.id), output={"port": port.id}
        )
    await ctx.store.commit(change)


async def _give_back(ctx: Context, change: Change, running: Running, task: Task) -> None:
    """Free the port that an earlier task reserved, unless somebody else has it by now."""
    taken = running.plan.find(task.undoes or "").output["port"]
    port = await ctx.store.one(RESOURCE, taken)
    if port is not None and port.document.get("resourceStatus") == "reserved":
        freed = port.document | {"resourceStatus": "available"}
        change.update(port, freed, f"order {running.order.id}: cancelled")
    finish(ctx, change, running, task, result=port.document.get("name", taken) if port else taken)
    await ctx.store.commit(change)


async def _work_order(ctx: Context, running: Running, task: Task) -> None:
    """Have a crew sent. The work order is made once, with the plan's step; its end finishes the task (reactions)."""
    order_id, task_id = running.order.id, task.id

    async def once() -> None:
        current = await load(ctx, order_id)
        if current is None or current.plan.find(task_id).state != "ready":
            return
        ready, order = current.plan.find(task_id), current.order.document
        party = next((p for p in order.get("relatedParty", ()) if p["id"] == current.plan.customer), None)
        change = ctx.change()
        made = await dispatch(ctx, change, work_for(order, ref(party, "Customer") if party else None, ready))
        begin(ctx, change, current, ready, slot_of(made))
        await ctx.store.commit(change)

    await repeated(once)


_EXECUTORS: dict[str, Executor] = {
    BUILD: start_building,
    CONTRACT: contract_task.start,
    PORT_IN: porting.start,
    "reserve": _reserve,
    "serviceOrder": activation.start,
    "serviceTest": service_tests.run_test,
    "workOrder": _work_order,
    "inventory": delivery.enter_inventory,
}
