"""Changing an order by hand: what PATCH may move, what a running plan fixes, release, cancellation, deletion."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.order_handling.amend import change_order, remove_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import Caller
from abonent.kit.errors import Forbidden, IllegalMove, NotFound
from tests.support.workshop import AGENT, CLIENT, Workshop, workshop
from tests.support.world import build, item, order

STATES = (
    *("acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "completed", "failed"),
    *("partial", "assessingCancellation", "pendingCancellation"),
)
BY_STAFF = {("held", "inProgress"), ("pending", "inProgress")}
BY_HAND = {
    (old, "cancelled") for old in ("acknowledged", "pending", "held", "inProgress", "assessingCancellation")
}


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        opened.network.prompt = False
        yield opened


async def lay(shop: Workshop, id: str, state: str, **more: Any) -> None:
    """An order in any state, laid into the table past the machine."""
    document = order(item("1", "fibre") | {"state": state}, id=id, state=state, **more)
    await shop.rows("INSERT INTO product_order (id, doc) VALUES ($1, $2::jsonb)", id, json.dumps(document))


async def patch(shop: Workshop, id: str, caller: Caller = AGENT, **changes: Any) -> dict[str, Any]:
    ctx = shop.as_caller(caller)
    stored = await ctx.store.get(caller, PRODUCT_ORDER, id)
    return await change_order(ctx, stored, stored.document | changes)


@pytest.mark.parametrize("caller", [AGENT, CLIENT], ids=["staff", "client"])
async def test_every_move_that_is_not_made_by_hand_is_refused(shop: Workshop, caller: Caller) -> None:
    allowed = BY_HAND | (BY_STAFF if caller is AGENT else set())
    moved = set()
    for old in STATES:
        for new in STATES:
            if old == new:
                continue
            id = f"O-{old}-{new}"
            await lay(shop, id, old)
            try:
                await patch(shop, id, caller, state=new)
            except (IllegalMove, Forbidden) as refused:
                assert refused.status == (403 if (old, new) in BY_STAFF else 422), (old, new)
                assert (await shop.order(id))["state"] == old
            else:
                moved.add((old, new))
    assert moved == allowed


async def test_the_state_it_is_in_already_is_no_change(shop: Workshop) -> None:
    for state in STATES:
        await lay(shop, f"O-{state}", state)
        before = await shop.counts()
        await patch(shop, f"O-{state}", state=state)
        assert await shop.counts() == before


@pytest.mark.parametrize("caller", [AGENT, CLIENT], ids=["staff", "client"])
async def test_cancelled_before_work(shop: Workshop, caller: Caller) -> None:
    placed = await place_order(shop.as_caller(CLIENT), order(item("1", "bundle")))
    done = await patch(shop, placed["id"], caller, state="cancelled", cancellationReason="moved away")
    assert (done["state"], done["cancellationDate"][:10]) == ("cancelled", "2026-06-03")
    assert {i["state"] for i in lines(done)} == {"cancelled"}
    history = await shop.context.store.history(PRODUCT_ORDER, placed["id"])
    assert (history[0]["reason"], history[0]["by"]) == ("moved away", caller.name)
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] == "cancelled"
    assert shop.network.submitted == []


class TestInWork:
    async def begun(self, shop: Workshop) -> str:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre")))
        await shop.drain()
        return placed["id"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("relatedParty", []),
            ("externalId", "other"),
            ("orderTotalPrice", []),
            ("billingAccount", {"id": "BA-1", "name": "x"}),
            ("expectedCompletionDate", "2026-07-01T00:00:00.000Z"),
            ("cancellationDate", "2026-07-01T00:00:00.000Z"),
        ],
    )
    async def test_what_the_plan_rests_on_is_fixed(self, shop: Workshop, name: str, value: Any) -> None:
        id = await self.begun(shop)
        before = await shop.order(id)
        with pytest.raises(IllegalMove) as refused:
            await patch(shop, id, **{name: value})
        assert refused.value.code == "orderInWork"
        assert name in str(refused.value)
        assert await shop.order(id) == before

    async def test_what_only_tells_may_change(self, shop: Workshop) -> None:
        id = await self.begun(shop)
        note = [{"text": "call first", "author": "anna"}]
        done = await patch(shop, id, CLIENT, description="for grandma", note=note, priority="1")
        assert (done["description"], done["note"], done["state"]) == ("for grandma", note, "inProgress")
        assert await shop.jobs() == []

    async def test_past_the_point_of_no_return_it_is_not_cancelled(self, shop: Workshop) -> None:
        id = await self.begun(shop)
        with pytest.raises(IllegalMove) as refused:
            await patch(shop, id, state="cancelled")
        assert refused.value.code == "pointOfNoReturn"
        assert (await shop.order(id))["state"] == "inProgress"

    async def test_a_client_cannot_release_it(self, shop: Workshop) -> None:
        id = await self.begun(shop)
        await shop.report(shop.network.submitted[-1][0], "failed", message="no light")
        with pytest.raises(Forbidden):
            await patch(shop, id, CLIENT, state="inProgress")
        assert (await shop.order(id))["state"] == "held"

    async def test_the_release_is_in_the_history(self, shop: Workshop) -> None:
        id = await self.begun(shop)
        await shop.report(shop.network.submitted[-1][0], "failed", message="no light")
        await patch(shop, id, state="inProgress")
        history = await shop.context.store.history(PRODUCT_ORDER, id)
        assert [(h["attribute"], h["new_state"], h["by"]) for h in history[:2]] == [
            ("state", "inProgress", "olga"),
            ("task 1.access", "ready", "olga"),
        ] or [(h["attribute"], h["new_state"], h["by"]) for h in history[:2]] == [
            ("task 1.access", "ready", "olga"),
            ("state", "inProgress", "olga"),
        ]

    async def test_it_is_not_deleted(self, shop: Workshop) -> None:
        id = await self.begun(shop)
        with pytest.raises(IllegalMove):
            await remove_order(shop.as_caller(AGENT), await shop.stored(id))


async def test_an_order_that_is_over_stays_as_it_is(shop: Workshop) -> None:
    for state in ("rejected", "cancelled", "completed", "failed", "partial"):
        await lay(shop, f"O-{state}", state)
        with pytest.raises(IllegalMove):
            await patch(shop, f"O-{state}", productOrderItem=[item("2", "fibre")])
        assert (await patch(shop, f"O-{state}", description="x"))["description"] == "x"


async def test_the_states_of_items_are_not_the_senders(shop: Workshop) -> None:
    await lay(shop, "O-1", "held")
    done = await patch(shop, "O-1", productOrderItem=[item("1", "fibre") | {"state": "completed"}])
    assert [i["state"] for i in lines(done)] == ["held"]


async def test_a_deleted_order_takes_its_plan_along(shop: Workshop) -> None:
    shop.network.prompt = True
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
    await shop.drain()
    await remove_order(shop.as_caller(AGENT), await shop.stored(placed["id"]))
    with pytest.raises(NotFound):
        await shop.order(placed["id"])
    counts = await shop.counts()
    assert (counts["order_plan"], counts["order_assessment"]) == (0, 0)
    assert counts["product"] == 1
    assert await shop.context.store.history(PRODUCT_ORDER, placed["id"])
