"""Times, money and references as they cross resources."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.values import Money, amount_of, characteristic, from_wire, ref, to_wire, with_role

moments = st.datetimes(
    datetime(1000, 1, 2),  # noqa: DTZ001  hypothesis adds the zones
    datetime(2999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3))]),
)


@given(moments, moments)
def test_times_sort_as_their_texts_do(one: datetime, other: datetime) -> None:
    cut_one, cut_other = (
        m.astimezone(UTC).replace(microsecond=m.microsecond // 1000 * 1000) for m in (one, other)
    )
    assert (to_wire(one) < to_wire(other)) == (cut_one < cut_other)
    assert from_wire(to_wire(one)) == cut_one


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T05:22:20.123Z", datetime(2026, 11, 24, 5, 22, 20, 123000, UTC)),
        ("2026-11-24T08:22:20+03:00", datetime(2026, 11, 24, 5, 22, 20, 0, UTC)),
        ("2026-11-24T05:22:20", datetime(2026, 11, 24, 5, 22, 20, 0, UTC)),
        ("2026-11-24T05:22:20.123456789Z", datetime(2026, 11, 24, 5, 22, 20, 123456, UTC)),
    ],
)
def test_times_are_read_as_utc(text: str, moment: datetime) -> None:
    assert from_wire(text) == moment
    assert from_wire(text).tzinfo is not None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (None, "0"),
        ({}, "0"),
        ({"unit": "RUB", "value": Decimal("490.10")}, "490.10"),
        ({"unit": "RUB", "value": 490}, "490"),
        ({"unit": "RUB", "value": 0.1}, "0.1"),
        ({"units": "RUB", "amount": "7.25"}, "7.25"),
        ({"unit": "RUB", "value": None}, "0"),
    ],
)
def test_amounts_keep_their_digits(value: dict | None, amount: str) -> None:
    assert amount_of(value) == Decimal(amount)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_money_goes_out_and_comes_back(amount: Decimal) -> None:
    document = Money(amount, "RUB").document()
    assert document["unit"] == "RUB"
    assert amount_of(document) == amount


def test_characteristics_are_found_by_name() -> None:
    document = {"characteristic": [{"name": "language", "value": "ru"}, {"name": "none"}]}
    assert characteristic(document, "characteristic", "language") == "ru"
    assert characteristic(document, "characteristic", "none", "x") == "x"
    assert characteristic(document, "characteristic", "gone", 5) == 5
    assert characteristic(document, "other", "language") is None
    assert characteristic(None, "characteristic", "language") is None


def test_references_carry_a_name_only_where_there_is_one() -> None:
    assert ref({"id": "C-1", "name": "Anna"}, "Customer", role="customer") == {
        "id": "C-1",
        "name": "Anna",
        "role": "customer",
        "@referredType": "Customer",
    }
    assert ref({"id": "C-1", "name": ""}, "Customer") == {"id": "C-1", "@referredType": "Customer"}


def test_roles_are_found_whatever_their_case() -> None:
    parties = [{"id": "a"}, {"id": "b", "role": "CUSTOMER"}, {"id": "c", "role": "customer"}]
    assert with_role(parties, "customer") == {"id": "b", "role": "CUSTOMER"}
    assert with_role(parties, "seller") is None
    assert with_role(None, "customer") is None
