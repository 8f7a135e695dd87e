"""SQL for feasibility: what reaches an address, what a client holds."""

from collections.abc import Iterable

from abonent.domain.qualification.rules import AccessPath
from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def access_paths(store: Store, addresses: Iterable[str]) -> dict[str, list[AccessPath]]:
    """Address id -> access nodes that reach it, with the ports that are free now."""
    sql = """
        SELECT c.geographic_address_id, c.access_node_id, c.doc ->> 'technology', (c.doc ->> 'downstreamMbps')::int,
               (SELECT count(*) FROM resource r WHERE r.part_of = c.access_node_id AND r.category = 'port'
                AND r.resource_status = 'available')
        FROM access_coverage c WHERE c.geographic_address_id = ANY($1::text[]) ORDER BY c.id"""
    rows = await store.database.rows(sql, list(addresses))
    paths: dict[str, list[AccessPath]] = {}
    for address, *path in rows:
        paths.setdefault(address, []).append(AccessPath(*path))
    return paths


# MATERIALIZED: the client's few documents are found through the GIN index first. Left to itself the planner may read
# all open orders instead, since it cannot know how many documents name a party.


async def held_products(store: Store, customer: str) -> list[dict]:
    """Products the customer holds: everything that is not over."""
    sql = """
        WITH his AS MATERIALIZED (
            SELECT id, status, doc FROM product
            WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $1::text))))
        SELECT doc::text FROM his
        WHERE status IN ('created', 'pendingActive', 'active', 'suspended', 'pendingTerminate') ORDER BY id"""
    return [decode(row[0]) for row in await store.database.rows(sql, customer)]
