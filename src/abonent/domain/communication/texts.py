"""What clients are told when no template is stored: data that `templates.py` reads as if it were stored.

Texts are English with named facts and the keys of their translations; a built-in template holds them in all languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from abonent.kit.errors import N_
from abonent.kit.i18n import LANGUAGES, Translator

CHANNELS = ("email", "SMS")


@dataclass(frozen=True, slots=True)
class Subject:
    """What messages are about: one resource whose state changes are told.

    topic   what a client opts out of
    facts   what a text may name, with samples (English, Russian) for previews
    events  the states that clients may be told of
    """

    topic: str
    facts: Mapping[str, tuple[str, str]]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Built-in words for one event: subject and content of the mail, content of the SMS."""

    subject: str
    mail: str
    sms: str


SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        "productOrder": Subject(
            topic="orders",
            facts={
                "client": ("Anna Sokolova", "Анна Соколова"),
                "order": ("O-10001", "O-10001"),
                "product": ("Fibre 300, Television", "Интернет 300, Телевидение"),
                "ordered": ("24 November 2026", "24 ноября 2026"),
                "promised": ("27 November 2026", "27 ноября 2026"),
                "forecast": ("1 December 2026", "1 декабря 2026"),
                "why": (
                    "Please pay the last bill first.",
                    "Сначала оплатите, пожалуйста, последний счёт.",
                ),
                "monthly": ("RUB\u00a01,250.00", "1\u00a0250,00\u00a0₽"),
                "deposit": ("RUB\u00a0500.00", "500,00\u00a0₽"),
                "until": ("1 December 2026", "1 декабря 2026"),
                "contract": ("CTR-10001", "CTR-10001"),
                "acceptBy": ("8 December 2026", "8 декабря 2026"),
                "link": ("https://example.org/f/...", "https://example.org/f/..."),
            },
            events=(
                *("acknowledged", "inProgress", "pending", "held", "assessingCancellation"),
                *("pendingCancellation", "completed", "partial", "failed", "rejected", "cancelled"),
                # No states: its date slips; its deposit has not come; its contract is to be accepted.
                *("delayed", "depositReminder", "contractOffered", "contractReminder"),
            ),
        ),
        "appointment": Subject(
            topic="visits",
            facts={
                "client": ("Anna Sokolova", "Анна Соколова"),
                "order": ("O-10001", "O-10001"),
                "work": ("Fibre to the flat", "Оптика в квартиру"),
                "day": ("27 November 2026", "27 ноября 2026"),
                "from": ("10:00", "10:00"),
                "to": ("12:00", "12:00"),
                "address": ("Yaroslavl, Svobody 12", "Ярославль, улица Свободы, 12"),
                "link": ("https://example.org/f/...", "https://example.org/f/..."),
            },
            # `moved` is no state: the appointment has another slot than the client was told last.
            events=("initialized", "confirmed", "moved", "cancelled", "failed"),
        ),
        "quote": Subject(
            topic="quotes",
            facts={
                "client": ("Anna Sokolova", "Анна Соколова"),
                "quote": ("QU-10001", "QU-10001"),
                "what": ("Fibre to the warehouse", "Оптика до склада"),
                "once": ("RUB\u00a060,000.00", "60\u00a0000,00\u00a0₽"),
                "monthly": ("RUB\u00a0980.00", "980,00\u00a0₽"),
                "days": ("30", "30"),
                "until": ("19 March 2026", "19 марта 2026"),
                "link": ("https://example.org/q/...", "https://example.org/q/..."),
            },
            events=("approved", "accepted", "rejected", "cancelled"),
        ),
        "portingRequest": Subject(
            topic="orders",
            facts={
                "client": ("Anna Sokolova", "Анна Соколова"),
                "order": ("O-10001", "O-10001"),
                "number": ("+79161234567", "+79161234567"),
                "day": ("27 November 2026", "27 ноября 2026"),
                "from": ("03:00", "03:00"),
                "to": ("09:00", "09:00"),
                "why": (
                    "The number is blocked at the other operator.",
                    "Номер заблокирован у другого оператора.",
                ),
                "link": ("https://example.org/f/...", "https://example.org/f/..."),
            },
            events=("accepted", "refused"),
        ),
    }
)

