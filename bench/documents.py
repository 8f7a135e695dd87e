"""The documents of the benchmarks: product orders of about 3 KB, as a web shop sends them, and as they are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from abonent.kit.values import to_wire

OFFERING, SPECIFICATION, ADDRESSES, NODES, PORTS = "fibre", "PS-fibre", 2_000, 100, 64
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_STATES = ("completed",) * 8 + ("inProgress", "cancelled")


def order(number: int, client: str) -> dict[str, Any]:
    """The body of a TMF622 create: one access line for `client`, with what a shop says about it."""
    address = f"A-{number % ADDRESSES}"
    return {
        "externalId": f"shop-{client}-{number}",
        "description": f"Fibre for flat {number % 200}, entrance {number % 8 + 1}, ordered on the operator's site",
        "category": "B2C",
        "priority": "4",
        "requestedStartDate": to_wire(_FIRST_DAY + timedelta(days=number % 28)),
        "notificationContact": f"client{number}@example.org",
        "channel": [{"id": "web", "name": "Web shop", "role": "sales", "@referredType": "Channel"}],
        "note": [
            {"id": str(n), "author": "shop", "date": to_wire(_FIRST_DAY), "text": text + f" ({number})"}
            for n, text in enumerate(_NOTES, 1)
        ],
        "relatedParty": [
            {"id": client, "name": f"Client {client}", "role": "customer", "@referredType": "Customer"},
            {"id": "partner-7", "name": "Partner shop", "role": "seller", "@referredType": "Organization"},
        ],
        "productOrderItem": [
            {
                "id": "1",
                "quantity": 1,
                "action": "add",
                "productOffering": {"id": OFFERING, "name": "Fibre 100", "@referredType": "ProductOffering"},
                "product": {
                    "name": "Fibre 100",
                    "description": "Internet access over GPON",
                    "place": [
                        {
                            "id": address,
                            "name": f"Yaroslavl, Svobody 12, flat {number % 200}",
                            "role": "installationAddress",
                            "@referredType": "GeographicAddress",
                        }
                    ],
                    "productCharacteristic": [
                        {"name": name, "valueType": "string", "value": f"{value}{number % 97}"}
                        for name, value in _CHARACTERISTICS
                    ],
                    "productSpecification": {"id": SPECIFICATION, "name": "Fibre access"},
                },
                "itemTerm": [{"name": "Contract", "duration": {"amount": 12, "units": "month"}}],
            }
        ],
    }


_NOTES = (
    "The client asks to be called a quarter of an hour before anybody comes",
    "There is a dog; the intercom does not work, call from the yard",
    "An optical socket of another operator is in the hall and may be used again",
    "The discount of the spring campaign was explained to the client by the shop",
    "The key of the attic is kept by the house committee, ask on the ground floor",
    "Cables in the entrance run behind the lift; the old ones may be taken away",
    "The client has chosen the router himself and wants it set up on the same day",
)
_CHARACTERISTICS = (
    ("routerModel", "AX3000-"),
    ("ipAddressing", "dynamic-"),
    ("installationWindow", "morning-"),
    ("campaign", "spring-2026-"),
    ("loyaltyProgramme", "silver-"),
    ("contractChannel", "web-"),
    ("deviceColour", "white-"),
    ("wifiName", "home-"),
    ("staticAddress", "none-"),
    ("parentalControl", "off-"),
    ("equipmentOwnership", "rented-"),
    ("portingFrom", "none-"),
    ("billingLanguage", "ru-"),
    ("electronicBill", "yes-"),
)


def kept_order(number: int, clients: int) -> dict[str, Any]:
    """The same order as it stands in the table after its delivery; ids L-1, L-2, ..."""
    at = _FIRST_DAY + timedelta(minutes=3 * number)
    state = _STATES[number % len(_STATES)]
    document = order(number, f"C-{number % clients}")
    document["productOrderItem"][0]["state"] = state
    return {
        "id": f"L-{number}",
        **document,
        "orderDate": to_wire(at),
        "expectedCompletionDate": to_wire(at + timedelta(minutes=13)),
        "state": state,
        "orderTotalPrice": [
            {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 500}}}
        ],
    }


OPTIONS = ("option-0", "option-1", "option-2")
"""Offerings that need nothing of the network."""


def options_order(number: int, client: str) -> dict[str, Any]:
    """The body of a TMF622 create: three options for `client`."""
    return {
        "externalId": f"options-{client}-{number}",
        "relatedParty": [{"id": client, "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [
            {
                "id": str(n),
                "quantity": 1,
                "action": "add",
                "productOffering": {"id": offering, "@referredType": "ProductOffering"},
                "product": {"name": offering},
            }
            for n, offering in enumerate(OPTIONS, 1)
        ],
    }
