"""Assessing an acknowledged order: feasibility, credit, then the plan; each decision is kept with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from abonent.domain.catalog.actions import prices_of
from abonent.domain.catalog.queries import decompositions
from abonent.domain.catalog.resources import PRODUCT_SPECIFICATION
from abonent.domain.catalog.rules import specification_id
from abonent.domain.order_handling import credit_cases, credit_policy, held_ports, rules, visits
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.charges import monthly_total, once_total, priced
from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.lines import (
    ADD,
    DELETE,
    NO_CHANGE,
    copied,
    leaves,
    lines,
    offering_id,
    product_id,
    with_state,
)
from abonent.domain.order_handling.outcome import Outcome, assessment_document, conclude
from abonent.domain.order_handling.quoted_facts import accesses
from abonent.domain.order_handling.resources import (
    ORDER_ASSESSMENT,
    ORDER_PLAN,
    PRODUCT_ORDER,
)
from abonent.domain.order_handling.rules_contract_task import with_contract
from abonent.domain.order_handling.rules_numbers import CLOSE, holds
from abonent.domain.order_handling.rules_porting import with_porting
from abonent.domain.order_handling.rules_product_acts import (
    MOVE,
    TRANSFER,
    acts_in,
    monthly_of,
    receiver_of,
)
from abonent.domain.order_handling.rules_quoted import assessed, quoted_item, with_building
from abonent.domain.qualification import rules as qualification
from abonent.domain.qualification.actions import catalogue_demands
from abonent.domain.qualification.queries import access_paths, held_products
from abonent.domain.qualification.rules import Demand, Feasibility
from abonent.domain.qualification.rules_availability import demand_of, segment_of
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.values import Money, to_wire

RUN_TASK = "order_handling.run_task"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One order under assessment with all that its rules read."""

    order: Document
    facts: rules.IntakeFacts
    addresses: dict[str, str | None]
    specifications: dict[str, str | None]
    decompositions: dict[str, Document]
    relations: dict[str, Document]
    monthly: dict[str, Money]
    once: dict[str, Money] = field(default_factory=dict)
    # Quote id -> the access that will have been built for it.
    access: dict[str, Document] = field(default_factory=dict)
    # Item id -> what it does with its product beyond new values, and that product.
    acts: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def payer(self) -> Document:
        """Whose credit it is: the client's, or that of the one who is given a product."""
        for item in lines(self.order):
            receiver = receiver_of(item) or ""
            if receiver in self.facts.receivers and item["id"] in self.acts:
                return dict(self.facts.receivers[receiver])
        return dict(self.facts.customer or {})

    @property
    def sum(self) -> Decimal:
        """What the order adds to the monthly bill of who pays."""
        given = [product for act, product in self.acts.values() if act == TRANSFER]
        return monthly_total(self.order, self.monthly) + sum(map(monthly_of, given), Decimal(0))


async def assess(ctx: Context, order: str, override: bool = False, by: str = "", **_: Any) -> None:
    """Job: decide on an order that is acknowledged, on one that was held and is released, or whose credit was given.

    `override`: a person (`by`) released it; the credit decision is noted but does not stop it any more.
    """
    stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, order)
    known = await ctx.store.find(
        [(ORDER_PLAN, order), (ORDER_ASSESSMENT, order), *credit_cases.beside(stored.document)]
    )
    waits = {"acknowledged", "held"}
    if override or credit_cases.approved_in(known, stored.document):
        waits.add("pending")
    if stored.state not in waits or (ORDER_PLAN.name, order) in known:
        return
    facts, _first = await gather(ctx, stored.document)
    missing = rules.missing_information(stored.document, facts)
    if missing:
        if stored.state == "acknowledged":
            change = ctx.change()
            change.update(stored, with_state(stored.document, "held") | {"state": "held"}, missing[0].code)
            change.publish(PRODUCT_ORDER, order, "InformationRequired")
            await ctx.store.commit(change)
        return
    case = await case_of(ctx, stored.document, facts)
    feasibility = await feasibility_of(ctx, case)
    credit = await credit_cases.decision_in(known, stored.document, case.sum, lambda: credit_of(ctx, case))
    outcome = conclude(stored.document, feasibility, credit, override=override)
    if credit.outcome is CreditOutcome.DECLINE and outcome.state in {"rejected", "cancelled"}:
        case = replace(case, order=credit_cases.told(ctx, case.order, case.payer, credit))
    tasks = tasks_in(case, feasibility) if outcome.state == "inProgress" else []
    slots = await visits.planned_slots(ctx, stored.document, facts.customer, tasks)
    change = ctx.change()
    _save(ctx, change, stored, case, outcome, tasks, slots)
    released_by = (by or SYSTEM.name) if override else ""
    await credit_cases.keep(
        ctx,
        change,
        known,
        stored.document,
        case.payer,
        credit,
        outcome.state,
        released_by=released_by,
    )
    record = assessment_document(order, feasibility, credit, to_wire(ctx.now()), override=override)
    earlier = known.get((ORDER_ASSESSMENT.name, order))
    if earlier:
        kept = [*earlier.document.get("decision", ()), *record["decision"]]
        change.update(earlier, {**record, "decision": kept})
    else:
        change.insert(ORDER_ASSESSMENT, record)
    await ctx.store.commit(change)


