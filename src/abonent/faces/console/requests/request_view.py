"""A request in the reader's words: facts, parts, sums, quote, what was done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.agreement import documents as quoting
from abonent.domain.qualification.rules_engineering import answered, speed_of
from abonent.domain.qualification.rules_similar import Similar
from abonent.domain.qualification.states_engineering import OPEN
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import order_path, request_path
from abonent.faces.console.labels import Label
from abonent.faces.console.requests.labels import (
    HOW,
    KIND,
    NEARNESS,
    PART,
    QUOTE_STATE,
    STATE,
    quote_label,
    request_label,
    speed_text,
    worded,
)
from abonent.kit.access import SYSTEM
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of, from_wire, with_role

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RequestFile:
    """Everything loaded for a page: the request, its client's and address's documents, quotes (oldest first), earlier
    ones that answer it, the order, and what happened, newest first."""

    request: Document
    customer: Document | None
    address: Document | None
    quotes: Sequence[Document]
    similar: Sequence[Similar]
    order: str | None
    history: Sequence[Document]


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with its answer; what is not answered has `when` as its due date."""

    id: str
    kind: str
    engineer: str
    answered: bool
    when: str
    late: bool
    once: str
    monthly: str
    days: str
    risk: str
    alternative: str
    node: str
    based_on: str


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """An earlier assessment in one line."""

    id: str
    href: str
    near: str
    assessed: str
    cost: str
    days: str
    engineers: str
    holds: str
    usable: bool


@dataclass(frozen=True, slots=True)
class QuoteView:
    """The newest quote; `link` is the client's own page."""

    id: str
    label: Label
    price: str
    days: str
    until: str
    sla: str
    terms: str
    answer: str
    notes: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A move of the request or of a quote."""

    at: datetime
    text: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """What the template shows besides forms and sums."""

    id: str
    href: str
    title: str
    label: Label
    kind: str
    speed: str
    wishes: tuple[tuple[str, str], ...]
    client: str
    client_href: str
    place: str
    asked: str
    due: str
    gap: str
    offering: str
    parts: tuple[PartRow, ...]
    similar: tuple[SimilarRow, ...]
    based_on: str
    reason: str
    quote: QuoteView | None
    earlier_quotes: tuple[tuple[str, Label], ...]
    order: str
    order_href: str
    log: tuple[LogLine, ...]


def request_view(file: RequestFile, link: str, now: datetime, t: Translator) -> RequestView:
    """A request as its page shows it; `link` is the path of the client's page of the newest quote."""
    request = file.request
    party = with_role(request.get("relatedParty"), "customer") or {}
    due = from_wire(request["dueDate"])
    late = request["state"] in OPEN and due < now
    newest = file.quotes[-1] if file.quotes else None
    return RequestView(
        id=request["id"],
        href=request_path(request["id"]),
        title=request["description"],
        label=request_label(request["state"], t),
        kind=worded(KIND, request["kind"], t),
        speed=speed_text(speed_of(request), t),
        wishes=tuple(
            (str(c["name"]), str(c.get("value")))
            for c in request.get("requestedCharacteristic") or ()
            if c["name"] != "downstream"
        ),
        client=str((file.customer or {}).get("name") or party.get("name") or party.get("id") or ""),
        client_href=f"/clients/{party['id']}" if file.customer else "",
        place=address_line(file.address) if file.address else "",
        asked=t.gettext(
            "{who}, {when}",
            who=_who(request["requestedBy"], t),
            when=t.near(from_wire(request["requestedDate"]), now),
        ),
        due=t.near(due, now),
        gap=t.gettext("{gap} late", gap=t.duration(now - due)) if late else "",
        offering=str((request.get("productOffering") or {}).get("name") or ""),
        parts=tuple(_part(part, now, t) for part in request.get("part") or ()),
        similar=tuple(_similar(each, now, t) for each in file.similar),
        based_on=(request.get("basedOn") or {}).get("id") or "",
        reason=t.retell(str(request.get("statusReason") or ""))
        if request["state"] in {"rejected", "withdrawn"}
        else "",
        quote=_quote(newest, link, now, t) if newest else None,
        earlier_quotes=tuple((q["id"], quote_label(q, t)) for q in file.quotes[:-1]),
        order=file.order or "",
        order_href=order_path(file.order) if file.order else "",
        log=tuple(_log(move, t) for move in file.history),
    )


