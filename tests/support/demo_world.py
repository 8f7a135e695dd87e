"""A seeded demo read back whole, and what must hold of all its documents together. Each law returns what breaks it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import asyncpg

from abonent import main
from abonent.domain.order_handling.lines import leaves, lines, product_id
from abonent.domain.order_handling.products import product_number
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.kit.query import Query
from abonent.kit.shapes import decode

Document = dict[str, Any]
Documents = dict[str, dict[str, Document]]

# What a reference is called -> the resource it points to.
KINDS = {
    "Customer": "customer",
    "Individual": "individual",
    "Organization": "organization",
    "ProductOffering": "productOffering",
    "ProductSpecification": "productSpecification",
    "Resource": "resource",
    "Service": "service",
    "GeographicAddress": "geographicAddress",
    "Crew": "crew",
    "WorkOrder": "workOrder",
}
NAMED = {
    "billingAccount": "billingAccount",
    "organization": "organization",
    "productOffering": "productOffering",
    "appointment": "appointment",
    "realizingService": "service",
    "realizingResource": "resource",
    "supportingResource": "resource",
}


async def read_all(ctx: Context) -> Documents:
    """Every document, checked against its shape."""
    found: Documents = {}
    for resource in main.REGISTRY:
        kept = found.setdefault(resource.name, {})
        async for listed in ctx.store.stream(SYSTEM, resource, Query()):
            for text, id in listed.rows:
                kept[id] = decode(text.encode())
                resource.shape.check(kept[id])
    return found


def _references(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one, key)
    elif isinstance(value, dict):
        kind = KINDS.get(value.get("@referredType", "")) or NAMED.get(key)
        if kind and isinstance(value.get("id"), str) and "state" not in value:
            yield kind, value["id"]
        if "productOrderId" in value:
            yield "productOrder", value["productOrderId"]
        if key == "productRelationship":
            yield "product", value["product"]["id"]
        for inner, one in value.items():
            yield from _references(one, inner)


def dangling(documents: Documents) -> list[str]:
    """References that lead nowhere. What was reserved or wished for in orders that never came to be is let pass."""
    found = []
    for name in ("customer", "billingAccount", "organization", "product", "service", "resource", "appointment",
                 "workOrder", "productOffering", "accessCoverage"):  # fmt: skip
        for id, document in documents[name].items():
            for kind, target in _references(document):
                if target not in documents[kind]:
                    found.append(f"{name} {id} -> {kind} {target}")
    for id, order in documents["productOrder"].items():
        for party in order["relatedParty"]:
            if party["id"] not in documents["customer"]:
                found.append(f"productOrder {id} -> customer {party['id']}")
    return found


def ports(documents: Documents) -> list[str]:
    """Each port carries one line at most, and is reserved exactly when a line or an order in work has it."""
    active = [p for p in documents["product"].values() if p["status"] == "active"]
    lines_on = Counter(r["id"] for p in active for r in p.get("realizingResource") or ())
    planned = {
        task["output"]["port"]
        for id, plan in documents["orderPlan"].items()
        for task in plan["task"]
        if "port" in task.get("output", {}) and documents["productOrder"][id]["state"] != "completed"
    }
    found = [f"port {id} carries {n} lines" for id, n in lines_on.items() if n > 1]
    for id, port in documents["resource"].items():
        if port["category"] != "port":
            continue
        taken = port["resourceStatus"] == "reserved"
        if taken != (id in lines_on or id in planned):
            found.append(f"port {id} is {port['resourceStatus']}")
    return found


def deliveries(documents: Documents) -> list[str]:
    """What was added is there, what was deleted is over, and what is there was ordered or held before."""
    found = []
    for id, order in documents["productOrder"].items():
        for item in leaves(order):
            added = item["action"] == "add"
            product = documents["product"].get(
                product_number(id, item["id"]) if added else product_id(item) or ""
            )
            if item.get("state") == "completed":
                if product is None or (item["action"] == "delete" and product["status"] != "terminated"):
                    found.append(f"order {id}, item {item['id']}: {product and product['status']}")
            elif added and product is not None:
                found.append(f"order {id}, item {item['id']} is {item.get('state')}, but delivered")
        plan = documents["orderPlan"].get(id)
        if order["state"] == "completed" and any(
            task["state"] not in {"completed", "skipped"}
            for task in (plan or {"task": [{"state": "none"}]})["task"]
        ):
            found.append(f"order {id} is completed, its plan is not")
    return found


def messages(documents: Documents) -> list[str]:
    """Each message is about an order or a visit there is, in its client's language; who ordered was told."""
    found, told = [], defaultdict(list)
    for id, message in documents["communicationMessage"].items():
        about = {c["name"]: c["value"] for c in message.get("characteristic") or ()}
        order = documents["productOrder"].get(about.get("productOrder", ""))
        visit = documents["appointment"].get(about.get("appointment", ""))
        if order is None and visit is None:
            found.append(f"message {id} is about nothing there is")
            continue
        if order is not None:
            told[order["id"]].append(message)
        customer = documents["customer"][message["receiver"][0]["id"]]
        russian = any(c["value"] == "ru" for c in customer["characteristic"] if c["name"] == "language")
        # The subject: addresses are Russian in every language.
        if any("а" <= letter <= "я" for letter in message["subject"].lower()) is not russian:
            found.append(f"message {id} to {customer['id']}: {message['subject']}")
    found += [f"nobody was told of {id}" for id in documents["productOrder"] if id not in told]
    return found


