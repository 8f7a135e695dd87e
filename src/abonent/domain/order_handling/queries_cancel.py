"""SQL over requests to cancel an order."""

from abonent.domain.order_handling.resources import CANCEL_PRODUCT_ORDER
from abonent.kit.change import Stored
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def open_cancellations(store: Store, order: str) -> list[Stored]:
    """Requests to cancel an order, or items of it, that were granted and are not done."""
    sql = """
        SELECT version, doc::text FROM cancel_product_order
        WHERE product_order_id = $1 AND state = 'inProgress' ORDER BY id"""
    rows = await store.database.rows(sql, order)
    return [Stored(CANCEL_PRODUCT_ORDER, decode(row[1]), row[0]) for row in rows]
