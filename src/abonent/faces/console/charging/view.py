"""Charging events and exports in the reader's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from abonent.domain.billing.queries import MOST
from abonent.domain.billing.rules import total
from abonent.faces.console.addresses import client_path, order_path, product_path
from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.order_list import Choice
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import from_wire

Document = Mapping[str, Any]
PATH = "/charging"
TYPE: Mapping[str, Marked] = {
    "start": ("ok", NP_("charging", "Start")),
    "change": ("run", NP_("charging", "Change")),
    "stop": ("wait", NP_("charging", "Stop")),
    "oneTime": ("new", NP_("charging", "Once")),
    "credit": ("ok", NP_("charging", "Taken back")),
}
REASON: Mapping[str, tuple[str, str]] = {
    "delivered": NP_("charging", "delivered"),
    "resumed": NP_("charging", "resumed"),
    "suspended": NP_("charging", "suspended"),
    "terminated": NP_("charging", "terminated"),
    "cancelled": NP_("charging", "cancelled"),
    "deleted": NP_("charging", "deleted"),
    "priceChanged": NP_("charging", "another price or quantity"),
    "priceEnded": NP_("charging", "no price any more"),
    "accountChanged": NP_("charging", "another account"),
    "oneTime": NP_("charging", "one-time price"),
    "notReturned": NP_("charging", "equipment not returned"),
    "returnedLate": NP_("charging", "equipment came back after the charge"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are shown: of a type, of an account, client or product, before an event; "" is any."""

    type: str = ""
    of: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One charging event. `handed`: the export that has it."""

    number: str
    label: Label
    why: str
    product: str
    product_href: str
    account: str
    account_number: str
    client: str
    client_href: str
    amount: str
    effective: str
    effective_at: datetime
    order: str
    order_href: str
    handed: str


@dataclass(frozen=True, slots=True)
class Exported:
    """One export."""

    id: str
    range: str
    count: str
    sums: str
    made: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ChargingView:
    """Everything the page shows."""

    wanted: Wanted
    sentence: str
    types: tuple[Choice, ...]
    rows: tuple[Row, ...]
    exports: tuple[Exported, ...]
    next: str


def read_filter(query: Mapping[str, str]) -> Wanted:
    """The filter of an address; what it does not know counts as left out."""
    kind, before = query.get("type", ""), query.get("before", "")
    of = "".join(each for each in query.get("of", "") if each.isprintable()).strip()[:100]
    known = before.startswith("CE-") and before[3:].isascii() and before[3:].isdigit() and len(before) < 30
    return Wanted(kind if kind in TYPE else "", of, before if known else "")


def address(wanted: Wanted) -> str:
    """The page with this filter."""
    query = {"type": wanted.type, "of": wanted.of, "before": wanted.before}
    said = urlencode({name: value for name, value in query.items() if value})
    return PATH + (f"?{said}" if said else "")


def charging_view(
    found: Sequence[Document],
    count: int,
    exported: Mapping[str, str],
    exports: Sequence[Document],
    wanted: Wanted,
    now: datetime,
    t: Translator,
) -> ChargingView:
    """The page as of `now`."""
    types = [Choice("", t.gettext("of any kind"), not wanted.type)]
    types += [Choice(each, label(TYPE, each, t).word, each == wanted.type) for each in TYPE]
    return ChargingView(
        wanted=wanted,
        sentence=t.ngettext("{n} charging event", "{n} charging events", count),
        types=tuple(types),
        rows=tuple(_row(event, exported.get(event["id"], ""), now, t) for event in found),
        exports=tuple(_exported(each, now, t) for each in exports),
        next=address(replace(wanted, before=found[-1]["id"])) if len(found) == MOST else "",
    )


def _row(event: Document, handed: str, now: datetime, t: Translator) -> Row:
    at, item = from_wire(event["effective"]), event.get("orderItem") or {}
    customer, product = event.get("customer") or {}, event["product"]
    reason = REASON.get(event["reason"])
    why, piece = t.pgettext(*reason) if reason else event["reason"], event.get("equipmentReturn")
    order = str(item.get("productOrderId") or "")
    return Row(
        number=t.number(event["number"]),
        label=label(TYPE, event["type"], t),
        why=f"{why}: {t.pick(piece['name'])}" if piece else why,
        product=t.name(product.get("name") or product["id"]),
        product_href=product_path(product["id"]),
        account=event["account"],
        account_number=t.gettext("no. {n} of the account", n=t.number(event["accountNumber"])),
        client=str(customer.get("name") or customer.get("id") or "–"),
        client_href=client_path(customer["id"]) if customer.get("id") else "",
        amount=_sums({unit: str(amount) for unit, amount in total(event).items()}, t),
        effective=t.near(at, now),
        effective_at=at,
        order=order,
        order_href=order_path(order) if order else "",
        handed=handed,
    )


def _exported(export: Document, now: datetime, t: Translator) -> Exported:
    since, until = from_wire(export["since"]), from_wire(export["until"])
    sums = [
        f"{label(TYPE, kind, t).word.lower()} {_sums(each, t)}"
        for kind, each in sorted(export["sums"].items())
    ]
    return Exported(
        id=export["id"],
        range=f"{t.moment(since)} – {t.moment(until)}",
        count=t.number(export["count"]),
        sums=", ".join(sums) or "–",
        made=t.near(from_wire(export["created"]), now),
        sha256=export["sha256"][:12],
    )


def _sums(amounts: Mapping[str, str], t: Translator) -> str:
    return ", ".join(t.money(amount, unit) for unit, amount in sorted(amounts.items())) or "–"
