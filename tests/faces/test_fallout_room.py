"""The queue of failed tasks in the console, over real HTTP and a real database: who sees it, what can be done there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from abonent.domain.order_handling.intake import place_order
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, admit, sign_in
from tests.support.stages import sell_in_stages
from tests.support.web import Web, run_web
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, item, order


@dataclass
class Desk:
    """A failed order `id`, the jobs behind it, and a person at the console."""

    web: Web
    shop: Workshop
    id: str
    client: httpx.AsyncClient

    @property
    def path(self) -> str:
        return f"/orders/fallout/{self.id}/1.line"

    async def step(self, name: str, **form: str) -> httpx.Response:
        token = (await page_of(self.client, self.path)).token()
        return await self.client.post(f"{self.path}/{name}", data={"token": token, **form})


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with (
        run_web(dsn, tmp_path) as web,
        workshop(dsn) as shop,
        httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client,
    ):
        await build(shop.context)
        await sell_in_stages(shop.context)
        await admit(web.context.store, ANNA, CLIENT)
        shop.network.prompt = False
        given = {"productCharacteristic": [{"name": "speed", "value": 100}]}
        fibre = item("1", "fibre", product=given)
        placed = await place_order(shop.as_caller(AGENT), order(fibre, item("2", "router")))
        await shop.drain()
        await shop.report(f"{placed['id']}/1.line", "failed", message=f"no light {EVIL}")
        await shop.drain()
        await sign_in(client, "anna")
        yield Desk(web, shop, placed["id"], client)


async def test_the_queue_leads_to_the_task(desk: Desk) -> None:
    for query in ("", "?kind=serviceOrder", "?sort=-since", "?sort=attempts&offset=x", "?sort=order&kind=x"):
        page = await page_of(desk.client, f"/orders/fallout{query}")
        assert "1 task waits for a person" in page.words()
        assert [a["href"] for a in page.found("a") if "a-rowlink" in str(a.get("class"))] == [desk.path]
    none = await page_of(desk.client, "/orders/fallout?kind=workOrder")
    assert "No failed task is of this kind." in none.words()
    order_page = await page_of(desk.client, f"/orders/{desk.id}")
    assert any(a.get("href") == desk.path for a in order_page.found("a"))


async def test_the_task_shows_what_happened_and_what_was_sent(desk: Desk) -> None:
    answer = await desk.client.get(desk.path)
    page = Page(answer.text)
    words = page.words()
    assert "<script>alert" not in answer.text
    assert f"no light {EVIL}" in words
    assert '"serviceCharacteristic"' in words and '"value": 100' in words
    assert {f["id"] for f in page.found("form") if f.get("id")} >= {"retry", "mend", "cancel"}
    assert not page.found("form", id="skip")


async def test_it_is_done_again(desk: Desk) -> None:
    answer = await desk.step("retry")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{desk.id}")
    await desk.shop.drain()
    assert desk.shop.network.submitted[-1][0] == f"{desk.id}/1.line/2"
    late = await desk.client.get(desk.path)
    assert "does not wait for a person any more" in Page(late.text).words()
    again = await desk.step("retry")
    assert again.status_code == 422


async def test_it_is_mended(desk: Desk) -> None:
    assert (await desk.step("mend", **{"value:speed": "300"})).status_code == 303
    await desk.shop.drain()
    values = desk.shop.network.submitted[-1][1]["serviceOrderItem"][0]["service"]["serviceCharacteristic"]
    assert {"name": "speed", "value": "300"} in values


async def test_what_may_not_be_left_out_is_refused_beside_the_form(desk: Desk) -> None:
    answer = await desk.step("skip", reason="no time")
    assert answer.status_code == 422
    assert "cannot be left out" in Page(answer.text).words()


@pytest.mark.parametrize(("what", "state"), [("item", "inProgress"), ("order", "pendingCancellation")])
async def test_it_is_cancelled(desk: Desk, what: str, state: str) -> None:
    empty = await desk.step("cancel", what=what, reason=" ")
    assert empty.status_code == 400 and Page(empty.text).found("p", id="cancel-problem")
    assert (await desk.step("cancel", what=what, reason="We give it up")).status_code == 303
    assert (await desk.shop.order(desk.id))["state"] == state
    await desk.shop.drain()
    ports = await desk.shop.rows("SELECT count(*) FROM resource WHERE resource_status = 'reserved'")
    assert ports[0][0] == 0


async def test_clients_and_strangers_do_not_come_in(desk: Desk) -> None:
    for path in ("/orders/fallout/O-9/1.line", f"/orders/fallout/{desk.id}/1.none"):
        assert (await desk.client.get(path)).status_code == 404
    forged = await desk.client.post(f"{desk.path}/retry", data={"token": "forged"})
    assert forged.status_code == 403
    async with httpx.AsyncClient(base_url=desk.web.url, trust_env=False, timeout=20) as client:
        await sign_in(client, "client")
        assert (await client.get("/orders/fallout")).status_code == 403
        assert (await client.get(desk.path)).status_code == 403
