"""A client's page: his documents in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from abonent.domain.party.queries_file import Holdings, Move
from abonent.domain.party.rules_contact import EMAIL, contact_of, is_organization
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import client_path, order_path, product_path
from abonent.faces.console.clients.labels import (
    CHANNEL,
    GONE,
    LANGUAGE,
    arrears,
    place_ids,
    product_label,
    shown_phone,
    since_when,
)
from abonent.faces.console.clients.tape import Promise, Tape, tape
from abonent.faces.console.clients.timeline import PROCESSES, Entry, order_title, timeline
from abonent.faces.console.labels import CLIENT, FINAL_ORDER_STATES, JEOPARDY, ORDER, Label, label, word
from abonent.faces.console.order_list import Choice
from abonent.faces.console.order_parts import MessageRow, message_rows, prices_of
from abonent.kit.i18n import Translator
from abonent.kit.values import amount_of

SHOWN_ENTRIES = 25
SHOWN_ORDERS = 8
SHOWN_MESSAGES = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of who he is: label, value, one line of context; `href` makes a link of the value."""

    term: str
    value: str
    context: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product the client holds or held."""

    id: str
    href: str
    name: str
    place: str
    label: Label
    since: str
    monthly: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One of his orders; `when` is what matters of its dates now."""

    id: str
    href: str
    title: str
    label: Label
    late: Label | None
    when: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may be done now: the button's words and where it leads."""

    word: str
    href: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Doors:
    """Pages of other rooms that lead on from here; empty while there are none."""

    acts: Sequence[Act] = ()
    wishes: str = ""
    messages: str = ""


