"""Hostile requests find nothing that is not theirs, and no value of a request ever stands in SQL."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.query import Attribute, Condition, Query, Scope, count_sql, page_sql
from tests.actions.query_table import TABLE, Shape, Table, opened_table, parse


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    with opened_table() as opened:
        yield opened


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
