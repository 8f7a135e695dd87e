"""Steps with many orders, the file of a list, and filters that are kept: plain forms, each refusal told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from abonent.domain.party.saved_filters import SavedFilter
from abonent.faces.console.data import OrderFile, OrderRow, User
from abonent.kit.errors import BadInput, IllegalMove, Unavailable
from tests.faces.console_fakes import NOW, FakeData, open_console, sign_in
from tests.support.pages import EVIL, Page, page_of

BULK = "/orders/bulk"


@pytest.fixture
def data() -> FakeData:
    made = FakeData()
    for number, state in (("O-1", "held"), ("O-2", "pending"), ("O-3", "completed")):
        made.rows.append(OrderRow(number, f"Line {EVIL}", state, NOW, "C-1", "=North Quay"))
        made.files[number] = OrderFile({"id": number, "state": state}, 1)
    return made


@pytest.fixture
async def client(data: FakeData) -> AsyncIterator[httpx.AsyncClient]:
    async with open_console(data) as each:
        await sign_in(each)
        yield each


async def _do(client: httpx.AsyncClient, step: str, *numbers: str, **more: str) -> httpx.Response:
    page = await page_of(client, "/orders")
    form = {"token": page.token(), "do": step, "order": list(numbers), "back": "/orders?state=held", **more}
    return await client.post(BULK, data=form)


async def test_the_list_can_be_marked_and_asks_first(client: httpx.AsyncClient, data: FakeData) -> None:
    page = await page_of(client, "/orders")
    assert len(page.found("input", name="order", form="bulk")) == 3
    asked = await page_of(client, f"{BULK}?do=cancel&order=O-1&order=O-2&order=O-3&order=O-2&back=/orders")
    assert "Cancel 2 orders" in asked.words()
    assert "from “Done” this step is not possible" in asked.words()
    assert [each["value"] for each in asked.found("input", name="order")] == ["O-1", "O-2"]
    assert data.steps == []


async def test_each_order_is_done_by_itself_and_told_of(client: httpx.AsyncClient, data: FakeData) -> None:
    del data.files["O-2"]
    answer = await _do(client, "release", "O-1", "O-2", "O-9")
    page = Page(answer.text)
    assert answer.status_code == 200
    assert data.steps == ["release"]
    assert "1 order released" in page.words()
    assert "2 orders were left as they are." in page.words()
    assert page.words().count("There is no order O-9 that you may see") == 1
    assert page.found("a", href="/orders?state=held")
    assert "<script>alert" not in answer.text


async def test_a_refusal_or_a_lost_database_stops_no_other(client: httpx.AsyncClient, data: FakeData) -> None:
    for problem, told in (
        (IllegalMove("workBegan", "x"), "has begun, so it cannot be cancelled"),
        (Unavailable("databaseAway", "x"), "The database was away"),
    ):
        data.refuse = problem
        page = Page((await _do(client, "cancel", "O-1", "O-2", reason="moved")).text)
        assert page.words().count(told) == 2
        assert "0 orders cancelled" in page.words()


async def test_a_cancellation_needs_a_reason(client: httpx.AsyncClient, data: FakeData) -> None:
    answer = await _do(client, "cancel", "O-1", reason=" ")
    assert answer.status_code == 400
    assert Page(answer.text).found("p", id="reason-problem", role="alert")
    await _do(client, "cancel", "O-1", "O-2", reason="moved away")
    assert data.steps == ["cancel: moved away"] * 2


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "release", "order": []}, 400),
        ({"do": "explode", "order": ["O-1"]}, 400),
        ({"do": "release", "order": [f"O-{n}" for n in range(51)]}, 400),
        ({"do": "release", "order": ["O-1"], "token": "forged"}, 403),
    ],
)
async def test_what_cannot_be_done_is_said(
    client: httpx.AsyncClient, data: FakeData, form: dict[str, object], status: int
) -> None:
    token = (await page_of(client, "/orders")).token()
    answer = await client.post(BULK, data={"token": token, **form})
    assert answer.status_code == status
    assert data.steps == []


async def test_clients_mark_nothing_and_do_nothing(client: httpx.AsyncClient, data: FakeData) -> None:
    data.users["anna"] = User("anna", "Anna", "client", "C-1", "en")
    page = await page_of(client, "/orders")
    assert not page.found("input", name="order")
    assert (await client.get(f"{BULK}?do=release&order=O-1")).status_code == 403
    token = page.token()
    assert (
        await client.post(BULK, data={"token": token, "do": "release", "order": "O-1"})
    ).status_code == 403
    assert data.steps == []


async def test_the_whole_list_as_a_file(client: httpx.AsyncClient, data: FakeData) -> None:
    data.rows[0] = replace(data.rows[0], monthly=Decimal("4489.60"), promised=NOW)
    answer = await client.get("/orders.csv?state=held&page=3&q=x")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="orders-2026-06-17.csv"'
    lines = answer.text.split("\r\n")
    assert lines[0].startswith("\ufeffNumber,Placed,Client number,Client,What,State,")
    assert lines[1].startswith("O-1,2026-06-17 14:20,C-1,'=North Quay,")
    assert ",On hold,2026-06-17 14:20,,4489.60,,RUB" in lines[1]
    assert len([line for line in lines if line]) == 4
    assert (data.asked[-1].state, data.asked[-1].text, data.asked[-1].offset) == ("held", "x", 0)
    data.users["anna"] = replace(data.users["anna"], language="ru")
    russian = (await client.get("/orders.csv")).text.split("\r\n")
    assert russian[0].startswith("\ufeffНомер;")
    assert "4489,60" in russian[1]


async def _keep(client: httpx.AsyncClient, path: str = "/filters", **form: str) -> httpx.Response:
    token = (await page_of(client, "/orders")).token()
    return await client.post(path, data={"token": token, "page": "/orders", **form})


async def test_a_filter_is_kept_shown_and_deleted(client: httpx.AsyncClient, data: FakeData) -> None:
    query = "state=held&client=quay"
    answer = await _keep(client, name=f" Quay {EVIL}", query=query)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders?{query}")
    page = await page_of(client, f"/orders?{query}")
    link = page.found("a", href=f"/orders?{query}", **{"aria-current": "true"})
    assert link
    assert f"Quay {EVIL}" in page.words()
    assert [each["value"] for each in page.found("input", name="query")] == [query, query]
    await _keep(client, "/filters/delete", name=f"Quay {EVIL}", query=query)
    assert data.filters == {}


async def test_only_a_list_that_is_filtered_offers_to_keep_it(client: httpx.AsyncClient) -> None:
    assert not (await page_of(client, "/orders")).found("input", id="filter-name")
    assert (await page_of(client, "/orders?late=1")).found("input", id="filter-name")


async def test_a_refused_filter_keeps_what_was_typed(client: httpx.AsyncClient, data: FakeData) -> None:
    data.refuse = BadInput("tooManyFilters", "Too many, delete one.")
    answer = await _keep(client, name="Mine", query="late=1")
    page = Page(answer.text)
    assert answer.status_code == 400
    assert page.found("input", id="filter-name")[0]["value"] == "Mine"
    assert "Too many, delete one." in page.words()


async def test_a_filter_of_no_page_of_ours_leads_nowhere_else(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    answer = await _keep(client, page="//evil.example", name="x", query="a")
    assert answer.headers["location"] == "/?a"
    assert [key[1] for key in data.filters] == ["/"]
    assert data.filters["anna", "/", "x"] == SavedFilter("x", "a")


async def test_all_keys_have_a_page_and_stand_in_every_page(client: httpx.AsyncClient) -> None:
    page = await page_of(client, "/keys")
    assert page.found("a", **{"data-keys": "g o"})[0]["href"] == "/orders"
    assert (await page_of(client, "/orders")).found("dialog", id="keys")
