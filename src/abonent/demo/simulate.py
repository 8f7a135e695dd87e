"""Orders by the hundred, for the clients that are there: something each of them could really want.

The same seed means the same external ids, so running it again adds nothing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from abonent.demo import catalogue, network, pools
from abonent.demo.catalogue import BY_ID, FIBRES
from abonent.demo.seed import adopt_all
from abonent.demo.wishes import add, change
from abonent.domain.inventory.reservation_resources import RESOURCE_POOL
from abonent.domain.inventory.resources import ACCESS_COVERAGE
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.queries import held_products
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.kit.errors import IllegalMove, Problem
from abonent.kit.query import Query
from abonent.kit.shapes import decode
from abonent.kit.values import to_wire

Document = dict[str, Any]
Place = Callable[[Document], Awaitable[Document]]

CALLER = "simulator"
AT_ONCE = 8
OPTIONS = ("tv", "wifi", "voice")
# States in which nothing happens any more without a person.
RESTING = PRODUCT_ORDER.states.final | {"held", "pending"} if PRODUCT_ORDER.states else frozenset()


class NobodyToOrder(IllegalMove):
    """There are no clients to place orders for."""


@dataclass(slots=True)
class Outcome:
    """What became of a simulation.

    placed    ids of the orders, new and known
    known     how many of them an earlier run with this seed had placed
    refused   why orders were not accepted
    added     documents that were missing and were put in first, by resource
    """

    placed: list[str] = field(default_factory=list)
    known: int = 0
    refused: list[str] = field(default_factory=list)
    added: dict[str, int] = field(default_factory=dict)


async def ensure_operator(ctx: Context, seed: int, count: int) -> dict[str, int]:
    """Put in the demo's catalogue, and its network if there is no coverage at all; what was added."""
    wanted = catalogue.documents(crews=False)
    found = await ctx.store.find((resource, document["id"]) for resource, document in wanted)
    absent = [(r, d) for r, d in wanted if (r.name, d["id"]) not in found]
    if not (await ctx.store.page(SYSTEM, ACCESS_COVERAGE, Query(limit=1))).rows:
        absent += network.build(seed, network.nodes_for(count)).documents
    if not (await ctx.store.page(SYSTEM, RESOURCE_POOL, Query(limit=1))).rows:
        absent += pools.documents(max(count, pools.LEAST))
    return dict(await adopt_all(ctx, absent))


async def simulate(
    ctx: Context, count: int, seed: int, place: Place, progress: Callable[[int], None] = lambda done: None
) -> Outcome:
    """Place `count` orders through `place`, which takes a TMF622 create and returns the order. NobodyToOrder."""
    clients = await _ids(ctx)
    if not clients:
        raise NobodyToOrder(
            "noClients", "There are no clients. Import some (abonent import clients), or try abonent demo."
        )
    outcome = Outcome(added=await ensure_operator(ctx, seed, count))
    addresses = await _addresses(ctx)
    draw = Random(f"simulate|{seed}")  # noqa: S311 - no secret hangs on it
    chosen = draw.sample(clients, count) if count <= len(clients) else draw.choices(clients, k=count)
    began = to_wire(ctx.now())
    # Orders of one client one after the other: each is made of what he holds then.
    numbered: dict[str, list[int]] = {}
    for number, client in enumerate(chosen, 1):
        numbered.setdefault(client, []).append(number)
    gate = asyncio.Semaphore(AT_ONCE)

    async def serve(client: str, numbers: list[int]) -> None:
        async with gate:
            for number in numbers:
                await _one(ctx, outcome, client, number, seed, addresses, place, began)
                progress(1)

    async with asyncio.TaskGroup() as group:
        for client, numbers in numbered.items():
            group.create_task(serve(client, numbers))
    return outcome


