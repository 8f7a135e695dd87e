"""A little resource with every kind of attribute, its shape, and its table in a real PostgreSQL."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from abonent.kit.query import Query, Scope, count_sql, page_sql, parse_query

# path -> (kind, which steps are lists); what stands between the leaves is an object
LEAVES: dict[str, tuple[str, tuple[bool, ...]]] = {
    "id": ("string", (False,)),
    "state": ("string", (False,)),
    "active": ("boolean", (False,)),
    "orderDate": ("date-time", (False,)),
    "due": ("date-time", (False,)),
    "note": ("string", (False,)),
    "priority": ("integer", (False,)),
    "amount": ("number", (False,)),
    "free": ("any", (False,)),
    "tag": ("string", (True,)),
    "place.city": ("string", (False, False)),
    "item.action": ("string", (True, False)),
    "item.quantity": ("integer", (True, False)),
    "item.at": ("date-time", (True, False)),
    "item.char.value": ("any", (True, True, False)),
    "relatedParty.id": ("string", (True, False)),
}
COLUMNS = {"state": "state", "orderDate": "order_date", "active": "active", "priority": "priority"}
TABLE = "thing"
CREATE = """
    CREATE TABLE {table} (
        id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL DEFAULT 1, doc jsonb NOT NULL,
        state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{{state}}') STORED,
        order_date text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{{orderDate}}') STORED,
        active text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{{active}}') STORED,
        priority text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{{priority}}') STORED
    );
    CREATE INDEX ON {table} USING gin (doc jsonb_path_ops);
    CREATE INDEX ON {table} (order_date DESC NULLS LAST, id);
    CREATE INDEX ON {table} (state, id);
"""


@dataclass(frozen=True)
class Found:
    kind: str
    many: tuple[bool, ...]


class Shape:
    def lookup(self, path: tuple[str, ...]) -> Found | None:
        name = ".".join(path)
        for leaf, (kind, many) in LEAVES.items():
            if leaf == name:
                return Found(kind, many)
            if leaf.startswith(f"{name}."):
                return Found("object", many[: len(path)])
            if kind == "any" and name.startswith(f"{leaf}."):
                return Found("any", many + (False,) * (len(path) - len(many)))
        return None


def parse(params: list[tuple[str, str]], **options: Any) -> Query:
    return parse_query(params, Shape(), COLUMNS, **options)


class Table:
    """Two connections to one schema of our own: one as it is, one that uses an index wherever it can."""

    def __init__(self, dsn: str, runner: asyncio.Runner) -> None:
        self.dsn = dsn
        self.runner = runner
        self.schema = f"query_{os.getpid()}"
        settings = {"timezone": "Asia/Tokyo", "search_path": self.schema}
        self.plain: asyncpg.Connection = runner.run(asyncpg.connect(dsn, server_settings=settings))
        self.execute(f"CREATE SCHEMA {self.schema}")
        self.execute(CREATE.format(table=TABLE))
        self.indexed: asyncpg.Connection = runner.run(
            asyncpg.connect(dsn, server_settings={**settings, "enable_seqscan": "off"})
        )

    def execute(self, sql: str, *args: Any) -> None:
        self.runner.run(self.plain.execute(sql, *args))

    def fill(self, documents: list[dict[str, Any]]) -> None:
        self.execute(f"DELETE FROM {TABLE}")
        rows = [(doc["id"], json.dumps(doc)) for doc in documents]
        self.runner.run(self.plain.executemany(f"INSERT INTO {TABLE} (id, doc) VALUES ($1, $2)", rows))

    def rows(self, query: Query, scope: Scope | None = None, *, indexed: bool = False) -> list[Any]:
        sql, args = page_sql(TABLE, query, scope, Shape())
        return self.runner.run((self.indexed if indexed else self.plain).fetch(sql, *args))

    def ids(self, query: Query, scope: Scope | None = None, *, indexed: bool = False) -> list[str]:
        return [row["id"] for row in self.rows(query, scope, indexed=indexed)]

    def count(self, query: Query, scope: Scope | None = None, cap: int | None = 10_001) -> int:
        sql, args = count_sql(TABLE, query, scope, Shape(), cap)
        found: Any = self.runner.run(self.plain.fetchval(sql, *args))
        return found

    def plan(self, query: Query, scope: Scope | None = None) -> str:
        sql, args = page_sql(TABLE, query, scope, Shape())
        return "\n".join(
            row[0] for row in self.runner.run(self.plain.fetch(f"EXPLAIN (ANALYZE) {sql}", *args))
        )

    def close(self) -> None:
        self.execute(f"DROP SCHEMA {self.schema} CASCADE")
        self.runner.run(self.plain.close())
        self.runner.run(self.indexed.close())


@contextmanager
def opened_table() -> Iterator[Table]:
    """A table in a schema of its own on the server of the run; gone afterwards."""
    with asyncio.Runner() as runner:
        table = Table(os.environ["ABONENT_TEST_DSN"], runner)
        try:
            yield table
        finally:
            table.close()
