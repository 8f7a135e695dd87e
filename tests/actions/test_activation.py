"""Service orders in the network: reports late, twice, out of order, unknown or never; refusals and repairs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from abonent.domain.order_handling.activation import POLL, poll
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.ports import ActivationReport
from abonent.domain.order_handling.resources import PRODUCT_ORDER, SERVICE_ORDER
from abonent.domain.order_handling.tasks import run_task
from abonent.kit.jobs import TryAgain
from tests.support.workshop import AGENT, NOW, Workshop, workshop
from tests.support.world import build, item, order

TOLD_AT = datetime(2026, 6, 3, 10, 0, tzinfo=UTC)


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        opened.network.prompt = False
        yield opened


async def begun(shop: Workshop, *items: dict[str, Any]) -> tuple[str, str]:
    """An order whose line is being activated: its id and the key in the network."""
    placed = await place_order(shop.as_caller(AGENT), order(*(items or (item("1", "fibre"),))))
    await shop.drain()
    return placed["id"], shop.network.submitted[-1][0]


async def release(shop: Workshop, id: str) -> None:
    stored = await shop.stored(id)
    await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "inProgress"})


async def service_orders(shop: Workshop) -> dict[str, str]:
    return {r[0]: r[1] for r in await shop.rows("SELECT id, state FROM service_order ORDER BY id")}


async def test_the_network_gets_the_order_with_port_place_and_wishes(shop: Workshop) -> None:
    wish = [{"name": "profile", "value": "gamer"}]
    id, key = await begun(shop, item("1", "fibre", product={"productCharacteristic": wish}))
    assert key == f"{id}/1.access"
    sent = shop.network.submitted[0][1]
    assert sent["externalId"] == key
    (line,) = sent["serviceOrderItem"]
    assert (line["action"], line["service"]["state"]) == ("add", "active")
    assert line["service"]["serviceSpecification"]["id"] == "GPON"
    given = {c["name"]: c["value"] for c in line["service"]["serviceCharacteristic"]}
    assert given["profile"] == "gamer" and given["port"].startswith("N-1/")
    assert line["service"]["place"][0]["id"] == "A-1"
    assert list((await service_orders(shop)).values()) == ["acknowledged"]
    assert (await shop.tasks(id))["1.access"] == "inProgress"


async def test_the_usual_course(shop: Workshop) -> None:
    id, key = await begun(shop)
    await shop.report(key, "inProgress")
    assert list((await service_orders(shop)).values()) == ["inProgress"]
    await shop.report(key, "completed", at=TOLD_AT)
    (number,) = await service_orders(shop)
    closed = await shop.get(SERVICE_ORDER, number)
    assert (closed["state"], closed["completionDate"]) == ("completed", "2026-06-03T10:00:00.000Z")
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"
    assert await shop.moves(id, "task 1.access") == [("ready", "inProgress"), ("inProgress", "completed")]
    assert await shop.rows("SELECT 1 FROM timer") == []


async def test_a_report_of_the_end_alone_is_enough(shop: Workshop) -> None:
    id, key = await begun(shop)
    await shop.report(key, "completed")
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"
    (number,) = await service_orders(shop)
    history = await shop.context.store.history(SERVICE_ORDER, number)
    assert [h["new_state"] for h in reversed(history)] == ["acknowledged", "inProgress", "completed"]


@pytest.mark.parametrize("late", ["acknowledged", "inProgress", "completed", "failed", "held", "cancelled"])
async def test_nothing_that_comes_after_the_end_changes_anything(shop: Workshop, late: str) -> None:
    id, key = await begun(shop)
    await shop.report(key, "completed")
    await shop.drain()
    before, counts = await shop.order(id), await shop.counts()
    await shop.report(key, late, message="too late")
    assert await shop.order(id) == before
    assert await shop.counts() == counts


@pytest.mark.parametrize("state", ["inProgress", "completed"])
async def test_the_same_report_twice_is_one(shop: Workshop, state: str) -> None:
    id, key = await begun(shop)
    await shop.report(key, state)
    counts, tasks = await shop.counts(), await shop.tasks(id)
    await shop.report(key, state)
    assert (await shop.counts(), await shop.tasks(id)) == (counts, tasks)


async def test_a_report_between_the_states_we_know_changes_nothing(shop: Workshop) -> None:
    id, key = await begun(shop)
    for state in ("acknowledged", "pending", "held", "assessingCancellation"):
        await shop.report(key, state)
    assert list((await service_orders(shop)).values()) == ["acknowledged"]
    assert (await shop.tasks(id))["1.access"] == "inProgress"


@pytest.mark.parametrize("key", [None, "", "/", "O-404/1.access", "x" * 500, "{id}/1.port", "{id}/1.nothing",
                                 "{id}/1.access/2", "{id}"])  # fmt: skip
async def test_reports_of_what_nobody_asked_for_are_ignored(shop: Workshop, key: str | None) -> None:
    id, _ = await begun(shop)
    counts = await shop.counts()
    from abonent.domain.order_handling.activation import report

    told = key.replace("{id}", id) if key else key
    await report(shop.context, ActivationReport("x", "completed", key=told))
    assert await shop.counts() == counts
    assert (await shop.tasks(id))["1.access"] == "inProgress"


async def test_a_report_that_never_comes_is_asked_for(shop: Workshop) -> None:
    id, key = await begun(shop)
    shop.network.known[key] = shop.network.told(key, "completed")
    async with shop.database.connection() as conn:
        assert await shop.context.clock.sweep(conn) == 0
        shop.at(NOW + timedelta(seconds=20))
        assert await shop.context.clock.sweep(conn) == 1
    assert [name for name, _ in await shop.jobs()][-1] == POLL
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"
    # Asked under the same key and with the same body: it executes nothing twice.
    (first, again) = shop.network.submitted
    assert first == again


async def test_asking_goes_on_while_there_is_no_answer(shop: Workshop) -> None:
    id, _ = await begun(shop)
    for minute in range(1, 4):
        shop.at(NOW + timedelta(minutes=minute))
        async with shop.database.connection() as conn:
            assert await shop.context.clock.sweep(conn) == 1
        await shop.drain()
    assert len(shop.network.submitted) == 4
    assert (await shop.order(id))["state"] == "inProgress"


async def test_a_network_that_is_away_is_tried_again(shop: Workshop) -> None:
    shop.network.away = True
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
    assert await shop.try_drain() is False
    assert (await shop.tasks(placed["id"]))["1.access"] == "inProgress"
    assert (await shop.order(placed["id"]))["state"] == "inProgress"
    with pytest.raises(TryAgain):
        await poll(shop.context, order=placed["id"], task="1.access")
    shop.network.away = False
    shop.network.prompt = True
    await run_task(shop.context, order=placed["id"], task="1.access")
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] == "completed"


async def test_the_job_of_a_worker_that_died_goes_on(shop: Workshop) -> None:
    id, key = await begun(shop)
    counts = await shop.counts()
    await run_task(shop.context, order=id, task="1.access")
    assert [k for k, _ in shop.network.submitted] == [key, key]
    assert await shop.counts() == counts


class TestFailure:
    async def test_a_refusal_holds_the_order_with_the_reason(self, shop: Workshop) -> None:
        shop.network.refuse = "no such profile"
        id, _ = await begun(shop)
        held = await shop.order(id)
        assert (held["state"], held["productOrderItem"][0]["state"]) == ("held", "held")
        assert (await shop.tasks(id))["1.access"] == "failed"
        history = await shop.context.store.history(PRODUCT_ORDER, id)
        assert any("no such profile" in (h["reason"] or "") for h in history if h["attribute"] == "state")
        (number,) = await service_orders(shop)
        assert "no such profile" in (await shop.get(SERVICE_ORDER, number))["note"][0]["text"]

    @pytest.mark.parametrize("state", ["failed", "rejected", "cancelled", "partial"])
    async def test_what_ends_badly_holds_the_order(self, shop: Workshop, state: str) -> None:
        id, key = await begun(shop)
        await shop.report(key, state, message="no light on the line")
        assert (await shop.order(id))["state"] == "held"
        assert list((await service_orders(shop)).values()) == ["failed"]
        assert await shop.drain() == ["communication.tell_of_order"]

    async def test_released_it_is_tried_again_under_a_new_key(self, shop: Workshop) -> None:
        """The network would answer the old key with the old failure, whatever was repaired since."""
        id, key = await begun(shop)
        await shop.report(key, "failed", message="no light")
        await release(shop, id)
        assert (await shop.order(id))["productOrderItem"][0]["state"] == "inProgress"
        await shop.drain()
        again = shop.network.submitted[-1][0]
        assert again == f"{key}/2"
        assert list((await service_orders(shop)).values()) == ["failed", "acknowledged"]
        # A late word about the first attempt says nothing of the second.
        await shop.report(key, "completed")
        assert (await shop.tasks(id))["1.access"] == "inProgress"
        await shop.report(again, "completed")
        await shop.drain()
        assert (await shop.order(id))["state"] == "completed"
        assert list((await service_orders(shop)).values()) == ["failed", "completed"]
        assert await shop.moves(id) == [
            (None, "acknowledged"),
            ("acknowledged", "inProgress"),
            ("inProgress", "held"),
            ("held", "inProgress"),
            ("inProgress", "completed"),
        ]

    async def test_it_may_fail_more_than_once(self, shop: Workshop) -> None:
        id, _ = await begun(shop)
        for _ in range(3):
            await shop.report(shop.network.submitted[-1][0], "failed", message="no light")
            assert (await shop.order(id))["state"] == "held"
            await release(shop, id)
            await shop.drain()
        assert [k.rpartition("/")[2] for k, _ in shop.network.submitted] == ["1.access", "2", "3", "4"]

    async def test_a_test_outside_its_limits_holds_the_order(self, shop: Workshop) -> None:
        shop.network.prompt = True
        shop.network.measures = {"downstream": 12}
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
        id = placed["id"]
        await shop.drain()
        assert (await shop.order(id))["state"] == "held"
        assert (await shop.tasks(id))["1.test"] == "failed"
        shop.network.measures = {"downstream": 99}
        await release(shop, id)
        await shop.drain()
        assert (await shop.order(id))["state"] == "completed"
        tests = await shop.rows("SELECT id, state FROM service_test ORDER BY id")
        # Failed thrice, the work done again between, and then a person said: once more.
        assert [r[1] for r in tests] == ["failed", "failed", "failed", "completed"]
        keys = [key for key, _ in shop.network.tests]
        assert len(set(keys)) == 4
        actions = [each["serviceOrderItem"][0]["action"] for _, each in shop.network.submitted]
        assert actions == ["add", "modify", "modify"]

    async def test_one_item_fails_while_another_is_done(self, shop: Workshop) -> None:
        shop.network.prompt = False
        id, _ = await begun(shop, item("1", "fibre"), item("2", "fibre"))
        first, second = (k for k, _ in shop.network.submitted)
        await shop.report(first, "failed", message="no light")
        # The other line's report comes while the order is held: it is taken up, and work waits for the release.
        await shop.report(second, "completed")
        await shop.drain()
        tasks = await shop.tasks(id)
        assert (tasks["1.access"], tasks["2.access"], tasks["2.test"]) == ("failed", "completed", "ready")
        await release(shop, id)
        await shop.drain()
        await shop.report(shop.network.submitted[-1][0], "completed")
        await shop.drain()
        assert (await shop.order(id))["state"] == "completed"


class TestNames:
    @pytest.mark.parametrize("id", ["строка 1", "a/b", "%41", "1" * 100, "й" * 100, "..", "a b\n"])
    async def test_any_item_id_gives_a_key_other_systems_take(self, shop: Workshop, id: str) -> None:
        shop.network.prompt = True
        placed = await place_order(shop.as_caller(AGENT), order(item(id, "fibre")))
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "completed"
        for key, _ in [*shop.network.submitted, *shop.network.tests]:
            assert len(key) <= 255 and key.isascii() and key.isprintable() and " " not in key
