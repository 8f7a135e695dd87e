"""Processes that share the embedded PostgreSQL: real servers, real processes, real kills."""

import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

SOURCE = Path(__file__).parents[2] / "src"
HOLDER = Path(__file__).with_name("embedded_postgres_holder.py")
IS_ROOT = os.geteuid() == 0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the embedded server runs on Linux only")
root_only = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")


def server_processes(home: Path) -> set[int]:
    """Processes that work in the server's folders or name them on their command line, holders apart."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            working = os.readlink(entry / "cwd")
        except OSError:
            continue
        if working.startswith(str(home)) or ("-D\0" + str(home)) in command:
            found.add(int(entry.name))
    return found


def postmaster_of(home: Path) -> int:
    return int((home / "data/postmaster.pid").read_text().split()[0])


def wait_until(true: Callable[[], bool], seconds: float) -> float:
    """Seconds it took; fails the test when it does not come about."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began


class Holder:
    """A process running embedded_postgres_holder.py."""

    def __init__(self, command: list[str], environment: dict[str, str], user: int | None) -> None:
        identity: dict[str, Any] = {}
        if user is not None:
            identity = {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **identity,
        )
        self.home = Path(self.hear()["home"])

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the holder ended without an answer"
        return json.loads(line)

    def ask(self, do: str, text: str = "") -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, "text": text}) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def rows(self, statement: str) -> list[list[Any]]:
        answer = self.ask("sql", statement)
        assert "rows" in answer, answer
        return answer["rows"]

    def serves(self, statement: str = "SELECT 1") -> bool:
        return "rows" in self.ask("sql", statement)

    def terminate(self) -> None:
        self.process.terminate()
        assert self.process.wait(20) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


class Bench:
    """Starts holders on one data folder, as the user of the test's mode, and clears up after them."""

    def __init__(self, user: int | None) -> None:
        self.user = user
        self.top = Path(tempfile.mkdtemp(prefix="abonent-test-"))
        self.data_dir = self.top / "data"
        self.python = sys.executable
        libraries = importlib.util.find_spec("psycopg")
        assert libraries is not None and libraries.origin is not None
        self.paths = [str(SOURCE), str(Path(libraries.origin).parents[1])]
        self.holders: list[Holder] = []
        if user is not None:
            os.chown(self.top, user, -1)
            self.python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.top),
            "PYTHONPATH": os.pathsep.join(self.paths),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def begin(self) -> Holder:
        """Start a holder without waiting for its attach()."""
        holder = Holder([self.python, str(HOLDER), str(self.data_dir)], self.environment, self.user)
        self.holders.append(holder)
        return holder

    def attach(self) -> tuple[Holder, dict[str, Any]]:
        holder = self.begin()
        return holder, holder.hear()

    def skip_unless_usable(self) -> None:
        """An ordinary user cannot run this test's Python when that lies below a 0700 /root."""
        if self.user is None:
            return
        check = [self.python, "-c", "import psycopg, abonent.embedded_postgres"]
        group = pwd.getpwuid(self.user).pw_gid
        try:
            done = subprocess.run(
                check, env=self.environment, cwd="/", user=self.user, group=group, extra_groups=[],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except OSError as error:
            pytest.skip(f"an ordinary user cannot run {self.python}: {error}")
        if done.returncode:
            pytest.skip(f"an ordinary user cannot import the package here: {done.stderr[-200:]}")

    def end_holders(self) -> None:
        for holder in self.holders:
            if holder.process.poll() is None:
                holder.kill()
            for stream in (holder.process.stdin, holder.process.stdout):
                assert stream is not None
                stream.close()
        for home in {holder.home for holder in self.holders}:
            wait_until(lambda home=home: not server_processes(home), 15)

    def close(self) -> None:
        self.end_holders()
        for home in {holder.home for holder in self.holders}:
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.top, ignore_errors=True)


# As the user of the tests (root drops its privileges), and for root once more as an ordinary user.
@pytest.fixture(params=["self", "ordinary user"], scope="module")
def user(request: pytest.FixtureRequest) -> int | None:
    if request.param == "self":
        return None
    if not IS_ROOT:
        pytest.skip("the tests run as an ordinary user already")
    return pwd.getpwnam("nobody").pw_uid


@pytest.fixture
def bench(user: int | None) -> Iterator[Bench]:
    """An empty folder."""
    made = Bench(user)
    try:
        made.skip_unless_usable()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def shared_bench(user: int | None) -> Iterator[Bench]:
    made = Bench(user)
    try:
        made.skip_unless_usable()
        yield made
    finally:
        made.close()


@pytest.fixture
def used_bench(shared_bench: Bench) -> Iterator[Bench]:
    """A folder where a database may exist already, and nothing runs."""
    try:
        yield shared_bench
    finally:
        shared_bench.end_holders()


