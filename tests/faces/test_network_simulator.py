"""The network simulator over real HTTP: what it accepts, executes and tells, and its seeded faults."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.network_simulator import Behaviour
from abonent.network_simulator.behaviour import fate_of
from abonent.network_simulator.numbering import names_for
from tests.faces.network_bench import (
    ORDERS,
    Listener,
    bench,
    characteristics,
    item,
    order,
)


async def test_an_order_is_acknowledged_executed_and_told_in_order() -> None:
    async with bench() as network:
        status, placed, _ = await network.call(
            "POST",
            f"{ORDERS}/serviceOrder",
            order("svc-1", rate=500) | {"priority": "1"},
            Idempotency_Key='"k1"',
            X_Correlation_ID="corr-7",
        )
        assert (status, placed["state"], placed["externalId"]) == (201, "acknowledged", "k1")
        await network.listener.wait_for(2)
        assert network.listener.states() == ["inProgress", "completed"]
        assert network.listener.correlations == ["corr-7", "corr-7"]
        last = network.listener.events[-1]
        assert last["eventType"] == "ServiceOrderStateChangeEvent"
        assert last["correlationId"] == "corr-7"
        done = last["event"]["serviceOrder"]
        assert done == await network.settled(placed["id"])
        assert done["priority"] == "1"
        given_out = characteristics(done)
        assert given_out["rate"] == 500
        assert given_out["ipAddress"].startswith("100.")
        # The line below has its terminal already; a second one for it would be wrong.
        assert "ontSerial" not in given_out
        assert done["serviceOrderItem"][0]["service"]["state"] == "active"
        assert (await network.ledger())["executions"] == {"k1": 1}


async def test_twenty_parallel_posts_with_one_key_execute_once() -> None:
    async with bench() as network:
        answers = await asyncio.gather(*(network.place(order("svc-1"), "same") for _ in range(20)))
        assert len({one["id"] for one in answers}) == 1
        await network.settled(answers[0]["id"])
        ledger = await network.ledger()
        assert ledger["executions"] == {"same": 1}
        assert ledger["totals"]["repeated"] == 19
        assert ledger["conflicts"] == []


async def test_a_key_with_another_body_is_refused_and_member_order_does_not_matter() -> None:
    async with bench() as network:
        first = await network.place({"priority": "1", **order("svc-1")}, "k")
        again = await network.place({**order("svc-1"), "priority": "1"}, "k")
        assert first["id"] == again["id"]
        status, error, _ = await network.call(
            "POST", f"{ORDERS}/serviceOrder", order("svc-2"), Idempotency_Key='"k"'
        )
        assert (status, error["code"]) == (422, "keyReused")


async def test_a_second_add_of_an_active_service_is_a_conflict_until_it_is_deleted() -> None:
    async with bench() as network:
        await network.settled((await network.place(order("svc"), "first"))["id"])
        second = await network.settled((await network.place(order("svc"), "second"))["id"])
        assert second["state"] == "failed"
        assert "active already" in second["errorMessage"][0]["reason"]
        (conflict,) = (await network.ledger())["conflicts"]
        assert (conflict["serviceId"], conflict["key"], conflict["heldBy"]) == ("svc", "second", "first")
        gone = await network.settled((await network.place(order("svc", "delete"), "third"))["id"])
        assert gone["serviceOrderItem"][0]["service"]["state"] == "terminated"
        fourth = await network.settled((await network.place(order("svc"), "fourth"))["id"])
        assert fourth["state"] == "completed"
        assert (await network.ledger())["totals"]["conflicts"] == 1


async def test_modify_keeps_what_it_does_not_name_and_suspends_by_state() -> None:
    async with bench() as network:
        added = await network.settled((await network.place(order("svc", rate=100), "a"))["id"])
        change = order("svc", "modify", rate=500)
        change["serviceOrderItem"][0]["service"]["state"] = "inactive"
        changed = await network.settled((await network.place(change, "b"))["id"])
        assert characteristics(changed) == characteristics(added) | {"rate": 500}
        assert changed["serviceOrderItem"][0]["service"]["state"] == "inactive"


async def test_unknown_services_are_adopted_unless_told_otherwise() -> None:
    async with bench() as network:
        done = await network.settled((await network.place(order("old", "delete"), "a"))["id"])
        assert done["state"] == "completed"
        await network.call("PATCH", "/simulator/behaviour", {"adoptUnknown": False})
        failed = await network.settled((await network.place(order("other", "delete"), "b"))["id"])
        assert failed["state"] == "failed"


async def test_items_that_fail_make_the_order_partial_and_fail_once_mends_itself() -> None:
    async with bench() as network:
        both = {"serviceOrderItem": [item("1", "s1"), item("2", "s2", simulate="failOnce")]}
        done = await network.settled((await network.place(both, "a"))["id"])
        assert done["state"] == "partial"
        assert [one["state"] for one in done["serviceOrderItem"]] == ["completed", "failed"]
        assert done["errorMessage"][0]["serviceOrderItem"][0]["itemId"] == "2"
        again = await network.settled((await network.place(order("s2", simulate="failOnce"), "b"))["id"])
        assert again["state"] == "completed"


@pytest.mark.parametrize(
    ("marker", "states"),
    [
        ("twice", ["inProgress", "completed", "inProgress", "completed"]),
        ("outOfOrder", ["completed", "inProgress"]),
    ],
)
async def test_notifications_come_twice_or_out_of_order_on_request(marker: str, states: list[str]) -> None:
    async with bench() as network:
        await network.place(order("svc", simulate=marker), "k")
        await network.listener.wait_for(len(states))
        assert sorted(network.listener.states()) == sorted(states)
        if marker == "outOfOrder":
            assert network.listener.states() == states
        else:
            # Copies are the same event, not another one.
            assert set(Counter(one["eventId"] for one in network.listener.events).values()) == {2}


async def test_a_listener_that_was_down_still_hears_everything() -> None:
    behaviour = Behaviour(latency_min=0, latency_max=0, delivery_attempts=4, delivery_backoff=0.05)
    async with bench(behaviour, Listener(refuse=3)) as network:
        await network.place(order("svc"), "k")
        await network.listener.wait_for(2)
        assert sorted(network.listener.states()) == ["completed", "inProgress"]
        totals = (await network.ledger())["totals"]
        assert (totals["notificationsRetried"], totals["notificationsDelivered"]) == (3, 2)


async def test_attempts_end_when_the_listener_stays_down() -> None:
    behaviour = Behaviour(latency_min=0, latency_max=0, delivery_attempts=2, delivery_backoff=0.01)
    async with bench(behaviour, Listener(refuse=100)) as network:
        await network.place(order("svc"), "k")
        async with asyncio.timeout(5):
            totals: dict[str, int] = {}
            while totals.get("notificationsGivenUp") != 2:
                totals = (await network.ledger())["totals"]
        assert network.listener.refused == 4


async def test_late_notifications_are_late() -> None:
    behaviour = Behaviour(latency_min=0, latency_max=0, late_rate=1, late_seconds=0.4)
    async with bench(behaviour) as network:
        placed = await network.place(order("svc"), "k")
        await network.settled(placed["id"])
        assert network.listener.events == []
        await network.listener.wait_for(2)


async def run_with_faults(seed: int) -> tuple[dict[str, str], dict[str, int], list[str]]:
    behaviour = Behaviour(
        seed=seed,
        latency_min=0,
        latency_max=0.05,
        refuse_rate=0.2,
        fail_rate=0.2,
        lost_rate=0.3,
        twice_rate=0.2,
    )
    async with bench(behaviour) as network:

        async def one(number: int) -> tuple[str, str]:
            status, body, _ = await network.call(
                "POST", f"{ORDERS}/serviceOrder", order(f"svc-{number}"), Idempotency_Key=f'"key-{number}"'
            )
            state = "refused" if status == 422 else (await network.settled(body["id"]))["state"]
            return f"key-{number}", state

        outcome = dict(await asyncio.gather(*(one(number) for number in range(60))))
        totals = (await network.ledger())["totals"]
        await network.listener.wait_for(totals["notifications"])
        told = [
            one["event"]["serviceOrder"]["externalId"] + one["event"]["serviceOrder"]["state"]
            for one in network.listener.events
        ]
        return outcome, totals, sorted(told)


async def test_faults_are_reproducible_by_seed_whatever_the_order_of_arrival() -> None:
    first, again, other = await run_with_faults(7), await run_with_faults(7), await run_with_faults(8)
    assert first[0] == again[0] and first[2] == again[2]
    assert first[0] != other[0]
    states = Counter(first[0].values())
    # 60 draws at 0.2 lie outside 3..24 in less than one seed of a thousand; seed 7 is fixed anyway.
    assert 3 <= states["refused"] <= 24 and 3 <= states["failed"] <= 24
    assert first[1]["notificationsLost"] > 0


@given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_one_rate_does_not_move_the_others(key: str, fail_rate: float, lost_rate: float) -> None:
    plain = fate_of(Behaviour(lost_rate=lost_rate), key, frozenset())
    changed = fate_of(Behaviour(lost_rate=lost_rate, fail_rate=fail_rate), key, frozenset())
    assert (plain.latency, plain.start, plain.end) == (changed.latency, changed.start, changed.end)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GPON access line", ("ontSerial", "vlan", "ipAddress")),
        ("Fibre internet", ("ontSerial", "vlan", "ipAddress")),
        ("Internet access", ("ipAddress",)),
        ("Television over IP", ("vlan", "ipAddress")),
    ],
)
def test_one_line_gets_one_terminal(name: str, expected: tuple[str, ...]) -> None:
    assert names_for({"name": name}) == expected
