"""One PostgreSQL for the whole run, one fresh database a test.

The process that starts pytest brings the server up (the workers of xdist inherit its address) and migrates a template;
each test that asks for `dsn` gets a clone of it. ABONENT_TEST_DSN names another server to use instead.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from abonent.domain.party import accounts
from abonent.embedded_postgres import EmbeddedPostgres
from abonent.kit.migrate import migrate
from tests.support import operator

TEMPLATE = "abonent_template"
_SERVER = "ABONENT_TEST_DSN"
_numbers = itertools.count()
_started: list[tuple[EmbeddedPostgres, Path]] = []


def with_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def _execute(dsn: str, *statements: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


async def drop_database(server: str, name: str) -> None:
    """Drop a database whoever is in it. Autovacuum cannot be thrown out, but leaves by itself."""
    for attempt in range(50):
        try:
            await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")
            return
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
            if attempt == 49:
                raise
            await asyncio.sleep(0.2)


def pytest_configure(config: pytest.Config) -> None:
    # A hash takes long on purpose, and here only that: processes of their own keep the real one.
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts._NOBODY = accounts._hasher.hash("nobody's password")
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    if _SERVER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="abonent-test-"))
        server = EmbeddedPostgres(folder)
        _started.append((server, folder))
        os.environ[_SERVER] = server.attach()
    dsn = os.environ[_SERVER]
    asyncio.run(
        _execute(dsn, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
    )
    migrate(with_database(dsn, TEMPLATE))


def pytest_unconfigure(config: pytest.Config) -> None:
    for server, folder in _started:
        server.detach()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ[_SERVER]
    _started.clear()


@pytest.fixture
def dsn() -> Iterator[str]:
    """A database of this test alone, migrated and empty."""
    server = os.environ[_SERVER]
    name = f"test_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield with_database(server, name)
    asyncio.run(drop_database(server, name))


@asynccontextmanager
async def database_of_its_own(name: str, template: str = TEMPLATE) -> AsyncIterator[str]:
    """As `dsn`, for what several tests share; `template` is the database it is a clone of."""
    server, name = os.environ[_SERVER], f"{name}_{os.getpid()}"
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield with_database(server, name)
    await drop_database(server, name)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def seeded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The name of a database with the small operator in it, to be cloned; seeded once a worker."""
    async with database_of_its_own("seeded") as dsn:
        await operator.fill(dsn, tmp_path_factory.mktemp("seeded"))
        yield urlsplit(dsn).path.removeprefix("/")


@pytest.fixture
async def conn(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()
