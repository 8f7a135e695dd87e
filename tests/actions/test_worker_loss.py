"""A worker that loses its database, or cannot note the end of a job: it goes on, it does not spin, no job is lost."""

import asyncio
import time
from typing import Any

import pytest
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from abonent.kit import jobs
from abonent.kit.context import Context, correlation
from abonent.kit.errors import Unavailable
from tests.support.running import eventually
from tests.support.workshop import Workshop, workshop


async def defer(shop: Workshop, name: str, **args: Any) -> None:
    token = correlation.set("c-1")
    change = shop.context.change()
    change.defer(name, **args)
    await shop.context.store.commit(change)
    correlation.reset(token)


async def test_a_worker_without_a_database_neither_spins_nor_hangs() -> None:
    dsn = "postgresql://nobody@/nothing?host=/nonexistent&port=1"
    stop = asyncio.Event()
    app = jobs.queue_app(dsn, jobs.Handlers(), None)  # pyright: ignore[reportArgumentType] - no job ever runs
    with structlog.testing.capture_logs() as logged:
        working = asyncio.create_task(jobs.work(app, concurrency=2, stop=stop))
        await asyncio.sleep(6)
        begun = time.monotonic()
        stop.set()
        await asyncio.wait_for(working, jobs.STOP_WITHIN)
    tries = [line for line in logged if line["event"].startswith("worker lost the database")]
    # Each try waits OPEN_WITHIN (2 s) for a connection, then half a second: at 2.5 s and at 5 s.
    assert 1 <= len(tries) <= 3
    assert time.monotonic() - begun < 5


async def test_a_job_whose_end_was_not_noted_is_given_back(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database went away between the work and the note of its end: the worker lives, its job stays `doing`."""
    ran: list[int] = []

    async def note(ctx: Context, **_: Any) -> None:
        ran.append(len(ran))

    handlers = jobs.Handlers()
    handlers.add("note", note)
    async with workshop(dsn) as shop:
        app = jobs.queue_app(dsn, handlers, shop.context)
        finish, lost = app.job_manager.finish_job, []

        async def lose_once(*args: Any, **more: Any) -> None:
            if not lost:
                lost.append(1)
                raise ConnectorException("the connection is lost")
            await finish(*args, **more)

        monkeypatch.setattr(app.job_manager, "finish_job", lose_once)
        stop, rescue = asyncio.Event(), jobs.Rescue()
        working = asyncio.create_task(jobs.work(app, concurrency=2, stop=stop))
        await defer(shop, "note")

        async def given_back() -> bool:
            async with shop.database.connection() as conn:
                # The clock of the rescue is the test's: its rounds come one after the other without a pause.
                rounds = [await rescue.look(conn, second) for second in (0, 2, 4, 6, 8)]
            return any(rounds)

        async def done() -> bool:
            return await shop.rows("SELECT 1 FROM procrastinate_jobs") == []

        await eventually(given_back, "the job is given back")
        await eventually(done, "the job ran again and ended")
        stop.set()
        await working
        assert ran == [0, 1]


async def test_a_job_of_a_living_worker_is_left_alone_after_the_database_was_away(dsn: str) -> None:
    """After an outage every heartbeat is old; whoever lives gets the time to send one."""
    async with workshop(dsn) as shop, shop.database.connection() as conn:
        await defer(shop, "long")
        await conn.execute(
            "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '60 s')"
            " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
        )
        rescue = jobs.Rescue()
        assert [await rescue.look(conn, second) for second in (0, 2)] == [0, 0]
        # The database is away for 20 s; the next rounds begin to watch anew.
        assert [await rescue.look(conn, second) for second in (22, 24, 26)] == [0, 0, 0]
        await conn.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
        assert [await rescue.look(conn, second) for second in (28, 30)] == [0, 0]
        # The same worker, silent while it is watched.
        await conn.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '7 s'")
        assert await rescue.look(conn, 32) == 1


async def test_two_rescuers_give_a_job_back_once(dsn: str) -> None:
    async with workshop(dsn) as shop:
        for n in range(20):
            await defer(shop, "x", n=n)
        await shop.rows("UPDATE procrastinate_jobs SET status = 'doing'")  # without a worker: it unregistered

        async def rescued() -> int:
            rescue = jobs.Rescue()
            async with shop.database.connection() as conn:
                return sum([await rescue.look(conn, second) for second in (0, 2, 4, 6)])

        assert sum(await asyncio.gather(*(rescued() for _ in range(4)))) == 20
        rows = await shop.rows("SELECT status::text, attempts FROM procrastinate_jobs")
        assert {tuple(row) for row in rows} == {("todo", 1)}


@pytest.mark.parametrize("attempts", [0, 12, 500])
def test_what_is_away_is_tried_for_as_long_as_it_is_away(attempts: int) -> None:
    for error in (
        jobs.TryAgain("network"),
        Unavailable("databaseAway", "database"),
        asyncio.CancelledError(),
    ):
        decision = jobs.Backoff().get_retry_decision(exception=error, job=_job(attempts))
        assert decision is not None, error


def _job(attempts: int) -> Job:
    return Job(
        id=1, queue="default", lock=None, queueing_lock=None, task_name="x", task_kwargs={}, attempts=attempts
    )
