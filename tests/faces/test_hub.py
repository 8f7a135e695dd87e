"""The hub of an API over real HTTP: subscribing, what is told, to whom, and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.kit.access import Role
from abonent.main import REGISTRY
from tests.support.listening import (
    CUSTOMER_HUB,
    hub_web,
    listening,
    new_customer,
    rename,
    subscribed,
    telling,
)
from tests.support.running import eventually
from tests.support.web import CUSTOMERS, Web, error_of

ORDER_HUB = "/tmf-api/productOrderingManagement/v4/hub"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with hub_web(dsn, tmp_path) as running:
        yield running


async def test_a_change_is_told_once_as_the_specification_says(web: Web) -> None:
    async with listening() as listener, telling(web.context):
        made = await subscribed(web, f"{listener.url}/in/")
        id = await new_customer(web)
        await rename(web, id, "Anna B.")
        await listener.heard(2)
    created, changed = listener.came
    assert created.path == "/in/listener/customerCreateEvent"
    assert changed.path == "/in/listener/customerAttributeValueChangeEvent"
    body = created.body
    assert body["eventType"] == "CustomerCreateEvent"
    assert body["domain"] == "customerManagement"
    assert body["title"] == "Customer create"
    assert {"eventId", "eventTime", "correlationId", "description", "priority", "timeOcurred"} <= body.keys()
    assert body["event"]["customer"]["href"] == f"https://abonent.example{CUSTOMERS}/{id}"
    assert body["event"]["customer"]["name"] == "Anna"
    assert changed.body["event"]["customer"]["name"] == "Anna B."
    for came in listener.came:
        assert came.signed_with(made["secret"])
        assert came.headers["webhook-id"] == came.body["eventId"]
    assert len(set(listener.ids)) == 2


async def test_the_answer_names_the_subscription_and_its_end_ends_it(web: Web) -> None:
    async with listening() as listener, telling(web.context):
        answer = await web.admin.post(CUSTOMER_HUB, json={"callback": listener.url, "query": ""})
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{web.url}{CUSTOMER_HUB}/{made['id']}"
        assert (made["callback"], made["query"]) == (listener.url, "")
        await new_customer(web)
        await listener.heard(1)
        gone = await web.admin.delete(f"{CUSTOMER_HUB}/{made['id']}")
        assert gone.status_code == 204
        error_of(await web.admin.delete(f"{CUSTOMER_HUB}/{made['id']}"), 404, "noSubscription")
        async with listening() as other:
            await subscribed(web, other.url)
            await new_customer(web)
            await other.heard(1)
        assert len(listener.came) == 1


async def test_a_hub_tells_of_its_own_api_alone(web: Web) -> None:
    async with listening() as orders, listening() as customers, telling(web.context):
        made = await subscribed(web, orders.url, hub=ORDER_HUB)
        await subscribed(web, customers.url)
        await new_customer(web)
        await customers.heard(1)
        assert orders.came == []
        # Nor is it ended at another hub.
        error_of(await web.admin.delete(f"{CUSTOMER_HUB}/{made['id']}"), 404)


async def test_every_api_has_its_hub(web: Web) -> None:
    for base in sorted({each.base for each in REGISTRY if each.base and each.audited}):
        made = await subscribed(web, "http://127.0.0.1:9", hub=f"{base}/hub")
        assert (await web.admin.delete(f"{base}/hub/{made['id']}")).status_code == 204, base


async def test_a_query_chooses_by_type_and_by_what_is_in_the_document(web: Web) -> None:
    async with listening() as created, listening() as named, listening() as matched, telling(web.context):
        await subscribed(web, created.url, "eventType=CustomerCreateEvent")
        await subscribed(web, named.url, "?event.customer.name='Boris, Ltd'")
        await subscribed(web, matched.url, "event.customer.name.regex=^Bo[rs]&eventType.regex=Change")
        anna = await new_customer(web, "Anna")
        await rename(web, anna, "Boris, Ltd")
        await rename(web, anna, "Boss")
        await matched.heard(2)
        await created.heard(1)
        await named.heard(1)
    assert [c.body["event"]["customer"]["name"] for c in created.came] == ["Anna"]
    assert [c.body["event"]["customer"]["name"] for c in named.came] == ["Boris, Ltd"]
    assert [c.body["event"]["customer"]["name"] for c in matched.came] == ["Boris, Ltd", "Boss"]


async def test_a_client_hears_of_his_own_alone(web: Web) -> None:
    async with listening() as listener, listening() as staff, telling(web.context):
        anna, boris = await new_customer(web, "Anna"), await new_customer(web, "Boris")
        async with web.client(Role.CLIENT, anna) as client, web.client(Role.CLIENT, boris) as other:
            made = (await client.post(CUSTOMER_HUB, json={"callback": listener.url})).json()
            await subscribed(web, staff.url)
            await rename(web, boris, "Boris B.")
            await rename(web, anna, "Anna A.")
            gone = await web.admin.delete(f"{CUSTOMERS}/{boris}")
            assert gone.status_code == 204, gone.text
            gone = await web.admin.delete(f"{CUSTOMERS}/{anna}")
            await staff.heard(4)
            await listener.heard(2)
            # Somebody else's subscription is not there for him.
            error_of(await other.delete(f"{CUSTOMER_HUB}/{made['id']}"), 404)
            assert (await client.delete(f"{CUSTOMER_HUB}/{made['id']}")).status_code == 204
    changed, deleted = listener.came
    assert changed.body["event"]["customer"]["name"] == "Anna A."
    # A deletion tells what there was.
    assert deleted.body["eventType"] == "CustomerDeleteEvent"
    assert deleted.body["event"]["customer"]["name"] == "Anna A."


async def test_a_role_that_may_read_nothing_there_may_not_subscribe(web: Web) -> None:
    async with web.client(Role.CLIENT, "C-1") as client:
        answer = await client.post("/abonent-api/billing/v1/hub", json={"callback": "http://127.0.0.1:9"})
        # What billing keeps is no event to anybody.
        error_of(answer, 404)
        answer = await client.post(
            "/tmf-api/workOrderManagement/v4/hub", json={"callback": "http://127.0.0.1:9"}
        )
        error_of(answer, 403, "roleNotAllowed")


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({}, "callbackMissing", "callback"),
        ({"callback": 5}, "callbackMissing", "callback"),
        ({"callback": "listener.example"}, "badCallback", "callback"),
        ({"callback": "ftp://listener.example"}, "badCallback", "callback"),
        ({"callback": "http://:80"}, "badCallback", "callback"),
        ({"callback": "http://a.example\\\\@127.0.0.1"}, "badCallback", "callback"),
        ({"callback": "http://[fe80"}, "badCallback", "callback"),
        ({"callback": "http://me:secret@listener.example"}, "badCallback", "callback"),
        ({"callback": "http://127.0.0.1:9", "query": 7}, "badQuery", "query"),
        ({"callback": "http://127.0.0.1:9", "query": "state=held"}, "unknownAttribute", "state"),
        ({"callback": "http://127.0.0.1:9", "query": "event.customer.nmae=A"}, "unknownAttribute", "nmae"),
        ({"callback": "http://127.0.0.1:9", "query": "eventTime.gt=noon"}, "badDateTime", "eventTime"),
        ({"callback": "http://127.0.0.1:9", "query": "event.customer.name.regex=("}, "badRegex", "regex"),
        ({"callback": "http://127.0.0.1:9", "query": "limit=5"}, "notInSubscriptions", "limit"),
        ({"callback": "http://127.0.0.1:9", "secret": "easy"}, "badSecret", "secret"),
        ({"callback": "http://127.0.0.1:9", "colour": "red"}, "unknownAttribute", "colour"),
    ],
)  # fmt: skip
async def test_what_cannot_be_subscribed(web: Web, body: dict, code: str, named: str) -> None:
    error = error_of(await web.admin.post(CUSTOMER_HUB, json=body), 400, code)
    assert named in error["message"]


async def test_other_methods_are_refused(web: Web) -> None:
    answer = await web.admin.get(CUSTOMER_HUB)
    error_of(answer, 405)
    assert answer.headers["allow"] == "POST, OPTIONS"
    answer = await web.admin.get(f"{CUSTOMER_HUB}/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, OPTIONS")
    assert (await web.admin.request("OPTIONS", CUSTOMER_HUB)).status_code == 204
    error_of(await web.admin.delete(f"{CUSTOMER_HUB}/%00"), 404)


async def test_monitoring_is_told(web: Web) -> None:
    async with listening() as listener, telling(web.context):
        await subscribed(web, listener.url)
        await new_customer(web)
        await listener.heard(1)
        await subscribed(web, "http://127.0.0.1:1")
        await new_customer(web)

        async def look() -> bool:
            told = (await web.admin.get("/metrics")).text
            wanted = ("abonent_hub_backlog 1.0", 'abonent_hub_deliveries{result="delivered"} 2.0')
            return all(each in told for each in wanted) and 'result="retried"} 0.0' not in told

        await eventually(look, "the measures")


async def test_a_chosen_secret_signs(web: Web) -> None:
    secret = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
    async with listening() as listener, telling(web.context):
        answer = await web.admin.post(CUSTOMER_HUB, json={"callback": listener.url, "secret": secret})
        assert answer.json()["secret"] == secret
        await new_customer(web)
        (came,) = await listener.heard(1)
    assert came.signed_with(secret)
    assert not came.signed_with("whsec_" + "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI=")


async def test_addresses_that_are_not_public_are_refused(dsn: str, tmp_path: Path) -> None:
    async with hub_web(dsn, tmp_path, allow=None) as web:
        for host in (
            "127.0.0.1",
            "localhost",
            "[::1]",
            "10.1.2.3",
            "169.254.169.254",
            "127.1",
            "①27.0.0.1",
            "0x7f.1",
            "[::ffff:127.0.0.1]",
        ):
            answer = await web.admin.post(CUSTOMER_HUB, json={"callback": f"http://{host}:8080/x"})
            error = error_of(answer, 400, "callbackRefused")
            assert "ABONENT_HUB_ALLOW" in error["reason"]
        # A name that leads nowhere yet may lead somewhere later; it is looked at again when it is posted to.
        await subscribed(web, "http://listener.invalid/")
