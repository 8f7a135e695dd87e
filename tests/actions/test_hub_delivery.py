"""Listeners that fail, hang or are away, workers that die, writers that commit late: real PostgreSQL and HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from abonent.kit.hub import queries
from abonent.kit.hub.drain import PER_HOST, Drain
from abonent.kit.hub.fanout import FanOut
from abonent.kit.hub.running import HubWorker
from abonent.main import REGISTRY
from abonent.network_simulator import serving as serving_app
from tests.support.listening import (
    PACE,
    Listener,
    hub_web,
    listening,
    new_customer,
    rename,
    subscribed,
    telling,
)
from tests.support.running import eventually
from tests.support.web import Web

_EVENT = """
INSERT INTO event (id, type, resource, resource_id, at, by, correlation_id, doc)
VALUES ($1, 'CustomerCreateEvent', 'customer', 'C-9', now(), 'test', '-', '{"id": "C-9", "name": "Late"}')"""


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with hub_web(dsn, tmp_path) as running:
        yield running


async def delivery(web: Web, subscription: str) -> list[dict]:
    rows = await web.context.store.database.rows(
        "SELECT state, attempts, status, error FROM hub_delivery WHERE subscription = $1 ORDER BY seq",
        subscription,
    )
    return [dict(row) for row in rows]


async def state(web: Web, subscription: str) -> dict:
    row = await web.context.store.database.row("SELECT * FROM hub_subscription WHERE id = $1", subscription)
    assert row is not None
    return dict(row)


async def test_what_fails_is_told_again_with_the_same_id_and_in_order(web: Web) -> None:
    failing = iter([500, 503, 404])
    async with listening(status=lambda _: next(failing, 200)) as listener, telling(web.context):
        made = await subscribed(web, listener.url)
        id = await new_customer(web, "one")
        await rename(web, id, "two")
        await rename(web, id, "three")
        await listener.heard(6)
        await eventually(lambda: _ended(web, made["id"], 3), "three deliveries ended")
    names = [came.body["event"]["customer"]["name"] for came in listener.came]
    assert names == ["one"] * 4 + ["two", "three"]
    assert len(set(listener.ids[:4])) == 1
    assert len(set(listener.ids)) == 3
    assert [each["attempts"] for each in await delivery(web, made["id"])] == [4, 1, 1]
    kept = await state(web, made["id"])
    assert (kept["failures"], kept["delivered"], kept["retried"], kept["failed"]) == (0, 3, 3, 0)
    assert kept["last_error"] == "HTTP status 404"


async def _ended(web: Web, subscription: str, count: int) -> bool:
    return sum(each["state"] != "pending" for each in await delivery(web, subscription)) == count


async def test_dead_and_hanging_listeners_delay_nobody(web: Web) -> None:
    """Many subscriptions of one host that hangs, one that refuses connections, and one that works."""
    patient = replace(PACE, patience=8.0, lease=12.0)
    async with listening(hangs=True) as hanging, listening() as good, telling(web.context, patient):
        for _ in range(2 * PER_HOST):
            await subscribed(web, hanging.url)
        dead = await subscribed(web, "http://127.0.0.1:1/x")
        await subscribed(web, good.url)
        begun = time.monotonic()
        for name in "abcde":
            await new_customer(web, name)
        await good.heard(5)
        # One post that hangs takes 9 s; there are 80 of them.
        assert time.monotonic() - begun < 6
        await eventually(lambda: _failing(web, dead["id"]), "the dead one is known to be dead")
    assert len(set(good.ids)) == len(good.came) == 5
    told = await delivery(web, dead["id"])
    assert told[0]["attempts"] >= 1
    assert [each["attempts"] for each in told[1:]] == [0] * 4


async def _failing(web: Web, subscription: str) -> bool:
    return (await state(web, subscription))["failures"] > 0


async def test_after_its_term_an_event_is_given_up(web: Web) -> None:
    pace = replace(PACE, term=timedelta(seconds=0.3))
    async with listening(status=lambda _: 500) as listener, telling(web.context, pace):
        made = await subscribed(web, listener.url)
        await new_customer(web, "a")
        await new_customer(web, "b")
        await eventually(lambda: _ended(web, made["id"], 2), "both were given up")
    told = await delivery(web, made["id"])
    assert {each["state"] for each in told} == {"failed"}
    assert told[0]["error"] == "HTTP status 500"
    assert (await state(web, made["id"]))["failed"] == 2


async def test_a_killed_worker_loses_nothing(web: Web) -> None:
    """Its tasks are cut in the middle and its leases stay, as after kill -9."""
    slow = asyncio.Event()

    class Slow(Listener):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if len(self.came) == 3:
                await slow.wait()
            await super().__call__(scope, receive, send)

    listener = Slow()
    async with serving_app(listener) as url:
        made = await subscribed(web, url)
        id = await new_customer(web, "0")
        for number in range(1, 8):
            await rename(web, id, str(number))
        drain = _undead(web)
        await FanOut(web.context.store.database, REGISTRY).step()
        await drain.step()
        await listener.heard(3)
        for task in list(drain._running.values()):  # pyright: ignore[reportPrivateUsage] - a kill asks nobody
            task.cancel()
        slow.set()
        assert (await state(web, made["id"]))["leased_until"] is not None
        async with telling(web.context):
            await eventually(lambda: _ended(web, made["id"], 8), "all were told")
    names = [came.body["event"]["customer"]["name"] for came in listener.came]
    assert list(dict.fromkeys(names)) == [str(number) for number in range(8)]
    # What was under way when the worker died may have been told twice, nothing else.
    assert len(names) <= 9


def _undead(web: Web) -> Drain:
    return HubWorker(web.context, REGISTRY, "", PACE)._drain  # pyright: ignore[reportPrivateUsage]


async def test_events_that_are_committed_late_are_told_and_rolled_back_ones_wait_for_nobody(
    web: Web, dsn: str
) -> None:
    first, second = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    async with listening() as listener, telling(web.context):
        await subscribed(web, listener.url)
        late, never = first.transaction(), second.transaction()
        await late.start()
        await first.execute(_EVENT, "late")
        await never.start()
        await second.execute(_EVENT, "never")
        await new_customer(web, "Early")
        # Later numbers do not wait for lower ones that are still under way.
        await listener.heard(1)
        database = web.context.store.database
        assert await database.value("SELECT count(*) FROM hub_gap") == 2
        await never.rollback()
        await late.commit()
        await listener.heard(2)
        # The other number is forgotten, once it is sure that it was rolled back.
        await database.run("UPDATE hub_gap SET seen_at = now() - interval '11 seconds'")
        await eventually(lambda: _no_gaps(web), "the gap is forgotten")
    assert [came.body["event"]["customer"]["name"] for came in listener.came] == ["Early", "Late"]
    await first.close()
    await second.close()


async def _no_gaps(web: Web) -> bool:
    return await web.context.store.database.value("SELECT count(*) FROM hub_gap") == 0


async def test_a_worker_that_stops_ends_its_post_first(web: Web) -> None:
    class Slow(Listener):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(0.2)
            await super().__call__(scope, receive, send)

    listener = Slow()
    async with serving_app(listener) as url:
        made = await subscribed(web, url)
        for name in "abc":
            await new_customer(web, name)
        for _ in range(3):
            async with telling(web.context):
                await asyncio.sleep(0.25)
        async with telling(web.context):
            await eventually(lambda: _ended(web, made["id"], 3), "all were told")
    assert [came.body["event"]["customer"]["name"] for came in listener.came] == ["a", "b", "c"]


async def test_many_writers_at_once_lose_and_double_nothing(web: Web, dsn: str) -> None:
    """Writers that commit at chance, some roll back; two workers look and tell."""
    wanted: set[str] = set()

    async def write(number: int) -> None:
        conn = await asyncpg.connect(dsn)
        for turn in range(15):
            transaction = conn.transaction()
            await transaction.start()
            id = f"{number}-{turn}"
            await conn.execute(_EVENT, id)
            await asyncio.sleep((number * 7 + turn * 3) % 5 * 0.004)
            if (number + turn) % 4:
                wanted.add(id)
                await transaction.commit()
            else:
                await transaction.rollback()
        await conn.close()

    async with listening() as listener:
        await subscribed(web, listener.url)
        async with telling(web.context), telling(web.context):
            await asyncio.gather(*map(write, range(6)))
            await listener.heard(len(wanted), 20)
            await asyncio.sleep(0.3)
    assert set(listener.ids) == wanted
    assert len(listener.ids) == len(wanted)


async def test_a_paused_subscription_waits_and_goes_on_where_it_was(web: Web) -> None:
    database = web.context.store.database
    async with listening() as listener, telling(web.context):
        made = await subscribed(web, listener.url)
        await database.run("UPDATE hub_subscription SET state = 'paused' WHERE id = $1", made["id"])
        await new_customer(web, "a")
        await eventually(lambda: _noted(web, made["id"]), "noted")
        await asyncio.sleep(0.2)
        assert listener.came == []
        await database.run("UPDATE hub_subscription SET state = 'active' WHERE id = $1", made["id"])
        await listener.heard(1)


async def _noted(web: Web, subscription: str) -> bool:
    return bool(await delivery(web, subscription))


async def test_an_address_is_checked_again_when_it_is_connected_to(dsn: str, tmp_path: Path) -> None:
    """The name led elsewhere when it was subscribed: here it was allowed then."""
    async with listening() as listener:
        async with hub_web(dsn, tmp_path, allow="private") as web:
            made = await subscribed(web, listener.url.replace("127.0.0.1", "localhost"))
            literal = await subscribed(web, listener.url)
            await new_customer(web)
        async with hub_web(dsn, tmp_path, allow=None) as web, telling(web.context):
            await eventually(lambda: _failing(web, made["id"]), "refused")
            await eventually(lambda: _failing(web, literal["id"]), "refused")
            for id in (made["id"], literal["id"]):
                assert "ABONENT_HUB_ALLOW" in (await state(web, id))["last_error"]
    assert listener.came == []


async def test_old_deliveries_are_forgotten(web: Web) -> None:
    database = web.context.store.database
    async with listening() as listener, telling(web.context):
        made = await subscribed(web, listener.url)
        await new_customer(web)
        await eventually(lambda: _ended(web, made["id"], 1), "told")
    await queries.clean(database, PACE.kept, PACE.kept_failed)
    assert len(await delivery(web, made["id"])) == 1
    await database.run("UPDATE hub_delivery SET ended_at = ended_at - interval '8 days'")
    await queries.clean(database, PACE.kept, PACE.kept_failed)
    assert await delivery(web, made["id"]) == []


async def test_an_idle_look_writes_nothing(web: Web) -> None:
    database = web.context.store.database
    await subscribed(web, "http://127.0.0.1:1")
    rows = """SELECT c.xmin::text, c.xmax::text, s.xmin::text, s.xmax::text, c.ctid::text, s.ctid::text
              FROM hub_cursor c, hub_subscription s"""
    fanout = FanOut(database, REGISTRY)
    await fanout.step()
    before = await database.row(rows)
    for _ in range(3):
        await fanout.step()
    assert await database.row(rows) == before
