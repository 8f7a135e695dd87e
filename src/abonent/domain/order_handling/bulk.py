"""Bulk orders: a file is taken in, its lines are checked by jobs, a person confirms, jobs place an order each.

Each job does a few lines and defers the next in the statement that saves them, so a worker may be killed anywhere: the
job is given to another, and a line that was ordered already is found by its externalId (docs/decisions/0019).
"""

from typing import Any

from abonent.domain.order_handling import rules_bulk, rules_bulk_file
from abonent.domain.order_handling.bulk_resources import BULK_ORDER, BULK_ORDER_LINE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.queries_bulk import lines_in
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import Caller, Role
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict, Forbidden, IllegalMove, NotFound, Problem
from abonent.kit.patch import changed_names
from abonent.kit.retry import repeated
from abonent.kit.values import ref, to_wire

CHECK = "order_handling.check_bulk_order"
PLACE = "order_handling.place_bulk_order"
_PLACED_AT_ONCE = 10
_WRITTEN_AT_ONCE = 50

Document = dict[str, Any]


async def take_file(ctx: Context, customer: str, name: str, data: bytes) -> Document:
    """Take a file in for a client; a job checks its lines. BadInput for a file or a client that cannot be."""
    BULK_ORDER.permissions.demand(ctx.caller, write=True, what=BULK_ORDER.name)
    file = rules_bulk_file.read_file(data)
    stored = await ctx.store.one(CUSTOMER_, customer)
    if stored is None:
        raise BadInput(
            "unknownClient", N_("There is no client {id}. Write the number of the client."), id=customer
        )
    id = await ctx.store.next_id(BULK_ORDER)
    bulk: Document = {
        "id": id,
        "name": (name.strip() or id)[: rules_bulk.LONGEST],
        "state": "checking",
        "customer": ref(stored.document, "Customer"),
        "created": to_wire(ctx.now()),
        "createdBy": ctx.caller.name,
        "lineCount": len(file.rows),
        "header": list(file.header),
        "delimiter": file.delimiter,
    }
    cells = [rules_bulk_file.cells_of(file.header, row) for _, row in file.rows]
    twice = rules_bulk.seen_twice(each.get("externalId", "") for each in cells)
    change = ctx.change()
    change.insert(BULK_ORDER, bulk)
    for number, ((line, row), given) in enumerate(zip(file.rows, cells, strict=True), 1):
        external = given.get("externalId", "")
        document: Document = {
            "id": f"{id}/{number:04}",
            "bulkOrder": id,
            "line": line,
            "state": "unchecked",
            "cell": list(row),
            "externalId": external,
        }
        if external in twice:
            text = N_("{given} stands in several lines. Give each line a number of its own.")
            document["problem"] = [rules_bulk.problem("externalId", text, given=external)]
        change.insert(BULK_ORDER_LINE, document)
    change.defer(CHECK, bulk=id)
    await ctx.store.commit(change)
    return bulk


async def create_bulk(ctx: Context, document: Document) -> Document:
    """The API's create: the file's text stands in `content`."""
    content = document.get("content") or ""
    return await take_file(ctx, document["customer"]["id"], document.get("name") or "", content.encode())


async def change_bulk(ctx: Context, stored: Stored, document: Document) -> Document:
    """The API's patch: the state to `placing` or `cancelled`; BadInput for anything else."""
    changed = changed_names(stored.document, document)
    if not changed:
        return stored.document
    state = document.get("state")
    if changed != {"state"} or state not in {"placing", "cancelled"}:
        raise BadInput(
            "bulkPatch", N_("Only the state can be changed: to placing when it is checked, or to cancelled.")
        )
    return await (confirm if state == "placing" else cancel)(ctx, stored.id)


async def confirm(ctx: Context, id: str) -> Document:
    """A person confirms: the lines that are in order are placed by jobs. Again: nothing. IllegalMove, NotFound."""

    async def once() -> Document:
        stored = await ctx.store.get(ctx.caller, BULK_ORDER, id)
        if stored.state in {"placing", "done"}:
            return stored.document
        if stored.state == "checking":
            raise IllegalMove(
                "bulkChecking", N_("The lines are still being checked. Wait until that is done.")
            )
        if not await lines_in(ctx.store, id, ("waiting",), 1):
            raise IllegalMove("bulkNothing", N_("No line is in order. Mend the file and send it again."))
        confirmed = stored.document | {"state": "placing", "confirmed": to_wire(ctx.now())}
        change = ctx.change()
        change.update(stored, confirmed)
        change.defer(PLACE, bulk=id)
        await ctx.store.commit(change)
        return confirmed

    return await repeated(once)


