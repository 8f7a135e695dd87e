"""Finding the customer that a reference means, and what is known of a customer himself."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.party.queries import customers_of_party
from abonent.domain.party.resources import INDIVIDUAL, ORGANIZATION
from abonent.kit.context import Context


async def customer_known_as(ctx: Context, reference: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The one customer whose engaged party (individual or organization) has the reference's id.

    None when there is no reference, no such customer, or more than one: then it is not clear who is meant.
    """
    if reference is None:
        return None
    found = await customers_of_party(ctx.store, reference["id"])
    return found[0] if len(found) == 1 else None


async def papers_of(
    ctx: Context, customer: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The individual or organization that a customer is ({}: not known), and (type, number) of its documents."""
    party = customer.get("engagedParty") or {}
    organization = party.get("@referredType") == "Organization"
    stored = await ctx.store.one(ORGANIZATION if organization else INDIVIDUAL, party.get("id") or "")
    person = stored.document if stored else {}
    papers = person.get("organizationIdentification" if organization else "individualIdentification") or ()
    return person, tuple(
        (str(p.get("identificationType") or ""), str(p["identificationId"]))
        for p in papers
        if p.get("identificationId")
    )
