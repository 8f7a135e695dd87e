"""Documents in PostgreSQL: get, list, insert, update-if-version, over any registered resource.

Who may see a row is decided here, once: staff see all, a client only rows in which one of the resource's owner
paths names his party. A row he may not see does not exist for him (404, and not in lists or counts).
Reads for answers stay JSON text as PostgreSQL returns it; actions get decoded documents.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import asyncpg

from abonent.kit.access import Caller
from abonent.kit.bell import Bell
from abonent.kit.change import Change, Stored
from abonent.kit.db import Database
from abonent.kit.errors import N_, Conflict, NotFound
from abonent.kit.query import Query, Scope, count_sql, page_sql, query_error
from abonent.kit.recall import Recall
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode
from abonent.kit.statements import LOST_UPDATE, statement
from abonent.kit.together import Together

NUMBER_BLOCK = 50
EXACT_COUNT = 10_000
COUNT_TTL = 5.0
STREAM_BATCH = 500
WHOLE_TTL = 5.0
# Statements at once for what several callers want of the database, and callers in one of them
# (docs/decisions/0008).
FLIGHTS, TOGETHER = 1, 32

Wanted = list[tuple[Resource, str]]
# Asks for one value: (sql, *args) -> it.
Value = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page: (document as JSON text, id), the number of all matches (at most COUNT_TTL old above EXACT_COUNT)."""

    rows: list[tuple[str, str]]
    total: int


