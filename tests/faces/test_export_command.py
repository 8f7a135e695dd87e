"""`abonent export`: a signed file of charging events, verified, and found out when it was touched."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abonent.faces.cli import app

RUN = CliRunner()


@pytest.fixture
def arguments(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("DATABASE_URL", dsn)
    return ["--data", str(tmp_path / "data")]


def test_a_day_is_exported_verified_and_the_same_again(arguments: list[str], tmp_path: Path) -> None:
    day = datetime.now(UTC) - timedelta(days=1)
    since, until = f"{day:%Y-%m-%d}", f"{day + timedelta(days=1):%Y-%m-%d}"
    files = []
    for folder in ("first", "second"):
        to = tmp_path / folder
        asked = ["export", "charging", "--since", since, "--until", until, "--to", str(to), *arguments]
        made = RUN.invoke(app, asked)
        assert made.exit_code == 0, made.output
        files.append({each.name: each.read_bytes() for each in to.iterdir()})
    assert files[0] == files[1]
    assert sorted(files[0]) == [f"charging-{since}.jsonl", f"charging-{since}.jsonl.manifest.json"]
    file = tmp_path / "first" / f"charging-{since}.jsonl"
    key = RUN.invoke(app, ["export", "key", *arguments]).output.strip()
    assert RUN.invoke(app, ["export", "verify", str(file), "--key", key]).exit_code == 0
    assert RUN.invoke(app, ["export", "verify", str(file), *arguments]).exit_code == 0
    manifest = file.with_name(f"{file.name}.manifest.json")
    stated = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(stated | {"count": 1}))
    assert RUN.invoke(app, ["export", "verify", str(file), "--key", key]).exit_code == 1
    manifest.unlink()
    assert RUN.invoke(app, ["export", "verify", str(file), "--key", key]).exit_code == 1


def test_a_range_that_is_not_over_is_refused(arguments: list[str]) -> None:
    asked = ["export", "charging", "--since", "2026-01-01", "--until", "2126-01-01", *arguments]
    assert RUN.invoke(app, asked).exit_code == 1
    assert (
        RUN.invoke(app, ["export", "charging", "--since", "now", "--until", "then", *arguments]).exit_code
        == 1
    )
