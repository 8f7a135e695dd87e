"""Which orders need a contract before work starts, and the tasks that wait for it. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from abonent.domain.order_handling.lines import ADD, offering_id
from abonent.domain.order_handling.plan import Task
from abonent.kit.errors import N_

Document = Mapping[str, Any]
KIND = "contract"
# TMF620 lets an offering name agreements; those of this type are ours to have accepted.
TEMPLATE_TYPE = "ContractTemplate"
NAME = {"en": N_("The client accepts the contract"), "ru": "Клиент принимает договор"}


def template_of(offering: Document | None) -> str | None:
    """The contract template an offering asks for."""
    named = (offering or {}).get("agreement") or ()
    return next((a["id"] for a in named if a.get("@referredType") == TEMPLATE_TYPE), None)


def template_in(order: Document, offerings: Mapping[str, Document]) -> str | None:
    """The template of an order's contract: the first that an item asks for."""
    return next((id for _, id in _asking(order, offerings)), None)


def _asking(
    order: Document, offerings: Mapping[str, Document], above: str | None = None
) -> Iterator[tuple[str, str]]:
    """(item, template) of what is added under a contract; the parts of a bundle fall under the bundle's."""
    for item in order.get("productOrderItem") or ():
        own = template_of(offerings.get(offering_id(item) or "")) or above
        if own and item["action"] == ADD:
            yield item["id"], own
        yield from _asking(item, offerings, own)


def with_contract(order: Document, tasks: list[Task], offerings: Mapping[str, Document]) -> list[Task]:
    """The plan's tasks with one before each item that needs a contract: nothing of it begins before."""
    added: list[Task] = []
    for item, template in _asking(order, offerings):
        own = [task for task in tasks if task.item == item]
        if not own:
            continue
        task = Task(
            id=f"{item}.{KIND}",
            item=item,
            name=dict(NAME),
            kind=KIND,
            by="client",
            spec={"template": template},
        )
        ids = {t.id for t in own}
        for first in own:
            if ids.isdisjoint(first.depends_on):
                first.depends_on = [*first.depends_on, task.id]
        added.append(task)
    return [*added, *tasks]
