"""200 orders while a killer ends server, workers and database at twenty moments: all are delivered, each once.

    python -m pytest -m chaos tests/chaos

ABONENT_CHAOS_SEED repeats a run's choice of victims and faults (moments depend on the machine as well);
ABONENT_CHAOS_RESCUE=off runs the workers without the rescue of stalled jobs, and then this test must fail.
"""

import asyncio
import os
import random
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent import main
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from tests.chaos.checks import findings, outcome_of
from tests.chaos.fleet import KINDS, NETWORK, WEB, WORKERS, Fleet
from tests.chaos.orders import Poster, Wanted, build_operator, wanted_orders
from tests.support.processes import site

ORDERS = 200
PATIENCE = 150.0
# A worker falls twice in the midst of each kind of job; web, the database's owner and PostgreSQL itself fall too.
PARTS = ["worker"] * 2 * len(KINDS) + ["server"] * 4 + ["owner"] * 4 + ["postmaster"] * 2
FAULTS = {
    "latencyMin": 0.1,
    "latencyMax": 1.0,
    "testLatencyMin": 0.02,
    "testLatencyMax": 0.2,
    "lostRate": 0.1,
    "twiceRate": 0.15,
    "lateRate": 0.15,
    "lateSeconds": 3,
    "outOfOrderRate": 0.15,
    "lostAnswerRate": 0.1,
}


@pytest.mark.chaos
async def test_every_order_is_delivered_once_whoever_is_killed(tmp_path: Path) -> None:
    seed = int(os.environ.get("ABONENT_CHAOS_SEED") or random.randrange(10**6))
    rescue = os.environ.get("ABONENT_CHAOS_RESCUE") != "off"
    wanted = wanted_orders(ORDERS)
    with site(tmp_path) as place:
        fleet = Fleet(place, random.Random(seed), rescue)
        await fleet.start_all()
        await _settle(fleet, wanted, seed)
        token = Tokens(secret_of(place.data)).issue(
            Role.ADMIN, None, "poster", datetime.now(UTC), timedelta(days=1)
        )
        poster = Poster(fleet.url, token)
        await _kill_and_post(fleet, poster, wanted)
        wrong = await _wait_and_check(fleet, poster, wanted)
        wrong += [f"no worker was killed in the midst of {kind}" for kind in _not_hit(fleet)]
        await fleet.close()
        for name in (WEB, *WORKERS, NETWORK):
            fleet.members[name].stop()
        wrong += [f"PostgreSQL process {pid} is left" for pid in place.postgres()]
        wrong += [
            f"no {kind} of a killed worker was given back" for kind in set(KINDS) - fleet.rescued_kinds()
        ]
    told = [f"seed {seed}, rescue {'on' if rescue else 'OFF'}", *map(str, fleet.kills)]
    told += [f"jobs rescued in: {sorted(fleet.rescued_kinds())}", f"orders posted again: {poster.repeats}"]
    print("\n".join(told))
    assert not wrong, "\n".join([*told, f"--- {len(wrong)} findings", *wrong[:60]])


async def _settle(fleet: Fleet, wanted: list[Wanted], seed: int) -> None:
    """Build the operator and tell the network how to misbehave."""
    async with main.open_process(main.Settings(fleet.site.data), fleet.site.dsn, "chaos") as process:
        await build_operator(process.context, wanted)
    async with httpx.AsyncClient() as client:
        answer = await client.put(f"{fleet.network}/simulator/behaviour", json={"seed": seed, **FAULTS})
        assert answer.status_code == 200, answer.text


async def _kill_and_post(fleet: Fleet, poster: Poster, wanted: list[Wanted]) -> None:
    """Before each kill a share of the orders is sent off, every tenth twice at once; answers are awaited at the end."""
    parts = [*PARTS]
    fleet.random.shuffle(parts)
    share = len(wanted) // len(parts)
    posting: list[asyncio.Task[None]] = []
    for number, part in enumerate(parts):
        batch = wanted[number * share : (number + 1) * share]
        posting.append(asyncio.create_task(poster.post([*batch, batch[0]])))
        await asyncio.sleep(fleet.random.uniform(0.0, 0.6))
        if part == "worker":
            left = _not_hit(fleet)
            await fleet.kill_worker(left[0] if left else fleet.random.choice(KINDS))
        elif part == "server":
            await fleet.kill_web()
        elif part == "owner":
            await fleet.kill_owner()
        else:
            await fleet.kill_postmaster()
        await asyncio.sleep(fleet.random.uniform(0.5, 2.5))
    await asyncio.wait_for(asyncio.gather(*posting), 60)


def _not_hit(fleet: Fleet) -> list[str]:
    hit = {kill.hit for kill in fleet.kills}
    return [kind for kind in KINDS if kind not in hit]


async def _wait_and_check(fleet: Fleet, poster: Poster, wanted: list[Wanted]) -> list[str]:
    """Everything that is wrong, once nothing is wrong or PATIENCE is over."""
    deadline = time.monotonic() + PATIENCE
    wrong = list(poster.refused)
    while True:
        ledger = await _ledger(fleet)
        quiet = ledger["waitingNotifications"] == 0 and ledger["openTimers"] == 0
        open_jobs = "SELECT count(*) AS n FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        open_orders = "SELECT count(*) AS n FROM product_order WHERE state <> 'completed'"
        left = sum([(await fleet.fetch(sql))[0]["n"] for sql in (open_jobs, open_orders)])
        if (quiet and left == 0) or time.monotonic() > deadline:
            return wrong + findings(wanted, poster.answered, await outcome_of(fleet, await _ledger(fleet)))
        await asyncio.sleep(1)


async def _ledger(fleet: Fleet) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        for _ in range(20):
            with suppress(httpx.TransportError):
                return (await client.get(f"{fleet.network}/simulator/executions")).json()
            await asyncio.sleep(0.5)
    raise AssertionError("the network does not answer")
