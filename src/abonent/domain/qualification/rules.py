"""Can it be delivered, and may it be sold on credit? Pure: facts in, a decision with its reasons out.

Feasibility (OH-1): coverage at the address, free capacity, compatibility with what the client holds or orders.
Credit (OH-2): an operator's decision table, first row that fits; the row and the table's version stay with the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from abonent.kit.errors import N_, BadInput
from abonent.kit.values import amount_of


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. `text` is an English sentence with named facts and the key of its translation."""

    code: str
    text: str
    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        return {"code": self.code, "text": self.text, "ok": self.ok, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class AccessPath:
    """An access node that reaches an address: its technology, what it carries at most, ports that are free."""

    node: str
    technology: str
    downstream_mbps: int
    free_ports: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order item needs of the network and of the client's other products.

    technologies     access technologies that can carry it; empty: it needs no access line
    requires/excludes  ids of product specifications the client must (must not) hold or order besides
    requires_any     ids of which he must have one at least (television over any of the internet speeds)
    keeps_access     it changes a product that already has its line: no new port is needed
    """

    offering: str
    name: str
    specification: str | None
    technologies: tuple[str, ...] = ()
    downstream_mbps: int = 0
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    keeps_access: bool = False
    requires_any: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Answer for one demand: the path that would carry it, reasons, and offerings that would fit instead."""

    eligible: bool
    reasons: tuple[Reason, ...]
    path: AccessPath | None = None
    alternatives: tuple[str, ...] = ()


def _access(
    demand: Demand, address: str | None, paths: Sequence[AccessPath]
) -> tuple[AccessPath | None, Reason]:
    """The best path for a demand: fast enough, with a free port, slowest sufficient first (keeps fast ones free)."""
    facts: dict[str, Any] = {"name": demand.name, "mbps": demand.downstream_mbps}
    if address is None:
        return None, Reason(
            "addressMissing", N_("{name} needs an installation address; the item names none."), False, facts
        )
    fitting = [p for p in paths if p.technology in demand.technologies]
    if not fitting:
        facts["technologies"] = ", ".join(demand.technologies)
        return None, Reason("noCoverage", N_("No {technologies} network reaches this address."), False, facts)
    fast = [p for p in fitting if p.downstream_mbps >= demand.downstream_mbps]
    if not fast:
        facts["best"] = max(p.downstream_mbps for p in fitting)
        return None, Reason(
            "tooSlow", N_("The line here carries {best} Mbit/s at most; {name} needs {mbps}."), False, facts
        )
    free = [p for p in fast if p.free_ports > 0 or demand.keeps_access]
    if not free:
        facts["node"] = fast[0].node
        return None, Reason("noCapacity", N_("Access node {node} has no free port."), False, facts)
    best = min(free, key=lambda p: (p.downstream_mbps, -p.free_ports, p.node))
    facts |= {"node": best.node, "technology": best.technology, "free": best.free_ports}
    return best, Reason(
        "covered", N_("{technology} from access node {node}, {free} ports free."), True, facts
    )


def qualify(
    demand: Demand,
    address: str | None,
    paths: Sequence[AccessPath],
    held: Iterable[str],
    others: Iterable[Demand] = (),
) -> Feasibility:
    """Whether `demand` can be delivered at `address` to a client who holds the specifications `held`.

    `others` are the catalogue's other offerings; those that would fit here are named as alternatives.
    """
    reasons: list[Reason] = []
    path = None
    if demand.technologies:
        path, reason = _access(demand, address, paths)
        reasons.append(reason)
    owned = set(held)
    missing = [needed for needed in demand.requires if needed not in owned]
    if demand.requires_any and owned.isdisjoint(demand.requires_any):
        missing.append(" / ".join(demand.requires_any))
    for needed in missing:
        facts = {"name": demand.name, "needed": needed}
        reasons.append(Reason("needsProduct", N_("{name} works only together with {needed}."), False, facts))
    for rival in demand.excludes:
        if rival in owned:
            facts = {"name": demand.name, "rival": rival}
            reasons.append(
                Reason(
                    "excludedBy",
                    N_("{name} cannot stand beside {rival}, which the client has."),
                    False,
                    facts,
                )
            )
    if demand.requires or demand.requires_any or demand.excludes or not reasons:
        compatible = all(r.ok for r in reasons if r.code in {"needsProduct", "excludedBy"})
        if compatible:
            reasons.append(Reason("compatible", N_("Compatible with the client's products."), True))
    eligible = all(r.ok for r in reasons)
    alternatives = () if eligible else _alternatives(demand, address, paths, owned, others)
    return Feasibility(eligible, tuple(reasons), path, alternatives)


def _alternatives(
    demand: Demand,
    address: str | None,
    paths: Sequence[AccessPath],
    owned: set[str],
    others: Iterable[Demand],
) -> tuple[str, ...]:
    """At most three offerings of the same kind (they need an access line too) that fit, fastest first."""
    if not demand.technologies:
        return ()
    fitting = [
        o
        for o in others
        if o.offering != demand.offering and o.technologies and qualify(o, address, paths, owned).eligible
    ]
    fitting.sort(key=lambda o: (-o.downstream_mbps, o.offering))
    return tuple(o.offering for o in fitting[:3])


class CreditOutcome(StrEnum):
    APPROVE = "approve"
    DEPOSIT = "approveWithDeposit"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """What the decision table may ask. Money is in the operator's currency, tenure in whole months."""

    arrears: Decimal
    open_orders: Decimal
    monthly: Decimal
    credit_limit: Decimal | None
    tenure_months: int
    business: bool

    def value(self, name: str) -> Decimal | bool:
        values: dict[str, Decimal | bool] = {
            "arrears": self.arrears,
            "openOrders": self.open_orders,
            "monthly": self.monthly,
            "exposure": self.arrears + self.open_orders + self.monthly,
            "overLimit": self.credit_limit is not None
            and self.arrears + self.open_orders + self.monthly > self.credit_limit,
            "tenureMonths": Decimal(self.tenure_months),
            "business": self.business,
        }
        return values[name]


_TRUTHS = frozenset({"overLimit", "business"})
_COMPARE = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
OPERATORS = tuple(_COMPARE)


@dataclass(frozen=True, slots=True)
class CreditDecision:
    """The outcome, the row that made it ("2" is the second), why, and the deposit asked (0 for none)."""

    outcome: CreditOutcome
    rule: str
    policy_version: str
    reasons: tuple[Reason, ...]
    deposit: Decimal = Decimal(0)


def decide_credit(policy: Mapping[str, Any], facts: CreditFacts) -> CreditDecision:
    """First row of the policy whose conditions all hold. A table without a match refers to a person:
    falling through silently would sell on no decision at all."""
    version = str(policy.get("version", "1"))
    for number, rule in enumerate(policy.get("rule", ()), 1):
        if all(_holds(condition, facts) for condition in rule.get("when", ())):
            outcome = CreditOutcome(rule["outcome"])
            months = Decimal(str(rule.get("depositMonths", 0)))
            deposit = (facts.monthly * months).quantize(Decimal("0.01"))
            text = rule.get("reason") or rule["outcome"]
            ok = outcome in {CreditOutcome.APPROVE, CreditOutcome.DEPOSIT}
            reason = Reason(
                "creditRule", text, ok, {c["fact"]: str(facts.value(c["fact"])) for c in rule.get("when", ())}
            )
            return CreditDecision(outcome, str(number), version, (reason,), deposit)
    reason = Reason("noRule", N_("No row of the credit policy fits this client; a person decides."), False)
    return CreditDecision(CreditOutcome.REFER, "-", version, (reason,))


def _holds(condition: Mapping[str, Any], facts: CreditFacts) -> bool:
    actual = facts.value(condition["fact"])
    wanted = condition["value"]
    if isinstance(actual, bool):
        return actual == bool(wanted)
    return bool(_COMPARE[condition["operator"]](actual, Decimal(str(wanted))))


def check_policy(policy: Mapping[str, Any]) -> None:
    """Refuse a table with a row that could not be decided by. Raises BadInput that names it."""
    for number, rule in enumerate(policy.get("rule", ()), 1):
        for condition in rule.get("when") or ():
            _check_condition(number, condition)
        months = rule.get("depositMonths")
        asks = rule["outcome"] == CreditOutcome.DEPOSIT
        if (months is None and asks) or (months is not None and months < 0):
            raise BadInput(
                "depositMissing",
                N_("Row {row}: depositMonths must say how many months are asked in advance, 0 or more."),
                row=number,
                path=f"rule[{number - 1}].depositMonths",
            )


def _check_condition(number: int, condition: Mapping[str, Any]) -> None:
    fact, value = condition["fact"], condition["value"]
    path = f"rule[{number - 1}].when"
    if fact in _TRUTHS:
        if not isinstance(value, bool) or condition["operator"] != "eq":
            raise BadInput(
                "badCondition",
                N_("Row {row}: {fact} is true or false; compare it with true or false by eq."),
                row=number,
                fact=fact,
                path=path,
            )
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadInput(
            "badCondition",
            N_("Row {row}: {fact} is compared with a number."),
            row=number,
            fact=fact,
            path=path,
        )


DEFAULT_CREDIT_POLICY: dict[str, Any] = {
    "id": "default",
    "name": "Credit policy",
    "version": "1",
    "rule": [
        {
            "when": [{"fact": "arrears", "operator": "gt", "value": 5000}],
            "outcome": "decline",
            "reason": N_("Arrears are above 5,000."),
        },
        {
            "when": [{"fact": "overLimit", "operator": "eq", "value": True}],
            "outcome": "refer",
            "reason": N_("Arrears, open orders and this order together exceed the credit limit."),
        },
        {
            "when": [{"fact": "arrears", "operator": "gt", "value": 0}],
            "outcome": "refer",
            "reason": N_("The client has arrears."),
        },
        {
            "when": [
                {"fact": "tenureMonths", "operator": "lt", "value": 1},
                {"fact": "monthly", "operator": "gt", "value": 10000},
            ],
            "outcome": "approveWithDeposit",
            "depositMonths": 1,
            "reason": N_("A new client with a large monthly charge: one month is asked in advance."),
        },
        {"when": [], "outcome": "approve", "reason": N_("No arrears, within the credit limit.")},
    ],
}


def arrears(accounts: Iterable[Mapping[str, Any]]) -> Decimal:
    """What the client owes overdue: balances of accounts whose payment status says so (TMF666)."""
    return sum(
        (
            amount_of(balance.get("amount"))
            for account in accounts
            if str(account.get("paymentStatus", "")).lower()
            in {"in arrears", "inarrears", "overdue", "delinquent"}
            for balance in account.get("accountBalance") or ()
            if balance.get("balanceType") == "receivableBalance"
        ),
        Decimal(0),
    )


def whole_months(since: datetime, now: datetime) -> int:
    """Whole months a client has been one."""
    months = (now.year - since.year) * 12 + now.month - since.month
    return max(0, months - (now.day < since.day))
