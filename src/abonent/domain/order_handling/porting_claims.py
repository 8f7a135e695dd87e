"""Numbers that an order brings, as it is placed or amended: checked, and kept for it so that no other brings them."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.catalog.queries import decompositions
from abonent.domain.catalog.rules import specification_id
from abonent.domain.inventory import ported
from abonent.domain.order_handling import rules_porting as rules
from abonent.domain.order_handling.lines import lines, offering_id
from abonent.domain.order_handling.plan import Plan
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.errors import N_

Document = dict[str, Any]
_AMENDED = N_("The order brings another number")


async def note_ordered(
    ctx: Context, change: Change, order: Document, offerings: Mapping[str, Mapping[str, Any]]
) -> None:
    """Check the numbers that an order brings and note in `change` that they are taken. BadInput, Conflict."""
    wanted = rules.wishes(order)
    if wanted:
        await check(ctx, order, offerings)
        brought = {id: wish.number for id, wish in wanted.items()}
        await ported.note_brought(ctx, change, order["id"], brought)


async def check(ctx: Context, order: Document, offerings: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse numbers that cannot be brought to what is ordered; BadInput. Whose they are is not asked."""
    if not rules.wishes(order):
        return
    specifications = {
        item["id"]: specification_id(offerings.get(offering_id(item) or "")) or "" for item in lines(order)
    }
    found = await decompositions(ctx.store, sorted({s for s in specifications.values() if s}))
    rules.check(
        order,
        {
            id: rules.terms_of(found.get(specifications[id], {}).get("task") or ())
            for id in rules.wishes(order)
        },
    )


async def note_amended(
    ctx: Context,
    change: Change,
    before: Document,
    after: Document,
    offerings: Mapping[str, Mapping[str, Any]],
    plan: Plan | None,
) -> None:
    """The same when an order is amended: what it brings no more is let go. IllegalMove besides."""
    old, new = rules.wishes(before), rules.wishes(after)
    if old == new:
        return
    rules.check_amended(before, after, plan)
    await check(ctx, after, offerings)
    was = {id: wish.number for id, wish in old.items()}
    fresh = {id: wish.number for id, wish in new.items() if was.get(id) != wish.number}
    for id in fresh.keys() & was.keys():
        await ported.note_not_brought(ctx, change, before["id"], was[id], _AMENDED)
    if fresh:
        await ported.note_brought(ctx, change, before["id"], fresh)
