"""SQL over the events of products and what became of them for billing."""

from collections.abc import Sequence
from typing import Any

from abonent.domain.billing.rules import Happened
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import to_wire

Document = dict[str, Any]
MOST = 50


async def happened_to(store: Store, product: str, after: int) -> list[Happened]:
    """Events of a product after a sequence number, in their order. Writers of one product wait for each other, so
    none comes in before one that is read here."""
    sql = """
        SELECT seq, at, type, old_state, doc::text FROM event
        WHERE resource = 'product' AND resource_id = $1 AND seq > $2 ORDER BY seq"""
    return [
        Happened(
            seq=row["seq"],
            at=to_wire(row["at"]),
            product=decode(row["doc"]) if row["doc"] else None,
            old_status=row["old_state"],
            made=row["type"] == "ProductCreateEvent",
        )
        for row in await store.database.rows(sql, product, after)
    ]


async def not_followed(store: Store) -> list[str]:
    """Products with events that were not followed yet."""
    sql = """
        SELECT e.resource_id FROM event e LEFT JOIN charging_position p ON p.id = e.resource_id
        WHERE e.resource = 'product' GROUP BY 1, p.doc
        HAVING max(e.seq) > coalesce((p.doc ->> 'event')::bigint, 0) ORDER BY min(e.seq)"""
    return [row[0] for row in await store.database.rows(sql)]


async def returns_not_followed(store: Store) -> list[str]:
    """Lent equipment that was charged, or whose charge was taken back, without billing being told."""
    sql = """
        SELECT r.id FROM equipment_return r LEFT JOIN charging_position p ON p.id = r.id
        WHERE r.state IN ('charged', 'returnedLate') AND coalesce((p.doc ->> 'event')::int, 0)
            < CASE WHEN (r.doc ->> 'chargeReversed')::bool THEN 2 ELSE 1 END
        ORDER BY r.due_date, r.id"""
    return [row[0] for row in await store.database.rows(sql)]


async def drafts(store: Store, most: int) -> list[str]:
    """Ids of what has no number yet, what took effect first before."""
    sql = "SELECT id FROM charging_draft ORDER BY doc ->> 'effective', id LIMIT $1"
    return [row[0] for row in await store.database.rows(sql, most)]


async def events_booked(store: Store, since: str, until: str) -> list[Document]:
    """Charging events booked in [since, until), in their order."""
    sql = "SELECT doc::text FROM charging_event WHERE booked >= $1 AND booked < $2 ORDER BY id"
    return [decode(row[0]) for row in await store.database.rows(sql, since, until)]


async def events_listed(
    store: Store, *, type: str, of: str, before: str, most: int = MOST
) -> tuple[list[Document], int]:
    """The newest events of a type ("": any) whose account, client or product is `of` ("": any), with ids below
    `before` ("": all); and how many there are in all."""
    where = """
        ($1 = '' OR type = $1)
        AND ($2 = '' OR account = $2 OR customer_id = $2 OR product_id = $2)"""
    sql = f"""
        SELECT doc::text FROM charging_event WHERE {where} AND ($3 = '' OR id < $3)
        ORDER BY id DESC LIMIT {int(most)}"""
    async with store.database.searching() as conn:
        rows = await conn.fetch(sql, type, of, before)
        counted = await conn.fetchval(f"SELECT count(*) FROM charging_event WHERE {where}", type, of)
    return [decode(row[0]) for row in rows], counted


async def exports_listed(store: Store) -> list[Document]:
    """The exports made, the newest range first; at most fifty."""
    sql = f"SELECT doc::text FROM charging_export ORDER BY id DESC LIMIT {MOST}"
    return [decode(row[0]) for row in await store.database.rows(sql)]


async def last_exported(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """Event id -> the export that has it, for those that are in one."""
    sql = """
        SELECT e.id, min(x.id) FROM charging_event e JOIN charging_export x
            ON e.booked >= x.doc ->> 'since' AND e.booked < x.doc ->> 'until'
        WHERE e.id = ANY($1::text[]) GROUP BY 1"""
    return {row[0]: row[1] for row in await store.database.rows(sql, list(ids))}
