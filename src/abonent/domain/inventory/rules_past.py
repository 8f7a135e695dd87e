"""Dates of the past as a reader gives them, and documents as they stood then. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from abonent.kit.errors import N_, BadInput
from abonent.kit.values import from_wire


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """A date-time (without an offset: UTC), or the end of a day of `zone`. Raises BadInput."""
    try:
        if len(text) == len("2026-06-03"):
            end = datetime.combine(date.fromisoformat(text), time.max, zone)
            return end.astimezone(UTC)
        return from_wire(text).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise BadInput(
            "badDate",
            N_("{given} is no date. Write 2026-06-03, or a moment such as 2026-06-03T12:00:00Z."),
            given=text[:40],
            path="asOf",
        ) from wrong


def taken_over(product: Mapping[str, Any], at: datetime) -> dict[str, Any] | None:
    """A product that came from another system as it stood at `at`, from the dates in it; None before it began.

    What it was then is known by its dates alone: one that ended later was active.
    """
    begun, ended = product.get("startDate"), product.get("terminationDate")
    if begun and from_wire(begun) > at:
        return None
    document = dict(product)
    if ended and from_wire(ended) > at and document.get("status") == "terminated":
        document["status"] = "active"
        del document["terminationDate"]
    return document
