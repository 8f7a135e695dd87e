"""Serving an application over real HTTP, for good or for the length of a block."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from abonent.network_simulator.app import create_simulator
from abonent.network_simulator.behaviour import Behaviour

DEFAULT_PORT = 9641
_GRACE = 2
"""Seconds open requests get when the server stops."""


def run(host: str = "127.0.0.1", port: int = DEFAULT_PORT, behaviour: Behaviour | None = None) -> None:
    """Serve a simulator until SIGINT or SIGTERM. It has no accounts: keep it on a private address."""
    uvicorn.run(
        create_simulator(behaviour, f"http://{host}:{port}"),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )


class _EmbeddedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.asked_to_stop = asyncio.Event()

    async def main_loop(self) -> None:
        # uvicorn's own loop asks ten times a second whether to stop; a block that ends should not wait.
        await self.on_tick(0)
        await self.asked_to_stop.wait()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Signals belong to the program that embeds the server.
        yield


@asynccontextmanager
async def serving(app: Any, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an ASGI application from the running loop; yields its root URL. Port 0 takes a free one."""
    # uvicorn binds the socket itself: one made by socket.create_server has protocol number 0, so asyncio
    # leaves TCP_NODELAY off, and every answer waits 40 ms for a delayed acknowledgement.
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _EmbeddedServer(config)
    serve = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serve.done():
                serve.result()
                raise RuntimeError("the application did not start; its lifespan failed")
            await asyncio.sleep(0.005)
        yield f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.asked_to_stop.set()
        await serve
