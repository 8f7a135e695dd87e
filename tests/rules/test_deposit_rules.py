"""Deposits: what is asked for, until when, when it is less, what money means that comes late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import rules_deposit as rules
from abonent.domain.order_handling.rules_credit_cases import missing_deposit, paid
from abonent.kit.errors import BadInput
from abonent.kit.values import Money, amount_of, to_wire

NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)
AT = to_wire(NOW)
SUMS = st.decimals(min_value="0.01", max_value="100000", places=2)


def case(deposit: Decimal | str = "500.00", monthly: Decimal | str = "700.00", **more: Any) -> dict[str, Any]:
    return {
        "id": "O-1",
        "state": "awaitingDeposit",
        "productOrder": {"id": "O-1"},
        "customer": {"id": "C-1"},
        "deposit": {"unit": "RUB", "value": Decimal(deposit)},
        "monthly": Decimal(monthly),
        "trace": [],
        **more,
    }


def test_a_deposit_is_asked_for_once_and_anew_when_the_sum_changes() -> None:
    policy = rules.Policy(term=5, remind=(2,))
    first = rules.asked(None, case(), policy, NOW)
    assert first is not None
    assert (first["key"], first["due"], amount_of(first["amount"])) == (
        "O-1/1", to_wire(NOW + timedelta(days=5)), Decimal("500.00"))  # fmt: skip
    assert rules.reminders(first, policy) == [NOW + timedelta(days=2)]
    assert rules.asked(first, case(), policy, NOW + timedelta(days=1)) is None
    later = NOW + timedelta(days=1)
    again = rules.asked(first, case("300.00"), policy, later)
    assert again is not None and (again["key"], again["due"]) == ("O-1/2", first["due"])
    # After one that ended the term begins anew.
    fresh = rules.asked({**first, "state": "expired"}, case(), policy, later)
    assert fresh is not None and (fresh["key"], fresh["due"]) == ("O-1/2", to_wire(later + timedelta(days=5)))


@pytest.mark.parametrize("state", ["referred", "awaitingDeposit", "approved", "declined", "withdrawn"])
@pytest.mark.parametrize("order", ["acknowledged", "pending", "held", "inProgress", "cancelled", None])
def test_only_an_order_that_stands_still_waits(state: str, order: str | None) -> None:
    waits = state == "awaitingDeposit" and order in {"pending", "held"}
    assert rules.awaited(case(state=state), order) == waits
    assert not rules.awaited(None, order)


@given(SUMS, SUMS, SUMS)
def test_the_deposit_goes_down_with_the_order_and_never_up(
    deposit: Decimal, before: Decimal, after: Decimal
) -> None:
    less = rules.reduced(case(deposit, before), after, "system", AT)
    if after >= before:
        assert less is None
        return
    assert less is not None
    now = amount_of(less["deposit"])
    assert 0 <= now <= deposit and now == now.quantize(Decimal("0.01"))
    assert abs(now / deposit - after / before) * deposit <= Decimal("0.005")
    assert less["state"] == ("awaitingDeposit" if now > 0 else "approved")


def test_what_came_already_may_be_enough_for_a_smaller_order() -> None:
    partly = paid(case(), "R-1", Decimal("300.00"), "olga", AT)
    less = rules.reduced(partly, Decimal("350.00"), "system", AT)
    assert less is not None and (less["state"], missing_deposit(less)) == ("approved", Decimal("-50.00"))
    assert rules.ended({"state": "open"}, less) == "paid"
    assert rules.ended({"state": "open"}, case(state="withdrawn")) == "cancelled"
    assert rules.ended({"state": "open"}, None) == "cancelled"


def test_money_that_is_not_owed_is_due_back_and_noted_once() -> None:
    request: dict[str, Any] = {"id": "O-1", "state": "expired"}
    back = rules.refund(request, "R-9", Money(Decimal("500.00"), "RUB"), AT)
    assert (back["state"], [late["reference"] for late in back["late"]]) == ("refundDue", ["R-9"])
    assert rules.known_reference(None, back, "R-9") and not rules.known_reference(case(), back, "R-1")
    assert rules.known_reference(paid(case(), "R-1", Decimal(1), "olga", AT), request, "R-1")


@pytest.mark.parametrize(
    ("term", "remind", "path"),
    [(0, [], "termDays"), (91, [], "termDays"), (7, [7], "remindAfterDays"), (7, [0], "remindAfterDays")],
)
def test_a_policy_that_makes_no_sense_is_refused(term: int, remind: list[int], path: str) -> None:
    with pytest.raises(BadInput) as refused:
        rules.check_policy({"termDays": term, "remindAfterDays": remind})
    assert refused.value.facts["path"] == path
    rules.check_policy({"termDays": 7, "remindAfterDays": [1, 6]})
    assert rules.policy_of({"termDays": 9, "remindAfterDays": [4, 1]}) == rules.Policy(9, (1, 4))
    assert rules.policy_of(None) == rules.Policy()
