"""A store for orders that are played: it answers from memory what was written through it, and the database takes the
writes in their order a moment later, so that both work at the same time. Before a query of SQL it waits for them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import asyncpg

from abonent.domain.order_handling.activation import POLL
from abonent.kit.access import Caller
from abonent.kit.change import Change, Job, Stored, Timer
from abonent.kit.db import Database
from abonent.kit.errors import Conflict
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode, encode
from abonent.kit.store import Store

Key = tuple[str, str]


class _Settled(Database):
    """The database as queries see it: what was written before stands there."""

    def __init__(self, pool: asyncpg.Pool, settled: Callable[[], Awaitable[None]]) -> None:
        super().__init__(pool)
        self._settled = settled

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        await self._settled()
        async with super().connection() as conn:
            yield conn

    async def _quick(self, method: str, sql: str, args: tuple[Any, ...]) -> Any:
        await self._settled()
        return await super()._quick(method, sql, args)


class PlayedStore(Store):
    """The store of one player.

    Jobs go to `jobs` instead of the queue, timers that fall due by `until` to `timers`. Ids of events are drawn from
    the seed, so that the same seed gives the same messages. `answer_due`: when the process next asks the network for
    what it did not report; None: as the process says.
    """

    def __init__(self, database: Database, until: datetime, draw: Random) -> None:
        super().__init__(_Settled(database.pool, self.settled))
        self.jobs: deque[Job] = deque()
        self.timers: dict[str, Timer] = {}
        self.answer_due: datetime | None = None
        self._plain = Store(database)
        self._known: dict[Key, tuple[bytes, int]] = {}
        self._unwritten: asyncio.Queue[Change] = asyncio.Queue(maxsize=200)
        self._writer: asyncio.Task[None] | None = None
        self._until, self._draw = until, draw

    # ---- reading

    async def find(self, wanted: Iterable[tuple[Resource, str]]) -> dict[Key, Stored]:
        each = list(wanted)
        unknown = [(resource, id) for resource, id in each if (resource.name, id) not in self._known]
        if unknown:
            for key, stored in (await self._plain.find(unknown)).items():
                # Written in the meantime: what is known here is newer.
                self._known.setdefault(key, (encode(stored.document), stored.version))
        found: dict[Key, Stored] = {}
        for resource, id in each:
            if known := self._known.get((resource.name, id)):
                found[resource.name, id] = Stored(resource, decode(known[0]), known[1])
        return found

    async def text(self, caller: Caller, resource: Resource, id: str) -> tuple[str, int]:
        if known := self._known.get((resource.name, id)):
            return known[0].decode(), known[1]
        return await self._plain.text(caller, resource, id)

    async def next_id(self, resource: Resource) -> str:
        return await self._plain.next_id(resource)

    # ---- writing

    async def commit(self, change: Change) -> None:
        self._name_events(change)
        jobs, change.jobs = change.jobs, []
        self._sort_timers(change)
        self._remember(change)
        if self._writer is None or self._writer.done():
            await self.settled()
            self._writer = asyncio.create_task(self._write())
        await self._unwritten.put(change)
        self.jobs.extend(jobs)

    def _remember(self, change: Change) -> None:
        for write in change.writes:
            key = (write.resource.name, write.id)
            known = self._known.get(key)
            if known is not None and known[1] != write.version:
                raise Conflict(
                    "changedMeanwhile", "{what} {id} is not as it was read.", what=key[0], id=key[1]
                )
            if write.document is None:
                del self._known[key]
            else:
                self._known[key] = (encode(write.document), (write.version or 0) + 1)

    async def _write(self) -> None:
        while True:
            change = await self._unwritten.get()
            await self._plain.commit(change)
            self._unwritten.task_done()

    async def settled(self) -> None:
        """Wait until everything written stands in the database. Raises what a write failed of."""
        if self._writer is None:
            return
        empty = asyncio.create_task(self._unwritten.join())
        await asyncio.wait({empty, self._writer}, return_when=asyncio.FIRST_COMPLETED)
        if self._writer.done():
            empty.cancel()
            self._writer.result()

    async def close(self) -> None:
        """Settle and stop writing; the pool has its connections back."""
        await self.settled()
        await self.database.give_back()
        if self._writer is not None:
            self._writer.cancel()

    def _sort_timers(self, change: Change) -> None:
        timers, change.timers = change.timers, []
        for key in change.stopped_timers:
            self.timers.pop(key, None)
        for timer in timers:
            due = self.answer_due if timer.job.name == POLL and self.answer_due else timer.due_at
            if due > self._until:
                self.timers.pop(timer.key, None)
                change.timers.append(replace(timer, due_at=due))
            else:
                self.timers[timer.key] = replace(timer, due_at=due)

    def _name_events(self, change: Change) -> None:
        names = {event.id: f"{self._draw.getrandbits(128):032x}" for event, _ in change.events}
        change.events = [(replace(event, id=names[event.id]), place) for event, place in change.events]
        change.jobs = [
            replace(job, args=job.args | {"event": names[job.args["event"]]})
            if job.args.get("event") in names
            else job
            for job in change.jobs
        ]
