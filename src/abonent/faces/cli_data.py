"""Commands that fill the system: clients from files, simulated orders, the demo operator."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from abonent import main, serving
from abonent.demo import posting
from abonent.demo import seed as seeding
from abonent.demo import simulate as simulation
from abonent.demo.living import RATE, unsettle
from abonent.demo.living import live as living
from abonent.faces import logs
from abonent.faces.cli_base import DEFAULT_DATA, Data, err, out, prepared, run, serve_here, settings_for
from abonent.faces.tokens import Tokens, secret_of
from abonent.importing import mapping as mappings
from abonent.importing.clients import Summary, import_clients
from abonent.importing.files import RejectFile, count_lines, open_clients
from abonent.importing.problems import FileProblem, MappingProblem
from abonent.kit.access import Role

imports = typer.Typer(no_args_is_help=True, help="Take over data of other systems.")


def register(app: typer.Typer, simulate: typer.Typer) -> None:
    """Put the commands of this file where they belong."""
    app.add_typer(imports, name="import")
    simulate.command(
        "orders",
        epilog="Examples: abonent simulate orders --count 500 --wait |"
        " abonent simulate orders --count 500 --seed 2 --url http://127.0.0.1:8080",
    )(simulate_orders)
    simulate.command("life", epilog="Example: abonent simulate life --data abonent-demo --rate 60")(
        simulate_life
    )
    app.command(
        epilog="Examples: abonent demo --port 8080 | abonent demo --live --rate 120."
        " Everything it made is in --data; delete it to begin anew."
    )(demo)


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
    bar = _bar("clients")
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


def _bar(what: str) -> Progress:
    """A progress bar on standard error; none when that is not a terminal."""
    return Progress(
        TextColumn(what or "{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def simulate_orders(
    count: Annotated[int, typer.Option(min=1, help="Orders to place.")],
    seed: Annotated[int, typer.Option(help="Another seed, other orders; the same again adds none.")] = 1,
    url: Annotated[
        str,
        typer.Option(
            help="Base address of a server on the same data, to go through its API; direct: no HTTP."
        ),
    ] = "direct",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for their end and say how they ended.")] = False,
    patience: Annotated[
        float, typer.Option(min=1, help="With --wait: seconds without any progress before giving up.")
    ] = 60.0,
    data: Data = DEFAULT_DATA,
) -> None:
    """Place product orders for clients drawn from the database, suiting what they hold."""
    logs.set_up()
    settings = settings_for(data)
    database = prepared(settings)
    try:
        open_orders = run(_simulate(settings, database.dsn, count, seed, url, patience if wait else None))
    finally:
        database.detach()
    if open_orders:
        raise typer.Exit(1)


async def _simulate(
    settings: main.Settings, dsn: str, count: int, seed: int, url: str, patience: float | None
) -> int:
    """Place the orders and, with patience, wait; how many were refused or still open at the end."""
    async with (
        main.open_process(settings, dsn, "abonent-simulate") as process,
        AsyncExitStack() as stack,
    ):
        ctx = process.context
        place = posting.direct(ctx)
        if url != "direct":
            tokens = Tokens(secret_of(settings.data, settings.secret))
            token = tokens.issue(Role.AGENT, None, simulation.CALLER, datetime.now(UTC), timedelta(hours=12))
            place = await stack.enter_async_context(posting.over_http(url, token))
        with _bar("orders placed") as bar:
            task = bar.add_task("orders", total=count)
            outcome = await simulation.simulate(ctx, count, seed, place, lambda done: bar.advance(task, done))
        if outcome.added:
            listed = ", ".join(f"{n} {name}" for name, n in outcome.added.items())
            out.print(f"the simulated operator was missing and was added: {listed}", soft_wrap=True)
        new = len(outcome.placed) - outcome.known
        out.print(f"orders: {new} placed, {outcome.known} were there already, {len(outcome.refused)} refused")
        for reason in outcome.refused[:10]:
            err.print(reason, markup=False, highlight=False, soft_wrap=True)
        if patience is None:
            return len(outcome.refused)
        with _bar("orders at rest") as bar:
            task = bar.add_task("orders", total=len(outcome.placed))
            states = await simulation.wait_for(
                ctx, outcome.placed, patience=patience, progress=lambda rested: bar.advance(task, rested)
            )
    out.print("ended: " + ", ".join(f"{n} {state}" for state, n in states.most_common()), highlight=False)
    still = sum(n for state, n in states.items() if state not in simulation.RESTING)
    if still:
        err.print(f"{still} orders are still open. Does a worker run (abonent serve, abonent worker)?")
    return still + len(outcome.refused)


def demo(
    data: Annotated[
        Path,
        typer.Option("--data", help="Folder of the demo; filled when it is empty.", envvar="ABONENT_DATA"),
    ] = Path("abonent-demo"),
    host: str = "127.0.0.1",
    port: int = 8080,
    live: Annotated[
        bool, typer.Option("--live", help="Let it go on: clients order, crews work, people decide.")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=1, max=3600, help="With --live: how many times faster its clock runs.")
    ] = RATE,
) -> None:
    """Serve a small believable operator: 2,000 clients, a catalogue, a network, months of orders, crews at work."""
    # Who looks at a demo has the address and the logins to read, not a line a request.
    os.environ.setdefault(logs.LEVEL, "warning")
    # Whoever tries the hub listens on his own machine.
    os.environ.setdefault("ABONENT_HUB_ALLOW", "private")
    logs.set_up()
    settings = settings_for(data)
    database = prepared(settings)
    try:
        run(_seed(settings, database.dsn))
    finally:
        database.detach()
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    out.print(f"\nThe demo is at http://{shown}:{port}/  Sign in as:", highlight=False)
    for name, password, role, display, language in seeding.ACCOUNTS:
        out.print(f"  {name:<10}{password:<16}{role.value}, {display} ({language})", highlight=False)
    out.print("Ctrl+C stops it; the same command serves it again.\n", highlight=False)
    beside: list[list[str]] = []
    if live:
        out.print(f"It goes on living: a minute is {rate:g} minutes of its clock.\n", highlight=False)
        beside.append(["simulate", "life", "--data", str(settings.data), "--rate", str(rate)])
    serve_here(
        host,
        port,
        data,
        worker=True,
        simulate_network=True,
        simulate_messages=True,
        simulate_payments=True,
        beside=beside,
    )


def simulate_life(
    data: Annotated[Path, typer.Option("--data", help="Folder of a demo that is served.")],
    rate: Annotated[
        float, typer.Option(min=1, max=3600, help="How many times faster its clock runs.")
    ] = RATE,
) -> None:
    """Let a demo go on living beside its server: new orders, crews at work, decisions on what is held."""
    logs.set_up()
    settings = settings_for(data)
    database = prepared(settings)

    async def part(process: main.Process, stop: asyncio.Event) -> None:
        if settings.network_url:
            await unsettle(settings.network_url, stop)
        await living(process, stop, rate=rate)

    try:
        run(serving.beside(settings, database, "abonent-life", part))
    finally:
        database.detach()


async def _seed(settings: main.Settings, dsn: str) -> None:
    async with main.open_process(settings, dsn, "abonent-demo") as process:
        if await seeding.seeded(process.context):
            # A clock that a living demo left accelerated goes on from where it stood.
            async with process.database.connection() as conn:
                await process.context.clock.pace(conn, 1.0)
            return
        err.print("abonent: making the demo's operator; this takes about half a minute ...", highlight=False)
        with _bar("") as bar:
            steps: dict[str, TaskID] = {}

            def progress(what: str, done: int, total: int) -> None:
                if what not in steps:
                    steps[what] = bar.add_task(what)
                bar.update(steps[what], completed=done, total=total)

            made = await seeding.seed(process, progress=progress)
        orders = ", ".join(f"{n} {state}" for state, n in made.orders.most_common())
        out.print(f"clients: {made.documents['customer']}; orders: {orders}", highlight=False, soft_wrap=True)
