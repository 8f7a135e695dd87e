"""Subscriptions and their deliveries in the reader's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from abonent.faces.console.acts import Act
from abonent.faces.console.labels import Label, Marked, label
from abonent.faces.console.order_list import Choice
from abonent.faces.tmf.openapi import title_of
from abonent.kit.hub.queries_kept import PAGE
from abonent.kit.i18n import NP_, Translator

PATH = "/integrations"
CONDITION: Mapping[str, Marked] = {
    "working": ("ok", NP_("subscription", "Working")),
    "failing": ("bad", NP_("subscription", "Does not answer")),
    "paused": ("wait", NP_("subscription", "Paused")),
}
DELIVERY: Mapping[str, Marked] = {
    "pending": ("wait", NP_("delivery of an event", "Waits")),
    "delivered": ("ok", NP_("delivery of an event", "Told")),
    "failed": ("bad", NP_("delivery of an event", "Given up")),
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription, as a row of the list and as the head of its page."""

    id: str
    href: str
    api: str
    callback: str
    query: str
    label: Label
    waiting: str
    told: str
    told_at: datetime | None
    trouble: str
    trouble_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery; `again` is the number its button sends, empty while it waits."""

    event: str
    type: str
    what: str
    at: datetime
    label: Label
    attempts: str
    answer: str
    tried_at: datetime | None
    again: str


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything the list shows."""

    sentence: str
    waiting: str
    conditions: tuple[Choice, ...]
    rows: tuple[Subscription, ...]
    filtered: bool
    example: str


@dataclass(frozen=True, slots=True)
class OneView:
    """Everything a subscription's page shows."""

    head: Subscription
    facts: tuple[tuple[str, str, str], ...]
    states: tuple[Choice, ...]
    rows: tuple[Told, ...]
    state: str
    next: str
    acts: tuple[Act, ...]
    here: str


def path_of(id: str) -> str:
    return f"{PATH}/{quote(id, safe='')}"


def condition_of(row: Row) -> str:
    """working, failing or paused."""
    if row["state"] == "paused":
        return "paused"
    return "failing" if row["failures"] else "working"


def list_view(rows: Sequence[Row], condition: str, now: datetime, public: str, t: Translator) -> ListView:
    """The list. `public`: the address of this site, for the example."""
    chosen = [Choice("", t.gettext("in any state"), not condition)]
    chosen += [Choice(each, label(CONDITION, each, t).word.lower(), each == condition) for each in CONDITION]
    waiting = sum(row["waiting"] for row in rows)
    return ListView(
        t.ngettext("{n} subscription", "{n} subscriptions", len(rows)),
        t.ngettext("{n} event waits", "{n} events wait", waiting) if waiting else "",
        tuple(chosen),
        tuple(_subscription(row, now, t) for row in rows),
        bool(condition),
        f"curl -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' {public}/tmf-api"
        "/productOrderingManagement/v4/hub "
        """-d '{"callback": "https://listener.example.org", "query": "eventType=ProductOrderStateChangeEvent"}'""",
    )


def _subscription(row: Row, now: datetime, t: Translator) -> Subscription:
    told, trouble = row["last_success_at"], row["last_failure_at"]
    failing = condition_of(row) == "failing"
    return Subscription(
        id=row["id"],
        href=path_of(row["id"]),
        api=title_of(row["api"]) + (f" / {row['topic']}" if row["topic"] else ""),
        callback=row["callback"],
        query=row["query"] or "",
        label=label(CONDITION, condition_of(row), t),
        waiting=_waiting(row, now, t),
        told=t.near(told, now, seconds=True) if told else "",
        told_at=told,
        trouble=t.retell(row["last_error"] or "") if failing else "",
        trouble_at=trouble,
        by=row["by"],
    )


def _waiting(row: Row, now: datetime, t: Translator) -> str:
    if not row["waiting"]:
        return ""
    since = t.near(row["oldest"], now, seconds=True)
    return t.ngettext(
        "{n} event waits, since {time}", "{n} events wait, since {time}", row["waiting"], time=since
    )