async def case_of(ctx: Context, order: Document, facts: rules.IntakeFacts) -> Case:
    """Load decompositions, relations and prices of what is ordered."""
    specifications: dict[str, str | None] = {}
    for item in lines(order):
        product = facts.products.get(product_id(item) or "", {})
        offering = facts.offerings.get(offering_id(item) or "")
        specifications[item["id"]] = (
            specification_id(offering) or specification_id(item.get("product")) or (specification_id(product))
        )
    ids = sorted({s for s in specifications.values() if s})
    found = await ctx.store.find((PRODUCT_SPECIFICATION, id) for id in ids)
    by_specification = await decompositions(ctx.store, ids)
    monthly, once = await prices_of(ctx.store, facts.offerings.values())
    return Case(
        order=order,
        facts=facts,
        addresses=rules.with_addresses(order, facts.products),
        specifications=specifications,
        decompositions={i: by_specification[s] for i, s in specifications.items() if s in by_specification},
        relations={id: s.document for (_, id), s in found.items()},
        monthly=monthly,
        once=once,
        access=await accesses(ctx, facts.quotes) if facts.quotes else {},
        acts=acts_in(order, facts.products),
    )


def _demand(case: Case, item: Document) -> Demand:
    specification = case.specifications[item["id"]]
    relation = case.relations.get(specification or "")
    return demand_of(
        case.facts.offerings.get(offering_id(item) or "", {"id": offering_id(item) or ""}),
        case.decompositions.get(item["id"]),
        relation,
        specification=specification,
        keeps_access=item["action"] != ADD and case.acts.get(item["id"], ("", {}))[0] != MOVE,
    )


async def feasibility_of(ctx: Context, case: Case) -> dict[str, Feasibility]:
    """Item id -> feasibility, for every item that is delivered or changed."""
    acts = {id: act for id, (act, _) in case.acts.items()}
    changing = [item for item in leaves(case.order) if item["action"] not in {DELETE, NO_CHANGE}]
    # A line that stands needs no new answer to be silent for a while, to sound again, or to be another's.
    wanted = [item for item in changing if acts.get(item["id"]) in {None, MOVE}]
    demands = {item["id"]: _demand(case, item) for item in wanted}
    addresses = {a for i in demands if (a := case.addresses.get(i))}
    paths = await access_paths(ctx.store, addresses) if any(d.technologies for d in demands.values()) else {}
    held_at = await held_ports.nodes(ctx, case.order) if case.order.get("id") else {}
    customer = case.facts.customer or {}
    segment = segment_of(case.facts.customer)
    leaving = {product_id(i) for i in lines(case.order) if i["action"] == DELETE}
    changed = {product_id(i) for i in changing}
    held = [
        s
        for p in await held_products(ctx.store, customer["id"])
        if p["id"] not in leaving | changed and (s := specification_id(p))
    ]
    answers: dict[str, Feasibility] = {
        item["id"]: assessed(item["quoteItem"]["quoteId"])
        for item in wanted
        if quoted_item(item, case.facts.quotes) is not None
    }
    for item_id, demand in demands.items():
        if item_id in answers:
            continue
        together = [d.specification for i, d in demands.items() if i != item_id and d.specification]
        address = case.addresses.get(item_id)
        reachable = held_ports.counted(paths.get(address or "", []), held_at.get(item_id))
        answer = qualification.qualify(demand, address, reachable, [*held, *together], segment=segment)
        if not answer.eligible and reachable:
            others = await catalogue_demands(ctx)
            answer = qualification.qualify(demand, address, reachable, [*held, *together], others, segment)
        answers[item_id] = answer
    return qualification.shared(answers, {id for id, each in demands.items() if each.keeps_access})


async def credit_of(ctx: Context, case: Case, *, ask: bool = True) -> CreditDecision:
    """What the credit table in force says; `ask`: whether a credit bureau may be asked for it."""
    return await credit_policy.decide(
        ctx,
        case.order["id"],
        case.payer,
        monthly=case.sum,
        one_time=once_total(case.order, case.once),
        ask=ask,
    )


def tasks_in(case: Case, feasibility: dict[str, Feasibility]) -> list[planning.Task]:
    paths = {i: f.path.node if f.path else None for i, f in feasibility.items()}
    tasks = tasks_of(case.order, case.decompositions, case.addresses, paths, case.acts)
    tasks = with_porting(case.order, tasks, case.facts.customer)
    tasks = with_building(case.order, tasks, case.facts.quotes, case.access)
    return with_contract(case.order, tasks, case.facts.offerings)


def _save(
    ctx: Context,
    change: Change,
    stored: Stored,
    case: Case,
    outcome: Outcome,
    tasks: list[planning.Task],
    slots: dict[str, planning.Slot],
) -> None:
    """Move the order; when it goes on, store its plan and release the first tasks."""
    plan = None
    if outcome.state == "inProgress":
        try:
            plan = planning.build(
                stored.id,
                tasks,
                now=ctx.now(),
                requested=case.order.get("requestedCompletionDate"),
                customer=(case.facts.customer or {}).get("id"),
                slots=slots,
            )
        except planning.CircularPlan as circle:
            state = "held" if stored.state == "acknowledged" else str(stored.state)
            outcome = Outcome(
                state, state, f"No plan can be made, as these tasks wait for each other: {circle}."
            )
    # Priced first: what is cancelled as a whole still shows what it would have cost.
    order = with_state(priced(copied(case.order), case.monthly, case.facts.products), outcome.item_state) | {
        "state": outcome.state
    }
    if plan is not None:
        order["expectedCompletionDate"] = plan.promised
        change.insert(ORDER_PLAN, planning.to_document(plan))
        for task in plan.ready:
            change.defer(RUN_TASK, order=stored.id, task=task.id)
    if outcome.state == "rejected":
        order["completionDate"] = to_wire(ctx.now())
    if outcome.state in {"rejected", "cancelled"} and visits.chosen_appointments(order):
        change.defer(visits.CANCEL, order=stored.id, reason=outcome.reason)
    if outcome.state in {"rejected", "cancelled"} and holds(order):
        change.defer(CLOSE, order=stored.id)
    if order["state"] == stored.state:
        return
    change.update(stored, order, outcome.reason)
