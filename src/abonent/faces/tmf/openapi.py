"""OpenAPI of every API, derived from its resources: nothing is described here that the resources do not say.

One document an API (a base path), so that an integrator reads what he knows from TM Forum's specifications.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.faces.tmf import openapi_hub
from abonent.kit.hub import topics
from abonent.kit.resource import Registry, Resource
from abonent.kit.shape_parser import Enumeration
from abonent.kit.shapes import Shape

Document = dict[str, Any]

# Numbers of TM Forum's specifications, by the name in the base path. APIs of our own have none.
_NUMBERS = {
    "productCatalogManagement": "TMF620",
    "productOrderingManagement": "TMF622",
    "customerManagement": "TMF629",
    "party": "TMF632",
    "serviceCatalogManagement": "TMF633",
    "productInventory": "TMF637",
    "serviceInventory": "TMF638",
    "resourceInventoryManagement": "TMF639",
    "serviceOrdering": "TMF641",
    "serviceQualificationManagement": "TMF645",
    "appointment": "TMF646",
    "quoteManagement": "TMF648",
    "agreementManagement": "TMF651",
    "serviceTestManagement": "TMF653",
    "accountManagement": "TMF666",
    "partyRoleManagement": "TMF669",
    "rolesAndPermissions": "TMF672",
    "geographicAddressManagement": "TMF673",
    "productOfferingQualification": "TMF679",
    "communicationManagement": "TMF681",
    "partyInteraction": "TMF683",
    "event": "TMF688",
    "workOrderManagement": "TMF697",
}
_EXAMPLES: Mapping[str, Any] = {
    "string": "text",
    "uri": "https://example.org/",
    "date": "2026-12-01",
    "date-time": "2026-12-01T09:00:00.000Z",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "any": "value",
}
_DEPTH = 6
_MERGE, _PATCH = "application/merge-patch+json", "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Api:
    """The resources of one base path. `name` as in addresses: productOrderingManagement-v4."""

    base: str
    resources: tuple[Resource, ...]

    @property
    def name(self) -> str:
        return "-".join(self.base.split("/")[2:])

    @property
    def number(self) -> str:
        return number_of(self.base)

    @property
    def title(self) -> str:
        return title_of(self.base)

    @property
    def version(self) -> str:
        return self.base.split("/")[3]


def number_of(base: str) -> str:
    """TMF622; empty for an API of our own."""
    return _NUMBERS.get(base.split("/")[2], "") if base.startswith("/tmf-api/") else ""


def title_of(base: str) -> str:
    """TMF622 Product Ordering Management"""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", base.split("/")[2])
    return f"{number_of(base)} {words[0].upper()}{words[1:]}".strip()


def apis(registry: Registry) -> list[Api]:
    """TM Forum's APIs by number, then our own by name."""
    by_base: dict[str, list[Resource]] = {}
    for resource in registry:
        if resource.base:
            by_base.setdefault(resource.base, []).append(resource)
    made = [Api(base, tuple(resources)) for base, resources in by_base.items()]
    return sorted(made, key=lambda api: (not api.number, api.number or api.name))


def document(api: Api) -> Document:
    """The OpenAPI 3.1 document of an API; its server is the one that the document comes from."""
    schemas: Document = {"Error": _ERROR}
    paths: Document = {}
    for resource in api.resources:
        schemas |= resource.shape.openapi()
        paths |= _paths(resource)
    if any(resource.audited for resource in api.resources):
        schemas |= openapi_hub.SCHEMAS
        paths |= openapi_hub.hub_paths()
    if api.base == topics.BASE:
        paths |= openapi_hub.topic_paths()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": api.title,
            "version": api.version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": api.base}],
        "security": [{"bearer": []}],
        "tags": [{"name": _wire(resource)} for resource in api.resources],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "parameters": _PARAMETERS,
            "responses": _RESPONSES,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "abonent token --role ROLE"}
            },
        },
    }


def example(shape: Shape) -> Document:
    """The least that a create may consist of: what is mandatory, as deep as it is."""
    return _object(shape, [f for f in shape.fields.values() if f.creatable and f.mandatory], _DEPTH)


def _object(shape: Shape, fields: Iterable[Any], depth: int) -> Document:
    made: Document = {}
    for field in fields:
        value = _value(shape, field.type, depth)
        made[field.name] = [value] if field.many else value
    return made


def _value(shape: Shape, kind: str, depth: int) -> Any:
    if kind in _EXAMPLES:
        return _EXAMPLES[kind]
    known = shape.vocabulary.types[kind]
    if isinstance(known, Enumeration):
        return next(iter(known.values))
    if not depth:
        return {}
    return _object(shape, [f for f in known.fields.values() if f.mandatory], depth - 1)


def _wire(resource: Resource) -> str:
    return resource.path.rpartition("/")[2]


