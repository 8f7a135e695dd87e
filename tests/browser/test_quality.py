"""What every page owes: no complaint in the browser's log, no sideways scrolling, no barrier that axe-core finds."""

import pytest
from playwright.async_api import expect

from abonent.domain.order_handling.intake import place_order
from tests.browser.desk import NARROW, WIDE, Desk
from tests.browser.orders import adopt_sixty
from tests.support.running import Running
from tests.support.world import World, item, order, owe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _every_kind(system: Running, world: World) -> list[str]:
    """A bundle delivered, an order that needs a person, a rejected one with an alternative, an incomplete one."""
    ctx = system.context
    owe(world, "C-2", "1200.00")
    await world.save(ctx)
    bundle = (await place_order(ctx, order(item("1", "bundle"))))["id"]
    held = (await place_order(ctx, order(item("1", "fibre"), client="C-2", description="Office " * 20)))["id"]
    refused = (await place_order(ctx, order(item("1", "turbo"))))["id"]
    incomplete = (await place_order(ctx, order(item("1", "fibre"), client=None)))["id"]
    await system.order_in(bundle, "completed")
    await system.order_in(held, "held")
    await system.order_in(refused, "rejected")
    return [bundle, held, refused, incomplete]


async def test_pages_fit_their_width_without_a_complaint(desk: Desk, system: Running, world: World) -> None:
    numbers = await _every_kind(system, world)
    await adopt_sixty(system.context)
    await desk.sign_in()
    for language in ("en", "ru"):
        if language == "ru":
            await desk.page.set_viewport_size({"width": WIDE, "height": 900})
            await desk.go("/orders")
            await desk.prefer(language="ru")
        for path in ("/login", "/orders", "/orders?q=none", *(f"/orders/{n}" for n in numbers)):
            await desk.go(path)
            for width in (WIDE, NARROW):
                await desk.page.set_viewport_size({"width": width, "height": 900})
                assert not await desk.scrolls_sideways(), (language, path, width)
        await expect(desk.page.locator(".a-narrow svg, .a-empty").first).to_be_attached()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_barrier_for_assistive_technology(
    desk: Desk, system: Running, world: World, theme: str
) -> None:
    numbers = await _every_kind(system, world)
    desk.expected = {401}
    await desk.sign_in(password="wrong-password")
    assert await desk.barriers() == []
    await desk.sign_in()
    if theme == "dark":
        await desk.prefer(theme="dark")
    for path in ("/orders", "/orders?q=none", *(f"/orders/{n}" for n in numbers)):
        await desk.go(path)
        assert await desk.barriers() == [], path
    await desk.page.set_viewport_size({"width": NARROW, "height": 900})
    for path in ("/orders", f"/orders/{numbers[1]}"):
        await desk.go(path)
        assert await desk.barriers() == [], path
