"""Query -> SQL over a resource's table: `id`, `version`, `doc jsonb` and generated columns.

Equality becomes containment (`doc @> ...`, served by the GIN index) or a comparison with a generated
column; ranges compare numbers as numbers, times as instants and texts by code points. Every value, and every
name that came with a request, is a parameter; only names of our own tables and columns stand in the SQL.

What a table must look like for this:
    id and generated columns    text COLLATE "C", so that order and ranges go by code points
    column of a time            UTC text with milliseconds and Z, which orders as the instants do
    index for `sort=-x`         (x DESC NULLS LAST, id)
    index for `sort=x`          (x, id)
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from abonent.kit.errors import N_, BadInput
from abonent.kit.query_args import Args, json_text
from abonent.kit.query_parse import (
    Attribute,
    Condition,
    Lookup,
    NamingShape,
    Query,
    ShapeLookup,
    SortKey,
    parse_fields,
    parse_query,
    project,
)
from abonent.kit.query_values import Span, Value

__all__ = [
    "CANDIDATES",
    "Attribute",
    "Condition",
    "Lookup",
    "NamingShape",
    "Query",
    "Scope",
    "ShapeLookup",
    "SortKey",
    "count_sql",
    "page_sql",
    "parse_fields",
    "parse_query",
    "project",
    "query_error",
    "utc_text",
]

CANDIDATES = 5_000
"""Up to so many matches of a containment filter are sorted in memory; above, the sort index is walked."""

_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
# A stored time that is none (left by an import, say) must not fail the whole list: it counts as absent.
_TEXT = "v #>> '{}'"
_INSTANT = f"CASE WHEN {_TEXT} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T' THEN ({_TEXT})::timestamptz END"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may see a row: one in which `value` stands at one of `paths`. The path `id` is the row's own id.

    No paths: no row at all.
    """

    paths: tuple[tuple[str, ...], ...]
    value: str

    def sql(self, shape: ShapeLookup, used: int) -> tuple[str, list[Any]]:
        """A predicate over bare `id` and `doc`, and its arguments, numbered from `used` + 1."""
        args = Args(used)
        return self.predicate(shape, args), args

    def predicate(self, shape: ShapeLookup, args: Args) -> str:
        ways = []
        for path in self.paths:
            found = shape.lookup(path)
            if found is None:
                raise LookupError(f"owner path {'.'.join(path)} is unknown to the shape")
            ways.append(
                _equal(
                    Attribute(path, found.many, found.kind, "id" if path == ("id",) else None),
                    (self.value,),
                    args,
                )
            )
        return _any_of(ways)


def page_sql(table: str, query: Query, scope: Scope | None, shape: ShapeLookup) -> tuple[str, list[Any]]:
    """SELECT of one page in order: `doc` (JSON text) and `id` of each row.

    Rows are chosen and ordered by id and keys alone and their documents fetched last, so a large offset or an
    order without index never carries documents about.
    """
    _own_name(table)
    args = Args()
    where = _Where(query, scope, shape, args)
    keys = [expression for key in query.sort for expression in _sort_key(key, args)]
    columns = "".join(f", {expression} AS k{n}" for n, (expression, _) in enumerate(keys))
    order = ", ".join(
        [*(f"k{n}{' DESC' if down else ''} NULLS LAST" for n, (_, down) in enumerate(keys)), "id"]
    )
    window = f"OFFSET {args.add(query.offset)}::bigint" if query.offset else ""
    if query.limit is not None:
        window += f" LIMIT {args.add(query.limit)}::bigint"

    def pick(source: str, condition: str) -> str:
        return f"SELECT {source} WHERE {condition} ORDER BY {order} {window}"

    whole = f"id{columns} FROM {table}"
    if where.contained and query.limit is not None:
        names = "".join(f", k{n}" for n in range(len(keys)))
        # The planner cannot know how many documents contain a value, so both ways are in the statement and
        # the number of candidates, known when it runs, opens one of them. IS TRUE hides the condition from
        # the GIN index: for a common value, walking the sort index meets enough matches soon.
        start = (
            f"WITH candidate AS MATERIALIZED (SELECT {whole} WHERE {where.indexed} LIMIT {CANDIDATES + 1}), "
            f"found AS MATERIALIZED (SELECT count(*) AS n FROM candidate) "
        )
        few = pick(f"id{names} FROM candidate", f"(SELECT n FROM found) <= {CANDIDATES}")
        many = pick(whole, f"(SELECT n FROM found) > {CANDIDATES} AND {where.walked}")
        page = f"({few}) UNION ALL ({many})"
    else:
        start, page = "", pick(whole, where.indexed)
    document = _document(table, query.fields, args)
    return f"{start}SELECT {document} AS doc, id FROM ({page}) page ORDER BY {order}", args


