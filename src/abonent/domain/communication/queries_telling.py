"""SQL over the rules of what is told, and over what they are about."""

from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def all_rules(store: Store) -> list[dict[str, Any]]:
    """All rules, the default one first, then those of categories, then those of offerings."""
    sql = "SELECT doc::text FROM communication_rule ORDER BY array_position('{default,category}', scope), id"
    return [decode(row[0]) for row in await store.database.rows(sql)]


async def variants(store: Store) -> list[tuple[str, str]]:
    """(event, variant) of the texts that are no usual ones."""
    sql = (
        "SELECT DISTINCT doc ->> 'event', doc ->> 'variant' FROM message_template"
        " WHERE doc ->> 'variant' <> '' ORDER BY 1, 2"
    )
    return [(row[0], row[1]) for row in await store.database.rows(sql)]


async def offerings_of_order(store: Store, order: str) -> list[dict[str, Any]]:
    """The offerings that the items of an order name, those inside bundles too."""
    sql = """
        SELECT o.doc::text FROM product_offering o WHERE o.id IN (
            SELECT jsonb_path_query(p.doc, '$.productOrderItem.**.productOffering.id') #>> '{}'
            FROM product_order p WHERE p.id = $1) ORDER BY o.id"""
    return [decode(row[0]) for row in await store.database.rows(sql, order)]


async def categories(store: Store) -> list[dict[str, Any]]:
    """All categories that offerings can be sorted into."""
    rows = await store.database.rows("SELECT doc::text FROM category ORDER BY id")
    return [decode(row[0]) for row in rows]
