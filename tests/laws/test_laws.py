"""The real source keeps the laws, and each law can be broken.

Every law is one function of source_laws or dependency_laws. It runs here twice: over the files of the
checkout, and over small bad and good snippets, so that a law that can no longer fail is noticed.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.laws import dependency_laws, source_laws

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "node_modules", "build", "dist", "vendor", "__pycache__"}
TEXTS = {
    *("", ".cfg", ".in", ".json", ".md", ".po", ".sh", ".toml", ".txt", ".yaml", ".yml"),
    *(".css", ".html", ".js", ".py", ".sql"),
}


def _ours() -> Iterable[Path]:
    """Files under version control or new, not the ignored; without git, all but build folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [p for p in ROOT.rglob("*") if p.is_file() and not NOT_OURS & set(p.relative_to(ROOT).parts)]


def _files(folders: tuple[str, ...], suffixes: set[str]) -> dict[str, str]:
    found = {}
    for file in _ours():
        path = file.relative_to(ROOT).as_posix()
        if file.suffix in suffixes and path.startswith(folders):
            found[path] = file.read_text(encoding="utf-8")
    return found


CODE = ("src/", "tests/", "scripts/", "bench/")
Law = Callable[[str, str], list[str]]
LAWS: list[tuple[Law, tuple[str, ...], set[str]]] = [
    (source_laws.file_length, CODE, {".py"}),
    (source_laws.function_length, CODE, {".py"}),
    (source_laws.sql_place, ("src/",), {".py"}),
    (source_laws.session_set, ("src/",), {".py", ".sql"}),
    (source_laws.purity, ("src/",), {".py"}),
    (source_laws.machine_clock, ("src/",), {".py"}),
    (source_laws.gateway_imports, ("src/",), {".py"}),
    (source_laws.unfinished, CODE, {".py", ".sql", ".html", ".js", ".css"}),
    (source_laws.printing, ("src/",), {".py"}),
    (source_laws.unexplained_ignores, CODE, {".py"}),
    (source_laws.foreign_places, ("",), TEXTS),
]


@pytest.mark.parametrize(("law", "folders", "suffixes"), LAWS, ids=[law.__name__ for law, _, _ in LAWS])
def test_the_source_keeps_the_law(law: Law, folders: tuple[str, ...], suffixes: set[str]) -> None:
    files = _files(folders, suffixes)
    assert files, "the law was asked about no file at all"
    found = [finding for path, text in files.items() for finding in law(path, text)]
    assert not found, "\n".join(["", *found])


