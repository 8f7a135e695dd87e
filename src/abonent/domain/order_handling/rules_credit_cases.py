"""What becomes of an order's credit case: opened by the table, decided by a person, paid, appealed against. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from abonent.domain.qualification.rules import Reason
from abonent.domain.qualification.rules_credit import CreditDecision, CreditOutcome
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove
from abonent.kit.values import Money, amount_of, characteristic, ref

Document = Mapping[str, Any]
OPEN = frozenset({"referred", "awaitingDeposit"})
TABLE = "table"
NOTE_AUTHOR = "credit"
_OPENED = {
    CreditOutcome.REFER: "referred",
    CreditOutcome.DEPOSIT: "awaitingDeposit",
    CreditOutcome.DECLINE: "declined",
}
_BY_HAND = frozenset({"approved", "awaitingDeposit", "declined"})


def step(at: str, by: str, what: str, why: str = "", **more: Any) -> dict[str, Any]:
    """One line of a case's trace."""
    kept = {"why": why, **more}
    return {"at": at, "by": by, "what": what, **{name: value for name, value in kept.items() if value}}


def decision_document(decision: CreditDecision, at: str, *, overridden: bool = False) -> dict[str, Any]:
    """A credit decision as it stays with the order."""
    document = {
        "kind": "credit",
        "outcome": decision.outcome.value,
        "reasons": [r.to_document() for r in decision.reasons],
        "rule": decision.rule,
        "rulesVersion": decision.policy_version,
        "deposit": decision.deposit,
        "overridden": overridden,
        "at": at,
    }
    row = {k: v for k, v in decision.row.items() if k in {"column", "cell", "outcome", "deposit", "limit"}}
    more = {
        "limit": decision.limit,
        "inputs": dict(decision.inputs),
        "row": row,
        "wording": dict(decision.wording),
        "bureau": decision.bureau.document() if decision.bureau else None,
        "by": decision.by,
    }
    return document | {name: value for name, value in more.items() if value}


def opened(
    known: Document | None,
    order: Document,
    customer: Document,
    decision: CreditDecision,
    at: str,
    currency: str,
    appeal: Document | None = None,
) -> dict[str, Any] | None:
    """The case after the table decided on the order; None where there is none and none is needed.

    `appeal`: the case of the order that this one stands for.
    """
    state = _OPENED.get(decision.outcome, "approved")
    if known is None and state == "approved":
        return None
    line = step(at, TABLE, state, decision.reasons[0].text.format(**decision.reasons[0].facts),
                version=decision.policy_version, rule=decision.rule)  # fmt: skip
    case: dict[str, Any] = {
        **({"since": at} if known is None or known["state"] not in OPEN else {"since": known["since"]}),
        "id": order["id"],
        "productOrder": {"id": order["id"], "@referredType": "ProductOrder"},
        "customer": ref(customer, "Customer"),
        "state": state,
        "decision": decision_document(decision, at),
        "monthly": Decimal(str(decision.inputs.get("monthly", 0))),
        "trace": [*((known or {}).get("trace") or ()), line],
    }
    if appeal is not None:
        case |= {
            "statement": appeal["statement"],
            "appealOf": appeal["productOrder"],
            "declinedBy": appeal.get("declinedBy", TABLE),
        }
        line["what"], line["why"] = "appealed", appeal["statement"]
    if decision.deposit:
        case["deposit"] = Money(decision.deposit, currency).document()
    if state == "declined":
        case["declinedBy"] = TABLE
        case["wording"] = wording_for(customer, decision.wording)
    return case


def wording_for(customer: Document, wording: Mapping[str, str]) -> str:
    """What a client is told, in his language where it is there."""
    language = str(characteristic(customer, "characteristic", "language", "en"))
    return wording.get(language) or wording.get("en") or next(iter(wording.values()), "")


def with_wording(order: Document, text: str, at: str) -> dict[str, Any]:
    """The order with what its client is told as a note of the credit check; at most one such note."""
    notes = [n for n in order.get("note") or () if n.get("author") != NOTE_AUTHOR]
    told = {"id": NOTE_AUTHOR, "author": NOTE_AUTHOR, "date": at, "text": text}
    return {**order, "note": [*notes, told]} if text else dict(order)


def settled(case: Document | None, monthly: Decimal) -> bool:
    """Whether credit was given to this order already. An order that was amended and costs more is decided anew."""
    return case is not None and case["state"] == "approved" and monthly <= Decimal(str(case["monthly"]))


def settlement(case: Document) -> CreditDecision:
    """The decision that stands in a case that was approved."""
    last = case["trace"][-1]
    if last["what"] == "paid":
        text, facts = N_("The deposit is paid: {amount}."), {"amount": str(amount_of(case["deposit"]))}
    else:
        text, facts = (
            N_("Credit is given by {name}: {why}"),
            {"name": last["by"], "why": last.get("why") or "–"},
        )
    earlier = case.get("decision") or {}
    return CreditDecision(
        CreditOutcome.APPROVE,
        "-",
        str(earlier.get("rulesVersion", "-")),
        (Reason("creditGiven", text, True, facts),),
        limit=amount_of(case.get("limit")),
        by=last["by"],
    )


