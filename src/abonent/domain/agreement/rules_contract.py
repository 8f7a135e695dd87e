"""A contract: what stands in it, how it is accepted, when its term is over. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abonent.domain.agreement.contract_resources import DOCUMENT_KINDS
from abonent.kit.errors import N_, BadInput
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire, ref, to_wire

Document = Mapping[str, Any]
TERM_DAYS, REMIND_AFTER = 14, (5, 12)
_DIGITS = re.compile(r"\d{2,4}")


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One thing sold; sums with tax, None where nothing is charged so."""

    name: str
    place: str
    quantity: int
    monthly: Decimal | None = None
    once: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What a contract is about."""

    order: Document
    customer: Document
    lines: Sequence[ContractLine]
    currency: str = "RUB"


def contract_number(order: str) -> str:
    """The number of an order's contract: CTR-10001 for O-10001."""
    return f"CTR-{order.removeprefix('O-')}"


def offered(
    facts: ContractFacts, template: Document, language: str, sha256: str, size: int, now: datetime
) -> dict[str, Any]:
    """The contract as it is offered to the client."""
    term = int(template.get("termDays") or TERM_DAYS)
    return {
        "id": contract_number(facts.order["id"]),
        "state": "offered",
        "productOrder": ref(facts.order, "ProductOrder"),
        "customer": ref(facts.customer, "Customer"),
        "language": language,
        "template": {"id": template["id"], "version": template.get("version", 1)},
        "sha256": sha256,
        "size": size,
        "since": to_wire(now),
        "due": to_wire(now + timedelta(days=term)),
        "reminders": 0,
    }


def reminders(contract: Document, template: Document) -> list[datetime]:
    """When the client is reminded of a contract that he has not accepted."""
    days = template.get("remindAfterDays")
    return [
        from_wire(contract["since"]) + timedelta(days=d) for d in (REMIND_AFTER if days is None else days)
    ]


def accepted(
    contract: Document, how: str, by: str, at: str, *, kind: str = "", digits: str = ""
) -> dict[str, Any]:
    """The contract after the client accepted it. In the office an identity document is looked at: its kind and its last
    digits are kept, and nothing else of it. BadInput without them."""
    acceptance = {"at": at, "by": by, "how": how}
    if how == "office":
        if kind not in DOCUMENT_KINDS:
            raise BadInput("documentKind", N_("Say which document you looked at."), path="kind")
        if not _DIGITS.fullmatch(digits):
            text = N_("Give the last two to four digits of its number, and no more.")
            raise BadInput("documentDigits", text, path="digits")
        acceptance |= {"documentKind": kind, "documentDigits": digits}
    return {**contract, "state": "accepted", "acceptance": acceptance}


def check_template(template: Document) -> None:
    """BadInput for a template that no contract can be made from."""
    if not template.get("clause"):
        raise BadInput("noClause", N_("{path}: a contract has at least one clause."), path="clause")
    if not 1 <= int(template.get("termDays") or TERM_DAYS) <= 90:
        raise BadInput("badTerm", N_("{path}: days from 1 to {limit}."), path="termDays", limit=90)


def printed(facts: ContractFacts, template: Document, t: Translator, now: datetime) -> dict[str, Any]:
    """All texts of the paper, in the client's language, as contract.typ sets them."""
    money = [(line.monthly or Decimal(0), line.once or Decimal(0)) for line in facts.lines]
    monthly = sum((m * line.quantity for (m, _), line in zip(money, facts.lines, strict=True)), Decimal(0))
    once = sum((o * line.quantity for (_, o), line in zip(money, facts.lines, strict=True)), Decimal(0))

    def said(amount: Decimal | None) -> str:
        return t.money(amount, facts.currency) if amount else "\u2013"

    operator = template["operator"]
    seller = [str(operator[key]) for key in ("name", "address", "registration") if operator.get(key)]
    return {
        "lang": t.lang,
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "title": t.pick(template["title"]),
        "number": t.gettext("No. {number}", number=contract_number(facts.order["id"])),
        "date": t.long_day(now),
        "order": t.gettext("For order {number}", number=facts.order["id"]),
        "parties": [
            [t.gettext("Operator"), *seller],
            [t.gettext("Client"), str(facts.customer.get("name") or facts.customer["id"])],
        ],
        "items": t.gettext("What is delivered"),
        "head": [t.gettext("Service"), t.gettext("Quantity"), t.gettext("Once"), t.gettext("A month")],
        "lines": [
            [line.name, line.place, str(line.quantity), said(line.once), said(line.monthly)] for line in facts.lines
        ],
        "total": [t.gettext("Total, with tax"), said(once), said(monthly)],
        "terms": t.gettext("Terms"),
        "clauses": [t.pick(clause) for clause in template["clause"]],
        "signatures": [
            [t.gettext("For the operator"), str(operator["name"])],
            [t.gettext("Client"), str(facts.customer.get("name") or "")],
        ],
        "signature": t.gettext("Signature, date"),
        "note": t.gettext(
            "A client who accepts this contract at the address he was sent, or in an office, need not sign it. "
            "When and how he did is kept with the fingerprint (SHA-256) of this file."
        ),
    }  # fmt: skip
