"""The order list: filters, sorting, pages, addresses to keep, an empty list that helps."""

import pytest
from playwright.async_api import expect

from tests.browser.desk import Desk
from tests.browser.orders import adopt_sixty
from tests.support.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _numbers(desk: Desk) -> list[str]:
    return await desk.page.locator(".a-rowlink").all_inner_texts()


async def test_filters_narrow_the_list_as_one_types(desk: Desk, system: Running) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders")
    rows = desk.page.locator("tbody tr")
    await desk.says("60 orders, sorted by day of order, descending")
    await expect(rows).to_have_count(50)

    await desk.page.select_option("select[name=state]", "held")
    await expect(rows).to_have_count(6)  # 20000, 20010, ... 20050
    await desk.page.fill("input[name=client]", "north")
    await expect(rows).to_have_count(2)  # of those, C-2 has each whose place is divisible by 3 too: 0, 30
    assert await _numbers(desk) == ["O-20030", "O-20000"]
    await desk.page.wait_for_url("**/orders?state=held&client=north")
    await desk.page.fill("#filter input[name=q]", "20030")
    await expect(rows).to_have_count(1)

    await desk.page.fill("#filter input[name=q]", "nothing like it")
    await desk.says("No order fits this filter. Take a word away, choose another state")
    await desk.page.get_by_role("link", name="all orders").click()
    await expect(rows).to_have_count(50)

    await desk.page.check("input[name=late]")
    await expect(rows).to_have_count(2)
    assert await _numbers(desk) == ["O-20059", "O-20058"]
    await desk.says("1 h late", "Late")
    await desk.page.go_back()
    await expect(rows).to_have_count(50)


async def test_an_address_keeps_filter_sort_and_page(desk: Desk, system: Running) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders")
    await desk.page.get_by_role("link", name="RUB a month, with tax").click()
    await expect(desk.page.locator("th[aria-sort=ascending]")).to_contain_text("RUB a month")
    assert (await _numbers(desk))[:2] == ["O-20000", "O-20001"]  # 100 and 101 RUB, the cheapest
    await desk.page.get_by_role("link", name="RUB a month, with tax").click()
    await expect(desk.page.locator("th[aria-sort=descending]")).to_contain_text("RUB a month")
    assert (await _numbers(desk))[0] == "O-20059"

    await desk.page.get_by_role("link", name="Next 50").click()
    await desk.says("51 to 60 of 60")
    assert await _numbers(desk) == [f"O-{n}" for n in range(20_009, 19_999, -1)]
    kept = desk.page.url
    await desk.go("/orders")
    await desk.page.goto(kept)
    assert (await _numbers(desk))[-1] == "O-20000"
    await desk.page.get_by_role("link", name="Previous 50").click()
    await desk.says("1 to 50 of 60")

    await desk.go("/orders?state=open&client=C-2&sort=ordered")
    assert (await _numbers(desk))[:2] == ["O-20000", "O-20003"]
    await expect(desk.page.locator("select[name=state]")).to_have_value("open")
    await expect(desk.page.locator("input[name=client]")).to_have_value("C-2")


async def test_the_keyboard_walks_the_rows(desk: Desk, system: Running) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("k")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url("**/orders/O-20058")
    await desk.page.keyboard.press("/")
    await desk.page.keyboard.type("20007")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("tbody tr")).to_have_count(1)
