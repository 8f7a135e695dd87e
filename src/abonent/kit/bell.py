"""Waking the workers after jobs were saved.

The queue's own trigger notifies inside the writer's transaction, and PostgreSQL lets one transaction with a
notification commit at a time: 8 writers were held to a third of their speed (docs/benchmarks.md). So the trigger is off
(migrations/0003), and each process rings at once, then at most every PAUSE seconds for all that it saved meanwhile.
If it dies before it rings, workers look for themselves within a second.
"""

import asyncio

from abonent.kit.db import Database
from abonent.kit.errors import Unavailable

PAUSE = 0.02
_RING = """SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')"""


class Bell:
    """Rings for the jobs of one process. Never fails and never makes a writer wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ringing: asyncio.Task[None] | None = None
        self._next = 0.0

    def ring(self) -> None:
        """Wake the workers soon; calls until then are covered by the same ring."""
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._next - loop.time())
        self._next = loop.time() + PAUSE
        # What is saved from here on needs a ring of its own.
        self._ringing = None
        try:
            await self._database.run(_RING)
        except Unavailable:
            return  # the workers lost the database as well, and look when it is back
