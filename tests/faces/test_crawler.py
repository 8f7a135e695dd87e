"""Somebody who follows every link: no page is broken, none is missing, nobody sees what is another's.

Each test walks as one person; the operator is seeded once. Who tries bad values walks in test_crawler_abuse.py, where
what he leaves behind is in nobody's way.
"""

import re

import pytest
from starlette.routing import Route

from tests.support.crawler import LONG
from tests.support.operator import CLIENTS, NAMES, Operator

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What only appears when something happens: the part of an order that changes by itself is asked for by htmx, an
# amendment is told after it was sent, and nobody sent a photo or drew up a contract yet.
BY_SCRIPT = {
    *(
        "/orders/{order_id}/live",
        "/orders/{order_id}/amended",
        "/work-orders/{work_id}/attachments/{file_id}",
    ),
    *("/contracts/{order_id}/file", "/f/{token}/contract.pdf"),
}


@pytest.mark.parametrize("name", NAMES)
async def test_every_link_leads_to_a_page_that_owes_nothing(operator: Operator, name: str) -> None:
    walk = await operator.walked(name)
    assert len(walk.seen) > (10 if name in CLIENTS else 40)
    assert not walk.findings, walk.told()


@pytest.mark.survey
@pytest.mark.parametrize("name", NAMES)
async def test_many_links_of_each_kind_lead_to_pages_that_owe_nothing(operator: Operator, name: str) -> None:
    async with operator.walk(name, LONG) as walk:
        await walk.follow(*operator.starts(name))
        assert not walk.findings, walk.told()


async def test_together_they_saw_every_page(operator: Operator) -> None:
    walks = [await operator.walked(name) for name in ("agent-en", "admin-en")]
    seen = {path for walk in walks for path in walk.visited}
    routes = [route for route in walks[0].routes if isinstance(route, Route)]
    shown = {route.path for route in routes if "GET" in (route.methods or ())}
    # The address of a step shows the page it belongs to: it is no page of its own.
    steps = {route.path for route in routes if "POST" in (route.methods or ())}
    outside = {"/healthz", "/readyz", "/metrics", "/login", "/{missing:path}"}
    # Open to everybody, with tests of their own.
    outside |= {"/docs", "/docs/{api}", "/docs/{api}/openapi.json"}
    assert shown - seen - outside - BY_SCRIPT - steps == set()


async def test_a_client_sees_nobody_elses_page(operator: Operator) -> None:
    agent = await operator.walked("agent-ru")
    async with operator.walk("client-ru") as client:
        mine = (await client.get("/orders?q=" + operator.client)).text
        assert operator.others[0] not in mine
        for address in agent.seen:
            answer = await client.get(address)
            for one in operator.others:
                # What he asked for himself may be repeated to him. BO-1 is no O-1.
                shown = re.search(rf"(?<!\w){re.escape(one)}(?!\w)", answer.text)
                assert answer.status_code in {403, 404} or one in address or not shown, address
            if any(f"/{one}" in address for one in operator.others):
                assert answer.status_code in {403, 404}, (address, answer.status_code)
