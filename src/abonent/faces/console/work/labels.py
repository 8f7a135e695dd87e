"""Words of visits and crews: states, skills, units, obstacles, weekdays; addresses and names in one line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from abonent.domain.workforce.documents import name_of
from abonent.domain.workforce.rules import Obstacle
from abonent.faces.console.labels import Label, Marked, label
from abonent.kit.i18n import NP_, Translator

Document = Mapping[str, Any]
SECTION = "Orders"

WORK: Mapping[str, Marked] = {
    "acknowledged": ("new", NP_("work order", "Planned")),
    "pending": ("wait", NP_("work order", "Waits for a slot")),
    "held": ("wait", NP_("work order", "On hold")),
    "inProgress": ("run", NP_("work order", "At work")),
    "assessingCancellation": ("wait", NP_("work order", "Cancel asked")),
    "pendingCancellation": ("run", NP_("work order", "Being cancelled")),
    "completed": ("ok", NP_("work order", "Done")),
    "partial": ("risk", NP_("work order", "Done in part")),
    "failed": ("bad", NP_("work order", "Failed")),
    "rejected": ("bad", NP_("work order", "Rejected")),
    "cancelled": ("off", NP_("work order", "Cancelled")),
}
# Of an appointment whose order is not placed yet, or of a visit that was followed by another one.
APPOINTMENT: Mapping[str, Marked] = {
    "initialized": ("new", NP_("appointment", "Proposed")),
    "confirmed": ("new", NP_("appointment", "Agreed")),
    "completed": ("ok", NP_("appointment", "Done")),
    "failed": ("bad", NP_("appointment", "Not made")),
    "cancelled": ("off", NP_("appointment", "Cancelled")),
}
VISIT: Mapping[str, Marked] = {
    "acknowledged": ("new", NP_("visit", "Planned")),
    "inProgress": ("run", NP_("visit", "At work")),
    "completed": ("ok", NP_("visit", "Done")),
    "failed": ("bad", NP_("visit", "Without result")),
    "cancelled": ("off", NP_("visit", "Cancelled")),
}
SKILL: Mapping[str, tuple[str, str]] = {
    "fibre": NP_("skill", "fibre"),
    "ethernet": NP_("skill", "Ethernet"),
    "copper": NP_("skill", "copper"),
    "radio": NP_("skill", "radio"),
}
UNIT: Mapping[str, tuple[str, str]] = {
    "pcs": NP_("unit", "pcs"),
    "m": NP_("unit", "m"),
    "set": NP_("unit", "sets"),
    "h": NP_("unit", "h"),
}
OBSTACLE: Mapping[Obstacle, tuple[str, str]] = {
    Obstacle.SKILL: NP_("obstacle", "lacks the skill"),
    Obstacle.DISTRICT: NP_("obstacle", "does not go to that place"),
    Obstacle.HOURS: NP_("obstacle", "does not work then"),
    Obstacle.ABSENT: NP_("obstacle", "is absent then"),
    Obstacle.BUSY: NP_("obstacle", "has another visit then"),
    Obstacle.TRAVEL: NP_("obstacle", "would not get there in time"),
}
WEEKDAY: Mapping[str, tuple[str, str]] = {
    "mon": NP_("weekday", "Mon"),
    "tue": NP_("weekday", "Tue"),
    "wed": NP_("weekday", "Wed"),
    "thu": NP_("weekday", "Thu"),
    "fri": NP_("weekday", "Fri"),
    "sat": NP_("weekday", "Sat"),
    "sun": NP_("weekday", "Sun"),
}
_DAYS = tuple(WEEKDAY)
LATE: Marked = ("risk", NP_("work order", "Late"))


def worded(table: Mapping[Any, tuple[str, str]], key: Any, t: Translator) -> str:
    """A word of a table; what the table does not know shows itself."""
    return t.pgettext(*table[key]) if key in table else str(key)


def weekday(day: date, t: Translator) -> str:
    return t.pgettext(*WEEKDAY[_DAYS[day.weekday()]])


def visit_label(state: str, work: bool, t: Translator) -> Label:
    """State of a visit on the board: of its work order, or of the appointment alone."""
    return label(WORK if work else APPOINTMENT, state, t)


def late_label(t: Translator) -> Label:
    return Label(LATE[0], t.pgettext(*LATE[1]))


def named(work_order: Document, t: Translator) -> str:
    """What a work order is for."""
    return t.pick(name_of(work_order))


def tel(phone: str) -> str:
    """A telephone number as a link that dials it; empty when there is none."""
    digits = "".join(c for c in phone if c.isascii() and c.isdigit())
    return f"tel:{'+' if phone.strip().startswith('+') else ''}{digits}" if digits else ""