def one_view(
    row: Row, found: Sequence[Row], state: str, before: str, now: datetime, t: Translator, *, may: bool
) -> OneView:
    """A subscription's page. `may`: whether the reader may do something to it."""
    head = _subscription(row, now, t)
    states = [Choice("", t.gettext("in any state"), not state)]
    states += [Choice(each, label(DELIVERY, each, t).word.lower(), each == state) for each in DELIVERY]
    last = str(found[-1]["seq"]) if len(found) == PAGE else ""
    return OneView(
        head,
        _facts(row, now, t),
        tuple(states),
        tuple(_told(each, t) for each in found),
        state,
        _address(row["id"], state, last) if last else "",
        tuple(_acts(row, t)) if may else (),
        _address(row["id"], state, before),
    )


def _address(id: str, state: str, before: str) -> str:
    said = urlencode({k: v for k, v in (("state", state), ("before", before)) if v})
    return path_of(id) + (f"?{said}" if said else "")


def _facts(row: Row, now: datetime, t: Translator) -> tuple[tuple[str, str, str], ...]:
    """Term, value, more of it."""

    def moment(name: str, otherwise: str) -> str:
        return t.near(row[name], now, seconds=True) if row[name] else otherwise

    by, never = f"{row['by']} ({row['role']})", t.gettext("never")
    if row["party"]:
        by += ", " + t.gettext("hears of client {client} alone", client=row["party"])
    facts = [
        (t.gettext("Hub of"), title_of(row["api"]), row["topic"] or ""),
        (t.gettext("Query"), row["query"] or t.gettext("all events"), ""),
        (t.gettext("Subscribed"), t.near(row["created_at"], now), by),
        (t.gettext("Events told"), t.number(row["delivered"]), moment("last_success_at", never)),
        (t.gettext("Failed attempts"), t.number(row["retried"]), moment("last_failure_at", never)),
        (t.gettext("Given up, ever"), t.number(row["failed"]), ""),
        (t.gettext("Waiting"), t.number(row["waiting"]), moment("oldest", "")),
    ]
    if row["failures"] and row["waiting"] and row["state"] != "paused":
        often = t.ngettext("{n} failure in a row", "{n} failures in a row", row["failures"])
        facts.append((t.gettext("Next attempt"), moment("next_at", ""), often))
    return tuple(facts)


def _told(row: Row, t: Translator) -> Told:
    answer = t.gettext("HTTP status {status}", status=row["status"]) if row["status"] else ""
    if row["state"] != "delivered" and row["error"]:
        answer = t.retell(row["error"])
    return Told(
        event=row["event"],
        type=row["type"],
        what=f"{row['resource']} {row['resource_id']}",
        at=row["at"],
        label=label(DELIVERY, row["state"], t),
        attempts=t.ngettext("{n} attempt", "{n} attempts", row["attempts"]) if row["attempts"] else "",
        answer=answer,
        tried_at=row["tried_at"],
        again=str(row["seq"]) if row["state"] != "pending" else "",
    )


def _acts(row: Row, t: Translator) -> list[Act]:
    acts = []
    if row["state"] == "paused":
        follows = t.gettext("What waits is told in order, beginning now.")
        acts.append(Act("resume", t.gettext("Go on"), follows, primary=True))
    else:
        if row["failures"] and row["waiting"]:
            follows = t.gettext("The next attempt is made at once, not after the pause.")
            acts.append(Act("now", t.gettext("Try now"), follows, primary=True))
        follows = t.gettext("Events are noted and wait until you let it go on. Nothing is lost.")
        acts.append(Act("pause", t.gettext("Pause"), follows))
    if row["failed"]:
        follows = t.gettext("All events that were given up and are still kept are told again, in order.")
        acts.append(Act("again", t.gettext("Send again what was given up"), follows))
    follows = t.gettext(
        "The listener hears nothing more, and what waits for it is forgotten. It can subscribe anew."
    )
    acts.append(Act("end", t.gettext("End the subscription"), follows))
    return acts
