"""Side-by-side benchmarks. Prints Markdown; docs/benchmarks.md tells what the figures mean.

    python bench/run.py [--quick] [--only plans|reads|posts|flow|sales ...] [--orders N] [--rounds N] [--seconds S]

A speed alone says little on a busy machine, so each figure is a ratio to a bare handler measured in turns with
Abonent: same database, server settings, pool, number of processes and load generator.
"""

import argparse
import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

import asyncpg
import flow
import plans
import report
import sales
import tryton
import world
from compare import Contestant, compare
from documents import options_order, order
from load import Load
from processes import HERE, children_of, database_processes, free_port, running

from abonent.embedded_postgres import EmbeddedPostgres
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from abonent.kit.migrate import migrate
from abonent.kit.shapes import encode

ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
PARTS = ("plans", "reads", "posts", "flow", "sales")

_SALES = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure and how thoroughly."""

    parts: tuple[str, ...]
    orders: int
    rounds: int
    seconds: float
    flow_orders: int


@dataclass(frozen=True, slots=True)
class Bench:
    """The database and the folder of one run."""

    plan: Plan
    folder: Path
    dsn: str
    servers: Callable[[], list[int]]

    @property
    def log(self) -> Path:
        return self.folder / "servers.log"

    def token(self) -> str:
        tokens = Tokens(secret_of(self.folder))
        return tokens.issue(Role.ADMIN, None, None, datetime.now(UTC), timedelta(days=1))

    def bodies(
        self,
        name: str,
        count: int,
        client: Callable[[int], str],
        make: Callable[[int, str], dict[str, Any]] = order,
    ) -> str:
        """A file of `count` orders, one a line."""
        path = self.folder / name
        with path.open("wb") as file:
            for number in range(count):
                file.write(encode(make(number, client(number))) + b"\n")
        return str(path)


def main() -> None:
    plan = _plan()
    folder = Path(tempfile.mkdtemp(prefix="abonent-bench-"))
    server = EmbeddedPostgres(folder)
    try:
        dsn = server.attach()
        asyncio.run(_superuser(dsn, "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'"))
        server.detach()
        server.attach()
        asyncio.run(_superuser(dsn, "CREATE EXTENSION pg_stat_statements"))
        migrate(dsn)
        print("loading", plan.orders, "orders ...", flush=True)
        version = asyncio.run(_load(dsn, plan))
        print(report.machine(version), flush=True)
        bench = Bench(plan, folder, dsn, lambda: database_processes(server.folder))
        for part in plan.parts:
            {"plans": planned, "reads": reads, "posts": posts, "flow": whole_orders, "sales": beside_a_peer}[
                part
            ](bench)
    finally:
        server.detach()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(description="Side-by-side benchmarks; prints ratios.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: small table, short rounds")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--orders", type=int, help="product orders in the table (100000)")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison (7)")
    parser.add_argument("--seconds", type=float, help="length of a round (2)")
    parser.add_argument(
        "--flow-orders", type=int, help="orders posted in the benchmark of whole orders (600)"
    )
    given = parser.parse_args()
    usual = Plan(PARTS, 2_000, 2, 0.5, 60) if given.quick else Plan(PARTS, 100_000, 7, 2.0, 600)
    return Plan(
        tuple(given.only),
        given.orders or usual.orders,
        given.rounds or usual.rounds,
        given.seconds or usual.seconds,
        given.flow_orders or usual.flow_orders,
    )


async def _superuser(dsn: str, statement: str) -> None:
    conn = await _as_superuser(dsn)
    await conn.execute(statement)
    await conn.close()


async def _as_superuser(dsn: str) -> asyncpg.Connection:
    parts = urlsplit(dsn)
    return await asyncpg.connect(urlunsplit(parts._replace(netloc="postgres@")))


async def _load(dsn: str, plan: Plan) -> str:
    conn = await _as_superuser(dsn)
    await world.fill(conn, plan.orders, flow.WARM_UP + plan.flow_orders, _SALES + 10)
    await conn.execute("CREATE TABLE bare_order (id text PRIMARY KEY, doc jsonb NOT NULL)")
    await conn.execute("ALTER TABLE bare_order OWNER TO abonent")
    version = await conn.fetchval("SHOW server_version")
    await conn.close()
    return version


def _servers(bench: Bench, stack: ExitStack) -> tuple[tuple[int, int], tuple[int, int]]:
    """(process id, port) of the bare handler and of Abonent's web process alone."""
    ports = free_port(), free_port()
    bare = stack.enter_context(
        running([str(HERE / "bare.py"), bench.dsn, str(ports[0])], ports[0], bench.log)
    )
    command = ["-m", "abonent", "serve", "--no-worker", "--data", str(bench.folder), "--port", str(ports[1])]
    ours = stack.enter_context(running(command, ports[1], bench.log))
    return (bare, ports[0]), (ours, ports[1])


def planned(_: Bench) -> None:
    """Plans of orders of three items, in this process."""
    plans.measure()
    print(report.planned(plans.measure()), flush=True)


