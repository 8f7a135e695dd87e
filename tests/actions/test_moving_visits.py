"""Visits moved by a dispatcher, against a real database: any crew and time that can be, refused in words if not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent import main
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.board import day_board, week_board
from abonent.domain.workforce.dispatch import dispatch
from abonent.domain.workforce.documents import Work
from abonent.domain.workforce.moving import give_to_any, move_visit, pick
from abonent.domain.workforce.requests import post_absence
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.rules import Obstacle
from abonent.domain.workforce.rules_day import troubles
from abonent.domain.workforce.work import cancel_work, rebook, start_work
from abonent.kit.access import SYSTEM
from abonent.kit.errors import BadInput, IllegalMove
from abonent.kit.values import from_wire, to_wire
from tests.support.visits import COPPER, HAND_MADE, KOSTROMA, NORTH, SOUTH, crew, hire, june
from tests.support.workshop import Workshop, workshop
from tests.support.world import build

THURSDAY = june(4, 0).date()
ROAD = {"leg": [{"from": "Yaroslavl", "to": "Far", "minutes": 50}]}
WIDE = crew(
    "CR-5", "Wide", district=[], travel=ROAD, workingHours=[{"day": ["thu"], "from": "09:00", "to": "20:00"}]
)


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        world.add(GEOGRAPHIC_ADDRESS, id="A-9", city="Far", streetName="Svobody", streetNr="12")
        await world.save(opened.context)
        await hire(opened.context, NORTH, SOUTH, COPPER, KOSTROMA, WIDE)
        yield opened


async def made(shop: Workshop, **more: Any) -> str:
    document = await main.actions().of(WORK_ORDER).create(shop.context.for_caller(SYSTEM), HAND_MADE | more)
    return document["id"]


async def at_home(shop: Workshop, hour: int, who: str = "CR-1") -> str:
    id = await made(shop)
    await move_visit(shop.context, id, who, june(4, hour))
    return id


async def taken(shop: Workshop, who: str) -> list[tuple[str, int]]:
    days = await day_board(shop.context, THURSDAY)
    (day,) = [each for each in days if each.crew.id == who]
    assert {v.appointment["id"] for v in day.visits} == {
        b.appointment for b in day.booked.days.get(THURSDAY, ())
    }
    return [(v.work["id"] if v.work else "", v.period.start.hour) for v in day.visits]


async def test_a_work_order_without_a_slot_gets_one_off_the_grid(shop: Workshop) -> None:
    id = await made(shop)
    document = await move_visit(shop.context, id, "CR-1", june(4, 7, 30))
    assert (document["state"], doc.related(document, "crew")) == ("acknowledged", "CR-1")
    assert document["requestedStartDate"] == to_wire(june(4, 7, 30))
    assert await taken(shop, "CR-1") == [(id, 7)]


async def test_a_visit_goes_to_another_crew_and_another_day_and_leaves_its_slot(shop: Workshop) -> None:
    id = await at_home(shop, 6)
    number = (await shop.context.store.get(SYSTEM, WORK_ORDER, id)).document["appointment"]["id"]
    document = await move_visit(shop.context, id, "CR-2", june(5, 11))
    assert document["appointment"]["id"] == number
    assert (await taken(shop, "CR-1"), await taken(shop, "CR-2")) == ([], [])
    stored = await shop.context.store.get(SYSTEM, APPOINTMENT, number)
    assert doc.starts(stored.document) == june(5, 11) and stored.state == "confirmed"
    # The same day and crew: one document, changed once.
    await move_visit(shop.context, id, "CR-2", june(5, 8))
    week = {
        c.id: [day.visits for day in days] for c, days in await week_board(shop.context, june(1, 0).date())
    }
    assert week["CR-2"] == [0, 0, 0, 0, 1, 0, 0] and week["CR-1"] == [0] * 7


async def test_a_proposed_time_stays_proposed_when_only_the_crew_changes(shop: Workshop) -> None:
    ctx, work = shop.context, Work("WO-7", "visit", "O-7", "1", "add", "Connect", "fibre", "A-1")
    change = ctx.change()
    document = await dispatch(ctx, change, work)
    await ctx.store.commit(change)
    number, start = document["appointment"]["id"], from_wire(document["requestedStartDate"])
    other = "CR-2" if doc.related(document, "crew") == "CR-1" else "CR-1"
    await move_visit(ctx, "WO-7", other, start)
    assert (await ctx.store.get(SYSTEM, APPOINTMENT, number)).state == "initialized"
    await move_visit(ctx, "WO-7", other, june(5, 8))
    assert (await ctx.store.get(SYSTEM, APPOINTMENT, number)).state == "confirmed"


@pytest.mark.parametrize(
    ("who", "hour", "why"),
    [
        ("CR-3", 8, "it lacks the skill"),
        ("CR-4", 8, "it does not go to that district"),
        ("CR-1", 16, "it does not work then"),
        ("CR-1", 9, "it does not work then"),
        ("CR-2", 8, "it is absent then"),
        ("CR-1", 6, "it has another visit then"),
        ("CR-5", 8, "it would not get there in time from its other visits"),
        ("CR-99", 8, "there is no such crew"),
    ],
)
async def test_a_refusal_says_what_is_in_the_way(shop: Workshop, who: str, hour: int, why: str) -> None:
    await at_home(shop, 6)
    far = await made(shop, place={"id": "A-9"})
    await move_visit(shop.context, far, "CR-5", june(4, 6))
    absence = {
        "crew": {"id": "CR-2"},
        "validFor": {"startDateTime": to_wire(june(4, 7)), "endDateTime": to_wire(june(4, 12))},
        "reason": "Training",
    }
    await post_absence(shop.context.for_caller(SYSTEM), absence)
    id = await at_home(shop, 11)
    with pytest.raises(IllegalMove) as refused:
        await move_visit(shop.context, id, who, june(4, hour))
    assert refused.value.code == "crewCannot" and refused.value.facts["why"] == why
    assert (id, 11) in await taken(shop, "CR-1")


async def test_what_cannot_be_moved(shop: Workshop) -> None:
    id = await at_home(shop, 6)
    with pytest.raises(BadInput) as over:
        await move_visit(shop.context, id, "CR-1", june(2, 6))
    assert over.value.code == "startOver"
    await start_work(shop.context, id)
    with pytest.raises(IllegalMove):
        await move_visit(shop.context, id, "CR-2", june(4, 8))
    await cancel_work(shop.context, id, "Changed his mind")
    with pytest.raises(IllegalMove):
        await move_visit(shop.context, id, "CR-2", june(4, 8))


async def test_of_two_who_move_to_one_slot_one_is_refused(shop: Workshop) -> None:
    one, two = await at_home(shop, 6), await at_home(shop, 8)
    outcomes = await asyncio.gather(
        *(move_visit(shop.context, id, "CR-2", june(4, 11)) for id in (one, two)), return_exceptions=True
    )
    assert sorted(isinstance(each, IllegalMove) for each in outcomes) == [False, True]
    assert len(await taken(shop, "CR-2")) == 1


async def test_a_picked_visit_sees_its_chances_of_a_day(shop: Workshop) -> None:
    id = await at_home(shop, 6)
    await at_home(shop, 8)
    found = await pick(shop.context, id, june(3, 21), june(4, 21))
    chances = {each.crew.id: each for each in found.chances}
    assert found.client and found.address is not None
    assert [s.start.hour for s in chances["CR-1"].times] == [6, 11, 13]  # its own slot is free for it
    assert (chances["CR-3"].obstacle, chances["CR-4"].obstacle) == (Obstacle.SKILL, Obstacle.DISTRICT)
    saturday = await pick(shop.context, id, june(5, 21), june(6, 21))
    assert {each.obstacle for each in saturday.chances if each.crew.id == "CR-1"} == {Obstacle.HOURS}
    past = await pick(shop.context, id, june(1, 21), june(2, 21))
    assert not any(each.times for each in past.chances)


async def test_visits_of_an_absent_crew_go_to_whoever_has_the_least_to_do(shop: Workshop) -> None:
    one, two = await at_home(shop, 6), await at_home(shop, 8)
    await at_home(shop, 11, "CR-2")
    assert doc.related(await give_to_any(shop.context, one), "crew") == "CR-5"
    assert doc.related(await give_to_any(shop.context, two), "crew") in {"CR-2", "CR-5"}
    assert await taken(shop, "CR-1") == []
    three, four = await at_home(shop, 13), await at_home(shop, 13, "CR-2")
    await at_home(shop, 13, "CR-5")
    for id in (three, four):
        with pytest.raises(IllegalMove) as nobody:
            await give_to_any(shop.context, id)
        assert nobody.value.code == "nobodyCan"
    waits = await made(shop)
    with pytest.raises(IllegalMove):
        await give_to_any(shop.context, waits)


async def test_an_absence_that_comes_later_is_marked_on_the_board(shop: Workshop) -> None:
    id = await at_home(shop, 6)
    valid = {"startDateTime": to_wire(june(4, 5)), "endDateTime": to_wire(june(4, 7))}
    absence = {"crew": {"id": "CR-1"}, "validFor": valid, "reason": "Training"}
    await post_absence(shop.context.for_caller(SYSTEM), absence)
    day = next(each for each in await day_board(shop.context, THURSDAY) if each.crew.id == "CR-1")
    assert list(troubles(day.crew, day.booked, THURSDAY).values()) == [Obstacle.ABSENT]
    await rebook(shop.context, id, june(4, 8), crew="CR-2")
    day = next(each for each in await day_board(shop.context, THURSDAY) if each.crew.id == "CR-1")
    assert troubles(day.crew, day.booked, THURSDAY) == {}