@dataclass(frozen=True, slots=True)
class ClientView:
    """Everything the template of the page shows."""

    id: str
    name: str
    labels: tuple[Label, ...]
    owes: str
    facts: tuple[Fact, ...]
    acts: tuple[Act, ...]
    all_messages: str
    products: tuple[ProductRow, ...]
    gone: tuple[ProductRow, ...]
    monthly: str
    currency: str
    orders: tuple[OrderRow, ...]
    older_orders: int
    messages: tuple[MessageRow, ...]
    entries: tuple[Entry, ...]
    processes: tuple[Choice, ...]
    tape: Tape | None


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client with what belongs to him. `places`: geographic addresses by id."""

    customer: Mapping[str, Any]
    version: int
    held: Holdings
    moves: Sequence[Move]
    places: Mapping[str, Mapping[str, Any]]


def client_view(file: ClientFile, process: str, doors: Doors, now: datetime, t: Translator) -> ClientView:
    """The page; `process` keeps the time line to one process, "" shows all."""
    held, customer = file.held, file.customer
    rows = [_product(product, file.places, now, t) for product in held.products]
    active = [p for p in held.products if p.get("status") not in GONE]
    sums = [prices_of([{"itemPrice": product.get("productPrice") or ()}]) for product in active]
    monthly = sum((each.monthly for each in sums if each.monthly), Decimal(0))
    currency = next((each.currency for each in sums if each.monthly), "RUB")
    orders = [order_row(order, now, t) for order in sorted(held.orders, key=_open_first)]
    entries = timeline(held, file.moves, t)
    owed, owed_in = arrears(held.accounts)
    state = str(customer.get("status") or "active")
    return ClientView(
        id=customer["id"],
        name=str(customer.get("name") or customer["id"]),
        labels=tuple([label(CLIENT, state, t)] if state != "active" else []),
        owes=t.money(owed, owed_in) if owed else "",
        facts=tuple(_facts(file, doors.wishes, now, t)),
        acts=tuple(doors.acts),
        all_messages=doors.messages,
        products=tuple(
            row for row, p in zip(rows, held.products, strict=True) if p.get("status") not in GONE
        ),
        gone=tuple(row for row, p in zip(rows, held.products, strict=True) if p.get("status") in GONE),
        monthly=t.plain_money(monthly, currency) if active else "",
        currency=t.currency_mark(currency),
        orders=tuple(orders[:SHOWN_ORDERS]),
        older_orders=max(len(orders) - SHOWN_ORDERS, 0),
        messages=tuple(message_rows(held.messages, t)[:SHOWN_MESSAGES]),
        entries=tuple(entry for entry in entries if process in ("", entry.process)),
        processes=tuple(_processes(customer["id"], process, entries, t)),
        tape=tape(entries, _promises(held), now, t) if entries else None,
    )


def _facts(file: ClientFile, wishes: str, now: datetime, t: Translator) -> list[Fact]:
    customer, contact = file.customer, contact_of(file.customer)
    business = is_organization(customer)
    since = since_when(customer.get("validFor") or {}, "startDateTime")
    preferred = t.gettext("messages go here")
    facts = [
        Fact(
            t.gettext("Who"),
            t.gettext("Business") if business else t.gettext("Private person"),
            t.gettext("client since {day}", day=t.long_day(since, now)) if since else "",
        ),
        Fact(
            t.gettext("Language and channel"),
            f"{word(LANGUAGE, contact.language, t)}, {word(CHANNEL, contact.channel, t)}",
            href=wishes,
        ),
        Fact(
            t.gettext("E-mail"),
            contact.email or t.gettext("not known"),
            preferred if contact.email and contact.channel == EMAIL else "",
            f"mailto:{contact.email}" if contact.email else "",
        ),
        Fact(
            t.gettext("Telephone"),
            shown_phone(contact.phone) or t.gettext("not known"),
            preferred if contact.phone and contact.channel != EMAIL else "",
            f"tel:{contact.phone}" if contact.phone else "",
        ),
    ]
    written = ", ".join(part for part in (contact.postcode, contact.city, contact.street) if part)
    if written:
        facts.append(Fact(t.gettext("Postal address"), written))
    for place in _places(file):
        count = sum(place in place_ids(p) and p.get("status") not in GONE for p in file.held.products)
        facts.append(
            Fact(
                t.gettext("Connected at"),
                address_line(file.places.get(place)) or place,
                t.ngettext("{n} product", "{n} products", count),
            )
        )
    facts += [_account(account, t) for account in file.held.accounts]
    facts += [
        Fact(t.gettext("Contract"), str(each.get("name") or each.get("id")), str(each.get("id") or ""))
        for each in customer.get("agreement") or ()
    ]
    return facts


def _places(file: ClientFile) -> list[str]:
    held = [p for p in file.held.products if p.get("status") not in GONE]
    return list(dict.fromkeys(id for product in held for id in place_ids(product)))[:4]


def _account(account: Mapping[str, Any], t: Translator) -> Fact:
    owed, currency = arrears([account])
    limit = account.get("creditLimit")
    context = [str(account["id"])]
    if limit:
        context.append(
            t.gettext("credit up to {sum}", sum=t.money(amount_of(limit), limit.get("unit") or "RUB", False))
        )
    value = t.gettext("owes {sum}", sum=t.money(owed, currency)) if owed else t.gettext("No arrears")
    return Fact(t.gettext("Account"), value, " · ".join(context), tone="risk" if owed else "")


def product_rows(
    products: Sequence[Mapping[str, Any]],
    places: Mapping[str, Mapping[str, Any]],
    now: datetime,
    t: Translator,
) -> list[ProductRow]:
    """Rows of a table of products."""
    return [_product(each, places, now, t) for each in products]


def _product(
    product: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]], now: datetime, t: Translator
) -> ProductRow:
    prices = prices_of([{"itemPrice": product.get("productPrice") or ()}])
    at = [address_line(places.get(id)) or id for id in place_ids(product)]
    begun, ended = since_when(product, "startDate"), since_when(product, "terminationDate")
    when = ended if product.get("status") in GONE and ended else begun
    return ProductRow(
        id=product["id"],
        href=product_path(product["id"]),
        name=t.name(product.get("name") or product["id"]),
        place=at[0] if at else "",
        label=product_label(product, t),
        since=t.day(when, now) if when else "\u2013",
        monthly=t.plain_money(prices.monthly, prices.currency) if prices.monthly is not None else "\u2013",
    )


def _open_first(order: Mapping[str, Any]) -> bool:
    return order.get("state") in FINAL_ORDER_STATES


def order_row(order: Mapping[str, Any], now: datetime, t: Translator) -> OrderRow:
    over = order.get("state") in FINAL_ORDER_STATES
    promised = since_when(order, "expectedCompletionDate")
    ended, placed = since_when(order, "completionDate", "cancellationDate"), since_when(order, "orderDate")
    late = promised is not None and promised < now and not over
    if over and ended:
        when = t.day(ended, now)
    elif promised and not over:
        when = t.gettext("promised {when}", when=t.near(promised, now))
    else:
        when = t.day(placed, now) if placed else ""
    return OrderRow(
        id=order["id"],
        href=order_path(order["id"]),
        title=order_title(order, t),
        label=label(ORDER, str(order.get("state")), t),
        late=label(JEOPARDY, "critical", t) if late else None,
        when=when,
    )


def _promises(held: Holdings) -> list[Promise]:
    found = []
    for order in held.orders:
        start = since_when(order, "orderDate")
        if start and order.get("state") not in FINAL_ORDER_STATES:
            found.append(Promise(start, since_when(order, "expectedCompletionDate")))
    return found


def _processes(id: str, chosen: str, entries: Sequence[Entry], t: Translator) -> list[Choice]:
    there = {entry.process for entry in entries}
    links = [Choice(f"{client_path(id)}#time-line", t.gettext("All"), not chosen)]
    for process, marked in PROCESSES.items():
        if process in there:
            href = f"{client_path(id)}?{urlencode({'process': process})}#time-line"
            links.append(Choice(href, t.pgettext(*marked), process == chosen))
    return links if len(links) > 2 else []
