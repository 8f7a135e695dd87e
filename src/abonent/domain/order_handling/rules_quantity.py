"""Quantities: an item that adds several becomes as many items, each delivered, shown and cancelled by itself. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.order_handling.lines import ADD, lines
from abonent.kit.errors import N_, BadInput

Document = Mapping[str, Any]

# Products that one item may ask for. A business with more sends a bulk order.
MOST = 100


def check_quantity(item: Document) -> None:
    """Refuse a quantity that means nothing. Raises BadInput."""
    quantity = item.get("quantity", 1)
    if quantity > 1 and item["action"] != ADD:
        raise BadInput(
            "quantityOfOne",
            N_("Item {path}: action {action} is about one product, so its quantity is 1."),
            path=item["id"],
            action=item["action"],
        )
    if quantity > 1 and item.get("quoteItem"):
        raise BadInput(
            "quantityQuoted",
            N_("Item {path}: a quote is for its items as they stand, so the quantity is 1."),
            path=item["id"],
        )
    if quantity > MOST:
        raise BadInput(
            "quantityTooLarge",
            N_("Item {path}: {quantity} at once are too many; order at most {most} with one item."),
            path=item["id"],
            quantity=quantity,
            most=MOST,
        )


def spread(order: Document, before: Document | None = None) -> dict[str, Any]:
    """The order in which every item that adds several is as many items of one; the first keeps its id, the others are
    called 1-2, 1-3, ... Items that `before`, the order as it stands, has with this very quantity stay as they are.
    """
    known = {i["id"]: i.get("quantity", 1) for i in lines(before or {})}
    taken = {item["id"] for item in lines(order)} | known.keys()
    return {**order, "productOrderItem": list(_spread(order.get("productOrderItem") or (), known, taken))}


def _spread(items: Iterable[Document], known: Mapping[str, int], taken: set[str]) -> Iterable[dict[str, Any]]:
    for item in items:
        quantity = item.get("quantity", 1)
        one = dict(item)
        if item["action"] != ADD or quantity == 1 or known.get(item["id"]) == quantity:
            if one.get("productOrderItem"):
                one["productOrderItem"] = list(_spread(one["productOrderItem"], known, taken))
            yield one
            continue
        one["quantity"] = 1
        # What all of them cost is summed up anew, item by item.
        one.pop("itemTotalPrice", None)
        if one.get("productOrderItem"):
            parts = ({**part, "quantity": 1} for part in one["productOrderItem"])
            one["productOrderItem"] = list(_spread(parts, known, taken))
        yield one
        for number in range(2, quantity + 1):
            yield _another(one, number, taken)


def _another(item: Document, number: int, taken: set[str]) -> dict[str, Any]:
    """A copy with ids of its own. The client's appointment is kept once."""
    renamed = {each["id"]: _free(each["id"], number, taken) for each in (item, *lines(item))}

    def copied(one: Document) -> dict[str, Any]:
        copy = {name: value for name, value in one.items() if name != "appointment"}
        copy["id"] = renamed[one["id"]]
        if one.get("productOrderItem"):
            copy["productOrderItem"] = [copied(part) for part in one["productOrderItem"]]
        if one.get("productOrderItemRelationship"):
            copy["productOrderItemRelationship"] = [
                {**relation, "id": renamed.get(relation.get("id", ""), relation.get("id"))}
                for relation in one["productOrderItemRelationship"]
            ]
        return copy

    return copied(item)


def _free(id: str, number: int, taken: set[str]) -> str:
    name = f"{id}-{number}"
    while name in taken:
        name += "-"
    taken.add(name)
    return name
