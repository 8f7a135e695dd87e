"""Ports of access nodes held for somebody who was told that he can be delivered, until he orders or the time is over.

The terms (for how long) are those of a pool of ports; the port itself is one of the node's.
"""

from collections.abc import Iterable
from typing import Any

from abonent.domain.inventory import rules_reservations as rules
from abonent.domain.inventory.queries_reservations import free_in, of_holder, of_order
from abonent.domain.inventory.reservation_resources import RESOURCE_POOL, RESOURCE_RESERVATION
from abonent.domain.inventory.reservations import EXPIRE, timer_of
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.retry import repeated

Document = dict[str, Any]
PORT = "port"


async def terms(ctx: Context, pool: str) -> Document:
    """The pool of ports by whose terms one is held. BadInput for one there is not."""
    stored = await ctx.store.one(RESOURCE_POOL, pool)
    if stored is None or stored.document.get("category") != PORT:
        raise BadInput(
            "notAPortPool",
            N_("{path}: there is no pool of ports {pool}. Name one with category port."),
            path="realizingResource",
            pool=pool,
        )
    return stored.document


async def hold(ctx: Context, node: str, pool: Document, holder: str) -> Document | None:
    """Hold a free port of a node by the terms of a pool, for `holder`; the reservation. None when none is free: of two
    who want the last one, one gets it."""

    async def once() -> Document | None:
        free = next(iter(await free_in(ctx.store, node, category=PORT, seed=holder)), None)
        if free is None:
            return None
        id = await ctx.store.next_id(RESOURCE_RESERVATION)
        made = rules.reservation(id, free.document, pool, ctx.now(), by=ctx.caller.name, external_id=holder)
        change = ctx.change()
        change.update(free, rules.reserved(free.document), f"reservation {id}")
        change.insert(RESOURCE_RESERVATION, made)
        change.set_timer(timer_of(id), rules.kept_until(pool, ctx.now()), EXPIRE, reservation=id)
        await ctx.store.commit(change)
        return made

    return await repeated(once)


async def note_ordered(ctx: Context, change: Change, order: str, wanted: Iterable[tuple[str, str]]) -> None:
    """Note in `change` that an order takes over what was held. `wanted`: its items, and the holder each names; of one
    whose time is over nothing is left to take."""
    for item, holder in wanted:
        for held in await of_holder(ctx.store, holder):
            change.update(held, rules.ordered(held.document, order, item), f"order {order}")
            change.stop_timer(timer_of(held.id))


async def of_items(ctx: Context, order: str) -> dict[str, tuple[str, Stored]]:
    """Item of an order -> the node at which a port is held for it, and the reservation."""
    found = {}
    for held in await of_order(ctx.store, order):
        document = held.document
        found[str(document.get("orderItem"))] = (str(document["resourcePool"]["id"]), held)
    return found
