"""Reserving numbers, SIM cards and ports: one of two who want the same wins, and what nobody orders comes back.

The reservation and the resource's status change in one statement that compares the resource's version.
"""

from collections.abc import Mapping
from typing import Any

from abonent.domain.inventory import queries_reservations as queries
from abonent.domain.inventory import rules_reservations as rules
from abonent.domain.inventory.reservation_resources import RESOURCE_POOL, RESOURCE_RESERVATION
from abonent.domain.inventory.resources import RESOURCE
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, IllegalMove
from abonent.kit.patch import changed_names
from abonent.kit.retry import repeated

Document = dict[str, Any]

EXPIRE = "inventory.expire_reservation"
QUARANTINE_OVER = "inventory.end_quarantine"
EXPIRED, GIVEN_BACK = N_("the reservation was not ordered in time"), N_("given back")


def timer_of(reservation: str) -> str:
    """Key of the timer of a reservation's end."""
    return f"reservation/{reservation}"


async def reserve(
    ctx: Context,
    pool: str,
    *,
    value: str | None = None,
    resource: str | None = None,
    holder: str | None = None,
) -> Document:
    """Reserve one resource of a pool (or port of an access node): the one with this value or id, or any free one.

    holder  the caller's own number; with it he holds one of a pool at a time, and the same one again is no new one.
    Conflict (numberTaken, poolEmpty) when it is not free; BadInput for a pool or a value there is not.
    """
    wanted = await _wanted(ctx, pool, value, resource)

    async def once() -> Document:
        rules_pool = await ctx.store.one(RESOURCE_POOL, pool)
        earlier = [r for r in await _held(ctx, holder) if r.document["resourcePool"]["id"] == pool]
        same = next((r for r in earlier if wanted and r.document["resource"]["id"] == wanted), None)
        if same is not None:
            return same.document
        own = await _own(ctx, wanted)
        if own is not None:
            return own
        free = await _free(ctx, pool, wanted, holder or "")
        made = rules.reservation(
            await ctx.store.next_id(RESOURCE_RESERVATION),
            free.document,
            rules_pool.document if rules_pool else None,
            ctx.now(),
            by=ctx.caller.name,
            external_id=holder,
        )
        change = ctx.change()
        for each in earlier:
            await note_released(ctx, change, each, "cancelled", GIVEN_BACK)
        change.update(free, rules.reserved(free.document), f"reservation {made['id']}")
        change.insert(RESOURCE_RESERVATION, made)
        until = rules.kept_until(rules_pool.document if rules_pool else None, ctx.now())
        change.set_timer(timer_of(made["id"]), until, EXPIRE, reservation=made["id"])
        await ctx.store.commit(change)
        return made

    return await repeated(once)


async def _held(ctx: Context, holder: str | None) -> list[Stored]:
    found = await queries.of_holder(ctx.store, holder) if holder else []
    return [r for r in found if r.document["reservedBy"] == ctx.caller.name]


async def _own(ctx: Context, resource: str | None) -> Document | None:
    """What the caller reserved himself, under another number."""
    found = await queries.on_resource(ctx.store, resource) if resource else []
    mine = [r for r in found if r.state == "reserved" and r.document["reservedBy"] == ctx.caller.name]
    return mine[0].document if mine else None


async def _wanted(ctx: Context, pool: str, value: str | None, resource: str | None) -> str | None:
    """Id of the resource that is asked for; None: any."""
    if resource is None and value is None:
        return None
    found = await ctx.store.one(RESOURCE, resource) if resource else None
    if value is not None:
        found = await queries.with_value(ctx.store, [pool], value)
    if found is None or rules.pool_id(found.document) != pool:
        raise _not_in_pool(value or resource, pool, "resource")
    return found.id


def _not_in_pool(value: str | None, pool: str, path: str) -> BadInput:
    text = N_("There is no {value} in pool {pool}. Choose one of those that are free.")
    return BadInput("notInPool", text, value=value, pool=pool, path=path)


