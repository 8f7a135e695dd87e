"""The door for JSON that strangers send: what PostgreSQL or Python would choke on is refused first.

A good body costs a decode, an encode and a few byte scans. Only a suspicious or refused one is parsed
again, slowly and exactly, to name the place. Numbers with a point or exponent become Decimal, so that
money keeps its digits; `encode` writes them back as JSON numbers.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import msgspec

from abonent.kit.errors import N_, BadInput

MAX_DEPTH = 64
"""Levels of objects and lists; the outermost object is level 1."""
MAX_DIGITS = 300
"""Longest text of one number, and the largest power of ten either way: PostgreSQL writes 1e400 out."""


class _NumberError(ValueError):
    """A number too long or too large; raised in the decoder's hook, explained by `_explain`."""


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _NumberError(text) from None
    if len(text) > MAX_DIGITS or not -MAX_DIGITS <= number.adjusted() <= MAX_DIGITS:
        raise _NumberError(text)
    return number


_guarded = msgspec.json.Decoder(float_hook=_decimal)
_trusted = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_TOO_MANY_DIGITS = b"0" * (MAX_DIGITS + 1)
_UNSAFE_CHARACTER = re.compile("[\x00\ud800-\udfff]")


def encode(doc: Any) -> bytes:
    """Compact JSON text of a document; a Decimal is written as the number it holds, digit for digit."""
    return _encoder.encode(doc)


def decode(raw: bytes | str) -> Any:
    """Python values of JSON text that is ours already (from the database); no guard."""
    return _trusted.decode(raw)


def read_json(raw: bytes) -> Any:
    """Any JSON value a stranger sent.

    BadInput (malformedJson, unsafeCharacter, numberOutOfRange, nestedTooDeep, duplicateAttribute)
    names the place. Never returns what PostgreSQL's jsonb would refuse or expand.
    """
    return read_compact(raw)[0]


def read_object(raw: bytes) -> dict[str, Any]:
    """The same for a body that has to be a JSON object; BadInput notAnObject."""
    return read_object_compact(raw)[0]


def read_object_compact(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The object and its compact text, see `read_compact`."""
    doc, compact = read_compact(raw)
    if type(doc) is not dict:
        raise not_an_object(doc)
    return doc, compact


def read_compact(raw: bytes) -> tuple[Any, bytes]:
    """The value and its compact text (which the duplicate check needs anyway)."""
    try:
        doc = _guarded.decode(raw)
    except (ValueError, ArithmeticError, RecursionError) as error:
        _explain(raw, str(error))
    compact = _encoder.encode(doc)
    # A lost duplicate takes its colon along; every other colon of the text is in both.
    suspicious = (
        raw.count(b":") != compact.count(b":")
        or (b"\\u00" in raw and (b"\\u0000" in raw or b"\\u003" in raw))
        or (len(raw) > MAX_DIGITS and _TOO_MANY_DIGITS in raw.translate(_DIGITS_TO_ZERO))
        or (compact.count(b"{") + compact.count(b"[") > MAX_DEPTH and _too_deep(doc))
    )
    if suspicious:
        _inspect(raw)
    return doc, compact


def kind_of(value: Any) -> str:
    """How JSON calls the kind of a decoded value: object, list, string, number, boolean or null."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case dict():
            return "object"
        case list():
            return "list"
        case _:
            return "number"


def not_an_object(value: Any) -> BadInput:
    """The refusal of a body that is not a JSON object."""
    return BadInput(
        "notAnObject",
        N_("The body must be one JSON object; this is a {found}."),
        found=kind_of(value),
    )


def join(path: str, name: str) -> str:
    """Path of an attribute below `path`: `a.b`."""
    return f"{path}.{name}" if path else name


def _too_deep(doc: Any) -> bool:
    level = [doc]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


class _Refused:
    """Stands in the slow parse for a number that must not pass."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Object:
    """Stands in the slow parse for an object, duplicates and all."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _integer(text: str) -> int | _Refused:
    return _Refused(text) if len(text) > MAX_DIGITS else int(text)


def _real(text: str) -> Decimal | _Refused:
    try:
        return _decimal(text)
    except _NumberError:
        return _Refused(text)


def _explain(raw: bytes, reason: str) -> NoReturn:
    _inspect(raw)
    raise BadInput("malformedJson", N_("The body is not JSON: {reason}."), reason=reason)


def _inspect(raw: bytes) -> None:
    """Parse slowly and refuse with the exact place; returns when nothing is wrong after all."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            "malformedJson", N_("The body is not UTF-8 at byte {byte}; send JSON in UTF-8."), byte=error.start
        ) from None
    try:
        tree = json.loads(
            text, object_pairs_hook=_Object, parse_int=_integer, parse_float=_real, parse_constant=_Refused
        )
    except json.JSONDecodeError as error:
        raise BadInput(
            "malformedJson",
            N_("The body is not JSON at line {line}, column {column}: {reason}."),
            line=error.lineno,
            column=error.colno,
            reason=error.msg,
        ) from None
    except RecursionError:
        raise _nested_too_deep("") from None
    _walk(tree, "", 1)


def _walk(value: Any, path: str, depth: int) -> None:
    if isinstance(value, _Object | list) and depth > MAX_DEPTH:
        raise _nested_too_deep(path)
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, _Refused):
        raise BadInput(
            "numberOutOfRange",
            N_("{path}: the number {number} is out of range: at most {digits} digits, no NaN or Infinity."),
            path=path or "$",
            number=value.text if len(value.text) <= 40 else value.text[:40] + "...",
            digits=MAX_DIGITS,
        )
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{path}[{index}]", depth + 1)
    elif isinstance(value, _Object):
        seen: set[str] = set()
        for name, item in value.pairs:
            _check_text(name, path)
            here = join(path, name)
            if name in seen:
                raise BadInput(
                    "duplicateAttribute",
                    N_("{path}: the attribute stands twice in one object; send it once."),
                    path=here,
                )
            seen.add(name)
            _walk(item, here, depth + 1)


def _check_text(text: str, path: str) -> None:
    if found := _UNSAFE_CHARACTER.search(text):
        raise BadInput(
            "unsafeCharacter",
            N_("{path}: the text holds {character}, which cannot be stored; remove it."),
            path=path or "$",
            character=f"U+{ord(found.group()):04X}",
        )


def _nested_too_deep(path: str) -> BadInput:
    shown = path if len(path) <= 60 else path[:60] + "..."
    return BadInput(
        "nestedTooDeep",
        N_("{path}: objects and lists are nested deeper than {levels} levels; flatten the body."),
        path=shown or "$",
        levels=MAX_DEPTH,
    )
