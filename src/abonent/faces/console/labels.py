"""How every state is shown: a tone, an icon and a word. The table of the visual guide, as data.

Tones: new (dashed ring), run (half ring), wait (pause), ok (tick), risk (triangle), bad (octagon),
off (bar, struck word).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from abonent.kit.i18n import NP_, Translator


@dataclass(frozen=True, slots=True)
class Label:
    """A state as the page shows it; `tone` also names the icon."""

    tone: str
    word: str


Marked = tuple[str, tuple[str, str]]

ORDER: Mapping[str, Marked] = {
    "acknowledged": ("new", NP_("order", "Received")),
    "inProgress": ("run", NP_("order", "In work")),
    "pending": ("wait", NP_("order", "Waits for client")),
    "held": ("wait", NP_("order", "On hold")),
    "assessingCancellation": ("wait", NP_("order", "Cancel asked")),
    "pendingCancellation": ("run", NP_("order", "Being cancelled")),
    "completed": ("ok", NP_("order", "Done")),
    "partial": ("risk", NP_("order", "Done in part")),
    "failed": ("bad", NP_("order", "Failed")),
    "rejected": ("bad", NP_("order", "Rejected")),
    "cancelled": ("off", NP_("order", "Cancelled")),
}
CLIENT: Mapping[str, Marked] = {
    "active": ("ok", NP_("client", "Active")),
    "initialized": ("new", NP_("client", "New")),
    "validated": ("ok", NP_("client", "Confirmed")),
    "prospective": ("new", NP_("client", "Not a client yet")),
    "suspended": ("wait", NP_("client", "Suspended")),
    "inactive": ("off", NP_("client", "Inactive")),
    "closed": ("off", NP_("client", "Left")),
    "former": ("off", NP_("client", "Left")),
}
ITEM: Mapping[str, Marked] = {
    "acknowledged": ("new", NP_("item", "Not begun")),
    "inProgress": ("run", NP_("item", "In work")),
    "pending": ("wait", NP_("item", "Waits for client")),
    "held": ("wait", NP_("item", "On hold")),
    "assessingCancellation": ("wait", NP_("item", "Cancel asked")),
    "pendingCancellation": ("run", NP_("item", "Being cancelled")),
    "completed": ("ok", NP_("item", "Done")),
    "failed": ("bad", NP_("item", "Failed")),
    "rejected": ("bad", NP_("item", "Rejected")),
    "cancelled": ("off", NP_("item", "Cancelled")),
}
TASK: Mapping[str, Marked] = {
    "pending": ("new", NP_("task", "Ahead")),
    "ready": ("new", NP_("task", "Ready to start")),
    "held": ("wait", NP_("task", "On hold")),
    "inProgress": ("run", NP_("task", "In work")),
    "visit": ("wait", NP_("task", "Waits for the visit")),
    "completed": ("ok", NP_("task", "Done")),
    "failed": ("bad", NP_("task", "Failed")),
    "skipped": ("off", NP_("task", "Skipped")),
    "cancelled": ("off", NP_("task", "Cancelled")),
}
DECISION: Mapping[tuple[str, str], Marked] = {
    ("feasibility", "eligible"): ("ok", NP_("decision", "Feasible")),
    ("feasibility", "approve"): ("ok", NP_("decision", "Feasible")),
    ("feasibility", "notEligible"): ("bad", NP_("decision", "Not feasible")),
    ("feasibility", "decline"): ("bad", NP_("decision", "Not feasible")),
    ("feasibility", "refer"): ("wait", NP_("decision", "An engineer must assess it")),
    ("credit", "approve"): ("ok", NP_("decision", "Credit approved")),
    ("credit", "approveWithDeposit"): ("ok", NP_("decision", "Credit approved with a deposit")),
    ("credit", "refer"): ("wait", NP_("decision", "Credit needs a person")),
    ("credit", "decline"): ("bad", NP_("decision", "Credit declined")),
}
MESSAGE: Mapping[str, Marked] = {
    "initial": ("new", NP_("message", "Queued")),
    "queued": ("new", NP_("message", "Queued")),
    "inProgress": ("run", NP_("message", "Sent")),
    "sent": ("run", NP_("message", "Sent")),
    "completed": ("ok", NP_("message", "Delivered")),
    "delivered": ("ok", NP_("message", "Delivered")),
    "read": ("ok", NP_("message", "Read")),
    "cancelled": ("off", NP_("message", "Withdrawn")),
    "failed": ("bad", NP_("message", "Failed")),
}
JEOPARDY: Mapping[str, Marked] = {
    "hazard": ("risk", NP_("jeopardy", "Date at risk")),
    "critical": ("bad", NP_("jeopardy", "Late")),
}
ACTION: Mapping[str, tuple[str, str]] = {
    "add": NP_("action", "add"),
    "modify": NP_("action", "change"),
    "delete": NP_("action", "cease"),
    "noChange": NP_("action", "keep"),
}
TASK_KIND: Mapping[str, tuple[str, str]] = {
    "reserve": NP_("task kind", "reservation"),
    "serviceOrder": NP_("task kind", "service order"),
    "serviceTest": NP_("task kind", "service test"),
    "inventory": NP_("task kind", "inventory"),
    "workOrder": NP_("task kind", "work order"),
    "contract": NP_("task kind", "contract"),
    "portIn": NP_("task kind", "number from another operator"),
}
ROLE: Mapping[str, tuple[str, str]] = {
    "admin": NP_("role", "administrator"),
    "agent": NP_("role", "agent"),
    "engineer": NP_("role", "engineer"),
    "manager": NP_("role", "manager"),
    "client": NP_("role", "client"),
}
# Where orders of the console and of the demo come from.
CHANNEL: Mapping[str, tuple[str, str]] = {
    "console": NP_("sales channel", "our console"),
    "online": NP_("sales channel", "online"),
    "contactCentre": NP_("sales channel", "contact centre"),
}
FINAL_ORDER_STATES = frozenset({"completed", "partial", "failed", "rejected", "cancelled"})


def label(table: Mapping[str, Marked], state: str, t: Translator) -> Label:
    """The label of a state; a state the table does not know shows its own name, so that nothing is hidden."""
    tone, marked = table.get(state, ("new", ("", state)))
    return Label(tone, t.pgettext(*marked))


def decision_label(kind: str, outcome: str, t: Translator) -> Label:
    """The label of a decision, by its kind and outcome."""
    tone, marked = DECISION.get((kind, outcome), ("wait", ("", f"{kind}: {outcome}")))
    return Label(tone, t.pgettext(*marked))


def word(table: Mapping[str, tuple[str, str]], key: str, t: Translator) -> str:
    """A word of a table without tones; an unknown key shows itself."""
    return t.pgettext(*table[key]) if key in table else key
