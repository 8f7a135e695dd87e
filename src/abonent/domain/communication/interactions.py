"""Interactions with a party (TMF683): when they were noted, and when their status changed.

The status is free text in the specification (opened, inProgress, completed are its examples), so no state machine holds
it.
"""

from typing import Any

from abonent.domain.communication.resources import PARTY_INTERACTION
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def create_interaction(ctx: Context, document: Document) -> Document:
    """Note an interaction. Its creationDate may be given: what happened at a desk is often written down later."""
    at = to_wire(ctx.now())
    return await plain(PARTY_INTERACTION).create(
        ctx, {"creationDate": at, "statusChangeDate": at, **document}
    )


async def change_interaction(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change it; a new status gets its date and an event of its own."""
    if document.get("status") == stored.document.get("status"):
        return await plain(PARTY_INTERACTION).change(ctx, stored, document)
    changed = document | {"statusChangeDate": to_wire(ctx.now())}
    change = ctx.change()
    change.update(stored, changed)
    change.publish(PARTY_INTERACTION, stored.id, "StatusChange")
    await ctx.store.commit(change)
    return changed


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(PARTY_INTERACTION, create=create_interaction, change=change_interaction)
