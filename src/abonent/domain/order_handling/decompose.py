"""From order items to tasks, by the catalogue's decompositions. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.order_handling.decompose_acts import for_act
from abonent.domain.order_handling.lines import ADD, NO_CHANGE, leaves, lines, parents, relied_on
from abonent.domain.order_handling.plan import Task
from abonent.domain.order_handling.rules_product_acts import MOVE
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
    acts: Mapping[str, tuple[str, Document]] | None = None,
) -> list[Task]:
    """All tasks of an order.

    decomposition_of  item id -> decomposition document
    addresses         item id -> installation address id
    paths             item id -> access node that qualification chose
    acts              item id -> what it does with its product beyond new values, and that product
    """
    tasks: list[Task] = []
    does = acts or {}
    for item in leaves(order):
        template = decomposition_of.get(item["id"]) or INVENTORY_ONLY
        if item["action"] == NO_CHANGE:
            template = INVENTORY_ONLY
        if item["id"] in does:
            tasks += _act_tasks(item, template, *does[item["id"]], addresses, paths)
            continue
        tasks += _item_tasks(item, template, addresses.get(item["id"]), paths.get(item["id"]))
    # From the inside out: a bundle's own product is entered once its parts stand, bundles among them.
    for bundle in reversed(list(parents(order))):
        inside = {item["id"] for item in lines(bundle)} - {bundle["id"]}
        depends_on = [t.id for t in tasks if t.item in inside and t.kind == "inventory"]
        own = _item_tasks(bundle, INVENTORY_ONLY, addresses.get(bundle["id"]), None, depends_on)
        if bundle["id"] in does:
            for task in own:
                task.spec = {**task.spec, "act": does[bundle["id"]][0]}
        tasks += own
    _chain_items(order, tasks)
    return tasks


def _item_tasks(
    item: Document, template: Document, address: str | None, node: str | None, depends_on: Iterable[str] = ()
) -> list[Task]:
    item_id, action = item["id"], item["action"]
    appointment = (item.get("appointment") or {}).get("id")
    chosen = [t for t in template.get("task", ()) if action in (t.get("action") or [action])]
    waits_for = _waits_for(template.get("task", ()), {t["id"] for t in chosen})
    return [
        Task(
            id=f"{item_id}.{task['id']}",
            item=item_id,
            name=dict(task.get("name") or {"en": task["id"]}),
            kind=task["kind"],
            depends_on=[f"{item_id}.{d}" for d in waits_for[task["id"]]] or list(depends_on),
            minutes=float(task.get("minutes", 0)),
            point_of_no_return=bool(task.get("pointOfNoReturn")),
            compensation=task.get("compensation"),
            spec={
                **(task.get("spec") or {}),
                "action": action,
                **({"address": address} if address else {}),
                **({"node": node} if node and action == ADD else {}),
                **({"appointment": appointment} if appointment and task["kind"] == "workOrder" else {}),
            },
        )
        for task in chosen
    ]


def _act_tasks(
    item: Document,
    template: Document,
    act: str,
    product: Document,
    addresses: Mapping[str, str | None],
    paths: Mapping[str, str | None],
) -> list[Task]:
    """Tasks of a modify item that suspends, resumes, moves or gives away its product."""
    action = ADD if act == MOVE else item["action"]
    chosen = [{**t, "action": [action]} for t in for_act(template.get("task", ()), act, product)]
    tasks = _item_tasks(
        {**item, "action": action}, {"task": chosen}, addresses.get(item["id"]), paths.get(item["id"])
    )
    special = {f"{item['id']}.{t['id']}": t["spec"] for t in chosen if "ends" in (t.get("spec") or {})}
    for task in tasks:
        task.spec = {**task.spec, **special.get(task.id, {}), "act": act}
    return tasks


def _waits_for(templates: Iterable[Document], chosen: set[str]) -> dict[str, list[str]]:
    """Task -> the chosen tasks it waits for. A task left out for an action hands on what it waited for itself."""
    given = {t["id"]: list(t.get("dependsOn", ())) for t in templates}

    def resolve(id: str, seen: frozenset[str]) -> list[str]:
        found: dict[str, None] = {}
        for before in given.get(id, ()):
            if before in chosen:
                found[before] = None
            elif before not in seen:
                found |= dict.fromkeys(resolve(before, seen | {before}))
        return list(found)

    return {id: resolve(id, frozenset({id})) for id in chosen}


def _chain_items(order: Document, tasks: list[Task]) -> None:
    """An item that relies on another starts when the other's last tasks are done; parts go with their bundle."""
    for item in lines(order):
        own = _tasks_in(item, tasks)
        for target in relied_on(item):
            before = [t for one in lines(order) if one["id"] == target for t in _tasks_in(one, tasks)]
            waited_for = {d for task in before for d in task.depends_on}
            last = [task.id for task in before if task.id not in waited_for]
            inside = {task.id for task in own}
            for task in own:
                if not inside.intersection(task.depends_on):
                    task.depends_on = list(dict.fromkeys([*task.depends_on, *last]))


def _tasks_in(item: Document, tasks: Iterable[Task]) -> list[Task]:
    """Tasks of an item and of the items nested in it."""
    ids = {item["id"], *(inner["id"] for inner in lines(item))}
    return [task for task in tasks if task.item in ids]
