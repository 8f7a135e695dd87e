"""June 2026: the network refuses, fails, forgets to report, reports twice and too late. Over real HTTP."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.network_simulator import Behaviour
from tests.support.running import QUICK, Running, eventually, run_system
from tests.support.world import build, item, order

OLGA = Caller("olga", Role.AGENT)


def asking(marker: str) -> dict[str, Any]:
    """Fibre for Anna, with a characteristic that asks the simulated network for trouble."""
    return order(
        item("1", "fibre", product={"productCharacteristic": [{"name": "simulate", "value": marker}]})
    )


async def release(system: Running, id: str) -> None:
    ctx = system.context.for_caller(OLGA)
    stored = await ctx.store.get(OLGA, PRODUCT_ORDER, id)
    await change_order(ctx, stored, stored.document | {"state": "inProgress"})


async def tasks(system: Running, id: str) -> dict[str, tuple[str, str | None]]:
    plan = (await system.context.store.get(SYSTEM, ORDER_PLAN, id)).document
    return {t["id"]: (t["state"], t.get("result")) for t in plan["task"]}


async def ledger(system: Running) -> dict[str, Any]:
    import httpx

    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{system.network}/simulator/executions")).json()


async def test_a_refused_order_waits_with_the_reason(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system:
        await build(system.context)
        placed = await place_order(system.context, asking("refuse"))
        await system.order_in(placed["id"], "held")
        state, reason = (await tasks(system, placed["id"]))["1.access"]
        assert state == "failed" and "no way to carry" in str(reason)
        # 16:00, Olga lets it go on without having mended anything: it is refused once more, and waits again.
        await release(system, placed["id"])
        await system.order_in(placed["id"], "held")
        history = await system.context.store.history(PRODUCT_ORDER, placed["id"])
        moves = [h["new_state"] for h in reversed(history) if h["attribute"] == "state"]
        assert moves == ["acknowledged", "inProgress", "held", "inProgress", "held"]


async def test_what_fails_once_is_repaired_and_goes_on(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path) as system:
        await build(system.context)
        placed = await place_order(system.context, asking("failOnce"))
        held = await system.order_in(placed["id"], "held")
        assert held["productOrderItem"][0]["state"] == "held"
        assert (await tasks(system, placed["id"]))["1.access"][0] == "failed"
        await release(system, placed["id"])
        await system.order_in(placed["id"], "completed")
        seen = await ledger(system)
        # A line that failed was never there.
        assert seen["totals"]["added"] == 1
        assert seen["conflicts"] == []


@pytest.mark.parametrize("marker", ["twice", "outOfOrder", "late", "twice,late,outOfOrder"])
async def test_reports_that_come_badly_do_no_harm(dsn: str, tmp_path: Path, marker: str) -> None:
    behaviour = Behaviour(latency_min=0.0, latency_max=0.05, late_seconds=0.4, test_latency_max=0.05)
    async with run_system(dsn, tmp_path, behaviour) as system:
        await build(system.context)
        placed = await place_order(system.context, asking(marker))
        done = await system.order_in(placed["id"], "completed", "held")
        assert done["state"] == "completed"

        async def quiet() -> bool:
            return (await ledger(system))["waitingNotifications"] == 0

        await eventually(quiet, "all notifications came")
        assert (await system.context.store.get(SYSTEM, PRODUCT_ORDER, placed["id"])).document == done
        assert (await ledger(system))["executions"] == {f"{placed['id']}/1.access": 1}


async def test_a_report_that_never_comes_is_asked_for_after_15_seconds(dsn: str, tmp_path: Path) -> None:
    async with run_system(dsn, tmp_path, QUICK) as system:
        await build(system.context)
        placed = await place_order(system.context, asking("lost"))

        async def executed() -> bool:
            return (await ledger(system))["totals"].get("completed") == 1

        await eventually(executed, "the network executed it")
        assert (await tasks(system, placed["id"]))["1.access"][0] == "inProgress"
        clock = system.context.clock
        async with system.process.database.connection() as conn:
            # Asked for 15 s after it was sent: not after 14, but by then.
            sent = clock.now()
            await clock.set(conn, sent + timedelta(seconds=10))
            assert await clock.sweep(conn) == 0
            await clock.set(conn, sent + timedelta(seconds=16))
            assert await clock.sweep(conn) == 1
        await system.order_in(placed["id"], "completed")
        seen = await ledger(system)
        assert seen["executions"] == {f"{placed['id']}/1.access": 1}
        assert seen["totals"]["repeated"] >= 1


async def test_an_answer_lost_on_the_way_executes_nothing_twice(dsn: str, tmp_path: Path) -> None:
    behaviour = Behaviour(
        latency_min=0.0, latency_max=0.02, test_latency_min=0.0, test_latency_max=0.01, lost_answer_rate=1.0
    )
    async with run_system(dsn, tmp_path, behaviour) as system:
        await build(system.context)
        placed = await place_order(system.context, order(item("1", "fibre")))
        await system.order_in(placed["id"], "completed")
        assert (await ledger(system))["executions"] == {f"{placed['id']}/1.access": 1}
