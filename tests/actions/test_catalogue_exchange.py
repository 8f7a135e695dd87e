"""Export and import jobs (TMF620, TMF633): from the post to the file and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent import main
from abonent.domain.catalog import exchange
from abonent.domain.catalog.exchange_resources import (
    CATALOG_FILE,
    EXPORT_JOB,
    IMPORT_JOB,
    PRODUCT_KINDS,
    SERVICE_EXPORT_JOB,
    SERVICE_IMPORT_JOB,
)
from abonent.domain.catalog.resources import PRODUCT_OFFERING, SERVICE_CATEGORY, SERVICE_SPECIFICATION
from abonent.kit.errors import IllegalMove
from abonent.kit.resource import Resource
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import alter, build

ACTIONS = main.actions()
FILE = f"{CATALOG_FILE.path}/spring"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def posted(shop: Workshop, resource: Resource, **given: Any) -> dict[str, Any]:
    return await ACTIONS.of(resource).create(shop.as_caller(AGENT), {"url": FILE, **given})


async def done(shop: Workshop, resource: Resource, **given: Any) -> dict[str, Any]:
    """A job as it ended, its way in the history."""
    job = await posted(shop, resource, **given)
    assert job["status"] == "Not Started" and job["creationDate"]
    await shop.drain()
    ended = await shop.get(resource, job["id"])
    resource.shape.check(dict(ended))
    assert ended["completionDate"] >= ended["creationDate"]
    history = await shop.context.store.history(resource, job["id"])
    assert [h["new_state"] for h in reversed(history)] == ["Not Started", "Running", ended["status"]]
    return ended


async def content(shop: Workshop) -> dict[str, list[dict[str, Any]]]:
    return (await shop.get(CATALOG_FILE, "spring"))["content"]


async def test_the_whole_catalogue_goes_into_a_file(shop: Workshop) -> None:
    job = await done(
        shop, EXPORT_JOB, status="Succeeded", completionDate="2020-01-01T00:00:00Z", errorLog="x"
    )
    assert job["status"] == "Succeeded" and "errorLog" not in job
    written = await content(shop)
    assert sorted(written) == sorted(kind.name for kind in PRODUCT_KINDS)
    assert {o["id"] for o in written["productOffering"]} == {"fibre", "turbo", "tv", "bundle"}
    assert written["productOffering"][0] == await shop.get(
        PRODUCT_OFFERING, written["productOffering"][0]["id"]
    )


async def test_a_part_is_chosen_by_path_and_query(shop: Workshop) -> None:
    asked = {"path": "/tmf-api/productCatalogManagement/v4/productOffering", "query": "name=fibre,tv"}
    assert (await done(shop, EXPORT_JOB, **asked))["status"] == "Succeeded"
    written = await content(shop)
    assert list(written) == ["productOffering"]
    assert [o["id"] for o in written["productOffering"]] == ["fibre", "tv"]


async def test_a_second_export_takes_the_place_of_the_first(shop: Workshop) -> None:
    await done(shop, EXPORT_JOB)
    await alter(shop.context, PRODUCT_OFFERING, "fibre", description="new")
    await done(shop, EXPORT_JOB, path="productOffering", query="id=fibre")
    assert (await content(shop))["productOffering"][0]["description"] == "new"


async def test_what_was_exported_is_imported_again(shop: Workshop) -> None:
    await done(shop, EXPORT_JOB)
    before = await shop.get(PRODUCT_OFFERING, "fibre")
    versions = {
        id: (await shop.context.store.get(AGENT, PRODUCT_OFFERING, id)).version for id in ("tv", "turbo")
    }
    await alter(shop.context, PRODUCT_OFFERING, "fibre", name="Spoilt")
    stored = await shop.context.store.get(AGENT, PRODUCT_OFFERING, "bundle")
    await ACTIONS.of(PRODUCT_OFFERING).remove(shop.context, stored)
    assert (await done(shop, IMPORT_JOB))["status"] == "Succeeded"
    assert await shop.get(PRODUCT_OFFERING, "fibre") == before
    assert (await shop.get(PRODUCT_OFFERING, "bundle"))["isBundle"] is True
    for id, version in versions.items():
        assert (await shop.context.store.get(AGENT, PRODUCT_OFFERING, id)).version == version


async def test_numbers_that_came_with_a_file_are_not_given_again(shop: Workshop) -> None:
    listed = [{"id": f"SS-{n}", "name": "Line"} for n in (10_001, 10_500)]
    file = await ACTIONS.of(CATALOG_FILE).create(
        shop.as_caller(AGENT), {"content": {"serviceSpecification": listed}}
    )
    job = await done(shop, SERVICE_IMPORT_JOB, url=f"http://localhost{CATALOG_FILE.path}/{file['id']}")
    assert job["status"] == "Succeeded"
    made = await ACTIONS.of(SERVICE_SPECIFICATION).create(shop.context, {"name": "Next"})
    assert int(made["id"].removeprefix("SS-")) > 10_500


async def test_service_jobs_carry_the_service_catalogue(shop: Workshop) -> None:
    made = await ACTIONS.of(SERVICE_CATEGORY).create(shop.context, {"name": "Access"})
    assert (await done(shop, SERVICE_EXPORT_JOB))["status"] == "Succeeded"
    assert (await content(shop))["serviceCategory"] == [made]
    assert "productOffering" not in await content(shop)


@pytest.mark.parametrize(
    ("resource", "given", "told"),
    [
        (EXPORT_JOB, {"url": "https://files.example.org/catalogue.json"}, "is not a file of this server"),
        (IMPORT_JOB, {"url": "http://169.254.169.254/latest"}, "is not a file of this server"),
        (IMPORT_JOB, {}, "there is no file spring here"),
        (EXPORT_JOB, {"contentType": "text/csv"}, "application/json"),
        (EXPORT_JOB, {"path": "serviceCategory"}, "is none of: category"),
        (EXPORT_JOB, {"query": "name=x"}, "a filter needs path"),
        (EXPORT_JOB, {"path": "category", "query": "colour=red"}, "colour"),
    ],
)
async def test_a_job_that_cannot_be_done_fails_with_the_reason(
    shop: Workshop, resource: Resource, given: dict[str, Any], told: str
) -> None:
    before = await shop.counts()
    job = await done(shop, resource, **given)
    assert job["status"] == "Failed" and told in job["errorLog"]
    after = await shop.counts()
    assert after["catalog_file"] == before["catalog_file"]
    assert after["product_offering"] == before["product_offering"]


async def test_a_faulty_file_is_taken_over_in_no_part(shop: Workshop) -> None:
    wrong = {"category": [{"id": "a", "name": "A"}, {"id": "b"}]}
    file = await ACTIONS.of(CATALOG_FILE).create(shop.context, {"content": wrong})
    job = await done(shop, IMPORT_JOB, url=f"{CATALOG_FILE.path}/{file['id']}")
    assert job["status"] == "Failed" and "category[1]: name" in job["errorLog"]
    assert (await shop.counts())["category"] == 0


async def test_run_twice_or_after_its_deletion_nothing_happens(shop: Workshop) -> None:
    job = await done(shop, EXPORT_JOB)
    await exchange.run(shop.context, kind=EXPORT_JOB.name, id=job["id"])
    assert await shop.get(EXPORT_JOB, job["id"]) == job
    other = await posted(shop, EXPORT_JOB)
    await ACTIONS.of(EXPORT_JOB).remove(
        shop.context, await shop.context.store.get(AGENT, EXPORT_JOB, other["id"])
    )
    await shop.drain()
    assert (await shop.counts())["export_job"] == 1


async def test_an_interrupted_job_is_done_again_and_not_deleted_meanwhile(shop: Workshop) -> None:
    job = await posted(shop, EXPORT_JOB)
    await alter(shop.context, EXPORT_JOB, job["id"], status="Running")
    with pytest.raises(IllegalMove, match="Running"):
        await ACTIONS.of(EXPORT_JOB).remove(
            shop.context, await shop.context.store.get(AGENT, EXPORT_JOB, job["id"])
        )
    await shop.drain()
    assert (await shop.get(EXPORT_JOB, job["id"]))["status"] == "Succeeded"
