"""Bulk orders: lines checked with their errors, confirmed, ordered once, called off; 500 lines and killed workers."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from abonent.domain.order_handling import bulk, bulk_check
from abonent.domain.order_handling.bulk_resources import BULK_ORDER, BULK_ORDER_LINE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.queries_bulk import Shown, lines_shown, totals
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.errors import BadInput, IllegalMove
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, build, item, order, port, reach

HEADER = "external_id;site;address;offering;quantity;characteristics;date;contact\n"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context, ports=8)
        yield opened


async def taken(shop: Workshop, *lines: str, client: str = "C-2") -> str:
    ctx = shop.as_caller(AGENT)
    made = await bulk.take_file(ctx, client, "sites.csv", (HEADER + "\n".join(lines)).encode())
    await shop.drain()
    return made["id"]


async def shown(shop: Workshop, id: str, fate: str = "") -> list[Shown]:
    return await lines_shown(shop.context.store, id, fate, 0, 1000)


async def orders(shop: Workshop) -> int:
    return (await shop.rows("SELECT count(*) FROM product_order"))[0][0]


def columns(line: Shown) -> list[str]:
    return [problem["column"] for problem in line.line["problem"]]


async def test_the_dry_run_tells_of_each_line_and_orders_nothing(shop: Workshop) -> None:
    id = await taken(
        shop,
        "B-1;A-1;;fibre;;;;ops@example.org",
        "B-2;;Yaroslavl Svobody 12;fibre;;;31.12.2026;",
        "B-3;;Yaroslavl Svobpdy 12;Fibre;1;;;",
        "B-4;A-2;;fibre;;;;",
        "B-5;;Nowhere 7;fibre;2;colour=red;yesterday;nobody@",
        "B-6;A-1;;turbo;;;;",
        ";A-1;;copper;;;;",
        "B-8;;;fibre;;;;",
        "B-9;A-1;;fibre;;;2020-01-01;",
        "B-9;A-1;;fibre;;;;",
    )
    lines = await shown(shop, id)
    assert [line.fate for line in lines] == ["waiting"] * 3 + ["wrong"] * 7
    assert [columns(line) for line in lines[3:]] == [
        ["address"],
        ["date", "contact", "quantity", "characteristics", "address"],
        ["address"],
        ["externalId", "offering"],
        ["address"],
        ["externalId", "date"],
        ["externalId"],
    ]
    first, _, third = (line.line for line in lines[:3])
    assert first["monthly"] == {"unit": "RUB", "value": Decimal("500.00")}
    assert first["promised"] > "2026-06-03"
    assert third["address"]["id"] == "A-1" and third["notice"][0]["column"] == "address"
    assert await orders(shop) == 0
    sums = (await totals(shop.context.store, [id]))[id]
    assert (sums.lines, sums.monthly) == (10, {"RUB": Decimal("1500.00")})


async def test_confirmed_lines_become_orders_and_their_fate_is_seen(shop: Workshop) -> None:
    id = await taken(shop, "B-1;A-1;;fibre;;;;", "B-2;A-1;;fibre;;;;", "B-3;A-1;;copper;;;;")
    await bulk.confirm(shop.as_caller(AGENT), id)
    await bulk.confirm(shop.as_caller(AGENT), id)
    await shop.drain()
    lines = await shown(shop, id)
    assert [line.fate for line in lines] == ["done", "done", "wrong"]
    placed = await shop.order(lines[0].line["productOrder"]["id"])
    assert placed["externalId"] == "B-1" and placed["note"][0]["text"] == "sites.csv, line 2"
    assert (await shop.get(BULK_ORDER, id))["state"] == "done"
    with pytest.raises(IllegalMove):
        await bulk.cancel(shop.as_caller(AGENT), id)


async def test_the_same_file_again_orders_nothing_again(shop: Workshop) -> None:
    id = ""
    for _ in range(2):
        id = await taken(shop, "B-1;A-1;;fibre;;;;", "B-2;A-1;;fibre;;;;")
        await bulk.confirm(shop.as_caller(AGENT), id)
        await shop.drain()
    assert await orders(shop) == 2
    again = await shown(shop, id)
    assert [line.fate for line in again] == ["done", "done"]
    assert again[0].line["notice"][0]["facts"]["order"] == again[0].line["productOrder"]["id"]


async def test_what_the_client_ordered_himself_is_not_ordered_again(shop: Workshop) -> None:
    client = Caller("north", Role.CLIENT, "C-2")
    mine = await place_order(
        shop.as_caller(client), order(item("1", "fibre"), client="C-2", externalId="B-1")
    )
    id = await taken(shop, "B-1;A-1;;fibre;;;;")
    await bulk.confirm(shop.as_caller(AGENT), id)
    await shop.drain()
    assert (await shown(shop, id))[0].line["productOrder"]["id"] == mine["id"]
    assert await orders(shop) == 1


async def test_two_clients_may_use_the_same_numbers(shop: Workshop) -> None:
    for client in ("C-1", "C-2"):
        id = await taken(shop, "B-1;A-1;;fibre;;;;", client=client)
        await bulk.confirm(shop.as_caller(AGENT), id)
        await shop.drain()
    assert await orders(shop) == 2


async def test_what_is_not_placed_yet_can_be_called_off(shop: Workshop) -> None:
    id = await taken(shop, *(f"B-{n};A-1;;fibre;;;;" for n in range(4)))
    ctx = shop.as_caller(AGENT)
    await bulk.confirm(ctx, id)
    stored = await shop.context.store.get(SYSTEM, BULK_ORDER, id)
    await bulk._place(shop.context, stored.document, f"{id}/0001")
    await bulk.cancel(ctx, id)
    await shop.drain()
    assert [line.fate for line in await shown(shop, id)] == ["done", *["cancelled"] * 3]
    assert (await shop.get(BULK_ORDER, id))["state"] == "done"
    assert await orders(shop) == 1


async def test_a_bulk_order_is_called_off_before_it_is_confirmed(shop: Workshop) -> None:
    id = await taken(shop, "B-1;A-1;;fibre;;;;", "B-2;A-1;;copper;;;;")
    await bulk.cancel(shop.as_caller(AGENT), id)
    assert (await shop.get(BULK_ORDER, id))["state"] == "cancelled"
    assert [line.fate for line in await shown(shop, id)] == ["cancelled", "wrong"]
    with pytest.raises(IllegalMove):
        await bulk.confirm(shop.as_caller(AGENT), id)


async def test_a_line_that_is_refused_says_why(shop: Workshop) -> None:
    id = await taken(shop, "B-1;A-1;;fibre;;;;", "B-2;A-1;;fibre;;;;")
    stored = await shop.context.store.get(SYSTEM, CUSTOMER_, "C-2")
    change = shop.context.change()
    change.delete(stored)
    await shop.context.store.commit(change)
    line = await shop.context.store.get(SYSTEM, BULK_ORDER_LINE, f"{id}/0001")
    change = shop.context.change()
    change.update(line, line.document | {"quantity": 0})
    await shop.context.store.commit(change)
    await bulk.confirm(shop.as_caller(AGENT), id)
    await shop.drain()
    fates = [line.fate for line in await shown(shop, id)]
    assert fates == ["refused", "held"]
    assert (await shown(shop, id))[0].line["problem"][0]["text"]


async def test_an_unknown_client_and_an_empty_selection_are_refused(shop: Workshop) -> None:
    with pytest.raises(BadInput):
        await taken(shop, "B-1;A-1;;fibre;;;;", client="C-404")
    id = await taken(shop, "B-1;A-1;;copper;;;;")
    with pytest.raises(IllegalMove):
        await bulk.confirm(shop.as_caller(AGENT), id)


def _sites(world: World, count: int) -> list[str]:
    """A line each for `count` addresses of their own, with a port each."""
    lines = []
    for n in range(count):
        world.add(GEOGRAPHIC_ADDRESS, id=f"A-9{n:03}", city="Tver", streetName="Mira", streetNr=f"{n + 100}")
        reach(world, "N-1", f"A-9{n:03}")
        port(world, "N-1", f"9{n:03}")
        lines.append(f"B-{n};A-9{n:03};;fibre;;;;")
    return lines


async def test_five_hundred_lines_survive_workers_that_are_killed_half_way(dsn: str) -> None:
    async with workshop(dsn) as shop:
        world = await build(shop.context)
        lines = _sites(world, 500)
        await world.save(shop.context)
        ctx = shop.as_caller(AGENT)
        made = await bulk.take_file(ctx, "C-2", "sites.csv", (HEADER + "\n".join(lines)).encode())
        id = made["id"]
        while (await shop.get(BULK_ORDER, id))["state"] == "checking":
            # Each job runs twice at once: a killed worker's job is given to another that may not be the only one.
            await asyncio.gather(*(bulk_check.check_bulk(shop.context, id) for _ in range(2)))
        assert (await totals(shop.context.store, [id]))[id].fates == {"waiting": 500}
        await bulk.confirm(ctx, id)
        for _ in range(12):
            running = asyncio.gather(*(bulk.place_bulk(shop.context, id) for _ in range(2)))
            done, _pending = await asyncio.wait({running}, timeout=0.15)
            if not done:
                running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        half = (await totals(shop.context.store, [id]))[id].fates
        assert 0 < half["placed"] < 500
        while (await shop.get(BULK_ORDER, id))["state"] == "placing":
            await bulk.place_bulk(shop.context, id)
        assert (await totals(shop.context.store, [id]))[id].fates == {"placed": 500}
        assert await orders(shop) == 500
        distinct = await shop.rows("SELECT count(DISTINCT external_id) FROM product_order")
        assert distinct[0][0] == 500
