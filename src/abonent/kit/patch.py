"""Patches on plain JSON documents: merge patch (RFC 7386) and JSON patch (RFC 6902).

A document is what a JSON reader gives: dict, list, str, int, float, Decimal, bool, None.
The answer shares no part with the arguments and the arguments are never changed, so the caller may keep
the old document for its history and go on editing the new one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from abonent.kit.errors import N_, BadInput, Conflict

MAX_DEPTH = 200
MAX_OPERATIONS = 1_000
# Each `copy` may double the document: thirty of them would fill any memory.
MAX_COPIED_NODES = 200_000

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_BAD_ESCAPE = re.compile(r"~(?![01])")
_MISSING = object()


def merge_patch(doc: Any, patch: Any) -> Any:
    """Lay `patch` over `doc`: null removes an attribute, an object is merged, anything else replaces.

    A patch that is no object replaces the whole document. Lists are replaced, never merged.
    Raises BadInput when either is nested deeper than MAX_DEPTH.
    """
    return _merge(doc, patch, 0)


def _merge(doc: Any, patch: Any, depth: int) -> Any:
    if not isinstance(patch, dict):
        return _copy(patch, depth)
    _check_depth(depth)
    base = doc if isinstance(doc, dict) else {}
    result = {key: _copy(value, depth + 1) for key, value in base.items() if key not in patch}
    for key, value in patch.items():
        if value is not None:
            result[key] = _merge(base.get(key), value, depth + 1)
    return result


def changed_names(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The attributes, of the first level, in which two documents differ."""
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def json_patch(doc: Any, operations: Any) -> Any:
    """Apply the operations one after the other; all of them or, on an error, none.

    Errors name the number of the operation (the first is 0) and its path: BadInput for a malformed operation
    or a path that leads nowhere, Conflict when a `test` finds another value.
    """
    if not isinstance(operations, Sequence) or isinstance(operations, str | bytes):
        raise BadInput("badPatch", N_("A JSON patch is a list of operations; put [ and ] around them"))
    if len(operations) > MAX_OPERATIONS:
        raise BadInput(
            "badPatch",
            N_("A JSON patch holds at most {most} operations, this one has {count}; split it"),
            most=MAX_OPERATIONS,
            count=len(operations),
        )
    work = _Work(_copy(doc, 0))
    for index, operation in enumerate(operations):
        work.apply(_Step(index, operation))
    return work.doc


