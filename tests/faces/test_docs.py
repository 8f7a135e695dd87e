"""The API's own pages, for somebody without an account."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from abonent.faces.tmf.openapi import apis
from abonent.main import REGISTRY
from tests.support.pages import Page
from tests.support.web import Web, run_web


@pytest.fixture
async def anybody(dsn: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with run_web(dsn, tmp_path) as web, client_of(web) as client:
        yield client


def client_of(web: Web) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20)


async def test_the_list_leads_to_every_api_and_its_document(anybody: httpx.AsyncClient) -> None:
    listing = Page((await anybody.get("/docs")).text)
    links = {a["href"] for a in listing.found("a")}
    for api in apis(REGISTRY):
        assert {f"/docs/{api.name}", f"/docs/{api.name}/openapi.json"} <= links
        page = await anybody.get(f"/docs/{api.name}")
        assert page.status_code == 200 and f'data-document="/docs/{api.name}/openapi.json"' in page.text
        described = (await anybody.get(f"/docs/{api.name}/openapi.json")).json()
        assert described["servers"] == [{"url": api.base}] and described["info"]["title"] == api.title


async def test_it_speaks_the_readers_language(anybody: httpx.AsyncClient) -> None:
    for lang, word in (("ru", "Первый запрос"), ("en", "The first request")):
        assert word in Page((await anybody.get("/docs", headers={"Accept-Language": lang})).text).words()
        assert word in Page((await anybody.get("/docs", params={"lang": lang})).text).words()


async def test_an_api_that_there_is_not(anybody: httpx.AsyncClient) -> None:
    for path in ("/docs/nothing-v4", "/docs/nothing-v4/openapi.json"):
        answer = await anybody.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "noSuchApi")
