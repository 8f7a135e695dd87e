"""Start, change and stop of charging: followed from the inventory's events, numbered, handed over.

Lent equipment is followed alike: what is not returned is charged, what comes back in time after that is credited.

Each event of a product defers `follow_product` in the statement that writes it. The job holds all events of the product
that were not followed yet against its position, in their order: position and charges are saved in one compare-and-set
statement, so that a charge is neither lost nor doubled. Numbers are given afterwards, to many at once (`book`): were
each charge to take its own, all would wait for one row.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.billing import queries, rules, rules_export, rules_returns
from abonent.domain.billing.resources import (
    CHARGING_COUNTER,
    CHARGING_DRAFT,
    CHARGING_EVENT,
    CHARGING_EXPORT,
    CHARGING_POSITION,
)
from abonent.domain.catalog.actions import prices_of
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.charges import one_time_price
from abonent.domain.order_handling.ending_resources import EQUIPMENT_RETURN
from abonent.domain.order_handling.lines import ADD, lines, offering_id
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Conflict
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

FOLLOW = "billing.follow_product"
FOLLOW_RETURN = "billing.follow_return"
EVENTS = tuple(
    PRODUCT.event_type(kind) for kind in ("Create", "StateChange", "AttributeValueChange", "Delete")
)
RETURN_EVENTS = (EQUIPMENT_RETURN.event_type("StateChange"),)
ALL = "all"
_BATCH = 25
_AT_ONCE = 8

Document = dict[str, Any]


async def follow_product(ctx: Context, id: str, **_: Any) -> None:
    """Job: what happened to a product, as charges with numbers."""
    await repeated(lambda: _follow(ctx, id))
    await book(ctx)


async def follow_return(ctx: Context, id: str, **_: Any) -> None:
    """Job: what became of a piece of lent equipment, as charges with numbers."""
    if await repeated(lambda: _follow_return(ctx, id)):
        await book(ctx)


async def catch_up(ctx: Context, *, played: bool = False) -> int:
    """Follow every product whose events were not followed, as after an update; how many. `played`: each charge is
    booked when it took effect, for demos whose past is played."""
    waiting = await queries.not_followed(ctx.store)
    for at in range(0, len(waiting), _AT_ONCE):
        await asyncio.gather(
            *(repeated(lambda id=id: _follow(ctx, id)) for id in waiting[at : at + _AT_ONCE])
        )
    for id in await queries.returns_not_followed(ctx.store):
        await repeated(lambda id=id: _follow_return(ctx, id))
    await book(ctx, played=played)
    return len(waiting)


async def _follow_return(ctx: Context, id: str) -> bool:
    """Whether there was anything to charge or credit."""
    found = await ctx.store.find([(EQUIPMENT_RETURN, id), (CHARGING_POSITION, id)])
    piece, stored = found.get((EQUIPMENT_RETURN.name, id)), found.get((CHARGING_POSITION.name, id))
    if piece is None:
        return False
    product = await ctx.store.one(PRODUCT, piece.document["product"]["id"])
    position = stored.document if stored else rules_returns.new_position(piece.document)
    after, charges = rules_returns.follow(position, piece.document, product.document if product else None)
    if not charges:
        return False
    change = ctx.change()
    _draft(change, f"{id}/{position['event']}", charges)
    _keep(change, stored, after)
    await ctx.store.commit(change)
    return True


def _draft(change: Change, key: str, charges: Sequence[Document]) -> None:
    """Put charges down, to be numbered."""
    for number, charge in enumerate(charges):
        draft = {"id": f"{key}/{number}", "account": charge["account"], "effective": charge["effective"]}
        change.insert(CHARGING_DRAFT, draft | {"charge": charge})


def _keep(change: Change, stored: Stored | None, position: Document) -> None:
    if stored is None:
        change.insert(CHARGING_POSITION, position)
    else:
        change.update(stored, position)


async def _follow(ctx: Context, id: str) -> None:
    stored = await ctx.store.one(CHARGING_POSITION, id)
    position = stored.document if stored else rules.new_position(id)
    events = await queries.happened_to(ctx.store, id, position["event"])
    if not events:
        return
    items, once = await _ordered(ctx, position, events)
    change = ctx.change()
    for happened in events:
        position, charges = rules.follow(position, happened, items, once)
        _draft(change, f"{id}/{happened.seq:012}", charges)
    _keep(change, stored, position)
    await ctx.store.commit(change)


async def _ordered(
    ctx: Context, position: Document, events: Sequence[rules.Happened]
) -> tuple[dict[str, Document], dict[str, list[Document]]]:
    """The order items that the events newly name, and their one-time prices."""
    entries = [e for happened in events for e in rules.entries_new(position, happened.product)]
    orders = await ctx.store.find((PRODUCT_ORDER, str(e.get("productOrderId"))) for e in entries)
    items = {
        f"{order}/{item['id']}": item for (_, order), each in orders.items() for item in lines(each.document)
    }
    named = {key: items[key] for e in entries if (key := rules.entry_key(e)) in items}
    added = [offering_id(i) or "" for i in named.values() if i["action"] == ADD]
    offerings = await ctx.store.find((PRODUCT_OFFERING, id) for id in dict.fromkeys(added))
    _, listed = await prices_of(ctx.store, [each.document for each in offerings.values()])
    once = {}
    for key, item in named.items():
        given = rules.one_time(item.get("itemPrice"))
        price = listed.get(offering_id(item) or "") if item["action"] == ADD else None
        # As the order's own sum has it (charges.once_total): what the item says, else the catalogue.
        once[key] = given or ([one_time_price(price)] if price else [])
    return named, once


# ---- numbers


async def book(ctx: Context, *, played: bool = False) -> None:
    """Give numbers to all that have none."""
    while await repeated(lambda: _book(ctx, played=played)):
        pass


async def _book(ctx: Context, *, played: bool) -> bool:
    """Number some charges; whether there may be more."""
    ids = await queries.drafts(ctx.store, _BATCH)
    if not ids:
        return False
    found = await ctx.store.find([(CHARGING_DRAFT, id) for id in ids])
    waiting = [stored for id in ids if (stored := found.get((CHARGING_DRAFT.name, id)))]
    accounts = {stored.document["account"] for stored in waiting}
    counters = await ctx.store.find(
        [(CHARGING_COUNTER, id) for id in sorted({ALL, *map(_counter, accounts)})]
    )
    last = {id: stored.document["last"] for (_, id), stored in counters.items()}
    every = counters.get((CHARGING_COUNTER.name, ALL))
    booked = every.document["booked"] if every else ""
    change = ctx.change()
    for stored in waiting:
        account = _counter(stored.document["account"])
        last[account], last[ALL] = last.get(account, 0) + 1, last.get(ALL, 0) + 1
        booked = max(booked, stored.document["effective"] if played else to_wire(ctx.now()))
        event = stored.document["charge"] | {
            "id": f"CE-{last[ALL]:012}",
            "number": last[ALL],
            "accountNumber": last[account],
            "booked": booked,
        }
        change.insert(CHARGING_EVENT, event)
        change.delete(stored)
    for id in sorted(last):
        _count(
            change, counters.get((CHARGING_COUNTER.name, id)), {"id": id, "last": last[id], "booked": booked}
        )
    await ctx.store.commit(change)
    return len(ids) == _BATCH


def _counter(account: str) -> str:
    return f"account:{account}"


def _count(change: Change, stored: Stored | None, counter: Document) -> None:
    if stored is None:
        change.insert(CHARGING_COUNTER, counter)
    elif counter != stored.document:
        change.update(stored, counter)


# ---- export


async def export(ctx: Context, since: datetime, until: datetime) -> tuple[bytes, Document]:
    """Events booked in [since, until) as lines, and the manifest without its signature. The same range gives the same
    bytes ever after: what is booked from now on is booked later than `until`. BadInput for a range that is not over.
    """
    if since >= until:
        raise BadInput("exportRange", N_("The range ends before it begins. Give --since before --until."))
    if until > ctx.now():
        raise BadInput(
            "exportNotOver",
            N_(
                "The range ends in the future ({until}). Give an end that has passed, so that nothing is left out."
            ),
            until=to_wire(until),
        )
    await book(ctx)
    start, end = to_wire(since), to_wire(until)
    await repeated(lambda: _close(ctx, end))
    events = await queries.events_booked(ctx.store, start, end)
    body = b"".join(map(rules_export.line, events))
    stated = rules_export.manifest(body, [*events], start, end, f"{export_id(since, until)}.jsonl")
    await _note(ctx, stated, export_id(since, until))
    return body, stated


def export_id(since: datetime, until: datetime) -> str:
    """Name of the export of a range; days are said by their dates."""
    day = timedelta(days=1)
    if until - since == day and to_wire(since).endswith("T00:00:00.000Z"):
        return f"charging-{to_wire(since)[:10]}"
    plain = (to_wire(at).replace(":", "").replace(".000", "") for at in (since, until))
    return "charging-" + "-".join(plain)


async def _close(ctx: Context, until: str) -> None:
    """Nothing more is booked before `until`, whatever the clocks of other machines say."""
    stored = await ctx.store.one(CHARGING_COUNTER, ALL)
    counter = stored.document if stored else {"id": ALL, "last": 0, "booked": ""}
    change = ctx.change()
    _count(change, stored, counter | {"booked": max(counter["booked"], until)})
    await ctx.store.commit(change)


async def _note(ctx: Context, stated: Document, id: str) -> None:
    """Keep that the range was exported."""
    stored = await ctx.store.one(CHARGING_EXPORT, id)
    if stored is not None:
        if stored.document["sha256"] != stated["sha256"]:
            raise Conflict("exportDiffers", N_("Export {id} was made before with other content."), id=id)
        return
    names = ("since", "until", "count", "firstEvent", "lastEvent", "sha256", "sums")
    change = ctx.change()
    kept = {name: stated[name] for name in names}
    change.insert(CHARGING_EXPORT, {"id": id, "created": to_wire(ctx.now()), **kept})
    try:
        await ctx.store.commit(change)
    except Conflict:
        await _note(ctx, stated, id)


def moment(text: str) -> datetime:
    """A day or a time of an export's range, UTC; BadInput."""
    try:
        return from_wire(text)
    except ValueError:
        raise BadInput(
            "badMoment", N_("{text} is no day or time. Write 2026-11-01 or 2026-11-01T12:00:00Z."), text=text
        ) from None
