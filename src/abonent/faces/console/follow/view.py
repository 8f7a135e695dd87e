"""What a client sees of his order: documents in, words out; no names, no addresses, nothing of how we work. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.catalog.texts import text_in
from abonent.domain.order_handling.alerts import expected_end
from abonent.domain.order_handling.lines import leaves, offering_id
from abonent.domain.order_handling.rules_credit_cases import NOTE_AUTHOR, missing_deposit
from abonent.domain.order_handling.rules_deposit import ASKING, awaited
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.faces.console.labels import ORDER, Label, label
from abonent.faces.console.order_parts import monthly_total
from abonent.kit.i18n import NP_, Translator
from abonent.kit.values import from_wire

Document = Mapping[str, Any]

# A visit that begins sooner is moved by a call: the crew's day is planned already.
MOVE_BEFORE = timedelta(hours=24)
_SAID: Mapping[str, tuple[str, str]] = {
    "acknowledged": NP_("followed", "We have your order and check what is possible at the address."),
    "inProgress": NP_("followed", "We are at work on it."),
    "pending": NP_("followed", "It waits for you. Work begins after that."),
    "held": NP_("followed", "Something has to be cleared up. You will hear from us within two working days."),
    "assessingCancellation": NP_("followed", "You asked to cancel it; we see to that."),
    "pendingCancellation": NP_("followed", "It is being cancelled: what was prepared is taken back."),
    "completed": NP_("followed", "Everything works and was tested."),
    "partial": NP_("followed", "A part of it is done; the rest was cancelled."),
    "failed": NP_("followed", "We could not do it. Call us, and we find another way."),
    "rejected": NP_("followed", "It cannot be delivered. Nothing is charged."),
    "cancelled": NP_("followed", "It is cancelled. If you did not ask for this, call us."),
}
# What tasks mean to a client, by their kind; what has no word is our own affair.
_STEPS: Mapping[str, tuple[str, str]] = {
    "contract": NP_("followed step", "You accept the contract"),
    "build": NP_("followed step", "The line to you is built"),
    "reserve": NP_("followed step", "A place in our network is kept for you"),
    "portIn": NP_("followed step", "Your number moves to us"),
    "workOrder": NP_("followed step", "Our crew visits you"),
    "serviceOrder": NP_("followed step", "Your services are switched on"),
    "serviceTest": NP_("followed step", "Everything is tested"),
}
_DONE, _NOW, _NEXT = "done", "now", "next"
_ICONS = {_DONE: "ok", _NOW: "run", _NEXT: "wait"}
_WORDS: Mapping[str, tuple[str, str]] = {
    _DONE: NP_("followed step", "done"),
    _NOW: NP_("followed step", "now"),
    _NEXT: NP_("followed step", "to come"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the way. `stands`: done, now or next; `icon` and `word` say the same."""

    name: str
    stands: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that is to come. `proposed`: it waits for the client's yes; `movable`: he may choose another time."""

    id: str
    when: str
    proposed: bool
    movable: bool


@dataclass(frozen=True, slots=True)
class Deposit:
    """What is to be paid in advance. `stands`: due, paid, late for money that comes back, or given;
    `href`: where it is paid; `opening`: the provider is being asked for it."""

    stands: str
    amount: str = ""
    until: str = ""
    href: str = ""
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of an order. `stands`: offered (until `day`) or accepted (on `day`)."""

    stands: str
    number: str
    day: str


@dataclass(frozen=True, slots=True)
class Followed:
    """Everything the page shows of an order, in the client's language."""

    number: str
    title: str
    label: Label
    said: str
    why: str
    promised: str
    later: str
    ended: str
    monthly: str
    steps: tuple[Step, ...]
    visits: tuple[Visit, ...]


def ended_at(order: Document) -> datetime | None:
    """When an order came to its end; None while it has not."""
    if order.get("state") not in STATES.final:
        return None
    at = order.get("completionDate") or order.get("cancellationDate") or order.get("orderDate")
    return from_wire(at) if at else None


def no_more(order: Document, days: int, now: datetime) -> bool:
    """Whether the order ended more than `days` ago, so that its address shows it no more."""
    at = ended_at(order)
    return at is not None and at + timedelta(days=days) < now


def followed(
    order: Document,
    plan: Document | None,
    appointments: Sequence[Document],
    offerings: Mapping[str, Document],
    now: datetime,
    t: Translator,
) -> Followed:
    """The view of an order. `offerings` by id, for what they are called; `appointments` of its visits."""
    state = str(order.get("state"))
    promise, ended = order.get("expectedCompletionDate"), ended_at(order)
    later = expected_end(order) if ended is None else None
    slips = later is not None and promise and t.long_day(later) != t.long_day(from_wire(promise))
    told = next((n["text"] for n in order.get("note") or () if n.get("author") == NOTE_AUTHOR), "")
    return Followed(
        number=str(order["id"]),
        title=_title(order, offerings, t),
        label=label(ORDER, state, t),
        said=t.pgettext(*_SAID[state]) if state in _SAID else "",
        why=str(told) if ended is not None else "",
        promised=t.long_day(from_wire(promise)) if promise and ended is None else "",
        later=t.long_day(later) if slips and later is not None else "",
        ended=t.long_day(ended) if ended is not None else "",
        monthly=monthly_total(order, t),
        steps=tuple(steps(order, plan, t)),
        visits=tuple(_visits(appointments, now, t)) if ended is None else (),
    )


