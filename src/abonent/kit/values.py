"""Values that cross resources: times on the wire, money, characteristics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


def to_wire(moment: datetime) -> str:
    """UTC, milliseconds, Z: 2026-11-24T05:22:20.123Z (sorts as text)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_wire(text: str) -> datetime:
    """An RFC 3339 date-time; without an offset it counts as UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def document(self) -> dict[str, Any]:
        """The TM Forum Money value: {"unit": "RUB", "value": 490.00}."""
        return {"unit": self.currency, "value": self.amount}


def amount_of(value: Mapping[str, Any] | None) -> Decimal:
    """The amount of a Money value (`value`, or `amount` as some APIs call it); 0 when absent."""
    if not value:
        return Decimal(0)
    raw = value.get("value", value.get("amount", 0))
    return raw if isinstance(raw, Decimal) else Decimal(str(raw or 0))


def characteristic(document: Mapping[str, Any] | None, key: str, name: str, default: Any = None) -> Any:
    """Value of the characteristic `name` in the list at `document[key]`."""
    for entry in (document or {}).get(key) or ():
        if entry.get("name") == name:
            return entry.get("value", default)
    return default


def ref(document: Mapping[str, Any], kind: str, **more: Any) -> dict[str, Any]:
    """A TM Forum reference to `document` whose type is `kind`."""
    reference = {"id": document["id"]}
    if document.get("name"):
        reference["name"] = document["name"]
    return reference | more | {"@referredType": kind}


def with_role(parties: Iterable[Mapping[str, Any]] | None, role: str) -> Mapping[str, Any] | None:
    """The first related party that has this role (case does not matter)."""
    for party in parties or ():
        if str(party.get("role", "")).lower() == role.lower():
            return party
    return None
