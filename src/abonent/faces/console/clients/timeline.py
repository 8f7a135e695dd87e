"""One time line of everything that happened with a client: orders, products, messages, his data. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.party.queries_file import Holdings, Move
from abonent.faces.console.addresses import order_path, product_path
from abonent.faces.console.clients.labels import CHANNEL, FIELD, LANGUAGE, PRODUCT, since_when
from abonent.faces.console.labels import CLIENT, ORDER, Label, label, word
from abonent.faces.console.order_parts import message_rows
from abonent.kit.access import SYSTEM
from abonent.kit.i18n import NP_, Translator

PROCESSES: Mapping[str, tuple[str, str]] = {
    "orders": NP_("process", "Orders"),
    "products": NP_("process", "Products"),
    "messages": NP_("process", "Messages"),
    "client": NP_("process", "Client's data"),
}
# Reasons of a first entry that came from elsewhere: it happened when the document says, not when it was taken over.
TAKEN_OVER = frozenset({"adopted", "imported"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `label` is the state it led to, when it has one; `mark` its number, `href` its page,
    `lang` the language of its text where that is not the reader's."""

    at: datetime
    process: str
    icon: str
    text: str
    detail: str = ""
    label: Label | None = None
    mark: str = ""
    href: str = ""
    by: str = ""
    lang: str = ""


def timeline(held: Holdings, moves: Sequence[Move], t: Translator) -> list[Entry]:
    """All entries, newest first."""
    orders = {order["id"]: order_title(order, t) for order in held.orders}
    products = {product["id"]: t.name(product.get("name") or product["id"]) for product in held.products}
    # Of one moment, what began something stands below what came of it.
    newest = sorted(moves, key=lambda move: (move.at, move.old is not None), reverse=True)
    entries = [entry for move in newest if (entry := _moved(move, orders, products, t))]
    told = {(entry.process, entry.mark) for entry in entries}
    for order in held.orders:
        at = since_when(order, "orderDate")
        if at and ("orders", order["id"]) not in told:
            entries.append(_order(at, order["id"], orders[order["id"]], str(order.get("state")), "", t))
    for product in held.products:
        at = since_when(product, "startDate", "orderDate")
        if at and ("products", product["id"]) not in told:
            entries.append(_product(at, product["id"], products[product["id"]], "active", "", t))
    entries += [
        Entry(row.at, "messages", row.icon, row.text, label=row.label, href=row.href, lang=row.lang)
        for row in message_rows(held.messages, t)
        if row.at
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def order_title(order: Mapping[str, Any], t: Translator) -> str:
    """What is ordered: its description, or the offerings' names."""
    if order.get("description"):
        return str(order["description"])
    names = [
        str((item.get("productOffering") or {}).get("name") or (item.get("product") or {}).get("name") or "")
        for item in order.get("productOrderItem") or ()
    ]
    known = [name for name in names if name]
    return ", ".join(map(t.name, known[:2])) + (" …" if len(known) > 2 else "") or t.gettext("Order")


def _moved(move: Move, orders: Mapping[str, str], products: Mapping[str, str], t: Translator) -> Entry | None:
    by = "" if move.by == SYSTEM.name else move.by
    if move.resource == "customer":
        return Entry(move.at, "client", "flag", _client_change(move, t), by=by)
    reason = move.reason or ""
    if move.old is None and reason in TAKEN_OVER:
        return None
    if move.resource == "productOrder" and move.attribute == "state" and move.new:
        return _order(move.at, move.id, orders.get(move.id, move.id), move.new, by, t)
    if move.resource == "product" and move.attribute == "status" and move.new:
        # The order that did it is named by its number; anything else is kept in words.
        name = products.get(move.id, move.id)
        return _product(move.at, move.id, name, move.new, by, t, t.retell(reason) if reason else "")
    return None


def _order(at: datetime, id: str, title: str, state: str, by: str, t: Translator) -> Entry:
    shown = label(ORDER, state, t)
    return Entry(at, "orders", "order", title, label=shown, mark=id, href=order_path(id), by=by)


def _product(at: datetime, id: str, name: str, state: str, by: str, t: Translator, detail: str = "") -> Entry:
    shown = label(PRODUCT, state, t)
    return Entry(at, "products", "tool", name, detail, shown, id, product_path(id), by)


def _client_change(move: Move, t: Translator) -> str:
    field = word(FIELD, move.attribute, t)
    tables = {"language": LANGUAGE, "channel": CHANNEL}
    table = tables.get(move.attribute, {})
    if move.attribute == "status":
        old, new = (label(CLIENT, state, t).word if state else "" for state in (move.old, move.new))
    else:
        old, new = (word(table, value, t) if value else "" for value in (move.old, move.new))
    if not new:
        return t.gettext("{field}: {before} removed", field=field, before=old)
    if not old:
        return t.gettext("{field}: {after}", field=field, after=new)
    return t.gettext("{field}: {after}, was {before}", field=field, after=new, before=old)
