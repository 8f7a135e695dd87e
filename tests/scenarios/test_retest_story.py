"""The test of a completed order on the real simulator over HTTP: fails twice and passes; fails thrice and is mended."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling import fallout
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.queries_fallout import fallen_tasks
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.service_test.resources import SERVICE_TEST
from abonent.kit.access import SYSTEM
from tests.support.running import Running, run_system
from tests.support.workshop import AGENT
from tests.support.world import build, item, order


@pytest.fixture
async def system(dsn: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with run_system(dsn, tmp_path) as opened:
        await build(opened.context)
        yield opened


async def ordered(system: Running, marker: str) -> str:
    asked = item("1", "fibre", product={"productCharacteristic": [{"name": "simulate", "value": marker}]})
    placed = await place_order(system.context.for_caller(AGENT), order(asked))
    return placed["id"]


async def tasks(system: Running, id: str) -> dict[str, dict[str, Any]]:
    plan = (await system.context.store.get(SYSTEM, ORDER_PLAN, id)).document
    return {task["id"]: task for task in plan["task"]}


async def test_fails_twice_then_passes(system: Running) -> None:
    id = await ordered(system, "testFailTwice")
    done = await system.order_in(id, "completed", "held")
    assert done["state"] == "completed"
    # Nobody held it meanwhile: it stood in work all the time.
    moves = [
        h["new_state"]
        for h in await system.context.store.history(PRODUCT_ORDER, id)
        if h["attribute"] == "state"
    ]
    assert "held" not in moves
    at_end = await tasks(system, id)
    # Three tests, three activations: the first, and one after each failure.
    assert (at_end["1.test"]["attempts"], at_end["1.access"]["attempts"]) == (3, 3)
    number = id.removeprefix("O-")
    states = []
    for attempt in (1, 2, 3):
        test = await system.context.store.get(SYSTEM, SERVICE_TEST, f"ST-{number}-1.test-{attempt}")
        states.append(test.document["state"])
        broken = [m for m in test.document["testMeasure"] if m.get("ruleViolation")]
        assert bool(broken) == (attempt < 3)
    assert states == ["failed", "failed", "completed"]
    product = await system.context.store.get(SYSTEM, PRODUCT, f"P-{number}-1")
    # Done again, it is still the one service.
    assert [s["id"] for s in product.document["realizingService"]] == [f"S-{number}-1.access"]


async def test_fails_three_times_and_is_mended_by_an_engineer(system: Running) -> None:
    id = await ordered(system, "testFail")
    await system.order_in(id, "held")
    (fallen,) = await fallen_tasks(system.context.store)
    assert (fallen.order, fallen.task["id"]) == (id, "1.test")
    assert "failed 3 times" in fallen.task["result"]
    evidence = fallen.task["spec"]["failedTest"]
    assert evidence == [f"ST-{id.removeprefix('O-')}-1.test-{n}" for n in (1, 2, 3)]
    # The engineer mends what was set wrongly, and the order goes on from the activation.
    await fallout.mend(system.context.for_caller(AGENT), id, "1.test", {"simulate": "none"})
    await system.order_in(id, "completed")
    at_end = await tasks(system, id)
    assert (at_end["1.test"]["attempts"], at_end["1.access"]["attempts"]) == (4, 4)
    assert await fallen_tasks(system.context.store) == []
    mended = [
        h
        for h in await system.context.store.history(PRODUCT_ORDER, id)
        if h["attribute"] == "task 1.access" and h["by"] == "olga"
    ]
    assert mended and mended[0]["reason"] == fallout.MENDED
