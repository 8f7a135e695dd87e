"""Background jobs under a real worker: retried, given up, rescued, and always under their correlation id."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg
import pytest
from procrastinate.jobs import Job

from abonent.kit import jobs
from abonent.kit.context import Context, correlation
from abonent.kit.errors import BadInput, Conflict, Unavailable
from abonent.kit.jobs import Backoff, Handlers, TryAgain
from tests.support.running import eventually
from tests.support.workshop import Workshop, workshop


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        yield opened


@asynccontextmanager
async def worker(dsn: str, shop: Workshop, **handlers: Callable[..., Awaitable[None]]) -> AsyncIterator[None]:
    known = Handlers()
    for name, handler in handlers.items():
        known.add(name, handler)
    stop = asyncio.Event()
    app = jobs.queue_app(dsn, known, shop.context, size=3)
    task = asyncio.create_task(jobs.work(app, concurrency=4, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def defer(shop: Workshop, name: str, id: str = "corr-7", **args: Any) -> None:
    token = correlation.set(id)
    change = shop.context.change()
    change.defer(name, **args)
    await shop.context.store.commit(change)
    correlation.reset(token)


async def status(shop: Workshop) -> list[str]:
    return [r[0] for r in await shop.rows("SELECT status::text FROM procrastinate_jobs ORDER BY id")]


@asynccontextmanager
async def queue_connection(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection like those on which a worker looks for jobs."""
    app = jobs.queue_app(dsn, Handlers(), cast(Context, None), size=1)
    async with app.open_async(), app.connector.pool.connection() as conn:  # pyright: ignore[reportAttributeAccessIssue]
        yield conn


async def test_a_job_runs_once_with_its_arguments(dsn: str, shop: Workshop) -> None:
    ran: list[tuple[dict[str, Any], str]] = []

    async def note(ctx: Context, **args: Any) -> None:
        assert ctx.store is shop.context.store
        ran.append((args, correlation.get()))

    async with worker(dsn, shop, note=note):
        await defer(shop, "note", order="O-1", number=3)
        await eventually(lambda: _is_empty(shop), "the queue is empty")
    assert ran == [({"order": "O-1", "number": 3}, "corr-7")]


async def _is_empty(shop: Workshop) -> bool:
    return not await status(shop)


async def test_what_may_pass_is_tried_again_until_it_does(dsn: str, shop: Workshop) -> None:
    tries: list[int] = []

    async def shaky(ctx: Context, **_: Any) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise (TryAgain("away"), Conflict("x", "y"), Unavailable("x", "y"))[len(tries) - 1]

    async with worker(dsn, shop, shaky=shaky):
        await defer(shop, "shaky")
        await eventually(lambda: _is_empty(shop), "the job is done")
    assert len(tries) == 4


async def test_a_refusal_of_the_input_fails_at_once_and_stays_visible(dsn: str, shop: Workshop) -> None:
    tries: list[int] = []

    async def refused(ctx: Context, **_: Any) -> None:
        tries.append(1)
        raise BadInput("x", "no")

    async def failed() -> bool:
        return await status(shop) == ["failed"]

    async with worker(dsn, shop, refused=refused):
        await defer(shop, "refused")
        await eventually(failed, "the job failed")
    assert tries == [1]


@pytest.mark.parametrize(
    ("error", "attempts", "again"),
    [
        (TryAgain("x"), 0, True),
        (TryAgain("x"), 11, True),
        # The network and the database may be away for long.
        (TryAgain("x"), 1000, True),
        (Unavailable("x", "y"), 1000, True),
        (Conflict("x", "y"), 12, False),
        (Conflict("x", "y"), 5, True),
        (ConnectionResetError(), 5, True),
        (BadInput("x", "y"), 0, False),
        (ZeroDivisionError(), 2, True),
        (ZeroDivisionError(), 3, False),
    ],
)
def test_when_a_job_is_tried_again(error: Exception, attempts: int, again: bool) -> None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
    assert (Backoff().get_retry_decision(exception=error, job=job) is not None) is again


def test_a_name_is_registered_once() -> None:
    async def nothing(ctx: Context) -> None: ...

    known = Handlers()
    known.add("a", nothing)
    with pytest.raises(ValueError, match="a"):
        known.add("a", nothing)


async def test_the_job_of_a_dead_worker_is_given_back(dsn: str, shop: Workshop) -> None:
    """A worker that was killed leaves its job `doing`; its heartbeat tells."""
    ran: list[str] = []

    async def note(ctx: Context, order: str, **_: Any) -> None:
        ran.append(order)

    await defer(shop, "note", order="dead")
    await defer(shop, "note", order="alive")
    await shop.rows(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
        " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
        " WHERE args ->> 'order' = 'dead'"
    )
    await shop.rows(
        "WITH alive AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM alive)"
        " WHERE args ->> 'order' = 'alive'"
    )
    rescue = jobs.Rescue()
    async with shop.database.connection() as conn:
        # Heartbeats count once they were watched for as long as a worker may be silent.
        assert [await rescue.look(conn, second) for second in (0, 2, 4, 6, 8)] == [0, 0, 0, 1, 0]
    assert sorted(await status(shop)) == ["doing", "todo"]
    async with worker(dsn, shop, note=note):

        async def done() -> bool:
            return ran == ["dead"]

        await eventually(done, "the rescued job ran")


async def test_a_worker_stops_when_told(dsn: str, shop: Workshop) -> None:
    async def nothing(ctx: Context, **_: Any) -> None: ...

    async with asyncio.timeout(10):
        async with worker(dsn, shop, nothing=nothing):
            await asyncio.sleep(0.1)


async def test_the_next_job_is_found_without_reading_all_that_wait(dsn: str, shop: Workshop) -> None:
    """Planned as a worker plans it, after the queue was swept empty."""
    await shop.rows("VACUUM (ANALYZE) procrastinate_jobs")
    async with queue_connection(dsn) as conn:
        for _ in range(10):  # PostgreSQL keeps a plan after some calls
            await conn.execute("SELECT procrastinate_fetch_job_v2(NULL, NULL)")
        pages = []
        for _ in range(2):
            await shop.rows(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
                " SELECT 'default', 'note', '{}' FROM generate_series(1, 1000)"
            )
            look = await conn.execute(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT procrastinate_fetch_job_v2(NULL, NULL)"
            )
            row = await look.fetchone()
            assert row is not None
            plan = row[0][0]["Plan"]
            pages.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        # Twice as many wait, and no more is read.
        assert pages[1] < pages[0] + 20, pages
