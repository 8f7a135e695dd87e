"""The mapping language: a TOML file that says which columns of a clients file become what.

A source of a value is a column's name, or a table:

    "email"                                      the cell of that column
    { column = "type", values = { B = "x" } }    the cell, translated; a cell not listed rejects the row
    { ..., other = "y" }                         what a cell not listed becomes
    { ..., blank = "0" }                         what an empty cell counts as; else the attribute is left out
    { ..., type = "number" }                     text (default), number, integer, boolean
    { text = "Client {id}" }                     a text with columns in braces

Top level (* must be there):

    title, currency                    a line for people; currency of all amounts (RUB)
    [file]      encoding (utf-8, utf-8-sig, cp1251), delimiter, decimal ("." or ","),
                optional: columns that may be missing from the header
    [client]*   key*: the column with the client's number in the other system; ids are made of it (C-KEY)
                name*, language (en, ru), status; characteristic.NAME: further facts that are kept with him
    [client.since]   date = COLUMN with format (%Y-%m-%d), or months = COLUMN counted back from as_of
                     (a date; else the domain's clock when the client is first seen)
    [party]     kind (individual, organization), given_name, family_name, gender
    [[contact]] type* (email, mobile, postalAddress), preferred, email, phone, street, city, post_code,
                region, country
    [account]   name, payment_method, arrears, credit_limit
    [[product]] offering (an id) or offering_from (a source of ids; "" is none), when = { column, is = [..] }
                or { column, not = [..] }, price (a month), characteristic.NAME
    [charges]   total: what the client pays a month in all; the difference to the prices of his products is put
                on the first of them, so that their sum is this
    [[offering]] id*, name*, monthly, description, requires = [ids], excludes = [ids]: the part of the catalogue
                the file needs; created with specification and price where it does not exist yet

See docs/import.md for an example.
"""

import datetime
import re
import string
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import msgspec

from abonent.importing.problems import FileProblem, MappingProblem

BUILT_IN = Path(__file__).parent / "mappings"


class Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of the mapping: unknown keys are mistakes."""


class Value(Table):
    """Where a value comes from: a column, or a text with columns in braces."""

    column: str | None = None
    text: str | None = None
    values: dict[str, str] | None = None
    other: str | None = None
    blank: str | None = None
    type: Literal["text", "number", "integer", "boolean"] = "text"


Source = str | Value


class File(Table):
    encoding: Literal["utf-8", "utf-8-sig", "cp1251"] = "utf-8"
    delimiter: str = ","
    decimal: Literal[".", ","] = "."
    optional: list[str] = []


class Since(Table):
    date: str | None = None
    format: str = "%Y-%m-%d"
    months: str | None = None
    as_of: datetime.date | None = None


class Client(Table):
    key: str
    name: Source
    language: Source | None = None
    status: Source | None = None
    since: Since | None = None
    characteristic: dict[str, Source] = {}


class Party(Table):
    kind: Source | None = None
    given_name: Source | None = None
    family_name: Source | None = None
    gender: Source | None = None


class Contact(Table):
    type: Literal["email", "mobile", "postalAddress"]
    preferred: bool = False
    email: Source | None = None
    phone: Source | None = None
    street: Source | None = None
    city: Source | None = None
    post_code: Source | None = None
    region: Source | None = None
    country: Source | None = None


class Account(Table):
    name: Source | None = None
    payment_method: Source | None = None
    arrears: Source | None = None
    credit_limit: Source | None = None


class Condition(Table, rename={"is_": "is", "not_": "not"}):
    column: str
    is_: list[str] | None = None
    not_: list[str] | None = None


class Held(Table):
    """A product the client holds if the condition is met."""

    offering: str | None = None
    offering_from: Source | None = None
    when: Condition | None = None
    price: Source | None = None
    characteristic: dict[str, Source] = {}


class Charges(Table):
    total: Source


class Offering(Table):
    id: str
    name: str
    monthly: str | int | float | None = None
    description: str | None = None
    requires: list[str] = []
    excludes: list[str] = []


class Mapping(Table):
    """A whole mapping, as written."""

    client: Client
    title: str = ""
    currency: str = "RUB"
    file: File = msgspec.field(default_factory=File)
    party: Party = msgspec.field(default_factory=Party)
    contact: list[Contact] = []
    account: Account = msgspec.field(default_factory=Account)
    product: list[Held] = []
    charges: Charges | None = None
    offering: list[Offering] = []


_TABLES: dict[str, type[Table]] = {
    "": Mapping,
    "file": File,
    "client": Client,
    "client.since": Since,
    "party": Party,
    "contact": Contact,
    "account": Account,
    "product": Held,
    "product.when": Condition,
    "charges": Charges,
    "offering": Offering,
}


def built_in() -> list[str]:
    """Names of the mappings that come along."""
    return sorted(path.stem for path in BUILT_IN.glob("*.toml"))


def load(name_or_file: str) -> Mapping:
    """A built-in mapping by name, or one of a FILE.toml. MappingProblem says which key is wrong and how to mend it."""
    path = Path(name_or_file)
    if name_or_file in built_in():
        path = BUILT_IN / f"{name_or_file}.toml"
    elif path.suffix != ".toml" or not path.is_file():
        raise MappingProblem(
            "unknownMapping",
            "There is no mapping {name}. Built in are: {known}; or name a file that ends in .toml.",
            name=name_or_file,
            known=", ".join(built_in()),
        )
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Mapping:
    """A mapping out of TOML text. MappingProblem."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingProblem("malformedToml", "The mapping is not TOML: {reason}.", reason=error) from None
    try:
        mapping = msgspec.convert(raw, Mapping)
    except msgspec.ValidationError as error:
        raise _told(str(error)) from None
    for path, source in sources(mapping):
        if isinstance(source, Value) and (source.column is None) == (source.text is None):
            raise _wrong(path, "name either a column or a text")
    _check_tables(mapping)
    return mapping


