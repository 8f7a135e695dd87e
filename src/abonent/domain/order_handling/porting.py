"""Numbers that clients bring: requested at the clearing house by a task of kind portIn, withdrawn when the item is
cancelled. Reports may come late, twice, out of order or never. What an order may bring: porting_claims."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from abonent.domain.inventory import ported, reservations
from abonent.domain.inventory.queries_reservations import of_order
from abonent.domain.order_handling import numbers
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling import rules_porting as rules
from abonent.domain.order_handling.plan import Task, key_of
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.ports import (
    NumberPortability,
    PortingAsk,
    PortingAway,
    PortingRefused,
    PortingReport,
    PortingUnknown,
)
from abonent.domain.order_handling.progress import Running, advance, begin, finish, load, stop
from abonent.domain.party.actions import papers_of
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Change
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict
from abonent.kit.jobs import TryAgain
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire

log = structlog.get_logger("porting")
Document = dict[str, Any]
POLL = "order_handling.poll_porting"
# A report that has not come by then is asked for.
POLL_AFTER = timedelta(hours=1)
NO_CLEARING_HOUSE = N_("No clearing house of number portability is connected; ask whoever runs the system.")


# ---- the task


async def start(ctx: Context, running: Running, task: Task) -> None:
    """Executor of kind portIn: the request is kept, then sent; reports finish the task."""
    if task.undoes:
        await _give_back(ctx, running, task)
        return
    wish = rules.wish_of(running.item_of[task.item])
    if wish is None:
        # The number was given up by amending the item: it gets one of ours.
        await numbers.take(ctx, running, task)
        return
    key = key_of(running.order.id, task)
    if task.state == "ready":
        change = ctx.change()
        if NumberPortability not in ctx.ports:
            stop(ctx, change, running, task, NO_CLEARING_HOUSE)
            await ctx.store.commit(change)
            return
        try:
            await _claim(ctx, change, running, task, wish.number)
        except Conflict as taken:
            stop(ctx, change, running, task, str(taken))
            await ctx.store.commit(change)
            return
        client = await ctx.store.one(CUSTOMER_, running.plan.customer or "")
        customer = client.document if client else {"id": running.plan.customer or "-"}
        change.insert(
            PORTING_REQUEST,
            rules.new_request(key, running.order.document, task, wish, customer, ctx.now()),
        )
        begin(ctx, change, running, task)
        _ask_later(change, key, ctx.now() + POLL_AFTER)
        await ctx.store.commit(change)
    await _send(ctx, key)


async def _claim(ctx: Context, change: Change, running: Running, task: Task, number: str) -> None:
    """Have the number kept for the order, where intake did not see it. Conflict."""
    held = await of_order(ctx.store, running.order.id)
    if not any(each.document["resource"]["id"] == ported.resource_id(number) for each in held):
        await ported.note_brought(ctx, change, running.order.id, {task.item: number})


def _timer(key: str) -> str:
    return f"porting/{key}"


def _ask_later(change: Change, key: str, at: datetime) -> None:
    change.set_timer(_timer(key), at, POLL, request=key)


async def _send(ctx: Context, key: str) -> None:
    """Have the clearing house know of a request; it answers the same however often."""
    stored = await ctx.store.one(PORTING_REQUEST, rules.request_number(key))
    if stored is not None and stored.state == "asked":
        await report(ctx, await _asked(ctx, stored.document))


async def _asked(ctx: Context, request: Document) -> PortingReport:
    """What the clearing house answers to a request. TryAgain."""
    key = request["key"]
    client = await ctx.store.one(CUSTOMER_, request["relatedParty"][0]["id"])
    _, papers = await papers_of(ctx, client.document) if client else ({}, ())
    ask = PortingAsk(
        key=key,
        number=request["phoneNumber"],
        owner=request["numberOwner"],
        business=bool(request["forBusiness"]),
        asked=from_wire(request["since"]),
        latest=from_wire(request["latest"]),
        donor=str(request.get("donorOperator") or ""),
        documents=papers,
        wanted=from_wire(request["wanted"]) if request.get("wanted") else None,
    )
    try:
        return await ctx.port(NumberPortability).ask(ask)
    except PortingAway as away:
        raise TryAgain(str(away)) from away
    except PortingRefused as refused:
        return PortingReport(key, "refused", code="other", text=str(refused.facts.get("reason") or refused))


async def poll(ctx: Context, request: str, **_: Any) -> None:
    """Job of the timer: no report came, or the number should have moved by now; ask. `request`: its key."""
    key = request
    stored = await ctx.store.one(PORTING_REQUEST, rules.request_number(key))
    if stored is None or stored.state not in rules.WAITING or NumberPortability not in ctx.ports:
        return
    change = ctx.change()
    _ask_later(change, key, rules.ask_again_at(stored.document, ctx.now(), POLL_AFTER))
    await ctx.store.commit(change)
    if stored.state == "asked":
        await _send(ctx, key)
        return
    try:
        told = await ctx.port(NumberPortability).look_up(key, ctx.now())
    except PortingAway as away:
        raise TryAgain(str(away)) from away
    except PortingUnknown:
        # It lost its memory; the same request under the same key is no second one.
        told = await _asked(ctx, stored.document)
    except PortingRefused as refused:
        log.error("the clearing house does not tell of a request", request=key, reason=str(refused))
        return
    await report(ctx, told)


async def report(ctx: Context, told: PortingReport) -> None:
    """Take up what the clearing house says of a request. Repeats and stale reports change nothing."""
    # Another task of the same order may end at this moment.
    await repeated(lambda: _take_up(ctx, told), 8)


async def _take_up(ctx: Context, told: PortingReport) -> None:
    stored = await ctx.store.one(PORTING_REQUEST, rules.request_number(told.key))
    if stored is None:
        return
    if stored.state == "withdrawn" and told.status in rules.WAITING | {"ported"}:
        # It was sent at the moment in which nobody wanted it any more.
        change = ctx.change()
        change.defer(rules.WITHDRAW_JOB, request=told.key)
        await ctx.store.commit(change)
        return
    fresh = rules.taken_up(stored.document, told)
    if fresh is None:
        return
    change = ctx.change()
    reason = rules.reason_of(told.code, told.text) if told.status == "refused" else None
    change.update(stored, fresh, reason)
    running = await load(ctx, stored.document["productOrder"]["id"])
    task = _task_of(running, told.key) if running else None
    if running is not None and task is not None:
        await _follow(ctx, change, running, task, fresh, reason)
    await ctx.store.commit(change)


def _task_of(running: Running, key: str) -> Task | None:
    """The task whose present attempt has this key, while it waits."""
    waiting = (t for t in rules.tasks_of_porting(running.plan) if t.state == "inProgress")
    return next((t for t in waiting if key_of(running.order.id, t) == key), None)


async def _follow(
    ctx: Context, change: Change, running: Running, task: Task, request: Document, reason: str | None
) -> None:
    """What follows for the plan from the present state of a request."""
    state, key = request["state"], request["key"]
    if state in rules.WAITING:
        window = rules.window_of(request)
        if window is not None:
            # The task ends with the window's beginning; what waits for it is planned after that.
            slot = (from_wire(task.planned_start), window[0])
            _ask_later(change, key, max(window[0], ctx.now() + timedelta(minutes=1)))
            if from_wire(task.planned_end) != window[0]:
                advance(ctx, change, running, planning.rescheduled(running.plan, task.id, slot))
        return
    change.stop_timer(_timer(key))
    if state == "ported":
        _finish(ctx, change, running, task, request)
    elif state == "withdrawn":
        if running.leaving(task.item):
            order = running.order.id
            await ported.note_not_brought(ctx, change, order, request["phoneNumber"], rules.WITHDRAWN)
        stop(ctx, change, running, task, rules.WITHDRAWN)
    else:
        stop(ctx, change, running, task, reason or rules.WITHDRAWN)


def _finish(ctx: Context, change: Change, running: Running, task: Task, request: Document) -> None:
    """The number is here: what waits for it begins."""
    number = request["phoneNumber"]
    output = {
        "resource": ported.resource_id(number),
        "value": number,
        "characteristic": str(task.spec.get("characteristic") or rules.NUMBER),
        "porting": request["key"],
    }
    finish(ctx, change, running, task, result=rules.PORTED, output=output)


# ---- taken back


async def withdraw(ctx: Context, request: str, **_: Any) -> None:
    """Job: nobody wants this number any more; the request (its key) is taken back, and the task called off."""
    key = request
    stored = await ctx.store.one(PORTING_REQUEST, rules.request_number(key))
    if stored is None:
        return
    house = ctx.ports.get(NumberPortability)
    told = PortingReport(key, "withdrawn")
    try:
        if house is not None:
            told = await house.withdraw(key)
    except PortingAway as away:
        raise TryAgain(str(away)) from away
    except PortingUnknown:
        pass  # it never arrived there
    except PortingRefused as refused:
        log.error("the clearing house keeps a request open", request=key, reason=str(refused))
        return
    if stored.state in rules.WAITING:
        await report(ctx, told)
    elif told.status == "ported" and house is not None:
        await _returned(ctx, key)


async def _give_back(ctx: Context, running: Running, task: Task) -> None:
    """Undo what the task took: a number that came goes back to its donor, one of ours to its pool."""
    taken = running.plan.find(task.undoes or "").output
    if "porting" not in taken:
        await numbers.take(ctx, running, task)
        return
    told = await _returned(ctx, taken["porting"])
    change = ctx.change()
    order = running.order.id
    stored = await ctx.store.one(PORTING_REQUEST, rules.request_number(taken["porting"]))
    fresh = rules.taken_up(stored.document, told) if stored is not None and told is not None else None
    if stored is not None and fresh is not None:
        change.update(stored, fresh)
    await reservations.note_not_taken(ctx, change, order, taken["resource"], f"order {order}: cancelled")
    finish(ctx, change, running, task, result=rules.RETURNED)
    await ctx.store.commit(change)


async def _returned(ctx: Context, key: str) -> PortingReport | None:
    house = ctx.ports.get(NumberPortability)
    if house is None:
        return None
    try:
        return await house.give_back(key)
    except PortingAway as away:
        raise TryAgain(str(away)) from away
    except PortingUnknown:
        return None


# Background jobs by name.
JOBS = ((POLL, poll), (rules.WITHDRAW_JOB, withdraw))
