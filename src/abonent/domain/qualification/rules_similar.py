"""Memory: whether an earlier assessment answers a new request. Pure.

It does when it was of the same kind, for at least the speed that is wanted now, and stood at the same address, in the
same house, on a line from the same access node within a distance, or in the same street where no distance is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from abonent.domain.agreement.rules_quote import Sum, read_sum
from abonent.domain.qualification.rules_engineering import access_of, engineers, speed_of
from abonent.kit.values import from_wire

Document = Mapping[str, Any]
EARTH_METRES = 6_371_000.0
# How near, from nearest: the order in which they are shown.
NEARNESS = ("address", "house", "near", "street")
_MOST = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted now. `place` is the address document; `nodes` reach it or are near it."""

    kind: str
    mbps: int | None
    place: Document
    nodes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Similar:
    """An earlier assessment that may be used again.

    nearness  one of NEARNESS; metres where both places are on the map
    usable    its figures still hold
    """

    id: str
    nearness: str
    metres: int | None
    assessed: datetime
    cost: Sum
    days: int
    engineers: tuple[str, ...]
    valid_until: datetime
    usable: bool
    mbps: int | None


def point_of(place: Document) -> tuple[float, float] | None:
    """Latitude and longitude of an address, degrees; None when it is not on the map."""
    location = place.get("geographicLocation")
    if not isinstance(location, Mapping):
        return None
    points = location.get("geometry") or location.get("point") or [location]
    first = points[0] if isinstance(points, list) and points else points
    if not isinstance(first, Mapping):
        return None
    try:
        return float(first["y"]), float(first["x"])
    except (KeyError, TypeError, ValueError):
        return None


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points on the ground, great circle."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, point)) for point in (one, other))
    across = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(min(1.0, across)))


def _same(one: Document, other: Document, *names: str) -> bool:
    """Whether two addresses agree in attributes that both have."""
    return all(
        one.get(n) and str(one[n]).casefold().strip() == str(other.get(n) or "").casefold().strip()
        for n in names
    )


def nearness(wish: Wish, earlier: Document, place: Document, within: int) -> tuple[str, int | None] | None:
    """How near an earlier assessment's place is, with the metres where they are known; None: not near enough."""
    here, there = point_of(wish.place), point_of(place)
    metres = round(metres_between(here, there)) if here and there else None
    if wish.place["id"] == place["id"]:
        return "address", 0
    if _same(wish.place, place, "city", "streetName", "streetNr"):
        return "house", metres
    node = access_of(earlier).get("node")
    if metres is not None and metres <= within and (not wish.nodes or not node or node in wish.nodes):
        return "near", metres
    if metres is None and _same(wish.place, place, "city", "streetName"):
        return "street", None
    return None


def similar(
    wish: Wish,
    earlier: Iterable[tuple[Document, Document]],
    *,
    within: int,
    now: datetime,
) -> list[Similar]:
    """The earlier assessments, (document, address), that answer `wish`: those that still hold first, then the nearest,
    then the newest; at most five."""
    found = [
        one for document, place in earlier if (one := _one(wish, document, place, within, now)) is not None
    ]
    found.sort(key=lambda s: s.assessed, reverse=True)
    found.sort(key=lambda s: (not s.usable, NEARNESS.index(s.nearness), s.metres or 0))
    return found[:_MOST]


def _one(wish: Wish, document: Document, place: Document, within: int, now: datetime) -> Similar | None:
    until = (document.get("validFor") or {}).get("endDateTime")
    mbps = speed_of(document)
    if document.get("kind") != wish.kind or not until:
        return None
    # A line of 1,000 answers who wants 500, and not the other way round.
    if wish.mbps is not None and (mbps is None or mbps < wish.mbps):
        return None
    near = nearness(wish, document, place, within)
    if near is None:
        return None
    return Similar(
        id=document["id"],
        nearness=near[0],
        metres=near[1],
        assessed=from_wire(document["validFor"]["startDateTime"]),
        cost=read_sum(document.get("total")),
        days=int(document.get("leadTimeDays") or 0),
        engineers=tuple(engineers(document)),
        valid_until=from_wire(until),
        usable=from_wire(until) > now and document["state"] in {"assessed", "approved"},
        mbps=mbps,
    )
