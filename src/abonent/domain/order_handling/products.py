"""Products, services and resources that follow from a delivered item (OH-4). Pure: documents in, documents out."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.catalog.rules import specification_id
from abonent.domain.order_handling.charges import recurring
from abonent.kit.values import Money, ref

Document = Mapping[str, Any]


def new_product(
    product_id: str,
    item: Document,
    order: Document,
    customer: Document,
    specification: str | None,
    offering: Document | None,
    services: Iterable[Document],
    resources: Iterable[Document],
    at: str,
) -> dict[str, Any]:
    """The product of an item that was added. It is charged at the item's price, to the account that item or order
    name, else to the client's first."""
    # What carries a product is the network's to say: a sender could name what serves another client.
    own = {"realizingService", "realizingResource", "product", "href", "terminationDate", "@referredType"}
    given = {k: copy.deepcopy(v) for k, v in (item.get("product") or {}).items() if k not in own}
    name = given.get("name") or (offering or {}).get("name") or product_id
    product: dict[str, Any] = {
        **given,
        "id": product_id,
        "name": name,
        "status": "active",
        "isBundle": bool(item.get("productOrderItem")),
        "isCustomerVisible": True,
        "orderDate": order.get("orderDate", at),
        "startDate": at,
        "relatedParty": [ref(customer, "Customer", role="customer")],
        "productOrderItem": [
            {"productOrderId": order["id"], "orderItemId": item["id"], "orderItemAction": item["action"]}
        ],
    }
    if item.get("itemPrice"):
        product.setdefault("productPrice", copy.deepcopy(item["itemPrice"]))
    account = item.get("billingAccount") or order.get("billingAccount")
    account = account or next(iter(customer.get("account") or ()), None)
    if account:
        product.setdefault("billingAccount", dict(account))
    if offering is not None:
        product["productOffering"] = ref(offering, "ProductOffering")
    if specification:
        product["productSpecification"] = {"id": specification, "@referredType": "ProductSpecification"}
    realizing = [dict(s) for s in services]
    if realizing:
        product["realizingService"] = realizing
    carrying = [ref(r, "Resource") for r in resources]
    if carrying:
        product["realizingResource"] = carrying
    parts = item.get("productOrderItem") or ()
    inside = [part["id"] for part in parts if part.get("state") != "cancelled"]
    if inside:
        product["productRelationship"] = [
            {"relationshipType": "bundles", "product": {"id": product_number(order["id"], part)}}
            for part in inside
        ]
    return product


def product_number(order_id: str, item_id: str) -> str:
    """Id of the product an item creates: of the order and item alone, so that it can be created once only."""
    return f"P-{order_id.removeprefix('O-')}-{item_id}"


def modified_product(
    product: Document,
    item: Document,
    offering: Document | None,
    order_id: str,
    monthly: Money | None = None,
) -> dict[str, Any]:
    """The product after a modify item: characteristics by name, offering, place; all else stays. One that was called
    as its offering is called as the new one from then on.

    `monthly` is the price of an offering that it did not have before.
    """
    changed = copy.deepcopy(dict(product))
    given = item.get("product") or {}
    by_name = {c["name"]: c for c in changed.get("productCharacteristic") or ()}
    by_name |= {c["name"]: copy.deepcopy(c) for c in given.get("productCharacteristic") or ()}
    if by_name:
        changed["productCharacteristic"] = list(by_name.values())
    for attribute in ("name", "description", "place", "productTerm", "productPrice"):
        if given.get(attribute):
            changed[attribute] = copy.deepcopy(given[attribute])
    if monthly is not None:
        once = [p for p in changed.get("productPrice") or () if p.get("priceType") != "recurring"]
        changed["productPrice"] = [recurring(monthly), *once]
    if offering is not None:
        called = (product.get("productOffering") or {}).get("name")
        if called and product.get("name") == called and not given.get("name") and offering.get("name"):
            changed["name"] = offering["name"]
        changed["productOffering"] = ref(offering, "ProductOffering")
        if specification := specification_id(offering):
            changed["productSpecification"] = {"id": specification, "@referredType": "ProductSpecification"}
    changed["productOrderItem"] = [
        *changed.get("productOrderItem", ()),
        {"productOrderId": order_id, "orderItemId": item["id"], "orderItemAction": item["action"]},
    ]
    return changed


def terminated_product(product: Document, item: Document, order_id: str, at: str) -> dict[str, Any]:
    """The product after a delete item."""
    return {
        **product,
        "status": "terminated",
        "terminationDate": at,
        "productOrderItem": [
            *product.get("productOrderItem", ()),
            {"productOrderId": order_id, "orderItemId": item["id"], "orderItemAction": item["action"]},
        ],
    }


def new_service(
    activated: Document, customer: Document, ports: Iterable[Document], at: str
) -> dict[str, Any]:
    """The inventory's service from what the network reported."""
    kept = ("id", "name", "serviceSpecification", "serviceCharacteristic", "place", "description", "category")
    service: dict[str, Any] = {k: copy.deepcopy(activated[k]) for k in kept if activated.get(k)}
    service |= {
        "state": "active",
        "startDate": at,
        "hasStarted": True,
        "isServiceEnabled": True,
        "relatedParty": [ref(customer, "Customer", role="customer")],
    }
    carrying = [ref(port, "Resource") for port in ports]
    if carrying:
        service["supportingResource"] = carrying
    return service


def merged_service(service: Document, activated: Document) -> dict[str, Any]:
    """A service after it was modified: the network's characteristics by name."""
    by_name = {c["name"]: c for c in service.get("serviceCharacteristic") or ()}
    by_name |= {c["name"]: c for c in activated.get("serviceCharacteristic") or ()}
    return {**service, "serviceCharacteristic": list(by_name.values())}
