"""Service orders over TMF641: posted, patched, and cancelled by a cancelServiceOrder.

What a product order's plan sends to the network is in activation.py; here is what others ask for.
"""

from itertools import pairwise
from typing import Any

from abonent.domain.order_handling import rules_service_orders as rules
from abonent.domain.order_handling.activation import service_order_number
from abonent.domain.order_handling.plan import key_of
from abonent.domain.order_handling.progress import load
from abonent.domain.order_handling.resources import CANCEL_SERVICE_ORDER, SERVICE_ORDER
from abonent.domain.order_handling.states import SERVICE_ORDER as SERVICE_ORDER_STATES
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain
from abonent.kit.errors import N_, BadInput, IllegalMove, NotFound
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, ref, to_wire

CARRY_OUT = "order_handling.carry_out_service_cancellation"
ASKED_FOR = N_("Cancellation was asked for")
_CANCELLED = N_("The service order is cancelled.")
Document = dict[str, Any]


async def create_service_order(ctx: Context, document: Document) -> Document:
    """Take a service order (a validated TMF641 create)."""
    new = rules.taken(document, await ctx.store.next_id(SERVICE_ORDER), to_wire(ctx.now()))
    change = ctx.change()
    change.insert(SERVICE_ORDER, new)
    await ctx.store.commit(change)
    return new


async def change_service_order(ctx: Context, stored: Stored, document: Document) -> Document:
    """Patch one. IllegalMove for a move its state does not allow, or when the network reports on it."""
    if document.get("state") != stored.state:
        await _check_free(ctx, stored)
    changed = rules.moved(stored.document, document, to_wire(ctx.now()))
    return await plain(SERVICE_ORDER).change(ctx, stored, changed)


async def _check_free(ctx: Context, stored: Stored) -> None:
    key = str(stored.document.get("externalId") or "")
    running = await load(ctx, key.partition("/")[0])
    if running is None or service_order_number(key) != stored.id:
        return
    task = next(
        (t for t in running.plan.task if t.state == "inProgress" and key_of(running.order.id, t) == key), None
    )
    rules.check_free(stored.id, task, running.order.document, running.plan)


async def post_cancellation(ctx: Context, document: Document) -> Document:
    """Take a request to cancel (a validated TMF641 create) and return it as stored.

    `done`: the service order is cancelled; `terminatedWithError` says why not and what can still be done; `accepted`
    until the date it asks for. BadInput without such a service order.
    """
    number = document["serviceOrder"]["id"]
    try:
        order = await ctx.store.get(ctx.caller, SERVICE_ORDER, number)
    except NotFound as unknown:
        raise BadInput(
            "unknownServiceOrder",
            N_("{path}: there is no service order {id} that you may cancel."),
            path="serviceOrder.id",
            id=number,
        ) from unknown
    new = document | {
        "id": await ctx.store.next_id(CANCEL_SERVICE_ORDER),
        "serviceOrder": ref(order.document, "ServiceOrder") | document["serviceOrder"],
        "state": "accepted",
    }
    at = document.get("requestedCancellationDate")
    if at and from_wire(at) > ctx.now():
        change = ctx.change()
        change.insert(CANCEL_SERVICE_ORDER, new)
        change.set_timer(f"cancel-service/{new['id']}", from_wire(at), CARRY_OUT, request=new["id"])
        await ctx.store.commit(change)
        return new

    async def once() -> Document:
        change = ctx.change()
        decided = await _decided(ctx, change, new)
        change.insert(CANCEL_SERVICE_ORDER, decided)
        await ctx.store.commit(change)
        return decided

    return await repeated(once)


async def carry_out(ctx: Context, request: str, **_: Any) -> None:
    """Job of the timer: the date is there at which a service order was to be cancelled."""

    async def once() -> None:
        stored = await ctx.store.get(SYSTEM, CANCEL_SERVICE_ORDER, request)
        if stored.state != "accepted":
            return
        change = ctx.change()
        change.update(stored, await _decided(ctx, change, stored.document))
        await ctx.store.commit(change)

    await repeated(once)


async def _decided(ctx: Context, change: Change, request: Document) -> Document:
    """The request as decided; what follows for the service order is noted in `change`."""
    reason = request.get("cancellationReason") or ASKED_FOR
    try:
        stored = await ctx.store.get(SYSTEM, SERVICE_ORDER, request["serviceOrder"]["id"])
        await _check_free(ctx, stored)
        _note_cancel(ctx, change, stored, reason)
    except (IllegalMove, NotFound) as refused:
        error = {"code": refused.code, "reason": str(refused), "status": str(refused.status)}
        return request | {
            "state": "terminatedWithError",
            "errorMessage": error,
            "completionMessage": str(refused),
        }
    at = to_wire(ctx.now())
    return request | {"state": "done", "effectiveCancellationDate": at, "completionMessage": _CANCELLED}


def _note_cancel(ctx: Context, change: Change, stored: Stored, reason: str) -> None:
    """Note in `change` that a service order is cancelled, each state on the way in its history. IllegalMove."""
    way = rules.way_to_cancel(stored.document)
    for old, new in pairwise((str(stored.state), *way)):
        change.flip(SERVICE_ORDER, stored.id, "state", old, new, reason)
    if way:
        stored = Stored(SERVICE_ORDER, stored.document | {"state": way[-1]}, stored.version)
    ended = rules.with_items(stored.document, "cancelled", SERVICE_ORDER_STATES.final) | {
        "state": "cancelled",
        "cancellationDate": to_wire(ctx.now()),
        "cancellationReason": reason,
    }
    change.update(stored, ended, reason)


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(SERVICE_ORDER, create=create_service_order, change=change_service_order)
    actions.register(CANCEL_SERVICE_ORDER, create=post_cancellation)


# Background jobs by name.
JOBS = ((CARRY_OUT, carry_out),)
