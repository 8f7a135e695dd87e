"""From an approved assessment to a quote, and from a quote asked for over the API to an assessment."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from abonent.domain.agreement import documents as doc
from abonent.domain.agreement.quotes import expire_at_end, policy
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.agreement.rules_quote import Sum, may_price, price_entries, proposed, read_sum, thin
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.qualification import engineering
from abonent.domain.qualification.resources import ENGINEERING_ASSESSMENT
from abonent.domain.qualification.rules_engineering import decided
from abonent.domain.qualification.states_engineering import ENGINEERING_ASSESSMENT as STATES
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.patch import changed_names
from abonent.kit.values import from_wire, ref, to_wire

Document = dict[str, Any]
OPEN_FOR_QUOTE = "qualification.open_for_quote"
EVENT = QUOTE.event_type("Create")
GRANTED_LATER = N_("The price earns less than the least margin: a manager has to grant it.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What is put into the quote; None or empty: as the assessment and the policy's margins give it."""

    offering: str = ""
    once: Decimal | None = None
    monthly: Decimal | None = None
    days: int | None = None
    sla: str = ""
    terms: str = ""


async def offer(ctx: Context, id: str, wanted: Offer) -> Document:
    """Make the quote of an approved assessment. At a price below the least margin it waits (pending) for somebody who
    may grant it, unless the caller may; else the client gets it. Returns the quote.

    BadInput for an offering that is not there, a price below zero or a lead time shorter than the assessed one;
    IllegalMove when there is an open quote already.
    """
    stored = await engineering.load(ctx, id)
    await _check_open(ctx, stored)
    offering = await _offering(
        ctx, wanted.offering or (stored.document.get("productOffering") or {}).get("id")
    )
    rules = await policy(ctx)
    cost = read_sum(stored.document["total"])
    usual = proposed(cost, rules)
    price = Sum(
        usual.once if wanted.once is None else wanted.once,
        usual.monthly if wanted.monthly is None else wanted.monthly,
        cost.currency,
    )
    for path, amount in (("once", price.once), ("monthly", price.monthly)):
        if not 0 <= amount <= 10**10:
            raise BadInput("priceBelowZero", N_("A price is 0 or more."), path=path)
    days = stored.document["leadTimeDays"] if wanted.days is None else wanted.days
    if not stored.document["leadTimeDays"] <= days <= 1000:
        raise BadInput(
            "tooSoon",
            N_("The engineers need {days} days; promise no less, and at most 1,000."),
            path="days",
            days=stored.document["leadTimeDays"],
        )
    terms = doc.Terms(
        stored.document["description"], offering, price, days, wanted.sla.strip(), wanted.terms.strip()
    )
    waits = thin(price, cost, rules) and not may_price(ctx.caller.role)
    return await _save(ctx, stored, terms, waits=waits, days=rules["quoteDays"])


async def _check_open(ctx: Context, stored: Stored) -> None:
    if stored.state != "approved":
        raise IllegalMove(
            "notApproved",
            N_("Request {request} is {state}; a quote is made of one that is approved."),
            request=stored.id,
            state=stored.state,
        )
    quotes = await ctx.store.find((QUOTE, q["id"]) for q in stored.document.get("quote") or ())
    if any(each.state in {"pending", "approved", "accepted"} for each in quotes.values()):
        raise IllegalMove(
            "quoteThere",
            N_("Request {request} has a quote that is open or accepted already."),
            request=stored.id,
        )


async def _offering(ctx: Context, id: str | None) -> Document:
    found = await ctx.store.find([(PRODUCT_OFFERING, id)]) if id else {}
    stored = next(iter(found.values()), None)
    if stored is None:
        raise BadInput(
            "offeringMissing",
            N_("Choose the offering of the catalogue that it is delivered and charged as."),
            path="offering",
        )
    return stored.document


