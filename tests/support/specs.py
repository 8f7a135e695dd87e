"""The TM Forum specifications of version 4 as data: resources, the smallest bodies, enumerations.

They lie in a folder `shared` beside the checkout; without it there is nothing to compare with.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Schemas = dict[str, Any]
# Deeper than this the same types come again and again.
_DEEPEST = 4


def folder() -> Path | None:
    """Where the specifications lie; None without them."""
    for above in Path(__file__).resolve().parents:
        if (above.parent / "shared" / "specs").is_dir():
            return above.parent / "shared" / "specs"
    return None


@dataclass(frozen=True)
class Specified:
    """One resource of a specification: where it is, what may be done with it, and its schemas."""

    path: str
    operations: frozenset[str]
    schemas: Schemas
    create: str | None
    update: str | None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def properties(self, of: str) -> Schemas:
        return self.schemas[of].get("properties", {})

    @property
    def mandatory(self) -> list[str]:
        return self.schemas[self.create or ""].get("required", [])

    def smallest(self) -> dict[str, Any]:
        """A body with the mandatory attributes alone."""
        return _smallest(self.schemas, self.create or "")

    def fullest(self) -> dict[str, Any]:
        """A body with every attribute, down to where types come again."""
        return _fullest(self.schemas, self.create or "", ())

    def enumerations(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """(path, values) of every enumeration that a body can hold."""
        yield from _enumerations(self.schemas, self.create or "", (), ())

    def with_value(self, path: tuple[str, ...], value: Any) -> dict[str, Any]:
        """The smallest body that holds `value` at `path`, the mandatory attributes of everything on the way too."""
        body = self.smallest()
        here, schema = body, self.create or ""
        for step in path[:-1]:
            inner = self.schemas[schema]["properties"][step]
            many = inner.get("type") == "array"
            schema = _target(inner) or ""
            if step not in here:
                made = _smallest(self.schemas, schema)
                here[step] = [made] if many else made
            here = here[step][0] if many else here[step]
        last = self.schemas[schema]["properties"][path[-1]]
        here[path[-1]] = [value] if last.get("type") == "array" else value
        return body

    def text_to_patch(self) -> str | None:
        """A first-level text that a patch may change."""
        fields = self.properties(self.update) if self.update else {}
        for wanted in ("description", "name"):
            if fields.get(wanted, {}).get("type") == "string":
                return wanted
        return next(
            (
                name
                for name, inner in fields.items()
                if inner.get("type") == "string"
                and "format" not in inner
                and not name.startswith("@")
                and name not in {"state", "status"}
            ),
            None,
        )


def _target(schema: Schemas) -> str | None:
    inner = schema.get("items", schema)
    return inner["$ref"].rpartition("/")[2] if "$ref" in inner else None


def _smallest(schemas: Schemas, name: str) -> dict[str, Any]:
    schema = schemas[name]
    return {each: _sample(schemas, schema["properties"][each]) for each in schema.get("required", [])}


def _fullest(schemas: Schemas, name: str, seen: tuple[str, ...]) -> dict[str, Any]:
    body = {}
    for each, inner in schemas[name].get("properties", {}).items():
        target = _target(inner)
        known = schemas.get(target or "", {})
        if target is None or target == "Any" or "enum" in known or not known:
            body[each] = _sample(schemas, inner)
        elif target not in (*seen, name) and len(seen) < _DEEPEST:
            value = _fullest(schemas, target, (*seen, name))
            body[each] = [value] if inner.get("type") == "array" else value
        elif each in schemas[name].get("required", []):
            body[each] = _sample(schemas, inner)
    return body


def _sample(schemas: Schemas, schema: Schemas) -> Any:
    if schema.get("type") == "array":
        return [_sample(schemas, schema["items"])]
    target = _target(schema)
    if target is not None:
        if target == "Any" or target not in schemas:
            return "x"
        inner = schemas[target]
        return inner["enum"][0].strip() if "enum" in inner else _smallest(schemas, target)
    match schema.get("type"), schema.get("format"):
        case "string", "date-time":
            return "2026-11-24T09:00:00.000Z"
        case "string", "uri":
            return "http://localhost/abonent-api/catalog/v1/catalogFile/sample"
        case (("integer" | "number"), _):
            return 1
        case "boolean", _:
            return True
        case "object", _:
            return {}
        case _:
            return "x"


def _enumerations(
    schemas: Schemas, name: str, path: tuple[str, ...], seen: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    if name in seen or len(path) >= _DEEPEST:
        return
    for each, inner in schemas[name].get("properties", {}).items():
        target = _target(inner)
        if target is None or target not in schemas:
            continue
        if "enum" in schemas[target]:
            yield (*path, each), tuple(value.strip() for value in schemas[target]["enum"])
        else:
            yield from _enumerations(schemas, target, (*path, each), (*seen, name))


@cache
def _read(file: Path) -> Schemas:
    return json.loads(file.read_bytes())


def specified(api: str) -> list[Specified]:
    """The resources of an API in the order of its file; none without the file."""
    place = folder()
    if place is None or not (place / f"TMF{api}-v4.json").is_file():
        return []
    document = deepcopy(_read(place / f"TMF{api}-v4.json"))
    schemas, found = document["definitions"], []
    base = document["basePath"].rstrip("/")
    base = base if base.startswith("/tmf-api") else f"/tmf-api{base}"
    for path, operations in document["paths"].items():
        if "{" in path or path.startswith(("/hub", "/listener")):
            continue
        one = document["paths"].get(path + "/{id}", {})
        offered = {("create", "post"), ("list", "get")}
        known = {mine for mine, theirs in offered if theirs in operations}
        known |= {each for each in ("get", "patch", "delete") if each in one}
        found.append(
            Specified(
                base + path,
                frozenset(known),
                schemas,
                _body(operations.get("post")),
                _body(one.get("patch")),
            )
        )
    return found


def _body(operation: Schemas | None) -> str | None:
    for parameter in (operation or {}).get("parameters", ()):
        if parameter.get("in") == "body":
            return _target(parameter["schema"])
    return None