async def cancel(ctx: Context, id: str) -> Document:
    """Call off what is not placed yet; orders that were placed are cancelled one by one, as any order."""

    async def once() -> Document:
        stored = await ctx.store.get(ctx.caller, BULK_ORDER, id)
        if stored.state == "done":
            raise IllegalMove("bulkDone", N_("Nothing waits any more: each line was placed or refused."))
        if stored.state in {"checking", "checked"}:
            change = ctx.change()
            change.update(stored, stored.document | {"state": "cancelled", "ended": to_wire(ctx.now())})
            await ctx.store.commit(change)
        while ids := await lines_in(ctx.store, id, ("unchecked", "waiting"), _WRITTEN_AT_ONCE):
            found = await ctx.store.find([(BULK_ORDER_LINE, each) for each in ids])
            change = ctx.change()
            for line in found.values():
                if line.state in {"unchecked", "waiting"}:
                    change.update(line, line.document | {"state": "cancelled"})
            change.defer(PLACE, bulk=id)
            await ctx.store.commit(change)
        return (await ctx.store.get(ctx.caller, BULK_ORDER, id)).document

    return await repeated(once)


# ---- placing


async def place_bulk(ctx: Context, bulk: str, **_: Any) -> None:
    """Job: place a few lines, then go on with another job; the last one ends the bulk order."""
    stored = await ctx.store.one(BULK_ORDER, bulk)
    if stored is None or stored.state != "placing":
        return
    ids = await lines_in(ctx.store, bulk, ("placing", "waiting"), _PLACED_AT_ONCE)
    for id in ids:
        await repeated(lambda id=id: _place(ctx, stored.document, id))
    await repeated(lambda: _go_on(ctx, bulk))


async def _go_on(ctx: Context, bulk: str) -> None:
    change = ctx.change()
    if await lines_in(ctx.store, bulk, ("placing", "waiting"), 1):
        change.defer(PLACE, bulk=bulk)
    else:
        stored = await ctx.store.one(BULK_ORDER, bulk)
        if stored is None or stored.state != "placing":
            return
        change.update(stored, stored.document | {"state": "done", "ended": to_wire(ctx.now())})
    await ctx.store.commit(change)


async def _place(ctx: Context, bulk: Document, id: str) -> None:
    """Place one line. It is taken first, so that it is not called off meanwhile; whoever finds it taken places it
    as well, and gets the same order."""
    line = await ctx.store.one(BULK_ORDER_LINE, id)
    if line is None or line.state not in {"waiting", "placing"}:
        return
    if line.state == "waiting":
        await _note(ctx, line, {"state": "placing"})
        line = await ctx.store.one(BULK_ORDER_LINE, id)
    if line is None or line.state != "placing":
        return
    # The client's own externalId: placed by him through the API, or by us, it is one order.
    caller = Caller(f"bulk:{bulk['id']}", Role.SYSTEM, bulk["customer"]["id"])
    order = rules_bulk.order_of(line.document, bulk["customer"], bulk["name"])
    try:
        PRODUCT_ORDER.shape.check(order)
        placed = await place_order(ctx.for_caller(caller), order)
    except (BadInput, IllegalMove, NotFound, Forbidden) as refused:
        await _note(ctx, line, _refused(refused))
    except Conflict as taken:
        if taken.code != "orderDeleted":
            raise
        await _note(ctx, line, _refused(taken))
    else:
        await _note(ctx, line, {"state": "placed", "productOrder": {"id": placed["id"]}})


def _refused(problem: Problem) -> Document:
    return {"state": "refused", "problem": [rules_bulk.problem("", problem.text, **problem.facts)]}


async def _note(ctx: Context, line: Stored, attributes: Document) -> None:
    change: Change = ctx.change()
    change.update(line, line.document | attributes)
    await ctx.store.commit(change)
