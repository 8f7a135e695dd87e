"""Numbers, SIM cards and other resources of pools in orders: named when it is placed, taken by a task of kind reserve
whose spec names a `pool`, given to the product, given back when nobody wants them."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.inventory import reservations, rules_reservations
from abonent.domain.order_handling.plan import Task
from abonent.domain.order_handling.progress import Running, finish, stop
from abonent.domain.order_handling.rules_numbers import named
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context

Document = dict[str, Any]
View = Mapping[str, Any]


async def take(ctx: Context, running: Running, task: Task) -> None:
    """Executor of a reserve task of a pool: the value that the item names, or any; or give back what was taken."""
    change = ctx.change()
    order = running.order.id
    if task.undoes:
        taken = running.plan.find(task.undoes).output
        await reservations.note_not_taken(ctx, change, order, taken["resource"], f"order {order}: cancelled")
        finish(ctx, change, running, task, result=str(taken.get("value") or taken["resource"]))
        await ctx.store.commit(change)
        return
    pool, characteristic = str(task.spec["pool"]), str(task.spec.get("characteristic") or "")
    value = named({"productOrderItem": [running.item_of[task.item]]}).get(task.item, {}).get(characteristic)
    found = await reservations.note_taken(ctx, change, order, task.item, pool, value)
    if found is None and value is not None:
        stop(ctx, change, running, task, f"{value} is not free in pool {pool} any more")
    elif found is None:
        stop(ctx, change, running, task, f"pool {pool} has nothing free any more")
    else:
        value = rules_reservations.value_of(found)
        output = {"resource": found["id"], "value": value} | (
            {"characteristic": characteristic} if characteristic else {}
        )
        finish(ctx, change, running, task, result=value, output=output)
    await ctx.store.commit(change)


async def note_given_up(ctx: Context, change: Change, carrying: Iterable[Stored], order: str) -> None:
    """Note that what carried a product that ended is free, a number after its quarantine."""
    for stored in carrying:
        await reservations.note_given_up(ctx, change, stored, f"order {order}")


async def close_order(ctx: Context, order: str, **_: Any) -> None:
    """Job: an order is over."""
    await reservations.close_order(ctx, order)
