"""Executor of kind inventory: enter what was delivered, exactly once, and complete the item (OH-4)."""

from typing import Any

from abonent.domain.catalog.actions import monthly_prices
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.catalog.rules import specification_id
from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.inventory.states import PRODUCT_STATUS
from abonent.domain.order_handling import ending, numbers, product_acts, products, rules_ending, rules_numbers
from abonent.domain.order_handling.activation import service_reference
from abonent.domain.order_handling.lines import ADD, DELETE, MODIFY, offering_id, product_id
from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.product_acts import Delivered
from abonent.domain.order_handling.products import product_number
from abonent.domain.order_handling.progress import Running, finish, stop
from abonent.domain.order_handling.rules_product_acts import MOVE, TRANSFER, receiver_of
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.values import to_wire

__all__ = ["activated_service", "enter_inventory", "product_number"]

Document = dict[str, Any]


def activated_service(plan: Plan, item: str) -> str | None:
    """Id of the first service that the item's tasks activated."""
    return next((s["id"] for s in _services(plan, item)), None)


def _services(plan: Plan, item: str) -> list[Document]:
    tasks = [t for t in plan.task if t.item == item and not t.undoes and "ends" not in t.spec]
    return [s for t in tasks for s in t.output.get("services", ())]


async def enter_inventory(ctx: Context, running: Running, task: Task) -> None:
    """Product, services and resources of an item, its completion and the plan's step: one change."""
    delivered = await _delivered(ctx, running, task)
    change = ctx.change()
    gone = delivered.product is None or delivered.product.state in PRODUCT_STATUS.final
    if gone and delivered.item["action"] in {MODIFY, DELETE}:
        # Somebody else's order ended it meanwhile; its port may already serve another client.
        reason = f"product {product_id(delivered.item)} is not in the inventory any more"
        stop(ctx, change, running, task, reason)
    else:
        at = to_wire(ctx.now())
        act = task.spec.get("act")
        result = _enter(change, running, delivered, at, act)
        if act == MOVE:
            await numbers.note_given_up(ctx, change, product_acts.left_ports(delivered), running.order.id)
        if delivered.item["action"] == DELETE:
            await numbers.note_given_up(ctx, change, delivered.ports, running.order.id)
            ended = delivered.product.document if delivered.product else {}
            await ending.note_returns(ctx, change, ended, running.order.id, task.item)
        finish(ctx, change, running, task, result=result, delivered=True)
    await ctx.store.commit(change)


async def _delivered(ctx: Context, running: Running, task: Task) -> Delivered:
    item = running.item_of[task.item]
    ports = [t.output["port"] for t in running.plan.task if t.item == task.item and "port" in t.output]
    ports += rules_numbers.resources(running.plan, task.item)
    wanted = [(RESOURCE, port) for port in ports]
    holder = running.plan.customer or ""
    if task.spec.get("act") == TRANSFER:
        holder = receiver_of(item) or holder
    wanted += [(CUSTOMER_, holder), (PRODUCT_OFFERING, offering_id(item) or "")]
    # An id the sender gave to a product that is only added means nothing: it might be a stranger's.
    changes = (product_id(item) or "") if item["action"] != ADD else ""
    wanted.append((PRODUCT, changes))
    found = await ctx.store.find(wanted)
    product = found.get((PRODUCT.name, changes))
    held: dict[tuple[str, str], Stored] = {}
    if product is not None:
        document = product.document
        held = await ctx.store.find(
            [(SERVICE, s["id"]) for s in document.get("realizingService") or ()]
            + [(RESOURCE, r["id"]) for r in document.get("realizingResource") or ()]
        )
    customer = found.get((CUSTOMER_.name, holder))
    offering = found.get((PRODUCT_OFFERING.name, offering_id(item) or ""))
    monthly = None
    if offering is not None and product is not None:
        before = (product.document.get("productOffering") or {}).get("id")
        if before != offering.id:
            monthly = (await monthly_prices(ctx.store, [offering.document])).get(offering.id)
    return Delivered(
        item=item,
        new_resources=frozenset(ports),
        services=_services(running.plan, task.item),
        customer=customer.document if customer else {"id": holder},
        offering=offering.document if offering else None,
        monthly=monthly,
        ports=[found[(RESOURCE.name, p)] for p in ports if (RESOURCE.name, p) in found]
        + [s for (kind, _), s in held.items() if kind == RESOURCE.name],
        product=product,
        held_services=[s for (kind, _), s in held.items() if kind == SERVICE.name],
    )


def _enter(change: Change, running: Running, delivered: Delivered, at: str, act: str | None) -> str:
    """Write the documents for the item's action; returns what was done in a few words."""
    item, order = delivered.item, running.order.document
    if act is not None and delivered.product is not None:
        return product_acts.enter(change, delivered, act, running.order.id, at)
    if item["action"] == DELETE and delivered.product is not None:
        ended = products.terminated_product(delivered.product.document, item, running.order.id, at)
        change.update(delivered.product, ended, running.order.id)
        for service in delivered.held_services:
            if service.state != "terminated":
                change.update(
                    service, service.document | {"state": "terminated", "endDate": at}, running.order.id
                )
        return f"{delivered.product.id} terminated"
    if item["action"] == MODIFY and delivered.product is not None:
        changed = products.modified_product(
            delivered.product.document, item, delivered.offering, running.order.id, delivered.monthly
        )
        change.update(delivered.product, changed, running.order.id)
        before, after = (each.get("productOffering") or {} for each in (delivered.product.document, changed))
        if before.get("id") != after.get("id"):
            was, now = (each.get("name") or each.get("id") for each in (before, after))
            change.flip(PRODUCT, delivered.product.id, "offering", was, now, running.order.id)
        activated = {s["id"]: s for s in delivered.services}
        for service in delivered.held_services:
            if service.id in activated:
                change.update(service, products.merged_service(service.document, activated[service.id]))
        return f"{delivered.product.id} modified"
    if item["action"] == "noChange":
        return "nothing to change"
    return _add(change, running, delivered, at, order)


def _add(change: Change, running: Running, delivered: Delivered, at: str, order: Document) -> str:
    ports = [port.document for port in delivered.ports]
    for activated in delivered.services:
        change.insert(
            SERVICE, products.new_service(activated, delivered.customer, ports, at), running.order.id
        )
    for port in delivered.ports:
        change.update(port, rules_numbers.in_use(port.document))
    product = products.new_product(
        product_number(running.order.id, delivered.item["id"]),
        delivered.item,
        order,
        delivered.customer,
        specification_id(delivered.offering) or specification_id(delivered.item.get("product")),
        delivered.offering,
        [service_reference(s) for s in delivered.services],
        ports,
        at,
    )
    product = rules_numbers.with_numbers(
        product, rules_numbers.characteristics(running.plan, delivered.item["id"])
    )
    product = rules_ending.with_commitment(product, delivered.offering, at)
    change.insert(PRODUCT, product, running.order.id)
    return product["id"]