KIT, RULES, ACTIONS = (
    "src/abonent/kit/patch.py",
    "src/abonent/domain/a/rules.py",
    "src/abonent/domain/a/actions.py",
)
GATEWAY, STORE = "src/abonent/gateways/mail.py", "src/abonent/kit/store.py"
BAD: list[tuple[Law, str, str]] = [
    (source_laws.file_length, KIT, "x = 1\n" * 401),
    (source_laws.function_length, KIT, "def f():\n" + "    x = 1\n" * 70),
    (source_laws.function_length, KIT, "class A:\n    async def f(self):\n" + "        x = 1\n" * 70),
    (source_laws.sql_place, ACTIONS, "q = 'SELECT doc FROM product WHERE id = $1'"),
    (source_laws.sql_place, ACTIONS, "q = f'select doc from {table} where id = $1'"),
    (source_laws.sql_place, ACTIONS, "q = '''\n  INSERT INTO product (id) VALUES ($1)'''"),
    (source_laws.sql_place, KIT, "q = f'UPDATE {table} SET doc = $1'"),
    (source_laws.sql_place, KIT, "q = 'WITH moved AS (DELETE' ' FROM x)'"),
    (source_laws.session_set, STORE, "q = 'SET statement_timeout = 5'"),
    (source_laws.session_set, STORE, "q = 'SELECT 1; set search_path to abonent'"),
    (source_laws.session_set, STORE, "q = \"SELECT set_config('app.role', $1, false)\""),
    (
        source_laws.session_set,
        "src/abonent/migrations/0001_x.sql",
        "CREATE TABLE a (b int);\nSET ROLE abonent;\n",
    ),
    (source_laws.purity, RULES, "import asyncpg"),
    (source_laws.purity, RULES, "from abonent.kit.store import Store"),
    (source_laws.purity, RULES, "from abonent.kit import clock"),
    (source_laws.purity, "src/abonent/domain/a/states.py", "from abonent.domain.b.queries import x"),
    (source_laws.purity, "src/abonent/domain/a/rules_credit.py", "async def decide(): ..."),
    (source_laws.machine_clock, RULES, "from datetime import datetime\nx = datetime.now()"),
    (source_laws.machine_clock, ACTIONS, "import datetime\nx = datetime.datetime.utcnow()"),
    (source_laws.machine_clock, ACTIONS, "import time\nx = time.time()"),
    (source_laws.gateway_imports, GATEWAY, "from abonent.domain.communication.actions import send"),
    (source_laws.gateway_imports, GATEWAY, "import abonent.domain.communication"),
    (source_laws.unfinished, KIT, "x = 1  # TO" + "DO later"),
    (source_laws.unfinished, KIT, "raise Not" + "ImplementedError"),
    (source_laws.printing, KIT, "print('here')"),
    (source_laws.unexplained_ignores, KIT, "x = 1  # " + "noqa"),
    (source_laws.unexplained_ignores, KIT, "x = 1  # type: " + "ignore"),
    (source_laws.foreign_places, "README.md", "pip install --index" + "-url https://mirror.example/simple"),
    (
        source_laws.foreign_places,
        "package-lock.json",
        '"resolved": "https://registry.' + "npmjs" + '.org/htmx"',
    ),
    (source_laws.foreign_places, KIT, "HERE = '/ho" + "me/ivan/abonent'"),
]


@pytest.mark.parametrize(("law", "path", "text"), BAD)
def test_the_law_sees_a_breach(law: Law, path: str, text: str) -> None:
    assert law(path, text)


def test_each_law_has_a_breach() -> None:
    assert {law for law, _, _ in LAWS} == {law for law, _, _ in BAD}


GOOD: list[tuple[Law, str, str]] = [
    (source_laws.file_length, KIT, "x = 1\n" * 400),
    (source_laws.function_length, KIT, "def f():\n" + "    x = 1\n" * 69),
    (source_laws.sql_place, STORE, "q = 'SELECT doc FROM product WHERE id = $1'"),
    (source_laws.sql_place, "src/abonent/domain/a/queries.py", "q = 'SELECT doc FROM product'"),
    (
        source_laws.sql_place,
        ACTIONS,
        "text = 'Select a plan from the list, or update the address; set it to 5'",
    ),
    (source_laws.sql_place, ACTIONS, "def f():\n    'Runs SELECT doc FROM product.'"),
    (source_laws.session_set, STORE, "q = 'SET LOCAL statement_timeout = 5'"),
    (source_laws.session_set, STORE, "q = 'UPDATE product\\n SET doc = $1'"),
    (source_laws.session_set, STORE, "text = 'Set the price to 0 to give it away'"),
    (source_laws.session_set, "src/abonent/migrations/0001_x.sql", "-- SET a = b\nUPDATE a\nSET b = 1;\n"),
    (source_laws.purity, RULES, "from datetime import datetime\nfrom abonent.kit.values import Money"),
    (source_laws.purity, ACTIONS, "from abonent.kit.store import Store"),
    (source_laws.machine_clock, ACTIONS, "def f(clock):\n    return clock.now()"),
    (
        source_laws.machine_clock,
        "src/abonent/kit/clock.py",
        "from datetime import datetime\nx = datetime.now()",
    ),
    (source_laws.gateway_imports, GATEWAY, "from abonent.domain.communication.ports import Mail"),
    (source_laws.printing, "src/abonent/faces/cli.py", "print('here')"),
    (source_laws.unexplained_ignores, KIT, "x = 1  # noqa: S608  # pyright: ignore[reportAny]"),
    (source_laws.foreign_places, "README.md", "data lies in /var/lib/abonent, pages under /tmf-api/home/v4"),
]


