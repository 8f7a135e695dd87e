"""Credit cases: kept with the assessment, decided by a person, paid, appealed against."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from abonent.domain.order_handling import rules_credit_cases as cases
from abonent.domain.order_handling import visits
from abonent.domain.order_handling.credit_policy import set_limit
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.intake import ASSESS, place_order
from abonent.domain.order_handling.lines import lines, with_state
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_RECEIPT, PRODUCT_ORDER
from abonent.domain.party.queries import accounts_of
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, IllegalMove, NotFound
from abonent.kit.resource import Resource
from abonent.kit.values import amount_of, to_wire

REOPEN = "order_handling.reopen"
_APPEAL = "appeal:"
_CURRENCY = "RUB"
Document = dict[str, Any]
Found = Mapping[tuple[str, str], Stored]

# What the first order was given by the process; the second gets its own.
_GIVEN = frozenset(
    {"id", "href", "state", "orderDate", "completionDate", "expectedCompletionDate", "cancellationDate",
     "cancellationReason", "orderTotalPrice", "requestedStartDate", "requestedCompletionDate"}
)  # fmt: skip
_GIVEN_ITEM = frozenset({"state", "itemPrice", "itemTotalPrice", "appointment"})


# ---- beside the assessment


def beside(order: Mapping[str, Any]) -> list[tuple[Resource, str]]:
    """What of an order's credit the assessment needs: its case, and what it appeals against."""
    wanted: list[tuple[Resource, str]] = [(CREDIT_CASE, order["id"])]
    first = _first(order)
    if first:
        wanted += [(CREDIT_CASE, first), (ORDER_RECEIPT, _receipt(first))]
    return wanted


def _first(order: Mapping[str, Any]) -> str | None:
    external = str(order.get("externalId") or "")
    return external.removeprefix(_APPEAL) if external.startswith(_APPEAL) else None


def _receipt(first: str) -> str:
    return f"{SYSTEM.name}:{_APPEAL}{first}"


def case_in(found: Found, order: Mapping[str, Any]) -> Stored | None:
    return found.get((CREDIT_CASE.name, order["id"]))


