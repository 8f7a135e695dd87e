"""The steps with a work order by hand: which forms its page shows, what follows, what a refusal says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from abonent.domain.workforce.rules import Crew, Obstacle, Slot
from abonent.domain.workforce.rules_work import MOST_ATTEMPTS, OPEN_APPOINTMENT, actions_in
from abonent.faces.console.acts import Act
from abonent.faces.console.labels import label
from abonent.faces.console.work import rights
from abonent.faces.console.work.labels import OBSTACLE, UNIT, WORK, weekday, worded
from abonent.faces.console.work.materials import MaterialRow
from abonent.kit.access import Caller
from abonent.kit.errors import Conflict, Problem
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import to_wire

# Step of an address -> (action of rules_work, or "" for one that is not among them, its verb, its key).
STEPS: Mapping[str, tuple[str, tuple[str, str], str]] = {
    "confirm": ("rebook", NP_("step", "Client agrees"), "y"),
    "start": ("start", NP_("step", "Start work"), "s"),
    "complete": ("complete", NP_("step", "Work is done"), "d"),
    "absent": ("clientAbsent", NP_("step", "Client is not at home"), "h"),
    "rebook": ("rebook", NP_("step", "Choose a slot"), "m"),
    "reassign": ("reassign", NP_("step", "Give to another crew"), "r"),
    "fail": ("fail", NP_("step", "It cannot be done"), "f"),
    "cancel": ("cancel", NP_("step", "Cancel work order"), "c"),
}
_AGAIN = NP_("step", "Choose another slot")
_SHOWN_DAYS = 3
_EARLY = ("start", "complete", "confirm")


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button; `about` stands under its word."""

    value: str
    word: str
    chosen: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class SlotDay:
    """Free slots of one day."""

    word: str
    slots: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms offer: slots by day (the first ones, the later ones), crews that can and that cannot."""

    days: tuple[SlotDay, ...] = ()
    later: tuple[SlotDay, ...] = ()
    able: tuple[Option, ...] = ()
    unable: tuple[Option, ...] = ()
    rows: tuple[MaterialRow, ...] = ()
    units: tuple[Option, ...] = ()


def acts(
    state: str, appointment: str | None, attempts: int, *, ready: bool, caller: Caller, t: Translator
) -> list[Act]:
    """The forms that are legal now and that this person may send. `appointment` is the status of the present
    appointment, `attempts` how often the client was not at home, `ready` whether the slot's day has come."""
    legal = set(actions_in(state))
    made = []
    for step, (action, verb, key) in STEPS.items():
        if action not in legal or not rights.may(caller, action):
            continue
        if step == "confirm" and (appointment != "initialized" or state != "acknowledged"):
            continue
        if step == "reassign" and appointment not in OPEN_APPOINTMENT:
            continue
        follows = _follows(step, state, attempts, t)
        verb = _AGAIN if step == "rebook" and state != "pending" else verb
        made.append(Act(step, t.pgettext(*verb), follows, key))
    if not made:
        return []
    first = made[0].step
    if first in _EARLY and (first == "complete" or ready or state == "pending"):
        lead = first
    else:
        lead = "rebook" if state == "pending" else ""
    return [replace(act, primary=act.step == lead) for act in made]


def _follows(step: str, state: str, attempts: int, t: Translator) -> str:
    match step:
        case "confirm":
            return t.gettext("The proposed time is kept as agreed. Nothing else changes.")
        case "start":
            return t.gettext("The visit begins now; the order’s plan shows it as in work.")
        case "complete":
            return t.gettext("The order goes on with its next task. What was used is kept with the order.")
        case "absent":
            if attempts + 1 >= MOST_ATTEMPTS:
                return t.gettext(
                    "It is the third visit without the client: the work fails and the order stops until a person acts."
                )
            return t.gettext("The visit is noted, and the work order waits for a new slot.")
        case "rebook":
            if state == "pending":
                return t.gettext("The least loaded of the free crews comes. The order’s plan follows.")
            return t.gettext("The present slot is free again; the order’s plan follows.")
        case "reassign":
            return t.gettext("The visit stays at its time; another crew makes it.")
        case "fail":
            return t.gettext(
                "The order’s task fails with this reason, and the order stops until a person acts."
            )
        case _:
            return t.gettext(
                "The slot is free again, and the order’s task fails: its order needs a decision."
            )


def slot_days(
    slots: Sequence[Slot], chosen: str, now: datetime, t: Translator
) -> tuple[tuple[SlotDay, ...], tuple[SlotDay, ...]]:
    """Free slots by the reader's days: the first days, and those to be opened. Of slots that begin together the first
    stands for all, with the crews of all."""
    starts: dict[datetime, tuple[Slot, set[str]]] = {}
    for slot in slots:
        starts.setdefault(slot.start, (slot, set()))[1].update(slot.crews)
    days = []
    for day, group in groupby(starts.values(), key=lambda each: t.local(each[0].start).date()):
        options = tuple(
            Option(
                to_wire(slot.start),
                f"{t.time(slot.start)}\u2013{t.time(slot.end)}",
                to_wire(slot.start) == chosen,
                t.ngettext("{n} crew", "{n} crews", len(crews)),
            )
            for slot, crews in group
        )
        first = next(slot for slot, _ in starts.values() if t.local(slot.start).date() == day)
        days.append(SlotDay(f"{weekday(day, t)}, {t.long_day(first.start, now)}", options))
    return tuple(days[:_SHOWN_DAYS]), tuple(days[_SHOWN_DAYS:])


def crew_options(
    crews: Sequence[tuple[Crew, Obstacle | None]], present: str | None, chosen: str, t: Translator
) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Crews that could make the visit, and those that could not with the reason; without the one that has it."""
    others = sorted(((c, why) for c, why in crews if c.id != present), key=lambda each: each[0].name)
    able = tuple(Option(c.id, c.name, c.id == chosen) for c, why in others if why is None)
    unable = tuple(Option(c.id, c.name, about=worded(OBSTACLE, why, t)) for c, why in others if why)
    return able, unable


def unit_options(t: Translator) -> tuple[Option, ...]:
    return tuple(Option(unit, worded(UNIT, unit, t)) for unit in UNIT)


def refusal(problem: Problem, state: str, t: Translator) -> str:
    """Why a step was refused, in the reader's words; `state`: the work order's present one."""
    if problem.code == "slotTaken":
        return t.gettext("That slot was taken a moment ago. Below is what is free now.")
    if problem.code == "crewCannot":
        why = str(problem.facts["why"])
        return t.gettext(problem.text, **{**problem.facts, "why": t.gettext(why)})
    if problem.code == "workOrderState":
        word = label(WORK, state, t).word
        return t.gettext("The work order is now “{state}”; from there this step is not possible.", state=word)
    if problem.code in ("appointmentOver", "illegalStateTransition") or isinstance(problem, Conflict):
        return t.gettext(
            "The work order changed at the same moment. Look at it as it is now and repeat the step."
        )
    return t.gettext(problem.text, **problem.facts)
