"""Orders that follow from an accepted quote: the order's document, and what holds for its items. Pure.

An item says which quote item it carries out (TMF622 quoteItem). Its price is then the quote's, not the catalogue's; its
terms (lead time, SLA text) stand in itemTerm; it is feasible because engineers assessed it.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from abonent.domain.agreement.documents import LEAD_TIME, client_of
from abonent.domain.agreement.rules_quote import Sum, price_of
from abonent.domain.order_handling.lines import leaves, lines
from abonent.domain.order_handling.plan import Task
from abonent.domain.qualification.rules import Feasibility, Reason
from abonent.kit.errors import N_, BadInput

Document = Mapping[str, Any]

BUILD = "build"
MINUTES = 24 * 60
BUILD_NAME = {"en": N_("Building the line"), "ru": "Строительство линии"}


def quote_ids(order: Document) -> list[str]:
    """Ids of the quotes that items of an order refer to, each once."""
    named = ((item.get("quoteItem") or {}).get("quoteId") for item in lines(order))
    return list(dict.fromkeys(str(id) for id in named if id))


def receipt_of(quote: str) -> str:
    """Id of the receipt that says which order carries out a quote: there is one at most."""
    return f"quote:{quote}"


def order_of(quote: Document) -> dict[str, Any]:
    """The TMF622 order that an accepted quote becomes."""
    return {
        "externalId": quote["id"],
        "description": str(quote.get("description") or ""),
        "relatedParty": copy.deepcopy(list(quote.get("relatedParty") or ())),
        "quote": [{"id": quote["id"], "@referredType": "Quote"}],
        "productOrderItem": [_item(quote, item) for item in quote["quoteItem"]],
        # What is paid once; what is charged a month the order sums up itself.
        "orderTotalPrice": [
            copy.deepcopy(dict(price))
            for price in quote.get("quoteTotalPrice") or ()
            if price.get("priceType") != "recurring"
        ],
    }


def _item(quote: Document, item: Document) -> dict[str, Any]:
    product = {k: copy.deepcopy(v) for k, v in (item.get("product") or {}).items() if k != "productTerm"}
    made: dict[str, Any] = {
        "id": item["id"],
        "action": item.get("action") or "add",
        "quantity": item.get("quantity") or 1,
        "product": product,
        "itemPrice": copy.deepcopy(list(item.get("quoteItemPrice") or ())),
        # A quote is for its items as they stand, so what one costs is what all of it costs.
        "itemTotalPrice": copy.deepcopy(list(item.get("quoteItemPrice") or ())),
        "itemTerm": [copy.deepcopy(dict(t)) for t in (item.get("product") or {}).get("productTerm") or ()],
        "quoteItem": {"id": item["id"], "quoteId": quote["id"], "@referredType": "QuoteItem"},
    }
    if item.get("productOffering"):
        made["productOffering"] = dict(item["productOffering"])
    return made


def quoted_item(item: Document, quotes: Mapping[str, Document]) -> Document | None:
    """The item of an accepted quote that an order item carries out; None where it refers to none that we have."""
    reference = item.get("quoteItem") or {}
    quote = quotes.get(str(reference.get("quoteId") or ""))
    if quote is None or quote.get("state") != "accepted":
        return None
    return next((q for q in quote["quoteItem"] if q.get("id") == reference.get("id")), None)


def check_quotes(order: Document, quotes: Mapping[str, Document], customer: Document | None) -> None:
    """Refuse an order that refers to a quote of ours wrongly: not accepted, another client's, price or offering.

    A quote that we do not have is somebody else's number and means nothing. BadInput names the item.
    """
    for item in lines(order):
        quote = quotes.get(str((item.get("quoteItem") or {}).get("quoteId") or ""))
        if quote is None:
            continue
        facts = {"path": item["id"], "quote": quote["id"]}
        # Whose quote it is stays untold: a stranger's and one that was not accepted look alike.
        stranger = customer is not None and client_of(quote) != customer["id"]
        agreed = quoted_item(item, quotes)
        if stranger or agreed is None:
            raise BadInput(
                "quoteNotAccepted", N_("Item {path}: quote {quote} was not accepted by this client."), **facts
            )
        wanted = (agreed.get("productOffering") or {}).get("id")
        given = (item.get("productOffering") or {}).get("id")
        if wanted != given:
            raise BadInput(
                "quoteOther",
                N_("Item {path}: quote {quote} is for offering {wanted}."),
                **facts,
                wanted=wanted,
            )
        price = price_of(agreed.get("quoteItemPrice"))
        if item.get("itemPrice") and price_of(item["itemPrice"]) != price:
            raise BadInput(
                "quotePriceMismatch",
                N_("Item {path}: the price is not that of quote {quote}: {once} once, {monthly} a month."),
                **facts,
                once=str(price.once),
                monthly=str(price.monthly),
            )


def agreed_price(item: Document) -> Sum | None:
    """The price that was agreed for an item; intake checked it against the quote. None: the catalogue's holds."""
    return price_of(item["itemPrice"]) if item.get("quoteItem") and item.get("itemPrice") else None


