"""A failed task in the reader's words: what happened, what was sent, what can be done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from abonent.domain.order_handling.fallout import may_skip
from abonent.domain.order_handling.lines import line, lines
from abonent.domain.order_handling.plan import Plan, Task, last_key_of
from abonent.domain.order_handling.rules_cancel import gate_of, open_items
from abonent.domain.order_handling.rules_porting import DONOR, NUMBER, OWNER
from abonent.domain.order_handling.rules_porting import KIND as PORT_IN
from abonent.domain.order_handling.visits import work_order_number
from abonent.faces.console.acts import Act
from abonent.faces.console.addresses import fallout_path, order_path, work_path
from abonent.faces.console.desk import Form, typed
from abonent.faces.console.labels import ORDER, TASK, TASK_KIND, Label, label, word
from abonent.faces.console.traits import TRAIT, result_told
from abonent.kit.i18n import Translator
from abonent.kit.shapes import encode
from abonent.kit.values import from_wire

View = Mapping[str, Any]

# Inputs of characteristics are called so, with the characteristic's name behind.
_VALUE = "value:"
_MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class Value:
    """A characteristic of the item: the input's name, its word, its value."""

    name: str
    word: str
    value: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the task's history."""

    at: datetime
    label: Label
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """Everything the template of a failed task shows."""

    href: str
    order: str
    order_href: str
    task: str
    label: Label
    order_label: Label
    kind: str
    why: str
    facts: tuple[tuple[str, str, str], ...]
    attempts: tuple[Attempt, ...]
    sent: str
    answer: str
    values: tuple[Value, ...]
    acts: tuple[Act, ...]
    choice: bool
    work_href: str


def named_fields(form: Form) -> dict[str, str]:
    """Characteristics as they were typed, by name."""
    names = [name for name in form if name.startswith(_VALUE)][:_MOST_VALUES]
    values = {name.removeprefix(_VALUE): typed(form, name) for name in names}
    added = typed(form, "name")
    return values | ({added: typed(form, "value")} if added else {})


def task_view(
    order: View,
    plan: Plan,
    task: Task,
    customer: View | None,
    history: Sequence[View],
    sent: View | None,
    answer: View | None,
    now: datetime,
    t: Translator,
) -> TaskView:
    """The view of a task as of `now`. `history`: rows of the task, `sent` and `answer`: of its last attempt."""
    item = line(order, task.item)
    name = t.pick(task.name or task.id)
    given = list((item.get("product") or {}).get("productCharacteristic") or ())
    if task.kind == PORT_IN:
        # What donors compare may have been left out.
        there = {each["name"] for each in given}
        given += [{"name": name, "value": ""} for name in (NUMBER, DONOR, OWNER) if name not in there]
    values = [
        Value(
            f"{_VALUE}{each['name']}",
            t.pgettext(*TRAIT[each["name"]]) if each["name"] in TRAIT else str(each["name"]),
            str(each.get("value", "")),
        )
        for each in given
    ]
    work = visit_of(order, task)
    return TaskView(
        href=fallout_path(order["id"], task.id),
        order=order["id"],
        order_href=order_path(order["id"]),
        task=name,
        label=label(TASK, task.state, t),
        order_label=label(ORDER, order["state"], t),
        kind=word(TASK_KIND, task.kind, t),
        why=result_told(task.result or "", t),
        facts=tuple(_facts(order, plan, task, item, customer, now, t)),
        attempts=tuple(
            Attempt(
                row["at"],
                label(TASK, row["new_state"] or "", t),
                result_told(row["reason"] or "", t),
                row["by"],
            )
            for row in history
        ),
        sent=_pretty(sent),
        answer=_pretty(answer),
        values=tuple(values),
        acts=tuple(_acts(order, plan, task, t)) if task.state == "failed" else (),
        choice=len(open_items(order)) > 1,
        work_href=work_path(work) if work else "",
    )


def visit_of(order: View, task: Task) -> str:
    """The work order of the task's last attempt; "" for other tasks."""
    return work_order_number(last_key_of(order["id"], task)) if task.kind == "workOrder" else ""


def _pretty(document: View | None) -> str:
    return msgspec.json.format(encode(document), indent=2).decode() if document else ""


def _facts(
    order: View, plan: Plan, task: Task, item: View, customer: View | None, now: datetime, t: Translator
) -> list[tuple[str, str, str]]:
    offering = (item.get("productOffering") or {}).get("name") or item["id"]
    waiting = sum(task.id in other.depends_on for other in plan.task)
    facts = [
        (t.gettext("Client"), str((customer or {}).get("name") or plan.customer or "–"), ""),
        (t.gettext("Item"), f"{item['id']} · {t.name(offering)}", ""),
        (t.gettext("Attempts"), t.number(task.attempts), ""),
    ]
    if task.end and task.state == "failed":
        since = from_wire(task.end)
        facts.append((t.gettext("Waits since"), t.near(since, now), t.duration(now - since)))
    facts.append(
        (
            t.gettext("Waiting for it"),
            t.ngettext("{n} task", "{n} tasks", waiting) if waiting else t.gettext("nothing"),
            "",
        )
    )
    if plan.promised:
        promised = from_wire(plan.promised)
        late = now > promised
        gap = t.duration(abs(now - promised))
        told = t.gettext("{time} late", time=gap) if late else t.gettext("in {time}", time=gap)
        facts.append((t.gettext("Promised"), t.near(promised, now), told))
    return facts


def _acts(order: View, plan: Plan, task: Task, t: Translator) -> list[Act]:
    acts = [
        Act(
            "retry",
            t.gettext("Do it again"),
            t.gettext("The same task is begun once more as it stands; the order goes on with it."),
            primary=True,
        )
    ]
    if not task.undoes and (gate_of(plan, task.item) is None or task.kind == "serviceTest"):
        follows = t.gettext(
            "The item is amended; what was done by other values is done once more, then this task. "
            "An empty value takes the characteristic away."
        )
        if task.kind == PORT_IN:
            told = t.gettext("Without any value of the number that is brought, the client gets one of ours.")
            follows = f"{follows} {told}"
        acts.append(Act("mend", t.gettext("Mend and go on"), follows))
    if may_skip(task):
        acts.append(
            Act(
                "skip",
                t.gettext("Leave it out"),
                t.gettext("What waits for it begins. Your name and the reason stay with the order."),
            )
        )
    if not task.undoes and _cancellable(order, plan, task.item):
        acts.append(
            Act(
                "cancel",
                t.gettext("Cancel and take back"),
                t.gettext("What was done is taken back, the last thing first. The client is told."),
            )
        )
    return acts


def _cancellable(order: View, plan: Plan, item: str) -> bool:
    states = {each["id"]: each.get("state") for each in lines(order)}
    return states.get(item) != "pendingCancellation" and gate_of(plan, item) is None
