"""The exact walk over a document that the fast validator did not take.

It either finds the first fault and says where it is and how to mend it, or finds none and the document
stands: attributes of an extension, explicit nulls and timestamps without an offset are legal, but rare.
Nulls are dropped and such timestamps get their Z in place, so what is stored is uniform.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn

import msgspec

from abonent.kit.errors import N_, BadInput
from abonent.kit.json_guard import join, kind_of, not_an_object
from abonent.kit.shape_parser import Enumeration, Field, ObjectType, TypeDef

Types = dict[str, TypeDef]

INTEGER_RANGE = (-(2**63), 2**63 - 1)
URI_PATTERN = r"^[^\s<>\"]+\Z"
DATE_PATTERN = r"(?a)^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])\Z"
"""Days every month has; the others are seen to by the exact walk."""
_LONG_MONTH = r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
_SHORT_MONTH = r"(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
_FEBRUARY = r"02-(?:0[1-9]|1\d|2[0-8])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
_OFFSET = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
DATE_TIME_PATTERN = rf"(?a)^[12]\d{{3}}-(?:{_LONG_MONTH}|{_SHORT_MONTH}|{_FEBRUARY})T{_TIME}{_OFFSET}\Z"
"""Timestamps every part of the system takes as they are; 29 February and missing offsets are seen to here."""
_TIMESTAMP = re.compile(rf"(?a)([12]\d{{3}}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{{1,9}})?)?({_OFFSET}|z)?")


def walk_object(
    types: Types, shape: ObjectType, doc: Any, path: str, fields: dict[str, Field] | None = None
) -> None:
    """Check `doc` against `shape` and mend it in place; `fields` narrows the attributes taken at this level.

    BadInput with fact `path` at the first fault.
    """
    if type(doc) is not dict:
        _wrong_kind(path, "object", doc)
    known = shape.fields if fields is None else fields
    extended = isinstance(doc.get("@type"), str) and isinstance(doc.get("@schemaLocation"), str)
    for name in list(doc):
        field = known.get(name)
        if field is None:
            if not extended:
                _unknown(join(path, name), name, known)
        elif doc[name] is None and field.type != "any":
            del doc[name]
        else:
            doc[name] = _field_value(types, field, doc[name], join(path, name))
    for field in known.values():
        if field.mandatory and field.name not in doc:
            raise BadInput(
                "missingAttribute",
                N_("{path}: this attribute is mandatory; add it."),
                path=join(path, field.name),
            )


def _field_value(types: Types, field: Field, value: Any, path: str) -> Any:
    if not field.many:
        return _value(types, field.type, value, path)
    if type(value) is not list:
        _wrong_kind(path, "list", value)
    if field.mandatory and not value:
        raise BadInput("emptyList", N_("{path}: the list must hold at least one element."), path=path)
    for index, item in enumerate(value):
        value[index] = _value(types, field.type, item, f"{path}[{index}]")
    return value


def _value(types: Types, type_name: str, value: Any, path: str) -> Any:
    match type_name:
        case "any":
            return value
        case "integer":
            return _integer(value, path)
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                _wrong_kind(path, "number", value)
            return value
        case "boolean":
            if not isinstance(value, bool):
                _wrong_kind(path, "boolean", value)
            return value
    if type_name not in ("string", "date-time", "date", "uri"):
        kind = types[type_name]
        if isinstance(kind, ObjectType):
            walk_object(types, kind, value, path)
            return value
        return _one_of(kind, value, path)
    if not isinstance(value, str):
        _wrong_kind(path, "string", value)
    if type_name == "date-time":
        return _date_time(value, path)
    if type_name == "date":
        return _date(value, path)
    if type_name == "uri" and not re.search(URI_PATTERN, value):
        raise BadInput("malformedUri", N_("{path}: `{value}` is not a URI."), path=path, value=_short(value))
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(
            "wrongType",
            N_("{path}: must be a whole number written without point or exponent, not {found}."),
            path=path,
            found=_short(str(value)) if isinstance(value, float | Decimal) else kind_of(value),
        )
    if not INTEGER_RANGE[0] <= value <= INTEGER_RANGE[1]:
        raise BadInput("numberOutOfRange", N_("{path}: whole numbers must fit 64 bits."), path=path)
    return value


def _one_of(kind: Enumeration, value: Any, path: str) -> str:
    if not isinstance(value, str):
        _wrong_kind(path, "string", value)
    if value not in kind.values:
        raise BadInput(
            "notInEnumeration",
            N_("{path}: `{value}` is not one of: {allowed}."),
            path=path,
            value=_short(value),
            allowed=", ".join(kind.values),
        )
    return value


def _date_time(value: str, path: str) -> str:
    match = _TIMESTAMP.fullmatch(value)
    if match is not None:
        day, minute, second, offset = match.groups()
        # A timestamp without an offset counts as UTC, and is stored saying so.
        mended = f"{day}T{minute}{second or ':00'}{(offset or 'Z').upper()}"
        try:
            msgspec.convert(mended, datetime)
        except msgspec.ValidationError:
            pass
        else:
            return mended
    raise BadInput(
        "malformedDateTime",
        N_("{path}: `{value}` is not a date and time; write it like 2026-11-24T05:22:20.123Z."),
        path=path,
        value=_short(value),
    )


def _date(value: str, path: str) -> str:
    try:
        if len(value) == 10:
            date.fromisoformat(value)
            return value
    except ValueError:
        pass
    raise BadInput(
        "malformedDate",
        N_("{path}: `{value}` is not a date; write it like 2026-11-24."),
        path=path,
        value=_short(value),
    )


def _unknown(path: str, name: str, known: dict[str, Field]) -> NoReturn:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        raise BadInput(
            "unknownAttribute",
            N_(
                "{path}: unknown attribute; did you mean {suggestion}? (Extensions: @type + @schemaLocation.)"
            ),
            path=path,
            suggestion=close[0],
        )
    raise BadInput(
        "unknownAttribute",
        N_("{path}: unknown attribute; remove it, or send @type and @schemaLocation with it (an extension)."),
        path=path,
    )


def _wrong_kind(path: str, expected: str, value: Any) -> NoReturn:
    if not path:
        raise not_an_object(value)
    raise BadInput(
        "wrongType",
        N_("{path}: must be a JSON {expected}, not {found}."),
        path=path,
        expected=expected,
        found=kind_of(value),
    )


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:60] + "..."