def visits(documents: Documents) -> list[str]:
    """No crew is in two places at once; a visit that was made stands in its plan."""
    found, booked = [], defaultdict(list)
    for id, appointment in documents["appointment"].items():
        if appointment["status"] == "cancelled":
            continue
        crew = appointment["relatedEntity"][0]["id"]
        period = appointment["validFor"]
        booked[crew].append((period["startDateTime"], period["endDateTime"], id))
    for crew, times in booked.items():
        ordered = sorted(times)
        for (_, end, one), (start, _, other) in pairwise(ordered):
            if start < end:
                found.append(f"{crew} has {one} and {other} at the same time")
    for id, work in documents["workOrder"].items():
        plan = documents["orderPlan"][work["order"][0]["id"]]
        task = next((t for t in plan["task"] if t.get("output", {}).get("workOrder") == id), None)
        if (work["state"] == "completed") is not (task is not None):
            found.append(f"work order {id} is {work['state']}, the task is {task and task['state']}")
    return found


async def histories(conn: asyncpg.Connection, documents: Documents) -> list[str]:
    """Moves of each order: legal, in order of time, beginning with its date and ending with its state."""
    rows = await conn.fetch(
        "SELECT resource, resource_id, attribute, old_state, new_state, at FROM state_history ORDER BY seq"
    )
    found, last, machine = [], {}, PRODUCT_ORDER.states
    assert machine is not None
    for row in rows:
        if row["resource"] != PRODUCT_ORDER.name:
            continue
        id, key = row["resource_id"], (row["resource_id"], row["attribute"])
        state, at = last.get(key, (None, datetime.min.replace(tzinfo=row["at"].tzinfo)))
        if row["at"] < last.get(id, at):
            found.append(f"{id} {row['attribute']} went back in time")
        last[id] = row["at"]
        if row["attribute"] == "state":
            if row["old_state"] != state:
                found.append(f"{id} left {row['old_state']}, but was {state}")
            machine.check(id, row["old_state"], row["new_state"])
        last[key] = (row["new_state"], row["at"])
    for id, order in documents["productOrder"].items():
        state, _ = last.get((id, "state"), (None, None))
        if state != order["state"]:
            found.append(f"{id} is {order['state']}, its history ends with {state}")
        assert all(item.get("state") for item in lines(order)) or order["state"] == "held"
    return found
