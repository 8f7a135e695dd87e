"""Query parameters of a list (TMF630) -> Query: checked, typed, and free of SQL.

offset, limit, fields and sort are reserved; every other name is the path of an attribute, alone or with an
operator: state=held, orderDate.gte=2026-11-01, dateTime>2026-11-01 (so too >=, < and <=), name.regex=^A.
Conditions on different attributes or with different operators must all hold; a comma or a repeated name
gives alternatives. A value in quotes is taken as it stands, commas too.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol, runtime_checkable

import msgspec

from abonent.kit.errors import N_, BadInput
from abonent.kit.query_values import Value, check_text, parse_values

OPERATORS = frozenset({"eq", "gt", "gte", "lt", "lte", "regex"})
RESERVED = ("offset", "limit", "fields", "sort", "filter")
MAX_CONDITIONS = 50
MAX_ALTERNATIVES = 200
MAX_SORT_KEYS = 8
MAX_STEPS = 12
MAX_OFFSET = 10_000_000

_COMPARED = re.compile(r"([^<>]*)([<>])(.*)", re.DOTALL)


class Lookup(Protocol):
    """What a shape says of one path: kind of its value, and for each step whether it is a list."""

    @property
    def kind(self) -> str: ...
    @property
    def many(self) -> tuple[bool, ...]: ...


class ShapeLookup(Protocol):
    """A wire type that can be asked what stands at a path; None: nothing ever stands there."""

    def lookup(self, path: tuple[str, ...], /) -> Lookup | None: ...


@runtime_checkable
class NamingShape(Protocol):
    """A wire type that also lists the attributes below a path, for advice on misspelt names."""

    def names(self, path: tuple[str, ...], /) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Attribute:
    """A path of the resource: dotted steps, which of them are lists, kind of the value, generated column."""

    path: tuple[str, ...]
    many: tuple[bool, ...]
    kind: str
    column: str | None = None

    @property
    def single(self) -> bool:
        """Whether at most one value can stand here."""
        return self.kind != "any" and not any(self.many)


@dataclass(frozen=True, slots=True)
class Condition:
    """`attribute op one of values`."""

    attribute: Attribute
    op: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order; a list or nested list sorts by its first value, absent values come last."""

    attribute: Attribute
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One list request.

    conditions  all must hold
    sort        keys, most significant first; id decides between equals
    offset      rows to skip
    limit       most rows to give; None means all
    fields      first-level attributes to show, no others; None means all. href is here when asked for,
                although no document holds one: whoever builds the answer adds it
    """

    conditions: tuple[Condition, ...] = ()
    sort: tuple[SortKey, ...] = ()
    offset: int = 0
    limit: int | None = None
    fields: tuple[str, ...] | None = None


def parse_query(
    params: Sequence[tuple[str, str]],
    shape: ShapeLookup,
    columns: Mapping[str, str],
    *,
    default_sort: str | None = None,
    max_limit: int = 1000,
    always: tuple[str, ...] = ("id", "href"),
) -> Query:
    """Read the decoded pairs of a query string; BadInput names the parameter at fault.

    columns       dotted path -> generated column
    default_sort  as in `sort=`, used when the request has none
    max_limit     a larger limit is lowered to this: the answer is then a part, and its Link leads on
    always        attributes that `fields` need not name; empty where the API wants exactly the asked ones
    """
    reader = _Reader(shape, columns)
    texts: dict[str, list[str]] = {}
    found: dict[tuple[Attribute, str], list[Value]] = {}
    for name, value in params:
        check_text(name, value)
        if name in RESERVED:
            texts.setdefault(name, []).append(value)
        else:
            attribute, op, text = reader.condition(name, value)
            values = found.setdefault((attribute, op), [])
            values.extend(parse_values(".".join(attribute.path), attribute.kind, op, text))
    _check_size(found)
    if "filter" in texts:
        raise BadInput(
            "unsupportedFilter",
            N_("filter= (JSONPath) is not supported; write the conditions as {example}"),
            path="filter",
            example="state=held&orderDate.gte=2026-11-01",
        )
    sort = texts.get("sort") or ([default_sort] if default_sort else [])
    limit = _whole(texts, "limit")
    return Query(
        conditions=tuple(Condition(attribute, op, _distinct(v)) for (attribute, op), v in found.items()),
        sort=reader.sort(sort),
        offset=_whole(texts, "offset") or 0,
        limit=None if limit is None else min(limit, max_limit),
        fields=parse_fields(texts["fields"], shape, always) if "fields" in texts else None,
    )


def parse_fields(
    texts: Iterable[str], shape: ShapeLookup, always: tuple[str, ...] = ("id", "href")
) -> tuple[str, ...]:
    """The first-level attributes to show for `fields`; id and href for `none`. `a.b` asks for all of `a`."""
    names = [name.strip(" ") for text in texts for name in text.split(",") if name.strip(" ")]
    if names == ["none"]:
        return ("id", "href")
    reader = _Reader(shape, {})
    for name in names:
        if name not in ("id", "href"):
            reader.attribute(name)
    return tuple(dict.fromkeys((*always, *(name.split(".", 1)[0] for name in names))))


def project(text: str, fields: tuple[str, ...] | None) -> str:
    """The JSON document `text` cut down to `fields`; the very text when they are None.

    Only the first level is read, nested values are carried over as text.
    """
    if fields is None:
        return text
    document = _FIRST_LEVEL.decode(text)
    return msgspec.json.encode({name: document[name] for name in fields if name in document}).decode()


_FIRST_LEVEL = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Reader:
    """Reads names against one resource."""

    def __init__(self, shape: ShapeLookup, columns: Mapping[str, str]) -> None:
        self.shape = shape
        self.columns = columns

    def condition(self, name: str, value: str) -> tuple[Attribute, str, str]:
        """Attribute, operator and text of the value, whichever way the pair spells the operator."""
        if compared := _COMPARED.fullmatch(name):
            path, sign, rest = compared.groups()
            op = "gt" if sign == ">" else "lt"
            if not rest:  # `dateTime>=2026` is split at its own "="
                op, rest = op + "e", value
            else:
                if rest.startswith("="):
                    op, rest = op + "e", rest[1:]
                rest += f"={value}" if value else ""
            return self.leaf(path.strip(" ")), op, rest
        head, _, last = name.rpartition(".")
        if head and last in OPERATORS and not self._names_attribute(name, head):
            return self.leaf(head), last, value
        if not value and "=" in name:  # `state%3Dheld`
            name, _, value = name.partition("=")
        return self.leaf(name), "eq", value

    def _names_attribute(self, name: str, head: str) -> bool:
        """Whether the last step is an attribute that happens to be called like an operator (`regex`)."""
        above = self.shape.lookup(tuple(head.split(".")))
        return (
            above is not None
            and above.kind == "object"
            and self.shape.lookup(tuple(name.split("."))) is not None
        )

    def attribute(self, name: str) -> Attribute:
        path = tuple(name.split("."))
        found = self.shape.lookup(path) if len(path) <= MAX_STEPS and all(path) else None
        if found is None:
            raise self._unknown(name, path)
        column = "id" if path == ("id",) else self.columns.get(name)
        # A generated column holds one text: of a list it would be only a part, of a number only its spelling.
        if any(found.many) or found.kind in ("integer", "number", "any"):
            column = None
        return Attribute(path, found.many, found.kind, column)

    def leaf(self, name: str) -> Attribute:
        if name == "href":
            raise BadInput(
                "badFilter",
                N_("href is built from the id and cannot be searched or sorted by; use id"),
                path=name,
            )
        attribute = self.attribute(name)
        if attribute.kind == "object":
            raise BadInput(
                "badFilter",
                N_("{path} is an object; name one of its attributes, like {path}.{example}"),
                path=name,
                example=next(iter(self._names(attribute.path)), "id"),
            )
        return attribute

    def _names(self, path: tuple[str, ...]) -> list[str]:
        return list(self.shape.names(path)) if isinstance(self.shape, NamingShape) else []

    def _unknown(self, name: str, path: tuple[str, ...]) -> BadInput:
        known = 0
        while known < min(len(path), MAX_STEPS) and self.shape.lookup(path[: known + 1]) is not None:
            known += 1
        siblings = {".".join((*path[:known], step)): step for step in self._names(path[:known])}
        siblings |= {column: column for column in self.columns if column not in siblings}
        wrong = ".".join(path[: known + 1])
        by_lower: Callable[[str], str] = str.lower
        lowered = {by_lower(sibling): sibling for sibling in siblings}
        close = [lowered[match] for match in get_close_matches(wrong.lower(), lowered, n=3)]
        if not close:
            return BadInput(
                "unknownAttribute",
                N_("There is no attribute {path} here; see the resource's attributes in the API description"),
                path=name[:200],
            )
        return BadInput(
            "unknownAttribute",
            N_("There is no attribute {path} here; did you mean {close}?"),
            path=name[:200],
            close=", ".join(close),
        )

    def sort(self, texts: Iterable[str]) -> tuple[SortKey, ...]:
        keys: dict[tuple[str, ...], SortKey] = {}
        for name in (name for text in texts for name in text.split(",") if name.strip(" ")):
            # In a query + means a space: `sort=+name` arrives as ` name`.
            bare = name.strip(" ")
            descending = bare.startswith("-")
            attribute = self.leaf(bare[1:] if bare[0] in "+-" else bare)
            keys.setdefault(attribute.path, SortKey(attribute, descending))
        if len(keys) > MAX_SORT_KEYS:
            raise BadInput(
                "badSort", N_("Sort by at most {most} attributes"), path="sort", most=MAX_SORT_KEYS
            )
        return tuple(keys.values())


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    # By type too: true equals 1 in Python, in JSON it does not.
    return tuple({(type(value), value): value for value in values}.values())


def _check_size(found: Mapping[tuple[Attribute, str], Sequence[Value]]) -> None:
    if len(found) > MAX_CONDITIONS or sum(map(len, found.values())) > MAX_ALTERNATIVES:
        raise BadInput(
            "filterTooLarge",
            N_(
                "A filter has at most {conditions} conditions and {alternatives} values; use several requests"
            ),
            conditions=MAX_CONDITIONS,
            alternatives=MAX_ALTERNATIVES,
        )


def _whole(texts: Mapping[str, Sequence[str]], name: str) -> int | None:
    given = texts.get(name)
    if given is None:
        return None
    text = given[0].strip()
    if (
        len(set(given)) > 1
        or not (text.isascii() and text.isdigit())
        or len(text) > 10
        or int(text) > MAX_OFFSET
    ):
        raise BadInput(
            "badPaging",
            N_("{path} must be one whole number from 0 to {most}, not {value}"),
            path=name,
            most=MAX_OFFSET,
            value=", ".join(given)[:100],
        )
    return int(text)
