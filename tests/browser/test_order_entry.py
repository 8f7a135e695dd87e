"""An order entered by hand: from signing in to "Done" with the keyboard alone; without JavaScript; in every look."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from tests.browser.desk import NARROW, Desk
from tests.support.running import Running
from tests.support.shop import hold, stock
from tests.support.visits import NORTH, hire, sell_with_visit
from tests.support.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def world(system: Running) -> World:
    world = await build(system.context)
    stock(world)
    hold(world, "P-1", "slow", client="C-2")
    await world.save(system.context)
    return world


async def test_from_signing_in_to_done_with_the_keyboard_alone(desk: Desk, system: Running) -> None:
    await desk.sign_in()
    keys = desk.page.keyboard
    await keys.press("n")
    await keys.press("o")
    await desk.page.wait_for_url("**/orders/new")
    await keys.type("sokolova")
    await expect(desk.page.locator("#hits a")).to_have_count(1)
    await keys.press("Enter")
    await desk.page.wait_for_url("**/orders/new?client=C-1")
    # No address is known yet: the first radio button has the focus, the search comes after it.
    await expect(desk.page.locator("main :focus")).to_have_count(1)
    await keys.press("Tab")
    await keys.type("svobody 12")
    await keys.press("Enter")
    await desk.says("What can be delivered at Yaroslavl, Svobody 12")
    await expect(desk.page.locator("#place")).to_be_focused()
    await _tab_to(desk, "offer-fibre")
    await keys.press("Space")
    await desk.says("Promised")
    await expect(desk.page.locator("#offer-fibre")).to_be_focused()
    await _tab_to(desk, "offer-tv")
    await keys.press("Space")
    await desk.says("RUB 700.00")
    assert "offer=fibre&offer=tv" in desk.page.url
    await desk.page.evaluate("document.activeElement.blur()")
    await keys.press("p")
    await expect(desk.page.locator("#place-order")).to_be_focused()
    await keys.press("Enter")
    await desk.page.wait_for_url("**/orders/O-*")
    await expect(desk.page.locator("h1")).to_contain_text("Done", timeout=15_000)
    number = desk.page.url.rpartition("/")[2]
    order = (await system.context.store.get(SYSTEM, PRODUCT_ORDER, number)).document
    assert [i["productOffering"]["id"] for i in order["productOrderItem"]] == ["fibre", "tv"]


async def _tab_to(desk: Desk, id: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(40):
        if await desk.page.evaluate("document.activeElement.id") == id:
            return
        await desk.page.keyboard.press("Tab")
    raise AssertionError(f"{id} is not reached by Tab")


async def test_what_was_typed_stays_while_parts_of_the_page_change(desk: Desk, system: Running) -> None:
    await desk.sign_in()
    await desk.go("/orders/new?client=C-1&address=A-1")
    await desk.page.fill("#note", "Two dogs")
    await desk.page.fill("#contact", "+7 999 000-00-00")
    await desk.page.check("#offer-router")
    await desk.says("RUB 1,500.00")
    await desk.page.fill("[id='f-n.router']", "2")
    await desk.page.press("[id='f-n.router']", "Tab")
    await desk.says("RUB 3,000.00")
    await desk.page.check("#offer-turbo", timeout=500) if await desk.page.locator(
        "#offer-turbo"
    ).count() else None
    assert await desk.page.input_value("#note") == "Two dogs"
    assert await desk.page.input_value("#contact") == "+7 999 000-00-00"
    assert "999" not in desk.page.url and "dogs" not in desk.page.url
    await desk.page.fill("#date", "2020-01-01")
    desk.expected.add(422)
    await desk.page.click("#place-order")
    await desk.says("The order was not placed.", "This day has passed.")
    assert await desk.page.input_value("#note") == "Two dogs"
    await desk.page.fill("#date", "")
    await desk.page.click("#place-order")
    await desk.page.wait_for_url("**/orders/O-*")


async def test_a_double_click_places_one_order(desk: Desk, system: Running) -> None:
    await hire(system.context, NORTH)
    await sell_with_visit(system.context)
    await desk.sign_in()
    await desk.go("/orders/new?client=C-1&address=A-1&offer=fibre")
    await expect(desk.page.locator("input[name=slot]").first).to_be_checked()
    await desk.page.locator("#place-order").dblclick()
    await desk.page.wait_for_url("**/orders/O-*")
    await asyncio.sleep(0.3)
    async with system.process.database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM product_order") == 1
        assert await conn.fetchval("SELECT count(*) FROM appointment WHERE status <> 'cancelled'") == 1


@pytest_asyncio.fixture(loop_scope="session")
async def plain_desk(browser: Browser, system: Running, world: World) -> AsyncIterator[Desk]:
    desk = await Desk.open(browser, system.url, java_script_enabled=False)
    yield desk
    await desk.page.context.close()
    assert desk.complaints() == []


async def test_an_order_is_entered_without_javascript(plain_desk: Desk, system: Running) -> None:
    desk = plain_desk
    await desk.sign_in()
    await desk.go("/orders/new")
    await desk.page.fill("#q", "sokolova")
    await desk.page.press("#q", "Enter")
    await desk.page.wait_for_url("**/orders/new?client=C-1")
    await desk.page.fill("#note", "Two dogs")
    await desk.page.fill("#place", "svobody 12")
    await desk.page.get_by_role("button", name="Find address").click()
    await desk.page.fill("#place", "yaroslavl")
    await desk.page.get_by_role("button", name="Find address").click()
    await desk.page.get_by_role("button", name="Dalnyaya 1").click()
    await desk.says("No GPON network reaches this address.")
    await desk.page.get_by_role("button", name="Svobody 12").click()
    await desk.page.check("#offer-fibre")
    await desk.page.get_by_role("button", name="Show the sums and the date").click()
    await desk.says("Promised", "The credit check lets it pass")
    assert await desk.page.input_value("#note") == "Two dogs"
    await desk.page.get_by_role("button", name="Place order").click()
    await desk.page.wait_for_url("**/orders/O-*")


@pytest.mark.parametrize("width", [1366, NARROW])
async def test_the_pages_are_for_everybody(desk: Desk, system: Running, width: int) -> None:
    await hire(system.context, NORTH)
    await sell_with_visit(system.context)
    await desk.page.set_viewport_size({"width": width, "height": 900})
    await desk.sign_in()
    for choice in ({}, {"theme": "dark"}, {"language": "ru"}):
        await desk.prefer(**choice)
        for path in (
            "/orders/new?q=a",
            "/orders/new?client=C-1",
            "/orders/new?client=C-1&address=A-1&offer=tv&offer=router&offer=turbo",
            "/orders/new?client=C-1&address=A-1&offer=fibre",
            "/orders/new?client=C-2&product=P-1&action=modify",
            "/orders/new?client=C-2&product=P-1&action=delete",
            "/catalogue",
            "/catalogue/fibre",
            "/catalogue/bundle",
        ):
            assert await desk.go(path) == 200
            assert await desk.barriers() == [], (path, choice)
            assert not await desk.scrolls_sideways(), (path, choice)
