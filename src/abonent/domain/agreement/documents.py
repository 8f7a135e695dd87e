"""Reading and writing quote documents: terms, notes, authorizations. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.agreement.rules_quote import Sum, price_entries, price_of
from abonent.kit.values import from_wire, ref, to_wire, with_role

Document = Mapping[str, Any]

# Names of the product terms that a quote agrees on; order items carry them on (TMF622 itemTerm).
LEAD_TIME, SLA, TERMS = "leadTime", "sla", "terms"
# Who answered, as the note and the authorization of an answer name it.
CLIENT = "client"
ASSESSMENT = "EngineeringAssessment"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered: what for how much, by when, under which terms. `days` are calendar days from acceptance."""

    description: str
    offering: Document
    price: Sum
    days: int
    sla: str = ""
    terms: str = ""


def quote_item(
    terms: Terms, characteristics: list[dict[str, Any]], place: list[dict[str, Any]]
) -> dict[str, Any]:
    """The one item of a quote made from an assessment."""
    product: dict[str, Any] = {
        "name": terms.description[:120],
        "productTerm": [
            {"name": LEAD_TIME, "duration": {"amount": terms.days, "units": "day"}},
            *([{"name": SLA, "description": terms.sla}] if terms.sla else []),
            *([{"name": TERMS, "description": terms.terms}] if terms.terms else []),
        ],
    }
    if characteristics:
        product["productCharacteristic"] = characteristics
    if place:
        product["place"] = place
    return {
        "id": "1",
        "action": "add",
        "quantity": 1,
        "state": "approved",
        "productOffering": ref(terms.offering, "ProductOffering"),
        "product": product,
        "quoteItemPrice": price_entries(terms.price),
    }


def term_of(quote: Document, name: str) -> Document:
    """A product term of the quote's first item; empty when it has none of this name."""
    product = (next(iter(quote.get("quoteItem") or ()), {}) or {}).get("product") or {}
    return next((t for t in product.get("productTerm") or () if t.get("name") == name), {})


def lead_days(quote: Document) -> int:
    """Days from acceptance to delivery; 0 when it says nothing of it."""
    return int((term_of(quote, LEAD_TIME).get("duration") or {}).get("amount") or 0)


def total_of(quote: Document) -> Sum:
    """What the quote costs, all items."""
    return price_of(quote.get("quoteTotalPrice"))


def valid_until(quote: Document) -> datetime | None:
    """Until when the client may accept; None while it is not offered."""
    end = (quote.get("validFor") or {}).get("endDateTime")
    return from_wire(end) if end else None


def client_of(quote: Document) -> str:
    """Id of the customer it is for; empty when none is named."""
    return str((with_role(quote.get("relatedParty"), "customer") or {}).get("id") or "")


def assessment_of(quote: Document) -> str:
    """Id of the engineering assessment that it rests on; empty when there is none."""
    for each in quote.get("productOfferingQualification") or ():
        if each.get("@referredType") == ASSESSMENT:
            return str(each["id"])
    return ""


def without_assessment(quote: Document) -> list[dict[str, Any]]:
    """The qualifications a quote names besides an assessment of ours."""
    named = quote.get("productOfferingQualification") or ()
    return [dict(each) for each in named if each.get("@referredType") != ASSESSMENT]


def ran_out(quote: Document) -> bool:
    """Whether it was cancelled because its time had passed."""
    last = next(iter(reversed(quote.get("note") or ())), {})
    return quote["state"] == "cancelled" and str(last.get("id", "")).startswith("expired")


def noted(quote: Document, kind: str, author: str, at: datetime, text: str) -> list[dict[str, Any]]:
    """The quote's notes with one more; its id tells what kind of step it was."""
    notes = list(quote.get("note") or ())
    note = {"id": f"{kind}-{len(notes) + 1}", "author": author, "date": to_wire(at), "text": text}
    return [*notes, note]


def authorized(
    quote: Document, name: str, approver: Document, at: datetime, state: str, how: str
) -> list[dict[str, Any]]:
    """The quote's authorizations with one more: who granted or declined, when and by which way."""
    given = {
        "name": name,
        "state": state,
        "givenDate": to_wire(at),
        "signatureRepresentation": how,
        "approver": [dict(approver)],
    }
    return [*(quote.get("authorization") or ()), given]


def offered(quote: Document, now: datetime, until: datetime) -> dict[str, Any]:
    """The quote as the client gets it: dated, valid from now on."""
    return {
        **quote,
        "state": "approved",
        "effectiveQuoteCompletionDate": to_wire(now),
        "validFor": {"startDateTime": to_wire(now), "endDateTime": to_wire(until)},
    }


def longest(now: datetime, days: int, until: datetime | None) -> datetime:
    """When a quote ends that is offered now: the policy's days, and never after the costs it rests on."""
    end = now + timedelta(days=days)
    return min(end, until) if until else end
