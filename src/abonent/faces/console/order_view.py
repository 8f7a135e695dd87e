"""The page of one order: from its file of documents to the words and figures the template shows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.plan import attempt_key
from abonent.domain.order_handling.rules_outlook import jeopardy
from abonent.domain.order_handling.visits import WORK_ORDER_TASK, work_order_number
from abonent.faces.console.addresses import fallout_path, work_path
from abonent.faces.console.data import Document, OrderFile
from abonent.faces.console.labels import (
    CLIENT,
    FINAL_ORDER_STATES,
    JEOPARDY,
    ORDER,
    TASK,
    TASK_KIND,
    Label,
    label,
    word,
)
from abonent.faces.console.order_acts import OrderAct, acts
from abonent.faces.console.order_notice import Notice, Permission, notice, permissions
from abonent.faces.console.order_parts import (
    Decision,
    ItemRow,
    LogRow,
    MessageRow,
    Prices,
    Words,
    address_of,
    decision_views,
    item_rows,
    log_rows,
    message_rows,
    prices_of,
    why_now,
)
from abonent.faces.console.plan_model import Plan, Task, instant, read_plan, slips
from abonent.faces.console.plan_picture import PlanPicture, picture_of, quick
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import Translator


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value with one line of context; `tone` is "", risk or bad."""

    term: str
    value: str
    context: str = ""
    big: bool = False
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in the table below the picture; `href` leads to its work order, for those who may see it."""

    id: str
    number: int
    name: str
    kind: str
    who: str
    label: Label
    planned: str
    actual: str
    result: str
    gate: bool
    href: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything the template of an order shows.

    `sharp`: it is a matter of seconds, so times are told with them.
    `refresh`: seconds until it is worth looking again, 0 for never. `fallout`: the page of its failed task, for staff.
    """

    number: str
    title: str
    origin: str
    labels: tuple[Label, ...]
    notice: Notice | None
    facts: tuple[Fact, ...]
    picture: PlanPicture | None
    counts: str
    tasks: tuple[TaskRow, ...]
    items: tuple[ItemRow, ...]
    totals: tuple[str, str]
    currency: str
    priced: bool
    taxed: bool
    decisions: tuple[Decision, ...]
    messages: tuple[MessageRow, ...]
    log: tuple[LogRow, ...]
    permissions: tuple[Permission, ...]
    acts: tuple[OrderAct, ...]
    sharp: bool
    final: bool
    refresh: int
    fallout: str = ""


def order_view(file: OrderFile, now: datetime, t: Translator, *, staff: bool = False) -> OrderView:
    """The view of an order's file, as of `now`, for one reader; `staff` is offered what it may do by hand."""
    order = file.order
    state = order.get("state") or "acknowledged"
    plan = read_plan(file.plan, now)
    promised = instant((file.plan or {}).get("promised")) or instant(order.get("expectedCompletionDate"))
    danger = jeopardy(state, promised, plan.forecast if plan and not plan.stuck else None, now)
    items: Sequence[Document] = order.get("productOrderItem") or ()
    prices = prices_of(items)
    rows = tuple(item_rows(items, t))
    labels = [label(ORDER, state, t)] + ([label(JEOPARDY, danger, t)] if danger else [])
    words = Words(_names(plan, rows, t))
    allowed = acts(state, plan, file.decisions, list(lines(order)), staff=staff, t=t)
    return OrderView(
        number=str(order["id"]),
        title=title_of(order, t),
        origin=_origin(order, now, t),
        labels=tuple(labels),
        notice=notice(order, plan, promised, file.decisions, why_now(state, file.history, words, t), now, t),
        facts=tuple(_facts(file, plan, promised, now, t)),
        picture=picture_of(plan, promised, now, t) if plan else None,
        counts=_counts(plan, file.version, t),
        tasks=tuple(_task_rows(plan, str(order["id"]) if staff else "", now, t)),
        items=rows,
        totals=_totals(rows, prices, t),
        currency=t.currency_mark(prices.currency),
        priced=prices.monthly is not None or prices.once is not None,
        taxed=prices.taxed,
        decisions=tuple(decision_views(file.decisions, now, t)),
        messages=tuple(message_rows(file.messages, t)),
        log=tuple(log_rows(file.history, words, t)),
        permissions=tuple(permissions(state, plan, allowed, now, t)),
        acts=tuple(allowed),
        sharp=_sharp(plan),
        final=state in FINAL_ORDER_STATES,
        refresh=_refresh(state, plan),
        fallout=_fallout(str(order["id"]), plan, state in FINAL_ORDER_STATES) if staff else "",
    )


def _refresh(state: str, plan: Plan | None) -> int:
    """Often while something may happen any moment; a plan of days moves by the hour."""
    if state in FINAL_ORDER_STATES:
        return 0
    return 2 if plan is None or plan.forecast - plan.starts < timedelta(hours=1) else 15


