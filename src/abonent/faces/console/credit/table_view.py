"""Versions of the credit table in words, and what a dry run found. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.rules_credit_dry_run import Changed, DryRun, Verdict
from abonent.domain.qualification.rules_credit import SHIPPED
from abonent.faces.console.addresses import table_path
from abonent.faces.console.credit.labels import OUTCOME, TABLE, at_of, input_word, outcome_label, shown_value
from abonent.faces.console.labels import Label, label
from abonent.kit.i18n import Translator

MOST_SHOWN = 50
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A line of the list of versions."""

    href: str
    version: str
    name: str
    label: Label
    since: datetime | None
    author: str
    rows: int


@dataclass(frozen=True, slots=True)
class ReadRow:
    n: int
    cells: tuple[str, ...]
    outcome: Label
    sum: str
    reason: str
    wording: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    href: str
    order: str
    client: str
    date: datetime | None
    before: str
    after: str
    facts: str


@dataclass(frozen=True, slots=True)
class Result:
    """A dry run: the finding in one sentence, how many went which way, the orders."""

    sentence: str
    notes: tuple[str, ...]
    moves: tuple[tuple[str, int], ...]
    rows: tuple[ChangedRow, ...]


def versions(tables: Sequence[Document], now: datetime, t: Translator) -> list[Version]:
    """All versions, newest first, the one shipped at the end."""
    ruling = in_force(tables, now)
    listed = [
        Version(
            table_path(each["id"]),
            str(each["version"]),
            each.get("name") or "",
            state_label(each, ruling, now, t),
            at_of(each.get("inForceFrom")),
            each.get("author") or "",
            len(each["row"]),
        )
        for each in tables
    ]
    shipped = label(TABLE, "inForce" if ruling == SHIPPED["id"] else "past", t)
    listed.append(
        Version(
            table_path(SHIPPED["id"]),
            "1",
            t.gettext("The table shipped"),
            shipped,
            None,
            "",
            len(SHIPPED["row"]),
        )
    )
    return listed


def in_force(tables: Sequence[Document], now: datetime) -> str:
    """The id of the version that decides now."""
    begun = [
        (at, each["version"], each["id"])
        for each in tables
        if each["state"] == "released" and (at := at_of(each.get("inForceFrom"))) is not None and at <= now
    ]
    return max(begun)[2] if begun else SHIPPED["id"]


def state_label(table: Document, ruling: str, now: datetime, t: Translator) -> Label:
    if table["id"] == ruling:
        return label(TABLE, "inForce", t)
    since = at_of(table.get("inForceFrom"))
    if table.get("state") == "released":
        return label(TABLE, "coming" if since and since > now else "past", t)
    return label(TABLE, table.get("state") or "past", t)


def read_rows(table: Document, t: Translator) -> list[ReadRow]:
    """The rows of a table for reading."""
    return [
        ReadRow(
            n,
            tuple("" if cell in {"", "-"} else cell for cell in row["cell"]),
            outcome_label(row["outcome"], t),
            _formula(row, t),
            _words(row.get("reason"), t),
            _words(row.get("wording"), t),
        )
        for n, row in enumerate(table["row"], 1)
    ]


def _words(texts: Mapping[str, str] | None, t: Translator) -> str:
    """The reader's language where it is written; the table shipped has its reasons in the catalogue of texts."""
    if not texts:
        return ""
    return texts.get(t.lang) or t.retell(texts.get("en") or next(iter(texts.values())))


def _formula(row: Document, t: Translator) -> str:
    formula = row.get("deposit") or row.get("limit") or {}
    if formula.get("amount") is not None:
        return t.money(formula["amount"])
    if formula.get("months") is not None:
        return t.gettext("months of the order: {n}", n=t.number(Decimal(str(formula["months"])), None))
    return ""


def result(run: DryRun, days: int, t: Translator) -> Result:
    """The finding of a dry run."""
    orders = t.ngettext("{n} order", "{n} orders", run.total)
    sentence = t.gettext(
        "Of {orders} of the last {days} days {changed} would be decided otherwise.",
        orders=orders,
        days=t.number(days),
        changed=t.number(len(run.changed)),
    )
    notes = []
    if run.unclear:
        notes.append(
            t.gettext(
                "{n} cannot be told: this table asks the bureau, and nobody did then.",
                n=t.number(run.unclear),
            )
        )
    if run.unknown:
        notes.append(t.gettext("{n} were decided without inputs being kept.", n=t.number(run.unknown)))
    if len(run.changed) > MOST_SHOWN:
        notes.append(t.gettext("The newest {n} are listed.", n=t.number(MOST_SHOWN)))
    moves = sorted(run.moves.items(), key=lambda each: -each[1])
    return Result(
        sentence,
        tuple(notes),
        tuple((f"{_outcome(before, t)} → {_outcome(after, t)}", n) for (before, after), n in moves),
        tuple(_changed(each, t) for each in run.changed[:MOST_SHOWN]),
    )


def _outcome(outcome: str, t: Translator) -> str:
    return label(OUTCOME, outcome, t).word


def _changed(each: Changed, t: Translator) -> ChangedRow:
    shown = [
        f"{input_word(name, t)}: {shown_value(name, value, t)}"
        for name, value in each.inputs.items()
        if value not in (None, 0, "notAsked", Decimal(0))
    ]
    return ChangedRow(
        f"/orders/{each.order}",
        each.order,
        each.customer_name,
        at_of(each.order_date),
        _verdict(each.before, t),
        _verdict(each.after, t),
        "; ".join(shown[:4]),
    )


def _verdict(verdict: Verdict, t: Translator) -> str:
    sums = [
        t.gettext("deposit {sum}", sum=t.money(verdict.deposit)) if verdict.deposit else "",
        t.gettext("limit {sum}", sum=t.money(verdict.limit)) if verdict.limit else "",
    ]
    row = t.gettext("row {n}", n=verdict.row) if verdict.row != "-" else ""
    return ", ".join(part for part in (_outcome(verdict.outcome, t), *sums, row) if part)
