"""Bulk orders in the reader's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from abonent.domain.order_handling.queries_bulk import FATES, Shown, Totals
from abonent.domain.order_handling.rules_bulk_file import header_name
from abonent.faces.console.addresses import bulk_path, client_path, order_path
from abonent.faces.console.bulk_orders.labels import BULK, FATE
from abonent.faces.console.data import PAGE_SIZE
from abonent.faces.console.labels import ORDER, Label, label
from abonent.faces.console.order_list import Choice
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of, from_wire

Document = Mapping[str, Any]
# Fates of which the order's own state tells more.
_TOLD_MORE = frozenset({"placed", "failed"})
_ORDERED = ("placed", "held", "done", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """A bulk order in the list."""

    href: str
    id: str
    name: str
    client: str
    sent: str
    sent_at: datetime
    by: str
    lines: str
    told: str
    monthly: str
    label: Label


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bulk order; `problems`: what is wrong, `notices`: what is worth knowing, a text each."""

    number: str
    line: str
    offering: str
    place: str
    promised: str
    monthly: str
    once: str
    label: Label
    order: str
    order_href: str
    order_label: Label | None
    problems: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything the page of one bulk order shows."""

    id: str
    name: str
    client: str
    client_href: str
    state: str
    label: Label
    sent: str
    by: str
    fates: tuple[Choice, ...]
    lines: tuple[Line, ...]
    monthly: str
    once: str
    done: int
    total: int
    told: str
    completed: str
    waiting: int
    rejected: int
    running: bool
    previous: str
    next: str
    range: str


def sums(amounts: Mapping[str, Decimal], t: Translator) -> str:
    """Sums by currency in one text."""
    return ", ".join(t.money(amount, unit) for unit, amount in sorted(amounts.items()) if amount) or "–"


def rows(found: Sequence[Document], totals: Mapping[str, Totals], now: datetime, t: Translator) -> list[Row]:
    """The list's rows."""
    made = []
    for bulk in found:
        each, sent = totals[bulk["id"]], from_wire(bulk["created"])
        told = [
            f"{label(FATE, fate, t).word.lower()}: {t.number(each.fates[fate])}"
            for fate in FATES
            if each.fates.get(fate)
        ]
        made.append(
            Row(
                href=bulk_path(bulk["id"]),
                id=bulk["id"],
                name=bulk["name"],
                client=str(bulk["customer"].get("name") or bulk["customer"]["id"]),
                sent=t.near(sent, now),
                sent_at=sent,
                by=bulk["createdBy"],
                lines=t.number(each.lines),
                told=", ".join(told),
                monthly=sums(each.monthly, t),
                label=label(BULK, bulk["state"], t),
            )
        )
    return made


def view(
    bulk: Document,
    totals: Totals,
    shown: Sequence[Shown],
    fate: str,
    offset: int,
    now: datetime,
    t: Translator,
) -> View:
    """The page of one bulk order."""
    fates, state = totals.fates, bulk["state"]
    done = totals.lines - fates.get("unchecked" if state == "checking" else "waiting", 0)
    ordered = sum(fates.get(each, 0) for each in _ORDERED)
    of_fate = fates.get(fate, 0) if fate else totals.lines
    choices = [Choice("", t.gettext("all lines ({n})", n=totals.lines), not fate)]
    choices += [
        Choice(each, f"{label(FATE, each, t).word} ({t.number(fates.get(each, 0))})", each == fate)
        for each in FATES
        if fates.get(each) or each == fate
    ]
    back, on = max(offset - PAGE_SIZE, 0), offset + PAGE_SIZE
    if state == "checking":
        told = t.gettext("{done} of {total} lines are checked", done=done, total=totals.lines)
    else:
        told = t.gettext("{done} of {total} lines became orders", done=ordered, total=totals.lines)
    return View(
        id=bulk["id"],
        name=bulk["name"],
        client=str(bulk["customer"].get("name") or bulk["customer"]["id"]),
        client_href=client_path(bulk["customer"]["id"]),
        state=state,
        label=label(BULK, state, t),
        sent=t.near(from_wire(bulk["created"]), now),
        by=bulk["createdBy"],
        fates=tuple(choices),
        lines=tuple(_line(each, bulk, now, t) for each in shown),
        monthly=sums(totals.monthly, t),
        once=sums(totals.once, t),
        done=done,
        total=totals.lines,
        told=told,
        completed=t.gettext("{done} of {total}", done=fates.get("done", 0), total=ordered)
        if ordered
        else "–",
        waiting=fates.get("waiting", 0),
        rejected=fates.get("wrong", 0) + fates.get("refused", 0),
        running=state in {"checking", "placing"},
        previous=address(bulk["id"], fate, back) if offset else "",
        next=address(bulk["id"], fate, on) if of_fate > on else "",
        range=t.gettext(
            "{first}–{last} of {total}", first=offset + 1, last=offset + len(shown), total=of_fate
        )
        if shown
        else "",
    )


def address(id: str, fate: str, offset: int = 0) -> str:
    """The page of a bulk order with this filter."""
    said = urlencode(
        {name: value for name, value in (("fate", fate), ("offset", str(offset or ""))) if value}
    )
    return bulk_path(id) + (f"?{said}" if said else "")


def _line(shown: Shown, bulk: Document, now: datetime, t: Translator) -> Line:
    line = shown.line
    offering, place, order = (line.get(name) or {} for name in ("offering", "address", "productOrder"))
    cells = line["cell"]
    quantity = line.get("quantity") or 1
    named = t.name(offering.get("name") or offering["id"]) if offering else "–"
    return Line(
        number=line.get("externalId") or "–",
        line=t.gettext("line {n}", n=line["line"]),
        offering=(f"{quantity} × " if quantity > 1 else "") + named,
        place=str(place.get("name") or place.get("id") or _cell(bulk, cells, "address") or "–"),
        promised=t.near(from_wire(line["promised"]), now) if line.get("promised") else "",
        monthly=_money(line.get("monthly"), t),
        once=_money(line.get("once"), t),
        label=label(FATE, shown.fate, t),
        order=str(order.get("id") or ""),
        order_href=order_path(order["id"]) if order.get("id") else "",
        order_label=label(ORDER, shown.order_state, t) if shown.fate in _TOLD_MORE else None,
        problems=tuple(told(each, bulk, t) for each in line.get("problem") or ()),
        notices=tuple(told(each, bulk, t) for each in line.get("notice") or ()),
    )


def _cell(bulk: Document, cells: Sequence[str], column: str) -> str:
    name = header_name(bulk["header"], column)
    return next((c for h, c in zip(bulk["header"], cells, strict=False) if h == name), "")


def _money(value: Document | None, t: Translator) -> str:
    return t.money(amount_of(value), str(value.get("unit") or "RUB")) if value and amount_of(value) else ""


def told(problem: Document, bulk: Document, t: Translator) -> str:
    """A problem in the reader's words, the column before it as the file calls it."""
    words = problem["text"]
    text = t.gettext(words, **problem.get("facts", {}))
    column = problem.get("column")
    return f"{header_name(bulk['header'], column)}: {text}" if column else text
