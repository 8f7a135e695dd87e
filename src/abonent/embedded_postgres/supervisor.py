"""Ownership of the embedded server: who starts it, who restarts it, who stops it."""

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from abonent.embedded_postgres import problems, server
from abonent.embedded_postgres.binaries import find_binaries
from abonent.embedded_postgres.lock import FolderLock
from abonent.embedded_postgres.place import PORT, choose_place, prepare, prepare_socket
from abonent.kit.errors import Problem

ATTACH_SECONDS = 60.0  # recovery after a crash included
STOP_SECONDS = 30.0
EVICT_SECONDS = 10.0  # a former server gets this long for its fast shutdown
ATTEMPTS = 3
LONGEST_PAUSE = 10.0

log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """One process's hold on the server of a data folder.

    attach(), tend() and detach() belong to the main thread: the kernel ends the server together with
    the thread that started it. The DSN stays the same over restarts and changes of owner.
    """

    def __init__(self, data_dir: Path) -> None:
        self._place = choose_place(data_dir)
        self._lock = FolderLock(self._place.lock)
        self._attached = False
        self._server: subprocess.Popen[bytes] | None = None
        self._serves = False  # our server has answered since its start
        self._failures = 0  # starts in a row that led to nothing
        self._retry_at = 0.0  # monotonic; no start before it
        self._evict_until: float | None = None
        self._log_start = 0

    @property
    def owner(self) -> bool:
        """Is the server a child of this process?"""
        return self._lock.held

    @property
    def dsn(self) -> str:
        """For asyncpg and psycopg alike: the folder of the socket stands in the query."""
        host = quote(str(self._place.socket), safe="")
        return f"postgresql://{server.ROLE}@/{server.DATABASE}?host={host}&port={PORT}"

    @property
    def folder(self) -> Path:
        """Where the data, the log and the lock are kept: DIR/postgres, or below /var/lib/abonent for root."""
        return self._place.home

    def attach(self) -> str:
        """Bring the server up, or wait for the present owner's; the DSN.

        EmbeddedPostgresProblem when it cannot be had within ATTACH_SECONDS.
        """
        _require_main_thread()
        prepare(self._place)
        deadline = time.monotonic() + ATTACH_SECONDS
        try:
            while not self._reached():
                if time.monotonic() > deadline:
                    raise problems.not_ready(ATTACH_SECONDS, self._lock.holder(), str(self._place.log))
                time.sleep(0.02)
        except BaseException:
            self.detach()
            raise
        self._attached = True
        return self.dsn

    def tend(self) -> None:
        """Keep the server running; call it about twice a second. It neither waits nor raises.

        Takes over when the owner is gone, restarts our server when it died. Troubles go to the log, and
        the next attempt comes later and later, up to LONGEST_PAUSE seconds.
        """
        _require_main_thread()
        if not self._attached:
            return
        try:
            if not self._lock.held:
                if self._pausing() or not self._lock.take():
                    return
                log.warning("the owner of the embedded PostgreSQL is gone: taking over")
            self._advance()
            starting = self._server is not None and not self._serves and not self._pausing()
            if starting and server.answers(self._place, timeout=0.2):
                self._note_service()
            server.trim_log(self._place)
        except (Problem, OSError) as error:
            self._note_failure(str(error))

    def detach(self) -> None:
        """Let go: the owner stops the server cleanly and waits for its end, the others just leave."""
        self._attached = False
        self._failures, self._retry_at = 0, 0.0
        if self._lock.held:
            self._stop()
            self._lock.release()

    def __enter__(self) -> Self:
        self.attach()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()

    def _reached(self) -> bool:
        """One round of attach(): become owner if nobody is, go one step on, ask the server."""
        place = self._place
        try:
            if self._lock.take():
                if not server.initialised(place):
                    server.initialise(place, find_binaries(place))
                self._advance()
                if self._failures >= ATTEMPTS:
                    raise problems.start_failed(str(place.log), server.log_since(place, self._log_start))
                if self._server is None:
                    return False
        except OSError as error:
            raise problems.folder_unusable(str(place.home), error.strerror or str(error)) from error
        if not server.answers(place, timeout=1.0):
            return False
        if self._lock.held:
            self._note_service()
        return True

    def _advance(self) -> None:
        """One step of the owner: notice the server's end, clear what is left of it, start it."""
        if self._server is not None:
            if self._server.poll() is None:
                return
            words = server.log_since(self._place, self._log_start)
            self._server, code = None, self._server.returncode
            self._note_failure(f"PostgreSQL ended with code {code}: {words}")
        if self._pausing():
            return
        left = server.processes(self._place)
        if left:
            self._evict(left)
            return
        self._evict_until = None
        prepare_socket(self._place)
        self._log_start = server.log_size(self._place)
        self._server = server.start(self._place, find_binaries(self._place))

    def _evict(self, left: list[int]) -> None:
        """Stop a server that is not our child; first kindly, then at once. Only we may run one here."""
        now = time.monotonic()
        chief = server.postmaster(self._place)
        if chief in left and self._evict_until is None:
            self._evict_until = now + EVICT_SECONDS
            _signal([chief], signal.SIGINT)
        elif chief not in left or (self._evict_until is not None and now > self._evict_until):
            # Backends without their postmaster may go on for long, and block a new server.
            _signal(left, signal.SIGQUIT)

    def _stop(self) -> None:
        if self._server is None:
            return
        for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            self._server.send_signal(sign)
            try:
                self._server.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                log.error("PostgreSQL did not heed %s within %g s", sign.name, seconds)
        _signal(server.processes(self._place), signal.SIGQUIT)  # backends that outlived a killed postmaster
        with contextlib.suppress(OSError):
            self._place.socket.rmdir()
        self._server = None
        self._serves = False

    def _note_service(self) -> None:
        log.info("embedded PostgreSQL serves in %s", self._place.home)
        self._serves = True
        self._failures = 0

    def _note_failure(self, reason: str) -> None:
        """After service the next start comes at once, after fruitless starts later and later."""
        self._failures += 1
        pause = 0.0 if self._serves else min(LONGEST_PAUSE, 0.25 * 2**self._failures)
        self._retry_at = time.monotonic() + pause
        self._serves = False
        log.error("embedded PostgreSQL does not serve: %s", reason)

    def _pausing(self) -> bool:
        return time.monotonic() < self._retry_at


def _signal(targets: list[int], sign: signal.Signals) -> None:
    for target in targets:
        try:
            os.kill(target, sign)
        except ProcessLookupError:
            continue


def _require_main_thread() -> None:
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the embedded PostgreSQL is attached and tended from the main thread only")
