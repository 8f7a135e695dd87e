"""A migrated database has exactly the tables that the registered resources derive: neither can drift alone."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from abonent import main
from abonent.kit.derive import migration_sql
from abonent.kit.migrate import MIGRATIONS, migrate
from tests.conftest import drop_database, with_database

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coll.collname,
       a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_collation coll ON coll.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[])
"""
INDEXES = (
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1::text[])"
)
SEQUENCES = """
SELECT sequencename, start_value, increment_by, max_value, cycle FROM pg_sequences
WHERE schemaname = 'public' AND sequencename = ANY($1::text[])
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
OURS = (
    *("state_history", "event", "timer", "domain_clock", "account"),
    *("hub_subscription", "hub_delivery", "hub_cursor", "hub_gap"),
    *("client_entry", "address_entry", "search_word", "saved_filter", "product_origin"),
)


@pytest.fixture
def derived(dsn: str) -> Iterator[str]:
    """A database with the kit's migration and, instead of the resources', what derivation prints now."""
    server, name = os.environ["ABONENT_TEST_DSN"], urlsplit(dsn).path[1:] + "_derived"

    async def make() -> None:
        admin = await asyncpg.connect(server)
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        conn = await asyncpg.connect(with_database(server, name))
        await conn.execute((MIGRATIONS / "0001_kit.sql").read_text())
        await conn.execute(migration_sql(main.REGISTRY))
        await conn.close()

    asyncio.run(make())
    yield with_database(server, name)
    asyncio.run(drop_database(server, name))


async def described(dsn: str) -> dict[str, set[tuple[Any, ...]]]:
    tables = [r.table for r in main.REGISTRY]
    conn = await asyncpg.connect(dsn)
    try:
        found = {
            "columns": await conn.fetch(COLUMNS, tables),
            "indexes": await conn.fetch(INDEXES, tables),
            "sequences": await conn.fetch(SEQUENCES, [f"{t}_number" for t in tables]),
        }
    finally:
        await conn.close()
    return {kind: {tuple(row) for row in rows} for kind, rows in found.items()}


async def test_columns_indexes_and_sequences_are_the_derived_ones(dsn: str, derived: str) -> None:
    migrated, wanted = await described(dsn), await described(derived)
    for kind in wanted:
        assert migrated[kind] == wanted[kind], kind
    resources = list(main.REGISTRY)
    assert len(wanted["sequences"]) == len(resources)
    # Every resource has at least its three columns and its primary key: nothing compared is empty.
    assert len(wanted["columns"]) == sum(3 + len(r.indexes) for r in resources)
    assert len(wanted["indexes"]) == sum(1 + len(r.indexes) + r.searched for r in resources)


async def test_no_table_is_left_over(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    names = {row[0] for row in await conn.fetch(TABLES)}
    await conn.close()
    foreign = {n for n in names if "yoyo" in n or n.startswith("procrastinate_")}
    assert names - foreign == {*OURS, *(r.table for r in main.REGISTRY)}


def test_migrating_again_changes_nothing(dsn: str) -> None:
    assert migrate(dsn) == []


def test_every_index_lies_on_an_attribute_of_its_shape() -> None:
    for resource in main.REGISTRY:
        for index in resource.indexes:
            steps = tuple(s for s in index.path.split(".") if not s.isdigit())
            assert resource.shape.lookup(steps) is not None, f"{resource.name}: {index.path}"
        for path in resource.owner:
            assert resource.shape.lookup(tuple(path.split("."))) is not None, f"{resource.name}: {path}"


def test_names_paths_and_prefixes_are_told_apart() -> None:
    resources = list(main.REGISTRY)
    for attribute in ("name", "prefix", "table"):
        values = [getattr(r, attribute) for r in resources]
        assert len(set(values)) == len(values), attribute
    paths = [r.path for r in resources if r.base]
    assert len(set(paths)) == len(paths)
