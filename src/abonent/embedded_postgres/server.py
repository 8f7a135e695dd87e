"""One PostgreSQL server on its folders: initialise, start, ask, find its processes."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

from abonent.embedded_postgres import problems
from abonent.embedded_postgres.binaries import Binaries
from abonent.embedded_postgres.place import PORT, Place

ROLE = DATABASE = "abonent"
SUPERUSER = "postgres"
LONGEST_LOG = 8 * 1024 * 1024  # bytes
INITDB_SECONDS = 120.0
# Kept by the server itself (ALTER SYSTEM), so that an operator may tune them in the same way.
SETTINGS = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",  # our statements are short: compiling them costs more than it saves
}


def write_access(place: Place) -> None:
    """Say who may connect, anew at every start.

    Peer authentication: the kernel tells the server who connects, and only the caller's account is
    mapped. Folder modes alone would let in whoever shares the server's account (`nobody` often is).
    """
    rules = "".join(f"local all {role} peer map=abonent\n" for role in (ROLE, SUPERUSER))
    names = "".join(f'abonent "{place.caller.name}" {role}\n' for role in (ROLE, SUPERUSER))
    for path, text in ((place.hba, rules), (place.ident, names)):
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        fresh.chmod(0o644)
        fresh.replace(path)


def initialised(place: Place) -> bool:
    return (place.data / "PG_VERSION").exists()


def initialise(place: Place, binaries: Binaries) -> None:
    """Make the database under a passing name, renamed when complete: a crash leaves nothing half-made."""
    for remains in place.home.glob("data.new-*"):
        shutil.rmtree(remains, ignore_errors=True)
    fresh = place.home / f"data.new-{secrets.token_hex(4)}"
    try:
        fresh.mkdir(0o700)
        if place.drops_privileges:
            os.chown(fresh, place.server.uid, place.server.gid)
        _run_initdb(place, binaries, fresh)
        _create_database(place, binaries, fresh)
        fresh.rename(place.data)  # refuses a folder that holds something
        _sync_folder(place.home)
    except OSError as error:
        raise problems.folder_unusable(str(place.data), error.strerror or str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run_initdb(place: Place, binaries: Binaries, data: Path) -> None:
    command = [binaries.initdb, "--pgdata", str(data), "--username", SUPERUSER, "--auth", "peer"]
    # Code point order with Unicode letters: the same on every machine, whatever language it speaks.
    command += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-messages", "C"]
    command += ["--data-checksums", "--no-instructions"]
    _run(place, command)


def _create_database(place: Place, binaries: Binaries, data: Path) -> None:
    # Single-user mode needs no driver and no running server. One statement a line.
    statements = [
        f"CREATE ROLE {ROLE} LOGIN CREATEDB",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SETTINGS.items()),
    ]
    command = [binaries.postgres, "--single", "-D", str(data), "postgres"]
    output = _run(place, command, "".join(f"{line}\n" for line in statements))
    if "ERROR:" in output:  # single-user mode reports errors, goes on and exits with 0
        raise problems.initialisation_failed(str(place.data), _last_lines(output))


def _run(place: Place, command: list[str], text: str = "") -> str:
    """Run one program of PostgreSQL to its end; its output. It dies with us."""
    try:
        done = subprocess.run(
            _launcher(place, signal.SIGKILL, command),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=INITDB_SECONDS,
            env=_environment(),
            cwd="/",
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise problems.initialisation_failed(str(place.data), f"no end after {error.timeout:g} s") from error
    if done.returncode != 0:
        raise problems.initialisation_failed(str(place.data), _last_lines(done.stdout))
    return done.stdout


def start(place: Place, binaries: Binaries) -> subprocess.Popen[bytes]:
    """Start the server and return at once; call from the main thread, whose end is the server's end.

    The caller knows that no process of an earlier server is left, so its lock files are stale. They must
    go: their process number may by now be somebody else's, or a zombie's, which PostgreSQL takes for alive.
    """
    for stale in (place.data / "postmaster.pid", place.socket_file, place.socket_lock):
        stale.unlink(missing_ok=True)
    write_access(place)
    options = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(place.socket),
        "unix_socket_permissions": "0700",
        "hba_file": str(place.hba),
        "ident_file": str(place.ident),
        "logging_collector": "off",
        "log_destination": "stderr",
        "cluster_name": "abonent",
    }
    command = [binaries.postgres, "-D", str(place.data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            _launcher(place, signal.SIGINT, command),  # SIGINT: fast shutdown
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd="/",
            start_new_session=True,  # Ctrl-C in the terminal is for Abonent, which stops the server last
        )
    finally:
        os.close(log)


def _launcher(place: Place, death_signal: signal.Signals, command: list[str]) -> list[str]:
    script = str(Path(__file__).with_name("launch.py"))
    numbers = (os.getpid(), place.server.uid, place.server.gid, int(death_signal))
    return [sys.executable, "-I", "-S", script, *map(str, numbers), *command]


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGDATA, PGPORT and the like would steer the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def answers(place: Place, timeout: float) -> bool:
    """Does the server let us in now? False while it starts or stops; a Problem when it refuses for good."""
    packet = f"user\0{ROLE}\0database\0{DATABASE}\0\0".encode()
    with socket.socket(socket.AF_UNIX) as link, contextlib.suppress(OSError):
        link.settimeout(timeout)
        link.connect(str(place.socket_file))
        link.sendall(struct.pack("!ii", len(packet) + 8, 196608) + packet)  # protocol 3.0
        with link.makefile("rb") as stream:
            while len(head := stream.read(5)) == 5:
                kind, size = struct.unpack("!ci", head)
                body = stream.read(size - 4)
                if kind == b"Z":  # ready for a query
                    link.sendall(b"X\0\0\0\4")
                    return True
                if kind == b"E":
                    return _judge_error(place, body)
    return False


def _judge_error(place: Place, body: bytes) -> bool:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    code = fields.get(b"C", "")
    if code.startswith("57"):  # cannot connect now: starting or stopping
        return False
    if code == "53300":  # too many connections: it serves, if not us
        return True
    raise problems.connection_refused(str(place.socket_file), fields.get(b"M", code))


def processes(place: Place) -> list[int]:
    """All processes of a server on these data, whoever started it: every one works in the data folder."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{name}/cwd") == str(place.data):
                    command = Path(f"/proc/{name}/comm").read_text().strip()
                    if command in ("postgres", "postmaster"):
                        found.append(int(name))
    return found


def postmaster(place: Place) -> int | None:
    """Process id that the server wrote down; it may be stale."""
    try:
        return int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def log_size(place: Place) -> int:
    with contextlib.suppress(OSError):
        return place.log.stat().st_size
    return 0


def log_since(place: Place, offset: int) -> str:
    """The last lines that the server wrote after `offset` bytes of its log."""
    with contextlib.suppress(OSError), place.log.open("rb") as log:
        log.seek(max(offset, log_size(place) - 4096))
        return _last_lines(log.read().decode(errors="replace"))
    return ""


def trim_log(place: Place) -> None:
    """Keep the log near LONGEST_LOG bytes, with one predecessor. The server appends: it needs no telling."""
    if log_size(place) > LONGEST_LOG:
        with contextlib.suppress(OSError):  # a full disk: then the room matters more than the old lines
            shutil.copyfile(place.log, place.home / "log.1")
        os.truncate(place.log, 0)


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-6:])


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
