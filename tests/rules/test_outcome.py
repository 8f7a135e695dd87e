"""What follows from feasibility and credit, for an order assessed first and for one that was held or waits."""

from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.order_handling.outcome import Outcome, assessment_document, conclude
from abonent.domain.order_handling.states import PRODUCT_ORDER
from abonent.domain.qualification.rules import Feasibility, Reason
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome

YES = Feasibility(True, (Reason("covered", "Covered by {node}.", True, {"node": "N-1"}),))
NO = Feasibility(
    False,
    (Reason("covered", "fine", True), Reason("tooSlow", "At most {best}.", False, {"best": 300})),
    alternatives=("fibre",),
)


def credit(outcome: CreditOutcome) -> CreditDecision:
    return CreditDecision(outcome, "2", "7", (Reason("creditRule", "Because.", True),), Decimal("10.00"))


def decide(state: str, feasible: bool, outcome: CreditOutcome, *, override: bool = False) -> Outcome:
    order: dict[str, Any] = {"id": "O-1", "state": state}
    answers = {"1": YES, "2": YES if feasible else NO}
    return conclude(order, answers, credit(outcome), override=override)


@pytest.mark.parametrize(
    ("state", "outcome", "override", "next_state"),
    [
        ("acknowledged", "approve", False, "inProgress"),
        ("acknowledged", "approveWithDeposit", False, "pending"),
        ("acknowledged", "refer", False, "held"),
        ("acknowledged", "decline", False, "rejected"),
        ("held", "approve", False, "inProgress"),
        # TMF622 draws neither held -> pending nor held -> rejected.
        ("held", "approveWithDeposit", False, "held"),
        ("held", "refer", False, "held"),
        ("held", "decline", False, "cancelled"),
        *(("held", o.value, True, "inProgress") for o in CreditOutcome),
        *(("pending", o.value, True, "inProgress") for o in CreditOutcome),
    ],
)
def test_credit_decides_what_is_feasible(state: str, outcome: str, override: bool, next_state: str) -> None:
    found = decide(state, True, CreditOutcome(outcome), override=override)
    assert (found.state, found.item_state) == (next_state, next_state)
    assert found.reason == ("Released by a person." if override else "Because.")


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("outcome", list(CreditOutcome))
@pytest.mark.parametrize(
    ("state", "refused"), [("acknowledged", "rejected"), ("held", "cancelled"), ("pending", "cancelled")]
)
def test_nobody_can_order_what_is_not_feasible(
    state: str, refused: str, outcome: CreditOutcome, override: bool
) -> None:
    found = decide(state, False, outcome, override=override)
    assert (found.state, found.reason) == (refused, "At most 300.")


@pytest.mark.parametrize("state", ["acknowledged", "held", "pending"])
@pytest.mark.parametrize("override", [False, True])
def test_every_conclusion_is_a_legal_move(state: str, override: bool) -> None:
    if state == "pending" and not override:
        return  # an order that waits is only assessed again when a person releases it
    for outcome in CreditOutcome:
        for feasible in (True, False):
            found = decide(state, feasible, outcome, override=override)
            PRODUCT_ORDER.check("order", state, found.state)


def test_both_decisions_are_kept_with_their_reasons() -> None:
    document = assessment_document(
        "O-1",
        {"1": YES, "2": NO},
        credit(CreditOutcome.DEPOSIT),
        "2026-06-03T09:51:00.000Z",
        override=True,
    )
    feasibility, money = document["decision"]
    assert document["id"] == "O-1"
    assert (feasibility["kind"], feasibility["outcome"]) == ("feasibility", "notEligible")
    assert [(r["item"], r["code"]) for r in feasibility["reasons"]] == [
        ("1", "covered"),
        ("2", "covered"),
        ("2", "tooSlow"),
    ]
    assert feasibility["alternatives"] == ["fibre"]
    assert (money["outcome"], money["rule"], money["rulesVersion"]) == ("approveWithDeposit", "2", "7")
    assert (money["deposit"], money["overridden"]) == (Decimal("10.00"), True)