def _told(message: str) -> MappingProblem:
    """msgspec's words as a sentence that names the key and the fix."""
    reason, _, at = message.partition(" - at `$")
    path = re.sub(r"\[[^\]]*\]", "", at.rstrip("`")).lstrip(".")
    known = list(_TABLES.get(path, Value).__struct_encode_fields__)
    named = re.search(r"(unknown|required) field `([^`]+)`", reason)
    if named is None:
        return _wrong(path or "(top)", reason[0].lower() + reason[1:])
    key = f"{path}.{named[2]}" if path else named[2]
    if named[1] == "required":
        return _wrong(key, "this key is missing; add it")
    close = get_close_matches(named[2], known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
    return _wrong(key, f"unknown key; {hint}")


def _wrong(path: str, reason: str) -> MappingProblem:
    return MappingProblem("badMapping", "Mapping, {path}: {reason}.", path=path, reason=reason.rstrip("."))


def _check_tables(mapping: Mapping) -> None:
    """What the types cannot say: either-or, and references between tables."""
    since = mapping.client.since
    if since is not None and (since.date is None) == (since.months is None):
        raise _wrong("client.since", "name either date or months")
    if len(mapping.file.delimiter) != 1:
        raise _wrong("file.delimiter", "must be one character")
    offered = {offering.id for offering in mapping.offering}
    for number, held in enumerate(mapping.product, 1):
        here = f"product {number}"
        if (held.offering is None) == (held.offering_from is None):
            raise _wrong(here, "name either offering or offering_from")
        if held.when is not None and (held.when.is_ is None) == (held.when.not_ is None):
            raise _wrong(f"{here}.when", "say either is = [...] or not = [...]")
    for offering in mapping.offering:
        _check_price(offering)
        for other in (*offering.requires, *offering.excludes):
            if other not in offered:
                raise _wrong(f"offering {offering.id}", f"there is no [[offering]] with id {other}")


def _check_price(offering: Offering) -> None:
    if offering.monthly is not None and not re.fullmatch(r"\d+(\.\d{1,2})?", str(offering.monthly)):
        raise _wrong(f"offering {offering.id}.monthly", f"{offering.monthly} is not an amount such as 490.00")


def sources(mapping: Mapping) -> Iterator[tuple[str, Source]]:
    """Every source of a value with the key it stands at."""
    for path, table in _tables(mapping):
        for name in table.__struct_fields__:
            value = getattr(table, name)
            if name == "characteristic":
                yield from ((f"{path}.{name}.{key}", source) for key, source in value.items())
            elif isinstance(value, Value) or (isinstance(value, str) and name not in _PLAIN[type(table)]):
                yield f"{path}.{name}", value


# Texts that are no source: everything else of type text names a column.
_PLAIN: dict[type[Table], frozenset[str]] = {
    Client: frozenset(),
    Since: frozenset({"format"}),
    Party: frozenset(),
    Contact: frozenset({"type"}),
    Account: frozenset(),
    Held: frozenset({"offering"}),
    Condition: frozenset(),
    Charges: frozenset(),
}


def _tables(mapping: Mapping) -> Iterator[tuple[str, Table]]:
    yield "client", mapping.client
    if mapping.client.since:
        yield "client.since", mapping.client.since
    yield "party", mapping.party
    yield from ((f"contact {n}", table) for n, table in enumerate(mapping.contact, 1))
    yield "account", mapping.account
    for number, held in enumerate(mapping.product, 1):
        yield f"product {number}", held
        if held.when:
            yield f"product {number}.when", held.when
    if mapping.charges:
        yield "charges", mapping.charges


def columns_of(source: Source) -> list[str]:
    """The columns a source reads."""
    if isinstance(source, str):
        return [source]
    if source.column is not None:
        return [source.column]
    return [name for _, name, _, _ in string.Formatter().parse(source.text or "") if name]


def check_header(mapping: Mapping, header: list[str]) -> None:
    """FileProblem if the mapping reads a column that the file does not have and that is not optional."""
    for path, source in sources(mapping):
        for column in columns_of(source):
            if column in header or column in mapping.file.optional:
                continue
            close = get_close_matches(column, header, n=1)
            raise FileProblem(
                "unknownColumn",
                "Mapping, {path}: the file has no column {column}{hint}. It has: {header}. Correct the mapping,"
                " or list the column in file.optional.",
                path=path,
                column=column,
                hint=f" (close: {close[0]})" if close else "",
                header=", ".join(header),
            )
