"""Wire types out of a compact vocabulary: validation, paths for filters, OpenAPI.

The syntax is told in kit/shape_parser. A document stays a plain dict: the stored JSON is the truth, and
the structs compiled here only judge its text (msgspec, about 5 times faster than pydantic). What they do
not take, kit/shape_check walks exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec

from abonent.kit import json_guard, shape_check
from abonent.kit.errors import N_, BadInput
from abonent.kit.json_guard import decode, encode
from abonent.kit.shape_parser import (
    SCALARS,
    Enumeration,
    Field,
    ObjectType,
    TypeDef,
    VocabularyError,
    parse,
)

__all__ = ["Field", "Kind", "Lookup", "Shape", "Vocabulary", "VocabularyError", "decode", "encode"]

Kind = Literal["string", "integer", "number", "boolean", "date-time", "any", "object"]

_KINDS: dict[str, Kind] = {
    "string": "string",
    "uri": "string",
    "date": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date-time": "date-time",
    "any": "any",
}
_ANNOTATIONS: dict[str, Any] = {
    "string": str,
    "uri": Annotated[str, msgspec.Meta(pattern=shape_check.URI_PATTERN)],
    "date": Annotated[str, msgspec.Meta(pattern=shape_check.DATE_PATTERN)],
    "date-time": Annotated[str, msgspec.Meta(pattern=shape_check.DATE_TIME_PATTERN)],
    "integer": Annotated[int, msgspec.Meta(ge=shape_check.INTEGER_RANGE[0], le=shape_check.INTEGER_RANGE[1])],
    "number": float,
    "boolean": bool,
    "any": msgspec.Raw,
}
_JSON_SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "uri": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "any": {},
}
_CLASS_ATTRIBUTES = ("@type", "@baseType", "@schemaLocation")


@dataclass(frozen=True, slots=True)
class Lookup:
    """What stands at a path: the kind of its values, and for each step whether it is a list."""

    kind: Kind
    many: tuple[bool, ...]


class Vocabulary:
    """Types by name out of one or more texts; a later text may override a type of an earlier one.

    `vocabulary["ProductOrder"]` is the Shape of that type. KeyError names close matches.
    """

    def __init__(self, *texts: str) -> None:
        self.types = parse(*texts)
        self._shapes: dict[str, Shape] = {}
        self._structs: dict[str, type[msgspec.Struct]] = {}

    def __getitem__(self, name: str) -> "Shape":
        shape = self._shapes.get(name)
        if shape is None:
            kind = self.types.get(name)
            if not isinstance(kind, ObjectType):
                close = get_close_matches(name, self.names(), n=3)
                hint = f"; close: {', '.join(close)}" if close else ""
                raise KeyError(f"no object type {name} in this vocabulary{hint}")
            shape = self._shapes[name] = Shape(self, kind)
        return shape

    def __contains__(self, name: object) -> bool:
        return isinstance(self.types.get(name), ObjectType) if isinstance(name, str) else False

    def names(self) -> list[str]:
        """Names of the object types, in the order of the texts."""
        return [name for name, kind in self.types.items() if isinstance(kind, ObjectType)]

    def reachable(self, fields: Iterable[Field]) -> dict[str, TypeDef]:
        """The types that these fields lead to, near and far, by name."""
        found: dict[str, TypeDef] = {}
        queue = [field.type for field in fields]
        while queue:
            name = queue.pop()
            if name in SCALARS or name in found:
                continue
            kind = found[name] = self.types[name]
            if isinstance(kind, ObjectType):
                queue.extend(field.type for field in kind.fields.values())
        return found

    def decoder(self, name: str, fields: list[Field]) -> "msgspec.json.Decoder[Any]":
        """A decoder that takes exactly these fields at the top and whole types below."""
        fresh: list[tuple[type[msgspec.Struct], list[Field]]] = []
        for inner in self.reachable(fields).values():
            if isinstance(inner, ObjectType) and inner.name not in self._structs:
                inner_fields = list(inner.fields.values())
                self._structs[inner.name] = struct = _hollow_struct(inner.name, inner_fields)
                fresh.append((struct, inner_fields))
        top = _hollow_struct(name, fields)
        fresh.append((top, fields))
        for struct, struct_fields in fresh:
            # Types refer to each other in circles, so the annotations are filled in once all structs exist.
            struct.__annotations__.update(
                {f"f{index}": self._annotation(field) for index, field in enumerate(struct_fields)}
            )
        return msgspec.json.Decoder(top)

    def _annotation(self, field: Field) -> Any:
        kind = self.types.get(field.type)
        if field.type in SCALARS:
            inner = _ANNOTATIONS[field.type]
        elif isinstance(kind, Enumeration):
            inner = Literal[kind.values]  # pyright: ignore[reportInvalidTypeForm]
        else:
            inner = self._structs[field.type]
        if field.many:
            inner = list[inner]
            if field.mandatory:
                inner = Annotated[inner, msgspec.Meta(min_length=1)]
        return inner


def _hollow_struct(name: str, fields: list[Field]) -> type[msgspec.Struct]:
    ordered = sorted(enumerate(fields), key=lambda pair: not pair[1].mandatory)
    return msgspec.defstruct(
        name,
        [
            (f"f{index}", Any) if field.mandatory else (f"f{index}", Any, msgspec.UNSET)
            for index, field in ordered
        ],
        rename={f"f{index}": field.name for index, field in enumerate(fields)},
        forbid_unknown_fields=True,
        gc=False,
    )


class Shape:
    """One wire type, ready to judge documents.

    name, fields (by attribute name, in the order of the vocabulary), mandatory, server_set (marks = and ^:
    ignored on create), not_patchable (marks = and ~).
    """

    def __init__(self, vocabulary: Vocabulary, definition: ObjectType) -> None:
        self.vocabulary = vocabulary
        self.definition = definition
        self.name = definition.name
        self.fields = definition.fields
        self.mandatory = frozenset(name for name, field in self.fields.items() if field.mandatory)
        self.server_set = frozenset(name for name, field in self.fields.items() if not field.creatable)
        self.not_patchable = frozenset(name for name, field in self.fields.items() if not field.patchable)
        self._unchangeable = ("id", "href", *sorted(self.not_patchable - {"id", "href"}))
        self._on_create = {name: field for name, field in self.fields.items() if field.creatable}
        self._create_decoder: msgspec.json.Decoder[Any] | None = None
        self._whole_decoder: msgspec.json.Decoder[Any] | None = None

    def read_create(self, raw: bytes) -> dict[str, Any]:
        """The document of a new resource out of a request body, in the sender's order.

        Guarded and validated; attributes the server sets are dropped, explicit nulls too, a timestamp
        without an offset gets a Z. BadInput names the first fault with the fact `path`.
        """
        doc, compact = json_guard.read_object_compact(raw)
        dropped = self.server_set & doc.keys()
        if dropped:
            for name in dropped:
                del doc[name]
            compact = encode(doc)
        if self._create_decoder is None:
            self._create_decoder = self.vocabulary.decoder(self.name, list(self._on_create.values()))
        self._judge(self._create_decoder, doc, compact, self._on_create)
        return doc

    def check(self, doc: dict[str, Any]) -> None:
        """Validate a whole document, attributes the server sets included (after a patch, before a store).

        Drops explicit nulls and completes timestamps in place, as `read_create` does. BadInput as there.
        """
        if self._whole_decoder is None:
            self._whole_decoder = self.vocabulary.decoder(self.name, list(self.fields.values()))
        self._judge(self._whole_decoder, doc, encode(doc), self.fields)

    def _judge(
        self, decoder: "msgspec.json.Decoder[Any]", doc: dict[str, Any], text: bytes, fields: dict[str, Field]
    ) -> None:
        try:
            decoder.decode(text)
            return
        except msgspec.ValidationError:
            pass  # the exact walk says what is wrong, or that nothing is
        shape_check.walk_object(self.vocabulary.types, self.definition, doc, "", fields)

    def check_patch_names(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """BadInput if a patch changed what it may not: marks = and ~, id, href, and the class of the object.

        @type, @baseType and @schemaLocation may be added, never changed or removed. `old` and `new` are the
        documents before and after; an href that is not stored has to be put into `old` by the caller.
        """
        for name in self._unchangeable:
            if old.get(name) != new.get(name):
                raise BadInput(
                    "notPatchable",
                    N_("{path}: this attribute cannot be changed by a patch; leave it out of the patch."),
                    path=name,
                )
        for name in _CLASS_ATTRIBUTES:
            if name in old and old[name] != new.get(name):
                raise BadInput(
                    "notPatchable",
                    N_("{path}: the class of an object is fixed once given; leave it out of the patch."),
                    path=name,
                )

    def lookup(self, path: tuple[str, ...]) -> Lookup | None:
        """What stands at a path of attribute names; None if the vocabulary knows no such path.

        Below an `any` every path is an `any` and the steps count as single.
        """
        fields, kind = self.fields, "object"
        many: list[bool] = []
        for name in path:
            if kind == "any":
                many.append(False)
                continue
            field = fields.get(name)
            if field is None:
                return None
            many.append(field.many)
            target = self.vocabulary.types.get(field.type)
            if isinstance(target, ObjectType):
                fields, kind = target.fields, "object"
            else:
                fields, kind = {}, _KINDS.get(field.type, "string")
        return Lookup(kind, tuple(many))

    def openapi(self) -> dict[str, dict[str, Any]]:
        """JSON-schema components: NAME, NAME_Create, NAME_Update and every type they refer to."""
        fields = list(self.fields.values())
        components = {
            self.name: _json_schema(fields, mandatory=True),
            f"{self.name}_Create": _json_schema([f for f in fields if f.creatable], mandatory=True),
            f"{self.name}_Update": _json_schema([f for f in fields if f.patchable], mandatory=False),
        }
        for name, kind in sorted(self.vocabulary.reachable(fields).items()):
            if isinstance(kind, Enumeration):
                components[name] = {"type": "string", "enum": list(kind.values)}
            elif name != self.name:
                components[name] = _json_schema(list(kind.fields.values()), mandatory=True)
        return components


def _json_schema(fields: list[Field], *, mandatory: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _field_schema(field, mandatory=mandatory) for field in fields},
    }
    required = [field.name for field in fields if field.mandatory]
    if mandatory and required:
        schema["required"] = required
    return schema


def _field_schema(field: Field, *, mandatory: bool) -> dict[str, Any]:
    if field.type in SCALARS:
        schema = dict(_JSON_SCHEMAS[field.type])
    else:
        schema = {"$ref": f"#/components/schemas/{field.type}"}
    if field.many:
        schema = {"type": "array", "items": schema}
        if field.mandatory and mandatory:
            schema["minItems"] = 1
    return schema
