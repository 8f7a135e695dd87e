"""What a client is told of a crew's visit: proposed, agreed on, moved, called off, in vain; each once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from abonent import main
from abonent.domain.communication.queries import messages_about
from abonent.domain.communication.reactions import tell_of_visit
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.workforce.appointments import book_appointment, cancel_appointment, reschedule
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.domain.workforce.slots import Wish
from abonent.domain.workforce.work import client_absent, rebook
from tests.support.messaging import Post, posted
from tests.support.visits import HAND_MADE, NORTH, hire, june
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import alter, build

CLIENT = {"id": "C-1", "name": "Anna"}


@pytest.fixture
async def post(dsn: str, tmp_path: Path) -> AsyncIterator[Post]:
    async with workshop(dsn) as shop:
        await build(shop.context)
        await hire(shop.context, NORTH)
        async with posted(shop, tmp_path / "sink") as opened:
            await speak(shop, "en")
            await shop.drain()
            yield opened


async def booked(shop: Workshop, **more: Any) -> str:
    made = await book_appointment(
        shop.context, Wish("fibre", "A-1"), june(4, 6), customer=CLIENT, given={"description": "Cable"} | more
    )
    return made["id"]


async def speak(shop: Workshop, language: str) -> None:
    stored = await shop.context.store.get(AGENT, CUSTOMER_, "C-1")
    kept = [c for c in stored.document.get("characteristic", ()) if c["name"] != "language"]
    change = shop.context.change()
    change.update(
        stored, stored.document | {"characteristic": [*kept, {"name": "language", "value": language}]}
    )
    await shop.context.store.commit(change)


def told(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(event, subject) of messages about visits."""
    found = []
    for message in messages:
        values = {c["name"]: c["value"] for c in message["characteristic"]}
        if "appointment" in values:
            found.append(
                (values["event"].removeprefix("appointment."), message["subject"].replace("\u00a0", " "))
            )
    return found


async def test_what_was_told_before_the_order_was_placed_is_found_with_it(post: Post) -> None:
    """The slot is chosen in the order entry, so the client hears of it before the order has a number."""
    id = await booked(post.shop)
    await post.shop.drain()
    assert await messages_about(post.shop.context.store, "O-10001") == []
    found = await messages_about(post.shop.context.store, "O-10001", [id])
    assert told(found) == [("confirmed", "We come on 4 June 2026, 09:00 to 11:00")]


async def test_each_change_of_a_visit_is_told_once_in_the_clients_time(post: Post) -> None:
    """06:00 UTC is 09:00 in Yaroslavl, 11:00 is 14:00; a slot lasts two hours."""
    shop = post.shop
    id = await booked(shop)
    await shop.drain()
    await reschedule(shop.context, id, june(4, 11))
    await shop.drain()
    await cancel_appointment(shop.context, id, "sold the flat")
    await shop.drain()
    assert told(await post.messages()) == [
        ("confirmed", "We come on 4 June 2026, 09:00 to 11:00"),
        ("moved", "The visit is now on 4 June 2026, 14:00 to 16:00"),
        ("cancelled", "The visit on 4 June 2026 is called off"),
    ]
    arrived = post.arrived()
    assert len({dict(each["headers"])["Message-ID"] for each in arrived}) == len(arrived) == 3
    assert "between 09:00 and 11:00: Cable" in arrived[0]["text"]


async def test_a_change_that_keeps_the_slot_is_not_told_and_a_job_may_run_twice(post: Post) -> None:
    shop = post.shop
    id = await booked(shop)
    await shop.drain()
    await alter(shop.context, APPOINTMENT, id, note=[{"text": "Ring twice"}])
    await shop.drain()
    assert len(told(await post.messages())) == 1
    await reschedule(shop.context, id, june(4, 8))
    await shop.drain()
    for _ in range(2):
        await tell_of_visit(shop.context, "e" * 32, id)
    assert [event for event, _ in told(await post.messages())] == ["confirmed", "moved"]


async def test_a_visit_of_a_work_order_names_what_is_done_and_belongs_to_its_order(post: Post) -> None:
    shop = post.shop
    order = await main.actions().of(WORK_ORDER).create(shop.as_caller(AGENT), dict(HAND_MADE))
    await rebook(shop.context, order["id"], june(4, 6))
    await shop.drain()
    shop.at(june(4, 6, 30))
    await client_absent(shop.context, order["id"])
    await shop.drain()
    messages = await post.messages()
    assert [event for event, _ in told(messages)] == ["confirmed", "failed"]
    assert "Move the socket" in messages[0]["content"]
    values = {c["name"]: c["value"] for c in messages[0]["characteristic"]}
    assert values["productOrder"] == "O-77"


async def test_a_russian_client_reads_it_in_russian(post: Post) -> None:
    await speak(post.shop, "ru")
    await booked(post.shop)
    await post.shop.drain()
    assert told(await post.messages()) == [("confirmed", "Приедем 4 июня 2026 с 09:00 до 11:00")]


async def test_a_visit_without_a_client_is_nobodys_news(post: Post) -> None:
    await book_appointment(post.shop.context, Wish("fibre", "A-1"), june(4, 6))
    await post.shop.drain()
    assert told(await post.messages()) == []
