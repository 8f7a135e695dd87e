"""Amending an order whose plan runs: items added, dropped or changed, other dates. The plan is made anew around what is
done already; `rules_amend` decides."""

from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import porting_claims, rules, rules_amend, visits
from abonent.domain.order_handling.assessment import Case, case_of, credit_of, feasibility_of
from abonent.domain.order_handling.cancel import call_off, check_needs, marked
from abonent.domain.order_handling.charges import priced
from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.lines import lines, offering_id, parents, with_state
from abonent.domain.order_handling.plan import Plan, Slot, key_of
from abonent.domain.order_handling.progress import Running, advance
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_amend import Amendment
from abonent.domain.order_handling.rules_cancel import leaving
from abonent.domain.order_handling.rules_porting import with_porting
from abonent.domain.qualification.rules import Feasibility
from abonent.domain.qualification.rules_credit import CreditOutcome
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.values import from_wire

Document = dict[str, Any]

AMENDED = N_("The order was amended")


async def amend(ctx: Context, running: Running, wanted: Document) -> Document:
    """Change an order in work to `wanted` (a validated patch of it) and return it as stored. See `drafted`."""
    change, order = await drafted(ctx, running, wanted)
    if change.writes:
        await ctx.store.commit(change)
    return order


async def drafted(ctx: Context, running: Running, wanted: Document) -> tuple[Change, Document]:
    """What amending an order in work to `wanted` would save, and the order after it; nothing is saved yet.

    IllegalMove when an item is past its point of no return or cannot be changed so; it says what can still be.
    BadInput for items that cannot be meant.
    """
    before = running.order.document
    facts, _ = await gather(ctx, wanted)
    rules.check_items(wanted, facts)
    wanted = _named(rules.opened(wanted, facts, before), facts)
    change_of = rules_amend.amendment(before, wanted)
    if not change_of.said:
        return _told_only(ctx, running, wanted)
    rules_amend.check(before, running.plan, change_of)
    if change_of.dropped:
        going = leaving(before, running.plan, change_of.dropped)
        if going.whole and not change_of.added:
            raise IllegalMove(
                "nothingLeft",
                N_("Nothing would be left of order {order}. Cancel it instead."),
                order=running.order.id,
            )
    order = rules_amend.merged(before, wanted)
    if change_of.dropped:
        await check_needs(ctx, order, change_of.dropped)
    live = with_state(order, "cancelled", set(change_of.dropped))
    facts, _ = await gather(ctx, live)
    case = await case_of(ctx, live, facts)
    feasibility = await feasibility_of(ctx, case)
    await _check_new(ctx, case, feasibility, change_of)
    plan = await _plan(ctx, running, case, feasibility, change_of)
    plan.promised = rules_amend.promise(before, wanted, plan)
    change, amended = _changed(ctx, running, order, case, plan, change_of)
    await porting_claims.note_amended(ctx, change, before, amended, facts.offerings, running.plan)
    return change, amended


def _told_only(ctx: Context, running: Running, wanted: Document) -> tuple[Change, Document]:
    """Nothing of the plan's concern changed."""
    order, change = rules_amend.merged(running.order.document, wanted), ctx.change()
    if order != running.order.document:
        change.update(running.order, order)
    return change, order


def _named(order: Document, facts: rules.IntakeFacts) -> Document:
    """Items bear the name of their offering, as those of a new order do."""
    for item in lines(order):
        offering = facts.offerings.get(offering_id(item) or "")
        if offering is not None and "productOffering" in item:
            name = offering.get("name", offering["id"])
            item["productOffering"] = {"name": name, **item["productOffering"]}
    return order


async def _check_new(
    ctx: Context, case: Case, feasibility: dict[str, Feasibility], change_of: Amendment
) -> None:
    """IllegalMove when what is new cannot be delivered, or would need a credit decision."""
    for id in sorted(change_of.added | change_of.placed):
        answer = feasibility.get(id)
        stopped = [r for r in answer.reasons if not r.ok] if answer else []
        if stopped:
            raise IllegalMove(
                "notFeasible",
                N_("Item {item} cannot be delivered so: {reason}"),
                item=id,
                reason=stopped[0].text.format(**stopped[0].facts),
                path="productOrderItem",
            )
    if not change_of.added | change_of.counted:
        return
    credit = await credit_of(ctx, case)
    if credit.outcome is not CreditOutcome.APPROVE:
        reason = credit.reasons[0]
        raise IllegalMove(
            "creditNeeded",
            N_(
                "The order cannot grow so without a decision on credit: {reason} Place what is new as another order."
            ),
            reason=reason.text.format(**reason.facts),
            path="productOrderItem",
        )


async def _plan(
    ctx: Context,
    running: Running,
    case: Case,
    feasibility: dict[str, Feasibility],
    change_of: Amendment,
) -> Plan:
    paths = {id: f.path.node if f.path else None for id, f in feasibility.items()}
    fresh = tasks_of(case.order, case.decompositions, case.addresses, paths, case.acts)
    fresh = with_porting(case.order, fresh, case.facts.customer)
    new = [t for t in fresh if t.item in change_of.added | change_of.placed]
    slots: dict[str, Slot] = {}
    if any(t.kind == visits.WORK_ORDER_TASK for t in new):
        slots = await visits.planned_slots(ctx, case.order, case.facts.customer, fresh)
    try:
        return rules_amend.replanned(
            running.plan,
            fresh,
            change_of,
            [item["id"] for item in parents(case.order)],
            ctx.now(),
            slots=slots,
            reason=AMENDED,
        )
    except planning.CircularPlan as circle:
        raise IllegalMove(
            "circularPlan", N_("These tasks would wait for each other: {tasks}."), tasks=str(circle)
        ) from circle


def _changed(
    ctx: Context, running: Running, order: Document, case: Case, plan: Plan, change_of: Amendment
) -> tuple[Change, Document]:
    change, stored = ctx.change(), running.order
    change.flip(PRODUCT_ORDER, stored.id, "amendment", None, None, "; ".join(change_of.said))
    if change_of.dropped:
        order = marked(change, stored, order, change_of.dropped, AMENDED)
        call_off(change, running, order, change_of.dropped, AMENDED)
    for item in lines(order):
        if item["id"] in change_of.counted:
            item.pop("itemTotalPrice", None)
    order = priced(order, case.monthly, case.facts.products) | {"expectedCompletionDate": plan.promised}
    if stored.state == "held" and not any(t.state == "failed" for t in plan.task):
        held = {i["id"] for i in lines(order) if i.get("state") == "held"}
        order = with_state(order, "inProgress", held) | {"state": "inProgress"}
    _later_visits(change, running, order)
    advance(ctx, change, running, plan, order=order, reason=AMENDED)
    kept = next(w.document for w in change.writes if w.resource is PRODUCT_ORDER and w.document is not None)
    return change, kept


def _later_visits(change: Change, running: Running, order: Document) -> None:
    """Visits that are planned before the client wants anybody are moved after that."""
    start = order.get("requestedStartDate")
    if not start or start == running.order.document.get("requestedStartDate"):
        return
    for task in running.plan.task:
        early = task.planned_start and from_wire(task.planned_start) < from_wire(start)
        if task.kind == visits.WORK_ORDER_TASK and task.state == "inProgress" and early and not task.undoes:
            work = visits.work_order_number(key_of(running.order.id, task))
            change.defer(visits.LATER, work=work, after=start)
