"""The day's work in the reader's words: when, what and why, for whom, what is at stake, the next step. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from abonent.domain.order_handling.queries_open import OpenOrder
from abonent.domain.order_handling.rules_refund import due_sum
from abonent.domain.workforce.queries_lists import WorkOrderRow
from abonent.faces.console.addresses import client_path, give_path, message_path, order_path, work_path
from abonent.faces.console.home.work import Document, Work
from abonent.faces.console.order_parts import Words, filled
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import NP_, Translator

SOON = timedelta(hours=1)

_WHAT = {
    "credit": NP_("work", "Decide the credit, order {order}"),
    "assess": NP_("work", "Say whether it can be provided, order {order}"),
    "complete": NP_("work", "Add what is missing, order {order}"),
    "mend": NP_("work", "Mend a failed task, order {order}"),
    "resume": NP_("work", "Say how it goes on, order {order}"),
    "client": NP_("work", "Get the client’s answer, order {order}"),
    "late": NP_("work", "Deliver what is late, order {order}"),
    "risk": NP_("work", "Agree a new date, order {order}"),
}
_STEP = {
    "credit": NP_("step", "Decide"),
    "assess": NP_("step", "Assess"),
    "complete": NP_("step", "Look what is missing"),
    "mend": NP_("step", "Mend and release"),
    "resume": NP_("step", "Release or cancel"),
    "client": NP_("step", "Call the client"),
    "late": NP_("step", "See the plan"),
    "risk": NP_("step", "Call the client"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the work list. tone: bad, risk or "" ; `at` is the exact moment behind `due`,
    `client_href` the client's page."""

    due: str
    at: datetime
    tone: str
    what: str
    why: str
    client: str
    stake: str
    step: str
    href: str
    client_href: str = ""


def lines(work: list[Work], now: datetime, t: Translator, mounted: frozenset[str]) -> list[Line]:
    """The rows; links lead to rooms there are."""
    made = []
    for each in work:
        if each.order:
            made.append(_order_line(each, each.order, now, t))
        elif each.visit:
            made.append(_visit_line(each, each.visit, now, t, mounted))
        elif each.refund:
            made.append(_refund_line(each, each.refund, now, t))
        else:
            made.append(_message_line(each, now, t, mounted))
    return made


def title(order: OpenOrder, t: Translator) -> str:
    """What is ordered: its description, else its first offering and how many more."""
    if order.description or not order.offerings:
        return order.description or t.gettext("Order {number}", number=order.id)
    more = len(order.offerings) - 1
    if not more:
        return t.name(order.offerings[0])
    return t.ngettext(
        "{first} and {n} more item", "{first} and {n} more items", more, first=t.name(order.offerings[0])
    )


def _order_line(work: Work, order: OpenOrder, now: datetime, t: Translator) -> Line:
    due, tone = due_words(
        work.due, work.broken, now, t, since=work.since if work.kind not in ("late", "risk") else None
    )
    why = why_words(work, order, now, t)
    return Line(
        due=due,
        at=work.due,
        tone=tone,
        what=t.pgettext(*_WHAT[work.kind], order=order.id),
        why=" · ".join(part for part in (title(order, t), why) if part),
        client=order.customer_name or order.customer_id or "–",
        client_href=client_path(order.customer_id) if order.customer_id else "",
        stake=t.number(order.monthly) if order.monthly is not None else "–",
        step=t.pgettext(*_STEP[work.kind]),
        href=order_path(order.id),
    )


def due_words(
    due: datetime, broken: bool, now: datetime, t: Translator, *, since: datetime | None = None
) -> tuple[str, str]:
    """How near it is, in words, and the tone. Late is what breaks a promise; else it `since` waits."""
    left = due - now
    if left < timedelta():
        if broken:
            return t.gettext("{gap} late", gap=t.duration(-left)), "bad"
        return t.gettext("waits {gap}", gap=t.duration(now - (since or due))), "risk"
    if left < SOON:
        return t.gettext("in {gap}", gap=t.duration(left)), "risk"
    here, today = t.local(due), t.local(now)
    if here.date() == today.date():
        return t.gettext("by {time}", time=t.time(due)), ""
    if here.date() == today.date() + timedelta(days=1):
        return t.gettext("tomorrow, {time}", time=t.time(due)), ""
    return t.day(due, now), ""


