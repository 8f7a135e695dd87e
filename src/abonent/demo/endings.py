"""How stories end that the process alone does not end: cancelled, failed, partial, cancellation under way.

Every move is a change like any other: checked against the legal moves, with its event and history row.
"""

from datetime import timedelta
from random import Random
from typing import Any

from abonent.demo import rhythm
from abonent.demo.player import Course, Player
from abonent.demo.wishes import add
from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.activation import key_of, service_order_number, timer_key
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.lines import lines, with_state
from abonent.domain.order_handling.progress import load
from abonent.domain.order_handling.resources import PRODUCT_ORDER, SERVICE_ORDER
from abonent.domain.order_handling.rules import roll_up
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_
from abonent.kit.values import to_wire

ASKED = N_("{client} asked to cancel")
GRANTED = N_("before the point of no return: cancellation granted")

AGENTS = tuple(Caller(name, Role.AGENT) for name in ("anna", "operator", "anna"))
AGENT = AGENTS[0]
Document = dict[str, Any]

# Hours after which a person takes up what was held, on average; of working hours and others alike.
HOURS = 9.0
# Of orders on which no work has begun, how many are called off.
CANCELLED = 0.35
_WORDS = {
    "ru": ("Клиент передумал", "Клиент нашёл другое предложение", "Клиент не вышел на связь"),
    "en": (
        "The client changed his mind",
        "The client found another offer",
        "The client could not be reached",
    ),
}


async def end(player: Player, order_id: str, ending: str) -> None:
    """Bring an order that waits to its ending, some time later, and run what follows from it."""
    stored = await player.store.get(SYSTEM, PRODUCT_ORDER, order_id)
    player.clock.forward(95)
    if ending in {"failed", "partial"}:
        await _fail(player, order_id)
    elif ending == "cancelled":
        asked = {"state": "cancelled", "cancellationReason": _WORDS["ru"][0]}
        await change_order(player.context.for_caller(AGENT), stored, stored.document | asked)
    else:
        await _cancelling(player, stored, ending)
    await player.run(Course())


async def resolve(player: Player, order_id: str, draw: Random, language: str) -> str:
    """What a person does, in working hours, with an order that is held or pending. Nothing if that would be later than
    now. The order's state then."""
    stored = await player.store.get(SYSTEM, PRODUCT_ORDER, order_id)
    state = str(stored.state)
    if state not in {"held", "pending"}:
        return state
    at = rhythm.at_work(player.clock.now() + timedelta(hours=0.4 + draw.expovariate(1 / HOURS)))
    if at >= player.until - timedelta(minutes=2):
        return state
    await player.forward(at)
    await decide(player.context.for_caller(draw.choice(AGENTS)), stored, draw, language)
    await player.run(Course())
    return str((await player.store.get(SYSTEM, PRODUCT_ORDER, order_id)).state)


async def decide(ctx: Context, stored: Stored, draw: Random, language: str) -> None:
    """A person completes what is missing in an order that is held or pending, releases it, or cancels it."""
    planned = await load(ctx, stored.id) is not None
    if not planned and draw.random() < CANCELLED:
        given: Document = {"state": "cancelled", "cancellationReason": draw.choice(_WORDS[language])}
    elif any("productOffering" not in item for item in lines(stored.document)):
        given = {"productOrderItem": [add("1", "mobile")]}
    else:
        given = {"state": "inProgress"}
    await change_order(ctx, stored, stored.document | given)


async def _fail(player: Player, order_id: str) -> None:
    """The network gives up on the task in progress; a person closes the order with what was delivered."""
    running = await load(player.context, order_id)
    assert running is not None
    task = next(t for t in running.plan.task if t.state == "inProgress")
    reason = "the line is damaged between the cabinet and the house"
    at = to_wire(player.clock.now())
    change = player.context.for_caller(AGENT).change()
    plan = planning.failed(running.plan, task.id, player.clock.now(), reason=reason)
    for left_out in plan.task:
        if left_out.state == "pending":
            change.flip(PRODUCT_ORDER, order_id, f"task {left_out.id}", "pending", "skipped", reason)
            left_out.state = "skipped"
    change.update(running.stored_plan, planning.to_document(plan))
    change.flip(PRODUCT_ORDER, order_id, f"task {task.id}", task.state, "failed", reason)
    change.flip(PRODUCT_ORDER, order_id, f"item {task.item}", "inProgress", "failed", reason)
    order = with_state(running.order.document, "failed", {task.item})
    final = roll_up([item["state"] for item in lines(order)])
    change.update(running.order, order | {"state": final, "completionDate": at}, reason)
    await _end_service_order(player, change, order_id, task, "failed")
    await player.store.commit(change)


async def _cancelling(player: Player, stored: Stored, ending: str) -> None:
    """The client asked to cancel; for `pendingCancellation` it was granted and what was done is being undone."""
    client = (stored.document.get("relatedParty") or [{}])[0].get("name", "the client")
    change = player.context.for_caller(AGENT).change()
    reason = ASKED.format(client=client)
    asked = with_state(stored.document, "assessingCancellation") | {
        "state": "assessingCancellation",
        "cancellationReason": "The second site moves to another building.",
    }
    change.update(stored, asked, reason)
    running = await load(player.context, stored.id)
    assert running is not None
    for task in running.plan.task:
        if task.state == "inProgress":
            change.stop_timer(timer_key(key_of(stored.id, task)))
    await player.store.commit(change)
    if ending == "assessingCancellation":
        return
    player.clock.forward(40)
    stored = await player.store.get(SYSTEM, PRODUCT_ORDER, stored.id)
    granted = GRANTED
    await cancel(player.context.for_caller(AGENT), stored, stored.document, reason=granted)


async def _end_service_order(
    player: Player, change: Change, order_id: str, task: planning.Task, state: str
) -> None:
    """Close the task's service order and stop asking the network for it."""
    key = service_order_number(key_of(order_id, task))
    change.stop_timer(timer_key(key_of(order_id, task)))
    stored = await player.store.one(SERVICE_ORDER, key)
    if stored is None:
        return
    if stored.state == "acknowledged":
        change.flip(SERVICE_ORDER, key, "state", "acknowledged", "inProgress")
        stored = Stored(SERVICE_ORDER, stored.document | {"state": "inProgress"}, stored.version)
    done = {"state": state, "completionDate": to_wire(player.clock.now())}
    change.update(stored, stored.document | done)
