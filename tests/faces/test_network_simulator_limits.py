"""What the network simulator refuses, its hub, its lists, and its control at run time."""

import io
from typing import Any

from tests.faces.network_bench import (
    ORDERS,
    bench,
    item,
    order,
)


async def test_the_network_can_be_taken_down_and_up_at_run_time() -> None:
    async with bench() as network:
        status, before, _ = await network.call("GET", "/simulator/behaviour")
        assert status == 200 and before["latencyMax"] == 0.03
        await network.call("PATCH", "/simulator/behaviour", {"down": True})
        status, error, headers = await network.call("POST", f"{ORDERS}/serviceOrder", order("svc"))
        assert (status, error["code"], headers["Retry-After"]) == (503, "networkDown", "1")
        status, after, _ = await network.call("PUT", "/simulator/behaviour", {})
        assert status == 200 and after["down"] is False and after["latencyMax"] == 1.5


IMPOSSIBLE_BEHAVIOURS: list[Any] = [{"failRate": 1.1}, {"unknown": 1}, {"latencyMin": 2, "latencyMax": 1}, []]


async def test_an_impossible_behaviour_is_refused() -> None:
    async with bench() as network:
        for change in IMPOSSIBLE_BEHAVIOURS:
            status, _, _ = await network.call("PUT", "/simulator/behaviour", change)
            assert status == 400
            assert (await network.call("GET", "/simulator/behaviour"))[1]["failRate"] == 0


MALFORMED_ORDERS: list[Any] = [
    {},
    [],
    {"serviceOrderItem": []},
    {"serviceOrderItem": [{"id": "1", "action": "explode", "service": {}}]},
    {"serviceOrderItem": [{"id": "1", "action": "add"}]},
    {"serviceOrderItem": [item("1", "a"), item("1", "b")]},
    {
        "serviceOrderItem": [
            {"id": "1", "action": "add", "service": {"serviceCharacteristic": [{"value": 1}]}}
        ]
    },
]


async def test_a_malformed_order_is_refused() -> None:
    async with bench() as network:
        for body in MALFORMED_ORDERS:
            status, error, _ = await network.call("POST", f"{ORDERS}/serviceOrder", body)
            assert status == 400 and error["reason"]


async def test_deeply_nested_items_are_executed_or_refused() -> None:
    async with bench() as network:
        opening = '{"id":"%d","action":"noChange","service":{"id":"s"},"serviceOrderItem":['
        for depth in (10, 300, 480, 2000):
            items = "".join(opening % number for number in range(depth)) + "]}" * depth
            body = '{"serviceOrderItem":[' + items + "]}"
            async with network.session.post(f"{ORDERS}/serviceOrder", data=body.encode()) as answer:
                assert answer.status in ((201,) if depth == 10 else (201, 400))
                if answer.status == 201:
                    done = await network.settled((await answer.json())["id"])
                    assert done["state"] == "completed"


async def test_bodies_above_the_limit_are_refused() -> None:
    async with bench() as network:
        body = io.BytesIO(b'{"note":"' + b"x" * 1_100_000 + b'"}')
        async with network.session.post(f"{ORDERS}/serviceOrder", data=body) as answer:
            assert answer.status == 413


BAD_CALLBACKS: list[Any] = [
    "ftp://host/x",
    "file:///etc/passwd",
    "//host/x",
    "http://",
    "http://me:pw@host/",
    "http://host:99999/",
    5,
    None,
]


async def test_callbacks_other_than_plain_web_addresses_are_refused() -> None:
    async with bench() as network:
        for callback in BAD_CALLBACKS:
            status, _, _ = await network.call("POST", f"{ORDERS}/hub", {"callback": callback})
            assert status == 400


async def test_one_callback_has_one_subscription_and_deleting_it_ends_the_notifications() -> None:
    async with bench() as network:
        _, again, _ = await network.call("POST", f"{ORDERS}/hub", {"callback": network.listener.url + "/"})
        await network.place(order("one"), "k1")
        await network.listener.wait_for(2)
        status, _, _ = await network.call("DELETE", f"{ORDERS}/hub/{again['id']}")
        assert status == 204
        await network.settled((await network.place(order("two"), "k2"))["id"])
        totals = (await network.ledger())["totals"]
        assert totals["notifications"] == 2
        assert (await network.call("DELETE", f"{ORDERS}/hub/{again['id']}"))[0] == 404


async def test_orders_are_listed_by_key_state_and_page() -> None:
    async with bench() as network:
        placed = [await network.place(order(f"svc-{number}"), f"k{number}") for number in range(3)]
        for one in placed:
            await network.settled(one["id"])
        _, found, _ = await network.call("GET", f"{ORDERS}/serviceOrder?externalId=k1")
        assert [one["id"] for one in found] == [placed[1]["id"]]
        status, page, headers = await network.call(
            "GET", f"{ORDERS}/serviceOrder?state=completed&offset=2&limit=2"
        )
        assert (status, len(page), headers["X-Total-Count"]) == (206, 1, "3")
        assert (await network.call("GET", f"{ORDERS}/serviceOrder/none"))[0] == 404
        assert (await network.call("GET", f"{ORDERS}/serviceOrder?limit=x"))[0] == 400
