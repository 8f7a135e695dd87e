"""A second node with a port, and an address it reaches: where the clients of tests/support/world may move to."""

from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.kit.context import Context
from tests.support.world import World, node, port, reach

KIROVA = "A-3"


async def open_kirova(ctx: Context) -> None:
    """Node N-2 with the port N-2/1 reaches Kirova 7 (A-3) with 300 Mbit/s."""
    world = World()
    node(world, "N-2")
    port(world, "N-2", "1")
    world.add(GEOGRAPHIC_ADDRESS, id=KIROVA, city="Yaroslavl", streetName="Kirova", streetNr="7")
    reach(world, "N-2", KIROVA)
    await world.save(ctx)
