"""Which services are there at a place (TMF645 queryServiceQualification)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent import main
from abonent.domain.catalog.resources import SERVICE_CANDIDATE, SERVICE_CATEGORY, SERVICE_SPECIFICATION
from abonent.domain.qualification.resources import QUERY_SERVICE_QUALIFICATION
from abonent.kit.access import Caller
from abonent.kit.errors import NotFound
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import World, build

ACTIONS = main.actions()


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        world = World()
        world.add(SERVICE_SPECIFICATION, id="GPON", name="Fibre access")
        await world.save(opened.context)
        yield opened


async def asked(
    shop: Workshop, address: str | None, caller: Caller = AGENT, specification: str | None = None, **more: Any
) -> dict[str, Any]:
    service: dict[str, Any] = {}
    if address:
        service["place"] = [{"id": address, "role": "installationAddress"}]
    if specification:
        service["serviceSpecification"] = {"id": specification}
    answer = await ACTIONS.of(QUERY_SERVICE_QUALIFICATION).create(
        shop.as_caller(caller), {"searchCriteria": {"service": service, **more}}
    )
    assert await shop.get(QUERY_SERVICE_QUALIFICATION, answer["id"]) == answer
    QUERY_SERVICE_QUALIFICATION.shape.check(dict(answer))
    assert answer["state"] == "done" and answer["queryServiceQualificationDate"].startswith("2026-06-03")
    return answer


def services(answer: dict[str, Any]) -> list[str]:
    return [i["service"]["serviceSpecification"]["id"] for i in answer["serviceQualificationItem"]]


async def test_what_the_network_carries_there(shop: Workshop) -> None:
    served = await asked(shop, "A-1")
    assert services(served) == ["GPON", "IPTV"]
    first, second = (i["service"] for i in served["serviceQualificationItem"])
    assert first["serviceSpecification"]["name"] == "Fibre access"
    assert first["serviceCharacteristic"] == [{"name": "accessTechnology", "value": "GPON"}]
    assert first["place"][0]["id"] == "A-1" and "serviceCharacteristic" not in second


@pytest.mark.parametrize("address", ["A-2", "A-404", None])
async def test_where_no_line_reaches_there_is_what_needs_none(shop: Workshop, address: str | None) -> None:
    assert services(await asked(shop, address)) == ["IPTV"]


async def test_one_specification(shop: Workshop) -> None:
    assert services(await asked(shop, "A-1", specification="GPON")) == ["GPON"]
    assert services(await asked(shop, "A-2", specification="GPON")) == []
    assert services(await asked(shop, "A-1", specification="gone")) == []


async def test_a_category_by_its_candidates(shop: Workshop) -> None:
    world = World()
    world.add(SERVICE_CANDIDATE, id="tv", name="TV", serviceSpecification={"id": "IPTV"})
    world.add(
        SERVICE_CANDIDATE,
        id="line",
        name="Line",
        serviceSpecification={"id": "GPON"},
        category=[{"id": "access"}],
    )
    world.add(SERVICE_CATEGORY, id="screen", name="Screen", serviceCandidate=[{"id": "tv"}])
    await world.save(shop.context)
    assert services(await asked(shop, "A-1", category={"id": "screen"})) == ["IPTV"]
    by_candidate = await asked(shop, "A-1", category={"id": "access"})
    assert services(by_candidate) == ["GPON"]
    assert by_candidate["serviceQualificationItem"][0]["category"] == {"id": "access"}
    assert services(await asked(shop, "A-1", category={"id": "other"})) == []


async def test_a_client_sees_his_own(shop: Workshop) -> None:
    answer = await asked(shop, "A-1", CLIENT)
    assert answer["relatedParty"][0]["id"] == "C-1"
    with pytest.raises(NotFound):
        await shop.context.store.get(STRANGER, QUERY_SERVICE_QUALIFICATION, answer["id"])
