"""The processes of a benchmark: servers, load, and the processor time they take."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from load import Load, Result

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment() -> dict[str, str]:
    """Ours without settings of the caller's that would steer the servers; the checkout's own source."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ABONENT_") and k != "DATABASE_URL"}
    return kept | {"PYTHONPATH": str(SOURCE)}


@contextmanager
def running(
    arguments: list[str],
    port: int,
    log: Path,
    patience: float = 60.0,
    python: str | Path = sys.executable,
    extra: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """A Python process that listens on `port`; its id. Its standard error goes to `log`; `extra` environment."""
    with log.open("ab") as errors:
        env = _environment() | dict(extra or {})
        process = subprocess.Popen([python, *arguments], stderr=errors, env=env)
    try:
        deadline = time.monotonic() + patience
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{arguments} did not come up; see {log}:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def send(load: Load) -> Result:
    """Run the load generator to its end."""
    done = subprocess.run(
        [sys.executable, str(HERE / "load.py"), json.dumps(asdict(load))],
        stdout=subprocess.PIPE, env=_environment(), check=True,
    )  # fmt: skip
    result = Result(**json.loads(done.stdout))
    if result.wrong:
        raise SystemExit(
            f"{result.wrong} of {result.requests} answers were wrong, one of them:\n{result.sample}"
        )
    return result


def processor_seconds(pids: list[int]) -> float:
    """User and system time of processes so far; those that are gone count nothing."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def database_processes(folder: Path) -> list[int]:
    """The processes of the server whose data lie in `folder`: they work there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder / "data":
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def children_of(parent: int) -> dict[str, int]:
    """What `abonent serve` keeps running: the command's name (worker, or what is simulated) -> process id."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if int(fields[1]) == parent and b"abonent" in words:
                name, what = words[words.index(b"abonent") + 1 :][:2]
                found[(what if name == b"simulate" else name).decode()] = int(entry.name)
    return found
