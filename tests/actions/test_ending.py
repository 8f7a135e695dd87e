"""Ending a product: the fee stands on the order before anything ends; equipment is expected back, charged, returned."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling import ending
from abonent.domain.order_handling.ending_resources import EQUIPMENT_RETURN
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.rules_ending import fees_of
from abonent.kit.errors import Forbidden, IllegalMove
from abonent.kit.values import Money
from tests.support.ending import TERM, add_ending
from tests.support.lines import change
from tests.support.workshop import AGENT, CLIENT, NOW, Workshop, workshop
from tests.support.world import alter, build, item, order

RETURN = "RET-{order}-1-router"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        add_ending(world)
        await world.save(opened.context)
        await alter(opened.context, PRODUCT_OFFERING, "fibre", productOfferingTerm=[TERM])
        yield opened


async def ended(shop: Workshop, months: int) -> tuple[dict[str, Any], str]:
    """A line that is ended so many months after it began: the order as it was accepted, and the product."""
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
    await shop.drain()
    product = f"P-{placed['id'].removeprefix('O-')}-1"
    shop.at(NOW + timedelta(days=30 * months + 5))
    gone = change(product, "delete")
    return await place_order(shop.as_caller(AGENT), order(gone)), product


async def test_the_fee_stands_on_the_order_before_anything_ends(shop: Workshop) -> None:
    placed, product = await ended(shop, 3)
    # 500.00 a month, 9 months not over, half of it.
    assert fees_of(placed) == Money(Decimal("2250.00"), "RUB")
    held = await shop.get(PRODUCT, product)
    assert held["status"] == "active" and held["productTerm"][0]["name"] == "commitment"
    PRODUCT.shape.check(dict(held))
    await shop.drain()
    assert fees_of(await shop.order(placed["id"])) == Money(Decimal("2250.00"), "RUB")


async def test_nothing_is_due_after_the_commitment(shop: Workshop) -> None:
    placed, _ = await ended(shop, 13)
    assert fees_of(placed) is None


async def test_equipment_is_expected_back_and_charged_when_it_does_not_come(shop: Workshop) -> None:
    placed, _ = await ended(shop, 13)
    await shop.drain()
    id = RETURN.format(order=placed["id"].removeprefix("O-"))
    back = await shop.get(EQUIPMENT_RETURN, id)
    assert back["state"] == "expected" and back["charge"]["value"] == 2500
    shop.at(NOW + timedelta(days=30 * 13 + 5 + 15))
    await shop.sweep()
    assert (await shop.get(EQUIPMENT_RETURN, id))["state"] == "charged"
    late = await ending.mark_returned(shop.as_caller(AGENT), id, "brought to the shop")
    assert late["state"] == "returnedLate" and late["note"][0]["text"] == "brought to the shop"
    with pytest.raises(IllegalMove):
        await ending.mark_returned(shop.as_caller(AGENT), id)


async def test_what_came_back_in_time_is_not_charged(shop: Workshop) -> None:
    placed, _ = await ended(shop, 13)
    await shop.drain()
    id = RETURN.format(order=placed["id"].removeprefix("O-"))
    with pytest.raises(Forbidden):
        await ending.mark_returned(shop.as_caller(CLIENT), id)
    await ending.mark_returned(shop.as_caller(AGENT), id)
    await ending.charge_overdue(shop.context, id)
    assert (await shop.get(EQUIPMENT_RETURN, id))["state"] == "returned"
