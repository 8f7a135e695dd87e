"""A small operator for tests: catalogue, one access node with ports, addresses, clients. Built through the store."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.resources import (
    DECOMPOSITION,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
)
from abonent.domain.inventory.resources import ACCESS_COVERAGE, RESOURCE
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.kit.resource import Resource

FIBRE_TASKS: list[dict[str, Any]] = [
    {"id": "port", "name": {"en": "Port", "ru": "Порт"}, "kind": "reserve", "minutes": 1, "action": ["add"]},
    {
        "id": "access",
        "name": {"en": "Access line", "ru": "Линия"},
        "kind": "serviceOrder",
        "minutes": 10,
        "dependsOn": ["port"],
        "pointOfNoReturn": True,
        "spec": {"serviceSpecification": {"id": "GPON", "name": "GPON access"}},
    },
    {
        "id": "test",
        "name": {"en": "Line test", "ru": "Проверка линии"},
        "kind": "serviceTest",
        "minutes": 2,
        "dependsOn": ["access"],
        "action": ["add", "modify"],
        "spec": {"limits": [{"name": "downstream", "min": 90, "max": 110, "unit": "Mbit/s"}]},
    },
    {
        "id": "inventory",
        "name": {"en": "Inventory", "ru": "Учёт"},
        "kind": "inventory",
        "minutes": 0,
        "dependsOn": ["test", "access"],
    },
]


@dataclass
class World:
    """Ids of what `build` made. Prices: fibre 500.00, turbo 900.00, television 200.00 RUB a month."""

    fibre: str = "fibre"
    turbo: str = "turbo"
    television: str = "tv"
    bundle: str = "bundle"
    served: str = "A-1"
    unserved: str = "A-2"
    client: str = "C-1"
    other: str = "C-2"
    ports: int = 3
    node: str = "N-1"
    made: list[tuple[Resource, dict[str, Any]]] = field(default_factory=list)

    def add(self, resource: Resource, **document: Any) -> None:
        self.made.append((resource, document))

    async def save(self, ctx: Context) -> None:
        change = ctx.change()
        for resource, document in self.made:
            change.insert(resource, document)
        await ctx.store.commit(change)
        self.made.clear()


async def build(ctx: Context, *, ports: int = 3) -> World:
    """An operator with fibre (100 Mbit/s), turbo (500: too fast for the address), TV (needs fibre) and a bundle."""
    world = World(ports=ports)
    for id, mbps, price in (("fibre", 100, "500.00"), ("turbo", 500, "900.00")):
        _offering(world, id, price)
        world.add(
            DECOMPOSITION,
            id=f"DC-{id}",
            productSpecification={"id": f"PS-{id}"},
            access={"technology": ["GPON"], "downstreamMbps": mbps},
            task=FIBRE_TASKS,
        )
    _offering(world, "tv", "200.00", needs="PS-fibre")
    world.add(
        DECOMPOSITION,
        id="DC-tv",
        productSpecification={"id": "PS-tv"},
        task=[
            {
                "id": "stream",
                "name": {"en": "Channels", "ru": "Каналы"},
                "kind": "serviceOrder",
                "minutes": 3,
                "spec": {"serviceSpecification": {"id": "IPTV", "name": "Television"}},
            },
            {"id": "inventory", "kind": "inventory", "minutes": 0, "dependsOn": ["stream"]},
        ],
    )
    world.add(
        PRODUCT_OFFERING,
        id="bundle",
        name="Home bundle",
        isBundle=True,
        bundledProductOffering=[{"id": "fibre", "name": "fibre"}, {"id": "tv", "name": "tv"}],
    )
    _network(world, ports)
    for id, name, media in (
        ("C-1", "Анна Соколова", {"emailAddress": "anna@example.org"}),
        ("C-2", "North Quay", {"phoneNumber": "+74990000000"}),
    ):
        world.add(
            CUSTOMER_,
            id=id,
            name=name,
            engagedParty={"id": f"I-{id}", "name": name, "@referredType": "Individual"},
            validFor={"startDateTime": "2024-05-10T00:00:00.000Z"},
            contactMedium=[{"mediumType": "email", "preferred": True, "characteristic": media}],
            characteristic=[{"name": "language", "value": "ru" if id == "C-1" else "en"}],
        )
    await world.save(ctx)
    return world


def _offering(world: World, id: str, price: str, needs: str | None = None) -> None:
    world.add(
        PRODUCT_OFFERING_PRICE,
        id=f"POP-{id}",
        name=id,
        priceType="recurring",
        recurringChargePeriodType="month",
        price={"unit": "RUB", "value": Decimal(price)},
    )
    relations = [{"id": needs, "relationshipType": "dependency"}] if needs else []
    world.add(PRODUCT_SPECIFICATION, id=f"PS-{id}", name=id, productSpecificationRelationship=relations)
    world.add(
        PRODUCT_OFFERING,
        id=id,
        name=id,
        productSpecification={"id": f"PS-{id}", "name": id},
        productOfferingPrice=[{"id": f"POP-{id}"}],
    )


def _network(world: World, ports: int) -> None:
    node(world, "N-1")
    for number in range(1, ports + 1):
        port(world, "N-1", str(number))
    world.add(GEOGRAPHIC_ADDRESS, id="A-1", city="Yaroslavl", streetName="Svobody", streetNr="12")
    world.add(GEOGRAPHIC_ADDRESS, id="A-2", city="Yaroslavl", streetName="Dalnyaya", streetNr="1")
    reach(world, "N-1", "A-1")


def node(world: World, id: str) -> None:
    name = f"Node {id.removeprefix('N-')}"
    world.add(RESOURCE, id=id, name=name, category="accessNode", **{"@type": "PhysicalResource"})


def port(world: World, node: str, number: str) -> None:
    """A free port of a node."""
    world.add(
        RESOURCE,
        id=f"{node}/{number}",
        name=f"Node {node.removeprefix('N-')} port {number}",
        category="port",
        resourceStatus="available",
        usageState="idle",
        resourceRelationship=[
            {"relationshipType": "partOf", "resource": {"id": node, "@type": "ResourceRef"}}
        ],
        **{"@type": "PhysicalResource"},
    )


def reach(world: World, node: str, address: str) -> None:
    """The address can have up to 300 Mbit/s from the node."""
    world.add(
        ACCESS_COVERAGE,
        id=f"AC-{address.removeprefix('A-')}",
        geographicAddress={"id": address},
        accessNode={"id": node},
        technology="GPON",
        downstreamMbps=300,
    )


async def alter(ctx: Context, resource: Resource, id: str, **attributes: Any) -> None:
    """Give a stored document other values of these attributes."""
    stored = await ctx.store.get(SYSTEM, resource, id)
    change = ctx.change()
    change.update(stored, stored.document | attributes)
    await ctx.store.commit(change)


def owe(world: World, client: str, amount: str, limit: str | None = None) -> None:
    """Give a client arrears (and a credit limit); save the world afterwards."""
    account: dict[str, Any] = {
        "id": f"BA-{client}",
        "name": client,
        "relatedParty": [{"id": client, "name": client, "@referredType": "Customer"}],
        "paymentStatus": "in arrears" if Decimal(amount) else "paid",
        "accountBalance": [
            {"balanceType": "receivableBalance", "amount": {"unit": "RUB", "value": Decimal(amount)}}
        ],
    }
    if limit:
        account["creditLimit"] = {"unit": "RUB", "value": Decimal(limit)}
    world.add(BILLING_ACCOUNT, **account)


def order(*items: dict[str, Any], client: str | None = "C-1", **more: Any) -> dict[str, Any]:
    """A TMF622 create for `client`."""
    return {"productOrderItem": list(items), "relatedParty": customer(client) if client else [], **more}


def customer(id: str) -> list[dict[str, Any]]:
    """The related parties of what is this client's."""
    return [{"id": id, "role": "customer", "@referredType": "Customer"}]


def item(
    id: str, offering: str | None, *, action: str = "add", address: str | None = "A-1", **more: Any
) -> dict:
    """An order item; `product` attributes come in `more`."""
    product: dict[str, Any] = dict(more.pop("product", {}))
    if address:
        product["place"] = [
            {"id": address, "role": "installationAddress", "@referredType": "GeographicAddress"}
        ]
    made: dict[str, Any] = {"id": id, "action": action, "product": product, **more}
    if offering:
        made["productOffering"] = {"id": offering}
    return made
