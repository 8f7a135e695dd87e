"""Tryton's sale module as a peer: sales of three lines created, checked against the credit limit and confirmed.

It runs on the same PostgreSQL server, with two web processes of four threads, and is asked over its JSON-RPC as its own
clients ask it. Its packages live in an environment of their own beside the checkout's (`make bench` installs nothing of
it; the first run of this part does).
"""

import base64
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from processes import HERE, free_port, running

_HOME = HERE.parent / ".venv-tryton"
_MODULES = ("sale", "sale_credit_limit")
_PASSWORD = "admin"


def installed() -> Path:
    """The peer's interpreter; its packages are installed when they are missing."""
    python = _HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", _HOME], check=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([*command, HERE / "tryton_requirements.txt"], check=True)
    return python


@contextmanager
def peer(dsn: str, folder: Path, log: Path) -> Iterator["Sales"]:
    """A filled Tryton with its server up. `dsn` is a superuser's; the database `tryton` is there and empty."""
    python, port = installed(), free_port()
    socket = parse_qs(urlsplit(dsn).query)["host"][0]
    settings = folder / "tryton.conf"
    settings.write_text(
        f"[database]\nuri = postgresql://postgres:none@{quote(socket, safe='')}:5432/\n"
        f"path = {folder / 'tryton'}\n[session]\nauthentications = password\n"
    )
    (folder / "tryton-password").write_text(_PASSWORD + "\n")
    env = os.environ | {"TRYTONPASSFILE": str(folder / "tryton-password")}
    admin = [python.with_name("trytond-admin"), "-c", settings, "-d", "tryton"]
    with log.open("ab") as out:
        for step in (
            [*admin, "--all", "--email", "admin@example.org"],
            [*admin, "-u", *_MODULES, "--activate-dependencies"],
            [python, HERE / "tryton_fill.py", settings],
        ):
            subprocess.run(step, env=env, check=True, stdout=out, stderr=out)
    server = [
        "-m",
        "gunicorn",
        "-w",
        "2",
        "--threads",
        "4",
        "-b",
        f"127.0.0.1:{port}",
        "trytond.application:app",
    ]
    names = {"TRYTOND_CONFIG": str(settings), "TRYTOND_DATABASE_NAMES": "tryton"}
    with running(server, port, log, python=python, extra=names):
        yield Sales(port)


class Sales:
    """A client of the peer's RPC."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sold = 0
        session = self._call(self._open(), "", "common.db.login", "admin", {"password": _PASSWORD}, "en")
        pair = base64.b64encode(f"admin:{session[0]}:{session[1]}".encode()).decode()
        self._right = f"Session {pair}"
        self._context = {"company": 1, "language": "en"}
        wanted = ["addresses", "customer_payment_term"]
        search = [["name", "like", "C-%"]], 0, None, None, wanted, self._context
        self._parties = self._call(self._open(), self._right, "model.party.party.search_read", *search)

    def sell(self, orders: int, connections: int = 8) -> float:
        """Create, quote (which checks the credit) and confirm; seconds. SystemExit if a sale is not confirmed."""
        numbers, lock, made = iter(range(self._sold, self._sold + orders)), threading.Lock(), list[int]()
        self._sold += orders

        def one_after_the_other() -> None:
            connection = self._open()
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                made.append(self._sell(connection, number))

        clients = [threading.Thread(target=one_after_the_other) for _ in range(connections)]
        begun = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        seconds = time.perf_counter() - begun
        read = self._call(self._open(), self._right, "model.sale.sale.read", made, ["state"], self._context)
        if len(made) != orders or any(sale["state"] not in {"confirmed", "processing"} for sale in read):
            raise SystemExit("the peer did not confirm every sale")
        return seconds

    def _sell(self, connection: http.client.HTTPConnection, number: int) -> int:
        party = self._parties[number % len(self._parties)]
        price = {"__class__": "Decimal", "decimal": "500"}
        lines = [
            {"type": "line", "product": product, "quantity": 1.0, "unit": 1, "unit_price": price}
            for product in (1, 2, 3)
        ]
        sale = {
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "shipment_address": party["addresses"][0],
            "payment_term": party["customer_payment_term"],
            "currency": 1,
            "company": 1,
            "invoice_method": "manual",
            "shipment_method": "manual",
            "lines": [["create", lines]],
        }
        [id] = self._call(connection, self._right, "model.sale.sale.create", [sale], self._context)
        for step in ("quote", "confirm"):
            self._call(connection, self._right, f"model.sale.sale.{step}", [id], self._context)
        return id

    def _open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)

    def _call(self, connection: http.client.HTTPConnection, right: str, method: str, *params: Any) -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": right} if right else {})
        body = json.dumps({"id": 0, "method": method, "params": params})
        connection.request("POST", "/tryton/rpc/", body, headers)
        answer = json.loads(connection.getresponse().read())
        if answer.get("error"):
            raise SystemExit(f"the peer refused {method}: {answer['error']}")
        return answer["result"]
