"""Plays orders of the past through the real process: its actions, its jobs, its rules; only time and the network are
ours. Jobs are kept in memory and run one after the other, so that between two of them hours can pass."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from abonent import main
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.order_handling.assessment import RUN_TASK
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.ports import ActivationReport, ActivationUnknown, ServiceActivation
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.service_test.ports import Measure, ServiceTesting, TestReport
from abonent.kit.access import Caller
from abonent.kit.change import Change, Job
from abonent.kit.clock import Clock
from abonent.kit.context import Context, PortNotWired
from abonent.kit.db import Database
from abonent.kit.store import Store
from abonent.kit.values import to_wire
from abonent.network_simulator.numbering import Numbering

Document = dict[str, Any]


class PlayedClock(Clock):
    """A clock that stands until it is told to go on."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


class PlayedStore(Store):
    """The store, but jobs go to `jobs` instead of the queue, no timer is due before `due`, and messages of the past
    have been sent."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.jobs: deque[Job] = deque()
        self.due: datetime | None = None

    async def commit(self, change: Change) -> None:
        jobs, change.jobs = change.jobs, []
        if self.due is not None:
            change.timers = [replace(t, due_at=max(t.due_at, self.due)) for t in change.timers]
        for write in change.writes:
            if write.resource is COMMUNICATION_MESSAGE and write.document is not None:
                write.document.update(state="completed", sendTimeComplete=to_wire(change.at))
        await super().commit(change)
        self.jobs.extend(jobs)


class PlayedNetwork:
    """Activation and tests: they take the time that is planned, more or less, and answer at once."""

    def __init__(self, clock: PlayedClock, seed: int) -> None:
        self._clock = clock
        self._numbering = Numbering()
        self._draw = Random(f"played|{seed}")  # noqa: S311 - no secret hangs on it
        self.minutes = 0.0
        self.slowness = 1.0
        self.silent = False
        self.refusal: str | None = None
        self.bad_measure = False

    def _work(self) -> None:
        self._clock.forward(self.minutes * self.slowness * self._draw.uniform(0.5, 1.1))

    async def submit(self, service_order: Document, idempotency_key: str) -> ActivationReport:
        if self.silent:
            return ActivationReport(idempotency_key, "inProgress", idempotency_key)
        self._work()
        if self.refusal:
            return ActivationReport(
                idempotency_key, "failed", idempotency_key, self._clock.now(), message=self.refusal
            )
        services = []
        for item in service_order["serviceOrderItem"]:
            service = dict(item["service"])
            known = service.get("serviceCharacteristic") or []
            present = {one["name"] for one in known}
            service["serviceCharacteristic"] = [
                *known,
                *self._numbering.assign(service, service["id"], present),
            ]
            services.append(service)
        return ActivationReport(
            idempotency_key, "completed", idempotency_key, self._clock.now(), services=tuple(services)
        )

    async def look_up(self, external_id: str) -> ActivationReport:
        raise ActivationUnknown("unknownServiceOrder", "There is no service order {key}.", key=external_id)

    async def run(self, service_test: Document, idempotency_key: str) -> TestReport:
        self._work()
        measures = []
        for number, asked in enumerate(service_test.get("characteristic") or ()):
            limits = asked["value"]
            low = float(limits.get("valueFrom", limits.get("valueTo")))
            high = float(limits.get("valueTo", low))
            value = low + (high - low) * self._draw.uniform(0.2, 0.8)
            if self.bad_measure and number == 0:
                value = low * 0.6
            measures.append(Measure(asked["name"], round(value, 2), limits.get("unitOfMeasure")))
        state = "failed" if self.bad_measure else "completed"
        return TestReport(idempotency_key, state, tuple(measures), self._clock.now())


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
    """Runs orders to where their course leads. One at a time; later ones find what earlier ones left."""

    def __init__(self, process: main.Process, seed: int, start: datetime) -> None:
        self.clock = PlayedClock(start)
        self.network = PlayedNetwork(self.clock, seed)
        self.store = PlayedStore(process.database)
        ports: dict[type, Any] = {ServiceActivation: self.network, ServiceTesting: self.network}
        self.context = Context(self.store, self.clock, main.reactions(), ports)
        self._handlers = main.handlers().by_name

    async def place(self, caller: Caller, document: Document, at: datetime, course: Course) -> Document:
        """Place an order at a moment and let it run; the order as it was accepted."""
        self.clock.at = at
        self.network.slowness, self.store.due = course.slowness, course.answer_due
        order = await place_order(self.context.for_caller(caller), document)
        await self.run(course)
        self.store.due = None
        return order

    async def run(self, course: Course) -> None:
        """Run all jobs that wait, and those that follow from them."""
        while self.store.jobs:
            job = self.store.jobs.popleft()
            if job.name == RUN_TASK:
                await self._prepare(job, course)
            try:
                await self._handlers[job.name](self.context, **job.args)
            except PortNotWired:
                continue  # e-mail and the like: nobody is written to in the past

    async def _prepare(self, job: Job, course: Course) -> None:
        """Set the network to what shall happen in this task, and let a moment pass before it."""
        found = await self.store.find([(ORDER_PLAN, job.args["order"])])
        plan = found[ORDER_PLAN.name, job.args["order"]].document
        task = next(t for t in plan["task"] if t["id"] == job.args["task"])
        name = task["id"].rpartition(".")[2]
        self.clock.forward(0.05)
        self.network.minutes = float(task.get("minutes", 0))
        self.network.silent = course.silent_at in {name, task["id"]}
        self.network.refusal = course.reason if course.refused_at in {name, task["id"]} else None
        self.network.bad_measure = course.failing_test