async def _save(ctx: Context, stored: Stored, terms: doc.Terms, *, waits: bool, days: int) -> Document:
    now, request = ctx.now(), stored.document
    asked = await ctx.store.find((QUOTE, q["id"]) for q in request.get("quote") or ())
    draft = next((each for each in asked.values() if each.state == "inProgress"), None)
    item = doc.quote_item(terms, request.get("requestedCharacteristic") or [], request.get("place") or [])
    until = from_wire(request["validFor"]["endDateTime"])
    quote: Document = {
        **(draft.document if draft else {"id": await ctx.store.next_id(QUOTE), "quoteDate": to_wire(now)}),
        "description": request["description"],
        "version": str(len(request.get("quote") or ()) + (0 if draft else 1)),
        "relatedParty": request["relatedParty"],
        "productOfferingQualification": [
            {"id": stored.id, "name": request["description"][:80], "@referredType": doc.ASSESSMENT}
        ],
        "quoteItem": [item],
        "quoteTotalPrice": price_entries(terms.price),
    }
    change = ctx.change()
    if waits:
        # Until when its costs hold; the client's time begins when it is granted.
        quote |= {"state": "pending", "validFor": {"endDateTime": to_wire(until)}}
    else:
        quote = doc.offered(quote, now, doc.longest(now, days, until))
        expire_at_end(change, quote)
    why = GRANTED_LATER if waits else None
    if draft:
        change.update(draft, quote, why)
    else:
        change.insert(QUOTE, quote, why)
    refs = [q for q in request.get("quote") or () if q["id"] != quote["id"]]
    outcome = "waitsForGrant" if waits else "offered"
    change.update(
        stored,
        request
        | {
            "quote": [*refs, {"id": quote["id"], "@referredType": "Quote"}],
            "productOffering": ref(terms.offering, "ProductOffering"),
            "decision": decided(
                request, "price", outcome, why or "", ctx.caller.name, ctx.caller.role.value, now
            ),
        },
    )
    await ctx.store.commit(change)
    return quote


async def open_for_quote(ctx: Context, id: str, **_: Any) -> None:
    """Job: a quote was asked for over the API; its first item becomes a request for assessment, once."""
    found = await ctx.store.find([(QUOTE, id)])
    stored = found.get((QUOTE.name, id))
    if stored is None or stored.state != "inProgress" or doc.assessment_of(stored.document):
        return
    quote = stored.document
    item = quote["quoteItem"][0]
    product = item.get("product") or {}
    wanted = {
        # Of the quote's number, so that a job that runs twice opens one.
        "id": f"EA-{id}",
        "kind": "other",
        "description": str(quote.get("description") or product.get("name") or id),
        "relatedParty": quote["relatedParty"],
        "place": product.get("place") or [],
        **({"productOffering": item["productOffering"]} if item.get("productOffering") else {}),
        "requestedCharacteristic": product.get("productCharacteristic") or [],
        "quote": [{"id": id, "@referredType": "Quote"}],
    }
    if not await ctx.store.find([(ENGINEERING_ASSESSMENT, wanted["id"])]):
        await engineering.request(ctx, wanted)
    change = ctx.change()
    change.update(
        stored,
        quote
        | {
            "productOfferingQualification": [
                *doc.without_assessment(quote),
                {"id": wanted["id"], "@referredType": doc.ASSESSMENT},
            ]
        },
    )
    await ctx.store.commit(change)


async def change_assessment(ctx: Context, stored: Stored, document: Document) -> Document:
    """Apply a validated patch over the API: new parts are given out, parts with an answer are answered, `state`
    approves, rejects or withdraws with `statusReason`. IllegalMove for anything else."""
    changed = changed_names(document, stored.document)
    if fixed := changed - {"part", "state", "statusReason"}:
        raise IllegalMove(
            "requestFixed",
            N_(
                "{path} of request {request} cannot be changed: engineers work by it. Withdraw it and ask anew."
            ),
            path=", ".join(sorted(fixed)),
            request=stored.id,
        )
    reason = str(document.get("statusReason") or "")
    wanted, known = document.get("state"), {p["id"] for p in stored.document.get("part") or ()}
    latest = stored.document
    parts = document.get("part") or []
    new = [p for p in parts if p.get("id") not in known]
    if new:
        given = [
            (p["kind"], p["engineer"], from_wire(p["dueDate"]) if p.get("dueDate") else None) for p in new
        ]
        latest = await engineering.assign(ctx, stored.id, given)
    before = {p["id"]: p for p in stored.document.get("part") or ()}
    for part in parts:
        if part.get("id") in known and part != before[part["id"]]:
            said = engineering.rules.answer_of(part)
            latest = await engineering.answer(ctx, stored.id, part["id"], said)
    if wanted == stored.state or wanted is None:
        return latest
    steps = {
        "approved": engineering.approve,
        "rejected": engineering.reject,
        "withdrawn": engineering.withdraw,
    }
    if wanted not in steps:
        STATES.check(f"{ENGINEERING_ASSESSMENT.name} {stored.id}", stored.state, wanted)
        raise IllegalMove(
            "assessmentStateByProcess",
            N_("State {state} follows from the answers. Set approved, rejected or withdrawn."),
            state=wanted,
        )
    return await steps[wanted](ctx, stored.id, reason)
