"""Files of the catalogue: which addresses a job may name, what it carries, what a file must look like. Pure."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from abonent.domain.catalog.exchange_resources import CATALOG_FILE
from abonent.kit.errors import N_, BadInput, Problem
from abonent.kit.resource import Resource

Document = dict[str, Any]
CONTENT_TYPE = "application/json"
MOST_FAULTS = 20
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
# Who asks without a public address talks to a server on his own machine.
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def file_name(url: str, site: str) -> str:
    """The name of the file a job's `url` means. BadInput for every address that is not one of our files.

    Files elsewhere are neither fetched nor written: an address in a job must not make the server call other machines.
    """
    try:
        asked, own = urlsplit(url), urlsplit(site)
        ours = not (asked.scheme or asked.netloc) or (
            (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
            if site
            else asked.scheme in {"http", "https"} and asked.hostname in _HERE
        )
    except ValueError:
        raise _elsewhere(url) from None
    folder, _, name = asked.path.rpartition("/")
    name = unquote(name)
    if not ours or folder != CATALOG_FILE.path or asked.query or not _NAME.fullmatch(name):
        raise _elsewhere(url)
    return name


def _elsewhere(url: str) -> BadInput:
    return BadInput(
        "fileElsewhere",
        N_(
            "{path}: {value} is not a file of this server, and others are neither read nor written. Name "
            "{folder}/ and a name of letters, digits, points and dashes."
        ),
        path="url",
        value=url[:200],
        folder=CATALOG_FILE.path,
    )


def check_content_type(given: str | None) -> None:
    """BadInput for a format that is not read or written here."""
    if given and given.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise BadInput(
            "unknownFormat",
            N_("{path}: {value} is not read or written here; use {allowed}."),
            path="contentType",
            value=given[:100],
            allowed=CONTENT_TYPE,
        )


def chosen(path: str | None, kinds: Sequence[Resource]) -> tuple[Resource, ...]:
    """What a job carries: the one kind its `path` ends with, or all. BadInput."""
    if not path:
        return tuple(kinds)
    last = urlsplit(path).path.rstrip("/").rpartition("/")[2]
    found = tuple(kind for kind in kinds if kind.name == last)
    if not found:
        raise BadInput(
            "unknownKind",
            N_("{path}: {value} is none of: {allowed}."),
            path="path",
            value=path[:200],
            allowed=", ".join(kind.name for kind in kinds),
        )
    return found


def conditions(query: str | None, kinds: Sequence[Resource]) -> list[tuple[str, str]]:
    """The filter of an export as name and value pairs. BadInput when it does not say of which kind it is."""
    if not query:
        return []
    if len(kinds) != 1:
        raise BadInput(
            "pathNeeded",
            N_("{path}: a filter needs path, which says what is filtered: {allowed}."),
            path="query",
            allowed=", ".join(kind.name for kind in kinds),
        )
    return parse_qsl(query.removeprefix("?"), keep_blank_values=True)


def read_content(content: Any, kinds: Sequence[Resource]) -> list[tuple[Resource, Document]]:
    """The documents of a file, checked by their shapes. BadInput tells its first faults.

    The content is an object with a list for each kind, or the list alone where the job is for one kind.
    """
    if isinstance(content, list) and len(kinds) == 1:
        content = {kinds[0].name: content}
    known = {kind.name: kind for kind in kinds}
    if not isinstance(content, dict) or not content:
        raise _faulty([f"an object with lists named {', '.join(known)} is expected"])
    faults = [f"{name} is none of {', '.join(known)}" for name in content if name not in known]
    found: dict[tuple[str, str], tuple[Resource, Document]] = {}
    for name, kind in known.items():
        listed = content.get(name, [])
        if not isinstance(listed, list):
            faults.append(f"{name} is no list")
            continue
        for number, each in enumerate(listed):
            where = f"{name}[{number}]"
            fault = _fault(kind, each)
            if fault is None and (name, each["id"]) in found:
                fault = f"id {each['id']} stands twice"
            if fault is None:
                found[name, each["id"]] = (kind, each)
            else:
                faults.append(f"{where}: {fault}")
    if faults:
        raise _faulty(faults)
    return list(found.values())


def _fault(kind: Resource, document: Any) -> str | None:
    """What is wrong with one document; None if nothing is. Drops its href, which is made at output."""
    if not isinstance(document, dict):
        return "no object"
    document.pop("href", None)
    if not isinstance(document.get("id"), str) or not document["id"]:
        return "it has no id"
    try:
        kind.shape.check(document)
    except Problem as wrong:
        return str(wrong)
    return None


def _faulty(faults: Sequence[str]) -> BadInput:
    told = "; ".join(faults[:MOST_FAULTS])
    more = len(faults) - MOST_FAULTS
    return BadInput(
        "faultyFile",
        N_("Nothing was taken over. {faults}"),
        faults=told + (f"; and {more} more" if more > 0 else ""),
    )


def highest_number(kind: Resource, ids: Sequence[str]) -> int:
    """The highest of our own numbers among ids; 0 when none is one."""
    own = re.compile(rf"{re.escape(kind.prefix)}-(\d{{1,15}})", re.ASCII)
    return max((int(match[1]) for id in ids if (match := own.fullmatch(id))), default=0)
