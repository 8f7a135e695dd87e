"""Assessing an acknowledged order: feasibility, credit, then the plan; each decision is kept with its reasons."""

from dataclasses import dataclass
from typing import Any

from abonent.domain.catalog.actions import monthly_prices
from abonent.domain.catalog.queries import decompositions
from abonent.domain.catalog.resources import PRODUCT_SPECIFICATION
from abonent.domain.catalog.rules import specification_id
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import rules, visits
from abonent.domain.order_handling.charges import monthly_total, priced
from abonent.domain.order_handling.credit_policy import POLICY_ID
from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.lines import (
    ADD,
    DELETE,
    NO_CHANGE,
    leaves,
    lines,
    offering_id,
    product_id,
    with_state,
)
from abonent.domain.order_handling.outcome import Outcome, assessment_document, conclude
from abonent.domain.order_handling.resources import (
    CREDIT_POLICY,
    ORDER_ASSESSMENT,
    ORDER_PLAN,
    PRODUCT_ORDER,
)
from abonent.domain.party.queries import accounts_of
from abonent.domain.qualification import rules as qualification
from abonent.domain.qualification.actions import catalogue_demands
from abonent.domain.qualification.queries import access_paths, held_products, open_orders_monthly
from abonent.domain.qualification.rules import CreditDecision, CreditFacts, Demand, Feasibility
from abonent.domain.qualification.rules_availability import demand_of
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.values import Money, amount_of, from_wire, to_wire

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


async def assess(ctx: Context, order: str, override: bool = False, **_: Any) -> None:
    """Job: decide on an order that is acknowledged, or on one that was held and is released.

    `override`: a person released it; the credit decision is noted but does not stop it any more.
    """
    stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, order)
    if stored.state not in ({"acknowledged", "held", "pending"} if override else {"acknowledged", "held"}):
        return
    known = await ctx.store.find([(ORDER_PLAN, order), (ORDER_ASSESSMENT, order)])
    if (ORDER_PLAN.name, order) in known:
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
    credit = await credit_of(ctx, case)
    outcome = conclude(stored.document, feasibility, credit, override=override)
    tasks = tasks_in(case, feasibility) if outcome.state == "inProgress" else []
    slots = await visits.planned_slots(ctx, stored.document, facts.customer, tasks)
    change = ctx.change()
    _save(ctx, change, stored, case, outcome, tasks, slots)
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
    return Case(
        order=order,
        facts=facts,
        addresses=rules.with_addresses(order, facts.products),
        specifications=specifications,
        decompositions={i: by_specification[s] for i, s in specifications.items() if s in by_specification},
        relations={id: s.document for (_, id), s in found.items()},
        monthly=dict(await monthly_prices(ctx.store, facts.offerings.values())),
    )


def _demand(case: Case, item: Document) -> Demand:
    specification = case.specifications[item["id"]]
    relation = case.relations.get(specification or "")
    return demand_of(
        case.facts.offerings.get(offering_id(item) or "", {"id": offering_id(item) or ""}),
        case.decompositions.get(item["id"]),
        relation,
        specification=specification,
        keeps_access=item["action"] != ADD,
    )


async def feasibility_of(ctx: Context, case: Case) -> dict[str, Feasibility]:
    """Item id -> feasibility, for every item that is delivered or changed."""
    wanted = [item for item in leaves(case.order) if item["action"] not in {DELETE, NO_CHANGE}]
    demands = {item["id"]: _demand(case, item) for item in wanted}
    addresses = {a for i in demands if (a := case.addresses.get(i))}
    paths = await access_paths(ctx.store, addresses) if any(d.technologies for d in demands.values()) else {}
    customer = case.facts.customer or {}
    leaving = {product_id(i) for i in lines(case.order) if i["action"] == DELETE}
    changed = {product_id(i) for i in wanted}
    held = [
        s
        for p in await held_products(ctx.store, customer["id"])
        if p["id"] not in leaving | changed and (s := specification_id(p))
    ]
    answers: dict[str, Feasibility] = {}
    for item_id, demand in demands.items():
        together = [d.specification for i, d in demands.items() if i != item_id and d.specification]
        address = case.addresses.get(item_id)
        reachable = paths.get(address or "", [])
        answer = qualification.qualify(demand, address, reachable, [*held, *together])
        if not answer.eligible and reachable:
            others = await catalogue_demands(ctx)
            answer = qualification.qualify(demand, address, reachable, [*held, *together], others)
        answers[item_id] = answer
    return answers


async def credit_of(ctx: Context, case: Case) -> CreditDecision:
    customer = case.facts.customer or {}
    found = await ctx.store.find([(CREDIT_POLICY, POLICY_ID)])
    stored = found.get((CREDIT_POLICY.name, POLICY_ID))
    policy = stored.document if stored else qualification.DEFAULT_CREDIT_POLICY
    accounts = await accounts_of(ctx.store, customer["id"])
    since = (customer.get("validFor") or {}).get("startDateTime")
    limits = [amount_of(a["creditLimit"]) for a in accounts if a.get("creditLimit")]
    return qualification.decide_credit(
        policy,
        CreditFacts(
            arrears=qualification.arrears(accounts),
            open_orders=await open_orders_monthly(ctx.store, customer["id"], case.order["id"]),
            monthly=monthly_total(case.order, case.monthly),
            credit_limit=min(limits) if limits else None,
            tenure_months=qualification.whole_months(from_wire(since), ctx.now()) if since else 0,
            business=(customer.get("engagedParty") or {}).get("@referredType") == "Organization",
        ),
    )


def tasks_in(case: Case, feasibility: dict[str, Feasibility]) -> list[planning.Task]:
    paths = {i: f.path.node if f.path else None for i, f in feasibility.items()}
    return tasks_of(case.order, case.decompositions, case.addresses, paths)


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
    order = priced(with_state(case.order, outcome.item_state), case.monthly) | {"state": outcome.state}
    if plan is not None:
        order["expectedCompletionDate"] = plan.promised
        change.insert(ORDER_PLAN, planning.to_document(plan))
        for task in plan.ready:
            change.defer(RUN_TASK, order=stored.id, task=task.id)
    if outcome.state == "rejected":
        order["completionDate"] = to_wire(ctx.now())
    if outcome.state in {"rejected", "cancelled"} and visits.chosen_appointments(order):
        change.defer(visits.CANCEL, order=stored.id, reason=outcome.reason)
    if order["state"] == stored.state:
        return
    change.update(stored, order, outcome.reason)
