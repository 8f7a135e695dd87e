"""The processes themselves: started, stopped, killed, several on one data folder."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from abonent import main
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import SYSTEM, Role
from tests.support.processes import PATH, Program, Site, free_port, gone, site, within
from tests.support.running import eventually
from tests.support.world import build, item, order

ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
READY = 30.0
# These start whole systems: tens of seconds together.
pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def answers(port: int, path: str = "/readyz") -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200
    return False


def serving(port: int, program: Program) -> None:
    within(READY, lambda: answers(port) or not program.running, f"{program.name} answers")
    assert program.running, program.tail()


def working(program: Program) -> int:
    """Wait until the worker registered; its number."""
    return within(READY, lambda: program.records("worker runs"), f"{program.name} runs")[-1]["worker"]


def client_of(place: Site, port: int) -> httpx.Client:
    token = Tokens(secret_of(place.data)).issue(
        Role.ADMIN, None, "test", datetime.now(UTC), timedelta(hours=1)
    )
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=15
    )


def test_sigterm_stops_everything_and_leaves_no_process(place: Site) -> None:
    port = free_port()
    web = place.serve(port, "--simulate-network")
    serving(port, web)
    working(web)  # its child writes to the same log
    children = place.children(web)
    assert len(children) == 3  # worker, simulated network and clearing house
    other = place.worker(ABONENT_NETWORK_URL=f"http://127.0.0.1:{free_port()}")
    working(other)
    assert place.postgres()

    assert web.stop() < 10
    within(5, lambda: all(map(gone, children)), "the children end")
    assert other.stop() < 10
    assert place.postgres() == []


def test_kill_9_of_the_web_server_ends_its_children_and_the_database(place: Site) -> None:
    port = free_port()
    web = place.serve(port, "--simulate-network")
    serving(port, web)
    working(web)
    children = place.children(web)
    assert len(children) == 3

    web.kill()
    within(12, lambda: all(map(gone, children)), "worker and simulator end")
    within(5, lambda: not place.postgres(), "PostgreSQL ends")


def test_the_api_says_503_while_the_owner_of_the_database_is_replaced(place: Site) -> None:
    owner = place.worker()
    working(owner)
    port = free_port()
    web = place.serve(port, "--no-worker")
    serving(port, web)
    assert place.owner() is owner

    with client_of(place, port) as client:
        assert client.get(ORDERS).status_code == 200
        owner.kill()
        killed = time.monotonic()
        seen: set[int] = set()
        while (answer := client.get(ORDERS)).status_code != 200 or not seen:
            assert time.monotonic() - killed < 5, f"after 5 s: {answer.status_code} {answer.text}"
            if answer.status_code != 200:
                seen.add(answer.status_code)
                assert answer.headers["Retry-After"].isdecimal()
                assert answer.json()["code"] == "databaseAway"
    assert seen == {503}
    assert place.owner() is web


async def test_a_worker_goes_on_after_postgresql_was_killed(place: Site) -> None:
    worker = place.worker()
    working(worker)
    pid = place.postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(within, 10, lambda: place.postmaster() not in {None, pid}, "PostgreSQL is back")

    async def connected() -> asyncpg.Connection | None:
        with suppress(asyncpg.PostgresError, OSError):
            return await asyncpg.connect(place.dsn)
        return None

    await (await eventually(connected, "PostgreSQL takes connections")).close()
    async with main.open_process(main.Settings(place.data), place.dsn, "test") as process:
        await build(process.context)
        placed = await place_order(process.context, order(item("1", "fibre")))

        async def assessed() -> bool:
            stored = await process.context.store.get(SYSTEM, PRODUCT_ORDER, placed["id"])
            return stored.state == "inProgress"

        await eventually(assessed, "the worker takes a job again", patience=15)
    assert worker.running
    assert worker.stop() < 10


async def test_two_web_servers_and_two_workers_share_one_data_folder(place: Site) -> None:
    network, ports = free_port(), (free_port(), free_port())
    place.start("network", "simulate", "network", "--port", str(network))
    # All at once on an empty folder: one makes the database and one migrates it, the others wait.
    webs = [place.serve(port, "--no-worker", name=f"web-{n}") for n, port in enumerate(ports)]
    workers = [
        place.worker(
            "--report-to",
            f"http://127.0.0.1:{ports[n]}",
            name=f"worker-{n}",
            ABONENT_NETWORK_URL=f"http://127.0.0.1:{network}",
        )
        for n in range(2)
    ]
    for port, web in zip(ports, webs, strict=True):
        serving(port, web)
    assert len({working(worker) for worker in workers}) == 2
    async with main.open_process(main.Settings(place.data), place.dsn, "test") as process:
        await build(process.context, ports=20)
        placed = []
        for n in range(12):
            with client_of(place, ports[n % 2]) as client:
                answer = client.post(ORDERS, json=order(item("1", "fibre"), externalId=f"x-{n}"))
                assert answer.status_code == 201, answer.text
                placed.append(answer.json()["id"])
                # Sent again to the other server: the same order.
            with client_of(place, ports[(n + 1) % 2]) as client:
                again = client.post(ORDERS, json=order(item("1", "fibre"), externalId=f"x-{n}"))
                assert again.json()["id"] == placed[-1]
        assert len(set(placed)) == 12

        def all_done() -> bool:
            with client_of(place, ports[0]) as client:
                found = client.get(ORDERS, params={"state": "completed", "limit": 100}).json()
            return {o["id"] for o in found} == set(placed)

        within(60, all_done, f"all {PRODUCT_ORDER.name}s completed")
    for program in (*webs, *workers):
        assert program.stop() < 10
    assert place.postgres() == []


def test_a_busy_port_is_told_in_one_line(place: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        web = place.serve(port, "--no-worker")
        assert web.process.wait(READY) == 1
    said = " ".join(web.said().split())
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use. Choose another with --port." in said
    assert "Traceback" not in said
    assert place.postgres() == []


def test_an_unreachable_database_is_told_in_one_line(place: Site) -> None:
    nowhere = f"postgresql://abonent@127.0.0.1:{free_port()}/abonent"
    worker = place.worker(DATABASE_URL=nowhere)
    assert worker.process.wait(READY) == 1
    said = " ".join(worker.said().split())
    assert "The database cannot be reached:" in said
    assert "Traceback" not in said


def _ordinary_user() -> tuple[pwd.struct_passwd, list[str], str]:
    """A user of this system who is not root, the words that become him, a Python he may run; or a skip with why."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become another user; every other test here ran as an ordinary one")
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv (util-linux)")
    user = next((u for u in pwd.getpwall() if 1000 <= u.pw_uid < 60000), pwd.getpwnam("nobody"))
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # An environment made by root often stands on a Python in root's own folder.
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        # A shell between: the rights of root are lost at the second exec.
        attempt = ["sh", "-c", f"'{python}' -c 'import abonent.main'"]
        done = subprocess.run([*become, *attempt], env={"PYTHONPATH": PATH}, cwd="/", capture_output=True)
        if done.returncode == 0:
            return user, become, python
    pytest.skip(f"{user.pw_name} may run no {version} here, or may not read the code")


