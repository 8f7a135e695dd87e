"""The catalogue's pages over real HTTP and a real database: list, filters, sorting, an offering, who sees what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.domain.catalog.resources import PRODUCT_OFFERING, PRODUCT_SPECIFICATION
from abonent.domain.order_handling.intake import place_order
from abonent.kit.access import Role
from tests.support.pages import EVIL, Page, inline_scripts, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.shop import stock
from tests.support.visits import sell_with_visit
from tests.support.web import Web, run_web
from tests.support.world import build, item, order


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        world = await build(running.context)
        stock(world)
        world.add(PRODUCT_SPECIFICATION, id="PS-evil", name=EVIL)
        world.add(
            PRODUCT_OFFERING, id="e/v?il", name=EVIL, description=EVIL, lifecycleStatus=EVIL,
            productSpecification={"id": "PS-evil"},
        )  # fmt: skip
        await world.save(running.context)
        await admit(running.context.store, ANNA, Person("ivan", Role.MANAGER, language="ru"), CLIENT)
        yield running


def shown(page: Page) -> list[str]:
    """Offerings of the list, in its order."""
    links = [str(a["href"]) for a in page.found("a") if "a-rowlink" in str(a.get("class"))]
    return [link.removeprefix("/catalogue/") for link in links]


async def test_the_list_says_what_is_sold_for_how_much_and_where(web: Web) -> None:
    await place_order(web.context, order(item("1", "bundle")))
    async with person(web) as anna:
        page = await page_of(anna, "/catalogue")
        words = page.words()
        assert shown(page) == [
            "fibre",
            "slow",
            "tv",
            "router",
            "bundle",
            "camera",
            "e%2Fv%3Fil",
            "old",
            "turbo",
        ]
        for text in ("9 offerings, by category", "On sale", "Not sold now", "1 of 2", "0 of 2", "everywhere"):
            assert text in words, text
        assert "4 steps, 13 min" in words and "fibre, tv" in words
        assert not inline_scripts(page) and EVIL in words
        for query, found in (
            ("sale=unsold", ["e%2Fv%3Fil", "old"]),
            ("category=home&sale=sold", ["slow", "router", "camera"]),
            ("q=rout", ["router"]),
            ("q=роутер", []),
            ("sort=-price&sale=sold&q=fi", ["fibre", "slow"]),
            ("sort=-orders&page=99&category=nothing", []),
            ("sort=evil&page=%00&sale=x", shown(page)),
        ):
            assert shown(await page_of(anna, f"/catalogue?{query}")) == found, query
        assert "No offering fits this filter." in (await page_of(anna, "/catalogue?q=zzz")).words()
        assert shown(await page_of(anna, "/catalogue?sort=-orders"))[:3] == ["fibre", "tv", "bundle"]


async def test_an_offering_shows_how_it_is_delivered(web: Web) -> None:
    await sell_with_visit(web.context)
    number = (await place_order(web.context, order(item("1", "bundle"))))["id"]
    async with person(web) as anna:
        page = await page_of(anna, "/catalogue/fibre")
        words = page.words()
        for text in (
            "RUB 500.00",
            "GPON, 100 Mbit/s",
            "5 steps, 2 h 13 min when nothing waits; no way back from “Access line” on",
            "speed to the client",
            "Lay the cable and set up the router",
            "Is needed by",
            "Is a part of",
            "1 order in the last 30 days",
            number,
        ):
            assert text in words, text
        assert page.found("svg", role="img")
        bundle = (await page_of(anna, "/catalogue/bundle")).words()
        assert "How it is delivered: fibre" in bundle and "How it is delivered: tv" in bundle
        assert "Saved a month" not in bundle
        router = (await page_of(anna, "/catalogue/router")).words()
        assert "chosen with the order" in router and "white, black" in router and "from 1 to 9" in router
        assert "Nobody ordered it in this time." in router
        slow = (await page_of(anna, "/catalogue/slow")).words()
        assert "Cannot stand beside" in slow
        evil = await page_of(anna, "/catalogue/e%252Fv%253Fil", status=404)
        assert "There is no offering" in evil.words()


async def test_names_stand_in_the_readers_language(web: Web) -> None:
    async with person(web, "ivan") as ivan:
        words = (await page_of(ivan, "/catalogue")).words()
        assert "Роутер" in words and "Для дома" in words and "Router" not in words
        assert shown(await page_of(ivan, "/catalogue?q=роутер")) == ["router"]


async def test_a_client_sees_what_is_sold_but_not_how_and_how_often(web: Web) -> None:
    await place_order(web.context, order(item("1", "fibre"), client="C-2"))
    async with person(web, "client") as client:
        page = await page_of(client, "/catalogue")
        assert "RUB 500.00" in page.words() and "Orders, 30 days" not in page.words()
        words = (await page_of(client, "/catalogue/fibre")).words()
        assert "RUB 500.00" in words
        for text in (
            "How it is delivered",
            "What it must measure",
            "last 30 days",
            "North Quay",
            "New order",
        ):
            assert text not in words, text


async def test_an_empty_catalogue_says_how_to_fill_it(dsn: str, tmp_path: Path) -> None:
    async with run_web(dsn, tmp_path) as web:
        await admit(web.context.store, ANNA)
        async with person(web) as anna:
            assert "Nothing is sold yet." in (await page_of(anna, "/catalogue")).words()
            assert (
                "There is no offering fibre" in (await page_of(anna, "/catalogue/fibre", status=404)).words()
            )
