"""The outside world of service tests: the system that measures a service in the network (TMF653).

Gateways implement `ServiceTesting`, `abonent.main` hands an implementation in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from abonent.kit.errors import Problem, Unavailable


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured characteristic of a test (TMF653 TestMeasure).

    name   the metric, the name of the characteristic that asked for it
    value  a number in `unit`, or a text or truth value where the metric is not a quantity
    unit   unit of measure as the test system names it ("Mbit/s", "ms", "dBm"); None without one
    at     when it was captured, UTC; None when the test system does not say
    violations  thresholds this measure breaks in the eyes of the test system; may be empty although a
                limit of ours is broken: the verdict is the domain's
    """

    name: str
    value: float | str | bool
    unit: str | None = None
    at: datetime | None = None
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestReport:
    """What one run of a service test gave.

    external_id  id of the test on the other side
    state        "completed": it ran to its end and found nothing wrong; "failed": it could not run, or a
                 measure lies outside its limits (then `measures` is filled)
    measures     in the order of the test's characteristics
    at           end of the test, UTC
    message      why it failed, in the test system's words
    """

    external_id: str
    state: str
    measures: tuple[Measure, ...] = ()
    at: datetime | None = None
    message: str | None = None


class ServiceTestRefused(Problem):
    """422: the test system will not run this test, now or later. Facts: key, reason, status."""

    status = 422


class ServiceTestUnavailable(Unavailable):
    """503: the test system was not reached, timed out or is overloaded; run again with the same key.

    Facts: reason, retry_after (seconds, or None).
    """


class ServiceTesting(Protocol):
    """Measures a service in the network."""

    async def run(self, service_test: dict[str, Any], idempotency_key: str) -> TestReport:
        """Run a TMF653 test (ServiceTest_Create: name, relatedService, testSpecification) to its end.

        Each `characteristic` asks for one measure. Its `value` holds the limits
        {"valueFrom": 95, "valueTo": 110, "unitOfMeasure": "Mbit/s"} (either bound may be missing), or the
        plain value that is expected. The same key with the same body returns the first run's report; a
        test after a repair takes a new key. Takes seconds to a minute. Raises ServiceTestRefused or
        ServiceTestUnavailable.
        """
        ...
