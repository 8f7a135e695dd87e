"""Real processes of Abonent on one data folder, with their embedded PostgreSQL and a simulated network beside."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from abonent.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
# Ours first; the libraries as well, for an interpreter that is not the environment's own.
PATH = os.pathsep.join([str(ROOT / "src"), sysconfig.get_path("purelib")])
STOP_WITHIN = 10.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass
class Program:
    """One running `abonent ...`; what it says goes to `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def records(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of one event, oldest first."""
        found = []
        for line in self.said().splitlines():
            if event in line:
                with suppress(msgspec.DecodeError):
                    record = msgspec.json.decode(line)
                    if record.get("event") == event:
                        found.append(record)
        return found

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(5)

    def stop(self, within: float = STOP_WITHIN) -> float:
        """SIGTERM; seconds until its end. AssertionError when it takes longer than `within` or fails."""
        begun = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not stop within {within:g} s:\n{self.tail()}") from None
        # uvicorn, when it runs alone, ends by the signal it was sent.
        assert code in {0, -signal.SIGTERM}, f"{self.name} ended with code {code}:\n{self.tail()}"
        return time.monotonic() - begun

    def tail(self) -> str:
        return self.said()[-3000:]


@dataclass
class Site:
    """A data folder and the programs on it."""

    data: Path
    logs: Path
    environment: dict[str, str]
    user: list[str] = field(default_factory=list)
    python: str = sys.executable
    programs: list[Program] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._postgres = EmbeddedPostgres(self.data)

    @property
    def dsn(self) -> str:
        return self._postgres.dsn

    @property
    def home(self) -> Path:
        """Where the embedded server lives."""
        return self._postgres.folder

    def start(self, name: str, *arguments: str, **environment: str) -> Program:
        """Start `abonent ARGUMENTS --data ...`. It dies with this process, whatever happens to the test."""
        log = self.logs / f"{len(self.programs):02}-{name}.log"
        known = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("ABONENT_")}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*self.user, self.python, "-m", "abonent", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
                env={**known, "PYTHONPATH": PATH, **self.environment, **environment},
                preexec_fn=lambda: _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),
            )
        program = Program(name, process, log)
        self.programs.append(program)
        return program

    def serve(self, port: int, *more: str, name: str = "web") -> Program:
        return self.start(name, "serve", "--port", str(port), "--data", str(self.data), *more)

    def worker(self, *more: str, name: str = "worker", **environment: str) -> Program:
        return self.start(name, "worker", "--data", str(self.data), *more, **environment)

    def owner(self) -> Program | None:
        """The program that owns the embedded server now."""
        with suppress(OSError, ValueError):
            holder = int((self.home / "lock").read_text())
            return next((p for p in self.programs if p.pid == holder and p.running), None)
        return None

    def postmaster(self) -> int | None:
        """Process id of the embedded server, if it runs."""
        with suppress(OSError, ValueError):
            pid = int((self.home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
            return pid if pid in self.postgres() else None
        return None

    def postgres(self) -> list[int]:
        """All processes that work in the data folder of the embedded server."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    if os.readlink(entry / "cwd") == str(self.home / "data"):
                        found.append(int(entry.name))
        return found

    def children(self, program: Program) -> list[int]:
        """Living processes that a program started itself, those of PostgreSQL left out."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError, IndexError):
                    state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                    if int(parent) == program.pid and state != "Z":
                        found.append(int(entry.name))
        return [pid for pid in found if pid not in self.postgres()]


@contextmanager
def site(
    folder: Path, user: list[str] | None = None, python: str = sys.executable, **environment: str
) -> Iterator[Site]:
    """A site without programs; at the end none is left, nor its database. `user` are words before a command."""
    logs = folder / "logs"
    logs.mkdir()
    made = Site(folder / "data", logs, environment, user or [], python)
    try:
        yield made
    finally:
        for program in made.programs:
            if program.running:
                program.process.send_signal(signal.SIGCONT)
                program.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for program in made.programs:
            with suppress(subprocess.TimeoutExpired):
                program.process.wait(max(0.1, deadline - time.monotonic()))
            if program.running:
                program.kill()
        for pid in made.postgres():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        within(5, lambda: not made.postgres(), "the end of PostgreSQL")
        shutil.rmtree(made.home, ignore_errors=True)


def within(seconds: float, look: Callable[[], Any], what: str) -> Any:
    """Poll `look` until it returns something; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gone(pid: int) -> bool:
    """True when no process of this id runs (a zombie does not)."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