def _document(table: str, fields: tuple[str, ...] | None, args: Args) -> str:
    if fields is None:
        return f"(SELECT d.doc::text FROM {table} d WHERE d.id = page.id)"
    kept = f"key = ANY({args.add(list(fields))}::text[])"
    return (
        f"(SELECT coalesce(jsonb_object_agg(key, value), '{{}}')::text FROM {table} d, jsonb_each(d.doc)"
        f" WHERE d.id = page.id AND {kept})"
    )


def count_sql(
    table: str, query: Query, scope: Scope | None, shape: ShapeLookup, cap: int | None = 10_001
) -> tuple[str, list[Any]]:
    """SELECT of the number of matches, counted no further than `cap`; None counts them all."""
    _own_name(table)
    args = Args()
    where = _Where(query, scope, shape, args).indexed
    limit = "" if cap is None else f" LIMIT {args.add(cap)}::bigint"
    return f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where}{limit}) matches", args


def query_error(error: BaseException) -> BadInput | None:
    """What the caller can mend in an exception of the database; None if it is not his fault."""
    match getattr(error, "sqlstate", None):
        case "2201B":
            return BadInput(
                "badRegex",
                N_("The regular expression is not valid: {reason}; mend it"),
                path="regex",
                reason=str(error),
            )
        case "57014":
            return BadInput(
                "filterTooSlow",
                N_(
                    "The list took too long to find; narrow it, or filter by an attribute with an exact value"
                ),
            )
    return None


