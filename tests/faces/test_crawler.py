"""Somebody who follows every link, fills in every form with nonsense and believes no address: nothing may break.

Each test walks as one person; the operator is seeded once. The walks with the mark `slow` go further.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from starlette.routing import Route

from tests.conftest import database_of_its_own
from tests.support.crawler import Bounds, Walk
from tests.support.markup import read_page
from tests.support.operator import NAMES, Operator, small_operator

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = Bounds(pages=2, of_route=8)
LONG = Bounds(pages=6, of_route=40, every=True)
# Pages that only appear when something happens: the part of an order that changes by itself is asked for by htmx.
BY_SCRIPT = {"/orders/{order_id}/live"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def operator(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    folder = tmp_path_factory.mktemp("operator")
    async with database_of_its_own("crawled") as dsn, small_operator(dsn, folder) as made:
        yield made


async def _stale_token(operator: Operator) -> str:
    """A form token of another session."""
    async with operator.walk("manager-ru") as other:
        page = read_page((await other.http.get("/")).text, "/")
        return next(c.value for form in page.forms for c in form.controls if c.name == "token")


def _told(walk: Walk) -> str:
    return "\n".join(walk.findings.values())


@pytest.mark.parametrize("name", NAMES)
async def test_every_link_leads_to_a_page_that_owes_nothing(operator: Operator, name: str) -> None:
    async with operator.walk(name, SHORT) as walk:
        await walk.follow()
        assert len(walk.seen) > (10 if name.startswith("client") else 40)
        assert not walk.findings, _told(walk)


# A manager may do whatever staff may.
@pytest.mark.parametrize("name", ["manager-ru", "client-ru"])
async def test_bad_values_in_addresses_and_forms_are_explained(operator: Operator, name: str) -> None:
    await _abuse(operator, name, SHORT)


@pytest.mark.survey
@pytest.mark.parametrize("name", NAMES)
async def test_every_bad_value_everywhere(operator: Operator, name: str) -> None:
    await _abuse(operator, name, LONG)


async def _abuse(operator: Operator, name: str, bounds: Bounds) -> None:
    client = name.startswith("client")
    async with operator.walk(name, bounds) as walk:
        await walk.follow()
        walk.findings.clear()  # the other test's
        await walk.try_addresses()
        await walk.try_forms(await _stale_token(operator), operator.others if client else ["O-404", "C-404"])
        assert walk.asked > 300
        assert not walk.findings, _told(walk)
    # What was left behind must not break a page either.
    async with operator.walk(name, bounds) as after:
        await after.follow()
        broken = [
            finding for finding in after.findings.values() if "answered with" in finding or "shows" in finding
        ]
        assert not broken, "\n".join(broken)


async def test_together_they_saw_every_page(operator: Operator) -> None:
    seen: set[str] = set()
    for name in ("agent-en", "admin-en"):
        async with operator.walk(name, SHORT) as walk:
            await walk.follow()
            seen |= walk.visited.keys()
            routes = [route for route in walk.routes if isinstance(route, Route)]
    shown = {route.path for route in routes if "GET" in (route.methods or ())}
    # The address of a step shows the page it belongs to: it is no page of its own.
    steps = {route.path for route in routes if "POST" in (route.methods or ())}
    outside = {"/healthz", "/readyz", "/metrics", "/login", "/{missing:path}"}
    assert shown - seen - outside - BY_SCRIPT - steps == set()


async def test_a_client_sees_nobody_elses_page(operator: Operator) -> None:
    async with operator.walk("agent-ru", SHORT) as agent, operator.walk("client-ru", SHORT) as client:
        await agent.follow()
        mine = (await client.get("/orders?q=" + operator.client)).text
        assert operator.others[0] not in mine
        for address in agent.seen:
            answer = await client.get(address)
            for one in operator.others:
                # What he asked for himself may be repeated to him.
                assert answer.status_code in {403, 404} or one in address or one not in answer.text, address
            if any(f"/{one}" in address for one in operator.others):
                assert answer.status_code in {403, 404}, (address, answer.status_code)
