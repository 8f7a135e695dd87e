"""The bureau over real HTTP: asked only when needed and allowed, once a day, and never waited for."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from abonent.bureau_simulator import Behaviour, Rule, create_bureau
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.ports import BureauAway, BureauReport, BureauSubject, CreditBureau
from abonent.gateways.brake import Brake
from abonent.gateways.credit_bureau import HttpCreditBureau
from abonent.kit.access import SYSTEM
from abonent.network_simulator import serving
from tests.support.credit import put_in_force, row, table
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, item, order

ANNA = BureauSubject("C-1", "Anna Sokolova", "individual", "1990-05-17", (("passport", "7804 1"),))
SCORED = table(
    "tenureMonths bureauStatus bureauScore",
    row(">= 60", "-", "-", outcome="approve"),
    row("-", "down", "-", outcome="refer"),
    row("-", "notAsked", "-", outcome="approveWithDeposit", deposit={"months": 1}),
    row("-", "unknown", "-", outcome="approveWithDeposit", deposit={"months": 2}),
    row("-", "answered", "< 500", outcome="decline"),
    row("-", "answered", "-", outcome="approve"),
)


class Bureau:
    """A running bureau, a client of it, and what it was asked."""

    def __init__(self, url: str, client: HttpCreditBureau) -> None:
        self.url, self.client = url, client

    async def set(self, **behaviour: Any) -> None:
        path = f"{self.url}/bureau/behaviour"
        async with aiohttp.ClientSession() as http, http.patch(path, json=behaviour) as answer:
            assert answer.status == 200, await answer.text()

    async def asked(self) -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/bureau/questions") as answer:
            return await answer.json()


@pytest.fixture
async def bureau() -> AsyncIterator[Bureau]:
    behaviour = Behaviour(
        rules=[Rule(reference="C-1", score=640), Rule(name="Quay", unknown=True)], token="k"
    )
    async with serving(create_bureau(behaviour)) as url:
        client = HttpCreditBureau(
            url, lambda: "c-1", authorization="Bearer k", timeout=0.3, brake=Brake(failures=2, pause=0.2)
        )
        yield Bureau(url, client)
        await client.close()


@pytest.fixture
async def shop(dsn: str, bureau: Bureau) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        opened.network.prompt = False
        opened.context = replace(opened.context, ports={**opened.context.ports, CreditBureau: bureau.client})
        await build(opened.context, ports=20)
        await put_in_force(opened.context, SCORED)
        yield opened


async def consent(
    shop: Workshop, client: str, value: Any = True, since: str = "2026-01-01T00:00:00Z"
) -> None:
    stored = await shop.context.store.get(SYSTEM, CUSTOMER_, client)
    kept = [c for c in stored.document["characteristic"] if c["name"] != "creditBureauConsent"]
    changed = [*kept, {"name": "creditBureauConsent", "value": value}]
    change = shop.context.change()
    change.update(stored, stored.document | {"characteristic": changed, "validFor": {"startDateTime": since}})
    await shop.context.store.commit(change)


async def credit(shop: Workshop, client: str = "C-1") -> dict[str, Any]:
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=client))
    await shop.drain()
    return (await shop.get(ORDER_ASSESSMENT, placed["id"]))["decision"][-1]


async def test_answers_and_what_is_asked(bureau: Bureau) -> None:
    told = await bureau.client.report(ANNA)
    assert told.score == 640 and told.reference
    assert await bureau.client.report(replace(ANNA, reference="C-9", name="North Quay")) == BureauReport(None)
    other = await bureau.client.report(replace(ANNA, reference="C-3"))
    assert other == await bureau.client.report(replace(ANNA, reference="C-4"))
    assert (await bureau.asked())[0] == {
        "reference": "C-1",
        "name": "Anna Sokolova",
        "kind": "individual",
        "birthDate": "1990-05-17",
        "documents": [{"type": "passport", "number": "7804 1"}],
    }


@pytest.mark.parametrize("trouble", [{"down": True}, {"latency": 5}, {"garbled": True}, {"token": "other"}])
async def test_every_trouble_is_one_that_ends_soon(bureau: Bureau, trouble: dict[str, Any]) -> None:
    await bureau.set(**trouble)
    begun = time.monotonic()
    with pytest.raises(BureauAway):
        await bureau.client.report(ANNA)
    assert time.monotonic() - begun < 1.0


async def test_after_failures_in_a_row_it_is_left_alone_for_a_while(bureau: Bureau) -> None:
    await bureau.set(down=True)
    for _ in range(4):
        with pytest.raises(BureauAway):
            await bureau.client.report(ANNA)
    assert len(await bureau.asked()) == 2
    await bureau.set(down=False)
    with pytest.raises(BureauAway):
        await bureau.client.report(ANNA)
    await asyncio.sleep(0.25)
    assert (await bureau.client.report(ANNA)).score == 640


async def test_asked_with_consent_once_a_day_and_kept_with_the_decision(
    shop: Workshop, bureau: Bureau
) -> None:
    await consent(shop, "C-1")
    first = await credit(shop)
    assert (first["outcome"], first["rule"], first["bureau"]["score"]) == ("approve", "6", 640)
    assert first["inputs"]["bureauScore"] == 640 and first["row"]["cell"] == ["-", "answered", "-"]
    await bureau.set(rules=[{"reference": "C-1", "score": 499}])
    assert (await credit(shop))["outcome"] == "approve"
    assert len(await bureau.asked()) == 1
    shop.at(shop.context.now() + timedelta(days=1, seconds=1))
    again = await credit(shop)
    assert (again["outcome"], again["bureau"]["score"], len(await bureau.asked())) == ("decline", 499, 2)


async def test_without_consent_or_need_nobody_is_asked(shop: Workshop, bureau: Bureau) -> None:
    await consent(shop, "C-1", False)
    refused = await credit(shop)
    assert (refused["outcome"], refused["rule"], refused["bureau"]) == (
        "approveWithDeposit",
        "3",
        {"status": "notAsked"},
    )
    await consent(shop, "C-1", True, since="2020-01-01T00:00:00Z")
    old = await credit(shop)
    assert (old["rule"], "bureau" in old, await bureau.asked()) == ("1", False, [])


async def test_an_unknown_client_is_remembered_and_a_closed_bureau_is_not(
    shop: Workshop, bureau: Bureau
) -> None:
    await consent(shop, "C-1")
    await consent(shop, "C-2")
    assert (await credit(shop, "C-2"))["rule"] == "4"
    assert (await credit(shop, "C-2"))["rule"] == "4"
    assert len(await bureau.asked()) == 1
    await bureau.set(down=True)
    down = await credit(shop)
    assert (down["outcome"], down["rule"], down["bureau"]["status"]) == ("refer", "2", "down")
    await bureau.set(down=False)
    assert (await credit(shop))["rule"] == "6"


async def test_where_no_bureau_is_connected_nobody_is_asked(shop: Workshop) -> None:
    await consent(shop, "C-1")
    shop.context = replace(
        shop.context, ports={k: v for k, v in shop.context.ports.items() if k is not CreditBureau}
    )
    assert (await credit(shop))["rule"] == "3"
