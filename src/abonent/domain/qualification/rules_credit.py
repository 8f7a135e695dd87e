"""May it be sold on credit (OH-2)? A decision table of the operator's, the first row that fits. Pure.

A table names its columns (rules_credit_cells.INPUTS); a row has a cell a column, an outcome, a reason for staff and,
where the client is refused, the words he is told. rules_credit_lint finds what is wrong with one before it is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from abonent.domain.party.rules_contact import is_organization
from abonent.domain.qualification.rules import Reason
from abonent.domain.qualification.rules_credit_cells import BUREAU, INPUTS, NOT_ASKED, Cell, read_cell
from abonent.kit.errors import N_
from abonent.kit.values import amount_of, from_wire

Document = Mapping[str, Any]
LATE_WITHIN = timedelta(days=365)


class CreditOutcome(StrEnum):
    APPROVE = "approve"
    LIMIT = "approveWithLimit"
    DEPOSIT = "approveWithDeposit"
    REFER = "refer"
    DECLINE = "decline"


STRICTNESS = tuple(CreditOutcome)
"""Outcomes from the mildest to the strictest."""
_LETS_PASS = frozenset({CreditOutcome.APPROVE, CreditOutcome.LIMIT, CreditOutcome.DEPOSIT})


@dataclass(frozen=True, slots=True)
class Bureau:
    """What the credit bureau says of a client: a status of the input bureauStatus, a score when it answered.

    at         when it was asked, as on the wire; reference: its own number of the report
    """

    status: str = NOT_ASKED
    score: int | None = None
    at: str | None = None
    reference: str | None = None

    def document(self) -> dict[str, Any]:
        values = {"status": self.status, "score": self.score, "at": self.at, "reference": self.reference}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class CreditDecision:
    """The outcome, the row that made it ("2" is the second, "-" none), why, and what is asked or set by it.

    deposit  asked in advance; limit: what the client may owe from now on, both 0 for none
    inputs   all that the table could ask; bureau: None where it was not needed
    wording  what the client is told, by language
    by       the person who decided; empty where the table did
    """

    outcome: CreditOutcome
    rule: str
    policy_version: str
    reasons: tuple[Reason, ...]
    deposit: Decimal = Decimal(0)
    limit: Decimal = Decimal(0)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    wording: Mapping[str, str] = field(default_factory=dict)
    bureau: Bureau | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read: cells by input, without those that hold for anything; `document`: as it stands in the
    table, with the names of its columns."""

    number: int
    cells: Mapping[str, Cell]
    outcome: CreditOutcome
    document: Document

    def fits(self, values: Mapping[str, Any], *, without: Sequence[str] = ()) -> bool:
        return all(
            cell.holds(INPUTS[name], values[name]) for name, cell in self.cells.items() if name not in without
        )


class CreditTable:
    """A table that lint found nothing in, read once to decide for many. KeyError or ValueError for another."""

    def __init__(self, table: Document) -> None:
        self.version = str(table.get("version", "-"))
        self.rows = read_rows(table)

    def needs_bureau(self, values: Mapping[str, Any]) -> bool:
        """Whether the bureau has to be asked about a client: the first row that may be his asks for its answer.

        `values`: all inputs; what stands there for the bureau does not count.
        """
        for row in self.rows:
            if row.fits(values, without=BUREAU):
                return any(name in row.cells for name in BUREAU)
        return False

    def decide(self, values: Mapping[str, Any], bureau: Bureau | None = None) -> CreditDecision:
        """The decision of the first row that fits. A table that has none refers to a person and says so; lint lets no
        such table be kept, but an input may get a word that older tables do not know."""
        for row in self.rows:
            if row.fits(values):
                return _decided(row, self.version, values, bureau)
        reason = Reason("noRule", N_("No row of the credit table fits this client; a person decides."), False)
        return CreditDecision(CreditOutcome.REFER, "-", self.version, (reason,), inputs=values, bureau=bureau)


def read_rows(table: Document) -> list[Row]:
    """The rows of a table. BadCell, KeyError or ValueError where one cannot be read."""
    columns = table["column"]
    return [
        Row(
            number,
            {
                name: cell
                for name, text in zip(columns, row["cell"], strict=True)
                if not (cell := read_cell(INPUTS[name], text)).anything
            },
            CreditOutcome(row["outcome"]),
            {**row, "column": list(columns)},
        )
        for number, row in enumerate(table["row"], 1)
    ]


def _decided(row: Row, version: str, values: Mapping[str, Any], bureau: Bureau | None) -> CreditDecision:
    outcome, monthly = row.outcome, Decimal(str(values["monthly"]))
    deposit, limit = (sum_of(row.document.get(key), monthly) for key in ("deposit", "limit"))
    if outcome is CreditOutcome.DEPOSIT and not deposit:
        # Nothing is charged a month: there is nothing to wait for.
        outcome = CreditOutcome.APPROVE
    facts = {name: str(value) for name, value in values.items() if value is not None}
    texts = {
        language: text.format_map(_Known(facts))
        for language, text in (row.document.get("reason") or {}).items()
    }
    english = texts.get("en") or next(iter(texts.values()), outcome.value)
    asked = {name: facts[name] for name in row.cells if name in facts}
    reason = Reason("creditRule", english, outcome in _LETS_PASS, asked, texts if len(texts) > 1 else {})
    return CreditDecision(
        outcome,
        str(row.number),
        version,
        (reason,),
        deposit,
        limit,
        values,
        row.document,
        row.document.get("wording") or {},
        bureau,
    )


