"""Cancelling an order or some of its items: by a patch, by a person in the console, by a TMF622 cancelProductOrder.

All three go through `cancel`: it is granted while no item is past its point of no return, and then what was done is
taken back by tasks of the plan. `rules_cancel` decides.
"""

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

from abonent.domain.order_handling import rules_porting, visits
from abonent.domain.order_handling.assessment import case_of, feasibility_of
from abonent.domain.order_handling.charges import priced
from abonent.domain.order_handling.intake import ASSESS, gather
from abonent.domain.order_handling.lines import copied, line, lines, with_state
from abonent.domain.order_handling.plan import key_of
from abonent.domain.order_handling.progress import Running, advance, load
from abonent.domain.order_handling.queries_cancel import open_cancellations
from abonent.domain.order_handling.resources import CANCEL_PRODUCT_ORDER, PRODUCT_ORDER
from abonent.domain.order_handling.rules_cancel import Leaving, leaving, open_items, taken_back
from abonent.domain.order_handling.rules_deposit import FOLLOW, REVIEW
from abonent.domain.order_handling.rules_numbers import CLOSE, holds
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, IllegalMove, NotFound, Problem
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, ref, to_wire

Document = dict[str, Any]

ASKED_FOR = N_("Cancellation was asked for")
CARRY_OUT = "order_handling.carry_out_cancellation"
# How an order comes to be cancelled from where it stands, once a plan was made for it.
_WAY = {
    "inProgress": ("assessingCancellation", "pendingCancellation"),
    "held": ("assessingCancellation", "pendingCancellation"),
    "pending": ("assessingCancellation", "pendingCancellation"),
    "assessingCancellation": ("pendingCancellation",),
}


async def cancel(
    ctx: Context,
    stored: Stored,
    document: Document,
    items: Collection[str] | None = None,
    reason: str | None = None,
) -> Document:
    """Cancel an order, or `items` of it, and return it as stored. `document`: the order, as patched by the caller;
    `reason`: why, where the order's own cancellationReason does not say it.

    IllegalMove when the order is over or an item is past its point of no return; it says what is still possible.
    """
    change = ctx.change()
    done = await note_cancel(ctx, change, stored, document, items, reason)
    await ctx.store.commit(change)
    return done


async def note_cancel(
    ctx: Context,
    change: Change,
    stored: Stored,
    document: Document,
    items: Collection[str] | None,
    reason: str | None = None,
) -> Document:
    """The same, noted in a change that the caller saves."""
    if stored.state in STATES.final:
        STATES.check(f"{PRODUCT_ORDER.name} {stored.id}", stored.state, "cancelled")
        raise IllegalMove("orderOver", N_("Order {order} is cancelled already."), order=stored.id)
    running = await load(ctx, stored.id)
    if running is not None and running.order.version != stored.version:
        stored = running.order
    going = leaving(stored.document, running.plan if running else None, items)
    reason = reason or str(document.get("cancellationReason") or ASKED_FOR)
    if not going.whole:
        await check_needs(ctx, document, going.items)
    if running is None:
        return await _unplanned(ctx, change, stored, document, going, reason)
    order = marked(change, stored, document, going.items, reason)
    plan = taken_back(running.plan, going.items, ctx.now(), reason=reason)
    via: tuple[str, ...] = ()
    if going.whole:
        via = _WAY[str(stored.state)]
        order["state"] = "pendingCancellation"
    else:
        order = await _repriced(ctx, order)
        if stored.state == "held" and not any(t.state == "failed" for t in plan.task):
            order = with_state(order, "inProgress", _held(order)) | {"state": "inProgress"}
    call_off(change, running, order, going.items, reason)
    advance(ctx, change, running, plan, order=order, via=via, reason=reason)
    return next(
        w.document for w in reversed(change.writes) if w.resource is PRODUCT_ORDER and w.document is not None
    )


def _held(order: Document) -> set[str]:
    return {item["id"] for item in lines(order) if item.get("state") == "held"}


