"""Tasks that a crew does on site: a work order with an appointment, and what becomes of it."""

import copy
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from typing import Any

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.plan import CircularPlan, Slot, Task, key_of
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.dispatch import kept_appointment
from abonent.domain.workforce.documents import Work
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.slots import free, need_of
from abonent.domain.workforce.work import cancel_work, cancel_work_of, rebook
from abonent.kit.access import SYSTEM
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove, NotFound
from abonent.kit.values import from_wire

Document = Mapping[str, Any]

CANCEL = "order_handling.cancel_visits"
LATER = "order_handling.move_visit_later"
CANCEL_WORK = "order_handling.cancel_work_orders"
WORK_ORDER_TASK = "workOrder"


def work_order_number(key: str) -> str:
    """Id of the work order of a task: WO-10001-1.visit for the key O-10001/1.visit."""
    return f"WO-{key.removeprefix('O-').replace('/', '-')}"


def work_for(order: Document, customer: Document | None, task: Task) -> Work:
    """The work that a task of kind workOrder asks for. What kind of crew it needs stands in its decomposition."""
    key = key_of(order["id"], task)
    wanted = order.get("requestedStartDate")
    return Work(
        id=work_order_number(key),
        key=key,
        order=order["id"],
        item=task.item,
        action=task.spec["action"],
        name=task.name.get("en", task.id),
        skill=task.spec.get("skill"),
        address=task.spec.get("address"),
        minutes=int(task.minutes) or None,
        customer=customer,
        appointment=task.spec.get("appointment"),
        not_before=from_wire(wanted) if wanted else None,
        names=task.name,
    )


def slot_of(work_order: Document) -> Slot | None:
    """When the visit of a work order is planned."""
    if not work_order.get("appointment"):
        return None
    return from_wire(work_order["requestedStartDate"]), from_wire(work_order["expectedCompletionDate"])


async def planned_slots(
    ctx: Context, order: Document, customer: Document | None, tasks: Iterable[Task]
) -> dict[str, Slot]:
    """When the visits among the tasks of a new plan will be: at the appointment the client chose, else at the first
    slot that is free now once all before it is done. Nothing is booked here."""
    listed = list(tasks)
    if not any(task.kind == WORK_ORDER_TASK for task in listed):
        return {}
    slots: dict[str, Slot] = {}
    try:
        ordered = planning.in_dependency_order(listed)
    except CircularPlan:
        return {}
    for task in ordered:
        if task.kind != WORK_ORDER_TASK:
            continue
        # Visits before this one have their slots already, and so this one's earliest date is true.
        draft = planning.build(
            order["id"], copy.deepcopy(listed), now=ctx.now(), requested=None, customer=None, slots=slots
        )
        work = work_for(order, customer, task)
        chosen = await kept_appointment(ctx, work)
        if chosen is not None:
            slots[task.id] = doc.starts(chosen.document), doc.ends(chosen.document)
            continue
        soonest = from_wire(draft.find(task.id).planned_start)
        after = max(soonest, work.not_before) if work.not_before else soonest
        need = await need_of(ctx, work.wish, strict=False)
        for slot in await free(ctx, need, after=after, limit=1):
            slots[task.id] = slot.start, slot.end
    return slots


def chosen_appointments(order: Document, items: Container[str] | None = None) -> list[str]:
    """Ids of the appointments that the items of an order name, or those `items`."""
    wanted = (item for item in lines(order) if items is None or item["id"] in items)
    named = ((item.get("appointment") or {}).get("id") for item in wanted)
    return list(dict.fromkeys(id for id in named if id))


async def cancel_work_orders(
    ctx: Context, order: str, works: list[str], appointments: list[str], reason: str, **_: Any
) -> None:
    """Job: items of an order are off, so these work orders and appointments are, unless they are over already."""
    for id in works:
        try:
            await cancel_work(ctx, id, reason)
        except (IllegalMove, NotFound):
            continue  # it ended meanwhile; the order hears of that by itself
    stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, order)
    clients = [party["id"] for party in stored.document.get("relatedParty", ())]
    await cancel_work_of(ctx, "", clients, appointments, reason)


async def move_later(ctx: Context, work: str, after: str, **_: Any) -> None:
    """Job: the client wants nobody before `after`, so a visit takes the first free slot from then on. One that began,
    or for which nobody is free, stays as it is; the dispatchers see it."""
    stored = await ctx.store.one(WORK_ORDER, work)
    if stored is None:
        return
    need = await need_of(ctx, doc.wish_of(stored.document), strict=False)
    slots = await free(ctx, need, after=from_wire(after), limit=1)
    with suppress(IllegalMove):
        for slot in slots:
            await rebook(ctx, work, slot.start)


async def cancel_visits(ctx: Context, order: str, reason: str | None = None, **_: Any) -> None:
    """Job: an order is off, so its open work orders and appointments are."""
    stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, order)
    told = reason or N_("The order was cancelled")
    clients = [party["id"] for party in stored.document.get("relatedParty", ())]
    await cancel_work_of(ctx, order, clients, chosen_appointments(stored.document), told)
