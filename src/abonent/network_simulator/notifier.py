"""The hub: who wants to hear of order states, and the delivery of notifications over HTTP.

A fixed number of senders empties one queue. What waits for its time (late ones, further attempts) waits as a
timer, not as a task; above CAPACITY notifications are dropped and counted.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec

from abonent.network_simulator.behaviour import Behaviour, Delivery
from abonent.network_simulator.kept import RefusalError, Timers

SENDERS = 24
CAPACITY = 50_000
SUBSCRIPTIONS = 100
SECOND_COPY = 0.1
"""Seconds between a notification and its second copy."""


class Subscription(msgspec.Struct, frozen=True, omit_defaults=True):
    """TMF641 EventSubscription."""

    id: str
    callback: str
    query: str | None = None

    def wants(self, event_type: str) -> bool:
        """True unless the query names other event types (`eventType=A,B`)."""
        names = parse_qs(self.query or "").get("eventType")
        return not names or event_type in ",".join(names).split(",")


@dataclass(slots=True)
class Sending:
    """One notification on its way to one subscriber; `left` counts attempts, `pause` is the next wait."""

    url: str
    body: bytes
    correlation: str | None
    left: int
    pause: float


def check_callback(callback: str) -> None:
    """RefusalError 400 unless it is an absolute http or https address without user, password or fragment."""
    if not _is_web_address(callback):
        raise RefusalError(400, "callbackInvalid", "callback must be an absolute http or https address")


def _is_web_address(text: str) -> bool:
    if len(text) > 2048 or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        has_place = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and has_place and "@" not in parts.netloc and not parts.fragment


class Notifier:
    """Keeps subscriptions and delivers. `open` and `close` run in the loop that serves."""

    def __init__(self, totals: Counter[str]) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self._totals = totals
        self._timers = Timers(CAPACITY)
        self._queue: asyncio.Queue[Sending] = asyncio.Queue(CAPACITY)
        self._senders: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Start the senders."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SENDERS, keepalive_timeout=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=10, sock_connect=3),
        )
        self._senders = [asyncio.create_task(self._send_all(self._session)) for _ in range(SENDERS)]

    async def close(self) -> None:
        """Stop; what has not been delivered is lost."""
        self._timers.close()
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def waiting(self) -> int:
        """Notifications not delivered yet and not given up."""
        return self._queue.qsize() + len(self._timers)

    def subscribe(self, callback: str, query: str | None) -> Subscription:
        """A new subscription, or the one that callback and query have already."""
        check_callback(callback)
        callback = callback.rstrip("/")
        id = sha256(f"{callback}|{query or ''}".encode()).hexdigest()[:32]
        if id not in self.subscriptions:
            if len(self.subscriptions) >= SUBSCRIPTIONS:
                raise RefusalError(
                    409, "tooManySubscriptions", f"at most {SUBSCRIPTIONS} subscriptions are kept"
                )
            self.subscriptions[id] = Subscription(id, callback, query)
        return self.subscriptions[id]

    def unsubscribe(self, id: str) -> None:
        """Forget a subscription, or RefusalError 404."""
        if self.subscriptions.pop(id, None) is None:
            raise RefusalError(404, "notFound", f"there is no subscription {id}")

    def publish(
        self, event_type: str, body: bytes, correlation: str | None, delivery: Delivery, behaviour: Behaviour
    ) -> None:
        """Send to every subscriber as `delivery` says. Never waits."""
        if delivery.lost:
            self._totals["notificationsLost"] += 1
            return
        name = event_type[0].lower() + event_type[1:]
        for subscription in self.subscriptions.values():
            if not subscription.wants(event_type):
                continue
            url = f"{subscription.callback}/listener/{name}"
            copies = (delivery.late, delivery.late + SECOND_COPY) if delivery.twice else (delivery.late,)
            for seconds in copies:
                self._totals["notifications"] += 1
                attempts, pause = behaviour.delivery_attempts, behaviour.delivery_backoff
                self._enqueue_in(seconds, Sending(url, body, correlation, attempts, pause))

    def _enqueue_in(self, seconds: float, sending: Sending) -> None:
        if seconds <= 0:
            self._enqueue(sending)
        elif self._timers.full:
            self._totals["notificationsDropped"] += 1
        else:
            self._timers.later(seconds, self._enqueue, sending)

    def _enqueue(self, sending: Sending) -> None:
        try:
            self._queue.put_nowait(sending)
        except asyncio.QueueFull:
            self._totals["notificationsDropped"] += 1

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        while True:
            sending = await self._queue.get()
            if await self._send(session, sending):
                self._totals["notificationsDelivered"] += 1
                continue
            sending.left -= 1
            if sending.left == 0:
                self._totals["notificationsGivenUp"] += 1
                continue
            self._totals["notificationsRetried"] += 1
            self._enqueue_in(sending.pause, sending)
            sending.pause *= 2

    async def _send(self, session: aiohttp.ClientSession, sending: Sending) -> bool:
        headers = {"Content-Type": "application/json"}
        if sending.correlation:
            headers["X-Correlation-ID"] = sending.correlation
        try:
            async with session.post(
                sending.url, data=sending.body, headers=headers, allow_redirects=False
            ) as response:
                return 200 <= response.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            # ValueError: an address that parses and still cannot be requested.
            return False
