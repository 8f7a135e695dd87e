"""Topics, their events and their hubs (TMF688) over real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.kit.access import Role
from tests.support.listening import hub_web, listening, new_customer, rename, subscribed, telling
from tests.support.running import eventually
from tests.support.web import CUSTOMERS, Web, error_of

BASE = "/tmf-api/event/v4"
TOPIC = f"{BASE}/topic"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with hub_web(dsn, tmp_path) as running:
        yield running


async def topic(web: Web, **given: str) -> str:
    answer = await web.admin.post(TOPIC, json=given)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def kept(web: Web, topic: str, count: int) -> list[dict]:
    async def look() -> list[dict] | None:
        found = (await web.admin.get(f"{TOPIC}/{topic}/event")).json()
        return found if len(found) >= count else None

    return await eventually(look, f"{count} events of {topic}")


async def test_a_topic_is_made_read_listed_and_deleted(web: Web) -> None:
    id = await topic(web, name="Orders", headerQuery="eventType=ProductOrderCreateEvent")
    one = (await web.admin.get(f"{TOPIC}/{id}")).json()
    assert one == {
        "id": id,
        "href": f"{web.url}{TOPIC}/{id}",
        "name": "Orders",
        "headerQuery": "eventType=ProductOrderCreateEvent",
    }
    assert [each["id"] for each in (await web.admin.get(f"{TOPIC}?name=Orders")).json()] == [id]
    error_of(await web.admin.patch(f"{TOPIC}/{id}", json={"name": "x"}), 405)
    assert (await web.admin.delete(f"{TOPIC}/{id}")).status_code == 204
    for path in ("", "/event", "/event/x", "/hub", "/hub/x"):
        error_of(await web.admin.get(f"{TOPIC}/{id}{path}"), 404)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"headerQuery": "eventKind=x"}, "unknownAttribute"),
        ({"contentQuery": "event.nothing.id=1"}, "unknownAttribute"),
        ({"contentQuery": "event.customer.name.regex=^A"}, "regexInTopic"),
        ({"colour": "red"}, "unknownAttribute"),
    ],
)
async def test_a_topic_that_cannot_be_understood(web: Web, given: dict, code: str) -> None:
    error_of(await web.admin.post(TOPIC, json=given), 400, code)


async def test_events_are_posted_to_a_topic_and_told_at_its_hub(web: Web) -> None:
    id, other = await topic(web, name="Ours"), await topic(web, name="Other")
    async with listening() as listener, listening() as all_events, telling(web.context):
        await subscribed(web, listener.url, "event.event.eventType=Hello", hub=f"{TOPIC}/{id}/hub")
        await subscribed(web, all_events.url, "eventType=EventCreateEvent", hub=f"{BASE}/hub")
        await web.admin.post(f"{TOPIC}/{other}/event", json={"eventType": "Hello"})
        await web.admin.post(f"{TOPIC}/{id}/event", json={"eventType": "Bye"})
        answer = await web.admin.post(
            f"{TOPIC}/{id}/event",
            json={"eventType": "Hello", "event": {"a": [1]}, "eventTime": "2026-11-01T10:00:00Z"},
        )
        assert answer.status_code == 201, answer.text
        (came,) = await listener.heard(1)
        await all_events.heard(3)
    made = answer.json()
    assert made["id"].startswith(f"{id}.")
    assert made["eventId"] == made["id"]
    assert made["href"] == f"{web.url}{TOPIC}/{id}/event/{made['id']}" == answer.headers["location"]
    assert came.path == "/listener/eventCreateEvent"
    assert came.body["event"]["event"]["event"] == {"a": [1]}
    one = await web.admin.get(f"{TOPIC}/{id}/event/{made['id']}")
    assert one.json() == made
    error_of(await web.admin.get(f"{TOPIC}/{other}/event/{made['id']}"), 404)
    assert len(listener.came) == 1


async def test_events_of_a_topic_are_listed_in_parts(web: Web) -> None:
    id, other = await topic(web), await topic(web)
    for each in (id, other):
        for name in "abc":
            assert (await web.admin.post(f"{TOPIC}/{each}/event", json={"title": name})).status_code == 201
    page = await web.admin.get(f"{TOPIC}/{id}/event?limit=2&fields=title")
    assert page.status_code == 206
    assert [each["title"] for each in page.json()] == ["a", "b"]
    assert page.json()[0].keys() == {"id", "href", "title"}
    assert page.headers["x-total-count"] == "3"
    assert f"<{TOPIC}/{id}/event?limit=2" in page.headers["link"]
    whole = (await web.admin.get(f"{TOPIC}/{id}/event")).json()
    assert [each["title"] for each in whole] == ["a", "b", "c"]
    assert [e["title"] for e in (await web.admin.get(f"{TOPIC}/{id}/event?title=c")).json()] == ["c"]
    error_of(await web.admin.post(f"{BASE}/event", json={}), 405)
    error_of(await web.admin.delete(f"{TOPIC}/{id}/event/{whole[0]['id']}"), 405)
    error_of(await web.admin.post(f"{TOPIC}/{id}/event", json={"colour": "red"}), 400)


async def test_a_topic_collects_what_happens_and_fits_it(web: Web) -> None:
    id = await topic(
        web, headerQuery="eventType=CustomerCreateEvent", contentQuery="event.customer.name=Anna,Olga"
    )
    async with listening() as listener, listening() as narrow, telling(web.context):
        await subscribed(web, listener.url, hub=f"{TOPIC}/{id}/hub")
        await subscribed(web, narrow.url, "event.customer.name=Olga", hub=f"{TOPIC}/{id}/hub")
        anna = await new_customer(web, "Anna")
        await new_customer(web, "Boris")
        await rename(web, anna, "Olga")
        await new_customer(web, "Olga")
        await listener.heard(2)
        await narrow.heard(1)
        found = await kept(web, id, 2)
    assert [came.body["event"]["customer"]["name"] for came in listener.came] == ["Anna", "Olga"]
    assert [came.body["event"]["customer"]["name"] for came in narrow.came] == ["Olga"]
    assert listener.came[0].path == "/listener/customerCreateEvent"
    assert [each["event"]["customer"]["name"] for each in found] == ["Anna", "Olga"]
    assert found[0]["eventType"] == "CustomerCreateEvent"
    assert found[0]["eventId"] == listener.ids[0]
    # Deleted with what it kept.
    assert (await web.admin.delete(f"{TOPIC}/{id}")).status_code == 204
    database = web.context.store.database
    assert await database.value("SELECT count(*) FROM topic_event") == 0
    assert await database.value("SELECT count(*) FROM hub_subscription") == 0


async def test_the_hub_of_a_topic_is_listed_and_read(web: Web) -> None:
    id, other = await topic(web), await topic(web)
    hub = f"{TOPIC}/{id}/hub"
    body = {"id": "mine", "callback": "http://127.0.0.1:9/x", "query": "eventType=A", "@type": "Hub"}
    answer = await web.admin.post(hub, json=body)
    made = answer.json()
    assert answer.headers["location"] == made["href"] == f"{web.url}{hub}/{made['id']}"
    secret = made.pop("secret")
    assert (await web.admin.get(f"{hub}/{made['id']}")).json() == made
    assert made["@type"] == "Hub"
    await subscribed(web, "http://127.0.0.1:9/y", hub=hub)
    listed = await web.admin.get(hub)
    assert [each["callback"][-1] for each in listed.json()] == ["x", "y"]
    assert secret not in listed.text
    part = await web.admin.get(f"{hub}?offset=1&limit=1&fields=callback")
    assert (part.status_code, part.headers["x-total-count"]) == (206, "2")
    assert part.json()[0].keys() == {"id", "href", "callback"}
    error_of(await web.admin.get(f"{hub}?limit=x"), 400, "badPaging")
    error_of(await web.admin.get(f"{hub}?fields=secret"), 400, "unknownAttribute")
    error_of(await web.admin.get(f"{TOPIC}/{other}/hub/{made['id']}"), 404)
    error_of(await web.admin.delete(f"{TOPIC}/{other}/hub/{made['id']}"), 404)
    error_of(await web.admin.delete(hub), 405)
    assert (await web.admin.delete(f"{hub}/{made['id']}")).status_code == 204
    error_of(await web.admin.get(f"{hub}/{made['id']}"), 404)


async def test_topics_are_for_staff(web: Web) -> None:
    id = await topic(web)
    async with web.client(Role.CLIENT, "C-1") as client:
        for path in (TOPIC, f"{TOPIC}/{id}", f"{TOPIC}/{id}/event", f"{TOPIC}/{id}/hub"):
            error_of(await client.get(path), 403)
        error_of(await client.post(f"{TOPIC}/{id}/hub", json={"callback": "http://127.0.0.1:9"}), 403)
        error_of(await client.post(f"{BASE}/hub", json={"callback": "http://127.0.0.1:9"}), 403)


async def test_a_topics_own_events_are_told_at_the_hub_of_its_api(web: Web) -> None:
    async with listening() as listener, telling(web.context):
        await subscribed(web, listener.url, hub=f"{BASE}/hub")
        id = await topic(web, name="A")
        await web.admin.delete(f"{TOPIC}/{id}")
        await listener.heard(2)
    assert [came.path for came in listener.came] == [
        "/listener/topicCreateEvent",
        "/listener/topicDeleteEvent",
    ]
    assert listener.came[0].body["event"]["topic"]["name"] == "A"
    assert (await web.admin.get(f"{CUSTOMERS}/topic/x")).status_code == 404
