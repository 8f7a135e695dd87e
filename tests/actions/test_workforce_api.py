"""The TM Forum APIs of visits: searches, appointments, work orders, crews, as they are posted and patched."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from abonent import main
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import APPOINTMENT, CREW, CREW_ABSENCE, SEARCH_TIME_SLOT, WORK_ORDER
from abonent.domain.workforce.slots import Wish
from abonent.domain.workforce.work import rebook
from abonent.kit.access import Role
from abonent.kit.errors import BadInput, Conflict, Forbidden, IllegalMove, NotFound
from abonent.kit.values import from_wire, to_wire
from tests.support.visits import COPPER, HAND_MADE, KOSTROMA, NORTH, SOUTH, hire, june
from tests.support.web import error_of, run_web
from tests.support.workshop import AGENT, CLIENT, Workshop, workshop
from tests.support.world import build

ACTIONS = main.actions()


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


async def test_search_over_the_api(shop: Workshop) -> None:
    asked = {
        "relatedPlace": {"id": "A-1", "role": "installationAddress"},
        "relatedEntity": [{"id": "fibre", "role": "skill", "@referredType": "Skill"}],
        "requestedTimeSlot": [
            {"validFor": {"startDateTime": to_wire(june(4, 6)), "endDateTime": to_wire(june(4, 12))}},
            {"validFor": {"startDateTime": to_wire(june(5, 13))}},
            {"validFor": {"startDateTime": to_wire(june(1, 6))}},
        ],
    }
    SEARCH_TIME_SLOT.shape.check(asked)
    answer = await ACTIONS.of(SEARCH_TIME_SLOT).create(shop.as_caller(CLIENT), asked)
    SEARCH_TIME_SLOT.shape.check(dict(answer))
    # The slot of 11:00 ends at 13:00, after the first time asked for; the third is over.
    assert [s["validFor"]["startDateTime"] for s in answer["availableTimeSlot"]] == [
        to_wire(june(4, 6)),
        to_wire(june(4, 8)),
        to_wire(june(5, 13)),
    ]
    assert (answer["status"], answer["searchResult"]) == ("done", "success")
    assert (await shop.context.store.get(CLIENT, SEARCH_TIME_SLOT, answer["id"])).document == answer
    nothing = await ACTIONS.of(SEARCH_TIME_SLOT).create(
        shop.as_caller(AGENT), {"relatedEntity": [{"id": "radio", "role": "skill", "@referredType": "Skill"}]}
    )
    assert (nothing["searchResult"], nothing["availableTimeSlot"]) == ("noTimeSlot", [])


@pytest.mark.parametrize(
    "asked",
    [
        {"requestedTimeSlot": [{"validFor": {"endDateTime": "2026-06-04T00:00:00Z"}}]},
        {
            "requestedTimeSlot": [
                {"validFor": {"startDateTime": "2026-06-05T00:00:00Z", "endDateTime": "2026-06-04T00:00:00Z"}}
            ]
        },
        {
            "requestedTimeSlot": [
                {"validFor": {"startDateTime": "2026-06-05T00:00:00Z", "endDateTime": "2036-06-04T00:00:00Z"}}
            ]
        },
        {"relatedPlace": {"id": "A-404", "role": "x"}},
    ],
)
async def test_searches_that_make_no_sense(shop: Workshop, asked: dict[str, Any]) -> None:
    answer = await ACTIONS.of(SEARCH_TIME_SLOT).create(shop.as_caller(AGENT), asked)
    assert (answer["status"], answer["availableTimeSlot"]) == ("rejected", [])
    assert "requestedTimeSlot[0]" in answer["searchResult"] or "A-404" in answer["searchResult"]


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_times_out_of_all_reach_are_refused(shop: Workshop, when: str) -> None:
    id = await planned(shop)
    with pytest.raises((BadInput, Conflict)):
        await rebook(shop.as_caller(AGENT), id, from_wire(when))
    slot = {"validFor": {"startDateTime": when}}
    with suppress(BadInput, Conflict):
        made = await ACTIONS.of(APPOINTMENT).create(
            shop.as_caller(AGENT), {**slot, "relatedPlace": {"id": "A-1"}}
        )
        assert made["status"] == "failed"
    answer = await ACTIONS.of(SEARCH_TIME_SLOT).create(
        shop.as_caller(AGENT),
        {"requestedTimeSlot": [{"validFor": {"startDateTime": "2026-06-04T06:00:00Z"}}]},
    )
    assert answer["availableTimeSlot"]
    span = {"validFor": {"startDateTime": "2026-06-04T06:00:00Z", "endDateTime": "9999-12-31T23:59:59Z"}}
    answer = await ACTIONS.of(SEARCH_TIME_SLOT).create(shop.as_caller(AGENT), {"requestedTimeSlot": [span]})
    assert answer["status"] == "rejected"
    with suppress(BadInput):
        await ACTIONS.of(SEARCH_TIME_SLOT).create(shop.as_caller(AGENT), {"requestedTimeSlot": [slot]})


async def test_a_client_books_for_himself_alone(shop: Workshop) -> None:
    ours = ACTIONS.of(APPOINTMENT)
    given = {
        "validFor": {"startDateTime": to_wire(june(4, 6))},
        "relatedParty": [{"id": "C-2", "role": "customer", "@referredType": "Customer"}],
        "relatedPlace": {"id": "A-1", "role": "installationAddress"},
    }
    made = await ours.create(shop.as_caller(CLIENT), given)
    assert [p["id"] for p in made["relatedParty"]] == ["C-1"]
    for never in (
        {"validFor": {"startDateTime": to_wire(june(2, 6))}},
        {"validFor": {}},
        {"validFor": given["validFor"], "relatedPlace": {"id": "A-404", "role": "x"}},
        {"validFor": given["validFor"], "relatedEntity": [{"id": "radio", "role": "skill"}]},
    ):
        kept = await ours.create(shop.as_caller(CLIENT), never)
        assert kept["status"] == "failed" and kept["note"][-1]["text"], never
        assert kept["relatedParty"][0]["id"] == "C-1" and "calendarEvent" not in kept
    assert not [name for name in await shop.drain() if "deliver" in name]
    work = await entered(shop)
    for_work = given | {"relatedEntity": [{"id": work, "role": "workOrder", "@referredType": "WorkOrder"}]}
    with pytest.raises(Forbidden):
        await ours.create(shop.as_caller(CLIENT), for_work)
    stored = await shop.context.store.get(CLIENT, APPOINTMENT, made["id"])
    for forbidden in (
        {"relatedParty": []},
        {"relatedEntity": []},
        {"status": "completed"},
        {"status": "cancelled", "validFor": {"startDateTime": to_wire(june(4, 8))}},
    ):
        with pytest.raises((IllegalMove, Forbidden)):
            await ours.change(shop.as_caller(CLIENT), stored, stored.document | forbidden)
    with pytest.raises(IllegalMove):
        await ours.remove(shop.as_caller(AGENT), stored)
    moved = await ours.change(
        shop.as_caller(CLIENT), stored, stored.document | {"validFor": {"startDateTime": to_wire(june(4, 8))}}
    )
    assert moved["validFor"]["endDateTime"] == to_wire(june(4, 10))


async def test_an_appointment_for_a_work_order(shop: Workshop) -> None:
    work = await entered(shop)
    made = await ACTIONS.of(APPOINTMENT).create(
        shop.as_caller(AGENT),
        {
            "validFor": {"startDateTime": to_wire(june(4, 6))},
            "relatedEntity": [{"id": work, "role": "workOrder", "@referredType": "WorkOrder"}],
        },
    )
    assert (await shop.get(WORK_ORDER, work))["appointment"]["id"] == made["id"]
    # And the other way: work for an appointment that is there.
    free = await ACTIONS.of(APPOINTMENT).create(
        shop.as_caller(CLIENT), {"validFor": {"startDateTime": to_wire(june(5, 6))}}
    )
    bound = await ACTIONS.of(WORK_ORDER).create(
        shop.as_caller(AGENT), HAND_MADE | {"appointment": {"id": free["id"]}}
    )
    assert (bound["state"], bound["requestedStartDate"]) == ("acknowledged", to_wire(june(5, 6)))
    for unusable in (free["id"], "AP-404"):
        with pytest.raises(BadInput):
            await ACTIONS.of(WORK_ORDER).create(
                shop.as_caller(AGENT), HAND_MADE | {"appointment": {"id": unusable}}
            )


async def test_a_work_order_patched_through_its_states(shop: Workshop) -> None:
    id = await planned(shop)
    ours = ACTIONS.of(WORK_ORDER)

    async def patch(**more: Any) -> dict[str, Any]:
        stored = await shop.context.store.get(AGENT, WORK_ORDER, id)
        return await ours.change(shop.as_caller(AGENT), stored, stored.document | more)

    assert (await patch(priority="1"))["priority"] == "1"
    for wrong in ({"place": {"id": "A-2"}}, {"state": "partial"}, {"state": "completed"}):
        with pytest.raises(IllegalMove):
            await patch(**wrong)
    with pytest.raises(BadInput):
        await patch(state="failed")
    await patch(state="inProgress")
    done = await patch(state="completed", note={"text": "All works"})
    assert doc.result_of(done) == "All works"
    stored = await shop.context.store.get(AGENT, WORK_ORDER, id)
    await ours.remove(shop.as_caller(AGENT), stored)
    with pytest.raises(NotFound):
        await shop.get(WORK_ORDER, id)


async def test_crews_and_absences_are_checked(shop: Workshop) -> None:
    crews, absences = ACTIONS.of(CREW), ACTIONS.of(CREW_ABSENCE)
    made = await crews.create(shop.context, {k: v for k, v in NORTH.items() if k != "id"} | {"name": "New"})
    stored = await shop.context.store.get(AGENT, CREW, made["id"])
    with pytest.raises(BadInput):
        await crews.change(shop.context, stored, stored.document | {"capacity": 0})
    await crews.remove(shop.context, stored)
    await planned(shop)
    busy = await shop.context.store.get(AGENT, CREW, "CR-1")
    for act in (
        crews.remove(shop.context, busy),
        crews.change(shop.context, busy, busy.document | {"timeZone": "UTC"}),
    ):
        with pytest.raises(IllegalMove):
            await act
    away = {"crew": {"id": "CR-404"}, "validFor": {"startDateTime": to_wire(june(4, 6))}, "reason": "ill"}
    with pytest.raises(NotFound):
        await absences.create(shop.context, away)
    with pytest.raises(BadInput):
        await absences.create(
            shop.context,
            away
            | {
                "crew": {"id": "CR-1"},
                "validFor": {"startDateTime": to_wire(june(4, 6)), "endDateTime": to_wire(june(4, 5))},
            },
        )


async def test_work_nobody_can_do_is_told(shop: Workshop) -> None:
    id = await entered(shop, workOrderItem=[{"id": "1", "action": "add", "work": {"workType": "radio"}}])
    with pytest.raises(Conflict) as nobody:
        await rebook(shop.context, id, june(4, 6))
    assert nobody.value.facts["slots"] == []
    assert doc.wish_of(await shop.get(WORK_ORDER, id)) == Wish("radio", "A-1")


async def test_over_http(dsn: str, tmp_path: Path) -> None:
    """A crew is hired, two clients want its one slot of a day, the other is told, and the first moves his."""
    base, own = "/tmf-api/appointment/v4", "/abonent-api/workforce/v1"
    async with run_web(dsn, tmp_path) as web:
        await build(web.context)
        hours = [{"day": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "09:00", "to": "11:00"}]
        hired = await web.admin.post(
            f"{own}/crew",
            json={"name": "North", "skill": ["fibre"], "timeZone": "Europe/Moscow", "workingHours": hours},
        )
        assert hired.status_code == 201, hired.text
        refused = await web.admin.post(
            f"{own}/crew", json={"name": "X", "skill": [], "timeZone": "Mars", "workingHours": hours}
        )
        error_of(refused, 400)
        async with web.client(Role.CLIENT, "C-1") as anna, web.client(Role.CLIENT, "C-2") as boris:
            place = {"relatedPlace": {"id": "A-1", "role": "installationAddress"}}
            found = await anna.post(f"{base}/searchTimeSlot", json=place)
            assert found.status_code == 201
            first, second, *_ = [slot["validFor"] for slot in found.json()["availableTimeSlot"]]
            answers = await asyncio.gather(
                *(c.post(f"{base}/appointment", json=place | {"validFor": first}) for c in (anna, boris))
            )
            assert sorted(a.status_code for a in answers) == [201, 409]
            error_of(next(a for a in answers if a.status_code == 409), 409, "slotTaken")
            made = next(a for a in answers if a.status_code == 201)
            winner, loser = (anna, boris) if answers[0] is made else (boris, anna)
            assert made.json()["validFor"] == first
            error_of(await loser.get(made.json()["href"]), 404)
            moved = await winner.patch(made.json()["href"], json={"validFor": second})
            assert (moved.status_code, moved.json()["validFor"]) == (200, second)
            given_up = await winner.patch(
                made.json()["href"], json={"status": "cancelled", "note": [{"text": "Not needed"}]}
            )
            assert (given_up.status_code, given_up.json()["status"]) == (200, "cancelled")
            error_of(await winner.get(f"{own}/crew"), 403)
            error_of(await winner.get("/tmf-api/workOrderManagement/v4/workOrder"), 403)
        listed = await web.admin.get(f"{base}/appointment", params={"status": "cancelled"})
        assert [a["id"] for a in listed.json()] == [made.json()["id"]]
