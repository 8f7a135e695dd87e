"""What a credit table would have said of past orders, from the inputs that were kept with their decisions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from abonent.domain.qualification.rules_credit import CreditTable
from abonent.domain.qualification.rules_credit_cells import INPUTS
from abonent.kit.values import with_role


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the sums it brings and the row that made it."""

    outcome: str
    row: str
    deposit: Decimal = Decimal(0)
    limit: Decimal = Decimal(0)

    def same_as(self, other: "Verdict") -> bool:
        """The row does not matter: tables number theirs differently."""
        return (self.outcome, self.deposit, self.limit) == (other.outcome, other.deposit, other.limit)


@dataclass(frozen=True, slots=True)
class Changed:
    """An order that would have been decided otherwise."""

    order: str
    order_date: str
    customer: str
    customer_name: str
    before: Verdict
    after: Verdict
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DryRun:
    """Orders looked at; those decided otherwise; `unclear`: the table would have asked the bureau, and nobody did;
    `unknown`: their decision kept no inputs, or another set of them."""

    total: int
    changed: tuple[Changed, ...]
    unclear: int = 0
    unknown: int = 0

    @property
    def moves(self) -> dict[tuple[str, str], int]:
        """(outcome before, after) -> how many orders."""
        found: dict[tuple[str, str], int] = {}
        for each in self.changed:
            pair = (each.before.outcome, each.after.outcome)
            found[pair] = found.get(pair, 0) + 1
        return found


def dry_run(table: Mapping[str, Any], past: Iterable[Mapping[str, Any]]) -> DryRun:
    """Try a table that lint found nothing in; `past`: as queries_credit.past_decisions gives them."""
    rules = CreditTable(table)
    total = unclear = unknown = 0
    changed: list[Changed] = []
    for each in past:
        total += 1
        decision = each.get("decision") or {}
        values = decision.get("inputs") or {}
        # What has no value is left out of a document that went through the database.
        values = {name: values.get(name) for name in INPUTS} if values else {}
        if not values or any(value is None and not INPUTS[name].optional for name, value in values.items()):
            unknown += 1
            continue
        if "bureau" not in decision and rules.needs_bureau(values):
            unclear += 1
            continue
        after = rules.decide(values)
        then, now = _kept(decision), Verdict(after.outcome.value, after.rule, after.deposit, after.limit)
        if not then.same_as(now):
            client = with_role(each.get("customer"), "customer") or {}
            changed.append(
                Changed(
                    each["order"],
                    each.get("orderDate") or "",
                    client.get("id", ""),
                    client.get("name") or client.get("id", ""),
                    then,
                    now,
                    values,
                )
            )
    return DryRun(total, tuple(changed), unclear, unknown)


def _kept(decision: Mapping[str, Any]) -> Verdict:
    deposit, limit = (Decimal(str(decision.get(name) or 0)) for name in ("deposit", "limit"))
    return Verdict(decision["outcome"], str(decision.get("rule", "-")), deposit, limit)
