"""The plan of an order: tasks with dependencies and dates, as a value. Pure.

Built from the catalogue's decompositions, then advanced task by task. It is data, not code suspended in a workflow
engine, so it can be shown, amended and replayed. Times are UTC; the document is `to_document(plan)`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import msgspec

from abonent.domain.order_handling.states import TASK
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.values import from_wire, to_wire

# Start and end of a visit, UTC.
Slot = tuple[datetime, datetime]

OPEN = frozenset({"pending", "ready", "inProgress"})
DONE = frozenset({"completed", "skipped"})
# What is taken back waits for less: a task that was called off is out of its way as well.
_OVER = DONE | {"cancelled"}
_LONGEST_NAME = 150


class Task(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """One task. `id` is "<item>.<name in the decomposition>"; `spec` holds what its kind needs.

    kind: reserve | serviceOrder | serviceTest | workOrder | inventory. planned_* are ISO 8601 UTC, start/end the
    actual times. `undoes` is the task whose work this one takes back; `again`: the order was amended while the task
    was at work, so it is done once more when it ends. `retry_at`: when a failed task is tried again by itself.
    """

    id: str
    item: str
    name: dict[str, str]
    kind: str
    depends_on: list[str] = []
    # By a factory, so that it is never left out of the document: whoever reads a plan looks for it.
    state: str = msgspec.field(default_factory=lambda: "pending")
    planned_start: str = ""
    planned_end: str = ""
    start: str | None = None
    end: str | None = None
    by: str = "automatic"
    point_of_no_return: bool = False
    compensation: str | None = None
    minutes: float = 0
    attempts: int = 0
    result: str | None = None
    spec: dict[str, Any] = {}
    output: dict[str, Any] = {}
    undoes: str | None = None
    again: bool = False
    retry_at: str | None = None


class Plan(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """All tasks of one order, with the promise made on them. `id` is the order's id."""

    id: str
    planned_start: str
    planned_end: str
    promised: str | None = None
    customer: str | None = None
    task: list[Task] = []

    def find(self, task_id: str) -> Task:
        for task in self.task:
            if task.id == task_id:
                return task
        raise KeyError(task_id)

    @property
    def ready(self) -> list[Task]:
        return [task for task in self.task if task.state == "ready"]

    def item_done(self, item: str) -> bool:
        return all(t.state in DONE for t in self.task if t.item == item)

    @property
    def finished(self) -> bool:
        return all(t.state not in OPEN and t.state != "failed" for t in self.task)


def to_document(plan: Plan) -> dict[str, Any]:
    """The plan as the JSON document that is stored and shown."""
    return msgspec.to_builtins(plan)


def from_document(document: Mapping[str, Any]) -> Plan:
    return msgspec.convert(document, Plan)


class CircularPlan(ValueError):
    """Tasks wait for each other in a circle; the decomposition or the item relationships are wrong."""


def build(
    order_id: str,
    tasks: Iterable[Task],
    *,
    now: datetime,
    requested: str | None,
    customer: str | None,
    slots: Mapping[str, Slot] | None = None,
) -> Plan:
    """Date the tasks and release those that wait for nothing.

    Each task starts when the last one it depends on ends; a visit at its slot (`slots`, by task), unless that comes
    too early. The promise is the planned end, or the date the client asked for if that is later. Raises CircularPlan.
    """
    listed = list(tasks)
    ends: dict[str, datetime] = {}
    for task in in_dependency_order(listed):
        begin = max((ends[d] for d in task.depends_on), default=now)
        ends[task.id] = begin + timedelta(minutes=task.minutes)
        slot = (slots or {}).get(task.id)
        if slot is not None and slot[0] >= begin:
            begin, ends[task.id] = slot
        task.planned_start, task.planned_end = to_wire(begin), to_wire(ends[task.id])
    end = max(ends.values(), default=now)
    promised = max(end, from_wire(requested)) if requested else end
    plan = Plan(
        id=order_id,
        planned_start=to_wire(now),
        planned_end=to_wire(end),
        promised=to_wire(promised),
        customer=customer,
        task=listed,
    )
    return release(plan)


def in_dependency_order(tasks: list[Task]) -> list[Task]:
    """Tasks so that each stands after those it depends on. Raises CircularPlan, also for an unknown dependency."""
    waiting = {task.id: set(task.depends_on) for task in tasks}
    ordered: list[Task] = []
    while waiting:
        free = [task for task in tasks if task.id in waiting and not waiting[task.id]]
        if not free:
            raise CircularPlan(", ".join(sorted(waiting)))
        ordered += free
        for task in free:
            del waiting[task.id]
        gone = {task.id for task in free}
        for rest in waiting.values():
            rest -= gone
    return ordered


def release(plan: Plan) -> Plan:
    """Tasks whose dependencies are done become ready, in the plan itself; returns it."""
    done = {task.id for task in plan.task if task.state in DONE}
    over = {task.id for task in plan.task if task.state in _OVER}
    for task in plan.task:
        if task.state == "pending" and (over if task.undoes else done).issuperset(task.depends_on):
            task.state = "ready"
    return plan


def attempt_of(task: Task) -> int:
    """Number of the attempt that runs or comes next, from 1. It grows by failures alone, so what is asked of
    the outside under its number is asked once an attempt, however often a job is run."""
    return task.attempts if task.state == "inProgress" else task.attempts + 1


