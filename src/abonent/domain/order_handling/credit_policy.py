"""The operator's credit policy: one table, under one id, checked whenever it is written."""

from typing import Any

from abonent.domain.order_handling.resources import CREDIT_POLICY
from abonent.domain.qualification.rules import check_policy
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain

POLICY_ID = "default"


async def create_policy(ctx: Context, document: dict[str, Any]) -> dict[str, Any]:
    """Put the operator's table in place of the one shipped. BadInput for a table that could not decide;
    Conflict when there is one already: patch it."""
    check_policy(document)
    new = {"id": POLICY_ID, **document}
    change = ctx.change()
    change.insert(CREDIT_POLICY, new)
    await ctx.store.commit(change)
    return new


async def change_policy(ctx: Context, stored: Stored, document: dict[str, Any]) -> dict[str, Any]:
    """Change the table; BadInput for one that could not decide."""
    check_policy(document)
    return await plain(CREDIT_POLICY).change(ctx, stored, document)
