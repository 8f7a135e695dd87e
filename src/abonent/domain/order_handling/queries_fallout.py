"""SQL of the fallout queue: tasks that failed, of orders that are not over, and wait for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abonent.domain.order_handling.queries import CLIENT_OF_ORDER, OPEN_STATES
from abonent.kit.shapes import decode
from abonent.kit.store import Store
from abonent.kit.values import from_wire

MOST = 500


@dataclass(frozen=True, slots=True)
class Fallen:
    """A task that failed. `task`: as the plan holds it; `tasks`: all of that plan; `since`: when it failed."""

    order: str
    state: str
    title: str
    client: str
    promised: datetime | None
    since: datetime | None
    task: dict[str, Any]
    tasks: list[dict[str, Any]]


async def fallen_tasks(store: Store, *, kind: str = "") -> list[Fallen]:
    """The queue, the nearest promise first, at most MOST orders; `kind`: of tasks of one kind. Those that will be
    tried again by themselves are not in it."""
    sql = f"""
        SELECT o.id, o.state, client.name AS client, o.expected_completion_date AS promised,
            coalesce(o.doc ->> 'description', (
                SELECT string_agg(coalesce(i #>> '{{productOffering,name}}', i ->> 'id'), ', ' ORDER BY n)
                FROM jsonb_array_elements(o.doc -> 'productOrderItem') WITH ORDINALITY AS items(i, n)
            )) AS title, (plan.doc -> 'task')::text AS tasks
        FROM product_order o JOIN order_plan plan ON plan.id = o.id {CLIENT_OF_ORDER}
        WHERE o.state IN {OPEN_STATES} AND plan.doc @> '{{"task": [{{"state": "failed"}}]}}'
        ORDER BY o.expected_completion_date NULLS LAST, o.id LIMIT {MOST}"""
    fallen = []
    for row in await store.database.rows(sql):
        tasks = decode(row["tasks"])
        fallen += [
            Fallen(
                order=row["id"],
                state=row["state"],
                title=row["title"] or row["id"],
                client=row["client"] or "",
                promised=from_wire(row["promised"]) if row["promised"] else None,
                since=from_wire(task["end"]) if task.get("end") else None,
                task=task,
                tasks=tasks,
            )
            for task in tasks
            if task.get("state") == "failed" and not task.get("retryAt") and kind in ("", task["kind"])
        ]
    return fallen
