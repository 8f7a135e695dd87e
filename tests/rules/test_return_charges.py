"""Lent equipment as charges: every order of what may happen to a piece, told once each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.billing import rules_returns as rules
from abonent.domain.billing.rules import total
from abonent.domain.order_handling.rules_ending import expected_back, given_back
from abonent.kit.values import to_wire

NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)
PRODUCT: dict[str, Any] = {
    "id": "P-1",
    "name": "Fibre",
    "billingAccount": {"id": "BA-1", "name": "Home"},
    "relatedParty": [{"id": "C-1", "name": "Anna", "role": "customer"}],
}


def piece(take_back: int | None = 30) -> dict[str, Any]:
    lent: dict[str, Any] = {
        "id": "router",
        "name": {"en": "Router", "ru": "Роутер"},
        "returnDays": 14,
        "charge": {"unit": "RUB", "value": Decimal("2500.00")},
    }
    if take_back is not None:
        lent["takeBackDays"] = take_back
    return expected_back({"equipment": [lent]}, PRODUCT, "O-1", "1", NOW)[0]


def test_a_piece_that_is_charged_goes_to_the_products_account() -> None:
    charged = piece() | {"state": "charged"}
    after, (charge,) = rules.follow(rules.new_position(charged), charged, PRODUCT)
    assert (charge["type"], charge["reason"], charge["account"]) == ("oneTime", "notReturned", "BA-1")
    assert (charge["effective"], total(charge)) == (charged["dueDate"], {"RUB": Decimal("2500.00")})
    assert charge["equipmentReturn"]["id"] == "RET-1-1-router" and after["charged"]
    assert rules.follow(after, charged, PRODUCT)[1] == []


def test_a_product_that_is_not_there_any_more_leaves_the_client() -> None:
    charged = piece() | {"state": "charged"}
    _, (charge,) = rules.follow(rules.new_position(charged), charged, None)
    assert (charge["account"], charge["customer"]["id"]) == ("C-1", "C-1")


def test_what_comes_in_the_time_allowed_is_taken_back_to_the_same_account() -> None:
    charged = piece() | {"state": "charged"}
    position, _ = rules.follow(rules.new_position(charged), charged, PRODUCT)
    back = given_back(charged, NOW + timedelta(days=44))
    _, (credit,) = rules.follow(position, back, PRODUCT | {"billingAccount": {"id": "BA-2"}})
    assert (credit["type"], credit["reason"], credit["account"]) == ("credit", "returnedLate", "BA-1")
    assert credit["effective"] == to_wire(NOW + timedelta(days=44))


def test_what_comes_too_late_or_where_no_time_is_allowed_stays_charged() -> None:
    for lent, days in ((piece(30), 44.01), (piece(None), 15), (piece(0), 15)):
        charged = lent | {"state": "charged"}
        back = given_back(charged, NOW + timedelta(days=days))
        assert back["state"] == "returnedLate" and not back.get("chargeReversed")
        position, _ = rules.follow(rules.new_position(charged), charged, PRODUCT)
        assert rules.follow(position, back, PRODUCT)[1] == []


def test_what_came_in_time_is_never_charged() -> None:
    lent = piece()
    back = given_back(lent, NOW + timedelta(days=3))
    for each in (lent, back):
        assert rules.follow(rules.new_position(lent), each, PRODUCT)[1] == []


@given(days=st.integers(15, 90), seen=st.lists(st.booleans(), max_size=6))
def test_whenever_the_job_runs_the_sums_agree(days: int, seen: list[bool]) -> None:
    """The job may see the charged piece, or only the one that came back, once or often."""
    charged = piece() | {"state": "charged"}
    back = given_back(charged, NOW + timedelta(days=days))
    position, charges = rules.new_position(charged), []
    for at in [charged if first else None for first in seen] + [back, back]:
        if at is not None:
            position, more = rules.follow(position, at, PRODUCT)
            charges += more
    sums = {"oneTime": Decimal(0), "credit": Decimal(0)}
    for charge in charges:
        sums[charge["type"]] += total(charge)["RUB"]
    assert sums["oneTime"] - sums["credit"] == (Decimal("2500.00") if days > 44 else Decimal(0))
    assert sums["oneTime"] == Decimal("2500.00")
