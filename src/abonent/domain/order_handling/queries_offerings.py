"""SQL that tells how often offerings are ordered."""

import json
from dataclasses import dataclass

from abonent.domain.order_handling.queries import CLIENT_OF_ORDER
from abonent.kit.store import Store

# Of the orders of one offering so many are named; all are counted.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order in which an offering stands; `ordered` is its date on the wire."""

    id: str
    state: str
    ordered: str
    client: str


@dataclass(frozen=True, slots=True)
class Demanded:
    """Orders of one offering since a moment: how many by state and by local day (ISO 8601), and the newest."""

    states: dict[str, int]
    days: dict[str, int]
    newest: tuple[Ordered, ...]

    @property
    def count(self) -> int:
        return sum(self.states.values())


async def orders_by_offering(store: Store, since: str) -> dict[str, int]:
    """Offering id -> orders since `since` (wire time) in which it stands, by itself or as a part of a bundle."""
    sql = """
        SELECT offering #>> '{}' AS id, count(DISTINCT o.id) FROM product_order o
        CROSS JOIN LATERAL (
            SELECT jsonb_path_query(o.doc, '$.productOrderItem[*].productOffering.id') AS offering
            UNION ALL SELECT jsonb_path_query(o.doc, '$.productOrderItem[*].productOrderItem[*].productOffering.id')
        ) named WHERE o.order_date >= $1 GROUP BY 1"""
    async with store.database.searching() as conn:
        return {row[0]: row[1] for row in await conn.fetch(sql, since)}


async def orders_of_offering(store: Store, offering: str, since: str, zone: str) -> Demanded:
    """The orders since `since` in which an offering stands. `zone` is an IANA name: days are those of its clock."""
    item = {"productOffering": {"id": offering}}
    direct = json.dumps({"productOrderItem": [item]})
    nested = json.dumps({"productOrderItem": [{"productOrderItem": [item]}]})
    matching = "(o.doc @> $1::text::jsonb OR o.doc @> $2::text::jsonb) AND o.order_date >= $3"
    counted = f"""
        SELECT o.state, to_char((o.order_date::timestamptz) AT TIME ZONE $4, 'YYYY-MM-DD') AS day, count(*)
        FROM product_order o WHERE {matching} GROUP BY 1, 2"""
    newest = f"""
        SELECT o.id, o.state, o.order_date, client.name
        FROM (SELECT * FROM product_order o WHERE {matching} ORDER BY o.order_date DESC, o.id LIMIT {_NAMED}) o
        {CLIENT_OF_ORDER} ORDER BY o.order_date DESC, o.id"""
    states: dict[str, int] = {}
    days: dict[str, int] = {}
    async with store.database.searching() as conn:
        for state, day, number in await conn.fetch(counted, direct, nested, since, zone):
            states[state] = states.get(state, 0) + number
            days[day] = days.get(day, 0) + number
        rows = await conn.fetch(newest, direct, nested, since)
    return Demanded(states, days, tuple(Ordered(r[0], r[1], r[2], r[3] or "") for r in rows))
