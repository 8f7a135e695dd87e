"""SQL of ending products: rules by offering, and equipment on its way back."""

from collections.abc import Iterable
from typing import Any

from abonent.domain.order_handling.ending_resources import EQUIPMENT_RETURN
from abonent.kit.change import Stored
from abonent.kit.query_args import Args
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def ending_rules(store: Store, offerings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The rule of each offering that has one."""
    ids = sorted(set(offerings))
    if not ids:
        return {}
    sql = (
        "SELECT product_offering_id, doc::text FROM ending_rule"
        " WHERE product_offering_id = ANY($1::text[]) ORDER BY id"
    )
    return {row[0]: decode(row[1]) for row in await store.database.rows(sql, ids)}


async def list_returns(
    store: Store, *, state: str = "", client: str = "", order: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Stored], int]:
    """Equipment to come back, what is due first at the top, and how many there are in all."""
    args = Args()
    where = ["true"]
    if state:
        where.append(f"state = {args.add(state)}")
    if order:
        where.append(f"product_order_id = {args.add(order)}")
    if client:
        where.append(args.contains(relatedParty=[{"id": client}]))
    sql = f"FROM equipment_return WHERE {' AND '.join(where)}"
    counted, before = f"SELECT count(*) {sql}", list(args)
    page = f"SELECT version, doc::text {sql} ORDER BY due_date, id OFFSET {args.add(offset)} LIMIT {args.add(limit)}"
    async with store.database.searching() as conn:
        rows = await conn.fetch(page, *args)
        total = await conn.fetchval(counted, *before)
    return [Stored(EQUIPMENT_RETURN, decode(row[1]), row[0]) for row in rows], total