def test_an_ordinary_user_serves_from_his_own_folder() -> None:
    user, become, python = _ordinary_user()
    folder = Path(tempfile.mkdtemp(prefix="abonent-user-"))
    (folder / "data").mkdir()
    for owned in (folder, folder / "data"):
        os.chown(owned, user.pw_uid, user.pw_gid)
    try:
        with site(folder, become, python, HOME=str(folder)) as place:
            port = free_port()
            web = place.serve(port, "--simulate-network")
            serving(port, web)
            # PostgreSQL runs as the same user, in his folder; nothing of it is elsewhere.
            server = int((folder / "data" / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
            assert (Path("/proc") / str(server)).stat().st_uid == user.pw_uid
            assert web.stop() < 10
            within(5, lambda: gone(server), "PostgreSQL ends")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("rescue", [True, False], ids=["rescue", "no-rescue"])
async def test_the_job_of_a_killed_worker_is_given_back(place: Site, rescue: bool) -> None:
    """Whoever of two workers takes the job is killed while the network lets it wait; the other one gets it.

    Heartbeat 2 s, stalled after 6 s, a look every 2 s: that is 8 s, and 10 s on a busy machine.
    """
    switch = [] if rescue else ["--no-rescue"]
    with socket.socket() as silent:  # takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        network = f"http://127.0.0.1:{silent.getsockname()[1]}"
        port = free_port()
        web = place.serve(port, "--no-worker")
        serving(port, web)
        started = [place.worker(*switch, name=f"w{n}", ABONENT_NETWORK_URL=network) for n in range(2)]
        workers = {working(program): program for program in started}
        # A rescuer believes heartbeats once it has watched them for STALLED_AFTER.
        await asyncio.sleep(7)
        async with main.open_process(main.Settings(place.data), place.dsn, "test") as process:
            await build(process.context)

            async def holder() -> int | None:
                """Number of the worker that runs the job."""
                async with process.database.connection() as conn:
                    return await conn.fetchval(
                        "SELECT worker_id FROM procrastinate_jobs WHERE status = 'doing'"
                        " AND task_name LIKE '%run_task' AND args ->> 'task' = '1.access'"
                    )

            with client_of(place, port) as client:
                assert client.post(ORDERS, json=order(item("1", "fibre"))).status_code == 201
            first = await eventually(holder, "a worker runs the job")
            workers.pop(first).kill()
            killed = time.monotonic()
            (other,) = workers
            seen = first
            while seen == first and time.monotonic() - killed < 10:
                seen = await holder() or first
                await asyncio.sleep(0.05)
            assert seen == (other if rescue else first)
            workers[other].kill()  # it waits for the silent network; graceful ends are another test
