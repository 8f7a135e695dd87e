"""The command `abonent`."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from abonent import main, serving
from abonent.faces import cli_data, cli_export, logs
from abonent.faces.cli_base import DEFAULT_DATA, Data, fail, out, prepared, run, serve_here, settings_for
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from abonent.kit.derive import migration_sql
from abonent.kit.values import from_wire, to_wire

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Customer processes of a telecom operator: orders, problems, SLA, loyalty.",
    epilog="Exit codes: 0 done, 1 refused or failed (said on standard error), 2 wrong usage.",
)
simulate = typer.Typer(no_args_is_help=True, help="Stand-ins for the outside world, for demos and tests.")
app.add_typer(simulate, name="simulate")
cli_data.register(app, simulate)
app.add_typer(cli_export.exports, name="export")


@app.command(epilog="Example: abonent serve --host 0.0.0.0 --port 8080 --data /var/lib/abonent-data")
def serve(
    host: str = "127.0.0.1",
    port: int = 8080,
    data: Data = DEFAULT_DATA,
    worker: Annotated[bool, typer.Option(help="Run a worker beside the web server.")] = True,
    simulate_network: Annotated[
        bool,
        typer.Option(
            help="Connect a simulated network and a clearing house of numbers, whatever ABONENT_NETWORK_URL says."
        ),
    ] = False,
    simulate_messages: Annotated[
        bool, typer.Option(help="Send mail and SMS to a simulator whose mailbox the console shows.")
    ] = False,
) -> None:
    """Serve API and console; on an empty folder, create an empty database first."""
    logs.set_up()
    serve_here(
        host,
        port,
        data,
        worker=worker,
        simulate_network=simulate_network,
        simulate_messages=simulate_messages,
    )


@app.command(epilog="Example: abonent worker --data /var/lib/abonent-data --concurrency 20")
def worker(
    data: Data = DEFAULT_DATA,
    concurrency: Annotated[int, typer.Option(help="Jobs at the same time.")] = 16,
    report_to: Annotated[
        str | None, typer.Option(help="Base address at which the network reaches the web server.")
    ] = None,
    rescue: Annotated[bool, typer.Option(hidden=True, help="Only the chaos test switches it off.")] = True,
) -> None:
    """Run background jobs, timers and the rescue of jobs whose worker died."""
    logs.set_up()
    settings = settings_for(data)
    database = prepared(settings)
    try:
        run(serving.work(settings, database, concurrency=concurrency, report_to=report_to, rescue=rescue))
    finally:
        database.detach()


@app.command()
def migrate(data: Data = DEFAULT_DATA) -> None:
    """Bring the database to the present schema."""
    logs.set_up()
    prepared(settings_for(data)).detach()
    out.print("database is up to date")


@app.command(
    epilog='Example: curl -H "Authorization: Bearer $(abonent token --role admin)" http://127.0.0.1:8080/tmf-api/...'
)
def token(
    role: Annotated[Role, typer.Option(help="What the token may do.")],
    party: Annotated[str | None, typer.Option(help="Customer id; needed for role client.")] = None,
    name: Annotated[str | None, typer.Option(help="Name for the history; default: the role.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Days until it expires.")] = 365,
    data: Data = DEFAULT_DATA,
) -> None:
    """Print a bearer token, and nothing else, on standard output."""
    if role is Role.CLIENT and not party:
        fail("a client token needs --party, the id of the customer")
    settings = settings_for(data)
    tokens = Tokens(secret_of(settings.data, settings.secret))
    typer.echo(tokens.issue(role, party, name, datetime.now(UTC), timedelta(days=days)))


@app.command(
    epilog="Examples: abonent clock | abonent clock --to 2026-12-01T09:00:00Z --rate 60 | abonent clock --reset"
)
def clock(
    to: Annotated[
        str | None, typer.Option(help="Move to this moment (ISO 8601; without offset: UTC).")
    ] = None,
    forward: Annotated[float | None, typer.Option(help="Move on by this many hours.")] = None,
    rate: Annotated[float, typer.Option(min=0.001, help="Domain seconds a second.")] = 1.0,
    reset: Annotated[bool, typer.Option("--reset", help="Back to real time.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Show or move the domain's clock (demos and tests)."""
    settings = settings_for(data)
    database = prepared(settings)

    async def change() -> None:
        async with main.open_process(settings, database.dsn, "abonent-clock") as process:
            known = process.context.clock
            async with process.database.connection() as conn:
                if reset:
                    await known.reset(conn)
                elif to or forward or rate != 1.0:
                    target = from_wire(to) if to else known.now() + timedelta(hours=forward or 0)
                    await known.set(conn, target, rate)
            out.print(to_wire(known.now()) + (" (moved)" if known.moved else ""), highlight=False)

    try:
        run(change())
    except ValueError:
        fail(f"--to {to}: not an ISO 8601 moment such as 2026-12-01T09:00:00Z")
    finally:
        database.detach()


