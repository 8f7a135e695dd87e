"""Autumn 2026: a client with a limit of 1,200.00 a month orders step by step, falls behind, and pays.

Fibre 500.00, television 200.00 RUB a month.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT
from abonent.domain.party.resources import BILLING_ACCOUNT
from abonent.kit.access import SYSTEM
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, alter, build, item, order, owe


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        opened.network.prompt = False
        await build(opened.context, ports=60)
        world = World()
        owe(world, "C-1", "0", limit="1200.00")
        await world.save(opened.context)
        yield opened


async def ordered(shop: Workshop, *items: dict[str, Any]) -> tuple[str, str]:
    placed = await place_order(shop.as_caller(AGENT), order(*items))
    await shop.drain()
    return placed["id"], (await shop.order(placed["id"]))["state"]


async def owes(shop: Workshop, amount: str) -> None:
    balance = {"balanceType": "receivableBalance", "amount": {"unit": "RUB", "value": Decimal(amount)}}
    status = "in arrears" if Decimal(amount) else "paid"
    await alter(shop.context, BILLING_ACCOUNT, "BA-C-1", accountBalance=[balance], paymentStatus=status)


async def credit(shop: Workshop, id: str) -> dict[str, Any]:
    return (await shop.get(ORDER_ASSESSMENT, id))["decision"][-1]


async def finish(shop: Workshop) -> None:
    """The network is done with everything it was asked for."""
    while waiting := [k for k in shop.network.known if shop.network.known[k].state == "acknowledged"]:
        for key in waiting:
            shop.network.known[key] = shop.network.told(key, "completed")
            await shop.report(key, "completed")
        await shop.drain()


async def test_up_to_the_limit_and_over_it(shop: Workshop) -> None:
    # 1 September: 500.00 is within 1,200.00.
    shop.at(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    first, state = await ordered(shop, item("1", "fibre"))
    assert state == "inProgress"

    # 2 September: 500.00 still on order + 500.00 + 200.00 = 1,200.00 is exactly the limit, not above it.
    shop.at(datetime(2026, 9, 2, 9, 0, tzinfo=UTC))
    _, state = await ordered(shop, item("1", "fibre"), item("2", "tv"))
    assert state == "inProgress"

    # 3 September: 1,200.00 on order + 500.00 = 1,700.00. Row 2 of the table: a person decides.
    shop.at(datetime(2026, 9, 3, 9, 0, tzinfo=UTC))
    third, state = await ordered(shop, item("1", "fibre"))
    assert state == "held"
    assert ((await credit(shop, third))["outcome"], (await credit(shop, third))["rule"]) == ("refer", "2")

    # 5 September: the first two are delivered, so only 500.00 are on order: it goes on when it is looked at again.
    await finish(shop)
    assert (await shop.order(first))["state"] == "completed"
    stored = await shop.stored(third)
    await change_order(
        shop.as_caller(AGENT), stored, stored.document | {"requestedStartDate": "2026-09-06T00:00:00Z"}
    )
    await shop.drain()
    assert (await shop.order(third))["state"] == "inProgress"
    assert [d["outcome"] for d in (await shop.get(ORDER_ASSESSMENT, third))["decision"]] == [
        *("eligible", "refer"),
        *("eligible", "approve"),
    ]


async def test_arrears_stop_new_orders_until_they_are_paid(shop: Workshop) -> None:
    # October: 0.01 is overdue. Row 3: a person decides.
    await owes(shop, "0.01")
    id, state = await ordered(shop, item("1", "fibre"))
    assert (state, (await credit(shop, id))["rule"]) == ("held", "3")

    # November: 5,000.01 is overdue. Row 1: declined. (5,000.00 would be above the limit: row 2.)
    await owes(shop, "5000.01")
    declined, state = await ordered(shop, item("1", "fibre"))
    assert (state, (await credit(shop, declined))["rule"]) == ("rejected", "1")
    await owes(shop, "5000.00")
    referred, state = await ordered(shop, item("1", "fibre"))
    assert (state, (await credit(shop, referred))["rule"]) == ("held", "2")

    # December: all is paid, and the client gives the October order up.
    await owes(shop, "0")
    for held in (id, referred):
        stored = await shop.stored(held)
        await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "cancelled"})
    assert (await ordered(shop, item("1", "fibre")))[1] == "inProgress"


async def test_a_newcomer_with_a_large_charge_pays_a_month_in_advance(shop: Workshop) -> None:
    """Anna is a client since 10 May 2024. On 9 June of that year it is 0 whole months, on the 10th it is one."""
    stored = await shop.context.store.get(SYSTEM, BILLING_ACCOUNT, "BA-C-1")
    change = shop.context.change()
    change.update(stored, {k: v for k, v in stored.document.items() if k != "creditLimit"})
    await shop.context.store.commit(change)

    # 21 lines of 500.00 are 10,500.00 a month, more than 10,000.00.
    shop.at(datetime(2024, 6, 9, 12, 0, tzinfo=UTC))
    id, state = await ordered(shop, item("1", "fibre", quantity=21))
    decision = await credit(shop, id)
    assert (state, decision["outcome"], decision["deposit"]) == (
        "pending",
        "approveWithDeposit",
        Decimal("10500.00"),
    )
    # 20 lines are 10,000.00: not more than that.
    stored = await shop.stored(id)
    await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "cancelled"})
    assert (await ordered(shop, item("1", "fibre", quantity=20)))[1] == "inProgress"

    shop.at(datetime(2024, 6, 10, 12, 0, tzinfo=UTC))
    assert (await ordered(shop, item("1", "fibre", quantity=21)))[1] == "inProgress"
