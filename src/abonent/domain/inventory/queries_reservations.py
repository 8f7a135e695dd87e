"""SQL over pools: what is free in one, and reservations by who holds them."""

from collections.abc import Iterable
from typing import Any

from abonent.domain.inventory.reservation_resources import RESOURCE_POOL, RESOURCE_RESERVATION
from abonent.domain.inventory.resources import RESOURCE
from abonent.kit.change import Stored
from abonent.kit.query_args import Args
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def free_in(
    store: Store, pool: str, *, category: str = "", ending: str = "", seed: str = "", limit: int = 1
) -> list[Stored]:
    """Free resources of a pool (or ports of an access node), of one category or any, whose value ends with `ending`.

    In an order that `seed` decides: many ask at once, and whoever is first wins, so that choices that differ spare
    most of them a second try.
    """
    args = Args()
    sql = f"SELECT version, doc::text FROM resource WHERE part_of = {args.add(pool)} AND resource_status = 'available'"
    if category:
        sql += f" AND category = {args.add(category)}"
    if ending:
        sql += f" AND right(doc ->> 'value', {len(ending)}) = {args.add(ending)}"
    sql += f" ORDER BY md5(id || {args.add(seed)}) LIMIT {args.add(limit)}"
    rows = await store.database.rows(sql, *args)
    return [Stored(RESOURCE, decode(row[1]), row[0]) for row in rows]


async def with_value(store: Store, pools: Iterable[str], value: str) -> Stored | None:
    """The resource of one of these pools that has a value, whatever its status."""
    args = Args()
    sql = f"SELECT version, doc::text FROM resource WHERE {args.contains(value=value)}"
    sql += f" AND part_of = ANY({args.add(list(pools))}::text[]) LIMIT 1"
    async with store.database.searching() as conn:
        row = await conn.fetchrow(sql, *args)
    return Stored(RESOURCE, decode(row[1]), row[0]) if row else None


async def product_with(store: Store, name: str, value: str) -> bool:
    """Whether a product that is in use has a characteristic of this value."""
    args = Args()
    given = args.contains(productCharacteristic=[{"name": name, "value": value}])
    ended = "coalesce(doc ->> 'status', '') IN ('terminated', 'cancelled', 'aborted')"
    sql = f"SELECT 1 FROM product WHERE {given} AND NOT {ended} LIMIT 1"
    async with store.database.searching() as conn:
        return await conn.fetchrow(sql, *args) is not None


async def pools_by_characteristic(store: Store, names: Iterable[str]) -> dict[str, list[str]]:
    """Characteristic -> ids of the pools that hand out values of it."""
    wanted = set(names)
    found: dict[str, list[str]] = {}
    for id, pool in (await store.whole(RESOURCE_POOL)).items():
        if (name := pool.get("characteristic")) in wanted:
            found.setdefault(name, []).append(id)
    return found


async def _reservations(store: Store, condition: str, *args: Any) -> list[Stored]:
    sql = f"SELECT version, doc::text FROM resource_reservation WHERE {condition} ORDER BY id"
    return [
        Stored(RESOURCE_RESERVATION, decode(row[1]), row[0]) for row in await store.database.rows(sql, *args)
    ]


async def of_order(store: Store, order: str) -> list[Stored]:
    """Reservations that an order holds."""
    return await _reservations(store, "product_order_id = $1 AND reservation_state = 'ordered'", order)


async def of_holder(store: Store, external_id: str) -> list[Stored]:
    """Reservations under somebody's number that are not ordered yet."""
    return await _reservations(store, "external_id = $1 AND reservation_state = 'reserved'", external_id)


async def on_resource(store: Store, resource: str) -> list[Stored]:
    """Reservations that hold a resource."""
    return await _reservations(
        store, "resource_id = $1 AND reservation_state IN ('reserved', 'ordered')", resource
    )
