"""The clients' room in a real browser: finding, filtering, keys, the contact form, no barriers, pages that fit."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from abonent.domain.order_handling.intake import place_order
from abonent.domain.party.contact import change_contact
from abonent.domain.party.queries_file import holdings
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import contact_of
from abonent.kit.access import SYSTEM
from tests.browser.desk import NARROW, WIDE, Desk
from tests.support.running import Running
from tests.support.world import World, item, order, owe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _client_with_everything(system: Running, world: World) -> str:
    """C-1 with a product, messages, arrears and a change of his data; the number of the product."""
    ctx = system.context
    placed = (await place_order(ctx, order(item("1", "fibre"))))["id"]
    await system.order_in(placed, "completed")
    owe(world, "C-1", "300.00")
    await world.save(ctx)
    stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    await change_contact(ctx, "C-1", replace(contact_of(stored.document), city="Tula"), stored.version)
    return (await holdings(ctx.store, "C-1")).products[0]["id"]


async def test_from_the_search_field_to_the_client_and_his_new_number(desk: Desk, system: Running) -> None:
    await desk.sign_in()
    await desk.page.keyboard.press("/")
    await desk.page.keyboard.type("cjrjkjdf")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url("**/clients/C-1")
    await desk.page.get_by_role("link", name="Change contact data").click()
    await desk.page.fill("#phone", "12")
    await desk.page.get_by_role("button", name="Save contact data").click()
    desk.expected = {400}
    await desk.says("Write the number with its codes")
    await expect(desk.page.locator("#phone")).to_be_focused()
    await expect(desk.page.locator("#phone")).to_have_value("12")
    await desk.page.fill("#phone", "8 (999) 000-00-12")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url("**/clients/C-1")
    await desk.says("+7 999 000-00-12", "Telephone: +79990000012")


async def test_the_filter_works_without_a_button_and_can_be_kept(desk: Desk, world: World) -> None:
    await desk.sign_in()
    await desk.go("/clients")
    await desk.page.locator("#filter").get_by_role("searchbox").fill("соколва")
    await expect(desk.page.locator("#list h2")).to_contain_text("1 client")
    await desk.page.wait_for_url("**/clients?q=*")
    await desk.page.reload()
    await expect(desk.page.locator("#list h2")).to_contain_text("1 client")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url("**/clients/C-1")


async def test_pages_fit_their_width_and_have_no_barriers(desk: Desk, system: Running, world: World) -> None:
    product = await _client_with_everything(system, world)
    paths = ("/clients", "/clients?town=none", "/clients/C-1", "/clients/C-2", "/clients/C-1/contact",
             f"/products/{product}", "/search", "/search?q=Svobody", "/search?q=ымщищвн")  # fmt: skip
    await desk.sign_in()
    for choice in ({"language": "en"}, {"language": "ru"}, {"theme": "dark"}):
        if choice != {"language": "en"}:
            await desk.page.set_viewport_size({"width": WIDE, "height": 900})
            await desk.go("/clients")
            await desk.prefer(**choice)
        for path in paths:
            await desk.go(path)
            for width in (WIDE, NARROW):
                await desk.page.set_viewport_size({"width": width, "height": 900})
                assert not await desk.scrolls_sideways(), (choice, path, width)
                assert await desk.barriers() == [], (choice, path, width)
