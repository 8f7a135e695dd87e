"""Booking for real: many at once on PostgreSQL, and any sequence of acts against a model that is a dictionary."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domain.workforce.appointments import book_appointment, cancel_appointment, confirm, reschedule
from abonent.domain.workforce.resources import APPOINTMENT, CREW_ABSENCE, CREW_DAY
from abonent.domain.workforce.slots import Wish, search_time_slots
from abonent.kit.access import SYSTEM
from abonent.kit.errors import BadInput, Conflict, IllegalMove, NotFound
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, KOSTROMA, NORTH, SOUTH, crew, hire, june
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import build

AT_HOME = Wish("fibre", "A-1")
ANNA = {"id": "C-1", "name": "Анна Соколова"}
# Thursday's slots.
SLOTS = [june(4, hour) for hour in (6, 8, 11, 13)]


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def booked_of(shop: Workshop) -> list[tuple[str, datetime]]:
    """Who comes when, by the appointments; the crews' days must say the same."""
    rows = await shop.rows(
        "SELECT crew, starts_at, id FROM appointment WHERE status IN ('initialized', 'confirmed') ORDER BY 1, 2, 3"
    )
    days = await shop.rows(
        "SELECT d.doc #>> '{crew,id}', b ->> 'start', b ->> 'appointment' FROM crew_day d,"
        " jsonb_array_elements(d.doc -> 'booking') b ORDER BY 1, 2, 3"
    )
    assert [tuple(row) for row in rows] == [tuple(row) for row in days]
    return [(row[0], datetime.fromisoformat(row[1])) for row in rows]


async def test_two_want_the_last_slot(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    for start in SLOTS[:3]:
        await book_appointment(shop.context, AT_HOME, start, customer=ANNA)
    outcomes = await asyncio.gather(
        *(book_appointment(shop.context, AT_HOME, SLOTS[3]) for _ in range(2)), return_exceptions=True
    )
    won = [o for o in outcomes if isinstance(o, dict)]
    lost = [o for o in outcomes if isinstance(o, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    assert lost[0].code == "slotTaken"
    # Friday is free: the loser is told its first three slots, in words (Moscow time) and as data.
    assert lost[0].facts["free"] == "2026-06-05 09:00, 2026-06-05 11:00, 2026-06-05 14:00"
    assert [slot["startDateTime"] for slot in lost[0].facts["slots"]] == [
        to_wire(june(5, hour)) for hour in (6, 8, 11)
    ]
    assert won[0]["validFor"] == {"startDateTime": to_wire(june(4, 13)), "endDateTime": to_wire(june(4, 15))}


@pytest.mark.parametrize("many", [40])
async def test_a_crowd_at_one_slot(shop: Workshop, many: int) -> None:
    """Two crews, one of which can be at two places at once: three of forty get 09:00."""
    await hire(shop.context, NORTH, crew("CR-2", "South", capacity=2), COPPER, KOSTROMA)
    outcomes = await asyncio.gather(
        *(book_appointment(shop.context, AT_HOME, SLOTS[0]) for _ in range(many)), return_exceptions=True
    )
    assert sum(isinstance(o, dict) for o in outcomes) == 3
    assert {o.code for o in outcomes if isinstance(o, Conflict)} == {"slotTaken"}
    assert all(isinstance(o, dict | Conflict) for o in outcomes)
    assert await booked_of(shop) == [("CR-1", SLOTS[0]), ("CR-2", SLOTS[0]), ("CR-2", SLOTS[0])]


async def test_a_crowd_over_a_day_fills_it_exactly(shop: Workshop) -> None:
    """Two crews with four slots each: eight of twenty-four are served, and no slot twice."""
    await hire(shop.context, NORTH, SOUTH)
    outcomes = await asyncio.gather(
        *(book_appointment(shop.context, AT_HOME, SLOTS[n % 4]) for n in range(24)), return_exceptions=True
    )
    assert sum(isinstance(o, dict) for o in outcomes) == 8
    assert await booked_of(shop) == sorted((c, s) for c in ("CR-1", "CR-2") for s in SLOTS)


async def test_bookings_of_different_lengths_do_not_overlap(shop: Workshop) -> None:
    """One crew; work of two and of four hours wanted at once for Thursday morning: never more than fits."""
    await hire(shop.context, NORTH)
    long = Wish("fibre", "A-1", 240)
    await asyncio.gather(
        *(book_appointment(shop.context, wish, SLOTS[0]) for wish in (AT_HOME, long) * 5),
        *(book_appointment(shop.context, AT_HOME, SLOTS[1]) for _ in range(5)),
        return_exceptions=True,
    )
    rows = await shop.rows(
        "SELECT doc #>> '{validFor,startDateTime}', doc #>> '{validFor,endDateTime}' FROM appointment"
    )
    spans = sorted((row[0], row[1]) for row in rows)
    assert spans in (
        [(to_wire(SLOTS[0]), to_wire(june(4, 10)))],
        [(to_wire(SLOTS[0]), to_wire(june(4, 8))), (to_wire(june(4, 8)), to_wire(june(4, 10)))],
    )


async def test_two_move_to_the_same_slot(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    ids = [(await book_appointment(shop.context, AT_HOME, start))["id"] for start in SLOTS[:2]]
    outcomes = await asyncio.gather(
        *(reschedule(shop.context, id, SLOTS[3]) for id in ids), return_exceptions=True
    )
    assert sorted(isinstance(o, Conflict) for o in outcomes) == [False, True]
    # The winner's old slot is free, the loser keeps his.
    winner = next(n for n, o in enumerate(outcomes) if isinstance(o, dict))
    assert await booked_of(shop) == sorted([("CR-1", SLOTS[1 - winner]), ("CR-1", SLOTS[3])])


async def test_booking_and_cancelling_the_same_slot_at_once(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    id = (await book_appointment(shop.context, AT_HOME, SLOTS[0]))["id"]
    outcomes = await asyncio.gather(
        cancel_appointment(shop.context, id, "moved away"),
        *(book_appointment(shop.context, AT_HOME, SLOTS[0]) for _ in range(5)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], dict)
    booked = await booked_of(shop)
    assert len(booked) == sum(isinstance(o, dict) for o in outcomes[1:]) <= 1


# ---- against a model

acts = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(0, 7), st.sampled_from([None, 240])),
        st.tuples(st.just("cancel"), st.integers(0, 5), st.none()),
        st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 7)),
    ),
    min_size=1,
    max_size=10,
)
CANDIDATES = [*SLOTS, *(june(5, hour) for hour in (6, 8, 11, 13))]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_any_sequence_against_a_dictionary(dsn: str, sequence: list[tuple[str, int, Any]]) -> None:
    asyncio.run(_played(dsn, sequence))


