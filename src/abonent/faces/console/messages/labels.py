"""Words of the messages' room."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.communication.rules_delivery import attempts, channel_of
from abonent.domain.communication.rules_messages import about
from abonent.faces.console.labels import MESSAGE, ORDER, Label, label
from abonent.kit.i18n import NP_, Translator

CHANNEL: Mapping[str, tuple[str, str]] = {
    "email": NP_("channel", "E-mail"),
    "SMS": NP_("channel", "SMS"),
}
TOPIC: Mapping[str, tuple[str, str]] = {
    "orders": NP_("topic", "How orders get on"),
    "visits": NP_("topic", "When our crews come"),
    "quotes": NP_("topic", "Offers made for the client"),
}
VISIT: Mapping[str, tuple[str, tuple[str, str]]] = {
    "initialized": ("new", NP_("visit told", "Visit proposed")),
    "confirmed": ("ok", NP_("visit told", "Visit agreed")),
    "moved": ("wait", NP_("visit told", "Visit moved")),
    "cancelled": ("off", NP_("visit told", "Visit called off")),
    "failed": ("bad", NP_("visit told", "Visit in vain")),
}
QUOTE: Mapping[str, tuple[str, tuple[str, str]]] = {
    "approved": ("run", NP_("quote told", "Offer made")),
    "accepted": ("ok", NP_("quote told", "Offer accepted")),
    "rejected": ("bad", NP_("quote told", "Offer declined")),
    "cancelled": ("off", NP_("quote told", "Offer ended")),
}
PORTING: Mapping[str, tuple[str, tuple[str, str]]] = {
    "accepted": ("ok", NP_("number told", "Number moves")),
    "refused": ("bad", NP_("number told", "Number refused")),
}
_TOLD: Mapping[str, Mapping[str, tuple[str, tuple[str, str]]]] = {
    "productOrder": {
        **ORDER,
        "delayed": ("risk", NP_("order told", "Date moved")),
        "depositReminder": ("wait", NP_("order told", "Deposit awaited")),
        "contractOffered": ("new", NP_("order told", "Contract offered")),
        "contractReminder": ("wait", NP_("order told", "Contract awaited")),
    },
    "appointment": VISIT,
    "quote": QUOTE,
    "portingRequest": PORTING,
}
LANGUAGE: Mapping[str, tuple[str, str]] = {"en": NP_("language", "English"), "ru": NP_("language", "Russian")}
OUTCOME: Mapping[str, tuple[str, tuple[str, str]]] = {
    "started": ("run", NP_("attempt", "Being sent")),
    "interrupted": ("risk", NP_("attempt", "Broken off; sent again")),
    "temporary": ("risk", NP_("attempt", "Not taken now")),
    "refused": ("bad", NP_("attempt", "Refused")),
    "accepted": ("run", NP_("attempt", "Taken; report awaited")),
    "sent": ("ok", NP_("attempt", "Sent")),
    "delivered": ("ok", NP_("attempt", "Delivered")),
    "undelivered": ("bad", NP_("attempt", "Not delivered")),
}
_STATE: Mapping[str, tuple[str, tuple[str, str]]] = {
    "waits": ("wait", NP_("message", "Waits")),
    "again": ("risk", NP_("message", "Tried again")),
    "sending": ("run", NP_("message", "Being sent")),
    "reached": ("ok", NP_("message", "Sent")),
}


def stage(message: Mapping[str, Any]) -> int:
    """Which of two messages of one moment comes first: that an order was received before what became of it."""
    event, _, rest = str(about(message, "template", "")).partition(".")
    if event != "productOrder":
        return 1
    return {"acknowledged": 0, "inProgress": 2}.get(rest.partition(".")[0], 3)


def message_label(message: Mapping[str, Any], t: Translator) -> Label:
    """The state of a message as its attempts tell it: the five states of TMF681 say less."""
    state = str(message.get("state"))
    last = next((a["outcome"] for a in reversed(attempts(message))), "")
    if state == "initial":
        return label(_STATE, "waits", t)
    if state == "inProgress" and last != "accepted":
        return label(_STATE, "again" if last in {"temporary", "interrupted"} else "sending", t)
    if state == "completed" and last in {"sent", "accepted"}:
        return label(_STATE, "reached", t)
    return label(MESSAGE, state, t)


def outcome_label(outcome: str, t: Translator) -> Label:
    return label(OUTCOME, outcome, t)


def channel_word(message: Mapping[str, Any], t: Translator) -> str:
    return t.pgettext(*CHANNEL[channel_of(message)])


def event_label(event: str, t: Translator) -> Label:
    """Of productOrder.completed: Done."""
    subject, _, state = event.partition(".")
    return label(_TOLD.get(subject, ORDER), state, t)
