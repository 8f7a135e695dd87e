"""June 2026: an agent asks whether a house can be delivered and has the port held for half an hour."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from abonent.domain.inventory.reservation_resources import RESOURCE_POOL, RESOURCE_RESERVATION
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.qualification.actions import qualify_offering
from abonent.domain.qualification.resources import PRODUCT_OFFERING_QUALIFICATION
from abonent.kit.access import Caller, Role
from abonent.kit.errors import BadInput, Forbidden
from abonent.kit.values import from_wire
from tests.support.workshop import AGENT, CLIENT, NOW, Workshop, workshop
from tests.support.world import build, item, order

POOL = {"id": "access-ports", "@referredType": "ResourcePool"}


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context, ports=1)
        world.add(RESOURCE_POOL, id="access-ports", name="Ports", category="port", reservationMinutes=30)
        await world.save(opened.context)
        yield opened


async def ask(
    shop: Workshop, caller: Caller = AGENT, *, hold: bool = True, client: str = "C-1"
) -> dict[str, Any]:
    product: dict[str, Any] = {"place": [{"id": "A-1", "role": "installationAddress"}]}
    if hold:
        product["realizingResource"] = [POOL]
    asked = {"id": "1", "productOffering": {"id": "fibre"}, "product": product}
    party = [{"id": client, "role": "customer", "@referredType": "Customer"}]
    told = await qualify_offering(
        shop.as_caller(caller), {"productOfferingQualificationItem": [asked], "relatedParty": party}
    )
    PRODUCT_OFFERING_QUALIFICATION.shape.check(dict(told))
    return told


def held(told: dict[str, Any]) -> dict[str, str]:
    """@referredType -> id of what the answer names."""
    product = told["productOfferingQualificationItem"][0]["product"]
    return {each["@referredType"]: each["id"] for each in product.get("realizingResource", ())}


def carrying(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    ref = {"id": "1", "productOfferingQualificationId": told["id"]}
    return item("1", "fibre", productOfferingQualificationItem=ref, **more)


async def ports(shop: Workshop) -> list[str]:
    rows = await shop.rows("SELECT resource_status FROM resource WHERE category = 'port' ORDER BY id")
    return [row[0] for row in rows]


async def test_the_order_that_carries_the_answer_gets_the_last_port(shop: Workshop) -> None:
    told = await ask(shop)
    reservation = held(told)["ResourceReservation"]
    assert told["qualificationResult"] == "qualified"
    assert from_wire(told["expirationDate"]) - from_wire(told["effectiveQualificationDate"]) <= timedelta(
        minutes=30
    )
    assert await ports(shop) == ["reserved"]
    # Nobody else can be told yes, nor get it; not even this client without the answer.
    assert (await ask(shop, hold=False, client="C-2"))["qualificationResult"] == "unqualified"
    lost = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
    await shop.drain()
    assert (await shop.order(lost["id"]))["state"] == "rejected"
    placed = await place_order(shop.as_caller(AGENT), order(carrying(told)))
    assert (await shop.get(RESOURCE_RESERVATION, reservation))["reservationState"] == "ordered"
    await shop.pass_time(timedelta(days=1))
    assert (await shop.order(placed["id"]))["state"] == "completed"
    plan = await shop.get(ORDER_PLAN, placed["id"])
    outputs = [task["output"]["port"] for task in plan["task"] if (task.get("output") or {}).get("port")]
    assert outputs == [held(told)["Resource"]]
    assert (await shop.get(RESOURCE_RESERVATION, reservation))["reservationState"] == "completed"
    assert await ports(shop) == ["reserved"]


async def test_what_nobody_orders_comes_back_and_the_late_order_takes_its_chance(shop: Workshop) -> None:
    told = await ask(shop)
    await shop.pass_time(timedelta(minutes=29))
    assert await ports(shop) == ["reserved"]
    await shop.pass_time(timedelta(minutes=2))
    assert await ports(shop) == ["available"]
    assert (await shop.get(RESOURCE_RESERVATION, held(told)["ResourceReservation"]))[
        "reservationState"
    ] == "expired"
    placed = await place_order(shop.as_caller(AGENT), order(carrying(told)))
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] == "completed"


async def test_of_many_who_ask_for_the_last_port_at_once_one_gets_it(shop: Workshop) -> None:
    callers = [Caller(f"agent-{n}", Role.AGENT) for n in range(8)]
    answers = await asyncio.gather(*(ask(shop, caller) for caller in callers))
    won = [told for told in answers if told["qualificationResult"] == "qualified"]
    assert len(won) == 1 and "ResourceReservation" in held(won[0])
    for told in answers:
        line = told["productOfferingQualificationItem"][0]
        if told is not won[0]:
            assert [r["code"] for r in line["eligibilityUnavailabilityReason"]] == ["noCapacity"]
            assert held(told) == {} and "expirationDate" not in told
    rows = await shop.rows("SELECT count(*) FROM resource_reservation")
    assert rows[0][0] == 1


async def test_an_order_that_is_cancelled_before_work_gives_the_port_back(shop: Workshop) -> None:
    told = await ask(shop)
    placed = await place_order(shop.as_caller(AGENT), order(carrying(told)))
    stored = await shop.stored(placed["id"])
    await cancel(shop.as_caller(AGENT), stored, stored.document, None, "changed his mind")
    await shop.drain()
    assert {each["state"] for each in lines(await shop.order(placed["id"]))} == {"cancelled"}
    assert await ports(shop) == ["available"]


async def test_another_clients_answer_gives_nothing(shop: Workshop) -> None:
    told = await ask(shop)
    other = await place_order(shop.as_caller(AGENT), order(carrying(told), client="C-2"))
    await shop.drain()
    assert (await shop.order(other["id"]))["state"] == "rejected"
    assert (await shop.get(RESOURCE_RESERVATION, held(told)["ResourceReservation"]))[
        "reservationState"
    ] == "reserved"


async def test_two_orders_with_the_same_answer_are_one_port(shop: Workshop) -> None:
    told = await ask(shop)
    first = await place_order(shop.as_caller(AGENT), order(carrying(told)))
    second = await place_order(shop.as_caller(AGENT), order(carrying(told)))
    await shop.drain()
    states = [(await shop.order(each["id"]))["state"] for each in (first, second)]
    assert states == ["completed", "rejected"]


async def test_who_may_not_and_what_is_no_pool_of_ports(shop: Workshop) -> None:
    with pytest.raises(Forbidden):
        await ask(shop, CLIENT)
    assert (await ask(shop, CLIENT, hold=False))["qualificationResult"] == "qualified"
    asked = {"id": "1", "productOffering": {"id": "fibre"}}
    for pool in ("nowhere", ""):
        product = {"realizingResource": [{"id": pool, "@referredType": "ResourcePool"}]}
        with pytest.raises(BadInput):
            await qualify_offering(
                shop.as_caller(AGENT), {"productOfferingQualificationItem": [asked | {"product": product}]}
            )
    assert await ports(shop) == ["available"] and shop.context.now() > NOW
