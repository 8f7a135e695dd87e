"""A running simulator with a client and a subscribed listener, for the tests of the simulator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.network_simulator import Behaviour, create_simulator, serving

ORDERS = "/tmf-api/serviceOrdering/v4"
TESTS = "/tmf-api/serviceTestManagement/v4"
QUICK = Behaviour(latency_min=0.01, latency_max=0.03, test_latency_min=0.0, test_latency_max=0.01)


@dataclass
class Listener:
    """What came to the callback, in order of arrival. `refuse` first answers 503 that often."""

    url: str = ""
    refuse: int = 0
    refused: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    correlations: list[str | None] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        if self.refused < self.refuse:
            self.refused += 1
            return Response(status_code=503)
        self.events.append(await request.json())
        self.correlations.append(request.headers.get("x-correlation-id"))
        self._came.set()
        return Response(status_code=204)

    def states(self) -> list[str]:
        return [one["event"]["serviceOrder"]["state"] for one in self.events]

    async def wait_for(self, number: int) -> None:
        async with asyncio.timeout(5):
            while len(self.events) < number:
                self._came.clear()
                await self._came.wait()


@dataclass
class Bench:
    """A simulator, a client of it, and a listener subscribed to it."""

    session: aiohttp.ClientSession
    listener: Listener

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, CIMultiDictProxy[str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, json=body, headers=named) as answer:
            content = await answer.json() if answer.content_type == "application/json" else None
            return answer.status, content, answer.headers

    async def place(self, order: dict[str, Any], key: str) -> dict[str, Any]:
        status, body, _ = await self.call("POST", f"{ORDERS}/serviceOrder", order, Idempotency_Key=f'"{key}"')
        assert status == 201, body
        return body

    async def ledger(self) -> dict[str, Any]:
        return (await self.call("GET", "/simulator/executions"))[1]

    async def settled(self, order_id: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while True:
                _, order, _ = await self.call("GET", f"{ORDERS}/serviceOrder/{order_id}")
                if order["state"] not in ("acknowledged", "inProgress"):
                    return order
                await asyncio.sleep(0.01)


@asynccontextmanager
async def bench(behaviour: Behaviour = QUICK, listener: Listener | None = None) -> AsyncIterator[Bench]:
    heard = listener or Listener()
    app = create_simulator(behaviour)
    # The listener shares the simulator's server, which saves the start of a second one.
    app.router.routes.append(Route("/cb/listener/{event}", heard.take, methods=["POST"]))
    async with serving(app) as root, aiohttp.ClientSession(root) as session:
        heard.url = f"{root}/cb"
        ready = Bench(session, heard)
        status, _, _ = await ready.call("POST", f"{ORDERS}/hub", {"callback": heard.url})
        assert status == 201
        yield ready


def order(
    service_id: str | None, action: str = "add", name: str = "Internet access", **values: Any
) -> dict[str, Any]:
    return {"serviceOrderItem": [item("1", service_id, action, name, **values)]}


def item(
    id: str, service_id: str | None, action: str = "add", name: str = "Internet access", **values: Any
) -> dict[str, Any]:
    service: dict[str, Any] = {
        "serviceSpecification": {"id": "spec", "name": name},
        "serviceCharacteristic": [{"name": key, "value": value} for key, value in values.items()],
    }
    if service_id:
        service["id"] = service_id
    return {"id": id, "action": action, "service": service}


def characteristics(placed: dict[str, Any], index: int = 0) -> dict[str, Any]:
    service = placed["serviceOrderItem"][index]["service"]
    return {one["name"]: one["value"] for one in service["serviceCharacteristic"]}
