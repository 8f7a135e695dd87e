"""Background work on procrastinate. Handlers are plain async functions `(context, **args)`, registered by name.

Edges of the queue that this module covers (measured, see docs/decisions/0003):
- after kill -9 a job stays `doing`: `rescue` gives those of workers without a heartbeat back to the queue;
- its `lock` makes one job block a poll, so it is never used: handlers are idempotent and compare-and-set instead;
- it schedules by the database's clock, so it only times retries; domain timers are rows swept by kit/clock.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
import structlog
from procrastinate import RetryDecision
from procrastinate.jobs import Job as QueueJob
from prometheus_client import Counter, Histogram

from abonent.kit.context import Context, correlation
from abonent.kit.errors import Conflict, Problem, Unavailable

HEARTBEAT = 2.0
STALLED_AFTER = 6.0
MAX_ATTEMPTS = 12

Handler = Callable[..., Awaitable[None]]

log = structlog.get_logger("jobs")
done = Counter("abonent_jobs_total", "Background jobs by name and outcome", ["job", "outcome"])
seconds = Histogram("abonent_job_seconds", "Run time of a job", ["job"])


class TryAgain(Exception):
    """The work cannot be done now (the network is away); the queue repeats it later."""


class Backoff(procrastinate.BaseRetryStrategy):
    """Retry what may pass by itself; a Problem of the input or a bug stands as failed, visible, at once."""

    def get_retry_decision(self, *, exception: BaseException, job: QueueJob) -> RetryDecision | None:
        passing = isinstance(exception, (TryAgain, Unavailable, Conflict, TimeoutError, OSError))
        # A bug gets a few tries as well: a deploy may be half-way through.
        limit = MAX_ATTEMPTS if passing else (0 if isinstance(exception, Problem) else 3)
        if job.attempts >= limit:
            return None
        pause = min(60.0, 0.05 * 2**job.attempts) if passing else 2.0
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
    """The queue with one task a handler, each run in `context`."""
    connector = procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=size)
    app = procrastinate.App(connector=connector)
    for name, handler in handlers.by_name.items():
        task = app.task(name=name, retry=Backoff())
        task(_run(name, handler, context))
    return app


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


def rescuer(dsn: str) -> procrastinate.App:
    """A queue without tasks and one connection, to call `rescue` with."""
    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=1))


async def rescue(app: procrastinate.App) -> int:
    """Give jobs of dead workers back to the queue; returns how many. Safe in many processes at once."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for job in stalled:
        log.warning("job rescued from a dead worker", job=job.task_name, job_id=job.id)
        await app.job_manager.retry_job(job)
    return len(stalled)


async def work(app: procrastinate.App, *, concurrency: int, stop: asyncio.Event) -> None:
    """Run jobs until `stop` is set. Starts the worker anew when the database was away."""
    while not stop.is_set():
        try:
            async with app.open_async():
                worker = asyncio.create_task(
                    app.run_worker_async(
                        concurrency=concurrency,
                        delete_jobs="successful",
                        install_signal_handlers=False,
                        update_heartbeat_interval=HEARTBEAT,
                        stalled_worker_timeout=STALLED_AFTER,
                        fetch_job_polling_interval=1.0,
                        shutdown_graceful_timeout=5.0,
                    )
                )
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
                stopped.cancel()
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)
                if worker.done() and not worker.cancelled() and worker.exception():
                    raise worker.exception() or RuntimeError("worker stopped")
        except Exception as error:
            if stop.is_set():
                return
            log.warning("worker lost the database, starting again", error=str(error) or type(error).__name__)
            await asyncio.sleep(0.5)
