"""The editor of a credit table: a form read into a document, and a document with its errors as a form. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.datastructures import ImmutableMultiDict

from abonent.domain.qualification.rules_credit import STRICTNESS, CreditOutcome
from abonent.domain.qualification.rules_credit_cells import INPUTS, Kind
from abonent.domain.qualification.rules_credit_lint import Fault
from abonent.faces.console.credit.labels import OUTCOME, input_word, shown_value
from abonent.faces.console.labels import label
from abonent.kit.i18n import LANGUAGES, Translator

# Fields of a form are limited (desk.py); a table that needs more is written through the API.
MOST_FIELDS = 360
_SUM_OF = {CreditOutcome.DEPOSIT.value: "deposit", CreditOutcome.LIMIT.value: "limit"}
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CellField:
    name: str
    word: str
    value: str
    hint: str
    wrong: str


@dataclass(frozen=True, slots=True)
class RowFields:
    """One row of the editor; `n` counts from 0. wrong: errors by part (row, outcome, sum, reason, wording)."""

    n: int
    cells: tuple[CellField, ...]
    outcome: str
    sum: str
    unit: str
    reason: Mapping[str, str]
    wording: Mapping[str, str]
    wrong: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ColumnField:
    name: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Editor:
    name: str
    description: str
    columns: tuple[ColumnField, ...]
    rows: tuple[RowFields, ...]
    outcomes: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...] = field(default=())
    full: bool = False


def read_form(form: ImmutableMultiDict[str, str]) -> Document:
    """The table that was typed; whatever a sum cannot be stays a text, which lint names."""
    columns = [name for name in INPUTS if name in form.getlist("column")]
    count = form.get("rows", "0")
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    shown = [name for name in form.get("shown", "").split() if name in INPUTS]
    return {
        "name": _text(form, "name", 200),
        **({"description": text} if (text := _text(form, "description", 1000)) else {}),
        "column": columns,
        "row": [_row(form, n, columns, shown) for n in range(number)],
    }


def _text(form: Mapping[str, str], name: str, longest: int) -> str:
    text = "".join(each for each in form.get(name, "") if each.isprintable() or each == "\n")
    return text.strip()[:longest]


def _row(form: Mapping[str, str], n: int, columns: Sequence[str], shown: Sequence[str]) -> Document:
    outcome = _text(form, f"outcome.{n}", 40)
    row: Document = {
        "cell": [_text(form, f"cell.{n}.{name}", 200) or "-" if name in shown else "-" for name in columns],
        "outcome": outcome,
    }
    amount = _text(form, f"sum.{n}", 30).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if amount and outcome in _SUM_OF:
        unit = "amount" if form.get(f"unit.{n}") == "amount" else "months"
        row[_SUM_OF[outcome]] = {unit: _number(amount)}
    for part in ("reason", "wording"):
        texts = {each: _text(form, f"{part}.{n}.{each}", 500) for each in LANGUAGES}
        kept = {language: text for language, text in texts.items() if text}
        if kept:
            row[part] = kept
    return row


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() and number < 10**12 else Decimal(-1)


def changed(table: Document, do: str) -> Document:
    """The table after a button of the editor: add, or up, down, drop with a row's number."""
    rows = list(table["row"])
    step, _, which = do.partition(".")
    at = int(which) if which.isascii() and which.isdigit() and len(which) < 4 else -1
    if step == "add":
        rows.append({"cell": ["-"] * len(table["column"]), "outcome": "approve"})
    elif 0 <= at < len(rows):
        if step == "drop":
            rows.pop(at)
        elif step == "up" and at > 0:
            rows[at - 1], rows[at] = rows[at], rows[at - 1]
        elif step == "down" and at + 1 < len(rows):
            rows[at + 1], rows[at] = rows[at], rows[at + 1]
        elif step == "copy":
            rows.insert(at, dict(rows[at]))
    return {**table, "row": rows}


def editor(table: Mapping[str, Any], found: Sequence[Fault], t: Translator) -> Editor:
    """The form with what stands in a table and what is wrong with it."""
    columns = list(table["column"])
    rows = tuple(_fields(n, row, columns, found, t) for n, row in enumerate(table["row"]))
    each = len(columns) + 7
    return Editor(
        name=table.get("name") or "",
        description=table.get("description") or "",
        columns=tuple(ColumnField(name, input_word(name, t), name in columns) for name in INPUTS),
        rows=rows,
        outcomes=tuple((o.value, label(OUTCOME, o.value, t).word) for o in STRICTNESS),
        wrong=tuple(told(f, t) for f in found if f.row is None),
        full=(len(rows) + 1) * each > MOST_FIELDS,
    )


def _fields(
    n: int, row: Mapping[str, Any], columns: Sequence[str], found: Sequence[Fault], t: Translator
) -> RowFields:
    wrong: dict[str, str] = {}
    for fault in found:
        if fault.row == n + 1:
            part = fault.column if fault.column in (*columns, "outcome", "reason", "wording") else "row"
            part = "sum" if fault.column in _SUM_OF.values() else part
            wrong.setdefault(part or "row", told(fault, t))
    formula = row.get(_SUM_OF.get(row["outcome"], "")) or {}
    unit = "amount" if "amount" in formula else "months"
    cells = zip(columns, row["cell"], strict=False)
    return RowFields(
        n=n,
        cells=tuple(
            CellField(
                name, input_word(name, t), "" if text == "-" else text, hint_of(name), wrong.get(name, "")
            )
            for name, text in cells
        ),
        outcome=row["outcome"],
        sum="" if formula.get(unit) is None or formula[unit] == -1 else str(formula[unit]),
        unit=unit,
        reason=row.get("reason") or {},
        wording=row.get("wording") or {},
        wrong={k: v for k, v in wrong.items() if k not in columns},
    )


def hint_of(name: str) -> str:
    """What may stand in a cell of this column."""
    known = INPUTS[name]
    if known.kind is Kind.CHOICE:
        return ", ".join(known.choices)
    return "> 0, 1..12" + (", none" if known.optional else "")


def told(fault: Fault, t: Translator) -> str:
    """An error in the reader's language, its example in words of the columns."""
    facts = dict(fault.facts)
    for key in ("its", "this"):
        if key in facts:
            facts[key] = label(OUTCOME, facts[key], t).word
    said = t.gettext(fault.text, **facts)
    shown = "; ".join(
        f"{input_word(name, t)}: {shown_value(name, value, t)}" for name, value in fault.example.items()
    )
    return t.gettext("{said} For example: {example}.", said=said, example=shown) if shown else said
