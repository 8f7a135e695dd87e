"""The demo's network: a core, aggregation rings over it, trees of optical nodes, Ethernet switches for businesses;
ports, addresses and what reaches them."""

import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

from abonent.demo.places import TOWNS, Town
from abonent.demo.scale import FULL
from abonent.domain.inventory.resources import ACCESS_COVERAGE, RESOURCE
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.resource import Resource

Document = dict[str, Any]

CORES = ("CR-1", "CR-2")
A_RING = 4
OPTICAL_PORTS, ETHERNET_PORTS = 64, 24
OPTICAL_ADDRESSES, OFFICES = 46, 32
# The last address of an optical node is beyond its reach; the two before have only a slow line.
UNSERVED, SLOW = 1, 2
# Every fifth access node is an Ethernet switch for businesses.
ETHERNET_EVERY = 5
FLATS_A_HOUSE = 9


@dataclass(slots=True)
class Network:
    """Documents of the network and, for those who place products in it, ids by meaning."""

    documents: list[tuple[Resource, Document]] = field(default_factory=list)
    ports: dict[str, list[Document]] = field(default_factory=dict)
    optical: dict[str, str] = field(default_factory=dict)
    speed_of: dict[str, int] = field(default_factory=dict)
    address: dict[str, Document] = field(default_factory=dict)
    ethernet: dict[str, str] = field(default_factory=dict)
    offices: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    @property
    def homes(self) -> list[str]:
        """Addresses to live at, with a fast optical line."""
        office = set(self.offices)
        return [a for a, mbps in self.speed_of.items() if mbps >= 1000 and a not in office]

    @property
    def slow(self) -> list[str]:
        return [address for address, mbps in self.speed_of.items() if mbps < 1000]

    @property
    def unserved(self) -> list[str]:
        return [a for a in self.address if a not in self.speed_of and a not in self.ethernet]

    def node(self, address: str, technology: str) -> str:
        """The access node that reaches an address. KeyError."""
        return (self.ethernet if technology == "Ethernet" else self.optical)[address]


def nodes_for(orders: int) -> int:
    """Access nodes so that this many lines find a port, however unevenly their addresses are drawn."""
    return max(20, math.ceil(orders / (OPTICAL_PORTS * 0.5)))


def build(seed: int, nodes: int = FULL.nodes) -> Network:
    """The whole network; the same seed gives the same one."""
    draw = Random(f"network|{seed}")  # noqa: S311 - no secret hangs on it
    network = Network()
    by_town = _shares(nodes)
    rings = _backbone(network, by_town)
    number = 0
    for town, count in by_town.items():
        optical: list[str] = []
        for place in range(1, count + 1):
            number += 1
            uplinks = [rings[town][place % len(rings[town])]]
            if place % ETHERNET_EVERY == 0:
                # Two ways out: a business does not wait for a cable to be spliced.
                uplinks.append(rings[town][(place + 1) % len(rings[town])])
                node = _access(network, f"{town.code}-ESW-{place:02d}", uplinks, "Ethernet", ETHERNET_PORTS)
                _offices(network, town, node, optical[-1], number, draw)
                continue
            # Every third optical node hangs on the one before it: a tree two levels deep.
            if place % 3 == 0 and optical:
                uplinks = [optical[-1]]
            node = _access(network, f"{town.code}-OLT-{place:02d}", uplinks, "GPON", OPTICAL_PORTS)
            _homes(network, town, node, number, draw)
            optical.append(node)
    return network


