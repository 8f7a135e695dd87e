"""What becomes of a resource of a pool: taken, used, given back, kept from others for a while. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from abonent.kit.values import from_wire, to_wire

Document = Mapping[str, Any]

AVAILABLE, RESERVED, INSTALLED, QUARANTINE = "available", "reserved", "installed", "standby"
# How long a pool without figures of its own keeps what is reserved.
RESERVATION_MINUTES = 20


def kept_until(pool: Document | None, now: datetime) -> datetime:
    """Until when a reservation that nobody ordered holds."""
    minutes = (pool or {}).get("reservationMinutes")
    return now + timedelta(minutes=minutes if minutes is not None else RESERVATION_MINUTES)


def reserved(resource: Document) -> dict[str, Any]:
    return {**resource, "resourceStatus": RESERVED}


def installed(resource: Document) -> dict[str, Any]:
    """In use by a client."""
    return {**resource, "resourceStatus": INSTALLED, "usageState": "active"}


def only_reserved(resource: Document) -> bool:
    """Whether it is kept for somebody and carries nothing yet."""
    return resource.get("resourceStatus") == RESERVED and resource.get("usageState") != "active"


def free(resource: Document) -> dict[str, Any]:
    """Ready for anybody."""
    freed = {key: value for key, value in resource.items() if key != "validFor"}
    return {**freed, "resourceStatus": AVAILABLE, "usageState": "idle"}


def given_up(
    resource: Document, pool: Document | None, now: datetime
) -> tuple[dict[str, Any], datetime | None]:
    """A resource that a client had, and until when it is in quarantine; None: it is free at once.

    Callers of the former client should not reach a stranger: how long is the pool's to say.
    """
    days = (pool or {}).get("quarantineDays") or 0
    if days <= 0:
        return free(resource), None
    until = now + timedelta(days=days)
    kept = {**resource, "resourceStatus": QUARANTINE, "usageState": "idle"}
    return kept | {"validFor": {"startDateTime": to_wire(until)}}, until


def quarantine_over(resource: Document, now: datetime) -> bool:
    """Whether a resource stands in quarantine whose time has passed."""
    until = (resource.get("validFor") or {}).get("startDateTime")
    return resource.get("resourceStatus") == QUARANTINE and bool(until) and from_wire(until) <= now


def pool_id(resource: Document) -> str | None:
    """The pool (or access node) that a resource is part of."""
    relation = next(iter(resource.get("resourceRelationship") or ()), {})
    return (relation.get("resource") or {}).get("id")


def value_of(resource: Document) -> str:
    """The number itself."""
    return str(resource.get("value") or resource.get("name") or resource["id"])


def ending_of(typed: str) -> str:
    """The digits of what somebody typed to find a number by its end."""
    return "".join(sign for sign in typed if sign.isascii() and sign.isdigit())[-15:]


def reservation(
    id: str,
    resource: Document,
    pool: Document | None,
    now: datetime,
    *,
    by: str,
    external_id: str | None = None,
    order: str | None = None,
    item: str | None = None,
) -> dict[str, Any]:
    """A reservation of a resource, for an order or, until its time is over, for whoever asks."""
    name = pool_id(resource) or ""
    made: dict[str, Any] = {
        "id": id,
        "reservedBy": by,
        "reservationState": "ordered" if order else "reserved",
        "resourcePool": {"id": name} | ({"name": pool["name"]} if pool and pool.get("name") else {}),
        "resource": {"id": resource["id"], "value": value_of(resource), "@referredType": "Resource"},
        "reservationDate": to_wire(now),
    }
    if external_id:
        made["externalId"] = external_id
    if order:
        return ordered(made, order, item)
    return made | {"validFor": {"startDateTime": to_wire(now), "endDateTime": to_wire(kept_until(pool, now))}}


def ordered(document: Document, order: str, item: str | None) -> dict[str, Any]:
    """A reservation that an order takes over. Its own end falls away: it holds as long as the order."""
    kept = {key: value for key, value in document.items() if key != "validFor"}
    kept |= {"reservationState": "ordered", "productOrder": {"id": order, "@referredType": "ProductOrder"}}
    return kept | ({"orderItem": item} if item else {})


def expired(document: Document, now: datetime) -> bool:
    """Whether a reservation that nobody ordered is over."""
    end = (document.get("validFor") or {}).get("endDateTime")
    return document.get("reservationState") == "reserved" and bool(end) and from_wire(end) <= now
