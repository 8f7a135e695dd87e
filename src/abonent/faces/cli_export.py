"""Commands that hand data to other systems: charging events as signed files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from abonent import main
from abonent.domain.billing import charging, rules_export
from abonent.faces import logs
from abonent.faces.cli_base import DEFAULT_DATA, Data, fail, out, prepared, run, settings_for
from abonent.faces.tokens import secret_of
from abonent.kit.errors import Problem

exports = typer.Typer(no_args_is_help=True, help="Hand data to other systems.")


@exports.command(
    "charging",
    epilog="Example: abonent export charging --since 2026-11-01 --until 2026-11-02 --to handed. The same range gives"
    " the same bytes, whenever it is exported.",
)
def export_charging(
    since: Annotated[
        str, typer.Option(help="First moment (UTC) of the range by booking time: a day or a time.")
    ],
    until: Annotated[str, typer.Option(help="Its end, not included; it must have passed.")],
    to: Annotated[Path, typer.Option(file_okay=False, help="Folder for the file and its manifest.")] = Path(),
    data: Data = DEFAULT_DATA,
) -> None:
    """Write starts, changes and stops of charging and one-time charges, with a signed manifest."""
    logs.set_up()
    settings = settings_for(data)
    database = prepared(settings)
    try:
        body, stated = run(_export(settings, database.dsn, since, until))
    finally:
        database.detach()
    to.mkdir(parents=True, exist_ok=True)
    file = to / str(stated["file"])
    file.write_bytes(body)
    manifest = rules_export.signed(stated, _key(data))
    _manifest_of(file).write_bytes(rules_export.canonical(manifest) + b"\n")
    out.print(f"{stated['count']} events in {file}", highlight=False, soft_wrap=True)


async def _export(
    settings: main.Settings, dsn: str, since: str, until: str
) -> tuple[bytes, dict[str, object]]:
    async with main.open_process(settings, dsn, "abonent-export") as process:
        return await charging.export(process.context, charging.moment(since), charging.moment(until))


@exports.command(
    "verify", epilog="Example: abonent export verify charging-2026-11-01.jsonl --data abonent-data"
)
def verify(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The .jsonl file.")
    ],
    key: Annotated[str, typer.Option(help="The key of `abonent export key`; default: that of --data.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Check an export against the manifest beside it: signature, SHA-256, count and sums."""
    try:
        stated = json.loads(_manifest_of(file).read_bytes())
        rules_export.check(file.read_bytes(), stated, key or _key(data))
    except Problem as problem:
        fail(str(problem))
    except (OSError, ValueError, AttributeError) as unread:
        fail(f"the manifest or the key cannot be read: {unread}")
    else:
        out.print(f"{file.name}: {stated['count']} events, as exported", highlight=False, soft_wrap=True)


@exports.command("key", epilog="Example: abonent export key --data abonent-data")
def show_key(data: Data = DEFAULT_DATA) -> None:
    """Print the key that exports are signed with, for the billing system that verifies them."""
    out.print(_key(data), highlight=False)


def _key(data: Path) -> str:
    settings = settings_for(data)
    return rules_export.key_of(secret_of(settings.data, settings.secret))


def _manifest_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.manifest.json")
