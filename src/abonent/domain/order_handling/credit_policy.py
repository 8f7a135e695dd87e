"""The credit check of an order: its facts, the table in force, the bureau where the table asks for it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from abonent.domain.party.resources import BILLING_ACCOUNT
from abonent.domain.qualification.credit_bureau import bureau_of
from abonent.domain.qualification.queries_credit import credit_history
from abonent.domain.qualification.rules import Reason
from abonent.domain.qualification.rules_credit import (
    SHIPPED,
    CreditDecision,
    CreditOutcome,
    CreditTable,
    inputs_of,
    with_bureau,
)
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.errors import N_
from abonent.kit.values import Money, amount_of


async def decide(
    ctx: Context,
    order_id: str,
    customer: Mapping[str, Any],
    *,
    monthly: Decimal,
    one_time: Decimal,
    ask: bool = True,
) -> CreditDecision:
    """What the table in force says of an order with these sums. The bureau is asked only where the first row that may
    be the client's wants its answer. `ask` False (a preview): it is not asked, and then its answer is left open."""
    now = ctx.now()
    history, own = await credit_history(ctx.store, customer["id"], order_id, now)
    table = CreditTable(own or SHIPPED)
    values = inputs_of(history, customer, monthly=monthly, one_time=one_time, now=now)
    if not table.needs_bureau(values):
        return table.decide(values)
    bureau = await bureau_of(ctx, customer, ask=ask)
    if bureau is None:
        reason = Reason(
            "bureauLater",
            N_(
                "Nothing of its own history stands against it; the credit bureau is asked when the order is placed."
            ),
            True,
        )
        return replace(table.decide(values), outcome=CreditOutcome.APPROVE, reasons=(reason,))
    return table.decide(with_bureau(values, bureau), bureau)


async def set_limit(
    ctx: Context, change: Change, accounts: list[dict[str, Any]], limit: Decimal, currency: str
) -> None:
    """Lower the credit limit of a client's accounts to what he was approved with; one that is lower stays."""
    found = await ctx.store.find((BILLING_ACCOUNT, each["id"]) for each in accounts)
    for stored in found.values():
        has = stored.document.get("creditLimit")
        if not has or amount_of(has) > limit:
            change.update(stored, stored.document | {"creditLimit": Money(limit, currency).document()})
