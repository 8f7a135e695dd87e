"""Money to give back: what becomes due, who can send it, what is noted; nothing goes back twice."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import rules_refund as rules
from abonent.domain.order_handling.deposit_resources import REQUEST_STATES
from abonent.kit.errors import BadInput, IllegalMove
from abonent.kit.values import to_wire

AT = to_wire(datetime(2026, 6, 3, 9, tzinfo=UTC))
STATES = ("asked", "open", "paid", "cancelled", "expired", "refundDue", "refunding", "refunded")


def money(amount: str) -> dict[str, Any]:
    return {"unit": "RUB", "value": Decimal(amount)}


def late(reference: str, amount: str = "100.00", **more: Any) -> dict[str, Any]:
    return {"reference": reference, "amount": money(amount), "at": AT, **more}


def request(state: str = "refundDue", *payments: dict[str, Any]) -> dict[str, Any]:
    return {"id": "O-1", "state": state, "amount": money("500.00"), "late": list(payments)}


def case(*payments: tuple[str, str, str]) -> dict[str, Any]:
    return {"payment": [{"reference": r, "amount": money(a), "by": by} for r, a, by in payments]}


@pytest.mark.parametrize("order", ["cancelled", "rejected", "failed"])
def test_what_was_paid_for_an_order_that_is_over_is_due_once(order: str) -> None:
    paid = case(("R-1", "400.00", "system"), ("cash 7", "100.00", "anna"))
    due = rules.kept(request("paid"), paid, order, AT)
    assert (due["state"], rules.due_sum(due).amount) == ("refundDue", Decimal("500.00"))
    assert [each["reference"] for each in rules.by_provider(due)] == ["R-1"]
    assert rules.kept(due, paid, order, AT) == due


@pytest.mark.parametrize(
    "order", ["acknowledged", "pending", "held", "inProgress", "completed", "partial", None]
)
def test_an_order_that_goes_on_or_was_delivered_keeps_it(order: str | None) -> None:
    paid = request("paid")
    assert rules.kept(paid, case(("R-1", "400.00", "system")), order, AT) == paid


@pytest.mark.parametrize("state", STATES)
def test_only_what_is_due_is_sent_or_noted(state: str) -> None:
    owed = request(state, late("R-1"))
    if state == "refundDue":
        assert rules.sent(owed)["state"] == "refunding"
        assert rules.by_hand(owed, " PP-1 ", "maria", AT)["late"][0]["back"]["document"] == "PP-1"
        return
    with pytest.raises(IllegalMove):
        rules.sent(owed)
    with pytest.raises(IllegalMove):
        rules.by_hand(owed, "PP-1", "maria", AT)


def test_a_document_is_needed_and_cash_is_not_the_providers() -> None:
    cash = request("refundDue", late("cash 7", by="anna"))
    with pytest.raises(IllegalMove):
        rules.sent(cash)
    for nothing in ("", "  ", "9" * 101):
        with pytest.raises(BadInput) as missing:
            rules.by_hand(cash, nothing, "maria", AT)
        assert missing.value.facts["path"] == "refundDocument"


def test_a_refusal_is_kept_until_it_is_tried_again() -> None:
    refused = rules.refused(request("refunding", late("R-1")), "closed", AT)
    assert (refused["state"], refused["refusal"]["reason"]) == ("refundDue", "closed")
    assert "refusal" not in rules.sent(refused)
    assert "refusal" not in rules.by_hand(refused, "PP-1", "maria", AT)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12))
def test_whatever_comes_and_goes_nothing_is_given_back_twice(steps: list[tuple[int, bool]]) -> None:
    """Payments come (True) and their refunds are told (False), in any order and again."""
    current = request("refunding", late("R-0"))
    for number, comes in steps:
        known = {each["reference"] for each in current["late"]}
        if comes and f"R-{number}" not in known:
            current = {**current, "state": "refundDue", "late": [*current["late"], late(f"R-{number}")]}
        elif not comes:
            before = {e["reference"]: e.get("back") for e in current["late"]}
            current = rules.given(current, {f"R-{number}"}, rules.BY_PROVIDER, "system", AT, f"B-{number}")
            for each in current["late"]:
                assert before[each["reference"]] in (None, each.get("back"))
        owed = bool(rules.due(current))
        assert (current["state"] in rules.OWED) == owed
        assert rules.due_sum(current).amount == Decimal(100) * len(rules.due(current))
        assert bool(rules.due_since(current)) == owed


def test_the_states_allow_what_the_rules_do() -> None:
    assert REQUEST_STATES.may("refundDue", "refunding") and REQUEST_STATES.may("refunding", "refundDue")
    assert REQUEST_STATES.may("refunding", "refunded") and not REQUEST_STATES.may("refunded", "refunding")
