"""Every job of an order run twice at the same moment, as after a rescue that came too early: it counts once."""

import asyncio
import json

from abonent import main
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.intake import place_order
from abonent.kit.errors import Conflict
from tests.support.workshop import Workshop, workshop
from tests.support.world import build, item, order

TAKE = (
    "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo')"
    " RETURNING task_name, args::text"
)


async def run_twice_at_once(shop: Workshop) -> str | None:
    """Run the oldest job in two workers at once; the name of the job. The loser may only find itself too late."""
    rows = await shop.rows(TAKE)
    if not rows:
        return None
    name, args = rows[0][0], json.loads(rows[0][1])
    for unused in ("correlation", "at"):
        args.pop(unused, None)
    handler = main.handlers().by_name[name]
    ends = await asyncio.gather(*(handler(shop.context, **args) for _ in range(2)), return_exceptions=True)
    lost = [end for end in ends if end is not None]
    assert all(isinstance(end, Conflict) for end in lost), (name, args, lost)
    assert len(lost) < 2, (name, args, lost)
    # The loser's job is tried again and must find nothing left to do.
    if lost:
        await handler(shop.context, **args)
    return name


async def test_a_job_that_runs_twice_at_once_does_its_work_once(dsn: str) -> None:
    async with workshop(dsn) as shop:
        await build(shop.context, ports=5)
        placed = await place_order(shop.context, order(item("1", "bundle")))
        names: list[str] = []
        while name := await run_twice_at_once(shop):
            names.append(name)
            assert len(names) < 100, "the jobs never end"

        done = await shop.order(placed["id"])
        assert done["state"] == "completed"
        number = placed["id"].removeprefix("O-")
        rows = await shop.rows(f"SELECT id FROM {PRODUCT.table} ORDER BY id")
        assert [row[0] for row in rows] == [f"P-{number}-1", f"P-{number}-1.1", f"P-{number}-1.2"]
        reserved = await shop.rows("SELECT id FROM resource WHERE resource_status = 'reserved'")
        assert len(reserved) == 1
        # Fibre and television, each under one key however often they were sent.
        assert len({key for key, _ in shop.network.submitted}) == 2
        assert len(await shop.rows("SELECT id FROM service_test")) == 1
        assert await shop.moves(placed["id"]) == [
            (None, "acknowledged"),
            ("acknowledged", "inProgress"),
            ("inProgress", "completed"),
        ]
        told = await shop.rows("SELECT id FROM communication_message")
        assert len(told) == 3
