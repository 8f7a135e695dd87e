"""Intake of a product order: what is refused, what is held, what goes on. Pure: (order, facts) -> decision.

Refused (BadInput) is what the sender can only have got wrong: an id of ours that does not exist, a price that is not
the offering's, somebody else's product. Held is what is merely incomplete: it is kept, and a person or the client
completes it. Nothing is lost, and nothing incomplete is executed.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.lines import (
    ADD,
    DELETE,
    MODIFY,
    address_id,
    leaves,
    lines,
    offering_id,
    product_id,
)
from abonent.domain.qualification.rules import Reason
from abonent.kit.errors import N_, BadInput, Forbidden
from abonent.kit.values import amount_of, with_role

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """What intake must know. Documents by id; `customer` is None when the order's client cannot be resolved.

    prices  recurring monthly price by offering id, only for offerings that have one
    """

    customer: Document | None
    offerings: Mapping[str, Document] = field(default_factory=dict)
    products: Mapping[str, Document] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)


def client_reference(order: Document) -> Document | None:
    """The related party that is the client: role "customer", else a party that is one by type, else the only one."""
    parties = order.get("relatedParty") or []
    by_role = with_role(parties, "customer")
    if by_role:
        return by_role
    for party in parties:
        if party.get("@referredType") == "Customer":
            return party
    return parties[0] if len(parties) == 1 else None


def check_items(order: Document, facts: IntakeFacts) -> None:
    """Refuse what cannot be meant. Raises BadInput that names the item and the fix."""
    seen: set[str] = set()
    for item in lines(order):
        item_id = item["id"]
        if item_id in seen:
            raise BadInput(
                "duplicateItem",
                N_("Two items have the id {path}. Give each item of the order its own id."),
                path=item_id,
            )
        seen.add(item_id)
        _check_offering(item, facts)
        if item["action"] in {MODIFY, DELETE}:
            _check_product(item, facts)
    for item in lines(order):
        for relation in item.get("productOrderItemRelationship") or ():
            if relation.get("id") not in seen:
                raise BadInput(
                    "unknownItem",
                    N_("Item {path} is related to item {target}, which this order does not have."),
                    path=item["id"],
                    target=relation.get("id"),
                )


def _check_offering(item: Document, facts: IntakeFacts) -> None:
    wanted = offering_id(item)
    if wanted is None:
        return
    if wanted not in facts.offerings:
        raise BadInput(
            "unknownProductOffering",
            N_(
                "Item {path}: there is no product offering {offering}. Take an id from the product catalogue."
            ),
            path=item["id"],
            offering=wanted,
        )
    price = facts.prices.get(wanted)
    if price is None:
        return
    for quoted in item.get("itemPrice") or ():
        given = (quoted.get("price") or {}).get("taxIncludedAmount") or (quoted.get("price") or {}).get(
            "dutyFreeAmount"
        )
        if given is None or quoted.get("priceType") not in {"recurring", None}:
            continue
        if amount_of(given) != price:
            raise BadInput(
                "priceMismatch",
                N_(
                    "Item {path}: the price {given} is not that of offering {offering}, {price}. "
                    "Leave it out or correct it."
                ),
                path=item["id"],
                given=str(amount_of(given)),
                offering=wanted,
                price=str(price),
            )


def _check_product(item: Document, facts: IntakeFacts) -> None:
    wanted = product_id(item)
    if wanted is None:
        raise BadInput(
            "productMissing",
            N_("Item {path}: action {action} needs product.id, the product it is about."),
            path=item["id"],
            action=item["action"],
        )
    product = facts.products.get(wanted)
    # Whose product it is stays untold: a stranger's product and one that does not exist look alike.
    owner = (with_role((product or {}).get("relatedParty"), "customer") or {}).get("id")
    if product is None or (facts.customer is not None and owner not in {None, facts.customer["id"]}):
        raise BadInput(
            "unknownProduct",
            N_("Item {path}: this client has no product {product}."),
            path=item["id"],
            product=wanted,
        )
    if product.get("status") in {"terminated", "cancelled", "aborted"}:
        raise BadInput(
            "productGone",
            N_("Item {path}: product {product} is {status}; it cannot be changed any more."),
            path=item["id"],
            product=wanted,
            status=product.get("status"),
        )


def check_own(order: Document, party: str) -> None:
    """A client orders for himself alone. Raises Forbidden."""
    reference = client_reference(order)
    if reference is not None and reference.get("id") != party:
        raise Forbidden(
            "otherClient",
            N_("You may order for yourself only: relatedParty names {given}."),
            given=reference.get("id"),
            path="relatedParty",
        )


def missing_information(order: Document, facts: IntakeFacts) -> list[Reason]:
    """Why an order cannot go on yet: no client that can be resolved, items that name no offering."""
    reasons = []
    if facts.customer is None:
        reasons.append(
            Reason("clientMissing", N_("The client is not known: name a customer in relatedParty."), False)
        )
    reasons += [
        Reason(
            "offeringMissing",
            N_("Item {item} names no product offering."),
            False,
            {"item": item["id"]},
        )
        for item in leaves(order)
        if item["action"] == ADD and offering_id(item) is None
    ]
    return reasons


def expand_bundles(order: Document, offerings: Mapping[str, Document]) -> dict[str, Any]:
    """A copy in which items that add a bundle have one nested item for each offering in it.

    Nested items that the sender gave stay as they are; the place of the bundle holds for its parts.
    """
    expanded = copy.deepcopy(dict(order))
    for item in list(lines(expanded)):
        offering = offerings.get(offering_id(item) or "")
        if item["action"] != ADD or offering is None or item.get("productOrderItem"):
            continue
        parts = [b["id"] for b in offering.get("bundledProductOffering") or () if b.get("id")]
        if not (offering.get("isBundle") and parts):
            continue
        place = (item.get("product") or {}).get("place")
        item["productOrderItem"] = [
            {
                "id": f"{item['id']}.{number}",
                "action": ADD,
                "quantity": item.get("quantity", 1),
                "productOffering": {"id": part, "name": (offerings.get(part) or {}).get("name", part)},
                "product": {"place": place} if place else {},
            }
            for number, part in enumerate(parts, 1)
        ]
    return expanded


def with_addresses(order: Document, products: Mapping[str, Document]) -> dict[str, str | None]:
    """Item id -> installation address: what the item says, else where its product stands."""
    addresses = {}
    for item in lines(order):
        product = products.get(product_id(item) or "", {})
        addresses[item["id"]] = address_id(item) or address_id({"product": product})
    return addresses


def roll_up(item_states: list[str]) -> str | None:
    """The order's final state from its items', or None while one is open (facts: TMF622 roll-up)."""
    states = set(item_states)
    if not states <= {"completed", "failed", "cancelled", "rejected"}:
        return None
    if states == {"completed"}:
        return "completed"
    if "completed" in states:
        return "partial"
    return "cancelled" if states == {"cancelled"} else "failed"
