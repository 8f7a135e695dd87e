"""Background work on procrastinate. Handlers are plain async functions `(context, **args)`, registered by name.

Edges of the queue that this module covers (measured, see docs/decisions/0003):
- after kill -9 a job stays `doing`: `Rescue` gives those of workers without a heartbeat back to the queue;
- it stays `doing` as well when the database goes away just as its worker notes its end: that worker registers anew;
- its `lock` makes one job block a poll, so it is never used: handlers are idempotent and compare-and-set instead;
- it schedules by the database's clock, so it only times retries; domain timers are rows swept by kit/clock.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate import RetryDecision
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as QueueJob
from procrastinate.worker import Worker as QueueWorker
from prometheus_client import Counter, Histogram
from psycopg.conninfo import make_conninfo

from abonent.kit.context import Context, correlation
from abonent.kit.db import Connection
from abonent.kit.errors import Conflict, Problem, Unavailable

HEARTBEAT = 2.0
STALLED_AFTER = 6.0
MAX_ATTEMPTS = 12
# Seconds: a worker that stops waits so long for its jobs, for the database, and for all of it.
GRACE, DATABASE_PATIENCE, STOP_WITHIN = 5.0, 5.0, 7.0
OPEN_WITHIN = 2.0
# Rows of workers are kept longer than it takes to rescue their jobs: one that was only slow keeps its own.
FORGET_AFTER = 3600.0

_OPTIONS = "-c synchronous_commit=off -c enable_sort=off -c enable_bitmapscan=off"

_RESCUE = """
WITH dead AS (
    SELECT job.id, job.task_name, job.args::text AS args, job.worker_id
    FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - $1::interval)
    FOR UPDATE OF job SKIP LOCKED
)
SELECT id, task_name, args, worker_id, procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM dead
"""

Handler = Callable[..., Awaitable[None]]

log = structlog.get_logger("jobs")
done = Counter("abonent_jobs_total", "Background jobs by name and outcome", ["job", "outcome"])
seconds = Histogram("abonent_job_seconds", "Run time of a job", ["job"])


class TryAgain(Exception):
    """The work cannot be done now (the network is away); the queue repeats it later."""


class Backoff(procrastinate.BaseRetryStrategy):
    """Retry what may pass by itself; a Problem of the input stands as failed, visible, at once.

    What is away (network, database) is tried for as long as it is away, at last once a minute.
    """

    def get_retry_decision(self, *, exception: BaseException, job: QueueJob) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})  # its worker is being stopped; another one takes it
        away = isinstance(exception, (TryAgain, Unavailable))
        passing = away or isinstance(exception, (Conflict, TimeoutError, OSError))
        # A bug gets a few tries as well: a deploy may be half-way through.
        limit = MAX_ATTEMPTS if passing else (0 if isinstance(exception, Problem) else 3)
        if job.attempts >= limit and not away:
            return None
        pause = min(60.0, 0.05 * 2 ** min(job.attempts, MAX_ATTEMPTS)) if passing else 2.0
        # Jitter, so that what failed together does not come back together.
        milliseconds = int(1000 * pause * random.uniform(0.5, 1.5))  # noqa: S311  no secret is made of it
        return RetryDecision(retry_in={"milliseconds": milliseconds})


class Handlers:
    """Job name -> handler, filled by main from the domain's reactions and actions."""

    def __init__(self) -> None:
        self.by_name: dict[str, Handler] = {}

    def add(self, name: str, handler: Handler) -> None:
        if name in self.by_name:
            raise ValueError(f"job {name} is registered twice")
        self.by_name[name] = handler


