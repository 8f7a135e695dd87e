"""Seeding: network, catalogue, clients and what they held are adopted in bulk, then the months of orders are played."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from abonent import main
from abonent.demo import catalogue, clients, crews, endings, money_back, network, pools
from abonent.demo.bulk_sale import bulk_sales
from abonent.demo.number_moves import number_moves
from abonent.demo.player import Course, Player
from abonent.demo.scale import FULL, Scale
from abonent.demo.stories import Story, Teller
from abonent.demo.visits import choose_slot, play_visits
from abonent.domain.billing import charging
from abonent.domain.catalog.resources import CATALOG
from abonent.domain.order_handling.lines import address_id
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.accounts import create_account
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Flip
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.query import Query
from abonent.kit.resource import Resource
from abonent.kit.values import from_wire, to_wire

Document = dict[str, Any]
# (what is done, how much of it, of how much in all)
Progress = Callable[[str, int, int], None]

SEED = 2026
# Written last: a folder that has it was seeded to the end.
MARK = {"id": "demo", "name": "Demo operator", "lifecycleStatus": "Active"}
# Name, password, role, name shown, language. They open nothing but the demo.
ACCOUNTS = (
    ("anna", "demo-anna", Role.AGENT, "Анна Соколова", "ru"),
    ("operator", "demo-operator", Role.AGENT, "Oliver Clarke", "en"),
    # One of the crews: his own day is /work-orders/mine.
    ("igor", "demo-igor", Role.ENGINEER, "Игорь Лазарев", "ru"),
    ("manager", "demo-manager", Role.MANAGER, "Marina Belova", "en"),
    ("admin", "demo-admin", Role.ADMIN, "Administrator", "en"),
)
CHANNELS = {
    True: {"id": "online", "name": "Online", "role": "salesChannel"},
    False: {"id": "contactCentre", "name": "Contact centre", "role": "salesChannel"},
}
_CHUNK = 2000
_BORN = {"product": "startDate", "service": "startDate"}


@dataclass(slots=True)
class Seeded:
    """What was put in: documents by resource, orders by state, and how many more came in bulk or bring a number."""

    documents: dict[str, int] = field(default_factory=dict)
    orders: Counter[str] = field(default_factory=Counter)
    in_bulk: int = 0
    moving: int = 0


class NotEmpty(Conflict):
    """The folder holds something else; the demo does not mix with it."""


async def seeded(ctx: Context) -> bool:
    """Whether the demo stands already. NotEmpty if there is other data, or a seeding that was interrupted."""
    if await ctx.store.find([(CATALOG, MARK["id"])]):
        return True
    for resource in main.REGISTRY:
        if resource.base and (await ctx.store.page(SYSTEM, resource, Query(limit=1))).rows:
            raise NotEmpty(
                "folderInUse",
                "The folder holds data that the demo did not put there, or a demo that was interrupted."
                " Name an empty folder with --data, or delete this one.",
            )
    return False


async def adopt_all(
    ctx: Context,
    documents: Iterable[tuple[Resource, Document]],
    progress: Callable[[int], None] = lambda done: None,
) -> Counter[str]:
    """Adopt documents as they are, in changes of a few thousand; how many of which resource."""
    counted: Counter[str] = Counter()
    waiting = iter(documents)
    while part := list(islice(waiting, _CHUNK)):
        change = ctx.change()
        for resource, document in part:
            counted[resource.name] += 1
            machine = resource.states
            if machine is None:
                change.adopt(resource, document)
                continue
            state, born = document[machine.attribute], document.get(_BORN.get(resource.name, ""))
            at = from_wire(born) if born else None
            first = Flip(resource.name, document["id"], machine.attribute, None, state, "adopted", at)
            change.adopt(resource, document, [first])
        await ctx.store.commit(change)
        progress(counted.total())
    return counted


async def seed(
    process: main.Process,
    number: int = SEED,
    scale: Scale = FULL,
    *,
    now: datetime | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Seeded:
    """Fill an empty database; the same number and moment give the same operator, with dates that end at `now`."""
    ctx = process.context
    now = (now or ctx.now()).replace(microsecond=0)
    wires = network.build(number, scale.nodes)
    people = clients.build(number, now, wires, scale)
    documents = [
        *catalogue.documents(),
        *wires.documents,
        *crews.documents(),
        *pools.documents(pools.many_for(scale)),
    ]
    documents += people.documents
    result = Seeded()
    adopted = await adopt_all(
        ctx, documents, lambda done: progress("clients, network, catalogue", done, len(documents))
    )
    result.documents = dict(adopted)
    player = Player(process, number, now - timedelta(days=scale.days), now, people.numbering)
    teller = Teller(number, now, wires, people, scale)
    draw = Random(f"endings|{number}")  # noqa: S311 - no secret hangs on it
    for placed, story in enumerate(teller.stories(), 1):
        result.orders[await _play(player, teller, story, draw)] += 1
        progress("months of orders", placed, max(placed, teller.expected))
    result.in_bulk = await bulk_sales(player, people, wires, now)
    result.moving = await number_moves(player, people, now)
    await player.store.close()
    await pools.bring_back(ctx, number, now)
    await money_back.pay_late(ctx, now)
    await charging.catch_up(ctx, played=True)
    for name, password, role, shown, language in ACCOUNTS:
        await create_account(
            ctx.store, name, password, role, display_name=shown, party=None, language=language
        )
    await process.database.settle()
    await adopt_all(ctx, [(CATALOG, MARK)])
    return result


async def _play(player: Player, teller: Teller, story: Story, draw: Random) -> str:
    """Place one story's order through the process and bring it to its end; its state then."""
    client = story.client
    order: Document = {
        "productOrderItem": story.items,
        "channel": [CHANNELS[story.online]],
        "relatedParty": [
            {
                "id": client.id,
                "name": client.document["name"],
                "role": "customer",
                "@referredType": "Customer",
            }
        ],
    }
    if story.description:
        order["description"] = story.description
    if story.note:
        author = client.document["name"] if story.online else endings.AGENT.name
        order["note"] = [{"author": author, "date": to_wire(story.at), "text": story.note}]
    caller = Caller(f"client:{client.id}", Role.CLIENT, client.id) if story.online else endings.AGENT
    player.clock.at = story.at
    if address_id(story.items[0]) in teller.reached:
        await choose_slot(player.context.for_caller(caller), client, story.items, draw)
    PRODUCT_ORDER.shape.check(order)
    placed = await player.place(caller, order, story.at, story.course)
    await play_visits(player, placed["id"], story.course)
    if story.then is None:
        await endings.resolve(player, placed["id"], draw, client.language)
        await play_visits(player, placed["id"], Course())
    elif story.then != "nothing":
        await endings.end(player, placed["id"], story.then)
    ended = player.clock.now()
    await player.forward(None)
    final = (await player.store.get(SYSTEM, PRODUCT_ORDER, placed["id"])).document
    teller.settle(story, placed["id"], final, ended)
    return final["state"]