def marked(change: Change, stored: Stored, document: Document, items: Iterable[str], reason: str) -> Document:
    """The order with these items on their way out, each move in the history."""
    for id in sorted(items):
        old = line(stored.document, id).get("state")
        steps = [
            old,
            *(("assessingCancellation",) if old != "assessingCancellation" else ()),
            "pendingCancellation",
        ]
        for before, after in pairwise(steps):
            change.flip(PRODUCT_ORDER, stored.id, f"item {id}", before, after, reason)
    return with_state(document, "pendingCancellation", set(items))


def call_off(change: Change, running: Running, order: Document, items: Collection[str], reason: str) -> None:
    """Call off the crews that were to come, or are there, for these items, and withdraw requests for numbers."""
    works = [
        visits.work_order_number(key_of(running.order.id, task))
        for task in running.plan.task
        if task.item in items
        and task.kind == visits.WORK_ORDER_TASK
        and task.state == "inProgress"
        and not task.undoes
    ]
    for task in rules_porting.tasks_of_porting(running.plan):
        if task.item in items and task.state == "inProgress":
            change.defer(rules_porting.WITHDRAW_JOB, request=key_of(running.order.id, task))
    appointments = visits.chosen_appointments(order, set(items))
    if works or appointments:
        change.defer(
            visits.CANCEL_WORK,
            order=running.order.id,
            works=works,
            appointments=appointments,
            reason=reason,
        )


async def _unplanned(
    ctx: Context, change: Change, stored: Stored, document: Document, going: Leaving, reason: str
) -> Document:
    """Nothing was begun: what is cancelled is so at once."""
    at = to_wire(ctx.now())
    order = with_state(document, "cancelled", set(going.items))
    if going.whole:
        order |= {"state": "cancelled", "cancellationDate": at}
        if stored.state in {"inProgress", "assessingCancellation"}:
            steps = [str(stored.state), *_WAY[str(stored.state)]]
            for before, after in pairwise(steps):
                change.flip(PRODUCT_ORDER, stored.id, "state", before, after, reason)
            stored = Stored(PRODUCT_ORDER, stored.document | {"state": steps[-1]}, stored.version)
    else:
        for id in sorted(going.items):
            before = line(stored.document, id).get("state")
            change.flip(PRODUCT_ORDER, stored.id, f"item {id}", before, "cancelled", reason)
        order = await _repriced(ctx, order)
        change.defer_first(ASSESS, order=stored.id)
        change.defer(REVIEW, order=stored.id)
    change.update(stored, order, reason)
    if going.whole:
        change.defer(FOLLOW, id=stored.id)
    if going.whole and holds(order):
        change.defer(CLOSE, order=stored.id)
    if going.whole and visits.chosen_appointments(order):
        change.defer(visits.CANCEL, order=stored.id, reason=reason)
    elif appointments := visits.chosen_appointments(order, going.items):
        change.defer(visits.CANCEL_WORK, order=stored.id, works=[], appointments=appointments, reason=reason)
    return order


async def _repriced(ctx: Context, order: Document) -> Document:
    """The order with the total of what is left of it."""
    facts, _ = await gather(ctx, order)
    case = await case_of(ctx, order, facts)
    return priced(copied(order), case.monthly, facts.products)


async def check_needs(ctx: Context, order: Document, going: Collection[str]) -> None:
    """IllegalMove when something that stays works only together with what goes."""
    rest = with_state(order, "cancelled", set(going))
    facts, _ = await gather(ctx, rest)
    if facts.customer is None:
        return
    case = await case_of(ctx, rest, facts)
    for item, answer in (await feasibility_of(ctx, case)).items():
        for reason in answer.reasons:
            if not reason.ok and reason.code == "needsProduct":
                raise IllegalMove(
                    "itemNeeded",
                    N_("Item {item} would be left alone: {reason} Cancel both, or neither."),
                    item=item,
                    reason=reason.text.format(**reason.facts),
                    path="productOrderItem",
                )


# ---- TMF622 cancelProductOrder


