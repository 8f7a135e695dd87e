"""Service orders that are posted, patched and cancelled over TMF641. Pure.

Those of a product order's plan are the plan's: the network reports on them, and nobody else moves them.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.rules_cancel import fixed_items, open_items
from abonent.domain.order_handling.states import SERVICE_ORDER
from abonent.kit.errors import N_, IllegalMove

Document = Mapping[str, Any]

# How a service order comes to be cancelled from where it stands.
_WAY = {
    "inProgress": ("assessingCancellation", "pendingCancellation"),
    "assessingCancellation": ("pendingCancellation",),
}


def items_of(order: Document) -> Iterator[Document]:
    """Every item, parents before their nested items."""
    for item in order.get("serviceOrderItem") or ():
        yield item
        yield from items_of(item)


def with_items(order: Document, state: str, but: Collection[str] = ()) -> dict[str, Any]:
    """The order with its items in `state`, save those that stand in one of the states `but`."""

    def moved(item: Document) -> dict[str, Any]:
        done = {**item}
        if item.get("state") not in but:
            done["state"] = state
        if item.get("serviceOrderItem"):
            done["serviceOrderItem"] = [moved(part) for part in item["serviceOrderItem"]]
        return done

    return {**order, "serviceOrderItem": [moved(item) for item in order["serviceOrderItem"]]}


def taken(order: Document, id: str, at: str) -> dict[str, Any]:
    """A service order as it is taken: acknowledged, its items too."""
    return with_items(order, "acknowledged") | {"id": id, "state": "acknowledged", "orderDate": at}


def moved(before: Document, after: Document, at: str) -> dict[str, Any]:
    """The order after a patch, with the dates that belong to its new state."""
    state = after.get("state")
    dates: dict[str, Any] = {}
    if state == before.get("state"):
        return dict(after)
    if state == "inProgress" and "startDate" not in before:
        dates["startDate"] = at
    if state in {"completed", "failed", "partial"}:
        dates["completionDate"] = at
    if state == "cancelled":
        dates["cancellationDate"] = at
    return {**after, **dates}


def check_free(id: str, task: Task | None, product_order: Document | None, plan: Plan | None) -> None:
    """IllegalMove when a task of a product order waits for this service order, with what can be cancelled instead."""
    if task is None or product_order is None:
        return
    fixed = fixed_items(product_order, plan)
    possible = [item for item in open_items(product_order) if item not in fixed]
    raise IllegalMove(
        "serviceOrderOfPlan",
        N_(
            "Service order {id} carries out “{task}” of item {item} of order {order}, which the network reports on. "
            "Cancel there (cancelProductOrder). Items that can still be cancelled: {possible}."
        ),
        id=id,
        task=task.name.get("en", task.id),
        item=task.item,
        order=product_order["id"],
        possible=", ".join(possible) or "-",
        items=possible,
    )


def way_to_cancel(order: Document) -> tuple[str, ...]:
    """The states a service order passes on its way to `cancelled`.

    IllegalMove when it is over, or when an item is done: what is delivered is ended by another service order.
    """
    state = str(order.get("state"))
    if state in SERVICE_ORDER.final:
        raise IllegalMove(
            "serviceOrderOver",
            N_(
                "Service order {id} is {state} and cannot be cancelled. What it set up is ended by a service order "
                "with the action delete."
            ),
            id=order["id"],
            state=state,
        )
    done = [item["id"] for item in items_of(order) if item.get("state") == "completed"]
    if done:
        raise IllegalMove(
            "itemsDone",
            N_(
                "Items {items} of service order {id} are completed, so it cannot be cancelled as a whole. End them by "
                "a service order with the action delete."
            ),
            id=order["id"],
            items=", ".join(done),
        )
    return _WAY.get(state, ())