class Store:
    """All reads and writes of documents of one process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bell = Bell(database)
        self._numbers: dict[str, Iterator[int]] = {}
        self._numbering = asyncio.Lock()
        self._counts: dict[tuple[Any, ...], tuple[float, int]] = {}
        self._whole: dict[str, tuple[float, int, dict[str, dict[str, Any]]]] = {}
        self._written: Counter[str] = Counter()
        self.recall = Recall()
        self._finds = Together(self._find_all, at_once=FLIGHTS, most=TOGETHER)
        self._inserts = Together(self._save_all, at_once=FLIGHTS, most=TOGETHER)

    # ---- reading

    async def text(self, caller: Caller, resource: Resource, id: str) -> tuple[str, int]:
        """One document as JSON text, and its version; NotFound."""
        resource.permissions.demand(caller, write=False, what=resource.name)
        sql, args = f"SELECT doc::text, version FROM {resource.table} WHERE id = $1", [id]
        scope = _scope(caller, resource)
        if scope is not None:
            predicate, more = scope.sql(resource.shape, len(args))
            sql, args = f"{sql} AND {predicate}", args + more
        # PostgreSQL takes no null character, so no id holds one.
        row = None if "\x00" in id else await self.database.row(sql, *args)
        if row is None:
            raise missing(resource, id)
        return row[0], row[1]

    async def get(self, caller: Caller, resource: Resource, id: str) -> Stored:
        """One document, decoded, with the version a later update needs; NotFound."""
        text, version = await self.text(caller, resource, id)
        return Stored(resource, decode(text), version)

    async def find(self, wanted: Iterable[tuple[Resource, str]]) -> dict[tuple[str, str], Stored]:
        """Several documents of several resources in one statement, for rules; no ownership is applied.

        Keys are (resource name, id); ids that do not exist are left out.
        """
        each = list(wanted)
        return await self._finds(each) if each else {}

    async def one(self, resource: Resource, id: str) -> Stored | None:
        """One document, for rules; None where there is none. No ownership is applied."""
        return (await self.find([(resource, id)])).get((resource.name, id))

    async def whole(self, resource: Resource) -> dict[str, dict[str, Any]]:
        """All documents of a small table that changes rarely, by id, for rules, not to be changed. What this process
        writes counts at once; what others write, after WHOLE_TTL seconds at most."""
        begun, written = time.monotonic(), self._written[resource.name]
        known = self._whole.get(resource.name)
        if known and begun - known[0] < WHOLE_TTL and written == known[1]:
            return known[2]
        rows = await self.database.rows(f"SELECT id, doc::text FROM {resource.table}")
        documents = {row[0]: decode(row[1]) for row in rows}
        self._whole[resource.name] = (begun, written, documents)
        return documents

    async def _find_all(self, asked: list[Wanted]) -> list[dict[tuple[str, str], Stored]]:
        """What each of several callers asked for. Each gets documents of his own, which he may change."""
        tables: dict[str, str] = {}
        ids: dict[str, dict[str, None]] = {}
        for resource, id in chain.from_iterable(asked):
            tables[resource.name] = resource.table
            ids.setdefault(resource.name, {})[id] = None
        # In one order, so that the same resources make the same statement.
        names = sorted(ids)
        parts = [
            f"SELECT '{name}', id, version, doc::text FROM {tables[name]} WHERE id = ANY(${n}::text[])"
            for n, name in enumerate(names, 1)
        ]
        rows = await self.database.rows(" UNION ALL ".join(parts), *(list(ids[name]) for name in names))
        found = {(name, id): (version, text) for name, id, version, text in rows}
        return [
            {
                key: Stored(resource, decode(found[key][1]), found[key][0])
                for resource, id in wanted
                if (key := (resource.name, id)) in found
            }
            for wanted in asked
        ]

    async def page(self, caller: Caller, resource: Resource, query: Query) -> Listing:
        """One page of what the caller may see, with the total."""
        resource.permissions.demand(caller, write=False, what=resource.name)
        scope = _scope(caller, resource)
        sql, args = page_sql(resource.table, query, scope, resource.shape)
        try:
            if query.conditions or scope is not None:
                async with self.database.searching() as conn:
                    rows = await conn.fetch(sql, *args)
                    total = await self._count(conn.fetchval, resource, query, scope, len(rows))
            else:
                # Without conditions there is nothing that another plan could do better.
                rows = await self.database.rows(sql, *args)
                total = await self._count(self.database.value, resource, query, scope, len(rows))
        except asyncpg.PostgresError as refused:
            raise query_error(refused) or refused from refused
        return Listing([(row[0], row[1]) for row in rows], total)

    async def stream(self, caller: Caller, resource: Resource, query: Query) -> AsyncIterator[Listing]:
        """All rows of a query without limit in batches; at least one batch, empty when nothing matches."""
        resource.permissions.demand(caller, write=False, what=resource.name)
        scope = _scope(caller, resource)
        sql, args = page_sql(resource.table, query, scope, resource.shape)
        async with self.database.searching() as conn:
            try:
                cursor = await conn.cursor(sql, *args)
                rows = await cursor.fetch(STREAM_BATCH)
                total = query.offset + len(rows)
                if len(rows) == STREAM_BATCH or (query.offset and not rows):
                    counting, more = count_sql(resource.table, query, scope, resource.shape, None)
                    total = await conn.fetchval(counting, *more)
                yield Listing([(row[0], row[1]) for row in rows], total)
                while len(rows) == STREAM_BATCH:
                    rows = await cursor.fetch(STREAM_BATCH)
                    yield Listing([(row[0], row[1]) for row in rows], total)
            except asyncpg.PostgresError as refused:
                raise query_error(refused) or refused from refused

    async def _count(
        self, value: Value, resource: Resource, query: Query, scope: Scope | None, found: int
    ) -> int:
        """Exact up to EXACT_COUNT; above it a full count remembered for COUNT_TTL seconds."""
        if query.limit is None or (found and found < query.limit):
            return query.offset + found
        capped_sql, args = count_sql(resource.table, query, scope, resource.shape, EXACT_COUNT + 1)
        key = (capped_sql, *map(str, args))
        known = self._counts.get(key)
        if known and time.monotonic() - known[0] < COUNT_TTL:
            return known[1]
        capped = await value(capped_sql, *args)
        if capped <= EXACT_COUNT:
            return capped
        full_sql, args = count_sql(resource.table, query, scope, resource.shape, None)
        total = await value(full_sql, *args)
        if len(self._counts) > 1000:
            self._counts.clear()
        self._counts[key] = (time.monotonic(), total)
        return total

    # ---- writing

    async def commit(self, change: Change) -> None:
        """Save a change whole or not at all. Conflict if a document changed since it was read or an id or
        unique attribute is taken; nothing is written then."""
        if change.only_inserts:
            await self._inserts(change)
        else:
            await self._save(change)
        self._written.update(write.resource.name for write in chain(change.writes, change.adopted))
        if change.jobs:
            self.bell.ring()

    async def _save_all(self, changes: list[Change]) -> list[Exception | None]:
        """Save changes that only insert in one statement; each alone if one of them is refused."""
        if len(changes) > 1:
            made = statement(changes)
            try:
                if made is not None:
                    await self.database.run(made[0], *made[1])
                return [None] * len(changes)
            except asyncpg.PostgresError:
                pass  # all of them were undone
        results = await asyncio.gather(*map(self._save, changes), return_exceptions=True)
        return [each if isinstance(each, Exception) else None for each in results]

    async def _save(self, change: Change) -> None:
        made = statement([change])
        if made is None:
            return
        try:
            await self.database.run(made[0], *made[1])
        except asyncpg.UniqueViolationError as taken:
            raise Conflict(
                "alreadyExists",
                N_("{what} exists already ({constraint}). Use another id, or change the existing one."),
                what=(change.writes or change.adopted)[0].resource.name,
                constraint=taken.constraint_name,
            ) from taken
        except asyncpg.PostgresError as error:
            if error.sqlstate == LOST_UPDATE:
                raise Conflict(
                    "changedMeanwhile",
                    N_("{what} was changed by somebody else meanwhile. Read it again and repeat."),
                    what=str(error),
                ) from error
            raise

    async def next_id(self, resource: Resource) -> str:
        """A new number such as O-10001. Taken from the database in blocks, so gaps are normal."""
        number = self._kept_number(resource)
        if number is None:
            # One fetches the block, others wait for it rather than fetch a block each.
            async with self._numbering:
                number = self._kept_number(resource)
                if number is None:
                    sequence = f"{resource.table}_number"
                    number = int(await self.database.value("SELECT nextval($1::text::regclass)", sequence))
                    self._numbers[resource.name] = iter(range(number + 1, number + NUMBER_BLOCK))
        return f"{resource.prefix}-{number}"

    def _kept_number(self, resource: Resource) -> int | None:
        return next(self._numbers.get(resource.name, iter(())), None)

    # ---- history

    async def history(self, resource: Resource, id: str) -> list[dict[str, Any]]:
        """State moves of one resource and its parts, newest first: what, old, new, reason, at, by."""
        sql = (
            "SELECT attribute, old_state, new_state, reason, at, by, correlation_id FROM state_history"
            " WHERE resource = $1 AND resource_id = $2 ORDER BY seq DESC"
        )
        async with self.database.connection() as conn:
            return [dict(row) for row in await conn.fetch(sql, resource.name, id)]


def _scope(caller: Caller, resource: Resource) -> Scope | None:
    """The rows a caller may see: None means all of them."""
    if caller.owner is None or not resource.owner:
        return None
    return Scope(tuple(tuple(path.split(".")) for path in resource.owner), caller.owner)


def missing(resource: Resource, id: str) -> NotFound:
    return NotFound(
        "notFound", N_("There is no {what} {id}, or you may not see it."), what=resource.name, id=id
    )
