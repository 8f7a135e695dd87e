"""From order items to tasks, by the catalogue's decompositions. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.order_handling.lines import ADD, leaves, lines, parents
from abonent.domain.order_handling.plan import Task
from abonent.kit.errors import N_

Document = Mapping[str, Any]

# A product without a decomposition still has to enter the inventory.
INVENTORY_ONLY: Document = {
    "task": [
        {
            "id": "inventory",
            "name": {"en": N_("Inventory"), "ru": "Учёт"},
            "kind": "inventory",
            "minutes": 0,
            "dependsOn": [],
        }
    ]
}


def tasks_of(
    order: Document,
    decomposition_of: Mapping[str, Document],
    addresses: Mapping[str, str | None],
    paths: Mapping[str, str | None],
) -> list[Task]:
    """All tasks of an order.

    decomposition_of  item id -> decomposition document
    addresses         item id -> installation address id
    paths             item id -> access node that qualification chose
    """
    tasks: list[Task] = []
    for item in leaves(order):
        template = decomposition_of.get(item["id"]) or INVENTORY_ONLY
        tasks += _item_tasks(item, template, addresses.get(item["id"]), paths.get(item["id"]))
    for bundle in parents(order):
        # The bundle's own product is entered once its parts stand.
        inside = {item["id"] for item in lines(bundle)}
        depends_on = [t.id for t in tasks if t.item in inside and t.kind == "inventory"]
        tasks += _item_tasks(bundle, INVENTORY_ONLY, addresses.get(bundle["id"]), None, depends_on)
    _chain_items(order, tasks)
    return tasks


def _item_tasks(
    item: Document, template: Document, address: str | None, node: str | None, depends_on: Iterable[str] = ()
) -> list[Task]:
    item_id, action = item["id"], item["action"]
    chosen = [t for t in template.get("task", ()) if action in (t.get("action") or [action])]
    there = {t["id"] for t in chosen}
    return [
        Task(
            id=f"{item_id}.{task['id']}",
            item=item_id,
            name=dict(task.get("name") or {"en": task["id"]}),
            kind=task["kind"],
            depends_on=[f"{item_id}.{d}" for d in task.get("dependsOn", ()) if d in there]
            or list(depends_on),
            minutes=float(task.get("minutes", 0)),
            point_of_no_return=bool(task.get("pointOfNoReturn")),
            compensation=task.get("compensation"),
            spec={
                **(task.get("spec") or {}),
                "action": action,
                **({"address": address} if address else {}),
                **({"node": node} if node and action == ADD else {}),
            },
        )
        for task in chosen
    ]


def _chain_items(order: Document, tasks: list[Task]) -> None:
    """An item that relies on another starts when the other's last tasks are done."""
    by_item: dict[str, list[Task]] = {}
    for task in tasks:
        by_item.setdefault(task.item, []).append(task)
    for item in lines(order):
        for relation in item.get("productOrderItemRelationship") or ():
            if str(relation.get("relationshipType", "")).lower() not in {"relieson", "requires", "dependson"}:
                continue
            before = by_item.get(relation["id"], [])
            inner = {d for task in before for d in task.depends_on}
            last = [task.id for task in before if task.id not in inner]
            for task in by_item.get(item["id"], []):
                if not any(d.startswith(f"{item['id']}.") for d in task.depends_on):
                    task.depends_on = [*task.depends_on, *last]
