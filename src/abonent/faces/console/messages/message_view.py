"""A message's page in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.communication.rules import addresses_in
from abonent.domain.communication.rules_delivery import attempts, being_sent, channel_of
from abonent.domain.communication.rules_messages import about
from abonent.domain.communication.rules_templates import sms_size
from abonent.faces.console.addresses import client_path, order_path, template_path
from abonent.faces.console.labels import Label, word
from abonent.faces.console.messages.labels import (
    CHANNEL,
    LANGUAGE,
    channel_word,
    event_label,
    message_label,
    outcome_label,
)
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt, or one report."""

    at: datetime
    channel: str
    to: str
    label: Label
    words: str
    reference: str


@dataclass(frozen=True, slots=True)
class Person:
    """A receiver; `href` leads to the client."""

    name: str
    href: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """Everything the template shows. `resend`, `cancel`: whether this step is open now."""

    id: str
    title: str
    label: Label
    channel: str
    icon: str
    written: datetime | None
    done: datetime | None
    waits_until: datetime | None
    reason: str
    tone: str
    order: str
    order_href: str
    receivers: tuple[Person, ...]
    language: str
    lang: str
    template: str
    template_version: str
    template_href: str
    subject: str
    content: str
    size: str
    tries: tuple[Try, ...]
    resend: bool
    cancel: bool
    by: str


def message_view(
    message: Mapping[str, Any], history: Sequence[Mapping[str, Any]], now: datetime, t: Translator
) -> MessageView:
    """The view of a message."""
    state, busy = message["state"], being_sent(message, now)
    reason = about(message, "statusReason")
    order, template = about(message, "productOrder") or "", str(about(message, "template") or "")
    language = str(about(message, "language") or "")
    sms = channel_of(message) == "SMS"
    return MessageView(
        id=message["id"],
        title=message.get("subject") or channel_word(message, t),
        label=message_label(message, t),
        channel=channel_word(message, t),
        icon="sms" if sms else "mail",
        written=_at(message, "sendTime"),
        done=_at(message, "sendTimeComplete"),
        waits_until=_at(message, "scheduledSendTime") if state in {"initial", "inProgress"} else None,
        reason=t.gettext(reason) if isinstance(reason, str) else "",
        tone={"failed": "bad", "initial": "risk"}.get(state, ""),
        order=order,
        order_href=order_path(order) if order else "",
        receivers=tuple(_person(each) for each in message.get("receiver") or ()),
        language=word(LANGUAGE, language, t) if language else "",
        lang=language,
        template=_template_word(template, t),
        template_version=_version_word(template, t),
        template_href=template_path(template.partition(" ")[0]) if template else "",
        subject="" if sms else message.get("subject") or "",
        content=str(message.get("content") or ""),
        size=size_words(str(message.get("content") or ""), t) if sms else "",
        tries=tuple(_try(each, t) for each in reversed(attempts(message))),
        resend=state != "cancelled" and not busy,
        cancel=state in {"initial", "inProgress"} and not busy,
        by=str(history[-1]["by"]) if history else "",
    )


def _template_word(stamp: str, t: Translator) -> str:
    """Done, E-mail: of productOrder.completed.email v3."""
    event, _, channel = stamp.partition(" ")[0].rpartition(".")
    return f"{event_label(event, t).word}, {word(CHANNEL, channel, t)}" if event else ""


def _version_word(stamp: str, t: Translator) -> str:
    version = stamp.rpartition(" v")[2]
    return t.gettext("built in") if version == "0" else t.gettext("own text, version {n}", n=version)


def size_words(text: str, t: Translator) -> str:
    """How an SMS travels: 68 characters in UCS-2, 1 part."""
    size = sms_size(text)
    parts = t.ngettext("{n} part", "{n} parts", size.parts)
    return t.gettext(
        "{units} characters in {alphabet}, {parts}",
        units=t.number(size.units),
        alphabet=size.alphabet,
        parts=parts,
    )


def _at(message: Mapping[str, Any], name: str) -> datetime | None:
    return from_wire(message[name]) if message.get(name) else None


def _person(receiver: Mapping[str, Any]) -> Person:
    id = receiver.get("id") or ""
    # Only a customer has a page; what the API names otherwise may be anybody.
    known = (receiver.get("party") or {}).get("@referredType") == "Customer"
    href = client_path(id) if id and known else ""
    return Person(receiver.get("name") or id or "–", href, tuple(addresses_in(receiver).values()))


def _try(attempt: Mapping[str, Any], t: Translator) -> Try:
    channel = attempt.get("channel", "")
    return Try(
        at=from_wire(attempt["at"]),
        channel=word(CHANNEL, channel, t) if channel else "",
        to=attempt.get("to", ""),
        label=outcome_label(attempt["outcome"], t),
        words=attempt.get("words", ""),
        reference=attempt.get("reference", ""),
    )
