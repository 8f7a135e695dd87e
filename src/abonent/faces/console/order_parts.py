"""The parts of an order's page below its plan: items, decisions, messages, history.

Documents to words, pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from abonent.domain.order_handling.lines import ADD, MODIFY, offering_id, product_id
from abonent.domain.order_handling.products import product_number
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import message_path, product_path
from abonent.faces.console.amend_told import told
from abonent.faces.console.data import Document, HistoryRow
from abonent.faces.console.labels import (
    ACTION,
    ITEM,
    ORDER,
    TASK,
    Label,
    decision_label,
    label,
    word,
)
from abonent.faces.console.messages.labels import message_label, stage
from abonent.faces.console.plan_model import instant
from abonent.faces.console.traits import TRAIT, result_told
from abonent.kit.access import SYSTEM
from abonent.kit.errors import N_
from abonent.kit.i18n import Translator
from abonent.kit.values import characteristic

_MESSAGE_ICONS = {
    "sms": "sms",
    "email": "mail",
    "mail": "mail",
    "e-mail": "mail",
    "call": "call",
    "phone": "call",
}
_SHOWN_CHARACTERISTICS = 4
# What stands in the history and is no move of a state.
_HAPPENED = {
    "release": N_("Released by hand"),
    "amendment": N_("Amended"),
    "cancellation": N_("Cancellation refused"),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """Sums without tax (with tax when the document gives only that: then `taxed`)."""

    monthly: Decimal | None
    once: Decimal | None
    currency: str
    taxed: bool = False


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A line of the table of items; money is written for a column whose head names the currency. `was`: what the
    product costs a month before its change; `href`: the page of the product."""

    id: str
    name: str
    detail: str
    action: str
    label: Label
    monthly: str
    once: str
    was: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a decision; `icon` is ok or off."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision beside its reasons; `footer` says when, by which rules and until when."""

    label: Label
    reasons: tuple[Reason, ...]
    footer: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message to the client; `lang` is the language of its text, `href` the page with its words."""

    at: datetime | None
    icon: str
    text: str
    label: Label
    lang: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the history."""

    at: datetime
    text: str
    reason: str
    by: str


_NO_PRODUCTS: Mapping[str, Document] = MappingProxyType({})


def item_rows(
    items: Sequence[Document],
    t: Translator,
    products: Mapping[str, Document] = _NO_PRODUCTS,
    order: str = "",
) -> list[ItemRow]:
    """The items of the order, nested ones after their parent. `products`: those that it changes, by id, as they stand;
    `order`: its number, by which what it made is found."""
    rows: list[ItemRow] = []
    for item in items:
        # A bundle's parts have rows of their own: a sum over them in its row would be counted twice by the reader.
        prices, before = prices_of([{**item, "productOrderItem": ()}]), before_of(item, products)
        rows.append(
            ItemRow(
                id=str(item.get("id", "")),
                name=_item_name(item, t),
                detail=_detail(item, t),
                action=word(ACTION, item.get("action", ""), t),
                label=label(ITEM, item.get("state") or "acknowledged", t),
                monthly=t.plain_money(prices.monthly, prices.currency) if prices.monthly is not None else "",
                once=t.plain_money(prices.once, prices.currency) if prices.once is not None else "",
                was=t.gettext("was {money}", money=t.plain_money(before, prices.currency))
                if before is not None and prices.monthly is not None
                else "",
                href=_product_href(item, order),
            )
        )
        rows.extend(item_rows(item.get("productOrderItem") or (), t, products, order))
    return rows


def _product_href(item: Document, order: str) -> str:
    """The page of the product that an item changes, or made once it is done."""
    if item.get("action") != ADD:
        return product_path(product_id(item) or "") if product_id(item) else ""
    made = order and item.get("state") == "completed"
    return product_path(product_number(order, str(item["id"]))) if made else ""


def before_of(item: Document, products: Mapping[str, Document]) -> Decimal | None:
    """What the product of an item costs a month while the item is to give it another offering; None once it has."""
    product = products.get(product_id(item) or "", {})
    has = (product.get("productOffering") or {}).get("id")
    if item.get("action") != MODIFY or not has or offering_id(item) in {None, has}:
        return None
    return prices_of([{"itemPrice": product.get("productPrice") or ()}]).monthly


