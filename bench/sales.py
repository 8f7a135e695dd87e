"""Orders of three items a second beside a peer's sales of three lines, in turns."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import asyncpg
from load import Load
from processes import send

_PATIENCE = 300.0
_IN = "SELECT count(*) FROM product_order WHERE state = ANY($1) AND external_id LIKE 'options-%'"
_IDLE = "SELECT (NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')))::int"
# Qualified, credit decided, planned, released.
_CONFIRMED = ["inProgress", "completed"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Orders a second, a round each; `completed` is how fast ours also reached their end."""

    orders: int
    peer: list[float]
    ours: list[float]
    completed: list[float]

    @property
    def ratio(self) -> float:
        return median(our / peer for our, peer in zip(self.ours, self.peer, strict=True))


async def measure(
    conn: asyncpg.Connection, load: Load, sell: Callable[[int], float], orders: int, rounds: int
) -> Rates:
    """`sell` a number of the peer's orders, in seconds; `load` posts ours, which count when they are confirmed. A round
    ends when ours are completed and nothing is left to do. The first ten of each warm up."""
    each, warm = orders // rounds, 10
    sell(warm)
    await _ours(conn, load, 0, warm)
    peer, ours, completed = list[float](), list[float](), list[float]()
    for turn in range(rounds):
        for first in (True, False) if turn % 2 else (False, True):
            if first:
                peer.append(each / await asyncio.to_thread(sell, each))
            else:
                times = await _ours(conn, load, warm + turn * each, each)
                ours.append(each / times[0])
                completed.append(each / times[1])
    return Rates(each * rounds, peer, ours, completed)


async def _ours(conn: asyncpg.Connection, load: Load, skip: int, count: int) -> tuple[float, float]:
    """Seconds until `count` orders are confirmed, and until they are completed and all jobs are done."""
    begun = time.perf_counter()
    await asyncio.to_thread(send, replace(load, skip=skip, limit=count))
    await _until(begun, conn, _IN, skip + count, _CONFIRMED)
    confirmed = time.perf_counter() - begun
    await _until(begun, conn, _IN, skip + count, ["completed"])
    completed = time.perf_counter() - begun
    await _until(begun, conn, _IDLE, 1)
    return confirmed, completed


async def _until(begun: float, conn: asyncpg.Connection, sql: str, least: int, *args: Any) -> None:
    while await conn.fetchval(sql, *args) < least:
        if time.perf_counter() - begun > _PATIENCE:
            raise SystemExit("not all orders were completed")
        await asyncio.sleep(0.02)