async def _free(ctx: Context, pool: str, wanted: str | None, seed: str) -> Stored:
    if wanted is None:
        found = await queries.free_in(ctx.store, pool, seed=seed)
        if not found:
            raise Conflict("poolEmpty", N_("Nothing is free in pool {pool} any more."), pool=pool)
        return found[0]
    stored = await ctx.store.one(RESOURCE, wanted)
    if stored is None or stored.document.get("resourceStatus") != rules.AVAILABLE:
        raise taken(rules.value_of(stored.document) if stored else wanted)
    return stored


def taken(value: str) -> Conflict:
    return Conflict("numberTaken", N_("{value} was taken by somebody else. Choose another one."), value=value)


async def note_released(ctx: Context, change: Change, held: Stored, state: str, reason: str) -> None:
    """Note that a reservation is over and what it held is free, unless a client has it by now."""
    change.update(held, {**held.document, "reservationState": state}, reason)
    change.stop_timer(timer_of(held.id))
    stored = await ctx.store.one(RESOURCE, held.document["resource"]["id"])
    if stored is not None and rules.only_reserved(stored.document):
        change.update(stored, rules.free(stored.document), reason)


async def release(ctx: Context, id: str, state: str = "cancelled", reason: str = GIVEN_BACK) -> None:
    """Give back what a reservation holds. One that is over already stays as it is."""

    async def once() -> None:
        held = await ctx.store.one(RESOURCE_RESERVATION, id)
        if held is None or held.state not in {"reserved", "ordered"}:
            return
        change = ctx.change()
        await note_released(ctx, change, held, state, reason)
        await ctx.store.commit(change)

    await repeated(once)


async def expire(ctx: Context, reservation: str, **_: Any) -> None:
    """Job of the timer: a reservation that nobody ordered is over."""
    held = await ctx.store.one(RESOURCE_RESERVATION, reservation)
    if held is not None and rules.expired(held.document, ctx.now()):
        await release(ctx, reservation, "expired", EXPIRED)


# ---- by orders


async def note_ordered(
    ctx: Context, change: Change, order: str, wanted: Mapping[str, Mapping[str, str]]
) -> None:
    """Note in `change` that an order takes the numbers its items name.

    wanted  item -> {characteristic: value}, characteristics that no pool hands out among them
    What the same caller reserved is taken over; what is free is reserved for the order. Conflict (numberTaken) for
    what is not; BadInput for what is in no pool.
    """
    names = {name for each in wanted.values() for name in each}
    pools = await queries.pools_by_characteristic(ctx.store, names) if names else {}
    for item, values in wanted.items():
        for name, value in values.items():
            if name in pools:
                await _order(ctx, change, order, item, pools[name], value)


async def _order(ctx: Context, change: Change, order: str, item: str, pools: list[str], value: str) -> None:
    stored = await queries.with_value(ctx.store, pools, value)
    if stored is None:
        raise _not_in_pool(value, ", ".join(pools), item)
    if stored.document.get("resourceStatus") == rules.AVAILABLE:
        await _reserve_for(ctx, change, stored, order, item)
        return
    for held in await queries.on_resource(ctx.store, stored.id):
        if held.state == "reserved" and held.document["reservedBy"] == ctx.caller.name:
            change.update(held, rules.ordered(held.document, order, item), f"order {order}")
            change.stop_timer(timer_of(held.id))
            return
    raise taken(value)


