"""SQL of the workforce that the store's gets and lists cannot say: who could go where, and what stands against it."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules import Place
from abonent.domain.workforce.rules_travel import Spot, point_of
from abonent.kit.change import Stored
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def place_of(store: Store, address: str) -> Place | None:
    """City, street, access nodes and point of an address; None when it is not known."""
    sql = """
        SELECT a.doc ->> 'city', a.doc ->> 'streetName',
               ARRAY(SELECT c.access_node_id FROM access_coverage c WHERE c.geographic_address_id = a.id),
               (a.doc -> 'geographicLocation')::text
        FROM geographic_address a WHERE a.id = $1"""
    row = await store.database.row(sql, address)
    if row is None:
        return None
    north, east = point_of(decode(row[3]) if row[3] else None) or (None, None)
    return Place(row[0] or "", row[1] or "", frozenset(row[2]), Spot(address, row[0] or "", north, east))


async def crews(store: Store) -> list[Document]:
    """All crews, by id."""
    rows = await store.database.rows("SELECT doc::text FROM crew ORDER BY id")
    return [decode(row[0]) for row in rows]


async def absences(store: Store, crew_ids: Iterable[str], start: datetime, end: datetime) -> list[Document]:
    """Absences of these crews that touch [start, end), the earliest first."""
    sql = """
        SELECT doc::text FROM crew_absence WHERE crew_id = ANY($1::text[]) AND (ends_at IS NULL OR ends_at > $2)
        AND coalesce(abonent_utc(doc #>> '{validFor,startDateTime}'), '') < $3
        ORDER BY abonent_utc(doc #>> '{validFor,startDateTime}'), id"""
    rows = await store.database.rows(sql, list(crew_ids), to_wire(start), to_wire(end))
    return [decode(row[0]) for row in rows]


async def work_orders_of(store: Store, product_order: str) -> list[Stored]:
    """Work orders of a product order, by id, as a later update needs them."""
    sql = "SELECT version, doc::text FROM work_order WHERE doc @> $1::jsonb ORDER BY id"
    rows = await store.database.rows(sql, json.dumps({"order": [{"id": product_order}]}))
    return [Stored(WORK_ORDER, decode(row[1]), row[0]) for row in rows]


async def visits_between(
    store: Store, start: datetime, end: datetime, crew: str | None = None
) -> list[Document]:
    """Appointments that start in [start, end) and were not cancelled, in order of time; of one crew if it is named."""
    sql = """
        SELECT doc::text FROM appointment WHERE starts_at >= $1 AND starts_at < $2 AND status <> 'cancelled'
        AND ($3::text IS NULL OR crew = $3) ORDER BY starts_at, id"""
    rows = await store.database.rows(sql, to_wire(start), to_wire(end), crew)
    return [decode(row[0]) for row in rows]


async def has_visits_ahead(store: Store, crew: str, now: datetime) -> bool:
    """Whether the crew still has appointments to keep."""
    sql = """
        SELECT EXISTS (SELECT FROM appointment WHERE crew = $1 AND status IN ('initialized', 'confirmed')
        AND starts_at >= $2)"""
    return await store.database.value(sql, crew, to_wire(now))
