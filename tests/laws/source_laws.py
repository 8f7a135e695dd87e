"""The laws of the source: each takes a path and a text and says what breaks it.

Every function returns a list of findings, empty when the text keeps the law, so that the same function judges
the real source and the small bad snippets that prove it can fail. Paths are relative to the checkout and
written with `/`.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from fnmatch import fnmatch

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70

# Where SQL may stand: the kit's access to the database, a process's own queries, analytics.
SQL_PLACES = (
    "src/abonent/kit/store*",
    "src/abonent/kit/statements*",
    "src/abonent/kit/query*",
    "src/abonent/kit/derive*",
    "src/abonent/kit/events*",
    "src/abonent/kit/db*",
    "src/abonent/kit/bell*",
    "src/abonent/kit/jobs*",
    "src/abonent/kit/clock*",
    "src/abonent/kit/hub/queries*",
    "src/abonent/kit/migrate*",
    "src/abonent/domain/*/queries*",
    "src/abonent/analytics/*",
    "src/abonent/embedded_postgres*",
    "src/abonent/migrations/*",
)
# `rules.py`, or `rules_credit.py` and `rules/credit.py` where one file is too long; so states.
PURE_PLACES = ("src/abonent/domain/*/rules*", "src/abonent/domain/*/states*")
CLI_PLACES = ("src/abonent/faces/cli*",)

# What a pure file may not import: the outside world, and the kit's own doors to it.
IMPURE_MODULES = (
    *("asyncio", "logging", "os", "pathlib", "random", "secrets", "smtplib", "socket", "subprocess", "time"),
    *(
        "aiohttp",
        "asyncpg",
        "httpx",
        "jinja2",
        "procrastinate",
        "psycopg",
        "starlette",
        "structlog",
        "uvicorn",
    ),
    *("urllib.request", "yoyo"),
)
IMPURE_KIT = ("clock", "context", "db", "events", "jobs", "migrate", "query", "statements", "store")
# Calls that ask the machine for the time; `clock.now()` of the kit is another matter and is not among them.
CLOCK_CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "perf_counter"),
}  # fmt: skip


def matches(path: str, places: tuple[str, ...]) -> bool:
    """True if the path lies in one of the places (`*` also crosses folders)."""
    return any(fnmatch(path, place) for place in places)


def file_length(path: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    return (
        [f"{path}: {lines} lines, at most {MAX_FILE_LINES}; split by noun"] if lines > MAX_FILE_LINES else []
    )


def function_length(path: str, text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(
                    f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {MAX_FUNCTION_LINES}"
                )
    return found


def _docstrings(tree: ast.AST) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, holders) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def strings(text: str) -> Iterator[tuple[int, str]]:
    """Line and value of every string that is not a docstring; the holes of an f-string read as `{}`."""
    tree = ast.parse(text)
    skipped = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            parts = (str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


# A statement, not a sentence: "Select a plan from the list" and "Update the address" are texts for people.
# Only escapes in small letters are used, so that lower() gives the same pattern for SQL in small letters.
_STATEMENT = (
    r"(?:SELECT\s[^;]*\sFROM\s|SELECT\s+[\w.]+\(|INSERT\s+INTO\s|DELETE\s+FROM\s"
    r"|UPDATE\s+[\w.{}\"]+\s+SET\s|WITH\s+(?:RECURSIVE\s+)?\w+\s*(?:\([^)]*\)\s*)?AS\s+(?:MATERIALIZED\s*)?\("
    r"|(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:TABLE|INDEX|VIEW|SCHEMA|FUNCTION|SEQUENCE)\s"
    r"|TRUNCATE\s+\w|LISTEN\s+\w)"
)
_SQL = re.compile(rf"\b{_STATEMENT}")
_SQL_SMALL = re.compile(rf"\s*{_STATEMENT.lower()}")


def sql_place(path: str, text: str) -> list[str]:
    """SQL in one kind of place is SQL that can be found, explained and indexed for."""
    if matches(path, SQL_PLACES):
        return []
    return [
        f"{path}:{line}: SQL stands only in SQL_PLACES (kit/store, queries.py...): {value.strip()[:60]!r}"
        for line, value in strings(text)
        if _SQL.search(value) or _SQL_SMALL.match(value)
    ]


# SET TRANSACTION and SET CONSTRAINTS end with the transaction, as SET LOCAL does. Without a following `=` or
# TO it is a clause of something else.
_SESSION_SET = re.compile(
    r"(?:^|;)\s*(?:SET|set)\s+(?!(?:LOCAL|local|TRANSACTION|transaction|CONSTRAINTS|constraints)\b)"
    r"(?:(?:SESSION|session)\s+\w|(?:TIME ZONE|time zone|ROLE|role)\b|[\w.]+\s*(?:=|TO\b|to\b))"
)
_SESSION_CONFIG = re.compile(r"set_config\s*\([^;]*,\s*false\s*\)", re.IGNORECASE)


def session_set(path: str, text: str) -> list[str]:
    """The pool resets no session: a plain SET would leak to the next borrower of the connection."""
    if path.endswith(".sql"):
        plain = re.sub(r"--[^\n]*", "", text)
        values: list[tuple[int, str]] = [(1, plain)]
    else:
        values = list(strings(text))
    return [
        f"{path}:{line}: use SET LOCAL (or set_config(..., true)); a plain SET outlives its transaction"
        for line, value in values
        if _SESSION_SET.search(value) or _SESSION_CONFIG.search(value)
    ]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of every import; `from a import b` yields `a.b`, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _is_impure(name: str) -> bool:
    if name.startswith("abonent.kit."):
        return name.split(".")[2].startswith(IMPURE_KIT)
    if name.startswith("abonent.domain."):
        return any(part.startswith(("queries", "actions", "reactions")) for part in name.split(".")[3:4])
    return any(name == module or name.startswith(f"{module}.") for module in IMPURE_MODULES)


def purity(path: str, text: str) -> list[str]:
    """rules and states decide from facts and a given `now`: no database, network, clock or chance."""
    if not matches(path, PURE_PLACES):
        return []
    tree = ast.parse(text)
    found = [
        f"{path}:{line}: a rule may not import {name}" for line, name in imported(tree) if _is_impure(name)
    ]
    found += [
        f"{path}:{node.lineno}: a rule is not async: it waits for nothing"
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    ]
    return found


def machine_clock(path: str, text: str) -> list[str]:
    """Domain code takes `now` as an argument or from the kit's clock, which tests and the demo can move."""
    if not path.startswith("src/abonent/domain/"):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            if (owner, node.attr) in CLOCK_CALLS:
                found.append(f"{path}:{node.lineno}: {owner}.{node.attr} asks the machine for the time")
    return found


