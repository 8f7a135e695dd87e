"""June 2026 to August 2027: three lines end, three routers of 2,500.00 RUB; one comes in time, one late, one never."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.billing import charging, rules_export
from abonent.domain.billing.queries import returns_not_followed
from abonent.domain.billing.resources import CHARGING_EVENT
from abonent.domain.order_handling import ending
from abonent.domain.order_handling.ending_resources import ENDING_RULE, EQUIPMENT_RETURN
from tests.support.ending import LENT, add_ending
from tests.support.lines import change, delivered
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import alter, build, item


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        add_ending(world)
        await world.save(opened.context)
        await alter(opened.context, ENDING_RULE, "ER-fibre", equipment=[LENT | {"takeBackDays": 30}])
        yield opened


async def ended(shop: Workshop) -> str:
    """A line that was delivered and ended; the id of its router on the way back."""
    line = await delivered(shop, item("1", "fibre"))
    gone = await delivered(shop, change(f"P-{line}-1", "delete"))
    return f"RET-{gone}-1-router"


async def charges(shop: Workshop) -> list[dict[str, Any]]:
    """What billing was told of equipment."""
    rows = await shop.rows("SELECT id FROM charging_event WHERE doc ? 'equipmentReturn' ORDER BY id")
    return [await shop.get(CHARGING_EVENT, row[0]) for row in rows]


async def test_three_routers(shop: Workshop) -> None:
    began = shop.context.now()
    in_time, late, never = [await ended(shop) for _ in range(3)]
    await shop.pass_time(timedelta(days=10))
    await ending.mark_returned(shop.as_caller(AGENT), in_time)
    await shop.pass_time(timedelta(days=5))
    told = await charges(shop)
    assert {each["equipmentReturn"]["id"] for each in told} == {late, never}
    assert {(each["type"], each["reason"], each["account"]) for each in told} == {
        ("oneTime", "notReturned", "C-1")
    }
    # The one comes after the charge: it is taken back. The other comes after the time for that.
    await shop.pass_time(timedelta(days=20))
    back = await ending.mark_returned(shop.as_caller(AGENT), late, "brought to the shop")
    assert back["chargeReversed"] is True
    await shop.drain()
    await shop.pass_time(timedelta(days=60))
    kept = await ending.mark_returned(shop.as_caller(AGENT), never)
    assert (kept["state"], kept["chargeReversed"]) == ("returnedLate", False)
    await shop.drain()
    told = await charges(shop)
    assert [each["type"] for each in told] == ["oneTime", "oneTime", "credit"]
    credit = told[-1]
    assert (credit["equipmentReturn"]["id"], credit["reason"]) == (late, "returnedLate")
    assert credit["effective"] == (await shop.get(EQUIPMENT_RETURN, late))["returnDate"]
    # Whatever runs again changes nothing.
    for id in (in_time, late, never):
        await charging.follow_return(shop.context, id)
    await charging.catch_up(shop.context)
    assert await charges(shop) == told and await returns_not_followed(shop.context.store) == []
    numbers = [each["number"] for each in told]
    assert numbers == sorted(set(numbers))

    # The file says the same: what was charged less what was taken back is the one router that is lost.
    ctx = shop.context
    body, stated = await charging.export(ctx, began - timedelta(days=1), ctx.now())
    key = rules_export.key_of("a secret of the installation")
    rules_export.check(body, rules_export.signed(stated, key), key)
    sums = {kind: Decimal(each["RUB"]) for kind, each in stated["sums"].items()}
    assert (sums["oneTime"], sums["credit"]) == (Decimal("5000.00"), Decimal("2500.00"))
    pieces = [await shop.get(EQUIPMENT_RETURN, id) for id in (in_time, late, never)]
    lost = sum(
        each["charge"]["value"]
        for each in pieces
        if each["state"] in {"charged", "returnedLate"} and not each.get("chargeReversed")
    )
    assert sums["oneTime"] - sums["credit"] == lost


async def test_what_was_charged_before_billing_was_told_is_caught_up_with(shop: Workshop) -> None:
    router = await ended(shop)
    await shop.pass_time(timedelta(days=15))
    change_ = shop.context.change()
    for row in await shop.rows("SELECT id FROM charging_position WHERE id = $1", router):
        change_.delete(await shop.context.store.get(AGENT, charging.CHARGING_POSITION, row[0]))
    await shop.context.store.commit(change_)
    assert await returns_not_followed(shop.context.store) == [router]
    await charging.catch_up(shop.context)
    assert await returns_not_followed(shop.context.store) == []
