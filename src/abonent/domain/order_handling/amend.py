"""What a person or an integrator may change by hand: information that was missing, release, cancellation.

Amending a plan that runs, and cancelling with compensation, are the process's own work and not done by PATCH.
"""

from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import rules, visits
from abonent.domain.order_handling.assessment import RUN_TASK
from abonent.domain.order_handling.intake import ASSESS, gather
from abonent.domain.order_handling.lines import lines, with_state
from abonent.domain.order_handling.progress import load
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.states import PRODUCT_ORDER as STATES
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Forbidden, IllegalMove
from abonent.kit.values import to_wire

# What may change while a plan runs: it tells, and alters nothing that is being done.
_TELLING = frozenset(
    {"description", "note", "category", "channel", "notificationContact", "priority", "cancellationReason"}
)


async def change_order(ctx: Context, stored: Stored, document: dict[str, Any]) -> dict[str, Any]:
    """Apply a validated patch to a product order and return it as stored.

    IllegalMove for a state that is not reached by hand, or for contents that a running plan fixes.
    """
    if ctx.caller.owner is not None:
        rules.check_own(document, ctx.caller.owner)
    wanted = document.get("state")
    document = document | {"state": stored.document["state"]}
    changed = {
        k for k in document.keys() | stored.document.keys() if document.get(k) != stored.document.get(k)
    }
    running = await load(ctx, stored.id)
    if changed - _TELLING and (running is not None or stored.state in STATES.final):
        raise IllegalMove(
            "orderInWork",
            N_(
                "{path} cannot be changed: order {order} is {state}, and its plan was made. "
                "Only these may be: {telling}."
            ),
            path=", ".join(sorted(changed - _TELLING)),
            order=stored.id,
            state=stored.state,
            telling=", ".join(sorted(_TELLING)),
        )
    complete = False
    if changed - _TELLING:
        facts, _ = await gather(ctx, document)
        rules.check_items(document, facts)
        document = rules.expand_bundles(document, facts.offerings)
        document = with_state(document, str(stored.state))
        complete = not rules.missing_information(document, facts)
    if wanted not in {None, stored.state}:
        return await _move(ctx, stored, document, str(wanted))
    if not changed:
        return stored.document
    change = ctx.change()
    if complete:
        change.defer(ASSESS, order=stored.id)
    change.update(stored, document)
    await ctx.store.commit(change)
    return document


async def _move(ctx: Context, stored: Stored, document: dict[str, Any], wanted: str) -> dict[str, Any]:
    """A state asked for by hand: cancelled before work began, or inProgress, which releases a held order."""
    STATES.check(f"{PRODUCT_ORDER.name} {stored.id}", stored.state, wanted)
    if wanted == "inProgress" and stored.state in {"held", "pending"}:
        return await release(ctx, stored, document)
    if wanted != "cancelled" or stored.state == "pendingCancellation":
        raise IllegalMove(
            "stateByProcess",
            N_(
                "State {new} is reached by the process alone. By hand an order may be set to cancelled or inProgress."
            ),
            new=wanted,
        )
    running = await load(ctx, stored.id)
    if running is not None and any(t.state not in {"pending", "ready"} for t in running.plan.task):
        raise IllegalMove(
            "workBegan",
            N_(
                "Order {order} cannot be cancelled by a patch: work on it has begun. Ask for cancellation instead."
            ),
            order=stored.id,
        )
    at = to_wire(ctx.now())
    cancelled = with_state(document, "cancelled") | {"state": "cancelled", "cancellationDate": at}
    change = ctx.change()
    change.update(stored, cancelled, document.get("cancellationReason"))
    if visits.chosen_appointments(document):
        change.defer(visits.CANCEL, order=stored.id, reason=document.get("cancellationReason"))
    await ctx.store.commit(change)
    return cancelled


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
        change.defer(ASSESS, order=stored.id, override=True)
        await ctx.store.commit(change)
        return document
    plan = planning.retried(running.plan)
    for task in running.plan.task:
        if task.state == "failed":
            change.flip(PRODUCT_ORDER, stored.id, f"task {task.id}", "failed", "ready", N_("released"))
    held = {i["id"] for i in lines(document) if i.get("state") == "held"}
    document = with_state(document, "inProgress", held) | {"state": "inProgress"}
    change.update(stored, document, N_("released"))
    change.update(running.stored_plan, planning.to_document(plan))
    for task in plan.ready:
        change.defer(RUN_TASK, order=stored.id, task=task.id)
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
