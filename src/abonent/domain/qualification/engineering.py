"""Assessing what the catalogue does not have (OH-1): asked for, given to engineers, answered, approved or not.

Each step keeps who did it, when and why. Who may approve how much is the policy's (agreement/rules_quote.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from abonent.domain.agreement.quotes import policy
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.agreement.rules_quote import demand_approval
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification import rules_engineering as rules
from abonent.domain.qualification.queries import access_paths
from abonent.domain.qualification.queries_engineering import assessed_before
from abonent.domain.qualification.resources import (
    CHECK_SERVICE_QUALIFICATION,
    ENGINEERING_ASSESSMENT,
    GEOGRAPHIC_ADDRESS,
    PRODUCT_OFFERING_QUALIFICATION,
)
from abonent.domain.qualification.rules_engineering import Answer
from abonent.domain.qualification.rules_similar import Similar, Wish, similar
from abonent.kit.access import Role
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove
from abonent.kit.values import from_wire, ref, to_wire, with_role

Document = dict[str, Any]
Part = tuple[str, str, datetime | None]

EXPIRE = "qualification.expire_assessment"
OUTDATED = N_("The figures held until {day}.")
MOST_PARTS = 12


async def request(ctx: Context, document: Document) -> Document:
    """Ask for an assessment: a client, what he wants, where. BadInput for a client, address or offering that is not
    there. A qualification that it follows from (TMF645, TMF679) gives client and place where they are left out."""
    document = await _from_qualification(ctx, document)
    client = (with_role(document.get("relatedParty"), "customer") or {}).get("id") or ""
    place = next(iter(document.get("place") or ()), {}).get("id") or ""
    offering = (document.get("productOffering") or {}).get("id") or ""
    found = await ctx.store.find(
        [
            each
            for each in (
                (CUSTOMER_, client),
                (GEOGRAPHIC_ADDRESS, place),
                (PRODUCT_OFFERING, offering),
            )
            if each[1]
        ]
    )
    customer = found.get((CUSTOMER_.name, client))
    if customer is None:
        raise BadInput("unknownClient", N_("Name the client it is for."), path="relatedParty")
    address = found.get((GEOGRAPHIC_ADDRESS.name, place))
    if address is None:
        raise BadInput("unknownAddress", N_("Name the address it is for."), path="place")
    if offering and (PRODUCT_OFFERING.name, offering) not in found:
        raise BadInput(
            "unknownProductOffering",
            N_("There is no product offering {offering}. Take one of the catalogue."),
            path="productOffering",
            offering=offering,
        )
    if not str(document.get("description") or "").strip():
        raise BadInput("descriptionMissing", N_("Say in a few words what is wanted."), path="description")
    now = ctx.now()
    new = {
        **document,
        "id": document.get("id") or await ctx.store.next_id(ENGINEERING_ASSESSMENT),
        "state": "requested",
        "requestedBy": ctx.caller.name,
        "requestedDate": to_wire(now),
        "dueDate": document.get("dueDate") or to_wire(rules.due(now, (await policy(ctx))["answerDays"])),
        "relatedParty": [ref(customer.document, "Customer", role="customer")],
        "place": [
            {
                "id": place,
                "role": "installationAddress",
                "@referredType": "GeographicAddress",
                **({"name": address.document["name"]} if address.document.get("name") else {}),
            }
        ],
    }
    if offering:
        new["productOffering"] = ref(found[(PRODUCT_OFFERING.name, offering)].document, "ProductOffering")
    change = ctx.change()
    change.insert(ENGINEERING_ASSESSMENT, new)
    await ctx.store.commit(change)
    return new


async def _from_qualification(ctx: Context, document: Document) -> Document:
    """The request with client and place of the qualification that the rules could not answer."""
    id = (document.get("qualification") or {}).get("id") or ""
    if not id:
        return document
    found = await ctx.store.find([(CHECK_SERVICE_QUALIFICATION, id), (PRODUCT_OFFERING_QUALIFICATION, id)])
    asked = next(iter(found.values()), None)
    if asked is None:
        raise BadInput(
            "unknownQualification", N_("There is no qualification {id}."), path="qualification", id=id
        )
    known = asked.document
    items = known.get("productOfferingQualificationItem") or known.get("serviceQualificationItem") or [{}]
    thing = items[0].get("product") or items[0].get("service") or {}
    derived = {
        "relatedParty": known.get("relatedParty"),
        "place": thing.get("place") or known.get("place"),
        "productOffering": items[0].get("productOffering"),
    }
    return {name: value for name, value in derived.items() if value} | document


async def load(ctx: Context, id: str) -> Stored:
    """The assessment as it stands; NotFound, Forbidden."""
    return await ctx.store.get(ctx.caller, ENGINEERING_ASSESSMENT, id)


async def assign(ctx: Context, id: str, parts: Iterable[Part]) -> Document:
    """Give parts (kind, engineer, due) to engineers; more may be added while it is being assessed. An assessed one goes
    back to work. BadInput without a part or an engineer."""
    stored = await load(ctx, id)
    known = list(stored.document.get("part") or ())
    given = list(parts)
    if not given:
        raise BadInput("partsMissing", N_("Give at least one part to an engineer."), path="part-0")
    for number, (kind, engineer, _) in enumerate(given):
        if kind not in rules.PART_KINDS:
            raise BadInput("unknownPart", N_("Choose what this part is."), path=f"part-{number}")
        if not engineer.strip():
            raise BadInput("engineerMissing", N_("Name the engineer who answers."), path=f"part-{number}")
    if len(known) + len(given) > MOST_PARTS:
        raise BadInput(
            "tooManyParts", N_("A request has at most {most} parts."), path="part-0", most=MOST_PARTS
        )
    _demand(stored, {"requested", "assigned", "assessed"})
    due = from_wire(stored.document["dueDate"])
    new = [
        {"id": str(n), "kind": kind, "engineer": who.strip(), "dueDate": to_wire(by or due)}
        for n, (kind, who, by) in enumerate(given, len(known) + 1)
    ]
    names = ", ".join(dict.fromkeys(part["engineer"] for part in new))
    document = stored.document | {"part": [*known, *new], "state": "assigned"}
    for name in ("total", "leadTimeDays", "validFor"):
        document.pop(name, None)
    change = ctx.change()
    change.update(stored, document, N_("Given to {names}.").format(names=names))
    change.stop_timer(timer_of(id))
    await ctx.store.commit(change)
    return document


async def answer(ctx: Context, id: str, part: str, said: Answer) -> Document:
    """An engineer answers a part (again, while not approved); the last one makes the assessment whole."""
    if ctx.caller.role is Role.AGENT:
        raise Forbidden("answersByEngineers", N_("Parts are answered by engineers and managers."))
    stored = await load(ctx, id)
    _demand(stored, {"assigned", "assessed"})
    rules.check_answer(said, ctx.now())
    known = list(stored.document.get("part") or ())
    if part not in {each["id"] for each in known}:
        raise BadInput("unknownPart", N_("This request has no part {part}."), path="part", part=part)
    parts = [
        rules.with_answer(each, said, ctx.caller.name, ctx.now()) if each["id"] == part else each
        for each in known
    ]
    change = ctx.change()
    document = _summed(ctx, change, stored.document | {"part": parts})
    change.update(stored, document)
    await ctx.store.commit(change)
    return document


def _summed(ctx: Context, change: Change, document: Document) -> Document:
    """The document with its totals once every part is answered; then it is assessed until the first figure ends."""
    whole = rules.total(document["part"])
    if whole is None:
        return document
    change.set_timer(timer_of(document["id"]), whole.valid_until, EXPIRE, id=document["id"])
    return document | {
        "state": "assessed",
        "total": whole.cost.document(),
        "leadTimeDays": whole.days,
        "validFor": {"startDateTime": to_wire(ctx.now()), "endDateTime": to_wire(whole.valid_until)},
    }


def timer_of(id: str) -> str:
    return f"assessment/{id}"


async def approve(ctx: Context, id: str, reason: str) -> Document:
    """Approve the cost, within the limit of the caller's role. Forbidden above it, with who may."""
    stored = await load(ctx, id)
    _demand(stored, {"assessed"})
    whole = rules.total(stored.document["part"])
    if whole is not None:
        demand_approval(await policy(ctx), ctx.caller.role, whole.cost)
    return await _decide(ctx, stored, "approved", reason)


