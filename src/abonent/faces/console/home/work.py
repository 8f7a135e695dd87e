"""What needs a person today, out of orders that are not finished and messages that did not arrive. Pure.

Every piece of work has an hour by which it should be done: the promise where the promise is in danger, else so long
after the order stopped as WITHIN says, or the promise if that is earlier. Broken promises come first; then lists sort
by that hour, then by money.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling.queries_open import OpenOrder
from abonent.domain.order_handling.rules_outlook import LEAVING
from abonent.domain.order_handling.rules_refund import due_since
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.faces.console.plan_model import Outlook, instant, outlook, slips

Document = Mapping[str, Any]

# How long an order may wait for a person: a decision half a working day, a client three days; money goes back within
# ten days (consumer law, art. 31).
WITHIN: Mapping[str, timedelta] = {
    "credit": timedelta(hours=4),
    "assess": timedelta(hours=8),
    "complete": timedelta(hours=4),
    "mend": timedelta(hours=4),
    "resume": timedelta(hours=8),
    "client": timedelta(days=3),
    "message": timedelta(hours=24),
    "crew": timedelta(hours=8),
    "refund": timedelta(days=10),
}
# Nobody is called for less.
SMALL_SLIP = timedelta(minutes=15)
# Whose work it is first; an administrator's is all of it.
OWN: Mapping[str, frozenset[str]] = {
    "agent": frozenset({"complete", "client", "credit", "resume", "late", "risk", "message", "crew"}),
    "engineer": frozenset({"mend", "assess", "crew"}),
    "manager": frozenset({"credit", "late", "risk", "refund"}),
}


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do.

    kind    credit | assess | complete | mend | resume | client | late | risk | message | crew | refund
    due     by when; since: from when it waits; broken: a promise to the client has passed
    stake   roubles (or another currency) a month that hang on it
    """

    kind: str
    due: datetime
    since: datetime
    broken: bool
    stake: Decimal | None
    order: OpenOrder | None = None
    look: Outlook | None = None
    message: Document | None = None
    visit: WorkOrderRow | None = None
    refund: Document | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """An order and how it stands: danger is hazard (it will be late), critical (it is) or None."""

    order: OpenOrder
    look: Outlook
    danger: str | None


def stand(order: OpenOrder, now: datetime) -> Stand:
    """How an open order stands at `now`; as on its own page."""
    look = outlook(order.tasks, now)
    if order.promised is None or order.state in LEAVING:
        return Stand(order, look, None)
    if now > order.promised:
        return Stand(order, look, "critical")
    slipping = look.forecast is not None and look.stuck is None and slips(look.forecast, order.promised)
    return Stand(order, look, "hazard" if slipping else None)


def work_of(stood: Stand, now: datetime) -> Work | None:
    """What a person must do about an order; None while it goes on by itself."""
    order = stood.order
    kind = _kind(stood)
    if kind is None:
        return None
    broken = stood.danger == "critical"
    due = order.moved_at + WITHIN[kind] if kind in WITHIN else order.promised or now
    if order.promised is not None:
        due = min(due, order.promised)
    return Work(kind, due, order.moved_at, broken, order.monthly, order, stood.look)


def _kind(stood: Stand) -> str | None:
    state, look = stood.order.state, stood.look
    if state == "pending":
        return "client"
    if state == "held":
        return _held(stood)
    if look.stuck is not None:
        return "mend"
    if stood.danger == "hazard" and not _worth_a_call(stood):
        return None
    return {"critical": "late", "hazard": "risk"}.get(stood.danger or "")


def _worth_a_call(stood: Stand) -> bool:
    """Whether a promise will be missed by so much that the client is called for it."""
    promised, forecast = stood.order.promised, stood.look.forecast
    return promised is not None and forecast is not None and forecast - promised >= SMALL_SLIP


def _held(stood: Stand) -> str:
    if stood.look.stuck is not None:
        return "mend"
    if stood.order.tasks:
        return "resume"
    referred = next((each for each in stood.order.decisions if each.get("outcome") == "refer"), None)
    if referred is not None:
        return "credit" if referred.get("kind") == "credit" else "assess"
    return "resume" if stood.order.decisions else "complete"


def work_of_message(message: Document) -> Work | None:
    """A message that did not arrive; None when it does not say when it was to go."""
    at = instant(message.get("sendTimeComplete") or message.get("sendTime"))
    return Work("message", at + WITHIN["message"], at, False, None, message=message) if at else None


def work_of_visit(row: WorkOrderRow, now: datetime) -> Work:
    """A work order that waits for a slot and so for a crew."""
    since = instant(row.document.get("stateChangeDate") or row.document.get("orderDate")) or now
    return Work("crew", since + WITHIN["crew"], since, False, None, visit=row)


def work_of_refund(request: Document) -> Work | None:
    """Money of a payment request that is to be given back; None when none is."""
    since = instant(due_since(request))
    return Work("refund", since + WITHIN["refund"], since, False, None, refund=request) if since else None


def sorted_work(work: Iterable[Work]) -> list[Work]:
    """Broken promises first; then by time left, by money at stake, by number."""
    return sorted(
        work, key=lambda each: (not each.broken, each.due, -(each.stake or Decimal()), _number(each))
    )


def _number(work: Work) -> str:
    if work.order:
        return work.order.id
    document = work.message or work.refund or (work.visit.document if work.visit else {})
    return str(document.get("id", ""))


def own(work: Sequence[Work], role: str) -> list[Work]:
    """What is a role's own work; a manager is also shown every promise that is broken."""
    kinds = OWN.get(role)
    if kinds is None:
        return list(work)
    return [each for each in work if each.kind in kinds or (role == "manager" and each.broken)]
