"""The operator that the benchmarks run: one offering with four tasks, access nodes with ports, clients, old orders."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import asyncpg
from documents import ADDRESSES, NODES, OFFERING, OPTIONS, PORTS, SPECIFICATION, kept_order

from abonent.kit.shapes import encode

CLIENTS = 2_000
"""Clients C-0, C-1, ... of the old orders and of the POST benchmark; those of the flow benchmark are F-0, ...,
those of the sales S-0, ..."""

_TASKS = [
    {"id": "port", "name": {"en": "Port"}, "kind": "reserve", "minutes": 1, "action": ["add"]},
    {
        "id": "access",
        "name": {"en": "Access line"},
        "kind": "serviceOrder",
        "minutes": 10,
        "dependsOn": ["port"],
        "pointOfNoReturn": True,
        "spec": {"serviceSpecification": {"id": "GPON", "name": "GPON access"}},
    },
    {
        "id": "test",
        "name": {"en": "Line test"},
        "kind": "serviceTest",
        "minutes": 2,
        "dependsOn": ["access"],
        "spec": {"limits": [{"name": "downstream", "min": 90, "max": 110, "unit": "Mbit/s"}]},
    },
    {"id": "inventory", "name": {"en": "Inventory"}, "kind": "inventory", "dependsOn": ["test"]},
]


async def copy(conn: asyncpg.Connection, table: str, documents: Iterable[dict[str, Any]]) -> None:
    """COPY documents into a resource's table."""
    for some in _batches(documents, 5_000):
        records = [(document["id"], encode(document).decode()) for document in some]
        await conn.copy_records_to_table(table, records=records, columns=["id", "doc"])


async def fill(conn: asyncpg.Connection, orders: int, flow_clients: int, sales_clients: int) -> None:
    """Catalogue, network, clients and `orders` old product orders; statistics are fresh afterwards."""
    await _catalogue(conn)
    await _network(conn)
    await copy(conn, "customer", (_customer(f"C-{n}") for n in range(CLIENTS)))
    await copy(conn, "customer", (_customer(f"F-{n}") for n in range(flow_clients)))
    await copy(conn, "customer", (_customer(f"S-{n}") for n in range(sales_clients)))
    await copy(conn, "product_order", (kept_order(n, CLIENTS) for n in range(1, orders + 1)))
    await conn.execute("VACUUM (ANALYZE)")
    await conn.execute("CHECKPOINT")


async def _catalogue(conn: asyncpg.Connection) -> None:
    price = {"unit": "RUB", "value": 500}
    await copy(
        conn,
        "product_offering_price",
        [{"id": "P-1", "priceType": "recurring", "recurringChargePeriodType": "month", "price": price}],
    )
    await copy(conn, "product_specification", [{"id": SPECIFICATION, "name": "Fibre access"}])
    await copy(
        conn,
        "product_offering",
        [
            {
                "id": OFFERING,
                "name": "Fibre 100",
                "productSpecification": {"id": SPECIFICATION, "name": "Fibre access"},
                "productOfferingPrice": [{"id": "P-1"}],
            },
            *({"id": id, "name": id, "productOfferingPrice": [{"id": "P-1"}]} for id in OPTIONS),
        ],
    )
    await copy(
        conn,
        "decomposition",
        [
            {
                "id": "DC-1",
                "productSpecification": {"id": SPECIFICATION},
                "access": {"technology": ["GPON"], "downstreamMbps": 100},
                "task": _TASKS,
            }
        ],
    )


async def _network(conn: asyncpg.Connection) -> None:
    nodes = [{"id": f"N-{n}", "name": f"Node {n}", "category": "accessNode"} for n in range(NODES)]
    ports = [
        {
            "id": f"N-{n}/{port}",
            "name": f"Node {n} port {port}",
            "category": "port",
            "resourceStatus": "available",
            "usageState": "idle",
            "resourceRelationship": [{"relationshipType": "partOf", "resource": {"id": f"N-{n}"}}],
            "@type": "PhysicalResource",
        }
        for n in range(NODES)
        for port in range(PORTS)
    ]
    await copy(conn, "resource", [*nodes, *ports])
    addresses = [
        {"id": f"A-{n}", "city": "Yaroslavl", "streetName": "Svobody", "streetNr": str(n)}
        for n in range(ADDRESSES)
    ]
    coverage = [
        {
            "id": f"AC-{n}",
            "geographicAddress": {"id": f"A-{n}"},
            "accessNode": {"id": f"N-{n % NODES}"},
            "technology": "GPON",
            "downstreamMbps": 300,
        }
        for n in range(ADDRESSES)
    ]
    await copy(conn, "geographic_address", addresses)
    await copy(conn, "access_coverage", coverage)


def _customer(id: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"Client {id}",
        "engagedParty": {"id": f"I-{id}", "name": f"Client {id}", "@referredType": "Individual"},
        "validFor": {"startDateTime": "2024-05-10T00:00:00.000Z"},
        "contactMedium": [
            {
                "mediumType": "email",
                "preferred": True,
                "characteristic": {"emailAddress": f"{id}@example.org"},
            }
        ],
    }


def _batches(documents: Iterable[dict[str, Any]], size: int) -> Iterable[list[dict[str, Any]]]:
    remaining = iter(documents)
    while some := list(islice(remaining, size)):
        yield some
