"""More to sell for the small operator of tests/support/world: things one may choose about, another speed, a bundle."""

from decimal import Decimal
from typing import Any

from abonent.domain.catalog.resources import (
    CATEGORY,
    DECOMPOSITION,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
)
from abonent.domain.catalog.texts import in_languages
from abonent.domain.inventory.resources import PRODUCT
from tests.support.world import FIBRE_TASKS, World, customer

COLOUR = {
    "name": "colour",
    "description": "Colour",
    "configurable": True,
    "productSpecCharacteristicValue": [{"value": "white", "isDefault": True}, {"value": "black"}],
}
QUANTITY = {
    "name": "quantity",
    "configurable": True,
    "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 3}],
}
SERIAL = {"name": "serial", "description": "Serial number", "configurable": True, "minCardinality": 1}
ROOMS = {
    "name": "rooms",
    "description": "Rooms",
    "configurable": True,
    "valueType": "number",
    "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 9}],
}


def stock(world: World) -> None:
    """Add to `world`, to be saved with it.

    router  120.00 a month, 1,500.00 once; colour, number of rooms, one to three pieces
    slow    50 Mbit/s for 300.00; excludes the specification of fibre
    old     not sold any more
    camera  needs a serial number
    """
    _sell(
        world,
        "router",
        "120.00",
        once="1500.00",
        characteristics=[COLOUR, ROOMS, QUANTITY],
        names=("Router", "Роутер"),
    )
    _sell(world, "camera", "80.00", characteristics=[SERIAL], names=("Camera", "Камера"))
    _sell(
        world,
        "slow",
        "300.00",
        relations=[{"id": "PS-fibre", "relationshipType": "exclusivity"}],
        names=("Fibre 50", "Оптика 50"),
    )
    _sell(world, "old", "10.00", isSellable=False, names=("Dial-up", "Модем"))
    world.add(
        DECOMPOSITION,
        id="DC-slow",
        productSpecification={"id": "PS-slow"},
        access={"technology": ["GPON"], "downstreamMbps": 50},
        task=FIBRE_TASKS,
    )
    world.add(
        CATEGORY,
        id="home",
        name="For home",
        description="Для дома",
        productOffering=[{"id": "fibre"}, {"id": "slow"}, {"id": "tv"}, {"id": "router"}],
    )


def _sell(
    world: World,
    id: str,
    monthly: str,
    *,
    once: str | None = None,
    names: tuple[str, str],
    characteristics: list[dict[str, Any]] | None = None,
    relations: list[dict[str, Any]] | None = None,
    **more: Any,
) -> None:
    prices = [("", "recurring", monthly), *([("-once", "oneTime", once)] if once else [])]
    for mark, kind, amount in prices:
        world.add(
            PRODUCT_OFFERING_PRICE,
            id=f"POP-{id}{mark}",
            name=id,
            priceType=kind,
            price={"unit": "RUB", "value": Decimal(amount)},
        )
    world.add(
        PRODUCT_SPECIFICATION,
        id=f"PS-{id}",
        name=id,
        productSpecCharacteristic=characteristics or [],
        productSpecificationRelationship=relations or [],
    )
    world.add(
        PRODUCT_OFFERING,
        id=id,
        name=names[0],
        productSpecification={"id": f"PS-{id}", "name": id},
        productOfferingPrice=[{"id": f"POP-{id}{mark}"} for mark, _, _ in prices],
        category=[{"id": "home", "name": "For home"}],
        prodSpecCharValueUse=[in_languages("name", *names)],
        **more,
    )


def hold(
    world: World, id: str, offering: str, client: str = "C-1", address: str | None = "A-1", **more: Any
) -> None:
    """A product the client has."""
    place = [{"id": address, "role": "installationAddress"}] if address else []
    document = {
        "id": id,
        "name": offering,
        "status": "active",
        "place": place,
        "relatedParty": customer(client),
        "productOffering": {"id": offering, "name": offering},
        "productSpecification": {"id": f"PS-{offering}"},
    }
    world.add(PRODUCT, **document | more)
