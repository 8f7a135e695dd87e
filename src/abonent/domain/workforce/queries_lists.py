"""SQL of the console's lists of work orders."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.kit.query_args import Args, containing
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import to_wire


@dataclass(frozen=True, slots=True)
class WorkOrderCriteria:
    """Which work orders are asked for; what is left empty does not matter.

    state          one state, or "open": not over
    crew, skill    id of the crew; what the work needs
    starts, until  UTC; the visit starts in [starts, until)
    late_at        UTC; open, and its slot ended before
    order          id of the product order
    client         a part of the client's name, or his number
    text           part of the number or of the order's, or of the description
    """

    state: str = ""
    crew: str = ""
    skill: str = ""
    starts: datetime | None = None
    until: datetime | None = None
    late_at: datetime | None = None
    order: str = ""
    client: str = ""
    text: str = ""
    town: str = ""


@dataclass(frozen=True, slots=True)
class WorkOrderRow:
    """One row of the list: the work order with names of what it refers to.

    `appointment_status` is None while it waits for a slot.
    """

    document: dict[str, Any]
    client_id: str | None
    client_name: str
    address: dict[str, Any] | None
    appointment_status: str | None


_OPEN = "('acknowledged', 'pending', 'held', 'inProgress')"
# What is looked for among numbers: 10042, O-10042, WO-10042-1.visit. All else is a word of the description.
_NUMBER = re.compile(r"(?a)([A-Za-z]+-)?\d[\w.-]*")
_SORTS = {
    "number": "w.id",
    "ordered": "w.order_date",
    "visit": "w.expected_completion_date",
    "state": "w.state",
    "crew": "w.doc #>> '{relatedEntity,0,name}'",
    "client": "client.name",
}
# A join with the customers would hash all of them for each row.
_CLIENT = """
    LEFT JOIN LATERAL (
        SELECT p ->> 'id' AS id,
            coalesce((SELECT c.name FROM customer c WHERE c.id = p ->> 'id'), p ->> 'name', '') AS name
        FROM jsonb_array_elements(w.doc -> 'relatedParty') WITH ORDINALITY AS parties(p, n)
        WHERE lower(p ->> 'role') = 'customer' ORDER BY n LIMIT 1
    ) client ON true"""


def _conditions(criteria: WorkOrderCriteria, args: Args) -> list[str]:
    """WHERE of the list; its values are added to `args`."""
    where = ["true"]
    if criteria.state == "open" or criteria.late_at is not None:
        where.append(f"w.state IN {_OPEN}")
    elif criteria.state:
        where.append(f"w.state = {args.add(criteria.state)}")
    if criteria.crew:
        where.append(f"w.crew = {args.add(criteria.crew)}")
    if criteria.skill:
        where.append(args.contains("w.doc", workOrderItem=[{"work": {"workType": criteria.skill}}]))
    if criteria.order:
        where.append(args.contains("w.doc", order=[{"id": criteria.order}]))
    if criteria.starts is not None:
        where.append(f"w.doc ->> 'requestedStartDate' >= {args.add(to_wire(criteria.starts))}")
    if criteria.until is not None:
        where.append(f"w.doc ->> 'requestedStartDate' < {args.add(to_wire(criteria.until))}")
    if criteria.late_at is not None:
        where.append(f"w.expected_completion_date < {args.add(to_wire(criteria.late_at))}")
    if criteria.text:
        words = args.add(containing(criteria.text))
        if _NUMBER.fullmatch(criteria.text):
            ordered = args.contains("w.doc", order=[{"id": criteria.text.upper()}])
            where.append(f"(w.id ILIKE {words} OR w.external_id ILIKE {words} OR {ordered})")
        else:
            where.append(f"w.doc ->> 'description' ILIKE {words}")
    if criteria.town:
        where.append(
            "w.doc #>> '{place,id}' IN (SELECT id FROM geographic_address"
            f" WHERE doc ->> 'city' = {args.add(criteria.town)})"
        )
    if criteria.client:
        # By the search's entries: names are compared there whatever their case and alphabet.
        known = args.add(criteria.client)
        where.append(
            f"client.id IN (SELECT id FROM client_entry WHERE id = {known}"
            f" OR title LIKE '%' || abonent_fold({known}) || '%')"
        )
    return where


async def list_work_orders(
    store: Store,
    criteria: WorkOrderCriteria,
    *,
    sort: str = "visit",
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[WorkOrderRow], int]:
    """One page of work orders and how many there are. KeyError for an unknown sort (see _SORTS)."""
    args = Args()
    where = " AND ".join(_conditions(criteria, args))
    counted = f"FROM work_order w {_CLIENT if criteria.client else ''} WHERE {where}"
    values = list(args)
    key, direction = _SORTS[sort], "DESC" if descending else "ASC"
    joined = _CLIENT if criteria.client or sort == "client" else ""
    # Names are looked up for the page alone.
    page = f"""
        SELECT w.doc::text, client.id, client.name, a.doc::text, ap.status
        FROM (
            SELECT w.id, w.doc, {key} AS sorted FROM work_order w {joined} WHERE {where}
            ORDER BY sorted {direction} NULLS LAST, w.id OFFSET {args.add(offset)} LIMIT {args.add(limit)}
        ) w {_CLIENT}
        LEFT JOIN geographic_address a ON a.id = w.doc #>> '{{place,id}}'
        LEFT JOIN appointment ap ON ap.id = w.doc #>> '{{appointment,id}}'
        ORDER BY w.sorted {direction} NULLS LAST, w.id"""
    async with store.database.searching() as conn:
        rows = await conn.fetch(page, *args)
        total = await conn.fetchval(f"SELECT count(*) {counted}", *values)
    return [
        WorkOrderRow(decode(document), id, name or "", decode(address) if address else None, status)
        for document, id, name, address, status in rows
    ], total


async def work_orders_in_states(store: Store) -> dict[str, int]:
    """How many work orders there are in each state that is not over."""
    sql = f"SELECT state, count(*) FROM work_order WHERE state IN {_OPEN} GROUP BY state"
    return {row[0]: row[1] for row in await store.database.rows(sql)}