def reads(bench: Bench) -> None:
    """GET by id and the first page, each against the bare handler."""
    plan, token = bench.plan, bench.token()
    with ExitStack() as stack:
        (bare_pid, bare_port), (our_pid, our_port) = _servers(bench, stack)
        _require_same(_get(bare_port, "/order/L-7"), _get(our_port, f"{ORDERS}/L-7", token))
        _require_same(_get(bare_port, "/orders"), _get(our_port, f"{ORDERS}?limit=20", token))
        contestants = [
            Contestant("bare handler", bare_pid, Load(bare_port, "/order/{id}", 200, ids=plan.orders)),
            Contestant(
                "Abonent", our_pid, Load(our_port, f"{ORDERS}/{{id}}", 200, ids=plan.orders, token=token)
            ),
        ]
        compare(contestants, bench.servers, rounds=plan.rounds, seconds=plan.seconds)
        print(report.compared("GET one product order by id", contestants, 0.75), flush=True)
        contestants = [
            Contestant("bare handler", bare_pid, Load(bare_port, "/orders", 206)),
            Contestant("bare handler, no total", bare_pid, Load(bare_port, "/page", 200)),
            Contestant("Abonent", our_pid, Load(our_port, f"{ORDERS}?limit=20", 206, token=token)),
        ]
        compare(contestants, bench.servers, rounds=plan.rounds, seconds=plan.seconds)
        print(report.compared("GET the first 20 product orders", contestants, 0.75), flush=True)


def _get(port: int, path: str, token: str = "") -> str:
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as response:
        return response.read().decode()


def _require_same(bare: str, ours: str) -> None:
    """Both answer the same bytes; ours has an href in front of each document."""
    if re.sub(r'"href":"[^"]*/productOrder/[^"]*",', "", ours) != bare:
        raise SystemExit(f"the answers differ:\n{bare[:300]}\n{ours[:300]}")


def posts(bench: Bench) -> None:
    """POST of orders: plain insert, insert into our table, and Abonent with validation, event and jobs."""
    plan = bench.plan
    most = int(6_000 * plan.seconds * (plan.rounds + 1))
    bodies = bench.bodies("posts.jsonl", most, lambda n: f"C-{n % world.CLIENTS}")
    with ExitStack() as stack:
        (bare_pid, bare_port), (our_pid, our_port) = _servers(bench, stack)
        contestants = [
            Contestant("bare insert, plain table", bare_pid, Load(bare_port, "/plain", 201, bodies=bodies)),
            Contestant(
                "bare insert, table and indexes of Abonent",
                bare_pid,
                Load(bare_port, "/indexed", 201, bodies=bodies),
            ),
            Contestant("Abonent", our_pid, Load(our_port, ORDERS, 201, bodies=bodies, token=bench.token())),
        ]
        compare(contestants, bench.servers, rounds=plan.rounds, seconds=plan.seconds)
        print(report.compared("POST a product order", contestants, 0.6), flush=True)


def whole_orders(bench: Bench) -> None:
    """Orders through web, worker and network to their end."""
    plan, port = bench.plan, free_port()
    bodies = bench.bodies("flow.jsonl", flow.WARM_UP + plan.flow_orders, lambda n: f"F-{n}")
    command = ["-m", "abonent", "serve", "--simulate-network"]
    command += ["--data", str(bench.folder), "--port", str(port)]
    with running(command, port, bench.log) as web:
        load = Load(port, ORDERS, 201, bodies=bodies, token=bench.token())

        def pids() -> dict[str, list[int]]:
            children = children_of(web)
            return {
                "web": [web],
                "worker": [children["worker"]],
                "simulator": [children["network"]],
                "database": bench.servers(),
            }

        async def measured() -> flow.Flow:
            conn = await _as_superuser(bench.dsn)
            try:
                return await flow.measure(conn, load, plan.flow_orders, pids)
            finally:
                await conn.close()

        print(report.flowed(asyncio.run(measured())), flush=True)


def beside_a_peer(bench: Bench) -> None:
    """Tryton's sales and our orders in turns, 8 clients each."""
    port = free_port()
    bodies = bench.bodies("sales.jsonl", _SALES + 10, lambda n: f"S-{n}", options_order)
    asyncio.run(_superuser(bench.dsn, "DROP DATABASE IF EXISTS tryton"))
    asyncio.run(_superuser(bench.dsn, "CREATE DATABASE tryton"))
    command = ["-m", "abonent", "serve", "--data", str(bench.folder), "--port", str(port)]
    with tryton.peer(bench.dsn, bench.folder, bench.log) as peer, running(command, port, bench.log):
        load = Load(port, ORDERS, 201, bodies=bodies, token=bench.token())

        async def measured() -> sales.Rates:
            conn = await _as_superuser(bench.dsn)
            try:
                return await sales.measure(conn, load, peer.sell, _SALES, 4)
            finally:
                await conn.close()

        print(report.sold(asyncio.run(measured())), flush=True)


if __name__ == "__main__":
    main()
