"""Tasks that failed: tried again by themselves first, then queued for a person who retries, skips, mends or cancels."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from abonent.domain.catalog.resources import DECOMPOSITION
from abonent.domain.order_handling import fallout
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.queries_fallout import fallen_tasks
from abonent.kit.errors import BadInput, Forbidden, IllegalMove, NotFound
from tests.support.stages import CLEAR_TASKS, sell_in_stages
from tests.support.workshop import AGENT, CLIENT, NOW, Workshop, workshop
from tests.support.world import alter, build, item, order


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


async def fallen(shop: Workshop, *items: dict[str, Any]) -> str:
    id = await begun(shop, *items)
    await shop.report(f"{id}/1.line", "failed", message="no light")
    await shop.drain()
    return id


async def queue(shop: Workshop) -> list[tuple[str, str]]:
    return [(each.order, each.task["id"]) for each in await fallen_tasks(shop.context.store)]


class TestQueue:
    async def test_what_failed_stands_in_it(self, shop: Workshop) -> None:
        id = await fallen(shop)
        (one,) = await fallen_tasks(shop.context.store)
        assert (one.order, one.task["id"], one.task["result"]) == (id, "1.line", "no light")
        assert (one.client, one.title) == ("Анна Соколова", "fibre")
        assert one.since is not None and one.promised is not None
        assert await fallen_tasks(shop.context.store, kind="serviceTest") == []

    async def test_what_is_over_does_not(self, shop: Workshop) -> None:
        id = await fallen(shop)
        stored = await shop.stored(id)
        await cancel(shop.as_caller(AGENT), stored, stored.document)
        assert await queue(shop) == []

    async def test_a_take_back_that_failed_does(self, shop: Workshop) -> None:
        id = await begun(shop)
        stored = await shop.stored(id)
        await cancel(shop.as_caller(AGENT), stored, stored.document)
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        await shop.report(f"{id}/1.line.undo", "failed", message="locked")
        await shop.drain()
        assert await queue(shop) == [(id, "1.line.undo")]
        await fallout.retry(shop.as_caller(AGENT), id, "1.line.undo")
        await shop.drain()
        await shop.report(f"{id}/1.line.undo/2", "completed")
        await shop.drain()
        assert (await shop.order(id))["state"] == "cancelled"
        assert await queue(shop) == []


class TestActs:
    async def test_done_again(self, shop: Workshop) -> None:
        id = await fallen(shop)
        await fallout.retry(shop.as_caller(AGENT), id, "1.line")
        assert (await shop.order(id))["state"] == "inProgress"
        await shop.drain()
        assert shop.network.submitted[-1][0] == f"{id}/1.line/2"

    async def test_the_order_waits_for_the_others(self, shop: Workshop) -> None:
        id = await fallen(shop, item("1", "fibre"), item("2", "router"))
        await shop.report(f"{id}/2.set", "failed", message="no power")
        await shop.drain()
        assert await queue(shop) == [(id, "1.line"), (id, "2.set")]
        await fallout.retry(shop.as_caller(AGENT), id, "1.line")
        assert (await shop.order(id))["state"] == "held"
        await fallout.retry(shop.as_caller(AGENT), id, "2.set")
        assert (await shop.order(id))["state"] == "inProgress"
        await shop.drain()
        assert {k for k, _ in shop.network.submitted} >= {f"{id}/1.line/2", f"{id}/2.set/2"}

    async def test_left_out_with_a_reason(self, shop: Workshop) -> None:
        id = await begun(shop)
        await shop.report(f"{id}/1.line", "completed")
        await shop.drain()
        shop.network.measures = {"downstream": 1}
        for key in ("1.access", "1.access/2", "1.access/3"):
            await shop.report(f"{id}/{key}", "completed")
            await shop.drain()
        ctx = shop.as_caller(AGENT)
        with pytest.raises(BadInput):
            await fallout.skip(ctx, id, "1.test", " ")
        await fallout.skip(ctx, id, "1.test", "measured by hand")
        await shop.drain()
        assert (await shop.order(id))["state"] == "completed"
        history = await shop.context.store.history((await shop.stored(id)).resource, id)
        row = next(h for h in history if h["attribute"] == "task 1.test" and h["new_state"] == "skipped")
        assert (row["reason"], row["by"]) == ("measured by hand", "olga")

    async def test_what_is_needed_is_not_left_out(self, shop: Workshop) -> None:
        id = await fallen(shop)
        with pytest.raises(IllegalMove) as refused:
            await fallout.skip(shop.as_caller(AGENT), id, "1.line", "no time")
        assert refused.value.code == "taskNeeded"

    async def test_mended_and_resumed(self, shop: Workshop) -> None:
        given = {"productCharacteristic": [{"name": "speed", "value": 100}, {"name": "old", "value": "x"}]}
        id = await fallen(shop, item("1", "fibre", product=given))
        await fallout.mend(
            shop.as_caller(AGENT), id, "1.line", {"speed": "100", "old": "", "serial": "ONT-1"}
        )
        await shop.drain()
        key, body = shop.network.submitted[-1]
        values = {
            c["name"]: c["value"] for c in body["serviceOrderItem"][0]["service"]["serviceCharacteristic"]
        }
        assert (key, values["speed"], values["serial"]) == (f"{id}/1.line/2", 100, "ONT-1")
        assert "old" not in values

    async def test_by_staff_alone_and_only_what_failed(self, shop: Workshop) -> None:
        id = await fallen(shop)
        with pytest.raises(Forbidden):
            await fallout.retry(shop.as_caller(CLIENT), id, "1.line")
        with pytest.raises(IllegalMove):
            await fallout.retry(shop.as_caller(AGENT), id, "1.port")
        with pytest.raises(NotFound):
            await fallout.retry(shop.as_caller(AGENT), id, "1.nothing")
        with pytest.raises(NotFound):
            await fallout.retry(shop.as_caller(AGENT), "O-9", "1.line")


async def patient(shop: Workshop, retries: int) -> None:
    tasks = [
        {**t, "spec": {**t.get("spec", {}), "retries": retries}} if t["id"] == "line" else t
        for t in CLEAR_TASKS
    ]
    await alter(shop.context, DECOMPOSITION, "DC-fibre", task=tasks)


async def test_what_may_pass_is_tried_again_with_growing_pauses(shop: Workshop) -> None:
    await patient(shop, 2)
    id = await fallen(shop)
    assert (await shop.order(id))["state"] == "inProgress"
    assert await queue(shop) == []
    at = NOW
    for attempt, minutes in ((2, 1), (3, 2)):
        at += timedelta(minutes=minutes, seconds=30)
        shop.at(at)
        await shop.sweep()
        assert shop.network.submitted[-1][0] == f"{id}/1.line/{attempt}"
        await shop.report(f"{id}/1.line/{attempt}", "failed", message="no light")
        await shop.drain()
    assert (await shop.order(id))["state"] == "held"
    assert await queue(shop) == [(id, "1.line")]


async def test_what_is_refused_for_good_is_not_tried_again(shop: Workshop) -> None:
    await patient(shop, 2)
    id = await begun(shop)
    await shop.report(f"{id}/1.line", "rejected", message="no such node")
    await shop.drain()
    assert await queue(shop) == [(id, "1.line")]
