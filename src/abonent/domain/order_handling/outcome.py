"""What follows from feasibility and credit for an order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.order_handling.rules_credit_cases import decision_document
from abonent.domain.qualification.rules import Feasibility, Reason
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome
from abonent.kit.errors import N_


@dataclass(frozen=True, slots=True)
class Outcome:
    """The order's next state, its items' state, and why in one sentence."""

    state: str
    item_state: str
    reason: str


def conclude(
    order: Mapping[str, Any],
    feasibility: Mapping[str, Feasibility],
    credit: CreditDecision,
    *,
    override: bool,
) -> Outcome:
    """Infeasible: rejected (an order that was held can only be cancelled, TMF622). Then credit: go on, wait for
    the deposit, hold for a person, or reject. `override`: a person let it pass, credit does not stop it."""
    # rejected is reachable from the first check alone.
    refused = "rejected" if order["state"] == "acknowledged" else "cancelled"
    stopped = [r for f in feasibility.values() for r in f.reasons if not r.ok]
    if stopped:
        return Outcome(refused, refused, said(stopped[0]))
    why = said(credit.reasons[0])
    if override or credit.outcome in {CreditOutcome.APPROVE, CreditOutcome.LIMIT}:
        return Outcome("inProgress", "inProgress", N_("Released by a person.") if override else why)
    if credit.outcome is CreditOutcome.DEPOSIT:
        # TMF622 draws no held -> pending: an order that was held goes on waiting there.
        state = "pending" if order["state"] == "acknowledged" else order["state"]
        return Outcome(state, state, why)
    if credit.outcome is CreditOutcome.REFER:
        return Outcome("held", "held", why)
    return Outcome(refused, refused, why)


def said(reason: Reason) -> str:
    """A reason as an English sentence."""
    return reason.text.format(**reason.facts)


def assessment_document(
    order_id: str,
    feasibility: Mapping[str, Feasibility],
    credit: CreditDecision,
    at: str,
    *,
    override: bool,
) -> dict[str, Any]:
    """Both decisions as they are kept with the order."""
    eligible = all(f.eligible for f in feasibility.values())
    decisions: list[dict[str, Any]] = [
        {
            "kind": "feasibility",
            "outcome": "eligible" if eligible else "notEligible",
            "reasons": [r.to_document() | {"item": i} for i, f in feasibility.items() for r in f.reasons],
            "alternatives": sorted({a for f in feasibility.values() for a in f.alternatives}),
            "at": at,
        },
        decision_document(credit, at, overridden=override),
    ]
    return {"id": order_id, "decision": decisions}
