"""Numbers of other operators that are with us, or on their way: each is a resource of its own pool, so that one is
ordered once and no client's number is brought."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.inventory import queries_reservations as queries
from abonent.domain.inventory import rules_reservations as rules
from abonent.domain.inventory.reservation_resources import RESOURCE_RESERVATION
from abonent.domain.inventory.reservations import note_released
from abonent.domain.inventory.resources import RESOURCE
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict

Document = dict[str, Any]

POOL = "ported-numbers"
CHARACTERISTIC = "phoneNumber"


def resource_id(number: str) -> str:
    """Id of the resource of a number that was brought."""
    return f"{POOL}-{number.removeprefix('+')}"


def new_number(number: str) -> Document:
    """The resource of a number that an order brings. Its pool hands out nothing: numbers go back to their operators."""
    relation = {
        "id": POOL,
        "relationshipType": "partOf",
        "@type": "ResourceRelationship",
        "resource": {"id": POOL, "@type": "ResourceRef"},
    }
    return {
        "id": resource_id(number),
        "name": number,
        "value": number,
        "category": CHARACTERISTIC,
        "resourceStatus": rules.RESERVED,
        "usageState": "idle",
        "resourceRelationship": [relation],
        "@type": "LogicalResource",
    }


async def check(ctx: Context, item: str, number: str) -> Stored | None:
    """The resource of a number that was here before and left; None for one that never was. Conflict (numberOurs,
    numberOnItsWay) for one that cannot be brought."""
    id = resource_id(number)
    stored = await ctx.store.one(RESOURCE, id)
    if stored is not None and stored.document["resourceStatus"] != rules.AVAILABLE:
        raise _taken(stored, await queries.on_resource(ctx.store, id), item, number)
    if stored is None and await _ours(ctx, number):
        raise _own(item, number)
    return stored


async def note_brought(ctx: Context, change: Change, order: str, wanted: Mapping[str, str]) -> None:
    """Note in `change` that an order brings numbers. wanted: item -> number. Conflict as `check`."""
    for item, number in wanted.items():
        stored = await check(ctx, item, number)
        if stored is None:
            brought = new_number(number)
            change.insert(RESOURCE, brought, f"order {order}")
        else:
            brought = rules.reserved(stored.document)
            change.update(stored, brought, f"order {order}")
        await _reserve(ctx, change, brought, order, item)


async def _reserve(ctx: Context, change: Change, brought: Document, order: str, item: str) -> None:
    made = rules.reservation(
        await ctx.store.next_id(RESOURCE_RESERVATION),
        brought,
        None,
        ctx.now(),
        by=ctx.caller.name,
        order=order,
        item=item,
    )
    change.insert(RESOURCE_RESERVATION, made)


async def _ours(ctx: Context, number: str) -> bool:
    pools = (await queries.pools_by_characteristic(ctx.store, [CHARACTERISTIC])).get(CHARACTERISTIC, [])
    if pools and await queries.with_value(ctx.store, pools, number) is not None:
        return True
    return await queries.product_with(ctx.store, CHARACTERISTIC, number)


def _taken(stored: Stored, held: list[Stored], item: str, number: str) -> Conflict:
    order = next((h.document["productOrder"]["id"] for h in held if h.state == "ordered"), None)
    if stored.document.get("usageState") == "active" or order is None:
        return _own(item, number)
    return Conflict(
        "numberOnItsWay",
        N_("Order {order} brings {number} already. Cancel it first, or leave the number to it."),
        path=f"productOrderItem {item}, {CHARACTERISTIC}",
        order=order,
        number=number,
    )


def _own(item: str, number: str) -> Conflict:
    return Conflict(
        "numberOurs",
        N_("{number} is a number of ours already and cannot be brought from another operator."),
        path=f"productOrderItem {item}, {CHARACTERISTIC}",
        number=number,
    )


async def note_not_brought(ctx: Context, change: Change, order: str, number: str, reason: str) -> None:
    """Note that an order does not bring this number after all."""
    for held in await queries.of_order(ctx.store, order):
        if held.document["resource"]["id"] == resource_id(number):
            await note_released(ctx, change, held, "cancelled", reason)
