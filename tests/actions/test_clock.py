"""The domain's clock: moved for all processes, and timers that fire by it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from abonent.kit.clock import SWEEP_BATCH, Clock, ClockSetting, real_now
from tests.support.workshop import NOW, Workshop, workshop

JOB = "order_handling.poll_activation"


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        yield opened


async def sweep(shop: Workshop) -> int:
    async with shop.database.connection() as conn:
        return await shop.context.clock.sweep(conn)


async def keep(shop: Workshop, *timers: tuple[str, datetime], stop: tuple[str, ...] = ()) -> None:
    change = shop.context.change()
    for key, due in timers:
        change.set_timer(key, due, JOB, order=key)
    for key in stop:
        change.stop_timer(key)
    await shop.context.store.commit(change)


async def fired(shop: Workshop) -> list[str]:
    return [args["order"] for _, args in await shop.jobs()]


def test_a_setting_maps_real_time_on_domain_time() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    setting = ClockSetting(start, datetime(2027, 1, 1, tzinfo=UTC), 60.0)
    assert setting.at(start) == datetime(2027, 1, 1, tzinfo=UTC)
    # 60 times as fast: a minute of ours is an hour of the domain's; time before it runs back alike.
    assert setting.at(start + timedelta(minutes=1)) == datetime(2027, 1, 1, 1, tzinfo=UTC)
    assert setting.at(start - timedelta(seconds=1)) == datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def test_an_unset_clock_is_the_machines() -> None:
    clock = Clock()
    before = real_now()
    assert before <= clock.now() <= real_now()
    assert not clock.moved


async def test_a_moved_clock_is_moved_for_all_processes(shop: Workshop) -> None:
    here, there = Clock(), Clock()
    christmas = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
    async with shop.database.connection() as conn:
        await here.set(conn, christmas, 10.0)
        assert not there.moved
        await there.refresh(conn)
        assert here.moved and there.moved
        assert abs(here.now() - there.now()) < timedelta(seconds=1)
        assert timedelta(0) <= there.now() - christmas < timedelta(minutes=5)
        await here.set(conn, NOW)
        await there.refresh(conn)
        assert abs(there.now() - NOW) < timedelta(seconds=30)
        await here.reset(conn)
        await there.refresh(conn)
        assert not there.moved and abs(there.now() - real_now()) < timedelta(seconds=1)


async def test_timers_fire_when_the_clock_reaches_them(shop: Workshop) -> None:
    minute = timedelta(minutes=1)
    await keep(shop, ("soon", NOW + 5 * minute), ("later", NOW + 60 * minute), ("past", NOW - minute))
    assert await sweep(shop) == 1
    assert await fired(shop) == ["past"]
    shop.at(NOW + 5 * minute)
    assert await sweep(shop) == 1
    shop.at(NOW + 59 * minute)
    assert await sweep(shop) == 0
    shop.at(NOW + 365 * 24 * 60 * minute)
    assert await sweep(shop) == 1
    assert await fired(shop) == ["past", "soon", "later"]
    assert await sweep(shop) == 0


async def test_the_job_gets_what_the_timer_was_set_with(shop: Workshop) -> None:
    await keep(shop, ("a", NOW))
    shop.at(NOW)
    await sweep(shop)
    name, args = (await shop.jobs())[0]
    assert (name, args["order"]) == (JOB, "a")
    assert args["correlation"] and args["at"].startswith("2026-06-03T09:51")


async def test_setting_a_timer_again_moves_it(shop: Workshop) -> None:
    await keep(shop, ("a", NOW))
    await keep(shop, ("a", NOW + timedelta(hours=1)))
    shop.at(NOW + timedelta(minutes=30))
    assert await sweep(shop) == 0
    shop.at(NOW + timedelta(hours=1))
    assert await sweep(shop) == 1


async def test_a_stopped_timer_never_fires(shop: Workshop) -> None:
    await keep(shop, ("a", NOW), ("b", NOW))
    await keep(shop, stop=("a", "no such timer"))
    shop.at(NOW + timedelta(days=1))
    assert await sweep(shop) == 1
    assert await fired(shop) == ["b"]


async def test_sweeps_at_once_fire_each_timer_once(shop: Workshop) -> None:
    count = SWEEP_BATCH + 120
    await keep(shop, *((f"t-{n}", NOW) for n in range(count)))
    shop.at(NOW + timedelta(hours=1))
    swept = 0
    while batch := sum(await asyncio.gather(*(sweep(shop) for _ in range(4)))):
        swept += batch
    assert swept == count
    names = await fired(shop)
    assert len(names) == len(set(names)) == count
