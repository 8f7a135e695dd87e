"""What ending a product early costs, and what has to come back by when. Pure: rules of the catalogue and dates in.

A product's commitment is its productTerm of that name: it begins with the product and lasts as long as the offering
said when it was sold.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from abonent.domain.order_handling.lines import DELETE, copied, lines, product_id
from abonent.kit.values import Money, amount_of, from_wire, ref, to_wire

Document = Mapping[str, Any]

COMMITMENT = "commitment"
EARLY_TERMINATION = "earlyTermination"
_CENT = Decimal("0.01")
_MONTHS = {"month": 1, "months": 1, "year": 12, "years": 12}


def months_after(start: datetime, months: int) -> datetime:
    """The same day so many months later, the last day of a shorter month."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def months_left(start: datetime, months: int, at: datetime) -> int:
    """Months of a commitment that are not over at `at`; one that has begun counts whole."""
    passed = 0
    while passed < months and months_after(start, passed + 1) <= at:
        passed += 1
    return months - passed


def _length(terms: Iterable[Document]) -> int | None:
    """Months of the commitment among the terms of an offering or a product."""
    for term in terms:
        duration = term.get("duration") or {}
        units = _MONTHS.get(str(duration.get("units") or "").lower())
        if term.get("name") == COMMITMENT and units and duration.get("amount"):
            return int(duration["amount"]) * units
    return None


def with_commitment(product: dict[str, Any], offering: Document | None, at: str) -> dict[str, Any]:
    """The product with the commitment of its offering, from `at` on. One that was agreed otherwise stays."""
    months = _length((offering or {}).get("productOfferingTerm") or ())
    if months is None or _length(product.get("productTerm") or ()) is not None:
        return product
    until = to_wire(months_after(from_wire(at), months))
    term = {
        "name": COMMITMENT,
        "duration": {"amount": months, "units": "month"},
        "validFor": {"startDateTime": at, "endDateTime": until},
    }
    return {**product, "productTerm": [*product.get("productTerm", ()), term]}


def commitment(product: Document) -> tuple[datetime, int] | None:
    """When a product's commitment began and how many months it lasts; None without one."""
    terms = [t for t in product.get("productTerm") or () if t.get("name") == COMMITMENT]
    months = _length(terms)
    if months is None:
        return None
    began = (terms[0].get("validFor") or {}).get("startDateTime") or product.get("startDate")
    return (from_wire(began), months) if began else None


def committed_until(product: Document) -> datetime | None:
    """The end of a product's commitment."""
    known = commitment(product)
    return months_after(*known) if known else None


def _monthly(product: Document) -> Money | None:
    for price in product.get("productPrice") or ():
        amount = (price.get("price") or {}).get("taxIncludedAmount")
        if price.get("priceType") == "recurring" and amount:
            return Money(amount_of(amount), str(amount.get("unit") or "RUB"))
    return None


def fee(rule: Document | None, product: Document, at: datetime) -> Money | None:
    """What it costs, tax included, to end a product at `at`; None when it costs nothing."""
    known = commitment(product)
    if (
        rule is None
        or known is None
        or product.get("status") not in {"active", "suspended", "pendingTerminate"}
    ):
        return None
    start, months = known
    left = months_left(start, months, at)
    monthly = _monthly(product)
    due: Money | None = None
    if left == 0:
        return None
    if rule["feeType"] == "remainingMonths" and monthly is not None:
        share = Decimal(str(rule.get("share", 1)))
        due = Money(monthly.amount * left * share, monthly.currency)
    elif rule["feeType"] == "scale":
        due = _step(rule.get("scale") or (), months - left)
    most = rule.get("most")
    if due is not None and most is not None and due.amount > amount_of(most):
        due = Money(amount_of(most), str(most.get("unit") or due.currency))
    if due is None or due.amount <= 0:
        return None
    return Money(due.amount.quantize(_CENT, ROUND_HALF_UP), due.currency)


def _step(scale: Iterable[Document], passed: int) -> Money | None:
    """The amount of the last step that begins with or before the month that runs (the first one is 0)."""
    reached = [step for step in scale if step["fromMonth"] <= passed]
    if not reached:
        return None
    amount = max(reached, key=lambda step: step["fromMonth"])["amount"]
    return Money(amount_of(amount), str(amount.get("unit") or "RUB"))


def ended_at(order: Document, now: datetime) -> datetime:
    """When what an order ends is taken to end: on the day the client asks for, else now."""
    wanted = order.get("requestedCompletionDate")
    return max(now, from_wire(wanted)) if wanted else now


def with_fees(
    order: Document, products: Mapping[str, Document], rules: Mapping[str, Document], now: datetime
) -> dict[str, Any]:
    """A copy of the order whose items that end a product carry what it costs. Only we say it: what the sender wrote
    under this name is replaced.

    rules  by offering id
    """
    priced = copied(order)
    at = ended_at(order, now)
    for item in lines(priced):
        if item["action"] != DELETE:
            continue
        product = products.get(product_id(item) or "", {})
        due = fee(rules.get((product.get("productOffering") or {}).get("id") or ""), product, at)
        others = [p for p in item.get("itemPrice") or () if p.get("name") != EARLY_TERMINATION]
        item.pop("itemPrice", None)
        if due is not None:
            others.append(
                {
                    "name": EARLY_TERMINATION,
                    "priceType": "oneTime",
                    "price": {"taxIncludedAmount": due.document()},
                }
            )
        if others:
            item["itemPrice"] = others
    return priced


def fee_of(item: Document) -> Money | None:
    """The fee that an item carries."""
    for price in item.get("itemPrice") or ():
        if price.get("name") == EARLY_TERMINATION:
            amount = price["price"]["taxIncludedAmount"]
            return Money(amount_of(amount), str(amount.get("unit") or "RUB"))
    return None


def fees_of(order: Document) -> Money | None:
    """All fees of an order together."""
    found = [due for item in lines(order) if (due := fee_of(item))]
    return Money(sum((due.amount for due in found), Decimal(0)), found[0].currency) if found else None


def expected_back(
    rule: Document | None, product: Document, order: str, item: str, now: datetime
) -> list[dict[str, Any]]:
    """What was lent with a product that ended: each piece with the day by which it has to be back."""
    return [
        {
            "id": f"RET-{order.removeprefix('O-')}-{item}-{piece['id']}",
            "state": "expected",
            "name": piece["name"],
            "equipment": piece["id"],
            "product": ref(product, "Product"),
            "productOrder": {"id": order, "@referredType": "ProductOrder"},
            "relatedParty": list(product.get("relatedParty") or ()),
            "dueDate": to_wire(now + timedelta(days=piece["returnDays"])),
            "charge": piece["charge"],
            **_taken_back(piece, now),
        }
        for piece in (rule or {}).get("equipment") or ()
    ]


def _taken_back(piece: Document, now: datetime) -> dict[str, str]:
    """Until when the charge of a piece would be taken back; empty where its rule allows none."""
    days = piece.get("takeBackDays")
    return {"takeBackUntil": to_wire(now + timedelta(days=piece["returnDays"] + days))} if days else {}


def given_back(document: Document, now: datetime) -> dict[str, Any]:
    """A piece that came back: in time, or after it was charged; then its charge is taken back if the rule still allows
    it."""
    late, until = document["state"] == "charged", document.get("takeBackUntil")
    back = {**document, "state": "returnedLate" if late else "returned", "returnDate": to_wire(now)}
    if late and until:
        back["chargeReversed"] = now <= from_wire(until)
    return back


def overdue(document: Document, now: datetime) -> bool:
    return document["state"] == "expected" and from_wire(document["dueDate"]) <= now
