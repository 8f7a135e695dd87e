"""SQL of the client list: who fits a filter, with what he holds, has open and owes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg

from abonent.domain.party.queries_search import Args, Meanings, fitting, meanings
from abonent.domain.party.rules_search import Asked, asked
from abonent.kit.shapes import decode
from abonent.kit.store import Store

# Orders that are not over (order_handling/states).
OPEN_ORDERS = (
    "('acknowledged', 'inProgress', 'pending', 'held', 'assessingCancellation', 'pendingCancellation')"
)
# Products that are still held (inventory/states).
HELD = "('created', 'pendingActive', 'active', 'suspended', 'pendingTerminate')"
# Asked for in place of an offering: who holds no product.
NOTHING = "-"
SORTS = {"name": "c.name", "number": "c.id", "since": "e.since", "owed": "owed.sum"}


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What the list of clients asks for; empty means any.

    text      words of name, number, telephone, e-mail, contact address
    state     the customer's status; kind: home | business; town: as addresses have it
    offering  id of an offering of which he holds a product, or NOTHING
    busy      has an order that is not over; owing: has arrears
    sort      a key of SORTS
    """

    text: str = ""
    state: str = ""
    kind: str = ""
    town: str = ""
    offering: str = ""
    busy: bool = False
    owing: bool = False
    sort: str = "name"
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ClientListing:
    """One client of the list. `monthly` and `owed` are with tax; `place` is his address or one of them."""

    document: dict[str, Any]
    kind: str
    state: str
    since: str | None
    products: int
    monthly: Decimal
    open_orders: int
    owed: Decimal
    currency: str
    place: str


@dataclass(frozen=True, slots=True)
class FilterWords:
    """What the filter offers to choose from: states and towns there are, offerings as documents."""

    states: list[str]
    towns: list[str]
    offerings: list[dict[str, Any]]


_OWED = """
    SELECT a.doc #>> '{relatedParty,0,id}' AS client, sum((b #>> '{amount,value}')::numeric) AS sum,
           min(b #>> '{amount,unit}') AS unit
    FROM billing_account a CROSS JOIN jsonb_array_elements(a.doc -> 'accountBalance') b
    WHERE a.doc @> '{"paymentStatus": "in arrears"}' AND b ->> 'balanceType' = 'receivableBalance' GROUP BY 1"""


async def list_clients(store: Store, wanted: ClientFilter) -> tuple[list[ClientListing], int]:
    """One page of clients and how many there are. For staff: no ownership is applied. KeyError for an unknown sort."""
    question = asked(wanted.text)
    async with store.database.searching() as conn:
        for corrected in (False, True):
            words = await meanings(conn, question, corrected=corrected)
            found = await _listed(conn, wanted, question, words)
            if found[1] or question.digits or not question.words:
                break
    return found


async def _listed(
    conn: asyncpg.Connection, wanted: ClientFilter, question: Asked, words: Meanings
) -> tuple[list[ClientListing], int]:
    args = Args()
    where = _conditions(wanted, question, words, args)
    direction = "DESC NULLS LAST" if wanted.descending else "ASC NULLS LAST"
    matching = f"FROM client_entry e JOIN customer c ON c.id = e.id WHERE {' AND '.join(where)}"
    owed = f"LEFT JOIN ({_OWED}) owed ON owed.client = c.id" if wanted.sort == "owed" else ""
    page = f"""
        SELECT c.id FROM client_entry e JOIN customer c ON c.id = e.id {owed} WHERE {" AND ".join(where)}
        ORDER BY {SORTS[wanted.sort]} {direction}, c.id
        OFFSET {args.add(wanted.offset)} LIMIT {args.add(wanted.limit)}"""
    ids = [row[0] for row in await conn.fetch(page, *args)]
    total = await conn.fetchval(f"SELECT count(*) {matching}", *args[:-2])
    rows = await conn.fetch(_ROWS, ids) if ids else []
    return [_listing(row) for row in rows], total


def _conditions(wanted: ClientFilter, question: Asked, words: Meanings, args: Args) -> list[str]:
    where = ["true"]
    if question.digits:
        where.append(
            f"(e.id = ANY({args.add(list(question.numbers))}::text[])"
            f" OR e.words LIKE {args.add(f'%{question.digits}%')})"
        )
    elif question.words:
        where.append(f"({fitting(words, 'e.words', args)})")
    for column, value in (("state", wanted.state), ("kind", wanted.kind)):
        if value:
            where.append(f"e.{column} = {args.add(value)}")
    if wanted.town:
        town = args.add(wanted.town)
        where.append(
            f"(e.town = {town} OR e.id IN (SELECT p.doc #>> '{{relatedParty,0,id}}' FROM product p"
            f" WHERE p.status IN {HELD} AND p.doc #>> '{{place,0,id}}'"
            f" IN (SELECT id FROM address_entry WHERE town = {town})))"
        )
    if wanted.offering == NOTHING:
        where.append(
            "e.id NOT IN (SELECT related ->> 'id' FROM product p"
            " CROSS JOIN jsonb_array_elements(p.doc -> 'relatedParty') related"
            f" WHERE p.status IN {HELD} AND related ->> 'id' IS NOT NULL)"
        )
    elif wanted.offering:
        held = args.add(json.dumps({"productOffering": {"id": wanted.offering}}))
        where.append(
            "e.id IN (SELECT related ->> 'id' FROM product p"
            " CROSS JOIN jsonb_array_elements(p.doc -> 'relatedParty') related"
            f" WHERE p.doc @> {held}::text::jsonb AND p.status IN {HELD})"
        )
    if wanted.busy:
        where.append(
            "e.id IN (SELECT related ->> 'id' FROM product_order o"
            f" CROSS JOIN jsonb_array_elements(o.doc -> 'relatedParty') related WHERE o.state IN {OPEN_ORDERS})"
        )
    if wanted.owing:
        where.append(f"e.id IN (SELECT client FROM ({_OWED}) owing WHERE sum > 0)")
    return where


