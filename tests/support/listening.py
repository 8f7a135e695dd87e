"""Listeners of other systems, and the hub's part of a worker beside a web application."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abonent import serving
from abonent.kit.context import Context
from abonent.kit.hub.pace import Pace
from abonent.network_simulator import serving as serving_app
from tests.support.running import eventually
from tests.support.web import CUSTOMERS, Web, run_web

CUSTOMER_HUB = "/tmf-api/customerManagement/v4/hub"
PACE = Pace(first=0.05, longest=0.4, patience=2.0, lease=3.0, look=0.03)


@dataclass
class Came:
    """One post that came to a listener."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    def signed_with(self, secret: str) -> bool:
        """Whether the signature is right, computed as the text of Standard Webhooks says."""
        key = base64.b64decode(secret.split("_", 1)[1])
        signed = b".".join(
            (self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.raw)
        )
        mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return self.headers["webhook-signature"] == f"v1,{mark}"


@dataclass
class Listener:
    """An HTTP server that keeps what is posted to it. `status` answers each; `hangs` never does."""

    status: Callable[[Came], int] = lambda _: 204
    hangs: bool = False
    came: list[Came] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        raw = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # the sender died before it had sent all
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        one = Came(scope["path"], headers, raw)
        self.came.append(one)
        if self.hangs:
            await asyncio.sleep(30)
        await send(
            {
                "type": "http.response.start",
                "status": self.status(one),
                "headers": [(b"content-length", b"0")],
            }
        )
        await send({"type": "http.response.body", "body": b""})

    async def heard(self, count: int, patience: float = 10.0) -> list[Came]:
        """Wait until so many posts came."""

        async def look() -> list[Came] | None:
            return self.came if len(self.came) >= count else None

        return await eventually(look, f"{count} posts, {len(self.came)} came", patience)

    @property
    def ids(self) -> list[str]:
        return [one.body["eventId"] for one in self.came]


@asynccontextmanager
async def listening(**more: Any) -> AsyncIterator[Listener]:
    listener = Listener(**more)
    async with serving_app(listener) as url:
        listener.url = url
        yield listener


@asynccontextmanager
async def telling(context: Context, pace: Pace = PACE) -> AsyncIterator[asyncio.Task[None]]:
    """The hub's part of a worker, stopped at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(serving.tell_listeners(context, "https://abonent.example", stop, pace))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def hub_web(dsn: str, data: Path, allow: str | None = "private") -> AsyncIterator[Web]:
    async with run_web(dsn, data, hub_allow=allow) as web:
        yield web


async def subscribed(
    web: Web, callback: str, query: str | None = None, hub: str = CUSTOMER_HUB
) -> dict[str, Any]:
    """Subscribe as an administrator; the answer."""
    asked = {"callback": callback, **({"query": query} if query is not None else {})}
    answer = await web.admin.post(hub, json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def new_customer(web: Web, name: str = "Anna") -> str:
    """Create a customer; his id."""
    answer = await web.admin.post(
        CUSTOMERS, json={"name": name, "engagedParty": {"id": "I-1", "@referredType": "Individual"}}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def rename(web: Web, id: str, name: str) -> None:
    answer = await web.admin.patch(f"{CUSTOMERS}/{id}", json={"name": name})
    assert answer.status_code == 200, answer.text
