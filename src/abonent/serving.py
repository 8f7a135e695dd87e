"""Running processes: the web server and the worker, each tending the embedded database it may have to take over."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

import structlog
import uvicorn

from abonent import main
from abonent.domain.agreement.ports import QuoteLinks
from abonent.domain.order_handling.ports import OrderLinks
from abonent.embedded_postgres import EmbeddedPostgres
from abonent.faces.children import keep_running
from abonent.faces.console import docs
from abonent.faces.console.app import rooms
from abonent.faces.console.app import routes as console_routes
from abonent.faces.console.desk import ConsoleSettings
from abonent.faces.console_data import StoreConsole
from abonent.faces.edge import Edge
from abonent.faces.site import Callbacks, site
from abonent.faces.tmf.app import TmfFace
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit import jobs
from abonent.kit.context import Context
from abonent.kit.db import is_gone
from abonent.kit.errors import Problem, Unavailable
from abonent.kit.hub.pace import Pace
from abonent.kit.hub.running import HubWorker
from abonent.kit.migrate import migrate

log = structlog.get_logger("serve")
TEND_EVERY = 0.5
CLOCK_EVERY = 1.0
SWEEP_EVERY = 0.5
# Seconds a process that starts waits for the database, whose owner may have died a moment ago.
DATABASE_BACK_WITHIN = 30.0
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

    def tend_once(self) -> None:
        """Take over or restart the embedded server when need be. In the main thread."""
        if self._embedded is not None:
            try:
                self._embedded.tend()
            except Problem as trouble:
                log.error("database cannot be brought up", error=str(trouble))

    async def tend(self, stop: asyncio.Event) -> None:
        """`tend_once`, again and again until `stop`."""
        while not stop.is_set():
            self.tend_once()
            await _pause(stop, TEND_EVERY)

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


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _repeat(
    what: str, step: Callable[[], Awaitable[bool]], seconds: float, stop: asyncio.Event
) -> None:
    """Call `step` until `stop`: at once again while it says True, else after a pause. No error ends it."""
    while not stop.is_set():
        again = False
        try:
            again = await step()
        except Problem:
            pass  # the database is away; requests and jobs tell of it
        except Exception:
            log.exception("it will be tried again", what=what)
        if not again:
            await _pause(stop, seconds)


async def _together(stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts of a process until `stop` ends them. One that fails stops the others, and its error is raised:
    half a process must not live on, it would be neither useful nor restarted."""
    tasks = [asyncio.create_task(part) for part in parts]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    stop.set()
    await asyncio.wait(tasks)
    for task in tasks:
        task.result()


@asynccontextmanager
async def _process(
    settings: main.Settings, database: AttachedDatabase, name: str, stop: asyncio.Event
) -> AsyncIterator[main.Process]:
    """The open process. Waits for the database: its owner may have died since it was attached."""
    deadline = time.monotonic() + DATABASE_BACK_WITHIN
    async with AsyncExitStack() as stack:
        while True:
            try:
                process = await stack.enter_async_context(main.open_process(settings, database.dsn, name))
                break
            except Exception as error:
                passing = is_gone(error) or isinstance(error, Unavailable)
                if not passing or stop.is_set() or time.monotonic() > deadline:
                    raise
            database.tend_once()
            await asyncio.sleep(0.2)
        yield process


def _clock(process: main.Process) -> Callable[[], Awaitable[bool]]:
    async def refresh() -> bool:
        """Take up what another process did to the domain's clock."""
        async with process.database.connection() as conn:
            await process.context.clock.refresh(conn)
        return False

    return refresh


def _sweep(process: main.Process) -> Callable[[], Awaitable[bool]]:
    async def sweep() -> bool:
        """Turn due timers into jobs; True when there may be more."""
        async with process.database.connection() as conn:
            swept = await process.context.clock.sweep(conn)
        if swept:
            process.context.store.bell.ring()
        return swept > 0

    return sweep


def _rescue(process: main.Process) -> Callable[[], Awaitable[bool]]:
    rescue = jobs.Rescue()

    async def look() -> bool:
        """Give jobs of dead workers back to the queue."""
        async with process.database.connection() as conn:
            await rescue.look(conn, time.monotonic())
        return False

    return look


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
        ConsoleSettings(
            secret,
            (settings.public_url or "").startswith("https://"),
            clock=context.now,
            clock_moved=lambda: context.clock.moved,
        ),
        [*rooms(context), docs.room(main.REGISTRY)],
    )
    outside = site(console, process.database, Callbacks(secret), main.reports(context))
    tmf = TmfFace(main.REGISTRY, main.actions(), context.for_caller, settings.public_url)
    return Edge(tmf, outside, Tokens(secret))


