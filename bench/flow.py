"""Orders from POST to completed on the whole system, as `abonent serve` runs it, with a simulated network."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncpg
from load import Load, Result
from processes import processor_seconds, send

WARM_UP = 40
_PATIENCE = 300.0


@dataclass(slots=True)
class Flow:
    """What `orders` orders took.

    seconds     from the first POST until every order is completed and no job is left, messages included
    first, half seconds until the first order and until half of them were completed
    jobs        background jobs an order; statements: SQL statements of the product's an order
    processor   milliseconds of processor an order, by process
    heaviest    (milliseconds in the database an order, calls an order, statement), the first few
    """

    orders: int
    seconds: float
    first: float
    half: float
    posting: Result
    jobs: float
    statements: float
    messages: float
    processor: dict[str, float] = field(default_factory=dict)
    heaviest: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.orders / self.seconds


_DONE = "SELECT count(*) FROM product_order WHERE state = 'completed' AND id LIKE 'O-%'"
_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'failed'"
_OPEN = (
    "SELECT id, state, doc ->> 'description' FROM product_order"
    " WHERE id LIKE 'O-%' AND state <> 'completed' LIMIT 3"
)
_ENDS = (
    "SELECT * FROM (SELECT extract(epoch FROM (doc ->> 'completionDate')::timestamptz)::float8 FROM product_order"
    " WHERE id LIKE 'O-%' AND state = 'completed' ORDER BY 1 DESC LIMIT $1) ends ORDER BY 1"
)
_STATEMENTS = (
    "SELECT sum(calls)::int FROM pg_stat_statements JOIN pg_roles r ON r.oid = userid WHERE rolname = 'abonent'"
    " AND toplevel AND query !~* '^(begin|commit|rollback)'"
)
_HEAVIEST = (
    "SELECT total_exec_time, calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) FROM pg_stat_statements"
    " JOIN pg_roles r ON r.oid = userid WHERE rolname = 'abonent' AND toplevel ORDER BY 1 DESC LIMIT 12"
)


async def measure(
    conn: asyncpg.Connection, load: Load, orders: int, pids: Callable[[], dict[str, list[int]]]
) -> Flow:
    """Warm up with a few orders, then post `orders` and wait until all is done.

    `conn` is a superuser's: its own statements are not counted. `load` posts bodies; `pids` names the processes.
    """
    await conn.execute("TRUNCATE procrastinate_jobs CASCADE")
    await conn.execute("DELETE FROM product_order WHERE id LIKE 'O-%'")
    await asyncio.to_thread(send, _posting(load, 0, WARM_UP))
    await _until_done(conn, WARM_UP)
    await conn.execute("SELECT pg_stat_statements_reset()")
    jobs, messages = await _deferred(conn), await _messages(conn)
    used = {name: processor_seconds(those) for name, those in pids().items()}
    posted, begun = time.time(), time.perf_counter()
    posting = await asyncio.to_thread(send, _posting(load, WARM_UP, orders))
    await _until_done(conn, WARM_UP + orders)
    seconds = time.perf_counter() - begun
    now = {name: processor_seconds(those) for name, those in pids().items()}
    ends = [row[0] - posted for row in await conn.fetch(_ENDS, orders)]
    return Flow(
        orders=orders,
        seconds=seconds,
        first=ends[0],
        half=ends[len(ends) // 2],
        posting=posting,
        jobs=(await _deferred(conn) - jobs) / orders,
        statements=await conn.fetchval(_STATEMENTS) / orders,
        messages=(await _messages(conn) - messages) / orders,
        processor={name: 1000 * (now[name] - used[name]) / orders for name in used},
        heaviest=[(row[0] / orders, row[1] / orders, row[2]) for row in await conn.fetch(_HEAVIEST)],
    )


def _posting(load: Load, skip: int, limit: int) -> Load:
    return Load(
        port=load.port, path=load.path, expect=load.expect, token=load.token, bodies=load.bodies,
        skip=skip, limit=limit,
    )  # fmt: skip


async def _deferred(conn: asyncpg.Connection) -> int:
    return await conn.fetchval("SELECT last_value FROM procrastinate_jobs_id_seq")


async def _messages(conn: asyncpg.Connection) -> int:
    return await conn.fetchval("SELECT count(*) FROM communication_message")


async def _until_done(conn: asyncpg.Connection, orders: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while await conn.fetchval(_DONE) < orders or await conn.fetchval(_JOBS):
        if time.monotonic() > deadline:
            raise SystemExit(f"not all orders were completed; open: {await conn.fetch(_OPEN)}")
        await asyncio.sleep(0.2)
