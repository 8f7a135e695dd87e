"""June 2026: Anna orders fibre that a crew installs, thinks again, and again. Before, at and after the way back ends.

Yaroslavl is three hours ahead of UTC. The order's tasks: port, line, visit (a slot), access (no way back), test,
inventory.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.communication.queries import messages_about
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import post_cancellation
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import CANCEL_PRODUCT_ORDER
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.work import complete_work, start_work
from abonent.kit.errors import IllegalMove
from tests.support.stages import CLEAR_TASKS, sell_in_stages
from tests.support.visits import NORTH, VISIT, hire, june, sell_with_visit
from tests.support.workshop import AGENT, CLIENT, Workshop, workshop
from tests.support.world import build, item, order

WITH_VISIT: list[dict[str, Any]] = [
    *CLEAR_TASKS[:2],
    {**VISIT, "dependsOn": ["line"], "compensation": "Take the equipment back"},
    *({**t, "dependsOn": ["visit"]} if t["id"] == "access" else t for t in CLEAR_TASKS[2:]),
]


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_in_stages(opened.context)
        await sell_with_visit(opened.context, WITH_VISIT)
        await hire(opened.context, NORTH)
        yield opened


async def placed(shop: Workshop, *more: dict[str, Any]) -> str:
    made = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre"), *more))
    await shop.drain()
    return made["id"]


async def ask(shop: Workshop, id: str) -> dict[str, Any]:
    asked = await post_cancellation(
        shop.as_caller(CLIENT), {"productOrder": {"id": id}, "cancellationReason": "We move to Kostroma"}
    )
    await shop.drain()
    return asked


async def ports(shop: Workshop) -> set[str]:
    rows = await shop.rows("SELECT DISTINCT resource_status FROM resource WHERE category = 'port'")
    return {row[0] for row in rows}


async def test_before_the_crew_comes(shop: Workshop) -> None:
    # 3 June, 12:51 local: the line is set up at once, the crew is to come next morning.
    id = await placed(shop)
    work = await shop.get(WORK_ORDER, f"WO-{id[2:]}-1.visit")
    slot = work["appointment"]["id"]
    # 15:00: Anna calls it off.
    shop.at(june(3, 12))
    asked = await ask(shop, id)
    assert (await shop.get(WORK_ORDER, work["id"]))["state"] == "cancelled"
    assert (await shop.get(APPOINTMENT, slot))["status"] == "cancelled"
    assert (await shop.get(CANCEL_PRODUCT_ORDER, asked["id"]))["state"] == "done"
    done = await shop.order(id)
    assert (done["state"], done["cancellationReason"]) == ("cancelled", "We move to Kostroma")
    assert await ports(shop) == {"available"}
    assert [key for key, _ in shop.network.submitted][-1] == f"{id}/1.line.undo"
    told = [m["subject"] for m in await messages_about(shop.context.store, id)]
    assert f"Заказ {id} отменён" in told and f"Заказ {id} отменяется" in told
    assert (await shop.tasks(id))["1.visit.undo"] == "skipped"


async def test_while_the_crew_is_there(shop: Workshop) -> None:
    id = await placed(shop)
    work = f"WO-{id[2:]}-1.visit"
    shop.at(june(4, 6, 5))
    await start_work(shop.as_caller(AGENT), work)
    # The crew is in the flat: it is called off, and there is nothing to fetch.
    await ask(shop, id)
    assert (await shop.get(WORK_ORDER, work))["state"] == "cancelled"
    assert (await shop.order(id))["state"] == "cancelled"
    assert await ports(shop) == {"available"}


async def test_after_the_crew_was_there_it_comes_again(shop: Workshop) -> None:
    # The network does not take up the access: the gate is not passed, but equipment hangs on Anna's wall.
    id = await placed(shop)
    work = f"WO-{id[2:]}-1.visit"
    shop.at(june(4, 6, 5))
    await start_work(shop.as_caller(AGENT), work)
    shop.network.refuse = "no such profile"
    shop.at(june(4, 7, 40))
    await complete_work(shop.as_caller(AGENT), work, "Cable laid")
    await shop.drain()
    assert (await shop.tasks(id))["1.access"] == "failed"
    shop.network.refuse = None
    asked = await ask(shop, id)
    assert asked["state"] == "inProgress"
    assert (await shop.order(id))["state"] == "pendingCancellation"
    fetching = f"{work}.undo"
    assert (await shop.get(WORK_ORDER, fetching))["state"] == "acknowledged"
    # It fetches the equipment; only then is the line taken off, and the port freed.
    assert await ports(shop) == {"available", "reserved"}
    shop.at(june(5, 6, 5))
    await start_work(shop.as_caller(AGENT), fetching)
    await complete_work(shop.as_caller(AGENT), fetching, "Router taken along")
    await shop.drain()
    assert (await shop.order(id))["state"] == "cancelled"
    assert await ports(shop) == {"available"}


async def test_too_late(shop: Workshop) -> None:
    id = await placed(shop, item("2", "router", action="add"))
    shop.network.prompt = False
    work = f"WO-{id[2:]}-1.visit"
    shop.at(june(4, 6, 5))
    await start_work(shop.as_caller(AGENT), work)
    await complete_work(shop.as_caller(AGENT), work, "Cable laid")
    await shop.drain()
    # The access is being switched on: no way back. The router was delivered on the first day.
    asked = await ask(shop, id)
    assert asked["state"] == "terminatedWithError"
    assert asked["errorMessage"]["code"] in {"pointOfNoReturn", "itemDelivered"}
    stored = await shop.stored(id)
    with pytest.raises(IllegalMove):
        await change_order(shop.as_caller(CLIENT), stored, stored.document | {"state": "cancelled"})
    await shop.report(f"{id}/1.access", "completed")
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"


async def test_amended_twice_then_cancelled_in_part(shop: Workshop) -> None:
    id = await placed(shop)
    ctx = shop.as_caller(CLIENT)
    # In the evening a router is added, at night its quantity grows, in the morning the fibre is given up.
    stored = await shop.stored(id)
    shop.network.prompt = False
    both = [*stored.document["productOrderItem"], item("2", "router")]
    await change_order(ctx, stored, stored.document | {"productOrderItem": both})
    await shop.drain()
    stored = await shop.stored(id)
    more = [stored.document["productOrderItem"][0], item("2", "router", quantity=2)]
    done = await change_order(ctx, stored, stored.document | {"productOrderItem": more})
    assert str(done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "740.00"
    await shop.drain()
    stored = await shop.stored(id)
    only = [line for line in stored.document["productOrderItem"] if line["id"] != "1"]
    await change_order(ctx, stored, stored.document | {"productOrderItem": only})
    shop.network.prompt = True
    await shop.drain()
    assert {i["id"]: i["state"] for i in lines(await shop.order(id))} == {
        "1": "cancelled",
        "2": "inProgress",
        "2-2": "inProgress",
    }
    assert await ports(shop) == {"available"}
    await shop.report(f"{id}/2.set", "completed")
    await shop.report(f"{id}/2-2.set", "completed")
    await shop.drain()
    done = await shop.order(id)
    assert done["state"] == "partial"
    history = [
        h["reason"]
        for h in await shop.context.store.history(stored.resource, id)
        if h["attribute"] == "amendment"
    ]
    assert history == ["Item 1 dropped", "Item 2-2 added: router", "Item 2 added: router"]
