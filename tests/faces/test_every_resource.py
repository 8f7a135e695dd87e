"""Every resource of the specifications of version 4, walked through what its API offers, out of its own schemas.

Shape decides 201 or 400; what is done with it then is told in the tests of each process.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent import main
from tests.support.specs import Specified, folder, specified
from tests.support.web import Web, error_of, run_web

APIS = (
    *(
        "620",
        "622",
        "629",
        "632",
        "633",
        "637",
        "638",
        "641",
        "645",
        "646",
        "648",
        "651",
        "653",
        "666",
        "669",
    ),
    *("672", "679", "681", "683", "697"),
)
# What a resource is about has to be there: attribute -> the resource it names.
ABOUT = {
    "cancelProductOrder": ("productOrder", "productOrder"),
    "cancelServiceOrder": ("serviceOrder", "serviceOrder"),
    "cancelWorkOrder": ("workOrder", "workOrder"),
}

pytestmark = pytest.mark.skipif(folder() is None, reason="no folder `shared` with specs beside the checkout")


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    """An empty database: creates succeed through the API alone."""
    async with run_web(dsn, tmp_path) as running:
        yield running


async def body_of(web: Web, resource: Specified, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """The smallest body, about something that is there."""
    body = resource.smallest() if body is None else body
    if resource.name in ABOUT:
        attribute, other = ABOUT[resource.name]
        path = f"{resource.path.rpartition('/')[0]}/{other}"
        about = next(s for api in APIS for s in specified(api) if s.path == path)
        made = await web.admin.post(path, json=about.smallest())
        body[attribute]["id"] = made.json()["id"]
    return body


async def created(web: Web, resource: Specified, body: dict[str, Any]) -> dict[str, Any]:
    answer = await web.admin.post(resource.path, json=body)
    assert answer.status_code == 201, (resource.name, body, answer.text)
    return answer.json()


@pytest.mark.parametrize("api", APIS)
def test_every_operation_and_attribute_is_offered(api: str) -> None:
    known = {resource.path: resource for resource in main.REGISTRY if resource.base}
    for resource in specified(api):
        ours = known[resource.path]
        assert resource.operations <= ours.operations, resource.path
        assert resource.properties(resource.create or "").keys() <= ours.shape.fields.keys(), resource.path


@pytest.mark.parametrize("api", APIS)
async def test_shape_decides(web: Web, api: str) -> None:
    for resource in specified(api):
        if "create" not in resource.operations:
            continue
        body = await body_of(web, resource)
        made = await created(web, resource, body)
        assert made["id"] and made["href"].endswith(f"{resource.path}/{made['id']}"), made
        for name in resource.mandatory:
            left = {key: value for key, value in body.items() if key != name}
            error_of(await web.admin.post(resource.path, json=left), 400, "missingAttribute")
        error_of(await web.admin.post(resource.path, json=body | {"colour": "red"}), 400, "unknownAttribute")
        extended = {"@type": "Ours", "@schemaLocation": "http://example.org/ours.json", "colour": "red"}
        fields = resource.properties(resource.create or "")
        if "@type" in fields:
            assert (await created(web, resource, body | extended))["colour"] == "red", resource.name


# What a process says itself, whatever is sent: the end of a job, who signed a quote, the slot of an appointment, what
# a question is answered with. And a quote has no number but ours.
OURS = {
    "importJob": {"completionDate", "errorLog", "status"},
    "exportJob": {"completionDate", "errorLog", "status"},
    "checkServiceQualification": {"serviceQualificationItem"},
    "productOfferingQualification": {"productOfferingQualificationItem"},
    "appointment": {"calendarEvent", "note"},
    "quote": {"id", "authorization", "note", "quoteItem"},
    "communicationMessage": {"sendTime", "state"},
    "serviceOrder": {"serviceOrderItem"},
    "workOrder": {"workOrderItem"},
}
# These name things of ours, which have to be there.
NAMING = {"productOrder": "unknownProductOffering", "workOrder": "appointmentUnusable"}


@pytest.mark.parametrize("api", APIS)
async def test_every_attribute_is_kept_and_returned(web: Web, api: str) -> None:
    for resource in specified(api):
        if "create" not in resource.operations:
            continue
        body = await body_of(web, resource, resource.fullest())
        if resource.name in NAMING:
            error_of(await _post(web.admin, resource, body), 400, NAMING[resource.name])
            continue
        made = await created(web, resource, body)
        ours = OURS.get(resource.name, set())
        kept = {name: made.get(name) for name in body if name not in ours}
        assert kept == {name: value for name, value in body.items() if name not in ours}, resource.name


async def _post(client: httpx.AsyncClient, resource: Specified, body: dict[str, Any]) -> httpx.Response:
    return await client.post(resource.path, json=body)


@pytest.mark.parametrize("api", APIS)
async def test_enumerations(web: Web, api: str) -> None:
    for resource in specified(api):
        if "create" not in resource.operations:
            continue
        about = await body_of(web, resource)
        for path, values in resource.enumerations():
            attribute = ABOUT.get(resource.name, ("", ""))[0]
            kept = {attribute: about[attribute]} if attribute else {}
            bodies = [resource.with_value(path, value) | kept for value in (*values, "otherwise")]
            answers = await asyncio.gather(*(_post(web.admin, resource, each) for each in bodies))
            *good, bad = answers
            for value, answer in zip(values, good, strict=True):
                assert answer.status_code == 201, (resource.name, path, value, answer.text)
            error_of(bad, 400, "notInEnumeration")


@pytest.mark.parametrize("api", APIS)
async def test_get_list_fields_patch_and_delete(web: Web, api: str) -> None:
    for resource in specified(api):
        if "create" not in resource.operations:
            continue
        body = await body_of(web, resource)
        made = await created(web, resource, body)
        other = await created(web, resource, await body_of(web, resource))
        address = f"{resource.path}/{made['id']}"
        assert (await web.admin.get(address)).json() == made, resource.name
        for params in ({"id": made["id"]}, {"id": f"{made['id']},nobody", "limit": "5"}):
            found = (await web.admin.get(resource.path, params=params)).json()
            assert found == [made], (resource.name, params)
        ids = {each["id"] for each in (await web.admin.get(resource.path)).json()}
        assert {made["id"], other["id"]} <= ids
        await _fields(web, api, resource, made, body)
        await _patch(web, resource, made)
        await _delete(web, resource, made)


async def _fields(
    web: Web, api: str, resource: Specified, made: dict[str, Any], body: dict[str, Any]
) -> None:
    name = next(iter(body), "@type")
    always = set() if api == "651" else {"id", "href"}
    address = f"{resource.path}/{made['id']}"
    one = (await web.admin.get(address, params={"fields": name})).json()
    listed = (await web.admin.get(resource.path, params={"fields": name, "id": made["id"]})).json()
    assert listed == [one] and one.keys() == ({name} & made.keys()) | always, (resource.name, one)
    assert (await web.admin.get(address, params={"fields": "none"})).json().keys() == {"id", "href"}
    error_of(await web.admin.get(address, params={"fields": "colour"}), 400)


async def _patch(web: Web, resource: Specified, made: dict[str, Any]) -> None:
    address = f"{resource.path}/{made['id']}"
    if "patch" not in resource.operations:
        error_of(await web.admin.patch(address, json={}), 405)
        return
    name = resource.text_to_patch() or "@type"
    changed = await web.admin.patch(address, json={name: "changed"})
    assert changed.status_code == 200, (resource.name, changed.text)
    assert changed.json()[name] == "changed"
    error_of(await web.admin.patch(address, json={"id": "other"}), 400, "notPatchable")
    error_of(await web.admin.patch(address, json={"colour": "red"}), 400, "unknownAttribute")
    for mandatory in resource.mandatory:
        error_of(await web.admin.patch(address, json={mandatory: None}), 400)


async def _delete(web: Web, resource: Specified, made: dict[str, Any]) -> None:
    address = f"{resource.path}/{made['id']}"
    answer = await web.admin.delete(address)
    if "delete" not in resource.operations:
        error_of(answer, 405)
        return
    assert answer.status_code == 204, (resource.name, answer.text)
    error_of(await web.admin.get(address), 404)
