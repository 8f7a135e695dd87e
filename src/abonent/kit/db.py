"""The connection pool. One per process; a lost database is answered with Unavailable until it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from abonent.kit.errors import N_, Unavailable

Connection = asyncpg.Connection

# What asyncpg raises while a server goes away, is away or comes back.
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # The server's last words lay on an idle connection when it was used: "cannot switch to state ...".
    asyncpg.InternalClientError,
    ConnectionError,
    FileNotFoundError,
)


_CHANGED_TABLES = """
SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables
WHERE n_mod_since_analyze > 0 AND pg_get_userbyid((SELECT relowner FROM pg_class WHERE oid = relid)) = current_user"""


def is_gone(error: BaseException) -> bool:
    """Whether an exception means that the database went away (not that the statement is wrong)."""
    if isinstance(error, asyncpg.InterfaceError):
        # "connection is closed", "pool is closing", and "released back to the pool", which the pool does with a
        # lease whose connection is lost. Others are bugs of ours.
        return "clos" in str(error) or "released back" in str(error)
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
            # Statements by id and writes are the same whatever their values: planning them each time took a sixth
            # of a write. Searches, whose best plan depends on the values, ask for another (searching).
            "plan_cache_mode": "force_generic_plan",
        },
        # Bounds of what a request can wait for. A time-out of acquire() would cost a task each time instead.
        command_timeout=30,
        timeout=5,
    )


class Database:
    """Leases connections; turns every way a database can be gone into Unavailable."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._at_hand: list[asyncpg.pool.PoolConnectionProxy] = []
        self._most_at_hand = pool.get_max_size() // 2

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for several statements; Unavailable if the database is away."""
        leased = await self._lease()
        try:
            yield leased  # pyright: ignore[reportReturnType] - the pool's proxy has the connection's methods
        except Exception as lost:
            if is_gone(lost):
                raise away() from lost
            raise
        finally:
            await self.pool.release(leased)

    @asynccontextmanager
    async def searching(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection in a read-only transaction, in which statements are planned for their values."""
        async with self.connection() as conn, conn.transaction(readonly=True):
            await conn.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            yield conn

    async def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows of one statement; Unavailable if the database is away."""
        return await self._quick("fetch", sql, args)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row of one statement, or None; Unavailable if the database is away."""
        return await self._quick("fetchrow", sql, args)

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None; Unavailable if the database is away."""
        return await self._quick("fetchval", sql, args)

    async def run(self, sql: str, *args: Any) -> None:
        """One statement without rows; Unavailable if the database is away."""
        await self._quick("execute", sql, args)

    async def _quick(self, method: str, sql: str, args: tuple[Any, ...]) -> Any:
        """One statement on a connection that is kept at hand.

        A lease of the pool costs about a third of a read by id, so half of its connections stay here between
        statements. The other half always goes through the pool, so whoever waits for it is served.
        """
        leased = await self._kept() or await self._lease()
        try:
            result = await getattr(leased, method)(sql, *args)
        except BaseException as lost:
            # Cancelled or refused in the middle: the pool knows how to bring the connection back in order.
            await self.pool.release(leased)
            if isinstance(lost, Exception) and is_gone(lost):
                raise away() from lost
            raise
        if len(self._at_hand) < self._most_at_hand:
            self._at_hand.append(leased)
        else:
            await self.pool.release(leased)
        return result

    async def _kept(self) -> asyncpg.pool.PoolConnectionProxy | None:
        """A connection at hand that lives. All of them died with the server when it was restarted."""
        while self._at_hand:
            leased = self._at_hand.pop()
            try:
                if not leased.is_closed():
                    return leased
            except asyncpg.InterfaceError:
                continue  # the pool took it back when it was lost
            await self.pool.release(leased)
        return None

    async def _lease(self) -> asyncpg.pool.PoolConnectionProxy:
        try:
            return await self.pool.acquire()
        except Exception as lost:
            if isinstance(lost, TimeoutError) or is_gone(lost):
                raise away() from lost
            raise

    async def settle(self) -> None:
        """Bring the tables in order after much was written at once (imports, the demo): fresh statistics, and what
        the search indexes hold back merged in. Until autovacuum does so, lists take ten times as long."""
        async with self.connection() as conn:
            # One by one: each has the statement's time to itself.
            for row in await conn.fetch(_CHANGED_TABLES):
                await conn.execute(f"VACUUM (ANALYZE) {row[0]}")

    async def give_back(self) -> None:
        """Leave what is kept at hand to the pool; for one of several users of a pool, when it is done."""
        while self._at_hand:
            await self.pool.release(self._at_hand.pop())

    async def close(self) -> None:
        await self.give_back()
        try:
            await asyncio.wait_for(self.pool.close(), timeout=5)
        except TimeoutError:
            self.pool.terminate()
