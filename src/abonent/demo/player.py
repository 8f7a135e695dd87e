"""Plays orders of the past through the real process: its actions, its jobs, its rules; only time and the outside are
ours. Jobs and timers are kept in memory and run one after the other, so that between two of them hours can pass."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from abonent import main
from abonent.demo.played_outside import PlayedClock, PlayedHouse, PlayedNetwork, played_transports
from abonent.demo.played_store import PlayedStore
from abonent.domain.billing.charging import FOLLOW
from abonent.domain.order_handling.activation import report
from abonent.domain.order_handling.assessment import RUN_TASK
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.ports import NumberPortability, ServiceActivation
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.service_test.ports import ServiceTesting
from abonent.kit.access import Caller
from abonent.kit.change import Job
from abonent.kit.context import Context, PortNotWired
from abonent.network_simulator.numbering import Numbering

__all__ = ["Course", "Player"]

Document = dict[str, Any]
_SILENT_FOR = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Course:
    """How an order goes.

    silent_at    the task whose service order the network never answers, as the decomposition calls it ("line"), or
                 with its item ("2.activate")
    refused_at, reason   the task that fails, and the network's words
    failing_test the service test finds a bad value
    slowness     1: about as planned
    answer_due   when the process next asks the network for what it did not report
    """

    silent_at: str | None = None
    refused_at: str | None = None
    reason: str = "the node does not answer"
    failing_test: bool = False
    slowness: float = 0.9
    answer_due: datetime | None = None


class Player:
    """Runs orders to where their course leads, at most to the moment `until`. One at a time; later ones find what
    earlier ones left."""

    def __init__(
        self, process: main.Process, seed: int, start: datetime, until: datetime, numbering: Numbering
    ) -> None:
        self.until = until
        self.clock = PlayedClock(start, until)
        self.network = PlayedNetwork(self.clock, seed, numbering)
        draw = Random(f"events|{seed}")  # noqa: S311 - no secret hangs on it
        self.store = PlayedStore(process.database, until, draw)
        ports: dict[type, Any] = {ServiceActivation: self.network, ServiceTesting: self.network}
        ports |= played_transports() | {NumberPortability: PlayedHouse()}
        self.context = Context(self.store, self.clock, main.reactions(), ports)
        self._handlers = main.handlers().by_name

    async def place(self, caller: Caller, document: Document, at: datetime, course: Course) -> Document:
        """Place an order at a moment and let it run; the order as it was accepted."""
        self.clock.at = at
        self.network.slowness = course.slowness
        order = await place_order(self.context.for_caller(caller), document)
        await self.run(course)
        return order

    async def run(self, course: Course) -> None:
        """Run all jobs that wait, and those that follow from them, until the network has nothing more to do."""
        while True:
            while self.store.jobs:
                await self._run_one(course)
            told = self.network.next_report()
            if told is None:
                return
            self.clock.at = max(self.clock.at, told.at or self.clock.at)
            await report(self.context, told)

    async def _run_one(self, course: Course) -> None:
        """The next job: first those that take no time, as messages do."""
        jobs = self.store.jobs
        job = next((job for job in jobs if job.name != RUN_TASK), jobs[0])
        jobs.remove(job)
        if job.name == FOLLOW:
            return  # it reads what was written; seeding follows all products at once at the end
        if job.name == RUN_TASK:
            await self._prepare(job, course)
        # Nobody else outside is reached in the past.
        with suppress(PortNotWired):
            await self._handlers[job.name](self.context, **job.args)
        self.store.answer_due = None

    async def forward(self, to: datetime | None, course: Course | None = None) -> None:
        """Let time pass to a moment (None: as far as it goes) and run what falls due on the way."""
        end = min(to or self.until, self.until)
        while self.store.timers:
            timer = min(self.store.timers.values(), key=lambda t: (t.due_at, t.key))
            if timer.due_at > end:
                break
            del self.store.timers[timer.key]
            self.clock.at = max(self.clock.at, timer.due_at)
            self.store.jobs.append(timer.job)
            await self.run(course or Course())
        if to is not None:
            self.clock.at = max(self.clock.at, end)

    async def _prepare(self, job: Job, course: Course) -> None:
        """Set the network to what shall happen in this task, and let a moment pass before it."""
        found = await self.store.find([(ORDER_PLAN, job.args["order"])])
        plan = found[ORDER_PLAN.name, job.args["order"]].document
        task = next(t for t in plan["task"] if t["id"] == job.args["task"])
        name = task["id"].rpartition(".")[2]
        names = {name, task["id"]}
        self.clock.forward(0.05)
        ends = self.network.begin(float(task.get("minutes", 0)))
        # What ends after `until` is left to the network of then: it is asked at that moment.
        unfinished = ends > self.until and task["kind"] == "serviceOrder"
        self.network.silent = course.silent_at in names or unfinished
        self.store.answer_due = None
        if self.network.silent:
            due = ends if unfinished and course.silent_at not in names else course.answer_due
            self.store.answer_due = due or self.until + _SILENT_FOR
        self.network.refusal = course.reason if course.refused_at in names else None
        self.network.bad_measure = course.failing_test
