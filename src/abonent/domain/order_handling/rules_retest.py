"""What follows from a test that failed: which work is done again, and when it is a person's turn. Pure.

A decomposition may say which of its tasks mend what a test finds, in order (`spec.mendedBy`). Else the activation is
done again first, which costs nothing, then a crew goes again if the product needs one at all.
"""

from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.plan import Plan, Task

# Failures of one test after which a person decides.
MOST_FAILURES = 3


def failures(test: Task) -> list[str]:
    """Ids of the tests that failed for this task, oldest first: the evidence."""
    return list(test.spec.get("failedTest") or ())


def mender(plan: Plan, test: Task) -> Task | None:
    """The task that is done again for the failure that comes next after those noted; None when nothing can be."""
    number = len(failures(test))
    upstream = [t for t in _before(plan, test) if t.state == "completed"]
    named = [f"{test.item}.{name}" for name in test.spec.get("mendedBy") or ()]
    if named:
        wanted = named[min(number, len(named) - 1)]
        return next((t for t in upstream if t.id == wanted), None)
    orders = [t for t in upstream if t.kind == "serviceOrder"]
    visits = [t for t in upstream if t.kind == "workOrder"]
    first, later = (orders, visits) if number == 0 else (visits, orders)
    return next(iter([*first, *later]), None)


def activation_of(plan: Plan, test: Task) -> Task | None:
    """The activation that the test is about."""
    return next((t for t in _before(plan, test) if t.kind == "serviceOrder" and t.state == "completed"), None)


def _before(plan: Plan, test: Task) -> list[Task]:
    """Tasks of the test's item that it waits for, the nearest first."""
    found: dict[str, Task] = {}
    waiting = list(test.depends_on)
    while waiting:
        task = plan.find(waiting.pop(0))
        if task.id not in found and task.item == test.item and not task.undoes:
            found[task.id] = task
            waiting += task.depends_on
    return list(found.values())


def with_failure(plan: Plan, test_id: str, evidence: str) -> Plan:
    """A copy in which the evidence of one more failure is noted at the test."""
    plan = planning.copied(plan)
    test = plan.find(test_id)
    if evidence not in failures(test):
        test.spec = {**test.spec, "failedTest": [*failures(test), evidence]}
    return plan


def reopened(plan: Plan, test_id: str, work_id: str, now: datetime) -> Plan:
    """A copy in which the work `work_id` is to be done once more and the test, which failed, after it."""
    plan = planning.copied(plan)
    test, work = plan.find(test_id), plan.find(work_id)
    planning.redo(work)
    if work.kind == "workOrder":
        # The appointment was kept; this visit gets a slot of its own.
        work.spec = {name: value for name, value in work.spec.items() if name != "appointment"}
    test.state, test.end, test.result, test.retry_at = "pending", None, None, None
    if work.id not in test.depends_on:
        test.depends_on = [*test.depends_on, work.id]
    return planning.rescheduled(plan, work.id, (now, now + timedelta(minutes=work.minutes)))


def violations(limits: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The limit of a measure that was broken, as TMF653 has it."""
    found = []
    for limit in limits:
        if limit["name"] == name:
            names = (("min", "Lower"), ("max", "Upper"), ("expected", "Exact"))
            targets = {f"conformanceTarget{end}": str(limit[key]) for key, end in names if key in limit}
            found.append({"name": name, **targets})
    return found