def appealed(decision: CreditDecision, order_id: str) -> CreditDecision:
    """What stands instead of the table's decision on an order that is an appeal: a person decides, and reads it."""
    text = N_("The client appeals against the decision on order {order}.")
    reason = Reason("appeal", text, False, {"order": order_id})
    return replace(
        decision,
        outcome=CreditOutcome.REFER,
        reasons=(reason, *decision.reasons),
        deposit=Decimal(0),
        limit=Decimal(0),
    )


# ---- steps by hand


def decided(
    case: Document,
    outcome: str,
    by: str,
    at: str,
    *,
    why: str,
    deposit: Document | None = None,
    limit: Document | None = None,
    wording: str = "",
) -> dict[str, Any]:
    """The case after a person decided on it.

    outcome  approved | declined; a deposit makes approved awaitingDeposit, an appeal that is declined is upheld
    BadInput where the reason, the wording or a sum is missing; IllegalMove for a case that waits for nobody;
    Forbidden to the person who declined what is appealed against.
    """
    if case["state"] not in OPEN:
        raise IllegalMove(
            "caseDecided",
            N_("The credit of order {order} was decided: {state}. Look at it as it is now."),
            order=case["id"],
            state=case["state"],
        )
    if case.get("appealOf") and by == case.get("declinedBy"):
        raise Forbidden(
            "appealByAnother",
            N_("{name} declined this client before. Another person decides on the appeal."),
            name=by,
        )
    if outcome not in _BY_HAND:
        raise BadInput(
            "badOutcome", N_("A person decides: approved, awaitingDeposit or declined."), path="state"
        )
    if not why:
        raise BadInput("reasonMissing", N_("Say why; it is kept with the order."), path="reason")
    line = step(at, by, outcome, why, table=case["decision"]["outcome"])
    if outcome == "declined":
        if not wording:
            raise BadInput("wordingMissing", N_("Say what the client is told."), path="wording")
        state = "upheld" if case.get("appealOf") else "declined"
        line |= {"what": state, "wording": wording}
        return {**case, "state": state, "wording": wording, "declinedBy": by, "reason": why,
                "trace": [*case["trace"], line]}  # fmt: skip
    for path, money in (("deposit", deposit), ("limit", limit)):
        if money is not None and amount_of(money) <= 0:
            raise BadInput("badSum", N_("A sum is above 0; leave it out for none."), path=path)
    if outcome == "awaitingDeposit" and deposit is None:
        raise BadInput("depositMissing", N_("Say how much the client pays in advance."), path="deposit")
    state = "approved" if deposit is None else "awaitingDeposit"
    changed = {k: v for k, v in case.items() if k not in {"deposit", "limit"}}
    changed |= {"state": state, "reason": why}
    for name, money in (("deposit", deposit), ("limit", limit)):
        if money is not None:
            changed[name] = line[name] = dict(money)
    line["what"] = state
    return {**changed, "trace": [*case["trace"], line]}


def paid(case: Document, reference: str, amount: Decimal, by: str, at: str) -> dict[str, Any]:
    """The case after a payment of its deposit; approved once all of it has come. The same reference twice is one."""
    payments = case.get("payment") or []
    if any(p["reference"] == reference for p in payments):
        return dict(case)
    if case["state"] != "awaitingDeposit":
        raise IllegalMove(
            "noDepositAsked",
            N_("Order {order} waits for no deposit. Look at it as it is now."),
            order=case["id"],
        )
    if not reference:
        raise BadInput(
            "referenceMissing", N_("Name the payment: its number at the bank or cash desk."), path="payment"
        )
    if amount <= 0:
        raise BadInput("badSum", N_("A payment is above 0."), path="payment")
    unit = case["deposit"].get("unit")
    money = {"value": amount, **({"unit": unit} if unit else {})}
    changed = {**case, "payment": [*payments, {"reference": reference, "amount": money, "at": at, "by": by}]}
    complete = missing_deposit(changed) <= 0
    line = step(at, by, "paid" if complete else "paidInPart", reference, amount=money)
    return changed | {"state": "approved" if complete else case["state"], "trace": [*case["trace"], line]}


def missing_deposit(case: Document) -> Decimal:
    """What of the deposit has not come yet."""
    had = sum((amount_of(p["amount"]) for p in case.get("payment") or ()), Decimal(0))
    return amount_of(case.get("deposit")) - had


def appeal(case: Document, statement: str, by: str, at: str) -> dict[str, Any]:
    """The case after its client objected. IllegalMove where there is nothing to appeal against, or no more."""
    if case["state"] in {"appealed", "upheld"}:
        raise IllegalMove("appealedBefore", N_("There was an appeal already; the second decision stands."))
    if case["state"] != "declined":
        raise IllegalMove("notDeclined", N_("Credit was not declined; there is nothing to appeal against."))
    if not statement:
        raise BadInput("statementMissing", N_("Write down what the client says."), path="statement")
    line = step(at, by, "appealed", statement)
    return {**case, "state": "appealed", "statement": statement, "trace": [*case["trace"], line]}
