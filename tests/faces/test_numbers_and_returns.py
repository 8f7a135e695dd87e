"""Choosing a number on the page of a new order, the fee of a cancellation, the list of equipment to come back."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.inventory.reservations import reserve
from abonent.domain.order_handling.ending import note_returns
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_ending import fees_of, with_commitment
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.values import to_wire
from tests.support.ending import TERM, add_ending
from tests.support.order_form import NEW, filled, post, show
from tests.support.pages import Page
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.pools import FIRST, NUMBERS, add_mobile
from tests.support.shop import hold
from tests.support.web import Web, run_web
from tests.support.world import build

MOBILE = {"client": "C-1", "address": "-", "offer": "mobile"}
FIELD = "c.mobile.phoneNumber"
ONE, TWO = f"+{FIRST + 1}", f"+{FIRST + 2}"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        ctx = running.context
        world = await build(ctx)
        add_mobile(world, choosable=True)
        begun = to_wire(ctx.now())
        price = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 500}}}]
        agreed = with_commitment({"startDate": begun}, {"productOfferingTerm": [TERM]}, begun)
        hold(world, "P-9", "fibre", productPrice=price, **agreed)
        add_ending(world)
        await world.save(ctx)
        await admit(ctx.store, ANNA, Person("ivan", Role.AGENT, language="ru"), CLIENT)
        yield running


async def look(http: Any, page: Page, **change: str) -> Page:
    answer = await http.post(NEW, data={**filled(page), "note": "", "do": "look", **change})
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


async def status(web: Web, value: str) -> str:
    sql = "SELECT resource_status FROM resource WHERE part_of = $1 AND doc ->> 'value' = $2"
    return await web.context.store.database.value(sql, NUMBERS, value)


async def test_a_number_is_found_by_its_end_chosen_kept_and_ordered(web: Web) -> None:
    async with person(web) as anna:
        page = await show(anna, **MOBILE)
        assert {f["value"] for f in page.found("input", name=FIELD)} == {
            "",
            *(f"+{FIRST + n}" for n in range(4)),
        }
        page = await look(anna, page, **{f"{FIELD}.ending": "0-01"})
        assert [f["value"] for f in page.found("input", name=FIELD)] == ["", ONE]
        assert await status(web, ONE) == "available"
        page = await look(anna, page, **{FIELD: ONE})
        assert await status(web, ONE) == "reserved" and "Kept for this order until" in page.words()
        assert "+7 999 000-00-01" in page.words()
        page = await look(anna, page, **{FIELD: TWO})
        assert (await status(web, ONE), await status(web, TWO)) == ("available", "reserved")
        answer = await anna.post(NEW, data={**filled(page), "note": "", "do": "place"})
        assert answer.status_code == 303, Page(answer.text).words()
        number = answer.headers["location"].rsplit("/", 1)[1]
    order = (await web.context.store.get(SYSTEM, PRODUCT_ORDER, number)).document
    given = order["productOrderItem"][0]["product"]["productCharacteristic"]
    assert given == [{"name": "phoneNumber", "value": TWO}]


async def test_a_number_that_went_to_somebody_else_is_told_at_its_field(web: Web) -> None:
    other = web.context.for_caller(Caller("ivan", Role.AGENT))
    async with person(web) as anna:
        page = await show(anna, **MOBILE)
        await reserve(other, NUMBERS, value=ONE, holder="his")
        told = await look(anna, page, **{FIELD: ONE})
        assert "was taken by somebody else" in told.words()
        answer = await post(anna, MOBILE, **{FIELD: ONE})
        assert answer.status_code == 422 and "was taken by somebody else" in Page(answer.text).words()


async def test_the_fee_is_told_before_the_cancellation_is_placed(web: Web) -> None:
    query = {"client": "C-1", "product": "P-9", "action": "delete"}
    async with person(web) as anna:
        words = (await show(anna, **query)).words()
        assert "Ending it before costs RUB 3,000.00: tell the client." in words
        assert "Router is lent: it has to be back within 14 days, or RUB 2,500.00 is charged." in words
        answer = await post(anna, query, note="moves away")
        assert answer.status_code == 303
        number = answer.headers["location"].rsplit("/", 1)[1]
    fee = fees_of((await web.context.store.get(SYSTEM, PRODUCT_ORDER, number)).document)
    assert fee is not None and fee.amount == Decimal("3000.00")
    async with person(web, "ivan") as ivan:
        assert "скажите об этом клиенту" in (await show(ivan, **query)).words()


async def test_equipment_to_come_back_is_listed_and_noted_by_a_click(web: Web) -> None:
    ctx = web.context
    change = ctx.change()
    party = [{"id": "C-1", "name": "Anna", "role": "customer", "@referredType": "Customer"}]
    product = {"id": "P-9", "name": "Fibre", "relatedParty": party, "productOffering": {"id": "fibre"}}
    await note_returns(ctx, change, product, "O-1", "1")
    await ctx.store.commit(change)
    async with person(web) as anna:
        page = Page((await anna.get("/returns")).text)
        assert "1 piece of equipment" in page.words() and "Router" in page.words()
        form = page.found("form", method="post", action="/returns/RET-1-1-router/returned")
        assert form
        answer = await anna.post("/returns/RET-1-1-router/returned", data={"token": page.token()})
        assert answer.status_code == 303
        assert "Nothing is in this state." in Page((await anna.get("/returns")).text).words()
        assert "Returned" in Page((await anna.get("/returns?state=any")).text).words()
        again = await anna.post("/returns/RET-1-1-router/returned", data={"token": page.token()})
        assert again.status_code == 422
    async with person(web, "client") as client:
        assert (await client.get("/returns")).status_code == 403
