"""Lent equipment as charges: what did not come back is charged once, what came back in the time allowed is credited.
Pure."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.billing.rules import ONE_TIME, account_of

Document = Mapping[str, Any]
CREDIT = "credit"
NOT_RETURNED, RETURNED_LATE = "notReturned", "returnedLate"
# What of a piece billing was told: nothing, that it is charged, that the charge is taken back.
_UNTOLD, _CHARGED, _CREDITED = 0, 1, 2


def new_position(piece: Document) -> dict[str, Any]:
    """The position of a piece of which billing was told nothing yet."""
    return {"id": piece["id"], "event": _UNTOLD, "charged": False, "orderItem": []}


def follow(
    position: Document, piece: Document, product: Document | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The position after what became of a piece, and the charges that follow, without numbers. They go to the account
    that the charge went to, else to the product's."""
    after, charges = dict(position), []
    if after["event"] == _UNTOLD and piece["state"] in {"charged", "returnedLate"}:
        after |= {"event": _CHARGED, "charged": True, **account_of(product or piece)}
        charges.append(_charge(after, piece, ONE_TIME, NOT_RETURNED, piece["dueDate"]))
    if after["event"] == _CHARGED and piece["state"] == "returnedLate" and piece.get("chargeReversed"):
        after |= {"event": _CREDITED, "charged": False}
        charges.append(_charge(after, piece, CREDIT, RETURNED_LATE, piece["returnDate"]))
    return after, charges


def _charge(position: Document, piece: Document, kind: str, reason: str, effective: str) -> dict[str, Any]:
    product = piece["product"]
    charge = {
        "type": kind,
        "reason": reason,
        "account": position["account"],
        "customer": position["customer"],
        "product": {"id": product["id"], "name": product.get("name") or product["id"]},
        "quantity": 1,
        "price": [{"priceType": ONE_TIME, "price": {"taxIncludedAmount": dict(piece["charge"])}}],
        "effective": effective,
        "equipmentReturn": {"id": piece["id"], "name": piece["name"]},
        "orderItem": {"productOrderId": piece["productOrder"]["id"]},
    }
    if position.get("accountRef"):
        charge["billingAccount"] = position["accountRef"]
    return charge
