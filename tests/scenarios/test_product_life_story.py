"""June 2026: a line that moves house with its client, later than promised; is silent over a holiday; goes to another.

Yaroslavl is three hours ahead of UTC; crews have slots at 06, 08, 11 and 13 UTC, two hours each (tests/support/visits).
A move's tasks: port (1 min), visit (a slot), access line (10), test (2), the old service ended (5), inventory (0).
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from abonent.domain.inventory.queries_past import product_as_of, products_as_of
from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN
from abonent.domain.workforce.work import client_absent, complete_work, rebook, start_work
from abonent.kit.values import to_wire
from tests.support.credit_desk import ordered
from tests.support.lines import change, port_states
from tests.support.second_address import KIROVA, open_kirova
from tests.support.visits import NORTH, hire, june, sell_with_visit
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, customer, item, owe


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        owe(world, "C-1", "0")
        owe(world, "C-2", "0")
        await world.save(opened.context)
        await open_kirova(opened.context)
        await sell_with_visit(opened.context)
        await hire(opened.context, NORTH)
        yield opened


async def visited(shop: Workshop, id: str, begin: datetime, end: datetime) -> None:
    """The crew comes and does what is to be done."""
    work = f"WO-{id.removeprefix('O-')}-1.visit"
    shop.at(begin)
    await start_work(shop.context, work)
    shop.at(end)
    await complete_work(shop.context, work, "done", [])
    await shop.drain()


async def connected(shop: Workshop) -> str:
    """Fibre at Svobody 12, installed on Thursday 4 June; the product's number."""
    id = await ordered(shop, item("1", "fibre"))
    await visited(shop, id, june(4, 6), june(4, 7))
    assert (await shop.order(id))["state"] == "completed"
    return f"P-{id.removeprefix('O-')}-1"


def installed_at(product: dict[str, Any] | None) -> str | None:
    return product["place"][0]["id"] if product else None


async def test_a_move_of_house_with_a_slipped_date(shop: Workshop) -> None:
    product = await connected(shop)
    before = await shop.get(PRODUCT, product)
    old_port, old_service = before["realizingResource"][0]["id"], before["realizingService"][0]["id"]

    # Monday 8 June, 05:00. Two hours' notice make 08:00 the first slot: 08:00-10:00, then 10 + 2 + 5 minutes.
    shop.at(june(8, 5))
    id = await ordered(shop, change(product, address=KIROVA))
    plan = await shop.get(ORDER_PLAN, id)
    assert plan["promised"] == to_wire(june(8, 10, 17))
    # A port at the new node is kept for him; the old line goes on working.
    assert (await port_states(shop))["N-2/1"] == "reserved" and (await port_states(shop))[
        old_port
    ] == "reserved"

    # 08:15: nobody opens. On Tuesday at 11:00 somebody will: 11:00-13:00 and 17 minutes, a day and three hours late.
    work = f"WO-{id.removeprefix('O-')}-1.visit"
    shop.at(june(8, 8, 15))
    await client_absent(shop.context, work, note="Nobody at home")
    await shop.drain()
    await rebook(shop.as_caller(AGENT), work, june(9, 11))
    await shop.drain()
    plan = await shop.get(ORDER_PLAN, id)
    assert (plan["plannedEnd"], plan["promised"]) == (to_wire(june(9, 13, 17)), to_wire(june(8, 10, 17)))
    alerts = (await shop.order(id))["productOrderJeopardyAlert"]
    assert alerts[-1]["expectedCompletionDate"] == to_wire(june(9, 13, 17))
    assert (await shop.get(SERVICE, old_service))["state"] == "active"

    await visited(shop, id, june(9, 11, 5), june(9, 12, 30))
    assert (await shop.order(id))["state"] == "completed"
    after = await shop.get(PRODUCT, product)
    assert installed_at(after) == KIROVA and after["realizingResource"][0]["id"] == "N-2/1"
    assert (await port_states(shop))[old_port] == "available"
    assert (await shop.get(SERVICE, old_service))["state"] == "terminated"
    # Price and number stay; on Monday it still stood in Svobody street.
    assert (after["id"], after["productPrice"]) == (product, before["productPrice"])
    store = shop.context.store
    assert installed_at(await product_as_of(store, product, june(8, 20))) == "A-1"
    assert installed_at(await product_as_of(store, product, june(9, 20))) == KIROVA


async def test_silent_over_the_holidays(shop: Workshop) -> None:
    product = await connected(shop)
    shop.at(june(10, 9))
    away = await ordered(shop, change(product, status="suspended"))
    assert (await shop.order(away))["state"] == "completed"
    shop.at(june(24, 9))
    back = await ordered(shop, change(product, status="active"))
    assert (await shop.order(back))["state"] == "completed"
    history = [
        (h["old_state"], h["new_state"], h["reason"], h["at"].day)
        for h in reversed(await shop.context.store.history(PRODUCT, product))
        if h["attribute"] == "status" and h["old_state"]
    ]
    assert history == [("active", "suspended", away, 10), ("suspended", "active", back, 24)]
    # Silent on the 17th, half way between.
    stood = await product_as_of(shop.context.store, product, june(17, 12))
    assert stood is not None and stood["status"] == "suspended"


async def test_the_tenant_leaves_and_the_next_one_takes_the_line_over(shop: Workshop) -> None:
    product = await connected(shop)
    shop.at(june(15, 9))
    to = customer("C-2")
    agreed = [
        {"author": "C-1", "text": "Signed at the office"},
        {"author": "C-2", "text": "By telephone, 14 June"},
    ]
    id = await ordered(shop, change(product, relatedParty=to, billingAccount={"id": "BA-C-2"}), note=agreed)
    assert (await shop.order(id))["state"] == "completed"
    # It is the next one's credit that was looked at: 500.00 a month.
    credit = (await shop.get(ORDER_ASSESSMENT, id))["decision"][-1]
    assert credit["kind"] == "credit"
    after = await shop.get(PRODUCT, product)
    assert [p["id"] for p in after["relatedParty"]] == ["C-2"]
    assert after["billingAccount"]["id"] == "BA-C-2"
    assert float(after["productPrice"][0]["price"]["taxIncludedAmount"]["value"]) == 500
    store = shop.context.store
    assert [p["id"] for p in await products_as_of(store, ["C-1"], june(14, 12))] == [product]
    assert [p["id"] for p in await products_as_of(store, ["C-2"], june(15, 20))] == [product]
    assert await products_as_of(store, ["C-1"], june(15, 20)) == []
