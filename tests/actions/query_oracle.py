"""Random documents and requests, and what a plain reading in Python finds for them."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from abonent.kit.query import utc_text
from tests.actions.query_table import LEAVES


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


# --- random documents and requests ---

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
