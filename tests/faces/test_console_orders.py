"""The order list of the console: filters in the address, columns, pages of fifty, empty lists."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from abonent.faces.console.data import OrderFilter, OrderRow
from abonent.faces.console.order_list import address, read_filter
from tests.faces.console_fakes import NOW, FakeData, open_console, sign_in
from tests.support.pages import page_of


@pytest.fixture
def data() -> FakeData:
    return FakeData()


@pytest.fixture
async def client(data: FakeData) -> AsyncIterator[httpx.AsyncClient]:
    async with open_console(data) as each:
        yield each


def rows(count: int) -> list[OrderRow]:
    return [
        OrderRow(f"O-{n}", f"Order {n}", "inProgress", NOW, "C-1", "North Quay", NOW - timedelta(hours=2))
        for n in range(count)
    ]


async def test_an_empty_list_says_what_to_do(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    assert "No orders yet." in (await page_of(client, "/orders")).words()
    assert "No order fits this filter." in (await page_of(client, "/orders?q=x")).words()


async def test_the_list_shows_links_lateness_and_price(client: httpx.AsyncClient, data: FakeData) -> None:
    data.rows = [replace(rows(1)[0], monthly=Decimal("4489.60"), once=Decimal(1200))]
    await sign_in(client)
    page = await page_of(client, "/orders")
    assert page.found("a", href="/orders/O-0")
    for each in ("Late", "2 h late", "4,490", "once 1,200", "1 order, sorted by day of order, descending"):
        assert each in page.words()


async def test_fifty_a_page_with_links_to_the_next(client: httpx.AsyncClient, data: FakeData) -> None:
    data.rows = rows(120)
    await sign_in(client)
    first = await page_of(client, "/orders?late=1")
    assert len(first.found("a", class_="a-strong a-rowlink")) == 50
    assert first.found("a", rel="next")[0]["href"] == "/orders?late=1&page=2"
    last = await page_of(client, "/orders?late=1&page=3")
    assert len(last.found("a", class_="a-strong a-rowlink")) == 20
    assert not last.found("a", rel="next")
    beyond = await client.get("/orders?late=1&page=9")
    assert (beyond.status_code, beyond.headers["location"]) == (303, "/orders?late=1")


async def test_a_filter_reaches_the_data_and_stands_in_the_form(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    data.rows = rows(1)
    await sign_in(client)
    page = await page_of(client, "/orders?state=held&q=+fibre+&client=quay&late=1&sort=promised")
    assert data.asked[-1] == OrderFilter("held", "fibre", "quay", True, "promised", False)
    assert page.found("option", value="held")[0].keys() >= {"selected"}
    assert page.found("input", name="client")[0]["value"] == "quay"
    assert "checked" in page.found("input", name="late")[0]
    head = next(a for a in page.found("th") if "aria-sort" in a)
    assert head["aria-sort"] == "ascending"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "open", "q": "a b&c=d", "client": "Я", "late": "1", "sort": "-priced", "page": "3"},
        {"state": "nonsense", "sort": "-nonsense", "page": "-1", "late": "no"},
        {"page": "999999999999999999999", "q": "x" * 500},
        {"page": "²"},
        {"q": "nul\x00"},
    ],
)
def test_a_filter_survives_its_address(query: dict[str, str]) -> None:
    wanted = read_filter(query)
    again = read_filter(dict(httpx.URL("http://x" + address(wanted)).params))
    assert again == wanted
    assert 0 <= wanted.offset < 10**8
