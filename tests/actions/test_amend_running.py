"""Amending an order whose plan runs: what is kept, what is done once more, what is too late, amending again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.kit.errors import BadInput, IllegalMove
from tests.support.stages import sell_in_stages
from tests.support.workshop import CLIENT, Workshop, workshop
from tests.support.world import build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_in_stages(opened.context)
        opened.network.prompt = False
        yield opened


def speed(value: int) -> dict[str, Any]:
    return {"productCharacteristic": [{"name": "speed", "value": value}]}


async def begun(shop: Workshop, *items: dict[str, Any]) -> str:
    placed = await place_order(
        shop.as_caller(CLIENT), order(*(items or (item("1", "fibre", product=speed(100)),)))
    )
    await shop.drain()
    return placed["id"]


async def amend(shop: Workshop, id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    ctx = shop.as_caller(CLIENT)
    stored = await ctx.store.get(CLIENT, PRODUCT_ORDER, id)
    given = {"productOrderItem": list(items)} if items else {}
    done = await change_order(ctx, stored, stored.document | given | more)
    assert done == await shop.order(id)
    return done


async def end(shop: Workshop, *names: str) -> None:
    """The network reports these service orders as done, each by its number."""
    for name in names:
        await shop.report(name, "completed")
        await shop.drain()


async def said(shop: Workshop, id: str) -> list[str]:
    history = await shop.context.store.history(PRODUCT_ORDER, id)
    return [h["reason"] for h in reversed(history) if h["attribute"] == "amendment"]


def sent(shop: Workshop, at: int = -1) -> tuple[str, str, dict[str, Any]]:
    key, body = shop.network.submitted[at]
    asked = body["serviceOrderItem"][0]
    values = {c["name"]: c["value"] for c in asked["service"]["serviceCharacteristic"]}
    return key, asked["action"], values


class TestCharacteristics:
    async def test_what_is_done_is_done_once_more_upon_itself(self, shop: Workshop) -> None:
        id = await begun(shop)
        await end(shop, f"{id}/1.line")
        await shop.report(f"{id}/1.access", "failed", message="no light")
        await amend(shop, id, item("1", "fibre", product=speed(300)))
        assert (await shop.tasks(id))["1.port"] == "completed"
        assert (await shop.tasks(id))["1.line"] == "ready"
        assert await said(shop, id) == ["Item 1: speed 300, was 100"]

    async def test_what_waits_takes_it_as_it_is(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre", product=speed(100)), item("2", "router"))
        await amend(shop, id, item("1", "fibre", product=speed(300)), item("2", "router"))
        # The line was at work: it ends as it was asked for, and is changed after that.
        first = next(at for at, (key, _) in enumerate(shop.network.submitted) if key.endswith("1.line"))
        assert sent(shop, first)[2]["speed"] == 100
        await end(shop, f"{id}/1.line")
        key, action, values = sent(shop)
        assert (key, action, values["speed"]) == (f"{id}/1.line/2", "modify", 300)
        await end(shop, f"{id}/1.line/2")
        assert sent(shop)[0] == f"{id}/1.access" and sent(shop)[2]["speed"] == 300
        await end(shop, f"{id}/1.access", f"{id}/2.set")
        assert (await shop.order(id))["state"] == "completed"
        service = (await shop.rows("SELECT doc::text FROM service WHERE id = $1", f"S-{id[2:]}-1.line"))[0][0]
        assert '"value": 300' in service
        count = await shop.rows("SELECT count(*) FROM service WHERE id LIKE $1", f"S-{id[2:]}-1.%")
        assert count[0][0] == 2

    async def test_amended_again_while_it_is_done_once_more(self, shop: Workshop) -> None:
        id = await begun(shop)
        for mbps in (200, 300):
            await amend(shop, id, item("1", "fibre", product=speed(mbps)))
        await end(shop, f"{id}/1.line")
        assert sent(shop)[2]["speed"] == 300
        await amend(shop, id, item("1", "fibre", product=speed(400)))
        await end(shop, f"{id}/1.line/2")
        assert sent(shop)[0] == f"{id}/1.line/3" and sent(shop)[2]["speed"] == 400
        await end(shop, f"{id}/1.line/3", f"{id}/1.access")
        done = await shop.order(id)
        assert done["state"] == "completed"
        assert await said(shop, id) == [
            "Item 1: speed 200, was 100",
            "Item 1: speed 300, was 200",
            "Item 1: speed 400, was 300",
        ]
        product = (await shop.rows("SELECT doc::text FROM product"))[0][0]
        assert '"value": 400' in product

    async def test_past_the_gate_it_says_what_can_still_change(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre", product=speed(100)), item("2", "router"))
        await end(shop, f"{id}/1.line")
        before = await shop.order(id)
        with pytest.raises(IllegalMove) as refused:
            await amend(shop, id, item("1", "fibre", product=speed(300)), item("2", "router"))
        assert (refused.value.code, refused.value.facts["items"]) == ("pointOfNoReturn", ["2"])
        assert await shop.order(id) == before
        await amend(shop, id, item("1", "fibre", product=speed(100)), item("2", "router", product=speed(1)))
        assert (await shop.tasks(id))["2.set"] == "inProgress"


class TestItems:
    async def test_one_more(self, shop: Workshop) -> None:
        id = await begun(shop)
        done = await amend(shop, id, item("1", "fibre", product=speed(100)), item("2", "router"))
        assert [i["state"] for i in lines(done)] == ["inProgress", "inProgress"]
        assert str(done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "620.00"
        await shop.drain()
        assert (await shop.tasks(id))["2.set"] == "inProgress"
        assert await said(shop, id) == ["Item 2 added: router"]
        await end(shop, f"{id}/1.line", f"{id}/1.access", f"{id}/2.set")
        assert (await shop.order(id))["state"] == "completed"

    async def test_one_less(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "router"))
        done = await amend(shop, id, item("1", "fibre"))
        assert [i["state"] for i in lines(done)] == ["inProgress", "pendingCancellation"]
        assert str(done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "500.00"
        await end(shop, f"{id}/2.set", f"{id}/2.set.undo")
        assert [i["state"] for i in lines(await shop.order(id))] == ["inProgress", "cancelled"]
        # The dropped one is left out again, and one is added: the order stays consistent.
        await amend(shop, id, item("1", "fibre"), item("3", "router"))
        await shop.drain()
        assert set(await shop.tasks(id)) >= {"3.set", "2.set.undo", "1.line"}

    async def test_nothing_left_is_a_cancellation(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises((IllegalMove, BadInput)):
            await amend(shop, id, item("1", "fibre", product=speed(100)) | {"action": "modify"})
        ctx = shop.as_caller(CLIENT)
        stored = await ctx.store.get(CLIENT, PRODUCT_ORDER, id)
        with pytest.raises(IllegalMove) as refused:
            await change_order(ctx, stored, stored.document | {"productOrderItem": []})
        assert refused.value.code == "nothingLeft"

    async def test_another_offering_is_another_item(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises(IllegalMove) as refused:
            await amend(shop, id, item("1", "router", product=speed(100)))
        assert refused.value.code == "itemFixed"

    async def test_what_cannot_be_delivered_is_not_added(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises(IllegalMove) as refused:
            await amend(shop, id, item("1", "fibre", product=speed(100)), item("2", "turbo"))
        assert refused.value.code == "notFeasible"

    async def test_quantity_is_charged_anew(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "router", quantity=1))
        done = await amend(shop, id, item("1", "router", quantity=3))
        assert str(done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "360.00"
        assert await said(shop, id) == ["Item 1-2 added: router; Item 1-3 added: router"]


class TestDatesAndPlace:
    async def test_a_later_date_is_the_new_promise(self, shop: Workshop) -> None:
        id = await begun(shop)
        done = await amend(shop, id, requestedCompletionDate="2026-07-01T00:00:00.000Z")
        assert done["expectedCompletionDate"] == "2026-07-01T00:00:00.000Z"
        assert (await shop.get(ORDER_PLAN, id))["promised"] == "2026-07-01T00:00:00.000Z"
        await amend(shop, id, requestedCompletionDate="2026-06-20T00:00:00.000Z")
        assert (await shop.order(id))["expectedCompletionDate"] == "2026-06-20T00:00:00.000Z"

    async def test_the_address_is_fixed_once_work_began(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises(IllegalMove) as refused:
            await amend(shop, id, item("1", "fibre", product=speed(100), address="A-2"))
        assert refused.value.code == "addressFixed"

    async def test_the_address_of_what_did_not_begin(self, shop: Workshop) -> None:
        relation = [{"id": "1", "relationshipType": "reliesOn"}]
        second = item("2", "router", address="A-2", productOrderItemRelationship=relation)
        id = await begun(shop, item("1", "fibre"), second)
        await amend(shop, id, item("1", "fibre"), item("2", "router", productOrderItemRelationship=relation))
        plan = await shop.get(ORDER_PLAN, id)
        task = next(t for t in plan["task"] if t["id"] == "2.set")
        assert (task["spec"]["address"], task["state"]) == ("A-1", "pending")
        assert set(task["dependsOn"]) == {"1.inventory"}


async def test_what_only_tells_needs_no_new_plan(shop: Workshop) -> None:
    id = await begun(shop)
    await amend(shop, id, item("1", "fibre", product=speed(100)), description="for grandma")
    assert await said(shop, id) == []
    assert (await shop.order(id))["description"] == "for grandma"
