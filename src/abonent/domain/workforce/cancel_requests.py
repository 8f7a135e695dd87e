"""Requests to cancel a work order (TMF697 cancelWorkOrder): decided as they are posted, or at the date they ask for."""

from typing import Any

from abonent.domain.workforce.resources import CANCEL_WORK_ORDER, WORK_ORDER
from abonent.domain.workforce.work import note_cancel
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.crud import Actions
from abonent.kit.errors import N_, BadInput, IllegalMove, NotFound
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

CARRY_OUT = "workforce.carry_out_cancellation"
ASKED_FOR = N_("Cancellation was asked for")
Document = dict[str, Any]


async def post_cancellation(ctx: Context, document: Document) -> Document:
    """Take a request to cancel (a validated TMF697 create) and return it as stored.

    `done`: the work order is cancelled and its slot free; `terminatedWithError` says why not and what can still be done
    with the work; `accepted` until the date it asks for. BadInput without such a work order.
    """
    number = document["workOrder"]["id"]
    try:
        await ctx.store.get(ctx.caller, WORK_ORDER, number)
    except NotFound as unknown:
        raise BadInput(
            "unknownWorkOrder",
            N_("{path}: there is no work order {id} that you may cancel."),
            path="workOrder.id",
            id=number,
        ) from unknown
    new = document | {"id": await ctx.store.next_id(CANCEL_WORK_ORDER), "state": "accepted"}
    at = document.get("requestedCancellationDate")
    if at and from_wire(at) > ctx.now():
        change = ctx.change()
        change.insert(CANCEL_WORK_ORDER, new)
        change.set_timer(f"cancel-work/{new['id']}", from_wire(at), CARRY_OUT, request=new["id"])
        await ctx.store.commit(change)
        return new

    async def once() -> Document:
        change = ctx.change()
        decided = await _decided(ctx, change, new)
        change.insert(CANCEL_WORK_ORDER, decided)
        await ctx.store.commit(change)
        return decided

    return await repeated(once)


async def carry_out(ctx: Context, request: str, **_: Any) -> None:
    """Job of the timer: the date is there at which the work was to be cancelled."""

    async def once() -> None:
        stored = await ctx.store.get(SYSTEM, CANCEL_WORK_ORDER, request)
        if stored.state != "accepted":
            return
        change = ctx.change()
        change.update(stored, await _decided(ctx, change, stored.document))
        await ctx.store.commit(change)

    await repeated(once)


async def _decided(ctx: Context, change: Change, request: Document) -> Document:
    """The request as decided; what follows for the work is noted in `change`."""
    reason = request.get("cancellationReason") or ASKED_FOR
    try:
        await note_cancel(ctx, change, request["workOrder"]["id"], reason)
    except (IllegalMove, NotFound) as refused:
        error = {"code": refused.code, "reason": str(refused), "status": str(refused.status)}
        return request | {"state": "terminatedWithError", "errorMessage": error}
    return request | {"state": "done", "effectiveCancellationDate": to_wire(ctx.now())}


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(CANCEL_WORK_ORDER, create=post_cancellation)


# Background jobs by name.
JOBS = ((CARRY_OUT, carry_out),)
