"""The page of a new order over real HTTP and a real database: each step as plain links and forms, each error at its
field with everything typed kept, changes and cancellations, who may enter orders."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import SYSTEM, Role
from tests.support.order_form import NEW, filled, post, show
from tests.support.pages import EVIL, Page, inline_scripts
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.shop import hold, stock
from tests.support.visits import NORTH, hire, sell_with_visit
from tests.support.web import Web, run_web
from tests.support.world import World, build, owe

FIBRE = {"client": "C-1", "address": "A-1", "offer": "fibre"}


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        world = await build(running.context)
        stock(world)
        owe(world, "C-2", "1200.00")
        await world.save(running.context)
        await admit(running.context.store, ANNA, Person("ivan", Role.AGENT, language="ru"), CLIENT)
        yield running


async def refused(client: httpx.AsyncClient, query: dict[str, Any], **change: Any) -> Page:
    answer = await post(client, query, **change)
    assert answer.status_code == 422, (answer.status_code, answer.headers.get("location"))
    page = Page(answer.text)
    assert "The order was not placed." in page.words()
    return page


def said_at(page: Page, field: str) -> bool:
    """Whether the field is marked and tied to its error."""
    return any(
        attrs.get("aria-invalid") == "true" and page.found("p", id=str(attrs.get("aria-describedby")))
        for _, attrs in page.tags
        if field in (attrs.get("id"), attrs.get("name"))
    )


async def test_the_whole_way_by_links_and_forms(web: Web) -> None:
    async with person(web) as anna:
        page = await show(anna)
        assert page.found("input", id="q") and "Who is the order for?" in page.words()
        answer = await anna.get(NEW, params={"q": "sokolova"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{NEW}?client=C-1")
        page = await show(anna, client="C-1")
        assert "Choose the address" in page.words() and not page.found("input", name="offer")
        page = await show(anna, client="C-1", place="svobody 12")
        assert "checked" in page.found("input", name="address", value="A-1")[0], "the only one found is taken"
        words = page.words()
        assert "What can be delivered at Yaroslavl, Svobody 12" in words
        assert {f["value"] for f in page.found("input", name="offer")} == {
            *("fibre", "slow", "tv", "router", "camera", "bundle"),
        }
        assert "turbo needs 500" in words and "1 offering cannot be delivered here" in words
        assert "Only together with fibre: choose it as well." in words
        assert "Made of: fibre, tv." in words
        page = await show(anna, **{**FIBRE, "offer": ["fibre", "tv"]})
        words = page.words()
        for text in (
            "TogetherRUB 700.00",
            "Promised",
            "The credit check lets it pass: No arrears",
            "Then 6 steps",
        ):
            assert text in words, text
        answer = await post(anna, {**FIBRE, "offer": ["fibre", "tv"]}, note="Two dogs", date="2099-01-01")
        assert answer.status_code == 422
        answer = await post(anna, {**FIBRE, "offer": ["fibre", "tv"]}, note="Two dogs")
        assert answer.status_code == 303
        number = answer.headers["location"].rpartition("/")[2]
        order = (await web.context.store.get(SYSTEM, PRODUCT_ORDER, number)).document
        assert [i["productOffering"]["id"] for i in order["productOrderItem"]] == ["fibre", "tv"]
        assert order["note"][0] | {"date": ""} == {"text": "Two dogs", "author": "anna", "date": ""}
        assert order["notificationContact"] == "anna@example.org"
        history = await web.context.store.history(PRODUCT_ORDER, number)
        assert {h["by"] for h in history} == {"anna"}
        assert (await anna.get(answer.headers["location"])).status_code == 200


async def test_the_same_form_sent_again_leads_to_the_same_order(web: Web) -> None:
    async with person(web) as anna:
        page = await show(anna, **FIBRE)
        sent = {"note": "", "do": "place", **filled(page)}
        first, second = await anna.post(NEW, data=sent), await anna.post(NEW, data=sent)
        assert first.headers["location"] == second.headers["location"]
        other = await anna.post(NEW, data={**sent, "note": "another"})
        assert other.headers["location"] != first.headers["location"]


ERRORS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"client": "C-1"}, {}, "place", "Choose the address of the client"),
    ({"client": "C-1"}, {"place": "nowhere street 9"}, "place", "No address fits."),
    ({"client": "C-1"}, {"address": "A-404"}, "place", "There is no address A-404."),
    ({"client": "C-1", "address": "A-1"}, {}, "offer", "Choose at least one offering."),
    (FIBRE, {"offer": "old"}, "offer", "Dial-up is not sold now."),
    (FIBRE, {"offer": "nothing"}, "offer", "nothing is not sold now."),
    (
        FIBRE,
        {"offer": "turbo"},
        "offer-turbo",
        "The line here carries 300 Mbit/s at most; turbo needs 500.",
    ),
    (
        FIBRE,
        {"offer": "tv"},
        "offer-tv",
        "tv works only together with fibre. Choose it as well.",
    ),
    (FIBRE, {"offer": ["fibre", "slow"]}, "offer-slow", "Fibre 50 cannot stand beside fibre. Take one"),
    ({**FIBRE, "offer": "camera"}, {}, "f-c.camera.serial", "Fill this in"),
    ({**FIBRE, "offer": "router"}, {"n.router": "9"}, "f-n.router", "a whole number from 1 to 3"),
    (
        {**FIBRE, "offer": "router"},
        {"c.router.colour": "green"},
        "f-c.router.colour",
        "Choose one from the list.",
    ),
    ({**FIBRE, "offer": "router"}, {"c.router.rooms": "12"}, "f-c.router.rooms", "a number from 1 to 9"),
    (FIBRE, {"date": "2020-01-01"}, "date", "This day has passed."),
    (FIBRE, {"date": "tomorrow"}, "date", "This is no date."),
    (FIBRE, {"contact": "call me"}, "contact", "Write the number with its codes"),
    (FIBRE, {"contact": "a@b"}, "contact", "Write the e-mail address as"),
    (
        {"client": "C-1", "address": "-"},
        {"offer": "fibre"},
        "offer-fibre",
        "needs an installation address",
    ),
]


async def test_each_error_stands_at_its_field_and_what_was_typed_stays(web: Web) -> None:
    async with person(web) as anna:
        for query, change, field, text in ERRORS:
            page = await refused(anna, query, note=f"Note {EVIL}", **change)
            assert text in page.words(), (text, page.words())
            assert field == "offer" or said_at(page, field), field
            assert page.words().count(f"Note {EVIL}") == 1 and not inline_scripts(page)
            for name in ("date", "contact", "place"):
                if name in change:
                    assert page.found("input", name=name)[0]["value"] == change[name]
    found = await web.admin.get("/tmf-api/productOrderingManagement/v4/productOrder")
    assert found.json() == []


async def test_without_a_client_nothing_can_be_placed(web: Web) -> None:
    async with person(web) as anna:
        page = await show(anna, client="C-404")
        assert "There is no client C-404." in page.words() and said_at(page, "q")
        token = page.token()
        answer = await anna.post(NEW, data={"token": token, "do": "place"})
        assert answer.status_code == 422 and "Choose the client first." in Page(answer.text).words()
        page = await show(anna, q="zzzzzz")
        assert "No client fits “zzzzzz”." in page.words()


async def test_what_was_typed_stays_when_the_form_only_asks(web: Web) -> None:
    async with person(web) as anna:
        answer = await post(
            anna, FIBRE, do="look", note="Dog", contact="+7 999 000-00-00", offer=["fibre", "router"]
        )
        page = Page(answer.text)
        assert answer.status_code == 200 and "The order was not placed" not in page.words()
        assert page.found("input", name="contact")[0]["value"] == "+7 999 000-00-00" and "Dog" in page.words()
        assert page.found("input", name="n.router")[0]["value"] == "1"
        assert [o.get("value") for o in page.found("option")] == ["white", "black"]
        assert "TogetherRUB 620.00RUB 1,500.00" in page.words()
        link = answer.headers["hx-replace-url"]
        assert "offer=fibre&offer=router" in link and "Dog" not in link and "999" not in link
        again = Page((await anna.get(link)).text)
        assert "checked" in again.found("input", id="offer-router")[0]


async def test_what_is_held_back_and_what_is_declined_is_said_before(web: Web) -> None:
    async with person(web) as anna:
        page = await show(anna, client="C-2", address="A-1", offer="fibre")
        assert "The order is held until a person decides on credit: The client has arrears." in page.words()


async def test_a_visit_is_chosen_and_one_that_is_gone_is_said(web: Web) -> None:
    await hire(web.context, NORTH)
    await sell_with_visit(web.context)
    async with person(web) as anna:
        page = await show(anna, **FIBRE)
        slots = [f["value"] for f in page.found("input", name="slot")]
        assert len(slots) > 3 and "When may the crew come?" in page.words() and "A crew comes" in page.words()
        assert [f["value"] for f in page.found("input", name="slot") if "checked" in f] == slots[:1]
        answer = await post(anna, FIBRE, slot=slots[2])
        assert answer.status_code == 303
        page = await refused(anna, FIBRE, slot=slots[2])
        assert "This time was taken meanwhile." in page.words()
        assert slots[2] not in [f["value"] for f in page.found("input", name="slot")]
        answer = await post(anna, {**FIBRE, "slot": "not a time"})
        assert answer.status_code in {303, 422}


async def test_without_a_crew_the_order_can_be_placed_all_the_same(web: Web) -> None:
    await sell_with_visit(web.context)
    async with person(web) as anna:
        page = await show(anna, **FIBRE)
        assert (
            "no crew is free for two weeks" in page.words() and "a dispatcher finds the date" in page.words()
        )
        assert (await post(anna, FIBRE)).status_code == 303


async def test_a_product_is_changed_with_the_difference_shown(web: Web) -> None:
    world = await _with_products(web)
    async with person(web) as anna:
        page = await show(anna, client="C-1")
        links = {a["href"] for a in page.found("a") if a.get("href", "") and "product=P-1" in str(a["href"])}
        assert links == {f"{NEW}?client=C-1&product=P-1&action={a}" for a in ("modify", "delete")}
        query = {"client": "C-1", "product": "P-1", "action": "modify"}
        page = await show(anna, **query)
        words = page.words()
        assert (
            "Change Fibre 50" in words
            and "This is what the client has now." in words
            and "Nothing changes yet." in words
        )
        page = await refused(anna, query)
        assert "Nothing would change." in page.words()
        page = await show(anna, **query, offer=world.fibre)
        assert "NowRUB 300.00 ThenRUB 500.00 Difference+RUB 200.00" in page.words()
        answer = await post(anna, {**query, "offer": world.fibre})
        assert answer.status_code == 303
        order = (
            await web.context.store.get(SYSTEM, PRODUCT_ORDER, answer.headers["location"].rpartition("/")[2])
        ).document
        item = order["productOrderItem"][0]
        assert (item["action"], item["product"]["id"], item["productOffering"]["id"]) == (
            "modify",
            "P-1",
            "fibre",
        )
        # The rival he has can become it: that is offered where it stands against a new order.
        page = await show(anna, client="C-1", address="A-1")
        assert "change Fibre 50 into it" not in page.words()
        page = await show(anna, client="C-3", address="A-1")
        assert any(
            "product=P-9" in str(a.get("href")) and "offer=slow" in str(a.get("href"))
            for a in page.found("a")
        )


async def _with_products(web: Web) -> World:
    world = World()
    hold(world, "P-1", "slow")
    hold(world, "P-2", "tv")
    hold(world, "P-8", "fibre", client="C-2")
    hold(world, "P-9", "fibre", client="C-3")
    world.add(CUSTOMER_, id="C-3", name="Third")
    await world.save(web.context)
    return world


async def test_a_cancellation_names_what_it_takes_along_and_asks_why(web: Web) -> None:
    await _with_products(web)
    query = {"client": "C-2", "product": "P-8", "action": "delete"}
    async with person(web) as anna:
        page = await show(anna, **query)
        assert "Cancel fibre" in page.words() and "No other product of the client needs it." in page.words()
        assert "Difference−RUB 500.00" in page.words()
        page = await refused(anna, query)
        assert said_at(page, "note") and "Say in a few words why it is cancelled." in page.words()
        answer = await post(anna, query, note="Moves away")
        assert answer.status_code == 303
        stranger = await show(anna, client="C-1", product="P-8", action="delete")
        assert "This client has no product P-8 that could be changed." in stranger.words()
        assert (
            await anna.post(NEW, data={**filled(stranger), "do": "place", "note": "x"})
        ).status_code == 422


async def test_dependents_may_be_kept_back(web: Web) -> None:
    world = await _with_products(web)
    hold(world, "P-10", "tv", client="C-2")
    await world.save(web.context)
    query = {"client": "C-2", "product": "P-8", "action": "delete"}
    async with person(web) as anna:
        page = await show(anna, **query)
        assert [f["value"] for f in page.found("input", name="also") if "checked" in f] == ["P-10"]
        sent = filled(page) | {"do": "look", "note": ""}
        del sent["also"]
        page = Page((await anna.post(NEW, data=sent)).text)
        assert [f for f in page.found("input", name="also") if "checked" in f] == []
        assert "Difference−RUB 500.00" in page.words()


async def test_names_stand_in_the_readers_language(web: Web) -> None:
    async with person(web, "ivan") as ivan:
        page = await show(ivan, client="C-1", address="A-1", offer="router")
        assert "Роутер" in page.words() and "Оптика 50" in page.words() and "Router" not in page.words()
        assert re.search(r"1 500,00 ₽", page.words())


async def test_clients_do_not_enter_orders_here(web: Web) -> None:
    async with person(web, "client") as client:
        page = await show(client, status=403)
        assert "Orders are entered here by staff." in page.words()
        assert (await client.post(NEW, data={"token": page.token(), "do": "place"})).status_code == 403


async def test_nothing_that_stands_in_an_address_breaks_the_page(web: Web) -> None:
    async with person(web) as anna:
        token = (await show(anna, **FIBRE)).token()
        for name in ("client", "address", "offer", "product", "action", "slot", "date", "key", "q", "place"):
            base = {} if name == "q" else {"client": "C-1"} if name == "client" else dict(FIBRE)
            for value in ("\x00", EVIL, "'", "9" * 400, "../..", "☃"):
                answer = await anna.get(NEW, params={**base, name: value})
                assert answer.status_code in {200, 303}, (name, value, answer.status_code)
                if answer.status_code == 200:
                    assert not inline_scripts(Page(answer.text))
                sent = {**base, name: value, "token": token, "do": "place", "note": ""}
                assert (await anna.post(NEW, data=sent)).status_code in {303, 422}, (name, value)
