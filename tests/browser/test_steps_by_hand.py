"""Releasing and cancelling an order from its page: only where legal, with what follows said before."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from tests.browser.desk import Desk
from tests.browser.orders import adopt, document
from tests.support.running import Running
from tests.support.world import World, item, order, owe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _held_for_credit(system: Running, world: World) -> str:
    owe(world, "C-2", "1200.00")
    await world.save(system.context)
    placed = await place_order(system.context, order(item("1", "fibre"), client="C-2"))
    await system.order_in(placed["id"], "held")
    return placed["id"]


async def test_a_held_order_is_released_and_done(desk: Desk, system: Running, world: World) -> None:
    number = await _held_for_credit(system, world)
    await desk.sign_in()
    await desk.go(f"/orders/{number}")
    await desk.says(
        "A person must decide on the credit.", "The client has arrears.", "the credit decision is noted"
    )
    await desk.page.get_by_role("link", name="Release").click()
    await expect(desk.page.locator("#release")).to_be_in_viewport()
    await desk.page.get_by_role("button", name="Release").click()
    await expect(desk.page.locator("h1")).to_contain_text("Done", timeout=15_000)
    assert desk.page.url.endswith(f"/orders/{number}")
    history = desk.page.locator(".a-log li", has_text="Released by hand")
    await expect(history).to_contain_text("anna")
    await expect(desk.page.locator(".a-act")).to_have_count(0)


async def test_a_failed_task_is_done_again_after_release(desk: Desk, system: Running) -> None:
    trouble = {"productCharacteristic": [{"name": "simulate", "value": "failOnce"}]}
    placed = await place_order(system.context, order(item("1", "fibre", product=trouble)))
    await system.order_in(placed["id"], "held")
    await desk.sign_in()
    await desk.go(f"/orders/{placed['id']}")
    await desk.says("Task 2, “Access line”, failed.", "The failed task is done again")
    await desk.page.get_by_role("button", name="Release").click()
    await expect(desk.page.locator("h1")).to_contain_text("Done", timeout=15_000)


async def test_an_order_is_cancelled_with_a_reason(desk: Desk, system: Running) -> None:
    placed = await place_order(system.context, order(item("1", "fibre"), client=None))
    number = placed["id"]
    await desk.sign_in()
    await desk.go(f"/orders/{number}")
    await desk.says("Something is missing in the order.", "nothing has to be undone")
    await expect(desk.page.locator("#release")).to_have_count(0)  # nothing to release: it is incomplete

    # Past the browser's own check of the field: the server answers beside the field and keeps what was typed.
    desk.expected = {400}
    await desk.page.evaluate("document.querySelector('#cancel').noValidate = true")
    await desk.page.fill("#cancel-reason", "   ")
    await desk.page.get_by_role("button", name="Cancel order").click()
    await expect(desk.page.locator("#cancel-problem")).to_have_text(
        "Say in a few words why the order is cancelled."
    )
    await expect(desk.page.locator("#cancel-reason")).to_be_focused()
    await asyncio.sleep(2.5)  # the page looked again meanwhile
    await expect(desk.page.locator("#cancel-problem")).to_be_visible()

    await desk.page.fill("#cancel-reason", "Ordered twice & by mistake")
    await desk.page.get_by_role("button", name="Cancel order").click()
    await expect(desk.page.locator("h1")).to_contain_text("Cancelled")
    assert desk.page.url.endswith(f"/orders/{number}")
    entry = desk.page.locator(".a-log li", has_text="Order: Cancelled, was On hold")
    await expect(entry).to_contain_text("Ordered twice & by mistake")
    await expect(entry).to_contain_text("anna")
    stored = await system.context.store.get(SYSTEM, PRODUCT_ORDER, number)
    assert stored.document["cancellationReason"] == "Ordered twice & by mistake"


async def test_a_step_that_is_no_longer_legal_is_refused_in_the_readers_language(
    desk: Desk, system: Running, world: World
) -> None:
    number = await _held_for_credit(system, world)
    await desk.sign_in()
    await desk.prefer(language="ru")

    async def silent(route: Route) -> None:
        await route.fulfill(status=204)

    await desk.page.route("**/live?*", silent)  # the page stays as it was while a colleague acts
    await desk.go(f"/orders/{number}")
    stored = await system.context.store.get(SYSTEM, PRODUCT_ORDER, number)
    await change_order(system.context, stored, stored.document | {"state": "cancelled"})
    desk.expected = {422}
    await desk.page.get_by_role("button", name="Пустить в работу").click()
    await expect(desk.page.get_by_role("alert")).to_have_text(
        "Заказ теперь «Отменён»; из этого состояния такой шаг невозможен."
    )
    await expect(desk.page.locator("h1")).to_contain_text("Отменён")
    await desk.prefer(language="en")  # back to the order's own address, not to the step's
    assert desk.page.url.endswith(f"/orders/{number}")


async def test_what_one_types_survives_the_pages_own_refresh(desk: Desk, system: Running) -> None:
    now = system.context.now()
    await adopt(system.context, document(20_001, now, state="pending"))
    await desk.sign_in()
    await desk.go("/orders/O-20001")
    await desk.says("The order waits for the client’s answer.", "Work begins without the client’s answer.")
    await desk.page.locator("#cancel-reason").press_sequentially("The client moved")
    stored = await system.context.store.get(SYSTEM, PRODUCT_ORDER, "O-20001")
    await change_order(system.context, stored, stored.document | {"description": "Renamed meanwhile"})
    await desk.says("Renamed meanwhile")
    await expect(desk.page.locator("#cancel-reason")).to_be_focused()
    await desk.page.keyboard.type(" away")
    await expect(desk.page.locator("#cancel-reason")).to_have_value("The client moved away")
