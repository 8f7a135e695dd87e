"""The plan of an order as the console reads it: tasks, their forecast and the critical path. Pure.

The forecast is plain arithmetic on the wall clock: a task begins when its plan says, when all it depends on
is finished, and not before now; it lasts as long as planned, and a running one at least until now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

OVER = frozenset({"completed", "skipped", "cancelled", "failed"})
NO_WORK = frozenset({"skipped", "cancelled"})

# Times are promised and shown to the minute; less than that is no slip.
_PROMISED_TO = timedelta(minutes=1)


def slips(forecast: datetime, promised: datetime) -> bool:
    """Whether an end forecast so breaks a promise that a person would see it."""
    return forecast - promised >= _PROMISED_TO


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its times.

    `start`, `end` are actual; `begins`, `ends` are actual where known, else forecast.
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

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_running(self) -> bool:
        return self.state == "inProgress"

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


def instant(text: str | datetime | None) -> datetime | None:
    """An ISO 8601 instant of a document; one without a zone is UTC."""
    if not text:
        return None
    at = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def read_plan(document: Mapping[str, Any] | None, now: datetime) -> Plan | None:
    """The plan of an OrderPlan document; None when there is none yet or it has no task."""
    raw: Sequence[Mapping[str, Any]] = (document or {}).get("task") or ()
    if not raw:
        return None
    times = _forecast(raw, now)
    critical = _critical(raw, times)
    tasks = tuple(_task(number, task, times, critical, now) for number, task in enumerate(raw, 1))
    gates = [task for task in tasks if task.point_of_no_return and task.state not in NO_WORK]
    first = min(gates, key=lambda task: task.begins, default=None)
    return Plan(
        tasks=tasks,
        starts=min(min(task.begins, task.planned_start) for task in tasks),
        forecast=max((task.ends for task in tasks if task.state not in NO_WORK), default=tasks[-1].ends),
        no_return=first.begins if first else None,
        passed_no_return=any(task.start is not None for task in gates),
        stuck=any(task.state == "failed" for task in tasks) and not all(task.is_over for task in tasks),
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a plan stands, for lists: less than a Plan and several times as quick to read.

    forecast  end of its last task; None without tasks
    stuck     the task that failed, while others wait
    behind    the open task that is furthest behind its plan, and by how much; None while none is
    """

    forecast: datetime | None
    stuck: Mapping[str, Any] | None
    behind: tuple[Mapping[str, Any], timedelta] | None


def outlook(tasks: Sequence[Mapping[str, Any]], now: datetime) -> Outlook:
    """The outlook of a plan from the tasks of its document; it agrees with `read_plan`."""
    if not tasks:
        return Outlook(None, None, None)
    times = _forecast(tasks, now)
    working = [task for task in tasks if task.get("state") not in NO_WORK]
    failed = next((task for task in tasks if task.get("state") == "failed"), None)
    over = all(task.get("state") in OVER for task in tasks)
    behind = None
    for task in working:
        if task.get("state") in OVER:
            continue
        gap = times[task["id"]][1] - _planned(task, now)[1]
        if gap >= _PROMISED_TO and (behind is None or gap > behind[1]):
            behind = (task, gap)
    last = max((times[task["id"]][1] for task in working), default=times[tasks[-1]["id"]][1])
    return Outlook(last, None if over else failed, behind)


def _planned(task: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    start = instant(task.get("plannedStart")) or instant(task.get("start")) or now
    return start, max(instant(task.get("plannedEnd")) or start, start)


def _forecast(raw: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, tuple[datetime, datetime]]:
    """Begin and end of every task, actual where known.

    Tasks may stand in any order; a ring of dependencies is cut.
    """
    by_id = {task["id"]: task for task in raw}
    done: dict[str, tuple[datetime, datetime]] = {}

    def resolve(task: Mapping[str, Any], above: frozenset[str]) -> tuple[datetime, datetime]:
        if task["id"] in done:
            return done[task["id"]]
        above = above | {task["id"]}
        before = [by_id[i] for i in task.get("dependsOn") or () if i in by_id and i not in above]
        free = [resolve(other, above)[1] for other in before]
        done[task["id"]] = _times(task, free, now)
        return done[task["id"]]

    for task in raw:
        resolve(task, frozenset())
    return done


def _times(task: Mapping[str, Any], free: Sequence[datetime], now: datetime) -> tuple[datetime, datetime]:
    planned_start, planned_end = _planned(task, now)
    start, end = instant(task.get("start")), instant(task.get("end"))
    if end:
        return start or min(planned_start, end), end
    if task.get("state") in OVER:
        begins = start or planned_start
        return begins, max(begins, planned_end)
    length = planned_end - planned_start
    if start:
        return start, max(start + length, now)
    begins = max([planned_start, now, *free])
    return begins, begins + length


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
    planned_start, planned_end = _planned(raw, now)
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
    )
