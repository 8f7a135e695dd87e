"""When a plan will end as things stand, and whether that breaks the promise. Pure; lists, pages and alerts agree on it.

A task that runs or is to come begins when all it depends on is finished, and not before now; it lasts as long as
planned, and a running one at least until now. A visit that a crew was asked for takes its slot, whenever in it the crew
comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from abonent.domain.order_handling.states import PRODUCT_ORDER

OVER = frozenset({"completed", "skipped", "cancelled", "failed"})
NO_WORK = frozenset({"skipped", "cancelled"})
VISIT = "workOrder"
# States of an order that goes on only to be taken back.
LEAVING = frozenset({"assessingCancellation", "pendingCancellation"})

# Times are promised and shown to the minute; less than that is no slip.
_PROMISED_TO = timedelta(minutes=1)


def slips(forecast: datetime, promised: datetime) -> bool:
    """Whether an end forecast so breaks a promise that a person would see it."""
    return forecast - promised >= _PROMISED_TO


def instant(text: str | datetime | None) -> datetime | None:
    """An ISO 8601 instant of a document; one without a zone is UTC."""
    if not text:
        return None
    at = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


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
    times = forecast_times(tasks, now)
    working = [task for task in tasks if task.get("state") not in NO_WORK]
    failed = next((task for task in tasks if task.get("state") == "failed"), None)
    over = all(task.get("state") in OVER for task in tasks)
    behind = None
    for task in working:
        if task.get("state") in OVER:
            continue
        gap = times[task["id"]][1] - planned_times(task, now)[1]
        if gap >= _PROMISED_TO and (behind is None or gap > behind[1]):
            behind = (task, gap)
    last = max((times[task["id"]][1] for task in working), default=times[tasks[-1]["id"]][1])
    return Outlook(last, None if over else failed, behind)


def planned_times(task: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    start = instant(task.get("plannedStart")) or instant(task.get("start")) or now
    return start, max(instant(task.get("plannedEnd")) or start, start)


def forecast_times(raw: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, tuple[datetime, datetime]]:
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
    planned_start, planned_end = planned_times(task, now)
    start, end = instant(task.get("start")), instant(task.get("end"))
    if end:
        return start or min(planned_start, end), end
    if task.get("state") in OVER:
        begins = start or planned_start
        return begins, max(begins, planned_end)
    length = planned_end - planned_start
    if waits_for_visit(task) and now <= planned_end:
        return min(max(planned_start, now), planned_end), planned_end
    if start and task.get("kind") == VISIT:
        return start, max(planned_end, now)
    if start:
        return start, max(start + length, now)
    begins = max([planned_start, now, *free])
    return begins, begins + length


def waits_for_visit(task: Mapping[str, Any]) -> bool:
    """Whether a crew was asked for and has not begun."""
    return task.get("kind") == VISIT and task.get("state") == "inProgress" and not task.get("start")


def jeopardy(state: str, promised: datetime | None, forecast: datetime | None, now: datetime) -> str | None:
    """hazard when the forecast passes the promise, critical when now is past it; None for an order that is final or
    on its way to being cancelled: nobody waits for it any more."""
    if state in PRODUCT_ORDER.final or state in LEAVING or promised is None:
        return None
    if now > promised:
        return "critical"
    return "hazard" if forecast and slips(forecast, promised) else None
