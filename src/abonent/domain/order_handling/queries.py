"""SQL of order handling that the store's gets and lists cannot say."""

from dataclasses import dataclass, field
from typing import Any

from abonent.kit.query_args import Args, containing, containing_spelled
from abonent.kit.shapes import decode
from abonent.kit.store import Store


@dataclass(frozen=True, slots=True)
class OrderListing:
    """One row of the order list: the order's document with its client's id and name."""

    document: dict[str, Any]
    customer_id: str | None
    customer_name: str


@dataclass(frozen=True, slots=True)
class OrderCriteria:
    """Which orders are asked for; what is left empty does not matter.

    owner      a client's id: his own orders alone
    state      one state, or "open": not finished
    text       words of number, description or the sender's number; client: a part of his name, or his number
    late_at    UTC text: orders that are open and were promised before
    town       of a place of an item; offering: name of an item's
    placed_by  name of the account that placed it, or CLIENTS: a client himself
    ids        these numbers alone; None: any
    """

    owner: str | None = None
    state: str | None = None
    text: str = ""
    client: str = ""
    late_at: str | None = None
    town: str = ""
    offering: str = ""
    placed_by: str = ""
    ids: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Conditions:
    """WHERE of a list with its values; `of_client` says whether it asks for columns of the client."""

    parts: list[str] = field(default_factory=lambda: ["true"])
    args: Args = field(default_factory=Args)
    of_client: bool = False

    def matching(self) -> str:
        return f"FROM product_order o {CLIENT_OF_ORDER} WHERE {' AND '.join(self.parts)}"

    def counted(self) -> str:
        return self.matching() if self.of_client else f"FROM product_order o WHERE {' AND '.join(self.parts)}"


CLIENTS = "client"
OPEN_STATES = (
    "('acknowledged', 'inProgress', 'pending', 'held', 'assessingCancellation', 'pendingCancellation')"
)
_SORTS = {
    "number": "o.id",
    "ordered": "o.order_date",
    "promised": "o.expected_completion_date",
    "state": "o.state",
    "client": "client.name",
    "priced": "(o.doc #>> '{orderTotalPrice,0,price,taxIncludedAmount,value}')::numeric",
}
# The client: the related party of that role; his name from his own record, as the order may hold none. Records are
# looked up one by one: a join is taken for a hundred an order, and the whole table is hashed for each of them.
CLIENT_OF_ORDER = """
    LEFT JOIN LATERAL (
        SELECT id, coalesce(nullif(own, ''), given, '') AS name FROM (
            SELECT p ->> 'id' AS id, p ->> 'name' AS given, lower(p ->> 'role') = 'customer' AS named, n,
                (SELECT coalesce(c.name, '') FROM customer c WHERE c.id = p ->> 'id') AS own
            FROM jsonb_array_elements(o.doc -> 'relatedParty') WITH ORDINALITY AS parties(p, n)
        ) party WHERE own IS NOT NULL OR named ORDER BY own IS NULL, n LIMIT 1
    ) client ON true"""
# Who left the first row of its history placed it. The history collates by default, and only so is its index used.
PLACED_BY = """
        SELECT h.by FROM state_history h
        WHERE h.resource = 'productOrder' AND h.resource_id = o.id COLLATE "default" ORDER BY h.seq LIMIT 1"""
_IN_TOWN = """{town} IN (
        SELECT (SELECT place.doc ->> 'city' FROM geographic_address place WHERE place.id = ids.id #>> '{{}}')
        FROM jsonb_path_query(o.doc, '$.productOrderItem[*].product.place[*].id') AS ids(id))"""
_BY_CLIENTS = f"""EXISTS (
        SELECT FROM (SELECT ({PLACED_BY}) AS name OFFSET 0) placed LEFT JOIN account ON account.name = placed.name
        WHERE placed.name LIKE 'client:%' OR account.role = 'client')"""


def _conditions(wanted: OrderCriteria) -> _Conditions:
    where = _Conditions()
    if wanted.owner is not None:
        where.parts.append(where.args.contains("o.doc", relatedParty=[{"id": wanted.owner}]))
    if wanted.ids is not None:
        where.parts.append(f"o.id = ANY({where.args.add(list(wanted.ids))}::text[])")
    if wanted.state == "open" or wanted.late_at is not None:
        where.parts.append(f"o.state IN {OPEN_STATES}")
    elif wanted.state:
        where.parts.append(f"o.state = {where.args.add(wanted.state)}")
    if wanted.late_at is not None:
        where.parts.append(f"o.expected_completion_date < {where.args.add(wanted.late_at)}")
    if wanted.text:
        words = where.args.add(containing(wanted.text))
        described = where.args.add(containing_spelled(wanted.text))
        where.parts.append(
            f"(o.id ILIKE {words} OR o.external_id ILIKE {words}"
            f" OR o.doc ->> 'description' LIKE ANY({described}::text[]))"
        )
    if wanted.client:
        name = where.args.add(wanted.client)
        # Folded, so that case, alphabet and punctuation do not matter (migrations/0006).
        where.parts.append(
            f"(client.id = {name} OR abonent_fold({name}) <> '' AND client.id IN (SELECT id FROM client_entry"
            f" WHERE title LIKE '%' || abonent_fold({name}) || '%'))"
        )
        where.of_client = True
    if wanted.town:
        where.parts.append(_IN_TOWN.format(town=where.args.add(wanted.town)))
    if wanted.offering:
        item = {"productOffering": {"name": wanted.offering}}
        where.parts.append(where.args.contains("o.doc", productOrderItem=[item]))
    if wanted.placed_by == CLIENTS:
        where.parts.append(_BY_CLIENTS)
    elif wanted.placed_by:
        where.parts.append(f"({PLACED_BY}) = {where.args.add(wanted.placed_by)}")
    return where


def _sorted(sort: str, descending: bool) -> str:
    return f"ORDER BY {_SORTS[sort]} {'DESC NULLS LAST' if descending else 'ASC NULLS LAST'}, o.id"


async def list_orders(
    store: Store, wanted: OrderCriteria, *, sort: str, descending: bool, offset: int, limit: int
) -> tuple[list[OrderListing], int]:
    """A page of the console's order list and how many there are in all. KeyError for an unknown sort."""
    where = _conditions(wanted)
    counted, args = f"SELECT count(*) {where.counted()}", list(where.args)
    window = f"OFFSET {where.args.add(offset)} LIMIT {where.args.add(limit)}"
    page = f"{where.matching()} {_sorted(sort, descending)} {window}"
    async with store.database.searching() as conn:
        rows = await conn.fetch(f"SELECT o.doc::text, client.id, client.name {page}", *where.args)
        total = await conn.fetchval(counted, *args)
    return [OrderListing(decode(doc), id, name or "") for doc, id, name in rows], total


async def order_numbers(
    store: Store, wanted: OrderCriteria, *, sort: str, descending: bool, most: int
) -> list[str]:
    """Ids of all orders of a list in its order, `most` at most. KeyError for an unknown sort."""
    where = _conditions(wanted)
    sql = f"SELECT o.id {where.matching()} {_sorted(sort, descending)} LIMIT {where.args.add(most)}"
    async with store.database.searching() as conn:
        return [row[0] for row in await conn.fetch(sql, *where.args)]
