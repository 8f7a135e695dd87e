"""Placing an order: load what it refers to, decide (rules), save it with its event and the job that goes on.

Most orders name offerings and clients that were read a moment ago: they are decided by what was read then, and saved
only while it still stands so (kit/recall.py). Whatever speaks against an order is looked up again first.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from abonent.domain.agreement.resources import QUOTE
from abonent.domain.catalog.actions import monthly_prices
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.inventory import reservations
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling import held_ports, porting_claims, rules
from abonent.domain.order_handling.ending import with_fees
from abonent.domain.order_handling.lines import lines, offering_id, product_id, with_state
from abonent.domain.order_handling.resources import ORDER_RECEIPT, PRODUCT_ORDER
from abonent.domain.order_handling.rules_numbers import named
from abonent.domain.order_handling.rules_product_acts import part_ids, receiver_of
from abonent.domain.order_handling.rules_quoted import quote_ids, receipt_of
from abonent.domain.party.actions import customer_known_as
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict, NotFound, Problem, Unavailable
from abonent.kit.recall import Found
from abonent.kit.resource import Resource
from abonent.kit.store import Store
from abonent.kit.values import ref, to_wire

ASSESS = "order_handling.assess"
# What many orders name.
_RECALLED = (PRODUCT_OFFERING, CUSTOMER_)

Find = Callable[[Iterable[tuple[Resource, str]]], Awaitable[Found]]


async def place_order(ctx: Context, document: dict[str, Any]) -> dict[str, Any]:
    """Accept a product order (a validated TMF622 create) and return it as stored.

    BadInput for what cannot be meant; `held` with an InformationRequired event for what is incomplete; else
    `acknowledged`, and a job assesses it. The same externalId from the same sender returns the first order.
    """
    receipt = receipt_id(ctx, document)
    memory = _Memory(ctx.store)
    try:
        facts, _ = await gather(ctx, document, placing=True, find=memory.recalled)
        return await _place(ctx, document, receipt, facts, memory.relied)
    except Unavailable:
        raise  # it may have been saved
    except (_NotRecalled, Problem):
        pass
    facts, first = await gather(ctx, document, receipt, placing=True, find=memory.read)
    if first is not None:
        return first
    try:
        return await _place(ctx, document, receipt, facts)
    except Conflict:
        # Posted twice at once: the other one won, so its order is the answer.
        _, first = await gather(ctx, document, receipt, placing=True)
        if first is None:
            raise
        return first


class _NotRecalled(Exception):
    """Something that an order names has to be read."""


class _Memory:
    """Offerings and clients as they were read last. What was recalled, the order relies on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.relied: list[Stored] = []

    async def recalled(self, wanted: Iterable[tuple[Resource, str]]) -> Found:
        found = self._store.recall.find(wanted)
        if found is None:
            raise _NotRecalled
        self.relied += found.values()
        return found

    async def read(self, wanted: Iterable[tuple[Resource, str]]) -> Found:
        found = await self._store.find(wanted)
        self._store.recall.keep(each for each in found.values() if each.resource in _RECALLED)
        return found


async def _place(
    ctx: Context,
    document: dict[str, Any],
    receipt: str | None,
    facts: rules.IntakeFacts,
    relied: Iterable[Stored] = (),
) -> dict[str, Any]:
    if ctx.caller.owner is not None:
        rules.check_own(document, ctx.caller.owner)
    rules.check_items(document, facts, whole=False)
    order = await with_fees(ctx, _accepted(document, facts, to_wire(ctx.now())), facts.products)
    order["id"] = await ctx.store.next_id(PRODUCT_ORDER)
    missing = rules.missing_information(order, facts)
    order = with_state(order, "held" if missing else "acknowledged")
    order["state"] = "held" if missing else "acknowledged"
    change = ctx.change()
    change.rely(relied)
    change.insert(PRODUCT_ORDER, order, "; ".join(r.text.format(**r.facts) for r in missing) or None)
    if missing:
        change.publish(PRODUCT_ORDER, order["id"], "InformationRequired")
    else:
        # When it will be ready is told to the client; older orders' tasks mostly wait for the network anyway.
        change.defer_first(ASSESS, order=order["id"])
    if receipt:
        change.insert(ORDER_RECEIPT, {"id": receipt, "productOrder": order["id"]})
    for quote in facts.quotes:
        change.insert(ORDER_RECEIPT, {"id": receipt_of(quote), "productOrder": order["id"]})
    await porting_claims.note_ordered(ctx, change, order, facts.offerings)
    await reservations.note_ordered(ctx, change, order["id"], named(order))
    await held_ports.note_ordered(ctx, change, order)
    await ctx.store.commit(change)
    return order


