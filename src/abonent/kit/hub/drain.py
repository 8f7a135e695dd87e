"""Telling the listeners: each subscription's deliveries in order, one at a time, whatever the others do.

A worker leases a subscription, posts what is pending, and notes each end. A listener that fails is left alone for ever
longer pauses, and its subscription waits with it; another worker takes over what a dead one had leased.
"""

import asyncio
import random
import time
from collections import Counter as Tally
from contextlib import suppress
from secrets import token_hex

import structlog

from abonent.kit.db import Database
from abonent.kit.errors import N_, Problem
from abonent.kit.hub import queries
from abonent.kit.hub.notification import body, listener_name, signed
from abonent.kit.hub.pace import Pace
from abonent.kit.hub.ports import Listeners, NotDelivered
from abonent.kit.hub.queries import Leased
from abonent.kit.resource import Registry

# Subscriptions drained at once in this process, and posts at once to one host.
MOST, PER_HOST = 400, 8
_BATCH = 20
# Seconds that posts under way get when the process stops: cut off they would come twice.
GRACE = 3.0

log = structlog.get_logger("hub")


class Drain:
    """Drains the subscriptions of one process. `public_url`: start of the hrefs that listeners are told."""

    def __init__(
        self, database: Database, registry: Registry, listeners: Listeners, public_url: str, pace: Pace
    ) -> None:
        self._database = database
        self._registry = registry
        self._listeners = listeners
        self._public_url = public_url
        self._pace = pace
        self._worker = token_hex(8)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._hosts: Tally[str] = Tally()
        self._closing = False

    async def step(self) -> bool:
        """Begin to drain what is due and not drained yet."""
        free = MOST - len(self._running)
        if free <= 0:
            return False
        claimed = await queries.claim(
            self._database,
            self._worker,
            self._pace.lease,
            busy=list(self._running),
            full=[host for host, posts in self._hosts.items() if posts >= PER_HOST],
            per_host=PER_HOST,
            most=free,
        )
        for leased in claimed:
            if self._hosts[leased.host] >= PER_HOST:
                # Its turn comes when another one of this host is through.
                await queries.release(self._database, self._worker, [leased.id])
                continue
            self._hosts[leased.host] += 1
            self._running[leased.id] = asyncio.create_task(self._drain(leased))
        return False

    async def close(self) -> None:
        """Stop after the posts under way; what was not told is told by another worker or after the next start."""
        self._closing = True
        tasks, mine = list(self._running.values()), list(self._running)
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(Problem):
            await queries.release(self._database, self._worker, mine)

    async def _drain(self, leased: Leased) -> None:
        try:
            while numbers := await queries.pending(self._database, leased.id, _BATCH):
                for seq in numbers:
                    if not await self._tell(leased, seq):
                        return
                    if self._closing:
                        return
            await queries.release(self._database, self._worker, [leased.id])
        except Problem:
            pass  # the database is away; the lease ends by itself
        except Exception:
            log.exception("deliveries stopped, they go on when the lease ends", subscription=leased.id)
        finally:
            self._hosts[leased.host] -= 1
            if not self._hosts[leased.host]:
                del self._hosts[leased.host]
            self._running.pop(leased.id, None)

    async def _tell(self, leased: Leased, seq: int) -> bool:
        """Tell one event; whether to go on with the next."""
        event = await queries.event(self._database, seq, self._registry)
        if event is None:
            await queries.note_gone(self._database, leased.id, seq, N_("The event is kept no more"))
            return True
        content = body(event, self._public_url)
        headers = {
            "Content-Type": "application/json",
            "X-Correlation-ID": event.correlation_id,
            **signed(leased.secret, event.id, int(time.time()), content),
        }
        try:
            # The gateway has a time-out of its own; this one holds even if it does not.
            async with asyncio.timeout(self._pace.patience + 1):
                status = await self._listeners.post(
                    leased.callback, listener_name(event.type), content, headers
                )
        except (NotDelivered, TimeoutError) as trouble:
            await self._failed(leased, seq, trouble)
            return False
        return await queries.note_delivered(
            self._database, leased.id, seq, self._worker, status, self._pace.lease
        )

    async def _failed(self, leased: Leased, seq: int, trouble: NotDelivered | TimeoutError) -> None:
        refusal = trouble if isinstance(trouble, NotDelivered) else NotDelivered(N_("No answer in time"))
        failures = await queries.failures(self._database, leased.id) + 1
        # Jitter, so that what failed together does not come back together.
        pause = self._pace.pause(failures, random.random())  # noqa: S311  no secret is made of it
        given_up = await queries.note_failed(
            self._database,
            leased.id,
            seq,
            self._worker,
            pause=pause,
            status=refusal.status,
            reason=refusal.reason[:500],
            term=self._pace.term,
        )
        if given_up:
            log.warning("events were given up", subscription=leased.id, events=given_up, error=refusal.reason)
        elif failures == 1:
            log.warning("listener failed", subscription=leased.id, seq=seq, error=refusal.reason)
