"""What can be delivered to a client at an address: loads what the rules ask for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.catalog.rules import specification_id
from abonent.domain.qualification.queries import access_paths, held_products
from abonent.domain.qualification.queries_places import places_of
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.qualification.rules_availability import Place, segment_of
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Holding:
    """What a client has: products that are not over, and the addresses they and his orders name, by id."""

    products: tuple[Document, ...] = ()
    addresses: Mapping[str, Document] | None = None

    def specifications(self, *, besides: Iterable[str] = ()) -> list[str]:
        """Specifications of his products without the products `besides`."""
        left = set(besides)
        return [s for p in self.products if p["id"] not in left and (s := specification_id(p))]


async def holding(ctx: Context, customer: str) -> Holding:
    """What the client holds, and where; the place with most of his products first."""
    products = await held_products(ctx.store, customer)
    counted = await places_of(ctx.store, customer)
    found = await ctx.store.find((GEOGRAPHIC_ADDRESS, id) for id in counted)
    stored = {id: each.document for (_, id), each in found.items()}
    return Holding(tuple(products), {id: stored[id] for id in counted if id in stored})


async def address(ctx: Context, id: str) -> Document:
    """A geographic address. BadInput when there is none of this id."""
    found = await ctx.store.find([(GEOGRAPHIC_ADDRESS, id)])
    stored = found.get((GEOGRAPHIC_ADDRESS.name, id))
    if stored is None:
        raise BadInput("unknownAddress", N_("There is no address {id}. Choose one from the list."), id=id)
    return stored.document


async def place_at(
    ctx: Context, address_id: str | None, held: Iterable[str], customer: Document | None = None
) -> Place:
    """The address with the access that reaches it now, for this client."""
    paths = (await access_paths(ctx.store, [address_id])).get(address_id, []) if address_id else []
    return Place(address_id, paths, tuple(held), segment_of(customer))
