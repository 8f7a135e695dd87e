"""The messages' room over real HTTP and a real database, with the mailbox of a real sink."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from abonent import main, serving
from abonent.domain.communication import delivery
from abonent.domain.communication.messages import create_message
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE, MESSAGE_TEMPLATE
from abonent.domain.communication.rules import preferences_of
from abonent.domain.communication.rules_delivery import attempts
from abonent.domain.communication.texts import SUBJECTS
from abonent.domain.order_handling.intake import place_order
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import SYSTEM, Role
from abonent.kit.context import Context
from abonent.message_simulator import Behaviour, Rule, Sink
from abonent.message_simulator import serving as serving_sink
from abonent.network_simulator import serving as serving_app
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.world import build, item, order

PEOPLE = (ANNA, Person("chief", Role.MANAGER), CLIENT)


class House:
    """The web application with a sink; jobs of messages are run by hand."""

    def __init__(self, context: Context, url: str, sink: Sink) -> None:
        self.context, self.url, self.sink = context, url, sink

    async def deliver(self, id: str, **more: bool) -> None:
        await delivery.deliver(self.context, id, **more)

    async def message(self, **more: object) -> str:
        body = {
            "content": f"Привет {EVIL}",
            "messageType": "email",
            "subject": "Тема",
            "receiver": [{"id": "C-1"}],
        }
        return (await create_message(self.context, {**body, **more}))["id"]

    async def stored(self, id: str) -> dict:
        return (await self.context.store.get(SYSTEM, COMMUNICATION_MESSAGE, id)).document


@pytest.fixture
async def house(dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    async with serving_sink(tmp_path / "sink") as sink:
        settings = main.Settings(
            data=tmp_path,
            database_url=dsn,
            smtp_url=sink.smtp,
            mail_from="Abonent <service@abonent.example>",
            sms_url=f"{sink.url}/sms",
            mailbox_url=sink.url,
        )
        async with (
            main.open_process(settings, dsn, "test") as process,
            serving_app(serving.web_app(process, settings)) as url,
        ):
            await build(process.context)
            await admit(process.context.store, *PEOPLE)
            yield House(process.context, url, sink)


async def send(http: httpx.AsyncClient, page: str, path: str | None = None, **fields: str) -> httpx.Response:
    """Post a form with the token of `page`."""
    token = (await page_of(http, page)).token()
    return await http.post(path or page, data={"token": token, **fields})


async def test_the_list_is_filtered_as_a_sentence_and_shows_a_client_his_own(house: House) -> None:
    mine = await house.message()
    theirs = await house.message(messageType="SMS", subject="Other", receiver=[{"id": "C-2"}])
    await house.deliver(mine)
    async with person(house, "anna") as anna:
        whole = (await anna.get("/messages")).text
        assert f"/messages/{mine}" in whole and f"/messages/{theirs}" in whole
        for query, found in (
            ("state=completed", {mine}),
            ("state=initial", {theirs}),
            ("channel=SMS", {theirs}),
            ("client=C-2", {theirs}),
            ("client=соколова", {mine}),
            ("q=тема", {mine}),
            ("q=100%25", set()),
            ("order=O-1", set()),
            ("state=eaten&channel=post&sort=x&page=-1", {mine, theirs}),
            ("page=9", {mine, theirs}),
        ):
            page = (await anna.get(f"/messages?{query}", follow_redirects=True)).text
            assert {id for id in (mine, theirs) if f"/messages/{id}" in page} == found, query
        assert EVIL not in whole
    async with person(house, "client") as client:
        own = (await client.get("/messages")).text
        assert f"/messages/{mine}" in own and theirs not in own
        assert (await client.get(f"/messages/{mine}")).status_code == 200
        assert (await client.get(f"/messages/{theirs}")).status_code == 404
        for path in ("/messages/new", "/messages/templates", "/mailbox", "/clients/C-1/preferences"):
            assert (await client.get(path)).status_code == 403, path
        for step in ("resend", "cancel"):
            answer = await send(client, f"/messages/{mine}", f"/messages/{mine}/{step}")
            assert answer.status_code == 403


async def test_a_message_that_failed_says_why_and_is_sent_again(house: House) -> None:
    house.sink.treatments.replace(Behaviour(rules=[Rule(treatment="refuse")]))
    id = await house.message()
    await house.deliver(id)
    async with person(house, "anna") as anna:
        page = (await anna.get(f"/messages/{id}")).text
        assert "550 5.1.1 anna@example.org: there is no such mailbox" in page and "Failed" in page
        assert EVIL not in page
        house.sink.treatments.replace(Behaviour())
        answer = await send(anna, f"/messages/{id}", f"/messages/{id}/resend")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/messages/{id}")
        await house.deliver(id, by_hand=True)
        assert (await house.stored(id))["state"] == "completed"
        assert house.sink.box.message_ids() == [f"<{id}@abonent.example>"]
        assert [a["outcome"] for a in attempts(await house.stored(id))] == ["refused", "sent"]
        refused = await send(anna, f"/messages/{id}", f"/messages/{id}/cancel")
        assert refused.status_code == 422 and "cannot move" in refused.text


async def test_a_message_that_waits_is_withdrawn(house: House) -> None:
    id = await house.message(scheduledSendTime="2099-01-01T00:00:00.000Z")
    async with person(house, "anna") as anna:
        assert "Waits" in (await anna.get(f"/messages/{id}")).text
        assert (await send(anna, f"/messages/{id}", f"/messages/{id}/cancel")).status_code == 303
        assert (await house.stored(id))["state"] == "cancelled"
        assert (await send(anna, f"/messages/{id}", f"/messages/{id}/resend")).status_code == 422


async def test_an_agent_writes_to_a_client(house: House) -> None:
    async with person(house, "anna") as anna:
        path = "/messages/new?client=C-1"
        wrong = await send(anna, path, "/messages/new", client="C-1", channel="email", subject="", content="")
        assert wrong.status_code == 400
        assert {"subject-problem", "content-problem"} <= {
            p["id"] for p in Page(wrong.text).found("p", role="alert")
        }
        lost = await send(
            anna, path, "/messages/new", client="C-404", channel="email", subject="a", content="kept"
        )
        assert lost.status_code == 400 and "kept" in lost.text
        bad = await send(anna, path, "/messages/new", client="C-1", channel="SMS", content="x")
        assert bad.status_code == 400
        made = await send(
            anna, path, "/messages/new", client="C-1", channel="email", subject="Т", content="Да"
        )
        assert made.status_code == 303
        id = made.headers["location"].rpartition("/")[2]
        await house.deliver(id)
        assert (await house.stored(id))["state"] == "completed"
        listed = (await anna.get("/mailbox?to=anna")).text
        assert "anna@example.org" in listed
        arrival = (await anna.get("/mailbox/1")).text
        assert "Auto-Submitted" in arrival and f"/messages/{id}" in arrival
        assert (await anna.get("/mailbox/99")).status_code == 404
        assert (await anna.get("/mailbox?page=x&to=%00")).status_code == 200


async def test_texts_are_edited_judged_and_given_back(house: House) -> None:
    placed = await place_order(house.context, order(item("1", "fibre")))
    path, id = "/messages/templates/productOrder.completed.email", "productOrder.completed.email"
    good = {
        "subject_en": "Done {order}",
        "content_en": "Yes",
        "subject_ru": "Готово",
        "content_ru": "Да {client}",
    }
    async with person(house, "anna") as anna:
        assert "Managers and administrators" in (await anna.get(path)).text
        assert (await send(anna, path, do="save", active="1", **good)).status_code == 403
        shown = await send(anna, path, do="preview", order=placed["id"], **good)
        assert f"Done {placed['id']}" in shown.text and "Да Анна Соколова" in shown.text
    async with person(house, "chief") as chief:
        assert (await chief.get("/messages/templates")).status_code == 200
        assert (await chief.get("/messages/templates/nothing")).status_code == 404
        wrong = await send(
            chief, path, do="save", **{**good, "content_ru": "Да {кто}", "subject_en": "{who}"}
        )
        assert wrong.status_code == 400 and "{who}" in wrong.text
        assert {p["id"] for p in Page(wrong.text).found("p", role="alert")} == {
            "subject_en-problem",
            "content_ru-problem",
        }
        none = await send(chief, path, do="preview", order="O-404", **good)
        assert none.status_code == 200 and "There is no productOrder O-404" in none.text
        assert (await send(chief, path, do="save", active="1", **good)).status_code == 303
        stored = await house.context.store.get(SYSTEM, MESSAGE_TEMPLATE, id)
        assert (stored.document["version"], stored.document["urgent"]) == (1, False)
        assert (await send(chief, path, do="drop")).status_code == 303
        assert "the built-in text" in (await chief.get(path)).text


async def test_a_clients_wishes_are_kept_with_the_customer(house: House) -> None:
    path = "/clients/C-1/preferences"
    wanted = {
        "language": "ru",
        "channel": "email",
        "quiet_from": "22:00",
        "quiet_to": "8:00",
        "zone": "Asia/Omsk",
    }
    async with person(house, "anna") as anna:
        for change, field in (
            ({"quiet_to": ""}, "quiet"),
            ({"quiet_from": "25:00"}, "quiet"),
            ({"language": "xx"}, "language"),
            ({"zone": "Mars"}, "zone"),
            ({"channel": "SMS"}, "channel"),
        ):
            answer = await send(anna, path, **{**wanted, **change})
            assert answer.status_code == 400, change
            assert [p["id"] for p in Page(answer.text).found("p", role="alert")] == [f"{field}-problem"]
        assert (await send(anna, path, **wanted)).status_code == 303
        assert (await anna.get("/clients/C-404/preferences")).status_code == 404
        shown = await page_of(anna, path)
        assert shown.found("input", name="quiet_to")[0]["value"] == "08:00"
    customer = (await house.context.store.get(SYSTEM, CUSTOMER_, "C-1")).document
    wishes = preferences_of(customer)
    assert (str(wishes.quiet), wishes.zone) == ("22:00-08:00", "Asia/Omsk")
    assert wishes.opted_out == {subject.topic for subject in SUBJECTS.values()}  # no box was ticked


async def test_every_form_needs_its_token(house: House) -> None:
    id = await house.message()
    async with person(house, "chief") as chief:
        for path in (
            "/messages/new",
            f"/messages/{id}/resend",
            f"/messages/{id}/cancel",
            "/messages/templates/productOrder.completed.SMS",
            "/clients/C-1/preferences",
        ):
            assert (await chief.post(path, data={"token": "x"})).status_code == 403, path
    assert (await house.stored(id))["state"] == "initial"


async def test_without_a_simulator_there_is_no_mailbox(house: House, dsn: str, tmp_path: Path) -> None:
    settings = main.Settings(data=tmp_path, database_url=dsn)
    async with (
        main.open_process(settings, dsn, "test") as process,
        serving_app(serving.web_app(process, settings)) as url,
    ):
        bare = House(replace(process.context), url, house.sink)
        async with person(bare, "anna") as anna:
            assert (await anna.get("/mailbox")).status_code == 404
            assert 'href="/mailbox"' not in (await anna.get("/messages")).text
