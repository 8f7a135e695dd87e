"""A second node with a port, and an address it reaches: where the clients of tests/support/world may move to."""

from abonent.domain.inventory.resources import ACCESS_COVERAGE, RESOURCE
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.context import Context
from tests.support.world import World

KIROVA = "A-3"


async def open_kirova(ctx: Context) -> None:
    """Node N-2 with the port N-2/1 reaches Kirova 7 (A-3) with 300 Mbit/s."""
    world, physical = World(), {"@type": "PhysicalResource"}
    world.add(RESOURCE, id="N-2", name="Node 2", category="accessNode", **physical)
    world.add(
        RESOURCE,
        id="N-2/1",
        name="Node 2 port 1",
        category="port",
        resourceStatus="available",
        usageState="idle",
        resourceRelationship=[
            {"relationshipType": "partOf", "resource": {"id": "N-2", "@type": "ResourceRef"}}
        ],
        **physical,
    )
    world.add(GEOGRAPHIC_ADDRESS, id=KIROVA, city="Yaroslavl", streetName="Kirova", streetNr="7")
    world.add(
        ACCESS_COVERAGE,
        id="AC-3",
        geographicAddress={"id": KIROVA},
        accessNode={"id": "N-2"},
        technology="GPON",
        downstreamMbps=300,
    )
    await world.save(ctx)
