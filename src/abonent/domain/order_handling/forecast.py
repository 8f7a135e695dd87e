"""What would become of an order if it were placed now, by the rules it will really be judged by. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from abonent.domain.catalog.rules_sale import Catalogue, Offer
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import porting_claims, rules, visits
from abonent.domain.order_handling.assessment import case_of, credit_of, feasibility_of, tasks_in
from abonent.domain.order_handling.charges import priced
from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.lines import ADD
from abonent.domain.order_handling.outcome import Outcome, conclude
from abonent.domain.order_handling.plan import Plan, Slot, Task
from abonent.domain.qualification.rules import Feasibility
from abonent.domain.qualification.rules_credit import CreditDecision
from abonent.domain.workforce.slots import Wish, free, need_of
from abonent.kit.context import Context
from abonent.kit.values import from_wire

Document = Mapping[str, Any]

# An order that has no number yet; no number of ours looks so.
UNPLACED = "new"
# Free slots looked at for each kind of visit: enough to find one after the tasks before it.
_SLOTS = 60


@dataclass(frozen=True, slots=True)
class Forecast:
    """The order as it would be kept, whether each item can be delivered, credit, what follows, and the plan.

    plan   made whatever credit says, as a person may release the order; None where an item cannot be delivered or
           tasks wait for each other
    visit  when the first visit would be; None without one, or while no crew is free
    slots  what is free for it, once all before it is done
    taken  the slot that was asked for is not free
    """

    order: dict[str, Any]
    feasibility: Mapping[str, Feasibility]
    credit: CreditDecision
    outcome: Outcome
    plan: Plan | None = None
    visit: Slot | None = None
    slots: tuple[Slot, ...] = ()
    taken: bool = False

    @property
    def first_visit(self) -> Task | None:
        tasks = self.plan.task if self.plan else []
        return next((t for t in tasks if t.kind == visits.WORK_ORDER_TASK), None)

    @property
    def promised(self) -> datetime | None:
        return from_wire(self.plan.promised) if self.plan and self.plan.promised else None


async def forecast(ctx: Context, document: dict[str, Any], visit_at: datetime | None = None) -> Forecast:
    """Judge a TMF622 create that names its client. `visit_at`: start of the slot wanted for its first visit.

    BadInput as placing it would raise.
    """
    facts, _ = await gather(ctx, document)
    rules.check_items(document, facts)
    order = rules.expand_bundles(document, facts.offerings) | {"id": UNPLACED, "state": "acknowledged"}
    await porting_claims.check(ctx, order, facts.offerings)
    case = await case_of(ctx, order, facts)
    feasibility = await feasibility_of(ctx, case)
    credit = await credit_of(ctx, case, ask=False)
    outcome = conclude(order, feasibility, credit, override=False)
    found = Forecast(priced(order, case.monthly, facts.products), feasibility, credit, outcome)
    if not all(f.eligible for f in feasibility.values()):
        return found
    return await _planned(ctx, found, facts.customer, tasks_in(case, feasibility), visit_at)


async def _planned(
    ctx: Context, found: Forecast, customer: Document | None, tasks: list[Task], visit_at: datetime | None
) -> Forecast:
    chosen = await visits.planned_slots(ctx, found.order, customer, tasks)
    requested, now = found.order.get("requestedCompletionDate"), ctx.now()
    try:
        ordered = planning.in_dependency_order(tasks)
        first = next((t for t in ordered if t.kind == visits.WORK_ORDER_TASK), None)
        if first is None:
            return replace(found, plan=_built(tasks, now, chosen, requested))
        before = {id: slot for id, slot in chosen.items() if id != first.id}
        begin = from_wire(_built(tasks, now, before).find(first.id).planned_start)
        wish = wish_of(first)
        slots = tuple(s for s in (await free_slots(ctx, [wish]))[wish] if s[0] >= begin)
        wanted = next((s for s in slots if s[0] == visit_at), None)
        if wanted is not None:
            chosen[first.id] = wanted
        return replace(
            found,
            plan=_built(tasks, now, chosen, requested),
            visit=chosen.get(first.id),
            slots=slots,
            taken=visit_at is not None and wanted is None,
        )
    except planning.CircularPlan:
        return found


Slots = Mapping[Wish, list[Slot]]


def wish_of(task: Task) -> Wish:
    """The visit a task asks for."""
    return Wish(task.spec.get("skill"), task.spec.get("address"), int(task.minutes) or None)


def offer_tasks(
    catalogue: Catalogue, offer: Offer, address: str | None, nodes: Mapping[str, str]
) -> list[Task]:
    """The tasks of an order of this one offering at an address."""
    place = [{"id": address, "role": "installationAddress"}] if address else []
    item = {"id": "1", "action": ADD, "productOffering": {"id": offer.id}, "product": {"place": place}}
    offerings = {id: each.offering for id, each in catalogue.offers.items()}
    order = rules.expand_bundles({"productOrderItem": [item]}, offerings)
    of_item: dict[str, Offer] = {}
    for line in rules.lines(order):
        known = catalogue.offers.get(rules.offering_id(line) or "")
        if known is not None:
            of_item[line["id"]] = known
    return tasks_of(
        order,
        {id: o.decomposition for id, o in of_item.items() if o.decomposition},
        dict.fromkeys(of_item, address),
        {id: nodes.get(o.id) for id, o in of_item.items()},
    )


def soonest(tasks: Iterable[Task], now: datetime, slots: Slots) -> datetime | None:
    """When the tasks would be done if they were begun now; None where they wait for each other or no crew is free."""
    listed = list(tasks)
    chosen: dict[str, Slot] = {}
    try:
        for task in planning.in_dependency_order(listed):
            if task.kind != visits.WORK_ORDER_TASK:
                continue
            plan = _built(listed, now, chosen)
            begin = from_wire(plan.find(task.id).planned_start)
            slot = next((s for s in slots.get(wish_of(task), ()) if s[0] >= begin), None)
            if slot is None:
                return None
            chosen[task.id] = slot
        return from_wire(_built(listed, now, chosen).planned_end)
    except planning.CircularPlan:
        return None


def _built(tasks: list[Task], now: datetime, slots: Mapping[str, Slot], requested: str | None = None) -> Plan:
    return planning.build(UNPLACED, tasks, now=now, requested=requested, customer=None, slots=slots)


async def free_slots(ctx: Context, wishes: Iterable[Wish], *, limit: int = _SLOTS) -> dict[Wish, list[Slot]]:
    """The next free slots for each kind of visit, from now."""
    found: dict[Wish, list[Slot]] = {}
    for wish in dict.fromkeys(wishes):
        need = await need_of(ctx, wish, strict=False)
        found[wish] = [(slot.start, slot.end) for slot in await free(ctx, need, limit=limit)]
    return found
