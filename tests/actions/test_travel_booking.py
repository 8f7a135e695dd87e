"""The way between visits when many book at once: nobody is booked where the crew could not be in time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce.appointments import book_appointment, reschedule
from abonent.domain.workforce.slots import Wish, search_time_slots
from abonent.kit.errors import Conflict
from tests.support.visits import crew, hire, june
from tests.support.workshop import Workshop, workshop
from tests.support.world import build

NEAR, FAR = Wish("fibre", "A-1", 60), Wish("fibre", "A-9", 60)
SLOTS = [june(4, hour) for hour in (6, 8, 11, 13)]
WAY = timedelta(minutes=90)


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        world = await build(opened.context)
        # The same house, in another town.
        world.add(GEOGRAPHIC_ADDRESS, id="A-9", city="Far", streetName="Svobody", streetNr="12")
        await world.save(opened.context)
        travel = {"leg": [{"from": "Yaroslavl", "to": "far", "minutes": 90}]}
        await hire(opened.context, crew("CR-1", "North", district=[], travel=travel))
        yield opened


async def free(shop: Workshop, wish: Wish) -> list[datetime]:
    return [s.start for s in await search_time_slots(shop.context, wish, after=june(4, 0), days=1)]


async def test_a_slot_next_to_a_distant_visit_is_not_given(shop: Workshop) -> None:
    await book_appointment(shop.context, NEAR, SLOTS[0])
    assert await free(shop, NEAR) == SLOTS[1:]
    assert await free(shop, FAR) == SLOTS[2:]
    with pytest.raises(Conflict) as refused:
        await book_appointment(shop.context, FAR, SLOTS[1])
    assert refused.value.code == "slotTaken"


async def test_a_visit_does_not_stand_in_its_own_way_when_it_moves(shop: Workshop) -> None:
    moved = await book_appointment(shop.context, FAR, SLOTS[0])
    await reschedule(shop.context, moved["id"], SLOTS[1])
    assert await free(shop, NEAR) == [SLOTS[3]]


async def test_a_crowd_from_two_towns_leaves_a_day_that_can_be_driven(shop: Workshop) -> None:
    wishes = [(wish, start) for start in SLOTS for wish in (NEAR, FAR)] * 3
    outcomes = await asyncio.gather(
        *(book_appointment(shop.context, wish, start) for wish, start in wishes), return_exceptions=True
    )
    assert all(isinstance(o, dict | Conflict) for o in outcomes)
    made: list[Any] = [o for o in outcomes if isinstance(o, dict)]
    visits = sorted((o["validFor"]["startDateTime"], o["relatedPlace"]["id"]) for o in made)
    assert len({start for start, _ in visits}) == len(visits) >= 2
    for (start, place), (later, other) in pairwise(visits):
        gap = datetime.fromisoformat(later) - datetime.fromisoformat(start)
        assert place == other or gap >= timedelta(minutes=60) + WAY
