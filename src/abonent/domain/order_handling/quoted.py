"""An accepted quote becomes an order, once; what has to be built for it is built, and then the line is there."""

from typing import Any

from abonent.domain.agreement.resources import QUOTE
from abonent.domain.inventory.resources import ACCESS_COVERAGE, RESOURCE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.plan import Task, from_document, to_document
from abonent.domain.order_handling.progress import Running, begin, finish, load
from abonent.domain.order_handling.resources import ORDER_RECEIPT
from abonent.domain.order_handling.rules_quoted import BUILD, order_of, receipt_of
from abonent.domain.qualification.queries import access_paths
from abonent.kit.access import SYSTEM, Role
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove, NotFound

Document = dict[str, Any]

PLACE_QUOTED = "order_handling.place_quoted"
EVENT = QUOTE.event_type("StateChange")


async def place_quoted(ctx: Context, id: str, new: str | None = None, **_: Any) -> None:
    """Job: a quote was accepted. Its order is placed once: the receipt of the quote keeps a second one out."""
    if new != "accepted":
        return
    found = await ctx.store.find([(QUOTE, id)])
    stored = found.get((QUOTE.name, id))
    if stored is not None and stored.state == "accepted":
        await place_order(ctx.for_caller(SYSTEM), order_of(stored.document))


async def order_for(ctx: Context, quote: str) -> str | None:
    """Id of the order that carries out a quote; None while there is none."""
    found = await ctx.store.find([(ORDER_RECEIPT, receipt_of(quote))])
    receipt = next(iter(found.values()), None)
    return str(receipt.document["productOrder"]) if receipt else None


async def start_building(ctx: Context, running: Running, task: Task) -> None:
    """Executor of kind build: it is at work until an engineer says that it stands."""
    if task.state != "ready":
        return
    change = ctx.change()
    begin(ctx, change, running, task)
    await ctx.store.commit(change)


async def built(ctx: Context, order: str, task: str, *, result: str, node: str = "") -> None:
    """An engineer says that what was built stands: the address is reached from `node` (else from the one that was
    planned), and the plan goes on. BadInput for a node that does not exist; IllegalMove when it is not at work."""
    if ctx.caller.role is Role.AGENT or not ctx.caller.staff:
        raise Forbidden("builtByEngineers", N_("That a line stands is told by engineers and managers."))
    if not result:
        raise BadInput("resultMissing", N_("Say in a few words what was built."), path="result")
    running = await load(ctx, order)
    if running is None or task not in {t.id for t in running.plan.task}:
        raise NotFound(
            "notFound", N_("There is no {what} {id}, or you may not see it."), what="task", id=task
        )
    current = running.plan.find(task)
    if current.kind != BUILD or current.state not in {"ready", "inProgress"}:
        raise IllegalMove(
            "notBuilding",
            N_("Task {task} is {state}; nothing is being built."),
            task=task,
            state=current.state,
        )
    node = node or str(current.spec.get("node") or "")
    change = ctx.change()
    if node:
        if not await ctx.store.find([(RESOURCE, node)]):
            raise BadInput("unknownNode", N_("There is no access node {node}."), path="node", node=node)
        line = await _line(ctx, running, current, node)
        if line is not None:
            change.insert(ACCESS_COVERAGE, line)
        running = _from_node(running, current.item, node)
    finish(
        ctx, change, running, running.plan.find(task), result=result, output={"node": node} if node else {}
    )
    await ctx.store.commit(change)


async def _line(ctx: Context, running: Running, task: Task, node: str) -> Document | None:
    """The coverage that was built; None when the node reached the address before."""
    address = str(task.spec.get("address") or "")
    if not address:
        return None
    paths = (await access_paths(ctx.store, [address])).get(address, [])
    if any(path.node == node for path in paths):
        return None
    return {
        "id": f"AC-{running.order.id}-{task.item}",
        "geographicAddress": {"id": address},
        "accessNode": {"id": node},
        "technology": task.spec.get("technology") or "GPON",
        "downstreamMbps": int(task.spec.get("downstreamMbps") or 1000),
    }


def _from_node(running: Running, item: str, node: str) -> Running:
    """The plan in which the item's port is taken at the node that was built to."""
    plan = from_document(to_document(running.plan))
    for task in plan.task:
        if task.item == item and task.kind == "reserve":
            task.spec = {**task.spec, "node": node}
    return Running(running.order, running.stored_plan, plan)
