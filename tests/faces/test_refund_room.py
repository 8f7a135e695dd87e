"""Money to give back: the list, one and many, the document, the file, the day's work, the order's page."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.order_handling import refunds
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentAsk, PaymentLink, PaymentProvider, PaymentRefund
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM, Role
from abonent.kit.values import to_wire
from tests.support.pages import Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.web import Web, run_web
from tests.support.world import build, item, order

MARIA, IVAN = Person("maria", Role.MANAGER), Person("ivan", Role.MANAGER, language="ru")


class Bank:
    """A provider that sends everything back at once."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def create(self, ask: PaymentAsk) -> PaymentLink:
        return PaymentLink("1", "http://pay.example/1")

    async def cancel(self, id: str) -> None: ...

    async def close(self) -> None: ...

    async def refund(self, ask: PaymentRefund) -> str:
        self.sent.append(ask.reference)
        return f"BACK-{ask.reference}"


async def owe_back(web: Web, number: str, amount: str, **more: Any) -> None:
    ctx = web.context
    change = ctx.change()
    at, sum_ = to_wire(ctx.now()), {"unit": "RUB", "value": Decimal(amount)}
    placed = order(item("1", "fibre")) | {"id": number, "state": "cancelled", "orderDate": at}
    change.adopt(PRODUCT_ORDER, placed | {"cancellationReason": "moves abroad"})
    late = {"reference": f"R-{number}", "amount": sum_, "at": at, **more}
    request = {
        "id": number,
        "state": "refundDue",
        "productOrder": {"id": number},
        "amount": sum_,
        "late": [late],
    }
    change.insert(
        PAYMENT_REQUEST,
        request | {"customer": {"id": "C-1", "name": "Anna Orlova"}, "attempt": 1, "since": at},
    )
    await ctx.store.commit(change)


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        running.context.ports[PaymentProvider] = Bank()  # type: ignore[index]
        await build(running.context)
        await admit(running.context.store, ANNA, MARIA, IVAN, CLIENT)
        await owe_back(running, "O-501", "1000.00")
        await owe_back(running, "O-502", "250.50", by="anna")
        yield running


async def state(web: Web, number: str) -> str:
    return (await web.context.store.get(SYSTEM, PAYMENT_REQUEST, number)).state or ""


async def test_who_waits_for_how_much_why_and_since_when(web: Web) -> None:
    async with person(web, "maria") as maria:
        page = await page_of(maria, "/refunds")
        words = page.words()
        for said in ("2 sums", "RUB 1,000.00", "RUB 250.50", "Order cancelled: moves abroad", "Anna Orlova",
                     "came in cash or by bank"):  # fmt: skip
            assert said in words, said
        assert page.found("a", href="/orders/O-501") and page.found("a", href="/clients/C-1")
        assert "No money of this client" in (await page_of(maria, "/refunds?client=nobody")).words()
        assert "Nothing is in this state." in (await page_of(maria, "/refunds?state=refunded")).words()
        file = await maria.get("/refunds.csv")
        assert file.text.startswith("\ufeff") and "O-501,C-1,Anna Orlova,1000.00,RUB," in file.text
    async with person(web, "ivan") as ivan:
        assert "1 000,00" in (await page_of(ivan, "/refunds")).words()
        assert "O-501;C-1;Anna Orlova;1000,00;RUB;" in (await ivan.get("/refunds.csv")).text


async def test_one_sum_goes_back_through_the_provider(web: Web) -> None:
    async with person(web, "maria") as maria:
        page = await page_of(maria, "/refunds/give?order=O-501&order=O-502")
        form = page.found("form", id="send")
        assert form and "Send 1 sum back" in page.words() and "Note 2 sums as given back" in page.words()
        sent = {"token": page.token(), "do": "send", "order": "O-501", "back": "/refunds"}
        answer = await maria.post("/refunds/give", data=sent)
        assert answer.status_code == 303
        assert await state(web, "O-501") == "refunding"
        await refunds.refund(web.context, "O-501")
        again = await maria.post("/refunds/give", data=sent)
        assert again.status_code == 200 and "no money is due back" in Page(again.text).words()
        words = (await page_of(maria, "/refunds?state=refunded")).words()
        assert "BACK-R-O-501" in words and "RUB 1,000.00" in words
        assert "Given back" in (await page_of(maria, "/orders/O-501")).words()


async def test_many_are_noted_with_the_document(web: Web) -> None:
    async with person(web, "maria") as maria:
        page = await page_of(maria, "/refunds/give?order=O-501&order=O-502")
        asked = {"token": page.token(), "do": "otherwise", "order": ["O-501", "O-502"], "back": "/refunds"}
        refused = await maria.post("/refunds/give", data=asked)
        assert refused.status_code == 400 and "Name the document" in Page(refused.text).words()
        done = await maria.post("/refunds/give", data={**asked, "document": "REG-7"})
        assert done.status_code == 200 and Page(done.text).words().count("REG-7") == 2
        assert (await state(web, "O-501"), await state(web, "O-502")) == ("refunded", "refunded")
        assert "No money is to be given back." in (await page_of(maria, "/refunds")).words()
        none = await maria.get("/refunds/give?order=O-501")
        assert none.status_code == 400


async def test_it_is_the_managers_work_and_nobody_elses(web: Web) -> None:
    async with person(web, "maria") as maria:
        words = (await page_of(maria, "/")).words()
        assert "Give money back, order O-501" in words and "RUB 1,000.00" in words
        order_words = (await page_of(maria, "/orders/O-501")).words()
        assert "To be given back" in order_words and "RUB 1,000.00" in order_words
    async with person(web) as anna:
        assert "Give money back" not in (await page_of(anna, "/")).words()
        page = await page_of(anna, "/refunds")
        assert "Managers and administrators give it back." in page.words() and not page.found(
            "form", id="bulk"
        )
        assert (await anna.get("/refunds/give?order=O-501")).status_code == 403
        refused = await anna.post(
            "/refunds/give",
            data={"token": page.token(), "do": "otherwise", "order": "O-501", "document": "X"},
        )
        assert refused.status_code == 403 and await state(web, "O-501") == "refundDue"
    async with person(web, "client") as client:
        for path in ("/refunds", "/refunds.csv"):
            assert (await client.get(path)).status_code == 403


async def test_the_api_asks_for_the_document(web: Web) -> None:
    path = f"{PAYMENT_REQUEST.path}/O-501"
    async with web.client(Role.MANAGER, None) as http:
        bare = await http.patch(path, json={"state": "refunded"})
        assert (bare.status_code, bare.json()["code"]) == (400, "documentMissing")
        done = await http.patch(path, json={"state": "refunded", "refundDocument": "PP-1"})
        assert done.status_code == 200 and done.json()["late"][0]["back"]["document"] == "PP-1"
        listed = await http.get(PAYMENT_REQUEST.path, params={"state": "refundDue"})
        assert [each["id"] for each in listed.json()] == ["O-502"]
