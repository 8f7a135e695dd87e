"""The clients' room over real HTTP and a real database: search, list, page, contact form, product, ownership."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import SYSTEM, Role
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.web import Web, run_web
from tests.support.world import build, owe

PEOPLE = (
    ANNA,
    CLIENT,
    Person("person", Role.CLIENT, "I-C-1"),
    Person("nobody", Role.CLIENT, "C-404"),
)


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        ctx = running.context
        world = await build(ctx)
        owe(world, "C-2", "1200.00")
        for id, who in (("P-1", "C-1"), ("P-2", "C-2")):
            world.add(
                PRODUCT, id=id, name=f"Fibre {EVIL}", status="active",
                place=[{"id": "A-1", "role": "installationAddress"}],
                relatedParty=[{"id": who, "role": "customer", "@referredType": "Customer"}],
                realizingResource=[{"id": "N-1/1"}],
                productOffering={"id": "fibre", "name": "fibre"},
            )  # fmt: skip
        await world.save(ctx)
        await admit(ctx.store, *PEOPLE)
        yield running


async def form(client: httpx.AsyncClient, id: str = "C-1", **change: str) -> tuple[httpx.Response, Page]:
    """Fill in the contact form as it stands, with these changes, and send it."""
    page = await page_of(client, f"/clients/{id}/contact")
    names = ("email", "phone", "street", "city", "postcode", "version")
    filled = {name: page.found("input", name=name)[0].get("value", "") for name in names}
    sent = {**filled, "channel": "email", "language": "ru", "token": page.token(), **change}
    answer = await client.post(f"/clients/{id}/contact", data=sent)
    return answer, Page(answer.text)


async def test_a_single_hit_is_gone_to_at_once(web: Web) -> None:
    async with person(web, "anna") as anna:
        for text, path in (
            ("Соколова", "/clients/C-1"),
            ("cjrjkjdf", "/clients/C-1"),
            ("P-2", "/products/P-2"),
        ):
            answer = await anna.get("/search", params={"q": text})
            assert (answer.status_code, answer.headers["location"]) == (303, path)


async def test_several_hits_stand_in_groups_and_none_says_what_to_try(web: Web) -> None:
    async with person(web, "anna") as anna:
        both = await page_of(anna, "/search?q=Svobody")
        assert both.found("a", href="/clients/C-1") and both.found("a", href="/clients/C-2")
        assert "connected at the address" in both.words()
        assert "The keyboard seems" in (await page_of(anna, "/search?q=ымщищвн")).words()
        for query in ("", "?q=", "?q=zzzzzzzz", "?q=%00%25_%5C"):
            assert "a telephone number in any spelling" in (await page_of(anna, f"/search{query}")).words()
        evil = await anna.get("/search", params={"q": EVIL})
        assert EVIL not in evil.text and evil.status_code == 200


async def test_the_list_filters_sorts_and_is_empty_with_advice(web: Web) -> None:
    async with person(web, "anna") as anna:
        page = await page_of(anna, "/clients")
        assert "2 clients, sorted by name, ascending" in page.words()
        assert len(page.found("a", class_="a-strong a-rowlink")) == 2
        owing = await page_of(anna, "/clients?owing=1&sort=-owed")
        assert [each["href"] for each in owing.found("a", class_="a-strong a-rowlink")] == ["/clients/C-2"]
        assert "No client fits this filter." in (await page_of(anna, "/clients?town=Nowhere")).words()
        beyond = await anna.get("/clients?page=9")
        assert (beyond.status_code, beyond.headers["location"]) == (303, "/clients")


async def test_the_page_of_a_client(web: Web) -> None:
    async with person(web, "anna") as anna:
        page = await page_of(anna, "/clients/C-2")
        for each in (
            "North Quay",
            "Owes RUB 1,200.00",
            "Yaroslavl, Svobody 12",
            "No orders yet.",
            "Half a year",
        ):
            assert each in page.words(), each
        assert page.found("a", href="/products/P-2") and page.found("a", href="/clients/C-2/contact")
        assert EVIL not in (await anna.get("/clients/C-2")).text
        for missing in ("/clients/C-404", "/clients/C-404/contact", "/products/P-404", "/clients/%00"):
            assert (await anna.get(missing)).status_code == 404


async def test_contact_data_are_saved_and_the_change_is_shown(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, _ = await form(anna, phone="8 999 000-00-12", city="Tula")
        assert (answer.status_code, answer.headers["location"]) == (303, "/clients/C-1")
        words = (await page_of(anna, "/clients/C-1")).words()
        for each in ("+7 999 000-00-12", "Town: Tula", "Telephone: +79990000012"):
            assert each in words.replace("\u00a0", " "), each
        found = await anna.get("/search", params={"q": "9990000012"})
        assert found.headers["location"] == "/clients/C-1"


async def test_what_is_wrong_stands_at_the_field_and_the_typed_is_kept(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer, page = await form(anna, email="anna at home", phone="12")
        assert answer.status_code == 400
        assert page.found("input", name="email")[0]["value"] == "anna at home"
        for name in ("email", "phone"):
            assert page.found("input", name=name)[0]["aria-describedby"] == f"{name}-problem"
            assert page.found("p", id=f"{name}-problem")
        stored = await web.context.store.get(SYSTEM, CUSTOMER_, "C-1")
        assert "anna at home" not in str(stored.document)


async def test_a_change_of_somebody_else_is_told_with_what_stands_now(web: Web) -> None:
    async with person(web, "anna") as anna:
        await form(anna, city="Tula")
        answer, page = await form(anna, city="Perm", version="1")
        assert answer.status_code == 409 and "Tula" in page.words()
        assert page.found("input", name="city")[0]["value"] == "Perm"
        saved = {each["name"]: each.get("value", "") for each in page.found("input") if each.get("name")}
        answer, _ = await form(anna, city="Perm", version=saved["version"] or "")
        assert answer.status_code == 303


async def test_a_form_without_its_token_changes_nothing(web: Web) -> None:
    async with person(web, "anna") as anna:
        answer = await anna.post("/clients/C-1/contact", data={"city": "Tula", "email": "x@example.org"})
        assert answer.status_code == 403


async def test_the_product_page_shows_its_line_to_staff_alone(web: Web) -> None:
    async with person(web, "anna") as anna, person(web, "client") as client:
        assert "Node 1 port 1" in (await page_of(anna, "/products/P-1")).words()
        words = (await page_of(client, "/products/P-1")).words()
        assert "Works" in words and "Node 1" not in words


@pytest.mark.parametrize("name", ["client", "person"])
async def test_a_client_sees_himself_and_nobody_else(web: Web, name: str) -> None:
    async with person(web, name) as client:
        own: Any = await client.get("/clients")
        assert (own.status_code, own.headers["location"]) == (303, "/clients/C-1")
        page = await page_of(client, "/clients/C-1")
        assert not page.found("a", href="/clients/C-1/contact")
        for path in ("/clients/C-2", "/products/P-2"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/clients/C-1/contact")).status_code == 403
        for text in ("North", "C-2", "74990000000", "Svobody", "P-2"):
            assert "Nothing fits." in (await page_of(client, f"/search?q={text}")).words()
        answer = await client.get("/search", params={"q": "Анна"})
        assert answer.headers["location"] == "/clients/C-1"


async def test_an_account_of_no_client_is_told_so(web: Web) -> None:
    async with person(web, "nobody") as nobody:
        answer = await nobody.get("/clients")
        assert answer.status_code == 404 and "No client belongs to this account." in answer.text
