"""Versions of credit tables: drafts, released from a date, never changed afterwards; the dry run."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.order_handling.credit_dry_run import try_table
from abonent.domain.order_handling.intake import place_order
from abonent.domain.qualification.credit_resources import CREDIT_TABLE
from abonent.domain.qualification.credit_tables import BadTable, change_table, create_table, remove_table
from abonent.domain.qualification.queries_credit import table_in_force
from abonent.kit.access import SYSTEM
from abonent.kit.change import Stored
from abonent.kit.errors import BadInput, Forbidden, IllegalMove
from abonent.kit.values import to_wire
from tests.support.credit import MANAGER, put_in_force, row, table
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, build, item, order, owe

YES = table("", row(outcome="approve"))


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        opened.network.prompt = False
        await build(opened.context, ports=20)
        yield opened


async def stored(shop: Workshop, id: str) -> Stored:
    return await shop.context.store.get(SYSTEM, CREDIT_TABLE, id)


async def patch(shop: Workshop, id: str, **changed: Any) -> dict[str, Any]:
    was = await stored(shop, id)
    return await change_table(shop.as_caller(MANAGER), was, was.document | changed)


async def test_versions_count_up_also_when_two_are_written_at_once(shop: Workshop) -> None:
    ctx = shop.as_caller(MANAGER)
    made = await asyncio.gather(*(create_table(ctx, dict(YES)) for _ in range(3)))
    assert sorted(m["version"] for m in made) == [2, 3, 4]
    assert {(m["state"], m["author"]) for m in made} == {("draft", "marina")}
    assert await table_in_force(shop.context.store, shop.context.now()) is None


async def test_a_table_with_errors_is_not_kept_and_says_where(shop: Workshop) -> None:
    bad = table("arrears", row("> x", outcome="refer"), row("-", outcome="approve"))
    with pytest.raises(BadTable) as refused:
        await create_table(shop.as_caller(MANAGER), bad)
    assert "row 1, column arrears" in str(refused.value) and refused.value.facts["path"] == "row[0]"
    made = await create_table(shop.as_caller(MANAGER), dict(YES))
    with pytest.raises(BadTable):
        await patch(shop, made["id"], row=[], column=["arrears"])


async def test_agents_may_not(shop: Workshop) -> None:
    with pytest.raises(Forbidden):
        await create_table(shop.as_caller(AGENT), dict(YES))


async def test_what_was_released_stays_as_it_is(shop: Workshop) -> None:
    made = await create_table(shop.as_caller(MANAGER), dict(YES))
    assert (await patch(shop, made["id"], name="Credit 2"))["name"] == "Credit 2"
    with pytest.raises(BadInput):
        await patch(shop, made["id"], inForceFrom="2026-07-01T00:00:00Z")
    with pytest.raises(BadInput):
        await patch(shop, made["id"], state="released", inForceFrom="2026-06-01T00:00:00Z")
    await patch(shop, made["id"], state="released", inForceFrom="2026-07-01T00:00:00Z")
    for changed in ({"name": "Other"}, {"inForceFrom": "2026-08-01T00:00:00Z"}, {"state": "draft"}):
        with pytest.raises(IllegalMove):
            await patch(shop, made["id"], **changed)
    with pytest.raises(IllegalMove):
        await remove_table(shop.as_caller(MANAGER), await stored(shop, made["id"]))
    assert (await patch(shop, made["id"], state="withdrawn"))["state"] == "withdrawn"
    draft = await create_table(shop.as_caller(MANAGER), dict(YES))
    await remove_table(shop.as_caller(MANAGER), await stored(shop, draft["id"]))


async def test_the_latest_from_a_date_that_has_come_decides(shop: Workshop) -> None:
    now = shop.context.now()
    first = await put_in_force(shop.context, dict(YES))
    later = await put_in_force(shop.context, dict(YES), to_wire(now + timedelta(days=10)))
    for days, id in ((0.01, first["id"]), (9.9, first["id"]), (10.1, later["id"])):
        found = await table_in_force(shop.context.store, now + timedelta(days=days))
        assert found is not None and found["id"] == id
    with pytest.raises(IllegalMove):
        await patch(shop, first["id"], state="withdrawn")
    await patch(shop, later["id"], state="withdrawn")
    found = await table_in_force(shop.context.store, now + timedelta(days=11))
    assert found is not None and found["id"] == first["id"]


async def test_dry_run_lists_what_would_change_from_the_inputs_kept(shop: Workshop) -> None:
    world = World()
    owe(world, "C-1", "100.00")
    await world.save(shop.context)
    ids = []
    for client, quantity in (("C-1", 1), ("C-2", 1), ("C-2", 3)):
        shop.at(shop.context.now() + timedelta(hours=1))
        placed = await place_order(
            shop.as_caller(AGENT), order(item("1", "fibre", quantity=quantity), client=client)
        )
        ids.append(placed["id"])
        await shop.drain()
    # Before: refer (arrears), approve (500.00 a month), approve (1,500.00 a month).
    tried = table(
        "arrears monthly",
        row("> 1000", "-", outcome="decline"),
        row("-", "> 1000", outcome="approveWithDeposit", deposit={"months": 1}),
        row("-", "-", outcome="approve"),
    )
    now = shop.context.now()
    run = await try_table(shop.context, tried, now - timedelta(days=30), now + timedelta(minutes=1))
    assert (run.total, run.unclear, run.unknown) == (3, 0, 0)
    assert [(c.order, c.before.outcome, c.after.outcome, c.after.deposit) for c in run.changed] == [
        (ids[2], "approve", "approveWithDeposit", Decimal("1500.00")),
        (ids[0], "refer", "approve", Decimal(0)),
    ]
    assert run.moves == {("approve", "approveWithDeposit"): 1, ("refer", "approve"): 1}
    # One that would have asked a bureau that nobody asked cannot be told.
    asking = table(
        "monthly bureauScore",
        row("> 1000", "-", outcome="approve"),
        row("-", "none", outcome="refer"),
        row("-", "-", outcome="approve"),
    )
    run = await try_table(shop.context, asking, now - timedelta(days=30), now + timedelta(minutes=1))
    assert (run.total, run.unclear, run.changed) == (3, 2, ())
    assert (await try_table(shop.context, tried, now + timedelta(days=1), now + timedelta(days=2))).total == 0
