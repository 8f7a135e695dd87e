"""Deposits: asked for when credit is given against one, paid by a link, reminded of, given up when the term is over.

The credit case says what is owed and what came; the payment request follows it, so that money noted by hand and money
reported by the provider end alike.
"""

from decimal import Decimal
from typing import Any

import structlog

from abonent.domain.order_handling import credit_cases, rules_refund
from abonent.domain.order_handling import rules_deposit as rules
from abonent.domain.order_handling.cancel import note_cancel
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.deposit_resources import DEPOSIT_POLICY, PAYMENT_REQUEST
from abonent.domain.order_handling.intake import ASSESS
from abonent.domain.order_handling.ports import (
    OrderLinks,
    PaymentAsk,
    PaymentAway,
    PaymentProvider,
    PaymentRefused,
    PaymentReport,
)
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_credit_cases import with_wording
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import language_of
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.i18n import Translator
from abonent.kit.jobs import TryAgain
from abonent.kit.retry import repeated
from abonent.kit.values import Money, amount_of, from_wire, to_wire

log = structlog.get_logger("deposit")
Document = dict[str, Any]
FOLLOW = rules.FOLLOW
OPEN = "order_handling.open_payment"
CLOSE = "order_handling.close_payment"
REMIND = "order_handling.remind_of_deposit"
EXPIRE = "order_handling.expire_deposit"
EVENTS = tuple(CREDIT_CASE.event_type(kind) for kind in ("Create", "StateChange", "AttributeValueChange"))
_DESCRIPTION = N_("Deposit for order {order}")


def _timer(order: str, what: str) -> str:
    return f"deposit/{order}/{what}"


async def _look(ctx: Context, order: str) -> tuple[Stored | None, Stored | None, Stored | None]:
    """Order, credit case and payment request."""
    found = await ctx.store.find([(PRODUCT_ORDER, order), (CREDIT_CASE, order), (PAYMENT_REQUEST, order)])
    return (
        found.get((PRODUCT_ORDER.name, order)),
        found.get((CREDIT_CASE.name, order)),
        found.get((PAYMENT_REQUEST.name, order)),
    )


async def policy(ctx: Context) -> rules.Policy:
    """How deposits are asked for now."""
    stored = await ctx.store.one(DEPOSIT_POLICY, "default")
    return rules.policy_of(stored.document if stored else None)


async def follow(ctx: Context, id: str, **_: Any) -> None:
    """Job: the credit case of order `id` changed; ask for its deposit, for another sum, or for nothing any more."""

    async def once() -> None:
        order, case, request = await _look(ctx, id)
        change = ctx.change()
        known = request.document if request else None
        if case is not None and rules.awaited(case.document, order.state if order else None):
            terms = await policy(ctx)
            fresh = rules.asked(known, case.document, terms, ctx.now())
            if fresh is None:
                return
            _ask(change, request, fresh, terms)
        elif request is not None and request.state in rules.ASKING:
            state = rules.ended(request.document, case.document if case else None)
            change.update(request, _kept(ctx, order, case, request.document | {"state": state}))
            _stop(change, id)
            _close(change, request, paid=state == "paid")
        elif request is not None and (due := _kept(ctx, order, case, request.document)) != request.document:
            change.update(request, due)
        else:
            return
        await ctx.store.commit(change)

    await repeated(once)


def _kept(ctx: Context, order: Stored | None, case: Stored | None, request: Document) -> Document:
    """The request, with what was paid for an order that is over as money due back."""
    return rules_refund.kept(
        request, case.document if case else None, order.state if order else None, to_wire(ctx.now())
    )


def _ask(change: Change, request: Stored | None, fresh: Document, terms: rules.Policy) -> None:
    id = fresh["id"]
    if request is None:
        change.insert(PAYMENT_REQUEST, fresh)
    else:
        change.update(request, fresh)
        _close(change, request)
    change.defer(OPEN, order=id)
    if request is not None and request.state in rules.ASKING:
        return  # another sum of the same request: its term goes on
    change.set_timer(_timer(id, "end"), from_wire(fresh["due"]), EXPIRE, order=id)
    for number, at in enumerate(rules.reminders(fresh, terms), 1):
        change.set_timer(
            _timer(id, f"remind-{number}"), at, REMIND, order=id, since=fresh["since"], number=number
        )


