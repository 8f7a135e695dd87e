"""SQL for the credit desk: cases that wait, and past decisions to try a table on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import to_wire


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with its order's state."""

    document: dict[str, Any]
    order_state: str


# A case whose order was cancelled or released meanwhile waits for nobody.
_WAITS = "(c.state NOT IN ('referred', 'awaitingDeposit') OR o.state IN ('held', 'pending'))"


async def cases_in(
    store: Store,
    states: tuple[str, ...],
    *,
    client: str = "",
    oldest_first: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[CaseRow], int]:
    """Cases in these states by the time they have waited since, and how many there are; `client` is a number or a part
    of the name."""
    order = "ASC" if oldest_first else "DESC"
    sql = f"""
        SELECT c.doc::text, o.state, count(*) OVER () FROM credit_case c JOIN product_order o ON o.id = c.id
        WHERE c.state = ANY($1::text[]) AND {_WAITS}
        AND ($2 = '' OR c.customer_id = $2 OR strpos(lower(c.doc #>> '{{customer,name}}'), lower($2)) > 0)
        ORDER BY c.since {order} NULLS LAST, c.id {order} LIMIT $3 OFFSET $4"""
    rows = await store.database.rows(sql, list(states), client, limit, offset)
    return [CaseRow(decode(row[0]), row[1]) for row in rows], rows[0][2] if rows else 0


async def case_counts(store: Store) -> dict[str, int]:
    """State -> how many cases wait in it."""
    sql = f"""
        SELECT c.state, count(*) FROM credit_case c JOIN product_order o ON o.id = c.id
        WHERE c.state IN ('referred', 'awaitingDeposit') AND {_WAITS} GROUP BY c.state"""
    return {row[0]: row[1] for row in await store.database.rows(sql)}


async def past_decisions(store: Store, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The first credit decision of a table on each order placed in this time, newest order first, with `order`,
    `customer` and `orderDate`; at most 20,000."""
    sql = """
        SELECT jsonb_build_object('order', o.id, 'orderDate', o.order_date, 'customer', o.doc -> 'relatedParty',
            'decision', (SELECT d FROM jsonb_array_elements(a.doc -> 'decision') d
                         WHERE d ->> 'kind' = 'credit' AND d ->> 'by' IS NULL
                         AND NOT coalesce((d ->> 'overridden')::bool, false) LIMIT 1))::text
        FROM product_order o JOIN order_assessment a ON a.id = o.id
        WHERE o.order_date >= $1 AND o.order_date < $2 ORDER BY o.order_date DESC LIMIT 20000"""
    return [decode(row[0]) for row in await store.database.rows(sql, to_wire(since), to_wire(until))]
