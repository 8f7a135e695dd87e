"""What an order will cost a month, item by item. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from abonent.domain.order_handling.lines import ADD, MODIFY, OFF, lines, offering_id, product_id
from abonent.domain.order_handling.rules_quoted import agreed_price
from abonent.kit.values import Money, amount_of

Document = Mapping[str, Any]


def charged_items(order: Document, monthly: Mapping[str, Money]) -> Iterator[tuple[dict[str, Any], Money]]:
    """Items that are added and charged, with their monthly price each: the agreed one, else the catalogue's. What was
    cancelled is not among them.

    A bundle with a price of its own covers its parts; one without is charged by its parts.
    """
    for item in order.get("productOrderItem") or ():
        if item.get("state") in OFF:
            continue
        price = None
        if item["action"] == ADD:
            agreed = agreed_price(item)
            price = monthly.get(offering_id(item) or "")
            price = Money(agreed.monthly, agreed.currency) if agreed is not None else price
        if price is not None:
            yield item, price
        else:
            yield from charged_items(item, monthly)


def changed_items(
    order: Document, monthly: Mapping[str, Money], held: Mapping[str, Document]
) -> Iterator[tuple[dict[str, Any], Money]]:
    """Items that give a product another offering, with what it costs a month from then on. `held`: products by id.

    An item that was priced before keeps standing here after its product has the new offering.
    """
    for item in lines(order):
        if item["action"] != MODIFY or item.get("state") in OFF:
            continue
        wanted = offering_id(item) or ""
        has = (held.get(product_id(item) or "", {}).get("productOffering") or {}).get("id")
        if wanted in monthly and (wanted != has or item.get("itemTotalPrice")):
            yield item, monthly[wanted]


def monthly_total(order: Document, monthly: Mapping[str, Money]) -> Decimal:
    """What the order adds to the client's monthly bill: prices times quantities."""
    return sum(
        (price.amount * (item.get("quantity") or 1) for item, price in charged_items(order, monthly)),
        Decimal(0),
    )


def once_total(order: Document, once: Mapping[str, Money]) -> Decimal:
    """What the order costs once: the agreed or the catalogue's prices of what is added, times quantities."""
    total = Decimal(0)
    for item in order.get("productOrderItem") or ():
        if item["action"] == ADD:
            given = [p for p in item.get("itemPrice") or () if p.get("priceType") == "oneTime"]
            price = once.get(offering_id(item) or "")
            amount = (
                sum((amount_of((p.get("price") or {}).get("taxIncludedAmount")) for p in given), Decimal(0))
                if given
                else price.amount
                if price
                else Decimal(0)
            )
            total += amount * (item.get("quantity") or 1)
        total += once_total(item, once)
    return total


def priced(
    order: dict[str, Any], monthly: Mapping[str, Money], held: Mapping[str, Document] = MappingProxyType({})
) -> dict[str, Any]:
    """The order with the catalogue's prices on its items, where the sender gave none, and in total: what is added, and
    what products cost that get another offering. `held`: the products it names, by id.

    What is charged a month is ours to sum up: the credit decision of the client's next order rests on it.
    Changes `order` and returns it.
    """
    currency, changed = None, list(changed_items(order, monthly, held))
    for item, price in (*charged_items(order, monthly), *changed):
        currency = price.currency
        item.setdefault("itemPrice", [recurring(price)])
        total = Money(price.amount * (item.get("quantity") or 1), price.currency)
        item.setdefault("itemTotalPrice", [recurring(total)])
    others = [p for p in order.pop("orderTotalPrice", ()) if p.get("priceType", "recurring") != "recurring"]
    if others:
        order["orderTotalPrice"] = others
    if currency is not None:
        of_changes = sum((price.amount * (item.get("quantity") or 1) for item, price in changed), Decimal(0))
        total = Money(monthly_total(order, monthly) + of_changes, currency)
        order["orderTotalPrice"] = [recurring(total), *others]
    return order


def recurring(price: Money) -> dict[str, Any]:
    """A monthly price with tax, as items, orders and products say it."""
    return {
        "priceType": "recurring",
        "recurringChargePeriod": "month",
        "price": {"taxIncludedAmount": price.document()},
    }


def one_time_price(price: Money) -> dict[str, Any]:
    """A price paid once with tax, as items say it."""
    return {"priceType": "oneTime", "price": {"taxIncludedAmount": price.document()}}
