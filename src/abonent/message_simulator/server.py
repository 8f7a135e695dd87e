"""Running the sink, for good or for the length of a block."""

import asyncio
import signal
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from abonent.message_simulator.app import Gateway
from abonent.message_simulator.behaviour import Behaviour, Treatments
from abonent.message_simulator.box import Box
from abonent.message_simulator.smtp import listen

DEFAULT_PORT, DEFAULT_SMTP_PORT = 9680, 9625


@dataclass(slots=True)
class Sink:
    """A running sink. `url` of its HTTP side, `smtp` as smtp://host:port; `treatments.replace` changes it."""

    url: str
    smtp: str
    box: Box
    treatments: Treatments


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Signals belong to the program that embeds the server.
        yield


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    smtp_port: int = 0,
    behaviour: Behaviour | None = None,
    token: str | None = None,
) -> AsyncIterator[Sink]:
    """Run a sink in the running loop; port 0 takes a free one. `token`: the SMS gateway demands it."""
    box, treatments = Box(folder), Treatments(behaviour or Behaviour())
    mail = await listen(box, treatments, host, smtp_port)
    config = uvicorn.Config(
        Gateway(box, treatments, token).app(),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serve = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serve.done():
                serve.result()
                raise RuntimeError("the sink did not start")
            await asyncio.sleep(0.005)
        web, letters = (s.sockets[0].getsockname()[1] for s in (server.servers[0], mail))
        yield Sink(f"http://{host}:{web}", f"smtp://{host}:{letters}", box, treatments)
    finally:
        server.should_exit = True
        mail.close()
        await serve


def run(
    folder: Path, host: str = "127.0.0.1", port: int = DEFAULT_PORT, smtp_port: int = DEFAULT_SMTP_PORT
) -> None:
    """Run a sink until SIGINT or SIGTERM. It has no accounts: keep it on a private address."""

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with serving(folder, host=host, port=port, smtp_port=smtp_port):
            await stop.wait()

    asyncio.run(until_told())
