"""An order followed at its signed address, its contract in the office, the rules of what is told: over real HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.agreement.contract_resources import CONTRACT_TEMPLATE
from abonent.domain.agreement.contracts import create_template
from abonent.domain.communication.telling_resources import COMMUNICATION_RULE
from abonent.domain.order_handling import assessment, contract_task, tasks
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.workforce.appointments import reschedule, wish_of
from abonent.domain.workforce.queries import work_orders_of
from abonent.domain.workforce.resources import APPOINTMENT
from abonent.domain.workforce.slots import free, need_of
from abonent.faces.signed_links import SignedOrders, SignedQuotes
from abonent.faces.tokens import secret_of
from abonent.kit.access import SYSTEM, Role
from abonent.kit.values import to_wire
from tests.support.contracts import TEMPLATE, needs_contract
from tests.support.pages import page_of
from tests.support.people import ANNA, Person, admit, person
from tests.support.visits import NORTH, SOUTH, hire, sell_with_visit
from tests.support.web import Web, run_web
from tests.support.world import build, item, order


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        await admit(running.context.store, Person("chief", Role.MANAGER), ANNA)
        yield running


def anyone(web: Web) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=30)


async def placed(web: Web, *, contract: bool = False) -> str:
    if contract:
        await create_template(web.context, dict(TEMPLATE))
        await needs_contract(web.context, "fibre")
    made = await place_order(web.context, order(item("1", "fibre")))
    await assessment.assess(web.context, made["id"])
    if contract:
        await tasks.run_task(web.context, made["id"], "1.contract")
    return made["id"]


def path_of(web: Web, id: str) -> str:
    return SignedOrders(secret_of(web.data)).path(id)


async def test_the_page_speaks_the_clients_language_and_names_nobody(web: Web) -> None:
    id = await placed(web)
    async with anyone(web) as client:
        page = await client.get(path_of(web, id))
        assert page.status_code == 200 and 'lang="ru"' in page.text and id in page.text
        assert "Соколова" not in page.text and "Svobody" not in page.text and "anna@" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer" and page.headers["x-robots-tag"] == "noindex"
        english = await client.get(path_of(web, id), params={"lang": "en"})
        assert "How it goes" in english.text and "500.00" in english.text


async def test_a_wrong_address_gets_a_friendly_page(web: Web) -> None:
    id = await placed(web)
    path = path_of(web, id)
    wrong = [path[:-1], path + "x", "/f/x", SignedQuotes(secret_of(web.data)).path(id).replace("/q/", "/f/")]
    wrong.append(SignedOrders("another secret").path(id))
    async with anyone(web) as client:
        for address in wrong:
            answer = await client.get(address, headers={"accept-language": "en"})
            assert answer.status_code == 404 and "Copy the whole address" in answer.text
            assert (await client.post(address, data={"do": "accept"})).status_code == 404


async def test_the_address_of_an_old_order_shows_it_no_more(web: Web) -> None:
    id = await placed(web)
    stored = await web.context.store.get(SYSTEM, PRODUCT_ORDER, id)
    long_ago = to_wire(datetime.now(UTC) - timedelta(days=31))
    change = web.context.change()
    order_over = stored.document | {"completionDate": long_ago, "state": "completed"}
    change.update(stored, order_over)
    await web.context.store.commit(change)
    async with anyone(web) as client:
        answer = await client.get(path_of(web, id), headers={"accept-language": "en"})
        assert answer.status_code == 404 and "ended some time ago" in answer.text


async def test_the_contract_is_read_and_accepted_at_the_address(web: Web) -> None:
    id = await placed(web, contract=True)
    path = path_of(web, id)
    async with anyone(web) as client:
        assert 'value="accept"' in (await client.get(path)).text
        paper = await client.get(f"{path}/contract.pdf")
        assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF")
        assert (await client.post(path, data={"do": "accept"})).status_code == 303
        assert (await client.post(path, data={"do": "accept"})).status_code == 303
        assert 'value="accept"' not in (await client.get(path)).text
        assert (await client.get("/f/x/contract.pdf")).status_code == 404
    await contract_task.follow(web.context, f"CT-{id.removeprefix('O-')}")


async def test_the_contract_is_accepted_in_the_office(web: Web) -> None:
    id = await placed(web, contract=True)
    assert (await web.context.store.get(SYSTEM, CONTRACT_TEMPLATE, "home")).document["version"] == 1
    async with person(web, "anna") as client:
        page = await page_of(client, f"/contracts/{id}")
        assert "SHA-256" in page.text
        fields = {"token": page.token(), "kind": "passport", "digits": "<b>"}
        refused = await client.post(f"/contracts/{id}", data=fields)
        assert refused.status_code == 400 and "last two to four digits" in refused.text
        assert (await client.post(f"/contracts/{id}", data=fields | {"digits": "1234"})).status_code == 303
        done = await page_of(client, f"/contracts/{id}")
        assert "…1234" in done.text and "in the office" in done.text
        assert (await client.get(f"/contracts/{id}/file")).content.startswith(b"%PDF")
        assert (await client.get("/contracts/O-1")).status_code == 404


async def test_a_manager_edits_a_rule_and_sees_what_follows(web: Web) -> None:
    id = await placed(web)
    done = "productOrder.completed"
    async with person(web, "chief") as client:
        page = await page_of(client, "/messages/rules")
        assert "All orders" in page.text and "Offering: fibre" in page.text
        token = (await page_of(client, "/messages/rules/offering.fibre")).token()
        fields: dict[str, Any] = {"token": token, f"told-{done}": "0", "order": id, "do": "show"}
        shown = await client.post("/messages/rules/offering.fibre", data=fields)
        assert shown.status_code == 200 and "the rule says so" in shown.text
        assert await web.context.store.one(COMMUNICATION_RULE, "offering.fibre") is None
        bad = fields | {f"told-{done}": "1", f"delay-{done}": "soon", "do": "save"}
        refused = await client.post("/messages/rules/offering.fibre", data=bad)
        assert refused.status_code == 400 and 'value="soon"' in refused.text
        saved = await client.post("/messages/rules/offering.fibre", data=bad | {f"delay-{done}": "30"})
        assert saved.status_code == 303
        stored = await web.context.store.get(SYSTEM, COMMUNICATION_RULE, "offering.fibre")
        assert stored.document["telling"][0]["delayMinutes"] == 30
        none = await client.post("/messages/rules/offering.fibre", data=fields | {"order": "O-0"})
        assert none.status_code == 404
        assert (
            await client.post("/messages/rules/offering.fibre", data=fields | {"do": "drop"})
        ).status_code == 303
        assert (await client.get("/messages/rules/offering.none")).status_code == 404
        days = {"token": token, "days": "400", "do": "save"}
        assert (await client.post("/messages/rules/default", data=days)).status_code == 400
    async with person(web, "anna") as client:
        page = await page_of(client, "/messages/rules/default")
        answer = await client.post(
            "/messages/rules/default", data={"token": page.token(), "days": "5", "do": "save"}
        )
        assert answer.status_code == 403


async def test_a_visit_is_moved_at_the_address(web: Web) -> None:
    await hire(web.context, NORTH, SOUTH)
    await sell_with_visit(web.context)
    id = await placed(web)
    for step in ("1.port", "1.visit"):
        await tasks.run_task(web.context, id, step)
    works = await work_orders_of(web.context.store, id)
    visit = works[0].document["appointment"]["id"]
    stored = await web.context.store.get(SYSTEM, APPOINTMENT, visit)
    # Far enough ahead that the client may still choose.
    slots = await free(web.context, await need_of(web.context, wish_of(stored.document, works[0])), limit=40)
    await reschedule(web.context, visit, slots[-2].start)
    path = path_of(web, id)
    async with anyone(web) as client:
        offered = (await client.get(path, params={"move": visit})).text
        start = offered.partition('name="start" value="')[2].partition('"')[0]
        assert start
        moved = await client.post(path, data={"do": "move", "visit": visit, "start": start})
        assert moved.status_code == 303
        now = await web.context.store.get(SYSTEM, APPOINTMENT, visit)
        assert now.document["validFor"]["startDateTime"] == start
        bad = await client.post(path, data={"do": "move", "visit": visit, "start": "soon"})
        assert bad.status_code in {400, 422}
        other = await client.post(path, data={"do": "confirm", "visit": "AP-1"})
        assert other.status_code == 422
