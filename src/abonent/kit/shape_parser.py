"""The compact vocabulary of wire types: text -> type definitions.

One line a type; an indented line continues the one before; `#` starts a comment line.

    Order: id= href= note:Note[] item!:Item[] priority:integer state^:OrderState @*
    OrderState: held | open | done

A field is `name marks : type []`; the default type is string. Marks:
    !  mandatory on create (and afterwards: a patch may not remove it)
    =  set by the server: ignored on create, a patch may not change it
    ^  appears later: ignored on create, patchable
    ~  fixed at creation: accepted on create, a patch may not change it
`@*` stands for the three attributes of every extensible type: @baseType, @schemaLocation, @type.
Scalars: string, integer, number, boolean, date-time, date, uri, any (free JSON).
"""

import re
from dataclasses import dataclass
from functools import cache

SCALARS = frozenset({"string", "integer", "number", "boolean", "date-time", "date", "uri", "any"})

_TYPE_LINE = re.compile(r"([A-Z]\w*):(.*)", re.DOTALL)
_FIELD = re.compile(r"(@?[A-Za-z_]\w*|@\*)([!=^~]*)(?::([A-Za-z][\w-]*)(\[\])?)?")
_MARKS = frozenset({"", "!", "=", "^", "~", "!~", "~!"})


class VocabularyError(ValueError):
    """A vocabulary cannot be read; the text names the line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute: `type` is a scalar or the name of a type; `many` says it is a list."""

    name: str
    type: str = "string"
    many: bool = False
    mandatory: bool = False
    server_set: bool = False
    later: bool = False
    fixed: bool = False

    @property
    def patchable(self) -> bool:
        """May a patch change it."""
        return not (self.server_set or self.fixed)

    @property
    def creatable(self) -> bool:
        """May the sender of a new resource give it."""
        return not (self.server_set or self.later)


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A JSON object with its attributes by name."""

    name: str
    fields: dict[str, Field]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A string out of a closed list."""

    name: str
    values: tuple[str, ...]


TypeDef = ObjectType | Enumeration


def parse(*texts: str) -> dict[str, TypeDef]:
    """Types by name. A later text may override a type of an earlier one; within one text a name stands once.

    VocabularyError on a line that cannot be read, a name given twice or an unknown type of a field.
    """
    types: dict[str, TypeDef] = {}
    origin: dict[str, str] = {}
    for number, text in enumerate(texts, start=1):
        prefix = f"text {number}, " if len(texts) > 1 else ""
        try:
            own = _parse_text(text)
        except VocabularyError as error:
            raise VocabularyError(f"{prefix}{error}") from None
        for found, line in own:
            types[found.name] = found
            origin[found.name] = f"{prefix}line {line}"
    for found in types.values():
        if isinstance(found, ObjectType):
            for field in found.fields.values():
                if field.type not in SCALARS and field.type not in types:
                    where = f"{origin[found.name]}: {found.name}.{field.name}"
                    raise VocabularyError(f"{where}: no type {field.type}")
    return types


@cache
def _parse_text(text: str) -> tuple[tuple[TypeDef, int], ...]:
    """Types with their line numbers; cached, since one ground text lies below many vocabularies."""
    found: dict[str, tuple[TypeDef, int]] = {}
    for line, body in _logical_lines(text):
        kind = _parse_line(body, f"line {line}")
        if kind.name in found:
            raise VocabularyError(f"line {line}: type {kind.name} stands twice")
        found[kind.name] = (kind, line)
    return tuple(found.values())


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for index, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            if not lines:
                raise VocabularyError(f"line {index}: an indented line continues nothing")
            start, body = lines[-1]
            lines[-1] = (start, f"{body} {line.strip()}")
        else:
            lines.append((index, line.strip()))
    return lines


def _parse_line(body: str, where: str) -> TypeDef:
    match = _TYPE_LINE.fullmatch(body)
    if match is None:
        raise VocabularyError(f"{where}: expected `TypeName: ...`, found `{body[:40]}`")
    name, rest = match.group(1), match.group(2).strip()
    if "|" in rest:
        return _parse_enumeration(name, rest, where)
    fields: dict[str, Field] = {}
    for token in rest.split():
        for field in _parse_field(token, f"{where}: {name}"):
            if field.name in fields:
                raise VocabularyError(f"{where}: {name}: field {field.name} stands twice")
            fields[field.name] = field
    return ObjectType(name, fields)


def _parse_enumeration(name: str, rest: str, where: str) -> Enumeration:
    values = tuple(value.strip() for value in rest.strip("|").split("|"))
    if "" in values or len(set(values)) != len(values):
        raise VocabularyError(f"{where}: {name}: an enumeration needs distinct values between its bars")
    return Enumeration(name, values)


def _parse_field(token: str, where: str) -> list[Field]:
    match = _FIELD.fullmatch(token)
    if match is None:
        raise VocabularyError(f"{where}: cannot read the field `{token}`")
    name, marks, type_name, many = match.groups()
    if marks not in _MARKS:
        raise VocabularyError(f"{where}: the marks `{marks}` of `{token}` contradict each other")
    if name == "@*":
        if type_name or "!" in marks:
            raise VocabularyError(f"{where}: `@*` takes no type and is never mandatory: `{token}`")
        return [
            _field("@baseType", marks),
            _field("@schemaLocation", marks, "uri"),
            _field("@type", marks),
        ]
    return [_field(name, marks, type_name or "string", many=many is not None)]


def _field(name: str, marks: str, type_name: str = "string", *, many: bool = False) -> Field:
    return Field(
        name,
        type_name,
        many,
        mandatory="!" in marks,
        server_set="=" in marks,
        later="^" in marks,
        fixed="~" in marks,
    )
