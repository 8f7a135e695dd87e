"""Seeding: network, catalogue and clients are adopted in bulk, then the last weeks' orders are played."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from abonent import main
from abonent.demo import catalogue, clients, endings, network
from abonent.demo.player import Player
from abonent.demo.stories import Story, Teller
from abonent.domain.catalog.resources import CATALOG
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.accounts import create_account
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Flip
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.query import Query
from abonent.kit.resource import Resource

Document = dict[str, Any]

SEED = 2026
# Written last: a folder that has it was seeded to the end.
MARK = {"id": "demo", "name": "Demo operator", "lifecycleStatus": "Active"}
# Name, password, role, name shown, language. They open nothing but the demo.
ACCOUNTS = (
    ("anna", "demo-anna", Role.AGENT, "Анна Соколова", "ru"),
    ("operator", "demo-operator", Role.AGENT, "Oliver Clarke", "en"),
    ("admin", "demo-admin", Role.ADMIN, "Administrator", "en"),
)
_CHUNK = 2000


@dataclass(slots=True)
class Seeded:
    """What was put in: documents by resource, orders by state."""

    documents: dict[str, int] = field(default_factory=dict)
    orders: Counter[str] = field(default_factory=Counter)


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


async def adopt_all(ctx: Context, documents: Iterable[tuple[Resource, Document]]) -> Counter[str]:
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
            state = document[machine.attribute]
            first = Flip(resource.name, document["id"], machine.attribute, None, state, "adopted")
            change.adopt(resource, document, [first])
        await ctx.store.commit(change)
    return counted


async def seed(process: main.Process, number: int = SEED) -> Seeded:
    """Fill an empty database; the same number gives the same operator, with dates that end now."""
    ctx = process.context
    now = ctx.now().replace(microsecond=0)
    wires = network.build(number)
    people = clients.build(number, now, wires)
    result = Seeded()
    documents = [*catalogue.documents(), *wires.documents, *people.documents]
    result.documents = dict(await adopt_all(ctx, documents))
    player = Player(process, number, now - timedelta(days=41))
    placed = []
    for story in Teller(number, now, wires, people).stories():
        placed.append(await _play(player, story, people))
    found = await ctx.store.find((PRODUCT_ORDER, id) for id in placed)
    result.orders = Counter(str(stored.state) for stored in found.values())
    for name, password, role, shown, language in ACCOUNTS:
        await create_account(
            ctx.store, name, password, role, display_name=shown, party=None, language=language
        )
    await adopt_all(ctx, [(CATALOG, MARK)])
    return result


async def _play(player: Player, story: Story, people: clients.Clients) -> str:
    """Place one story's order through the process and bring it to its end; its number."""
    client = people.customer[story.client]
    order: Document = {
        "productOrderItem": story.items,
        "relatedParty": [
            {"id": client["id"], "name": client["name"], "role": "customer", "@referredType": "Customer"}
        ],
    }
    if story.description:
        order["description"] = story.description
    # Every third client orders by himself.
    own = int(client["id"].removeprefix("C-")) % 3 == 0
    caller = Caller(f"client:{client['id']}", Role.CLIENT, client["id"]) if own else endings.AGENT
    PRODUCT_ORDER.shape.check(order)
    placed = await player.place(caller, order, story.at, story.course)
    if story.then:
        await endings.end(player, placed["id"], story.then)
    return placed["id"]
