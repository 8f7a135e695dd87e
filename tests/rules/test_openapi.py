"""The OpenAPI documents: valid, whole, and about what the resources offer."""

from itertools import combinations
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from abonent.faces.tmf.openapi import Api, apis, document, example
from abonent.kit.resource import Resource
from abonent.kit.shapes import encode
from abonent.main import REGISTRY

APIS = apis(REGISTRY)
METHODS = {
    ("", "get"): "list",
    ("", "post"): "create",
    ("/{id}", "get"): "get",
    ("/{id}", "patch"): "patch",
    ("/{id}", "delete"): "delete",
}


def test_every_resource_on_the_wire_is_in_one_api() -> None:
    described = [resource.name for api in APIS for resource in api.resources]
    assert sorted(described) == sorted(resource.name for resource in REGISTRY if resource.base)
    assert len({api.name for api in APIS}) == len(APIS)


def test_every_api_of_tm_forum_has_its_number() -> None:
    assert [api.base for api in APIS if api.base.startswith("/tmf-api/") and not api.number] == []
    assert [api.number for api in APIS if not api.base.startswith("/tmf-api/")] == [""] * sum(
        api.base.startswith("/abonent-api/") for api in APIS
    )


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_its_document_is_valid_openapi(api: Api) -> None:
    OpenAPIV31SpecValidator(document(api)).validate()


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_it_describes_the_operations_that_are_offered(api: Api) -> None:
    described: dict[str, set[str]] = {}
    for path, operations in document(api)["paths"].items():
        _, name, *id = path.split("/")
        if name == "hub" or "{topicId}" in id:
            continue  # faces/tmf/openapi_hub
        for method in operations.keys() - {"parameters"}:
            described.setdefault(name, set()).add(METHODS["/{id}" if id else "", method])
    assert described == {r.path.rpartition("/")[2]: set(r.operations) for r in api.resources if r.operations}


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_one_name_means_one_thing_in_an_api(api: Api) -> None:
    """Schemas of several resources share a document: none may take another's place."""
    each = [resource.shape.openapi() for resource in api.resources]
    for one, other in combinations(each, 2):
        assert {name for name in one.keys() & other.keys() if one[name] != other[name]} == set()


RESOURCES = [r for r in REGISTRY if r.base and "create" in r.operations]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_its_example_has_what_is_mandatory_and_nothing_else(resource: Resource) -> None:
    made = example(resource.shape)
    resource.shape.read_create(encode(made))
    mandatory = {f.name: f for f in resource.shape.fields.values() if f.mandatory and f.creatable}
    assert made.keys() == mandatory.keys()
    for name, field in mandatory.items():
        value: Any = made[name]
        assert isinstance(value, list) == field.many and value != []


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_a_hub_is_described_where_something_is_told(api: Api) -> None:
    told = any(resource.audited for resource in api.resources)
    assert ("/hub" in document(api)["paths"]) == ("/hub/{id}" in document(api)["paths"]) == told
    below = {path for path in document(api)["paths"] if "{topicId}" in path}
    assert len(below) == (4 if api.number == "TMF688" else 0)