# TMF622 state an order enters -> what is said. States a client need not hear of are left out.
ORDER_TEXTS: Mapping[str, Words] = MappingProxyType(
    {
        "acknowledged": Words(
            N_("Order {order} is received"),
            N_(
                "Hello {client},\n\norder {order} is received: {product}.\n\n"
                "The date follows as soon as the line at the address is checked."
            ),
            N_("Order {order} is received. The date follows as soon as the line at the address is checked."),
        ),
        "inProgress": Words(
            N_("Order {order} is in work"),
            N_(
                "Hello {client},\n\norder {order} is in work: {product}.\n\nIt will be ready by {promised}."
                " If this date cannot be kept, you will hear of it before."
            ),
            N_("Order {order} is in work and will be ready by {promised}."),
        ),
        "pending": Words(
            N_("Order {order} waits for you"),
            N_(
                "Hello {client},\n\norder {order} waits for a payment in advance of {deposit}: {product}.\n\n"
                "Work begins when it has come."
            ),
            N_("Order {order} waits for a payment in advance: {deposit}. Work begins when it has come."),
        ),
        "depositReminder": Words(
            N_("Order {order} still waits for your payment"),
            N_(
                "Hello {client},\n\norder {order} still waits for {deposit} in advance: {product}.\n\n"
                "If it has not come by {until}, the order is cancelled. Nothing is charged then."
            ),
            N_("Order {order} waits for {deposit} until {until}; after that it is cancelled."),
        ),
        "held": Words(
            N_("Order {order} needs a look"),
            N_(
                "Hello {client},\n\nsomething about order {order} has to be cleared up ({product}).\n\n"
                "You will hear within two working days; there is nothing you need to do."
            ),
            N_("Something about order {order} has to be cleared up. You will hear within two working days."),
        ),
        "delayed": Words(
            N_("Order {order} will be ready later: {forecast}"),
            N_(
                "Hello {client},\n\norder {order} will not be ready by {promised} ({product}).\n\n"
                "By what we know now it will be ready on {forecast}. We are sorry. If the new date does not suit you,"
                " call us."
            ),
            N_("Order {order} will not be ready by {promised}. The new date is {forecast}. We are sorry."),
        ),
        "contractOffered": Words(
            N_("Please accept the contract for order {order}"),
            N_(
                "Hello {client},\n\nthe contract {contract} for order {order} is ready: {product}.\n\n"
                "Please read and accept it by {acceptBy}; work begins after that. Our office helps, too."
            ),
            N_(
                "Please accept the contract {contract} for order {order} by {acceptBy}; work begins after that."
            ),
        ),
        "contractReminder": Words(
            N_("The contract for order {order} waits for you"),
            N_(
                "Hello {client},\n\nthe contract {contract} for order {order} is not accepted yet: {product}.\n\n"
                "Without it work cannot begin, and after {acceptBy} the order is cancelled."
            ),
            N_("The contract {contract} is not accepted yet. After {acceptBy} order {order} is cancelled."),
        ),
        "pendingCancellation": Words(
            N_("Order {order} is being cancelled"),
            N_(
                "Hello {client},\n\nyou asked to cancel order {order} ({product}). What was prepared for it is being"
                " taken back.\n\nYou will hear when it is done; nothing is charged."
            ),
            N_("Order {order} is being cancelled. You will hear when it is done."),
        ),
        "completed": Words(
            N_("Order {order} is done"),
            N_(
                "Hello {client},\n\norder {order} is done: {product}. Everything works and was tested.\n\n"
                "Charging begins today, {monthly} a month."
            ),
            N_("Order {order} is done: everything works and was tested. Charging begins today."),
        ),
        "rejected": Words(
            N_("Order {order} cannot be delivered"),
            N_(
                "Hello {client},\n\norder {order} cannot be delivered: {product}.\n\n{why}\n\n"
                "Nothing is charged."
            ),
            N_("Order {order} cannot be delivered. {why}"),
        ),
        "cancelled": Words(
            N_("Order {order} is cancelled"),
            N_(
                "Hello {client},\n\norder {order} is cancelled: {product}.\n\n{why}\n\nNothing is charged for it."
            ),
            N_("Order {order} is cancelled. {why}"),
        ),
    }
)
VISIT_TEXTS: Mapping[str, Words] = MappingProxyType(
    {
        "initialized": Words(
            N_("A visit on {day}, {from} to {to}?"),
            N_(
                "Hello {client},\n\nour crew can come on {day} between {from} and {to}: {work}, {address}.\n\n"
                "If this does not suit you, call us and we find another time."
            ),
            N_("Our crew can come on {day}, {from} to {to}. Call us if this does not suit you."),
        ),
        "confirmed": Words(
            N_("We come on {day}, {from} to {to}"),
            N_(
                "Hello {client},\n\nour crew comes on {day} between {from} and {to}: {work}, {address}.\n\n"
                "Somebody over 18 should be there. If something comes up, tell us before."
            ),
            N_("Our crew comes on {day}, {from} to {to}. Somebody should be there."),
        ),
        "moved": Words(
            N_("The visit is now on {day}, {from} to {to}"),
            N_(
                "Hello {client},\n\nthe visit was moved: our crew comes on {day} between {from} and {to}"
                " ({work}, {address})."
            ),
            N_("The visit was moved: our crew comes on {day}, {from} to {to}."),
        ),
        "cancelled": Words(
            N_("The visit on {day} is called off"),
            N_("Hello {client},\n\nthe visit on {day} between {from} and {to} is called off ({work})."),
            N_("The visit on {day}, {from} to {to} is called off."),
        ),
        "failed": Words(
            N_("Our crew could not do its work on {day}"),
            N_(
                "Hello {client},\n\nour crew was at {address} on {day} and could not do its work ({work}).\n\n"
                "We will offer you another time."
            ),
            N_("Our crew came on {day} and could not do its work. We will offer you another time."),
        ),
    }
)
QUOTE_TEXTS: Mapping[str, Words] = MappingProxyType(
    {
        "approved": Words(
            N_("Our offer {quote}: {what}"),
            N_(
                "Hello {client},\n\nour engineers have looked at what you asked for: {what}.\n\n"
                "It costs {once} once and {monthly} a month, with tax, and is ready {days} days after you accept.\n"
                "The offer {quote} is good until {until}.\n\n"
                "Read it, accept it or decline it here: {link}\nOr call us."
            ),
            N_("Offer {quote}: {once} once, {monthly} a month, good until {until}. {link}"),
        ),
        "accepted": Words(
            N_("You accepted offer {quote}"),
            N_(
                "Hello {client},\n\nthank you: you accepted offer {quote} ({what}).\n\n"
                "The order is placed; its number and dates follow."
            ),
            N_("Thank you: offer {quote} is accepted, the order is placed."),
        ),
        "cancelled": Words(
            N_("Offer {quote} does not hold any more"),
            N_(
                "Hello {client},\n\noffer {quote} ({what}) does not hold any more.\n\n"
                "If you still want it, call us; what was worked out is kept."
            ),
            N_("Offer {quote} does not hold any more. Call us if you still want it."),
        ),
    }
)
PORTING_TEXTS: Mapping[str, Words] = MappingProxyType(
    {
        "accepted": Words(
            N_("Your number {number} moves on {day}"),
            N_(
                "Hello {client},\n\nyour number {number} moves to us on {day} between {from} and {to}"
                " (order {order}).\n\n"
                "Until then use your present SIM card; put ours in when it loses the network."
            ),
            N_(
                "Your number {number} moves on {day}, {from} to {to}. Put our card in when yours loses the network."
            ),
        ),
        "refused": Words(
            N_("Your number {number} cannot move yet"),
            N_(
                "Hello {client},\n\nthe number {number} of order {order} cannot move to us yet.\n\n{why}\n\n"
                "The order waits. Call us when it is put right, or if you would rather have another number."
            ),
            N_("Your number {number} cannot move yet. {why}"),
        ),
    }
)
_BUILT_IN: Mapping[str, Mapping[str, Words]] = {
    "productOrder": ORDER_TEXTS,
    "appointment": VISIT_TEXTS,
    "quote": QUOTE_TEXTS,
    "portingRequest": PORTING_TEXTS,
}


