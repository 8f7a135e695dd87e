"""November and December 2026: numbers brought from another operator, and how long that takes.

A person's number is here after 8 days at most, a business's after 29. The stories begin on 24 November, 09:00 UTC.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from abonent.domain.communication.queries import messages_about
from abonent.domain.inventory.ported import resource_id
from abonent.domain.inventory.resources import PRODUCT, RESOURCE
from abonent.domain.order_handling import fallout, porting
from abonent.domain.order_handling.alerts import ALERTS
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.forecast import forecast
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.ports import NumberPortability, PortingReport
from abonent.domain.order_handling.products import product_number
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.errors import BadInput, Conflict, IllegalMove
from abonent.kit.jobs import TryAgain
from abonent.kit.values import characteristic
from tests.support import porting as support
from tests.support.porting import BROUGHT, HandHouse, mobile, request, tell
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import alter, item, order

NOV_24 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Desk:
    shop: Workshop
    house: HandHouse

    async def place(self, *items: dict[str, Any], **more: Any) -> str:
        placed = await place_order(self.shop.as_caller(AGENT), order(*(items or (mobile(),)), **more))
        await self.shop.drain()
        return placed["id"]

    async def task(self, id: str) -> dict[str, Any]:
        plan = await self.shop.get(ORDER_PLAN, id)
        return next(t for t in plan["task"] if t["id"] == "1.number")

    async def told(self, id: str) -> list[str]:
        """What the client was told, the first thing first."""
        found = await messages_about(self.shop.context.store, id)
        return [characteristic(m, "characteristic", "event", "") for m in reversed(found)]

    async def number(self) -> dict[str, Any]:
        return await self.shop.get(RESOURCE, resource_id(BROUGHT))


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with workshop(dsn) as shop:
        house = await support.opened(shop)
        shop.at(NOV_24)
        yield Desk(shop, house)


async def test_a_number_comes_on_the_day_that_was_agreed(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    key = f"{id}/1.number"
    # Tuesday 24 November 09:00 + 8 days = Wednesday 2 December 09:00, and 3 minutes to activate the card.
    promised = (await shop.order(id))["expectedCompletionDate"]
    assert promised[:16] == "2026-12-02T09:03"
    [ask] = house.asked
    assert (ask.key, ask.number, ask.owner, ask.business) == (key, BROUGHT, "Анна Соколова", False)
    assert (ask.latest - ask.asked, ask.donor) == (timedelta(days=8), "Северная сотовая")
    assert (await request(shop, key))["state"] == "received"
    # The card is taken at once; what needs the number waits.
    assert await shop.tasks(id) == {
        "1.number": "inProgress",
        "1.card": "completed",
        "1.activate": "pending",
        "1.inventory": "pending",
    }
    assert shop.network.submitted == []

    # The donor agrees after a day: the number moves on Friday 27 November, between 00:00 and 06:00.
    window = (datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 27, 6, tzinfo=UTC))
    shop.at(NOV_24 + timedelta(days=1))
    for _ in range(2):
        await tell(shop, house, key, "accepted", at=NOV_24 + timedelta(days=1), window=window)
    assert (await desk.task(id))["plannedEnd"] == "2026-11-27T00:00:00.000Z"
    assert await desk.told(id) == [
        "productOrder.acknowledged",
        "productOrder.inProgress",
        "portingRequest.accepted",
    ]
    said = (await messages_about(shop.context.store, id))[0]
    # Moscow is three hours ahead of UTC.
    assert "27\u00a0ноября\u00a02026" in said["content"]
    assert "03:00" in said["content"]
    # What was promised stands, though the forecast is 5 days and 9 hours earlier.
    assert (await shop.order(id))["expectedCompletionDate"] == promised
    assert (await shop.get(ORDER_PLAN, id))["plannedEnd"] == "2026-11-27T00:03:00.000Z"

    # The report of the move never comes; at the window it is asked for. An old report changes nothing.
    house.stand[key] = PortingReport(key, "ported", at=window[0])
    shop.at(window[0] + timedelta(seconds=30))
    await shop.sweep()
    await tell(shop, house, key, "accepted", at=NOV_24 + timedelta(days=1), window=window)
    assert (await shop.order(id))["state"] == "completed"
    [(_, sent)] = shop.network.submitted
    given = {c["name"]: c["value"] for c in sent["serviceOrderItem"][0]["service"]["serviceCharacteristic"]}
    # The network is told the number and the card, not where the number came from.
    assert given["phoneNumber"] == BROUGHT
    assert not given.keys() & {"portIn", "donorOperator"}
    product = await shop.get(PRODUCT, product_number(id, "1"))
    assert characteristic(product, "productCharacteristic", "phoneNumber", "") == BROUGHT
    assert (await desk.number())["resourceStatus"] == "installed"
    # It is ours now: nobody brings it again.
    with pytest.raises(Conflict) as ours:
        await desk.place()
    assert ours.value.code == "numberOurs"


async def test_a_business_waits_29_days_and_a_late_window_is_told_before(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    party = {"id": "I-C-2", "name": "North Quay", "@referredType": "Organization"}
    await alter(shop.context, CUSTOMER_, "C-2", engagedParty=party)
    id = await desk.place(client="C-2")
    key = f"{id}/1.number"
    # 24 November + 29 days: 6 days to 30 November, 23 more: 23 December 09:00.
    assert (await request(shop, key))["latest"][:16] == "2026-12-23T09:00"
    assert house.asked[0].business
    # The donor may name a later day all the same: 28 December is 5 days after the promise.
    window = (datetime(2026, 12, 28, tzinfo=UTC), datetime(2026, 12, 28, 6, tzinfo=UTC))
    await tell(shop, house, key, "accepted", window=window)
    alerts = (await shop.order(id))[ALERTS]
    assert len(alerts) == 1
    # The client is told of the new day; his promise was 23 December.
    assert "productOrder.delayed" in await desk.told(id)


async def test_a_debt_is_paid_and_the_number_is_asked_for_again(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    await tell(shop, house, f"{id}/1.number", "refused", code="debt", text="340.00")
    held = await shop.order(id)
    assert (held["state"], (await desk.task(id))["state"]) == ("held", "failed")
    assert "something is still to be paid there" in (await desk.task(id))["result"]
    assert (await request(shop, f"{id}/1.number"))["refusal"] == {"code": "debt", "text": "340.00"}
    # The client hears what he can do, and not that there is nothing he need do.
    assert (await desk.told(id))[-1] == "portingRequest.refused"
    assert "productOrder.held" not in await desk.told(id)
    # It is still kept for this order.
    with pytest.raises(Conflict) as on_its_way:
        await desk.place()
    assert (on_its_way.value.code, on_its_way.value.facts["order"]) == ("numberOnItsWay", id)
    # The client pays; three days later a person has it done again: a request of its own, with 8 days of its own.
    shop.at(NOV_24 + timedelta(days=3))
    await fallout.retry(shop.as_caller(AGENT), id, "1.number")
    await shop.drain()
    second = await request(shop, f"{id}/1.number/2")
    assert (second["state"], second["latest"][:10]) == ("received", "2026-12-05")
    # A late report about the first one is about nothing.
    await tell(shop, house, f"{id}/1.number", "refused", code="debt", text="340.00")
    assert (await shop.order(id))["state"] == "inProgress"
    await tell(shop, house, f"{id}/1.number/2", "ported", at=NOV_24 + timedelta(days=8))
    assert (await shop.order(id))["state"] == "completed"


async def test_a_wrong_name_is_mended_and_a_number_may_be_given_up(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    await tell(shop, house, f"{id}/1.number", "refused", code="dataMismatch", text="-")
    staff = shop.as_caller(AGENT)
    await fallout.mend(staff, id, "1.number", {"numberOwner": "Пётр Соколов"})
    await shop.drain()
    assert [a.owner for a in house.asked] == ["Анна Соколова", "Пётр Соколов"]
    # It is the wrong number altogether: another one is brought, and the first is free for others.
    await tell(shop, house, f"{id}/1.number/2", "refused", code="notPortable", text="-")
    await fallout.mend(staff, id, "1.number", {"phoneNumber": "+79161234568"})
    await shop.drain()
    assert house.asked[-1].number == "+79161234568"
    assert (await desk.number())["resourceStatus"] == "available"
    # Meanwhile nothing of it can be changed.
    stored = await shop.stored(id)
    with pytest.raises(IllegalMove) as busy:
        changed = stored.document | {"productOrderItem": [mobile("+79161234569")]}
        await change_order(staff, stored, changed)
    assert busy.value.code == "portingUnderWay"
    # That one is blocked; the client takes a number of ours instead.
    await tell(shop, house, f"{id}/1.number/3", "refused", code="numberBlocked", text="-")
    given_up = {"portIn": "", "phoneNumber": "", "donorOperator": "", "numberOwner": ""}
    await fallout.mend(staff, id, "1.number", given_up)
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"
    product = await shop.get(PRODUCT, product_number(id, "1"))
    assert str(characteristic(product, "productCharacteristic", "phoneNumber", "")).startswith("+7999000")


async def test_cancelling_before_the_window_withdraws_the_request(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    key = f"{id}/1.number"
    window = (NOV_24 + timedelta(days=3), NOV_24 + timedelta(days=3, hours=6))
    await tell(shop, house, key, "accepted", window=window)
    stored = await shop.stored(id)
    house.away = True
    await cancel(shop.as_caller(AGENT), stored, stored.document)
    with pytest.raises(TryAgain):
        await shop.drain()
    # It waits for the withdrawal: until then the number could still come.
    assert (await shop.order(id))["state"] == "pendingCancellation"
    house.away = False
    for _ in range(2):
        await porting.withdraw(shop.context, key)
    await shop.drain()
    assert house.ended == [("withdrawn", key)]
    assert ((await shop.order(id))["state"], (await request(shop, key))["state"]) == (
        "cancelled",
        "withdrawn",
    )
    assert (await desk.number())["resourceStatus"] == "available"
    # It may be brought by another order.
    again = await desk.place()
    assert (await request(shop, f"{again}/1.number"))["state"] == "received"


async def test_a_number_that_came_while_it_was_cancelled_goes_back(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    key = f"{id}/1.number"
    house.stand[key] = PortingReport(key, "ported", at=shop.context.now())
    stored = await shop.stored(id)
    await cancel(shop.as_caller(AGENT), stored, stored.document)
    await shop.drain()
    assert house.ended == [("returned", key)]
    assert ((await shop.order(id))["state"], (await request(shop, key))["state"]) == (
        "cancelled",
        "returned",
    )
    assert (await desk.number())["resourceStatus"] == "available"
    assert shop.network.submitted == []


async def test_after_the_window_there_is_no_way_back(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    shop.network.prompt = False
    id = await desk.place()
    await tell(shop, house, f"{id}/1.number", "ported")
    stored = await shop.stored(id)
    with pytest.raises(IllegalMove) as late:
        await cancel(shop.as_caller(AGENT), stored, stored.document)
    assert late.value.code == "pointOfNoReturn"


async def test_a_request_that_arrives_after_all_is_withdrawn_as_well(desk: Desk) -> None:
    """The answer was lost, the client cancelled, and then the clearing house reports."""
    shop, house = desk.shop, desk.house
    house.away = True
    with pytest.raises(TryAgain):
        await desk.place()
    [(id,)] = [(r[0],) for r in await shop.rows("SELECT id FROM product_order")]
    key = f"{id}/1.number"
    await shop.drain()
    stored = await shop.stored(id)
    house.away = False
    await cancel(shop.as_caller(AGENT), stored, stored.document)
    await shop.drain()
    assert ((await shop.order(id))["state"], house.ended) == ("cancelled", [])
    await tell(shop, house, key, "received")
    assert house.ended == [("withdrawn", key)]


async def test_what_was_lost_is_asked_for_again(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    house.away = True
    with pytest.raises(TryAgain):
        await desk.place()
    house.away = False
    await shop.drain()
    await shop.pass_time(timedelta(hours=1, seconds=1))
    assert len(house.asked) == 1
    key = house.asked[0].key
    assert (await request(shop, key))["state"] == "received"
    # Two hours later the donor has decided, and the report is lost.
    house.stand[key] = PortingReport(key, "refused", at=NOV_24 + timedelta(hours=2), code="debt", text="-")
    await shop.pass_time(timedelta(hours=1, seconds=1))
    assert (await request(shop, key))["state"] == "refused"


async def test_a_house_that_lost_its_memory_is_asked_anew(desk: Desk) -> None:
    shop, house = desk.shop, desk.house
    id = await desk.place()
    house.stand.clear()
    await shop.pass_time(timedelta(hours=1, seconds=1))
    assert [a.key for a in house.asked] == [f"{id}/1.number"] * 2
    assert (await request(shop, f"{id}/1.number"))["state"] == "received"


async def test_numbers_of_ours_and_what_is_none_are_not_brought(desk: Desk) -> None:
    with pytest.raises(Conflict) as ours:
        await desk.place(mobile("+79990000001"))
    assert ours.value.code == "numberOurs"
    with pytest.raises(BadInput) as none:
        await desk.place(mobile("+74852123456"))
    assert none.value.code == "numberNotMobile"
    # What a file of many orders is checked by says so before anything is placed.
    with pytest.raises(BadInput) as foreseen:
        await forecast(desk.shop.as_caller(AGENT), order(mobile("+74852123456")))
    assert foreseen.value.code == "numberNotMobile"
    with pytest.raises(BadInput) as not_here:
        fibre = item("1", "fibre", product=mobile()["product"])
        await desk.place(fibre)
    assert not_here.value.code == "portInNotOffered"
    assert await desk.shop.rows("SELECT id FROM product_order") == []


async def test_without_a_clearing_house_a_person_is_asked(desk: Desk) -> None:
    del desk.shop.context.ports[NumberPortability]  # type: ignore[attr-defined]
    id = await desk.place()
    assert (await desk.shop.order(id))["state"] == "held"
    assert "No clearing house" in (await desk.task(id))["result"]
