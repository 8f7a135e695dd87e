"""The demo's access network: an aggregation ring, access nodes hanging on it, ports, addresses, coverage."""

import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

from abonent.domain.inventory.resources import ACCESS_COVERAGE, RESOURCE
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.resource import Resource

Document = dict[str, Any]

RING = 4
PORTS = 64
NODES = 20
ADDRESSES_A_NODE = 20
# The last address of a node is beyond its reach; the two before have only a slow line.
UNSERVED, SLOW = 1, 2

TOWNS = (
    ("Ярославль", "150000", ("улица Свободы", "улица Кирова", "Которосльная набережная", "проспект Октября")),
    ("Рыбинск", "152900", ("Крестовая улица", "улица Чкалова", "проспект Ленина")),
    ("Тутаев", "152300", ("улица Комсомольская", "Осенняя улица")),
)


@dataclass(slots=True)
class Network:
    """Documents of the network and, for those who place products in it, ids by meaning."""

    documents: list[tuple[Resource, Document]] = field(default_factory=list)
    ports: dict[str, list[Document]] = field(default_factory=dict)
    node_of: dict[str, str] = field(default_factory=dict)
    speed_of: dict[str, int] = field(default_factory=dict)
    address: dict[str, Document] = field(default_factory=dict)
    ethernet: list[str] = field(default_factory=list)

    @property
    def served(self) -> list[str]:
        """Addresses with a fast fibre line."""
        return [address for address, mbps in self.speed_of.items() if mbps >= 1000]

    @property
    def slow(self) -> list[str]:
        return [address for address, mbps in self.speed_of.items() if mbps < 1000]

    @property
    def unserved(self) -> list[str]:
        return [address for address in self.address if address not in self.speed_of]


def nodes_for(orders: int) -> int:
    """Access nodes so that this many lines find a port, however unevenly their addresses are drawn."""
    return max(NODES, math.ceil(orders / (PORTS * 0.7)))


def build(seed: int, nodes: int = NODES) -> Network:
    """The whole network; the same seed gives the same one."""
    draw = Random(f"network|{seed}")  # noqa: S311 - no secret hangs on it
    network = Network()
    for number in range(1, RING + 1):
        after = f"AGG-{number % RING + 1}"
        network.documents.append((RESOURCE, _equipment(f"AGG-{number}", "aggregationNode", after)))
    for number in range(1, nodes + 1):
        node = f"AN-{number:02d}"
        # Every third node hangs on the one before it: a tree two levels deep.
        uplink = f"AN-{number - 1:02d}" if number % 3 == 0 else f"AGG-{number % RING + 1}"
        network.documents.append((RESOURCE, _equipment(node, "accessNode", uplink)))
        network.ports[node] = [_port(node, place) for place in range(1, PORTS + 1)]
        network.documents += [(RESOURCE, port) for port in network.ports[node]]
        _addresses(network, node, number, draw)
    return network


def _related(kind: str, to: str) -> Document:
    return {
        "id": to,
        "relationshipType": kind,
        "resource": {"id": to, "name": to, "@type": "PhysicalResource"},
        "@type": "ResourceRelationship",
    }


def _equipment(id: str, category: str, uplink: str) -> Document:
    return {
        "id": id,
        "name": id,
        "category": category,
        "resourceStatus": "installed",
        "operationalState": "enable",
        "administrativeState": "unlocked",
        "usageState": "active",
        "resourceRelationship": [_related("connectedTo", uplink)],
        "@type": "PhysicalResource",
    }


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


def _addresses(network: Network, node: str, number: int, draw: Random) -> None:
    town, postcode, streets = TOWNS[0 if number % 2 else 1 if number % 4 else 2]
    street = streets[number // 2 % len(streets)]
    first = draw.randrange(1, 40)
    for place in range(ADDRESSES_A_NODE):
        id = f"A-{number * 100 + place + 1}"
        house = str(first + number + place * 2)
        address = {
            "id": id,
            "name": f"{town}, {street}, {house}",
            "country": "Россия",
            "city": town,
            "streetName": street,
            "streetNr": house,
            "postcode": postcode,
        }
        network.address[id] = address
        network.documents.append((GEOGRAPHIC_ADDRESS, address))
        beyond = ADDRESSES_A_NODE - place
        if beyond <= UNSERVED:
            continue
        mbps = 100 if beyond <= UNSERVED + SLOW else 1000
        network.node_of[id], network.speed_of[id] = node, mbps
        network.documents.append((ACCESS_COVERAGE, _coverage(id, node, "GPON", mbps)))
        if place % 4 == 0:
            network.ethernet.append(id)
            network.documents.append((ACCESS_COVERAGE, _coverage(id, node, "Ethernet", 1000)))


def _coverage(address: str, node: str, technology: str, mbps: int) -> Document:
    return {
        "id": f"AC-{address.removeprefix('A-')}-{technology.lower()}",
        "geographicAddress": {"id": address, "@referredType": "GeographicAddress"},
        "accessNode": {"id": node, "name": node, "@referredType": "Resource"},
        "technology": technology,
        "downstreamMbps": mbps,
    }
