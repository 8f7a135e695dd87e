"""Entering what an act did to a product: suspended, resumed, moved, given to another client (OH-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.order_handling import products, rules_numbers
from abonent.domain.order_handling.activation import service_reference
from abonent.domain.order_handling.rules_product_acts import (
    MOVE,
    RESUME,
    SUSPEND,
    account_for,
    given_to,
    holder_of,
    in_status,
)
from abonent.kit.change import Change, Stored
from abonent.kit.values import Money, ref

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What an item's tasks brought, with the documents it touches.

    customer  who holds the product afterwards; monthly: the price of an offering that it did not have before
    ports     resources that the tasks took (`new_resources`, their ids) and those that carried it before
    """

    item: Document
    new_resources: frozenset[str]
    services: list[Document]
    customer: Document
    offering: Document | None
    monthly: Money | None
    ports: list[Stored]
    product: Stored | None
    held_services: list[Stored]


def enter(change: Change, delivered: Delivered, act: str, order: str, at: str) -> str:
    """Write the documents of an act; returns what was done in a few words."""
    stored = delivered.product
    assert stored is not None
    changed = products.modified_product(
        stored.document, delivered.item, delivered.offering, order, delivered.monthly
    )
    if act in {SUSPEND, RESUME}:
        changed["status"] = "suspended" if act == SUSPEND else "active"
        _restate(change, delivered, changed["status"], order)
        change.update(stored, changed, order)
        return f"{stored.id} {'suspended' if act == SUSPEND else 'resumed'}"
    if act == MOVE:
        _move(change, delivered, changed, order, at)
        change.update(stored, changed, order)
        return f"{stored.id} moved"
    customer = delivered.customer
    changed = given_to(changed, customer)
    account = account_for(delivered.item, customer)
    changed.pop("billingAccount", None)
    if account:
        changed["billingAccount"] = dict(account)
    change.update(stored, changed, order)
    change.flip(PRODUCT, stored.id, "customer", holder_of(stored.document), customer["id"], order)
    for service in delivered.held_services:
        change.update(service, given_to(service.document, customer), order)
    return f"{stored.id} transferred"


def _restate(change: Change, delivered: Delivered, status: str, order: str) -> None:
    told = {s["id"]: s for s in delivered.services}
    for service in delivered.held_services:
        if service.state in {"active", "inactive"}:
            merged = products.merged_service(service.document, told.get(service.id, {}))
            change.update(service, in_status(merged, status), order)


def _move(change: Change, delivered: Delivered, changed: Document, order: str, at: str) -> None:
    """New services and ports carry the product, what carried it at the old address is over. Changes `changed`."""
    new = [port for port in delivered.ports if port.id in delivered.new_resources]
    for activated in delivered.services:
        made = products.new_service(activated, delivered.customer, [p.document for p in new], at)
        change.insert(SERVICE, made, order)
    for port in new:
        change.update(port, rules_numbers.in_use(port.document))
    for service in delivered.held_services:
        if service.state != "terminated":
            change.update(service, service.document | {"state": "terminated", "endDate": at}, order)
    if delivered.services:
        changed["realizingService"] = [service_reference(s) for s in delivered.services]
    left = {port.id for port in left_ports(delivered)}
    kept = [r for r in changed.get("realizingResource") or () if r.get("id") not in left]
    carrying = [*kept, *(ref(port.document, "Resource") for port in new)]
    changed.pop("realizingResource", None)
    if carrying:
        changed["realizingResource"] = carrying


def left_ports(delivered: Delivered) -> Iterable[Stored]:
    """Ports at the old address. Numbers and SIM cards go along."""
    return [
        r
        for r in delivered.ports
        if r.resource is RESOURCE
        and r.id not in delivered.new_resources
        and r.document.get("category") == "port"
    ]
