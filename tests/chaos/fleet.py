"""The whole operator as processes, and the killer who chooses his moments by what the processes are doing."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import asyncpg
import httpx
import msgspec

from tests.support.processes import Program, Site, free_port

T = TypeVar("T")
WEB, NETWORK, WORKERS = "web", "network", ("worker-1", "worker-2")
# Tasks of the small operator of tests/support/world.py by their name in the decomposition.
KIND_OF = {
    "port": "reserve",
    "access": "serviceOrder",
    "stream": "serviceOrder",
    "test": "serviceTest",
    "inventory": "inventory",
}
KINDS = ("assess", "reserve", "serviceOrder", "serviceTest", "inventory")
_DOING = """
SELECT id, worker_id, attempts, task_name AS job, args ->> 'task' AS task FROM procrastinate_jobs
WHERE status = 'doing' ORDER BY id"""


def kind_of(job: str, task: str | None) -> str:
    """What a job does: the kind of its task, or its own name."""
    if task is not None and job.endswith("run_task"):
        return KIND_OF[task.rsplit(".", 1)[-1]]
    return job.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Doing:
    """A job that a worker runs at this moment."""

    id: int
    worker: int | None
    attempts: int
    kind: str


@dataclass
class Kill:
    """One kill: when, whom, in which part, and which jobs were running."""

    second: float
    part: str
    victim: str
    pid: int
    doing: list[Doing]
    hit: str | None = None

    def __str__(self) -> str:
        jobs = ", ".join(f"{d.kind}#{d.id} by worker {d.worker}" for d in self.doing) or "nothing"
        hit = f", in the midst of {self.hit}" if self.hit else ""
        return f"{self.second:6.1f} s  {self.part:10} {self.victim} (pid {self.pid}){hit}; doing: {jobs}"


@dataclass
class Fleet:
    """Web, two workers and the network, each replaced when it is killed. `kills` is the log."""

    site: Site
    random: Random
    rescue: bool
    port: int = field(default_factory=free_port)
    network_port: int = field(default_factory=free_port)
    members: dict[str, Program] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def network(self) -> str:
        return f"http://127.0.0.1:{self.network_port}"

    def start(self, name: str) -> None:
        """Start a member, or a replacement of one that was killed."""
        if name == NETWORK:
            program = self.site.start(name, "simulate", "network", "--port", str(self.network_port))
        elif name == WEB:
            program = self.site.serve(self.port, "--no-worker")
        else:
            switch = [] if self.rescue else ["--no-rescue"]
            program = self.site.worker(
                "--report-to", self.url, *switch, name=name, ABONENT_NETWORK_URL=self.network
            )
        self.members[name] = program

    async def start_all(self) -> None:
        for name in (NETWORK, WEB):
            self.start(name)
        await self.until_ready()
        for name in WORKERS:
            self.start(name)

    async def until_ready(self) -> None:
        async with httpx.AsyncClient() as client:
            for url in (f"{self.network}/simulator/behaviour", f"{self.url}/readyz"):
                for _ in range(300):
                    with suppress(httpx.HTTPError):
                        if (await client.get(url)).status_code == 200:
                            break
                    await asyncio.sleep(0.1)
                else:
                    raise AssertionError(f"{url} does not answer:\n{self.members[WEB].tail()}")

    def name_of(self, program: Program) -> str:
        return next(name for name, member in self.members.items() if member is program)

    # ---- killing

    async def kill_worker(self, kind: str, patience: float = 8.0) -> Kill:
        """Kill a worker in the midst of a job of this kind; after `patience` seconds any worker, at any moment."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for job in await self.doing():
                found = self._worker_of(job) if job.kind == kind else None
                if found is None:
                    continue
                # Frozen, it can neither end the job nor begin another while we look a second time.
                os.kill(found.pid, signal.SIGSTOP)
                await asyncio.sleep(0.02)
                still = await self.doing()
                if any(d.id == job.id and d.attempts == job.attempts for d in still):
                    return await self._kill("worker", found, still, hit=kind)
                os.kill(found.pid, signal.SIGCONT)
            await asyncio.sleep(0.003)
        name = self.random.choice(WORKERS)
        return await self._kill("worker", self.members[name], await self.doing())

    async def kill_web(self) -> Kill:
        return await self._kill("server", self.members[WEB], await self.doing())

    async def kill_owner(self) -> Kill:
        """Kill whichever process owns the database, once there is one."""
        owner = await _there(self.site.owner)
        return await self._kill("owner", owner, await self.doing())

    async def kill_postmaster(self) -> Kill:
        """Kill PostgreSQL itself; its owner has to start it again."""
        pid = await _there(self.site.postmaster)
        kill = Kill(time.monotonic() - self.begun, "postmaster", "PostgreSQL", pid, await self.doing())
        os.kill(pid, signal.SIGKILL)
        self.kills.append(kill)
        return kill

    async def _kill(self, part: str, program: Program, doing: list[Doing], hit: str | None = None) -> Kill:
        name = self.name_of(program)
        kill = Kill(time.monotonic() - self.begun, part, name, program.pid, doing, hit)
        program.kill()
        self.kills.append(kill)
        await asyncio.sleep(self.random.uniform(0, 1))
        self.start(name)
        return kill

    def _worker_of(self, job: Doing) -> Program | None:
        """The running process that registered as the worker of this job."""
        for name in WORKERS:
            records = self.members[name].records("worker runs")
            if records and records[-1]["worker"] == job.worker:
                return self.members[name]
        return None

    # ---- looking

    async def doing(self) -> list[Doing]:
        rows = await self.fetch(_DOING)
        return [Doing(r["id"], r["worker_id"], r["attempts"], kind_of(r["job"], r["task"])) for r in rows]

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Rows from the database, straight; waits while it is away."""
        while True:
            try:
                conn = await self._connection()
                return await conn.fetch(sql, *args)
            except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
                await self.close()
            except asyncpg.PostgresError as error:
                if not (error.sqlstate or "").startswith("57P"):  # it is stopping or starting
                    raise
                await self.close()
            await asyncio.sleep(0.05)

    async def _connection(self) -> asyncpg.Connection:
        if getattr(self, "_conn", None) is None or self._conn.is_closed():
            self._conn: asyncpg.Connection = await asyncpg.connect(self.site.dsn, timeout=5)
        return self._conn

    async def close(self) -> None:
        if getattr(self, "_conn", None) is not None:
            self._conn.terminate()

    def rescued_kinds(self) -> set[str]:
        """Kinds of the jobs that were given back after their worker was killed, as the workers say."""
        found = set()
        for program in self.site.programs:
            for record in program.records("job rescued from a dead worker"):
                found.add(kind_of(record["job"], msgspec.json.decode(record["args"]).get("task")))
        return found


async def _there(look: Callable[[], T | None], patience: float = 20.0) -> T:
    """What `look` finds, as soon as it finds something."""
    for _ in range(int(patience / 0.05)):
        if (found := look()) is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the database has no owner, or does not run")