def title_of(order: Document, t: Translator) -> str:
    """What is ordered: the order's own description, else its first item and how many more; parts of a
    bundle do not count."""
    if order.get("description"):
        return str(order["description"])
    items: Sequence[Document] = order.get("productOrderItem") or ()
    if not items:
        return t.gettext("Order {number}", number=order["id"])
    first = item_rows(items[:1], t)[0].name
    if len(items) == 1:
        return first
    return t.ngettext("{first} and {n} more item", "{first} and {n} more items", len(items) - 1, first=first)


def _origin(order: Document, now: datetime, t: Translator) -> str:
    at = instant(order.get("orderDate"))
    channels = [str(each.get("name") or each.get("id")) for each in order.get("channel") or ()]
    parts = [t.gettext("placed {when}", when=t.near(at, now))] if at else []
    parts += [t.gettext("channel: {name}", name=", ".join(channels))] if channels else []
    parts += (
        [t.gettext("their number {number}", number=order["externalId"])] if order.get("externalId") else []
    )
    return " · ".join(parts)


def _facts(
    file: OrderFile, plan: Plan | None, promised: datetime | None, now: datetime, t: Translator
) -> list[Fact]:
    order = file.order
    items: Sequence[Document] = order.get("productOrderItem") or ()
    facts = [_promise(order, plan, promised, now, t), _end(order, plan, promised, now, t)]
    if order.get("state") not in FINAL_ORDER_STATES:
        facts.append(_gate(plan, now, t))
    facts.append(_client(order, file.customer, t))
    address = address_of(items, file.places)
    if address:
        facts.append(Fact(t.gettext("Address"), address))
    facts.append(_price(items, t))
    return facts


def _sharp(plan: Plan | None) -> bool:
    return plan is not None and quick(plan)


def _point(at: datetime, plan: Plan | None, now: datetime, t: Translator) -> str:
    """A day for plans of days, with the time for shorter ones."""
    far = plan is not None and plan.forecast - plan.starts >= timedelta(days=2)
    close = plan is not None and abs(at - plan.forecast) < timedelta(minutes=10)
    return t.day(at, now) if far else t.near(at, now, seconds=close and _sharp(plan))


def _promise(
    order: Document, plan: Plan | None, promised: datetime | None, now: datetime, t: Translator
) -> Fact:
    term = t.gettext("Promised")
    asked = instant(order.get("requestedCompletionDate"))
    context = t.gettext("the client asked for {when}", when=t.near(asked, now)) if asked else ""
    if promised is None:
        waits = order.get("state") not in FINAL_ORDER_STATES
        value = t.gettext("not yet") if waits else t.gettext("nothing")
        return Fact(term, value, context or t.gettext("no date is agreed"), big=True)
    if order.get("state") not in FINAL_ORDER_STATES and promised > now and promised - now < timedelta(days=1):
        context = t.gettext("in {time}", time=t.duration(promised - now))
    return Fact(term, _point(promised, plan, now, t), context, big=True)


def _end(order: Document, plan: Plan | None, promised: datetime | None, now: datetime, t: Translator) -> Fact:
    """The end as it was, or as it is forecast, beside the promise."""
    done = instant(order.get("completionDate") or order.get("cancellationDate"))
    final = order.get("state") in FINAL_ORDER_STATES
    term = t.gettext("Ended") if final else t.gettext("Forecast")
    at = done if final and done else plan.forecast if plan else None
    if at is None:
        return Fact(
            term, "\u2013", t.gettext("no plan was made") if final else t.gettext("no plan yet"), big=True
        )
    if plan and plan.stuck and not final:
        return Fact(
            term, t.gettext("not known"), t.gettext("a failed task is in the way"), big=True, tone="bad"
        )
    value = _point(at, plan, now, t)
    if promised is None or order.get("state") in {"cancelled", "rejected", "failed"}:
        return Fact(term, value, big=True)
    if abs(at - promised) < timedelta(minutes=1):
        return Fact(term, value, t.gettext("as promised"), big=True)
    gap = t.duration(abs(at - promised))
    if slips(at, promised):
        tone = "bad" if now > promised else "risk"
        return Fact(term, value, t.gettext("{gap} after the promise", gap=gap), big=True, tone=tone)
    return Fact(term, value, t.gettext("{gap} before the promise", gap=gap), big=True)


def _gate(plan: Plan | None, now: datetime, t: Translator) -> Fact:
    term = t.gettext("Point of no return")
    if plan is None:
        return Fact(term, "\u2013", t.gettext("no plan yet"), big=True)
    gate = plan.gate
    if plan.no_return is None or gate is None:
        return Fact(term, t.gettext("none"), t.gettext("no step of the plan is irreversible"), big=True)
    name = t.pick(gate.name)
    if plan.stuck and not plan.passed_no_return:
        return Fact(term, t.gettext("not known"), t.gettext("until “{task}” begins", task=name), big=True)
    value = t.near(plan.no_return, now, seconds=_sharp(plan))
    if plan.passed_no_return:
        return Fact(term, value, t.gettext("passed with “{task}”", task=name), big=True)
    return Fact(term, value, t.gettext("then “{task}” begins", task=name), big=True)


