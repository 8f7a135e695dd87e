"""What the network simulator measures in service tests, and the numbers it hands out."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.network_simulator.numbering import Pool, iccid
from tests.faces.network_bench import (
    TESTS,
    bench,
    order,
)


def service_test(*wanted: dict[str, Any], service: str = "svc") -> dict[str, Any]:
    return {
        "name": "after activation",
        "relatedService": {"id": service},
        "testSpecification": {"id": "ftth"},
        "characteristic": list(wanted),
    }


LIMITS = (
    {"name": "downstream", "value": {"valueFrom": 95, "valueTo": 110, "unitOfMeasure": "Mbit/s"}},
    {"name": "opticalPower", "value": {"valueFrom": -27, "valueTo": -8, "unitOfMeasure": "dBm"}},
    {"name": "delay", "value": {"valueTo": "20", "unitOfMeasure": "ms"}},
    {"name": "registered", "value": True},
)


async def test_measures_lie_inside_the_limits_or_one_lies_outside() -> None:
    def is_inside(measure: dict[str, Any]) -> bool:
        value = measure["value"]["value"]
        return {
            "downstream": lambda: 95 <= value <= 110,
            "opticalPower": lambda: -27 <= value <= -8,
            "delay": lambda: 0 <= value <= 20,
            "registered": lambda: value is True,
        }[measure["metricName"]]()

    async with bench() as network:

        async def run(key: str) -> dict[str, Any]:
            body = service_test(*LIMITS)
            status, done, _ = await network.call(
                "POST", f"{TESTS}/serviceTest", body, Idempotency_Key=f'"{key}"'
            )
            assert status == 201, done
            return done

        for number in range(15):
            good = await run(f"good-{number}")
            assert good["state"] == "completed" and all(map(is_inside, good["testMeasure"]))
            assert [one.get("unitOfMeasure") for one in good["testMeasure"]] == ["Mbit/s", "dBm", "ms", None]
        await network.call("PATCH", "/simulator/behaviour", {"testFailRate": 1})
        for number in range(15):
            bad = await run(f"bad-{number}")
            assert bad["state"] == "failed"
            assert (await network.call("GET", f"{TESTS}/serviceTest/{bad['id']}"))[1] == bad
            (outside,) = [one for one in bad["testMeasure"] if not is_inside(one)]
            assert outside["ruleViolation"] and outside["metricName"] in bad["description"]


async def test_the_same_test_key_runs_once_even_in_parallel() -> None:
    async with bench() as network:
        body = service_test(*LIMITS)
        answers = await asyncio.gather(
            *(network.call("POST", f"{TESTS}/serviceTest", body, Idempotency_Key='"k"') for _ in range(10))
        )
        assert all(one[1] == answers[0][1] for one in answers)
        assert (await network.ledger())["totals"]["tests"] == 1


async def test_a_service_marked_so_fails_its_first_test_only() -> None:
    async with bench() as network:
        await network.settled((await network.place(order("svc", simulate="testFailOnce"), "k"))["id"])
        states = [
            (await network.call("POST", f"{TESTS}/serviceTest", service_test(*LIMITS)))[1]["state"]
            for _ in range(3)
        ]
        assert states == ["failed", "completed", "completed"]


IMPOSSIBLE_LIMITS: list[Any] = [{"valueFrom": "much"}, {"valueFrom": 2, "valueTo": 1}, {"valueTo": "nan"}]


async def test_impossible_limits_are_refused() -> None:
    async with bench() as network:
        for limits in IMPOSSIBLE_LIMITS:
            body = service_test({"name": "x", "value": limits})
            assert (await network.call("POST", f"{TESTS}/serviceTest", body))[0] == 400


@given(st.sets(st.text(max_size=8), max_size=30), st.integers(1, 30))
def test_a_pool_gives_each_holder_a_number_of_its_own_and_takes_it_back(holders: set[str], size: int) -> None:
    pool = Pool(size)
    given_out: dict[str, int] = {}
    for holder in sorted(holders):
        if len(given_out) == size:
            with pytest.raises(OverflowError):
                pool.take(holder)
        else:
            given_out[holder] = pool.take(holder)
    assert len(set(given_out.values())) == len(given_out)
    for holder, number in given_out.items():
        assert pool.take(holder) == number
        pool.release(holder)
    assert not given_out or pool.take(next(iter(given_out))) in range(size)


@given(st.integers(0, 9_999_999_999))
def test_sim_card_numbers_pass_the_luhn_check(number: int) -> None:
    digits = [int(digit) for digit in iccid(number)]
    assert len(digits) == 19
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