def standing(items: Iterable[Document], products: Mapping[str, Document]) -> list[Document]:
    """The items as they would be if they named their products as these stand: where those are."""
    return [{"product": products[id]} for item in items if (id := product_id(item) or "") in products]


def _item_name(item: Document, t: Translator) -> str:
    product = item.get("product") or {}
    offering = item.get("productOffering") or product.get("productOffering") or {}
    name = offering.get("name") or product.get("name") or offering.get("id") or product.get("id") or ""
    quantity = item.get("quantity") or 1
    return f"{t.name(name)} \u00d7 {quantity}" if quantity != 1 else t.name(name)


def _detail(item: Document, t: Translator) -> str:
    product = item.get("product") or {}
    found = product.get("productCharacteristic") or ()
    values = [
        f"{word(TRAIT, str(each.get('name')), t)}: {_plain(each.get('value'), t)}"
        for each in found[:_SHOWN_CHARACTERISTICS]
    ]
    return " · ".join(values)


def _plain(value: Any, t: Translator) -> str:
    if isinstance(value, bool):
        return t.gettext("yes") if value else t.gettext("no")
    if isinstance(value, Mapping):
        return ", ".join(str(each) for key, each in value.items() if not key.startswith("@"))
    return str(value)


def prices_of(items: Iterable[Document]) -> Prices:
    """What these items (and those nested in them) cost: itemTotalPrice where given, else itemPrice."""
    monthly: Decimal | None = None
    once: Decimal | None = None
    currency, taxed = "RUB", False
    for price in _prices(items):
        amounts = price.get("price") or {}
        free = amounts.get("dutyFreeAmount")
        amount = free or amounts.get("taxIncludedAmount")
        if not amount or amount.get("value") is None:
            continue
        value = Decimal(str(amount["value"]))
        currency, taxed = amount.get("unit") or currency, taxed or not free
        if _recurs(price):
            monthly = (monthly or Decimal(0)) + value
        elif price.get("priceType") != "usage":
            once = (once or Decimal(0)) + value
    return Prices(monthly, once, currency, taxed)


def monthly_total(order: Document, t: Translator) -> str:
    """What an order costs a month as a whole, with tax; empty while that is not known."""
    for price in order.get("orderTotalPrice") or ():
        amount = (price.get("price") or {}).get("taxIncludedAmount")
        if amount and price.get("priceType") == "recurring":
            return t.money(amount["value"], amount.get("unit") or "RUB")
    return ""


def _recurs(price: Document) -> bool:
    return price.get("priceType") == "recurring" or bool(price.get("recurringChargePeriod"))


def _prices(items: Iterable[Document]) -> Iterable[Document]:
    for item in items:
        yield from item.get("itemTotalPrice") or item.get("itemPrice") or ()
        yield from _prices(item.get("productOrderItem") or ())


def address_of(items: Iterable[Document], places: Mapping[str, Document]) -> str:
    """The place of the first item that has one, from its own record where `places` has it."""
    for item in items:
        for given in (item.get("product") or {}).get("place") or ():
            if found := address_line({**places.get(str(given.get("id")), {}), **given}):
                return found
        nested = address_of(item.get("productOrderItem") or (), places)
        if nested:
            return nested
    return ""


def decision_views(decisions: Sequence[Document], now: datetime, t: Translator) -> list[Decision]:
    """Each decision with its reasons and what was offered instead."""
    return [_decision(each, now, t) for each in decisions]


def _decision(document: Document, now: datetime, t: Translator) -> Decision:
    reasons = [
        Reason("ok" if each.get("ok") else "off", filled(each.get("text") or each.get("code") or "", each, t))
        for each in document.get("reasons") or ()
    ]
    for other in document.get("alternatives") or ():
        name = (
            other
            if isinstance(other, str)
            else other.get("text") or other.get("name") or other.get("id") or ""
        )
        reasons.append(Reason("new", t.gettext("Possible instead: {what}", what=t.pick(name))))
    footer: list[str] = []
    if document.get("rulesVersion"):
        footer.append(t.gettext("rules version {version}", version=document["rulesVersion"]))
    at, until = instant(document.get("at")), instant(document.get("validUntil"))
    if at:
        footer.append(t.moment(at, now))
    if until:
        footer.append(t.gettext("valid until {when}", when=t.day(until, now)))
    label_ = decision_label(document.get("kind", ""), document.get("outcome", ""), t)
    return Decision(label_, tuple(reasons), " · ".join(footer))


