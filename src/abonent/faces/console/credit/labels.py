"""Words of the credit room: inputs, outcomes, steps, states."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.qualification.rules_credit import SHIPPED
from abonent.domain.qualification.rules_credit_cells import INPUTS, Kind
from abonent.faces.console.addresses import table_path
from abonent.faces.console.labels import Label, label, word
from abonent.kit.access import Caller
from abonent.kit.errors import N_, Forbidden
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import from_wire

SECTION = "Orders"
QUEUE, TABLES = "/credit", "/credit/tables"

INPUT: Mapping[str, tuple[str, str]] = {
    "arrears": NP_("credit input", "Arrears, RUB"),
    "daysLate": NP_("credit input", "Days late"),
    "latePayments": NP_("credit input", "Late payments in 12 months"),
    "tenureMonths": NP_("credit input", "Client for months"),
    "openOrdersMonthly": NP_("credit input", "Other open orders a month, RUB"),
    "overLimit": NP_("credit input", "Above the credit limit, RUB"),
    "clientKind": NP_("credit input", "Kind of client"),
    "monthly": NP_("credit input", "This order a month, RUB"),
    "oneTime": NP_("credit input", "This order once, RUB"),
    "bureauStatus": NP_("credit input", "Bureau’s answer"),
    "bureauScore": NP_("credit input", "Bureau’s score"),
}
CHOICE: Mapping[str, tuple[str, str]] = {
    "individual": NP_("credit word", "person"),
    "organization": NP_("credit word", "business"),
    "answered": NP_("credit word", "answered"),
    "down": NP_("credit word", "did not answer"),
    "unknown": NP_("credit word", "does not know the client"),
    "notAsked": NP_("credit word", "not asked"),
}
OUTCOME: Mapping[str, tuple[str, tuple[str, str]]] = {
    "approve": ("ok", NP_("credit outcome", "Approved")),
    "approveWithLimit": ("ok", NP_("credit outcome", "Approved with a limit")),
    "approveWithDeposit": ("ok", NP_("credit outcome", "Approved with a deposit")),
    "refer": ("wait", NP_("credit outcome", "Needs a person")),
    "decline": ("bad", NP_("credit outcome", "Declined")),
}
CASE: Mapping[str, tuple[str, tuple[str, str]]] = {
    "referred": ("wait", NP_("credit case", "Waits for a person")),
    "awaitingDeposit": ("wait", NP_("credit case", "Waits for the deposit")),
    "approved": ("ok", NP_("credit case", "Approved")),
    "declined": ("bad", NP_("credit case", "Declined")),
    "appealed": ("off", NP_("credit case", "Appealed; another order stands for it")),
    "upheld": ("bad", NP_("credit case", "Declined again, after the appeal")),
    "withdrawn": ("off", NP_("credit case", "Order given up")),
}
STEP: Mapping[str, tuple[str, str]] = {
    "referred": NP_("credit step", "Referred to a person"),
    "awaitingDeposit": NP_("credit step", "Approved with a deposit"),
    "approved": NP_("credit step", "Approved"),
    "declined": NP_("credit step", "Declined"),
    "appealed": NP_("credit step", "Appeal"),
    "upheld": NP_("credit step", "Declined again"),
    "paid": NP_("credit step", "Deposit paid"),
    "paidInPart": NP_("credit step", "Part of the deposit paid"),
    "released": NP_("credit step", "Released by hand"),
    "withdrawn": NP_("credit step", "Order given up"),
}
TABLE: Mapping[str, tuple[str, tuple[str, str]]] = {
    "inForce": ("ok", NP_("credit table", "In force")),
    "coming": ("run", NP_("credit table", "Will be in force")),
    "past": ("off", NP_("credit table", "Was in force")),
    "draft": ("new", NP_("credit table", "Draft")),
    "withdrawn": ("off", NP_("credit table", "Withdrawn")),
}
_NOTHING = "–"


def version_path(version: str) -> str:
    """The page of the version that made a decision; empty where the version is no number."""
    if not version.isdecimal():
        return ""
    return table_path(str(SHIPPED["id"]) if version == "1" else f"CT-{version}")


def case_label(state: str, t: Translator) -> Label:
    return label(CASE, state, t)


def outcome_label(outcome: str, t: Translator) -> Label:
    return label(OUTCOME, outcome, t)


def input_word(name: str, t: Translator) -> str:
    return word(INPUT, name, t)


def shown_value(name: str, value: Any, t: Translator) -> str:
    """A value of an input for a reader; a dash for none."""
    if value is None or value == "none":
        return _NOTHING
    known = INPUTS.get(name)
    if known is None or known.kind is Kind.CHOICE:
        return word(CHOICE, str(value), t)
    places = 2 if known.kind is Kind.MONEY else 0
    return t.number(Decimal(str(value)), places)


def at_of(text: str | None) -> datetime | None:
    return from_wire(text) if text else None


def demand_staff(caller: Caller) -> None:
    """Forbidden for clients."""
    if not caller.staff:
        raise Forbidden("creditByStaff", N_("Credit decisions are seen by the operator’s staff only."))