class _Step:
    """One operation of the list, with its number for the errors."""

    def __init__(self, index: int, operation: Any) -> None:
        self.index = index
        self.path = ""
        if not isinstance(operation, Mapping):
            raise self.bad(N_("Operation {index} of the patch is not an object"))
        self.fields = operation
        self.path = self._text("path")
        self.name = self._text("op")
        self.tokens = self.pointer("path")

    def _text(self, field: str) -> str:
        value = self.fields.get(field)
        if not isinstance(value, str):
            raise self.bad(N_("Operation {index} of the patch needs a text {field}"), field=field)
        return value

    def pointer(self, field: str) -> list[str]:
        """The steps of the JSON pointer in `field`; none of them for the whole document."""
        text = self._text(field)
        if not text:
            return []
        if not text.startswith("/") or _BAD_ESCAPE.search(text):
            raise self.bad(
                N_(
                    "Operation {index} of the patch: {pointer} is not a JSON pointer; "
                    "write / before each step, ~0 for ~ and ~1 for /"
                ),
                pointer=text[:200],
            )
        return [token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/")]

    @property
    def value(self) -> Any:
        if "value" not in self.fields:
            raise self.bad(N_("Operation {index} of the patch ({op} {path}) needs a value"), op=self.name)
        return self.fields["value"]

    def bad(self, text: str, **facts: Any) -> BadInput:
        return BadInput("badPatch", text, index=self.index, path=self.path[:200], **facts)

    def nowhere(self, tokens: Sequence[str]) -> BadInput:
        pointer = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
        return self.bad(
            N_("Operation {index} of the patch ({op} {path}): the document has nothing at {pointer}"),
            op=self.name,
            pointer=pointer[:200],
        )


class _Work:
    """The working copy that the operations change in place."""

    def __init__(self, doc: Any) -> None:
        self.doc = doc
        self.budget = [MAX_COPIED_NODES]

    def apply(self, step: _Step) -> None:
        action = _ACTIONS.get(step.name)
        if action is None:
            raise step.bad(
                N_(
                    "Operation {index} of the patch: {op} is unknown; "
                    "use add, remove, replace, move, copy or test"
                ),
                op=step.name[:40],
            )
        action(self, step)

    def fresh(self, step: _Step, value: Any) -> Any:
        """A copy of `value` for the document, within what one patch may add to it."""
        result = _copy(value, len(step.tokens), self.budget)
        if self.budget[0] < 0:
            raise step.bad(
                N_("Operation {index} of the patch ({op} {path}) makes the document too large"), op=step.name
            )
        return result

    def read(self, step: _Step, tokens: Sequence[str]) -> Any:
        value = self.doc
        for depth, token in enumerate(tokens):
            value = _child(value, token)
            if value is _MISSING:
                raise step.nowhere(tokens[: depth + 1])
        return value

    def add(self, step: _Step, value: Any) -> None:
        if not step.tokens:
            self.doc = value
            return
        parent, last = self.read(step, step.tokens[:-1]), step.tokens[-1]
        if isinstance(parent, dict):
            parent[last] = value
        elif isinstance(parent, list):
            place = len(parent) if last == "-" else _index(last)
            if place is None or place > len(parent):
                raise step.bad(
                    N_(
                        "Operation {index} of the patch ({op} {path}): {place} is no place "
                        "in a list of {length}; give 0 to {length}, or - for its end"
                    ),
                    op=step.name,
                    place=last[:40],
                    length=len(parent),
                )
            parent.insert(place, value)
        else:
            raise step.nowhere(step.tokens)

    def remove(self, step: _Step, tokens: Sequence[str]) -> Any:
        if not tokens:
            raise step.bad(N_("Operation {index} of the patch would remove the document itself; use DELETE"))
        value = self.read(step, tokens)
        parent = self.read(step, tokens[:-1])
        del parent[int(tokens[-1]) if isinstance(parent, list) else tokens[-1]]
        return value

    def replace(self, step: _Step) -> None:
        value = self.fresh(step, step.value)
        if not step.tokens:
            self.doc = value
            return
        self.read(step, step.tokens)
        parent, last = self.read(step, step.tokens[:-1]), step.tokens[-1]
        parent[int(last) if isinstance(parent, list) else last] = value

    def move(self, step: _Step) -> None:
        source = step.pointer("from")
        if step.tokens[: len(source)] == source and len(step.tokens) > len(source):
            raise step.bad(
                N_("Operation {index} of the patch ({op} {path}): a value cannot move into itself"),
                op=step.name,
            )
        if source == step.tokens:
            self.read(step, source)
            return
        value = self.remove(step, source)
        _measure(value, len(step.tokens))
        self.add(step, value)

    def test(self, step: _Step) -> None:
        if not same(self.read(step, step.tokens), step.value):
            raise Conflict(
                "patchTestFailed",
                N_(
                    "Operation {index} of the patch: the value at {path} is not the one tested for; "
                    "read the document again"
                ),
                index=step.index,
                path=step.path[:200],
            )


_ACTIONS: dict[str, Callable[[_Work, _Step], object]] = {
    "add": lambda work, step: work.add(step, work.fresh(step, step.value)),
    "remove": lambda work, step: work.remove(step, step.tokens),
    "replace": _Work.replace,
    "move": _Work.move,
    "copy": lambda work, step: work.add(step, work.fresh(step, work.read(step, step.pointer("from")))),
    "test": _Work.test,
}


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: numbers by value whatever their Python type; true is not 1; keys have no order."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        return _decimal(left) == _decimal(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def _decimal(number: int | float | Decimal) -> Decimal:
    # A float stands for the shortest decimal that reads back as it: 1.1 is then Decimal("1.1").
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _index(token: str) -> int | None:
    return int(token) if _INDEX.fullmatch(token) else None


def _child(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return value.get(token, _MISSING)
    if isinstance(value, list):
        place = _index(token)
        return value[place] if place is not None and place < len(value) else _MISSING
    return _MISSING


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadInput(
            "tooDeep", N_("The document is nested deeper than {most} levels; make it flatter"), most=MAX_DEPTH
        )


def _measure(value: Any, depth: int) -> None:
    _check_depth(depth)
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _measure(part, depth + 1)


def _copy(value: Any, depth: int, budget: list[int] | None = None) -> Any:
    """A deep copy; counts the nodes down in `budget` and stops copying when it is used up."""
    if budget is not None:
        budget[0] -= 1
        if budget[0] < 0:
            return None
    if not isinstance(value, dict | list):
        return value
    _check_depth(depth)
    if isinstance(value, dict):
        return {key: _copy(part, depth + 1, budget) for key, part in value.items()}
    return [_copy(part, depth + 1, budget) for part in value]
