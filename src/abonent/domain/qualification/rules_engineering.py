"""Requests outside the catalogue: what an answer must say, what the parts come to. Pure.

Cost: the parts' sums. Lead time: the longest part, since they are built side by side. Validity: the part that ends
first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from abonent.domain.agreement.rules_quote import Sum
from abonent.kit.errors import N_, BadInput
from abonent.kit.values import Money, amount_of, from_wire, to_wire

Document = Mapping[str, Any]
SPEED = "downstream"
PART_KINDS = ("access", "equipment", "sla", "other")
LONGEST_DAYS = 1000
LARGEST = Decimal(10) ** 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engineer answers for one part.

    once, monthly  cost with tax, in the part's currency
    days           calendar days from the go-ahead until it stands
    valid_until    until when the figures hold
    node, technology, mbps  what will reach the address once it is built; empty when the part builds no access
    """

    once: Decimal
    monthly: Decimal
    days: int
    valid_until: datetime
    risk: str = ""
    alternative: str = ""
    node: str = ""
    technology: str = ""
    mbps: int = 0
    currency: str = "RUB"


@dataclass(frozen=True, slots=True)
class Total:
    """What all parts come to."""

    cost: Sum
    days: int
    valid_until: datetime


def check_answer(answer: Answer, now: datetime) -> None:
    """BadInput that names the field, for an answer that cannot be meant."""
    for path, amount in (("once", answer.once), ("monthly", answer.monthly)):
        if not 0 <= amount <= LARGEST:
            raise BadInput("costOutOfBounds", N_("A cost is 0 or more."), path=path)
    if not 0 <= answer.days <= LONGEST_DAYS:
        raise BadInput(
            "daysOutOfBounds", N_("A lead time has 0 to {most} days."), path="leadTimeDays", most=LONGEST_DAYS
        )
    if answer.valid_until <= now:
        raise BadInput(
            "validityPast",
            N_("The figures must hold for some time yet: choose a later day."),
            path="validUntil",
        )
    if answer.node and answer.mbps <= 0:
        raise BadInput(
            "speedMissing",
            N_("Say how many Mbit/s the line from this node will carry."),
            path="downstreamMbps",
        )


def answered(part: Document) -> bool:
    return bool(part.get("answeredDate"))


def with_answer(part: Document, answer: Answer, by: str, at: datetime) -> dict[str, Any]:
    """The part with its answer, and who gave it."""
    said: dict[str, Any] = {
        "once": Money(answer.once, answer.currency).document(),
        "monthly": Money(answer.monthly, answer.currency).document(),
        "leadTimeDays": answer.days,
        "validUntil": to_wire(answer.valid_until),
        "risk": answer.risk,
        "alternative": answer.alternative,
        "node": answer.node,
        "technology": answer.technology,
        "downstreamMbps": answer.mbps,
    }
    told = {name: value for name, value in said.items() if value not in ("", 0)} | {
        "leadTimeDays": answer.days
    }
    return {**part, **told, "answeredBy": by, "answeredDate": to_wire(at)}


def answer_of(part: Document) -> Answer:
    """The answer in a part's document. BadInput where something is missing or no number."""
    try:
        once, monthly = amount_of(part.get("once")), amount_of(part.get("monthly"))
    except InvalidOperation:
        raise BadInput("costMissing", N_("Say what it costs, as a number."), path="once") from None
    if part.get("leadTimeDays") is None:
        raise BadInput("daysMissing", N_("Say in how many days it stands."), path="leadTimeDays")
    if not part.get("validUntil"):
        raise BadInput("validityMissing", N_("Say until when the figures hold."), path="validUntil")
    return Answer(
        once=once,
        monthly=monthly,
        days=int(part["leadTimeDays"]),
        valid_until=from_wire(part["validUntil"]),
        risk=str(part.get("risk") or ""),
        alternative=str(part.get("alternative") or ""),
        node=str(part.get("node") or ""),
        technology=str(part.get("technology") or ""),
        mbps=int(part.get("downstreamMbps") or 0),
        currency=str((part.get("once") or part.get("monthly") or {}).get("unit") or "RUB"),
    )


def total(parts: Sequence[Document]) -> Total | None:
    """What the parts come to; None while one is not answered, or when there is none."""
    if not parts or not all(answered(part) for part in parts):
        return None
    answers = [answer_of(part) for part in parts]
    return Total(
        Sum(
            sum((a.once for a in answers), Decimal(0)),
            sum((a.monthly for a in answers), Decimal(0)),
            answers[0].currency,
        ),
        max(a.days for a in answers),
        min(a.valid_until for a in answers),
    )


def speed_of(request: Document) -> int | None:
    """The speed a request names, in Mbit/s; None when it names none."""
    for each in request.get("requestedCharacteristic") or ():
        if each.get("name") == SPEED:
            try:
                return int(Decimal(str(each["value"])))
            except (InvalidOperation, ValueError, OverflowError):
                return None
    return None


def access_of(request: Document) -> Document:
    """What will reach the address once it is built: the answered part that names a node; empty when none does."""
    return next((p for p in request.get("part") or () if p.get("node")), {})


def due(now: datetime, days: int) -> datetime:
    """When an answer is due that is asked for now."""
    return now + timedelta(days=days)


def engineers(request: Document) -> list[str]:
    """Who works, or worked, on it, each once."""
    return list(dict.fromkeys(p.get("answeredBy") or p["engineer"] for p in request.get("part") or ()))


def decided(
    request: Document, kind: str, outcome: str, reason: str, by: str, role: str, at: datetime
) -> list[dict[str, Any]]:
    """The decisions with one more."""
    made = {"kind": kind, "outcome": outcome, "reason": reason, "by": by, "role": role, "at": to_wire(at)}
    return [*(request.get("decision") or ()), made]


def still_open(parts: Iterable[Document]) -> list[Document]:
    """Parts that wait for their answer."""
    return [part for part in parts if not answered(part)]
