"""The orders of the demo's months: who ordered what, when, and how it went. Drawn from a seed, told in the order of
time; each is drawn when those before it have been played, from what the clients hold by then."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from abonent.demo import rhythm
from abonent.demo.catalogue import FIBRES
from abonent.demo.clients import DECLINED_ABOVE, Client, Clients
from abonent.demo.network import Network
from abonent.demo.player import Course
from abonent.demo.scale import Scale
from abonent.demo.wishes import Items, add, change, circuit, option, wish
from abonent.domain.order_handling.lines import leaves, offering_id, product_id
from abonent.domain.order_handling.products import product_number

Document = dict[str, Any]

BUSINESS_SHARE = 0.17
IN_WORK = 10
REASONS = (
    "the node does not answer",
    "no optical signal from the terminal",
    "the terminal's serial number is not known",
    "the configuration was refused by the node",
)
NOTES = {
    "ru": (
        "Позвонить перед приездом",
        "Домофон не работает",
        "Просит до конца недели",
        "Второй этаж, дверь слева",
    ),
    "en": ("Please call before coming", "Would like it by the weekend", "The door phone is broken"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One order. `then` is what a person or the client does afterwards (see demo/endings); None: what is usual."""

    at: datetime
    client: Client
    items: Items
    course: Course = field(default_factory=Course)
    then: str | None = None
    description: str | None = None
    note: str | None = None
    online: bool = False


