"""June 2026: fibre that a crew installs. Slots, a client who is not at home, a reassignment, an order that is done.

Yaroslavl is three hours ahead of UTC. A crew works 09-13 and 14-18, so a day has slots at 09, 11, 14 and 16, which are
06, 08, 11 and 13 UTC. The order's tasks: port (1 min), visit (a slot), access line (10), test (2), inventory (0).
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.order_handling import visits
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.reactions import follow_work
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.order_handling.tasks import run_task
from abonent.domain.workforce.appointments import book_appointment, confirm, reschedule
from abonent.domain.workforce.documents import Material
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.slots import Wish, search_time_slots
from abonent.domain.workforce.work import (
    cancel_work,
    client_absent,
    complete_work,
    fail_work,
    reassign,
    rebook,
    start_work,
)
from abonent.kit.errors import IllegalMove
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, NORTH, SOUTH, VISIT_TASKS, hire, june, sell_with_visit
from tests.support.workshop import AGENT, CLIENT, Workshop, workshop
from tests.support.world import build, item, order

ANNA = {"id": "C-1", "name": "Анна Соколова"}
AT_HOME = Wish("fibre", "A-1", 120)


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await sell_with_visit(opened.context)
        await hire(opened.context, NORTH, SOUTH, COPPER)
        yield opened


async def placed(shop: Workshop, appointment: str | None = None) -> str:
    more: dict[str, Any] = (
        {"appointment": {"id": appointment, "@referredType": "Appointment"}} if appointment else {}
    )
    document = order(item("1", "fibre", **more))
    PRODUCT_ORDER.shape.check(document)
    made = await place_order(shop.as_caller(AGENT), document)
    await shop.drain()
    return made["id"]


async def task(shop: Workshop, id: str, name: str = "1.visit") -> dict[str, Any]:
    return next(t for t in (await shop.get(ORDER_PLAN, id))["task"] if t["id"] == name)


def work_of(order_id: str) -> str:
    return f"WO-{order_id.removeprefix('O-')}-1.visit"


async def test_from_the_slot_to_the_finished_order(shop: Workshop) -> None:
    # Wednesday 3 June, 12:51: Anna is on the line. 14:51 is the soonest, so 16:00 today is the first of the slots.
    slots = await search_time_slots(shop.as_caller(AGENT), AT_HOME, limit=3)
    assert [s.start for s in slots] == [june(3, 13), june(4, 6), june(4, 8)]
    # She takes Thursday 09:00-11:00. Nobody has anything yet, so crew North (the lower number) gets it.
    appointment = await book_appointment(shop.as_caller(AGENT), AT_HOME, june(4, 6), customer=ANNA)
    id = await placed(shop, appointment["id"])

    # Planned: port 12:51-12:52 today, visit at her slot, then 10 + 2 minutes: promised for Thursday 11:12.
    plan = await shop.get(ORDER_PLAN, id)
    visit = await task(shop, id)
    assert (visit["plannedStart"], visit["plannedEnd"]) == (to_wire(june(4, 6)), to_wire(june(4, 8)))
    assert plan["promised"] == to_wire(june(4, 8, 12))
    assert (await shop.order(id))["expectedCompletionDate"] == to_wire(june(4, 8, 12))
    # The port is taken; the work order stands and the task waits for its end.
    assert (await shop.tasks(id))["1.port"] == "completed"
    # Asked for is not begun: the crew's own start is what counts.
    assert (visit["state"], visit.get("start")) == ("inProgress", None)
    work = await shop.get(WORK_ORDER, work_of(id))
    WORK_ORDER.shape.check(dict(work))
    assert (work["state"], work["appointment"]["id"]) == ("acknowledged", appointment["id"])
    assert (work["externalId"], work["relatedEntity"][0]["id"]) == (f"{id}/1.visit", "CR-1")

    # Thursday 09:15: nobody opens. The order goes on, the work waits for a slot.
    shop.at(june(4, 6, 15))
    await client_absent(shop.context, work["id"], note="Neighbours say she is at work")
    await shop.drain()
    assert (await shop.get(WORK_ORDER, work["id"]))["state"] == "pending"
    assert (await shop.get(APPOINTMENT, appointment["id"]))["status"] == "failed"
    assert ((await shop.order(id))["state"], (await task(shop, id))["state"]) == ("inProgress", "inProgress")

    # She is called and takes Friday 16:00. The plan follows: 18:12 on Friday; what was promised stays on record.
    await rebook(shop.as_caller(AGENT), work["id"], june(5, 13))
    await shop.drain()
    plan = await shop.get(ORDER_PLAN, id)
    assert (await task(shop, id))["plannedStart"] == to_wire(june(5, 13))
    assert (plan["plannedEnd"], plan["promised"]) == (to_wire(june(5, 15, 12)), to_wire(june(4, 8, 12)))
    assert (await task(shop, id, "1.test"))["plannedStart"] == to_wire(june(5, 15, 10))

    # Friday: North is stuck, South goes. 16:10 to 17:25 they work, 75 minutes.
    await reassign(shop.as_caller(AGENT), work["id"], "CR-2")
    shop.at(june(5, 13, 10))
    await start_work(shop.context, work["id"])
    await shop.drain()
    assert (await shop.order(id))["state"] == "inProgress"
    # To the minute: the clock goes on between the crew's word and the note of it.
    assert (await task(shop, id))["start"][:16] == to_wire(june(5, 13, 10))[:16]
    shop.at(june(5, 14, 25))
    used = [Material("ONT", serial="ELTX5F00A1B2"), Material("drop cable", 35, "m")]
    await complete_work(shop.context, work["id"], "Cable laid, router set up", used)
    await shop.drain()
    assert (await shop.order(id))["state"] == "completed"
    done = await task(shop, id)
    assert (done["state"], done["result"]) == ("completed", "Cable laid, router set up")
    assert (done["output"]["workOrder"], done["output"]["materials"][0]["serialNumber"]) == (
        work["id"],
        "ELTX5F00A1B2",
    )
    assert done["end"] >= to_wire(june(5, 14, 25))
    made = [v["workforceEmployee"]["id"] for v in _visits(await shop.get(WORK_ORDER, work["id"]))]
    assert made == ["CR-1", "CR-2"]


def _visits(work: dict[str, Any]) -> list[dict[str, Any]]:
    return work["workOrderItem"][0]["work"]["workforceEmployeeAssignment"]


async def test_without_an_appointment_the_first_free_slot_is_proposed(shop: Workshop) -> None:
    # North and South both have today's 16:00 taken: Thursday 09:00 is the first that is free.
    for _ in range(2):
        await book_appointment(shop.context, AT_HOME, june(3, 13))
    id = await placed(shop)
    work = await shop.get(WORK_ORDER, work_of(id))
    proposed = await shop.get(APPOINTMENT, work["appointment"]["id"])
    assert (proposed["status"], proposed["validFor"]["startDateTime"]) == ("initialized", to_wire(june(4, 6)))
    assert [p["id"] for p in proposed["relatedParty"]] == ["C-1"]
    # The promise was made with that slot in mind: 11:00 + 12 minutes.
    assert (await shop.get(ORDER_PLAN, id))["promised"] == to_wire(june(4, 8, 12))
    # Anna agrees by herself, then thinks again: Thursday 14:00 (11:00 UTC).
    await confirm(shop.as_caller(CLIENT), proposed["id"])
    await reschedule(shop.as_caller(CLIENT), proposed["id"], june(4, 11))
    await shop.drain()
    assert (await task(shop, id))["plannedEnd"] == to_wire(june(4, 13))


async def test_nobody_at_home_three_times_stops_the_order_until_a_person_acts(shop: Workshop) -> None:
    id = await placed(shop)
    for day in (3, 4, 5):
        if day > 3:
            await rebook(shop.context, work_of(id), june(day, 13))
        shop.at(june(day, 13, 5))
        await client_absent(shop.context, work_of(id))
        await shop.drain()
    stopped = await task(shop, id)
    assert (stopped["state"], stopped["result"]) == ("failed", "The client was not at home (3 visits)")
    held = await shop.stored(id)
    assert held.state == "held"
    # A person reached her and releases the order: a new work order, with a slot of its own and no visits made.
    await change_order(shop.as_caller(AGENT), held, held.document | {"state": "inProgress"})
    await shop.drain()
    again = await shop.get(WORK_ORDER, f"{work_of(id)}-2")
    # Friday 16:05 is past the last slot: Monday 09:00.
    assert (again["state"], again["requestedStartDate"]) == ("acknowledged", to_wire(june(8, 6)))
    assert (await task(shop, id))["state"] == "inProgress"
    # What is told of the first attempt now changes nothing.
    await follow_work(shop.context, work_of(id))
    assert (await task(shop, id))["state"] == "inProgress"


async def test_a_crew_that_left_in_vain_is_waited_for_again(shop: Workshop) -> None:
    id = await placed(shop)
    await start_work(shop.context, work_of(id))
    await shop.drain()
    assert (await task(shop, id))["start"]
    await client_absent(shop.context, work_of(id), note="Nobody has the key of the cellar")
    await shop.drain()
    assert (await task(shop, id)).get("start") is None
    # Ended before the order heard that it began: the start is the crew's all the same.
    await rebook(shop.as_caller(AGENT), work_of(id), june(5, 13))
    shop.at(june(5, 13, 5))
    await start_work(shop.context, work_of(id))
    shop.at(june(5, 14))
    await complete_work(shop.context, work_of(id), "Done")
    await shop.drain()
    assert (await task(shop, id))["start"][:16] == to_wire(june(5, 13, 5))[:16]


@pytest.mark.parametrize("end", [fail_work, cancel_work])
async def test_work_that_fails_holds_the_order_with_its_reason(shop: Workshop, end: Any) -> None:
    id = await placed(shop)
    await end(shop.context, work_of(id), "The duct is blocked")
    for _ in range(2):
        await follow_work(shop.context, work_of(id))
    await shop.drain()
    assert ((await task(shop, id))["state"], (await task(shop, id))["result"]) == (
        "failed",
        "The duct is blocked",
    )
    assert (await shop.order(id))["state"] == "held"


async def test_a_job_that_runs_twice_sends_one_crew(shop: Workshop) -> None:
    id = await placed(shop)
    for _ in range(2):
        await run_task(shop.context, id, "1.visit")
    rows = await shop.rows("SELECT count(*) FROM work_order UNION ALL SELECT count(*) FROM appointment")
    assert [r[0] for r in rows] == [1, 1]


async def test_no_crew_the_order_waits_and_says_so(shop: Workshop) -> None:
    tasks = [t | {"spec": {"skill": "radio"}} if t["id"] == "visit" else t for t in VISIT_TASKS]
    await sell_with_visit(shop.context, tasks)
    id = await placed(shop)
    work = await shop.get(WORK_ORDER, work_of(id))
    assert (work["state"], work["note"]["text"]) == (
        "pending",
        "No crew that could do it is free within two weeks",
    )
    assert (await task(shop, id))["state"] == "inProgress"
    # Copper learns radio; its first slot today is 16:00 and the order goes on from there.
    await hire(shop.context, COPPER | {"id": "CR-9", "name": "Radio", "skill": ["radio"]})
    await rebook(shop.context, work["id"], june(3, 13))
    await shop.drain()
    assert (await task(shop, id))["plannedStart"] == to_wire(june(3, 13))


async def test_another_clients_appointment_is_not_taken(shop: Workshop) -> None:
    strangers = await book_appointment(shop.context, AT_HOME, june(4, 6), customer={"id": "C-2"})
    id = await placed(shop, strangers["id"])
    work = await shop.get(WORK_ORDER, work_of(id))
    assert work["appointment"]["id"] != strangers["id"]
    assert work["note"]["text"].startswith("The chosen appointment could not be kept")
    await visits.cancel_visits(shop.context, id)
    assert (await shop.get(APPOINTMENT, strangers["id"]))["status"] == "confirmed"


async def test_an_order_that_is_off_frees_its_slot(shop: Workshop) -> None:
    appointment = await book_appointment(shop.context, AT_HOME, june(4, 6), customer=ANNA)
    # No fibre at A-2: the order is rejected, and the slot is free for others.
    refused = await place_order(
        shop.as_caller(AGENT), order(item("1", "fibre", address="A-2", appointment={"id": appointment["id"]}))
    )
    await shop.drain()
    assert (await shop.order(refused["id"]))["state"] == "rejected"
    assert (await shop.get(APPOINTMENT, appointment["id"]))["status"] == "cancelled"

    # Cancelled by hand before work began: the plan waits for its first job.
    other = await book_appointment(shop.context, AT_HOME, june(4, 6), customer=ANNA)
    made = await place_order(
        shop.as_caller(AGENT), order(item("1", "fibre", appointment={"id": other["id"]}))
    )
    stored = await shop.stored(made["id"])
    await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "cancelled"})
    await shop.drain()
    assert (await shop.get(APPOINTMENT, other["id"]))["status"] == "cancelled"

    # And one in work, whose crew is under way: the job of a cancellation ends the visit.
    id = await placed(shop)
    for _ in range(2):
        await visits.cancel_visits(shop.context, id, "Client moved away")
    work = await shop.get(WORK_ORDER, work_of(id))
    assert (work["state"], work["cancellationReason"]) == ("cancelled", "Client moved away")
    assert (await shop.get(APPOINTMENT, work["appointment"]["id"]))["status"] == "cancelled"
    with pytest.raises(IllegalMove):
        await rebook(shop.context, work["id"], june(4, 8))
