"""SQL over bulk orders: addresses meant by a line, lines by what became of them, sums."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from abonent.domain.party.queries_search import fitting, meanings
from abonent.domain.party.rules_search import asked, without_house
from abonent.kit.query_args import Args
from abonent.kit.shapes import decode
from abonent.kit.store import Store

Document = dict[str, Any]
# What became of a line, seen together with its order; in the order of a life.
FATES = ("unchecked", "wrong", "waiting", "placed", "held", "done", "failed", "refused", "cancelled")
_FATE = """
    CASE WHEN l.state = 'placing' THEN 'waiting' WHEN l.state <> 'placed' THEN l.state
        WHEN o.state = 'held' THEN 'held' WHEN o.state = 'completed' THEN 'done'
        WHEN o.state = 'cancelled' THEN 'cancelled' WHEN o.state = 'rejected' THEN 'refused'
        WHEN o.state IN ('failed', 'partial') THEN 'failed' ELSE 'placed' END"""
_LINES = "bulk_order_line l LEFT JOIN product_order o ON o.id = l.doc #>> '{productOrder,id}'"
_FEW = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A line, what became of it, and the state of its order ("": it has none)."""

    line: Document
    fate: str
    order_state: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines had which fate, and what the lines that are or will be ordered cost, by currency."""

    fates: dict[str, int] = field(default_factory=dict)
    monthly: dict[str, Decimal] = field(default_factory=dict)
    once: dict[str, Decimal] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        return sum(self.fates.values())


async def addresses_meant(store: Store, text: str) -> tuple[list[Document], bool]:
    """At most four addresses that a text may mean, and whether slips were forgiven to find them."""
    question = asked(text)
    if not question.words:
        return [], False
    async with store.database.searching() as conn:
        for corrected in (False, True):
            words = await meanings(conn, question, corrected=corrected)
            if not words:
                continue
            args = Args()
            rows = await conn.fetch(
                f"""
                SELECT a.doc::text FROM address_entry e JOIN geographic_address a ON a.id = e.id
                WHERE {fitting(without_house(words), "e.words", args)} ORDER BY e.words, e.id LIMIT {_FEW}""",
                *args,
            )
            if rows:
                return [decode(row[0]) for row in rows], corrected
    return [], False


async def lines_in(store: Store, bulk: str, states: tuple[str, ...], most: int) -> list[str]:
    """Ids of lines in one of these states, in the order of the file."""
    sql = "SELECT id FROM bulk_order_line WHERE bulk_order = $1 AND state = ANY($2::text[]) ORDER BY id LIMIT $3"
    return [row[0] for row in await store.database.rows(sql, bulk, list(states), most)]


async def totals(store: Store, bulks: list[str]) -> dict[str, Totals]:
    """Counts and sums of some bulk orders."""
    sql = f"""
        SELECT l.bulk_order, {_FATE} AS fate, coalesce(l.doc #>> '{{monthly,unit}}', l.doc #>> '{{once,unit}}') AS unit,
            count(*) AS lines, sum((l.doc #>> '{{monthly,value}}')::numeric) AS monthly,
            sum((l.doc #>> '{{once,value}}')::numeric) AS once
        FROM {_LINES} WHERE l.bulk_order = ANY($1::text[]) GROUP BY 1, 2, 3"""
    found = {bulk: Totals() for bulk in bulks}
    for row in await store.database.rows(sql, bulks):
        each, fate, unit = found[row["bulk_order"]], row["fate"], row["unit"]
        each.fates[fate] = each.fates.get(fate, 0) + row["lines"]
        if unit and fate in {"waiting", "placed", "held", "done"}:
            for sums, name in ((each.monthly, "monthly"), (each.once, "once")):
                sums[unit] = sums.get(unit, Decimal(0)) + (row[name] or Decimal(0))
    return found


async def lines_shown(store: Store, bulk: str, fate: str, offset: int, most: int) -> list[Shown]:
    """Lines of a bulk order in the order of the file; `fate`: of one alone."""
    sql = f"""
        SELECT doc, fate, state FROM (SELECT l.id, l.doc::text AS doc, {_FATE} AS fate, o.state FROM {_LINES}
            WHERE l.bulk_order = $1) each
        WHERE $2 = '' OR fate = $2 ORDER BY id LIMIT $3 OFFSET $4"""
    rows = await store.database.rows(sql, bulk, fate, most, offset)
    return [Shown(decode(row["doc"]), row["fate"], row["state"] or "") for row in rows]


async def bulk_orders(store: Store, state: str, offset: int, most: int) -> list[Document]:
    """Bulk orders, the newest first; `state`: in one alone."""
    sql = """
        SELECT doc::text FROM bulk_order WHERE $1 = '' OR state = $1 ORDER BY created DESC, id DESC
        LIMIT $2 OFFSET $3"""
    return [decode(row[0]) for row in await store.database.rows(sql, state, most, offset)]
