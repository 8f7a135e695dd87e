"""Query parameters of a list: every spelling of a condition, and what is refused with which advice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.errors import BadInput
from abonent.kit.query_parse import Attribute, Query, parse_fields, parse_query, project
from abonent.kit.query_values import Span

COLUMNS = {"state": "state", "orderDate": "order_date", "priority": "priority"}
TREE: dict[str, Any] = {
    "id": "string",
    "href": "string",
    "state": "string",
    "orderDate": "date-time",
    "dateTime": "date-time",
    "birth": "date",
    "priority": "integer",
    "amount": "number",
    "open": "boolean",
    "value": "any",
    "tag": ["string"],
    "item": [{"id": "string", "state": "string", "regex": "string", "char": [{"value": "any"}]}],
    "@type": "string",
}


@dataclass(frozen=True)
class Found:
    kind: str
    many: tuple[bool, ...]


class Shape:
    """A wire type told as a nest of dicts; a list of one stands for a list."""

    def at(self, path: tuple[str, ...]) -> tuple[Any, tuple[bool, ...]]:
        here: Any = TREE
        many: list[bool] = []
        for step in path:
            here = "any" if here == "any" else here.get(step) if isinstance(here, dict) else None
            many.append(isinstance(here, list))
            here = here[0] if isinstance(here, list) else here
        return here, tuple(many)

    def lookup(self, path: tuple[str, ...]) -> Found | None:
        here, many = self.at(path)
        return None if here is None else Found("object" if isinstance(here, dict) else here, many)

    def names(self, path: tuple[str, ...]) -> Iterable[str]:
        here, _ = self.at(path)
        return list(here) if isinstance(here, dict) else []


def read(query_string: str, **options: Any) -> Query:
    pairs = parse_qsl(query_string, keep_blank_values=True, errors="surrogateescape")
    return parse_query(pairs, Shape(), COLUMNS, **options)


def told(query_string: str) -> list[tuple[str, str, tuple[Any, ...]]]:
    return [(".".join(c.attribute.path), c.op, c.values) for c in read(query_string).conditions]


DAY = datetime(2013, 4, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query_string", "op"),
    [
        ("dateTime.gt=2013-04-20", "gt"),
        ("dateTime%3E2013-04-20", "gt"),
        ("dateTime>2013-04-20", "gt"),
        ("dateTime.gte=2013-04-20", "gte"),
        ("dateTime%3E=2013-04-20", "gte"),
        ("dateTime>=2013-04-20", "gte"),
        ("dateTime%3E%3D2013-04-20", "gte"),
        ("dateTime.lt=2013-04-20", "lt"),
        ("dateTime%3C2013-04-20", "lt"),
        ("dateTime.lte=2013-04-20", "lte"),
        ("dateTime%3C=2013-04-20", "lte"),
        ("dateTime%3C%3D2013-04-20", "lte"),
        ("dateTime%3E2013-04-20T03:00:00%2B03:00", "gt"),
        ("dateTime%3E2013-04-20T03:00:00+03:00", "gt"),
        ("dateTime.lte=2013-04-20T03:00+03", "lte"),
        ("dateTime.gt=2013-04-19t19:00:00.000-0500", "gt"),
        ("dateTime.gt=2013-04-20T00:00:00z", "gt"),
        ("dateTime.gt=2013-04-20T00:00:00", "gt"),
        ("dateTime.gt='2013-04-20T00:00:00.000Z'", "gt"),
    ],
)
def test_every_spelling_of_a_range(query_string: str, op: str) -> None:
    assert told(query_string) == [("dateTime", op, (DAY,))]


def test_equality_with_a_day_is_the_whole_day() -> None:
    assert told("dateTime=2013-04-20") == [("dateTime", "eq", (Span(DAY, DAY.replace(day=21)),))]
    assert told("dateTime=2013-04-20T00:00:00Z") == [("dateTime", "eq", (DAY,))]


@pytest.mark.parametrize(
    ("query_string", "conditions"),
    [
        ("state=held", [("state", "eq", ("held",))]),
        ("state.eq=held", [("state", "eq", ("held",))]),
        ("state%3Dheld", [("state", "eq", ("held",))]),
        ("state=a=b", [("state", "eq", ("a=b",))]),
        ("state>a=b", [("state", "gt", ("a=b",))]),
        ("state=", [("state", "eq", ("",))]),
        ("state=held,done", [("state", "eq", ("held", "done"))]),
        ("state=held&state=done&state.eq=held", [("state", "eq", ("held", "done"))]),
        ("state=held&item.id=1", [("state", "eq", ("held",)), ("item.id", "eq", ("1",))]),
        ('state="held,done"', [("state", "eq", ("held,done",))]),
        ("state='held,done',x", [("state", "eq", ("held,done", "x"))]),
        ("state='it's',\"\"", [("state", "eq", ("it's", ""))]),
        ("state=O'Brien,d'Arc", [("state", "eq", ("O'Brien", "d'Arc"))]),
        ('state="open,end', [("state", "eq", ('"open', "end"))]),
        ("state='a'b,c", [("state", "eq", ("'a'b", "c"))]),
        ("state=a,", [("state", "eq", ("a", ""))]),
        ("priority=7,-8", [("priority", "eq", (Decimal(7), Decimal(-8)))]),
        ("priority='7'", [("priority", "eq", (Decimal(7),))]),
        ("amount.gte=1e2", [("amount", "gte", (Decimal("1e2"),))]),
        ("amount<.5", [("amount", "lt", (Decimal("0.5"),))]),
        ("open=TRUE", [("open", "eq", (True,))]),
        ("birth.lt=1990-05-01", [("birth", "lt", ("1990-05-01",))]),
        ("value=100", [("value", "eq", ("100", Decimal(100)))]),
        ("value='100'", [("value", "eq", ("100",))]),
        ("value=true,1", [("value", "eq", ("true", True, "1", Decimal(1)))]),
        ("value.gt=5", [("value", "gt", ("5", Decimal(5)))]),
        ("value.deep.er=x", [("value.deep.er", "eq", ("x",))]),
        ("item.state.regex=^a{1,2}$", [("item.state", "regex", ("^a{1,2}$",))]),
        ("state.regex='a,b'", [("state", "regex", ("a,b",))]),
        ("item.regex=x", [("item.regex", "eq", ("x",))]),
        ("item.regex.regex=x", [("item.regex", "regex", ("x",))]),
        ("@type=ProductOrder", [("@type", "eq", ("ProductOrder",))]),
    ],
)
def test_conditions(query_string: str, conditions: list[Any]) -> None:
    assert told(query_string) == conditions


def test_true_and_one_are_different_values() -> None:
    (condition,) = read("value=1,true").conditions
    assert [type(value) for value in condition.values] == [str, Decimal, str, bool]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\"'"), max_size=8),
        min_size=1,
    )
)
def test_quoted_values_come_back_as_they_are(texts: list[str]) -> None:
    query = parse_query([("state", ",".join(f'"{text}"' for text in texts))], Shape(), COLUMNS)
    assert query.conditions[0].values == tuple(dict.fromkeys(texts))


def test_columns_are_used_where_their_text_is_the_value() -> None:
    found = {
        c.attribute.path[0]: c.attribute.column
        for c in read("state=a&orderDate=2013-04-20&id=1&priority=1").conditions
    }
    assert found == {"state": "state", "orderDate": "order_date", "id": "id", "priority": None}


@pytest.mark.parametrize(
    ("query_string", "code", "words"),
    [
        ("stat=held", "unknownAttribute", ["stat", "state"]),
        ("State=held", "unknownAttribute", ["State", "state"]),
        ("item.stat.gt=held", "unknownAttribute", ["item.stat", "item.state"]),
        ("item..state=held", "unknownAttribute", ["item..state"]),
        ("=held", "unknownAttribute", []),
        ("qqqqq=1", "unknownAttribute", ["qqqqq"]),
        (".".join(["value"] * 13) + "=1", "unknownAttribute", []),
        ("sort=-stat", "unknownAttribute", ["state"]),
        ("fields=id,stat", "unknownAttribute", ["state"]),
        ("item=1", "badFilter", ["item.id"]),
        ("sort=item", "badFilter", ["item.id"]),
        ("href=http://x/1", "badFilter", ["id"]),
        ("open.gt=true", "badFilter", ["open=true"]),
        ("state.gt=", "badFilter", ["state"]),
        ("priority=1.5", "badNumber", ["priority", "1.5", "42"]),
        ("priority=", "badNumber", ["priority"]),
        ("amount.gt=many", "badNumber", ["amount", "many"]),
        ("amount=1e400", "badNumber", ["amount"]),
        ("amount=NaN", "badNumber", ["amount"]),
        ("amount=\u0661", "badNumber", ["amount"]),
        ("open=yes", "badBoolean", ["open", "yes", "true"]),
        ("dateTime>soon", "badDateTime", ["dateTime", "soon", "2026-11-24T05:22:20Z"]),
        ("dateTime=2013-02-30", "badDateTime", ["dateTime"]),
        ("dateTime=2013-04-20T25:00:00Z", "badDateTime", ["dateTime"]),
        ("dateTime=2013-W16-6", "badDateTime", ["dateTime"]),
        ("dateTime=0001-01-01T00:00:00%2B12:00", "badDateTime", ["dateTime"]),
        ("dateTime=9999-12-31", "badDateTime", ["dateTime"]),
        ("birth=2013-04-31", "badDate", ["birth"]),
        ("birth=2013-04-20T00:00:00Z", "badDate", ["birth", "2026-11-24"]),
        ("state.regex=", "badRegex", ["state"]),
        ("state.regex=" + "a" * 501, "badRegex", ["500"]),
        ("offset=-1", "badPaging", ["offset", "-1"]),
        ("limit=ten", "badPaging", ["limit", "ten"]),
        ("limit=", "badPaging", ["limit"]),
        ("limit=1&limit=2", "badPaging", ["limit"]),
        ("offset=99999999", "badPaging", ["offset"]),
        ("limit=\u0663", "badPaging", ["limit"]),
        ("filter=$.item[?(@.id=='1')]", "unsupportedFilter", ["filter", "orderDate.gte"]),
        ("state=a%00b", "badCharacter", ["state"]),
        ("state=%ff", "badCharacter", ["state"]),
        ("sta%00te=a", "badCharacter", []),
        ("state=" + "x" * 4001, "valueTooLong", ["state", "4000"]),
        ("state=" + ",".join(map(str, range(201))), "filterTooLarge", ["200"]),
        ("&".join(f"value.a{n}=1" for n in range(51)), "filterTooLarge", ["50"]),
        ("sort=" + ",".join(f"value.a{n}" for n in range(9)), "badSort", ["8"]),
    ],
)
def test_what_is_wrong_is_refused_with_advice(query_string: str, code: str, words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        read(query_string)
    assert caught.value.code == code
    text = caught.value.text.format(**caught.value.facts)
    assert [word for word in words if word not in text] == []
    assert len(text) < 600


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=4))
def test_any_text_is_a_query_or_bad_input(pairs: list[tuple[str, str]]) -> None:
    try:
        query = parse_query(pairs, Shape(), COLUMNS)
    except BadInput as refused:
        refused.text.format(**refused.facts)
    else:
        known = set(TREE)
        assert all(condition.attribute.path[0] in known for condition in query.conditions)


@given(
    st.sampled_from(["state", "dateTime", "amount", "open", "value", "sort", "limit", "item.char.value"]),
    st.text(),
)
def test_any_value_of_a_known_name_is_a_query_or_bad_input(name: str, value: str) -> None:
    try:
        parse_query([(name, value)], Shape(), COLUMNS)
    except BadInput as refused:
        refused.text.format(**refused.facts)


def test_paging() -> None:
    assert (read("").offset, read("").limit) == (0, None)
    query = read("offset=40&limit=20")
    assert (query.offset, query.limit) == (40, 20)
    assert read("limit=0").limit == 0
    assert read("limit=5000").limit == 1000
    assert read("limit=5000", max_limit=100).limit == 100


def sorted_by(query: Query) -> list[tuple[str, bool]]:
    return [(".".join(key.attribute.path), key.descending) for key in query.sort]


def test_sort() -> None:
    assert sorted_by(read("sort=-orderDate,+item.id")) == [("orderDate", True), ("item.id", False)]
    assert sorted_by(read("sort=%2Bstate&sort=-priority")) == [("state", False), ("priority", True)]
    assert sorted_by(read("sort=state,-state")) == [("state", False)]
    assert sorted_by(read("sort=")) == []
    assert sorted_by(read("", default_sort="-orderDate")) == [("orderDate", True)]
    assert sorted_by(read("sort=state", default_sort="-orderDate")) == [("state", False)]
    assert read("sort=-orderDate").sort[0].attribute == Attribute(
        ("orderDate",), (False,), "date-time", "order_date"
    )


def test_fields() -> None:
    assert read("").fields is None
    assert read("fields=state,item.id,state").fields == ("id", "href", "state", "item")
    assert read("fields=state&fields=@type").fields == ("id", "href", "state", "@type")
    assert read("fields=none").fields == ("id", "href")
    assert read("fields=state", always=()).fields == ("state",)
    assert parse_fields(["none"], Shape(), ()) == ("id", "href")


def test_project_keeps_the_text_of_what_it_keeps() -> None:
    text = '{"id": "1", "amount": 1.10, "item": [{"b": 1, "a":  "\\u0416"}], "note": null}'
    assert project(text, None) is text
    assert project(text, ("id", "href", "item")) == '{"id":"1","item":[{"b": 1, "a":  "\\u0416"}]}'
    assert project(text, ("amount", "note")) == '{"amount":1.10,"note":null}'
    assert project(text, ()) == "{}"
