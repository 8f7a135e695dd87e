"""Where the embedded server lives, and under which account it runs.

An ordinary user keeps everything in DIR/postgres. PostgreSQL refuses to run as root, and an
unprivileged account cannot pass a 0700 folder above DIR; root's server therefore lives under
/var/lib/abonent, in a folder named after DIR and a mark kept in it, and no folder above it is ever
chmod-ed. The mark goes with DIR: a folder that was deleted and made again gets a new, empty database.

    home/       of the caller; the server's account only passes it
      lock      flock: its holder owns the server
      log       PostgreSQL's messages
      pg_hba.conf, pg_ident.conf
      data/     of the server's account, 0700
      socket/   of the server's account, 0700
"""

import contextlib
import hashlib
import os
import pwd
import re
import secrets
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from abonent.embedded_postgres import problems

SYSTEM_HOME = Path("/var/lib/abonent")
MARK = "database.mark"
PORT = 5432  # names the socket file only: the server does not listen on TCP
LONGEST_SOCKET_PATH = 107  # bytes of sockaddr_un.sun_path without its closing zero
# `postgres` is made for this; `nobody` exists everywhere, but other daemons may share it.
UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one server; `caller` is who runs Abonent, `server` who runs PostgreSQL."""

    home: Path
    socket: Path
    caller: Account
    server: Account

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def lock(self) -> Path:
        return self.home / "lock"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def hba(self) -> Path:
        return self.home / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.home / "pg_ident.conf"

    @property
    def socket_file(self) -> Path:
        return self.socket / f".s.PGSQL.{PORT}"

    @property
    def socket_lock(self) -> Path:
        return self.socket / f"{self.socket_file.name}.lock"

    @property
    def drops_privileges(self) -> bool:
        return self.server.uid != self.caller.uid


def choose_place(data_dir: Path) -> Place:
    """The place of the server of `data_dir`: the same for every process of the same user.

    For root it makes the folder and its mark, nothing else.
    """
    if sys.platform != "linux":
        raise problems.unsupported_system(sys.platform)
    folder = data_dir.expanduser().resolve()
    caller = _account_of(os.geteuid())
    if caller.uid != 0:
        home = folder / "postgres"
        return Place(home, _socket_folder(home, caller.uid), caller, caller)
    _refuse_data_of_another(folder / "postgres")
    mark = hashlib.sha256(os.fsencode(folder) + _birth_mark(folder)).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.name)[:32].strip("-") or "root"
    home = SYSTEM_HOME / f"{name}-{mark}"
    return Place(home, _socket_folder(home, caller.uid), caller, _server_account(home / "data"))


def _birth_mark(folder: Path) -> bytes:
    """What tells this folder from an earlier one of the same path; made by the first process to ask."""
    path = folder / MARK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Written aside and linked: another process sees no mark or all of it.
        own = folder / f"{MARK}.{os.getpid()}"
        if not path.exists():
            own.write_text(secrets.token_hex(8))
            with contextlib.suppress(FileExistsError):
                os.link(own, path)
            own.unlink()
        return path.read_bytes()
    except OSError as error:
        raise problems.folder_unusable(str(folder), error.strerror or str(error)) from error


def prepare(place: Place) -> None:
    """Make the folders that are missing; a Problem says which one cannot be made or is not ours."""
    try:
        if place.drops_privileges:
            _make(SYSTEM_HOME, 0o755)
            _require_passable(SYSTEM_HOME)
        else:
            place.home.parent.mkdir(parents=True, exist_ok=True)
        _make(place.home, 0o755 if place.drops_privileges else 0o700)
    except OSError as error:
        raise problems.folder_unusable(str(place.home), error.strerror or str(error)) from error


def prepare_socket(place: Place) -> None:
    """Make the socket's folder, 0700 for the server's account; refuse one that somebody else laid out."""
    try:
        _make(place.socket, 0o700)
        found = place.socket.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise problems.folder_unusable(str(place.socket), "it is not a folder")
        if found.st_uid not in (place.caller.uid, place.server.uid):
            raise problems.folder_unusable(str(place.socket), "it belongs to another user")
        if found.st_mode & 0o077:
            raise problems.folder_unusable(str(place.socket), "its mode must be 0700")
        if found.st_uid != place.server.uid:
            os.chown(place.socket, place.server.uid, place.server.gid)
    except OSError as error:
        raise problems.folder_unusable(str(place.socket), error.strerror or str(error)) from error


def _make(folder: Path, mode: int) -> bool:
    """Make one folder with exactly this mode, whatever the umask; False when it is there already."""
    try:
        folder.mkdir(mode)
    except FileExistsError:
        return False
    folder.chmod(mode)
    return True


def _require_passable(folder: Path) -> None:
    if not folder.stat().st_mode & stat.S_IXOTH:
        raise problems.folder_unusable(str(folder), "its mode must be 0755")


def _socket_folder(home: Path, uid: int) -> Path:
    """`home`/socket, or a short folder in /tmp when that path is too long or odd (a comma parts hosts)."""
    folder = home / "socket"
    path = str(folder / f".s.PGSQL.{PORT}")
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[A-Za-z0-9_./-]+", path):
        return folder
    # Not TMPDIR or XDG_RUNTIME_DIR: they differ between a login and a service of the same user.
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(f"/tmp/abonent-{uid}-{mark}")  # noqa: S108  owner and mode are checked before use


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise problems.nameless_account(uid) from None
    return Account(entry.pw_name, uid, entry.pw_gid)


def _server_account(data: Path) -> Account:
    """Who runs root's server: the owner of the data once they exist, for PostgreSQL insists on that."""
    with contextlib.suppress(OSError):
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED_ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise problems.no_account(", ".join(UNPRIVILEGED_ACCOUNTS))


def _refuse_data_of_another(home: Path) -> None:
    """Root would silently begin an empty database beside the data of the ordinary user."""
    with contextlib.suppress(OSError):
        uid = (home / "data").stat().st_uid
        if uid != 0:
            name = next((entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == uid), str(uid))
            raise problems.belongs_to_other(str(home), name)
