"""The room of subscriptions: what is seen, what an administrator does, and what others may not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from abonent.kit.access import Role
from tests.support.listening import PACE, hub_web, listening, new_customer, rename, subscribed, telling
from tests.support.pages import EVIL, Page, inline_scripts, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.running import eventually
from tests.support.web import Web

ROOT = Person("root", Role.ADMIN)
RUSSIAN = Person("olga", Role.ADMIN, None, "ru")


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with hub_web(dsn, tmp_path) as running:
        await admit(running.context.store, ANNA, CLIENT, ROOT, RUSSIAN)
        yield running


async def act(who: httpx.AsyncClient, here: str, step: str, **fields: str) -> httpx.Response:
    token = (await page_of(who, here)).token()
    return await who.post(f"{here}/{step}", data={"token": token, **fields})


async def says(who: httpx.AsyncClient, path: str, text: str) -> Page:
    async def look() -> Page | None:
        page = await page_of(who, path)
        return page if text in page.words() else None

    return await eventually(look, f"{path} says {text}")


async def test_an_empty_list_says_how_to_subscribe(web: Web) -> None:
    async with person(web, "root") as root:
        page = await page_of(root, "/integrations")
        assert "No system listens yet" in page.words()
        assert f"{web.url}/tmf-api/productOrderingManagement/v4/hub" in page.text
        assert (
            "No subscription is in this state" in (await page_of(root, "/integrations?state=paused")).words()
        )
        # An unknown state is none.
        assert "No system listens yet" in (await page_of(root, "/integrations?state=odd")).words()


async def test_what_was_told_is_seen_and_sent_again(web: Web) -> None:
    async with listening() as listener, telling(web.context), person(web, "root") as root:
        made = await subscribed(web, listener.url, f"event.customer.name={EVIL}")
        id = await new_customer(web, EVIL)
        await rename(web, id, "other")
        await listener.heard(1)
        here = f"/integrations/{made['id']}"
        page = await says(root, here, "Events told 1")
        assert not inline_scripts(page)
        assert "CustomerCreateEvent" in page.words()
        assert made["secret"] not in page.text
        answer = await act(
            root, here, "send", seq=str(page.found("input", name="seq")[0]["value"]), back=here
        )
        assert (answer.status_code, answer.headers["location"]) == (303, here)
        again = await listener.heard(2)
        assert again[0].raw == again[1].raw
        assert again[0].headers["webhook-id"] == again[1].headers["webhook-id"]
        listed = await page_of(root, "/integrations")
        assert "Working" in listed.words()
        assert f"event.customer.name={EVIL}" in listed.text


async def test_what_was_given_up_is_sent_again_together(web: Web) -> None:
    answers = iter([500, 500])
    pace = replace(PACE, term=timedelta(seconds=0))
    async with person(web, "root") as root, listening(status=lambda _: next(answers, 200)) as listener:
        made = await subscribed(web, listener.url)
        here = f"/integrations/{made['id']}"
        await new_customer(web, "a")
        async with telling(web.context, pace):
            page = await says(root, here, "Given up, ever 1")
            assert "HTTP status 500" in page.words()
            assert "Does not answer" in page.words()
            assert (await act(root, here, "again")).status_code == 303
            await says(root, here, "Given up, ever 2")
        async with telling(web.context):
            assert (await act(root, here, "again")).status_code == 303
            page = await says(root, f"{here}?state=delivered", "Events told 1")
        assert len(set(listener.ids)) == 1


async def test_paused_resumed_and_ended(web: Web) -> None:
    async with listening() as listener, telling(web.context), person(web, "root") as root:
        made = await subscribed(web, listener.url)
        here = f"/integrations/{made['id']}"
        await act(root, here, "pause")
        await new_customer(web)
        page = await says(root, here, "Waiting 1")
        assert "Paused" in page.words()
        assert listener.came == []
        assert listener.url in (await page_of(root, "/integrations?state=paused")).words()
        await act(root, here, "resume")
        await listener.heard(1)
        token = (await page_of(root, here)).token()
        ended = await root.post(f"{here}/end", data={"token": token})
        assert (ended.status_code, ended.headers["location"]) == (303, "/integrations")
        assert "There is no subscription" in (await page_of(root, here, 404)).words()
        assert (await root.post(f"{here}/pause", data={"token": token})).status_code == 404


async def test_a_failing_listener_is_tried_at_once_when_asked(web: Web) -> None:
    slow = replace(PACE, first=300.0, longest=600.0)
    answers = iter([503])
    told = listening(status=lambda _: next(answers, 200))
    async with told as listener, telling(web.context, slow), person(web, "root") as root:
        made = await subscribed(web, listener.url)
        await new_customer(web)
        here = f"/integrations/{made['id']}"
        page = await says(root, here, "1 failure in a row")
        assert "Try now" in page.words()
        await act(root, here, "now")
        await listener.heard(2)


async def test_staff_look_and_clients_do_not(web: Web) -> None:
    made = await subscribed(web, "http://127.0.0.1:9")
    here = f"/integrations/{made['id']}"
    async with person(web, "anna") as anna, person(web, "client") as client:
        page = await page_of(anna, here)
        assert "An administrator can pause it" in page.words()
        assert not page.found("form", action=f"{here}/end")
        for step in ("pause", "end", "send"):
            assert (await act(anna, here, step)).status_code == 403
        assert (await client.get("/integrations")).status_code == 403
        assert (await client.get(here)).status_code == 403


async def test_it_is_said_in_russian(web: Web) -> None:
    await subscribed(web, "http://127.0.0.1:9")
    async with person(web, "olga") as olga:
        words = (await page_of(olga, "/integrations")).words()
    assert "Интеграции" in words
    assert "Listener" not in words


async def test_many_deliveries_are_paged(web: Web) -> None:
    made = await subscribed(web, "http://127.0.0.1:9")
    database = web.context.store.database
    await new_customer(web)
    await database.run(
        """INSERT INTO event (id, type, resource, resource_id, at, by, correlation_id)
           SELECT 'x' || n, 'CustomerCreateEvent', 'customer', 'C-' || n, now(), 'test', '-'
           FROM generate_series(1, 60) n"""
    )
    await database.run(
        """INSERT INTO hub_delivery (subscription, seq, state, ended_at)
           SELECT $1, seq, 'delivered', now() FROM event WHERE id LIKE 'x%'""",
        made["id"],
    )
    async with person(web, "root") as root:
        page = await page_of(root, f"/integrations/{made['id']}")
        assert len(page.found("input", name="seq")) == 50
        following = page.found("a", rel="next")[0]["href"]
        assert len((await page_of(root, str(following))).found("input", name="seq")) == 10
        assert (await root.get(f"/integrations/{made['id']}?before=x&state=odd")).status_code == 200
