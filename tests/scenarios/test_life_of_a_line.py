"""Two years of a fibre line: ordered on 3 June 2026, made faster, given up; its port goes to the neighbour.

One access node with a single port. Times are the domain's; the clock is moved between the steps.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT
from abonent.kit.access import SYSTEM
from tests.support.running import Running, run_system
from tests.support.world import build, item, order


async def at(system: Running, moment: datetime) -> None:
    async with system.process.database.connection() as conn:
        await system.context.clock.set(conn, moment)


async def ordered(system: Running, document: dict[str, Any], state: str = "completed") -> dict[str, Any]:
    placed = await place_order(system.context, document)
    return await system.order_in(placed["id"], state)


async def test_from_the_first_order_to_the_neighbours(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system:
        ctx = system.context
        await build(ctx, ports=1)

        # 3 June 2026, 09:51: Anna orders fibre. Port 1 + line 10 + test 2 + inventory 0 = 13 minutes: 10:04.
        await at(system, datetime(2026, 6, 3, 9, 51, tzinfo=UTC))
        first = await ordered(system, order(item("1", "fibre")))
        assert first["expectedCompletionDate"][:16] == "2026-06-03T10:04"
        line = f"P-{first['id'].removeprefix('O-')}-1"
        product = (await ctx.store.get(SYSTEM, PRODUCT, line)).document
        assert product["startDate"][:10] == "2026-06-03"

        # 4 June: the neighbour wants the same. The node has one port, and Anna has it.
        await at(system, datetime(2026, 6, 4, 12, 0, tzinfo=UTC))
        refused = await ordered(system, order(item("1", "fibre"), client="C-2"), "rejected")
        decision = (await ctx.store.get(SYSTEM, ORDER_ASSESSMENT, refused["id"])).document["decision"][0]
        assert [r["code"] for r in decision["reasons"] if not r["ok"]] == ["noCapacity"]

        # 1 February 2027: Anna wants a gamer's profile. Line 10 + test 2 = 12 minutes; no port is needed.
        await at(system, datetime(2027, 2, 1, 8, 0, tzinfo=UTC))
        wish = {"id": line, "productCharacteristic": [{"name": "profile", "value": "gamer"}]}
        faster = await ordered(system, order(item("1", None, action="modify", address=None, product=wish)))
        assert faster["expectedCompletionDate"][:16] == "2027-02-01T08:12"
        service_id = product["realizingService"][0]["id"]
        service = (await ctx.store.get(SYSTEM, SERVICE, service_id)).document
        characteristics = {c["name"]: c["value"] for c in service["serviceCharacteristic"]}
        assert characteristics["profile"] == "gamer" and characteristics["ontSerial"]

        # 31 May 2028: she moves away. Line 10 minutes, and the port is free.
        await at(system, datetime(2028, 5, 31, 18, 0, tzinfo=UTC))
        gone = item("1", None, action="delete", address=None, product={"id": line})
        ended = await ordered(system, order(gone))
        assert ended["expectedCompletionDate"][:16] == "2028-05-31T18:10"
        product = (await ctx.store.get(SYSTEM, PRODUCT, line)).document
        assert (product["status"], product["terminationDate"][:10]) == ("terminated", "2028-05-31")
        # 3 June 2026 to 31 May 2028: three orders made this product what it was.
        assert [r["orderItemAction"] for r in product["productOrderItem"]] == ["add", "modify", "delete"]
        assert (await ctx.store.get(SYSTEM, SERVICE, service_id)).state == "terminated"

        # 1 June 2028: now the neighbour gets it.
        await at(system, datetime(2028, 6, 1, 9, 0, tzinfo=UTC))
        theirs = await ordered(system, order(item("1", "fibre"), client="C-2"))
        assert theirs["state"] == "completed"
        port = (await ctx.store.get(SYSTEM, RESOURCE, "N-1/1")).document
        assert (port["resourceStatus"], port["usageState"]) == ("reserved", "active")