async def _one(
    ctx: Context,
    outcome: Outcome,
    client: str,
    number: int,
    seed: int,
    addresses: list[str],
    place: Place,
    began: str,
) -> None:
    draw = Random(f"simulate|{seed}|{number}")  # noqa: S311 - no secret hangs on it
    held = [p for p in await held_products(ctx.store, client) if p.get("status") == "active"]
    order = {
        "externalId": f"simulated-{seed}-{number}",
        "category": "simulated",
        "relatedParty": [{"id": client, "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": items_for(held, addresses, draw),
    }
    try:
        placed = await place(order)
    except Problem as refused:
        outcome.refused.append(f"{order['externalId']} for {client}: {refused}")
        return
    outcome.placed.append(placed["id"])
    outcome.known += placed["orderDate"] < began


def items_for(held: list[Document], addresses: list[str], draw: Random) -> list[Document]:
    """Order items that suit a client who holds these products. Pure but for `draw`."""
    by_offering = {(p.get("productOffering") or {}).get("id"): p for p in held}
    fibre = next((id for id in FIBRES if id in by_offering), None)
    share = draw.random()
    if fibre is not None:
        return _with_fibre(fibre, by_offering, share, draw)
    others = [p for offering, p in by_offering.items() if offering not in BY_ID]
    if others and share < 0.15:
        item = change("1", "modify", draw.choice(others))
        item["product"]["productCharacteristic"] = [{"name": "invoiceDetail", "value": "full"}]
        return [item]
    if others and share < 0.25:
        return [change("1", "delete", others[-1])]
    if share < 0.4 and "mobile" not in by_offering:
        return [add("1", "mobile")]
    address = draw.choice(addresses)
    if share < 0.55:
        return [add("1", "home-bundle", address)]
    line = add("1", draw.choice(FIBRES), address)
    if share < 0.75:
        return [line]
    relies = [{"id": "1", "relationshipType": "reliesOn"}]
    return [line, add("2", draw.choice(OPTIONS), address, productOrderItemRelationship=relies)]


def _with_fibre(
    fibre: str, by_offering: dict[str | None, Document], share: float, draw: Random
) -> list[Document]:
    place = (by_offering[fibre].get("place") or [{}])[0].get("id")
    wanted = [option for option in OPTIONS if option not in by_offering]
    given = [option for option in OPTIONS if option in by_offering]
    if wanted and share < 0.5:
        return [add("1", draw.choice(wanted), place)]
    if given and share < 0.7:
        return [change("1", "delete", by_offering[draw.choice(given)])]
    faster = draw.choice([id for id in FIBRES if id != fibre])
    return [change("1", "modify", by_offering[fibre], faster)]


async def _ids(ctx: Context) -> list[str]:
    """All clients, in an order that does not depend on when they came."""
    ids: list[str] = []
    async for batch in ctx.store.stream(SYSTEM, CUSTOMER_, Query()):
        ids += [id for _, id in batch.rows]
    return sorted(ids)


async def _addresses(ctx: Context) -> list[str]:
    """Addresses with a fibre line fast enough for every offering."""
    fastest = max(BY_ID[id].mbps for id in FIBRES)
    found: set[str] = set()
    async for batch in ctx.store.stream(SYSTEM, ACCESS_COVERAGE, Query()):
        for text, _ in batch.rows:
            coverage = decode(text.encode())
            if coverage["technology"] == "GPON" and coverage["downstreamMbps"] >= fastest:
                found.add(coverage["geographicAddress"]["id"])
    if not found:
        raise NobodyToOrder(
            "noFibre", "No address has fibre of {mbps} Mbit/s; nothing could be ordered there.", mbps=fastest
        )
    return sorted(found)


async def wait_for(
    ctx: Context,
    ids: Iterable[str],
    *,
    patience: float,
    progress: Callable[[int], None] = lambda rested: None,
) -> Counter[str]:
    """Wait until every order rests (is over, held or pending), at most `patience` seconds without any of them
    coming to rest; orders by state."""
    open_ids, states = list(dict.fromkeys(ids)), dict[str, str]()
    deadline = time.monotonic() + patience
    while open_ids:
        waiting, rested = iter(open_ids), 0
        while part := list(islice(waiting, 500)):
            found = await ctx.store.find((PRODUCT_ORDER, id) for id in part)
            states |= {id: str(stored.state) for (_, id), stored in found.items()}
        left = [id for id in open_ids if states.get(id) not in RESTING]
        rested, open_ids = len(open_ids) - len(left), left
        progress(rested)
        if rested:
            deadline = time.monotonic() + patience
        elif time.monotonic() > deadline:
            break
        if open_ids:
            await asyncio.sleep(0.3)
    return Counter(states.values())
