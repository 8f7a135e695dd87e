"""SQL that finds where a client has or had something."""

from abonent.kit.store import Store

_MOST = 12


async def places_of(store: Store, customer: str) -> list[str]:
    """Ids of the addresses of a client's products that are not over, those with most products first, then of his
    newest orders; at most 12."""
    sql = f"""
        WITH his AS MATERIALIZED (
            SELECT status, doc FROM product
            WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $1::text)))),
        asked AS MATERIALIZED (
            SELECT order_date, doc FROM product_order
            WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $1::text)))
            ORDER BY order_date DESC LIMIT 20),
        named AS (
            SELECT place ->> 'id' AS id, 1 AS weight, '' AS at FROM his, jsonb_array_elements(doc -> 'place') place
            WHERE status IN ('created', 'pendingActive', 'active', 'suspended', 'pendingTerminate')
            UNION ALL
            SELECT place #>> '{{}}', 0, order_date FROM asked,
                jsonb_path_query(doc, '$.productOrderItem[*].product.place[*].id') place)
        SELECT id FROM named WHERE id IS NOT NULL GROUP BY id
        ORDER BY sum(weight) DESC, max(at) DESC, id LIMIT {_MOST}"""
    return [row[0] for row in await store.database.rows(sql, customer)]
