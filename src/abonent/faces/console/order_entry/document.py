"""The TMF622 order that a form means. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.catalog.rules import related_specifications
from abonent.domain.catalog.rules_sale import Catalogue, Offer
from abonent.domain.order_handling.charges import recurring
from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY
from abonent.faces.console.order_entry.answers import Answers
from abonent.faces.console.order_entry.draft import Draft
from abonent.kit.values import Money, amount_of, ref, to_wire

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meant:
    """What is ordered: the client, where, which offerings, what becomes of a product, and the typed rest."""

    customer: Mapping[str, Any]
    address: Mapping[str, Any] | None
    chosen: tuple[Offer, ...]
    answers: Answers
    product: Mapping[str, Any] | None = None
    also: tuple[Mapping[str, Any], ...] = ()
    author: str = ""
    at: str = ""


def document(meant: Meant, draft: Draft, catalogue: Catalogue) -> Document:
    """The body of a product order."""
    if draft.action == DELETE:
        items = _ceased(meant)
    elif draft.action == MODIFY:
        items = [_modified(meant)]
    else:
        items = _added(meant, catalogue)
    order: Document = {
        "relatedParty": [ref(meant.customer, "Customer", role="customer")],
        "productOrderItem": items,
        "channel": [{"id": "console", "name": "Console", "@referredType": "Channel"}],
    }
    if draft.contact:
        order["notificationContact"] = draft.contact
    if draft.note:
        order["note"] = [{"text": draft.note, "author": meant.author, "date": meant.at}]
    if meant.answers.requested is not None:
        order["requestedCompletionDate"] = to_wire(meant.answers.requested)
    return order


def _added(meant: Meant, catalogue: Catalogue) -> list[Document]:
    """An item for each piece of each offering; what needs another that is ordered here waits for it."""
    items: list[Document] = []
    made_by: dict[str, str] = {}
    needing: list[tuple[Document, Offer]] = []
    for offer in meant.chosen:
        for _ in range(meant.answers.quantities.get(offer.id, 1)):
            item = _item(str(len(items) + 1), offer, meant, catalogue)
            items.append(item)
            for leaf in catalogue.leaves(offer.id):
                needing.append((item, leaf))
                made_by.setdefault(leaf.specification_id or "", item["id"])
    for item, leaf in needing:
        for before in _needed(leaf, made_by):
            relations = item.setdefault("productOrderItemRelationship", [])
            if before != item["id"] and before not in {r["id"] for r in relations}:
                relations.append({"id": before, "relationshipType": "reliesOn"})
        if item.get("productOrderItemRelationship") == []:
            del item["productOrderItemRelationship"]
    return items


def _needed(leaf: Offer, made_by: Mapping[str, str]) -> list[str]:
    found = [made_by[s] for s in related_specifications(leaf.specification, "dependency") if s in made_by]
    any_of = related_specifications(leaf.specification, "alternativedependency")
    return found + [made_by[s] for s in any_of if s in made_by][:1]


def _item(id: str, offer: Offer, meant: Meant, catalogue: Catalogue) -> Document:
    product: Document = {}
    if meant.address is not None:
        product["place"] = [_place(meant.address)]
    if values := meant.answers.values.get(offer.id):
        product["productCharacteristic"] = _characteristics(values)
    item: Document = {
        "id": id,
        "action": ADD,
        "quantity": 1,
        "productOffering": ref(offer.offering, "ProductOffering"),
        "product": product,
    }
    if offer.monthly or offer.once:
        item["itemPrice"] = _prices(offer)
        item["itemTotalPrice"] = _prices(offer)
    parts = [catalogue.offers[part] for part in offer.parts if part in catalogue.offers]
    if any(meant.answers.values.get(part.id) for part in parts):
        # The intake adds the parts of a bundle by itself, but not what was chosen about them.
        nested = [_item(f"{id}.{n}", part, meant, catalogue) for n, part in enumerate(parts, 1)]
        for each in nested:
            each.pop("itemPrice", None)
            each.pop("itemTotalPrice", None)
        item["productOrderItem"] = nested
    return item


def _place(address: Mapping[str, Any]) -> Document:
    return ref(address, "GeographicAddress", role="installationAddress")


def _characteristics(values: Mapping[str, Any]) -> list[Document]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _prices(offer: Offer) -> list[Document]:
    found = [recurring(offer.monthly)] if offer.monthly else []
    if offer.once:
        found.append({"priceType": "oneTime", "price": {"taxIncludedAmount": offer.once.document()}})
    return found


def _modified(meant: Meant) -> Document:
    assert meant.product is not None
    offer = meant.chosen[0]
    product: Document = {"id": meant.product["id"], "name": offer.offering.get("name") or offer.id}
    if values := meant.answers.values.get(offer.id):
        product["productCharacteristic"] = _characteristics(values)
    return {
        "id": "1",
        "action": MODIFY,
        "quantity": 1,
        "productOffering": ref(offer.offering, "ProductOffering"),
        "product": product,
    }


def _ceased(meant: Meant) -> list[Document]:
    """The product last: what hangs on it is taken off first."""
    assert meant.product is not None
    items = [_cease(str(n), product) for n, product in enumerate([*meant.also, meant.product], 1)]
    if meant.also:
        items[-1]["productOrderItemRelationship"] = [
            {"id": item["id"], "relationshipType": "reliesOn"} for item in items[:-1]
        ]
    return items


def _cease(id: str, product: Mapping[str, Any]) -> Document:
    item: Document = {
        "id": id,
        "action": DELETE,
        "quantity": 1,
        "product": {"id": product["id"], "name": product.get("name") or product["id"]},
    }
    if product.get("productOffering"):
        item["productOffering"] = product["productOffering"]
    return item


def external_id(key: str, order: Mapping[str, Any], slot: str) -> str:
    """The sender's number of an order: the same for the same order from the same form, so that a second click places
    nothing; another once something was changed after Back."""
    lasting = {k: v for k, v in order.items() if k != "note"} | {"slot": slot}
    lasting["text"] = [note["text"] for note in order.get("note") or ()]
    digest = hashlib.sha256(json.dumps(lasting, sort_keys=True, default=str).encode()).hexdigest()
    return f"console-{key}-{digest[:12]}"


def monthly_of(product: Mapping[str, Any], catalogue: Catalogue) -> Money | None:
    """What a product costs a month: as the inventory says, else as its offering does."""
    for price in product.get("productPrice") or ():
        amount = (price.get("price") or {}).get("taxIncludedAmount")
        if price.get("priceType") == "recurring" and amount:
            return Money(amount_of(amount), str(amount.get("unit") or "RUB"))
    offer = catalogue.offers.get((product.get("productOffering") or {}).get("id") or "")
    return offer.monthly if offer else None


def specifications(products: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Product id -> its specification, for products that have one."""
    found = {p["id"]: (p.get("productSpecification") or {}).get("id") for p in products}
    return {id: s for id, s in found.items() if s}
