"""Numbers and SIM cards of pools: reserved for a while, taken over by an order, given back, kept in quarantine."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from abonent.domain.inventory import reservations
from abonent.domain.inventory.reservation_resources import RESOURCE_RESERVATION
from abonent.domain.inventory.resources import PRODUCT, RESOURCE
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.kit.access import Caller, Role
from abonent.kit.errors import BadInput, Conflict, IllegalMove
from tests.support.lines import change
from tests.support.pools import CARDS, FIRST, NUMBERS, add_mobile
from tests.support.workshop import AGENT, NOW, Workshop, workshop
from tests.support.world import build, item, order

OTHER = Caller("piotr", Role.AGENT)
NUMBER = f"+{FIRST + 1}"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        add_mobile(world)
        await world.save(opened.context)
        yield opened


async def statuses(shop: Workshop, pool: str = NUMBERS) -> dict[str, str]:
    rows = await shop.rows("SELECT doc ->> 'value', resource_status FROM resource WHERE part_of = $1", pool)
    return {row[0]: row[1] for row in rows if row[1] != "available"}


def mobile(number: str | None = NUMBER) -> dict[str, Any]:
    given = {"productCharacteristic": [{"name": "phoneNumber", "value": number}]} if number else {}
    return item("1", "mobile", address=None, product=given)


async def mine(shop: Workshop, value: str | None = NUMBER, holder: str = "draft-1") -> dict[str, Any]:
    return await reservations.reserve(shop.as_caller(AGENT), NUMBERS, value=value, holder=holder)


async def test_a_reservation_that_nobody_orders_comes_back(shop: Workshop) -> None:
    made = await mine(shop)
    RESOURCE_RESERVATION.shape.check(dict(made))
    assert await statuses(shop) == {NUMBER: "reserved"}
    shop.at(NOW + timedelta(minutes=14))
    await shop.sweep()
    assert await statuses(shop) == {NUMBER: "reserved"}
    shop.at(NOW + timedelta(minutes=16))
    await shop.sweep()
    assert await statuses(shop) == {}
    assert (await shop.get(RESOURCE_RESERVATION, made["id"]))["reservationState"] == "expired"


async def test_one_of_many_who_want_the_same_number_wins(shop: Workshop) -> None:
    async def one(n: int) -> str:
        who = shop.as_caller(Caller(f"agent-{n}", Role.AGENT))
        try:
            return (await reservations.reserve(who, NUMBERS, value=NUMBER, holder=f"draft-{n}"))["id"]
        except Conflict as lost:
            return lost.code

    answers = await asyncio.gather(*(one(n) for n in range(12)))
    assert sorted(a == "numberTaken" for a in answers) == [False] + [True] * 11


async def test_any_free_one_until_the_pool_is_empty(shop: Workshop) -> None:
    found = await asyncio.gather(*(mine(shop, None, f"draft-{n}") for n in range(4)))
    assert len({r["resource"]["id"] for r in found}) == 4
    with pytest.raises(Conflict) as empty:
        await mine(shop, None, "draft-5")
    assert empty.value.code == "poolEmpty"
    with pytest.raises(BadInput):
        await mine(shop, "+70000000000")


async def test_a_draft_holds_one_number_at_a_time(shop: Workshop) -> None:
    first = await mine(shop)
    assert (await mine(shop))["id"] == first["id"]
    await mine(shop, f"+{FIRST}")
    assert await statuses(shop) == {f"+{FIRST}": "reserved"}
    assert (await shop.get(RESOURCE_RESERVATION, first["id"]))["reservationState"] == "cancelled"


async def test_an_order_takes_the_reservation_over_and_the_client_gets_the_number(shop: Workshop) -> None:
    made = await mine(shop)
    placed = await place_order(shop.as_caller(AGENT), order(mobile()))
    assert (await shop.get(RESOURCE_RESERVATION, made["id"]))["reservationState"] == "ordered"
    shop.at(NOW + timedelta(days=2))
    await shop.sweep()
    assert (await shop.order(placed["id"]))["state"] == "completed"
    assert await statuses(shop) == {NUMBER: "installed"}
    assert list((await statuses(shop, CARDS)).values()) == ["installed"]
    product = await shop.get(PRODUCT, f"P-{placed['id'].removeprefix('O-')}-1")
    values = {c["name"]: c["value"] for c in product["productCharacteristic"]}
    assert values["phoneNumber"] == NUMBER and values["iccid"].startswith("8999901")
    sent = shop.network.submitted[0][1]["serviceOrderItem"][0]["service"]["serviceCharacteristic"]
    assert {c["name"]: c["value"] for c in sent} == values
    assert (await shop.get(RESOURCE_RESERVATION, made["id"]))["reservationState"] == "completed"
    PRODUCT.shape.check(dict(product))


async def test_a_number_that_somebody_else_holds_is_not_sold(shop: Workshop) -> None:
    await mine(shop)
    with pytest.raises(Conflict) as taken:
        await place_order(shop.as_caller(OTHER), order(mobile()))
    assert taken.value.code == "numberTaken"
    with pytest.raises(BadInput):
        await place_order(shop.as_caller(OTHER), order(mobile("+70000000000")))
    assert await shop.jobs() == []


async def test_two_orders_at_once_for_the_same_number(shop: Workshop) -> None:
    async def one(who: Caller) -> str:
        try:
            return (await place_order(shop.as_caller(who), order(mobile())))["id"]
        except Conflict:
            return ""

    placed = await asyncio.gather(one(AGENT), one(OTHER))
    assert sorted(map(bool, placed)) == [False, True]


async def test_the_same_order_posted_twice_is_one(shop: Workshop) -> None:
    await mine(shop)
    body = order(mobile(), externalId="once")
    first = await place_order(shop.as_caller(AGENT), body)
    again = await place_order(shop.as_caller(AGENT), body)
    assert first["id"] == again["id"]


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
async def test_a_cancelled_order_leaves_nothing_reserved(shop: Workshop, steps: int) -> None:
    shop.network.prompt = False
    placed = await place_order(shop.as_caller(AGENT), order(mobile()))
    for _ in range(steps):
        await shop.step()
    stored = await shop.stored(placed["id"])
    await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "cancelled"})
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] == "cancelled"
    assert await statuses(shop) == {} and await statuses(shop, CARDS) == {}
    rows = await shop.rows(
        "SELECT id FROM resource_reservation WHERE reservation_state IN ('reserved', 'ordered')"
    )
    assert rows == []


async def test_a_number_that_is_given_up_rests_before_somebody_else_has_it(shop: Workshop) -> None:
    placed = await place_order(shop.as_caller(AGENT), order(mobile()))
    await shop.drain()
    product = f"P-{placed['id'].removeprefix('O-')}-1"
    ended = change(product, "delete")
    await place_order(shop.as_caller(AGENT), order(ended))
    await shop.drain()
    assert await statuses(shop) == {NUMBER: "standby"} and await statuses(shop, CARDS) == {}
    number = await shop.get(RESOURCE, f"{NUMBERS}-{NUMBER[1:]}")
    assert number["validFor"]["startDateTime"].startswith("2026-07-03")
    RESOURCE.shape.check(dict(number))
    with pytest.raises(Conflict):
        await mine(shop)
    shop.at(NOW + timedelta(days=31))
    await shop.sweep()
    assert await statuses(shop) == {}


async def test_a_task_that_finds_nothing_free_stands_in_the_fallout(shop: Workshop) -> None:
    for n in range(4):
        await mine(shop, f"+{FIRST + n}", f"draft-{n}")
    placed = await place_order(shop.as_caller(AGENT), order(mobile(None)))
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] == "held"
    assert (await shop.tasks(placed["id"]))["1.number"] == "failed"


async def test_a_port_is_reserved_at_its_node(shop: Workshop) -> None:
    made = await reservations.reserve(shop.as_caller(AGENT), "N-1", holder="check-1")
    assert made["resource"]["id"].startswith("N-1/")
    shop.at(NOW + timedelta(minutes=21))
    await shop.sweep()
    assert (await shop.get(RESOURCE, made["resource"]["id"]))["resourceStatus"] == "available"


async def test_only_an_open_reservation_can_be_cancelled(shop: Workshop) -> None:
    made = await mine(shop)
    ctx = shop.as_caller(AGENT)
    stored = await shop.context.store.one(RESOURCE_RESERVATION, made["id"])
    assert stored is not None
    gone = await reservations.patch_reservation(ctx, stored, made | {"reservationState": "cancelled"})
    assert gone["reservationState"] == "cancelled" and await statuses(shop) == {}
    stored = await shop.context.store.one(RESOURCE_RESERVATION, made["id"])
    assert stored is not None
    with pytest.raises(IllegalMove):
        await reservations.patch_reservation(ctx, stored, gone | {"reservationState": "ordered"})