class _Known(dict[str, str]):
    """Facts of a reason; one that is not known shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sum_of(formula: Document | None, monthly: Decimal) -> Decimal:
    """A deposit or limit: so many months of the order's monthly sum, or a fixed amount; to the hundredth."""
    if not formula:
        return Decimal(0)
    if formula.get("amount") is not None:
        return Decimal(str(formula["amount"])).quantize(Decimal("0.01"))
    return (monthly * Decimal(str(formula.get("months") or 0))).quantize(Decimal("0.01"))


# ---- inputs from the client's own history


def arrears(accounts: Iterable[Document]) -> Decimal:
    """What the client owes overdue: balances of accounts whose payment status says so (TMF666)."""
    return sum(
        (
            amount_of(balance.get("amount"))
            for account in accounts
            if str(account.get("paymentStatus", "")).lower()
            in {"in arrears", "inarrears", "overdue", "delinquent"}
            for balance in account.get("accountBalance") or ()
            if balance.get("balanceType") == "receivableBalance"
        ),
        Decimal(0),
    )


def days_late(late: Iterable[Document], now: datetime) -> int:
    """Whole days since the oldest payment that has not come was due. A balance does not tell: its validFor says when it
    was drawn up, not when it was due."""
    since = [p["dueDate"] for p in late if not p.get("paidDate")]
    return max((max(0, (now - from_wire(each)).days) for each in since), default=0)


def late_payments(late: Iterable[Document], now: datetime) -> int:
    """Payments due in the last twelve months that came late or have not come."""
    return sum(1 for p in late if now - LATE_WITHIN <= from_wire(p["dueDate"]) < now)


def whole_months(since: datetime, now: datetime) -> int:
    """Whole months a client has been one."""
    months = (now.year - since.year) * 12 + now.month - since.month
    return max(0, months - (now.day < since.day))


@dataclass(frozen=True, slots=True)
class History:
    """What the database knows of a client: his accounts, payments that came late, his other open orders' charges."""

    accounts: Sequence[Document] = ()
    late: Sequence[Document] = ()
    open_orders: Decimal = Decimal(0)


def inputs_of(
    history: History, customer: Document, *, monthly: Decimal, one_time: Decimal, now: datetime
) -> dict[str, Any]:
    """All inputs, the bureau not asked."""
    owed = arrears(history.accounts)
    limits = [amount_of(a["creditLimit"]) for a in history.accounts if a.get("creditLimit")]
    since = (customer.get("validFor") or {}).get("startDateTime")
    exposure = owed + history.open_orders + monthly
    return {
        "arrears": owed,
        "daysLate": days_late(history.late, now),
        "latePayments": late_payments(history.late, now),
        "tenureMonths": whole_months(from_wire(since), now) if since else 0,
        "openOrdersMonthly": history.open_orders,
        "overLimit": max(Decimal(0), exposure - min(limits)) if limits else Decimal(0),
        "clientKind": "organization" if is_organization(customer) else "individual",
        "monthly": monthly,
        "oneTime": one_time,
        "bureauStatus": NOT_ASKED,
        "bureauScore": None,
    }


def with_bureau(values: Mapping[str, Any], bureau: Bureau) -> dict[str, Any]:
    return {**values, "bureauStatus": bureau.status, "bureauScore": bureau.score}


SHIPPED: dict[str, Any] = {
    "id": "shipped",
    "name": "Credit table",
    "version": 1,
    "column": ["arrears", "overLimit", "tenureMonths", "monthly"],
    "row": [
        {
            "cell": ["> 5000", "-", "-", "-"],
            "outcome": "decline",
            "reason": {"en": N_("Arrears are above 5,000.")},
            "wording": {
                "en": "There is a debt of more than 5,000 on your account. When it is paid, you are welcome to order.",
                "ru": "На вашем счёте долг больше 5 000. Когда он будет оплачен, заказ можно оформить снова.",
            },
        },
        {
            "cell": ["-", "> 0", "-", "-"],
            "outcome": "refer",
            "reason": {"en": N_("Arrears, open orders and this order together exceed the credit limit.")},
        },
        {"cell": ["> 0", "-", "-", "-"], "outcome": "refer", "reason": {"en": N_("The client has arrears.")}},
        {
            "cell": ["-", "-", "< 1", "> 10000"],
            "outcome": "approveWithDeposit",
            "deposit": {"months": 1},
            "reason": {"en": N_("A new client with a large monthly charge: one month is asked in advance.")},
        },
        {
            "cell": ["-", "-", "-", "-"],
            "outcome": "approve",
            "reason": {"en": N_("No arrears, within the credit limit.")},
        },
    ],
}
"""The table that decides until the operator puts one of his own in force."""
