"""SQL over the catalogue that the store's gets and lists cannot say."""

from collections.abc import Iterable
from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def decompositions(store: Store, specifications: Iterable[str]) -> dict[str, dict]:
    """Product specification id -> its decomposition; the newest where there are several."""
    sql = (
        "SELECT product_specification_id, doc::text FROM decomposition"
        " WHERE product_specification_id = ANY($1::text[]) ORDER BY id"
    )
    rows = await store.database.rows(sql, list(specifications))
    return {row[0]: decode(row[1]) for row in rows}


async def decompositions_with_service(store: Store, service_specification: str) -> list[dict]:
    """Decompositions that have a task which activates this service."""
    sql = """
        SELECT doc::text FROM decomposition WHERE doc @> jsonb_build_object('task', jsonb_build_array(
            jsonb_build_object('spec', jsonb_build_object('serviceSpecification', jsonb_build_object('id', $1::text)))))
        ORDER BY id"""
    return [decode(row[0]) for row in await store.database.rows(sql, service_specification)]


async def access_offerings(store: Store) -> list[tuple[dict, dict]]:
    """(offering, decomposition) of every offering sold now that needs an access line, for alternatives."""
    sql = (
        "SELECT o.doc::text, d.doc::text FROM product_offering o JOIN decomposition d"
        " ON d.product_specification_id = o.doc #>> '{productSpecification,id}'"
        " WHERE d.doc ? 'access' AND coalesce((o.doc ->> 'isSellable')::boolean, true) ORDER BY o.id"
    )
    rows = await store.database.rows(sql)
    return [(decode(o), decode(d)) for o, d in rows]


async def offering_names(store: Store) -> list[dict[str, Any]]:
    """Of every offering its id, name and what it is called in other languages (catalog/texts), as a document."""
    rows = await store.database.rows(
        "SELECT jsonb_build_object('id', id, 'name', doc -> 'name', 'prodSpecCharValueUse',"
        " doc -> 'prodSpecCharValueUse')::text FROM product_offering"
    )
    return [decode(row[0]) for row in rows]
