"""Asking the credit bureau: only with the client's consent, at most once a day, and without waiting for one that is
away."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from abonent.domain.party.actions import papers_of
from abonent.domain.party.rules_contact import is_organization
from abonent.domain.qualification.credit_resources import BUREAU_ANSWER
from abonent.domain.qualification.ports import BureauAway, BureauSubject, CreditBureau
from abonent.domain.qualification.rules_credit import Bureau
from abonent.domain.qualification.rules_credit_cells import ANSWERED, DOWN, NOT_ASKED, UNKNOWN
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.values import characteristic, from_wire, to_wire

KEPT_FOR = timedelta(days=1)
CONSENT = "creditBureauConsent"
Document = Mapping[str, Any]


def consents(customer: Document) -> bool:
    """Whether the client agreed that a bureau is asked about him (characteristic `creditBureauConsent`)."""
    said = characteristic(customer, "characteristic", CONSENT, default=False)
    return said is True or str(said).lower() in {"true", "yes", "1"}


async def bureau_of(ctx: Context, customer: Document, *, ask: bool = True) -> Bureau | None:
    """The bureau's answer: one of the last day, or a new one. Never raises for a bureau that does not answer.

    None: it would have to be asked, and `ask` forbids it.
    """
    if not consents(customer):
        return Bureau(NOT_ASKED)
    known = await ctx.store.one(BUREAU_ANSWER, customer["id"])
    if known is not None and from_wire(known.document["askedAt"]) > ctx.now() - KEPT_FOR:
        return _read(known.document)
    if CreditBureau not in ctx.ports:
        return Bureau(NOT_ASKED)
    return await _ask(ctx, customer, known) if ask else None


def _read(document: Document) -> Bureau:
    return Bureau(document["status"], document.get("score"), document["askedAt"], document.get("reference"))


async def _ask(ctx: Context, customer: Document, known: Stored | None) -> Bureau:
    at = to_wire(ctx.now())
    try:
        report = await ctx.port(CreditBureau).report(await _subject(ctx, customer))
    except BureauAway:
        return Bureau(DOWN, at=at)
    status = UNKNOWN if report.score is None else ANSWERED
    told = {"score": report.score, "reference": report.reference}
    document = {
        "id": customer["id"],
        "status": status,
        "askedAt": at,
        **{name: value for name, value in told.items() if value is not None},
    }
    change = ctx.change()
    if known is None:
        change.insert(BUREAU_ANSWER, document)
    else:
        change.update(known, document)
    # Asked twice at once: the other answer is kept, and this one holds for this order.
    with suppress(Conflict):
        await ctx.store.commit(change)
    return _read(document)


async def _subject(ctx: Context, customer: Document) -> BureauSubject:
    person, documents = await papers_of(ctx, customer)
    return BureauSubject(
        reference=customer["id"],
        name=customer.get("name") or customer["id"],
        kind="organization" if is_organization(customer) else "individual",
        birth_date=str(person["birthDate"])[:10] if person.get("birthDate") else None,
        documents=documents,
    )
