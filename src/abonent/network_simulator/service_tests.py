"""TMF653 service tests: one measure for each characteristic, inside its limits or, on request, outside."""

import asyncio
import math
from dataclasses import dataclass
from random import Random
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from msgspec import Meta

from abonent.network_simulator.behaviour import MARKER, Behaviour, TestFate, fate_of_test, markers_of
from abonent.network_simulator.kept import Record, RefusalError, Shelf, Timers, fingerprint_of, stamp
from abonent.network_simulator.network import Network
from abonent.network_simulator.service_orders import CharacteristicLens

BASE_PATH = "/tmf-api/serviceTestManagement/v4"
TESTS_KEPT = 50_000
TESTS_OPEN = 5_000


class Ref(msgspec.Struct):
    id: Annotated[str, Meta(min_length=1)]


class TestLens(msgspec.Struct, rename="camel"):
    """What must hold of a ServiceTest_Create."""

    name: str
    related_service: Ref
    test_specification: Ref
    characteristic: list[CharacteristicLens] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One measure to take: limits (both ends included), or else the plain value that is expected."""

    name: str
    low: float | None
    high: float | None
    plain: Any
    unit: str | None

    @property
    def is_range(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(slots=True)
class TestRecord(Record):
    """A test; `done` is set to its JSON at the end, for everybody who asked under its key."""

    done: "asyncio.Future[bytes]"


class TestBench:
    """All service tests of the simulator."""

    def __init__(self, network: Network, root: str) -> None:
        self._network = network
        self._root = root
        self._timers = Timers(TESTS_OPEN)
        self.shelf: Shelf[TestRecord] = Shelf(TESTS_KEPT)

    def close(self) -> None:
        """Stop; who waits for a test is cancelled."""
        self._timers.close()

    async def run(self, document: dict[str, Any], key: str | None, behaviour: Behaviour) -> bytes:
        """The finished test as JSON. The same key again waits for, or returns, the first run."""
        try:
            lens = msgspec.convert(document, TestLens)
        except msgspec.ValidationError as error:
            raise RefusalError(400, "bodyInvalid", str(error)) from None
        test_id = uuid4().hex
        key = key or test_id
        fingerprint = fingerprint_of(document)
        totals = self._network.ledger.totals
        if (record := self.shelf.known(key, fingerprint)) is not None:
            totals["testsRepeated"] += 1
            return await asyncio.shield(record.done)
        wanted = [_wanted(one) for one in lens.characteristic or [] if one.name != MARKER]
        markers = markers_of(document.get("characteristic"))
        if "refuse" in markers:
            raise RefusalError(422, "testRefused", "the network cannot run this test")
        if self._timers.full:
            raise RefusalError(503, "overloaded", f"{TESTS_OPEN} tests are running already", retry_after=1)
        if self._network.fails_test(lens.related_service.id):
            markers |= {"fail"}
        fate = fate_of_test(behaviour, key, markers)
        done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        record = TestRecord(test_id, key, fingerprint, b"", "inProgress", True, done)
        self.shelf.add(record)
        document |= {
            "id": test_id,
            "href": f"{self._root}{BASE_PATH}/serviceTest/{test_id}",
            "startDateTime": stamp(),
        }
        self._timers.later(fate.latency, self._finish, record, document, wanted, fate)
        # Shielded, because a caller who goes away must not take the result from the others.
        return await asyncio.shield(done)

    def _finish(
        self, record: TestRecord, document: dict[str, Any], wanted: list[Wanted], fate: TestFate
    ) -> None:
        bad = fate.draws.randrange(len(wanted)) if wanted and fate.fails else None
        measures = [_measure(one, index == bad, fate.draws) for index, one in enumerate(wanted)]
        document["testMeasure"] = measures
        record.state = document["state"] = "failed" if fate.fails else "completed"
        if fate.fails:
            document["description"] = (
                "the service does not answer" if bad is None else f"{wanted[bad].name} is outside its limits"
            )
        document["endDateTime"] = stamp()
        record.body = msgspec.json.encode(document)
        record.open = False
        totals = self._network.ledger.totals
        totals["tests"] += 1
        totals["testsFailed"] += fate.fails
        record.done.set_result(record.body)


_LOW = ("valueFrom", "conformanceTargetLower", "lower", "min")
_HIGH = ("valueTo", "conformanceTargetUpper", "upper", "max")
_UNIT = ("unitOfMeasure", "unit", "units")


def _wanted(characteristic: CharacteristicLens) -> Wanted:
    value = characteristic.value
    if not isinstance(value, dict):
        return Wanted(characteristic.name, None, None, value, None)
    try:
        low, high = _bound(value, _LOW), _bound(value, _HIGH)
    except (TypeError, ValueError):
        raise RefusalError(
            400, "limitsInvalid", f"the limits of {characteristic.name} are not numbers"
        ) from None
    if low is not None and high is not None and low > high:
        raise RefusalError(
            400, "limitsInvalid", f"the limits of {characteristic.name} are the wrong way round"
        )
    unit = next((str(value[name]) for name in _UNIT if value.get(name)), None)
    return Wanted(characteristic.name, low, high, value.get("value"), unit)


def _bound(limits: dict[str, Any], names: tuple[str, ...]) -> float | None:
    found = next((limits[name] for name in names if limits.get(name) is not None), None)
    if found is None:
        return None
    if not math.isfinite(number := float(found)):
        raise ValueError("a limit is a finite number")
    return number


def _measure(wanted: Wanted, bad: bool, draws: Random) -> dict[str, Any]:
    value = measured(wanted, bad, draws)
    measure: dict[str, Any] = {
        "metricName": wanted.name,
        "captureDateTime": stamp(),
        "captureMethod": "simulated",
        "value": {"name": wanted.name, "value": value},
    }
    if wanted.unit:
        measure["unitOfMeasure"] = wanted.unit
    if bad:
        measure["ruleViolation"] = [
            {
                "name": wanted.name,
                "description": f"{wanted.name} is {value}, outside its limits",
                **({"conformanceTargetLower": str(wanted.low)} if wanted.low is not None else {}),
                **({"conformanceTargetUpper": str(wanted.high)} if wanted.high is not None else {}),
            }
        ]
    return measure


def measured(wanted: Wanted, bad: bool, draws: Random) -> float | str | bool:
    """A value inside the limits (or the expected one), or with `bad` one outside (or another one)."""
    share = draws.random()
    low, high = wanted.low, wanted.high
    if not wanted.is_range:
        return _plain(wanted.plain, bad)
    if bad:
        # At least 5 % off, so that rounding cannot bring it back inside. Nothing falls below a limit of 0
        # in nature (loss, delay), so there the upper one breaks.
        if low is not None and (low != 0 or high is None):
            return _rounded(low - (abs(low) or 1.0) * (0.05 + 0.45 * share))
        assert high is not None
        return _rounded(high + (abs(high) or 1.0) * (0.05 + 0.45 * share))
    if low is None:
        assert high is not None
        low = high - (abs(high) or 1.0) * 0.5
    elif high is None:
        high = low + (abs(low) or 1.0) * 0.1
    return min(max(_rounded(low + (high - low) * share), low), high)


def _plain(expected: Any, bad: bool) -> float | str | bool:
    if isinstance(expected, bool):
        return expected is not bad
    if isinstance(expected, int | float):
        return expected * 0.5 - 1 if bad else expected
    text = expected if isinstance(expected, str) else "ok"
    return f"not {text}" if bad else text


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
