"""Our vocabulary against the TM Forum specifications, attribute by attribute, both ways.

The specifications lie in a folder `shared` beside the checkout; without it there is nothing to compare with.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.agreement.shapes import AGREEMENT, QUOTE
from abonent.domain.catalog.shapes import PRODUCT_CATALOG, SERVICE_CATALOG
from abonent.domain.communication.shapes import COMMUNICATION, INTERACTION
from abonent.domain.inventory.shapes import PRODUCT_INVENTORY, RESOURCE_INVENTORY, SERVICE_INVENTORY
from abonent.domain.order_handling.shapes import PRODUCT_ORDERING, SERVICE_ORDERING
from abonent.domain.party.account_shapes import ACCOUNT
from abonent.domain.party.permission_shapes import PERMISSIONS
from abonent.domain.party.shapes import CUSTOMER, PARTY, PARTY_ROLE
from abonent.domain.qualification.shapes import OFFERING_QUALIFICATION, SERVICE_QUALIFICATION
from abonent.domain.service_test.shapes import SERVICE_TEST
from abonent.domain.workforce.shapes import APPOINTMENT, WORK_ORDER
from abonent.kit.hub.topics import EVENTS
from abonent.kit.shape_parser import Enumeration, Field, ObjectType
from abonent.kit.shapes import Vocabulary

VERSION_4: dict[str, tuple[Vocabulary, list[str]]] = {
    "620": (
        PRODUCT_CATALOG,
        ["Catalog", "Category", "ExportJob", "ImportJob", "ProductOffering", "ProductOfferingPrice",
         "ProductSpecification"],
    ),
    "622": (PRODUCT_ORDERING, ["CancelProductOrder", "ProductOrder"]),
    "629": (CUSTOMER, ["Customer"]),
    "632": (PARTY, ["Individual", "Organization"]),
    "633": (
        SERVICE_CATALOG,
        ["ExportJob", "ImportJob", "ServiceCandidate", "ServiceCatalog", "ServiceCategory",
         "ServiceSpecification"],
    ),
    "637": (PRODUCT_INVENTORY, ["Product"]),
    "638": (SERVICE_INVENTORY, ["Service"]),
    "641": (SERVICE_ORDERING, ["CancelServiceOrder", "ServiceOrder"]),
    "645": (SERVICE_QUALIFICATION, ["CheckServiceQualification", "QueryServiceQualification"]),
    "646": (APPOINTMENT, ["Appointment", "SearchTimeSlot"]),
    "648": (QUOTE, ["Quote"]),
    "651": (AGREEMENT, ["Agreement", "AgreementSpecification"]),
    "653": (SERVICE_TEST, ["ServiceTest", "ServiceTestSpecification"]),
    "666": (
        ACCOUNT,
        ["BillFormat", "BillPresentationMedia", "BillingAccount", "BillingCycleSpecification",
         "FinancialAccount", "PartyAccount", "SettlementAccount"],
    ),
    "669": (PARTY_ROLE, ["PartyRole"]),
    "679": (OFFERING_QUALIFICATION, ["ProductOfferingQualification"]),
    "681": (COMMUNICATION, ["CommunicationMessage"]),
    "683": (INTERACTION, ["PartyInteraction"]),
    "672": (PERMISSIONS, ["Permission", "UserRole"]),
    "688": (EVENTS, ["Event", "Hub", "Topic"]),
    "697": (WORK_ORDER, ["CancelWorkOrder", "WorkOrder"]),
}  # fmt: skip

# The server alone names a resource, also where one specification lets the client do it.
SERVER_NAMES_IT = {("Quote", "id")}

Schemas = dict[str, Any]


def specification(name: str) -> Path:
    for folder in Path(__file__).resolve().parents:
        path = folder.parent / "shared" / "specs" / name
        if path.is_file():
            return path
    pytest.skip(f"no folder `shared` with specs/{name} beside the checkout")


def wire_type(schema: Schemas) -> tuple[str, bool]:
    """Type name in our words, and is it a list. References of version 5 lose their suffix."""
    if schema.get("type") == "array":
        return wire_type(schema["items"])[0], True
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1].removesuffix("_FVO").removesuffix("_MVO")
        return ("any" if name == "Any" else name), False
    if schema.get("type") == "string" and schema.get("format") == "date-time":
        return "date-time", False
    return schema.get("type", "any"), False


def our_type(field: Field) -> tuple[str, bool]:
    # The specifications disagree with each other on which text is a URI.
    return ("string" if field.type == "uri" else field.type), field.many


def tell(name: str, attribute: str, field: Field | None) -> str:
    if field is None:
        return f"{name}.{attribute}: -"
    kind, many = our_type(field)
    marks = "!" * field.mandatory + "=" * field.server_set + "^" * field.later + "~" * field.fixed
    return f"{name}.{attribute}{marks}:{kind}{'[]' * many}"


def told(vocabulary: Vocabulary, resources: list[str]) -> set[str]:
    """Every attribute and enumeration of ours that the resources lead to, a line each."""
    lines = set()
    fields = [field for name in resources for field in vocabulary[name].fields.values()]
    reachable = vocabulary.reachable(fields)
    for kind in [vocabulary[name].definition for name in resources] + list(reachable.values()):
        if isinstance(kind, Enumeration):
            lines.add(f"{kind.name} = {' | '.join(sorted(kind.values))}")
        else:
            lines |= {tell(kind.name, name, field) for name, field in kind.fields.items()}
    return lines


# What the specification has no place for: the files of a work order, as TMF621 keeps those of a ticket.
ADDED = {"WorkOrder.attachment^:AttachmentRefOrValue[]"}


def marked(name: str, attribute: str, schemas: Schemas, create: Schemas, update: Schemas | None) -> str:
    on_create = attribute in create["properties"] and (name, attribute) not in SERVER_NAMES_IT
    # A task resource without a patch has nothing to forbid to a patch.
    on_update = update is None or attribute in update["properties"]
    mandatory = attribute in create.get("required", [])
    if on_create:
        return "!" * mandatory + "~" * (not on_update)
    return "^" if update is not None and attribute in update["properties"] and not mandatory else "="


def specified(schemas: Schemas, resources: list[str]) -> set[str]:
    """The same lines out of a specification of version 4."""
    lines: set[str] = set()
    done: set[str] = set()
    queue = list(resources)
    while queue:
        name = queue.pop()
        if name in done:
            continue
        done.add(name)
        schema = schemas[name]
        if "enum" in schema:
            lines.add(f"{name} = {' | '.join(sorted(map(str.strip, schema['enum'])))}")
        for attribute, inner in schema.get("properties", {}).items():
            kind, many = wire_type(inner)
            if kind in schemas:
                queue.append(kind)
            if name in resources:
                marks = marked(
                    name, attribute, schemas, schemas[f"{name}_Create"], schemas.get(f"{name}_Update")
                )
            else:
                marks = "!" * (attribute in schema.get("required", []))
            lines.add(f"{name}.{attribute}{marks}:{kind}{'[]' * many}")
    return lines


@pytest.mark.parametrize("api", VERSION_4)
def test_version_4(api: str) -> None:
    vocabulary, resources = VERSION_4[api]
    schemas = json.loads(specification(f"TMF{api}-v4.json").read_bytes())["definitions"]
    assert sorted(resources) == sorted(name[:-7] for name in schemas if name.endswith("_Create"))
    expected, ours = specified(schemas, resources), told(vocabulary, resources)
    assert ours - expected == ADDED & ours
    assert expected - ours == set()
    assert len(ours) > 10


# ---- version 5: one flat type stands for a class and its subclasses, one for each reference-or-value

SUBCLASSES = {"Resource": ["LogicalResource", "PhysicalResource", "ResourceCollection"]}
# The value of a characteristic stands only in subclasses that the file does not spell out.
BEYOND_VERSION_5 = {"Characteristic.value:any"}


def parts(schemas: Schemas, schema: Schemas) -> Iterator[Schemas]:
    for part in schema.get("allOf", []):
        yield from parts(schemas, schemas[part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part)
    yield schema


def flat(schemas: Schemas, name: str) -> tuple[Schemas, set[str]]:
    """Attributes and mandatory attributes of a class with all it inherits and all its subclasses add."""
    schema = schemas.get(f"{name}_FVO", schemas[name])
    if "oneOf" in schema:
        choices = [
            flat(schemas, ref["$ref"].rsplit("/", 1)[-1].removesuffix("_FVO")) for ref in schema["oneOf"]
        ]
        attributes = {key: value for choice, _ in choices for key, value in choice.items()}
        return attributes, set.intersection(*(required for _, required in choices))
    attributes = {
        key: value for part in parts(schemas, schema) for key, value in part.get("properties", {}).items()
    }
    required = {key for part in parts(schemas, schema) for key in part.get("required", [])}
    for subclass in SUBCLASSES.get(name, []):
        attributes |= flat(schemas, subclass)[0]
    return attributes, required


def test_version_5_of_the_resource_inventory() -> None:
    yaml = pytest.importorskip("yaml")
    schemas = yaml.safe_load(specification("TMF639-v5.yaml").read_bytes())["components"]["schemas"]
    expected: set[str] = set()
    done: set[str] = set()
    queue = ["Resource"]
    while queue:
        name = queue.pop()
        if name in done:
            continue
        done.add(name)
        if "enum" in schemas[name]:
            expected.add(f"{name} = {' | '.join(sorted(schemas[name]['enum']))}")
            continue
        attributes, required = flat(schemas, name)
        for attribute, inner in attributes.items():
            kind, many = wire_type(inner)
            if kind in schemas:
                queue.append(kind)
            marks = (
                "=" if name == "Resource" and attribute in ("id", "href") else "!" * (attribute in required)
            )
            expected.add(f"{name}.{attribute}{marks}:{kind}{'[]' * many}")
    ours = told(RESOURCE_INVENTORY, ["Resource"])
    assert ours - expected == BEYOND_VERSION_5
    assert expected - ours == set()


@pytest.mark.parametrize("api", [*VERSION_4, "639"])
def test_every_shape_compiles_and_takes_a_skeleton(api: str) -> None:
    vocabulary, resources = VERSION_4.get(api, (RESOURCE_INVENTORY, ["Resource"]))
    for name in resources:
        shape = vocabulary[name]
        document = skeleton(vocabulary, shape.definition)
        body = {key: value for key, value in document.items() if shape.fields[key].creatable}
        assert shape.read_create(json.dumps(body).encode()) == body
        shape.check(document)
        assert set(shape.openapi()) >= {name, f"{name}_Create", f"{name}_Update"}


def skeleton(vocabulary: Vocabulary, kind: ObjectType) -> dict[str, Any]:
    """The smallest document of a type: its mandatory attributes."""
    document: dict[str, Any] = {}
    for field in kind.fields.values():
        if field.mandatory:
            inner = vocabulary.types.get(field.type)
            if isinstance(inner, ObjectType):
                value: Any = skeleton(vocabulary, inner)
            elif isinstance(inner, Enumeration):
                value = inner.values[0]
            else:
                value = {"date-time": "2026-01-01T00:00:00Z", "boolean": True, "integer": 1, "number": 1}.get(
                    field.type, "x"
                )
            document[field.name] = [value] if field.many else value
    return document
