"""What follows for billing from what happened to a product. Pure.

A product is charged while it is active (or about to be terminated) and has prices that come again. What it is charged
is kept as its position; each event of the product is held against it, and what differs is a start, a change or a stop.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from abonent.kit.values import amount_of, with_role

Document = Mapping[str, Any]

CHARGED = frozenset({"active", "pendingTerminate"})
ONE_TIME = "oneTime"
_REASONS = {
    "suspended": "suspended",
    "terminated": "terminated",
    "cancelled": "cancelled",
    "aborted": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a product: its place among the product's events, when (UTC, on the wire), the product as it stood
    after it (None: it was deleted), its status before, and whether it was made by it."""

    seq: int
    at: str
    product: Document | None
    old_status: str | None = None
    made: bool = False


def new_position(product_id: str) -> dict[str, Any]:
    """The position of a product of which nothing is known yet."""
    return {"id": product_id, "event": 0, "charged": False, "orderItem": []}


def entries_new(position: Document, product: Document | None) -> list[Document]:
    """Order items that the product names and its position does not."""
    known = set(position["orderItem"])
    return [e for e in (product or {}).get("productOrderItem") or () if entry_key(e) not in known]


def follow(
    position: Document,
    happened: Happened,
    items: Mapping[str, Document],
    once: Mapping[str, Sequence[Document]],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The position after an event, and the charges that follow, without numbers.

    items  order items by "order/item": those of `entries_new`
    once   one-time prices by the same key
    """
    product = happened.product
    fresh = entries_new(position, product)
    item_of = fresh[-1] if fresh else None
    before = dict(position)
    if before["event"] == 0 and not happened.made and product is not None:
        before |= _taken_over(happened, product)
    after = _position(before, happened, fresh, items)
    charges = [
        _charge(after, happened, ONE_TIME, "oneTime", entry, list(once[entry_key(entry)]), items)
        for entry in fresh
        if once.get(entry_key(entry))
    ]
    return after, charges + _moves(before, after, happened, item_of, items)


def _taken_over(happened: Happened, product: Document) -> dict[str, Any]:
    """What is assumed of a product that came without an event, by import: it was charged to the same account, if its
    status says so. At what price is not known, so a present price is told as a change."""
    was = happened.old_status or product.get("status")
    return account_of(product) | {
        "charged": was in CHARGED and bool(_recurring(product)),
        "price": _recurring(product) if happened.old_status else None,
        "name": product.get("name"),
        "quantity": 1,
    }


def _position(
    before: Document, happened: Happened, fresh: Iterable[Document], items: Mapping[str, Document]
) -> dict[str, Any]:
    product = happened.product
    if product is None:
        return {**before, "event": happened.seq, "charged": False}
    entries = list(fresh)
    quantity = before.get("quantity") or 1
    for entry in entries:
        if entry.get("orderItemAction") != "delete" and (item := items.get(entry_key(entry))):
            quantity = int(item.get("quantity") or quantity)
    price = _recurring(product)
    return {
        "id": before["id"],
        "event": happened.seq,
        "charged": product.get("status") in CHARGED and bool(price),
        **account_of(product),
        "name": product.get("name") or before["id"],
        "quantity": quantity,
        "price": price,
        "orderItem": [*before["orderItem"], *map(entry_key, entries)],
    }


def _moves(
    before: Document,
    after: Document,
    happened: Happened,
    entry: Document | None,
    items: Mapping[str, Document],
) -> list[dict[str, Any]]:
    was, now = before["charged"], after["charged"]

    def charge(position: Document, kind: str, reason: str) -> dict[str, Any]:
        return _charge(position, happened, kind, reason, entry, position.get("price") or [], items)

    if was and not now:
        status = (happened.product or {}).get("status")
        return [
            charge(before, "stop", _REASONS.get(str(status), "priceEnded" if happened.product else "deleted"))
        ]
    if now and not was:
        resumed = happened.old_status == "suspended"
        return [charge(after, "start", "resumed" if resumed else "delivered")]
    if not now:
        return []
    if _payer(before) != _payer(after):
        return [charge(before, "stop", "accountChanged"), charge(after, "start", "accountChanged")]
    if (before.get("price"), before.get("quantity")) != (after["price"], after["quantity"]):
        return [charge(after, "change", "priceChanged")]
    return []


def _charge(
    position: Document,
    happened: Happened,
    kind: str,
    reason: str,
    entry: Document | None,
    price: list[Document],
    items: Mapping[str, Document],
) -> dict[str, Any]:
    quantity = position.get("quantity") or 1
    if kind == ONE_TIME and entry is not None:
        quantity = int((items.get(entry_key(entry)) or {}).get("quantity") or 1)
    charge: dict[str, Any] = {
        "type": kind,
        "reason": reason,
        "account": position["account"],
        "customer": position["customer"],
        "product": {"id": position["id"], "name": position["name"]},
        "quantity": quantity,
        "price": price,
        "effective": happened.at,
    }
    if position.get("accountRef"):
        charge["billingAccount"] = position["accountRef"]
    if entry is not None:
        names = ("productOrderId", "orderItemId", "orderItemAction")
        charge["orderItem"] = {name: entry[name] for name in names if entry.get(name)}
    return charge


def entry_key(entry: Document) -> str:
    """The order item that a product names, by its order."""
    return f"{entry.get('productOrderId')}/{entry.get('orderItemId')}"


def account_of(product: Document) -> dict[str, Any]:
    """Who pays: the product's billing account, else an account in the client's name."""
    customer = with_role(product.get("relatedParty"), "customer") or {}
    account = product.get("billingAccount") or {}
    kept = {name: account[name] for name in ("id", "name") if account.get(name)}
    return {
        "account": kept.get("id") or customer.get("id") or "",
        "accountRef": kept,
        "customer": {name: customer[name] for name in ("id", "name") if customer.get(name)},
    }


def _payer(position: Document) -> tuple[str, str]:
    return position["account"], str(position["customer"].get("id") or "")


def _recurring(product: Document) -> list[dict[str, Any]]:
    """The prices that come again, or go by usage; each as the product has it."""
    return [dict(p) for p in product.get("productPrice") or () if p.get("priceType") != ONE_TIME]


def one_time(prices: Iterable[Document] | None) -> list[Document]:
    """The one-time prices among an item's."""
    return [p for p in prices or () if p.get("priceType") == ONE_TIME]


def total(event: Document, kind: str = "") -> dict[str, Decimal]:
    """What an event's prices come to with tax, times its quantity, by currency; `kind`: of one priceType alone."""
    sums: dict[str, Decimal] = {}
    for price in event.get("price") or ():
        if kind and price.get("priceType") != kind:
            continue
        amount = (price.get("price") or {}).get("taxIncludedAmount")
        if amount:
            unit = str(amount.get("unit") or "RUB")
            sums[unit] = sums.get(unit, Decimal(0)) + amount_of(amount) * (event.get("quantity") or 1)
    return sums
