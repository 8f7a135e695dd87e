"""Work orders: started, completed with materials, failed, client away, given to others, patched over the API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent import main
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.documents import Material
from abonent.domain.workforce.queries import visits_between, work_orders_of
from abonent.domain.workforce.resources import (
    APPOINTMENT,
    CREW_DAY,
    WORK_ORDER,
)
from abonent.domain.workforce.work import (
    cancel_work,
    cancel_work_of,
    client_absent,
    complete_work,
    crews_for,
    fail_work,
    reassign,
    rebook,
    start_work,
)
from abonent.kit.access import Caller, Role
from abonent.kit.errors import Conflict, IllegalMove
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, HAND_MADE, KOSTROMA, NORTH, SOUTH, hire, june
from tests.support.workshop import AGENT, CLIENT, Workshop, workshop
from tests.support.world import build

ACTIONS = main.actions()
FITTER = Caller("crew:CR-1", Role.ENGINEER)


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        await hire(opened.context, NORTH, SOUTH, COPPER, KOSTROMA)
        yield opened


async def entered(shop: Workshop, **more: Any) -> str:
    """A work order by hand; it waits for a slot."""
    document = HAND_MADE | more
    WORK_ORDER.shape.check(document)
    made = await ACTIONS.of(WORK_ORDER).create(shop.as_caller(AGENT), document)
    assert made["state"] == "pending"
    return made["id"]


async def planned(shop: Workshop, crew: str = "CR-1") -> str:
    id = await entered(shop)
    await rebook(shop.context, id, june(4, 6), crew=crew)
    return id


async def appointment_of(shop: Workshop, id: str) -> dict[str, Any]:
    return await shop.get(APPOINTMENT, (await shop.get(WORK_ORDER, id))["appointment"]["id"])


async def booking(shop: Workshop, day: str) -> list[str]:
    return [b["start"] for b in (await shop.get(CREW_DAY, day))["booking"]]


async def test_from_entry_to_result(shop: Workshop) -> None:
    id = await planned(shop)
    work = await shop.get(WORK_ORDER, id)
    assert (work["state"], work["relatedEntity"][0]["id"]) == ("acknowledged", "CR-1")
    assert (work["requestedStartDate"], work["expectedCompletionDate"]) == (
        to_wire(june(4, 6)),
        to_wire(june(4, 8)),
    )
    # The crew is there at 09:10 in Yaroslavl and leaves at 10:25: 75 minutes.
    shop.at(june(4, 6, 10))
    await start_work(shop.as_caller(FITTER), id)
    assert (await shop.get(WORK_ORDER, id))["state"] == "inProgress"
    shop.at(june(4, 7, 25))
    used = [Material("socket", serial="SN-1"), Material("cable", 12.5, "m")]
    done = await complete_work(shop.as_caller(FITTER), id, "Socket moved", used, note="Key at the concierge")
    WORK_ORDER.shape.check(dict(done))
    assert (done["state"], done["workOrderItem"][0]["state"]) == ("completed", "completed")
    assert doc.result_of(done) == "Socket moved"
    assert doc.materials(done) == [
        {"name": "socket", "quantity": 1, "unit": "pcs", "serialNumber": "SN-1"},
        {"name": "cable", "quantity": 12.5, "unit": "m"},
    ]
    assert doc.work_of(done)["actualDuration"]["amount"] == 75
    assert [v["state"] for v in doc.visits(done)] == ["completed"]
    assert (done["note"]["text"], done["note"]["author"]) == ("Key at the concierge", "crew:CR-1")
    assert (await appointment_of(shop, id))["status"] == "completed"
    history = await shop.context.store.history(WORK_ORDER, id)
    assert [(h["new_state"], h["by"]) for h in reversed(history)] == [
        ("pending", "olga"),
        ("acknowledged", "system"),
        ("inProgress", "crew:CR-1"),
        ("completed", "crew:CR-1"),
    ]
    # Done is done.
    for act in (
        start_work(shop.context, id),
        fail_work(shop.context, id, "no"),
        rebook(shop.context, id, june(5, 6)),
    ):
        with pytest.raises(IllegalMove) as over:
            await act
        assert over.value.facts["possible"] == "-"


async def test_not_at_home_three_times(shop: Workshop) -> None:
    id = await planned(shop)
    for day, attempt in ((4, 1), (5, 2)):
        first = (await shop.get(WORK_ORDER, id))["appointment"]["id"]
        shop.at(june(day, 6, 5))
        waiting = await client_absent(shop.context, id, note="No answer at the door")
        assert (waiting["state"], doc.failed_visits(waiting)) == ("pending", attempt)
        assert "appointment" not in waiting and "relatedEntity" not in waiting
        told = await shop.get(APPOINTMENT, first)
        assert (told["status"], told["note"][-1]["text"]) == (
            "failed",
            "The client was not at home: No answer at the door",
        )
        with pytest.raises(IllegalMove):
            await start_work(shop.context, id)
        await rebook(shop.context, id, june(day + 1, 6) if day == 4 else june(8, 6))
        again = await shop.get(WORK_ORDER, id)
        assert again["appointment"]["id"] != first
        assert [v["state"] for v in doc.visits(again)] == ["failed"] * attempt + ["acknowledged"]
    shop.at(june(8, 6, 30))
    await start_work(shop.context, id)
    given_up = await client_absent(shop.context, id)
    assert (given_up["state"], doc.failed_visits(given_up)) == ("failed", 3)
    assert doc.reason_of(given_up) == "The client was not at home (3 visits)"
    kinds = await shop.rows("SELECT type FROM event WHERE resource_id = $1", id)
    assert [k[0] for k in kinds].count("WorkOrderInformationRequiredEvent") == 2


async def test_an_absence_known_before_frees_the_slot(shop: Workshop) -> None:
    id = await planned(shop)
    await client_absent(shop.context, id, note="Called: travels")
    assert await booking(shop, "CR-1|2026-06-04") == []


async def test_a_visit_that_began_stays_in_the_book(shop: Workshop) -> None:
    id = await planned(shop)
    shop.at(june(4, 6, 30))
    await client_absent(shop.context, id)
    assert await booking(shop, "CR-1|2026-06-04") == [to_wire(june(4, 6))]


async def test_failed_work(shop: Workshop) -> None:
    id = await planned(shop)
    shop.at(june(4, 6, 30))
    await start_work(shop.context, id)
    failed = await fail_work(shop.context, id, "The duct is blocked")
    assert (failed["state"], doc.reason_of(failed)) == ("failed", "The duct is blocked")
    assert (await appointment_of(shop, id))["status"] == "failed"
    assert doc.visits(failed)[-1]["description"] == "The duct is blocked"


async def test_moving_a_planned_visit_keeps_its_appointment(shop: Workshop) -> None:
    id = await planned(shop)
    before = await appointment_of(shop, id)
    moved = await rebook(shop.context, id, june(5, 8), crew="CR-2")
    after = await appointment_of(shop, id)
    assert (after["id"], after["validFor"]["startDateTime"]) == (before["id"], to_wire(june(5, 8)))
    assert moved["requestedStartDate"] == to_wire(june(5, 8))
    assert len(doc.visits(moved)) == 1
    assert await booking(shop, "CR-1|2026-06-04") == []
    assert await booking(shop, "CR-2|2026-06-05") == [to_wire(june(5, 8))]


async def test_reassigning(shop: Workshop) -> None:
    id = await planned(shop)
    assert {c.id: why and why.value for c, why in await crews_for(shop.context, id)} == {
        "CR-1": None,
        "CR-2": None,
        "CR-3": "skill",
        "CR-4": "district",
    }
    work = await reassign(shop.context, id, "CR-2")
    assert work["relatedEntity"][0]["name"] == "South"
    assert doc.visits(work)[-1]["workforceEmployee"]["id"] == "CR-2"
    assert (await appointment_of(shop, id))["calendarEvent"]["id"] == "CR-2|2026-06-04"
    assert await booking(shop, "CR-1|2026-06-04") == []
    assert await booking(shop, "CR-2|2026-06-04") == [to_wire(june(4, 6))]
    for crew, why in (
        ("CR-3", "it lacks the skill"),
        ("CR-4", "it does not go to that district"),
        ("CR-9", "there is no such crew"),
    ):
        with pytest.raises(IllegalMove) as cannot:
            await reassign(shop.context, id, crew)
        assert (cannot.value.facts["why"], cannot.value.facts["crews"]) == (why, ["CR-1"])
        assert "These can: North." in str(cannot.value)


async def test_reassigning_when_nobody_else_can(shop: Workshop) -> None:
    first, second = await planned(shop, "CR-1"), await planned(shop, "CR-2")
    with pytest.raises(IllegalMove) as cannot:
        await reassign(shop.context, first, "CR-2")
    assert (cannot.value.facts["why"], cannot.value.facts["crews"]) == ("it has another visit then", [])
    # Two at once to the same free crew: one gets it.
    await cancel_work(shop.context, second, "not wanted")
    third = await entered(shop)
    await rebook(shop.context, third, june(4, 8), crew="CR-1")
    await rebook(shop.context, third, june(4, 6), crew="CR-2")
    fourth = await entered(shop)
    await rebook(shop.context, fourth, june(4, 8), crew="CR-1")
    outcomes = await asyncio.gather(
        rebook(shop.context, third, june(4, 13), crew="CR-2"),
        rebook(shop.context, fourth, june(4, 13), crew="CR-2"),
        return_exceptions=True,
    )
    assert sorted(isinstance(o, Conflict) for o in outcomes) == [False, True]


async def test_giving_up_an_appointment_leaves_the_work_waiting(shop: Workshop) -> None:
    id = await planned(shop)
    appointment = (await shop.get(WORK_ORDER, id))["appointment"]["id"]
    ours = ACTIONS.of(APPOINTMENT)
    stored = await shop.context.store.get(AGENT, APPOINTMENT, appointment)
    wanted = stored.document | {"status": "cancelled", "note": [{"text": "Client is ill"}]}
    await ours.change(shop.as_caller(CLIENT), stored, wanted)
    work = await shop.get(WORK_ORDER, id)
    assert (work["state"], work["note"]["text"]) == ("pending", "Client is ill")
    assert doc.visits(work) == []


async def test_an_order_that_is_off_takes_its_work_along(shop: Workshop) -> None:
    planned_one, waiting, begun, done = (
        await planned(shop),
        await entered(shop),
        await planned(shop, "CR-2"),
        await entered(shop),
    )
    await rebook(shop.context, done, june(4, 8))
    shop.at(june(4, 6, 30))
    for id in (begun, done):
        await start_work(shop.context, id)
    await complete_work(shop.context, done, "done")
    alone = await ACTIONS.of(APPOINTMENT).create(
        shop.as_caller(CLIENT),
        {"validFor": {"startDateTime": to_wire(june(5, 6))}, "relatedPlace": {"id": "A-1", "role": "x"}},
    )
    strangers = await ACTIONS.of(APPOINTMENT).create(
        shop.as_caller(AGENT), {"validFor": {"startDateTime": to_wire(june(5, 8))}}
    )
    for _ in range(2):
        await cancel_work_of(
            shop.context, "O-77", ["C-1"], [alone["id"], strangers["id"], "AP-0"], "Order cancelled"
        )
    states = {w.id: w.state for w in await work_orders_of(shop.context.store, "O-77")}
    assert states == {planned_one: "cancelled", waiting: "cancelled", begun: "cancelled", done: "completed"}
    moves = [h["new_state"] for h in reversed(await shop.context.store.history(WORK_ORDER, begun))]
    assert moves[-3:] == ["assessingCancellation", "pendingCancellation", "cancelled"]
    assert (await shop.get(APPOINTMENT, alone["id"]))["status"] == "cancelled"
    assert (await shop.get(APPOINTMENT, strangers["id"]))["status"] == "confirmed"
    assert [a["status"] for a in await visits_between(shop.context.store, june(4, 0), june(6, 0))] == [
        "completed",
        "confirmed",
    ]