# A client's products, orders and accounts: three look-ups a row in the indexes over the documents.
_ROWS = f"""
    SELECT c.doc::text, e.kind, e.state, e.since, held.n AS products, held.monthly,
           busy.n AS open_orders, owed.sum AS owed,
           coalesce(held.unit, owed.unit, 'RUB') AS unit, coalesce(held.place, ordered.place, e.town, '') AS place
    FROM unnest($1::text[]) WITH ORDINALITY asked(id, n)
    JOIN customer c ON c.id = asked.id JOIN client_entry e ON e.id = c.id
    CROSS JOIN LATERAL (SELECT jsonb_build_object('relatedParty',
        jsonb_build_array(jsonb_build_object('id', c.id))) AS party) own
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, sum(price.value) AS monthly, min(price.unit) AS unit,
               min(coalesce(a.doc ->> 'name', concat_ws(', ', a.doc ->> 'city', a.doc ->> 'streetName',
                                                        a.doc ->> 'streetNr'))) AS place
        FROM product p LEFT JOIN geographic_address a ON a.id = p.doc #>> '{{place,0,id}}'
        CROSS JOIN LATERAL (
            SELECT sum((coalesce(each #>> '{{price,taxIncludedAmount,value}}',
                                 each #>> '{{price,dutyFreeAmount,value}}'))::numeric) AS value,
                   min(coalesce(each #>> '{{price,taxIncludedAmount,unit}}',
                                each #>> '{{price,dutyFreeAmount,unit}}')) AS unit
            FROM jsonb_array_elements(p.doc -> 'productPrice') each WHERE each ->> 'priceType' = 'recurring') price
        WHERE p.doc @> own.party AND (p.status IN {HELD}) IS TRUE) held
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM product_order o WHERE o.doc @> own.party AND (o.state IN {OPEN_ORDERS}) IS TRUE) busy
    CROSS JOIN LATERAL (
        SELECT sum((b #>> '{{amount,value}}')::numeric) AS sum, min(b #>> '{{amount,unit}}') AS unit
        FROM billing_account a CROSS JOIN jsonb_array_elements(a.doc -> 'accountBalance') b
        WHERE a.doc @> own.party AND a.doc ->> 'paymentStatus' = 'in arrears'
          AND b ->> 'balanceType' = 'receivableBalance') owed
    -- Where nothing is held, his newest order says where he wanted it.
    LEFT JOIN LATERAL (
        SELECT coalesce(a.doc ->> 'name', concat_ws(', ', a.doc ->> 'city', a.doc ->> 'streetName',
                                                    a.doc ->> 'streetNr')) AS place
        FROM product_order o
        CROSS JOIN LATERAL jsonb_path_query(o.doc, '$.productOrderItem[*].product.place[*].id') wanted(id)
        JOIN geographic_address a ON a.id = wanted.id #>> '{{}}'
        WHERE held.place IS NULL AND o.doc @> own.party ORDER BY o.order_date DESC LIMIT 1) ordered ON true
    ORDER BY asked.n"""


def _listing(row: Any) -> ClientListing:
    return ClientListing(
        document=decode(row["doc"]),
        kind=row["kind"],
        state=row["state"],
        since=row["since"],
        products=row["products"],
        monthly=row["monthly"] or Decimal(0),
        open_orders=row["open_orders"],
        owed=row["owed"] or Decimal(0),
        currency=row["unit"],
        place=row["place"],
    )


async def places_of_clients(store: Store, clients: Sequence[str]) -> dict[str, str]:
    """Where clients have or wanted something, else their town, in one line, by id."""
    rows = await store.database.rows(_ROWS, list(clients)) if clients else []
    return {listing.document["id"]: listing.place for listing in map(_listing, rows)}


async def filter_words(store: Store) -> FilterWords:
    """States of clients, towns of addresses and offerings to choose from."""
    async with store.database.connection() as conn:
        states = await conn.fetch("SELECT DISTINCT state FROM client_entry ORDER BY state LIMIT 20")
        towns = await conn.fetch(
            "SELECT town FROM (SELECT town FROM address_entry UNION SELECT town FROM client_entry) t"
            " WHERE town <> '' ORDER BY town LIMIT 100"
        )
        offerings = await conn.fetch("SELECT doc::text FROM product_offering ORDER BY name, id LIMIT 200")
    return FilterWords(
        [row[0] for row in states], [row[0] for row in towns], [decode(row[0]) for row in offerings]
    )
