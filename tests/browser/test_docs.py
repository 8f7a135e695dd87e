"""The API's pages in a browser: the viewer draws the document, and a request can be tried out there."""

import pytest
from playwright.async_api import expect

from tests.browser.desk import Desk, token
from tests.support.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_order_is_posted_from_the_viewer(desk: Desk, system: Running) -> None:
    assert await desk.go("/docs/productOrderingManagement-v4") == 200
    await expect(desk.page.locator(".opblock")).to_have_count(10)

    await desk.page.get_by_role("button", name="Authorize", exact=True).click()
    await desk.page.get_by_label("auth-bearer-value").fill(token(system))
    await desk.page.get_by_role("button", name="Apply credentials").click()
    await desk.page.get_by_role("button", name="Close", exact=True).click()

    create = desk.page.locator(".opblock-post").first
    await create.locator(".opblock-summary-control").click()
    await create.get_by_role("button", name="Try it out").click()
    await create.get_by_role("button", name="Execute").click()
    await expect(create.locator(".live-responses-table .response-col_status").last).to_contain_text("201")
