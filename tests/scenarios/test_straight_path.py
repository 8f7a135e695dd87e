"""3 June: Anna Sokolova orders fibre at Svobody 12, and gets it: qualification to inventory over real HTTP."""

from pathlib import Path

from abonent.domain.communication.queries import messages_about
from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER, SERVICE_ORDER
from abonent.kit.access import SYSTEM
from tests.support.running import eventually, run_system
from tests.support.world import build, item, order


async def test_fibre_from_order_to_inventory(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system:
        ctx = system.context
        await build(ctx)

        placed = await place_order(ctx, order(item("1", "fibre")))
        assert placed["state"] == "acknowledged"

        done = await system.order_in(placed["id"], "completed", "held", "rejected")
        assert done["state"] == "completed"
        assert [i["state"] for i in done["productOrderItem"]] == ["completed"]
        # One fibre line: 500.00 a month.
        assert done["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"] == 500

        plan = (await ctx.store.get(SYSTEM, ORDER_PLAN, placed["id"])).document
        assert {t["id"]: t["state"] for t in plan["task"]} == dict.fromkeys(
            ["1.port", "1.access", "1.test", "1.inventory"], "completed"
        )
        # Planned: port 1 min, line 10 min, test 2 min, inventory 0: 13 min after the start.
        assert plan["task"][2]["plannedEnd"] == plan["plannedEnd"] == done["expectedCompletionDate"]

        number = placed["id"].removeprefix("O-")
        product = (await ctx.store.get(SYSTEM, PRODUCT, f"P-{number}-1")).document
        assert product["status"] == "active"
        assert product["relatedParty"][0]["id"] == "C-1"
        service = (await ctx.store.get(SYSTEM, SERVICE, product["realizingService"][0]["id"])).document
        assert service["state"] == "active"
        assert "ontSerial" in {c["name"] for c in service["serviceCharacteristic"]}
        port = (await ctx.store.get(SYSTEM, RESOURCE, product["realizingResource"][0]["id"])).document
        assert (port["resourceStatus"], port["usageState"]) == ("reserved", "active")

        assessed = (await ctx.store.get(SYSTEM, ORDER_ASSESSMENT, placed["id"])).document["decision"]
        assert [(d["kind"], d["outcome"]) for d in assessed] == [
            ("feasibility", "eligible"),
            ("credit", "approve"),
        ]
        service_order = (await ctx.store.get(SYSTEM, SERVICE_ORDER, f"SO-{number}-1.access")).document
        assert service_order["state"] == "completed"

        history = await ctx.store.history(PRODUCT_ORDER, placed["id"])
        moves = [(h["old_state"], h["new_state"]) for h in reversed(history) if h["attribute"] == "state"]
        assert moves == [(None, "acknowledged"), ("acknowledged", "inProgress"), ("inProgress", "completed")]

        async def three() -> list[dict] | None:
            found = await messages_about(ctx.store, placed["id"])
            return found if len(found) == 3 else None

        messages = await eventually(three, "three messages")
        assert {m["subject"] for m in messages} == {
            f"Заказ {placed['id']} принят",
            f"Заказ {placed['id']} в работе",
            f"Заказ {placed['id']} выполнен",
        }


async def test_order_without_coverage_is_rejected_with_reason(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system:
        ctx = system.context
        await build(ctx)
        placed = await place_order(ctx, order(item("1", "fibre", address="A-2")))
        await system.order_in(placed["id"], "rejected")
        decision = (await ctx.store.get(SYSTEM, ORDER_ASSESSMENT, placed["id"])).document["decision"][0]
        assert decision["outcome"] == "notEligible"
        assert decision["reasons"][0]["code"] == "noCoverage"
