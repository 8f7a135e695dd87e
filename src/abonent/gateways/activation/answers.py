"""TMF641 documents of the other side, read into ActivationReports."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from abonent.domain.order_handling.ports import ActivationReport
from abonent.gateways.tmf_client import decode_json

ServiceOrderState = Literal[
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "completed",
    "failed",
    "partial",
    "assessingCancellation",
    "pendingCancellation",
]
Id = Annotated[str, Meta(min_length=1, max_length=255)]


class ErrorMessage(msgspec.Struct):
    """ServiceOrderErrorMessage and ServiceOrderItemErrorMessage."""

    code: str | None = None
    message: str | None = None
    reason: str | None = None


class Item(msgspec.Struct, rename="camel"):
    """ServiceOrderItem, what is read of it."""

    id: Id
    action: str | None = None
    state: ServiceOrderState | None = None
    service: dict[str, Any] | None = None
    error_message: list[ErrorMessage] | None = None
    service_order_item: "list[Item] | None" = None


class ServiceOrder(msgspec.Struct, rename="camel"):
    """ServiceOrder, what is read of it."""

    id: Id
    state: ServiceOrderState
    external_id: str | None = None
    order_date: datetime | None = None
    start_date: datetime | None = None
    completion_date: datetime | None = None
    cancellation_date: datetime | None = None
    error_message: list[ErrorMessage] | None = None
    service_order_item: list[Item] | None = None


class Payload(msgspec.Struct, rename="camel"):
    """Payload of both events."""

    service_order: ServiceOrder


class Notification(msgspec.Struct, rename="camel"):
    """ServiceOrderStateChangeEvent and ServiceOrderCreateEvent. `time_ocurred` is spelt so in v4."""

    event: Payload
    event_type: str | None = None
    event_time: datetime | None = None
    time_ocurred: datetime | None = None


def read_order(body: bytes) -> ActivationReport:
    """The report in an answer to POST or GET. ValueError says what is unreadable."""
    return report_of(decode_json(body, ServiceOrder), None)


def report_of(order: ServiceOrder, occurred: datetime | None) -> ActivationReport:
    """`occurred` is the event's time; without one the order's own dates tell when the state was reached."""
    return ActivationReport(
        external_id=order.id,
        state=order.state,
        key=order.external_id,
        at=_utc(occurred or _reached(order)),
        message=_message(order),
        services=tuple(_services(order, order.service_order_item or [])),
    )


def _reached(order: ServiceOrder) -> datetime | None:
    match order.state:
        case "acknowledged":
            return order.order_date
        case "inProgress":
            return order.start_date
        case "completed" | "failed" | "partial":
            return order.completion_date
        case "cancelled":
            return order.cancellation_date
        case _:
            return None


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    # Some systems leave the offset away; TMF630 asks for UTC, so that is what it means.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _message(order: ServiceOrder) -> str | None:
    texts = [_text(error) for error in order.error_message or []]
    for item in _flat(order.service_order_item or []):
        texts += [f"{item.id}: {_text(error)}" for error in item.error_message or []]
    return "; ".join(text for text in texts if text)[:2000] or None


def _text(error: ErrorMessage) -> str:
    return error.message or error.reason or error.code or ""


def _flat(items: list[Item]) -> list[Item]:
    # Outer items before the ones embedded in them; a loop, because the depth is the other side's choice.
    found: list[Item] = []
    left = items[::-1]
    while left:
        found.append(item := left.pop())
        left += (item.service_order_item or [])[::-1]
    return found


def _services(order: ServiceOrder, items: list[Item]) -> list[dict[str, Any]]:
    services = []
    for item in _flat(items):
        if item.service is None or (item.state or order.state) != "completed":
            continue
        link = {"itemId": item.id, "itemAction": item.action, "serviceOrderId": order.id}
        services.append({**item.service, "serviceOrderItem": [link]})
    return services