async def _played(dsn: str, sequence: list[tuple[str, int, Any]]) -> None:
    """The model: crew -> set of (start, end); the crew with the fewest hours that day, then the lower id, gets it."""
    async with workshop(dsn) as shop:
        tables = "crew, crew_day, appointment, geographic_address"
        await shop.rows(f"TRUNCATE {tables}")
        await shop.rows(
            "INSERT INTO geographic_address (id, doc) VALUES ('A-1', $1::jsonb)", '{"city": "Yaroslavl"}'
        )
        await hire(shop.context, NORTH, SOUTH)
        model: dict[str, dict[str, tuple[datetime, datetime]]] = {"CR-1": {}, "CR-2": {}}
        made: list[str] = []
        for act, n, more in sequence:
            if act == "book":
                start = CANDIDATES[n]
                expected = _model_crew(model, start, more, None)
                try:
                    document = await book_appointment(shop.context, Wish("fibre", "A-1", more), start)
                except Conflict:
                    assert expected is None
                    continue
                assert expected == _crew(document)
                made.append(document["id"])
                model[_crew(document)][document["id"]] = (
                    start,
                    datetime.fromisoformat(document["validFor"]["endDateTime"]),
                )
            elif made and act == "cancel":
                id = made[n % len(made)]
                await cancel_appointment(shop.context, id)
                for visits in model.values():
                    visits.pop(id, None)
            elif made:
                id, start = made[n % len(made)], CANDIDATES[more]
                before = next((c for c in model if id in model[c]), None)
                if before is None:
                    with pytest.raises(IllegalMove):
                        await reschedule(shop.context, id, start)
                    continue
                begin, end = model[before][id]
                minutes = int((end - begin).total_seconds() // 60)
                expected = _model_crew(model, start, minutes, id)
                try:
                    document = await reschedule(shop.context, id, start)
                except Conflict:
                    assert expected is None
                    continue
                assert expected == _crew(document)
                del model[before][id]
                model[_crew(document)][id] = (start, start + (end - begin))
        assert await booked_of(shop) == sorted((c, s) for c in model for s, _ in model[c].values())


def _crew(document: dict[str, Any]) -> str:
    return document["relatedEntity"][0]["id"]


def _model_crew(
    model: dict[str, dict[str, tuple[datetime, datetime]]],
    start: datetime,
    minutes: int | None,
    moving: str | None,
) -> str | None:
    hours = max(2, (minutes or 0) // 60)
    day = start.day
    ends = start.hour + hours
    # Four hours fit before lunch from 06:00 UTC and after it from 11:00.
    if not (start.hour >= 6 and ends <= 10) and not (start.hour >= 11 and ends <= 15):
        return None
    able = []
    for crew_id, visits in model.items():
        others = [(s, e) for id, (s, e) in visits.items() if id != moving and s.day == day]
        if all(e.hour <= start.hour or ends <= s.hour for s, e in others):
            able.append((sum(e.hour - s.hour for s, e in others), crew_id))
    return min(able)[1] if able else None


# ---- one at a time


async def test_what_an_appointment_says(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    made = await book_appointment(shop.as_caller(AGENT), AT_HOME, SLOTS[0], customer=ANNA, note="Intercom 12")
    APPOINTMENT.shape.check(dict(made))
    assert made["status"] == "confirmed"
    assert made["relatedEntity"][0] == {
        "id": "CR-1",
        "name": "North",
        "role": "crew",
        "@referredType": "Crew",
    }
    assert made["relatedEntity"][1] == {"id": "fibre", "role": "skill", "@referredType": "Skill"}
    assert made["relatedPlace"]["id"] == "A-1"
    assert [p["id"] for p in made["relatedParty"]] == ["C-1"]
    assert made["calendarEvent"]["id"] == "CR-1|2026-06-04"
    assert (made["note"][0]["text"], made["note"][0]["author"]) == ("Intercom 12", "olga")


async def test_search_offers_what_is_free_and_far_enough_ahead(shop: Workshop) -> None:
    await hire(shop.context, NORTH, COPPER, KOSTROMA)
    # It is Wednesday, 12:51 in Yaroslavl: with two hours to get there 14:00 is too soon, 16:00 is not.
    found = await search_time_slots(shop.context, AT_HOME, limit=2)
    assert [(s.start, s.crews) for s in found] == [(june(3, 13), ("CR-1",)), (june(4, 6), ("CR-1",))]
    await book_appointment(shop.context, AT_HOME, june(3, 13))
    assert (await search_time_slots(shop.context, AT_HOME, limit=1))[0].start == june(4, 6)
    assert (await search_time_slots(shop.context, AT_HOME, after=june(5, 7), limit=1))[0].start == june(5, 8)
    assert await search_time_slots(shop.context, Wish("radio", "A-1")) == []
    # Anywhere: one more on Wednesday (Kostroma's crew), 9 whole days, and on the 17th those that start before 14:51.
    assert len(await search_time_slots(shop.context, Wish("fibre"))) == 1 + 9 * 4 + 3


async def test_absence_closes_slots(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    change = shop.context.change()
    valid = {"startDateTime": to_wire(june(4, 5)), "endDateTime": to_wire(june(4, 11))}
    change.insert(
        CREW_ABSENCE, {"id": "CA-1", "crew": {"id": "CR-1"}, "validFor": valid, "reason": "training"}
    )
    await shop.context.store.commit(change)
    with pytest.raises(Conflict) as taken:
        await book_appointment(shop.context, AT_HOME, SLOTS[0])
    assert taken.value.facts["slots"][0]["startDateTime"] == to_wire(SLOTS[2])


async def test_booking_a_crew_by_name_and_a_time_off_the_grid(shop: Workshop) -> None:
    await hire(shop.context, NORTH, SOUTH)
    made = await book_appointment(shop.context, AT_HOME, SLOTS[0], crew="CR-2")
    assert _crew(made) == "CR-2"
    with pytest.raises(Conflict):
        await book_appointment(shop.context, AT_HOME, SLOTS[0], crew="CR-2")
    with pytest.raises(Conflict):
        await book_appointment(shop.context, AT_HOME, june(4, 7))
    with pytest.raises(Conflict):
        await book_appointment(shop.context, AT_HOME, june(2, 6))
    with pytest.raises(BadInput):
        await book_appointment(shop.context, Wish("fibre", "A-404"), SLOTS[0])


async def test_nobody_at_all(shop: Workshop) -> None:
    with pytest.raises(Conflict) as nobody:
        await book_appointment(shop.context, AT_HOME, SLOTS[0])
    assert nobody.value.facts["slots"] == []
    assert "add a crew" in str(nobody.value)


async def test_cancelled_twice_is_cancelled_once(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    made = await book_appointment(shop.context, AT_HOME, SLOTS[0])
    first = await cancel_appointment(shop.as_caller(AGENT), made["id"], "Client travels")
    assert (first["status"], first["note"][-1]["text"]) == ("cancelled", "Client travels")
    assert await cancel_appointment(shop.context, made["id"]) == first
    assert (await shop.get(CREW_DAY, "CR-1|2026-06-04"))["booking"] == []
    for act in (confirm(shop.context, made["id"]), reschedule(shop.context, made["id"], SLOTS[1])):
        with pytest.raises(IllegalMove):
            await act


async def test_clients_see_and_move_their_own_alone(shop: Workshop) -> None:
    await hire(shop.context, NORTH)
    made = await book_appointment(shop.context, AT_HOME, SLOTS[0], customer=ANNA)
    with pytest.raises(NotFound):
        await reschedule(shop.as_caller(STRANGER), made["id"], SLOTS[1])
    moved = await reschedule(shop.as_caller(CLIENT), made["id"], SLOTS[1])
    assert moved["validFor"]["startDateTime"] == to_wire(SLOTS[1])
    stored = await shop.context.store.get(SYSTEM, APPOINTMENT, made["id"])
    assert stored.version == 2
    # It is 12:51: today's 14:00 is for a dispatcher to give, who can reach the crew.
    with pytest.raises(Conflict):
        await reschedule(shop.as_caller(CLIENT), made["id"], june(3, 11))
    await reschedule(shop.as_caller(AGENT), made["id"], june(3, 11))