async def reject(ctx: Context, id: str, reason: str) -> Document:
    """It cannot or shall not be built. BadInput without a reason."""
    return await _close(ctx, id, "rejected", reason)


async def withdraw(ctx: Context, id: str, reason: str) -> Document:
    """The client, or who asked for him, does not want it any more. BadInput without a reason."""
    return await _close(ctx, id, "withdrawn", reason)


async def _close(ctx: Context, id: str, state: str, reason: str) -> Document:
    if not reason:
        raise BadInput(
            "reasonMissing", N_("Say in a few words why; it is kept with the request."), path="reason"
        )
    stored = await load(ctx, id)
    quotes = await ctx.store.find((QUOTE, q["id"]) for q in stored.document.get("quote") or ())
    if any(each.state in {"pending", "approved", "accepted"} for each in quotes.values()):
        raise IllegalMove(
            "quoteOpen",
            N_("Request {request} has a quote that is open or accepted. Call the quote off first."),
            request=id,
        )
    return await _decide(ctx, stored, state, reason)


async def _decide(ctx: Context, stored: Stored, state: str, reason: str) -> Document:
    made = rules.decided(
        stored.document, "request", state, reason, ctx.caller.name, ctx.caller.role.value, ctx.now()
    )
    document = stored.document | {"state": state, "decision": made}
    if reason:
        document["statusReason"] = reason
    change = ctx.change()
    change.update(stored, document, reason or None)
    if state in {"rejected", "withdrawn"}:
        change.stop_timer(timer_of(stored.id))
    await ctx.store.commit(change)
    return document


