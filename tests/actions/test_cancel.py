"""Cancelling: before work, at work, past the point of no return; orders and items; what is taken back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import cancel, post_cancellation
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import CANCEL_PRODUCT_ORDER, PRODUCT_ORDER
from abonent.kit.errors import BadInput, IllegalMove
from abonent.kit.values import to_wire
from tests.support.stages import CLEAR_TASKS, sell_in_stages
from tests.support.workshop import AGENT, CLIENT, NOW, STRANGER, Workshop, workshop
from tests.support.world import build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_in_stages(opened.context)
        opened.network.prompt = False
        yield opened


async def begun(shop: Workshop, *items: dict[str, Any]) -> str:
    placed = await place_order(shop.as_caller(CLIENT), order(*(items or (item("1", "fibre"),))))
    await shop.drain()
    return placed["id"]


async def off(
    shop: Workshop, id: str, items: list[str] | None = None, reason: str = "moved away"
) -> dict[str, Any]:
    ctx = shop.as_caller(AGENT)
    stored = await ctx.store.get(AGENT, PRODUCT_ORDER, id)
    done = await cancel(ctx, stored, stored.document | {"cancellationReason": reason}, items)
    assert done == await shop.order(id)
    return done


async def reserved(shop: Workshop) -> list[str]:
    rows = await shop.rows(
        "SELECT id FROM resource WHERE category = 'port' AND resource_status = 'reserved' ORDER BY id"
    )
    return [row[0] for row in rows]


def keys(shop: Workshop) -> list[str]:
    return [key for key, _ in shop.network.submitted]


class TestBeforeTheGate:
    async def test_what_was_done_is_taken_back_in_reverse(self, shop: Workshop) -> None:
        id = await begun(shop)
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        assert await reserved(shop) != []
        assert (await shop.tasks(id))["1.access"] == "inProgress"
        await shop.report(f"{id}/1.access", "failed", message="no light")
        await off(shop, id)
        assert (await shop.order(id))["state"] == "pendingCancellation"
        await shop.drain()
        assert keys(shop)[-1] == f"{id}/1.line.undo"
        assert await reserved(shop) != []
        sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]
        assert (sent["action"], sent["service"]["id"]) == ("delete", f"S-{id[2:]}-1.line")
        await shop.report(f"{id}/1.line.undo", "completed")
        await shop.drain()
        done = await shop.order(id)
        assert (done["state"], done["cancellationReason"]) == ("cancelled", "moved away")
        assert {i["state"] for i in lines(done)} == {"cancelled"}
        assert await reserved(shop) == []
        assert await shop.tasks(id) == {
            "1.port": "completed",
            "1.line": "completed",
            "1.access": "cancelled",
            "1.test": "cancelled",
            "1.inventory": "cancelled",
            "1.port.undo": "completed",
            "1.line.undo": "completed",
        }
        assert await shop.moves(id) == [
            (None, "acknowledged"),
            ("acknowledged", "inProgress"),
            ("inProgress", "held"),
            ("held", "assessingCancellation"),
            ("assessingCancellation", "pendingCancellation"),
            ("pendingCancellation", "cancelled"),
        ]
        assert await shop.moves(id, "item 1") == [
            ("held", "assessingCancellation"),
            ("assessingCancellation", "pendingCancellation"),
            ("pendingCancellation", "cancelled"),
        ]

    async def test_what_is_at_work_is_waited_for(self, shop: Workshop) -> None:
        id = await begun(shop)
        assert (await shop.tasks(id))["1.line"] == "inProgress"
        await off(shop, id)
        await shop.drain()
        assert (await shop.order(id))["state"] == "pendingCancellation"
        assert keys(shop) == [f"{id}/1.line"]
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        await shop.report(f"{id}/1.line.undo", "completed")
        await shop.drain()
        assert (await shop.order(id))["state"] == "cancelled"
        assert await reserved(shop) == []

    async def test_what_fails_meanwhile_needs_no_taking_back(self, shop: Workshop) -> None:
        id = await begun(shop)
        await off(shop, id)
        await shop.report(f"{id}/1.line", "failed", message="no light")
        await shop.drain()
        assert (await shop.order(id))["state"] == "cancelled"
        assert (await shop.tasks(id))["1.line"] == "cancelled"
        assert (await shop.tasks(id))["1.line.undo"] == "skipped"
        assert await reserved(shop) == []

    async def test_by_a_patch_of_the_client(self, shop: Workshop) -> None:
        id = await begun(shop)
        ctx = shop.as_caller(CLIENT)
        stored = await ctx.store.get(CLIENT, PRODUCT_ORDER, id)
        done = await change_order(ctx, stored, stored.document | {"state": "cancelled"})
        assert done["state"] == "pendingCancellation"

    async def test_twice_is_refused(self, shop: Workshop) -> None:
        id = await begun(shop)
        await off(shop, id)
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id)
        assert refused.value.code == "nothingToCancel"

    async def test_a_take_back_that_fails_waits_for_a_person(self, shop: Workshop) -> None:
        id = await begun(shop)
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        await shop.report(f"{id}/1.access", "failed", message="no light")
        await off(shop, id)
        await shop.drain()
        await shop.report(f"{id}/1.line.undo", "failed", message="locked")
        await shop.drain()
        assert (await shop.tasks(id))["1.line.undo"] == "failed"
        assert (await shop.order(id))["state"] == "pendingCancellation"
        assert await reserved(shop) != []


class TestTheGate:
    async def test_past_it_nothing_moves(self, shop: Workshop) -> None:
        id = await begun(shop)
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        before = await shop.order(id)
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id)
        assert refused.value.code == "pointOfNoReturn"
        assert "Access line" in str(refused.value)
        assert await shop.order(id) == before

    async def test_it_says_which_items_may_still_go(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "router"), item("3", "router"))
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id)
        assert refused.value.facts["items"] == ["2", "3"]
        done = await off(shop, id, ["3"])
        assert [i["state"] for i in lines(done)] == ["inProgress", "inProgress", "pendingCancellation"]
        assert done["state"] == "inProgress"

    async def test_what_is_delivered_cannot_go(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "router"), item("2", "fibre"))
        await shop.report(f"{id}/1.set", "completed")
        await shop.drain()
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id)
        assert (refused.value.code, refused.value.facts["items"]) == ("itemDelivered", ["2"])
        await off(shop, id, ["2"])
        await shop.report(f"{id}/2.line", "completed")
        await shop.drain()
        await shop.report(f"{id}/2.line.undo", "completed")
        await shop.drain()
        done = await shop.order(id)
        assert (done["state"], [i["state"] for i in lines(done)]) == ("partial", ["completed", "cancelled"])
        assert await reserved(shop) == []


class TestItems:
    async def test_a_part_of_a_bundle(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "bundle"))
        await off(shop, id, ["1.2"])
        await shop.report(f"{id}/1.2.stream", "completed")
        await shop.drain()
        await shop.report(f"{id}/1.2.stream.undo", "completed")
        shop.network.prompt = True
        await shop.drain()
        for task in ("line", "access"):
            await shop.report(f"{id}/1.1.{task}", "completed")
            await shop.drain()
        done = await shop.order(id)
        assert {i["id"]: i["state"] for i in lines(done)} == {
            "1": "completed",
            "1.1": "completed",
            "1.2": "cancelled",
        }
        assert done["state"] == "partial"
        bundle = (await shop.rows("SELECT doc::text FROM product WHERE id = $1", f"P-{id[2:]}-1"))[0][0]
        assert f"P-{id[2:]}-1.1" in bundle and f"P-{id[2:]}-1.2" not in bundle

    async def test_all_parts_take_the_bundle_along(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "bundle"))
        done = await off(shop, id, ["1.1", "1.2"])
        assert done["state"] == "pendingCancellation"
        assert {i["state"] for i in lines(done)} == {"pendingCancellation"}

    async def test_what_another_relies_on_stays(self, shop: Workshop) -> None:
        relation = [{"id": "1", "relationshipType": "reliesOn"}]
        id = await begun(shop, item("1", "fibre"), item("2", "router", productOrderItemRelationship=relation))
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id, ["1"])
        assert refused.value.code == "itemReliedOn"
        assert (await off(shop, id, ["2"]))["state"] == "inProgress"

    async def test_what_another_works_only_with_stays(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "tv"))
        with pytest.raises(IllegalMove) as refused:
            await off(shop, id, ["1"])
        assert refused.value.code == "itemNeeded"

    async def test_there_is_no_such_item(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises(BadInput):
            await off(shop, id, ["9"])

    async def test_before_the_assessment(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre"), item("2", "router")))
        done = await off(shop, placed["id"], ["2"])
        assert (done["state"], [i["state"] for i in lines(done)]) == (
            "acknowledged",
            ["acknowledged", "cancelled"],
        )
        await shop.drain()
        done = await shop.order(placed["id"])
        assert [i["state"] for i in lines(done)] == ["inProgress", "cancelled"]
        assert {t.split(".")[0] for t in await shop.tasks(placed["id"])} == {"1"}
        assert str(done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "500.00"

    async def test_the_failed_item_gone_the_order_goes_on(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "router"))
        await shop.report(f"{id}/1.line", "failed", message="no light")
        assert (await shop.order(id))["state"] == "held"
        done = await off(shop, id, ["1"])
        assert done["state"] == "inProgress"
        await shop.drain()
        assert await reserved(shop) == []
        await shop.report(f"{id}/2.set", "completed")
        await shop.drain()
        assert (await shop.order(id))["state"] == "partial"


class TestRequests:
    async def ask(self, shop: Workshop, id: str, caller: Any = CLIENT, **more: Any) -> dict[str, Any]:
        return await post_cancellation(shop.as_caller(caller), {"productOrder": {"id": id}, **more})

    async def test_done_when_all_is_taken_back(self, shop: Workshop) -> None:
        id = await begun(shop)
        asked = await self.ask(shop, id, cancellationReason="too slow")
        assert asked["state"] == "inProgress"
        assert (await shop.order(id))["cancellationReason"] == "too slow"
        await shop.report(f"{id}/1.line", "failed", message="no light")
        await shop.drain()
        done = await shop.get(CANCEL_PRODUCT_ORDER, asked["id"])
        assert (done["state"], done["effectiveCancellationDate"][:10]) == ("done", "2026-06-03")

    async def test_at_once_before_work(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre")))
        assert (await self.ask(shop, placed["id"]))["state"] == "done"
        assert (await shop.order(placed["id"]))["state"] == "cancelled"

    async def test_of_items(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "router"))
        asked = await self.ask(shop, id, productOrderItem=[{"productOrderItemId": "2"}])
        assert asked["state"] == "inProgress"
        await shop.report(f"{id}/2.set", "failed", message="x")
        await shop.drain()
        assert (await shop.get(CANCEL_PRODUCT_ORDER, asked["id"]))["state"] == "done"
        assert "cancellationReason" not in await shop.order(id)

    async def test_too_late(self, shop: Workshop) -> None:
        id = await begun(shop, item("1", "fibre"), item("2", "router"))
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        asked = await self.ask(shop, id)
        assert asked["state"] == "terminatedWithError"
        error = asked["errorMessage"]
        assert error["code"] == "pointOfNoReturn"
        assert [each["productOrderItemId"] for each in error["productOrderItem"]] == ["2"]
        assert (await shop.order(id))["state"] == "inProgress"
        CANCEL_PRODUCT_ORDER.shape.check(asked)

    async def test_at_a_date(self, shop: Workshop) -> None:
        id = await begun(shop)
        later = to_wire(NOW.replace(day=5))
        asked = await self.ask(shop, id, requestedCancellationDate=later)
        assert (asked["state"], (await shop.order(id))["state"]) == ("acknowledged", "inProgress")
        shop.at(NOW.replace(day=6))
        async with shop.database.connection() as conn:
            assert await shop.context.clock.sweep(conn) >= 1
        await shop.drain()
        assert (await shop.get(CANCEL_PRODUCT_ORDER, asked["id"]))["state"] == "inProgress"
        assert (await shop.order(id))["state"] == "pendingCancellation"

    async def test_only_of_an_own_order(self, shop: Workshop) -> None:
        id = await begun(shop)
        with pytest.raises(BadInput):
            await self.ask(shop, id, STRANGER)
        with pytest.raises(BadInput):
            await self.ask(shop, "O-9")
        with pytest.raises(BadInput):
            await self.ask(shop, id, productOrderItem=[{"productOrderItemId": "7"}])


async def test_a_line_that_was_taken_off_is_put_back_as_it_was(shop: Workshop) -> None:
    shop.network.prompt = True
    had = await begun(shop)
    product, service = f"P-{had[2:]}-1", f"S-{had[2:]}-1.line"
    before = {c["name"]: c["value"] for c in (await shop.get(SERVICE, service))["serviceCharacteristic"]}
    shop.network.prompt = False
    given = item("1", None, action="delete", product={"id": product}, address=None)
    id = await begun(shop, given)
    shop.network.refuse = "busy"
    await shop.report(f"{id}/1.line", "completed")
    await shop.drain()
    shop.network.refuse = None
    await off(shop, id)
    await shop.drain()
    key, body = shop.network.submitted[-1]
    sent = body["serviceOrderItem"][0]
    values = {c["name"]: c["value"] for c in sent["service"]["serviceCharacteristic"]}
    assert (key, sent["action"], sent["service"]["id"]) == (f"{id}/1.line.undo", "add", service)
    assert sent["service"]["state"] == "active" and values == before
    await shop.report(key, "completed")
    await shop.drain()
    assert (await shop.order(id))["state"] == "cancelled"
    assert (await shop.get(PRODUCT, product))["status"] == "active"


def test_the_stages_have_one_gate() -> None:
    assert [t["id"] for t in CLEAR_TASKS if t.get("pointOfNoReturn")] == ["access"]
