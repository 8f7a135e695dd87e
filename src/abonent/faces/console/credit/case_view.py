"""Credit cases in words: the rows of the queue, and one case beside what it was decided by. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.queries_credit import CaseRow
from abonent.domain.order_handling.rules_credit_cases import OPEN, TABLE, missing_deposit
from abonent.domain.qualification.rules_credit_cells import BUREAU, INPUTS
from abonent.faces.console.addresses import case_path
from abonent.faces.console.credit.labels import (
    STEP,
    at_of,
    case_label,
    input_word,
    outcome_label,
    shown_value,
    version_path,
)
from abonent.faces.console.labels import Label, word
from abonent.faces.console.order_parts import filled
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the queue."""

    href: str
    order: str
    client: str
    why: str
    appeal: bool
    since: datetime | None
    waited: str
    monthly: str
    label: Label
    deposit: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An input beside the condition of the row that decided; empty where it did not ask for it."""

    name: str
    value: str
    condition: str


@dataclass(frozen=True, slots=True)
class TraceLine:
    at: datetime | None
    what: str
    why: str
    by: str
    sums: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case. `missing`: what of the deposit has not come; `default_wording`: what the client could be told."""

    order: str
    client_id: str
    client: str
    label: Label
    open: bool
    state: str
    since: datetime | None
    why: tuple[str, ...]
    outcome: Label
    table: str
    table_href: str
    inputs: tuple[Asked, ...]
    bureau: tuple[Asked, ...]
    bureau_note: str
    trace: tuple[TraceLine, ...]
    deposit: str
    missing: Decimal
    missing_words: str
    limit: str
    statement: str
    wording: str
    appeal_of: str
    appeal_order: str
    declined_by: str


def row_of(row: CaseRow, now: datetime, t: Translator) -> Row:
    case = row.document
    since = at_of(case.get("since"))
    return Row(
        href=case_path(case["id"]),
        order=case["id"],
        client=case["customer"].get("name") or case["customer"]["id"],
        why=" ".join(reasons_of(case.get("decision") or {}, t)[:1]),
        appeal=bool(case.get("appealOf")),
        since=since,
        waited=t.duration(now - since) if since and case["state"] in OPEN else "",
        monthly=t.plain_money(Decimal(str(case.get("monthly", 0)))),
        label=case_label(case["state"], t),
        deposit=t.money(missing_deposit(case)) if case["state"] == "awaitingDeposit" else "",
    )


def reasons_of(decision: Document, t: Translator) -> list[str]:
    return [filled(r.get("text") or r.get("code") or "", r, t) for r in decision.get("reasons") or ()]


def case_view(case: Document, now: datetime, t: Translator) -> CaseView:
    decision = case.get("decision") or {}
    inputs = decision.get("inputs") or {}
    conditions = _conditions(decision)
    asked = [
        Asked(input_word(n, t), shown_value(n, inputs.get(n), t), conditions.get(n, ""))
        for n in INPUTS
        if inputs
    ]
    own = [a for a, n in zip(asked, INPUTS, strict=False) if n not in BUREAU]
    bureau = [a for a, n in zip(asked, INPUTS, strict=False) if n in BUREAU]
    missing = missing_deposit(case) if case["state"] == "awaitingDeposit" else Decimal(0)
    return CaseView(
        order=case["id"],
        client_id=case["customer"]["id"],
        client=case["customer"].get("name") or case["customer"]["id"],
        label=case_label(case["state"], t),
        open=case["state"] in OPEN,
        state=case["state"],
        since=at_of(case.get("since")),
        why=tuple(reasons_of(decision, t)),
        outcome=outcome_label(decision.get("outcome", ""), t),
        table=_table(decision, t),
        table_href=version_path(str(decision.get("rulesVersion") or "")),
        inputs=tuple(own),
        bureau=tuple(bureau) if decision.get("bureau") else (),
        bureau_note=_bureau_note(decision.get("bureau"), now, t),
        trace=tuple(_line(each, t) for each in reversed(case.get("trace") or ())),
        deposit=t.money(amount_of(case["deposit"])) if case.get("deposit") else "",
        missing=missing,
        missing_words=t.money(missing) if missing else "",
        limit=t.money(amount_of(case["limit"])) if case.get("limit") else "",
        statement=case.get("statement") or "",
        wording=case.get("wording") or (decision.get("wording") or {}).get(t.lang) or "",
        appeal_of=(case.get("appealOf") or {}).get("id", ""),
        appeal_order=(case.get("appealOrder") or {}).get("id", ""),
        declined_by="" if case.get("declinedBy") in (None, TABLE) else case["declinedBy"],
    )


def _conditions(decision: Document) -> dict[str, str]:
    """Input -> cell of the row that decided. A row is kept with its cells alone; the reasons name what it asked."""
    cells = list((decision.get("row") or {}).get("cell") or ())
    columns = (decision.get("row") or {}).get("column") or ()
    return {n: c for n, c in zip(columns, cells, strict=False) if c.strip() not in {"", "-"}}


def _table(decision: Document, t: Translator) -> str:
    version, row = decision.get("rulesVersion") or "–", decision.get("rule") or "–"
    return t.gettext("version {version}, row {row}", version=version, row=row)


def _bureau_note(bureau: Document | None, now: datetime, t: Translator) -> str:
    if bureau is None:
        return t.gettext("The bureau was not needed: the client’s own history decided.")
    at = at_of(bureau.get("at"))
    if at is None:
        return t.gettext("The bureau was not asked: the client has not agreed, or none is connected.")
    if bureau.get("reference"):
        return t.gettext("Asked {when}, report {number}.", when=t.near(at, now), number=bureau["reference"])
    return t.gettext("Asked {when}.", when=t.near(at, now))


def _line(each: Document, t: Translator) -> TraceLine:
    sums = [
        t.gettext("deposit {sum}", sum=t.money(amount_of(each["deposit"]))) if each.get("deposit") else "",
        t.gettext("limit {sum}", sum=t.money(amount_of(each["limit"]))) if each.get("limit") else "",
        t.money(amount_of(each["amount"])) if each.get("amount") else "",
    ]
    by = t.gettext("table") if each.get("by") == TABLE else each.get("by") or ""
    if each.get("version") and each.get("by") == TABLE:
        by = t.gettext(
            "table, version {version}, row {row}", version=each["version"], row=each.get("rule") or "–"
        )
    return TraceLine(
        at_of(each.get("at")),
        word(STEP, each.get("what") or "", t),
        t.retell(each.get("why") or ""),
        by,
        ", ".join(part for part in sums if part),
    )
