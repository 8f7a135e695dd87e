"""Intake of a product order: what is refused, what is held, what goes on. Pure: (order, facts) -> decision.

Refused (BadInput) is what the sender can only have got wrong: an id of ours that does not exist, a price that is not
the offering's, somebody else's product. Held is what is merely incomplete: it is kept, and a person or the client
completes it. Nothing is lost, and nothing incomplete is executed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from abonent.domain.order_handling.lines import (
    ADD,
    DELETE,
    MODIFY,
    address_id,
    copied,
    leaves,
    lines,
    offering_id,
    product_id,
    relied_on,
)
from abonent.domain.order_handling.rules_product_acts import (
    check_act,
    missing_agreements,
    receiver_of,
    with_parts,
)
from abonent.domain.order_handling.rules_quantity import check_quantity, spread
from abonent.domain.order_handling.rules_quoted import check_quotes, quoted_item
from abonent.domain.qualification.rules import Reason
from abonent.kit.errors import N_, BadInput, Forbidden
from abonent.kit.values import amount_of, with_role

Document = Mapping[str, Any]

# Numbers of products, services and tasks are made of it, and other systems bound theirs.
LONGEST_ITEM_ID = 100


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """What intake must know. Documents by id; `customer` is None when the order's client cannot be resolved.

    prices  recurring monthly price by offering id, only for offerings that have one
    quotes  quotes that items carry out, by id
    receivers  clients to whom items give products, by id
    """

    customer: Document | None
    offerings: Mapping[str, Document] = field(default_factory=dict)
    products: Mapping[str, Document] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    quotes: Mapping[str, Document] = field(default_factory=dict)
    receivers: Mapping[str, Document] = field(default_factory=dict)


_NO_PRODUCT = N_("Item {item}: action {action} needs product.id, the product it is about.")


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


def check_items(order: Document, facts: IntakeFacts, *, whole: bool = True) -> None:
    """Refuse what cannot be meant. Raises BadInput that names the item and the fix. Unless it has to be `whole`, an
    item may leave out the product it is about: the order is held then (`missing_information`)."""
    seen: set[str] = set()
    check_quotes(order, facts.quotes, facts.customer)
    for item in lines(order):
        item_id = item["id"]
        if item_id in seen:
            raise BadInput(
                "duplicateItem",
                N_("Two items have the id {path}. Give each item of the order its own id."),
                path=item_id,
            )
        seen.add(item_id)
        _check_item(item)
        _check_offering(item, facts)
        if item["action"] in {MODIFY, DELETE} and (whole or product_id(item) is not None):
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
    _check_circles(order)


def _check_item(item: Document) -> None:
    if not 0 < len(item["id"]) <= LONGEST_ITEM_ID:
        raise BadInput(
            "badItemId",
            N_("An item's id has 1 to {most} characters: {path}."),
            path=item["id"][:LONGEST_ITEM_ID],
            most=LONGEST_ITEM_ID,
        )
    if item.get("quantity", 1) < 1:
        raise BadInput(
            "badQuantity",
            N_("Item {path}: quantity must be 1 or more. Leave the item out if none is wanted."),
            path=item["id"],
        )
    check_quantity(item)


def _check_circles(order: Document) -> None:
    """Refuse items that could never begin: each has to be delivered before the other."""
    if not any(
        item.get("productOrderItem") or relied_on(item) for item in order.get("productOrderItem") or ()
    ):
        return
    graph: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for item in lines(order):
        id = item["id"]
        graph.add(("end", id), ("begin", id))
        for part in item.get("productOrderItem") or ():
            graph.add(("begin", part["id"]), ("begin", id))
            graph.add(("end", id), ("end", part["id"]))
        for target in relied_on(item):
            graph.add(("begin", id), ("end", target))
    try:
        graph.prepare()
    except CycleError as circle:
        raise BadInput(
            "circularItems",
            N_("Items {path} wait for each other. Take one of their relationships out."),
            path=", ".join(sorted({id for _, id in circle.args[1]})),
        ) from circle


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
    if price is None or quoted_item(item, facts.quotes) is not None:
        return  # what a quote agrees on was held against the quote
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
            _NO_PRODUCT,
            item=item["id"],
            action=item["action"],
            path=item["id"],
        )
    product = facts.products.get(wanted)
    # Whose product it is stays untold: a stranger's product and one that does not exist look alike.
    if product is None or (facts.customer is not None and not _is_held_by(product, facts.customer)):
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
    check_act(item, product, facts.receivers)


def _is_held_by(product: Document, customer: Document) -> bool:
    """Whether a product is this customer's: of the party called customer in it, of any party if none is called so."""
    parties = product.get("relatedParty") or []
    named = with_role(parties, "customer")
    holders = {p.get("id") for p in ([named] if named else parties)}
    known_as = {customer["id"], (customer.get("engagedParty") or {}).get("id")}
    return not holders or bool(holders & known_as)


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
    if any(receiver_of(item) not in {None, party} for item in lines(order)):
        raise Forbidden(
            "transferByStaff",
            N_("A transfer to another client is entered by staff, who record that both agree."),
        )


