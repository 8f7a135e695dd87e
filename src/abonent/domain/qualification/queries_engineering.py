"""SQL for requests outside the catalogue: their queue, and earlier ones at a place."""

import json
from dataclasses import dataclass
from typing import Any

from abonent.domain.qualification.states_engineering import OPEN
from abonent.kit.query_args import Args
from abonent.kit.shapes import decode
from abonent.kit.store import Store

_REMEMBERED = 300


@dataclass(frozen=True, slots=True)
class RequestCriteria:
    """Which requests are asked for; what is left empty does not matter.

    state     one state, or "open": not decided yet
    engineer  name of one whom a part was given to
    client    id of the customer, or a part of his name
    late_at   wire time; open, and due before
    """

    state: str = ""
    engineer: str = ""
    kind: str = ""
    client: str = ""
    late_at: str = ""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with the address it is about and the state of its newest quote."""

    document: dict[str, Any]
    address: dict[str, Any] | None
    quote: dict[str, Any] | None


_SORTS = {"due": "e.due_date", "asked": "e.requested_date", "number": "e.id", "state": "e.state"}


async def list_requests(
    store: Store,
    criteria: RequestCriteria,
    *,
    sort: str = "due",
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[RequestRow], int]:
    """One page of requests and how many there are. KeyError for an unknown sort (see _SORTS)."""
    args = Args()
    where = ["true"]
    if criteria.state == "open" or criteria.late_at:
        where.append(f"e.state = ANY({args.add(list(OPEN))}::text[])")
    elif criteria.state:
        where.append(f"e.state = {args.add(criteria.state)}")
    if criteria.kind:
        where.append(f"e.kind = {args.add(criteria.kind)}")
    if criteria.engineer:
        where.append(args.contains("e.doc", part=[{"engineer": criteria.engineer}]))
    if criteria.late_at:
        where.append(f"e.due_date < {args.add(criteria.late_at)}")
    if criteria.client:
        known = args.add(criteria.client)
        where.append(
            "EXISTS (SELECT FROM jsonb_array_elements(e.doc -> 'relatedParty') p WHERE p ->> 'id' = "
            f"{known} OR p ->> 'name' ILIKE '%' || {known} || '%')"
        )
    condition, values = " AND ".join(where), list(args)
    order = f"{_SORTS[sort]} {'DESC' if descending else 'ASC'} NULLS LAST, e.id"
    page = f"""
        SELECT e.doc::text, a.doc::text, q.doc::text
        FROM (
            SELECT e.* FROM engineering_assessment e WHERE {condition}
            ORDER BY {order} OFFSET {args.add(offset)} LIMIT {args.add(limit)}
        ) e
        LEFT JOIN geographic_address a ON a.id = e.doc #>> '{{place,0,id}}'
        LEFT JOIN quote q ON q.id = e.doc #>> '{{quote,-1,id}}'
        ORDER BY {order}"""
    async with store.database.searching() as conn:
        rows = await conn.fetch(page, *args)
        counted = f"SELECT count(*) FROM engineering_assessment e WHERE {condition}"
        total = await conn.fetchval(counted, *values)
    return [RequestRow(decode(row[0]), _read(row[1]), _read(row[2])) for row in rows], total


def _read(text: str | None) -> dict[str, Any] | None:
    return decode(text) if text else None


async def assessed_before(
    store: Store, kind: str, city: str, besides: str
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Assessments of a kind in a town that came to an answer, newest first, with their addresses; at most 300."""
    sql = f"""
        SELECT e.doc::text, a.doc::text FROM engineering_assessment e
        JOIN geographic_address a ON a.id = e.doc #>> '{{place,0,id}}'
        WHERE e.kind = $1 AND e.state IN ('assessed', 'approved', 'expired') AND e.id <> $3
        AND ($2 = '' OR a.doc ->> 'city' = $2)
        ORDER BY e.requested_date DESC LIMIT {_REMEMBERED}"""
    rows = await store.database.rows(sql, kind, city, besides)
    return [(decode(row[0]), decode(row[1])) for row in rows]


async def engineer_names(store: Store) -> list[str]:
    """Whom parts are given to: console accounts of engineers, and names that stand in open requests."""
    sql = """
        SELECT name FROM account WHERE role = 'engineer'
        UNION SELECT p ->> 'engineer' FROM engineering_assessment e, jsonb_array_elements(e.doc -> 'part') p
        WHERE e.state IN ('requested', 'assigned', 'assessed')
        ORDER BY 1"""
    return [row[0] for row in await store.database.rows(sql)]


async def requests_of(store: Store, customer: str) -> list[dict[str, Any]]:
    """A client's requests, newest first; at most 20."""
    party = json.dumps({"relatedParty": [{"id": customer}]})
    sql = """
        WITH his AS MATERIALIZED (SELECT doc, requested_date FROM engineering_assessment WHERE doc @> $1::jsonb)
        SELECT doc::text FROM his ORDER BY requested_date DESC LIMIT 20"""
    return [decode(row[0]) for row in await store.database.rows(sql, party)]


async def requests_in_states(store: Store) -> dict[str, int]:
    """How many requests there are in each state that waits for somebody."""
    sql = "SELECT state, count(*) FROM engineering_assessment WHERE state = ANY($1::text[]) GROUP BY state"
    return {row[0]: row[1] for row in await store.database.rows(sql, [*OPEN, "approved"])}