def key_of(order_id: str, task: Task) -> str:
    """The idempotency key of a task's attempt: the same however often it is submitted, so the network executes it
    once; another after a failure, as the network answers an old key with the old failure."""
    return attempt_key(order_id, task.id, attempt_of(task))


def last_key_of(order_id: str, task: Task) -> str:
    """The key of the attempt that was made last."""
    return attempt_key(order_id, task.id, task.attempts)


def attempt_key(order_id: str, task_id: str, attempt: int) -> str:
    """The key of an attempt by its number, printable ASCII."""
    name = quote(task_id, safe="")
    if len(name) > _LONGEST_NAME:
        name = sha256(task_id.encode()).hexdigest()
    return f"{order_id}/{name}" if attempt == 1 else f"{order_id}/{name}/{attempt}"


def copied(plan: Plan) -> Plan:
    """The plan with tasks of its own. What hangs on a task (spec, output) is replaced, never changed: it is shared."""
    return msgspec.structs.replace(plan, task=[msgspec.structs.replace(task) for task in plan.task])


def _moved(plan: Plan, task_id: str, state: str) -> tuple[Plan, Task]:
    """A copy of the plan with one task in another state; IllegalMove, also when it is there already."""
    plan = copied(plan)
    task = plan.find(task_id)
    if not TASK.check(f"task {task_id}", task.state, state):
        raise IllegalMove(
            "taskThereAlready", N_("Task {task} is {state} already."), task=task_id, state=state
        )
    if task.state == "ready" and state not in {"skipped", "cancelled"}:
        # Kinds that take no time end without having been started: that was an attempt, too.
        task.attempts += 1
    task.state = state
    return plan, task


def started(plan: Plan, task_id: str, now: datetime) -> Plan:
    """A copy with the task in progress; IllegalMove if it is not ready. A visit is asked for by that: it starts when
    the crew does (`on_site`)."""
    plan, task = _moved(plan, task_id, "inProgress")
    if task.kind != "workOrder":
        task.start = to_wire(now)
    return plan


def on_site(plan: Plan, task_id: str, since: str | None) -> Plan:
    """A copy in which a visit began `since`, UTC text; None: not yet."""
    plan = copied(plan)
    plan.find(task_id).start = since
    return plan


def rescheduled(plan: Plan, task_id: str, slot: Slot) -> Plan:
    """A copy in which a task is planned at `slot`, and what waits for it after that. The promise stands."""
    plan = copied(plan)
    moved = plan.find(task_id)
    moved.planned_start, moved.planned_end = to_wire(slot[0]), to_wire(slot[1])
    touched = {task_id}
    for task in in_dependency_order(plan.task):
        if task.state not in {"pending", "ready"} or touched.isdisjoint(task.depends_on):
            continue
        touched.add(task.id)
        begin = max(plan.find(d).planned_end for d in task.depends_on)
        if task.kind == "workOrder":
            # It has a slot of its own, which does not come earlier because of this one.
            begin = max(begin, task.planned_start)
        length = from_wire(task.planned_end) - from_wire(task.planned_start)
        task.planned_start, task.planned_end = begin, to_wire(from_wire(begin) + length)
    plan.planned_end = max(task.planned_end for task in plan.task)
    return plan


def completed(plan: Plan, task_id: str, now: datetime, *, result: str, output: dict[str, Any]) -> Plan:
    """A copy with the task completed and those that waited for it ready."""
    plan, task = _moved(plan, task_id, "completed")
    task.end, task.result, task.output = to_wire(now), result, output
    task.start = task.start or task.end
    if task.again:
        # It was done as it was asked for at first; the order asks for something else by now.
        redo(task)
    return release(plan)


def redo(task: Task) -> None:
    """A task that is done is to be done once more, upon what it made the first time. Changes the task."""
    task.state, task.again, task.end, task.result, task.start = "pending", False, None, None, None
    if task.kind == "serviceOrder" and task.output and task.spec.get("action") == "add":
        task.spec = {**task.spec, "action": "modify", "firstAction": "add"}


def failed(plan: Plan, task_id: str, now: datetime, *, reason: str) -> Plan:
    """A copy with the task failed; what depends on it waits."""
    plan, task = _moved(plan, task_id, "failed")
    task.end, task.result = to_wire(now), reason
    return plan


def called_off(plan: Plan, task_id: str, now: datetime, *, reason: str) -> Plan:
    """A copy with the task cancelled, as nobody wants its result any more."""
    plan, task = _moved(plan, task_id, "cancelled")
    task.end, task.result = to_wire(now), reason
    return release(plan)


def skipped(plan: Plan, task_id: str, now: datetime, *, reason: str) -> Plan:
    """A copy with a task left out; those that waited for it go on."""
    plan, task = _moved(plan, task_id, "skipped")
    task.end, task.result = to_wire(now), reason
    return release(plan)


def retried(plan: Plan, only: str | None = None) -> Plan:
    """A copy in which failed tasks, or the one with the id `only`, are ready again."""
    plan = copied(plan)
    for task in plan.task:
        if task.state == "failed" and only in {None, task.id}:
            task.state, task.end, task.result, task.retry_at = "ready", None, None, None
    return plan
