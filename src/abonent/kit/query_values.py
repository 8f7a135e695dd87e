"""The values of filters: alternatives, quotes, and their types by the kind of the attribute.

`parse_values` turns the text after the operator into what the SQL compares with: str, Decimal, bool, datetime
(aware, UTC) or Span. Each fault is a BadInput that names the attribute and shows the form wanted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from abonent.kit.errors import N_, BadInput

MAX_VALUE = 4_000
MAX_PATTERN = 500

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
# PostgreSQL writes a number in jsonb out in full: 1e400 would be 401 digits in every row compared.
_MAX_EXPONENT = 100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.ASCII,
)
# In a query + means a space, so the offset of an unescaped timestamp arrives with one.
_LOST_PLUS = re.compile(r"([Tt ][0-9]{2}:[0-9]{2}[0-9:.]*) ([0-9]{2}(?::?[0-9]{2})?)$", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Span:
    """Instants from `start` up to `end`, `end` excluded: what equality with a day means."""

    start: datetime
    end: datetime


Value = str | Decimal | bool | datetime | Span


def check_text(name: str, text: str) -> None:
    """BadInput if `text` is too long or holds what no stored document can hold."""
    if len(text) > MAX_VALUE:
        raise BadInput(
            "valueTooLong",
            N_("The value of {path} is longer than {most} characters; shorten it"),
            path=name[:100],
            most=MAX_VALUE,
        )
    if _UNSTORABLE.search(text) or _UNSTORABLE.search(name):
        raise BadInput(
            "badCharacter",
            N_("{path} holds a null character or a broken UTF-8 sequence; remove it"),
            path=_UNSTORABLE.sub("?", name)[:100],
        )


def parse_values(name: str, kind: str, op: str, text: str) -> tuple[Value, ...]:
    """The alternatives in `text`, typed for an attribute of this kind.

    name  the attribute as the caller wrote it, for errors
    kind  string, integer, number, boolean, date-time, date or any (other kinds count as string)
    op    eq, gt, gte, lt, lte or regex; a regular expression keeps its commas
    """
    if op == "regex":
        return (_pattern(name, text),)
    if op != "eq" and not text:
        raise BadInput(
            "badFilter", N_("{path} is compared with nothing; put a value after the operator"), path=name
        )
    if kind == "boolean" and op != "eq":
        raise BadInput(
            "badFilter",
            N_("{path} is true or false and has no order; use {path}=true or {path}=false"),
            path=name,
        )
    return tuple(
        value for literal, quoted in _alternatives(text) for value in _typed(name, kind, op, literal, quoted)
    )


def _pattern(name: str, text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if not text or len(text) > MAX_PATTERN:
        raise BadInput(
            "badRegex",
            N_("The regular expression for {path} must have 1 to {most} characters"),
            path=name,
            most=MAX_PATTERN,
        )
    return text


def _alternatives(text: str) -> Iterator[tuple[str, bool]]:
    """The parts between commas, and whether each stood in quotes; a comma in quotes parts nothing.

    A quote counts only at the start of a part and only when its partner ends the part: O'Brien stays whole.
    """
    start = 0
    while True:
        quote = text[start : start + 1]
        end = -1
        if quote and quote in "\"'":
            end = text.find(quote, start + 1)
            while end != -1 and text[end + 1 : end + 2] not in ("", ","):
                end = text.find(quote, end + 1)
        if end != -1:
            yield text[start + 1 : end], True
            start = end + 2
            if end + 1 >= len(text):
                return
        else:
            comma = text.find(",", start)
            if comma == -1:
                yield text[start:], False
                return
            yield text[start:comma], False
            start = comma + 1


def _typed(name: str, kind: str, op: str, text: str, quoted: bool) -> Iterator[Value]:
    match kind:
        case "integer" | "number":
            yield _number(name, kind, text)
        case "boolean":
            yield _boolean(name, text)
        case "date-time":
            yield _instant(name, op, text)
        case "date":
            yield _date(name, text)
        case "any":
            yield text
            # Quotes say that a text is meant: '100' is not the number 100.
            if not quoted and _is_number(text):
                yield Decimal(text)
            if not quoted and op == "eq" and text in ("true", "false"):
                yield text == "true"
        case _:
            yield text


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and abs(Decimal(text).adjusted()) <= _MAX_EXPONENT


def _number(name: str, kind: str, text: str) -> Decimal:
    wanted = _INTEGER if kind == "integer" else _NUMBER
    if not wanted.fullmatch(text) or not _is_number(text):
        raise BadInput(
            "badNumber",
            N_("{value} is no {kind} for {path}; write it like {example}"),
            value=text[:100],
            kind=kind,
            path=name,
            example="42" if kind == "integer" else "42.5",
        )
    return Decimal(text)


def _boolean(name: str, text: str) -> bool:
    folded = text.lower()
    if folded not in ("true", "false"):
        raise BadInput(
            "badBoolean",
            N_("{value} is no value for {path}; write true or false"),
            value=text[:100],
            path=name,
        )
    return folded == "true"


def _instant(name: str, op: str, text: str) -> datetime | Span:
    try:
        if not 1000 <= int(text[:4]) < 3000:  # as in stored documents
            raise ValueError
        if _DAY.fullmatch(text):
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return Span(start, start + timedelta(days=1)) if op == "eq" else start
        text = _LOST_PLUS.sub(r"\1+\2", text)
        if not _INSTANT.fullmatch(text):
            raise ValueError
        at = datetime.fromisoformat(text.upper())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(
            "badDateTime",
            N_("{value} is no time for {path}; write it like {example} or {day}"),
            value=text[:100],
            path=name,
            example="2026-11-24T05:22:20Z",
            day="2026-11-24",
        ) from None


def _date(name: str, text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        raise BadInput(
            "badDate",
            N_("{value} is no date for {path}; write it like {example}"),
            value=text[:100],
            path=name,
            example="2026-11-24",
        ) from None