def utc_text(at: datetime) -> str:
    """The text of an instant in a generated column: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Where:
    """The conditions of a query in two forms: for the GIN index, and out of its sight."""

    def __init__(self, query: Query, scope: Scope | None, shape: ShapeLookup, args: Args) -> None:
        contained: list[str] = []
        others: list[str] = []
        if scope is not None:
            (contained if scope.paths else others).append(scope.predicate(shape, args))
        for condition in query.conditions:
            predicate = _predicate(condition, args)
            (contained if _is_containment(condition) else others).append(predicate)
        self.contained = bool(contained)
        # One party's rows are few, which the planner cannot know: no other index shall be scanned too.
        own = scope is not None and bool(scope.paths)
        self.indexed = _all_of([*contained, *(_hidden(others) if own else others)])
        self.walked = _all_of([*_hidden(contained), *others])


def _hidden(predicates: Iterable[str]) -> list[str]:
    """The same conditions in a form for which no index is used."""
    return [f"({predicate}) IS TRUE" for predicate in predicates]


def _is_containment(condition: Condition) -> bool:
    attribute = condition.attribute
    return condition.op == "eq" and attribute.column is None and attribute.kind != "date-time"


def _predicate(condition: Condition, args: Args) -> str:
    attribute, op, values = condition.attribute, condition.op, condition.values
    if op == "eq":
        return _equal(attribute, values, args)
    if op == "regex":
        return _any_of(_matches(attribute, str(value), args) for value in values)
    sign = _COMPARISONS[op]
    if attribute.column:
        column = _own_name(attribute.column)
        return _any_of(f"{column} {sign} {args.add(_column_text(op, value))}" for value in values)
    if attribute.kind == "date-time":
        return _any_of(_at_instants(attribute, args, ((sign, value),)) for value in values)
    test = f" ? (@ {sign} $v)"
    return _any_of(
        f"jsonb_path_exists(doc, {_jsonpath(attribute, args, test)}, {args.json({'v': value})}, true)"
        for value in values
    )


def _equal(attribute: Attribute, values: Iterable[Value], args: Args) -> str:
    if attribute.kind == "date-time":
        return _any_of(_same_time(attribute, value, args) for value in values)
    if attribute.kind == "any":
        # Unlike containment, a path finds the value alone or in a list; the index serves both.
        test = " || ".join(f"@ == {json_text(value)}" for value in values)
        return f"doc @? {_jsonpath(attribute, args, f' ? ({test})')}"
    if attribute.column is None:
        return _any_of(f"doc @> {args.json(_containing(attribute, value))}" for value in values)
    texts = [json_text(value) if isinstance(value, bool) else str(value) for value in values]
    column = _own_name(attribute.column)
    return (
        f"{column} = {args.add(texts[0])}"
        if len(texts) == 1
        else f"{column} = ANY({args.add(texts)}::text[])"
    )


def _containing(attribute: Attribute, value: Value) -> Any:
    """The least document that holds `value` at the path: {"item": [{"state": "held"}]}."""
    part: Any = value
    for step, many in zip(reversed(attribute.path), reversed(attribute.many), strict=True):
        part = {step: [part] if many else part}
    return part


def _same_time(attribute: Attribute, value: Value, args: Args) -> str:
    span = value if isinstance(value, Span) else None
    if attribute.column:
        column = _own_name(attribute.column)
        if span is None:
            return f"{column} = {args.add(_column_text('eq', value))}"
        return f"({column} >= {args.add(utc_text(span.start))} AND {column} < {args.add(utc_text(span.end))})"
    limits = (("=", value),) if span is None else ((">=", span.start), ("<", span.end))
    return _at_instants(attribute, args, limits)


def _column_text(op: str, value: Value) -> str:
    """The text a column is compared with; a time between two milliseconds of the column is rounded aptly."""
    if not isinstance(value, datetime):
        return str(value)
    below = value.replace(microsecond=value.microsecond // 1000 * 1000)
    if below == value or op in ("gt", "lte"):
        return utc_text(below)
    # Equal to none of the column's texts, so it stays as it is.
    return value.isoformat() if op == "eq" else utc_text(below + timedelta(milliseconds=1))


def _at_instants(attribute: Attribute, args: Args, limits: Iterable[tuple[str, Any]]) -> str:
    """Some time at the path keeps within the limits, each a sign and an aware datetime.

    No offset reaches a day, so the text of a time begins with a date at most one day off the one in UTC.
    That is looked at first: it takes less than half the time.
    """
    near, exact = [], []
    for sign, at in limits:
        exact.append(f"{_INSTANT} {sign} {args.add(at)}::timestamptz")
        if sign != "<" and sign != "<=":
            near.append(f'@ >= "{at.date() - timedelta(days=1)}"')
        if sign != ">" and sign != ">=":
            near.append(f'@ < "{at.date() + timedelta(days=2)}"')
    test = f" ? ({' && '.join(near)})"
    roughly = f"jsonb_path_exists(doc, {_jsonpath(attribute, args, test)}, '{{}}', true)"
    return f"({roughly} AND EXISTS (SELECT FROM {_values(attribute, args)} WHERE {_all_of(exact)}))"


def _matches(attribute: Attribute, pattern: str, args: Args) -> str:
    if attribute.column:
        return f"{_own_name(attribute.column)} ~ {args.add(pattern)}"
    if attribute.single:
        return f"doc #>> {args.add(list(attribute.path))}::text[] ~ {args.add(pattern)}"
    return f"EXISTS (SELECT FROM {_values(attribute, args)} WHERE {_TEXT} ~ {args.add(pattern)})"


def _values(attribute: Attribute, args: Args) -> str:
    """A FROM item with one row `v` for each value at the path, in the order of the document."""
    return f"jsonb_path_query(doc, {_jsonpath(attribute, args)}, '{{}}', true) AS v"


def _jsonpath(attribute: Attribute, args: Args, test: str = "") -> str:
    # Lax paths step into lists by themselves; the last [*] opens a list of plain values.
    steps = "".join(f".{json.dumps(step, ensure_ascii=False)}" for step in attribute.path)
    return f"{args.add(f'${steps}[*]{test}')}::text::jsonpath"


def _sort_key(key: SortKey, args: Args) -> list[tuple[str, bool]]:
    """Expressions to order by, and whether each descends."""
    attribute, down = key.attribute, key.descending
    if attribute.column:
        return [(_own_name(attribute.column), down)]
    if attribute.single and attribute.kind in ("string", "date", "boolean"):
        return [(f'(doc #>> {args.add(list(attribute.path))}::text[]) COLLATE "C"', down)]
    first = f"FROM {_values(attribute, args)} LIMIT 1"
    if attribute.kind == "date-time":
        return [(f"(SELECT {_INSTANT} {first})", down)]
    text = (f'(SELECT {_TEXT} {first}) COLLATE "C"', down)
    if attribute.kind not in ("integer", "number", "any"):
        return [text]
    number = (f"(SELECT CASE jsonb_typeof(v) WHEN 'number' THEN ({_TEXT})::numeric END {first})", down)
    if attribute.kind != "any":
        return [number]
    # Free values: numbers first and by size, then the others by their text.
    return [number, text]


def _any_of(predicates: Iterable[str]) -> str:
    found = list(predicates)
    return f"({' OR '.join(found)})" if found else "false"


def _all_of(predicates: Iterable[str]) -> str:
    return " AND ".join(predicates) or "true"


def _own_name(name: str) -> str:
    """The name of a table or column, which is ours; anything else is a defect of the program."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table or column")
    return name