def _client(order: Document, customer: Document | None, t: Translator) -> Fact:
    if customer:
        state = label(CLIENT, str(customer["status"]).lower(), t).word if customer.get("status") else ""
        context = " · ".join(part for part in (str(customer["id"]), state) if part)
        return Fact(t.gettext("Client"), str(customer.get("name") or customer.get("id")), context)
    for party in order.get("relatedParty") or ():
        if str(party.get("role", "")).lower() == "customer":
            return Fact(
                t.gettext("Client"), str(party.get("name") or party.get("id")), str(party.get("id") or "")
            )
    return Fact(t.gettext("Client"), "\u2013")


def _price(items: Sequence[Document], t: Translator) -> Fact:
    prices = prices_of(items)
    if prices.monthly is None and prices.once is None:
        return Fact(t.gettext("A month / once"), "\u2013", t.gettext("no price is set"))
    monthly = t.money(prices.monthly or 0, prices.currency)
    once = t.money(prices.once or 0, prices.currency)
    return Fact(t.gettext("A month / once"), f"{monthly} / {once}", tax_words(prices.taxed, t))


def tax_words(taxed: bool, t: Translator) -> str:
    """Whether sums are with or without tax; always said."""
    return t.gettext("with tax") if taxed else t.gettext("without tax")


def _totals(rows: Sequence[ItemRow], prices: Prices, t: Translator) -> tuple[str, str]:
    if len(rows) < 2:
        return "", ""
    monthly, once = (
        t.plain_money(value, prices.currency) if value is not None else ""
        for value in (prices.monthly, prices.once)
    )
    return monthly, once


def _counts(plan: Plan | None, version: int, t: Translator) -> str:
    kept = t.gettext("order version {version}", version=version)
    if plan is None:
        return kept
    total = t.ngettext("{n} task", "{n} tasks", len(plan.tasks))
    groups = [
        (t.gettext("{n} done"), plan.count("completed")),
        (t.gettext("{n} in work"), plan.count("inProgress")),
        (t.gettext("{n} ahead"), plan.count("pending", "ready", "held")),
        (t.gettext("{n} failed"), plan.count("failed")),
        (t.gettext("{n} left out"), plan.count("skipped", "cancelled")),
    ]
    return f"{total}: {', '.join(text.format(n=n) for text, n in groups if n)} · {kept}"


def _task_rows(plan: Plan | None, order: str, now: datetime, t: Translator) -> list[TaskRow]:
    """`order`: its number for a reader who may see work orders, else empty."""
    if plan is None:
        return []
    sharp = quick(plan)
    rows: list[TaskRow] = []
    for task in plan.tasks:
        actual = t.span(task.start, task.end, now, sharp) if task.start and task.end else ""
        if task.start and not task.end:
            actual = t.gettext("since {when}", when=t.near(task.start, now, sharp))
        rows.append(
            TaskRow(
                id=task.id,
                number=task.number,
                name=t.pick(task.name),
                kind=word(TASK_KIND, task.kind, t),
                who=task.by,
                label=label(TASK, task.state, t),
                planned=t.span(task.planned_start, task.planned_end, now, sharp),
                actual=actual,
                result=_result(task.result, task.attempts, t),
                gate=task.point_of_no_return,
                href=_task_href(order, task) if order else "",
            )
        )
    return rows


def _task_href(order: str, task: Task) -> str:
    """Where one goes on from a task: what can be done with a failed one, the visit's work order."""
    return fallout_path(order, task.id) if task.state == "failed" else _work_order(order, task)


def _fallout(order: str, plan: Plan | None, final: bool) -> str:
    """The page of the first failed task that waits for a person; empty without one."""
    tasks = plan.tasks if plan and not final else ()
    return next((fallout_path(order, task.id) for task in tasks if task.state == "failed"), "")


def _work_order(order: str, task: Task) -> str:
    """The page of the work order of a visit's last attempt; empty for other tasks and before the first."""
    if task.kind != WORK_ORDER_TASK or not task.attempts:
        return ""
    return work_path(work_order_number(attempt_key(order, task.id, task.attempts)))


def _result(result: str | None, attempts: int, t: Translator) -> str:
    again = t.ngettext("{n} attempt", "{n} attempts", attempts) if attempts > 1 else ""
    return " · ".join(part for part in (result_told(result or "", t), again) if part)


def _names(plan: Plan | None, rows: Sequence[ItemRow], t: Translator) -> dict[str, str]:
    names = {f"item/{row.id}": f"{row.id} · {row.name}" for row in rows}
    for task in plan.tasks if plan else ():
        names[f"task/{task.id}"] = t.pick(task.name)
    return names
