"""The main paths with JavaScript switched off: plain links and forms, down to an order that is placed."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.desk import NARROW, Desk
from tests.support.operator import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser, served: Served) -> AsyncIterator[Desk]:
    """An agent's browser that runs no script."""
    desk = await Desk.open(browser, served[1], java_script_enabled=False)
    await desk.sign_in("agent-en")
    yield desk
    await desk.page.context.close()
    assert desk.complaints() == []


async def test_lists_are_filtered_sorted_and_turned(plain: Desk) -> None:
    page = plain.page
    for path, button in (
        ("/orders", "Show"),
        ("/clients", "Show"),
        ("/messages", "Show"),
        ("/work-orders", "Show"),
        ("/orders/board", "Show"),
        ("/catalogue", "Show"),
    ):
        await plain.go(path)
        await page.locator("form.a-sentence").get_by_role("button", name=button, exact=True).click()
        await expect(page).to_have_url(re.compile(re.escape(path) + r"\?"))
        await expect(page.locator("h1")).to_have_count(1)
    await plain.go("/clients")
    await page.locator("th a").first.click()
    await expect(page.locator("th[aria-sort]")).to_have_count(1)
    await page.get_by_role("link", name="Next", exact=False).first.click()
    await expect(page).to_have_url(re.compile("page=2|offset"))
    await expect(page.locator("#list tbody tr").first).to_be_visible()


async def test_search_leads_to_a_client_and_his_page_has_all_of_it(plain: Desk, served: Served) -> None:
    page, client = plain.page, served[0].client
    await page.locator(".a-find input").fill(client)
    await page.locator(".a-find input").press("Enter")
    await expect(page).to_have_url(re.compile(f"/clients/{client}|/search"))
    if "/search" in page.url:
        await page.locator(f'main a[href="/clients/{client}"]').first.click()
    await expect(page.locator("h1")).not_to_be_empty()
    await expect(page.locator(f'main a[href^="/orders/new?client={client}"]').first).to_be_visible()


async def test_an_order_is_entered_and_placed(plain: Desk, served: Served) -> None:
    page = plain.page
    await page.set_viewport_size({"width": NARROW, "height": 900})
    await plain.go(f"/orders/new?client={served[0].client}")
    await page.get_by_label("No address: services that need no line").check()
    await page.get_by_role("button", name="Find address").click()
    await page.locator("input[name=offer][value=mobile]").check()
    await page.locator("button[name=do][value=look]:visible").last.click()
    await plain.says("What will follow")
    await page.locator("#place-order").click()
    await expect(page).to_have_url(re.compile(r"/orders/O-\d+"))
    await plain.says("Received", "Mobile")


async def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(plain: Desk, served: Served) -> None:
    page, client = plain.page, served[0].client
    await plain.go(f"/clients/{client}/contact")
    field = page.locator("main input[type=email]").first
    await field.fill("no-address@")
    plain.expected = {400, 422}
    # The browser's own check would not let it go.
    await page.locator("main form").evaluate_all("forms => forms.length")
    await field.press("Enter")
    await expect(page).to_have_url(re.compile("/contact"))
    await expect(page.locator("main input[type=email]").first).to_have_value("no-address@")