async def _serve_http(server: uvicorn.Server, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop`. A server that ends by itself stops the process."""
    serving, stopped = asyncio.create_task(server.serve([bound])), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopped.cancel()
        stop.set()


async def serve(
    settings: main.Settings,
    bound: socket.socket,
    database: AttachedDatabase,
    children: list[tuple[list[str], dict[str, str]]],
) -> None:
    """Serve until a signal comes. `children` are commands of `abonent` to keep running beside."""
    async with _stop_on_signals() as stop, _process(settings, database, "abonent-web", stop) as process:
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
        await _together(
            stop,
            database.tend(stop),
            _repeat("clock", _clock(process), CLOCK_EVERY, stop),
            _serve_http(_Server(config), bound, stop),
            *(keep_running(command, env, stop) for command, env in children),
        )


async def work(
    settings: main.Settings,
    database: AttachedDatabase,
    *,
    concurrency: int,
    report_to: str | None,
    rescue: bool = True,
) -> None:
    """Run background jobs, timers and the rescue of jobs of dead workers until a signal comes."""
    async with _stop_on_signals() as stop, _process(settings, database, "abonent-worker", stop) as process:
        app = jobs.queue_app(database.dsn, main.handlers(), process.context)
        if (base := report_to or settings.public_url) is not None:
            callbacks = Callbacks(secret_of(settings.data, settings.secret))
            for gateway, kind, event in (
                (process.sms, "sms", main.SMS_REPORT),
                (process.payments, "payments", main.PAYMENT_REPORT),
                (process.porting, "porting", main.PORTING_REPORT),
            ):
                if gateway is not None:
                    gateway.report_to = f"{callbacks.address(base, kind)}/listener/{event}"
        for port in (QuoteLinks, OrderLinks):
            links = process.context.ports[port]
            links.base = links.base or report_to or ""
        parts = [
            database.tend(stop),
            _repeat("clock", _clock(process), CLOCK_EVERY, stop),
            jobs.work(app, concurrency=concurrency, stop=stop),
            _repeat("timers", _sweep(process), SWEEP_EVERY, stop),
            _subscribe(process, settings, report_to, stop),
            tell_listeners(process.context, settings.public_url or report_to or "", stop),
        ]
        if rescue:
            parts.append(_repeat("rescue", _rescue(process), jobs.HEARTBEAT, stop))
        await _together(stop, *parts)


async def beside(
    settings: main.Settings,
    database: AttachedDatabase,
    name: str,
    part: Callable[[main.Process, asyncio.Event], Coroutine[Any, Any, None]],
) -> None:
    """Run one more part on the database of a server, in a process of its own, until a signal comes."""
    async with _stop_on_signals() as stop, _process(settings, database, name, stop) as process:
        await _together(stop, database.tend(stop), part(process, stop))


async def tell_listeners(
    context: Context, public_url: str, stop: asyncio.Event, pace: Pace | None = None
) -> None:
    """Tell those who subscribed at the hubs of what happens, until `stop`."""
    hub = HubWorker(context, main.REGISTRY, public_url, pace)
    try:
        await asyncio.gather(*(_repeat(what, step, pause, stop) for what, step, pause in hub.steps))
    finally:
        await hub.close()


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
        except Exception:
            log.exception("callback address could not be told, trying again")
            pause = 2.0
        await _pause(stop, pause)


def prepare(settings: main.Settings) -> AttachedDatabase:
    """Attach the database and bring it to the present schema. Blocking, in the main thread."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = AttachedDatabase(settings)
    dsn = database.attach()
    deadline = time.monotonic() + DATABASE_BACK_WITHIN
    while True:
        try:
            applied = migrate(dsn)
            break
        except Unavailable:
            # Another process owned the embedded server and died just now. A DATABASE_URL is told at once.
            if settings.database_url or time.monotonic() > deadline:
                raise
        database.tend_once()
        time.sleep(0.2)
    if applied:
        log.info("database migrated", migrations=len(applied))
    return database
