"""Bulk orders and charging in the console and through the API, over real HTTP and a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from abonent.domain.order_handling.rules_bulk_file import MOST_BYTES
from abonent.kit.access import Role
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, admit, sign_in
from tests.support.web import Web, error_of, run_web
from tests.support.workshop import Workshop, workshop
from tests.support.world import build

API = "/abonent-api/orderHandling/v1"
FILE = (
    "external_id,site,offering,date\nB-1,A-1,fibre,\nB-2,A-1,fibre,2027-12-31\nB-3,A-404,=1+1,\n"
    'B-4,A-1,"' + EVIL.replace('"', '""') + '",\n'
)


async def _pieces() -> AsyncIterator[bytes]:
    yield b"x"


@dataclass
class Desk:
    web: Web
    shop: Workshop
    client: httpx.AsyncClient

    async def send(self, data: bytes, client: str = "C-2", **form: str) -> httpx.Response:
        token = (await page_of(self.client, "/bulk-orders")).token()
        fields = {"token": token, "client": client, **form}
        return await self.client.post("/bulk-orders", data=fields, files={"file": ("sites.csv", data)})

    async def step(self, path: str, name: str) -> httpx.Response:
        token = (await page_of(self.client, path)).token()
        return await self.client.post(f"{path}/{name}", data={"token": token})


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with (
        run_web(dsn, tmp_path) as web,
        workshop(dsn) as shop,
        httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client,
    ):
        await build(shop.context, ports=6)
        await admit(web.context.store, ANNA, CLIENT)
        await sign_in(client, "anna")
        yield Desk(web, shop, client)


async def test_a_file_is_sent_checked_confirmed_and_followed(desk: Desk) -> None:
    answer = await desk.send(FILE.encode())
    assert answer.status_code == 303
    path = answer.headers["location"]
    assert "0 of 4 lines are checked" in (await page_of(desk.client, path)).words()
    await desk.shop.drain()
    page = await page_of(desk.client, path)
    words = page.words()
    assert "2 lines become an order each" in words and "To be confirmed" in words
    assert "There is no address with the number A-404." in words
    assert "<script>alert" not in (await desk.client.get(path)).text
    assert (await desk.step(path, "confirm")).status_code == 303
    await desk.shop.drain()
    words = (await page_of(desk.client, path)).words()
    assert "2 of 4 lines became orders" in words and "O-" in words
    assert "500.00" in words.replace("\xa0", " ")
    assert "B-3" not in (await page_of(desk.client, f"{path}?fate=done")).words()
    assert "B-3" in (await page_of(desk.client, f"{path}?fate=wrong")).words()
    assert "sites.csv" in (await page_of(desk.client, "/bulk-orders")).words()
    refused = await desk.step(path, "cancel")
    assert refused.status_code == 422


async def test_the_reject_file_can_be_mended_and_sent_again(desk: Desk) -> None:
    path = (await desk.send(FILE.encode())).headers["location"]
    await desk.shop.drain()
    rejected = await desk.client.get(f"{path}/rejects.csv")
    text = rejected.content.decode("utf-8-sig")
    head, third, fourth = text.splitlines()
    assert head == "rejected_line,rejected_reason,external_id,site,offering,date"
    assert third.startswith("4,") and "'=1+1" in third and "site: There is no address" in third
    mended = text.replace("A-404", "A-1").replace("'=1+1", "fibre").replace(fourth, "")
    again = (await desk.send(mended.encode("utf-8"))).headers["location"]
    await desk.shop.drain()
    assert "1 line becomes an order" in (await page_of(desk.client, again)).words()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "Choose the file first."),
        (b"PK\x03\x04 a workbook", "This is a workbook."),
        (b"a,b\n1,2\n", "The header lacks the columns"),
        (b"external_id,address,offering\n", "has no lines below its header"),
        (b"external_id,address,offering\n" + b"1,2,3\n" * 1001, "more than 1000 lines"),
        (b"x" * (MOST_BYTES + 10), "KB"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_of_at_its_field(desk: Desk, data: bytes, text: str) -> None:
    answer = await desk.send(data)
    assert answer.status_code in {400, 413}
    page = Page(answer.text)
    assert text in page.words()
    assert page.found("p", id="send-problem") and page.found("input", id="client", value="C-2")
    assert page.found("input", id="file", **{"aria-describedby": "send-problem"})


async def test_an_unknown_client_is_told_of_at_its_field(desk: Desk) -> None:
    answer = await desk.send(FILE.encode(), client="C-404")
    page = Page(answer.text)
    assert answer.status_code == 400 and page.found("p", id="send-problem")
    assert page.found("input", id="client", **{"aria-describedby": "send-problem"})


async def test_without_token_or_as_a_client_nothing_is_taken(desk: Desk) -> None:
    answer = await desk.send(FILE.encode(), token="forged")
    assert answer.status_code == 403
    endless = await desk.client.post("/bulk-orders", content=_pieces())
    assert endless.status_code == 413 and "too large" in Page(endless.text).words()
    huge = await desk.client.post("/bulk-orders", content=b"x", headers={"content-length": "1"})
    assert huge.status_code == 403
    async with httpx.AsyncClient(base_url=desk.web.url, trust_env=False, timeout=20) as other:
        await sign_in(other, "client")
        for path in ("/bulk-orders", "/charging", "/bulk-orders/sample.csv"):
            assert (await other.get(path)).status_code == 403
    assert (await desk.shop.rows("SELECT count(*) FROM bulk_order"))[0][0] == 0


async def test_the_sample_is_a_file_that_can_be_read(desk: Desk) -> None:
    sample = (await desk.client.get("/bulk-orders/sample.csv")).content
    assert (await desk.send(sample)).status_code == 303


async def test_the_same_through_the_api(desk: Desk) -> None:
    async with desk.web.client(Role.AGENT) as http:
        body = {"customer": {"id": "C-2"}, "name": "by API", "content": FILE}
        made = (await http.post(f"{API}/bulkOrder", json=body)).json()
        assert made["state"] == "checking" and "content" not in made
        early = await http.patch(f"{API}/bulkOrder/{made['id']}", json={"state": "placing"})
        error_of(early, 422, "bulkChecking")
        await desk.shop.drain()
        placing = await http.patch(f"{API}/bulkOrder/{made['id']}", json={"state": "placing"})
        assert placing.json()["state"] == "placing"
        await desk.shop.drain()
        lines = (await http.get(f"{API}/bulkOrderLine?bulkOrder={made['id']}")).json()
        assert [line["state"] for line in lines] == ["placed", "placed", "wrong", "wrong"]
        refused = await http.patch(f"{API}/bulkOrder/{made['id']}", json={"state": "checked"})
        error_of(refused, 400, "bulkPatch")
        events = (await http.get("/abonent-api/billing/v1/chargingEvent?sort=id")).json()
        assert [event["type"] for event in events] == ["start", "start"]
        rest = await http.get(f"/abonent-api/billing/v1/chargingEvent?id.gt={events[0]['id']}&sort=id")
        assert [event["id"] for event in rest.json()] == [events[1]["id"]]
    words = (await page_of(desk.client, "/charging")).words()
    assert "2 charging events" in words and "not yet in a file" in words
    assert "No charging event fits" in (await page_of(desk.client, "/charging?of=C-404")).words()
    assert "2 charging events" in (await page_of(desk.client, "/charging?type=start&of=C-2")).words()
