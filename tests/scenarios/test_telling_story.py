"""What is told of an order by rules that are data: whether, by which channel, when, with which text and address."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.communication.telling_rules import foretell, save_rule
from abonent.domain.communication.templates import create_template
from abonent.domain.order_handling.ports import OrderLinks
from abonent.faces.signed_links import SignedOrders
from abonent.kit.errors import BadInput
from abonent.kit.values import from_wire
from tests.support.credit_desk import ordered
from tests.support.messaging import Post, posted
from tests.support.workshop import workshop
from tests.support.world import build, item

DONE = "productOrder.completed"
GOLD = {
    "event": DONE,
    "channel": "email",
    "variant": "gold",
    "text": [
        {"language": "en", "subject": "Gold", "content": "{client}, look: {link}."},
        {"language": "ru", "subject": "Золото", "content": "{client}, смотрите: {link}."},
    ],
}


@pytest.fixture
async def post(dsn: str, tmp_path: Path) -> AsyncIterator[Post]:
    async with workshop(dsn) as shop, posted(shop, tmp_path) as opened:
        shop.context.ports[OrderLinks] = SignedOrders("secret", "https://example.org")  # type: ignore[index]
        await build(shop.context, ports=10)
        yield opened


async def rule(post: Post, scope: str, subject: str = "", **said: Any) -> None:
    about = {"subject": {"id": subject}} if subject else {}
    telling = {"event": DONE, "told": True, "link": True, **said}
    await save_rule(post.shop.context, {"scope": scope, **about, "telling": [telling]})


async def done_of(post: Post, order: str) -> dict[str, Any] | None:
    for message in await post.messages():
        kept = {c["name"]: c["value"] for c in message["characteristic"]}
        if (kept.get("event"), kept.get("productOrder")) == (DONE, order):
            return message
    return None


async def test_the_built_in_rule_tells_everything_with_the_address(post: Post) -> None:
    id = await ordered(post.shop, item("1", "fibre"))
    message = await done_of(post, id)
    assert message is not None and message["state"] == "completed"
    assert f"https://example.org{SignedOrders('secret').path(id)}" in message["content"]


async def test_an_offering_has_its_own_channel_time_and_text(post: Post) -> None:
    await rule(post, "default", told=False)
    id = await ordered(post.shop, item("1", "fibre"))
    assert await done_of(post, id) is None
    with pytest.raises(BadInput):
        await rule(post, "offering", "fibre", variant="gold")
    with pytest.raises(BadInput):
        await rule(post, "offering", "no such offering")
    await create_template(post.shop.context, dict(GOLD))
    await rule(post, "offering", "fibre", variant="gold", delayMinutes=60)
    second = await ordered(post.shop, item("1", "fibre"))
    waiting = await done_of(post, second)
    assert waiting is not None and waiting["state"] == "initial"
    link = SignedOrders("secret", "https://example.org").address(second)
    assert waiting["content"].count(link) == 1 and "смотрите" in waiting["content"]
    assert from_wire(waiting["scheduledSendTime"]) > post.shop.context.now() + timedelta(minutes=50)
    await post.shop.pass_time(timedelta(minutes=61))
    told = await post.shop.get(COMMUNICATION_MESSAGE, waiting["id"])
    assert told["state"] == "completed"
    # The preview says the same without saving anything.
    draft = {"scope": "offering", "subject": {"id": "fibre"}, "telling": [{"event": DONE, "told": False}]}
    by_event = {each.event: each for each in await foretell(post.shop.context, second, draft)}
    assert by_event[DONE].silent == "rule"
    now = {each.event: each for each in await foretell(post.shop.context, second)}
    assert (now[DONE].by, now[DONE].channel, now[DONE].subject) == ("offering.fibre", "email", "Золото")