def appeal_in(found: Found, order: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The case of the order that this one stands for. The process alone places such orders: its receipt tells."""
    first = _first(order)
    receipt = found.get((ORDER_RECEIPT.name, _receipt(first))) if first else None
    if first is None or receipt is None or receipt.document["productOrder"] != order["id"]:
        return None
    case = found.get((CREDIT_CASE.name, first))
    return case.document if case else None


def approved_in(found: Found, order: Mapping[str, Any]) -> bool:
    stored = case_in(found, order)
    return stored is not None and stored.state == "approved"


async def decision_in(
    found: Found,
    order: Mapping[str, Any],
    monthly: Decimal,
    decide_anew: Callable[[], Awaitable[CreditDecision]],
) -> CreditDecision:
    """The credit decision an order goes on with: what was settled in its case, else the table's; an appeal is for a
    person to decide, whatever the table says."""
    stored = case_in(found, order)
    if stored is not None and cases.settled(stored.document, monthly):
        return cases.settlement(stored.document)
    decision = await decide_anew()
    against = appeal_in(found, order)
    return cases.appealed(decision, against["id"]) if against is not None else decision


def told(
    ctx: Context, order: Mapping[str, Any], customer: Mapping[str, Any], decision: CreditDecision
) -> Document:
    """The order with what its client is told of a refusal."""
    return cases.with_wording(order, cases.wording_for(customer, decision.wording), to_wire(ctx.now()))


async def keep(
    ctx: Context,
    change: Change,
    found: Found,
    order: Mapping[str, Any],
    customer: Mapping[str, Any],
    decision: CreditDecision,
    state: str,
    *,
    released_by: str = "",
) -> None:
    """Save with the assessment what became of the order's credit case. `state`: the order's next one; `released_by`:
    who let it pass in spite of credit."""
    stored, at = case_in(found, order), to_wire(ctx.now())
    known = stored.document if stored else None
    if known is not None and known["state"] == "approved" and decision.rule == "-":
        if decision.limit:
            await _limit(ctx, change, customer, decision.limit)
        return
    over = state in {"rejected", "cancelled"} and decision.outcome is not CreditOutcome.DECLINE
    if released_by or over:
        if stored is None or known is None or known["state"] not in cases.OPEN:
            return
        ended = "withdrawn" if over else "approved"
        line = cases.step(
            at, released_by or SYSTEM.name, "released" if released_by and not over else "withdrawn"
        )
        change.update(stored, {**known, "state": ended, "trace": [*known["trace"], line]})
        return
    if decision.outcome is CreditOutcome.LIMIT and state == "inProgress":
        await _limit(ctx, change, customer, decision.limit)
    case = cases.opened(known, order, customer, decision, at, _CURRENCY, appeal_in(found, order))
    if case is None:
        return
    if stored is None:
        change.insert(CREDIT_CASE, case)
    else:
        change.update(stored, {**stored.document, **case})


async def _limit(ctx: Context, change: Change, customer: Mapping[str, Any], limit: Decimal) -> None:
    await set_limit(ctx, change, await accounts_of(ctx.store, customer["id"]), limit, _CURRENCY)


# ---- by hand


async def change_case(ctx: Context, stored: Stored, document: Document) -> Document:
    """A validated patch: `state` approved, awaitingDeposit, declined or appealed with what belongs to it, or payments
    added to `payment`."""
    wanted = document.get("state")
    if wanted != stored.state:
        if wanted == "appealed":
            return await appeal(ctx, stored, document.get("statement") or "")
        return await decide(
            ctx,
            stored,
            str(wanted),
            why=document.get("reason") or "",
            deposit=document.get("deposit") if wanted != "declined" else None,
            limit=document.get("limit") if wanted != "declined" else None,
            wording=document.get("wording") or "",
        )
    known = {p["reference"] for p in stored.document.get("payment") or ()}
    for payment in document.get("payment") or ():
        if payment["reference"] not in known:
            await pay(ctx, stored, payment["reference"], amount_of(payment["amount"]))
            stored = await ctx.store.get(SYSTEM, CREDIT_CASE, stored.id)
    return stored.document


async def decide(
    ctx: Context,
    stored: Stored,
    outcome: str,
    *,
    why: str,
    deposit: Mapping[str, Any] | None = None,
    limit: Mapping[str, Any] | None = None,
    wording: str = "",
) -> Document:
    """A person decides on a case that waits: the order goes on, waits for its deposit, or is cancelled. See
    rules_credit_cases.decided for what is refused."""
    _demand(ctx)
    at = to_wire(ctx.now())
    order = await _open_order(ctx, stored)
    case = cases.decided(
        stored.document, outcome, ctx.caller.name, at, why=why, deposit=deposit, limit=limit, wording=wording
    )
    change = ctx.change()
    change.update(stored, case, why)
    if case["state"] == "approved":
        change.defer_first(ASSESS, order=stored.id)
    elif case["state"] in {"declined", "upheld"}:
        told = cases.with_wording(order.document, wording, at)
        ended = {"state": "cancelled", "cancellationDate": at, "cancellationReason": wording}
        change.update(order, with_state(told, "cancelled") | ended, why)
        if visits.chosen_appointments(order.document):
            change.defer(visits.CANCEL, order=stored.id, reason=wording)
        await _note_decision(ctx, change, case, why, at)
    await ctx.store.commit(change)
    return case


def _demand(ctx: Context) -> None:
    CREDIT_CASE.permissions.demand(ctx.caller, write=True, what=CREDIT_CASE.name)


async def _open_order(ctx: Context, stored: Stored) -> Stored:
    """The order of a case, while it waits. IllegalMove when it does not any more."""
    try:
        order = await ctx.store.get(SYSTEM, PRODUCT_ORDER, stored.id)
    except NotFound as gone:
        raise _over(stored.id, "deleted") from gone
    if order.state not in {"held", "pending"}:
        raise _over(stored.id, str(order.state))
    return order


def _over(order: str, state: str) -> IllegalMove:
    return IllegalMove(
        "orderNotWaiting",
        N_("Order {order} is {state} and waits for no credit decision any more."),
        order=order,
        state=state,
    )


async def _note_decision(ctx: Context, change: Change, case: Document, why: str, at: str) -> None:
    """A person's refusal stands among the order's decisions too; an approval gets there when the order goes on."""
    found = await ctx.store.find([(ORDER_ASSESSMENT, case["id"])])
    for stored in found.values():
        line = {
            "kind": "credit",
            "outcome": "decline",
            "reasons": [
                {
                    "code": "creditDeclined",
                    "text": N_("Credit is declined by {name}: {why}"),
                    "ok": False,
                    "facts": {"name": ctx.caller.name, "why": why},
                }
            ],
            "rulesVersion": case["decision"].get("rulesVersion", "-"),
            "by": ctx.caller.name,
            "wording": case["wording"],
            "at": at,
        }
        change.update(stored, {**stored.document, "decision": [*stored.document["decision"], line]})


async def pay(ctx: Context, stored: Stored, reference: str, amount: Decimal) -> Document:
    """Note a payment of the deposit; once all of it has come the order goes on by itself. Noting the same reference
    twice changes nothing."""
    _demand(ctx)
    case = cases.paid(stored.document, reference, amount, ctx.caller.name, to_wire(ctx.now()))
    if case == stored.document:
        return case
    await _open_order(ctx, stored)
    change = ctx.change()
    change.update(stored, case)
    if case["state"] == "approved":
        change.defer_first(ASSESS, order=stored.id)
    await ctx.store.commit(change)
    return case


async def appeal(ctx: Context, stored: Stored, statement: str) -> Document:
    """The client objects to a refusal. His order is over, so another one with the same items is placed for him; a
    person who did not decline the first decides on it."""
    _demand(ctx)
    case = cases.appeal(stored.document, statement, ctx.caller.name, to_wire(ctx.now()))
    change = ctx.change()
    change.update(stored, case, statement)
    change.defer(REOPEN, order=stored.id)
    await ctx.store.commit(change)
    return case


async def reopen(ctx: Context, order: str, **_: Any) -> None:
    """Job: place the order that stands for one whose client appealed. Again: nothing, its externalId is known."""
    found = await ctx.store.find([(CREDIT_CASE, order), (PRODUCT_ORDER, order)])
    case, first = found.get((CREDIT_CASE.name, order)), found.get((PRODUCT_ORDER.name, order))
    if case is None or first is None or case.state != "appealed" or case.document.get("appealOrder"):
        return
    copy = {k: v for k, v in first.document.items() if k not in _GIVEN}
    copy["externalId"] = f"{_APPEAL}{order}"
    copy["note"] = [n for n in copy.get("note") or () if n.get("author") != cases.NOTE_AUTHOR]
    copy = with_state(copy, "acknowledged")
    for item in lines(copy):
        for name in _GIVEN_ITEM:
            item.pop(name, None)
    placed = await place_order(ctx.for_caller(SYSTEM), copy)
    change = ctx.change()
    link = {"id": placed["id"], "@referredType": "ProductOrder"}
    change.update(case, {**case.document, "appealOrder": link})
    await ctx.store.commit(change)


async def case_of_order(ctx: Context, order: str) -> Stored:
    """The case of an order. NotFound; Forbidden for those who may not read it."""
    return await ctx.store.get(ctx.caller, CREDIT_CASE, order)


async def customer_of(ctx: Context, case: Mapping[str, Any]) -> Mapping[str, Any]:
    found = await ctx.store.find([(CUSTOMER_, case["customer"]["id"])])
    return next((stored.document for stored in found.values()), {"id": case["customer"]["id"]})


def money(amount: Decimal | None) -> dict[str, Any] | None:
    """A sum typed by a person, in the operator's currency; None for none. BadInput below 0."""
    if amount is None or amount == 0:
        return None
    if amount < 0:
        raise BadInput("badSum", N_("A sum is above 0; leave it out for none."), path="deposit")
    return {"unit": _CURRENCY, "value": amount}