async def note_taken(
    ctx: Context, change: Change, order: str, item: str, pool: str, value: str | None
) -> Document | None:
    """Note in `change` that an order's task takes a resource of a pool: the one it holds already, the one with this
    value, or any free one. The resource; None when there is none."""
    for held in await queries.of_order(ctx.store, order):
        document = held.document
        if document.get("orderItem") == item and document["resourcePool"]["id"] == pool:
            stored = await ctx.store.one(RESOURCE, document["resource"]["id"])
            return stored.document if stored else None
    if value is None:
        free = next(iter(await queries.free_in(ctx.store, pool, seed=order)), None)
    else:
        free = await queries.with_value(ctx.store, [pool], value)
        if free is not None and free.document.get("resourceStatus") != rules.AVAILABLE:
            free = None
    if free is None:
        return None
    await _reserve_for(ctx, change, free, order, item)
    return free.document


async def _reserve_for(ctx: Context, change: Change, free: Stored, order: str, item: str) -> None:
    id = await ctx.store.next_id(RESOURCE_RESERVATION)
    made = rules.reservation(id, free.document, None, ctx.now(), by=ctx.caller.name, order=order, item=item)
    change.update(free, rules.reserved(free.document), f"order {order}")
    change.insert(RESOURCE_RESERVATION, made)


async def note_not_taken(ctx: Context, change: Change, order: str, resource: str, reason: str) -> None:
    """Note that an order gives back what its task took."""
    for held in await queries.of_order(ctx.store, order):
        if held.document["resource"]["id"] == resource:
            await note_released(ctx, change, held, "cancelled", reason)


async def note_given_up(ctx: Context, change: Change, resource: Stored, reason: str) -> None:
    """Note that a client's resource of a pool is free, or in quarantine first."""
    pool = await ctx.store.one(RESOURCE_POOL, rules.pool_id(resource.document) or "")
    document, until = rules.given_up(resource.document, pool.document if pool else None, ctx.now())
    change.update(resource, document, reason)
    if until is not None:
        change.set_timer(f"quarantine/{resource.id}", until, QUARANTINE_OVER, resource=resource.id)


async def end_quarantine(ctx: Context, resource: str, **_: Any) -> None:
    """Job of the timer: a number may be given to somebody else."""

    async def once() -> None:
        stored = await ctx.store.one(RESOURCE, resource)
        if stored is None or not rules.quarantine_over(stored.document, ctx.now()):
            return
        change = ctx.change()
        change.update(stored, rules.free(stored.document))
        await ctx.store.commit(change)

    await repeated(once)


async def close_order(ctx: Context, order: str) -> None:
    """An order is over: what it reserved and a client has now is his, the rest comes back."""

    async def once() -> None:
        change = ctx.change()
        for held in await queries.of_order(ctx.store, order):
            stored = await ctx.store.one(RESOURCE, held.document["resource"]["id"])
            if stored is not None and stored.document.get("usageState") == "active":
                change.update(held, {**held.document, "reservationState": "completed"})
            else:
                await note_released(ctx, change, held, "cancelled", f"order {order}")
        if change.writes:
            await ctx.store.commit(change)

    await repeated(once)


# ---- API


async def post_reservation(ctx: Context, document: Document) -> Document:
    """POST resourceReservation."""
    asked = document.get("resource") or {}
    return await reserve(
        ctx,
        document["resourcePool"]["id"],
        value=asked.get("value"),
        resource=asked.get("id") or None,
        holder=document.get("externalId"),
    )


async def patch_reservation(ctx: Context, stored: Stored, document: Document) -> Document:
    """PATCH resourceReservation: a reservation can be cancelled, nothing else."""
    if changed_names(stored.document, document) - {"reservationState"}:
        raise BadInput(
            "onlyCancel", N_("A reservation can only be cancelled. Make a new one for another resource.")
        )
    if document["reservationState"] == stored.state:
        return stored.document
    if document["reservationState"] != "cancelled" or stored.state != "reserved":
        raise IllegalMove(
            "reservationNotOpen",
            N_("Reservation {id} is {state}; only one that nobody ordered yet can be cancelled."),
            id=stored.id,
            state=stored.state,
        )
    await release(ctx, stored.id)
    return (await ctx.store.get(ctx.caller, RESOURCE_RESERVATION, stored.id)).document