def missing_information(order: Document, facts: IntakeFacts) -> list[Reason]:
    """Why an order cannot go on yet: no client that can be resolved, items that name no offering or no product."""
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
    reasons += [
        Reason("productMissing", _NO_PRODUCT, False, {"item": item["id"], "action": item["action"]})
        for item in lines(order)
        if item["action"] in {MODIFY, DELETE} and product_id(item) is None
    ]
    return reasons + missing_agreements(order, facts.products)


def opened(order: Document, facts: IntakeFacts, before: Document | None = None) -> dict[str, Any]:
    """The order with an item for each product that is added or touched: quantities and bundles are spread out.
    `before`: the order as it stands, when it is amended."""
    return with_parts(expand_bundles(spread(order, before), facts.offerings), facts.products)


def expand_bundles(order: Document, offerings: Mapping[str, Document]) -> dict[str, Any]:
    """A copy in which items that add a bundle have one nested item for each offering in it, all levels down.

    Nested items that the sender gave stay as they are; the place of the bundle holds for its parts.
    BadInput for a bundle of the catalogue that holds itself.
    """
    expanded = copied(order)
    taken = {item["id"] for item in lines(expanded)}
    for item in list(lines(expanded)):
        _expand(item, offerings, taken, ())
    return expanded


def _expand(
    item: dict[str, Any], offerings: Mapping[str, Document], taken: set[str], above: tuple[str, ...]
) -> None:
    wanted = offering_id(item)
    offering = offerings.get(wanted or "")
    if item["action"] != ADD or wanted is None or offering is None or item.get("productOrderItem"):
        return
    if wanted in above:
        raise BadInput(
            "circularBundle",
            N_("Offering {offering} is bundled in itself. Correct the product catalogue."),
            offering=wanted,
        )
    parts = [b["id"] for b in offering.get("bundledProductOffering") or () if b.get("id")]
    if not (offering.get("isBundle") and parts):
        return
    place = (item.get("product") or {}).get("place")
    item["productOrderItem"] = []
    for part, id in zip(parts, _free_ids(item["id"], taken), strict=False):
        nested = {
            "id": id,
            "action": ADD,
            "quantity": item.get("quantity", 1),
            "productOffering": {"id": part, "name": (offerings.get(part) or {}).get("name", part)},
            "product": {"place": place} if place else {},
        }
        item["productOrderItem"].append(nested)
        _expand(nested, offerings, taken, (*above, wanted))


def _free_ids(parent: str, taken: set[str]) -> Iterator[str]:
    """1.1, 1.2, ... without those the sender gave to items of his own."""
    number = 0
    while True:
        number += 1
        if (id := f"{parent}.{number}") not in taken:
            taken.add(id)
            yield id


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
