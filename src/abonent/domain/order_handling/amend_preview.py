"""What an amendment would do, told before it is sent. Nothing is saved."""

from dataclasses import dataclass, field
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import rules, rules_amend
from abonent.domain.order_handling.amend_running import drafted
from abonent.domain.order_handling.intake import gather
from abonent.domain.order_handling.plan import Plan
from abonent.domain.order_handling.progress import load
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.order_handling.rules_amendable import Difference, difference
from abonent.kit.change import Stored
from abonent.kit.context import Context

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """The order as it would stand.

    plan   as it would be, with how it differs; None while the order has none: it is assessed and planned anew
    """

    order: Document
    plan: Plan | None = None
    tasks: Difference = field(default_factory=Difference)


async def preview(ctx: Context, stored: Stored, document: Document) -> Preview:
    """What `amend.change_order` would make of the same document. It raises what that would raise."""
    running = await load(ctx, stored.id)
    before = stored.document
    if running is None:
        facts, _ = await gather(ctx, document)
        rules.check_items(document, facts)
        order = rules.opened(document, facts, before)
        rules_amend.amendment(before, order)  # refuses what cannot be amended
        return Preview(order)
    change, order = await drafted(ctx, running, document)
    written = next((w.document for w in change.writes if w.resource is ORDER_PLAN), None)
    plan = planning.from_document(written) if written else running.plan
    return Preview(order, plan, difference(running.plan, plan))
