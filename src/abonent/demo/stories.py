"""The orders of the demo's last weeks: who ordered what, when, and what became of it. Data drawn from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from abonent.demo.catalogue import BY_ID, FIBRES
from abonent.demo.clients import Clients
from abonent.demo.network import Network
from abonent.demo.player import Course

Document = dict[str, Any]

COMPLETED, IN_WORK = 34, 10


@dataclass(frozen=True, slots=True)
class Story:
    """One order. `then` is what a person or the client does afterwards (see demo/endings)."""

    at: datetime
    client: str
    items: list[Document]
    course: Course = field(default_factory=Course)
    then: str | None = None
    description: str | None = None


def add(id: str, offering: str, address: str | None = None, **more: Any) -> Document:
    """An order item that adds an offering."""
    product: Document = {}
    if address:
        product["place"] = [
            {"id": address, "role": "installationAddress", "@referredType": "GeographicAddress"}
        ]
    return {
        "id": id,
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": offering, "name": BY_ID[offering].name},
        "product": product,
        **more,
    }


def change(id: str, action: str, product: Document, offering: str | None = None) -> Document:
    """An order item that modifies or deletes a product; `offering` is what it becomes."""
    made: Document = {"id": id, "action": action, "product": {"id": product["id"]}}
    named = offering or (product.get("productOffering") or {}).get("id")
    if named:
        name = BY_ID[named].name if named in BY_ID else (product.get("name") or named)
        made["productOffering"] = {"id": named, "name": name}
    return made


class Teller:
    """Draws the stories. No client is told of twice, so that no order disturbs another."""

    def __init__(self, seed: int, now: datetime, network: Network, clients: Clients) -> None:
        self._draw = Random(f"stories|{seed}")  # noqa: S311 - no secret hangs on it
        self._now, self._network, self._clients = now, network, clients
        self._told: set[str] = set()

    def stories(self) -> list[Story]:
        """All of them in the order of time."""
        told = [
            *self._finished(),
            *self._in_work(),
            *self._stopped(),
            *self._refused(),
            *self._ended_early(),
        ]
        return sorted(told, key=lambda story: story.at)

    def _take(self, candidates: list[str]) -> str:
        client = self._draw.choice([id for id in candidates if id not in self._told])
        self._told.add(client)
        return client

    def _ago(self, least: float, most: float) -> datetime:
        """A moment of a working day, so many days back."""
        day = self._now - timedelta(days=self._draw.uniform(least, most))
        moment = day.replace(hour=self._draw.randrange(6, 16), minute=self._draw.randrange(60), second=17)
        return moment if moment < self._now - timedelta(hours=3) else moment - timedelta(days=1)

    def _finished(self) -> Iterator[Story]:
        for number in range(COMPLETED):
            slowness = 1.8 if number % 9 == 4 else 0.9
            client, items = self._usual(number)
            yield Story(self._ago(3, 40), client, items, Course(slowness=slowness))

    def _usual(self, number: int) -> tuple[str, list[Document]]:
        """What homes order, in turn: a line, an option, another speed, the end of an option, a bundle."""
        clients, kind = self._clients, number % 6
        if kind == 0:
            client = self._take(clients.quiet(without=FIBRES))
            return client, [add("1", self._draw.choice(FIBRES), clients.address[client])]
        if kind == 1:
            client = self._take(clients.quiet(holding="fibre-100", without=("tv",)))
            return client, [add("1", "tv", clients.address[client])]
        if kind == 2:
            client = self._take(clients.quiet(holding="fibre-100"))
            return client, [change("1", "modify", clients.held[client]["fibre-100"], "fibre-300")]
        if kind == 3:
            client = self._take(clients.quiet(holding="wifi"))
            return client, [change("1", "delete", clients.held[client]["wifi"])]
        if kind == 4:
            client = self._take(clients.quiet(holding="fibre-300", without=("wifi", "voice")))
            address = clients.address[client]
            return client, [add("1", "wifi", address), add("2", "voice", address)]
        client = self._take(clients.quiet(without=(*FIBRES, "tv", "wifi")))
        return client, [add("1", "home-bundle", clients.address[client])]

    def _in_work(self) -> Iterator[Story]:
        """Orders the network has not finished: most will be in the next minutes, circuits in hours, two too late."""
        now, quiet = self._now, self._clients.quiet
        for number in range(IN_WORK):
            if number % 3 == 2:
                client, items, silent_at = self._take(self._companies(fresh=False)), [self._circuit()], "line"
                at = self._ago(1.1, 1.8)
                due = at + timedelta(days=2) * (1.4 if number == 8 else 0.97)
            else:
                late = number == IN_WORK - 1
                at = now - timedelta(minutes=95 if late else self._draw.randrange(1, 8))
                due = now + timedelta(minutes=180 if late else 2 + number)
                silent_at = "activate"
                if number % 3 == 1:
                    client = self._take(quiet(holding="fibre-1000", without=("tv",)))
                    items = [add("1", "tv", self._clients.address[client])]
                else:
                    client = self._take(quiet(holding="fibre-100"))
                    items = [change("1", "modify", self._clients.held[client]["fibre-100"], "fibre-1000")]
            yield Story(at, client, items, Course(silent_at=silent_at, answer_due=due))

    def _circuit(self) -> Document:
        """An L2VPN to a second site of a business."""
        return add("1", "l2vpn", self._draw.choice(self._network.ethernet))

    def _companies(self, *, fresh: bool) -> list[str]:
        """Businesses without arrears; `fresh`: clients of the last weeks, who pay large charges in advance."""
        clients = self._clients
        return [c for c in clients.businesses if c not in clients.owing and (c in clients.fresh) == fresh]

    def _stopped(self) -> Iterator[Story]:
        """Held for arrears, for want of an address, for a bad measure, for a node; pending for a payment."""
        clients = self._clients
        small = [id for id, owed in clients.owing.items() if owed <= 5000]
        for _ in range(2):
            client = self._take(small)
            yield Story(self._ago(0.4, 2), client, [add("1", "mobile")])
        client = self._take(clients.quiet(holding="fibre-300"))
        incomplete: Document = {"id": "1", "action": "add", "product": {"description": "something faster"}}
        yield Story(self._ago(0.3, 1), client, [incomplete], description="Asked for at the counter")
        client = self._take(clients.quiet(holding="fibre-100"))
        faster = change("1", "modify", clients.held[client]["fibre-100"], "fibre-1000")
        yield Story(self._ago(0.4, 1.5), client, [faster], Course(failing_test=True))
        client = self._take(clients.quiet(holding="fibre-300", without=("voice",)))
        yield Story(
            self._ago(0.2, 1),
            client,
            [add("1", "voice", clients.address[client])],
            Course(refused_at="activate", reason="no free number in this numbering area"),
        )
        for _ in range(2):
            client = self._take(self._companies(fresh=True))
            yield Story(self._ago(0.2, 1.5), client, [self._circuit()])

    def _refused(self) -> Iterator[Story]:
        """Rejected: out of reach, too slow, too much owed; a second line that cannot stand beside the first."""
        clients = self._clients
        for address in (*self._network.unserved[:2], self._network.slow[0]):
            client = self._take(clients.quiet(without=FIBRES))
            yield Story(self._ago(2, 30), client, [add("1", "fibre-300", address)])
        client = self._take([id for id, owed in clients.owing.items() if owed > 5000])
        yield Story(self._ago(4, 20), client, [add("1", "mobile")])
        client = self._take(clients.quiet(holding="fibre-300"))
        yield Story(self._ago(4, 20), client, [add("1", "fibre-100", clients.address[client])])

    def _ended_early(self) -> Iterator[Story]:
        """Cancelled, failed, partial, and two whose cancellation is under way."""
        clients = self._clients
        for _ in range(2):
            client = self._take(self._companies(fresh=True))
            yield Story(self._ago(4, 6), client, [self._circuit()], then="cancelled")
        for ending in ("failed", "failed"):
            client = self._take(clients.quiet(holding="fibre-100"))
            item = change("1", "modify", clients.held[client]["fibre-100"], "fibre-300")
            yield Story(self._ago(6, 25), client, [item], Course(silent_at="activate"), ending)
        for ending in ("partial", "partial"):
            client = self._take(clients.quiet(holding="fibre-100", without=("voice", "wifi")))
            address = clients.address[client]
            items = [add("1", "mobile"), add("2", "voice", address)]
            course = Course(silent_at="2.activate")
            yield Story(self._ago(5, 25), client, items, course, ending)
        for ending in ("assessingCancellation", "pendingCancellation"):
            client = self._take(self._companies(fresh=False))
            items = [self._circuit()]
            yield Story(self._ago(0.6, 1.5), client, items, Course(silent_at="line"), ending)