async def post_cancellation(ctx: Context, document: Document) -> Document:
    """Take a request to cancel (a validated TMF622 create) and return it as stored.

    It is decided at once, or at the date it asks for: `inProgress` while something is taken back, `done`, or
    `terminatedWithError` with the reason and the items that can still be cancelled. BadInput without such an order.
    """
    try:
        order = await ctx.store.get(ctx.caller, PRODUCT_ORDER, document["productOrder"]["id"])
    except NotFound as unknown:
        raise BadInput(
            "unknownProductOrder",
            N_("{path}: there is no order {order} that you may cancel."),
            path="productOrder.id",
            order=document["productOrder"]["id"],
        ) from unknown
    _wanted(document, order.document)
    new = document | {
        "id": await ctx.store.next_id(CANCEL_PRODUCT_ORDER),
        "productOrder": ref(order.document, "ProductOrder") | document["productOrder"],
        "creationDate": to_wire(ctx.now()),
        "relatedParty": order.document.get("relatedParty", []),
        "state": "acknowledged",
    }
    at = document.get("requestedCancellationDate")
    if at and from_wire(at) > ctx.now():
        change = ctx.change()
        change.insert(CANCEL_PRODUCT_ORDER, new)
        change.set_timer(f"cancel/{new['id']}", from_wire(at), CARRY_OUT, request=new["id"])
        await ctx.store.commit(change)
        return new

    async def once() -> Document:
        change = ctx.change()
        decided = await _decided(ctx, change, new)
        change.insert(CANCEL_PRODUCT_ORDER, decided)
        await ctx.store.commit(change)
        return decided

    return await repeated(once)


async def carry_out(ctx: Context, request: str, **_: Any) -> None:
    """Job of the timer: the date is there at which an order was to be cancelled."""

    async def once() -> None:
        stored = await ctx.store.get(SYSTEM, CANCEL_PRODUCT_ORDER, request)
        if stored.state != "acknowledged":
            return
        change = ctx.change()
        change.update(stored, await _decided(ctx, change, stored.document))
        await ctx.store.commit(change)

    await repeated(once)


async def _decided(ctx: Context, change: Change, request: Document) -> Document:
    """The request as decided; what follows for the order is noted in `change`."""
    order = await ctx.store.get(SYSTEM, PRODUCT_ORDER, request["productOrder"]["id"])
    given = {"cancellationReason": request["cancellationReason"]} if request.get("cancellationReason") else {}
    try:
        items = _wanted(request, order.document)
        cancelled = await note_cancel(
            ctx, change, order, order.document | (given if items is None else {}), items
        )
    except Problem as refused:
        if refused.status not in {400, 422}:
            raise
        change.flip(PRODUCT_ORDER, order.id, "cancellation", None, None, str(refused))
        free = refused.facts.get("items") or ()
        error: Document = {"code": refused.code, "reason": str(refused), "status": str(refused.status)}
        if free:
            error["productOrderItem"] = [
                {"productOrderId": order.id, "productOrderItemId": id} for id in free
            ]
        return request | {"state": "terminatedWithError", "errorMessage": error}
    return _closed(request, cancelled, ctx) or request | {"state": "inProgress"}


def _wanted(request: Document, order: Document) -> list[str] | None:
    asked = request.get("productOrderItem")
    if not asked:
        return None
    known = {item["id"] for item in lines(order)}
    for each in asked:
        if each["productOrderItemId"] not in known:
            raise BadInput(
                "unknownItem",
                N_("Order {order} has no item {path}."),
                order=order["id"],
                path=each["productOrderItemId"],
            )
    return [each["productOrderItemId"] for each in asked]


def _closed(request: Document, order: Document, ctx: Context) -> Document | None:
    """The request as done, if all it asked for is cancelled."""
    items = _wanted(request, order)
    left = (
        [id for id in items if line(order, id).get("state") != "cancelled"]
        if items
        else open_or_leaving(order)
    )
    if left:
        return None
    return request | {"state": "done", "effectiveCancellationDate": to_wire(ctx.now())}


def open_or_leaving(order: Document) -> list[str]:
    """Items that are not over."""
    return open_items(order) + [i["id"] for i in lines(order) if i.get("state") == "pendingCancellation"]


async def close_cancellations(ctx: Context, order: str, **_: Any) -> None:
    """Job: items of an order were cancelled; requests that asked for them may be done."""

    async def once() -> None:
        stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, order)
        change = ctx.change()
        for request in await open_cancellations(ctx.store, order):
            done = _closed(request.document, stored.document, ctx)
            if done is not None:
                change.update(request, done)
        if change.writes:
            await ctx.store.commit(change)

    await repeated(once)