def receipt_id(ctx: Context, document: dict[str, Any]) -> str | None:
    external = document.get("externalId")
    return f"{ctx.caller.party or ctx.caller.name}:{external}" if external else None


async def gather(
    ctx: Context,
    document: dict[str, Any],
    receipt: str | None = None,
    *,
    placing: bool = False,
    find: Find | None = None,
) -> tuple[rules.IntakeFacts, dict[str, Any] | None]:
    """What intake must know, and the first order under this receipt if there is one. One statement as a rule.
    `placing`: an order that carries out the same quote counts as the first one, too. `find`: instead of the store's."""
    find = find or ctx.store.find
    reference = rules.client_reference(document)
    if reference is None and ctx.caller.owner is not None:
        reference = {"id": ctx.caller.owner}
    wanted = [(PRODUCT_OFFERING, id) for item in lines(document) if (id := offering_id(item))]
    wanted += [(PRODUCT, id) for item in lines(document) if (id := product_id(item))]
    wanted += [(CUSTOMER_, id) for item in lines(document) if (id := receiver_of(item))]
    if reference is not None:
        wanted.append((CUSTOMER_, reference["id"]))
    if receipt:
        wanted.append((ORDER_RECEIPT, receipt))
    quotes = quote_ids(document)
    wanted += [(QUOTE, id) for id in quotes]
    if placing:
        wanted += [(ORDER_RECEIPT, receipt_of(id)) for id in quotes]
    found = await find(wanted)
    first = next((found[key] for key in found if key[0] == ORDER_RECEIPT.name), None)
    if first is not None:
        return rules.IntakeFacts(None), await _first_order(ctx, first.document["productOrder"])
    offerings = await _with_parts(find, _documents(found, PRODUCT_OFFERING.name))
    customer = found.get((CUSTOMER_.name, reference["id"])) if reference else None
    priced = any(item.get("itemPrice") for item in lines(document))
    monthly = await monthly_prices(ctx.store, offerings.values()) if priced else {}
    return rules.IntakeFacts(
        customer=customer.document if customer else await customer_known_as(ctx, reference),
        offerings=offerings,
        products=await _with_products_inside(ctx, _documents(found, PRODUCT.name)),
        prices={id: price.amount for id, price in monthly.items()},
        quotes=_documents(found, QUOTE.name),
        receivers=_documents(found, CUSTOMER_.name),
    ), None


async def _first_order(ctx: Context, id: str) -> dict[str, Any]:
    """The order that was placed under the same externalId; Conflict if it was deleted since."""
    try:
        return (await ctx.store.get(ctx.caller, PRODUCT_ORDER, id)).document
    except NotFound as deleted:
        raise Conflict(
            "orderDeleted",
            N_("Order {order} was placed under this externalId and deleted. Use another externalId."),
            order=id,
        ) from deleted


def _documents(found: dict[tuple[str, str], Stored], name: str) -> dict[str, dict[str, Any]]:
    return {id: stored.document for (kind, id), stored in found.items() if kind == name}


async def _with_parts(find: Find, offerings: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Offerings and those bundled in them, all levels down."""
    known = dict(offerings)
    while True:
        parts = {
            b["id"] for o in known.values() for b in o.get("bundledProductOffering") or () if b.get("id")
        } - known.keys()
        found = await find((PRODUCT_OFFERING, id) for id in sorted(parts))
        if not found:
            return known
        known |= _documents(found, PRODUCT_OFFERING.name)


async def _with_products_inside(
    ctx: Context, products: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Products and those that bundles among them hold, all levels down."""
    known = dict(products)
    while inside := {id for p in known.values() for id in part_ids(p)} - known.keys():
        found = await ctx.store.find((PRODUCT, id) for id in sorted(inside))
        if not found:
            break
        known |= _documents(found, PRODUCT.name)
    return known


def _accepted(document: dict[str, Any], facts: rules.IntakeFacts, at: str) -> dict[str, Any]:
    """The order as it is kept: bundles expanded, the client named as customer, dated."""
    order = rules.opened(document, facts)
    order["orderDate"] = at
    for item in lines(order):
        offering = facts.offerings.get(offering_id(item) or "")
        if offering is not None and "productOffering" in item:
            # Whoever reads the order later wants to know what it was called then.
            item["productOffering"] = {
                "name": offering.get("name", offering["id"]),
                **item["productOffering"],
            }
    if facts.customer is not None:
        parties = order["relatedParty"] = [*order.get("relatedParty", ())]
        if not any(p.get("id") == facts.customer["id"] for p in parties):
            # The order named the customer's party, or nobody: ownership looks for the customer himself.
            parties.append(ref(facts.customer, "Customer", role="customer"))
    return order
