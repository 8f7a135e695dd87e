"""SQL of money to be given back."""

from dataclasses import dataclass
from typing import Any

from abonent.kit.query_args import Args
from abonent.kit.shapes import decode
from abonent.kit.store import Store

Document = dict[str, Any]
STATES = ("refundDue", "refunding", "refunded")


@dataclass(frozen=True, slots=True)
class RefundFilter:
    """Which money: by state ("" is all that is or was due), and client, a number or a part of his name."""

    state: str = "refundDue"
    client: str = ""


async def refunds_listed(
    store: Store, wanted: RefundFilter, *, offset: int = 0, limit: int = 50
) -> tuple[list[Document], int]:
    """The payment requests, what is due longest first, and how many there are in all."""
    args = Args()
    states = [wanted.state] if wanted.state else [*STATES]
    where = f"state = ANY({args.add(states)}::text[])"
    if wanted.client:
        client = args.add(wanted.client)
        where += (
            f" AND (doc #>> '{{customer,id}}' = {client}"
            f" OR strpos(lower(doc #>> '{{customer,name}}'), lower({client})) > 0)"
        )
    sql = f"""
        SELECT doc::text, count(*) OVER () FROM payment_request WHERE {where}
        ORDER BY doc #>> '{{late,0,at}}', id LIMIT {args.add(limit)} OFFSET {args.add(offset)}"""
    rows = await store.database.rows(sql, *args)
    return [decode(row[0]) for row in rows], rows[0][1] if rows else 0


async def refund_counts(store: Store) -> dict[str, int]:
    """State -> how much of it waits."""
    sql = """
        SELECT state, count(*) FROM payment_request
        WHERE state IN ('refundDue', 'refunding') GROUP BY state"""
    return {row[0]: row[1] for row in await store.database.rows(sql)}
