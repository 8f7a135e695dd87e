"""What crews do with their visits, in played orders and in a living demo: they come a little late, work, note what was
used; some clients are not at home, some lines are not to be mended today."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from abonent.demo import rhythm
from abonent.demo.clients import Client
from abonent.demo.decompositions import FIBRE
from abonent.demo.offers import FIBRES
from abonent.demo.player import Course, Player
from abonent.domain.order_handling.lines import address_id, offering_id
from abonent.domain.order_handling.plan import key_of
from abonent.domain.order_handling.progress import load
from abonent.domain.order_handling.visits import WORK_ORDER_TASK, work_order_number
from abonent.domain.workforce import work
from abonent.domain.workforce.appointments import book_appointment
from abonent.domain.workforce.documents import Material, wish_of
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.slots import Wish, search_time_slots
from abonent.kit.access import Caller, Role
from abonent.kit.context import Context
from abonent.kit.values import from_wire

Document = dict[str, Any]

DISPATCHER = Caller("operator", Role.AGENT)
ABSENT, FAILED = 0.05, 0.02
# How many choose their slot themselves, and minutes of the visit.
CHOOSING, MINUTES = 0.75, 90
RESULTS = (
    "Кабель заведён, розетка установлена, сигнал −18 дБм",
    "Подключено, клиент проверил скорость",
    "Кабель проложен по плинтусу, терминал настроен",
    "Терминал заменён на новый, всё работает",
)
TROUBLES = (
    "Нет доступа в слаботочный щит, нужен представитель дома",
    "Кабельный канал забит, нужна протяжка",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """How one visit goes, drawn from its work order's number: the same however often it is asked.

    late, takes  minutes after the slot's start, and of work; outcome: done | absent | failed
    """

    late: float
    takes: float
    outcome: str
    materials: tuple[Material, ...]
    result: str


def visit_of(work_order: Document, attempts: int) -> Visit:
    """The course of the next visit of a work order, which has had so many before."""
    draw = Random(f"visit|{work_order['id']}|{attempts}")  # noqa: S311 - no secret hangs on it
    share = draw.random()
    outcome = "absent" if share < ABSENT and attempts < 2 else "failed" if share > 1 - FAILED else "done"
    cable = Material("Кабель оптический", draw.randrange(8, 45), "m")
    terminal = Material("ONT", 1, "pcs", f"ABNT{draw.getrandbits(32):08X}")
    return Visit(
        draw.uniform(1, 24),
        draw.uniform(35, 85),
        outcome,
        (cable, terminal),
        draw.choice(TROUBLES if outcome == "failed" else RESULTS),
    )


def attempts(work_order: Document) -> int:
    """Visits there have been before the planned one."""
    made = (work_order.get("workOrderItem") or [{}])[0].get("work", {}).get(
        "workforceEmployeeAssignment"
    ) or ()
    return sum(visit.get("state") not in {"acknowledged", "inProgress"} for visit in made)


def crew_of(work_order: Document) -> Caller:
    """The crew that goes, as somebody who acts."""
    return Caller((work_order.get("relatedEntity") or [{}])[0].get("name", "crew"), Role.ENGINEER)


async def end_visit(ctx: Context, id: str, visit: Visit) -> None:
    """A crew that is at work says how it ended. `ctx` is the crew's."""
    if visit.outcome == "failed":
        await work.fail_work(ctx, id, visit.result)
    else:
        await work.complete_work(ctx, id, visit.result, visit.materials)


async def rebook_first(ctx: Context, work_order: Document) -> bool:
    """A dispatcher gives a work order the first slot that is free; False if there is none."""
    slots = await search_time_slots(ctx, wish_of(work_order), limit=1)
    if slots:
        await work.rebook(ctx, work_order["id"], slots[0].start)
    return bool(slots)


async def choose_slot(ctx: Context, client: Client, items: list[Document], draw: Random) -> None:
    """Most who order a line choose when the crew comes; the appointment is booked and named in the item."""
    item = items[0]
    address = address_id(item)
    if item["action"] != "add" or offering_id(item) not in FIBRES or draw.random() > CHOOSING or not address:
        return
    wish = Wish(FIBRE, address, MINUTES)
    slots = await search_time_slots(ctx, wish, days=6, limit=20)
    if not slots:
        return
    slot = slots[int(len(slots) * draw.random() ** 1.5)]
    who = {"id": client.id, "name": client.document["name"]}
    booked = await book_appointment(ctx, wish, slot.start, customer=who)
    item["appointment"] = {"id": booked["id"]}


async def play_visits(player: Player, order_id: str, course: Course) -> None:
    """Let the crews make the visits of an order, as far as time goes."""
    while (document := await _open_visit(player, order_id)) is not None:
        if document["state"] == "pending":
            at = rhythm.at_work(player.clock.now() + timedelta(minutes=50))
            if at >= player.until:
                return
            await player.forward(at, course)
            if not await rebook_first(player.context.for_caller(DISPATCHER), document):
                return
            await player.run(course)
            continue
        visit = visit_of(document, attempts(document))
        arrives = from_wire(document["requestedStartDate"]) + timedelta(minutes=visit.late)
        if not await _pass(player, arrives, course):
            return
        ctx = player.context.for_caller(crew_of(document))
        if visit.outcome == "absent":
            await work.client_absent(ctx, document["id"])
            await player.run(course)
            continue
        await work.start_work(ctx, document["id"])
        await player.run(course)
        if not await _pass(player, player.clock.now() + timedelta(minutes=visit.takes), course):
            return
        await end_visit(ctx, document["id"], visit)
        await player.run(course)


async def _pass(player: Player, to: datetime, course: Course) -> bool:
    if to >= player.until:
        return False
    await player.forward(to, course)
    return True


async def _open_visit(player: Player, order_id: str) -> Document | None:
    """The work order that an order in work waits for."""
    running = await load(player.context, order_id)
    if running is None or running.order.state != "inProgress":
        return None
    for task in running.plan.task:
        if task.kind == WORK_ORDER_TASK and task.state == "inProgress":
            number = work_order_number(key_of(order_id, task))
            found = await player.store.find([(WORK_ORDER, number)])
            for stored in found.values():
                if stored.state in {"acknowledged", "pending"}:
                    return stored.document
    return None
