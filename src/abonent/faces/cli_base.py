"""What the commands have in common: the data folder, how errors are told, serving."""

import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from abonent import main, serving
from abonent.kit.errors import Problem

out = Console()
err = Console(stderr=True)

Data = Annotated[
    Path, typer.Option("--data", help="Folder with the database and keys.", envvar="ABONENT_DATA")
]
DEFAULT_DATA = Path("abonent-data")


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; a Problem is told in one line and ends with exit code 1."""
    try:
        return uvloop.run(work)
    except Problem as problem:
        fail(str(problem))


def fail(reason: str) -> None:
    err.print(f"[red]abonent:[/red] {reason}", highlight=False)
    raise typer.Exit(1)


def settings_for(data: Path) -> main.Settings:
    return main.Settings.read(data.resolve())


def prepared(settings: main.Settings) -> serving.AttachedDatabase:
    try:
        return serving.prepare(settings)
    except Problem as problem:
        fail(str(problem))
        raise


def serve_here(
    host: str,
    port: int,
    data: Path,
    *,
    worker: bool,
    simulate_network: bool,
    simulate_messages: bool = False,
    simulate_payments: bool = False,
    beside: Sequence[list[str]] = (),
) -> None:
    """Attach, migrate, then serve until a signal; used by `serve` and `demo`. `beside`: further commands to run."""
    settings = settings_for(data)
    try:
        bound = serving.listening_socket(host, port)
    except OSError as busy:
        fail(f"cannot listen on {host}:{port}: {busy.strerror}. Choose another with --port.")
        return
    database = prepared(settings)
    port = bound.getsockname()[1]
    environment: dict[str, str] = {}
    children: list[tuple[list[str], dict[str, str]]] = []
    if simulate_network:
        network_port = serving.free_port()
        environment["ABONENT_NETWORK_URL"] = f"http://127.0.0.1:{network_port}"
        children.append((["simulate", "network", "--port", str(network_port)], {}))
        house, secret = serving.free_port(), secrets.token_hex(16)
        signing = {"ABONENT_PORTING_URL": f"http://127.0.0.1:{house}", "ABONENT_PORTING_SECRET": secret}
        children.append((["simulate", "porting", "--port", str(house)], signing))
        environment |= signing
        settings = replace(settings, porting_url=signing["ABONENT_PORTING_URL"], porting_secret=secret)
    if simulate_messages:
        mail, web = serving.free_port(), serving.free_port()
        folder = str(settings.data / "messages")
        ports = ["--smtp-port", str(mail), "--port", str(web)]
        children.append((["simulate", "messages", "--data", folder, *ports], {}))
        environment |= {
            "ABONENT_SMTP_URL": f"smtp://127.0.0.1:{mail}",
            "ABONENT_MAIL_FROM": settings.mail_from or "Abonent <service@example.org>",
            "ABONENT_SMS_URL": f"http://127.0.0.1:{web}/sms",
        }
        settings = replace(settings, mailbox_url=f"http://127.0.0.1:{web}")
    if simulate_payments:
        pay, secret = serving.free_port(), secrets.token_hex(16)
        signing = {"ABONENT_PAYMENT_URL": f"http://127.0.0.1:{pay}", "ABONENT_PAYMENT_SECRET": secret}
        children.append((["simulate", "payments", "--port", str(pay)], signing))
        environment |= signing
        settings = replace(settings, payment_url=signing["ABONENT_PAYMENT_URL"], payment_secret=secret)
    if worker:
        local = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"
        children.append(
            (
                ["worker", "--data", str(settings.data), "--report-to", settings.public_url or local],
                environment,
            )
        )
    children += [(command, environment) for command in beside]
    err.print(
        f"abonent: http://{host}:{port}/ (API under /tmf-api, database {database.told()})", highlight=False
    )
    try:
        run(serving.serve(settings, bound, database, children))
    finally:
        database.detach()
