"""The domain without processes: a context on a real database, a network driven by hand, jobs run one by one.

What a worker and a network do by chance here happens in the order the test says.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from abonent import main
from abonent.domain.order_handling import activation
from abonent.domain.order_handling.ports import (
    ActivationFailed,
    ActivationReport,
    ActivationUnavailable,
    ServiceActivation,
)
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.service_test.ports import Measure, ServiceTesting, ServiceTestUnavailable, TestReport
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Stored
from abonent.kit.clock import Clock, ClockSetting, real_now
from abonent.kit.context import Context
from abonent.kit.db import Database, open_pool
from abonent.kit.jobs import TryAgain
from abonent.kit.resource import Resource
from abonent.kit.store import Store

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
AGENT = Caller("olga", Role.AGENT)
CLIENT = Caller("anna", Role.CLIENT, "C-1")
STRANGER = Caller("boris", Role.CLIENT, "C-2")


@dataclass
class HandNetwork:
    """ServiceActivation and ServiceTesting as the test wants them.

    prompt   orders are completed when they are submitted; else they wait for `Workshop.report`
    away     every call fails as unreachable
    refuse   orders are refused with this reason
    """

    prompt: bool = True
    away: bool = False
    refuse: str | None = None
    measures: dict[str, Any] = field(default_factory=lambda: {"downstream": 99.5})
    submitted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    known: dict[str, ActivationReport] = field(default_factory=dict)

    async def submit(self, service_order: dict[str, Any], idempotency_key: str) -> ActivationReport:
        if self.away:
            raise ActivationUnavailable("away", "The network is away.")
        self.submitted.append((idempotency_key, service_order))
        if self.refuse is not None:
            raise ActivationFailed("refused", "The network refused: {reason}.", reason=self.refuse)
        if idempotency_key not in self.known:
            state = "completed" if self.prompt else "acknowledged"
            self.known[idempotency_key] = self.told(idempotency_key, state)
        return self.known[idempotency_key]

    async def look_up(self, external_id: str) -> ActivationReport:
        return self.known[external_id]

    def told(self, key: str, state: str, **more: Any) -> ActivationReport:
        """A report about a submitted order; completed ones carry their services."""
        order = next((o for k, o in reversed(self.submitted) if k == key), None)
        services = ()
        if state == "completed" and order is not None:
            given = [{"name": "ontSerial", "value": f"ONT-{key}"}]
            services = tuple(
                {**i["service"], "serviceCharacteristic": [*i["service"]["serviceCharacteristic"], *given]}
                for i in order["serviceOrderItem"]
            )
        return ActivationReport(key, state, key=key, services=services, **more)

    async def run(self, service_test: dict[str, Any], idempotency_key: str) -> TestReport:
        if self.away:
            raise ServiceTestUnavailable("away", "The network is away.")
        self.tests.append((idempotency_key, service_test))
        measures = tuple(Measure(name, value) for name, value in self.measures.items())
        return TestReport(idempotency_key, "completed", measures)


@dataclass
class Workshop:
    """A context to act in, and the queue to run by hand."""

    context: Context
    database: Database
    network: HandNetwork

    def as_caller(self, caller: Caller) -> Context:
        return self.context.for_caller(caller)

    def at(self, moment: datetime) -> None:
        """Stop... and set the domain's clock: it runs on from `moment`."""
        clock = Clock(ClockSetting(real_now(), moment, 1.0))
        self.context = replace(self.context, clock=clock)

    async def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        async with self.database.connection() as conn:
            return await conn.fetch(sql, *args)

    async def get(self, resource: Resource, id: str) -> dict[str, Any]:
        return (await self.context.store.get(SYSTEM, resource, id)).document

    async def stored(self, id: str) -> Stored:
        return await self.context.store.get(SYSTEM, PRODUCT_ORDER, id)

    async def order(self, id: str) -> dict[str, Any]:
        return await self.get(PRODUCT_ORDER, id)

    async def tasks(self, id: str) -> dict[str, str]:
        """State of each task of an order's plan."""
        return {t["id"]: t["state"] for t in (await self.get(ORDER_PLAN, id))["task"]}

    async def decisions(self, id: str) -> list[tuple[str, str]]:
        return [(d["kind"], d["outcome"]) for d in (await self.get(ORDER_ASSESSMENT, id))["decision"]]

    async def moves(self, id: str, attribute: str = "state") -> list[tuple[str | None, str | None]]:
        history = reversed(await self.context.store.history(PRODUCT_ORDER, id))
        return [(h["old_state"], h["new_state"]) for h in history if h["attribute"] == attribute]

    async def jobs(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs that wait, oldest first."""
        rows = await self.rows(
            "SELECT task_name, args::text FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
        )
        return [(row[0], json.loads(row[1])) for row in rows]

    async def step(self) -> str | None:
        """Run the job that the queue would take next; its name, or None when there is none. A job that gives up for now
        is put off."""
        rows = await self.rows(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
            " ORDER BY priority DESC, id LIMIT 1) RETURNING task_name, args::text"
        )
        if not rows:
            return None
        name, args = rows[0][0], json.loads(rows[0][1])
        for unused in ("correlation", "at"):
            args.pop(unused, None)
        await main.handlers().by_name[name](self.context, **args)
        return name

    async def drain(self) -> list[str]:
        """Run jobs until none waits; their names."""
        names = []
        while (name := await self.step()) is not None:
            names.append(name)
            assert len(names) < 500, "the jobs never end"
        return names

    async def sweep(self) -> list[str]:
        """Fire the timers that are due by the domain's clock and run the jobs; their names."""
        async with self.database.connection() as conn:
            await self.context.clock.sweep(conn)
        return await self.drain()

    async def pass_time(self, span: timedelta) -> list[str]:
        """The same so much later."""
        self.at(self.context.now() + span)
        return await self.sweep()

    async def try_drain(self) -> bool:
        """The same; False if a job gave up for now (the job is then gone, as a worker's retry is not here)."""
        try:
            await self.drain()
            return True
        except TryAgain:
            return False

    async def report(self, key: str, state: str, **more: Any) -> None:
        """The network tells of a service order."""
        await activation.report(self.context, self.network.told(key, state, **more))

    async def counts(self) -> dict[str, int]:
        """Rows of every table of ours: to show that nothing was written."""
        tables = await self.rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT LIKE '%yoyo%' AND relname NOT LIKE 'procrastinate_work%' ORDER BY 1"
        )
        union = " UNION ALL ".join(f"SELECT '{t[0]}', count(*) FROM {t[0]}" for t in tables)
        return {row[0]: row[1] for row in await self.rows(union)}


@asynccontextmanager
async def workshop(dsn: str, network: HandNetwork | None = None) -> AsyncIterator[Workshop]:
    """Open one on a migrated database; the clock stands at NOW and runs."""
    driven = network or HandNetwork()
    database = Database(await open_pool(dsn, size=8, name="workshop"))
    clock = Clock(ClockSetting(real_now(), NOW, 1.0))
    ports: dict[type, Any] = {ServiceActivation: driven, ServiceTesting: driven}
    try:
        yield Workshop(Context(Store(database), clock, main.reactions(), ports), database, driven)
    finally:
        await asyncio.wait_for(database.close(), 10)
