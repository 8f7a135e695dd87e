"""Finding the customer that a reference means."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.party.queries import customers_of_party
from abonent.kit.context import Context


async def customer_known_as(ctx: Context, reference: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The one customer whose engaged party (individual or organization) has the reference's id.

    None when there is no reference, no such customer, or more than one: then it is not clear who is meant.
    """
    if reference is None:
        return None
    found = await customers_of_party(ctx.store, reference["id"])
    return found[0] if len(found) == 1 else None
