"""SQL over orders that are not finished (the day's work, the board) and over the orders of a month (measures)."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.queries import CLIENT_OF_ORDER, OPEN_STATES, PLACED_BY
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import from_wire

MOST_OPEN = 1000


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is not finished, with what tells how it stands.

    monthly    with tax, a month; None where nothing recurs
    offerings  names of what its items are about; towns: where it is to be delivered
    placed_by  name of the account or client that placed it, agent: that account's name for people, if it is staff's
    by_client  whether a client placed it himself
    moved_at   when it entered its state, for `reason`
    tasks      tasks of its plan; decisions: of its assessment, of an order on hold alone
    """

    id: str
    state: str
    ordered: datetime
    promised: datetime | None
    description: str
    offerings: tuple[str, ...]
    towns: tuple[str, ...]
    monthly: Decimal | None
    currency: str
    customer_id: str | None
    customer_name: str
    placed_by: str
    by_client: bool
    agent: str
    moved_at: datetime
    reason: str
    tasks: list[dict[str, Any]]
    decisions: list[dict[str, Any]]


# What waits for a person comes first, then the nearest promise: that far a list of all of them is read.
_NEAREST = "(state IN ('held', 'pending')) DESC, expected_completion_date NULLS LAST, id"


def _open_orders_sql(mine: str) -> str:
    """The most urgent open orders that fit the condition `mine`; only for them is the rest looked up."""
    return f"""
    SELECT o.id, o.state, o.order_date, o.expected_completion_date AS promised,
        coalesce(o.doc ->> 'description', '') AS description,
        ARRAY(
            SELECT coalesce(i #>> '{{productOffering,name}}', i #>> '{{product,name}}', i ->> 'id')
            FROM jsonb_array_elements(o.doc -> 'productOrderItem') WITH ORDINALITY AS items(i, n) ORDER BY n
        ) AS offerings,
        ARRAY(
            SELECT DISTINCT
                (SELECT place.doc ->> 'city' FROM geographic_address place WHERE place.id = ids.id #>> '{{}}')
            FROM jsonb_path_query(o.doc, '$.productOrderItem[*].product.place[*].id') AS ids(id)
        ) AS towns,
        (
            SELECT sum((p #>> '{{price,taxIncludedAmount,value}}')::numeric)
            FROM jsonb_array_elements(o.doc -> 'orderTotalPrice') AS prices(p) WHERE p ->> 'priceType' = 'recurring'
        ) AS monthly,
        coalesce(o.doc #>> '{{orderTotalPrice,0,price,taxIncludedAmount,unit}}', 'RUB') AS currency,
        client.id AS customer_id, coalesce(client.name, '') AS customer_name,
        coalesce(placed.by, '') AS placed_by,
        coalesce(who.role = 'client', placed.by LIKE 'client:%', false) AS by_client,
        CASE WHEN who.role <> 'client' THEN who.display_name ELSE '' END AS agent,
        moved.at AS moved_at, coalesce(moved.reason, '') AS reason,
        plan.doc ->> 'task' AS tasks, assessed.doc ->> 'decision' AS decisions
    FROM (
        SELECT * FROM product_order WHERE state IN {OPEN_STATES} AND {mine}
        ORDER BY {_NEAREST} LIMIT $1
    ) o {CLIENT_OF_ORDER}
    LEFT JOIN LATERAL ({PLACED_BY}) placed ON true
    LEFT JOIN account who ON who.name = placed.by
    LEFT JOIN LATERAL (
        SELECT h.at, h.reason FROM state_history h
        WHERE h.resource = 'productOrder' AND h.resource_id = o.id COLLATE "default" AND h.attribute = 'state'
        ORDER BY h.seq DESC LIMIT 1
    ) moved ON true
    LEFT JOIN order_plan plan ON plan.id = o.id
    LEFT JOIN order_assessment assessed ON assessed.id = o.id AND o.state IN ('held', 'pending')
    ORDER BY {_NEAREST}"""


