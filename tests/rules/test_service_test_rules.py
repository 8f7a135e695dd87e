"""The verdict on a line test: every limit is measured and kept, or the test is failed (OH-3)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.service_test.ports import Measure
from abonent.domain.service_test.rules import characteristics, judge, told

SPEED = {"name": "downstream", "min": 90, "max": 110, "unit": "Mbit/s"}


@pytest.mark.parametrize(
    ("value", "ok"),
    [(90, True), (89.99, False), (110, True), (110.01, False), (100.0, True), (None, False)],
)
def test_limits_include_their_ends(value: float | None, ok: bool) -> None:
    measures = [] if value is None else [Measure("downstream", value, "Mbit/s")]
    assert judge([SPEED], measures).passed is ok


@pytest.mark.parametrize(
    ("limit", "value", "ok"),
    [
        ({"name": "x", "min": 5}, 5, True),
        ({"name": "x", "min": 5}, 4, False),
        ({"name": "x", "max": Decimal("0.3")}, 0.1 + 0.2, False),
        ({"name": "x", "max": Decimal("-15")}, -19.4, True),
        ({"name": "x"}, 12345, True),
        ({"name": "x", "expected": "up"}, "up", True),
        ({"name": "x", "expected": "up"}, "down", False),
        ({"name": "x", "expected": True}, True, True),
        ({"name": "x", "expected": True}, False, False),
        ({"name": "x", "expected": 7}, 7, True),
        ({"name": "x", "expected": 7}, 8, False),
        # A number is asked for; a text is no number.
        ({"name": "x", "min": 5}, "fast", False),
        ({"name": "x", "max": 5}, True, False),
    ],
)
def test_kinds_of_limits(limit: dict[str, Any], value: Any, ok: bool) -> None:
    assert judge([limit], [Measure("x", value)]).passed is ok


def test_one_failure_fails_the_test_and_is_named() -> None:
    limits = [SPEED, {"name": "optical level", "min": -27, "unit": "dBm"}, {"name": "loss", "max": 0}]
    verdict = judge(limits, [Measure("downstream", 96.2), Measure("optical level", -29.5, "dBm")])
    assert not verdict.passed
    assert [f.name for f in verdict.failures] == ["optical level", "loss"]
    assert told(verdict) == "optical level -29.5 dBm, loss -"


def test_what_was_measured_is_told() -> None:
    assert told(judge([SPEED], [Measure("downstream", 96.2), Measure("jitter", 3)])) == (
        "downstream 96.2 Mbit/s"
    )


def test_a_test_without_limits_passes_by_having_run() -> None:
    verdict = judge([], [Measure("anything", 1)])
    assert verdict.passed and told(verdict) == "test ran"


def test_limits_go_out_as_characteristics() -> None:
    asked = characteristics([SPEED, {"name": "loss", "max": 0}, {"name": "status", "expected": "up"}])
    assert asked == [
        {"name": "downstream", "value": {"valueFrom": 90, "valueTo": 110, "unitOfMeasure": "Mbit/s"}},
        {"name": "loss", "value": {"valueTo": 0}},
        {"name": "status", "value": "up"},
    ]


bounds = st.one_of(st.none(), st.integers(-100, 100))


@given(st.lists(st.tuples(bounds, bounds, st.one_of(st.none(), st.integers(-120, 120))), max_size=6))
def test_passed_exactly_when_all_are_kept(rows: list[tuple[int | None, int | None, int | None]]) -> None:
    limits, measures, kept = [], [], True
    for number, (low, high, value) in enumerate(rows):
        limit: dict[str, Any] = {"name": f"m{number}"}
        if low is not None:
            limit["min"] = low
        if high is not None:
            limit["max"] = high
        limits.append(limit)
        if value is None:
            kept = False
            continue
        measures.append(Measure(f"m{number}", value))
        kept &= (low is None or value >= low) and (high is None or value <= high)
    assert judge(limits, measures).passed is kept
