"""What happens to a quote: offered, granted, accepted, declined, called off, run out of time.

An accepted quote is heard by order handling, which places the order; nothing here knows of orders.
"""

from typing import Any

from abonent.domain.agreement.documents import (
    CLIENT,
    assessment_of,
    authorized,
    client_of,
    longest,
    noted,
    offered,
    valid_until,
    without_assessment,
)
from abonent.domain.agreement.resources import QUOTE, QUOTE_POLICY
from abonent.domain.agreement.rules_quote import DEFAULT_POLICY, check_policy, may_price
from abonent.domain.agreement.states import QUOTE as STATES
from abonent.kit.access import Caller
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove
from abonent.kit.patch import changed_names
from abonent.kit.retry import repeated
from abonent.kit.values import to_wire

Document = dict[str, Any]

EXPIRE = "agreement.expire_quote"
POLICY_ID = "default"
EXPIRED = N_("The quote was valid until {day} and was not answered.")
FOR_NOBODY = N_("It does not say for whom it is: name the customer in relatedParty (role customer).")
_ROUNDS = 3


async def policy(ctx: Context) -> Document:
    """The operator's policy, or the one shipped."""
    found = await ctx.store.find([(QUOTE_POLICY, POLICY_ID)])
    stored = found.get((QUOTE_POLICY.name, POLICY_ID))
    return dict(stored.document if stored else DEFAULT_POLICY)


async def create_policy(ctx: Context, document: Document) -> Document:
    """Put the operator's policy in place of the one shipped. BadInput for one that could not decide."""
    check_policy(document)
    new = {"id": POLICY_ID, **document}
    change = ctx.change()
    change.insert(QUOTE_POLICY, new)
    await ctx.store.commit(change)
    return new


