"""What is charged day by day: the events of charging against the history of the products themselves."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.billing import rules, rules_export
from abonent.kit.errors import BadInput

STATUSES = ("created", "pendingActive", "active", "suspended", "pendingTerminate", "terminated")
Moment = tuple[int, str, str | None, str]


def product(status: str, amount: str | None, account: str) -> dict[str, Any]:
    price = {"taxIncludedAmount": {"unit": "RUB", "value": Decimal(amount or "0")}}
    return {
        "id": "P-1",
        "name": "Line",
        "status": status,
        "billingAccount": {"id": account},
        "relatedParty": [{"id": "C-1", "name": "A client", "role": "customer"}],
        "productPrice": [{"priceType": "recurring", "price": price}] if amount else [],
    }


histories = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(STATUSES),
        st.sampled_from([None, "100.00", "250.50", "0.10"]),
        st.sampled_from(["BA-1", "BA-2"]),
    ),
    min_size=1,
    max_size=12,
)


def dated(history: list[Moment]) -> list[tuple[int, str, str | None, str]]:
    """The steps between moments as days counted from the first."""
    day, made = 0, []
    for step, *rest in history:
        day += step
        made.append((day, *rest))
    return made


def charges(moments: list[Any]) -> list[dict[str, Any]]:
    """All charges of a history, a job for each step."""
    position, found, before = rules.new_position("P-1"), [], None
    for seq, (day, status, amount, account) in enumerate(moments, 1):
        happened = rules.Happened(
            seq, f"{day:04}", product(status, amount, account), before if before != status else None, seq == 1
        )
        position, more = rules.follow(dict(position), happened, {}, {})
        found += more
        before = status
    return found


def by_day_from_history(moments: list[Any], last: int) -> dict[tuple[int, str], Decimal]:
    """The oracle: at the end of each day, what the product itself says, and to whom."""
    sums: dict[tuple[int, str], Decimal] = {}
    for day in range(last + 1):
        standing = [m for m in moments if m[0] <= day]
        if not standing:
            continue
        _, status, amount, account = standing[-1]
        if status in {"active", "pendingTerminate"} and amount:
            sums[day, account] = Decimal(amount)
    return sums


def by_day_from_events(events: list[dict[str, Any]], last: int) -> dict[tuple[int, str], Decimal]:
    """What a billing system reckons that knows the events alone."""
    sums: dict[tuple[int, str], Decimal] = {}
    for day in range(last + 1):
        running: dict[str, Decimal] = {}
        for event in (e for e in events if int(e["effective"]) <= day):
            if event["type"] == "stop":
                del running[event["account"]]
            else:
                running[event["account"]] = rules.total(event)["RUB"]
        sums |= {(day, account): amount for account, amount in running.items()}
    return sums


@given(histories)
def test_a_billing_system_reckons_each_day_what_the_products_say(history: list[Moment]) -> None:
    moments = dated(history)
    last = moments[-1][0] + 1
    assert by_day_from_events(charges(moments), last) == by_day_from_history(moments, last)


@given(histories)
def test_starts_and_stops_take_turns(history: list[Moment]) -> None:
    running: dict[str, bool] = defaultdict(bool)
    for event in charges(dated(history)):
        account = event["account"]
        assert running[account] == (event["type"] != "start")
        running[account] = event["type"] != "stop"


@given(histories, st.integers(0, 11))
def test_what_was_followed_once_is_not_followed_again(history: list[Moment], cut: int) -> None:
    moments = dated(history)
    day, status, amount, account = moments[min(cut, len(moments) - 1)]
    again = [*moments, (day, status, amount, account), (day, status, amount, account)]
    once = [*moments, (day, status, amount, account)]
    assert charges(again) == charges(once)


def test_an_amount_is_times_its_quantity() -> None:
    bought = product("active", "100.00", "BA-1") | {
        "productOrderItem": [{"productOrderId": "O-1", "orderItemId": "1", "orderItemAction": "add"}]
    }
    items = {"O-1/1": {"id": "1", "action": "add", "quantity": 3}}
    _, (start,) = rules.follow(
        rules.new_position("P-1"), rules.Happened(1, "1", bought, None, True), items, {}
    )
    assert rules.total(start) == {"RUB": Decimal("300.00")}


def test_a_product_that_is_deleted_is_stopped() -> None:
    position, _ = rules.follow(
        rules.new_position("P-1"),
        rules.Happened(1, "1", product("active", "1.00", "BA-1"), None, True),
        {},
        {},
    )
    _, (stop,) = rules.follow(position, rules.Happened(2, "2", None, "active"), {}, {})
    assert (stop["type"], stop["reason"], stop["account"]) == ("stop", "deleted", "BA-1")


def test_lines_are_the_same_whatever_the_order_of_names_and_the_scale_of_amounts() -> None:
    one = {"id": "CE-1", "price": [{"unit": "RUB", "value": Decimal("500")}], "type": "start"}
    other = {"type": "start", "price": [{"value": Decimal("500.00"), "unit": "RUB"}], "id": "CE-1"}
    assert rules_export.line(one) == rules_export.line(other)


def test_a_manifest_of_another_form_is_refused() -> None:
    with pytest.raises(BadInput):
        rules_export.check(b"", {"format": "other"}, "00")
