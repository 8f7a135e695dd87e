"""Commands that fill the system: clients from files, simulated orders, the demo operator."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from abonent import main
from abonent.faces import logs
from abonent.faces.cli_base import DEFAULT_DATA, Data, err, out, prepared, run, serve_here, settings_for
from abonent.importing import mapping as mappings
from abonent.importing.clients import Summary, import_clients
from abonent.importing.files import RejectFile, count_lines, open_clients
from abonent.importing.problems import FileProblem, MappingProblem

imports = typer.Typer(no_args_is_help=True, help="Take over data of other systems.")


def register(app: typer.Typer, simulate: typer.Typer) -> None:
    """Put the commands of this file where they belong."""
    app.add_typer(imports, name="import")


@imports.command(
    "clients",
    epilog="Exit codes: 0 all rows went in, 1 some were rejected (see the reject file), 2 wrong usage: no such file,"
    " or a mapping that does not fit it. Example: abonent import clients clients.csv --mapping simple --dry-run",
)
def import_clients_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV file.")],
    mapping: Annotated[
        str, typer.Option(help="Which columns become what: a built-in mapping's name or a FILE.toml.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="CSV file for rows that cannot be used; default: NAME-rejects.csv in the current folder."
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Import clients with what they hold from a CSV file. Running it again changes only what changed."""
    logs.set_up()
    target = rejects or (None if dry_run else Path(f"{file.stem}-rejects.csv"))
    try:
        known = mappings.load(mapping)
        with open_clients(file, known.file) as rows:
            mappings.check_header(known, rows.header)
    except (MappingProblem, FileProblem) as problem:
        err.print(f"[red]abonent:[/red] {problem}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    settings = settings_for(data)
    database = prepared(settings)
    try:
        summary, rejected = run(_import(settings, database.dsn, file, known, target, dry_run=dry_run))
    finally:
        database.detach()
    _tell(summary, rejected, dry_run=dry_run)
    if summary.rejected:
        raise typer.Exit(1)


async def _import(
    settings: main.Settings,
    dsn: str,
    file: Path,
    mapping: mappings.Mapping,
    target: Path | None,
    *,
    dry_run: bool,
) -> tuple[Summary, RejectFile]:
    bar = Progress(
        TextColumn("clients"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )
    async with main.open_process(settings, dsn, "abonent-import") as process:
        with open_clients(file, mapping.file) as rows, bar:
            rejected = RejectFile(target, mapping.file, rows.header)
            task = bar.add_task("clients", total=max(count_lines(file) - 1, 0))
            try:
                summary = await import_clients(
                    process.context,
                    mapping,
                    rows,
                    rejects=rejected,
                    dry_run=dry_run,
                    progress=lambda done: bar.advance(task, done),
                )
            finally:
                rejected.close()
    return summary, rejected


def _tell(summary: Summary, rejected: RejectFile, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    if summary.catalogue:
        out.print(f"catalogue: {len(summary.catalogue)} documents {would}created", highlight=False)
    out.print(
        f"clients: {summary.rows} rows, {summary.created} {would}created, {summary.changed} {would}changed,"
        f" {summary.unchanged} unchanged, {summary.rejected} rejected",
        highlight=False,
        soft_wrap=True,
    )
    for told, counts in (("created", summary.inserted), ("updated", summary.updated)):
        listed = ", ".join(f"{n} {name}" for name, n in counts.items())
        if listed:
            out.print(f"documents {would}{told}: {listed}", highlight=False, soft_wrap=True)
    if summary.terminated:
        out.print(
            f"products {would}terminated, as the file no longer names them: {summary.terminated}",
            highlight=False,
        )
    for line, reason in rejected.first:
        err.print(f"line {line}: {reason}", highlight=False, markup=False, soft_wrap=True)
    if summary.rejected > len(rejected.first):
        err.print(f"... and {summary.rejected - len(rejected.first)} more", highlight=False)
    if summary.rejected and rejected.path is not None:
        err.print(f"rejected rows are in {rejected.path}", highlight=False, markup=False, soft_wrap=True)
