"""Every page of the console, one of each kind, in a real browser: wide, narrow, light, dark, in both languages."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from abonent.kit.query import Query
from abonent.kit.shapes import decode
from tests.browser.desk import NARROW, WIDE, Desk
from tests.support.crawler import Bounds
from tests.support.operator import PASSWORD, Operator, Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ALL = tuple((width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark"))
# Person and where axe-core looks; the width is measured everywhere.
PEOPLE = {
    "agent-en": ((WIDE, "light"), (NARROW, "dark")),
    "agent-ru": ((WIDE, "dark"), (NARROW, "light")),
    "client-ru": ((WIDE, "light"),),
}
# No page: a file to keep.
FILES = (".csv",)


async def _addresses(operator: Operator, name: str, each: int) -> list[str]:
    """Addresses of `each` pages of a pattern: a route, with and without a filter."""
    async with operator.walk(name, Bounds(pages=each, of_route=each + 2)) as walk:
        await walk.follow()
        seen = [
            address
            for address, status in walk.seen.items()
            if status == 200 and not urlsplit(address).path.endswith((*FILES, "/live"))
        ]
    return list(dict.fromkeys(seen + (await _orders(operator) if name.startswith("agent") else [])))


async def _orders(operator: Operator) -> list[str]:
    """An order of each state."""
    rows = (await operator.process.context.store.page(SYSTEM, PRODUCT_ORDER, Query(limit=1000))).rows
    documents = [decode(row[0].encode()) for row in rows]
    return [f"/orders/{number}" for number in {each["state"]: each["id"] for each in documents}.values()]


async def _faults(desk: Desk, address: str, looks: tuple[tuple[int, str], ...]) -> list[str]:
    """What is wrong with a page in any width and theme."""
    found = []
    await desk.page.set_viewport_size({"width": WIDE, "height": 900})
    await desk.go(address)
    for width, theme in ALL:
        await desk.page.set_viewport_size({"width": width, "height": 900})
        await desk.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        if theme == "light" and (wide := await desk.sticks_out()):
            found.append(f"{address} at {width}: sticks out: {wide}")
        if (width, theme) in looks:
            found += [f"{address} at {width}, {theme}: {each}" for each in await desk.barriers()]
    return found + [f"{address}: {said}" for said in desk.take_complaints()]


@pytest.mark.parametrize("name", PEOPLE)
async def test_every_page_is_whole(browser: Browser, served: Served, name: str) -> None:
    await _look(browser, served, name, 1, PEOPLE[name])


@pytest.mark.survey
@pytest.mark.parametrize("name", PEOPLE)
async def test_every_page_in_every_look(browser: Browser, served: Served, name: str) -> None:
    await _look(browser, served, name, 3, ALL)


async def _look(
    browser: Browser,
    served: Served,
    name: str,
    each: int,
    looks: tuple[tuple[int, str], ...],
) -> None:
    operator, url = served
    desk = await Desk.open(browser, url)
    try:
        await desk.sign_in(name, PASSWORD)
        found = []
        for address in await _addresses(operator, name, each):
            found += await _faults(desk, address, looks)
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
            await desk.sign_in("agent-en", PASSWORD)
            await desk.go(path)
        await desk.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        for width in (WIDE, NARROW):
            await desk.page.set_viewport_size({"width": width, "height": 900})
            assert await desk.sticks_out() == [] and await desk.barriers() == []
    await desk.page.context.close()
    assert desk.complaints() == []
