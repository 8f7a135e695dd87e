"""Plans of orders of three items that rely on each other: how long one takes to compute. No database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter_ns
from typing import Any

from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.plan import build, to_document
from abonent.kit.shapes import encode

_NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlanTimes:
    """Tasks of a plan, and the times of computing one, in milliseconds."""

    tasks: int
    median: float
    p95: float
    worst: float


def measure(orders: int = 1_000) -> PlanTimes:
    """Decompose, date and write `orders` orders one by one, as intake does after its look-ups."""
    times: list[int] = []
    count = 0
    for number in range(orders):
        order = _order(number)
        begun = perf_counter_ns()
        tasks = tasks_of(order, _DECOMPOSITIONS, _ADDRESSES, {"1": f"N-{number % 100}"})
        visit = _NOW + timedelta(days=1 + number % 5)
        slots = {"1.visit": (visit, visit + timedelta(hours=2))}
        plan = build(order["id"], tasks, now=_NOW, requested=None, customer=f"C-{number}", slots=slots)
        encode(to_document(plan))
        times.append(perf_counter_ns() - begun)
        count = len(plan.task)
    times.sort()
    return PlanTimes(count, *(times[int(len(times) * share)] / 1e6 for share in (0.5, 0.95)), times[-1] / 1e6)


def _order(number: int) -> dict[str, Any]:
    """Access, television that relies on it, and a telephone that relies on both."""
    relies = {"1": [], "2": ["1"], "3": ["1", "2"]}
    return {
        "id": f"O-{number}",
        "productOrderItem": [
            {
                "id": id,
                "action": "add",
                "quantity": 1,
                "productOrderItemRelationship": [
                    {"id": other, "relationshipType": "reliesOn"} for other in others
                ],
            }
            for id, others in relies.items()
        ],
    }


def _task(id: str, kind: str, minutes: int, *depends_on: str, **spec: Any) -> dict[str, Any]:
    name = {"en": id.capitalize(), "ru": id}
    return {
        "id": id,
        "name": name,
        "kind": kind,
        "minutes": minutes,
        "dependsOn": list(depends_on),
        "spec": spec,
    }


def _activated(service: str) -> list[dict[str, Any]]:
    return [
        _task("activate", "serviceOrder", 10, serviceSpecification={"id": service, "name": service}),
        _task("test", "serviceTest", 2, "activate", limits=[{"name": "registration", "min": 1, "max": 1}]),
        _task("inventory", "inventory", 0, "test"),
    ]


_ACCESS = [
    _task("port", "reserve", 1),
    _task("visit", "workOrder", 120, "port", skill=["fibre"]),
    _task(
        "activate", "serviceOrder", 10, "port", "visit", serviceSpecification={"id": "GPON", "name": "GPON"}
    ),
    _task("test", "serviceTest", 2, "activate", limits=[{"name": "downstream", "min": 90, "unit": "Mbit/s"}]),
    _task("inventory", "inventory", 0, "test"),
]
_DECOMPOSITIONS = {
    "1": {"task": _ACCESS},
    "2": {"task": _activated("IPTV")},
    "3": {"task": _activated("SIP")},
}
_ADDRESSES = dict.fromkeys(_DECOMPOSITIONS, "A-1")
