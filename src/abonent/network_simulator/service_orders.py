"""TMF641 service orders: acceptance under a key, execution after a latency, notifications of each state."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import uuid4

import msgspec
from msgspec import Meta

from abonent.network_simulator.behaviour import Behaviour, Delivery, Fate, fate_of, markers_of
from abonent.network_simulator.kept import Record, RefusalError, Shelf, Timers, fingerprint_of, stamp
from abonent.network_simulator.network import Network, flat_items
from abonent.network_simulator.notifier import Notifier

BASE_PATH = "/tmf-api/serviceOrdering/v4"
ORDERS_KEPT = 100_000
ORDERS_OPEN = 20_000
START_SHARE = 0.3
"""Part of the latency after which an order is in progress."""
OUT_OF_ORDER_AFTER = 0.3
"""Seconds after the end at which a start that is told too late is told."""

STATE_CHANGE = "ServiceOrderStateChangeEvent"


class CharacteristicLens(msgspec.Struct):
    name: Annotated[str, Meta(min_length=1)]
    value: Any


class ServiceLens(msgspec.Struct, rename="camel"):
    id: Annotated[str, Meta(max_length=255)] | None = None
    service_characteristic: list[CharacteristicLens] | None = None


class ItemLens(msgspec.Struct, rename="camel"):
    id: Annotated[str, Meta(min_length=1)]
    action: Literal["add", "modify", "delete", "noChange"]
    service: ServiceLens
    service_order_item: "list[ItemLens] | None" = None


class OrderLens(msgspec.Struct, rename="camel"):
    """What must hold of a ServiceOrder_Create; other attributes are kept as they are."""

    service_order_item: Annotated[list[ItemLens], Meta(min_length=1)]
    external_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None


@dataclass(slots=True)
class OrderRecord(Record):
    """An order; `document` only while it is open."""

    document: dict[str, Any] | None
    fate: Fate
    correlation: str | None


class OrderBook:
    """All service orders of the simulator."""

    def __init__(self, network: Network, notifier: Notifier, root: str) -> None:
        self._network = network
        self._notifier = notifier
        self._root = root
        self._timers = Timers(ORDERS_OPEN)
        self.shelf: Shelf[OrderRecord] = Shelf(ORDERS_KEPT)

    @property
    def open(self) -> int:
        """Timers of orders still to be executed."""
        return len(self._timers)

    def close(self) -> None:
        """Stop; open orders are never executed."""
        self._timers.close()

    def place(
        self, document: dict[str, Any], header_key: str | None, correlation: str | None, behaviour: Behaviour
    ) -> tuple[OrderRecord, bool]:
        """The order and whether it is new. Nothing is awaited in here, so parallel requests cannot cross."""
        items = _validated(document)
        order_id = uuid4().hex
        # A client without the header is recognised by externalId; one without either is not recognised.
        key: str = header_key or document.get("externalId") or order_id
        fingerprint = fingerprint_of(document)
        totals = self._network.ledger.totals
        if (record := self.shelf.known(key, fingerprint)) is not None:
            totals["repeated"] += 1
            return record, False
        listed = (item["service"].get("serviceCharacteristic") for item in items)
        markers = frozenset[str]().union(*map(markers_of, listed))
        fate = fate_of(behaviour, key, markers)
        if fate.refused:
            totals["refused"] += 1
            raise RefusalError(422, "orderRefused", "the network has no way to carry this service")
        if self._timers.full:
            totals["overloaded"] += 1
            raise RefusalError(503, "overloaded", f"{ORDERS_OPEN} orders are open already", retry_after=1)
        record = self._accept(document, items, order_id, key, fingerprint, fate, correlation)
        totals["accepted"] += 1
        self._timers.later(fate.latency * START_SHARE, self._start, record, behaviour)
        return record, True

    def _accept(
        self,
        document: dict[str, Any],
        items: list[dict[str, Any]],
        order_id: str,
        key: str,
        fingerprint: bytes,
        fate: Fate,
        correlation: str | None,
    ) -> OrderRecord:
        for item in items:
            item["state"] = "acknowledged"
        document |= {
            "id": order_id,
            "href": f"{self._root}{BASE_PATH}/serviceOrder/{order_id}",
            "externalId": document.get("externalId") or key,
            "state": "acknowledged",
            "orderDate": stamp(),
        }
        body = msgspec.json.encode(document)
        record = OrderRecord(
            order_id, key, fingerprint, body, "acknowledged", True, document, fate, correlation
        )
        self.shelf.add(record)
        return record

    def _start(self, record: OrderRecord, behaviour: Behaviour) -> None:
        document = record.document
        assert document is not None
        for item in flat_items(document["serviceOrderItem"]):
            item["state"] = "inProgress"
        document["startDate"] = stamp()
        self._move(record, document, "inProgress")
        fate = record.fate
        event = _event(record, document["startDate"])
        remaining = fate.latency * (1 - START_SHARE)
        if fate.out_of_order:
            self._timers.later(
                remaining + OUT_OF_ORDER_AFTER, self._tell, event, record, fate.start, behaviour
            )
        else:
            self._tell(event, record, fate.start, behaviour)
        self._timers.later(remaining, self._finish, record, behaviour)

    def _finish(self, record: OrderRecord, behaviour: Behaviour) -> None:
        document = record.document
        assert document is not None
        state = self._network.execute(record.key, document, record.fate.fails, behaviour.adopt_unknown)
        document["completionDate"] = stamp()
        failed = [item for item in flat_items(document["serviceOrderItem"]) if item["state"] == "failed"]
        if failed:
            document["errorMessage"] = [
                {**item["errorMessage"][0], "serviceOrderItem": [_item_ref(record, item)]} for item in failed
            ]
        self._move(record, document, state)
        record.open = False
        record.document = None
        self._tell(_event(record, document["completionDate"]), record, record.fate.end, behaviour)

    def _move(self, record: OrderRecord, document: dict[str, Any], state: str) -> None:
        document["state"] = record.state = state
        record.body = msgspec.json.encode(document)

    def _tell(self, event: bytes, record: OrderRecord, delivery: Delivery, behaviour: Behaviour) -> None:
        self._notifier.publish(STATE_CHANGE, event, record.correlation, delivery, behaviour)


def _validated(document: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        msgspec.convert(document, OrderLens)
    except msgspec.ValidationError as error:
        raise RefusalError(400, "bodyInvalid", str(error)) from None
    except RecursionError:
        raise RefusalError(400, "bodyInvalid", "the items are nested too deeply") from None
    items = flat_items(document["serviceOrderItem"])
    ids = [item["id"] for item in items]
    if len(set(ids)) < len(ids):
        raise RefusalError(400, "itemsNotUnique", "two order items have the same id")
    return items


def _item_ref(record: OrderRecord, item: dict[str, Any]) -> dict[str, str]:
    return {"itemId": item["id"], "serviceOrderId": record.id}


def _event(record: OrderRecord, moment: str) -> bytes:
    return msgspec.json.encode(
        {
            "eventId": uuid4().hex,
            "eventTime": moment,
            "eventType": STATE_CHANGE,
            "correlationId": record.correlation,
            "domain": "service",
            "title": f"Service order {record.state}",
            "timeOcurred": moment,
            "event": {"serviceOrder": msgspec.Raw(record.body)},
        }
    )
