"""The whole system in this process: simulated network over real HTTP, jobs run by a real worker, web over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abonent import main, serving
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.faces.site import Callbacks
from abonent.faces.tokens import secret_of
from abonent.kit import jobs
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.network_simulator import Behaviour, create_simulator
from abonent.network_simulator import serving as serving_app

QUICK = Behaviour(latency_min=0.0, latency_max=0.02, test_latency_min=0.0, test_latency_max=0.01)
PATIENCE = 20.0


@dataclass
class Running:
    """A running system: `context` to act in, `url` of its API, `network` of the simulator."""

    context: Context
    process: main.Process
    settings: main.Settings
    url: str
    network: str

    async def order_in(self, order_id: str, *states: str) -> dict[str, Any]:
        """Wait until the order is in one of `states`; its document."""

        async def look() -> dict[str, Any] | None:
            stored = await self.context.store.get(SYSTEM, PRODUCT_ORDER, order_id)
            return stored.document if stored.state in states else None

        return await eventually(look, f"order {order_id} in {states}")


async def eventually(look: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> Any:
    """Poll `look` until it returns something; AssertionError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {patience} s: {what}")


@asynccontextmanager
async def run_system(dsn: str, data: Path, behaviour: Behaviour = QUICK) -> AsyncIterator[Running]:
    """Simulator, worker and web on `dsn`; all stopped at the end."""
    stop = asyncio.Event()
    async with serving_app(create_simulator(behaviour)) as network:
        settings = main.Settings(data=data, database_url=dsn, network_url=network)
        async with (
            main.open_process(settings, dsn, "test") as process,
            serving_app(serving.web_app(process, settings)) as url,
        ):
            app = jobs.queue_app(dsn, main.handlers(), process.context)
            worker = asyncio.create_task(jobs.work(app, concurrency=8, stop=stop))
            assert process.activation is not None
            callback = Callbacks(secret_of(data)).address(url, "network")
            await process.activation.ensure_subscription(callback)
            try:
                yield Running(process.context, process, settings, url, network)
            finally:
                stop.set()
                await worker