def assessed(quote: str) -> Feasibility:
    """Feasible: engineers said how it is built."""
    reason = Reason(
        "agreedInQuote", N_("Engineers assessed it; agreed in quote {quote}."), True, {"quote": quote}
    )
    return Feasibility(True, (reason,))


def lead_days(item: Document) -> int:
    """Days that were agreed until delivery; 0 when nothing was."""
    for term in item.get("itemTerm") or ():
        if term.get("name") == LEAD_TIME:
            return int((term.get("duration") or {}).get("amount") or 0)
    return 0


def with_building(
    order: Document, tasks: list[Task], quotes: Mapping[str, Document], access: Mapping[str, Document]
) -> list[Task]:
    """The plan's tasks with a task for what is built first, so that the item ends after its agreed lead time at most.

    access  quote id -> what will reach the address (node, technology, downstreamMbps), where engineers named it
    """
    built: list[Task] = []
    for item in _quoted(order, quotes):
        own = [task for task in tasks if task.item == item["id"]]
        agreed = lead_days(item) * MINUTES
        if not agreed or not own:
            continue
        line = access.get(str(item["quoteItem"]["quoteId"]), {})
        address = next((task.spec["address"] for task in own if task.spec.get("address")), None)
        task = Task(
            id=f"{item['id']}.{BUILD}",
            item=item["id"],
            name=dict(BUILD_NAME),
            kind=BUILD,
            minutes=max(agreed - sum(t.minutes for t in own), 0),
            by="engineer",
            # What is dug and paid for is not given back.
            point_of_no_return=True,
            spec={
                "action": item["action"],
                **({"address": address} if address else {}),
                **{k: line[k] for k in ("node", "technology", "downstreamMbps") if line.get(k)},
            },
        )
        for first in own:
            if not first.depends_on:
                first.depends_on = [task.id]
            if first.kind == "reserve" and line.get("node"):
                first.spec = {**first.spec, "node": line["node"]}
            _at_agreed_speed(first, item)
        built.append(task)
    return [*built, *tasks]


def _at_agreed_speed(task: Task, item: Document) -> None:
    """A line test measures against the agreed speed, a tenth either way, not against the offering's."""
    speed = next(
        (
            c.get("value")
            for c in (item.get("product") or {}).get("productCharacteristic") or ()
            if c.get("name") == "downstream"
        ),
        None,
    )
    if task.kind != "serviceTest" or not isinstance(speed, int | float) or speed <= 0:
        return
    limits = [
        {**limit, "min": speed * 0.9, "max": speed * 1.1} if limit.get("name") == "downstream" else limit
        for limit in task.spec.get("limits") or ()
    ]
    task.spec = {**task.spec, "limits": limits}


def _quoted(order: Document, quotes: Mapping[str, Document]) -> Iterator[dict[str, Any]]:
    return (item for item in leaves(order) if quoted_item(item, quotes) is not None)
