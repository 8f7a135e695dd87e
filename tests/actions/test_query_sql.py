"""Filters, order and paging in a real PostgreSQL, against a plain reading of the same documents in Python."""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.kit import query as query_module
from abonent.kit.query import Scope, page_sql, project, query_error
from tests.actions.query_oracle import documents, filters, in_order, matching, pick, written
from tests.actions.query_table import LEAVES, TABLE, Shape, Table, opened_table, parse


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    with opened_table() as opened:
        yield opened


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


def test_a_jsonb_codec_of_the_application_is_no_harm(table: Table) -> None:
    table.fill([{"id": "1", "note": "x"}])

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(table.dsn, server_settings={"search_path": table.schema})
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
