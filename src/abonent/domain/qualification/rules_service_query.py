"""Which services are there at a place (TMF645 queryServiceQualification). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.qualification.rules import AccessPath

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for: an address (None: services that need no line), one specification or one category."""

    address: str | None
    specification: str | None
    category: str | None


def criteria_of(document: Document) -> Criteria:
    """The criteria of a query as posted."""
    asked = document["searchCriteria"]
    service = asked.get("service") or {}
    places = service.get("place") or []
    return Criteria(
        places[0].get("id") if places else None,
        (service.get("serviceSpecification") or {}).get("id"),
        (asked.get("category") or {}).get("id"),
    )


def activated(decompositions: Iterable[Document]) -> dict[str, list[Document]]:
    """Service specification -> the decompositions that activate it, as the catalogue lists them."""
    found: dict[str, list[Document]] = {}
    for decomposition in decompositions:
        for task in decomposition.get("task") or ():
            wanted = ((task.get("spec") or {}).get("serviceSpecification") or {}).get("id")
            if wanted and decomposition not in found.setdefault(wanted, []):
                found[wanted].append(decomposition)
    return found


def of_category(id: str, categories: Iterable[Document], candidates: Iterable[Document]) -> set[str]:
    """Service specifications of a category: those of its candidates, whichever of the two names the other."""
    listed = {
        candidate["id"]
        for category in categories
        if category["id"] == id
        for candidate in category.get("serviceCandidate") or ()
    }
    return {
        candidate["serviceSpecification"]["id"]
        for candidate in candidates
        if candidate["id"] in listed or id in {c["id"] for c in candidate.get("category") or ()}
    }


def answer_item(
    number: int, specification: Document, asked: Document, path: AccessPath | None
) -> dict[str, Any]:
    """One service that can be had, with the place that was asked for and the line that would carry it."""
    service: dict[str, Any] = {
        "serviceSpecification": {
            "id": specification["id"],
            "name": specification.get("name") or specification["id"],
            "@referredType": "ServiceSpecification",
        }
    }
    places = (asked.get("service") or {}).get("place")
    if places:
        service["place"] = places
    if path is not None:
        service["serviceCharacteristic"] = [{"name": "accessTechnology", "value": path.technology}]
    category = {"category": asked["category"]} if asked.get("category") else {}
    return {"id": str(number), "service": service, **category}
