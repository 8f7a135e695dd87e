"""The credit desk in stories: what people do with an order that waits, and what one looks at afterwards."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from abonent.domain.communication.queries import messages_about
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT
from abonent.kit.access import SYSTEM
from abonent.kit.change import Stored
from tests.support.workshop import AGENT, Workshop
from tests.support.world import World, order, owe

RUB = "RUB"


def money(amount: str) -> dict[str, Any]:
    return {"unit": RUB, "value": Decimal(amount)}


def day(month: int, number: int, hour: int = 9) -> datetime:
    return datetime(2026, month, number, hour, 0, tzinfo=UTC)


async def ordered(shop: Workshop, *items: dict[str, Any], **more: Any) -> str:
    placed = await place_order(shop.as_caller(AGENT), order(*items, **more))
    await shop.drain()
    return placed["id"]


async def state(shop: Workshop, id: str) -> str:
    return (await shop.order(id))["state"]


async def credit(shop: Workshop, id: str) -> list[dict[str, Any]]:
    decisions = (await shop.get(ORDER_ASSESSMENT, id))["decision"]
    return [d for d in decisions if d["kind"] == "credit"]


async def case(shop: Workshop, id: str) -> Stored:
    return await shop.context.store.get(SYSTEM, CREDIT_CASE, id)


async def indebted(shop: Workshop, amount: str) -> None:
    world = World()
    owe(world, "C-1", amount)
    await world.save(shop.context)


async def told(shop: Workshop, order: str) -> list[str]:
    """The events the client of an order was told of, oldest first."""
    events = []
    for message in reversed(await messages_about(shop.context.store, order)):
        events += [c["value"] for c in message["characteristic"] if c["name"] == "event"]
    return events
