"""How the network behaves: latencies, faults and their rates, all drawn from one seed.

Every draw depends on the seed, the idempotency key and the purpose alone. So a run can be repeated whatever
the order of arrival, and changing one rate does not move the others.
"""

from dataclasses import dataclass
from random import Random
from typing import Annotated, Any

import msgspec
from msgspec import Meta

Rate = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]

MARKER = "simulate"
"""Name of the characteristic that asks for one behaviour whatever the rates say.

Of a service in an order item: refuse (422 at once), fail, failOnce (the first attempt for this service id),
lost, late, twice, outOfOrder (its notifications), testFailOnce, testFailTwice (the first tests of the service),
testFail (all of them, until the service is modified to another value of the marker).
Of a service test: refuse, fail.
"""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The knobs. In JSON the names are camelCase (`failRate`). All faults are off by default.

    seed                        of every draw
    down                        True: every TMF641 and TMF653 request is answered with 503
    latency_min, latency_max    seconds an order takes, drawn evenly
    test_latency_min, _max      seconds a test takes
    refuse_rate                 orders refused at once with 422
    fail_rate                   orders whose execution fails (state failed, nothing activated)
    lost_answer_rate            orders accepted whose first POST is answered with 504
    test_fail_rate              tests with one measure outside its limits
    lost_rate, twice_rate       notifications never sent; sent twice with the same eventId
    late_rate, late_seconds     notifications that come later, by 0.5 to 1.5 times late_seconds
    out_of_order_rate           orders whose inProgress is told after their end
    delivery_attempts           how often a notification is tried when the listener is down
    delivery_backoff            seconds before the second attempt; doubles each time
    adopt_unknown               True: modify and delete of a service never seen here succeed, because the
                                network was there before the simulator; False: they fail
    """

    seed: int = 1
    down: bool = False
    latency_min: Seconds = 0.3
    latency_max: Seconds = 1.5
    test_latency_min: Seconds = 0.05
    test_latency_max: Seconds = 0.3
    refuse_rate: Rate = 0.0
    fail_rate: Rate = 0.0
    lost_answer_rate: Rate = 0.0
    test_fail_rate: Rate = 0.0
    lost_rate: Rate = 0.0
    twice_rate: Rate = 0.0
    late_rate: Rate = 0.0
    late_seconds: Seconds = 5.0
    out_of_order_rate: Rate = 0.0
    delivery_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    delivery_backoff: Seconds = 0.5
    adopt_unknown: bool = True

    def __post_init__(self) -> None:
        if self.latency_min > self.latency_max or self.test_latency_min > self.test_latency_max:
            raise ValueError("a least latency is greater than its greatest")


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one notification travels; `late` in seconds."""

    lost: bool
    twice: bool
    late: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one service order; `latency` in seconds from acceptance to the end."""

    latency: float
    refused: bool
    fails: bool
    answer_lost: bool
    out_of_order: bool
    start: Delivery
    end: Delivery


@dataclass(frozen=True, slots=True)
class TestFate:
    """What happens to one service test; `draws` gives the measured values."""

    latency: float
    fails: bool
    draws: Random


def markers_of(characteristics: Any) -> frozenset[str]:
    """Values of the MARKER characteristic in a TMF characteristic list, several as a list or with commas."""
    found: set[str] = set()
    for one in characteristics if isinstance(characteristics, list) else []:
        if isinstance(one, dict) and one.get("name") == MARKER:
            value = one.get("value")
            texts = value if isinstance(value, list) else str(value).split(",")
            found.update(str(text).strip() for text in texts)
    return frozenset(found)


def fate_of(behaviour: Behaviour, key: str, markers: frozenset[str]) -> Fate:
    """The fate of the order submitted under `key`; a marker settles what a rate would have drawn."""
    draw = Random(f"{behaviour.seed}|order|{key}")  # noqa: S311 - no secret hangs on it
    latency = draw.uniform(behaviour.latency_min, behaviour.latency_max)
    # All draws are made, in this order, whether needed or not: see the top of the file.
    refuse, fail, answer, order = (draw.random() for _ in range(4))
    start = _delivery(behaviour, draw, markers)
    end = _delivery(behaviour, draw, markers)
    return Fate(
        latency=latency,
        refused="refuse" in markers or refuse < behaviour.refuse_rate,
        fails=fail < behaviour.fail_rate,
        answer_lost=answer < behaviour.lost_answer_rate,
        out_of_order="outOfOrder" in markers or order < behaviour.out_of_order_rate,
        start=start,
        end=end,
    )


def _delivery(behaviour: Behaviour, draw: Random, markers: frozenset[str]) -> Delivery:
    lost, twice, late, share = (draw.random() for _ in range(4))
    is_late = "late" in markers or late < behaviour.late_rate
    return Delivery(
        lost="lost" in markers or lost < behaviour.lost_rate,
        twice="twice" in markers or twice < behaviour.twice_rate,
        late=behaviour.late_seconds * (0.5 + share) if is_late else 0.0,
    )


def fate_of_test(behaviour: Behaviour, key: str, markers: frozenset[str]) -> TestFate:
    """The fate of the test run under `key`."""
    draw = Random(f"{behaviour.seed}|test|{key}")  # noqa: S311 - no secret hangs on it
    latency = draw.uniform(behaviour.test_latency_min, behaviour.test_latency_max)
    fails = draw.random() < behaviour.test_fail_rate
    return TestFate(latency, fails or "fail" in markers, draw)
