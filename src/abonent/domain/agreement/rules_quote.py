"""What a quote costs and who may grant it. Pure.

Price = cost x (1 + margin), of the policy's margins; who alters it below the least margin, or above what his role may
approve, needs somebody with more. Amounts are Decimal, in one currency, with tax.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from abonent.kit.access import Role
from abonent.kit.errors import N_, BadInput, Forbidden
from abonent.kit.values import Money, amount_of

Document = Mapping[str, Any]
CENT = Decimal("0.01")
# From least to most; the system acts for a person who was asked before.
_RANKS = (Role.AGENT, Role.ENGINEER, Role.MANAGER, Role.ADMIN)

DEFAULT_POLICY: Document = {
    "id": "default",
    "name": "Shipped with Abonent",
    "version": "0",
    "marginOnce": Decimal("0.25"),
    "marginMonthly": Decimal("0.40"),
    "minimumMargin": Decimal("0.10"),
    "quoteDays": 14,
    "answerDays": 3,
    "similarMetres": 300,
    "approvalLimit": [
        {"role": "engineer", "once": Decimal(50_000), "monthly": Decimal(5_000)},
        {"role": "manager", "once": Decimal(1_000_000), "monthly": Decimal(100_000)},
        {"role": "admin", "once": Decimal(10_000_000), "monthly": Decimal(1_000_000)},
    ],
}


@dataclass(frozen=True, slots=True)
class Sum:
    """What something costs once and a month."""

    once: Decimal
    monthly: Decimal
    currency: str = "RUB"

    def document(self) -> dict[str, Any]:
        """The two as Money values."""
        return {
            "once": Money(self.once, self.currency).document(),
            "monthly": Money(self.monthly, self.currency).document(),
        }


def read_sum(document: Document | None) -> Sum:
    """The reverse of Sum.document; zero for what is missing."""
    found = document or {}
    unit = next((m["unit"] for m in (found.get("once"), found.get("monthly")) if m and m.get("unit")), "RUB")
    return Sum(amount_of(found.get("once")), amount_of(found.get("monthly")), unit)


def proposed(cost: Sum, policy: Document) -> Sum:
    """The price that the policy's margins give, to the hundredth."""
    return Sum(
        _with_margin(cost.once, policy["marginOnce"]),
        _with_margin(cost.monthly, policy["marginMonthly"]),
        cost.currency,
    )


def _with_margin(cost: Decimal, margin: Any) -> Decimal:
    return (cost * (1 + Decimal(str(margin)))).quantize(CENT, ROUND_HALF_UP)


def margin_of(price: Decimal, cost: Decimal) -> Decimal | None:
    """What is earned as a share of the cost; None where nothing is spent."""
    return (price - cost) / cost if cost else None


def thin(price: Sum, cost: Sum, policy: Document) -> bool:
    """Whether a price earns less than the policy's least margin, once or a month."""
    least = Decimal(str(policy["minimumMargin"]))
    shares = (margin_of(price.once, cost.once), margin_of(price.monthly, cost.monthly))
    return any(share is not None and share < least for share in shares)


def limit_of(policy: Document, role: Role) -> Sum:
    """The most that a role approves by itself; nothing where the policy does not name it."""
    if role is Role.SYSTEM:
        role = Role.ADMIN
    for row in policy["approvalLimit"]:
        if row["role"] == role.value:
            return Sum(Decimal(str(row["once"])), Decimal(str(row["monthly"])))
    return Sum(Decimal(-1), Decimal(-1))


def may_approve(policy: Document, role: Role, cost: Sum) -> bool:
    """Whether a cost lies within what a role approves."""
    limit = limit_of(policy, role)
    return cost.once <= limit.once and cost.monthly <= limit.monthly


def who_may(policy: Document, cost: Sum) -> list[Role]:
    """Roles whose limit covers a cost, from the least."""
    return [role for role in _RANKS if may_approve(policy, role, cost)]


def demand_approval(policy: Document, role: Role, cost: Sum) -> None:
    """Forbidden that names the limit and who may, unless the role may approve this cost."""
    if may_approve(policy, role, cost):
        return
    limit = limit_of(policy, role)
    able = ", ".join(each.value for each in who_may(policy, cost)) or "-"
    raise Forbidden(
        "aboveLimit",
        N_(
            "Role {role} may approve up to {once} once and {monthly} a month; this costs {cost_once} once and"
            " {cost_monthly} a month. It needs one of: {able}."
        ),
        role=role.value,
        once=str(max(limit.once, Decimal(0))),
        monthly=str(max(limit.monthly, Decimal(0))),
        cost_once=str(cost.once),
        cost_monthly=str(cost.monthly),
        able=able,
    )


def may_price(role: Role) -> bool:
    """Whether a role may grant a price below the least margin."""
    return role in {Role.MANAGER, Role.ADMIN, Role.SYSTEM}


def check_policy(policy: Document) -> None:
    """BadInput for a policy that could not decide: a role named twice, shares or days out of bounds."""
    roles = [row["role"] for row in policy["approvalLimit"]]
    if len(set(roles)) != len(roles):
        raise BadInput(
            "roleTwice", N_("{path}: a role stands twice. Leave one row a role."), path="approvalLimit"
        )
    for row in policy["approvalLimit"]:
        _within(row["once"], "approvalLimit.once", 0, 10**12)
        _within(row["monthly"], "approvalLimit.monthly", 0, 10**12)
    for name in ("marginOnce", "marginMonthly", "minimumMargin"):
        _within(policy[name], name, 0, 100)
    for name, most in (("quoteDays", 366), ("answerDays", 90), ("similarMetres", 100_000)):
        _within(policy[name], name, 1 if name != "similarMetres" else 0, most)


def _within(value: Any, path: str, least: int, most: int) -> None:
    if not least <= Decimal(str(value)) <= most:
        raise BadInput(
            "outOfBounds",
            N_("{path} lies between {least} and {most}; {given} does not."),
            path=path,
            least=least,
            most=most,
            given=str(value),
        )


def price_entries(price: Sum) -> list[dict[str, Any]]:
    """The price of a quote's item, as TMF648 says it; a part that is nothing is left out."""
    entries = []
    if price.once:
        entries.append(
            {
                "priceType": "oneTime",
                "name": "once",
                "price": {"taxIncludedAmount": Money(price.once, price.currency).document()},
            }
        )
    if price.monthly or not price.once:
        entries.append(
            {
                "priceType": "recurring",
                "recurringChargePeriod": "month",
                "name": "monthly",
                "price": {"taxIncludedAmount": Money(price.monthly, price.currency).document()},
            }
        )
    return entries


def price_of(entries: Iterable[Document] | None) -> Sum:
    """The reverse of `price_entries`, for a list of quote or order prices."""
    once = monthly = Decimal(0)
    currency = "RUB"
    for entry in entries or ():
        amount = (entry.get("price") or {}).get("taxIncludedAmount")
        currency = (amount or {}).get("unit") or currency
        if entry.get("priceType") == "recurring":
            monthly += amount_of(amount)
        else:
            once += amount_of(amount)
    return Sum(once, monthly, currency)