def _shares(nodes: int) -> dict[Town, int]:
    """How many access nodes stand in which town; the largest town takes what rounding leaves."""
    counts = {town: max(1, round(nodes * town.share)) for town in TOWNS[: max(1, nodes // 4)]}
    counts[TOWNS[0]] += nodes - sum(counts.values())
    return counts


def _backbone(network: Network, by_town: dict[Town, int]) -> dict[Town, list[str]]:
    """Two core routers, and for each town a chain of aggregation nodes from one to the other: with the line between
    the routers, a ring. The first relationship of each is the next one along the ring."""
    first, second = CORES
    others: dict[str, list[str]] = {first: [second], second: [first]}
    rings: dict[Town, list[str]] = {}
    for town, count in by_town.items():
        rings[town] = [f"{town.code}-AGG-{n}" for n in range(1, max(2, min(A_RING, count // 3)) + 1)]
        ring = [first, *rings[town], second]
        for before, here, after in zip(ring, ring[1:], ring[2:], strict=False):
            network.documents.append((RESOURCE, _equipment(here, "aggregationNode", [after, before])))
        others[first].append(ring[1])
        others[second].append(ring[-2])
    cores = [(RESOURCE, _equipment(core, "coreRouter", others[core])) for core in CORES]
    network.documents[:0] = cores
    return rings


def _related(kind: str, to: str) -> Document:
    return {
        "id": to,
        "relationshipType": kind,
        "resource": {"id": to, "name": to, "@type": "PhysicalResource"},
        "@type": "ResourceRelationship",
    }


def _characteristic(name: str, value: Any) -> Document:
    return {"name": name, "value": value, "@type": "Characteristic"}


def _equipment(id: str, category: str, uplinks: list[str], technology: str | None = None) -> Document:
    document: Document = {
        "id": id,
        "name": id,
        "category": category,
        "resourceStatus": "installed",
        "operationalState": "enable",
        "administrativeState": "unlocked",
        "usageState": "active",
        "resourceRelationship": [_related("connectedTo", uplink) for uplink in uplinks],
        "@type": "PhysicalResource",
    }
    if technology:
        document["resourceCharacteristic"] = [_characteristic("technology", technology)]
    return document


def _access(network: Network, id: str, uplinks: list[str], technology: str, ports: int) -> str:
    network.documents.append((RESOURCE, _equipment(id, "accessNode", uplinks, technology)))
    network.ports[id] = [_port(id, place) for place in range(1, ports + 1)]
    network.documents += [(RESOURCE, port) for port in network.ports[id]]
    return id


def _port(node: str, place: int) -> Document:
    return {
        "id": f"{node}-P{place:02d}",
        "name": f"{node} port {place}",
        "category": "port",
        "resourceStatus": "available",
        "operationalState": "enable",
        "usageState": "idle",
        "resourceRelationship": [_related("partOf", node)],
        "@type": "PhysicalResource",
    }


def _homes(network: Network, town: Town, node: str, number: int, draw: Random) -> None:
    """Addresses of an optical node: two streets, houses with flats or of their own."""
    streets, flat, house = draw.sample(town.streets, min(2, len(town.streets))), 0, draw.randrange(1, 50)
    first_flat = 1
    for place in range(OPTICAL_ADDRESSES):
        if flat == 0:
            house += draw.choice((1, 2, 2, 3, 4))
            flat = FLATS_A_HOUSE if draw.random() < town.flats else 1
            first_flat = draw.randrange(1, 60) if flat > 1 else 0
            streets = streets[::-1] if draw.random() < 0.3 else streets
        flat -= 1
        inside = ("flat", "кв.", first_flat + (FLATS_A_HOUSE - flat) * 2) if first_flat else None
        id = _address(network, town, f"A-{number * 100 + place + 1}", streets[0], str(house), inside)
        beyond = OPTICAL_ADDRESSES - place
        if beyond <= UNSERVED:
            continue
        _cover(network, id, node, "GPON", 100 if beyond <= UNSERVED + SLOW else 1000)


def _offices(network: Network, town: Town, node: str, olt: str, number: int, draw: Random) -> None:
    """Addresses for businesses: reached by the switch, and by the optical node that stands nearest."""
    street, house = draw.choice(town.streets), draw.randrange(2, 40)
    for place in range(OFFICES):
        house += 2 if place % 4 == 0 else 0
        inside = ("office", "оф.", 100 * (1 + place % 4) + draw.randrange(1, 30)) if place % 8 else None
        id = _address(network, town, f"A-{number * 100 + place + 1}", street, str(house), inside)
        network.offices.append(id)
        _cover(network, id, olt, "GPON", 1000)
        _cover(network, id, node, "Ethernet", 1000)


def _address(
    network: Network, town: Town, id: str, street: str, house: str, inside: tuple[str, str, int] | None
) -> str:
    kind, short, unit = inside or ("", "", 0)
    # Two nodes may share a street; no two addresses are the same.
    while (
        name := f"{town.name}, {street}, {house}" + (f", {short} {unit}" if inside else "")
    ) in network.names:
        if inside:
            unit += 1
        else:
            house = (
                f"{house}а"
                if house.isdigit()
                else f"{house.rstrip('абвгд')}{'бвгд'['абвг'.index(house[-1])]}"
            )
    network.names.add(name)
    document: Document = {
        "id": id,
        "name": name,
        "country": "Россия",
        "stateOrProvince": "Ярославская область",
        "city": town.name,
        "streetName": street,
        "streetNr": house,
        "postcode": town.postcode,
    }
    if inside:
        document["geographicSubAddress"] = [{"subUnitType": kind, "subUnitNumber": str(unit)}]
    network.address[id] = document
    network.documents.append((GEOGRAPHIC_ADDRESS, document))
    return id


def _cover(network: Network, address: str, node: str, technology: str, mbps: int) -> None:
    coverage = {
        "id": f"AC-{address.removeprefix('A-')}-{technology.lower()}",
        "geographicAddress": {"id": address, "@referredType": "GeographicAddress"},
        "accessNode": {"id": node, "name": node, "@referredType": "Resource"},
        "technology": technology,
        "downstreamMbps": mbps,
    }
    network.documents.append((ACCESS_COVERAGE, coverage))
    if technology == "Ethernet":
        network.ethernet[address] = node
    else:
        network.optical[address], network.speed_of[address] = node, mbps
