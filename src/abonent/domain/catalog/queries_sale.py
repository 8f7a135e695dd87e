"""SQL that reads the whole catalogue at once, and how far each offering reaches."""

from collections.abc import Iterable
from typing import Any

from abonent.domain.catalog.rules_sale import Catalogue, catalogue
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def whole_catalogue(store: Store) -> Catalogue:
    """Every offering with its prices, specification and decomposition, in one statement."""
    sql = """
        SELECT 'offering' AS kind, id, doc::text FROM product_offering
        UNION ALL SELECT 'specification', id, doc::text FROM product_specification
        UNION ALL (SELECT 'decomposition', product_specification_id, doc::text FROM decomposition ORDER BY id)
        UNION ALL SELECT 'price', id, doc::text FROM product_offering_price
        UNION ALL SELECT 'category', id, doc::text FROM category"""
    found: dict[str, dict[str, Any]] = {
        kind: {} for kind in ("offering", "specification", "decomposition", "price", "category")
    }
    for kind, id, text in await store.database.rows(sql):
        found[kind][id] = decode(text)
    return catalogue(
        found["offering"].values(),
        found["specification"],
        found["decomposition"],
        found["price"],
        found["category"].values(),
    )


async def addresses_reached(
    store: Store, demands: Iterable[tuple[str, tuple[str, ...], int]]
) -> dict[str, int]:
    """Offering id -> number of addresses where a line exists that carries it, whether or not a port is free.

    demands  (offering id, access technologies, Mbit/s downstream)
    """
    rows = [(id, technology, mbps) for id, technologies, mbps in demands for technology in technologies]
    sql = """
        WITH reach AS (
            SELECT geographic_address_id AS address, doc ->> 'technology' AS technology,
                max((doc ->> 'downstreamMbps')::int) AS mbps
            FROM access_coverage GROUP BY 1, 2)
        SELECT d.id, count(DISTINCT reach.address)
        FROM unnest($1::text[], $2::text[], $3::int[]) AS d(id, technology, mbps)
        JOIN reach ON reach.technology = d.technology AND reach.mbps >= d.mbps GROUP BY d.id"""
    async with store.database.searching() as conn:
        counted = await conn.fetch(sql, *map(list, zip(*rows, strict=True))) if rows else []
    return {row[0]: row[1] for row in counted}


async def addresses_known(store: Store) -> int:
    """How many addresses there are."""
    return await store.database.value("SELECT count(*) FROM geographic_address")
