"""The connection pool. One per process; a lost database is answered with Unavailable until it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from abonent.kit.errors import N_, Unavailable

Connection = asyncpg.Connection

# What asyncpg raises while a server goes away, is away or comes back.
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
    FileNotFoundError,
)


def is_gone(error: BaseException) -> bool:
    """Whether an exception means that the database went away (not that the statement is wrong)."""
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing"; others are bugs of ours
    return isinstance(error, _GONE)


def away() -> Unavailable:
    return Unavailable(
        "databaseAway",
        # A commit may have been done although its answer was lost.
        N_(
            "The database is restarting. Try again in a few seconds; what was sent may have been saved already."
        ),
    )


async def _reset(connection: asyncpg.Connection) -> None:
    """asyncpg's own reset query costs a round trip a lease. Nothing here changes a session
    (a law test refuses SET without LOCAL), so a connection out of transaction is clean as it is."""
    if connection.is_in_transaction():
        await connection.reset()


async def open_pool(dsn: str, *, size: int = 10, name: str = "abonent") -> asyncpg.Pool:
    """Open a pool of at most `size` connections, in UTC and without JIT (it only slows short queries)."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        reset=_reset,
        server_settings={
            "application_name": name,
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": "20000",
        },
        command_timeout=30,
    )


class Database:
    """Leases connections; turns every way a database can be gone into Unavailable."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a few statements; Unavailable if the database is away or all stay busy for 10 s."""
        try:
            leased = await self.pool.acquire(timeout=10)
        except Exception as lost:
            if isinstance(lost, TimeoutError) or is_gone(lost):
                raise away() from lost
            raise
        try:
            yield leased  # pyright: ignore[reportReturnType] - the pool's proxy has the connection's methods
        except Exception as lost:
            if is_gone(lost):
                raise away() from lost
            raise
        finally:
            await self.pool.release(leased)

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self.pool.close(), timeout=5)
        except TimeoutError:
            self.pool.terminate()