def filled(text: str | Mapping[str, str], document: Document, t: Translator) -> str:
    """A text of the data in the reader's language, its named facts filled in where the document has them."""
    if isinstance(text, Mapping):
        return t.pick(text)
    try:
        return t.gettext(text, **(document.get("facts") or {}))
    except (KeyError, IndexError, ValueError):  # a free text with braces, or facts that were not kept
        return t.retell(text)


def message_rows(messages: Sequence[Document], t: Translator) -> list[MessageRow]:
    """Messages to the client, newest first."""
    rows = [
        MessageRow(
            at=instant(each.get("sendTimeComplete") or each.get("sendTime") or each.get("scheduledSendTime")),
            icon=_MESSAGE_ICONS.get(str(each.get("messageType", "")).lower(), "mail"),
            text=each.get("subject") or each.get("content") or each.get("description") or "",
            label=message_label(each, t),
            lang=characteristic(each, "characteristic", "language", ""),
            href=message_path(str(each["id"])) if each.get("id") else "",
        )
        for each in sorted(messages, key=stage, reverse=True)
    ]
    return sorted(rows, key=lambda row: row.at.timestamp() if row.at else 1e12, reverse=True)


@dataclass(frozen=True, slots=True)
class Words:
    """How the history's marks are told: `names` of tasks and items ("task/1.access" -> "Line"); and of tasks that a
    reason names in English ("called/Set up the line" -> as the reader calls it)."""

    names: Mapping[str, str]

    def reason(self, text: str | None, t: Translator) -> str:
        """A reason kept in the history, in the reader's language as far as it is known there."""
        if not text:
            return ""
        task, mark, rest = text.partition(": ")
        if mark and f"task/{task}" in self.names:
            return f"{self.names[f'task/{task}']}: {self.reason(rest, t)}"
        said = result_told(text, t)
        for key, name in self.names.items():
            kind, _, called = key.partition("/")
            if kind == "called" and called in said:
                said = said.replace(called, name)
        return said


def why_now(state: str, history: Sequence[HistoryRow], words: Words, t: Translator) -> str:
    """The reason for which the order entered its present state, if one was noted."""
    entered = [row for row in history if row.what == "order" and row.to_state == state]
    newest = max(entered, key=lambda row: row.at, default=None)
    return words.reason(newest.reason, t) if newest else ""


def log_rows(history: Sequence[HistoryRow], words: Words, t: Translator) -> list[LogRow]:
    """The history in words, newest first; of one moment, what began something stands below what came of it."""
    newest = sorted(history, key=lambda each: (each.at, each.from_state is not None), reverse=True)
    return [
        LogRow(
            at=each.at,
            text=_change(each, words.names, t),
            reason="; ".join(told(each.reason or "", t))
            if each.what == "amendment"
            else words.reason(each.reason, t),
            by=t.gettext("automatic") if each.by == SYSTEM.name else each.by or "",
        )
        for each in newest
    ]


def _change(row: HistoryRow, names: Mapping[str, str], t: Translator) -> str:
    if row.what in _HAPPENED:
        return t.gettext(_HAPPENED[row.what])
    kind, _, _ = row.what.partition("/")
    table = {"order": ORDER, "item": ITEM, "task": TASK}.get(kind, {})
    what = t.gettext("Order") if row.what == "order" else names.get(row.what) or t.gettext(row.what)
    if row.to_state is None:
        return what
    after = label(table, row.to_state, t).word
    if row.from_state is None or row.from_state == row.to_state:
        return f"{what}: {after}"
    before = label(table, row.from_state, t).word
    return t.gettext("{what}: {after}, was {before}", what=what, after=after, before=before)
