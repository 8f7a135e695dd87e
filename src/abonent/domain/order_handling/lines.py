"""The lines of an order: its items with the nested ones of bundles, walked the same way everywhere. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

ADD, MODIFY, DELETE, NO_CHANGE = "add", "modify", "delete", "noChange"


def lines(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every item, parents before their nested items."""
    for item in document.get("productOrderItem") or ():
        yield item
        yield from lines(item)


# States of an item that is not wanted any more.
OFF = frozenset({"cancelled", "pendingCancellation"})


def leaves(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Items that are delivered themselves: those without nested items. What was cancelled is not among them."""
    return (
        item for item in lines(document) if not item.get("productOrderItem") and item.get("state") not in OFF
    )


def parents(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Bundle items: those with nested items. What was cancelled is not among them."""
    return (item for item in lines(document) if item.get("productOrderItem") and item.get("state") not in OFF)


def line(document: Mapping[str, Any], item_id: str) -> dict[str, Any]:
    """The item with this id. KeyError."""
    for item in lines(document):
        if item["id"] == item_id:
            return item
    raise KeyError(item_id)


def offering_id(item: Mapping[str, Any]) -> str | None:
    """The offering an item names, directly or through its product."""
    for holder in (item, item.get("product") or {}):
        if (holder.get("productOffering") or {}).get("id"):
            return holder["productOffering"]["id"]
    return None


def product_id(item: Mapping[str, Any]) -> str | None:
    return (item.get("product") or {}).get("id")


def address_id(item: Mapping[str, Any]) -> str | None:
    """The installation address: the product's place with that role, or its only place."""
    places = (item.get("product") or {}).get("place") or []
    for place in places:
        if "install" in str(place.get("role", "")).lower():
            return place.get("id")
    return places[0].get("id") if len(places) == 1 else None


def relied_on(item: Mapping[str, Any]) -> list[str]:
    """Ids of the items that must be delivered before this one."""
    return [
        relation["id"]
        for relation in item.get("productOrderItemRelationship") or ()
        if str(relation.get("relationshipType", "")).lower() in {"relieson", "requires", "dependson"}
        and relation.get("id")
    ]


def copied(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an order (or item) whose items may be changed at their first level; what is deeper is shared.

    A deep copy of every attribute took a third of the time of placing an order.
    """
    copy = dict(document)
    if copy.get("productOrderItem"):
        copy["productOrderItem"] = [copied(item) for item in copy["productOrderItem"]]
    return copy


def with_state(document: Mapping[str, Any], state: str, only: set[str] | None = None) -> dict[str, Any]:
    """A copy of the order in which the items (or those in `only`) are in `state`; cancelled ones stay so."""
    changed = copied(document)
    for item in lines(changed):
        if item.get("state") != "cancelled" and (only is None or item["id"] in only):
            item["state"] = state
    return changed
