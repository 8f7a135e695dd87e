"""A demo that goes on living: clients order in their rhythm, crews make their visits, people take up what is held.
All of it happens by the domain's clock, which runs faster than the machine's."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import structlog

from abonent import main
from abonent.demo import clients, endings, network, rhythm
from abonent.demo.scale import FULL, Scale
from abonent.demo.seed import CHANNELS, SEED
from abonent.demo.visits import DISPATCHER, attempts, crew_of, end_visit, rebook_first, visit_of
from abonent.demo.wishes import wish
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import is_organization
from abonent.domain.qualification.queries import held_products
from abonent.domain.workforce import documents as visits
from abonent.domain.workforce import queries as visits_due
from abonent.domain.workforce import work
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Stored
from abonent.kit.errors import Problem
from abonent.kit.query import Query
from abonent.kit.query_parse import parse_query
from abonent.kit.resource import Resource
from abonent.kit.values import from_wire

Document = dict[str, Any]

TICK = 0.5
RATE = 60.0
# One order in so many comes from somebody who becomes a client with it.
NEWCOMERS = 8
# How far back a visit may have been due that nobody made: the demo was stopped meanwhile.
_VISITS_BACK = timedelta(days=3)
# Faster than so much a tick it does not go; what the clock passed over is left out.
_LONGEST = timedelta(hours=6)
log = structlog.get_logger("demo")


class Life:
    """What happens from one moment to the next. The past is read from the database at the start."""

    def __init__(self, process: main.Process, scale: Scale = FULL, seed: int = SEED) -> None:
        self._ctx, self._scale = process.context, scale
        self._draw = Random(f"life|{seed}|{self._ctx.now().isoformat()}")  # noqa: S311 - no secret hangs on it
        self._network = network.build(seed, scale.nodes)
        self._clients: list[str] = []
        self._at = self._ctx.now()

    async def begin(self) -> None:
        """Learn who the clients are."""
        async for batch in self._ctx.store.stream(SYSTEM, CUSTOMER_, Query()):
            self._clients += [id for _, id in batch.rows]

    async def tick(self) -> None:
        """Let happen what happened since the last tick. One thing that goes wrong does not stop the others."""
        now = self._ctx.now()
        passed, self._at = min(now - self._at, _LONGEST), now
        if passed <= timedelta(0):
            return
        a_day = self._scale.a_day * self._scale.clients / 1000
        expected = rhythm.per_second(now, a_day) * passed.total_seconds()
        whole, part = divmod(expected, 1.0)
        for _ in range(int(whole) + (self._draw.random() < part)):
            await self._quietly("order", self._order(now))
        await self._quietly("visits", self._visits(now))
        if rhythm.in_hours(now):
            await self._quietly("held orders", self._held(passed))

    async def _quietly(self, what: str, step: Any) -> None:
        try:
            await step
        except Problem as refused:
            log.info("it did not come about", what=what, reason=str(refused))

    # ---- clients

    async def _order(self, now: datetime) -> None:
        online = self._draw.random() < rhythm.ONLINE_SHARE
        newcomer = self._draw.randrange(NEWCOMERS) == 0
        client = await self._newcomer(now) if newcomer else await self._somebody()
        items = wish(self._draw, client, self._network) if client else []
        if client is None or not items:
            return
        order: Document = {
            "productOrderItem": items,
            "channel": [CHANNELS[online]],
            "relatedParty": [
                {
                    "id": client.id,
                    "name": client.document["name"],
                    "role": "customer",
                    "@referredType": "Customer",
                }
            ],
        }
        caller = Caller(f"client:{client.id}", Role.CLIENT, client.id) if online else endings.AGENT
        PRODUCT_ORDER.shape.check(order)
        await place_order(self._ctx.for_caller(caller), order)

    async def _somebody(self) -> clients.Client | None:
        """A client drawn at random with what he holds; None while he waits for something else."""
        id = self._draw.choice(self._clients)
        stored = await self._ctx.store.get(SYSTEM, CUSTOMER_, id)
        if await self._some(PRODUCT_ORDER, ("relatedParty.id", id), ("state", ",".join(_WAITING)), limit=1):
            return None
        products = await held_products(self._ctx.store, id)
        held = {(p.get("productOffering") or {}).get("id"): p for p in products if p["status"] == "active"}
        business = is_organization(stored.document)
        places = [place["id"] for product in products for place in product.get("place") or ()]
        site = (
            places[0]
            if places
            else self._draw.choice(self._network.offices if business else self._network.homes)
        )
        since = from_wire(stored.document["validFor"]["startDateTime"])
        return clients.Client(
            stored.document,
            list(dict.fromkeys(places or [site])),
            since,
            business=business,
            language=_language(stored.document),
            held={offering: product for offering, product in held.items() if offering},
        )

    async def _newcomer(self, now: datetime) -> clients.Client:
        """Somebody who becomes a client now."""
        made = clients.Clients()
        id = await self._ctx.store.next_id(CUSTOMER_)
        client = clients.newcomer(made, id, self._draw, now, self._draw.choice(self._network.homes))
        change = self._ctx.for_caller(endings.AGENT).change()
        for resource, document in made.documents:
            change.insert(resource, document)
        await self._ctx.store.commit(change)
        self._clients.append(id)
        return client

    # ---- crews and the people in the office

    async def _visits(self, now: datetime) -> None:
        for appointment in await visits_due.visits_between(self._ctx.store, now - _VISITS_BACK, now):
            number = visits.related(appointment, "workOrder")
            if number is None or appointment["status"] not in {"initialized", "confirmed"}:
                continue
            stored = await self._ctx.store.one(WORK_ORDER, number)
            if stored is not None:
                await self._quietly("visit", self._visit(stored, now))
        if rhythm.in_hours(now):
            for waiting in await self._some(WORK_ORDER, ("state", "pending"), limit=20):
                await self._quietly(
                    "new slot", rebook_first(self._ctx.for_caller(DISPATCHER), waiting.document)
                )

    async def _visit(self, stored: Stored, now: datetime) -> None:
        document = stored.document
        visit, ctx = visit_of(document, attempts(document)), self._ctx.for_caller(crew_of(document))
        if stored.state == "acknowledged":
            if from_wire(document["requestedStartDate"]) + timedelta(minutes=visit.late) > now:
                return
            if visit.outcome == "absent":
                await work.client_absent(ctx, stored.id)
            else:
                await work.start_work(ctx, stored.id)
            return
        if (
            stored.state == "inProgress"
            and from_wire(document["startDate"]) + timedelta(minutes=visit.takes) <= now
        ):
            await end_visit(ctx, stored.id, visit)

    async def _held(self, passed: timedelta) -> None:
        """Each held or pending order is taken up as often as in the past."""
        share = passed.total_seconds() / 3600 / endings.HOURS
        for stored in await self._some(PRODUCT_ORDER, ("state", "held,pending"), limit=100):
            if self._draw.random() < share:
                agent = self._ctx.for_caller(self._draw.choice(endings.AGENTS))
                await self._quietly("held order", endings.decide(agent, stored, self._draw, "ru"))

    async def _some(self, resource: Resource, *conditions: tuple[str, str], limit: int) -> list[Stored]:
        query = parse_query([*conditions, ("limit", str(limit))], resource.shape, resource.columns)
        rows = (await self._ctx.store.page(SYSTEM, resource, query)).rows
        found = await self._ctx.store.find((resource, id) for _, id in rows)
        return list(found.values())


_WAITING = ("acknowledged", "inProgress", "pending", "held", "assessingCancellation", "pendingCancellation")


def _language(customer: Document) -> str:
    said = [c["value"] for c in customer.get("characteristic") or () if c["name"] == "language"]
    return said[0] if said else "en"


async def live(
    process: main.Process, stop: asyncio.Event, *, rate: float = RATE, scale: Scale = FULL
) -> None:
    """Live until `stop`, at `rate` times the speed of the machine's clock; then the clock goes at its usual pace.

    The domain's clock goes on from where it stood: nothing happens while nobody is there to let it happen.
    """
    clock = process.context.clock
    async with process.database.connection() as conn:
        await clock.pace(conn, rate)
    life = Life(process, scale)
    await life.begin()
    kept = asyncio.get_running_loop().time()
    try:
        while not stop.is_set():
            await life.tick()
            if asyncio.get_running_loop().time() - kept > clock.KEPT_EVERY:
                # A process that is killed leaves behind when it was seen last.
                async with process.database.connection() as conn:
                    await clock.pace(conn, rate)
                kept = asyncio.get_running_loop().time()
            await _pause(stop, TICK)
    finally:
        async with process.database.connection() as conn:
            await clock.pace(conn, 1.0)


async def unsettle(network_url: str, stop: asyncio.Event) -> None:
    """Let the simulated network take a moment for its work and fail now and then, once it is there."""
    behaviour = {"latencyMin": 1.0, "latencyMax": 5.0, "failRate": 0.03, "testFailRate": 0.02}
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while not stop.is_set():
            try:
                async with session.patch(f"{network_url}/simulator/behaviour", json=behaviour) as answer:
                    answer.raise_for_status()
                return
            except (aiohttp.ClientError, TimeoutError):
                await _pause(stop, 1.0)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
