"""What the API takes, the console shows: bodies with the mandatory attributes alone, and with all there are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.faces.console.navigation import PAGES
from abonent.kit.access import Role
from tests.faces.test_every_resource import APIS, NAMING, body_of, created
from tests.support.people import Person, admit, person
from tests.support.specs import folder, specified
from tests.support.web import Web, run_web

ROOMS = {
    "productOrder": "/orders",
    "workOrder": "/work-orders",
    "customer": "/clients",
    "product": "/products",
    "communicationMessage": "/messages",
}

pytestmark = pytest.mark.skipif(folder() is None, reason="no folder `shared` with specs beside the checkout")


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await admit(running.context.store, Person("root", Role.ADMIN))
        yield running


async def test_no_page_breaks(web: Web) -> None:
    # The mailbox belongs to a message simulator, which is not connected here.
    pages = [path for _, listed in PAGES.values() for path, _ in listed if path != "/mailbox"]
    for api in APIS:
        for resource in specified(api):
            if "create" not in resource.operations:
                continue
            for body in (resource.smallest(), resource.fullest()):
                if resource.name in NAMING and body == resource.fullest():
                    continue
                made = await created(web, resource, await body_of(web, resource, body))
                if resource.name in ROOMS:
                    pages.append(f"{ROOMS[resource.name]}/{made['id']}")
    async with person(web, "root") as root:
        broken = {}
        for page in pages:
            answer = await root.get(page)
            if answer.status_code != 200:
                broken[page] = (answer.status_code, answer.text[-300:])
        assert broken == {}
