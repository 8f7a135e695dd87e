"""Order entry on a real database: the forecast is what then happens, one form is one order, a visit is booked once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from abonent.domain.catalog.queries_sale import addresses_known, addresses_reached, whole_catalogue
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.forecast import forecast
from abonent.domain.order_handling.intake import ASSESS, place_order
from abonent.domain.order_handling.queries_offerings import orders_by_offering, orders_of_offering
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.qualification.availability import holding, place_at
from abonent.domain.workforce.resources import APPOINTMENT
from abonent.faces.console.order_entry.draft import Draft
from abonent.faces.console.order_entry.facts import load
from abonent.faces.console.order_entry.placing import place
from abonent.kit.values import from_wire, to_wire
from tests.support.shop import hold, stock
from tests.support.visits import NORTH, hire, june, sell_with_visit
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, build, item, order, owe

MOSCOW = ZoneInfo("Europe/Moscow")
FORM = Draft(client="C-1", address="A-1", offers=("fibre",), key="0123456789abcdef")


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as made:
        yield made


@pytest.fixture
async def world(shop: Workshop) -> World:
    world = await build(shop.context)
    stock(world)
    await world.save(shop.context)
    return world


async def assessed(shop: Workshop) -> None:
    """Run jobs up to the assessment."""
    while await shop.step() != ASSESS:
        pass


async def orders(shop: Workshop) -> list[str]:
    return [row[0] for row in await shop.rows("SELECT id FROM product_order ORDER BY id")]


async def appointments(shop: Workshop) -> list[tuple[str, str]]:
    return [tuple(row) for row in await shop.rows("SELECT id, status FROM appointment ORDER BY id")]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("offers", [("fibre",), ("fibre", "tv", "router"), ("bundle",)])
async def test_the_forecast_is_what_happens(shop: Workshop, offers: tuple[str, ...]) -> None:
    ctx = shop.as_caller(AGENT)
    facts = await load(ctx, Draft(client="C-1", address="A-1", offers=offers), MOSCOW, "Olga")
    assert facts.wrong == {} and facts.forecast is not None and facts.forecast.plan is not None
    number, _ = await place(
        ctx, Draft(client="C-1", address="A-1", offers=offers, key="a" * 16), MOSCOW, "Olga"
    )
    assert number is not None
    await assessed(shop)
    kept, plan = await shop.order(number), await shop.get(ORDER_PLAN, number)
    assert kept["state"] == "inProgress"
    assert {t["id"] for t in plan["task"]} == {t.id for t in facts.forecast.plan.task}
    promised = from_wire(kept["expectedCompletionDate"])
    assert facts.forecast.promised is not None
    assert abs(promised - facts.forecast.promised) < timedelta(seconds=30)
    told = {p["priceType"]: p["price"] for p in facts.forecast.order["orderTotalPrice"]}
    assert told["recurring"] == {p["priceType"]: p["price"] for p in kept["orderTotalPrice"]}["recurring"]
    await shop.drain()
    assert (await shop.order(number))["state"] == "completed"


@pytest.mark.usefixtures("world")
async def test_a_forecast_writes_nothing(shop: Workshop) -> None:
    before = await shop.counts()
    found = await forecast(shop.as_caller(AGENT), order(item("1", "fibre"), item("2", "tv")))
    assert found.promised is not None and found.outcome.state == "inProgress"
    assert await shop.counts() == before


async def test_the_forecast_says_what_credit_will_say(shop: Workshop, world: World) -> None:
    for amount, state in (("1200.00", "held"), ("6000.00", "rejected")):
        client = "C-1" if state == "held" else "C-2"
        owe(world, client, amount)
        await world.save(shop.context)
        found = await forecast(shop.as_caller(AGENT), order(item("1", "fibre"), client=client))
        assert found.outcome.state == state
        # A person may release it: the plan stands all the same.
        assert found.plan is not None


async def test_a_form_sent_twice_at_once_is_one_order(shop: Workshop, world: World) -> None:
    ctx = shop.as_caller(AGENT)
    placed = await asyncio.gather(*(place(ctx, FORM, MOSCOW, "Olga") for _ in range(5)))
    assert len({number for number, _ in placed}) == 1 and len(await orders(shop)) == 1
    changed, _ = await place(ctx, Draft(**_fields(FORM, offers=("fibre", "tv"))), MOSCOW, "Olga")
    assert changed not in {number for number, _ in placed} and len(await orders(shop)) == 2
    kept = await shop.order(placed[0][0] or "")
    assert kept["productOrderItem"][0]["product"]["place"][0]["id"] == world.served


def _fields(draft: Draft, **changed: object) -> dict:
    return {name: getattr(draft, name) for name in Draft.__slots__} | changed


async def test_a_second_click_finds_the_first_order_though_it_took_the_last_port(
    shop: Workshop, world: World
) -> None:
    for port in (f"N-1/{n}" for n in range(2, world.ports + 1)):
        await _take_port(shop, port)
    ctx = shop.as_caller(AGENT)
    first, _ = await place(ctx, FORM, MOSCOW, "Olga")
    await shop.drain()
    again, _ = await place(ctx, FORM, MOSCOW, "Olga")
    assert first == again is not None
    other, facts = await place(ctx, Draft(**_fields(FORM, key="b" * 16)), MOSCOW, "Olga")
    assert other is None and "offer.fibre" in facts.wrong


async def _take_port(shop: Workshop, port: str) -> None:
    await shop.rows(
        "UPDATE resource SET doc = jsonb_set(doc, '{resourceStatus}', '\"reserved\"') WHERE id = $1",
        port,
    )


@pytest.mark.usefixtures("world")
async def test_the_visit_that_was_chosen_is_booked_with_the_order(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    await sell_with_visit(shop.context)
    ctx = shop.as_caller(AGENT)
    facts = await load(ctx, FORM, MOSCOW, "Olga")
    assert facts.forecast is not None
    first, second = facts.forecast.slots[:2]
    assert facts.forecast.visit == first and first[0] > datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
    draft = Draft(**_fields(FORM, slot=to_wire(second[0])))
    placed = await asyncio.gather(*(place(ctx, draft, MOSCOW, "Olga") for _ in range(4)))
    numbers = {number for number, _ in placed}
    assert len(numbers) == 1 and None not in numbers, [facts.wrong for _, facts in placed]
    booked = [id for id, status in await appointments(shop) if status == "confirmed"]
    assert len(booked) == 1, "one visit, though the form came four times"
    number = next(n for n in numbers if n)
    kept = await shop.order(number)
    assert kept["productOrderItem"][0]["appointment"]["id"] == booked[0]
    visit = await shop.get(APPOINTMENT, booked[0])
    assert from_wire(visit["validFor"]["startDateTime"]) == second[0]
    await assessed(shop)
    plan = await shop.get(ORDER_PLAN, number)
    assert next(t for t in plan["task"] if t["kind"] == "workOrder")["plannedStart"] == to_wire(second[0])


@pytest.mark.usefixtures("world")
async def test_the_visit_of_a_bundles_part_is_booked_too(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    await sell_with_visit(shop.context)
    ctx = shop.as_caller(AGENT)
    draft = Draft(client="C-1", address="A-1", offers=("bundle",), key="c" * 16, slot=to_wire(june(5, 6)))
    number, facts = await place(ctx, draft, MOSCOW, "Olga")
    assert number is not None, facts.wrong
    kept = await shop.order(number)
    part = kept["productOrderItem"][0]["productOrderItem"][0]
    assert part["productOffering"]["id"] == "fibre" and part["appointment"]["id"]


@pytest.mark.usefixtures("world")
async def test_a_slot_that_is_gone_is_said_and_what_is_free_is_shown(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    await sell_with_visit(shop.context)
    ctx = shop.as_caller(AGENT)
    slot = to_wire(june(5, 6))
    first, _ = await place(ctx, Draft(**_fields(FORM, slot=slot)), MOSCOW, "Olga")
    second, facts = await place(ctx, Draft(**_fields(FORM, slot=slot, key="d" * 16)), MOSCOW, "Olga")
    assert first is not None and second is None
    assert list(facts.wrong) == ["slot"] and facts.forecast is not None and facts.forecast.slots
    assert june(5, 6) not in {start for start, _ in facts.forecast.slots}
    assert len(await orders(shop)) == 1


async def test_a_change_and_a_cancellation_run_to_the_end(shop: Workshop, world: World) -> None:
    hold(world, "P-1", "slow")
    hold(world, "P-2", "tv")
    await world.save(shop.context)
    ctx = shop.as_caller(AGENT)
    change = Draft(client="C-1", product="P-1", action="modify", offers=("fibre",), key="e" * 16)
    number, facts = await place(ctx, change, MOSCOW, "Olga")
    assert number is not None, facts.wrong
    await shop.drain()
    assert (await shop.order(number))["state"] == "completed"
    product = await shop.get(PRODUCT, "P-1")
    assert product["productOffering"]["id"] == "fibre"
    assert product["productPrice"][0]["price"]["taxIncludedAmount"]["value"] == 500

    asked = await load(ctx, Draft(client="C-1", product="P-1", action="delete"), MOSCOW, "Olga")
    assert [p["id"] for p in asked.bound] == ["P-2"] == list(asked.draft.also)
    ended = Draft(
        client="C-1", product="P-1", action="delete", also=("P-2",), asked=True, note="He moves", key="f" * 16
    )
    number, facts = await place(ctx, ended, MOSCOW, "Olga")
    assert number is not None, facts.wrong
    await shop.drain()
    assert (await shop.order(number))["state"] == "completed"
    assert [(await shop.get(PRODUCT, p))["status"] for p in ("P-1", "P-2")] == ["terminated", "terminated"]


async def test_where_a_client_is_and_what_reaches_him(shop: Workshop, world: World) -> None:
    hold(world, "P-1", "fibre", address="A-2")
    hold(world, "P-2", "tv", address="A-2")
    hold(world, "P-3", "fibre", client="C-2")
    await world.save(shop.context)
    await place_order(shop.context, order(item("1", "fibre")))
    found = await holding(shop.context, "C-1")
    assert [p["id"] for p in found.products] == ["P-1", "P-2"]
    assert list(found.addresses or {}) == ["A-2", "A-1"]
    assert found.specifications(besides=["P-1"]) == ["PS-tv"]
    where = await place_at(shop.context, "A-1", ())
    assert [(p.node, p.free_ports) for p in where.paths] == [("N-1", 3)]


@pytest.mark.usefixtures("world")
async def test_how_far_offerings_reach_and_how_often_they_are_ordered(shop: Workshop) -> None:
    store = shop.context.store
    goods = await whole_catalogue(store)
    assert list(goods.offers)[:4] == ["fibre", "slow", "tv", "router"]
    assert goods.offers["router"].once is not None and goods.offers["fibre"].decomposition is not None
    reached = await addresses_reached(
        store, [("fibre", ("GPON",), 100), ("turbo", ("GPON", "Ethernet"), 500)]
    )
    assert (reached, await addresses_known(store)) == ({"fibre": 1}, 2)
    assert await addresses_reached(store, []) == {}
    for offering in ("fibre", "bundle"):
        await place_order(shop.context, order(item("1", offering)))
    assert await orders_by_offering(store, "2026-06-01") == {"fibre": 2, "bundle": 1, "tv": 1}
    assert await orders_by_offering(store, "2027-01-01") == {}
    seen = await orders_of_offering(store, "fibre", "2026-06-01", "Europe/Moscow")
    assert (seen.count, seen.days) == (2, {"2026-06-03": 2})
    assert [(o.client, o.state) for o in seen.newest] == [("Анна Соколова", "acknowledged")] * 2
