"""SQL of order handling that the store's gets and lists cannot say."""

import json
from dataclasses import dataclass
from typing import Any

from abonent.domain.inventory.resources import RESOURCE
from abonent.kit.change import Stored
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def free_port(store: Store, node: str) -> Stored | None:
    """A free port of an access node, any: many orders reserve at once, and the update is compare-and-set,
    so a random choice spares them most collisions."""
    sql = """
        SELECT version, doc::text FROM resource
        WHERE part_of = $1 AND category = 'port' AND resource_status = 'available' ORDER BY random() LIMIT 1"""
    async with store.database.connection() as conn:
        row = await conn.fetchrow(sql, node)
    return Stored(RESOURCE, decode(row[1].encode()), row[0]) if row else None


@dataclass(frozen=True, slots=True)
class OrderListing:
    """One row of the order list: the order's document with its client's id and name."""

    document: dict[str, Any]
    customer_id: str | None
    customer_name: str


_OPEN = "('acknowledged', 'inProgress', 'pending', 'held', 'assessingCancellation', 'pendingCancellation')"
_SORTS = {
    "number": "o.id",
    "ordered": "o.order_date",
    "promised": "o.expected_completion_date",
    "state": "o.state",
    "client": "client.name",
    "priced": "(o.doc #>> '{orderTotalPrice,0,price,taxIncludedAmount,value}')::numeric",
}
# The client: the related party of that role, his name from his own record as the order may hold none.
_CLIENT = """
    LEFT JOIN LATERAL (
        SELECT p ->> 'id' AS id, coalesce(c.name, p ->> 'name', '') AS name
        FROM jsonb_array_elements(o.doc -> 'relatedParty') WITH ORDINALITY AS parties(p, n)
        LEFT JOIN customer c ON c.id = p ->> 'id'
        WHERE c.id IS NOT NULL OR lower(p ->> 'role') = 'customer' ORDER BY c.id IS NULL, n LIMIT 1
    ) client ON true"""


async def list_orders(
    store: Store,
    *,
    owner: str | None,
    state: str | None,
    text: str,
    client: str,
    late_at: str | None,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
) -> tuple[list[OrderListing], int]:
    """The console's order list. `owner` bounds it to a client's own orders; `late_at` (UTC text) keeps open orders
    promised before it; `state` may be "open". KeyError for an unknown sort."""
    args: list[Any] = []

    def bind(value: Any) -> str:
        args.append(value)
        return f"${len(args)}"

    where = ["true"]
    if owner is not None:
        party = bind(json.dumps({"relatedParty": [{"id": owner}]}))
        where.append(f"o.doc @> {party}::jsonb")
    if state == "open" or late_at is not None:
        where.append(f"o.state IN {_OPEN}")
    elif state:
        where.append(f"o.state = {bind(state)}")
    if late_at is not None:
        where.append(f"o.expected_completion_date < {bind(late_at)}")
    if text:
        words = bind(f"%{_like(text)}%")
        where.append(
            f"(o.id ILIKE {words} OR o.doc ->> 'description' ILIKE {words} OR o.external_id ILIKE {words})"
        )
    if client:
        where.append(f"(client.id = {bind(client)} OR client.name ILIKE {bind(f'%{_like(client)}%')})")
    matching = f"FROM product_order o {_CLIENT} WHERE {' AND '.join(where)}"
    direction = "DESC NULLS LAST" if descending else "ASC NULLS LAST"
    page = f"{matching} ORDER BY {_SORTS[sort]} {direction}, o.id OFFSET {bind(offset)} LIMIT {bind(limit)}"
    counted = matching if client else f"FROM product_order o WHERE {' AND '.join(where)}"
    async with store.database.searching() as conn:
        rows = await conn.fetch(f"SELECT o.doc::text, client.id, client.name {page}", *args)
        total = await conn.fetchval(f"SELECT count(*) {counted}", *args[:-2])
    return [OrderListing(decode(doc.encode()), id, name or "") for doc, id, name in rows], total


def _like(text: str) -> str:
    """Text for ILIKE in which its wildcards stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
