"""The demo's offerings as documents of the catalogue.

TMF620 gives a document one name. Its Russian and English stand in `prodSpecCharValueUse` of the offering, in an entry
called `name` or `description` whose value is {"en": ..., "ru": ...} (domain/catalog/texts reads it).
"""

from decimal import Decimal
from typing import Any

from abonent.demo import decompositions
from abonent.demo.offers import BY_ID, CATEGORIES, FIBRES, SOLD, Sold
from abonent.demo.paper import TEMPLATE
from abonent.domain.agreement.contract_resources import CONTRACT_TEMPLATE
from abonent.domain.catalog.resources import (
    CATEGORY,
    DECOMPOSITION,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
)
from abonent.domain.catalog.texts import in_languages
from abonent.domain.order_handling.rules_ending import COMMITMENT
from abonent.domain.qualification.rules import BUSINESS
from abonent.kit.resource import Resource
from abonent.kit.values import Money

__all__ = ["BY_ID", "CURRENCY", "FIBRES", "SOLD", "Sold", "documents", "specification_of"]

Document = dict[str, Any]
CURRENCY = "RUB"
VAT = {"taxCategory": "VAT", "taxRate": 22}


def specification_of(offering: str) -> str:
    return f"PS-{offering}"


def documents(*, crews: bool = True) -> list[tuple[Resource, Document]]:
    """Categories, then specification, prices, offering and decomposition of each offering.

    Without `crews` nobody could make a visit, so that no delivery has one.
    """
    made: list[tuple[Resource, Document]] = [(CONTRACT_TEMPLATE, TEMPLATE)]
    for id, (name, russian) in CATEGORIES.items():
        inside = [{"id": sold.id, "name": sold.name[0]} for sold in SOLD if sold.category == id]
        category: Document = {
            "id": id,
            "name": name,
            "description": russian,
            "isRoot": True,
            "lifecycleStatus": "Active",
            "productOffering": inside,
        }
        made.append((CATEGORY, category))
    for sold in SOLD:
        if not sold.parts:
            made.append((PRODUCT_SPECIFICATION, _specification(sold)))
            made.append((DECOMPOSITION, _decomposition(sold, crews)))
        made += [(PRODUCT_OFFERING_PRICE, price) for price in _prices(sold)]
        made.append((PRODUCT_OFFERING, _offering(sold)))
    return made


def _specification(sold: Sold) -> Document:
    relations = [(other, "alternativeDependency") for other in sold.any_of]
    relations += [(other, "exclusivity") for other in sold.excludes]
    return {
        "id": specification_of(sold.id),
        "name": sold.name[0],
        "lifecycleStatus": "Active",
        "productSpecificationRelationship": [
            {"id": specification_of(other), "name": BY_ID[other].name[0], "relationshipType": relation}
            for other, relation in relations
        ],
        "productSpecCharacteristic": [
            {
                "name": name,
                "configurable": False,
                "productSpecCharacteristicValue": [{"isDefault": True, "value": value}],
            }
            for name, value in sold.characteristics.items()
        ],
    }


def _decomposition(sold: Sold, crews: bool) -> Document:
    document: Document = {
        "id": f"DC-{sold.id}",
        "name": sold.name[0],
        "productSpecification": {"id": specification_of(sold.id), "name": sold.name[0]},
        "task": list(sold.tasks if crews else decompositions.without_visits(sold.tasks)),
    }
    if sold.technologies:
        document["access"] = {"technology": list(sold.technologies), "downstreamMbps": sold.mbps}
    return document


def _prices(sold: Sold) -> list[Document]:
    monthly: Document = {
        "id": f"POP-{sold.id}",
        "name": f"{sold.name[0]}, a month",
        "priceType": "recurring",
        "recurringChargePeriodType": "month",
        "recurringChargePeriodLength": 1,
        "lifecycleStatus": "Active",
        "price": Money(Decimal(sold.monthly), CURRENCY).document(),
        "tax": [VAT],
    }
    if sold.once is None:
        return [monthly]
    once: Document = {
        "id": f"POP-{sold.id}-once",
        "name": f"{sold.name[0]}, connection",
        "priceType": "oneTime",
        "lifecycleStatus": "Active",
        "price": Money(Decimal(sold.once), CURRENCY).document(),
        "tax": [VAT],
    }
    return [monthly, once]


def _offering(sold: Sold) -> Document:
    document: Document = {
        "id": sold.id,
        "name": sold.name[0],
        "description": sold.description[0],
        "isBundle": bool(sold.parts),
        "isSellable": True,
        "lifecycleStatus": "Active",
        "category": [{"id": sold.category, "name": CATEGORIES[sold.category][0]}],
        "productOfferingPrice": [{"id": price["id"], "name": price["name"]} for price in _prices(sold)],
        "productOfferingTerm": [
            {"name": "delivery", "duration": {"amount": sold.lead_days, "units": "day"}},
            *(
                [{"name": COMMITMENT, "duration": {"amount": sold.commitment, "units": "month"}}]
                if sold.commitment
                else []
            ),
        ],
        "prodSpecCharValueUse": [
            in_languages("name", *sold.name),
            in_languages("description", *sold.description),
        ],
    }
    if sold.category == BUSINESS:
        document["marketSegment"] = [{"id": BUSINESS, "name": CATEGORIES[BUSINESS][0]}]
    if sold.parts:
        document["bundledProductOffering"] = [
            {"id": part, "name": BY_ID[part].name[0], "lifecycleStatus": "Active"} for part in sold.parts
        ]
    else:
        document["productSpecification"] = {"id": specification_of(sold.id), "name": sold.name[0]}
    return document