def _paths(resource: Resource) -> dict[str, Document]:
    offered, path = resource.operations, f"/{_wire(resource)}"
    many = {"list": ("get", _list), "create": ("post", _create)}
    one = {"get": ("get", _get), "patch": ("patch", _patch), "delete": ("delete", _delete)}
    whole: Document = {method: make(resource) for name, (method, make) in many.items() if name in offered}
    each: Document = {method: make(resource) for name, (method, make) in one.items() if name in offered}
    if each:
        each["parameters"] = [{"$ref": "#/components/parameters/id"}]
    return {at: operations for at, operations in ((path, whole), (f"{path}/{{id}}", each)) if operations}


def _list(resource: Resource) -> Document:
    names = ("fields", "offset", "limit", "sort")
    counts = {name: {"$ref": f"#/components/parameters/{name}"} for name in names}
    body = _json({"type": "array", "items": _ref(resource.shape.name)})
    headers = {
        "X-Total-Count": {"schema": {"type": "integer"}, "description": "all matches"},
        "X-Result-Count": {"schema": {"type": "integer"}, "description": "those in this answer"},
        "Link": {"schema": {"type": "string"}, "description": "first, prev, next and last page (RFC 8288)"},
    }
    return _operation(
        resource,
        "list",
        f"List {_wire(resource)}. Any attribute is a filter, nested ones with dots: a.b=v, a.b.gt=v, a=v1,v2.",
        parameters=list(counts.values()),
        responses={
            "200": {"description": "All of what was asked for", "headers": headers, "content": body},
            "206": {"description": "A part of it", "headers": headers, "content": body},
        },
        errors=("400", "401", "403"),
    )


def _create(resource: Resource) -> Document:
    body = {"schema": _ref(f"{resource.shape.name}_Create"), "example": example(resource.shape)}
    return _operation(
        resource,
        "create",
        f"Create {_wire(resource)}.",
        parameters=[{"$ref": "#/components/parameters/fields"}],
        requestBody={"required": True, "content": {"application/json": body}},
        responses={"201": _one(resource, "Created; Location says where")},
        errors=("400", "401", "403", "409", "413", "422"),
    )


def _get(resource: Resource) -> Document:
    return _operation(
        resource,
        "get",
        f"One {_wire(resource)}.",
        parameters=[{"$ref": "#/components/parameters/fields"}],
        responses={"200": _one(resource, "The document; ETag is its version")},
        errors=("400", "401", "403", "404"),
    )


def _patch(resource: Resource) -> Document:
    update = {"schema": _ref(f"{resource.shape.name}_Update")}
    operations = {"schema": {"type": "array", "items": {"type": "object"}}}
    return _operation(
        resource,
        "patch",
        f"Change {_wire(resource)}: a merge patch (RFC 7386) or a JSON Patch (RFC 6902).",
        parameters=[{"$ref": f"#/components/parameters/{name}"} for name in ("fields", "ifMatch")],
        requestBody={
            "required": True,
            "content": {"application/json": update, _MERGE: update, _PATCH: operations},
        },
        responses={"200": _one(resource, "As it stands now")},
        errors=("400", "401", "403", "404", "409", "412", "422"),
    )


def _delete(resource: Resource) -> Document:
    return _operation(
        resource,
        "delete",
        f"Delete {_wire(resource)}.",
        responses={"204": {"description": "Deleted"}},
        errors=("401", "403", "404", "409", "422"),
    )


def _operation(
    resource: Resource, name: str, summary: str, *, responses: Document, errors: Iterable[str], **more: Any
) -> Document:
    kind = _wire(resource)
    refused = {status: {"$ref": f"#/components/responses/{status}"} for status in errors}
    return {
        "operationId": f"{name}{kind[0].upper()}{kind[1:]}",
        "summary": summary,
        "tags": [kind],
        **more,
        "responses": {**responses, **refused},
    }


def _one(resource: Resource, description: str) -> Document:
    return {"description": description, "content": _json(_ref(resource.shape.name))}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _query(name: str, text: str, kind: str = "string") -> Document:
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}}


_ERROR = {
    "type": "object",
    "required": ["code", "reason"],
    "properties": {
        "code": {"type": "string", "description": "for machines, stable"},
        "reason": {"type": "string", "description": "what is wrong and how to mend it"},
        "message": {"type": "string", "description": "the attribute at fault, where there is one"},
        "status": {"type": "string"},
        "@type": {"type": "string"},
    },
}
_PARAMETERS: Document = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
    "ifMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "the ETag that was read: 412 if it was changed since",
        "schema": {"type": "string"},
    },
    "fields": _query("fields", "attributes to answer with, separated by commas; none: id and href"),
    "offset": _query("offset", "matches to leave out at the beginning", "integer"),
    "limit": _query("limit", "matches to answer with at most; without it all of them", "integer"),
    "sort": _query("sort", "attributes to sort by, separated by commas; -attribute: descending"),
}
_STATUSES = {
    "400": "Something in the request cannot be understood or may not be so",
    "401": "No token, or none that is valid",
    "403": "The caller may not do this",
    "404": "There is no such resource, or the caller may not see it",
    "409": "It conflicts with what stands",
    "412": "It was changed since it was read",
    "413": "The body is too long",
    "422": "Not possible in the present state",
}
_RESPONSES = {
    status: {"description": text, "content": _json({"$ref": "#/components/schemas/Error"})}
    for status, text in _STATUSES.items()
}
