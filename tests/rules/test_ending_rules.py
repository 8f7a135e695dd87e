"""What it costs to end a product early: every month of a commitment, both kinds of fee, the cap, the cents."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import rules_ending as rules
from abonent.domain.order_handling.ending_resources import ENDING_RULE, EQUIPMENT_RETURN
from abonent.kit.values import Money, to_wire

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def rub(amount: str) -> dict[str, Any]:
    return Money(Decimal(amount), "RUB").document()


def product(months: int | None = 12, price: str = "690.00", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "P-1",
        "status": "active",
        "startDate": to_wire(START),
        "productOffering": {"id": "fibre"},
        "productPrice": [{"priceType": "recurring", "price": {"taxIncludedAmount": rub(price)}}],
    }
    offering = {
        "productOfferingTerm": [{"name": "commitment", "duration": {"amount": months, "units": "month"}}]
    }
    return rules.with_commitment(made, offering if months else None, to_wire(START)) | more


def rule(fee_type: str = "remainingMonths", **more: Any) -> dict[str, Any]:
    made = {"id": "ER-1", "productOffering": {"id": "fibre"}, "feeType": fee_type, **more}
    ENDING_RULE.shape.check(dict(made))
    return made


SCALE = [
    {"fromMonth": 0, "amount": rub("3000.00")},
    {"fromMonth": 3, "amount": rub("2000.00")},
    {"fromMonth": 9, "amount": rub("500.00")},
]


@pytest.mark.parametrize(
    ("months", "at"),
    [
        (1, datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (2, datetime(2026, 3, 31, 12, tzinfo=UTC)),
        (13, datetime(2027, 2, 28, 12, tzinfo=UTC)),
        (25, datetime(2028, 2, 29, 12, tzinfo=UTC)),
    ],
)
def test_the_last_day_of_a_shorter_month(months: int, at: datetime) -> None:
    assert rules.months_after(START, months) == at


@pytest.mark.parametrize("passed", range(15))
def test_each_month_of_a_commitment(passed: int) -> None:
    at = rules.months_after(START, passed)
    left = max(0, 12 - passed)
    assert rules.months_left(START, 12, at) == left
    due = rules.fee(rule(share=Decimal("0.5")), product(), at)
    assert (due.amount if due else Decimal(0)) == Decimal("345.00") * left
    scale = rules.fee(rule("scale", scale=SCALE), product(), at)
    expected = "3000.00" if passed < 3 else "2000.00" if passed < 9 else "500.00" if passed < 12 else "0"
    assert (scale.amount if scale else Decimal(0)) == Decimal(expected)


def test_a_month_that_has_begun_counts_whole() -> None:
    due = rules.fee(rule(share=1), product(), datetime(2027, 1, 31, 11, 59, tzinfo=UTC))
    assert due is not None and due.amount == Decimal("690.00")
    assert rules.fee(rule(share=1), product(), datetime(2027, 1, 31, 12, tzinfo=UTC)) is None


def test_no_fee_without_a_commitment_a_rule_or_a_price() -> None:
    assert rules.fee(None, product(), START) is None
    assert rules.fee(rule(share=1), product(None), START) is None
    assert rules.fee(rule(share=1), product(productPrice=[]), START) is None
    assert rules.fee(rule("none"), product(), START) is None
    assert rules.fee(rule("scale", scale=[]), product(), START) is None
    assert rules.fee(rule(share=0), product(), START) is None
    assert rules.fee(rule(share=1), product(status="terminated"), START) is None


def test_never_more_than_the_cap_and_whole_cents() -> None:
    due = rules.fee(rule(share=1, most=rub("1000.00")), product(), START)
    assert due == Money(Decimal("1000.00"), "RUB")
    third = rules.fee(rule(share=Decimal("0.333")), product(price="99.99"), START)
    assert third is not None and third.amount == Decimal("399.56")


@given(
    months=st.integers(1, 36),
    days=st.integers(0, 1200),
    price=st.decimals("0.01", "9999", places=2),
    share=st.decimals("0", "1", places=3),
)
def test_a_fee_never_grows_with_time_and_never_exceeds_what_is_left(
    months: int, days: int, price: Decimal, share: Decimal
) -> None:
    at, later = (datetime.fromtimestamp(START.timestamp() + d * 86400, UTC) for d in (days, days + 20))
    held = product(months, str(price))
    first, second = (rules.fee(rule(share=share), held, when) for when in (at, later))
    amounts = [due.amount if due else Decimal(0) for due in (first, second)]
    assert amounts[0] >= amounts[1] >= 0
    assert amounts[0] <= price * rules.months_left(START, months, at)


def test_a_commitment_that_was_agreed_otherwise_stays() -> None:
    agreed = {"productTerm": [{"name": "commitment", "duration": {"amount": 2, "units": "year"}}]}
    held = rules.with_commitment(
        {"id": "P", **agreed},
        {"productOfferingTerm": [{"name": "commitment", "duration": {"amount": 6, "units": "month"}}]},
        to_wire(START),
    )
    assert held["productTerm"] == agreed["productTerm"]
    assert rules.commitment(held | {"startDate": to_wire(START)}) == (START, 24)


def test_an_order_carries_our_fee_and_no_other() -> None:
    forged = [
        {"name": "earlyTermination", "priceType": "oneTime", "price": {"taxIncludedAmount": rub("1.00")}}
    ]
    order = {
        "productOrderItem": [
            {"id": "1", "action": "delete", "product": {"id": "P-1"}, "itemPrice": forged},
            {"id": "2", "action": "delete", "product": {"id": "P-2"}, "itemPrice": forged},
            {"id": "3", "action": "add", "product": {}},
        ]
    }
    held = {"P-1": product(), "P-2": product(None)}
    priced = rules.with_fees(order, held, {"fibre": rule(share=1)}, START)
    first, second, third = priced["productOrderItem"]
    assert rules.fee_of(first) == Money(Decimal("8280.00"), "RUB")
    assert "itemPrice" not in second and "itemPrice" not in third
    assert rules.fees_of(priced) == Money(Decimal("8280.00"), "RUB")
    later = rules.with_fees(
        order | {"requestedCompletionDate": "2026-12-31T12:00:00.000Z"}, held, {"fibre": rule(share=1)}, START
    )
    assert rules.fees_of(later) == Money(Decimal("690.00"), "RUB")


def test_what_was_lent_is_expected_back() -> None:
    lent = [{"id": "router", "name": {"en": "Router"}, "returnDays": 14, "charge": rub("2500.00")}]
    held = product(relatedParty=[{"id": "C-1", "role": "customer", "@referredType": "Customer"}])
    (back,) = rules.expected_back(rule("none", equipment=lent), held, "O-10001", "1", START)
    EQUIPMENT_RETURN.shape.check({k: v for k, v in back.items() if k not in {"id"}} | {})
    assert back["id"] == "RET-10001-1-router" and back["dueDate"] == "2026-02-14T12:00:00.000Z"
    assert rules.overdue(back, datetime(2026, 2, 14, 12, tzinfo=UTC)) and not rules.overdue(back, START)
    assert rules.given_back(back, START)["state"] == "returned"
    assert rules.given_back(back | {"state": "charged"}, START)["state"] == "returnedLate"
    assert rules.expected_back(None, held, "O-1", "1", START) == []
