"""The plan of an order as the console reads it: tasks, their forecast and the critical path. Pure.

How the forecast is made stands in order_handling/rules_outlook.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.order_handling.rules_outlook import (
    NO_WORK,
    OVER,
    Outlook,
    forecast_times,
    instant,
    outlook,
    planned_times,
    slips,
    waits_for_visit,
)

__all__ = ["NO_WORK", "OVER", "Outlook", "Plan", "Task", "instant", "outlook", "read_plan", "slips"]


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its times.

    `start`, `end` are actual; `begins`, `ends` are actual where known, else forecast.
    `waits_for_visit`: a crew was asked for and has not begun.
    """

    id: str
    number: int
    name: str | Mapping[str, str]
    kind: str
    item: str
    state: str
    by: str
    depends_on: tuple[str, ...]
    planned_start: datetime
    planned_end: datetime
    start: datetime | None
    end: datetime | None
    begins: datetime
    ends: datetime
    point_of_no_return: bool
    critical: bool
    attempts: int
    result: str | None
    waits_for_visit: bool

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_running(self) -> bool:
        return self.state == "inProgress"

    @property
    def shown(self) -> str:
        """Its state as the table of labels knows it."""
        return "visit" if self.waits_for_visit else self.state

    @property
    def delay(self) -> timedelta:
        """How much later than planned it ended or is expected to end; negative when early."""
        return self.ends - self.planned_end


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan.

    `forecast` is the end of its last task; `no_return` when the first gate is (to be) passed.
    stuck   a task failed and others wait for it: what comes after cannot be dated
    """

    tasks: tuple[Task, ...]
    starts: datetime
    forecast: datetime
    no_return: datetime | None
    passed_no_return: bool
    stuck: bool

    def count(self, *states: str) -> int:
        """How many tasks are in one of these states."""
        return sum(task.state in states for task in self.tasks)

    @property
    def is_over(self) -> bool:
        return all(task.is_over for task in self.tasks)

    @property
    def gate(self) -> Task | None:
        """The first task after which the order can be neither amended nor cancelled."""
        gates = (task for task in self.tasks if task.point_of_no_return and task.state not in NO_WORK)
        return min(gates, key=lambda task: task.begins, default=None)


def read_plan(document: Mapping[str, Any] | None, now: datetime) -> Plan | None:
    """The plan of an OrderPlan document; None when there is none yet or it has no task."""
    raw: Sequence[Mapping[str, Any]] = (document or {}).get("task") or ()
    if not raw:
        return None
    times = forecast_times(raw, now)
    critical = _critical(raw, times)
    tasks = tuple(_task(number, task, times, critical, now) for number, task in enumerate(raw, 1))
    gates = [task for task in tasks if task.point_of_no_return and task.state not in NO_WORK]
    first = min(gates, key=lambda task: task.begins, default=None)
    return Plan(
        tasks=tasks,
        starts=min(min(task.begins, task.planned_start) for task in tasks),
        forecast=max((task.ends for task in tasks if task.state not in NO_WORK), default=tasks[-1].ends),
        no_return=first.begins if first else None,
        passed_no_return=any(task.start is not None or task.is_running for task in gates),
        stuck=any(task.state == "failed" for task in tasks) and not all(task.is_over for task in tasks),
    )


def _critical(
    raw: Sequence[Mapping[str, Any]], times: Mapping[str, tuple[datetime, datetime]]
) -> frozenset[str]:
    """The chain that decides the end: from the last task back over the dependency that ended last."""
    by_id = {task["id"]: task for task in raw if task.get("state") not in NO_WORK}
    chain: set[str] = set()
    here = max(by_id, key=lambda i: times[i][1], default=None)
    while here is not None and here not in chain:
        chain.add(here)
        before = [i for i in by_id[here].get("dependsOn") or () if i in by_id]
        here = max(before, key=lambda i: times[i][1], default=None)
    return frozenset(chain)


def _task(
    number: int,
    raw: Mapping[str, Any],
    times: Mapping[str, tuple[datetime, datetime]],
    critical: frozenset[str],
    now: datetime,
) -> Task:
    planned_start, planned_end = planned_times(raw, now)
    begins, ends = times[raw["id"]]
    return Task(
        id=raw["id"],
        number=number,
        name=raw.get("name") or raw["id"],
        kind=raw.get("kind") or "",
        item=str(raw.get("item") or ""),
        state=raw.get("state") or "pending",
        by=raw.get("by") or "",
        depends_on=tuple(raw.get("dependsOn") or ()),
        planned_start=planned_start,
        planned_end=planned_end,
        start=instant(raw.get("start")),
        end=instant(raw.get("end")),
        begins=begins,
        ends=ends,
        point_of_no_return=bool(raw.get("pointOfNoReturn")),
        critical=raw["id"] in critical,
        attempts=int(raw.get("attempts") or 0),
        result=raw.get("result"),
        waits_for_visit=waits_for_visit(raw),
    )
