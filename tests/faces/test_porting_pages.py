"""Keeping a number, on the pages: asked for at order entry, followed on the order's page, mended among failed tasks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.order_handling.intake import place_order
from tests.support import porting as support
from tests.support.order_form import NEW, filled, show
from tests.support.pages import Page, page_of
from tests.support.people import ANNA, CLIENT, admit, sign_in
from tests.support.porting import BROUGHT, HandHouse, mobile, request, tell
from tests.support.web import Web, run_web
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import order

MOBILE = {"client": "C-1", "address": "-", "offer": "mobile"}
BOX = "c.mobile.portIn"


@dataclass
class Desk:
    web: Web
    shop: Workshop
    house: HandHouse
    client: httpx.AsyncClient

    async def look(self, page: Page, **change: str) -> Page:
        answer = await self.client.post(NEW, data={**filled(page), "note": "", "do": "look", **change})
        assert answer.status_code == 200, answer.text
        return Page(answer.text)


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with (
        run_web(dsn, tmp_path) as web,
        workshop(dsn) as shop,
        httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client,
    ):
        house = await support.opened(shop)
        await admit(web.context.store, ANNA, CLIENT)
        await sign_in(client, "anna")
        yield Desk(web, shop, house, client)


async def test_a_number_is_kept_where_the_offering_allows_it(desk: Desk) -> None:
    page = await show(desk.client, **MOBILE)
    assert "Keep the number of another operator" in page.words()
    assert page.found("input", name=f"{BOX}.number") == []
    page = await desk.look(page, **{BOX: "true"})
    # Anna is a person: 8 days; the place for what was not typed yet is empty and blames nobody.
    assert "The number comes within 8 days" in page.words()
    assert "Say which number" not in page.words()
    for wrong, said in (
        ("+74852123456", "is of no mobile code"),
        ("+7916123456", "too few or too many digits"),
        ("+79990000001", "is a number of ours already"),
    ):
        page = await desk.look(page, **{BOX: "true", f"{BOX}.number": wrong})
        assert said in page.words()
        answer = await desk.client.post(
            NEW, data={**filled(page), "note": "", "do": "place", f"{BOX}.number": wrong}
        )
        assert answer.status_code == 422
    typed = {f"{BOX}.number": "8 (916) 123-45-67", f"{BOX}.donor": "Волга Мобайл"}
    page = await desk.look(page, **{BOX: "true"}, **typed)
    assert "Bring the number from the other operator" in page.words()
    answer = await desk.client.post(NEW, data={**filled(page), "note": "", "do": "place"})
    assert answer.status_code == 303, Page(answer.text).words()
    placed = await desk.shop.order(answer.headers["location"].rsplit("/", 1)[1])
    [item] = placed["productOrderItem"]
    assert {c["name"]: c["value"] for c in item["product"]["productCharacteristic"]} == {
        "portIn": True,
        "phoneNumber": BROUGHT,
        "donorOperator": "Волга Мобайл",
    }


async def test_the_place_button_asks_for_the_number(desk: Desk) -> None:
    page = await desk.look(await show(desk.client, **MOBILE), **{BOX: "true"})
    answer = await desk.client.post(NEW, data={**filled(page), "note": "", "do": "place"})
    assert answer.status_code == 422


async def test_an_offering_without_it_does_not_ask(desk: Desk) -> None:
    page = await show(desk.client, client="C-1", address="A-1", offer="fibre")
    assert "Keep the number" not in page.words()


async def _placed(desk: Desk, item: dict[str, Any]) -> str:
    id = (await place_order(desk.shop.as_caller(AGENT), order(item)))["id"]
    await desk.shop.drain()
    return id


async def test_the_orders_page_says_how_the_number_gets_on(desk: Desk) -> None:
    id = await _placed(desk, mobile())
    words = (await page_of(desk.client, f"/orders/{id}")).words()
    assert "+7 916 123-45-67" in words
    assert "the other operator is asked; it comes by" in words
    start = desk.shop.context.now() + timedelta(days=3)
    window = (start, start + timedelta(hours=6))
    await tell(desk.shop, desk.house, f"{id}/1.number", "accepted", window=window)
    words = (await page_of(desk.client, f"/orders/{id}")).words()
    assert "moves 6 Jun" in words
    assert "from Северная сотовая" in words
    assert "brought from another operator: yes" in words


async def test_a_refusal_is_mended_where_failed_tasks_are(desk: Desk) -> None:
    id = await _placed(desk, mobile())
    await tell(desk.shop, desk.house, f"{id}/1.number", "refused", code="dataMismatch", text="another name")
    assert "the other operator refused" in (await page_of(desk.client, f"/orders/{id}")).words()
    path = f"/orders/fallout/{id}/1.number"
    page = await page_of(desk.client, path)
    assert "the number is in another name or with another document" in page.words()
    # What was asked and answered stands there, and a place for the owner's name.
    assert "another name" in page.words()
    assert page.found("input", name="value:numberOwner")
    assert "the client gets one of ours" in page.words()
    form = {"token": page.token(), "value:numberOwner": "Пётр Соколов"}
    kept = {
        str(f["name"]): f.get("value") or ""
        for f in page.found("input")
        if str(f.get("name")).startswith("value:")
    }
    done = await desk.client.post(f"{path}/mend", data={**kept, **form})
    assert done.status_code == 303, Page(done.text).words()
    await desk.shop.drain()
    assert (await request(desk.shop, f"{id}/1.number/2"))["numberOwner"] == "Пётр Соколов"
