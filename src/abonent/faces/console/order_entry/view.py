"""The page of a new order as its template shows it. Pure: facts to words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY
from abonent.domain.order_handling.plan import Slot
from abonent.domain.party.rules_contact import SMS, contact_of
from abonent.domain.qualification.texts import address_line
from abonent.faces.console.order_entry.document import monthly_of
from abonent.faces.console.order_entry.draft import NOWHERE, Draft
from abonent.faces.console.order_entry.facts import Facts
from abonent.faces.console.order_entry.rows import Option, Refused, Row, groups, refused
from abonent.faces.console.order_entry.summary import Summary, summary
from abonent.faces.console.order_entry.words import Words, with_tax
from abonent.kit.i18n import Translator
from abonent.kit.values import to_wire

# Slots shown at first; further ones stand folded.
FIRST_SLOTS = 6


@dataclass(frozen=True, slots=True)
class Held:
    """A product the client has, with links to change and to cancel it."""

    id: str
    name: str
    monthly: str
    address: str
    change: str
    cancel: str


@dataclass(frozen=True, slots=True)
class ClientCard:
    """The client of the order."""

    id: str
    name: str
    reached: str
    products: tuple[Held, ...]


@dataclass(slots=True)
class View:
    """The page. `errors`: text by field, in the order of the page; steps without content are not shown yet."""

    draft: Draft
    title: str
    client: ClientCard | None = None
    hits: tuple[Option, ...] | None = None
    hits_said: str = ""
    addresses: tuple[Option, ...] = ()
    places: tuple[Option, ...] = ()
    places_said: str = ""
    address: str = ""
    placed: bool = False
    groups: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    refused: tuple[Refused, ...] = ()
    ending: tuple[Option, ...] = ()
    parts: tuple[str, ...] = ()
    product: Held | None = None
    slots: tuple[Option, ...] = ()
    more_slots: tuple[Option, ...] = ()
    contact: str = ""
    today: str = ""
    summary: Summary | None = None
    errors: dict[str, str] = field(default_factory=dict)
    restart: str = ""
    tax: str = ""


def view(facts: Facts, now: datetime, t: Translator) -> View:
    """Everything the page says."""
    words, draft = Words(facts.catalogue, t), facts.draft
    made = View(draft, _title(facts, words), restart=Draft().address_of())
    made.errors = {name: words.wrong(wrong) for name, wrong in facts.wrong.items()}
    if facts.customer is None:
        if facts.hits is not None:
            made.hits = tuple(_hit(client, t) for client in facts.hits.clients)
            made.hits_said = _hits_said(facts, t)
        return made
    made.client = _client(facts, words)
    made.contact = draft.contact if draft.contact is not None else _reached(facts.customer)
    made.today = t.local(now).date().isoformat()
    made.address = address_line(facts.address) if facts.address else ""
    made.placed = bool(draft.address) or facts.product is not None
    if draft.action == ADD:
        _addresses(made, facts, t)
    if facts.product is not None:
        made.product = _held(facts.product, facts, words)
    if draft.action == DELETE:
        made.ending = tuple(
            Option(
                p["id"], words.product(p), p["id"] in draft.also, words.money(monthly_of(p, facts.catalogue))
            )
            for p in facts.bound
        )
        made.parts = tuple(words.product(p) for p in facts.parts)
    else:
        made.tax = with_tax((row.offer for row in facts.rows), t)
        made.groups = groups(facts, words, now)
        made.refused = tuple(refused(row, facts, words) for row in facts.rows if not row.orderable)
    if facts.forecast is not None:
        _slots(made, facts, now, t)
    made.summary = summary(facts, words, now)
    return made


def _title(facts: Facts, words: Words) -> str:
    if facts.product is None:
        return words.t.gettext("New order")
    name = words.product(facts.product)
    if facts.draft.action == DELETE:
        return words.t.gettext("Cancel {product}", product=name)
    return words.t.gettext("Change {product}", product=name)


def _hit(client: Mapping[str, Any], t: Translator) -> Option:
    return Option(
        Draft(client=client["id"]).address_of(), str(client.get("name") or client["id"]), about=_ways(client)
    )


def _ways(client: Mapping[str, Any]) -> str:
    reached = contact_of(client)
    return ", ".join(part for part in (client["id"], reached.phone, reached.email) if part)


def _hits_said(facts: Facts, t: Translator) -> str:
    assert facts.hits is not None
    if not facts.hits.clients:
        return t.gettext(
            "No client fits “{words}”. Try a part of the name, the telephone number or the client's number.",
            words=facts.draft.search,
        )
    if "clients" in facts.hits.more:
        return t.gettext("The first {n} are shown. Add a word to find fewer.", n=len(facts.hits.clients))
    return t.ngettext("{n} client fits", "{n} clients fit", len(facts.hits.clients))


def _reached(customer: Mapping[str, Any]) -> str:
    contact = contact_of(customer)
    first, second = (
        (contact.phone, contact.email) if contact.channel == SMS else (contact.email, contact.phone)
    )
    return first or second


def _client(facts: Facts, words: Words) -> ClientCard:
    customer = facts.customer or {}
    return ClientCard(
        customer["id"],
        str(customer.get("name") or customer["id"]),
        _ways(customer),
        tuple(_held(p, facts, words) for p in facts.holding.products),
    )


def _held(product: Mapping[str, Any], facts: Facts, words: Words) -> Held:
    places = [p.get("id") for p in product.get("place") or ()]
    known = next((facts.own_addresses[p] for p in places if p in facts.own_addresses), None)
    link = Draft(client=facts.draft.client, product=product["id"])
    return Held(
        product["id"],
        words.product(product),
        words.money(monthly_of(product, facts.catalogue)),
        address_line(known) if known else "",
        link.address_of(action=MODIFY),
        link.address_of(action=DELETE),
    )


def _addresses(made: View, facts: Facts, t: Translator) -> None:
    draft, own = facts.draft, facts.own_addresses
    listed = {id: address_line(a) for id, a in own.items()}
    if facts.address is not None:
        listed.setdefault(facts.address["id"], address_line(facts.address))
    options = [Option(id, word, id == draft.address) for id, word in listed.items()]
    nowhere = t.gettext("No address: services that need no line")
    made.addresses = (*options, Option(NOWHERE, nowhere, draft.address == NOWHERE))
    if facts.more_places:
        told = t.gettext("The first {n} are shown. Add the house to find fewer.", n=len(facts.places))
        made.places_said = told
    made.places = tuple(
        Option(p["id"], address_line(p), p["id"] == draft.address)
        for p in facts.places
        if p["id"] not in listed
    )


def _slots(made: View, facts: Facts, now: datetime, t: Translator) -> None:
    assert facts.forecast is not None
    chosen = facts.forecast.visit
    shown = [_slot(s, s == chosen, now, t) for s in facts.forecast.slots]
    made.slots = tuple(s for n, s in enumerate(shown) if n < FIRST_SLOTS or s.chosen)
    made.more_slots = tuple(s for n, s in enumerate(shown) if n >= FIRST_SLOTS and not s.chosen)


def _slot(slot: Slot, chosen: bool, now: datetime, t: Translator) -> Option:
    return Option(to_wire(slot[0]), t.span(slot[0], slot[1], now), chosen)
