"""The network itself: which services are active, and the ledger of what was executed.

Executing is pure memory work and never waits, so an order is executed whole or not at all.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from abonent.network_simulator.behaviour import MARKER, markers_of
from abonent.network_simulator.kept import stamp
from abonent.network_simulator.numbering import Numbering

REASONS = (
    "the access node does not answer",
    "the optical port is already taken",
    "no light on the line",
    "the profile server refused the profile",
)
CONFLICTS_KEPT = 10_000


class ItemFailedError(Exception):
    """An order item cannot be executed; its text becomes the item's errorMessage."""


@dataclass(slots=True)
class ActiveService:
    """A service the network carries: who added it, and what it is."""

    key: str
    state: str
    characteristics: dict[str, dict[str, Any]]
    markers: set[str]


@dataclass(slots=True)
class Ledger:
    """What really happened. `executions` counts by idempotency key; more than one is a defect somewhere."""

    executions: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    conflicts: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=CONFLICTS_KEPT))

    def conflict(self, service_id: str, key: str, holder: str) -> None:
        """Note that `key` wanted to add a service that `holder` had added before."""
        self.totals["conflicts"] += 1
        self.conflicts.append({"serviceId": service_id, "key": key, "heldBy": holder, "at": stamp()})


class Network:
    """Executes order items against its services."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.services: dict[str, ActiveService] = {}
        self._numbering = Numbering()
        self._failed_once: set[str] = set()

    def execute(self, key: str, order: dict[str, Any], fails: bool, adopt_unknown: bool) -> str:
        """Execute every item in place (state, errorMessage, service) and return the order's final state."""
        self.ledger.executions[key] += 1
        self.ledger.totals["executed"] += 1
        items = flat_items(order["serviceOrderItem"])
        reason = REASONS[sha256(key.encode()).digest()[0] % len(REASONS)] if fails else None
        for item in items:
            try:
                if reason is not None:
                    raise ItemFailedError(reason)
                self._execute_item(key, order["id"], item, adopt_unknown)
                item["state"] = "completed"
            except (ItemFailedError, OverflowError) as error:
                item["state"] = "failed"
                text = str(error)
                item["errorMessage"] = [
                    {"code": "executionFailed", "reason": text, "message": text, "timestamp": stamp()}
                ]
        states = {item["state"] for item in items}
        state = states.pop() if len(states) == 1 else "partial"
        self.ledger.totals[state] += 1
        return state

    def _execute_item(self, key: str, order_id: str, item: dict[str, Any], adopt_unknown: bool) -> None:
        service: dict[str, Any] = item["service"]
        markers = markers_of(service.get("serviceCharacteristic"))
        if not service.get("id"):
            if item["action"] != "add":
                raise ItemFailedError(f"action {item['action']} needs service.id")
            service["id"] = sha256(f"{order_id}|{item['id']}".encode()).hexdigest()[:32]
        service_id: str = service["id"]
        if "fail" in markers:
            raise ItemFailedError("the execution was asked to fail")
        if "failOnce" in markers and service_id not in self._failed_once:
            self._failed_once.add(service_id)
            raise ItemFailedError("the execution was asked to fail once")
        match item["action"]:
            case "add":
                self._add(key, service_id, service, markers)
            case "modify":
                self._modify(key, service_id, service, adopt_unknown)
            case "delete":
                self._delete(service_id, service, adopt_unknown)
            case _:
                self.ledger.totals["noChange"] += 1

    def _add(self, key: str, service_id: str, service: dict[str, Any], markers: frozenset[str]) -> None:
        if (holder := self.services.get(service_id)) is not None:
            self.ledger.conflict(service_id, key, holder.key)
            raise ItemFailedError(f"service {service_id} is active already")
        characteristics = _by_name(service)
        given = self._numbering.assign(service, service_id, set(characteristics))
        characteristics |= {one["name"]: one for one in given}
        self.services[service_id] = ActiveService(key, "active", characteristics, set(markers))
        service["serviceCharacteristic"] = list(characteristics.values())
        service |= {"state": "active", "hasStarted": True, "isServiceEnabled": True, "startDate": stamp()}
        self.ledger.totals["added"] += 1

    def _modify(self, key: str, service_id: str, service: dict[str, Any], adopt_unknown: bool) -> None:
        active = self.services.get(service_id)
        if active is None:
            self._adopt(service_id, adopt_unknown)
            active = self.services[service_id] = ActiveService(key, "active", {}, set())
        given = _by_name(service)
        # What is asked for again as it was before does not begin anew.
        if MARKER in given and given[MARKER] != active.characteristics.get(MARKER):
            active.markers = set(markers_of(service.get("serviceCharacteristic")))
        active.characteristics |= given
        # A service is suspended and resumed by asking for the state it shall have.
        if service.get("state") in ("active", "inactive"):
            active.state = service["state"]
        service["state"] = active.state
        service["isServiceEnabled"] = active.state == "active"
        service["serviceCharacteristic"] = list(active.characteristics.values())
        self.ledger.totals["modified"] += 1

    def _delete(self, service_id: str, service: dict[str, Any], adopt_unknown: bool) -> None:
        if self.services.pop(service_id, None) is None:
            self._adopt(service_id, adopt_unknown)
        self._numbering.release(service_id)
        service |= {"state": "terminated", "isServiceEnabled": False, "endDate": stamp()}
        self.ledger.totals["deleted"] += 1

    def _adopt(self, service_id: str, adopt_unknown: bool) -> None:
        if not adopt_unknown:
            raise ItemFailedError(f"there is no service {service_id}")
        self.ledger.totals["adopted"] += 1

    def fails_test(self, service_id: str) -> bool:
        """Whether a test of the service fails now, by a marker it was set up with; one for a number of tests is
        used up."""
        service = self.services.get(service_id)
        if service is None:
            return False
        for marker, next_marker in (("testFailTwice", "testFailOnce"), ("testFailOnce", None)):
            if marker in service.markers:
                service.markers.remove(marker)
                service.markers |= {next_marker} if next_marker else set()
                return True
        return "testFail" in service.markers


def flat_items(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items and the items embedded in them, outer ones first. A loop: the depth is the client's choice."""
    found: list[dict[str, Any]] = []
    left = items[::-1]
    while left:
        found.append(item := left.pop())
        left += (item.get("serviceOrderItem") or [])[::-1]
    return found


def _by_name(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    listed = service.get("serviceCharacteristic") or []
    return {one["name"]: one for one in listed}
