"""What must be true when all orders are through, whatever was killed. Each check returns what is wrong, in words."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec

from abonent.domain.communication.texts import ORDER_TEXTS
from abonent.domain.order_handling.activation import service_number
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.products import product_number
from tests.chaos.fleet import Fleet
from tests.chaos.orders import LINES, Wanted

# Each state move of each kind of task, as the history must show it: once, and no other.
MOVES = {
    "reserve": [("ready", "completed")],
    "serviceOrder": [("ready", "inProgress"), ("inProgress", "completed")],
    "serviceTest": [("ready", "completed")],
    "inventory": [("ready", "completed")],
}
ORDER_MOVES = [(None, "acknowledged"), ("acknowledged", "inProgress"), ("inProgress", "completed")]


@dataclass
class Outcome:
    """All documents and rows that the checks read."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    service_orders: list[dict[str, Any]] = field(default_factory=list)
    service_tests: list[dict[str, Any]] = field(default_factory=list)
    ports: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: dict[tuple[str, str], dict[str, list[tuple[int, str | None, str | None]]]] = field(
        default_factory=dict
    )
    ledger: dict[str, Any] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    timers: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)

    def tasks(self) -> list[tuple[str, dict[str, Any]]]:
        return [(order, task) for order, plan in self.plans.items() for task in plan["task"]]


async def outcome_of(fleet: Fleet, ledger: dict[str, Any]) -> Outcome:
    """Read everything from the database."""

    async def documents(table: str, where: str = "true") -> list[dict[str, Any]]:
        rows = await fleet.fetch(f"SELECT doc::text AS doc FROM {table} WHERE {where}")
        return [msgspec.json.decode(row["doc"]) for row in rows]

    found = Outcome(ledger=ledger)
    found.orders = {d["id"]: d for d in await documents("product_order")}
    found.plans = {d["id"]: d for d in await documents("order_plan")}
    found.products = [d["id"] for d in await documents("product")]
    found.services = [d["id"] for d in await documents("service")]
    found.service_orders = await documents("service_order")
    found.service_tests = await documents("service_test")
    found.ports = {d["id"]: d for d in await documents("resource", "category = 'port'")}
    history: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in await fleet.fetch("SELECT * FROM state_history ORDER BY seq"):
        moves = history[row["resource"], row["resource_id"]][row["attribute"]]
        moves.append((row["seq"], row["old_state"], row["new_state"]))
    found.history = dict(history)
    jobs = "SELECT id, status::text, task_name, args::text, attempts FROM procrastinate_jobs ORDER BY id"
    found.jobs = [str(dict(row)) for row in await fleet.fetch(jobs)]
    found.timers = [row["key"] for row in await fleet.fetch("SELECT key FROM timer")]
    events = "SELECT id, new_state FROM event WHERE resource = 'productOrder' AND new_state IS NOT NULL"
    told = {row["id"] for row in await fleet.fetch("SELECT id FROM communication_message")}
    found.unsaid = [
        row["id"]
        for row in await fleet.fetch(events)
        if row["new_state"] in ORDER_TEXTS and f"M-{row['id']}" not in told
    ]
    return found


def findings(wanted: list[Wanted], answered: dict[str, list[str]], found: Outcome) -> list[str]:
    """Everything that is wrong, in all respects at once."""
    return [
        *_orders(wanted, answered, found),
        *_inventory(found),
        *_network(found),
        *_ports(found),
        *_history(found),
        *(f"job left: {job}" for job in found.jobs),
        *(f"timer left: {timer}" for timer in found.timers),
        *(f"no message about event {event}" for event in found.unsaid),
    ]


def _orders(wanted: list[Wanted], answered: dict[str, list[str]], found: Outcome) -> list[str]:
    wrong: list[str] = []
    by_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for order in found.orders.values():
        by_key[order["externalId"]].append(order)
    for one in wanted:
        orders = by_key.pop(one.external_id, [])
        ids = {order["id"] for order in orders}
        if len(orders) != 1:
            wrong.append(f"{one.external_id}: {len(orders)} orders {sorted(ids)}")
            continue
        if set(answered.get(one.external_id, ())) != ids:
            wrong.append(f"{one.external_id}: answered {answered.get(one.external_id)}, stored {ids}")
        order = orders[0]
        states = {order["state"], *(line["state"] for line in lines(order))}
        if states != {"completed"}:
            plan = found.plans.get(order["id"], {}).get("task", ())
            tasks = {task["id"]: task.get("state", "pending") for task in plan}
            wrong.append(f"{order['id']} ({one.kind}) is not completed: {sorted(states)}, tasks {tasks}")
        if len(list(lines(order))) != LINES[one.kind]:
            wrong.append(f"{order['id']} ({one.kind}) has {len(list(lines(order)))} lines")
    return wrong + [f"{key}: nobody ordered that" for key in by_key]


