"""Running processes: the web server and the worker, each tending the embedded database it may have to take over."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn

from abonent import main
from abonent.embedded_postgres import EmbeddedPostgres
from abonent.faces.children import keep_running
from abonent.faces.console.app import ConsoleSettings
from abonent.faces.console.app import routes as console_routes
from abonent.faces.console_data import StoreConsole
from abonent.faces.edge import Edge
from abonent.faces.site import Callbacks, site
from abonent.faces.tmf.app import TmfFace
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit import jobs
from abonent.kit.db import is_gone
from abonent.kit.errors import Problem
from abonent.kit.migrate import migrate

log = structlog.get_logger("serve")
TEND_EVERY = 0.5
CLOCK_EVERY = 1.0
SUBSCRIBE_EVERY = 30.0


class AttachedDatabase:
    """The database of this process: DATABASE_URL, or the embedded one in the data folder, attached and tended."""

    def __init__(self, settings: main.Settings) -> None:
        self._embedded = None if settings.database_url else EmbeddedPostgres(settings.data)
        self.dsn = settings.database_url or ""

    def attach(self) -> str:
        if self._embedded is not None:
            self.dsn = self._embedded.attach()
        return self.dsn

    async def tend(self, stop: asyncio.Event) -> None:
        """Take over or restart the embedded server when need be, until `stop`. Runs in the main thread."""
        while not stop.is_set():
            if self._embedded is not None:
                try:
                    self._embedded.tend()
                except Problem as trouble:
                    log.error("database cannot be brought up", error=str(trouble))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TEND_EVERY)

    def told(self) -> str:
        """Which database it is, for people; never with a password."""
        return "DATABASE_URL" if self._embedded is None else "embedded"

    def detach(self) -> None:
        if self._embedded is not None:
            self._embedded.detach()


@asynccontextmanager
async def _stop_on_signals() -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    yield stop


async def _keep_clock(process: main.Process, stop: asyncio.Event) -> None:
    """Take up what another process did to the domain's clock."""
    while not stop.is_set():
        with suppress(Problem):
            async with process.database.connection() as conn:
                await process.context.clock.refresh(conn)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CLOCK_EVERY)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: one event stops all parts of this process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """Bind before anything is started, so that a busy port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it answers wait 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    bound.listen(2048)
    return bound


def free_port() -> int:
    """A TCP port of the loopback address that is free now."""
    with listening_socket("127.0.0.1", 0) as probe:
        return probe.getsockname()[1]


def web_app(process: main.Process, settings: main.Settings) -> Edge:
    """The whole web application over an open process."""
    context, secret = process.context, secret_of(settings.data, settings.secret)

    console = console_routes(
        StoreConsole(context),
        ConsoleSettings(secret, (settings.public_url or "").startswith("https://"), clock=context.now),
    )
    outside = site(console, process.database, Callbacks(secret), main.reports(context))
    tmf = TmfFace(main.REGISTRY, main.actions(), context.for_caller, settings.public_url)
    return Edge(tmf, outside, Tokens(secret))


async def serve(
    settings: main.Settings,
    bound: socket.socket,
    database: AttachedDatabase,
    children: list[tuple[list[str], dict[str, str]]],
) -> None:
    """Serve until a signal comes. `children` are commands of `abonent` to keep running beside."""
    async with (
        _stop_on_signals() as stop,
        main.open_process(settings, database.dsn, "abonent-web") as process,
    ):
        config = uvicorn.Config(
            web_app(process, settings),
            http="httptools",
            loop="uvloop",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=5,
        )
        server = _Server(config)
        parts = [
            asyncio.create_task(database.tend(stop)),
            asyncio.create_task(_keep_clock(process, stop)),
            *(asyncio.create_task(keep_running(command, env, stop)) for command, env in children),
        ]
        serving = asyncio.create_task(server.serve([bound]))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        server.should_exit = True
        await asyncio.gather(serving, *parts)


async def work(
    settings: main.Settings, database: AttachedDatabase, *, concurrency: int, report_to: str | None
) -> None:
    """Run background jobs, timers and the rescue of jobs of dead workers until a signal comes."""
    async with (
        _stop_on_signals() as stop,
        main.open_process(settings, database.dsn, "abonent-worker") as process,
    ):
        app = jobs.queue_app(database.dsn, main.handlers(), process.context)
        await asyncio.gather(
            database.tend(stop),
            _keep_clock(process, stop),
            jobs.work(app, concurrency=concurrency, stop=stop),
            _sweep(process, stop),
            _rescue(database.dsn, stop),
            _subscribe(process, settings, report_to, stop),
        )


async def _sweep(process: main.Process, stop: asyncio.Event) -> None:
    """Turn due timers into jobs."""
    while not stop.is_set():
        swept = 0
        with suppress(Problem):
            async with process.database.connection() as conn:
                swept = await process.context.clock.sweep(conn)
        if swept == 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)


async def _rescue(dsn: str, stop: asyncio.Event) -> None:
    """Every heartbeat, give jobs of dead workers back to the queue."""
    app = jobs.rescuer(dsn)
    while not stop.is_set():
        try:
            async with app.open_async():
                while not stop.is_set():
                    await jobs.rescue(app)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), jobs.HEARTBEAT)
        except Exception as error:
            if not is_gone(error):
                log.warning("rescue could not reach the database", error=str(error))
            await asyncio.sleep(0.5)


async def _subscribe(
    process: main.Process, settings: main.Settings, report_to: str | None, stop: asyncio.Event
) -> None:
    """Tell the network where to report, at the start and again in case it forgot."""
    base = report_to or settings.public_url
    if process.activation is None or base is None:
        return
    address = Callbacks(secret_of(settings.data, settings.secret)).address(base, "network")
    while not stop.is_set():
        pause = SUBSCRIBE_EVERY
        try:
            await process.activation.ensure_subscription(address)
        except Problem as trouble:
            log.warning("network took no callback address; its answers will be polled", error=str(trouble))
            pause = 2.0
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


def prepare(settings: main.Settings) -> AttachedDatabase:
    """Attach the database and bring it to the present schema. Blocking, in the main thread."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = AttachedDatabase(settings)
    applied = migrate(database.attach())
    if applied:
        log.info("database migrated", migrations=len(applied))
    return database
