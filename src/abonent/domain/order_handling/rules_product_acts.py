"""Suspend, resume, move and transfer (OH-4): what a modify item asks of a product beyond new values. Pure.

TMF622 knows the actions add, modify and delete alone, so the product of a modify item says what it shall be: its
`status`, its installation address, its customer.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY, address_id, copied, lines, product_id
from abonent.domain.qualification.rules import Reason
from abonent.kit.errors import N_, BadInput
from abonent.kit.values import amount_of, ref, with_role

Document = Mapping[str, Any]

SUSPEND, RESUME, MOVE, TRANSFER = "suspend", "resume", "move", "transfer"
_OVER = frozenset({"terminated", "cancelled", "aborted"})
# What a part of a bundle is asked for as the bundle is.
_HANDED_ON = ("status", "relatedParty", "billingAccount", "place")


def receiver_of(item: Document) -> str | None:
    """Id of the client to whom a modify item gives its product; None where it names none."""
    if item["action"] != MODIFY:
        return None
    named = with_role((item.get("product") or {}).get("relatedParty"), "customer")
    return named.get("id") if named else None


def holder_of(product: Document) -> str | None:
    named = with_role(product.get("relatedParty"), "customer")
    return named.get("id") if named else None


def acts_of(item: Document, product: Document | None) -> list[str]:
    """All that a modify item asks for at once."""
    if item["action"] != MODIFY or product is None:
        return []
    wanted = (item.get("product") or {}).get("status")
    is_now = product.get("status")
    new, old = address_id(item), address_id({"product": product})
    found = []
    if wanted == "suspended" and is_now == "active":
        found.append(SUSPEND)
    if wanted == "active" and is_now == "suspended":
        found.append(RESUME)
    if new and old and new != old:
        found.append(MOVE)
    receiver = receiver_of(item)
    if receiver and receiver != holder_of(product):
        found.append(TRANSFER)
    return found


def act_of(item: Document, product: Document | None) -> str | None:
    """What a modify item does to its product as it stands; None for new values alone."""
    return next(iter(acts_of(item, product)), None)


def acts_in(order: Document, products: Mapping[str, Document]) -> dict[str, tuple[str, Document]]:
    """Item id -> what it does to its product beyond new values, and that product."""
    found = {}
    for item in lines(order):
        product = products.get(product_id(item) or "")
        if product is not None and (act := act_of(item, product)) is not None:
            found[item["id"]] = act, product
    return found


def check_act(item: Document, product: Document, customers: Mapping[str, Document]) -> None:
    """Refuse what cannot be meant. `customers`: clients the order names, by id. Raises BadInput."""
    wanted = (item.get("product") or {}).get("status")
    facts = {"path": item["id"], "product": product["id"]}
    if item["action"] == MODIFY and wanted is not None and wanted not in {"active", "suspended"}:
        raise BadInput(
            "statusNotAsked",
            N_(
                "Item {path}: a product is set to active or suspended, not to {status}. To end it use action delete."
            ),
            status=wanted,
            **facts,
        )
    acts = acts_of(item, product)
    if len(acts) > 1:
        raise BadInput(
            "oneActAtATime",
            N_("Item {path}: {acts} of product {product} at once; order them one after the other."),
            acts=", ".join(acts),
            **facts,
        )
    if MOVE in acts and product.get("status") == "suspended":
        raise BadInput(
            "moveSuspended",
            N_("Item {path}: product {product} is suspended; resume it, then move it."),
            **facts,
        )
    receiver = receiver_of(item)
    if TRANSFER in acts and receiver not in customers:
        raise BadInput(
            "unknownReceiver",
            N_("Item {path}: there is no client {client} to whom product {product} could go."),
            client=receiver,
            **facts,
        )


def missing_agreements(order: Document, products: Mapping[str, Document]) -> list[Reason]:
    """Transfers to which not both agreed: a note of the order by each of the two says so."""
    authors = {str(note.get("author")) for note in order.get("note") or ()}
    missing: dict[str, None] = {}
    for item in lines(order):
        product = products.get(product_id(item) or "")
        if product is not None and act_of(item, product) == TRANSFER:
            both = (holder_of(product), receiver_of(item))
            missing |= dict.fromkeys(each for each in both if each and each not in authors)
    return [
        Reason(
            "agreementMissing",
            N_("A transfer needs the agreement of both: add a note to the order whose author is {client}."),
            False,
            {"client": client},
        )
        for client in missing
    ]


def with_parts(order: Document, products: Mapping[str, Document]) -> dict[str, Any]:
    """A copy in which an item that ends, suspends, resumes, moves or gives away a bundle has one nested item for each
    part that is not over. Nested items that the sender gave stay as they are."""
    opened = copied(order)
    taken = {item["id"] for item in lines(opened)}
    for item in list(lines(opened)):
        product = products.get(product_id(item) or "")
        if product is None or item["action"] == ADD or item.get("productOrderItem"):
            continue
        if item["action"] != DELETE and act_of(item, product) is None:
            continue
        nested = _parts(item, product, products, taken)
        if nested:
            item["productOrderItem"] = nested
    return opened


def _parts(
    item: Document, bundle: Document, products: Mapping[str, Document], taken: set[str]
) -> list[dict[str, Any]]:
    handed_on = {k: v for k, v in (item.get("product") or {}).items() if k in _HANDED_ON}
    nested = []
    for id in part_ids(bundle):
        part = products.get(id)
        if part is None or part.get("status") in _OVER:
            continue
        number = len(nested) + 1
        while f"{item['id']}.{number}" in taken:
            number += 1
        own = f"{item['id']}.{number}"
        taken.add(own)
        made: dict[str, Any] = {"id": own, "action": item["action"], "quantity": 1}
        made["product"] = {"id": id, **handed_on}
        if part.get("productOffering"):
            made["productOffering"] = dict(part["productOffering"])
        inner = _parts(made, part, products, taken)
        nested.append({**made, "productOrderItem": inner} if inner else made)
    return nested


def part_ids(product: Document) -> list[str]:
    """Ids of the products a bundle holds."""
    return [
        relation["product"]["id"]
        for relation in product.get("productRelationship") or ()
        if relation.get("relationshipType") == "bundles" and (relation.get("product") or {}).get("id")
    ]


def monthly_of(product: Document) -> Decimal:
    """What a product costs a month, with tax."""
    prices = (p for p in product.get("productPrice") or () if p.get("priceType") in {"recurring", None})
    return sum(
        (amount_of((p.get("price") or {}).get("taxIncludedAmount")) for p in prices),
        Decimal(0),
    )


def in_status(service: Document, status: str) -> dict[str, Any]:
    """A service as its product stands: suspended means inactive, which is reversible."""
    active = status == "active"
    return {**service, "state": "active" if active else "inactive", "isServiceEnabled": active}


def given_to(document: Document, customer: Document) -> dict[str, Any]:
    """A product or service of another client: who held it before sees it no more."""
    others = [p for p in document.get("relatedParty") or () if str(p.get("role")).lower() != "customer"]
    return {**document, "relatedParty": [ref(customer, "Customer", role="customer"), *others]}


def account_for(item: Document, customer: Document) -> Document | None:
    """The billing account a transferred product is charged to: the one the item names, else the client's first."""
    named = (item.get("product") or {}).get("billingAccount")
    return named or next(iter(customer.get("account") or ()), None)
