"""What the client is told of his order, in words. Pure.

Texts are English with named facts and the keys of their translations; the message is written in the client's language.
"""

from collections.abc import Mapping
from typing import Any

from abonent.kit.errors import N_

Text = tuple[str, str]

# TMF622 state an order enters -> (subject, content). States a client need not hear of are left out.
ORDER_TEXTS: Mapping[str, Text] = {
    "acknowledged": (
        N_("Order {order} is received"),
        N_("Order {order} is received. The date follows as soon as the line at the address is checked."),
    ),
    "inProgress": (
        N_("Order {order} is in work"),
        N_("Order {order} is in work and will be ready by {promised}."),
    ),
    "pending": (
        N_("Order {order} waits for you"),
        N_("Order {order} waits for a payment in advance. Work begins when it has come."),
    ),
    "held": (
        N_("Order {order} needs a look"),
        N_("Something about order {order} has to be cleared up. You will hear within two working days."),
    ),
    "completed": (
        N_("Order {order} is done"),
        N_("Order {order} is done: everything works and was tested. Charging begins today."),
    ),
    "rejected": (
        N_("Order {order} cannot be delivered"),
        N_("Order {order} cannot be delivered. Ask for what is possible instead."),
    ),
    "cancelled": (
        N_("Order {order} is cancelled"),
        N_("Order {order} is cancelled. Nothing is charged for it."),
    ),
}


def language_of(customer: Mapping[str, Any] | None) -> str:
    """The language the client asked for in the characteristic `language`; English without one."""
    for entry in (customer or {}).get("characteristic") or ():
        if entry.get("name") == "language" and entry.get("value") in {"en", "ru"}:
            return entry["value"]
    return "en"


def address_of(customer: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """(messageType, address) of the preferred contact medium: e-mail, else SMS; None without either."""
    media = sorted((customer or {}).get("contactMedium") or (), key=lambda m: not m.get("preferred"))
    for medium in media:
        traits = medium.get("characteristic") or {}
        if traits.get("emailAddress"):
            return "email", traits["emailAddress"]
        if traits.get("phoneNumber"):
            return "SMS", traits["phoneNumber"]
    return None
