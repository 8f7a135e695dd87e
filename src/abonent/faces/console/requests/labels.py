"""Words of requests outside the catalogue: states, kinds, parts, how near an earlier one was."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.agreement.documents import ran_out
from abonent.faces.console.labels import Label, Marked, label
from abonent.kit.i18n import NP_, Translator

SECTION = "Orders"
PATH = "/requests"

STATE: Mapping[str, Marked] = {
    "requested": ("new", NP_("request", "Nobody has it yet")),
    "assigned": ("run", NP_("request", "With engineers")),
    "assessed": ("wait", NP_("request", "Waits for approval")),
    "approved": ("ok", NP_("request", "Approved")),
    "rejected": ("bad", NP_("request", "Cannot be done")),
    "expired": ("off", NP_("request", "Figures out of date")),
    "withdrawn": ("off", NP_("request", "Withdrawn")),
}
QUOTE_STATE: Mapping[str, Marked] = {
    "inProgress": ("run", NP_("quote", "Being worked out")),
    "pending": ("wait", NP_("quote", "Waits for a manager")),
    "approved": ("run", NP_("quote", "With the client")),
    "accepted": ("ok", NP_("quote", "Accepted")),
    "rejected": ("bad", NP_("quote", "Declined")),
    "cancelled": ("off", NP_("quote", "Called off")),
    "expired": ("off", NP_("quote", "Ran out of time")),
}
KIND: Mapping[str, tuple[str, str]] = {
    "build": NP_("request kind", "Line to be built"),
    "speed": NP_("request kind", "Another speed"),
    "sla": NP_("request kind", "Special service level"),
    "other": NP_("request kind", "Something else"),
}
PART: Mapping[str, tuple[str, str]] = {
    "access": NP_("part", "Access line"),
    "equipment": NP_("part", "Equipment"),
    "sla": NP_("part", "Service level"),
    "other": NP_("part", "Other"),
}
NEARNESS: Mapping[str, tuple[str, str]] = {
    "address": NP_("nearness", "same address"),
    "house": NP_("nearness", "same house"),
    "near": NP_("nearness", "near by"),
    "street": NP_("nearness", "same street"),
}
HOW: Mapping[str, tuple[str, str]] = {
    "link": NP_("answered", "by the link in the message"),
    "telephone": NP_("answered", "by telephone"),
    "API": NP_("answered", "by the client’s own system"),
}


def request_label(state: str, t: Translator) -> Label:
    return label(STATE, state, t)


def quote_label(document: Mapping[str, Any], t: Translator) -> Label:
    """The state of a quote; one that ran out of time is told from one that was called off."""
    return label(QUOTE_STATE, "expired" if ran_out(document) else str(document["state"]), t)


def worded(table: Mapping[str, tuple[str, str]], key: str, t: Translator) -> str:
    """A word of a table; what the table does not know shows itself."""
    return t.pgettext(*table[key]) if key in table else key


def speed_text(mbps: int | None, t: Translator) -> str:
    return t.gettext("{mbps} Mbit/s", mbps=t.number(mbps)) if mbps else ""
