"""The part of the catalogue a mapping brings along, and what the catalogue says of offerings that rows name."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.actions import monthly_prices
from abonent.domain.catalog.resources import PRODUCT_OFFERING, PRODUCT_OFFERING_PRICE, PRODUCT_SPECIFICATION
from abonent.domain.catalog.rules import specification_id
from abonent.importing.documents import Offered
from abonent.importing.mapping import Mapping, Offering
from abonent.kit.context import Context
from abonent.kit.resource import Resource
from abonent.kit.values import Money

Document = dict[str, Any]


def catalogue_documents(mapping: Mapping) -> list[tuple[Resource, Document]]:
    """Specification, price and offering of each [[offering]], in the order they refer to each other. Pure."""
    documents: list[tuple[Resource, Document]] = []
    for offering in mapping.offering:
        documents += _offering_documents(offering, mapping.currency)
    return documents


def _offering_documents(offering: Offering, currency: str) -> list[tuple[Resource, Document]]:
    relations = [{"id": f"PS-{id}", "relationshipType": "dependency"} for id in offering.requires]
    relations += [{"id": f"PS-{id}", "relationshipType": "exclusivity"} for id in offering.excludes]
    specification: Document = {
        "id": f"PS-{offering.id}",
        "name": offering.name,
        "lifecycleStatus": "Active",
        "productSpecificationRelationship": relations,
    }
    sold: Document = {
        "id": offering.id,
        "name": offering.name,
        "isBundle": False,
        "isSellable": True,
        "lifecycleStatus": "Active",
        "productSpecification": {"id": specification["id"], "name": offering.name},
    }
    if offering.description:
        sold["description"] = offering.description
    made: list[tuple[Resource, Document]] = [(PRODUCT_SPECIFICATION, specification)]
    if offering.monthly is not None:
        price: Document = {
            "id": f"POP-{offering.id}",
            "name": offering.name,
            "priceType": "recurring",
            "recurringChargePeriodType": "month",
            "recurringChargePeriodLength": 1,
            "price": Money(Decimal(str(offering.monthly)), currency).document(),
        }
        made.append((PRODUCT_OFFERING_PRICE, price))
        sold["productOfferingPrice"] = [{"id": price["id"], "name": offering.name}]
    return [*made, (PRODUCT_OFFERING, sold)]


async def absent_catalogue(ctx: Context, mapping: Mapping) -> list[tuple[Resource, Document]]:
    """Those of the mapping's catalogue documents that do not exist yet."""
    documents = catalogue_documents(mapping)
    found = await ctx.store.find((resource, document["id"]) for resource, document in documents)
    return [(r, d) for r, d in documents if (r.name, d["id"]) not in found]


class Offerings:
    """What the catalogue says of offerings, each looked up once."""

    def __init__(self, ctx: Context, fresh: Iterable[tuple[Resource, Document]]) -> None:
        """`fresh` are documents of a dry run, which exist in the plan alone."""
        self._ctx = ctx
        self._fresh = {document["id"]: document for _, document in fresh}
        self._asked: set[str] = set()
        self.known: dict[str, Offered] = {}

    async def learn(self, ids: Iterable[str]) -> None:
        """Look up offerings not asked for before; those that do not exist stay unknown."""
        wanted = set(ids) - self._asked
        if not wanted:
            return
        self._asked |= wanted
        found = await self._ctx.store.find((PRODUCT_OFFERING, id) for id in sorted(wanted))
        offerings = {id: stored.document for (_, id), stored in found.items()}
        offerings |= {id: self._fresh[id] for id in wanted if id in self._fresh}
        prices = dict(await monthly_prices(self._ctx.store, offerings.values()))
        for id, offering in offerings.items():
            price = self._fresh.get(f"POP-{id}")
            listed = prices.get(id)
            monthly = price["price"]["value"] if price else listed.amount if listed else None
            self.known[id] = Offered(offering["name"], specification_id(offering), monthly)
