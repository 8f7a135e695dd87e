"""Every page of the console, one of each kind, in a real browser: wide, narrow, light, dark, in both languages."""

import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from abonent.network_simulator import serving as serving_app
from tests.browser.desk import NARROW, WIDE, Desk
from tests.conftest import TEMPLATE, _execute, drop_database, with_database
from tests.support.crawler import Bounds
from tests.support.operator import PASSWORD, Operator, small_operator

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ALL = tuple((width, theme) for width in (WIDE, NARROW) for theme in ("light", "dark"))
# Person and where axe-core looks; the width is measured everywhere.
PEOPLE = {
    "agent-en": ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light")),
    "agent-ru": ((NARROW, "dark"),),
    "client-ru": ((WIDE, "light"),),
}
# No page: a file to keep.
FILES = (".csv",)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def served(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Operator, str]]:
    """A small operator and the address it is served at. No worker: nothing changes while one looks."""
    server, name = os.environ["ABONENT_TEST_DSN"], f"looked_at_{os.getpid()}"
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    folder = tmp_path_factory.mktemp("operator")
    async with (
        small_operator(with_database(server, name), folder) as operator,
        serving_app(operator.app) as url,
    ):
        yield operator, url
    await drop_database(server, name)


async def _addresses(operator: Operator, name: str, each: int) -> list[str]:
    """Addresses of `each` pages of a pattern: a route, with and without a filter."""
    async with operator.walk(name, Bounds(pages=each, of_route=each + 2)) as walk:
        await walk.follow()
        return [
            address
            for address, status in walk.seen.items()
            if status == 200 and not urlsplit(address).path.endswith((*FILES, "/live"))
        ]


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
async def test_every_page_is_whole(browser: Browser, served: tuple[Operator, str], name: str) -> None:
    await _look(browser, served, name, 1, PEOPLE[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", PEOPLE)
async def test_every_page_in_every_look(browser: Browser, served: tuple[Operator, str], name: str) -> None:
    await _look(browser, served, name, 3, ALL)


async def _look(
    browser: Browser,
    served: tuple[Operator, str],
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
