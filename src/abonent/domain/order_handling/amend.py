"""What a person or an integrator may change by hand: information that was missing, release, cancellation, and what is
ordered while the plan runs (amend_running)."""

from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import porting_claims, rules
from abonent.domain.order_handling.amend_running import amend
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import ASSESS, gather
from abonent.domain.order_handling.lines import copied, lines, with_state
from abonent.domain.order_handling.progress import advance, load
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.rules_amend import DATES
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden, IllegalMove
from abonent.kit.patch import changed_names

RELEASED = N_("released")
# What may change while a plan runs: it tells, and alters nothing that is being done.
_TELLING = frozenset(
    {"description", "note", "category", "channel", "notificationContact", "priority", "cancellationReason"}
)

# What may be amended while a plan runs: it is made anew around what is done.
_AMENDABLE = DATES | {"productOrderItem"}


async def change_order(ctx: Context, stored: Stored, document: dict[str, Any]) -> dict[str, Any]:
    """Apply a validated patch to a product order and return it as stored.

    IllegalMove for a state that is not reached by hand, or for contents that a running plan fixes, or that are past
    their point of no return.
    """
    if ctx.caller.owner is not None:
        rules.check_own(document, ctx.caller.owner)
    wanted = document.get("state")
    document = document | {"state": stored.document["state"]}
    changed = changed_names(document, stored.document)
    running = await load(ctx, stored.id)
    _check_names(stored, changed, planned=running is not None)
    if running is not None and changed & _AMENDABLE:
        document = await amend(ctx, running, document)
        if wanted in {None, stored.state}:
            return document
        stored = await ctx.store.get(ctx.caller, PRODUCT_ORDER, stored.id)
        return await _move(ctx, stored, stored.document, str(wanted))
    complete, change = False, ctx.change()
    if changed - _TELLING:
        facts, _ = await gather(ctx, document)
        rules.check_items(document, facts, whole=False)
        document = rules.opened(document, facts, stored.document)
        off = {i["id"] for i in lines(stored.document) if i.get("state") == "cancelled"}
        document = _in_state(document, str(stored.state), off)
        complete = not rules.missing_information(document, facts)
        await porting_claims.note_amended(ctx, change, stored.document, document, facts.offerings, None)
    if wanted not in {None, stored.state}:
        return await _move(ctx, stored, document, str(wanted))
    if not changed:
        return stored.document
    if complete:
        change.defer_first(ASSESS, order=stored.id)
    change.update(stored, document)
    await ctx.store.commit(change)
    return document


def _in_state(document: dict[str, Any], state: str, off: set[str]) -> dict[str, Any]:
    """The order with its items in its own state, whatever their sender says; those in `off` stay cancelled."""
    document = copied(document)
    for item in lines(document):
        item["state"] = "cancelled" if item["id"] in off else state
    return document


def _check_names(stored: Stored, changed: set[str], *, planned: bool) -> None:
    """IllegalMove for attributes that are fixed once there is a plan, or the order is over."""
    free = _TELLING | (_AMENDABLE if planned and stored.state in {"inProgress", "held"} else frozenset())
    if changed - free and (planned or stored.state in STATES.final):
        raise IllegalMove(
            "orderInWork",
            N_(
                "{path} cannot be changed: order {order} is {state}, and its plan was made. "
                "Only these may be: {telling}."
            ),
            path=", ".join(sorted(changed - free)),
            order=stored.id,
            state=stored.state,
            telling=", ".join(sorted(free)),
        )


async def _move(ctx: Context, stored: Stored, document: dict[str, Any], wanted: str) -> dict[str, Any]:
    """A state asked for by hand: cancelled, or inProgress, which releases a held order."""
    if wanted == "cancelled":
        return await cancel(ctx, stored, document)
    STATES.check(f"{PRODUCT_ORDER.name} {stored.id}", stored.state, wanted)
    if wanted == "inProgress" and stored.state in {"held", "pending"}:
        return await release(ctx, stored, document)
    raise IllegalMove(
        "stateByProcess",
        N_(
            "State {new} is reached by the process alone. By hand an order may be set to cancelled or inProgress."
        ),
        new=wanted,
    )


async def release(ctx: Context, stored: Stored, document: dict[str, Any]) -> dict[str, Any]:
    """A person lets a held or pending order go on: failed tasks are run again, or it is assessed without credit
    stopping it. Who and when stand in the history and the assessment."""
    if not ctx.caller.staff:
        raise Forbidden("releaseByStaff", N_("Only staff may release an order that is held."))
    running = await load(ctx, stored.id)
    change = ctx.change()
    if running is None:
        if document != stored.document:
            change.update(stored, document)
        change.flip(PRODUCT_ORDER, stored.id, "release", None, None)
        change.defer_first(ASSESS, order=stored.id, override=True, by=ctx.caller.name)
        await ctx.store.commit(change)
        return document
    held = {i["id"] for i in lines(document) if i.get("state") == "held"}
    document = with_state(document, "inProgress", held) | {"state": "inProgress"}
    reasons = {task.id: RELEASED for task in running.plan.task if task.state == "failed"}
    plan = planning.retried(running.plan)
    advance(ctx, change, running, plan, order=document, reason=RELEASED, reasons=reasons)
    await ctx.store.commit(change)
    return document


async def remove_order(ctx: Context, stored: Stored) -> None:
    """Delete an order that is over, or that was never planned, with its plan and assessment. The history stays."""
    found = await ctx.store.find([(ORDER_PLAN, stored.id), (ORDER_ASSESSMENT, stored.id)])
    if (ORDER_PLAN.name, stored.id) in found and stored.state not in STATES.final:
        raise IllegalMove(
            "orderInWork",
            N_(
                "Order {order} is in work and cannot be deleted: what was reserved would stay so. Cancel it instead."
            ),
            order=stored.id,
        )
    change = ctx.change()
    change.delete(stored)
    for kept in found.values():
        change.delete(kept)
    await ctx.store.commit(change)