def _stop(change: Change, order: str) -> None:
    """A reminder that comes in spite of it finds nothing to remind of."""
    change.stop_timer(_timer(order, "end"))


def _close(change: Change, request: Stored, *, paid: bool = False) -> None:
    """Have the provider take back what it was asked for, unless that was paid."""
    if request.document.get("providerId") and request.state == "open" and not paid:
        change.defer(CLOSE, id=request.document["providerId"])


async def open_payment(ctx: Context, order: str, **_: Any) -> None:
    """Job: have the provider make the payment that is asked for. Without a provider the request waits for a person who
    notes the money."""
    provider = ctx.ports.get(PaymentProvider)
    stored = await ctx.store.one(PAYMENT_REQUEST, order)
    if provider is None or stored is None or stored.state != "asked":
        return
    request = stored.document
    links = ctx.ports.get(OrderLinks)
    client = await ctx.store.one(CUSTOMER_, request["customer"]["id"])
    language = language_of(client.document if client else None)
    ask = PaymentAsk(
        key=request["key"],
        amount=amount_of(request["amount"]),
        currency=request["amount"]["unit"],
        description=Translator(language).gettext(_DESCRIPTION, order=order),
        language=language,
        until=from_wire(request["due"]),
        back=links.address(order) if links is not None else "",
    )
    try:
        link = await provider.create(ask)
    except PaymentAway as away:
        raise TryAgain(str(away)) from away
    except PaymentRefused as refused:
        log.error(
            "the provider takes no payment; a person has to see to it", order=order, reason=str(refused)
        )
        return

    async def once() -> None:
        current = await ctx.store.one(PAYMENT_REQUEST, order)
        change = ctx.change()
        if current is None or current.state != "asked" or current.document["key"] != request["key"]:
            change.defer(CLOSE, id=link.id)
        else:
            opened = {"state": "open", "providerId": link.id, "payUrl": link.url}
            change.update(current, current.document | opened)
        await ctx.store.commit(change)

    await repeated(once)


async def close_payment(ctx: Context, id: str, **_: Any) -> None:
    """Job: have the provider take a payment back."""
    provider = ctx.ports.get(PaymentProvider)
    if provider is None:
        return
    try:
        await provider.cancel(id)
    except PaymentAway as away:
        raise TryAgain(str(away)) from away
    except PaymentRefused as refused:
        log.warning("the provider keeps a payment open", payment=id, reason=str(refused))


async def report(ctx: Context, told: PaymentReport) -> None:
    """The provider tells what became of a payment: late, twice or out of order. BadInput for a payment that was never
    asked for, or in another currency."""
    id = told.key.rpartition("/")[0]

    async def once() -> None:
        order, case, request = await _look(ctx, id)
        if request is None:
            raise BadInput("paymentUnknown", N_("No payment {key} was asked for."), key=told.key[:100])
        if told.status == "paid":
            await _paid(ctx, told, order, case, request)
        elif told.status == "expired" and request.state == "open" and request.document["key"] == told.key:
            attempt = int(request.document["attempt"]) + 1
            gone = {"providerId", "payUrl"}
            fresh = {k: v for k, v in request.document.items() if k not in gone}
            fresh |= {"state": "asked", "attempt": attempt, "key": f"{id}/{attempt}"}
            change = ctx.change()
            change.update(request, fresh)
            change.defer(OPEN, order=id)
            await ctx.store.commit(change)

    await repeated(once)


async def _paid(
    ctx: Context, told: PaymentReport, order: Stored | None, case: Stored | None, request: Stored
) -> None:
    """Money came: it goes to the credit case while the order waits for it, else it is due back."""
    if rules.known_reference(case.document if case else None, request.document, told.reference):
        return
    if told.currency != request.document["amount"]["unit"]:
        raise BadInput("otherCurrency", N_("{path}: a deposit in another currency."), path="currency")
    if case is not None and rules.awaited(case.document, order.state if order else None):
        try:
            await credit_cases.pay(ctx.for_caller(SYSTEM), case, told.reference, told.amount)
            return
        except IllegalMove:
            pass  # the order ended at the same moment
    change = ctx.change()
    money = Money(told.amount, told.currency)
    change.update(request, rules.refund(request.document, told.reference, money, to_wire(ctx.now())))
    await ctx.store.commit(change)


