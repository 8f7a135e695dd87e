"""Reading the catalogue: prices and what a specification demands. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from abonent.kit.values import Money, amount_of

Document = Mapping[str, Any]


def price_ids(offerings: Iterable[Document]) -> list[str]:
    """Ids of the prices that offerings refer to without carrying them."""
    return [
        p["id"]
        for o in offerings
        for p in o.get("productOfferingPrice") or ()
        if p.get("id") and "price" not in p
    ]


def monthly_price(offering: Document, prices: Mapping[str, Document]) -> Money | None:
    """Sum of the recurring monthly prices of an offering, or None when it has none. One currency an offering."""
    return price_of(offering, prices, "recurring")


def price_of(offering: Document, prices: Mapping[str, Document], kind: str) -> Money | None:
    """Sum of an offering's prices of a kind (TMF620 priceType: recurring, oneTime), or None when it has none."""
    total: Money | None = None
    for reference in offering.get("productOfferingPrice") or ():
        price = reference if "price" in reference else prices.get(reference.get("id") or "")
        if price is not None and price.get("priceType") == kind:
            value = price.get("price") or {}
            # A price that the offering carries itself says its tax, one of its own resource is an amount (TMF620).
            value = value.get("taxIncludedAmount") or value.get("dutyFreeAmount") or value
            before = total.amount if total else Decimal(0)
            total = Money(
                before + amount_of(value), str(value.get("unit") or "RUB")
            )  # TMF620 leaves the unit optional
    return total


def specification_id(offering: Document | None) -> str | None:
    return ((offering or {}).get("productSpecification") or {}).get("id")


def related_specifications(specification: Document | None, relationship: str) -> tuple[str, ...]:
    """Ids of specifications related by `dependency`, `alternativeDependency` (one of them is enough) or `exclusivity`
    (TMF620 productSpecificationRelationship, whose types are open); `relationship` is in small letters."""
    return tuple(
        r["id"]
        for r in (specification or {}).get("productSpecificationRelationship") or ()
        if str(r.get("relationshipType", "")).lower() == relationship
    )
