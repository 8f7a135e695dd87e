"""Ending a product: the fee is put on the order when it is placed; what was lent is expected back once it ended."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.order_handling import rules_ending as rules
from abonent.domain.order_handling.ending_resources import EQUIPMENT_RETURN
from abonent.domain.order_handling.lines import DELETE, lines, product_id
from abonent.domain.order_handling.queries_ending import ending_rules
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Forbidden, IllegalMove, NotFound
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

Document = dict[str, Any]

OVERDUE = "order_handling.equipment_overdue"
NOT_RETURNED = N_("not returned by the day that was set")


async def with_fees(ctx: Context, order: Document, products: Mapping[str, Mapping[str, Any]]) -> Document:
    """The order with what ending its products costs on the items. `products`: those it names, by id."""
    ending = [products.get(product_id(item) or "", {}) for item in lines(order) if item["action"] == DELETE]
    if not ending:
        return order
    return rules.with_fees(order, products, await rules_for(ctx, ending), ctx.now())


async def rules_for(ctx: Context, products: Iterable[Mapping[str, Any]]) -> dict[str, Document]:
    """The rules of ending these products, by offering."""
    offerings = [id for product in products if (id := (product.get("productOffering") or {}).get("id"))]
    return await ending_rules(ctx.store, offerings)


async def note_returns(
    ctx: Context, change: Change, product: Mapping[str, Any], order: str, item: str
) -> None:
    """Note what has to come back now that a product ended, with a timer each."""
    offering = (product.get("productOffering") or {}).get("id")
    found = await ending_rules(ctx.store, [offering] if offering else [])
    for each in rules.expected_back(found.get(offering or ""), product, order, item, ctx.now()):
        change.insert(EQUIPMENT_RETURN, each)
        change.set_timer(timer(each["id"]), from_wire(each["dueDate"]), OVERDUE, id=each["id"])


def timer(id: str) -> str:
    """Key of the timer of a piece's due date."""
    return f"return/{id}"


async def charge_overdue(ctx: Context, id: str, **_: Any) -> None:
    """Job of the timer: what is not back is charged; billing hears the event."""

    async def once() -> None:
        stored = await ctx.store.one(EQUIPMENT_RETURN, id)
        if stored is None or not rules.overdue(stored.document, ctx.now()):
            return
        change = ctx.change()
        change.update(stored, stored.document | {"state": "charged"}, NOT_RETURNED)
        await ctx.store.commit(change)

    await repeated(once)


async def mark_returned(ctx: Context, id: str, note: str = "") -> Document:
    """A person says that a piece is back. IllegalMove when it was before; NotFound."""
    if not ctx.caller.staff:
        raise Forbidden("returnedByStaff", N_("That equipment is back is noted by staff."))

    async def once() -> Document:
        stored = await ctx.store.one(EQUIPMENT_RETURN, id)
        if stored is None:
            raise NotFound(
                "notFound",
                N_("There is no {what} {id}, or you may not see it."),
                what="equipmentReturn",
                id=id,
            )
        if stored.state not in {"expected", "charged"}:
            raise IllegalMove("returnedBefore", N_("{id} is noted as returned already."), id=id)
        back = rules.given_back(stored.document, ctx.now())
        if note:
            told = {"text": note, "author": ctx.caller.name, "date": to_wire(ctx.now())}
            back["note"] = [*back.get("note", ()), told]
        change = ctx.change()
        change.update(stored, back, note or None)
        change.stop_timer(timer(id))
        await ctx.store.commit(change)
        return back

    return await repeated(once)


async def patch_return(ctx: Context, stored: Stored, document: Document) -> Document:
    """PATCH equipmentReturn: state returned, with a note."""
    if document["state"] == stored.state:
        raise BadInput("onlyReturned", N_("Only the state can be changed, to returned."), path="state")
    if document["state"] not in {"returned", "returnedLate"}:
        raise IllegalMove("onlyReturned", N_("Only the state can be changed, to returned."), path="state")
    added = (document.get("note") or [])[len(stored.document.get("note") or ()) :]
    return await mark_returned(ctx, stored.id, "; ".join(n["text"] for n in added))
