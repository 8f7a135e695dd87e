"""May it be sold on credit: the decision table, its facts to the last kopeck, and the table shipped."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.qualification.rules import (
    DEFAULT_CREDIT_POLICY,
    CreditFacts,
    CreditOutcome,
    arrears,
    check_policy,
    decide_credit,
    whole_months,
)
from abonent.kit.errors import BadInput


def facts(
    owed: str = "0",
    *,
    open_orders: str = "0",
    monthly: str = "500",
    limit: str | None = None,
    tenure: int = 24,
    business: bool = False,
) -> CreditFacts:
    return CreditFacts(
        Decimal(owed),
        Decimal(open_orders),
        Decimal(monthly),
        None if limit is None else Decimal(limit),
        tenure,
        business,
    )


def when(fact: str, operator: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "operator": operator, "value": value}


def policy(*rules: dict[str, Any], version: str = "7") -> dict[str, Any]:
    return {"version": version, "rule": list(rules)}


def test_the_first_row_that_fits_decides() -> None:
    table = policy(
        {"when": [when("arrears", "gt", 100)], "outcome": "decline", "reason": "too much"},
        {"when": [when("arrears", "gt", 0)], "outcome": "refer"},
        {"when": [], "outcome": "approve"},
    )
    for owed, outcome, rule in (("100.01", "decline", "1"), ("100", "refer", "2"), ("0", "approve", "3")):
        decision = decide_credit(table, facts(owed))
        assert (decision.outcome.value, decision.rule, decision.policy_version) == (outcome, rule, "7")
    assert decide_credit(table, facts("101")).reasons[0].text == "too much"
    assert decide_credit(table, facts("101")).reasons[0].facts == {"arrears": "101"}


def test_all_conditions_of_a_row_must_hold() -> None:
    row = {"when": [when("arrears", "gt", 0), when("business", "eq", True)], "outcome": "decline"}
    table = policy(row, {"when": [], "outcome": "approve"})
    assert decide_credit(table, facts("1", business=True)).outcome is CreditOutcome.DECLINE
    assert decide_credit(table, facts("1")).outcome is CreditOutcome.APPROVE
    assert decide_credit(table, facts("0", business=True)).outcome is CreditOutcome.APPROVE


@pytest.mark.parametrize(
    "table", [policy(), policy({"when": [when("arrears", "gt", 0)], "outcome": "approve"})]
)
def test_no_row_refers_to_a_person(table: dict[str, Any]) -> None:
    decision = decide_credit(table, facts())
    assert (decision.outcome, decision.rule) == (CreditOutcome.REFER, "-")
    assert decision.reasons[0].code == "noRule" and not decision.reasons[0].ok


@pytest.mark.parametrize(
    ("operator", "holds"),
    [("eq", {"100"}), ("gt", {"100.01"}), ("gte", {"100", "100.01"}), ("lt", {"99.99"}),
     ("lte", {"99.99", "100"})],
)  # fmt: skip
def test_operators_at_their_edges(operator: str, holds: set[str]) -> None:
    table = policy({"when": [when("arrears", operator, 100)], "outcome": "decline"})
    for owed in ("99.99", "100", "100.01"):
        assert (decide_credit(table, facts(owed)).outcome is CreditOutcome.DECLINE) == (owed in holds)


def test_the_deposit_is_months_of_the_charge_in_kopecks() -> None:
    table = policy({"when": [], "outcome": "approveWithDeposit", "depositMonths": Decimal("1.5")})
    decision = decide_credit(table, facts(monthly="333.33"))
    # 333.33 x 1.5 = 499.995, to the kopeck, half to even: 500.00
    assert (decision.outcome, decision.deposit) == (CreditOutcome.DEPOSIT, Decimal("500.00"))
    assert decision.reasons[0].ok


def test_sums_are_exact() -> None:
    asked = facts("0.1", open_orders="0.2", monthly="0.3", limit="0.6")
    # In binary floats 0.1 + 0.2 + 0.3 is above 0.6.
    assert asked.value("exposure") == Decimal("0.6")
    assert asked.value("overLimit") is False
    assert facts("0.1", open_orders="0.2", monthly="0.31", limit="0.6").value("overLimit") is True
    assert facts("1000000").value("overLimit") is False


@pytest.mark.parametrize(
    ("given", "outcome", "rule"),
    [
        (facts("5000.01"), "decline", "1"),
        (facts("5000", limit="5499"), "refer", "2"),
        (facts("0", monthly="600", limit="599.99"), "refer", "2"),
        (facts("0.01"), "refer", "3"),
        (facts(tenure=0, monthly="10000.01"), "approveWithDeposit", "4"),
        (facts(tenure=1, monthly="10000.01"), "approve", "5"),
        (facts(tenure=0, monthly="10000"), "approve", "5"),
        (facts(limit="500"), "approve", "5"),
    ],
)
def test_the_table_shipped(given: CreditFacts, outcome: str, rule: str) -> None:
    decision = decide_credit(DEFAULT_CREDIT_POLICY, given)
    assert (decision.outcome.value, decision.rule) == (outcome, rule)
    if outcome == "approveWithDeposit":
        assert decision.deposit == Decimal("10000.01")


@given(
    st.decimals(0, 20000, places=2),
    st.decimals(0, 20000, places=2),
    st.decimals(0, 20000, places=2),
    st.one_of(st.none(), st.decimals(0, 20000, places=2)),
    st.integers(0, 40),
)
def test_the_table_shipped_against_its_meaning(
    owed: Decimal, waiting: Decimal, monthly: Decimal, limit: Decimal | None, tenure: int
) -> None:
    decision = decide_credit(
        DEFAULT_CREDIT_POLICY, CreditFacts(owed, waiting, monthly, limit, tenure, business=False)
    )
    if owed > 5000:
        expected = "decline"
    elif owed > 0 or (limit is not None and owed + waiting + monthly > limit):
        expected = "refer"
    elif tenure < 1 and monthly > 10000:
        expected = "approveWithDeposit"
    else:
        expected = "approve"
    assert decision.outcome.value == expected


def account(status: str, *balances: tuple[str, str]) -> dict[str, Any]:
    return {
        "paymentStatus": status,
        "accountBalance": [
            {"balanceType": kind, "amount": {"unit": "RUB", "value": Decimal(value)}}
            for kind, value in balances
        ],
    }


def test_arrears_are_the_overdue_receivables() -> None:
    accounts = [
        account("In Arrears", ("receivableBalance", "0.10"), ("deposit", "1000")),
        account("overdue", ("receivableBalance", "0.20")),
        account("paid", ("receivableBalance", "700")),
        {"paymentStatus": "overdue"},
        {},
    ]
    assert arrears(accounts) == Decimal("0.30")
    assert arrears([]) == Decimal(0)


@pytest.mark.parametrize(
    ("since", "now", "months"),
    [
        ((2026, 5, 3), (2026, 6, 3), 1),
        ((2026, 5, 4), (2026, 6, 3), 0),
        ((2024, 2, 29), (2025, 2, 28), 11),
        ((2025, 12, 31), (2026, 1, 30), 0),
        ((2020, 6, 3), (2026, 6, 3), 72),
        ((2027, 1, 1), (2026, 6, 3), 0),
    ],
)
def test_whole_months(since: tuple[int, int, int], now: tuple[int, int, int], months: int) -> None:
    assert whole_months(datetime(*since, tzinfo=UTC), datetime(*now, tzinfo=UTC)) == months


def test_the_table_shipped_is_a_valid_one() -> None:
    check_policy(DEFAULT_CREDIT_POLICY)


@pytest.mark.parametrize(
    "row",
    [
        {"when": [when("arrears", "gt", "much")], "outcome": "decline"},
        {"when": [when("arrears", "gt", True)], "outcome": "decline"},
        {"when": [when("monthly", "lt", None)], "outcome": "decline"},
        {"when": [when("business", "eq", "false")], "outcome": "decline"},
        {"when": [when("overLimit", "gt", True)], "outcome": "decline"},
        {"when": [], "outcome": "approveWithDeposit", "depositMonths": -1},
        {"when": [], "outcome": "approveWithDeposit"},
    ],
)
def test_a_table_that_could_not_decide_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        check_policy(policy({"when": [], "outcome": "approve"}, row))
