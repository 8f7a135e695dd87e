"""The world's fibre with a stage before its point of no return, and a router, which has none."""

from decimal import Decimal
from typing import Any

from abonent.domain.catalog.resources import (
    DECOMPOSITION,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
)
from abonent.kit.context import Context
from tests.support.world import FIBRE_TASKS, World, alter

LINE: dict[str, Any] = {
    "id": "line",
    "name": {"en": "Line", "ru": "Линия до узла"},
    "kind": "serviceOrder",
    "minutes": 5,
    "dependsOn": ["port"],
    "action": ["add", "delete"],
    "spec": {"serviceSpecification": {"id": "LINE", "name": "Line"}},
}
CLEAR_TASKS: list[dict[str, Any]] = [
    FIBRE_TASKS[0],
    LINE,
    *({**t, "dependsOn": ["line"]} if t["id"] == "access" else t for t in FIBRE_TASKS[1:]),
]


async def sell_in_stages(ctx: Context) -> World:
    """From now on fibre is a port, a line, access (no way back), test, inventory; a router is set up and entered."""
    world = World()
    await alter(ctx, DECOMPOSITION, "DC-fibre", task=CLEAR_TASKS)
    world.add(
        PRODUCT_OFFERING_PRICE,
        id="POP-router",
        name="router",
        priceType="recurring",
        recurringChargePeriodType="month",
        price={"unit": "RUB", "value": Decimal("120.00")},
    )
    world.add(PRODUCT_SPECIFICATION, id="PS-router", name="router")
    world.add(
        PRODUCT_OFFERING,
        id="router",
        name="router",
        productSpecification={"id": "PS-router", "name": "router"},
        productOfferingPrice=[{"id": "POP-router"}],
    )
    world.add(
        DECOMPOSITION,
        id="DC-router",
        productSpecification={"id": "PS-router"},
        task=[
            {
                "id": "set",
                "name": {"en": "Set up", "ru": "Настройка"},
                "kind": "serviceOrder",
                "minutes": 3,
                "spec": {"serviceSpecification": {"id": "CPE", "name": "Router"}},
            },
            {"id": "inventory", "kind": "inventory", "minutes": 0, "dependsOn": ["set"]},
        ],
    )
    await world.save(ctx)
    return world
