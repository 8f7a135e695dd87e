"""Cancelling service orders (TMF641 cancelServiceOrder) and work orders (TMF697 cancelWorkOrder)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from abonent import main
from abonent.domain.order_handling.activation import service_order_number
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import CANCEL_SERVICE_ORDER, SERVICE_ORDER
from abonent.domain.workforce.resources import APPOINTMENT, CANCEL_WORK_ORDER, WORK_ORDER
from abonent.domain.workforce.work import complete_work, rebook, start_work
from abonent.kit.errors import BadInput, IllegalMove
from abonent.kit.resource import Resource
from abonent.kit.values import to_wire
from tests.support.stages import sell_in_stages
from tests.support.visits import HAND_MADE, NORTH, hire, june
from tests.support.workshop import AGENT, CLIENT, NOW, Workshop, workshop
from tests.support.world import build, item, order

ACTIONS = main.actions()


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_in_stages(opened.context)
        await hire(opened.context, NORTH)
        opened.network.prompt = False
        yield opened


async def off(shop: Workshop, resource: Resource, attribute: str, id: str, **more: Any) -> dict[str, Any]:
    body = {attribute: {"id": id}, **more}
    asked = await ACTIONS.of(resource).create(shop.as_caller(AGENT), body)
    resource.shape.check(dict(asked))
    assert await shop.get(resource, asked["id"]) == asked
    return asked


async def service_order(shop: Workshop, **more: Any) -> dict[str, Any]:
    part = {"id": "1.1", "action": "add", "service": {}}
    items = [{"id": "1", "action": "add", "service": {}, "state": "completed", "serviceOrderItem": [part]}]
    made = await ACTIONS.of(SERVICE_ORDER).create(shop.as_caller(AGENT), {"serviceOrderItem": items, **more})
    assert made["state"] == "acknowledged" and made["orderDate"]
    assert made["serviceOrderItem"][0]["state"] == "acknowledged"
    assert made["serviceOrderItem"][0]["serviceOrderItem"][0]["state"] == "acknowledged"
    return made


async def patched(shop: Workshop, id: str, **attributes: Any) -> dict[str, Any]:
    ctx = shop.as_caller(AGENT)
    stored = await ctx.store.get(AGENT, SERVICE_ORDER, id)
    return await ACTIONS.of(SERVICE_ORDER).change(ctx, stored, stored.document | attributes)


async def moves(shop: Workshop, resource: Resource, id: str) -> list[str]:
    history = await shop.context.store.history(resource, id)
    return [h["new_state"] for h in reversed(history) if h["attribute"] == "state"]


class TestServiceOrders:
    async def cancel(self, shop: Workshop, id: str, **more: Any) -> dict[str, Any]:
        return await off(shop, CANCEL_SERVICE_ORDER, "serviceOrder", id, **more)

    async def test_one_that_was_not_begun_is_cancelled_at_once(self, shop: Workshop) -> None:
        made = await service_order(shop)
        asked = await self.cancel(shop, made["id"], cancellationReason="not wanted")
        assert asked["state"] == "done" and asked["effectiveCancellationDate"] and asked["completionMessage"]
        ended = await shop.get(SERVICE_ORDER, made["id"])
        assert (ended["state"], ended["cancellationReason"]) == ("cancelled", "not wanted")
        assert ended["serviceOrderItem"][0]["serviceOrderItem"][0]["state"] == "cancelled"
        assert await moves(shop, SERVICE_ORDER, made["id"]) == ["acknowledged", "cancelled"]

    async def test_one_at_work_goes_the_whole_way(self, shop: Workshop) -> None:
        made = await service_order(shop)
        assert (await patched(shop, made["id"], state="inProgress"))["startDate"]
        assert (await self.cancel(shop, made["id"]))["state"] == "done"
        assert await moves(shop, SERVICE_ORDER, made["id"]) == [
            "acknowledged", "inProgress", "assessingCancellation", "pendingCancellation", "cancelled",
        ]  # fmt: skip

    async def test_what_is_over_or_done_in_part_is_not_cancelled(self, shop: Workshop) -> None:
        made = await service_order(shop)
        items = [made["serviceOrderItem"][0] | {"state": "completed"}]
        await patched(shop, made["id"], state="inProgress", serviceOrderItem=items)
        asked = await self.cancel(shop, made["id"])
        assert (asked["state"], asked["errorMessage"]["code"]) == ("terminatedWithError", "itemsDone")
        assert asked["errorMessage"]["status"] == "422" and "delete" in asked["completionMessage"]
        assert (await patched(shop, made["id"], state="completed"))["completionDate"]
        again = await self.cancel(shop, made["id"])
        assert (again["state"], again["errorMessage"]["code"]) == ("terminatedWithError", "serviceOrderOver")
        assert (await shop.get(SERVICE_ORDER, made["id"]))["state"] == "completed"

    async def test_that_of_a_product_order_is_cancelled_there(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre")))
        await shop.drain()
        key = shop.network.submitted[-1][0]
        number = service_order_number(key)
        asked = await self.cancel(shop, number)
        error = asked["errorMessage"]
        assert (asked["state"], error["code"]) == ("terminatedWithError", "serviceOrderOfPlan")
        assert placed["id"] in error["reason"] and "can still be cancelled: 1" in error["reason"]
        with pytest.raises(IllegalMove, match=placed["id"]):
            await patched(shop, number, state="inProgress")
        await patched(shop, number, description="looked at")
        assert (await shop.get(SERVICE_ORDER, number))["state"] == "acknowledged"
        # A stranger that names the task's key is free to be cancelled.
        other = await service_order(shop, externalId=key)
        assert (await self.cancel(shop, other["id"]))["state"] == "done"

    async def test_at_a_date(self, shop: Workshop) -> None:
        made = await service_order(shop)
        at = to_wire(NOW + timedelta(days=2))
        asked = await self.cancel(shop, made["id"], requestedCancellationDate=at)
        assert asked["state"] == "accepted"
        await shop.pass_time(timedelta(days=1))
        assert (await shop.get(SERVICE_ORDER, made["id"]))["state"] == "acknowledged"
        await shop.pass_time(timedelta(days=1.1))
        assert (await shop.get(SERVICE_ORDER, made["id"]))["state"] == "cancelled"
        assert (await shop.get(CANCEL_SERVICE_ORDER, asked["id"]))["state"] == "done"

    async def test_an_unknown_one_is_refused(self, shop: Workshop) -> None:
        with pytest.raises(BadInput, match="SO-404"):
            await self.cancel(shop, "SO-404")
        assert (await shop.counts())["cancel_service_order"] == 0


class TestWorkOrders:
    async def cancel(self, shop: Workshop, id: str, **more: Any) -> dict[str, Any]:
        return await off(shop, CANCEL_WORK_ORDER, "workOrder", id, **more)

    async def planned(self, shop: Workshop) -> str:
        made = await ACTIONS.of(WORK_ORDER).create(shop.as_caller(AGENT), dict(HAND_MADE))
        await rebook(shop.context, made["id"], june(4, 6), crew="CR-1")
        return made["id"]

    async def test_the_slot_is_free_again(self, shop: Workshop) -> None:
        id = await self.planned(shop)
        visit = (await shop.get(WORK_ORDER, id))["appointment"]["id"]
        asked = await self.cancel(shop, id, cancellationReason="moved away")
        assert asked["state"] == "done" and asked["effectiveCancellationDate"]
        ended = await shop.get(WORK_ORDER, id)
        assert (ended["state"], ended["cancellationReason"]) == ("cancelled", "moved away")
        assert (await shop.get(APPOINTMENT, visit))["status"] == "cancelled"
        await rebook(shop.context, await self.entered(shop), june(4, 6), crew="CR-1")

    async def entered(self, shop: Workshop) -> str:
        return (await ACTIONS.of(WORK_ORDER).create(shop.as_caller(AGENT), dict(HAND_MADE)))["id"]

    async def test_what_is_done_is_not_cancelled(self, shop: Workshop) -> None:
        id = await self.planned(shop)
        await start_work(shop.context, id)
        await complete_work(shop.context, id, "done")
        asked = await self.cancel(shop, id)
        assert (asked["state"], asked["errorMessage"]["code"]) == ("terminatedWithError", "workOrderState")
        assert asked["errorMessage"]["status"] == "422" and "completed" in asked["errorMessage"]["reason"]
        assert (await shop.get(WORK_ORDER, id))["state"] == "completed"

    async def test_at_a_date_it_is_decided_then(self, shop: Workshop) -> None:
        kept, late = await self.planned(shop), await self.entered(shop)
        at = to_wire(NOW + timedelta(days=2))
        first, second = [await self.cancel(shop, id, requestedCancellationDate=at) for id in (kept, late)]
        assert first["state"] == second["state"] == "accepted"
        await start_work(shop.context, kept)
        await complete_work(shop.context, kept, "done")
        await shop.pass_time(timedelta(days=2.1))
        assert (await shop.get(CANCEL_WORK_ORDER, first["id"]))["state"] == "terminatedWithError"
        assert (await shop.get(CANCEL_WORK_ORDER, second["id"]))["state"] == "done"
        assert (await shop.get(WORK_ORDER, late))["state"] == "cancelled"

    async def test_an_unknown_one_is_refused(self, shop: Workshop) -> None:
        with pytest.raises(BadInput, match="WO-404"):
            await self.cancel(shop, "WO-404")
