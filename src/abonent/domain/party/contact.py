"""Changing how a client is reached: a merge patch on the customer, told by its event, kept in the history."""

from dataclasses import replace

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import Contact, changes, contact_of, contact_patch, dialled, problems
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict
from abonent.kit.patch import merge_patch


async def change_contact(ctx: Context, client: str, contact: Contact, version: int) -> bool:
    """Save a client's contact data; whether anything changed. `version` is the one the form was filled in from.

    NotFound, Forbidden; BadInput for the first field that is wrong; Conflict if somebody changed the client meanwhile.
    """
    CUSTOMER_.permissions.demand(ctx.caller, write=True, what=CUSTOMER_.name)
    stored = await ctx.store.get(ctx.caller, CUSTOMER_, client)
    wrong = problems(contact)
    if wrong:
        raise next(iter(wrong.values()))
    old, new = contact_of(stored.document), replace(contact, phone=dialled(contact.phone))
    changed = changes(replace(old, phone=dialled(old.phone)), new)
    if not changed:
        return False
    if stored.version != version:
        raise Conflict(
            "changedMeanwhile",
            N_("{what} was changed by somebody else meanwhile. Read it again and repeat."),
            what=f"{CUSTOMER_.name} {client}",
        )
    document = merge_patch(stored.document, contact_patch(stored.document, new))
    CUSTOMER_.shape.check(document)
    change = ctx.change()
    change.update(stored, document)
    for field, before, after in changed:
        change.flip(CUSTOMER_, client, field, before or None, after or None)
    await ctx.store.commit(change)
    return True
