"""The outside world of orders that are played: a clock, a network and transports that answer at once."""

from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from abonent.domain.communication.ports import Accepted, Mail, MailTransport, Sms, SmsTransport
from abonent.domain.order_handling.ports import (
    ActivationReport,
    ActivationUnknown,
    PortingAsk,
    PortingReport,
    PortingUnknown,
)
from abonent.domain.service_test.ports import Measure, TestReport
from abonent.kit.clock import Clock
from abonent.kit.errors import N_
from abonent.network_simulator.numbering import Numbering

Document = dict[str, Any]


class PlayedClock(Clock):
    """A clock that stands until it is told to go on, and never passes `until`."""

    def __init__(self, at: datetime, until: datetime) -> None:
        super().__init__()
        self.at, self._until = at, until

    def now(self) -> datetime:
        return self.at

    def forward(self, minutes: float) -> None:
        self.at = min(self.at + timedelta(minutes=minutes), max(self.at, self._until))


class PlayedNetwork:
    """Activation and tests: they take the time that is planned, more or less. What was asked for is reported when its
    time has come (see next_report); a test is measured at once."""

    def __init__(self, clock: PlayedClock, seed: int, numbering: Numbering) -> None:
        self._clock, self._numbering = clock, numbering
        self._draw = Random(f"played|{seed}")  # noqa: S311 - no secret hangs on it
        self._minutes = 0.0
        self._due: list[ActivationReport] = []
        self.slowness = 1.0
        self.silent = False
        self.refusal: str | None = None
        self.bad_measure = False

    def begin(self, planned: float) -> datetime:
        """Draw how long the next work takes, planned to take so many minutes; when it will end."""
        self._minutes = planned * self.slowness * self._draw.uniform(0.5, 1.1)
        return self._clock.now() + timedelta(minutes=self._minutes)

    async def submit(self, service_order: Document, idempotency_key: str) -> ActivationReport:
        if self.silent:
            return ActivationReport(idempotency_key, "inProgress", idempotency_key)
        ends = self._clock.now() + timedelta(minutes=self._minutes)
        if self.refusal:
            told = ActivationReport(idempotency_key, "failed", idempotency_key, ends, message=self.refusal)
        else:
            services = tuple(self._served(item) for item in service_order["serviceOrderItem"])
            told = ActivationReport(idempotency_key, "completed", idempotency_key, ends, services=services)
        self._due.append(told)
        return ActivationReport(idempotency_key, "inProgress", idempotency_key)

    def _served(self, item: Document) -> Document:
        service = dict(item["service"])
        if item["action"] == "delete":
            self._numbering.release(service["id"])
        known = service.get("serviceCharacteristic") or []
        present = {one["name"] for one in known}
        service["serviceCharacteristic"] = [
            *known,
            *self._numbering.assign(service, service["id"], present),
        ]
        return service

    def next_report(self) -> ActivationReport | None:
        """The report that comes next; None when nothing is being done."""
        if not self._due:
            return None
        first = min(self._due, key=lambda report: report.at or self._clock.now())
        self._due.remove(first)
        return first

    async def look_up(self, external_id: str) -> ActivationReport:
        raise ActivationUnknown("unknownServiceOrder", "There is no service order {key}.", key=external_id)

    async def run(self, service_test: Document, idempotency_key: str) -> TestReport:
        self._clock.forward(self._minutes)
        measures = []
        for number, asked in enumerate(service_test.get("characteristic") or ()):
            limits = asked["value"]
            low = float(limits.get("valueFrom", limits.get("valueTo")))
            high = float(limits.get("valueTo", low))
            value = low + (high - low) * self._draw.uniform(0.2, 0.8)
            if self.bad_measure and number == 0:
                value = low * 0.6 if low > 0 else high * 1.4
            measures.append(Measure(asked["name"], round(value, 2), limits.get("unitOfMeasure")))
        state = "failed" if self.bad_measure else "completed"
        return TestReport(idempotency_key, state, tuple(measures), self._clock.now())


class PlayedHouse:
    """The clearing house of the past: it takes a request and says nothing until it is told to."""

    async def ask(self, ask: PortingAsk) -> PortingReport:
        return PortingReport(ask.key, "received", at=ask.asked)

    async def look_up(self, key: str, now: datetime) -> PortingReport:
        raise _unknown(key)

    async def withdraw(self, key: str) -> PortingReport:
        raise _unknown(key)

    async def give_back(self, key: str) -> PortingReport:
        raise _unknown(key)


def _unknown(key: str) -> PortingUnknown:
    return PortingUnknown(
        "portingUnknown", N_("The clearing house has no such request: {reason}."), reason=key
    )


class _PlayedMail:
    async def send(self, mail: Mail) -> Accepted:
        return Accepted(f"<{sha256(mail.key.encode()).hexdigest()[:24]}@abonent.example.org>")


class _PlayedSms:
    async def send(self, sms: Sms) -> Accepted:
        return Accepted(f"sms-{sha256(sms.key.encode()).hexdigest()[:12]}")


def played_transports() -> dict[type, Any]:
    """Mail and SMS that arrive."""
    return {MailTransport: _PlayedMail(), SmsTransport: _PlayedSms()}
