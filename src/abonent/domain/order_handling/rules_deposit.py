"""A deposit that is asked for: how much, until when, when the client is reminded, what a report means. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from abonent.domain.order_handling.rules_credit_cases import missing_deposit, step
from abonent.kit.errors import N_, BadInput
from abonent.kit.values import Money, amount_of, from_wire, to_wire

Document = Mapping[str, Any]
# A part of a pending order was cancelled: its deposit may be less.
REVIEW = "order_handling.review_deposit"
# The credit case changed, or the order ended: what is asked for, and what is due back, follows.
FOLLOW = "order_handling.follow_deposit"
WAITING = frozenset({"pending", "held"})
ASKING = frozenset({"asked", "open"})
TERM_DAYS, REMIND_AFTER = 7, (3, 6)
MAX_DAYS = 90
NOT_PAID = N_("The deposit was not paid in time.")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a client has, and after how many days he is reminded."""

    term: int = TERM_DAYS
    remind: tuple[int, ...] = REMIND_AFTER


def policy_of(document: Document | None) -> Policy:
    """The stored policy, else the built-in one."""
    if document is None:
        return Policy()
    remind = document.get("remindAfterDays")
    return Policy(int(document["termDays"]), tuple(sorted(remind)) if remind is not None else REMIND_AFTER)


def check_policy(document: Document) -> None:
    """BadInput for a policy that makes no sense."""
    if not 1 <= document["termDays"] <= MAX_DAYS:
        raise BadInput("badTerm", N_("{path}: days from 1 to {limit}."), path="termDays", limit=MAX_DAYS)
    if any(not 0 < day < document["termDays"] for day in document.get("remindAfterDays") or ()):
        raise BadInput("badReminder", N_("{path}: days within the term."), path="remindAfterDays")


def awaited(case: Document | None, order_state: str | None) -> bool:
    """Whether an order waits for its deposit."""
    return case is not None and case["state"] == "awaitingDeposit" and order_state in WAITING


def asked(known: Document | None, case: Document, policy: Policy, now: datetime) -> dict[str, Any] | None:
    """The request for what is missing of a deposit; None when just that is asked for already. Its term goes on when
    the sum changes, and begins anew after a request that ended."""
    amount = missing_deposit(case)
    still = known is not None and known["state"] in ASKING
    if known is not None and still and amount_of(known["amount"]) == amount:
        return None
    attempt = int((known or {}).get("attempt") or 0) + 1
    due = known["due"] if known is not None and still else to_wire(now + timedelta(days=policy.term))
    fresh: dict[str, Any] = {
        "id": case["id"],
        "state": "asked",
        "productOrder": case["productOrder"],
        "customer": case["customer"],
        "amount": Money(amount, case["deposit"].get("unit", "RUB")).document(),
        "attempt": attempt,
        "key": f"{case['id']}/{attempt}",
        "since": known["since"] if known is not None and still else to_wire(now),
        "due": due,
        "reminders": known.get("reminders", 0) if known is not None and still else 0,
    }
    if known is not None and known.get("late"):
        fresh["late"] = known["late"]
    return fresh


def reminders(request: Document, policy: Policy) -> list[datetime]:
    """When the client is reminded of a request."""
    since = from_wire(request["since"])
    return [since + timedelta(days=day) for day in policy.remind]


def ended(request: Document, case: Document | None) -> str:
    """What a request becomes that asks for nothing any more: paid when all of the deposit has come."""
    complete = case is not None and bool(case.get("payment")) and missing_deposit(case) <= 0
    return "paid" if complete else "cancelled"


def known_reference(case: Document | None, request: Document, reference: str) -> bool:
    """Whether a transfer was noted already."""
    noted: Sequence[Document] = [*((case or {}).get("payment") or ()), *(request.get("late") or ())]
    return any(each["reference"] == reference for each in noted)


def refund(request: Document, reference: str, amount: Money, at: str) -> dict[str, Any]:
    """The request after money came that nobody owes any more."""
    late = {"reference": reference, "amount": amount.document(), "at": at}
    return {**request, "state": "refundDue", "late": [*(request.get("late") or ()), late]}


def reduced(case: Document, monthly: Decimal, by: str, at: str) -> dict[str, Any] | None:
    """The case of a pending order that costs less a month now: its deposit goes down in proportion. None when it does
    not; approved when what came already is enough."""
    before, deposit = Decimal(str(case["monthly"])), amount_of(case.get("deposit"))
    if case["state"] != "awaitingDeposit" or not 0 <= monthly < before:
        return None
    less = (deposit * monthly / before).quantize(_CENT, ROUND_HALF_UP)
    money = {**case["deposit"], "value": less}
    line = step(at, by, "depositReduced", deposit=money)
    changed = {**case, "deposit": money, "monthly": monthly, "trace": [*case["trace"], line]}
    if missing_deposit(changed) > 0:
        return changed
    # Where nothing is owed any more, the case ends as one that was paid.
    return changed | {"state": "approved", "trace": [*changed["trace"], step(at, by, "paid")]}


def lapsed(case: Document, by: str, at: str) -> dict[str, Any]:
    """The case of an order that is cancelled as its deposit was not paid."""
    line = step(at, by, "withdrawn", NOT_PAID)
    return {**case, "state": "withdrawn", "trace": [*case["trace"], line]}
