"""What the console's lists show of work orders, and a crew's day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from abonent import main
from abonent.domain.workforce.appointments import book_appointment
from abonent.domain.workforce.board import day_board
from abonent.domain.workforce.queries_lists import WorkOrderCriteria, list_work_orders, work_orders_in_states
from abonent.domain.workforce.resources import CREW_ABSENCE, WORK_ORDER
from abonent.domain.workforce.slots import Wish
from abonent.domain.workforce.work import client_absent, complete_work, rebook, start_work
from abonent.kit.values import to_wire
from tests.support.visits import COPPER, NORTH, SOUTH, hire, june
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build

ALL = WorkOrderCriteria()


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    """Four work orders: Anna's done on Thursday 09:00 by North; Anna's planned on Friday 11:00 by South; North Quay's
    waiting; one without client, planned for Thursday 14:00."""
    async with workshop(dsn) as opened:
        await build(opened.context)
        await hire(opened.context, NORTH, SOUTH, COPPER)
        for n, (client, skill) in enumerate(
            (("C-1", "fibre"), ("C-1", "fibre"), ("C-2", "copper"), (None, "fibre")), 1
        ):
            document: dict[str, Any] = {
                "description": f"Work {n}, 100%",
                "place": {"id": "A-1"},
                "order": [{"id": f"O-{n}"}],
                "workOrderItem": [{"id": "1", "action": "add", "work": {"name": "Work", "workType": skill}}],
            }
            if client:
                document["relatedParty"] = [{"id": client, "role": "customer", "@referredType": "Customer"}]
            # One a minute: two of one moment would stand in the order of their numbers.
            opened.at(june(3, 10, n))
            await main.actions().of(WORK_ORDER).create(opened.as_caller(AGENT), document)
        listed, _ = await list_work_orders(opened.context.store, ALL, sort="number")
        one, two, _, four = [row.document["id"] for row in listed]
        await rebook(opened.context, one, june(4, 6), crew="CR-1")
        await rebook(opened.context, two, june(5, 8), crew="CR-2")
        await rebook(opened.context, four, june(4, 11), crew="CR-1")
        opened.at(june(4, 6, 10))
        await start_work(opened.context, one)
        await complete_work(opened.context, one, "done")
        yield opened


@pytest.mark.parametrize(
    ("criteria", "numbers"),
    [
        (ALL, "1 4 2 3"),
        (WorkOrderCriteria(state="open"), "4 2 3"),
        (WorkOrderCriteria(state="pending"), "3"),
        (WorkOrderCriteria(state="completed"), "1"),
        (WorkOrderCriteria(crew="CR-1"), "1 4"),
        (WorkOrderCriteria(skill="copper"), "3"),
        (WorkOrderCriteria(starts=june(4, 0), until=june(5, 0)), "1 4"),
        (WorkOrderCriteria(starts=june(4, 7)), "4 2"),
        (WorkOrderCriteria(late_at=june(4, 13, 1)), "4"),
        (WorkOrderCriteria(late_at=june(4, 13)), ""),
        (WorkOrderCriteria(order="O-2"), "2"),
        (WorkOrderCriteria(client="C-1"), "1 2"),
        (WorkOrderCriteria(client="соколова"), "1 2"),
        (WorkOrderCriteria(client="north", state="open"), "3"),
        (WorkOrderCriteria(text="work 3"), "3"),
        (WorkOrderCriteria(text="o-4"), "4"),
        (WorkOrderCriteria(text="%"), "1 4 2 3"),
        (WorkOrderCriteria(text="_"), ""),
    ],
)
async def test_filters_in_order_of_the_visit(
    shop: Workshop, criteria: WorkOrderCriteria, numbers: str
) -> None:
    rows, total = await list_work_orders(shop.context.store, criteria)
    assert [row.document["order"][0]["id"].removeprefix("O-") for row in rows] == numbers.split()
    assert total == len(rows)


@pytest.mark.parametrize(
    ("sort", "descending", "numbers"),
    [
        ("number", False, "1 2 3 4"),
        ("ordered", True, "4 3 2 1"),
        ("visit", True, "2 4 1 3"),
        ("state", False, "2 4 1 3"),
        ("crew", False, "1 4 2 3"),
        ("client", False, "3 1 2 4"),
    ],
)
async def test_sorts(shop: Workshop, sort: str, descending: bool, numbers: str) -> None:
    rows, _ = await list_work_orders(shop.context.store, ALL, sort=sort, descending=descending)
    assert [row.document["order"][0]["id"].removeprefix("O-") for row in rows] == numbers.split()


async def test_pages_and_what_a_row_knows(shop: Workshop) -> None:
    rows, total = await list_work_orders(shop.context.store, ALL, offset=1, limit=2)
    assert ([r.document["order"][0]["id"] for r in rows], total) == (["O-4", "O-2"], 4)
    nobody, anna = rows
    assert (nobody.client_id, nobody.client_name) == (None, "")
    assert (anna.client_id, anna.client_name, anna.appointment_status) == (
        "C-1",
        "Анна Соколова",
        "confirmed",
    )
    assert anna.address is not None and anna.address["city"] == "Yaroslavl"
    (waiting,), _ = await list_work_orders(shop.context.store, replace(ALL, state="pending"))
    assert waiting.appointment_status is None
    assert await work_orders_in_states(shop.context.store) == {"acknowledged": 2, "pending": 1}
    with pytest.raises(KeyError):
        await list_work_orders(shop.context.store, ALL, sort="doc")


async def test_a_day_of_the_crews(shop: Workshop) -> None:
    free = await book_appointment(
        shop.context, Wish("fibre", "A-1"), june(4, 13), customer={"id": "C-2"}, crew="CR-1"
    )
    change = shop.context.change()
    for id, crew, start, end in (
        ("CA-1", "CR-2", june(4, 8), june(6, 0)),
        ("CA-2", "CR-1", june(5, 0), june(6, 0)),
    ):
        valid = {"startDateTime": to_wire(start), "endDateTime": to_wire(end)}
        change.insert(CREW_ABSENCE, {"id": id, "crew": {"id": crew}, "validFor": valid, "reason": "ill"})
    await shop.context.store.commit(change)
    copper, north, south = await day_board(shop.context, date(2026, 6, 4))
    assert [c.crew.name for c in (copper, north, south)] == ["Copper", "North", "South"]
    # Thursday in Yaroslavl: 21:00 UTC to 21:00 UTC; 09-13 and 14-18.
    assert (north.day.start, north.day.end) == (june(3, 21), june(4, 21))
    assert [(w.start, w.end) for w in north.working] == [
        (june(4, 6), june(4, 10)),
        (june(4, 11), june(4, 15)),
    ]
    assert (north.absences, copper.visits) == ([], [])
    assert [(a.start, a.end) for a in south.absences] == [(june(4, 8), june(6, 0))]
    assert [(v.period.start, v.state, v.client) for v in north.visits] == [
        (june(4, 6), "completed", "Анна Соколова"),
        (june(4, 11), "acknowledged", ""),
        (june(4, 13), "confirmed", "North Quay"),
    ]
    assert north.visits[2].work is None and north.visits[2].appointment["id"] == free["id"]
    assert north.visits[0].address is not None
    # A visit in vain stays on the day it was made, and is told apart from the one that follows.
    number = north.visits[1].appointment["relatedEntity"][-1]["id"]
    await client_absent(shop.context, number)
    await rebook(shop.context, number, june(8, 11))
    assert (await day_board(shop.context, date(2026, 6, 4)))[1].visits[1].state == "failed"


async def test_no_crews_no_board(dsn: str) -> None:
    async with workshop(dsn) as empty:
        assert await day_board(empty.context, date(2026, 6, 4)) == []