def queue_app(dsn: str, handlers: Handlers, context: Context, *, size: int = 4) -> procrastinate.App:
    """The queue with one task a handler, each run in `context`.

    Its own notes (a job is taken, a job is done) are single statements without BEGIN and COMMIT around them, and do not
    wait for the disk. A power cut can lose the last of them; then a job runs again, as it does when its worker is
    killed. New jobs are saved by the store's statements, which do wait.

    Its look for the next job has to walk the index of what waits and stop at the first. Planned while the queue is
    empty, as it is when a worker begins, it would read, compare and sort all that waits, each time.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=make_conninfo(dsn, options=_OPTIONS),
        min_size=1,
        max_size=size,
        timeout=DATABASE_PATIENCE,
        configure=_autocommit,
    )
    app = procrastinate.App(connector=connector)
    for name, handler in handlers.by_name.items():
        task = app.task(name=name, retry=Backoff())
        task(_run(name, handler, context))
    return app


async def _autocommit(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)


def _run(name: str, handler: Handler, context: Context) -> Callable[..., Awaitable[None]]:
    """Run a handler under its job's correlation id, measured and logged."""

    async def run(correlation: str = "-", at: str = "", **args: Any) -> None:
        token = _correlate(correlation)
        try:
            with seconds.labels(name).time():
                await handler(context, **args)
            done.labels(name, "done").inc()
        except Exception as error:
            done.labels(name, "failed").inc()
            known = isinstance(error, (TryAgain, Problem))
            log.warning("job failed", job=name, args=args, error=str(error), exc_info=not known)
            raise
        finally:
            _uncorrelate(token)

    return run


def _correlate(id: str) -> Any:
    structlog.contextvars.bind_contextvars(correlation_id=id)
    return correlation.set(id)


def _uncorrelate(token: Any) -> None:
    correlation.reset(token)
    structlog.contextvars.unbind_contextvars("correlation_id")


class Rescue:
    """Gives jobs of dead workers back to the queue. Safe in many processes at once.

    A worker is dead when its last heartbeat is STALLED_AFTER seconds old. After the database was away, or this
    process was frozen, every heartbeat looks old: they count only once `look` was called for that long without a gap.
    """

    def __init__(self) -> None:
        self._since = self._last = -math.inf

    async def look(self, conn: Connection, now: float) -> int:
        """Call every HEARTBEAT seconds with a monotonic `now`; returns how many jobs were given back."""
        if now - self._last > 2 * HEARTBEAT:
            self._since = now
        self._last = now
        if now - self._since < STALLED_AFTER:
            return 0
        # One statement: a job that somebody else gave back meanwhile is not given back a second time.
        rows = await conn.fetch(_RESCUE, timedelta(seconds=STALLED_AFTER))
        for row in rows:
            log.warning(
                "job rescued from a dead worker",
                job=row["task_name"],
                job_id=row["id"],
                args=row["args"],
                worker=row["worker_id"],
            )
        return len(rows)


class _Worker(QueueWorker):
    """The queue's worker, which stops when it could not note the end of a job. Otherwise that job would stay
    `doing` under a worker that lives; as it is, `work` goes on under a new id and the job is rescued."""

    async def _run_loop(self) -> None:
        log.info("worker runs", worker=self.worker_id)
        await super()._run_loop()

    async def _process_job(self, context: JobContext) -> None:
        try:
            await super()._process_job(context)
        except Exception as error:
            log.warning("the end of a job was not noted", job=context.job.task_name, error=_told(error))
            self.stop()


async def work(app: procrastinate.App, *, concurrency: int, stop: asyncio.Event) -> None:
    """Run jobs until `stop` is set. Starts the worker anew when the database was away; ends within STOP_WITHIN."""
    while not stop.is_set():
        try:
            # The queue's pool retries ever more seldom; opening it anew each time is quicker when the database is back.
            await asyncio.wait_for(app.open_async(), OPEN_WITHIN)
            await _run_worker(app, concurrency, stop)
        except Exception as error:
            log.warning("worker lost the database, starting again", error=_told(error))
        finally:
            with suppress(Exception):
                await app.close_async()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.5)


async def _run_worker(app: procrastinate.App, concurrency: int, stop: asyncio.Event) -> None:
    """Run one worker until `stop`, or until it loses the database."""
    worker = _Worker(
        app,
        concurrency=concurrency,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=FORGET_AFTER,
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=GRACE,
    )
    running, stopped = asyncio.create_task(worker.run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        worker.stop()
        # Without a database it would wait on; its jobs are rescued then, as after a kill.
        await asyncio.wait({running}, timeout=STOP_WITHIN)
    finally:
        stopped.cancel()
    if running.done():
        running.result()
    else:
        running.cancel()


def _told(error: BaseException) -> str:
    """An error in one line; the queue's own say what happened only in their cause."""
    return str(error.__cause__ or error).strip() or type(error).__name__
