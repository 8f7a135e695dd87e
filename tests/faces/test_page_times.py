"""How long the server takes for each page of the full demo, printed slowest first: `make survey` shows it."""

import statistics
import time
from pathlib import Path

import asyncpg
import pytest

from abonent.demo.scale import FULL
from tests.support.crawler import Bounds, Walk
from tests.support.operator import fill, stand

pytestmark = pytest.mark.survey

# Milliseconds, the best of TIMES after one that fills what is kept.
LIMIT, TIMES = 100.0, 7
# A file of everything is no page; it may take a second.
FILES, FILE_LIMIT = ("/orders.csv",), 1000.0


async def _times(walk: Walk) -> list[tuple[float, float, int, str]]:
    """(median, best, bytes, address) of every page, slowest first. In milliseconds, without a socket in between."""
    found = []
    for address, status in walk.seen.items():
        if status != 200:
            continue
        taken, size = [], 0
        for _ in range(TIMES):
            begun = time.perf_counter()
            size = len((await walk.http.get(address)).content)
            taken.append((time.perf_counter() - begun) * 1000)
        found.append((statistics.median(taken), min(taken), size, address))
    return sorted(found, reverse=True)


async def test_every_page_of_the_full_demo_is_quick(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    await fill(dsn, tmp_path, FULL)
    async with stand(dsn, tmp_path) as operator:
        await conn.execute("ANALYZE")
        slow = []
        for name in ("manager-ru", "agent-en", "client-ru"):
            async with operator.walk(name, Bounds(pages=3, of_route=10)) as walk:
                await walk.follow()
                times = await _times(walk)
            print(f"\n{name}: {len(times)} addresses\n{'median':>8}{'best':>8}{'KB':>6}  address")
            for median, best, size, address in times:
                print(f"{median:8.1f}{best:8.1f}{size / 1024:6.0f}  {address[:90]}")
                # What other work on the machine takes only adds: the best is what the page costs.
                if best > (FILE_LIMIT if address.startswith(FILES) else LIMIT):
                    slow.append(f"{name}, {address}: {best:.0f} ms")
    assert not slow, "\n".join(slow)
