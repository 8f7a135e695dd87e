"""How a client wants to be told, changed in his name by staff."""

from abonent.domain.communication.rules import Preferences, with_preferences
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.context import Context
from abonent.kit.retry import repeated


async def set_preferences(ctx: Context, customer_id: str, wanted: Preferences) -> None:
    """Keep a client's wishes with the customer. NotFound, Forbidden; Conflict when two do it at once, twice."""
    CUSTOMER_.permissions.demand(ctx.caller, write=True, what=CUSTOMER_.name)

    async def once() -> None:
        stored = await ctx.store.get(ctx.caller, CUSTOMER_, customer_id)
        document = with_preferences(stored.document, wanted)
        if document == stored.document:
            return
        change = ctx.change()
        change.update(stored, document)
        await ctx.store.commit(change)

    await repeated(once, 2)
