"""SQL of a client's file and of a product's: what belongs to it, and what happened."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store

Document = dict[str, Any]

# So many of each on a client's page, the newest.
MOST_PRODUCTS, MOST_ORDERS, MOST_MESSAGES, MOST_MOVES = 100, 100, 50, 200
# From a port up to the aggregation; a bound for networks that are entered in circles.
LONGEST_PATH = 8


@dataclass(frozen=True, slots=True)
class Holdings:
    """What belongs to a client: documents, newest first."""

    products: list[Document]
    orders: list[Document]
    accounts: list[Document]
    messages: list[Document]


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of the history: `attribute` of a resource went from `old` to `new`."""

    resource: str
    id: str
    attribute: str
    old: str | None
    new: str | None
    reason: str | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ProductFile:
    """What a product runs on and which orders changed it. `path` goes from each port upwards, in order."""

    services: list[Document]
    path: list[Document]
    orders: list[Document]


# The candidates come from the GIN index first: a walk along the sort order would read everybody's rows.
def _of(table: str, order: str, limit: int) -> str:
    return (
        f"WITH own AS MATERIALIZED (SELECT * FROM {table} WHERE doc @> $1::text::jsonb)"
        f" SELECT doc::text FROM own ORDER BY {order} LIMIT {limit}"
    )


async def holdings(store: Store, client: str) -> Holdings:
    """A client's products, orders, accounts and messages. No ownership is applied: see to the client first."""
    party = json.dumps({"relatedParty": [{"id": client}]})
    receiver = json.dumps({"receiver": [{"id": client}]})
    found = await asyncio.gather(
        store.database.rows(_of("product", "doc ->> 'startDate' DESC NULLS FIRST, id", MOST_PRODUCTS), party),
        store.database.rows(_of("product_order", "order_date DESC NULLS LAST, id", MOST_ORDERS), party),
        store.database.rows(_of("billing_account", "id", 20), party),
        store.database.rows(
            _of("communication_message", "doc ->> 'sendTime' DESC NULLS LAST, id DESC", MOST_MESSAGES),
            receiver,
        ),
    )
    products, orders, accounts, messages = ([decode(row[0]) for row in rows] for rows in found)
    return Holdings(products, orders, accounts, messages)


async def moves(store: Store, resource_ids: Sequence[tuple[str, Sequence[str]]]) -> list[Move]:
    """The newest moves of these resources themselves, newest first; not those of an order's items and tasks."""
    parts, args = [], list[Any]()
    for resource, ids in resource_ids:
        args += [resource, list(ids)]
        parts.append(
            "(SELECT resource, resource_id, attribute, old_state, new_state, reason, at, by, seq FROM state_history"
            f" WHERE resource = ${len(args) - 1} AND resource_id = ANY(${len(args)}::text[])"
            " AND attribute NOT LIKE 'item %' AND attribute NOT LIKE 'task %'"
            f" ORDER BY at DESC, seq DESC LIMIT {MOST_MOVES})"
        )
    rows = await store.database.rows(
        f"SELECT * FROM ({' UNION ALL '.join(parts)}) all_moves ORDER BY at DESC, seq DESC LIMIT {MOST_MOVES}",
        *args,
    )
    return [Move(*row[:-1]) for row in rows]


async def product_file(store: Store, product: Document) -> ProductFile:
    """Services and resources of a product, and its orders. No ownership is applied: see to the product first."""
    services = [each["id"] for each in product.get("realizingService") or () if each.get("id")]
    resources = [each["id"] for each in product.get("realizingResource") or () if each.get("id")]
    ordered = [
        each["productOrderId"] for each in product.get("productOrderItem") or () if each.get("productOrderId")
    ]
    asking = json.dumps({"productOrderItem": [{"product": {"id": product["id"]}}]})
    found = await asyncio.gather(
        store.database.rows("SELECT doc::text FROM service WHERE id = ANY($1::text[]) ORDER BY id", services),
        store.database.rows(
            """
            SELECT doc::text FROM product_order WHERE id IN (
                SELECT unnest($1::text[]) UNION SELECT id FROM product_order WHERE doc @> $2::text::jsonb)
            ORDER BY order_date DESC NULLS LAST, id LIMIT 50""",
            ordered,
            asking,
        ),
    )
    held, orders = ([decode(row[0]) for row in rows] for rows in found)
    carrying = [
        each["id"]
        for service in held
        for each in service.get("supportingResource") or ()
        if each.get("id") and each["id"] not in resources
    ]
    return ProductFile(held, await path_up(store, [*resources, *dict.fromkeys(carrying)]), orders)


async def path_up(store: Store, resources: Sequence[str]) -> list[Document]:
    """These resources and what each hangs on, up to the aggregation, each once, nearest first."""
    if not resources:
        return []
    rows = await store.database.rows(
        f"""
        WITH RECURSIVE path (id, part_of, doc, depth, start, seen) AS (
            SELECT r.id, r.part_of, r.doc, 0, wanted.n, ARRAY[r.id]
            FROM unnest($1::text[]) WITH ORDINALITY wanted (id, n) JOIN resource r ON r.id = wanted.id
            UNION ALL
            SELECT r.id, r.part_of, r.doc, path.depth + 1, path.start, path.seen || r.id
            FROM path JOIN resource r ON r.id = path.part_of
            WHERE NOT r.id = ANY(path.seen) AND path.depth < {LONGEST_PATH}
              -- A ring has no end: the first aggregation met is the top of the path.
              AND path.doc ->> 'category' IS DISTINCT FROM 'aggregationNode'
        ), once AS (SELECT DISTINCT ON (id) id, doc, depth, start FROM path ORDER BY id, depth, start)
        SELECT doc::text FROM once ORDER BY depth, start, id""",
        list(resources),
    )
    return [decode(row[0]) for row in rows]
