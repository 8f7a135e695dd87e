"""A qualification that holds a port: how it is asked for, what the answer says. Pure.

An item asks by product.realizingResource naming a pool of ports (@referredType ResourcePool); the answer has there the
reservation and the port, and the qualification's expirationDate is when it is over.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
POOL, RESERVATION = "ResourcePool", "ResourceReservation"


def holder_of(qualification: str, item: str) -> str:
    """Under what number a port is held for an item of a qualification."""
    return f"{qualification}/{item}"


def pool_asked(item: Document) -> str | None:
    """The pool of ports by whose terms an item wants one held; None: it asks for an answer alone."""
    named = (item.get("product") or {}).get("realizingResource") or ()
    return next((str(each["id"]) for each in named if each.get("@referredType") == POOL), None)


def with_reservation(item: Document, made: Document | None) -> dict[str, Any]:
    """The item with the reservation in place of the pool it asked for."""
    product = dict(item.get("product") or {})
    others = [each for each in product.pop("realizingResource", ()) if each.get("@referredType") != POOL]
    if made is not None:
        port = made["resource"]
        others += [
            {"id": made["id"], "@referredType": RESERVATION},
            {"id": port["id"], "name": port["value"], "@referredType": "Resource"},
        ]
    if others:
        product["realizingResource"] = others
    return {**item, "product": product}


def expiry(made: Iterable[Document]) -> str | None:
    """When the first of these reservations is over."""
    ends = [str(each["validFor"]["endDateTime"]) for each in made if each.get("validFor")]
    return min(ends, default=None)
