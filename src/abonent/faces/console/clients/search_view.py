"""What a search found, in groups of links. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from abonent.domain.catalog.texts import text_in
from abonent.domain.party.queries_search import MOST, Found
from abonent.domain.party.rules_contact import contact_of
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.addresses import client_path, message_path, order_path, product_path
from abonent.faces.console.clients.labels import product_label, shown_phone
from abonent.faces.console.clients.timeline import order_title
from abonent.faces.console.labels import CLIENT, ORDER, Label, label
from abonent.faces.console.order_parts import message_rows
from abonent.kit.i18n import Translator
from abonent.kit.values import with_role

_NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its name as a link, its number, a line about it."""

    href: str
    name: str
    number: str
    detail: str
    label: Label | None = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind; `more` is where all of them stand, `cut` says that there are more than are shown."""

    name: str
    hits: tuple[Hit, ...]
    more: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SearchView:
    """Everything the template of the search shows; `only` is where a single hit leads."""

    text: str
    groups: tuple[Group, ...]
    count: int
    meant: str
    similar: bool
    only: str
    most: int = MOST


def search_view(
    found: Found,
    text: str,
    now: datetime,
    t: Translator,
    *,
    messages: bool,
    places: Mapping[str, str] = _NOWHERE,
) -> SearchView:
    """`messages`: whether messages have pages of their own; `places`: where clients are, by their id."""
    query = found.meant or text
    groups = [
        Group(
            t.gettext("Clients"),
            tuple(_client(each, found, places, t) for each in found.clients),
            # The list knows words of the client himself, not of what he holds.
            f"/clients?{urlencode({'q': query})}" if not found.holders else "",
            "clients" in found.more,
        ),
        Group(
            t.gettext("Orders"),
            tuple(_order(each, t) for each in found.orders),
            f"/orders?{urlencode({'q': query})}",
            "orders" in found.more,
        ),
        Group(
            t.gettext("Products"),
            tuple(_product(each, t) for each in found.products),
            cut="products" in found.more,
        ),
        Group(
            t.gettext("Who holds what"),
            tuple(_offering(each.offering, each.held, t) for each in found.offerings),
        ),
        Group(
            t.gettext("Addresses"),
            tuple(_address(each) for each in found.addresses),
            cut="addresses" in found.more,
        ),
        Group(
            t.gettext("Messages"),
            tuple(_message(each, now, t, messages) for each in found.messages),
            cut="messages" in found.more,
        ),
    ]
    shown = tuple(group for group in groups if group.hits)
    hits = [hit for group in shown for hit in group.hits]
    return SearchView(
        text=text,
        groups=shown,
        count=len(hits),
        meant=found.meant,
        similar=found.similar,
        only=_only(found, hits),
    )


def _only(found: Found, hits: list[Hit]) -> str:
    """A single hit; and a single client found by the one address that fits is what was asked for. What is only similar
    is shown with a word about that: another client's page must not open by a slip of the pen."""
    if found.similar:
        return ""
    if len(hits) == 1 and not found.addresses:  # an address has no page but this one
        return hits[0].href
    if len(hits) == 2 and len(found.clients) == len(found.addresses) == 1 and found.holders:
        return client_path(found.clients[0]["id"])
    return ""


def _client(client: Mapping[str, Any], found: Found, places: Mapping[str, str], t: Translator) -> Hit:
    contact = contact_of(client)
    known = (places.get(client["id"], ""), shown_phone(contact.phone), contact.email)
    reached = [part for part in known if part]
    if client["id"] in found.holders:
        reached.insert(0, t.gettext("connected at the address"))
    state = str(client.get("status") or "active")
    shown = label(CLIENT, state, t) if state != "active" else None
    name = str(client.get("name") or client["id"])
    return Hit(client_path(client["id"]), name, client["id"], " · ".join(reached), shown)


def _order(order: Mapping[str, Any], t: Translator) -> Hit:
    party = with_role(order.get("relatedParty"), "customer") or {}
    who = str(party.get("name") or party.get("id") or "")
    state = label(ORDER, str(order.get("state")), t)
    return Hit(order_path(order["id"]), order_title(order, t), order["id"], who, state)


def _product(product: Mapping[str, Any], t: Translator) -> Hit:
    party = with_role(product.get("relatedParty"), "customer") or {}
    who = str(party.get("name") or party.get("id") or "")
    name = t.name(product.get("name") or product["id"])
    return Hit(product_path(product["id"]), name, product["id"], who, product_label(product, t))


def _offering(offering: Mapping[str, Any], held: int, t: Translator) -> Hit:
    href = "/clients?" + urlencode({"holds": offering["id"]})
    detail = t.ngettext("{n} product held", "{n} products held", held)
    return Hit(href, text_in(offering, "name", t.lang) or offering["id"], offering["id"], detail)


def _address(address: Mapping[str, Any]) -> Hit:
    name = address_line(address)
    return Hit("/search?" + urlencode({"q": address["id"]}), name, address["id"], "")


def _message(message: Mapping[str, Any], now: datetime, t: Translator, pages: bool) -> Hit:
    row = message_rows([message], t)[0]
    receiver = next(iter(message.get("receiver") or ()), {})
    who = str(receiver.get("name") or receiver.get("id") or "")
    when = t.near(row.at, now) if row.at else ""
    href = message_path(message["id"]) if pages else client_path(str(receiver.get("id") or ""))
    return Hit(href, row.text, "", " · ".join(p for p in (who, when) if p), row.label, row.lang)