def test_first_start_sharing_and_clean_stop(bench: Bench) -> None:
    first, answer = bench.attach()
    assert answer["owner"] is True
    settings = "listen_addresses fsync TimeZone server_encoding shared_buffers max_connections lc_collate"
    names = [name for name in settings.split() if name != "lc_collate"]
    values = first.rows("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    assert values == [["", "on", "UTC", "UTF8", "256MB", "200"]]
    assert first.rows("SELECT current_user, current_database(), lower('АБОНЕНТ'), 'а' < 'я'") == [
        ["abonent", "abonent", "абонент", True]
    ]
    first.rows("CREATE TABLE client (name text)")

    second, shared = bench.attach()
    assert shared == {"dsn": answer["dsn"], "owner": False}
    second.rows("INSERT INTO client VALUES ('Анна')")
    os.killpg(first.process.pid, signal.SIGINT)  # Ctrl-C in the owner's terminal is not for the server
    second.terminate()
    assert first.rows("SELECT name FROM client") == [["Анна"]]
    assert server_processes(first.home)

    first.terminate()
    assert not server_processes(first.home)
    third, again = bench.attach()
    assert again == answer
    assert third.rows("SELECT name FROM client") == [["Анна"]]


def test_after_kill_of_the_owner_a_survivor_serves_the_same_data(used_bench: Bench) -> None:
    owner, _ = used_bench.attach()
    survivor, _ = used_bench.attach()
    owner.rows("CREATE TABLE client (name text)")
    owner.rows("INSERT INTO client VALUES ('Анна')")
    former = server_processes(owner.home)
    owner.kill()
    killed = time.monotonic()
    wait_until(lambda: survivor.ask("owner")["owner"], 5)
    wait_until(survivor.serves, 5)
    assert time.monotonic() - killed < 5
    assert survivor.rows("SELECT name FROM client") == [["Анна"]]
    assert not former & server_processes(owner.home)
    parent = Path(f"/proc/{postmaster_of(owner.home)}/stat").read_text().rsplit(") ", 1)[1].split()[1]
    assert int(parent) == survivor.process.pid

    survivor.kill()  # nobody is left to look after the server: it ends by itself
    wait_until(lambda: not server_processes(owner.home), 5)


def test_a_killed_postmaster_is_replaced_although_a_backend_goes_on(used_bench: Bench) -> None:
    owner, _ = used_bench.attach()
    owner.ask("occupy")
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO%'"
    wait_until(lambda: owner.rows(busy) == [[1]], 5)
    former = server_processes(owner.home)
    os.kill(postmaster_of(owner.home), signal.SIGKILL)
    wait_until(owner.serves, 5)
    assert not former & server_processes(owner.home)
    owner.terminate()
    assert not server_processes(owner.home)


def test_two_starts_at_once_on_an_empty_folder(bench: Bench) -> None:
    holders = [bench.begin(), bench.begin()]
    answers = [holder.hear() for holder in holders]
    assert sorted(answer["owner"] for answer in answers) == [False, True]
    assert answers[0]["dsn"] == answers[1]["dsn"]
    systems = [holder.rows("SELECT system_identifier FROM pg_control_system()") for holder in holders]
    assert systems[0] == systems[1]


def test_a_start_after_a_kill_during_initialisation(bench: Bench) -> None:
    first = bench.begin()
    half = "data.new-*/base/1"
    wait_until(lambda: any(first.home.glob(half)) or (first.home / "data").exists(), 10)
    first.kill()
    assert not (first.home / "data").exists(), "the kill came too late to prove anything"
    second, answer = bench.attach()
    assert answer["owner"] is True
    assert second.serves()
    assert not list(first.home.glob("data.new-*"))


def test_a_start_after_a_power_cut(used_bench: Bench) -> None:
    """Stale lock files whose number now belongs to another process of the same user, stale socket."""
    first, _ = used_bench.attach()
    first.rows("CREATE TABLE power_cut AS SELECT 1 AS id")
    left = server_processes(first.home)
    os.kill(first.process.pid, signal.SIGSTOP)  # it must not tidy up
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    first.kill()
    stale = [first.home / "data/postmaster.pid", first.home / "socket/.s.PGSQL.5432.lock"]
    account = stale[0].stat()
    identity: dict[str, Any] = {"user": account.st_uid, "extra_groups": []} if IS_ROOT else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **identity) as stranger:
        for file in stale:
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        second, _ = used_bench.attach()
        assert second.rows("SELECT id FROM power_cut") == [[1]]
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_and_odd_data_path(bench: Bench) -> None:
    bench.data_dir = bench.top / ("очень, длинный путь " * 4) / "и ещё 'один' & \"другой\""
    owner, answer = bench.attach()
    other, shared = bench.attach()
    assert (answer["owner"], shared["owner"]) == (True, False)
    assert owner.rows("SELECT 1") == other.rows("SELECT 1") == [[1]]
    owner.kill()
    wait_until(lambda: other.ask("owner")["owner"], 5)
    wait_until(other.serves, 5)
    other.terminate()
    socket = parse_qs(urlsplit(answer["dsn"]).query)["host"][0]
    assert len(socket) < 90
    assert not Path(socket).exists()


@root_only
def test_other_users_of_the_machine_are_refused(used_bench: Bench) -> None:
    """Root enters every folder, the server's account owns the socket: peer authentication stops both."""
    owner, answer = used_bench.attach()
    attempt = "import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=2)"
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    environment = used_bench.environment
    strangers = [pwd.getpwnam("daemon").pw_uid, 0 if used_bench.user else (owner.home / "data").stat().st_uid]
    failures = []
    for stranger in strangers:
        done = subprocess.run(
            [python, "-c", attempt, answer["dsn"]], env=environment, cwd="/",
            user=stranger, extra_groups=[], capture_output=True, text=True, check=False,
        )  # fmt: skip
        failures.append(done.stderr)
    if any("ModuleNotFoundError" in failure for failure in failures):
        pytest.skip("no Python here that another user can run with psycopg")
    assert "Permission denied" in failures[0]
    assert "Peer authentication failed" in failures[1]
    assert owner.serves()
