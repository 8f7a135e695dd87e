"""Appointments that nobody could keep: posted with a time that is over, or for a place we do not know.

TMF646 has no state for what was refused, so they stand as `failed` from the start, with the reason in their notes.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import APPOINTMENT
from abonent.domain.workforce.slots import Wish, need_of, roster, within_reach
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput
from abonent.kit.values import from_wire

Document = dict[str, Any]

NO_START = N_("No time was asked for: give validFor.startDateTime.")
OVER = N_("The time that was asked for is over.")
NO_CREW = N_("No crew does such work there.")


async def obstacle(ctx: Context, wish: Wish, document: Mapping[str, Any]) -> str | None:
    """Why nobody could ever keep an appointment as it is posted; None when it may be booked. A slot that is taken is
    another matter."""
    given = (document.get("validFor") or {}).get("startDateTime")
    if given is None:
        return NO_START
    start = from_wire(given)
    if start < ctx.now():
        return OVER
    try:
        need = await need_of(ctx, wish)
    except BadInput as unknown:
        return str(unknown)
    begin = within_reach(start)
    known = await roster(ctx, need, begin, begin + timedelta(days=1))
    return None if known.crews else NO_CREW


async def keep_failed(ctx: Context, wish: Wish, document: Mapping[str, Any], why: str) -> Document:
    """Keep such an appointment with the reason."""
    at = ctx.now()
    new = doc.new_appointment(await ctx.store.next_id(APPOINTMENT), wish, "failed", at, document)
    new["validFor"] = dict(document["validFor"])
    if ctx.caller.owner is not None:
        new["relatedParty"] = [{"id": ctx.caller.owner, "role": "customer", "@referredType": "Customer"}]
    new = doc.noted(new, why, ctx.caller.name, at)
    change = ctx.change()
    change.insert(APPOINTMENT, new, why)
    await ctx.store.commit(change)
    return new