async def remind(ctx: Context, order: str, since: str, number: int, **_: Any) -> None:
    """Job of the timer: the client is reminded (communication hears it), if he still has to pay."""

    async def once() -> None:
        stored, case, request = await _look(ctx, order)
        if request is None or request.state not in rules.ASKING or request.document["since"] != since:
            return
        if not rules.awaited(case.document if case else None, stored.state if stored else None):
            return  # the order ended meanwhile
        if int(request.document.get("reminders") or 0) >= number:
            return
        change = ctx.change()
        change.update(request, request.document | {"reminders": number})
        await ctx.store.commit(change)

    await repeated(once)


async def expire(ctx: Context, order: str, **_: Any) -> None:
    """Job of the timer: the term is over. What is not paid is cancelled, and the client told why."""

    async def once() -> None:
        stored, case, request = await _look(ctx, order)
        if request is None or request.state not in rules.ASKING:
            return
        if stored is None or case is None or not rules.awaited(case.document, stored.state):
            await follow(ctx, order)  # the order ended meanwhile: nothing is asked for any more
            return
        if from_wire(request.document["due"]) > ctx.now():
            return
        at = to_wire(ctx.now())
        client = await ctx.store.one(CUSTOMER_, request.document["customer"]["id"])
        said = Translator(language_of(client.document if client else None))
        document = with_wording(stored.document, said.gettext(rules.NOT_PAID), at)
        change = ctx.change()
        change.update(case, rules.lapsed(case.document, SYSTEM.name, at))
        change.update(
            request,
            rules_refund.kept(request.document | {"state": "expired"}, case.document, "cancelled", at),
        )
        _close(change, request)
        await note_cancel(
            ctx.for_caller(SYSTEM),
            change,
            stored,
            document | {"cancellationReason": rules.NOT_PAID},
            None,
            rules.NOT_PAID,
        )
        await ctx.store.commit(change)

    await repeated(once)


async def review(ctx: Context, order: str, **_: Any) -> None:
    """Job: a part of an order was cancelled while it waited; its deposit goes down with what is left."""

    async def once() -> None:
        stored, case, _request = await _look(ctx, order)
        if stored is None or case is None or not rules.awaited(case.document, stored.state):
            return
        monthly = _monthly(stored.document)
        less = rules.reduced(case.document, monthly, SYSTEM.name, to_wire(ctx.now()))
        if less is None:
            return
        change = ctx.change()
        change.update(case, less)
        if less["state"] == "approved":
            change.defer_first(ASSESS, order=order)
        await ctx.store.commit(change)

    await repeated(once)


def _monthly(order: Document) -> Decimal:
    prices = (p for p in order.get("orderTotalPrice") or () if p.get("priceType") == "recurring")
    return sum((amount_of((p.get("price") or {}).get("taxIncludedAmount")) for p in prices), Decimal(0))


async def create_policy(ctx: Context, document: Document) -> Document:
    """The policy of deposits; there is one, `default`. BadInput."""
    _only_default(document)
    rules.check_policy(document)
    return await plain(DEPOSIT_POLICY).create(ctx, document)


async def change_policy(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change it; what was asked for already keeps its term. BadInput."""
    rules.check_policy(document)
    return await plain(DEPOSIT_POLICY).change(ctx, stored, document)


def _only_default(document: Document) -> None:
    if document["id"] != "default":
        raise BadInput("onePolicy", N_("{path}: there is one policy of deposits: default."), path="id")


# Background jobs by name.
JOBS = (
    (FOLLOW, follow),
    (OPEN, open_payment),
    (CLOSE, close_payment),
    (REMIND, remind),
    (EXPIRE, expire),
    (rules.REVIEW, review),
)