def why_words(work: Work, order: OpenOrder, now: datetime, t: Translator) -> str:
    """Why it needs a person, in one sentence."""
    look = work.look
    if work.kind == "mend" and look is not None and look.stuck is not None:
        name, result = (
            t.pick(look.stuck.get("name") or look.stuck["id"]),
            result_told(look.stuck.get("result") or "", t),
        )
        return t.gettext("“{task}” failed: {result}", task=name, result=result) if result else name
    if work.kind == "risk" and look is not None and look.forecast and order.promised:
        return t.gettext(
            "The promise of {promised} cannot be kept; {forecast} can.",
            promised=t.near(order.promised, now),
            forecast=t.near(look.forecast, now),
        )
    if work.kind == "late":
        if look is not None and look.behind is not None:
            task, gap = look.behind
            name = t.pick(task.get("name") or task["id"])
            return t.gettext("“{task}” is {delay} behind its plan.", task=name, delay=t.duration(gap))
        return t.gettext("The order has no plan yet.") if not order.tasks else ""
    referred = [each for each in order.decisions if each.get("outcome") in ("refer", "approveWithDeposit")]
    reasons = [
        filled(reason.get("text") or reason.get("code") or "", reason, t)
        for decision in referred
        for reason in decision.get("reasons") or ()
    ]
    if reasons:
        return reasons[0]
    return Words({}).reason(order.reason, t)


def _visit_line(work: Work, row: WorkOrderRow, now: datetime, t: Translator, mounted: frozenset[str]) -> Line:
    due, tone = due_words(work.due, False, now, t, since=work.since)
    number, ordered = str(row.document["id"]), [str(each["id"]) for each in row.document.get("order") or ()]
    address = row.address or {}
    where = ", ".join(str(address[part]) for part in ("city", "streetName", "streetNr") if address.get(part))
    room = work_path(number)
    return Line(
        due=due,
        at=work.due,
        tone=tone,
        what=t.gettext("Find a crew and a time, work order {number}", number=number),
        why=" · ".join(part for part in (*ordered, where) if part),
        client=row.client_name or row.client_id or "–",
        client_href=client_path(row.client_id) if row.client_id else "",
        stake="–",
        step=t.gettext("Choose a slot"),
        href=room if "/work-orders" in mounted else order_path(ordered[0]) if ordered else "/orders",
    )


def _refund_line(work: Work, request: Document, now: datetime, t: Translator) -> Line:
    due, tone = due_words(work.due, False, now, t, since=work.since)
    money, number, customer = due_sum(request), str(request["id"]), request["customer"]
    return Line(
        due=due,
        at=work.due,
        tone=tone,
        what=t.gettext("Give money back, order {number}", number=number),
        why=t.money(money.amount, money.currency),
        client=str(customer.get("name") or customer["id"]),
        client_href=client_path(str(customer["id"])),
        stake="–",
        step=t.gettext("Give it back"),
        href=give_path(number),
    )


def _message_line(work: Work, now: datetime, t: Translator, mounted: frozenset[str]) -> Line:
    message = work.message or {}
    due, tone = due_words(work.due, False, now, t, since=work.since)
    receivers = message.get("receiver") or [{}]
    party = receivers[0]
    marks = {each.get("name"): each.get("value") for each in message.get("characteristic") or ()}
    number = str(marks.get("productOrder") or "")
    text = message.get("subject") or message.get("content") or ""
    there = message_path(str(message.get("id")))
    href = there if "/messages" in mounted else order_path(number)
    return Line(
        due=due,
        at=work.due,
        tone=tone,
        what=t.gettext("Reach the client: a message did not arrive"),
        why=" · ".join(part for part in (number, str(text)[:120]) if part),
        client_href=client_path(str(party["id"])) if party.get("id") else "",
        client=str(party.get("name") or (party.get("party") or {}).get("name") or party.get("id") or "–"),
        stake="–",
        step=t.gettext("Look and send again"),
        href=href,
    )
