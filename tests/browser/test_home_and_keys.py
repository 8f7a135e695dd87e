"""The first page, the map and the board as a person meets them; keys, marked rows, kept filters; what is printed."""

import pytest
from playwright.async_api import expect

from abonent.domain.order_handling.intake import place_order
from tests.browser.desk import NARROW, WIDE, Desk
from tests.browser.orders import adopt_sixty
from tests.support.running import Running
from tests.support.world import World, item, order, owe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PAGES = (
    "/",
    "/?of=team",
    "/processes",
    "/orders/board",
    "/orders/board?town=Nowhere",
    "/keys",
    "/orders?late=1",
)


async def _held(system: Running, world: World) -> str:
    """An order that a person must decide on."""
    owe(world, "C-2", "1200.00")
    await world.save(system.context)
    number = (await place_order(system.context, order(item("1", "fibre"), client="C-2")))["id"]
    await system.order_in(number, "held")
    return number


async def test_work_comes_first_and_leads_to_the_order(desk: Desk, system: Running, world: World) -> None:
    number = await _held(system, world)
    await desk.sign_in()
    await expect(desk.page.locator("h1")).to_have_text("1 thing needs you today")
    await desk.says(f"Decide the credit, order {number}", "North Quay", "Not in use yet.")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url(f"**/orders/{number}")
    await desk.page.keyboard.press("c")
    await expect(desk.page.locator("#cancel-reason")).to_be_focused()
    await desk.page.keyboard.type("gr?x")  # in a field keys only type
    await expect(desk.page.locator("#cancel-reason")).to_have_value("gr?x")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("t")
    await expect(desk.page.locator("h1")).to_have_text("1 thing needs you today")
    await desk.page.locator(".a-wide svg a").first.click()
    await desk.page.wait_for_url("**/orders/board")
    await desk.says("North Quay", number)


async def test_a_client_sees_his_own_and_no_processes(desk: Desk, system: Running, world: World) -> None:
    number = (await place_order(system.context, order(item("1", "fibre"))))["id"]
    await system.order_in(number, "completed")
    desk.expected = {403}
    await desk.sign_in("client")
    await desk.says("Your orders and products", "What you have", "fibre", "No order is on its way.")
    assert await desk.go("/processes") == 403
    assert await desk.go("/orders/board") == 200


async def test_rows_are_marked_by_keys_and_done_together(desk: Desk, system: Running, world: World) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders?state=held&sort=number")
    keys = desk.page.keyboard
    for key in ("j", "x", "j", "x", "j", "x", "x"):
        await keys.press(key)
    await expect(desk.page.locator("#marked-count")).to_have_text("Marked: 2")
    # Marks stay when the list is asked for anew.
    await desk.page.fill("input[name=client]", "C-")
    await desk.page.wait_for_url("**client=C-*")
    await expect(desk.page.locator(".a-mark input[name=order]:checked")).to_have_count(0)
    await desk.page.fill("input[name=client]", "")
    await desk.page.wait_for_url("**/orders?state=held&sort=number")
    await expect(desk.page.locator("tbody tr")).to_have_count(6)
    await desk.page.check("#mark-all")
    await expect(desk.page.locator("#marked-count")).to_have_text("Marked: 6")
    await desk.page.get_by_role("button", name="Cancel marked ones").click()
    await desk.says("Cancel 6 orders", "A cancelled order does not come back.")
    await desk.page.fill("#reason", "duplicates")
    await desk.page.get_by_role("button", name="Cancel 6 orders").click()
    await desk.says("6 orders cancelled", "Cancelled as asked")
    await desk.page.get_by_role("link", name="Back to the list").click()
    await desk.says("No order fits this filter.")


async def test_all_keys_are_told_and_sections_reached(desk: Desk, system: Running, world: World) -> None:
    await desk.sign_in()
    await desk.page.keyboard.press("?")
    dialog = desk.page.locator("dialog#keys")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("On this page")
    await expect(dialog.locator(".a-page-key").first).to_contain_text("Board of orders")
    assert await desk.barriers() == []
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("o")
    await desk.page.wait_for_url("**/orders")
    # The same places on a Cyrillic keyboard: «п», «е» stand where g and t do.
    await desk.page.evaluate(
        """for (const [key, code] of [["п", "KeyG"], ["е", "KeyT"]])
             document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true }))"""
    )
    await expect(desk.page.locator("h1")).to_have_text("Nothing needs you now")


async def test_a_filter_is_kept_and_chosen_again(desk: Desk, system: Running, world: World) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders")
    await desk.page.select_option("select[name=state]", "held")
    await desk.page.wait_for_url("**/orders?state=held")
    await desk.page.click("#keep-filter-summary")
    await desk.page.fill("#filter-name", "Needs a person")
    await desk.page.press("#filter-name", "Enter")
    await desk.go("/orders")
    await desk.page.get_by_role("link", name="Needs a person").click()
    await desk.says("6 orders, sorted by day of order")
    await desk.page.click("#keep-filter-summary")
    await desk.page.get_by_role("button", name="Delete the filter Needs a person").click()
    await expect(desk.page.get_by_role("link", name="Needs a person")).to_have_count(0)


async def test_pages_fit_and_have_no_barrier(desk: Desk, system: Running, world: World) -> None:
    await _held(system, world)
    await adopt_sixty(system.context)
    await desk.sign_in()
    for language, theme in (("en", "dark"), ("ru", "light")):
        await desk.page.set_viewport_size({"width": WIDE, "height": 900})
        await desk.go("/keys")
        await desk.prefer(theme=theme)
        if language == "ru":
            await desk.prefer(language="ru")
        for path in PAGES:
            await desk.go(path)
            for width in (WIDE, NARROW):
                await desk.page.set_viewport_size({"width": width, "height": 900})
                assert not await desk.scrolls_sideways(), (language, path, width)
                assert await desk.barriers() == [], (path, width)
    for section in await desk.page.locator(".a-nav > *").all():
        box = await section.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW


async def test_print_leaves_out_what_is_only_pressed(desk: Desk, system: Running, world: World) -> None:
    await adopt_sixty(system.context)
    await desk.sign_in()
    await desk.go("/orders")
    await desk.page.emulate_media(media="print")
    for hidden in (".a-top", ".a-bulk", ".a-mark", ".a-sentence", ".a-cuts", ".a-pages", "summary"):
        await expect(desk.page.locator(hidden).first).to_be_hidden()
    await expect(desk.page.locator("#list h2")).to_be_visible()
    await desk.page.emulate_media(media="screen")
