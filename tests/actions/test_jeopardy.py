"""The forecast end against the promise after every step: alerts, milestones, events, what the client hears."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from abonent.domain.communication.queries import messages_about
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from tests.support.stages import sell_in_stages
from tests.support.workshop import CLIENT, NOW, Workshop, workshop
from tests.support.world import build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_in_stages(opened.context)
        opened.network.prompt = False
        yield opened


async def begun(shop: Workshop) -> str:
    placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre")))
    await shop.drain()
    return placed["id"]


async def alerts(shop: Workshop, id: str) -> list[tuple[str, str | None]]:
    order = await shop.order(id)
    PRODUCT_ORDER.shape.check(order)
    found = order.get("productOrderJeopardyAlert", ())
    return [(a["jeopardyType"], a.get("exception")) for a in found]


async def events(shop: Workshop, id: str, kind: str) -> int:
    rows = await shop.rows(
        "SELECT count(*) FROM event WHERE resource_id = $1 AND type = $2", id, f"ProductOrder{kind}Event"
    )
    return rows[0][0]


async def test_all_goes_as_planned(shop: Workshop) -> None:
    id = await begun(shop)
    for task in ("line", "access"):
        await shop.report(f"{id}/1.{task}", "completed")
        await shop.drain()
    assert await alerts(shop, id) == []
    marks = (await shop.order(id))["productOrderMilestone"]
    assert [(m["name"], m["productOrderItem"][0]["productOrderItemId"]) for m in marks] == [
        ("pointOfNoReturn", "1"),
        ("itemDelivered", "1"),
    ]
    assert await events(shop, id, "Milestone") == 2
    assert await events(shop, id, "JeopardyAlert") == 0


async def test_a_date_that_slips_is_told_with_the_new_one(shop: Workshop) -> None:
    id = await begun(shop)
    # Two days later the line is there; what is left cannot be done by yesterday any more.
    shop.at(NOW + timedelta(days=2))
    await shop.report(f"{id}/1.line", "completed")
    await shop.drain()
    assert await alerts(shop, id) == [("Critical", "1.access")]
    assert await events(shop, id, "JeopardyAlert") == 1
    told = await messages_about(shop.context.store, id)
    assert any("5\u00a0июня\u00a02026" in m["content"] for m in told)
    # The same again is not told again; another day is.
    await shop.report(f"{id}/1.access", "failed", message="no light")
    await shop.drain()
    assert await events(shop, id, "JeopardyAlert") == 1


async def test_a_slip_of_minutes_is_an_alert_and_no_message(shop: Workshop) -> None:
    id = await begun(shop)
    shop.at(NOW + timedelta(minutes=12))
    await shop.report(f"{id}/1.line", "completed")
    await shop.drain()
    assert await alerts(shop, id) == [("Hazard", "1.access")]
    assert await events(shop, id, "JeopardyAlert") == 1
    told = await messages_about(shop.context.store, id)
    assert all("delayed" not in str(m) for m in told)
