"""The whole system and a real Chromium before it.

ABONENT_CHROMIUM names the browser. Where it, the console's built files or axe-core are missing, these tests are
skipped with the reason; ABONENT_REQUIRE_BROWSER=1 (CI) makes that a failure.
"""

import os
import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from abonent.domain.party.accounts import create_account
from abonent.faces.console.render import STATIC
from abonent.kit.access import Role
from abonent.network_simulator import serving as serving_app
from tests.browser.desk import AXE, ROOT, Desk
from tests.conftest import database_of_its_own
from tests.support.operator import Served, stand
from tests.support.people import PASSWORD
from tests.support.running import Running, run_system
from tests.support.world import World, build

PICTURES = ROOT / "test-results"
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_failed: pytest.StashKey[bool] = pytest.StashKey()


def _missing() -> str:
    """What these tests need and do not find; empty when all is there."""
    if not _chromium():
        return "no Chromium found: install it (apt install chromium) or name one in ABONENT_CHROMIUM"
    if not (STATIC / "vendor" / "htmx.min.js").is_file() or not AXE.is_file():
        return "the console's files are not built: run `make assets` (needs Node.js with npm)"
    return ""


def _chromium() -> str | None:
    named = os.environ.get("ABONENT_CHROMIUM")
    return named if named and Path(named).is_file() else shutil.which(named or "chromium")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser, or a skip (a failure in CI) that says what is missing."""
    missing = _missing()
    if missing:
        if os.environ.get("ABONENT_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return _chromium() or ""


# One browser for the whole run: so these tests and their fixtures share one event loop.
@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def system(dsn: str, tmp_path: Path) -> AsyncIterator[Running]:
    """Database, worker, web and a quick network; `anna` is an agent, `client` belongs to C-1."""
    async with run_system(dsn, tmp_path) as running:
        for name, role, shown, party in (
            ("anna", Role.AGENT, "Анна Орлова", None),
            ("client", Role.CLIENT, "Анна Соколова", "C-1"),
        ):
            await create_account(
                running.context.store, name, PASSWORD, role, display_name=shown, party=party, language="en"
            )
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def served(
    chromium: str, seeded: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A seeded operator and the address it is served at. No worker: nothing changes while one looks."""
    folder = tmp_path_factory.mktemp("operator")
    async with (
        database_of_its_own("looked_at", seeded) as dsn,
        stand(dsn, folder) as operator,
        serving_app(operator.app) as url,
    ):
        yield operator, url


@pytest_asyncio.fixture(loop_scope="session")
async def world(system: Running) -> World:
    return await build(system.context)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(
    browser: Browser, system: Running, world: World, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    """A person's browser, not signed in. At the end nothing may stand in its log that the test did not expect."""
    desk = await Desk.open(browser, system.url)
    yield desk
    if request.node.stash.get(_failed, False):
        PICTURES.mkdir(exist_ok=True)
        await desk.page.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    await desk.page.context.close()
    assert desk.complaints() == []