class Teller:
    """Draws the stories. A client's next order waits until the one before it is over."""

    def __init__(self, seed: int, now: datetime, network: Network, clients: Clients, scale: Scale) -> None:
        self._draw = Random(f"stories|{seed}")  # noqa: S311 - no secret hangs on it
        self._now, self._network, self._scale = now, network, scale
        self._start = now - timedelta(days=scale.days)
        self._homes = clients.kind(business=False)
        self._businesses = clients.kind(business=True)
        self._new = sorted(
            (c for c in clients.by_id.values() if c.fresh), key=lambda c: c.since, reverse=True
        )
        self._free_from: dict[str, datetime] = {}
        # Addresses with a fast line: what is ordered there can be delivered.
        self.reached = frozenset(network.homes) | frozenset(network.offices)
        self.expected = round(scale.days * scale.a_day * scale.clients / 1000 * 0.87)

    def stories(self) -> Iterator[Story]:
        """All of them in the order of time. Call `settle` after each before taking the next."""
        special = sorted(self._special(), key=lambda story: story.at)
        return heapq.merge(self._usual(), special, key=lambda story: story.at)

    def settle(self, story: Story, number: str, order: Document, ended: datetime) -> None:
        """Note what became of a story: what the client holds now, and whether he may order again."""
        client = story.client
        client.busy = order["state"] not in {"completed", "rejected", "cancelled", "failed", "partial"}
        self._free_from[client.id] = ended + timedelta(hours=3)
        for item in leaves(order):
            if item.get("state") != "completed":
                continue
            offering, product = offering_id(item) or "", product_id(item)
            if item["action"] == "add":
                place = (item.get("product") or {}).get("place")
                client.held[offering] = {
                    "id": product_number(number, item["id"]),
                    "productOffering": {"id": offering},
                    **({"place": place} if place else {}),
                }
                continue
            known = next((o for o, held in client.held.items() if held["id"] == product), None)
            held = client.held.pop(known) if known else None
            if item["action"] == "modify" and held:
                client.held[offering] = held | {"productOffering": {"id": offering}}

    # ---- the many

    def _usual(self) -> Iterator[Story]:
        draw, scale = self._draw, self._scale
        a_day = scale.a_day * scale.clients / 1000
        for at, online in rhythm.moments(draw, self._start, self._now - timedelta(minutes=2), a_day):
            client = self._who(at)
            if client is None:
                continue
            items = wish(draw, client, self._network)
            if not items:
                continue
            note = draw.choice(NOTES[client.language]) if draw.random() < 0.06 else None
            yield Story(at, client, items, self._course(), note=note, online=online and client.online)

    def _who(self, at: datetime) -> Client | None:
        """Whoever became a client just now, else anybody who is not waiting for something already."""
        if self._new and self._new[-1].since < at:
            return self._new.pop()
        among = self._businesses if self._draw.random() < BUSINESS_SHARE else self._homes
        for _ in range(12):
            client = self._draw.choice(among)
            if not client.busy and client.since < at and self._free_from.get(client.id, at) <= at:
                return client
        return None

    def _course(self) -> Course:
        draw, share = self._draw, self._draw.random()
        if share < 0.03:
            return Course(
                refused_at=draw.choice(("activate", "activate", "line")), reason=draw.choice(REASONS)
            )
        if share < 0.045:
            return Course(failing_test=True)
        return Course(slowness=draw.uniform(1.8, 5.0) if share < 0.12 else draw.uniform(0.75, 1.0))

    # ---- the few that show what an operator must be able to deal with

    def _special(self) -> Iterator[Story]:
        yield from self._in_work()
        yield from self._stopped()
        yield from self._refused()
        yield from self._ended_early()

    def _take(self, among: list[Client], *holding: str, without: tuple[str, ...] = (), owing: bool = False,
              fresh: bool = False) -> Client:  # fmt: skip
        """A client of whom nothing else will be told."""
        fitting = [
            c
            for c in among
            if not c.busy
            and c.fresh is fresh
            and bool(c.owed) is owing
            and all(o in c.held for o in holding)
            and not c.held.keys() & set(without)
        ]
        client = self._draw.choice(fitting)
        client.busy = True
        if client.fresh:
            self._new.remove(client)
        return client

    def _new_business(self, least: float, most: float) -> tuple[datetime, Client]:
        """A moment about so many days back, and a business that had come lately by then. Where few have come, it is the
        first of them, soon after it came."""
        at, lately = self._ago(least, most), timedelta(days=25)
        fresh = [c for c in self._businesses if c.fresh and not c.busy and not c.owed]
        among = [c for c in fresh if at - lately < c.since < at]
        if not among:
            among = [min(fresh, key=lambda c: c.since)]
            at = among[0].since + timedelta(hours=2)
        return at, self._take(among, fresh=True)

    def _wired(self) -> list[Client]:
        return [c for c in self._homes if any(fibre in c.held for fibre in FIBRES)]

    def _ago(self, least: float, most: float) -> datetime:
        """A moment of working hours, about so many days back."""
        day = self._now - timedelta(days=self._draw.uniform(least, most))
        moment = rhythm.at_work(day)
        return moment if moment < self._now - timedelta(hours=3) else day - timedelta(hours=3)

    def _in_work(self) -> Iterator[Story]:
        """Orders the network has not finished: most will be in the next minutes, circuits in hours, two too late."""
        now = self._now
        for number in range(IN_WORK):
            if number % 3 == 2:
                client, silent_at = self._take(self._businesses, without=("l2vpn",)), "line"
                items = [circuit(self._draw, client, self._network)]
                at = now - timedelta(days=self._draw.uniform(0.55, 0.9))
                due = at + timedelta(days=1) * (1.4 if number == 8 else 0.97)
            else:
                late = number == IN_WORK - 1
                at = now - timedelta(minutes=95 if late else self._draw.randrange(1, 8))
                due = now + timedelta(minutes=180 if late else 2 + number)
                silent_at = "activate"
                if number % 3 == 1:
                    client = self._take(self._wired(), without=("tv",))
                    items = [option(client, "tv")]
                else:
                    client = self._take(self._homes, "fibre-100")
                    items = [change("1", "modify", client.held["fibre-100"], "fibre-300")]
            yield Story(at, client, items, Course(silent_at=silent_at, answer_due=due), "nothing")

    def _stopped(self) -> Iterator[Story]:
        """Held for arrears, for want of an offering, for a bad measure, for a node; pending for a payment."""
        for _ in range(2):
            small = [c for c in self._homes if c.owed <= DECLINED_ABOVE and "mobile" not in c.held]
            yield Story(
                self._ago(0.2, 2), self._take(small, owing=True), [add("1", "mobile")], then="nothing"
            )
        client = self._take(self._homes, "fibre-300")
        incomplete: Document = {"id": "1", "action": "add", "product": {"description": "something faster"}}
        words = "Asked for at the counter" if client.language == "en" else "Спрашивал в офисе"
        yield Story(self._ago(0.2, 1), client, [incomplete], then="nothing", description=words)
        client = self._take(self._homes, "fibre-100")
        faster = change("1", "modify", client.held["fibre-100"], "fibre-300")
        yield Story(self._ago(0.2, 1.5), client, [faster], Course(failing_test=True), "nothing")
        client = self._take(self._homes, "fibre-300", without=("voice",))
        refused = Course(refused_at="activate", reason=REASONS[0])
        yield Story(self._ago(0.2, 1), client, [option(client, "voice")], refused, "nothing")
        for _ in range(2):
            at, client = self._new_business(0.2, 1.2)
            yield Story(at, client, [circuit(self._draw, client, self._network)], then="nothing")

    def _refused(self) -> Iterator[Story]:
        """No fibre at the address, too slow there, arrears too high, two speeds at once."""
        without = tuple(FIBRES)
        for address in (self._network.unserved[0], self._network.slow[0]):
            client = self._take(self._homes, without=without)
            yield Story(self._ago(2, 8), client, [add("1", "fibre-1000", address)])
        deep = [c for c in self._homes if c.owed > DECLINED_ABOVE]
        if deep:
            yield Story(self._ago(2, 8), self._take(deep, owing=True), [add("1", "mobile")])
        client = self._take(self._homes, "fibre-300")
        yield Story(self._ago(2, 8), client, [add("1", "fibre-100", client.sites[0])])

    def _ended_early(self) -> Iterator[Story]:
        """Failed, partial, one called off before it began, and two whose cancellation is under way."""
        at, client = self._new_business(1.5, 6)
        yield Story(at, client, [circuit(self._draw, client, self._network)], then="cancelled")
        for _ in range(2):
            client = self._take(self._homes, "fibre-100")
            item = change("1", "modify", client.held["fibre-100"], "fibre-300")
            yield Story(self._ago(4, 25), client, [item], Course(silent_at="activate"), "failed")
        for _ in range(2):
            client = self._take(self._wired(), without=("voice", "mobile"))
            items = [add("1", "mobile"), option(client, "voice", "2")]
            yield Story(self._ago(4, 25), client, items, Course(silent_at="2.activate"), "partial")
        for ending in ("assessingCancellation", "pendingCancellation"):
            client = self._take(self._businesses, without=("l2vpn",))
            items = [circuit(self._draw, client, self._network)]
            yield Story(self._ago(0.3, 0.8), client, items, Course(silent_at="line"), ending)