def _inventory(found: Outcome) -> list[str]:
    products = {product_number(o["id"], line["id"]) for o in found.orders.values() for line in lines(o)}
    services = {service_number(o, t["id"]) for o, t in found.tasks() if t["kind"] == "serviceOrder"}
    return [
        *_difference("products", found.products, products),
        *_difference("services", found.services, services),
    ]


def _network(found: Outcome) -> list[str]:
    # The key of a task's first attempt: none failed, so there may be no second one.
    keys = {f"{o}/{t['id']}" for o, t in found.tasks() if t["kind"] == "serviceOrder"}
    executions = found.ledger["executions"]
    wrong = _difference("activations executed", list(executions), keys)
    wrong += [
        f"activation {key} was executed {count} times" for key, count in executions.items() if count != 1
    ]
    wrong += [f"two keys for one service: {conflict}" for conflict in found.ledger["conflicts"]]
    wrong += [f"{so['id']} is {so['state']}" for so in found.service_orders if so["state"] != "completed"]
    if len(found.service_orders) != len(keys):
        wrong.append(f"{len(found.service_orders)} service orders, {len(keys)} tasks")
    tests = sum(t["kind"] == "serviceTest" for _, t in found.tasks())
    passed = [t for t in found.service_tests if t["state"] == "completed"]
    if not len(passed) == len(found.service_tests) == tests:
        wrong.append(f"{len(passed)} of {len(found.service_tests)} tests passed, {tests} tasks")
    return wrong


def _ports(found: Outcome) -> list[str]:
    held = Counter(t["output"]["port"] for _, t in found.tasks() if "port" in t.get("output", {}))
    wrong = [f"port {port} was given to {count} orders" for port, count in held.items() if count > 1]
    taken = {id for id, port in found.ports.items() if port["resourceStatus"] == "reserved"}
    reserving = sum(t["kind"] == "reserve" for _, t in found.tasks())
    wrong += _difference("ports reserved", list(taken), set(held))
    if len(taken) != reserving:
        wrong.append(f"{len(taken)} ports are reserved by {reserving} tasks")
    return wrong


def _history(found: Outcome) -> list[str]:
    wrong: list[str] = []
    for order_id, plan in found.plans.items():
        history = found.history.get(("productOrder", order_id), {})
        moves = {name: [(old, new) for _, old, new in rows] for name, rows in history.items()}
        if moves.get("state") != ORDER_MOVES:
            wrong.append(f"{order_id}: moves {moves.get('state')}")
        tasks = {task["id"]: task for task in plan["task"]}
        for id, task in tasks.items():
            if moves.get(f"task {id}") != MOVES[task["kind"]]:
                wrong.append(f"{order_id} task {id}: moves {moves.get(f'task {id}')}")
                continue
            began = history[f"task {id}"][0][0]
            for before in task.get("dependsOn", ()):
                if not any(seq < began for seq, _, new in history[f"task {before}"] if new == "completed"):
                    wrong.append(f"{order_id}: task {id} began before {before} ended")
        for line in lines(found.orders[order_id]):
            name = f"item {line['id']}"
            if moves.get(name) != [("inProgress", "completed")]:
                wrong.append(f"{order_id} {name}: moves {moves.get(name)}")
    for so in found.service_orders:
        rows = found.history.get(("serviceOrder", so["id"]), {}).get("state", [])
        if [(old, new) for _, old, new in rows] != ORDER_MOVES:
            wrong.append(f"{so['id']}: moves {[(old, new) for _, old, new in rows]}")
    return wrong


def _difference(what: str, present: list[str], expected: set[str]) -> list[str]:
    wrong = [f"{what}: {id} {count} times" for id, count in Counter(present).items() if count > 1]
    wrong += [f"{what}: {id} is missing" for id in sorted(expected - set(present))]
    return wrong + [f"{what}: {id} is too many" for id in sorted(set(present) - expected)]