async def open_orders(store: Store, owner: str | None) -> list[OpenOrder]:
    """Orders that are not finished, at most MOST_OPEN; `owner` bounds them to a client's own."""
    if owner is None:
        rows = await store.database.rows(_open_orders_sql("true"), MOST_OPEN)
    else:
        rows = await store.database.rows(_open_orders_sql("doc @> $2::jsonb"), MOST_OPEN, _owned(owner))
    return [_open_order(row) for row in rows]


def _open_order(row: Any) -> OpenOrder:
    ordered = from_wire(row["order_date"])
    return OpenOrder(
        id=row["id"],
        state=row["state"],
        ordered=ordered,
        promised=from_wire(row["promised"]) if row["promised"] else None,
        description=row["description"],
        offerings=tuple(row["offerings"]),
        towns=tuple(sorted(town for town in row["towns"] if town)),
        monthly=row["monthly"],
        currency=row["currency"],
        customer_id=row["customer_id"],
        customer_name=row["customer_name"],
        placed_by=row["placed_by"],
        by_client=row["by_client"],
        agent=row["agent"] or "",
        moved_at=row["moved_at"] or ordered,
        reason=row["reason"],
        tasks=_decoded(row["tasks"]),
        decisions=_decoded(row["decisions"]),
    )


def _decoded(text: str | None) -> list[dict[str, Any]]:
    return decode(text) if text else []


def _owned(owner: str) -> str:
    return json.dumps({"relatedParty": [{"id": owner}]})


@dataclass(frozen=True, slots=True)
class Standing:
    """How many orders are in a state now, how many of them are past their promise (`now`), and their price a month."""

    state: str
    orders: int
    late: int
    monthly: Decimal


async def standing(store: Store, now: str) -> list[Standing]:
    """Orders that are not finished, by state. `now` is UTC text."""
    sql = f"""
        SELECT o.state, count(*), count(*) FILTER (WHERE o.expected_completion_date < $1), coalesce(sum((
            SELECT sum((p #>> '{{price,taxIncludedAmount,value}}')::numeric)
            FROM jsonb_array_elements(o.doc -> 'orderTotalPrice') AS prices(p) WHERE p ->> 'priceType' = 'recurring'
        )), 0)
        FROM product_order o WHERE o.state IN {OPEN_STATES} GROUP BY o.state"""
    return [Standing(*row) for row in await store.database.rows(sql, now)]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Orders placed in a span of time: of one offering (that of their first item), or of all when `offering` is "".

    on_time          of those done, how many by their promise
    median, nine     seconds from placing to done: half, and nine of ten, took no longer; None while none is done
    """

    offering: str
    states: dict[str, int]
    on_time: int
    promised: int
    median: float | None
    nine: float | None

    @property
    def orders(self) -> int:
        return sum(self.states.values())


async def cohort(store: Store, since: str) -> list[Cohort]:
    """Orders placed at or after `since` (UTC text): all of them first, then by offering, the most ordered first."""
    sql = """
        WITH placed AS (
            SELECT state, coalesce(doc #>> '{productOrderItem,0,productOffering,name}', '–') AS offering,
                CASE WHEN state = 'completed' THEN expected_completion_date END AS promised,
                CASE WHEN state = 'completed' THEN abonent_utc(doc ->> 'completionDate') END AS done, order_date
            FROM product_order WHERE order_date >= $1
        ), lasting AS (
            SELECT *, extract(epoch FROM done::timestamptz - order_date::timestamptz)::float8 AS seconds FROM placed
        )
        SELECT CASE WHEN grouping(offering) = 1 THEN '' ELSE offering END,
            array_agg(state), count(*) FILTER (WHERE done <= promised), count(*) FILTER (WHERE promised IS NOT NULL),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)
        FROM lasting GROUP BY GROUPING SETS ((), (offering))
        ORDER BY grouping(offering) DESC, count(*) DESC, 1"""
    async with store.database.searching() as conn:
        rows = await conn.fetch(sql, since)
    return [Cohort(row[0], _counted(row[1] or ()), *row[2:]) for row in rows]


def _counted(states: Any) -> dict[str, int]:
    counted: dict[str, int] = {}
    for state in states:
        counted[state] = counted.get(state, 0) + 1
    return counted
