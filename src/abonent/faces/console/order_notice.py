"""The one notice at the head of an order's page, and what may be done with the order now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.rules_outlook import LEAVING
from abonent.faces.console.acts import Act
from abonent.faces.console.data import Document
from abonent.faces.console.labels import FINAL_ORDER_STATES
from abonent.faces.console.order_acts import incomplete, names_nothing
from abonent.faces.console.order_parts import filled
from abonent.faces.console.plan_model import Plan, Task, slips
from abonent.faces.console.plan_picture import quick
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import Translator


@dataclass(frozen=True, slots=True)
class Notice:
    """What must be known first: `lead` suffices alone, `rest` is the consequence; tone: risk, bad or wait."""

    tone: str
    lead: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Permission:
    """Something allowed or not allowed now, with its reason; icon: ok, lock, off, wait."""

    icon: str
    lead: str
    rest: str


def notice(
    order: Document,
    plan: Plan | None,
    promised: datetime | None,
    decisions: Sequence[Document],
    why: str,
    now: datetime,
    t: Translator,
) -> Notice | None:
    """The most pressing fact of an order, or None when all is well.

    `why`: the reason its present state was entered for, in the reader's words.
    """
    state = order.get("state") or ""
    if state in ("rejected", "failed"):
        return _ended_badly(state, plan, decisions, t)
    if state in FINAL_ORDER_STATES:
        return None
    broken = next((task for task in plan.tasks if task.state == "failed"), None) if plan else None
    if state in LEAVING and not broken:
        lead = t.gettext("The order is being cancelled.")
        return Notice("wait", lead, t.gettext("What was done is taken back; nobody is sent any more."))
    if broken:
        lead = t.gettext("Task {n}, “{name}”, failed.", n=broken.number, name=t.pick(broken.name))
        after = t.gettext("Nothing after it can begin until it is done again or left out.")
        return Notice("bad", lead, result_told(broken.result or "", t) or after)
    if promised and now > promised:
        return _late(plan, promised, now, t)
    if plan and promised and slips(plan.forecast, promised):
        return _at_risk(plan, promised, now, t)
    return _waits(order, plan, decisions, why, t)


def _ended_badly(state: str, plan: Plan | None, decisions: Sequence[Document], t: Translator) -> Notice:
    lead = t.gettext("The order was rejected.") if state == "rejected" else t.gettext("The order failed.")
    failing = [
        filled(reason.get("text") or reason.get("code") or "", reason, t)
        for decision in decisions
        if decision.get("outcome") in ("decline", "notEligible")
        for reason in decision.get("reasons") or ()
        if not reason.get("ok")
    ]
    if not failing and plan:
        failing = [
            result_told(task.result, t) for task in plan.tasks if task.state == "failed" and task.result
        ]
    return Notice("bad", lead, " ".join(failing))


def _when(at: datetime, plan: Plan | None, now: datetime, t: Translator) -> str:
    far = plan is not None and plan.forecast - plan.starts >= timedelta(days=2)
    return t.long_day(at, now) if far else t.near(at, now, seconds=plan is not None and quick(plan))


def _late(plan: Plan | None, promised: datetime, now: datetime, t: Translator) -> Notice:
    lead = t.gettext("The promise of {when} has passed.", when=_when(promised, plan, now, t))
    late = t.duration(now - promised)
    if plan is None:
        return Notice("bad", lead, t.gettext("The order is {late} late and has no plan.", late=late))
    if plan.stuck:
        return Notice("bad", lead, t.gettext("The order is {late} late and has a failed task.", late=late))
    forecast = _when(plan.forecast, plan, now, t)
    rest = t.gettext("The order is {late} late; the forecast is {when}.", late=late, when=forecast)
    return Notice("bad", lead, rest)


def _at_risk(plan: Plan, promised: datetime, now: datetime, t: Translator) -> Notice:
    lead = t.gettext(
        "The promise of {promised} cannot be kept; {forecast} can.",
        promised=_when(promised, plan, now, t),
        forecast=_when(plan.forecast, plan, now, t),
    )
    cause = _cause(plan)
    if cause is None:
        return Notice("risk", lead)
    delay, name = t.duration(cause.delay), t.pick(cause.name)
    rest = (
        t.gettext("“{task}” ended {delay} later than planned.", task=name, delay=delay)
        if cause.is_over
        else t.gettext("“{task}” is {delay} behind its plan.", task=name, delay=delay)
    )
    return Notice("risk", lead, rest)


def _cause(plan: Plan) -> Task | None:
    """The critical task that added most to the delay: its own delay beyond that of what it waited for."""
    ends = {task.id: task for task in plan.tasks}

    def own(task: Task) -> timedelta:
        before = [ends[i].delay for i in task.depends_on if i in ends]
        return task.delay - max([*before, timedelta()])

    worst = max((task for task in plan.tasks if task.critical), key=own, default=None)
    return worst if worst and own(worst) > timedelta() else None


def _waits(
    order: Document, plan: Plan | None, decisions: Sequence[Document], why: str, t: Translator
) -> Notice | None:
    state = order.get("state") or ""
    referred = next((each for each in decisions if each.get("outcome") == "refer"), None)
    if state == "pending":
        lead, rest = (
            t.gettext("The order waits for the client’s answer."),
            t.gettext("No work is begun before."),
        )
    elif referred and plan is None and state in ("acknowledged", "held"):
        lead = (
            t.gettext("A person must decide on the credit.")
            if referred.get("kind") == "credit"
            else t.gettext("An engineer must say whether it can be provided.")
        )
        rest = t.gettext("The plan is made after that.")
    elif why and incomplete(state, plan, decisions):
        lead = t.gettext("Something is missing in the order.")
        rest = (
            t.gettext("Place it anew for the client, then cancel this one.")
            if names_nothing(list(lines(order)))
            else t.gettext("It goes on by itself as soon as that is added.")
        )
    elif state == "held":
        lead, rest = t.gettext("The order is on hold."), t.gettext("Its tasks wait until it is resumed.")
    else:
        return None
    return Notice("wait", lead, " ".join(part for part in (why, rest) if part))


def permissions(
    state: str, plan: Plan | None, acts: Sequence[Act], now: datetime, t: Translator
) -> list[Permission]:
    """What the state and the plan allow besides the forms (`acts`); why something is missing is said too."""
    amend, cancel = t.gettext("Amend"), t.gettext("Cancel")
    if state in FINAL_ORDER_STATES:
        rest = t.gettext("the order is over; what was delivered changes by a new order")
        return [Permission("off", t.gettext("Neither amend nor cancel:"), rest)]
    if state in ("assessingCancellation", "pendingCancellation"):
        rest = t.gettext("the cancellation asked for is being carried out")
        return [Permission("wait", t.gettext("Nothing more:"), rest)]
    amending = any(act.step in {"amend", "anew"} for act in acts)
    if plan is None:
        rest = t.gettext("what is ordered, through the API of product orders: it is assessed anew")
        allowed = [] if amending else [Permission("ok", amend, rest)]
        if not acts:
            allowed.append(Permission("ok", cancel, t.gettext("by word to the operator: no work has begun")))
        return allowed
    cancelling = any(act.step == "cancel" for act in acts)
    if plan.passed_no_return and not cancelling:
        rest = t.gettext(
            "the point of no return is passed; what is delivered is changed or ended by a new order"
        )
        return [Permission("lock", t.gettext("Neither amend nor cancel:"), rest)]
    rest = t.gettext(
        "items, what they are like and the dates, through the API of product orders; "
        "each item until its point of no return"
    )
    allowed = [] if amending else [Permission("ok", amend, rest)]
    if not cancelling:
        allowed.append(
            Permission("ok", cancel, t.gettext("until the point of no return, by word to the operator"))
        )
    return allowed
