"""Every page of the console, one of each kind, in a real browser: wide, narrow, light, dark, in both languages."""

from collections.abc import Callable
from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser

from tests.browser.desk import NARROW, WIDE, Desk
from tests.support.crawler import Bounds
from tests.support.operator import Operator, Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Look = tuple[int, str]
ALL: tuple[Look, ...] = tuple(product((WIDE, NARROW), ("light", "dark")))
# axe-core looks at one page in one look, at the next in another, in the two languages in other ones; the width is
# measured everywhere.
PEOPLE = {"agent-en": 0, "agent-ru": 1, "client-ru": 0}
# No page: a file to keep.
FILES = (".csv",)


async def _addresses(operator: Operator, name: str, bounds: Bounds) -> list[str]:
    """Addresses of pages: of each route with and without a filter, and of orders, visits and so on of each state."""
    async with operator.walk(name, bounds) as walk:
        await walk.follow(*operator.starts(name))
        return [
            address
            for address, status in walk.seen.items()
            if status == 200 and not urlsplit(address).path.endswith((*FILES, "/live"))
        ]


async def _faults(desk: Desk, address: str, looks: tuple[Look, ...]) -> list[str]:
    """What is wrong with a page in any width, and to axe-core in these looks."""
    found = []
    await desk.page.set_viewport_size({"width": WIDE, "height": 900})
    await desk.go(address)
    for width, theme in ALL:
        if theme != "light" and (width, theme) not in looks:
            continue
        await desk.page.set_viewport_size({"width": width, "height": 900})
        await desk.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        if theme == "light" and (wide := await desk.sticks_out()):
            found.append(f"{address} at {width}: sticks out: {wide}")
        if (width, theme) in looks:
            found += [f"{address} at {width}, {theme}: {each}" for each in await desk.barriers()]
    return found + [f"{address}: {said}" for said in desk.take_complaints()]


@pytest.mark.parametrize("name", PEOPLE)
async def test_every_page_is_whole(browser: Browser, served: Served, name: str) -> None:
    await _look(
        browser, served, name, Bounds(pages=1, of_route=1), lambda nth: (ALL[(nth + PEOPLE[name]) % 4],)
    )


@pytest.mark.survey
@pytest.mark.parametrize("name", PEOPLE)
async def test_every_page_in_every_look(browser: Browser, served: Served, name: str) -> None:
    await _look(browser, served, name, Bounds(pages=3, of_route=5), lambda nth: ALL)


async def _look(
    browser: Browser,
    served: Served,
    name: str,
    bounds: Bounds,
    looks: Callable[[int], tuple[Look, ...]],
) -> None:
    operator, url = served
    desk = await Desk.open(browser, url)
    try:
        await desk.sign_in(name)
        found = []
        for nth, address in enumerate(await _addresses(operator, name, bounds)):
            found += await _faults(desk, address, looks(nth))
    finally:
        await desk.page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_door_is_whole_too(browser: Browser, served: Served, theme: str) -> None:
    desk = await Desk.open(browser, served[1])
    desk.expected = {401, 404}
    await desk.sign_in("agent-en", "wrong-password")
    for path in ("", "/no/such/page"):
        if path:
            await desk.sign_in("agent-en")
            await desk.go(path)
        await desk.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        for width in (WIDE, NARROW):
            await desk.page.set_viewport_size({"width": width, "height": 900})
            assert await desk.sticks_out() == [] and await desk.barriers() == []
    await desk.page.context.close()
    assert desk.complaints() == []