def template_id(event: str, channel: str, variant: str = "") -> str:
    """The id of the template of an event (productOrder.completed) for a channel; of its usual one, or a variant."""
    return f"{event}.{channel}.{variant}" if variant else f"{event}.{channel}"


def subject_of(event: str) -> Subject | None:
    """What an event is about; None for one that does not exist."""
    name, _, state = event.partition(".")
    subject = SUBJECTS.get(name)
    return subject if subject is not None and state in subject.events else None


def events() -> tuple[str, ...]:
    """All events that may be told, as templates name them."""
    return tuple(f"{name}.{state}" for name, subject in SUBJECTS.items() for state in subject.events)


@cache
def built_in(event: str, channel: str) -> Mapping[str, Any] | None:
    """The template that holds while none is stored; None where nothing is said. Not to be changed in place."""
    name, _, state = event.partition(".")
    words = _BUILT_IN.get(name, {}).get(state)
    if words is None or channel not in CHANNELS:
        return None
    text, content_key = [], words.sms if channel == "SMS" else words.mail
    for language in LANGUAGES:
        said = Translator(language)
        content = said.gettext(content_key)
        text.append({"language": language, "subject": said.gettext(words.subject), "content": content})
    return {
        "id": template_id(event, channel),
        "event": event,
        "channel": channel,
        "text": text,
        "active": True,
        "urgent": False,
        "version": 0,
    }
