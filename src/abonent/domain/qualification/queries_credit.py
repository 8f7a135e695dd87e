"""SQL for the credit check: a client's history in one statement, and the table that is in force."""

from datetime import datetime
from typing import Any

from abonent.domain.qualification.rules_credit import LATE_WITHIN, History
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import to_wire

# A table that is in force from now or before; of two from the same moment the later version.
_IN_FORCE = """
    SELECT doc FROM credit_table WHERE doc ->> 'state' = 'released' AND in_force_from <= $1
    ORDER BY in_force_from DESC, (doc ->> 'version')::int DESC LIMIT 1"""


async def credit_history(
    store: Store, customer: str, besides: str, now: datetime
) -> tuple[History, dict[str, Any] | None]:
    """What the rules ask of a client's history, and the operator's table in force (None: the one shipped).

    His open orders without order `besides`. One statement. MATERIALIZED: the client's few orders are found through
    the GIN index first; left to itself the planner may read all open ones.
    """
    sql = f"""
        WITH his AS MATERIALIZED (
            SELECT id, state, doc FROM product_order
            WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $2::text))))
        SELECT
            (SELECT coalesce(sum((p #>> '{{price,taxIncludedAmount,value}}')::numeric), 0)
             FROM his o, jsonb_array_elements(o.doc -> 'orderTotalPrice') p
             WHERE o.state IN ('acknowledged', 'inProgress', 'pending', 'held') AND o.id <> $3
             AND p ->> 'priceType' = 'recurring')
            -- A product that only changes is owed for already.
            - (SELECT coalesce(sum(c::numeric), 0) FROM his o, jsonb_path_query(o.doc, $changed$
                strict $.productOrderItem.** ? (@.action == "modify" && @.state != "cancelled"
                && @.state != "pendingCancellation").itemTotalPrice[*]
                ? (@.priceType == "recurring").price.taxIncludedAmount.value$changed$, '{{}}', true) c
             WHERE o.state IN ('acknowledged', 'inProgress', 'pending', 'held') AND o.id <> $3),
            (SELECT jsonb_agg(doc)::text FROM billing_account
             WHERE doc @> jsonb_build_object('relatedParty', jsonb_build_array(jsonb_build_object('id', $2::text)))),
            (SELECT jsonb_agg(l.doc)::text FROM late_payment l WHERE l.customer_id = $2
             AND (l.due_date >= $4 OR NOT l.doc ? 'paidDate')),
            ({_IN_FORCE})::text"""
    row = await store.database.row(sql, to_wire(now), customer, besides, to_wire(now - LATE_WITHIN))
    assert row is not None
    accounts, late = (decode(text) if text else () for text in (row[1], row[2]))
    return History(accounts, late, row[0]), decode(row[3]) if row[3] else None


async def table_in_force(store: Store, at: datetime) -> dict[str, Any] | None:
    """The operator's table that decides at a moment; None: the one shipped."""
    text = await store.database.value(f"SELECT ({_IN_FORCE})::text", to_wire(at))
    return decode(text) if text else None


async def all_tables(store: Store) -> list[tuple[dict[str, Any], int]]:
    """Every version, newest first, with what the store compares."""
    sql = "SELECT doc::text, version FROM credit_table ORDER BY (doc ->> 'version')::int DESC LIMIT 200"
    return [(decode(row[0]), row[1]) for row in await store.database.rows(sql)]


async def latest_version(store: Store) -> int:
    """The highest version there is, 1 for the table shipped."""
    return await store.database.value("SELECT coalesce(max((doc ->> 'version')::int), 1) FROM credit_table")