def _who(name: str, t: Translator) -> str:
    return t.gettext("automatic") if name == SYSTEM.name else name


def money(value: Document | None, t: Translator) -> str:
    return t.money(amount_of(value), (value or {}).get("unit") or "RUB")


def _part(part: Document, now: datetime, t: Translator) -> PartRow:
    done = answered(part)
    due = from_wire(part["dueDate"]) if part.get("dueDate") else None
    at = from_wire(part["answeredDate"]) if done else due
    node = ""
    if part.get("node"):
        node = t.gettext(
            "from node {node}, {speed}", node=part["node"], speed=speed_text(part.get("downstreamMbps"), t)
        )
    return PartRow(
        id=part["id"],
        kind=worded(PART, part["kind"], t),
        engineer=str(part.get("answeredBy") or part["engineer"]),
        answered=done,
        when=t.near(at, now) if at else "",
        late=not done and due is not None and due < now,
        once=money(part.get("once"), t) if done else "",
        monthly=money(part.get("monthly"), t) if done else "",
        days=t.number(part["leadTimeDays"]) if done else "",
        risk=str(part.get("risk") or ""),
        alternative=str(part.get("alternative") or ""),
        node=node,
        based_on=str(part.get("basedOn") or ""),
    )


def _similar(each: Similar, now: datetime, t: Translator) -> SimilarRow:
    near = worded(NEARNESS, each.nearness, t)
    if each.metres and each.nearness != "address":
        near = t.gettext("{near}, {metres} m", near=near, metres=t.number(each.metres))
    until = t.day(each.valid_until, now)
    holds = (
        t.gettext("holds until {day}", day=until) if each.usable else t.gettext("held until {day}", day=until)
    )
    return SimilarRow(
        id=each.id,
        href=request_path(each.id),
        near=near,
        assessed=t.day(each.assessed, now),
        cost=t.gettext(
            "{once} once, {monthly} a month",
            once=t.money(each.cost.once, each.cost.currency),
            monthly=t.money(each.cost.monthly, each.cost.currency),
        ),
        days=t.ngettext("{n} day", "{n} days", each.days),
        engineers=", ".join(each.engineers),
        holds=holds,
        usable=each.usable,
    )


def _quote(quote: Document, link: str, now: datetime, t: Translator) -> QuoteView:
    price, until = quoting.total_of(quote), quoting.valid_until(quote)
    answer = ""
    for given in quote.get("authorization") or ():
        if given["name"] == quoting.CLIENT:
            how = worded(HOW, str(given.get("signatureRepresentation") or ""), t)
            answer = f"{t.near(from_wire(given['givenDate']), now)}, {how}"
    return QuoteView(
        id=quote["id"],
        label=quote_label(quote, t),
        price=t.gettext(
            "{once} once, {monthly} a month",
            once=t.money(price.once, price.currency),
            monthly=t.money(price.monthly, price.currency),
        )
        if quote.get("quoteTotalPrice")
        else "",
        days=t.ngettext("{n} day", "{n} days", quoting.lead_days(quote)) if quoting.lead_days(quote) else "",
        until=t.moment(until, now) if until and quote["state"] != "pending" else "",
        sla=str(quoting.term_of(quote, quoting.SLA).get("description") or ""),
        terms=str(quoting.term_of(quote, quoting.TERMS).get("description") or ""),
        answer=answer,
        notes=tuple(
            t.gettext("{text} ({who})", text=t.retell(n["text"]), who=_who(str(n.get("author")), t))
            for n in quote.get("note") or ()
        ),
        link=link if quote["state"] in {"approved", "accepted"} else "",
    )


def _log(move: Document, t: Translator) -> LogLine:
    table = QUOTE_STATE if move["quote"] else STATE
    new = worded({k: marked for k, (_, marked) in table.items()}, str(move["new_state"]), t)
    text = t.gettext("Offer {quote}: {state}", quote=move["quote"], state=new) if move["quote"] else new
    reason = t.retell(str(move.get("reason") or ""))
    return LogLine(move["at"], text, reason, _who(str(move.get("by") or ""), t))
