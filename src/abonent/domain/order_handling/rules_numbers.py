"""Numbers and other resources of pools in an order: which its items name, what its tasks took, what carries the product
then. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.inventory import rules_reservations
from abonent.domain.order_handling.lines import ADD, OFF, lines
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.rules_porting import NUMBER, wish_of

Document = dict[str, Any]
View = Mapping[str, Any]

# Job: an order is over; what it still holds of a pool comes back.
CLOSE = "order_handling.close_reservations"


def named(order: View) -> dict[str, dict[str, str]]:
    """Item -> the characteristics of what it adds, as text: a pool may hand out some of them."""
    found: dict[str, dict[str, str]] = {}
    for item in lines(order):
        given = (item.get("product") or {}).get("productCharacteristic") or ()
        values = {c["name"]: str(c["value"]) for c in given if c.get("value")}
        if wish_of(item) is not None:
            values.pop(NUMBER, None)  # it is brought, and in no pool of ours
        if item["action"] == ADD and item.get("state") not in OFF and values:
            found[item["id"]] = values
    return found


def qualified(order: View) -> dict[str, tuple[str, str]]:
    """Item -> the qualification that it carries, and the item there: each once, the first one that names it."""
    found: dict[str, tuple[str, str]] = {}
    for item in lines(order):
        carried = item.get("productOfferingQualificationItem") or {}
        told = (str(carried.get("productOfferingQualificationId") or ""), str(carried.get("id") or ""))
        if (
            item["action"] == ADD
            and item.get("state") not in OFF
            and all(told)
            and told not in found.values()
        ):
            found[item["id"]] = told
    return found


def holds(order: View, tasks: Iterable[Task] = ()) -> bool:
    """Whether an order may hold something of a pool, or a port since it was qualified."""
    return any("pool" in task.spec for task in tasks) or any(
        item.get("productOfferingQualificationItem")
        or any(c.get("value") for c in (item.get("product") or {}).get("productCharacteristic") or ())
        for item in lines(order)
        if item["action"] == ADD
    )


def characteristics(plan: Plan, item: str) -> dict[str, Any]:
    """What tasks of an item found out about its service, for the network and the product: its number, its SIM card."""
    done = [t.output for t in plan.task if t.item == item and not t.undoes and "characteristic" in t.output]
    return {output["characteristic"]: output["value"] for output in done}


def resources(plan: Plan, item: str) -> list[str]:
    """Ids of what tasks of an item took of pools."""
    return [t.output["resource"] for t in plan.task if t.item == item and "resource" in t.output]


def in_use(resource: View) -> dict[str, Any]:
    """A resource that carries a product from now on. A port stays reserved for its line."""
    if resource.get("category") == "port":
        return {**resource, "usageState": "active"}
    return rules_reservations.installed(resource)


def with_numbers(product: Document, values: Mapping[str, Any]) -> Document:
    """The product with the numbers that it got."""
    if not values:
        return product
    kept = [c for c in product.get("productCharacteristic") or () if c["name"] not in values]
    added = [{"name": name, "value": value} for name, value in values.items()]
    return {**product, "productCharacteristic": [*kept, *added]}
