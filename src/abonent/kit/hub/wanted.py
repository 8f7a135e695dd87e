"""The query of a subscription: which events it wants to hear of. Pure.

The language is that of lists (kit/query_parse), on the notification in place of a document: eventType=...,
event.productOrder.state=completed. What is compared how is as in kit/query, so that a filter means one thing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from abonent.kit.errors import N_, BadInput
from abonent.kit.hub.notification import wire_name
from abonent.kit.query_parse import RESERVED, Condition, Lookup, NamingShape, parse_query
from abonent.kit.query_values import Span, Value
from abonent.kit.resource import Resource
from abonent.kit.values import from_wire

LONGEST = 2_000
_HEAD = {
    **dict.fromkeys(
        ("eventId", "eventType", "correlationId", "domain", "title", "description", "priority"), "string"
    ),
    **dict.fromkeys(("eventTime", "timeOcurred"), "date-time"),
}
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    many: tuple[bool, ...]


class NotificationShape:
    """What stands in the notifications of some resources."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = {wire_name(each): each for each in resources}

    def lookup(self, path: tuple[str, ...]) -> Lookup | None:
        if not path:
            return None
        if path[0] != "event":
            return _Found(_HEAD[path[0]], (False,)) if len(path) == 1 and path[0] in _HEAD else None
        if len(path) == 1:
            return _Found("object", (False,))
        resource = self._resources.get(path[1])
        if resource is None:
            return None
        if len(path) == 2:
            return _Found("object", (False, False))
        inner = resource.shape.lookup(path[2:])
        return _Found(inner.kind, (False, False, *inner.many)) if inner else None

    def names(self, path: tuple[str, ...]) -> Iterable[str]:
        """Attributes below a path, for advice."""
        if not path:
            return (*_HEAD, "event")
        if path == ("event",):
            return tuple(self._resources)
        resource = self._resources.get(path[1]) if len(path) > 1 and path[0] == "event" else None
        shape = resource.shape if resource else None
        if len(path) == 2 and shape is not None:
            return tuple(shape.fields)
        return tuple(shape.names(path[2:])) if isinstance(shape, NamingShape) else ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query that was understood."""

    conditions: tuple[Condition, ...] = ()

    @property
    def deep(self) -> bool:
        """Whether the document has to be looked at."""
        return any(each.attribute.path[0] == "event" for each in self.conditions)

    @property
    def patterns(self) -> list[str]:
        """The regular expressions in it, for PostgreSQL to judge: its own are those of lists."""
        return [str(value) for each in self.conditions if each.op == "regex" for value in each.values]

    def fits(self, notification: Mapping[str, Any], matches: Callable[[str, Sequence[str]], bool]) -> bool:
        """Whether a notification is wanted. `matches` says whether a regular expression fits one of some texts."""
        return all(_holds(each, notification, matches) for each in self.conditions)


def read_query(query: object, resources: Iterable[Resource]) -> Wanted:
    """BadInput names what cannot be understood; no query wants everything."""
    if query is None:
        return Wanted()
    if not isinstance(query, str) or len(query) > LONGEST:
        raise BadInput(
            "badQuery",
            N_("{path} is a text of at most {most} characters, like {example}."),
            path="query",
            most=LONGEST,
            example="eventType=ProductOrderStateChangeEvent&event.productOrder.state=completed",
        )
    pairs = parse_qsl(query.strip().removeprefix("?"), keep_blank_values=True)
    # Around the = of a condition a space is only a space.
    params = [(name.strip(), value.strip()) for name, value in pairs]
    for name, _ in params:
        if name in RESERVED:
            raise BadInput(
                "notInSubscriptions",
                N_("{path} shapes a list and has no meaning for events; leave it out of the query."),
                path=name,
            )
    return Wanted(parse_query(params, NotificationShape(resources), {}).conditions)


def _holds(
    condition: Condition, notification: Mapping[str, Any], matches: Callable[[str, Sequence[str]], bool]
) -> bool:
    found = list(values_at(notification, condition.attribute.path))
    if condition.op == "regex":
        texts = [_text(value) for value in found]
        return any(matches(str(pattern), texts) for pattern in condition.values)
    kind, op = condition.attribute.kind, condition.op
    return any(_compare(value, kind, op, wanted) for value in found for wanted in condition.values)


def values_at(part: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The plain values at a path, out of lists and lists in them."""
    if isinstance(part, list):
        for each in part:
            yield from values_at(each, path)
    elif not path:
        if not isinstance(part, dict):
            yield part
    elif isinstance(part, Mapping) and path[0] in part:
        yield from values_at(part[path[0]], path[1:])


def _compare(value: Any, kind: str, op: str, wanted: Value) -> bool:
    if isinstance(wanted, Span):
        at = _instant(value)
        return at is not None and wanted.start <= at < wanted.end
    if isinstance(wanted, datetime):
        at = _instant(value)
        return at is not None and _ordered(at, op, wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(wanted, bool) and op == "eq" and value == wanted
    if isinstance(wanted, Decimal):
        return isinstance(value, int | float | Decimal) and _ordered(Decimal(str(value)), op, wanted)
    return isinstance(value, str) and _ordered(value, op, wanted)


def _ordered(value: Any, op: str, wanted: Any) -> bool:
    match op:
        case "gt":
            return value > wanted
        case "gte":
            return value >= wanted
        case "lt":
            return value < wanted
        case "lte":
            return value <= wanted
        case _:
            return value == wanted


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.match(value):
        return None
    try:
        return from_wire(value)
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
