"""A catalogue without a database for the rules of order entry."""

from decimal import Decimal
from typing import Any

from abonent.domain.catalog.rules_sale import Catalogue, catalogue
from tests.support.shop import COLOUR, QUANTITY, ROOMS
from tests.support.visits import VISIT_TASKS
from tests.support.world import FIBRE_TASKS


def shop(visits: bool = False) -> Catalogue:
    """fibre (100), turbo (500: too fast for a line of 300), slow (excludes fibre), tv (over fibre or slow),
    phone (over tv), router (choices), bundle of fibre and tv."""

    def price(id: str, monthly: str, once: str = "") -> list[dict[str, Any]]:
        made = [
            {"id": f"{id}-m", "priceType": "recurring", "price": {"unit": "RUB", "value": Decimal(monthly)}}
        ]
        if once:
            made.append(
                {"id": f"{id}-o", "priceType": "oneTime", "price": {"unit": "RUB", "value": Decimal(once)}}
            )
        return made

    prices = {
        p["id"]: p
        for p in (
            *price("fibre", "500.00", "700.00"),
            *price("turbo", "900.00"),
            *price("slow", "300.00"),
            *price("tv", "200.00"),
            *price("phone", "50.00"),
            *price("router", "120.00", "1500.00"),
            *price("bundle", "600.00"),
        )
    }
    offerings = [
        {
            "id": id,
            "name": id.title(),
            "productSpecification": {"id": f"PS-{id}"},
            "productOfferingPrice": [{"id": p} for p in prices if p.startswith(f"{id}-")],
        }
        for id in ("fibre", "turbo", "slow", "tv", "phone", "router")
    ]
    offerings.append(
        {
            "id": "bundle",
            "name": "Bundle",
            "isBundle": True,
            "bundledProductOffering": [{"id": "fibre"}, {"id": "tv"}],
            "productOfferingPrice": [{"id": "bundle-m"}],
        }
    )
    relations = {
        "slow": [("fibre", "exclusivity")],
        "tv": [("fibre", "alternativeDependency"), ("slow", "alternativeDependency")],
        "phone": [("tv", "dependency")],
    }
    specifications = {
        f"PS-{id}": {
            "id": f"PS-{id}",
            "name": id,
            "productSpecificationRelationship": [
                {"id": f"PS-{other}", "relationshipType": kind} for other, kind in relations.get(id, ())
            ],
            "productSpecCharacteristic": [COLOUR, ROOMS, QUANTITY] if id == "router" else [],
        }
        for id in ("fibre", "turbo", "slow", "tv", "phone", "router")
    }
    decompositions = {
        f"PS-{id}": {
            "access": {"technology": ["GPON"], "downstreamMbps": mbps},
            "task": VISIT_TASKS if visits else FIBRE_TASKS,
        }
        for id, mbps in (("fibre", 100), ("turbo", 500), ("slow", 50))
    }
    return catalogue(offerings, specifications, decompositions, prices, [])