async def change_policy(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change the policy; BadInput for one that could not decide."""
    check_policy(document)
    return await plain(QUOTE_POLICY).change(ctx, stored, document)


async def ask_for_quote(ctx: Context, document: Document) -> Document:
    """A quote asked for over the API: it is inProgress until it was assessed. Prices are ours to say and left out. One
    that does not say for whom it is stands as `rejected` with the reason."""
    if ctx.caller.owner is not None:
        party = {"id": ctx.caller.owner, "role": "customer", "@referredType": "Customer"}
        document = document | {"relatedParty": [party]}
    unpriced = [{k: v for k, v in i.items() if k != "quoteItemPrice"} for i in document["quoteItem"]]
    new = {k: v for k, v in document.items() if k not in {"authorization", "productOfferingQualification"}}
    # Whether and which of our assessments it rests on is ours to say, too.
    if others := without_assessment(document):
        new["productOfferingQualification"] = others
    new |= {
        "id": await ctx.store.next_id(QUOTE),
        "quoteDate": to_wire(ctx.now()),
        "state": "inProgress",
        "quoteItem": [{"id": str(n), **item} for n, item in enumerate(unpriced, 1)],
    }
    reason = None if client_of(document) else FOR_NOBODY
    if reason:
        new |= {"state": "rejected", "note": noted(new, "rejected", ctx.caller.name, ctx.now(), reason)}
    change = ctx.change()
    change.insert(QUOTE, new, reason)
    await ctx.store.commit(change)
    return new


def timer_of(id: str) -> str:
    return f"quote/{id}"


def expire_at_end(change: Change, quote: Document) -> None:
    """Have an offered quote end by itself."""
    end = valid_until(quote)
    if quote["state"] == "approved" and end is not None:
        change.set_timer(timer_of(quote["id"]), end, EXPIRE, id=quote["id"])


async def grant(ctx: Context, id: str, reason: str) -> Document:
    """Somebody who may grants a price below the least margin: the client gets the quote. Forbidden."""
    if not may_price(ctx.caller.role):
        raise Forbidden("priceByManagers", N_("A price below the least margin is granted by managers."))
    stored = await ctx.store.get(ctx.caller, QUOTE, id)
    _check(stored, "approved", "pending")
    now = ctx.now()
    end = longest(now, (await policy(ctx))["quoteDays"], valid_until(stored.document))
    document = offered(stored.document, now, end) | {
        "authorization": authorized(
            stored.document, "margin", _person(ctx.caller), now, "approved", ctx.caller.name
        ),
        "note": noted(stored.document, "granted", ctx.caller.name, now, reason),
    }
    change = ctx.change()
    change.update(stored, document, reason)
    expire_at_end(change, document)
    await ctx.store.commit(change)
    return document


async def accept(ctx: Context, id: str, *, how: str) -> Document:
    """The client takes the quote. `how`: "link", "telephone", "API". IllegalMove when it is not open (any more);
    accepting twice gives the same quote."""
    return await _answer(ctx, id, "accepted", "", how)


async def decline(ctx: Context, id: str, reason: str, *, how: str) -> Document:
    """The client does not take the quote; his reason is kept. BadInput without one."""
    if not reason:
        raise BadInput(
            "reasonMissing", N_("Say in a few words why not; it is kept with the quote."), path="reason"
        )
    return await _answer(ctx, id, "rejected", reason, how)


async def _answer(ctx: Context, id: str, state: str, reason: str, how: str) -> Document:
    async def once() -> Document:
        stored = await ctx.store.get(ctx.caller, QUOTE, id)
        if stored.state == state:
            return stored.document
        _check(stored, state, "approved")
        now = ctx.now()
        end = valid_until(stored.document)
        if state == "accepted" and end is not None and now >= end:
            raise IllegalMove(
                "quoteRanOut",
                N_("Quote {quote} was valid until {day}. Ask for a new one."),
                quote=id,
                day=to_wire(end)[:10],
            )
        document = stored.document | {
            "state": state,
            "authorization": authorized(
                stored.document,
                CLIENT,
                _client(stored.document),
                now,
                "approved" if state == "accepted" else "declined",
                how,
            ),
        }
        if reason:
            document["note"] = noted(stored.document, "declined", ctx.caller.name, now, reason)
        change = ctx.change()
        change.update(stored, document, reason or None)
        change.stop_timer(timer_of(id))
        await ctx.store.commit(change)
        return document

    return await repeated(once, _ROUNDS)


async def call_off(ctx: Context, id: str, reason: str) -> Document:
    """Staff take a quote back. BadInput without a reason."""
    if not reason:
        raise BadInput(
            "reasonMissing",
            N_("Say in a few words why it is called off; it is kept with the quote."),
            path="reason",
        )
    stored = await ctx.store.get(ctx.caller, QUOTE, id)
    STATES.check(f"{QUOTE.name} {id}", stored.state, "cancelled")
    return await _end(ctx, stored, "cancelled", "calledOff", reason)


async def expire(ctx: Context, id: str, **_: Any) -> None:
    """Job of the timer: a quote that nobody answered ends. One that was answered, or has a later end, stays."""
    found = await ctx.store.find([(QUOTE, id)])
    stored = found.get((QUOTE.name, id))
    end = valid_until(stored.document) if stored else None
    if stored is None or stored.state != "approved" or end is None or end > ctx.now():
        return
    await _end(ctx, stored, "cancelled", "expired", EXPIRED.format(day=to_wire(end)[:10]))


async def _end(ctx: Context, stored: Stored, state: str, kind: str, reason: str) -> Document:
    document = stored.document | {
        "state": state,
        "note": noted(stored.document, kind, ctx.caller.name, ctx.now(), reason),
    }
    change = ctx.change()
    change.update(stored, document, reason)
    change.stop_timer(timer_of(stored.id))
    await ctx.store.commit(change)
    return document


def _check(stored: Stored, state: str, only: str) -> None:
    """IllegalMove unless the quote is in the state `only` before it moves to `state`."""
    STATES.check(f"{QUOTE.name} {stored.id}", stored.state, state)
    if stored.state != only:
        raise IllegalMove(
            "quoteNotOffered",
            N_("Quote {quote} is {state}; only one that was offered can be answered."),
            quote=stored.id,
            state=stored.state,
        )


def _person(caller: Caller) -> Document:
    return {"id": caller.name, "name": caller.name, "role": caller.role.value, "@referredType": "Individual"}


def _client(quote: Document) -> Document:
    return next((dict(p) for p in quote.get("relatedParty") or () if p.get("id") == client_of(quote)), {})


# ---- over the API

# What only tells; beside an answer a note alone may come.
_TOLD = frozenset({"description", "category", "contactMedium", "externalId", "billingAccount", "agreement"})
_MAY_COME = {False: _TOLD | {"note"}, True: frozenset({"note"})}


async def change_quote(ctx: Context, stored: Stored, document: Document) -> Document:
    """Apply a validated patch: what only tells may change while the quote is open; `state` answers it.

    accepted and rejected are the client's answers (rejected takes the reason from the last note), approved grants a
    thin price, cancelled calls it off. IllegalMove for everything that was agreed on.
    """
    wanted = document.get("state")
    changed = changed_names(document, stored.document) - {"state"}
    reason = _new_note(stored.document, document)
    if changed - _MAY_COME[wanted != stored.state]:
        raise IllegalMove(
            "quoteFixed",
            N_("{path} of quote {quote} cannot be changed: it says what was agreed. Ask for a new quote."),
            path=", ".join(sorted(changed)),
            quote=stored.id,
        )
    if wanted == stored.state:
        if not changed:
            return stored.document
        change = ctx.change()
        change.update(stored, document)
        await ctx.store.commit(change)
        return document
    if wanted == "accepted":
        return await accept(ctx, stored.id, how="API")
    if wanted == "rejected":
        return await decline(ctx, stored.id, reason, how="API")
    if wanted == "cancelled":
        return await call_off(ctx, stored.id, reason or N_("cancelled over the API"))
    if wanted == "approved" and ctx.caller.staff:
        return await grant(ctx, stored.id, reason or N_("granted over the API"))
    raise IllegalMove(
        "quoteStateByProcess",
        N_("State {state} is not reached by a patch. A quote may be set to accepted, rejected or cancelled."),
        state=wanted,
    )


def _new_note(before: Document, after: Document) -> str:
    """The text of the last note, where a patch brought one."""
    notes = after.get("note") or []
    return str(notes[-1].get("text") or "") if notes and notes != before.get("note") else ""


async def remove_quote(ctx: Context, stored: Stored) -> None:
    """Delete a quote that came to nothing, or that nobody began to assess; what was accepted is kept with its order."""
    untouched = stored.state == "inProgress" and not assessment_of(stored.document)
    if not untouched and stored.state not in {"cancelled", "rejected"}:
        raise IllegalMove(
            "quoteKept",
            N_("Quote {quote} is {state} and is kept. Cancel it first, if it is still open."),
            quote=stored.id,
            state=stored.state,
        )
    await plain(QUOTE).remove(ctx, stored)
