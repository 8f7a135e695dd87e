"""The page of one order: from its file of documents to the words and figures the template shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.rules_contract_task import KIND as CONTRACT
from abonent.domain.order_handling.rules_outlook import LEAVING, jeopardy
from abonent.faces.console.addresses import (
    amend_path,
    contract_path,
    fallout_path,
    new_order_path,
    work_path,
)
from abonent.faces.console.data import Document, OrderFile
from abonent.faces.console.labels import (
    CHANNEL,
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
from abonent.faces.console.order_facts import Fact, facts_of, sharp, work_of
from abonent.faces.console.order_notice import Notice, Permission, notice, permissions
from abonent.faces.console.order_parts import (
    Decision,
    ItemRow,
    LogRow,
    MessageRow,
    Prices,
    Words,
    decision_views,
    item_rows,
    log_rows,
    message_rows,
    prices_of,
    why_now,
)
from abonent.faces.console.plan_model import Plan, Task, instant, read_plan
from abonent.faces.console.plan_picture import PlanPicture, picture_of, quick
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import Translator


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
    rows = tuple(item_rows(items, t, file.products, str(order["id"])))
    labels = [label(ORDER, state, t)] + ([label(JEOPARDY, danger, t)] if danger else [])
    words = Words(_names(plan, rows, t))
    amend = amend_path(str(order["id"])) if staff and file.amendable else ""
    anew = new_order_path(str(file.customer["id"])) if staff and file.customer else ""
    allowed = acts(state, plan, file.decisions, list(lines(order)), staff=staff, t=t, amend=amend, anew=anew)
    return OrderView(
        number=str(order["id"]),
        title=title_of(order, t),
        origin=_origin(order, now, t),
        labels=tuple(labels),
        notice=notice(order, plan, promised, file.decisions, why_now(state, file.history, words, t), now, t),
        facts=tuple(facts_of(file, plan, promised, now, t, staff=staff)),
        picture=picture_of(plan, None if state in LEAVING else promised, now, t) if plan else None,
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
        sharp=sharp(plan),
        final=state in FINAL_ORDER_STATES,
        refresh=_refresh(state, plan),
        fallout=_fallout(str(order["id"]), plan, state in FINAL_ORDER_STATES) if staff else "",
    )


def _refresh(state: str, plan: Plan | None) -> int:
    """Often while something may happen any moment; a plan of days moves by the hour."""
    if state in FINAL_ORDER_STATES:
        return 0
    moving = state in LEAVING or plan is None or plan.forecast - plan.starts < timedelta(hours=1)
    return 2 if moving else 15


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
    channels = [
        word(CHANNEL, str(each.get("id") or ""), t)
        if each.get("id") in CHANNEL
        else str(each.get("name") or each.get("id"))
        for each in order.get("channel") or ()
    ]
    # What the order entry gives a form, so that it is placed once, is no number of the client's.
    theirs = str(order.get("externalId") or "")
    parts = [t.gettext("placed {when}", when=t.near(at, now))] if at else []
    parts += [t.gettext("channel: {name}", name=", ".join(channels))] if channels else []
    parts += (
        [t.gettext("their number {number}", number=theirs)]
        if theirs and not theirs.startswith("console-")
        else []
    )
    return " · ".join(parts)


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
    visits = sum(task.waits_for_visit for task in plan.tasks)
    done, ahead, failed = (
        plan.count("completed"),
        plan.count("pending", "ready", "held"),
        plan.count("failed"),
    )
    skipped, cancelled = plan.count("skipped"), plan.count("cancelled")
    at_work = plan.count("inProgress") - visits
    groups = [
        (done, t.ngettext("{n} is done", "{n} are done", done)),
        (at_work, t.ngettext("{n} is in work", "{n} are in work", at_work)),
        (visits, t.ngettext("{n} waits for its visit", "{n} wait for their visits", visits)),
        (ahead, t.ngettext("{n} is ahead", "{n} are ahead", ahead)),
        (failed, t.ngettext("{n} has failed", "{n} have failed", failed)),
        (skipped, t.ngettext("{n} is left out", "{n} are left out", skipped)),
        (cancelled, t.ngettext("{n} is cancelled", "{n} are cancelled", cancelled)),
    ]
    return f"{total}: {', '.join(text for n, text in groups if n)} · {kept}"


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
                label=label(TASK, task.shown, t),
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
    if task.kind == CONTRACT and task.state != "failed":
        return contract_path(order)
    return fallout_path(order, task.id) if task.state == "failed" else _work_order(order, task)


def _fallout(order: str, plan: Plan | None, final: bool) -> str:
    """The page of the first failed task that waits for a person; empty without one."""
    tasks = plan.tasks if plan and not final else ()
    return next((fallout_path(order, task.id) for task in tasks if task.state == "failed"), "")


def _work_order(order: str, task: Task) -> str:
    """The page of the work order of a visit's last attempt; empty for other tasks and before the first."""
    number = work_of(order, task)
    return work_path(number) if number else ""


def _result(result: str | None, attempts: int, t: Translator) -> str:
    again = t.ngettext("{n} attempt", "{n} attempts", attempts) if attempts > 1 else ""
    return " · ".join(part for part in (result_told(result or "", t), again) if part)


def _names(plan: Plan | None, rows: Sequence[ItemRow], t: Translator) -> dict[str, str]:
    names = {f"item/{row.id}": f"{row.id} · {row.name}" for row in rows}
    for task in plan.tasks if plan else ():
        names[f"task/{task.id}"] = t.pick(task.name)
        if isinstance(task.name, Mapping) and task.name.get("en"):
            names[f"called/{task.name['en']}"] = t.pick(task.name)
    return names
