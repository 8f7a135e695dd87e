"""What is done with a product from its page, and how it stood on a date, over real HTTP (OH-4)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from tests.support.pages import Page, page_of
from tests.support.people import ANNA, CLIENT, admit, person
from tests.support.second_address import open_kirova
from tests.support.shop import hold
from tests.support.web import Web, run_web
from tests.support.world import alter, build

HERE = "/products/P-1"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        ctx = running.context
        world = await build(ctx)
        hold(world, "P-1", "fibre", startDate="2026-01-10T09:00:00.000Z")
        await world.save(ctx)
        await open_kirova(ctx)
        await admit(ctx.store, ANNA, CLIENT)
        yield running


async def step(who: httpx.AsyncClient, name: str, **fields: str) -> tuple[httpx.Response, Page]:
    token = (await page_of(who, HERE)).token()
    answer = await who.post(f"{HERE}/{name}", data={"token": token, **fields})
    return answer, Page(answer.text)


async def ordered(web: Web, answer: httpx.Response) -> dict:
    assert answer.status_code == 303, answer.text
    id = answer.headers["location"].removeprefix("/orders/")
    return (await web.context.store.get(SYSTEM, PRODUCT_ORDER, id)).document


async def test_suspended_from_the_page(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, _ = await step(anna, "suspend", reason="Away until August")
        order = await ordered(web, answer)
        item = order["productOrderItem"][0]
        assert (item["action"], item["product"]["status"]) == ("modify", "suspended")
        assert order["note"][0]["text"] == "Away until August"
        # What is active cannot be resumed.
        answer, page = await step(anna, "resume")
        assert answer.status_code == 409 or answer.status_code == 422
        assert "stands otherwise by now" in page.words()


async def test_moved_to_an_address_that_is_searched_for(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, page = await step(anna, "move", address="nowhere at all")
        assert answer.status_code == 400 and "No address fits" in page.words()
        assert page.found("input", id="move-address")[0]["value"] == "nowhere at all"
        answer, page = await step(anna, "move")
        assert answer.status_code == 400 and "Name the new address." in page.words()
        answer, page = await step(anna, "move", address="A-3", date="then")
        assert answer.status_code == 400 and "is no date" in page.words()
        answer, _ = await step(anna, "move", address="Kirova 7", date="2027-01-15")
        order = await ordered(web, answer)
        assert order["productOrderItem"][0]["product"]["place"][0]["id"] == "A-3"
        assert order["requestedStartDate"].startswith("2027-01-15")


async def test_a_reason_that_names_an_item_is_told_at_the_form(web: Web) -> None:
    async with person(web, "anna") as anna:
        await alter(web.context, PRODUCT, "P-1", productOffering={"id": "gone", "name": "Gone"})
        answer, page = await step(anna, "terminate", reason="Moves away")
        assert answer.status_code == 400 and page.found("p", id="terminate-problem")
        assert "there is no product offering gone" in page.words()


async def test_given_to_another_client_when_both_agree(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, page = await step(anna, "transfer", client="C-2", gives="By letter")
        assert answer.status_code == 400 and "Write how this client agreed" in page.words()
        assert page.found("input", id="transfer-client")[0]["value"] == "C-2"
        for wrong in ("C-404", "C-1", ""):
            answer, page = await step(anna, "transfer", client=wrong, gives="a", takes="b")
            assert answer.status_code == 400 and "Name another client" in page.words()
        answer, _ = await step(anna, "transfer", client="C-2", gives="By letter", takes="At the office")
        order = await ordered(web, answer)
        assert [note["author"] for note in order["note"]] == ["C-1", "C-2"]
        assert order["state"] == "acknowledged"


async def test_ended_from_the_page(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, _ = await step(anna, "terminate", reason="Moves away")
        assert (await ordered(web, answer))["productOrderItem"][0]["action"] == "delete"


async def test_a_client_sees_no_forms_and_may_not_act(web: Web) -> None:
    async with person(web, "client") as client:
        page = await page_of(client, HERE)
        assert not page.found("form", id="suspend")
        answer, _ = await step(client, "suspend")
        assert answer.status_code == 403


async def test_as_it_stood_on_a_day(web: Web) -> None:
    await alter(web.context, PRODUCT, "P-1", name="Fibre 500")
    today = datetime.now(UTC).date()
    tomorrow = (today + timedelta(days=1)).isoformat()
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"{HERE}?on={tomorrow}")
        assert "Fibre 500" in page.words() and "So it stood at the end of" in page.words()
        assert not page.found("form", id="suspend")
        answer = await anna.get(f"{HERE}?on=2020-01-01")
        assert answer.status_code == 404
        answer = await anna.get(f"{HERE}?on=soon")
        assert answer.status_code == 400 and "is no date" in answer.text
        held = await page_of(anna, f"/clients/C-1/products?on={tomorrow}")
        assert held.found("a", href=f"{HERE}?on={tomorrow}")
        assert (
            "Nothing was connected then"
            in (await page_of(anna, "/clients/C-1/products?on=2020-01-01")).words()
        )
    async with person(web, "client") as client:
        assert (await client.get("/clients/C-2/products")).status_code == 404
        assert (await client.get("/clients/C-1/products")).status_code == 200