async def remembered(ctx: Context, document: Document) -> list[Similar]:
    """Earlier assessments that answer this request, nearest first."""
    place_id = next(iter(document.get("place") or ()), {}).get("id") or ""
    found = await ctx.store.find([(GEOGRAPHIC_ADDRESS, place_id)]) if place_id else {}
    place = next((each.document for each in found.values()), None)
    if place is None:
        return []
    kind, speed = str(document.get("kind") or ""), rules.speed_of(document)
    earlier = await assessed_before(
        ctx.store, kind, str(place.get("city") or ""), str(document.get("id") or "")
    )
    if not earlier:
        return []
    paths = (await access_paths(ctx.store, [place_id])).get(place_id, [])
    wish = Wish(kind, speed, place, frozenset(path.node for path in paths))
    within = int((await policy(ctx))["similarMetres"])
    return similar(wish, earlier, within=within, now=ctx.now())


async def use_again(ctx: Context, id: str, earlier: str) -> Document:
    """Take the answers of an earlier assessment over; nobody works it out a second time. IllegalMove when it does not
    answer this request, or its figures do not hold any more."""
    stored = await load(ctx, id)
    _demand(stored, {"requested"})
    fitting = {s.id: s for s in await remembered(ctx, stored.document)}
    if earlier not in fitting or not fitting[earlier].usable:
        raise IllegalMove(
            "notSimilar",
            N_("Assessment {earlier} does not answer this request any more. Give it to an engineer."),
            earlier=earlier,
        )
    parts = [part | {"basedOn": earlier} for part in (await load(ctx, earlier)).document["part"]]
    reason = N_("Answered from {earlier}.").format(earlier=earlier)
    change = ctx.change()
    document = _summed(ctx, change, stored.document | {"part": parts})
    document["basedOn"] = {"id": earlier, "@referredType": "EngineeringAssessment"}
    change.update(stored, document, reason)
    await ctx.store.commit(change)
    return document


async def expire(ctx: Context, id: str, **_: Any) -> None:
    """Job of the timer: figures that do not hold any more. One whose quote was accepted stays as it is."""
    found = await ctx.store.find([(ENGINEERING_ASSESSMENT, id)])
    stored = found.get((ENGINEERING_ASSESSMENT.name, id))
    until = ((stored.document if stored else {}).get("validFor") or {}).get("endDateTime")
    if stored is None or stored.state not in {"assessed", "approved"} or not until:
        return
    quotes = await ctx.store.find((QUOTE, q["id"]) for q in stored.document.get("quote") or ())
    if from_wire(until) > ctx.now() or any(each.state == "accepted" for each in quotes.values()):
        return
    change = ctx.change()
    change.update(stored, stored.document | {"state": "expired"}, OUTDATED.format(day=until[:10]))
    await ctx.store.commit(change)


def _demand(stored: Stored, states: set[str]) -> None:
    if stored.state not in states:
        raise IllegalMove(
            "requestElsewhere",
            N_("Request {request} is {state}; this step is for: {states}."),
            request=stored.id,
            state=stored.state,
            states=", ".join(sorted(states)),
        )
