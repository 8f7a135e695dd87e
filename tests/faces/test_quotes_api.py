"""Quotes over the API (TMF648): asked for, and deleted while nobody has begun on them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.agreement.documents import ASSESSMENT
from abonent.domain.agreement.resources import QUOTE
from tests.support.web import Web, error_of, run_web
from tests.support.world import alter, build


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        yield running


async def asked(web: Web) -> dict[str, Any]:
    party = {"id": "C-1", "role": "customer", "@referredType": "Customer"}
    answer = await web.admin.post(
        QUOTE.path, json={"quoteItem": [{"action": "add"}], "relatedParty": [party]}
    )
    assert (answer.status_code, answer.json()["state"]) == (201, "inProgress")
    return answer.json()


async def test_one_that_nobody_has_begun_on_is_deleted(web: Web) -> None:
    quote = await asked(web)
    assert (await web.admin.delete(quote["href"])).status_code == 204
    error_of(await web.admin.get(quote["href"]), 404)


@pytest.mark.parametrize("state", ["pending", "approved", "accepted"])
async def test_one_that_says_something_is_kept(web: Web, state: str) -> None:
    quote = await asked(web)
    way = ["pending", "approved", "accepted"]
    for step in way[: way.index(state) + 1]:
        await alter(web.context, QUOTE, quote["id"], state=step)
    error_of(await web.admin.delete(quote["href"]), 422, "quoteKept")


async def test_one_that_engineers_assess_is_kept(web: Web) -> None:
    quote = await asked(web)
    rests_on = [{"id": "EA-1", "@referredType": ASSESSMENT}]
    await alter(web.context, QUOTE, quote["id"], productOfferingQualification=rests_on)
    error_of(await web.admin.delete(quote["href"]), 422, "quoteKept")
