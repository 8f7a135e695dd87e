"""Placing the order of a form: everything is judged again, the visit is booked, then the real action is called."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from abonent.domain.order_handling.forecast import wish_of
from abonent.domain.order_handling.intake import place_order, receipt_id
from abonent.domain.order_handling.lines import DELETE, MODIFY, line, lines
from abonent.domain.order_handling.resources import ORDER_RECEIPT, PRODUCT_ORDER
from abonent.domain.order_handling.rules import expand_bundles
from abonent.domain.workforce.appointments import book_appointment, cancel_appointment
from abonent.faces.console.order_entry.answers import Wrong
from abonent.faces.console.order_entry.document import external_id
from abonent.faces.console.order_entry.draft import Draft
from abonent.faces.console.order_entry.facts import Facts, load
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Problem

Document = dict[str, Any]

# How long a second click waits for the first one, in seconds between looks.
_LOOKS, _PAUSE = 6, 0.1


async def place(ctx: Context, draft: Draft, zone: tzinfo, author: str) -> tuple[str | None, Facts]:
    """Number of the order placed, or None and the facts with what stands against it. The same form placed twice
    gives the same order."""
    PRODUCT_ORDER.permissions.demand(ctx.caller, write=True, what=PRODUCT_ORDER.name)
    facts = await load(ctx, draft, zone, author)
    _check(facts)
    if facts.order is None:
        return None, facts
    order: Document = {**facts.order, "externalId": external_id(draft.key, facts.order, draft.slot)}
    if facts.wrong or facts.forecast is None:
        # What the first of two clicks took may be what stands against the second; it may not be placed yet.
        taken = facts.forecast is not None and facts.forecast.taken
        return await (_awaited if taken else _first)(ctx, order), facts
    PRODUCT_ORDER.shape.check(order)
    try:
        return await _placed(ctx, facts, order), facts
    except Conflict as taken:
        if (earlier := await _awaited(ctx, order)) is not None:
            return earlier, facts
        # The slot went to somebody else meanwhile: what is free now is shown, and all that was typed stays.
        facts = await load(ctx, replace(draft, slot=""), zone, author)
        facts.wrong[_field(facts, taken)] = Wrong(taken.text, taken.facts)
    except BadInput as refused:
        facts.wrong["offer"] = Wrong(refused.text, refused.facts)
    return None, facts


def _field(facts: Facts, taken: Conflict) -> str:
    """The field of what somebody else was quicker to take."""
    if taken.code == "numberTaken":
        number = taken.facts.get("value")
        return next((c.field for c in facts.numbers if c.chosen == number), "offer")
    return "slot" if taken.code == "slotTaken" else "offer"


async def _first(ctx: Context, order: Document) -> str | None:
    receipt = receipt_id(ctx, order) or ""
    found = await ctx.store.one(ORDER_RECEIPT, receipt)
    return found.document["productOrder"] if found else None


async def _awaited(ctx: Context, order: Document) -> str | None:
    """The order of another click that took the slot and is being placed at this moment."""
    for _ in range(_LOOKS):
        if (number := await _first(ctx, order)) is not None:
            return number
        await asyncio.sleep(_PAUSE)
    return None


def _check(facts: Facts) -> None:
    """Add to `wrong` what an order cannot be placed without."""
    draft, wrong = facts.draft, facts.wrong
    if facts.customer is None:
        wrong.setdefault("q", Wrong(N_("Choose the client first.")))
        return
    if draft.action == DELETE:
        if not draft.note:
            wrong["note"] = Wrong(N_("Say in a few words why it is cancelled."))
        return
    if draft.action == MODIFY:
        if facts.order is None and not wrong:
            wrong["offer"] = Wrong(N_("Nothing would change. Choose another offering or another value."))
    elif not draft.address:
        wrong.setdefault("place", Wrong(N_("Choose the address of the client, or look for another one.")))
    elif not facts.chosen:
        wrong.setdefault("offer", Wrong(N_("Choose at least one offering.")))
    found = facts.forecast
    if found is not None:
        for feasibility in found.feasibility.values():
            for reason in feasibility.reasons:
                if not reason.ok:
                    wrong.setdefault("offer", Wrong(reason.text, reason.facts))
        if found.taken:
            wrong["slot"] = Wrong(N_("This time was taken meanwhile. Choose another one."))


async def _placed(ctx: Context, facts: Facts, order: Document) -> str:
    """Book the visit that was chosen, place the order with it, give the visit up again if it was not placed."""
    found = facts.forecast
    visit = found.first_visit if found else None
    if found is None or visit is None or not facts.draft.slot or found.visit is None:
        return (await place_order(ctx, order))["id"]
    earlier = await _first(ctx, order)
    if earlier is not None:
        return earlier
    booked = await book_appointment(ctx, wish_of(visit), found.visit[0], customer=facts.customer)
    try:
        placed = await place_order(ctx, _with_visit(order, facts, visit.item, booked["id"]))
    except Problem:
        await cancel_appointment(ctx, booked["id"])
        raise
    if booked["id"] not in _appointments(placed):
        # The other of two clicks was quicker, and booked a visit of its own.
        await cancel_appointment(ctx, booked["id"])
    return placed["id"]


def _with_visit(order: Document, facts: Facts, item: str, appointment: str) -> Document:
    """The order whose item names the appointment; a bundle's parts are written out, as the visit is of one of them."""
    offerings: Mapping[str, Any] = {id: o.offering for id, o in facts.catalogue.offers.items()}
    expanded = expand_bundles(order, offerings)
    line(expanded, item)["appointment"] = {"id": appointment, "@referredType": "Appointment"}
    return expanded


def _appointments(order: Mapping[str, Any]) -> set[str]:
    return {(item.get("appointment") or {}).get("id") or "" for item in lines(order)}