def gateway_imports(path: str, text: str) -> list[str]:
    """Of the domain a gateway sees the ports alone."""
    if not path.startswith("src/abonent/gateways/"):
        return []
    return [
        f"{path}:{line}: a gateway imports only the ports of the domain, not {name}"
        for line, name in imported(ast.parse(text))
        if name.startswith("abonent.domain")
        and not re.match(r"abonent\.domain\.\w+\.ports(_\w+)?(\.|$)", name)
    ]


_UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b|NotImplemente[d]Error")


def unfinished(path: str, text: str) -> list[str]:
    return [
        f"{path}:{number}: unfinished work belongs in an issue, not in the source: {line.strip()[:60]}"
        for number, line in enumerate(text.splitlines(), 1)
        if _UNFINISHED.search(line)
    ]


def printing(path: str, text: str) -> list[str]:
    """A service speaks through its log; only the command line prints."""
    if not path.startswith("src/") or matches(path, CLI_PLACES):
        return []
    return [
        f"{path}:{node.lineno}: print() outside the command line"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


# Written with [x] so that these lines do not match themselves.
_FOREIGN = (
    (
        re.compile(
            r"py[p]i\.org|python[h]osted\.|np[m]js\.(?:org|com)|registr[y]\.(?:yarn|npm)", re.IGNORECASE
        ),
        "a registry's host",
    ),
    (re.compile(r"--(?:extra-)?inde[x]-url|--find-link[s]|--trusted-hos[t]"), "an index option"),
    (
        re.compile(
            r"(?<![\w.~])/(?:roo[t]/[\w.]|hom[e]/[a-z]|User[s]/|wor[k]/(?:main|shared)|op[t]/(?:pyp[i]|wheel[s]))"
        ),
        "a machine's path",
    ),
)


def foreign_places(path: str, text: str) -> list[str]:
    """The project builds anywhere: it names no package registry and no folder of somebody's machine."""
    return [
        f"{path}:{number}: {what} does not belong here: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, what in _FOREIGN
        if pattern.search(line)
    ]


def unexplained_ignores(path: str, text: str) -> list[str]:
    """A silenced check names what it silences: `# noqa: S608`, `# pyright: ignore[reportX]`."""
    return [
        f"{path}:{token.start[0]}: name the check that is silenced"
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
        and re.search(r"#\s*(?:noqa(?!:)|type:\s*ignore(?!\[)|pyright:\s*ignore(?!\[))", token.string)
    ]
