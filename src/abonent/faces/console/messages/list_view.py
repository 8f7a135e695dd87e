"""The list of messages: its filter read from an address and written back to one, and its rows in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import shorten
from typing import Any
from urllib.parse import urlencode

from abonent.domain.communication.queries_list import COUNTED, SORTS, Wanted
from abonent.domain.communication.rules import addresses_in
from abonent.domain.communication.rules_delivery import channel_of
from abonent.domain.communication.rules_messages import about
from abonent.faces.console.addresses import client_path, message_path
from abonent.faces.console.labels import Label, word
from abonent.faces.console.messages.labels import CHANNEL, channel_word, message_label, stage
from abonent.faces.console.order_list import Choice, Column
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import from_wire

PAGE_SIZE = 50
_STATES: Mapping[str, tuple[str, str]] = {
    "initial": NP_("messages", "that wait"),
    "inProgress": NP_("messages", "on their way"),
    "completed": NP_("messages", "that were sent"),
    "failed": NP_("messages", "that did not arrive"),
    "cancelled": NP_("messages", "that were withdrawn"),
}
_ANY = Wanted()


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the list."""

    href: str
    at: datetime | None
    subject: str
    client: str
    client_href: str
    to: str
    channel: str
    icon: str
    about: str
    label: Label
    note: str
    lang: str


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the template of the list shows."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    states: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    shortcuts: tuple[Choice, ...]
    wanted: Wanted
    sort: str
    sentence: str
    range: str
    previous: str
    next: str
    filtered: bool


def read_filter(query: Mapping[str, str], owner: str | None) -> Wanted:
    """The filter an address asks for; what makes no sense is taken as not said."""
    sort = query.get("sort", "-sent")
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 100_000 else 1
    state, channel = query.get("state"), query.get("channel")
    known = sort.lstrip("-") in SORTS
    return Wanted(
        state=state if state in _STATES else None,
        channel=channel if channel in CHANNEL else None,
        client=_said(query, "client"),
        order=_said(query, "order"),
        text=_said(query, "q"),
        owner=owner,
        sort=sort.lstrip("-") if known else "sent",
        descending=sort.startswith("-") if known else True,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )


def _said(query: Mapping[str, str], name: str) -> str:
    return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:200]


def query_of(wanted: Wanted) -> str:
    """What stands after the "?" of a filter's address."""
    sort = f"{'-' if wanted.descending else ''}{wanted.sort}"
    pairs = (
        ("state", wanted.state or ""),
        ("channel", wanted.channel or ""),
        ("client", wanted.client),
        ("order", wanted.order),
        ("q", wanted.text),
        ("sort", "" if sort == "-sent" else sort),
        ("page", str(wanted.offset // PAGE_SIZE + 1) if wanted.offset else ""),
    )
    return urlencode([(name, value) for name, value in pairs if value])


def address(wanted: Wanted) -> str:
    """The address of a filter."""
    query = query_of(wanted)
    return f"/messages?{query}" if query else "/messages"


def list_view(found: Sequence[Mapping[str, Any]], total: int, wanted: Wanted, t: Translator) -> ListView:
    """The list in words."""
    first = replace(wanted, offset=0)
    last = wanted.offset + len(found)
    many = t.gettext("more than {n}", n=t.number(COUNTED)) if total > COUNTED else t.number(total)
    bare = replace(_ANY, owner=wanted.owner)
    if wanted.sort == "sent":
        found = sorted(
            found, key=lambda each: (each.get("sendTime") or "", stage(each)), reverse=wanted.descending
        )
    return ListView(
        rows=tuple(_row(message, t) for message in found),
        columns=_columns(first, t),
        states=(
            Choice("", t.pgettext("messages", "in any state"), wanted.state is None),
            *(Choice(key, word(_STATES, key, t), wanted.state == key) for key in _STATES),
        ),
        channels=(
            Choice("", t.pgettext("messages", "any way"), wanted.channel is None),
            *(Choice(key, word(CHANNEL, key, t), wanted.channel == key) for key in CHANNEL),
        ),
        shortcuts=tuple(
            Choice(address(cut), text, query_of(first) == query_of(cut))
            for text, cut in (
                (t.pgettext("messages", "All"), bare),
                (t.pgettext("messages", "Did not arrive"), replace(bare, state="failed")),
                (t.pgettext("messages", "Waiting"), replace(bare, state="initial")),
            )
        ),
        wanted=wanted,
        sort=f"{'-' if wanted.descending else ''}{wanted.sort}",
        sentence=_sentence(wanted, t),
        range=t.gettext(
            "{first}–{last} of {many}", first=t.number(wanted.offset + 1), last=t.number(last), many=many
        ),
        previous=address(replace(wanted, offset=max(0, wanted.offset - PAGE_SIZE))) if wanted.offset else "",
        next=address(replace(wanted, offset=last)) if total > last else "",
        filtered=query_of(replace(first, sort="sent", descending=True)) != "",
    )


def _sentence(wanted: Wanted, t: Translator) -> str:
    if wanted.sort == "state":
        return t.gettext("Messages by state")
    return t.gettext("Messages, newest first") if wanted.descending else t.gettext("Messages, oldest first")


def _columns(wanted: Wanted, t: Translator) -> tuple[Column, ...]:
    def column(text: str, sort: str = "") -> Column:
        if not sort:
            return Column(text, "", "")
        chosen = wanted.sort == sort
        descending = not wanted.descending if chosen else sort == "sent"
        there = address(replace(wanted, sort=sort, descending=descending))
        now = ("descending" if wanted.descending else "ascending") if chosen else ""
        return Column(text, there, now)

    return (
        column(t.pgettext("message column", "When"), "sent"),
        column(t.pgettext("message column", "Message")),
        column(t.pgettext("message column", "To")),
        column(t.pgettext("message column", "By")),
        column(t.pgettext("message column", "State"), "state"),
    )


def _row(message: Mapping[str, Any], t: Translator) -> Row:
    receivers = message.get("receiver") or ()
    one = receivers[0] if receivers else {}
    more = len(receivers) - 1
    name = one.get("name") or one.get("id") or ""
    places = addresses_in(one)
    text = message.get("subject") or shorten(str(message.get("content") or ""), 100, placeholder=" …")
    reason = about(message, "statusReason")
    return Row(
        href=message_path(message["id"]),
        at=from_wire(message["sendTime"]) if message.get("sendTime") else None,
        subject=text,
        client=f"{name} +{more}" if more > 0 else name,
        client_href=client_path(str(one["id"])) if one.get("id") else "",
        to=places.get(channel_of(message)) or next(iter(places.values()), ""),
        channel=channel_word(message, t),
        icon="sms" if channel_of(message) == "SMS" else "mail",
        about=about(message, "productOrder") or "",
        label=message_label(message, t),
        note=t.gettext(reason) if isinstance(reason, str) else "",
        lang=about(message, "language") or "",
    )