@app.command(
    epilog="Example: ABONENT_PASSWORD=... abonent account anna --role agent --display-name 'Anna Sokolova'"
)
def account(
    name: str,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.AGENT,
    display_name: Annotated[str | None, typer.Option(help="Name shown in the console.")] = None,
    party: Annotated[str | None, typer.Option(help="Customer id; needed for role client.")] = None,
    language: Annotated[str, typer.Option(help="en or ru.")] = "en",
    data: Data = DEFAULT_DATA,
) -> None:
    """Create a console account or give it a new password (asked for, or from ABONENT_PASSWORD)."""
    from abonent.domain.party.accounts import create_account

    password = os.environ.get("ABONENT_PASSWORD") or typer.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    settings = settings_for(data)
    database = prepared(settings)

    async def create() -> None:
        async with main.open_process(settings, database.dsn, "abonent-account") as process:
            await create_account(
                process.context.store,
                name,
                password,
                role,
                display_name=display_name or name,
                party=party,
                language=language,
            )

    try:
        run(create())
    finally:
        database.detach()
    out.print(f"account {name} is ready")


@app.command(hidden=True)
def derive() -> None:
    """Print the SQL of the tables of all registered resources, to write a migration from."""
    sys.stdout.write(migration_sql(main.REGISTRY))


@simulate.command("network", epilog="Example: abonent simulate network --port 9641")
def simulate_network(host: str = "127.0.0.1", port: int = 9641) -> None:
    """A network over HTTP: takes service orders (TMF641) and runs service tests (TMF653)."""
    from abonent.network_simulator import run as run_simulator

    run_simulator(host, port)


@simulate.command("bureau", epilog="Example: abonent simulate bureau --port 9670")
def simulate_bureau(host: str = "127.0.0.1", port: int = 9670) -> None:
    """A credit bureau over HTTP, for ABONENT_BUREAU_URL; /bureau/behaviour makes it slow, closed or choosy."""
    from abonent.bureau_simulator import run as run_bureau

    run_bureau(host, port)


@simulate.command("payments", epilog="Example: abonent simulate payments --port 9690")
def simulate_payments(host: str = "127.0.0.1", port: int = 9690) -> None:
    """A payment provider over HTTP with a page to pay on, for ABONENT_PAYMENT_URL; no money moves."""
    from abonent.payment_simulator import run as run_provider

    run_provider(host, port)


@simulate.command("porting", epilog="Example: abonent simulate porting --port 9695")
def simulate_porting(host: str = "127.0.0.1", port: int = 9695) -> None:
    """A clearing house of number portability over HTTP, for ABONENT_PORTING_URL; some donors refuse."""
    from abonent.porting_simulator import run as run_house

    run_house(host, port)


@simulate.command("messages", epilog="Example: abonent simulate messages --data /tmp/messages")
def simulate_messages(
    data: Annotated[Path, typer.Option("--data", help="Folder in which mails and SMS are kept.")],
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Of the SMS gateway and the mailbox, over HTTP.")] = 9680,
    smtp_port: Annotated[int, typer.Option(help="Of the mail server.")] = 9625,
) -> None:
    """A mail server and an SMS gateway that keep what comes and answer with delivery reports."""
    from abonent.message_simulator import run as run_sink

    run_sink(data, host, port, smtp_port)
