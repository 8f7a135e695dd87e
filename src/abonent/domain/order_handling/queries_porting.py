"""SQL over porting requests."""

from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.kit.change import Stored
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def requests_of(store: Store, order: str) -> list[Stored]:
    """The porting requests of an order, the newest attempts last."""
    sql = "SELECT version, doc::text FROM porting_request WHERE product_order_id = $1 ORDER BY since, id"
    rows = await store.database.rows(sql, order)
    return [Stored(PORTING_REQUEST, decode(row[1]), row[0]) for row in rows]