def _title(order: Document, offerings: Mapping[str, Document], t: Translator) -> str:
    """What was ordered, as the catalogue calls it in the client's language."""
    names = []
    for item in leaves(order):
        offering = offerings.get(offering_id(item) or "")
        name = text_in(offering, "name", t.lang) if offering else ""
        names.append(name or (item.get("productOffering") or item.get("product") or {}).get("name"))
    return ", ".join(dict.fromkeys(str(name) for name in names if name))


def steps(order: Document, plan: Document | None, t: Translator) -> list[Step]:
    """What is done and what comes, one line a kind of work, in the order of the plan."""
    state = str(order.get("state"))
    if state in {"rejected", "cancelled", "pendingCancellation", "assessingCancellation"}:
        return []
    begun = plan is not None
    lines = [_step(t.pgettext("followed step", "We received your order"), _DONE, t)]
    checked = _DONE if begun or state in STATES.final | {"pending"} else _NOW
    lines.append(_step(t.pgettext("followed step", "We check what is possible"), checked, t))
    by_kind: dict[str, list[Document]] = {}
    for task in (plan or {}).get("task") or ():
        if task.get("kind") in _STEPS and not task.get("undoes") and task.get("state") != "cancelled":
            by_kind.setdefault(task["kind"], []).append(task)
    for kind, tasks in by_kind.items():
        lines.append(_step(t.pgettext(*_STEPS[kind]), _stands(tasks), t))
    last = _DONE if state in {"completed", "partial"} else _NEXT
    lines.append(_step(t.pgettext("followed step", "All is ready for you"), last, t))
    return lines


def _stands(tasks: Sequence[Document]) -> str:
    states = {task.get("state") for task in tasks}
    if states <= {"completed", "skipped"}:
        return _DONE
    return _NOW if states & {"ready", "inProgress", "failed", "completed"} else _NEXT


def _step(name: str, stands: str, t: Translator) -> Step:
    return Step(name, stands, _ICONS[stands], t.pgettext(*_WORDS[stands]))


def _visits(appointments: Sequence[Document], now: datetime, t: Translator) -> list[Visit]:
    """Visits that are to come, the first one first."""
    visits = []
    for one in sorted(appointments, key=lambda each: each["validFor"]["startDateTime"]):
        starts, ends = (from_wire(one["validFor"][end]) for end in ("startDateTime", "endDateTime"))
        if one.get("status") not in {"initialized", "confirmed"} or ends < now:
            continue
        proposed = one.get("status") == "initialized"
        visits.append(Visit(one["id"], span(starts, ends, t), proposed, movable(one, now)))
    return visits


def movable(appointment: Document, now: datetime) -> bool:
    """Whether its client may still choose another time for a visit."""
    return from_wire(appointment["validFor"]["startDateTime"]) - now > MOVE_BEFORE


def span(start: datetime, end: datetime, t: Translator) -> str:
    """The time of a visit in words."""
    return t.gettext("{day}, {start} to {end}", day=t.long_day(start), start=t.time(start), end=t.time(end))


def deposit_of(
    order: Document, case: Document | None, request: Document | None, provider: bool, t: Translator
) -> Deposit | None:
    """The deposit of an order; None where none is asked for. `provider`: whether it can be paid by a link."""
    state = (request or {}).get("state")
    if awaited(case, order.get("state")) and case is not None:
        owed = t.money(missing_deposit(case), case["deposit"].get("unit", "RUB"))
        current = request if request is not None and state in ASKING else {}
        until = t.long_day(from_wire(current["due"])) if current.get("due") else ""
        href = str(current.get("payUrl") or "") if state == "open" else ""
        return Deposit("due", owed, until, href, opening=provider)
    if state in {"refundDue", "refunding"}:
        return Deposit("late")
    if state == "refunded":
        return Deposit("given")
    return Deposit("paid") if state == "paid" else None


def contract_of(contract: Document | None, order: Document, t: Translator) -> Contract | None:
    """The contract of an order; None where there is none, or where it does not matter any more."""
    if contract is None:
        return None
    if contract["state"] == "accepted":
        return Contract("accepted", contract["id"], t.long_day(from_wire(contract["acceptance"]["at"])))
    if contract["state"] != "offered" or order.get("state") in STATES.final:
        return None
    return Contract("offered", contract["id"], t.long_day(from_wire(contract["due"])))
