"""May it be sold on credit: cells, the first row that fits, when the bureau is needed, inputs, the table shipped."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.qualification.rules_credit import (
    SHIPPED,
    Bureau,
    CreditOutcome,
    CreditTable,
    History,
    arrears,
    days_late,
    inputs_of,
    late_payments,
    sum_of,
    whole_months,
    with_bureau,
)
from abonent.domain.qualification.rules_credit_cells import INPUTS, BadCell, read_cell
from abonent.domain.qualification.rules_credit_lint import faults
from tests.support.credit import row, table, values

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)


def holds(name: str, cell: str, value: Any) -> bool:
    return read_cell(INPUTS[name], cell).holds(INPUTS[name], value)


@pytest.mark.parametrize(
    ("cell", "fitting"),
    [
        ("", "0 4999.99 5000 5000.01 9000"),
        ("-", "0 4999.99 5000 5000.01 9000"),
        ("5000", "5000"),
        ("= 5000", "5000"),
        ("> 5000", "5000.01 9000"),
        (">= 5 000", "5000 5000.01 9000"),
        ("<5000", "0 4999.99"),
        ("<= 5000.00", "0 4999.99 5000"),
        ("0..5000", "0 4999.99 5000"),
        ("(0..5000)", "4999.99"),
        ("(0..5000]", "4999.99 5000"),
        ("[5000..9000)", "5000 5000.01"),
        ("0, 5000.01, > 8000", "0 5000.01 9000"),
    ],
)
def test_cells_on_money(cell: str, fitting: str) -> None:
    tried = ("0", "4999.99", "5000", "5000.01", "9000")
    assert " ".join(t for t in tried if holds("arrears", cell, Decimal(t))) == fitting


def test_cells_on_words_and_on_what_may_be_missing() -> None:
    assert holds("clientKind", "individual, organization", "organization")
    assert not holds("clientKind", "individual", "organization")
    assert holds("bureauScore", "none", None) and not holds("bureauScore", "none", 0)
    assert holds("bureauScore", "none, >= 600", 600) and not holds("bureauScore", ">= 600", None)
    assert holds("bureauScore", "-", None)


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("arrears", "much", "badNumber"),
        ("arrears", "-5", "badNumber"),
        ("arrears", "5000,50", ""),
        ("arrears", "1,", "badNumber"),
        ("arrears", "> 0.001", "tooFine"),
        ("arrears", "> 1000000000001", "tooLarge"),
        ("arrears", "none", "neverMissing"),
        ("arrears", "9..1", "emptyRange"),
        ("arrears", "(1..1)", "emptyRange"),
        ("arrears", "< 0", "emptyRange"),
        ("tenureMonths", "1.5", "tooFine"),
        ("clientKind", "individual, person", "unknownWord"),
        ("bureauStatus", "> 1", "unknownWord"),
    ],
)
def test_cells_that_cannot_be_read(name: str, cell: str, code: str) -> None:
    if not code:  # a comma separates conditions: 5000 or 50
        assert holds(name, cell, Decimal(50))
        return
    with pytest.raises(BadCell) as refused:
        read_cell(INPUTS[name], cell)
    assert refused.value.code == code


def test_the_first_row_that_fits_decides() -> None:
    rules = CreditTable(
        table(
            "arrears clientKind",
            row("> 100", "-", outcome="decline"),
            row("> 0", "organization", outcome="refer"),
            row("-", "-", outcome="approve"),
            version=7,
        )
    )
    for owed, kind, outcome, number in (
        ("100.01", "individual", "decline", "1"),
        ("100", "organization", "refer", "2"),
        ("100", "individual", "approve", "3"),
    ):
        decision = rules.decide(values(arrears=owed, clientKind=kind))
        assert (decision.outcome.value, decision.rule, decision.policy_version) == (outcome, number, "7")
    declined = rules.decide(values(arrears="101"))
    assert declined.reasons[0].facts == {"arrears": "101"} and not declined.reasons[0].ok
    assert declined.wording["en"] and declined.inputs == values(arrears="101")


def test_reasons_name_inputs_and_are_kept_in_every_language() -> None:
    own = row("> 0", outcome="refer", reason={"en": "Owes {arrears}.", "ru": "Должен {arrears}."})
    decision = CreditTable(table("arrears", own)).decide(values(arrears="12.50"))
    assert decision.reasons[0].text == "Owes 12.50."
    assert decision.reasons[0].to_document()["text"] == {"en": "Owes 12.50.", "ru": "Должен 12.50."}


def test_no_row_refers_to_a_person() -> None:
    decision = CreditTable(table("arrears", row("> 0", outcome="approve"))).decide(values())
    assert (decision.outcome, decision.rule, decision.reasons[0].code) == (CreditOutcome.REFER, "-", "noRule")


@pytest.mark.parametrize(
    ("formula", "monthly", "sum"),
    [
        # 333.33 x 1.5 = 499.995, to the kopeck, half to even: 500.00
        ({"months": Decimal("1.5")}, "333.33", "500.00"),
        ({"months": 2}, "500.00", "1000.00"),
        ({"amount": 700}, "500.00", "700.00"),
        (None, "500.00", "0"),
    ],
)
def test_sums(formula: dict[str, Any] | None, monthly: str, sum: str) -> None:
    assert sum_of(formula, Decimal(monthly)) == Decimal(sum)


def test_a_deposit_of_nothing_is_not_waited_for() -> None:
    rules = CreditTable(table("", row(outcome="approveWithDeposit", deposit={"months": 1})))
    assert rules.decide(values(monthly="0")).outcome is CreditOutcome.APPROVE
    asked = rules.decide(values(monthly="500"))
    assert (asked.outcome, asked.deposit) == (CreditOutcome.DEPOSIT, Decimal("500.00"))


SCORED = table(
    "arrears tenureMonths bureauStatus bureauScore",
    row("> 0", "-", "-", "-", outcome="decline"),
    row("-", ">= 12", "-", "-", outcome="approve"),
    row("-", "-", "down, notAsked", "-", outcome="refer"),
    row("-", "-", "unknown", "-", outcome="approveWithDeposit", deposit={"months": 1}),
    row("-", "-", "answered", "< 500", outcome="refer"),
    row("-", "-", "answered", "-", outcome="approve"),
)


def test_the_bureau_is_needed_by_those_alone_whom_own_history_does_not_decide() -> None:
    rules = CreditTable(SCORED)
    assert faults(SCORED) == []
    assert not rules.needs_bureau(values(arrears="1", tenureMonths=0))
    assert not rules.needs_bureau(values(tenureMonths=12))
    assert rules.needs_bureau(values(tenureMonths=11))
    for bureau, number in (
        (Bureau("down"), "3"),
        (Bureau("notAsked"), "3"),
        (Bureau("unknown"), "4"),
        (Bureau("answered", 499), "5"),
        (Bureau("answered", 500), "6"),
    ):
        decision = rules.decide(with_bureau(values(tenureMonths=0), bureau), bureau)
        assert (decision.rule, decision.bureau) == (number, bureau)


# ---- the table shipped


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
    over = max(Decimal(0), owed + waiting + monthly - limit) if limit is not None else Decimal(0)
    decision = CreditTable(SHIPPED).decide(
        values(arrears=owed, openOrdersMonthly=waiting, monthly=monthly, overLimit=over, tenureMonths=tenure)
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
    assert decision.deposit == (monthly if expected == "approveWithDeposit" else 0)


# ---- inputs


def account(status: str, *balances: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "paymentStatus": status,
        "accountBalance": [
            {"balanceType": kind, "amount": {"unit": "RUB", "value": Decimal(value)}}
            for kind, value in balances
        ],
        **more,
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


def late(due: str, paid: str | None = None) -> dict[str, Any]:
    return {"dueDate": due, **({"paidDate": paid} if paid else {})}


def test_late_payments_of_twelve_months_and_days_since_the_oldest_that_is_open() -> None:
    payments = [
        late("2025-06-03T09:51:00Z", "2025-07-01T00:00:00Z"),  # 365 days ago to the minute: still counts
        late("2025-06-03T09:50:00Z", "2025-07-01T00:00:00Z"),  # a minute more: does not
        late("2026-05-01T00:00:00Z"),
        late("2026-04-01T00:00:00Z", "2026-05-20T00:00:00Z"),
        late("2026-07-01T00:00:00Z"),  # not due yet
    ]
    assert late_payments(payments, NOW) == 3
    # From 1 May 00:00 to 3 June 09:51 are 33 whole days.
    assert days_late(payments, NOW) == 33
    assert days_late(payments[3:], NOW) == 0 and days_late([], NOW) == 0


def test_inputs_are_summed_exactly() -> None:
    history = History(
        [
            account(
                "overdue", ("receivableBalance", "0.1"), creditLimit={"unit": "RUB", "value": Decimal("0.6")}
            ),
            {"creditLimit": {"unit": "RUB", "value": Decimal("9")}},
        ],
        open_orders=Decimal("0.2"),
    )
    customer = {
        "validFor": {"startDateTime": "2026-01-03T00:00:00Z"},
        "engagedParty": {"@referredType": "Organization"},
    }
    found = inputs_of(history, customer, monthly=Decimal("0.3"), one_time=Decimal(7), now=NOW)
    # In binary floats 0.1 + 0.2 + 0.3 is above 0.6.
    assert found == values(
        arrears="0.1",
        tenureMonths=5,
        openOrdersMonthly="0.2",
        clientKind="organization",
        monthly="0.3",
        oneTime="7",
    )
    more = inputs_of(history, customer, monthly=Decimal("0.31"), one_time=Decimal(0), now=NOW)
    assert more["overLimit"] == Decimal("0.01")
    assert inputs_of(History(), {}, monthly=Decimal(9), one_time=Decimal(0), now=NOW)["overLimit"] == 0


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
