"""Photos and papers of a work order: sent from the crew's phone, kept in the database, given to who may see them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.domain.workforce.rules_attachments import MOST_BYTES, MOST_FILES
from abonent.kit.access import Role
from tests.support.crew_house import crew_house, document, entered
from tests.support.files import JPEG, PDF, png
from tests.support.pages import Page, page_of
from tests.support.people import person
from tests.support.web import Web

API = "/tmf-api/workOrderManagement/v4/workOrder"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with crew_house(dsn, tmp_path) as running:
        yield running


async def send(
    client: httpx.AsyncClient, id: str, *files: tuple[str, bytes], step: str = "attach", **form: str
) -> Any:
    token = (await page_of(client, f"/work-orders/{id}")).token()
    sent = [("photo", (name, content, "text/html")) for name, content in files]
    return await client.post(f"/work-orders/{id}/{step}", data={"token": token, **form}, files=sent)


async def test_a_photo_and_an_act_are_kept_and_given_back(web: Web) -> None:
    id = await entered(web)
    async with person(web, "anna") as anna:
        answer = await send(anna, id, ("..\\box.html", JPEG), ("акт; подписан.pdf", PDF))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/work-orders/{id}")
        kept = (await document(web, id))["attachment"]
        assert [(each["name"], each["mimeType"], each["attachmentType"]) for each in kept] == [
            ("box.jpg", "image/jpeg", "picture"),
            ("акт подписан.pdf", "application/pdf", "document"),
        ]
        assert kept[0]["size"] == {"amount": len(JPEG), "units": "byte"}
        page = await anna.get(f"/work-orders/{id}")
        assert "box.jpg" in page.text and "JPG, 1 KB" in page.text
        given = await anna.get(f"/work-orders/{id}/attachments/{kept[1]['id']}")
        assert given.content == PDF and given.headers["content-type"] == "application/pdf"
        headers = given.headers
        assert headers["content-disposition"].startswith("attachment; ")
        assert "filename*=UTF-8''%D0%B0%D0%BA%D1%82%20" in headers["content-disposition"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["cache-control"] == "no-store"


async def test_the_same_file_is_kept_once_and_names_are_told_apart(web: Web) -> None:
    id = await entered(web)
    async with person(web, "anna") as anna:
        await send(anna, id, ("box.png", png(1)))
        await send(anna, id, ("box.png", png(1)))
        await send(anna, id, ("box.png", png(2)))
        assert [each["name"] for each in (await document(web, id))["attachment"]] == [
            "box.png",
            "box (2).png",
        ]


async def test_what_is_refused_is_told_and_nothing_is_kept(web: Web) -> None:
    id = await entered(web)
    async with person(web, "anna") as anna:
        for name, content, said in (
            ("box.jpg", b"<script>alert(1)</script>", "is no picture"),
            ("box.jpg", b"", "is empty"),
            ("box.jpg", JPEG + bytes(MOST_BYTES), "is larger than 5 MB"),
        ):
            answer = await send(anna, id, (name, content))
            assert answer.status_code == 400 and said in answer.text, said
        assert (await send(anna, id)).status_code == 400
        many = await send(anna, id, *((f"{n}.jpg", JPEG + bytes(MOST_BYTES)) for n in range(5)))
        assert many.status_code == 400 and "too large together" in many.text
        five = await send(anna, id, *((f"{n}.png", png(n)) for n in range(5)))
        assert five.status_code == 400 and "Files at once: 4 at most" in Page(five.text).words()
        assert "attachment" not in await document(web, id)
        for n in range(0, MOST_FILES, 4):
            await send(anna, id, *((f"{k}.png", png(k)) for k in range(n, n + 4)))
        more = await send(anna, id, ("more.png", png(99)))
        assert more.status_code == 422 and "keeps 12 files at most" in more.text
        assert len((await document(web, id))["attachment"]) == MOST_FILES
        forged = await anna.post(
            f"/work-orders/{id}/attach", data={"token": "x"}, files=[("photo", ("a.png", png(3)))]
        )
        assert forged.status_code == 403


async def test_only_who_may_see_the_work_order_gets_its_files(web: Web) -> None:
    id, other = await entered(web), await entered(web)
    async with person(web, "anna") as anna:
        await send(anna, id, ("box.jpg", JPEG))
        file = (await document(web, id))["attachment"][0]
        assert (await anna.get(f"/work-orders/{other}/attachments/{file['id']}")).status_code == 404
        assert (await anna.get(f"/work-orders/{id}/attachments/WA-1")).status_code == 404
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as nobody:
        assert (await nobody.get(f"/work-orders/{id}/attachments/{file['id']}")).status_code == 303
        assert (await nobody.get(file["href"])).status_code == 401
    async with web.client(Role.CLIENT, "C-1") as client:
        assert (await client.get(file["href"])).status_code == 403


async def test_the_api_names_them_and_gives_each(web: Web) -> None:
    id = await entered(web)
    async with person(web, "anna") as anna:
        await send(anna, id, ("box.jpg", JPEG))
    told = (await web.admin.get(f"{API}/{id}")).json()["attachment"][0]
    assert told["@sha256"] and told["mimeType"] == "image/jpeg"
    whole = await web.admin.get(told["href"])
    assert whole.status_code == 200 and whole.json()["workOrder"]["id"] == id
    assert (await web.admin.get(told["href"].rpartition("/")[0])).status_code == 405
    changed = await web.admin.patch(f"{API}/{id}", json={"attachment": []})
    assert changed.status_code == 422 and len((await document(web, id))["attachment"]) == 1
