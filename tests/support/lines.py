"""Lines that are delivered, changed and ended."""

from typing import Any

from tests.support.credit_desk import ordered
from tests.support.workshop import Workshop
from tests.support.world import item


async def delivered(shop: Workshop, *items: dict[str, Any], **more: Any) -> str:
    """Place an order and run it to its end; its number without the letter."""
    id = await ordered(shop, *items, **more)
    finished = await shop.order(id)
    assert finished["state"] == "completed", finished
    return id.removeprefix("O-")


def change(
    product: str,
    action: str = "modify",
    *,
    offering: str | None = None,
    address: str | None = None,
    **given: Any,
) -> dict[str, Any]:
    """An item that changes or ends a product; `given` are the attributes it is to have."""
    return item("1", offering, action=action, address=address, product={"id": product, **given})


async def port_states(shop: Workshop) -> dict[str, str]:
    rows = await shop.rows("SELECT id, doc ->> 'resourceStatus' FROM resource WHERE category = 'port'")
    return {r[0]: r[1] for r in rows}
