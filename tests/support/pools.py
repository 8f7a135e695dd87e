"""A pool of telephone numbers, one of SIM cards and a mobile offering for the small operator of tests/support/world."""

from typing import Any

from abonent.domain.catalog.resources import DECOMPOSITION, PRODUCT_OFFERING, PRODUCT_SPECIFICATION
from abonent.domain.inventory.reservation_resources import RESOURCE_POOL
from abonent.domain.inventory.resources import RESOURCE
from tests.support.world import World

NUMBERS, CARDS = "NUMBERS", "CARDS"
FIRST = 79990000000


def in_pool(pool: str, category: str, value: str) -> dict[str, Any]:
    return {
        "id": f"{pool}-{value.removeprefix('+')}",
        "name": value,
        "value": value,
        "category": category,
        "resourceStatus": "available",
        "usageState": "idle",
        "resourceRelationship": [
            {
                "relationshipType": "partOf",
                "id": pool,
                "@type": "ResourceRelationship",
                "resource": {"id": pool, "@type": "ResourceRef"},
            }
        ],
        "@type": "LogicalResource",
    }


def add_mobile(world: World, *, choosable: bool = False, port_in: dict[str, Any] | None = None) -> None:
    """Add the pools, four numbers from +79990000000 on, four cards, and the offering `mobile`, whose number may be
    chosen if it is `choosable`, or brought on the terms `port_in`; save the world afterwards."""
    world.add(
        RESOURCE_POOL,
        id=NUMBERS,
        name="Mobile numbers",
        category="phoneNumber",
        characteristic="phoneNumber",
        reservationMinutes=15,
        quarantineDays=30,
    )
    world.add(RESOURCE_POOL, id=CARDS, name="SIM cards", category="simCard", characteristic="iccid")
    for n in range(4):
        world.add(RESOURCE, **in_pool(NUMBERS, "phoneNumber", f"+{FIRST + n}"))
    for n in range(4):
        world.add(RESOURCE, **in_pool(CARDS, "simCard", f"89999010000000000{n:02d}"))
    world.add(PRODUCT_SPECIFICATION, id="PS-mobile", name="mobile")
    world.add(PRODUCT_OFFERING, id="mobile", name="Mobile", productSpecification={"id": "PS-mobile"})
    service = {"serviceSpecification": {"id": "MOBILE", "name": "Mobile"}}
    number: dict[str, Any] = {"pool": NUMBERS, "characteristic": "phoneNumber", "choosable": choosable}
    if port_in is not None:
        number["portIn"] = port_in
    card = {"pool": CARDS, "characteristic": "iccid"}
    world.add(
        DECOMPOSITION,
        id="DC-mobile",
        productSpecification={"id": "PS-mobile"},
        task=[
            {"id": "number", "kind": "reserve", "minutes": 1, "action": ["add"], "spec": number},
            {"id": "card", "kind": "reserve", "minutes": 1, "action": ["add"], "spec": card},
            {
                "id": "activate",
                "kind": "serviceOrder",
                "minutes": 3,
                "dependsOn": ["number", "card"],
                "pointOfNoReturn": True,
                "spec": service,
            },
            {"id": "inventory", "kind": "inventory", "minutes": 0, "dependsOn": ["activate"]},
        ],
    )
