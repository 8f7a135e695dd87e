"""Giving money back: through the payment provider by a job, or otherwise by a person who names the document."""

from typing import Any

from abonent.domain.order_handling import rules_refund as rules
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentAway, PaymentProvider, PaymentRefund, PaymentRefused
from abonent.kit.access import SYSTEM
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.jobs import TryAgain
from abonent.kit.retry import repeated
from abonent.kit.values import amount_of, to_wire

Document = dict[str, Any]
REFUND = "order_handling.refund_payment"


def may(ctx: Context) -> bool:
    """Whether this caller may give money back."""
    return ctx.caller.role in PAYMENT_REQUEST.permissions.write


async def _own(ctx: Context, id: str) -> Stored:
    """The request, for a caller who may write it. Forbidden, NotFound."""
    PAYMENT_REQUEST.permissions.demand(ctx.caller, write=True, what=PAYMENT_REQUEST.name)
    return await ctx.store.get(ctx.caller, PAYMENT_REQUEST, id)


async def send_back(ctx: Context, id: str) -> Document:
    """Have the provider send back what came through him for order `id`. IllegalMove when none did, when it is on its
    way, or when there is no provider."""
    if ctx.ports.get(PaymentProvider) is None:
        raise IllegalMove(
            "noProvider",
            N_("No payment provider is connected here: give the money back otherwise and note it."),
        )

    async def once() -> Document:
        stored = await _own(ctx, id)
        after = rules.sent(stored.document)
        change = ctx.change()
        change.update(stored, after)
        change.defer(REFUND, id=id)
        await ctx.store.commit(change)
        return after

    return await repeated(once)


async def given_back(ctx: Context, id: str, document: str) -> Document:
    """A person gave all that is due of order `id` back in another way; `document` is the number of the transfer.
    BadInput, IllegalMove."""

    async def once() -> Document:
        stored = await _own(ctx, id)
        after = rules.by_hand(stored.document, document, ctx.caller.name, to_wire(ctx.now()))
        change = ctx.change()
        change.update(stored, after)
        await ctx.store.commit(change)
        return after

    return await repeated(once)


async def refund(ctx: Context, id: str, **_: Any) -> None:
    """Job: each payment of order `id` that came through the provider goes back through him, under a key of its own, so
    that asking again sends nothing twice. What he refuses is a person's."""
    provider = ctx.ports.get(PaymentProvider)
    stored = await ctx.store.one(PAYMENT_REQUEST, id)
    if stored is None or stored.state != "refunding":
        return
    if provider is None:
        await _note_refusal(ctx, id, N_("No payment provider is connected."))
        return
    for each in rules.by_provider(stored.document):
        ask = PaymentRefund(
            key=f"refund/{each['reference']}",
            reference=each["reference"],
            amount=amount_of(each["amount"]),
            currency=str(each["amount"].get("unit") or "RUB"),
        )
        try:
            number = await provider.refund(ask)
        except PaymentAway as away:
            raise TryAgain(str(away)) from away
        except PaymentRefused as no:
            await _note_refusal(ctx, id, str(no))
            return
        await _note(ctx, id, each["reference"], number)
    await _finish(ctx, id)


async def _note(ctx: Context, id: str, reference: str, number: str) -> None:
    async def once() -> None:
        stored = await ctx.store.one(PAYMENT_REQUEST, id)
        if stored is None:
            return
        after = rules.given(
            stored.document, {reference}, rules.BY_PROVIDER, SYSTEM.name, to_wire(ctx.now()), number
        )
        if after != stored.document:
            change = ctx.change()
            change.update(stored, after)
            await ctx.store.commit(change)

    await repeated(once)


async def _finish(ctx: Context, id: str) -> None:
    """What is left came otherwise: it stays due."""

    async def once() -> None:
        stored = await ctx.store.one(PAYMENT_REQUEST, id)
        if stored is not None and stored.state == "refunding":
            change = ctx.change()
            change.update(stored, stored.document | {"state": "refundDue"})
            await ctx.store.commit(change)

    await repeated(once)


async def _note_refusal(ctx: Context, id: str, reason: str) -> None:
    async def once() -> None:
        stored = await ctx.store.one(PAYMENT_REQUEST, id)
        if stored is not None and stored.state in rules.OWED:
            change = ctx.change()
            change.update(stored, rules.refused(stored.document, reason, to_wire(ctx.now())), reason)
            await ctx.store.commit(change)

    await repeated(once)


async def change_request(ctx: Context, stored: Stored, document: Document) -> Document:
    """A patch by a person: money that is due back goes back through the provider (state refunding) or was given back
    otherwise (state refunded, with refundDocument). IllegalMove for anything else."""
    if document == stored.document:
        return document
    if document.get("state") == "refunding":
        return await send_back(ctx, stored.id)
    if document.get("state") == "refunded" and stored.state != "refunded":
        return await given_back(ctx, stored.id, str(document.get("refundDocument") or ""))
    raise IllegalMove(
        "requestByProcess",
        N_("A payment request moves with its order; a person gives back what is due (refunding, refunded)."),
    )


# Background jobs by name.
JOBS = ((REFUND, refund),)
