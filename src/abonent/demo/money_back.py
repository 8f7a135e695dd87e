"""Deposits of the demo that came when their orders were over: some wait to be given back, the first of them went."""

from datetime import datetime, timedelta

from abonent.domain.order_handling import rules_deposit, rules_refund
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.queries_refund import RefundFilter, refunds_listed
from abonent.kit.context import Context
from abonent.kit.values import Money, amount_of, from_wire, to_wire

_PAID, _GIVEN = 7, 3


async def pay_late(ctx: Context, now: datetime) -> None:
    """A few clients pay two days after they were asked, for orders that were cancelled by then."""
    cancelled, _ = await refunds_listed(ctx.store, RefundFilter("cancelled"))
    ids = [each["id"] for each in cancelled if from_wire(each["since"]) + timedelta(days=2) < now][-_PAID:]
    change = ctx.change()
    for stored in (await ctx.store.find((PAYMENT_REQUEST, id) for id in ids)).values():
        request = stored.document
        at = to_wire(from_wire(request["since"]) + timedelta(days=2))
        money = Money(amount_of(request["amount"]), str(request["amount"].get("unit") or "RUB"))
        change.update(stored, rules_deposit.refund(request, f"PAY-{stored.id[2:]}", money, at))
    if not change.writes:
        return
    await ctx.store.commit(change)
    await _give_back(ctx, ids[:_GIVEN], now)


async def _give_back(ctx: Context, ids: list[str], now: datetime) -> None:
    """By bank, three days later."""
    change = ctx.change()
    for stored in (await ctx.store.find((PAYMENT_REQUEST, id) for id in ids)).values():
        at = min(from_wire(rules_refund.due_since(stored.document)) + timedelta(days=3), now)
        number = f"PP-{stored.id[2:]}"
        change.update(stored, rules_refund.by_hand(stored.document, number, "admin", to_wire(at)))
    await ctx.store.commit(change)
