"""How long a crew is on its way between two visits. Pure.

Between two points it is the distance over the crew's speed; where a point is not known, what the crew's legs say of the
two towns; in every case at least the crew's minimum, unless both visits are at the same address. A crew that says
nothing of travel is taken to be there at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from abonent.kit.errors import N_, BadInput

EARTH_KM = 6371.0
# Streets are longer than the straight line; as a rule of thumb for towns.
DETOUR = 1.3
MOST_MINUTES = 24 * 60
FASTEST = 300  # km/h


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a visit is, as far as it is known: id of the address, its town, degrees north and east."""

    address: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def known(self) -> bool:
        return self.latitude is not None and self.longitude is not None


@dataclass(frozen=True, slots=True)
class Travel:
    """How a crew travels: km/h in a straight line's detour, the least minutes, minutes between two towns."""

    speed: float = 30.0
    least: timedelta = timedelta()
    legs: Mapping[frozenset[str], timedelta] = field(default_factory=dict)

    def between(self, one: Spot | None, other: Spot | None) -> timedelta:
        """The way from one visit to the other, the same in both directions; to the minute, rounded up."""
        if one is None or other is None:
            return self.least
        if one.address and one.address == other.address:
            return timedelta()
        leg = self.legs.get(frozenset({_town(one), _town(other)}), timedelta())
        if one.known and other.known:
            minutes = kilometres(one, other) * DETOUR / self.speed * 60
            leg = timedelta(minutes=-(-minutes // 1))
        return max(self.least, leg)


def _town(spot: Spot) -> str:
    return " ".join(spot.city.split()).casefold()


def kilometres(one: Spot, other: Spot) -> float:
    """The distance over the earth between two known points."""
    assert one.latitude is not None and one.longitude is not None
    assert other.latitude is not None and other.longitude is not None
    north = radians(other.latitude - one.latitude)
    east = radians(other.longitude - one.longitude)
    across = cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, sin(north / 2) ** 2 + across)))


def read_travel(document: Mapping[str, Any] | None) -> Travel | None:
    """A crew's `travel` for the rules. BadInput if it makes no sense."""
    if document is None:
        return None
    speed = float(document.get("kmPerHour", 30))
    if not 1 <= speed <= FASTEST:
        raise BadInput(
            "outOfRange",
            N_("{path}: it must be between 1 and {most}."),
            path="travel.kmPerHour",
            most=FASTEST,
        )
    legs = {
        frozenset({_town(Spot(city=leg["from"])), _town(Spot(city=leg["to"]))}): _minutes(
            leg["minutes"], f"travel.leg[{n}].minutes"
        )
        for n, leg in enumerate(document.get("leg") or ())
    }
    return Travel(speed, _minutes(document.get("minimumMinutes", 0), "travel.minimumMinutes"), legs)


def _minutes(value: Any, path: str) -> timedelta:
    if not 0 <= value <= MOST_MINUTES:
        raise BadInput(
            "travelTooLong", N_("{path}: it must be between 0 and {most}."), path=path, most=MOST_MINUTES
        )
    return timedelta(minutes=int(value))


def point_of(location: Any) -> tuple[float, float] | None:
    """North and east in degrees of a TMF675 point, {"geometryType": "point", "geometry": [{"x": east, "y": north}]};
    None for anything else."""
    geometry = location.get("geometry") if isinstance(location, Mapping) else None
    first = geometry[0] if isinstance(geometry, list) and geometry else geometry
    if not isinstance(first, Mapping):
        return None
    try:
        east, north = float(first["x"]), float(first["y"])
    except (KeyError, TypeError, ValueError):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None