@pytest.mark.parametrize(("law", "path", "text"), GOOD)
def test_the_law_lets_the_allowed_pass(law: Law, path: str, text: str) -> None:
    assert law(path, text) == []


def test_every_folder_of_the_package_is_a_package() -> None:
    """A folder without __init__.py is invisible to the import contracts."""
    folders = {(ROOT / path).parent for path in _files(("src/abonent/",), {".py"})}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


# dependencies

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME: list[str] = PROJECT["dependencies"]
DEV: list[str] = PROJECT["optional-dependencies"]["dev"]


def test_every_declared_dependency_is_imported() -> None:
    modules = dependency_laws.top_modules(_files(("src/",), {".py"}).values())
    assert dependency_laws.unused(RUNTIME, modules) == []


def test_every_imported_module_is_declared() -> None:
    modules = dependency_laws.top_modules(_files(("src/",), {".py"}).values())
    assert dependency_laws.undeclared(RUNTIME, modules, sys.stdlib_module_names) == []


@pytest.mark.parametrize(
    ("name", "declared"), [("requirements.txt", RUNTIME), ("requirements-dev.txt", [*RUNTIME, *DEV])]
)
def test_the_lock_holds_all_and_names_no_index(name: str, declared: list[str]) -> None:
    assert dependency_laws.lock_faults(name, (ROOT / name).read_text(encoding="utf-8"), declared) == []


def test_both_locks_agree() -> None:
    runtime, dev = (
        dependency_laws.pins((ROOT / name).read_text(encoding="utf-8"))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_laws_of_dependencies_see_a_breach() -> None:
    modules = dependency_laws.top_modules(
        ["import asyncpg.pool", "from jinja2 import Environment", "import os"]
    )
    assert modules == {"asyncpg", "jinja2", "os"}
    assert dependency_laws.unused(["asyncpg>=1", "babel"], modules) != []
    assert dependency_laws.unused(["asyncpg>=1", "Jinja2", "uvloop"], modules) == []
    assert dependency_laws.undeclared(["asyncpg"], modules, {"os"}) == [
        "src imports jinja2, which pyproject.toml does not declare"
    ]
    good = "a==1 \\\n    --hash=sha256:00\nb-c==2 ; x \\\n    --hash=sha256:01\n    # via a\n"
    assert dependency_laws.lock_faults("r", good, ["a>=1", "b_c"]) == []
    for bad in (
        "--index" + "-url x\n" + good,
        good + "d==1\n",
        good + "e>=1 \\\n    --hash=sha256:02\n",
        "# https://x\n",
    ):
        assert dependency_laws.lock_faults("r", bad, ["a"]) != []
    assert dependency_laws.lock_faults("r", good, ["z"]) == [
        "r: z is declared but not locked; run `make lock`"
    ]


# documents

REQUIREMENTS = (
    *(f"OH-{n}" for n in range(1, 7)),
    *(f"PH-{n}" for n in range(1, 8)),
    *(f"QS-{n}" for n in range(1, 8)),
    *(f"RL-{n}" for n in range(1, 6)),
)


def _standard_rows(text: str) -> dict[str, list[str]]:
    rows = (
        line.strip().strip("|").split("|") for line in text.splitlines() if re.match(r"\| [A-Z]{2}-\d ", line)
    )
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}


def _dead_paths(rows: dict[str, list[str]]) -> list[str]:
    """A code or test cell names files by path in backquotes; each must exist."""
    named = [
        (row, path)
        for row, cells in rows.items()
        for path in re.findall(r"`((?:src|tests)/[^`]+)`", " ".join(cells))
    ]
    return [
        f"docs/standard.md: {row} names {path}, which is not there"
        for row, path in named
        if not (ROOT / path).exists()
    ]


def test_the_table_of_the_standard_is_whole_and_true() -> None:
    rows = _standard_rows((ROOT / "docs/standard.md").read_text(encoding="utf-8"))
    assert sorted(rows) == sorted(REQUIREMENTS)
    assert [row for row, cells in rows.items() if len(cells) != 5 or not all(cells)] == []
    assert _dead_paths(rows) == []
    assert _dead_paths({"OH-1": ["`src/abonent/no_such_file.py`"]}) != []
