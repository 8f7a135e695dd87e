"""Two hundred orders, and a client who posts each until it is answered."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.context import Context
from tests.support.world import World, build, item, order

PATH = "/tmf-api/productOrderingManagement/v4/productOrder"
# Lines that each kind of order is delivered as; a bundle's own product counts.
LINES = {"fibre": 1, "pair": 2, "bundle": 3}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order to be placed: the key its sender knows it by, and what it is."""

    external_id: str
    kind: str

    @property
    def document(self) -> dict[str, Any]:
        items = {
            "fibre": [item("1", "fibre")],
            "pair": [
                item("1", "fibre"),
                item("2", "tv", productOrderItemRelationship=[{"relationshipType": "reliesOn", "id": "1"}]),
            ],
            "bundle": [item("1", "bundle")],
        }[self.kind]
        return order(*items, client=client_of(self.external_id), externalId=self.external_id)


def client_of(external_id: str) -> str:
    return f"K-{external_id}"


def wanted_orders(number: int) -> list[Wanted]:
    """Half of them fibre alone, the rest pairs and bundles."""
    kinds = ("fibre", "pair", "fibre", "bundle")
    return [Wanted(f"chaos-{n:03}", kinds[n % len(kinds)]) for n in range(number)]


async def build_operator(ctx: Context, orders: list[Wanted]) -> World:
    """The small operator with a client for each order and a few ports to spare."""
    world = await build(ctx, ports=len(orders) + 20)
    for wanted in orders:
        id = client_of(wanted.external_id)
        world.add(
            CUSTOMER_,
            id=id,
            name=f"Client {wanted.external_id}",
            engagedParty={"id": f"I-{id}", "name": id, "@referredType": "Individual"},
            validFor={"startDateTime": "2024-05-10T00:00:00.000Z"},
            contactMedium=[
                {
                    "mediumType": "email",
                    "preferred": True,
                    "characteristic": {"emailAddress": f"{wanted.external_id}@example.org"},
                }
            ],
            characteristic=[{"name": "language", "value": "en"}],
        )
    await world.save(ctx)
    return world


@dataclass
class Poster:
    """Posts orders over HTTP. An order that was not answered, or with 503, is posted again under the same key."""

    url: str
    token: str
    answered: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    repeats: int = 0

    async def post(self, orders: list[Wanted]) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=15) as client:
            await asyncio.gather(*(self._post(client, wanted) for wanted in orders))

    async def _post(self, client: httpx.AsyncClient, wanted: Wanted) -> None:
        while True:
            try:
                answer = await client.post(PATH, json=wanted.document)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code != 503:
                break
            self.repeats += 1
            await asyncio.sleep(0.3)
        if answer.status_code == 201:
            self.answered.setdefault(wanted.external_id, []).append(answer.json()["id"])
        else:
            self.refused.append(f"{wanted.external_id}: {answer.status_code} {answer.text[:300]}")
