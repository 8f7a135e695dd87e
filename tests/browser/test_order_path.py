"""An order from the API to "Done" before a person's eyes; and the same pages without JavaScript."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from abonent.domain.order_handling.intake import place_order
from abonent.domain.party.accounts import create_account
from abonent.kit.access import Role
from abonent.network_simulator import Behaviour
from tests.browser.desk import Desk, token
from tests.support.people import PASSWORD
from tests.support.running import Running, run_system
from tests.support.world import World, item, order

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TASKS = ("Port", "Access line", "Line test", "Inventory")


@pytest_asyncio.fixture(loop_scope="session")
async def system(dsn: str, tmp_path: Path) -> AsyncIterator[Running]:
    """As the others', with a network that takes long enough for its work to be watched."""
    async with run_system(dsn, tmp_path, Behaviour(latency_min=1.5, latency_max=1.5)) as running:
        await create_account(
            running.context.store,
            "anna",
            PASSWORD,
            Role.AGENT,
            display_name="Анна Орлова",
            party=None,
            language="en",
        )
        yield running


async def _post_order(system: Running, description: str) -> str:
    async with httpx.AsyncClient(base_url=system.url) as api:
        answer = await api.post(
            "/tmf-api/productOrderingManagement/v4/productOrder",
            json=order(item("1", "fibre"), description=description),
            headers={"Authorization": f"Bearer {token(system)}"},
        )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_an_order_is_followed_from_the_api_to_done(desk: Desk, system: Running) -> None:
    await desk.sign_in()
    await desk.go("/orders")
    await desk.says("No orders yet.")
    number = await _post_order(system, "Line for the workshop")
    await system.order_in(number, "inProgress")

    await desk.page.reload()
    row = desk.page.locator("tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Анна Соколова")
    await expect(row).to_contain_text("In work")
    # Anywhere in the row: the link lies over all of it, so the cell itself is not what is hit.
    await row.locator("td").nth(2).click(force=True)
    await desk.page.wait_for_url(f"**/orders/{number}")
    await desk.page.evaluate("window.untouched = true")

    heading = desk.page.locator("h1")
    await expect(heading).to_contain_text("Line for the workshop")
    await expect(heading).to_contain_text("In work")
    picture = desk.page.locator(".a-wide svg[role=group]")
    for task in TASKS:
        await expect(picture.get_by_text(task, exact=True)).to_be_visible()
    await desk.says(
        "Yaroslavl, Svobody 12",
        "GPON from access node N-1, 3 ports free.",  # a decision with its reason
        "No arrears, within the credit limit.",
        "Order: In work, was Received",  # history
    )
    await desk.page.locator("#plan-table-summary").click()
    await expect(desk.page.locator("#plan-table tbody tr")).to_have_count(4)

    await expect(heading).to_contain_text("Done", timeout=15_000)
    assert await desk.page.evaluate("window.untouched"), "it was not reloaded"
    assert await desk.page.locator("#plan-table").get_attribute("open") is not None
    await desk.says("4 tasks: 4 are done", "Order: Done, was In work")
    asked = len(desk.asked)
    assert asked > 0
    assert all(path.startswith(f"/orders/{number}/live?") for path in desk.asked)
    await asyncio.sleep(2.5)
    assert len(desk.asked) == asked, "a finished order is not asked about any more"


@pytest_asyncio.fixture(loop_scope="session")
async def plain_desk(browser: Browser, system: Running, world: World) -> AsyncIterator[Desk]:
    desk = await Desk.open(browser, system.url, java_script_enabled=False)
    yield desk
    assert desk.complaints() == []


async def test_every_page_works_without_javascript(plain_desk: Desk, system: Running) -> None:
    desk = plain_desk
    number = await _post_order(system, "Line for the workshop")
    other = (await place_order(system.context, order(item("1", "fibre", address="A-2"), client="C-2")))["id"]
    await system.order_in(number, "completed")
    await system.order_in(other, "rejected")
    await desk.sign_in()
    await desk.go("/orders")
    await expect(desk.page.locator("tbody tr")).to_have_count(2)

    await desk.page.select_option("select[name=state]", "completed")
    await desk.page.get_by_role("button", name="Show").click()
    await expect(desk.page.locator("tbody tr")).to_have_count(1)
    assert "state=completed" in desk.page.url
    await desk.page.locator("tbody tr td").nth(2).click(force=True)
    await desk.says("Line for the workshop", "Done", "4 tasks: 4 are done", "GPON from access node N-1")
    await expect(desk.page.locator(".a-wide svg[role=group]")).to_be_visible()
    await desk.page.locator("#plan-table-summary").click()
    await expect(desk.page.locator("#plan-table tbody tr").first).to_be_visible()

    await desk.prefer(language="ru")
    assert desk.page.url.endswith(f"/orders/{number}")
    await desk.says("Что можно сделать сейчас")
    await desk.page.get_by_role("button", name="Выйти").click()
    await expect(desk.page.locator("#password")).to_be_visible()
    await desk.go("/orders")
    assert "/login" in desk.page.url
