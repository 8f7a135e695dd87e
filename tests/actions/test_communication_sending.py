"""Messages on their way: a real mail server and SMS gateway, jobs that run twice, failures, quiet hours, resending."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from abonent.domain.communication import delivery
from abonent.domain.communication import messages as messaging
from abonent.domain.communication.ports import DeliveryReport, MailTransport, SmsTransport
from abonent.domain.communication.preferences import set_preferences
from abonent.domain.communication.rules import Preferences, read_quiet
from abonent.domain.communication.rules_delivery import LEASE, PAUSES, attempts
from abonent.domain.communication.rules_messages import NO_ADDRESS, NO_TRANSPORT, OPTED_OUT, QUIET, about
from abonent.domain.communication.templates import drop_template, save_template
from abonent.domain.order_handling.intake import place_order
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.errors import BadInput, IllegalMove, NotFound
from abonent.kit.jobs import TryAgain
from abonent.message_simulator import Rule
from tests.actions.test_jobs_twice import run_twice_at_once
from tests.support.messaging import Post, posted
from tests.support.workshop import AGENT, workshop
from tests.support.world import World, alter, build, item, order

ANNA = "anna@example.org"
PHONE = "+79990000001"


@pytest.fixture
async def post(dsn: str, tmp_path: Path) -> AsyncIterator[Post]:
    async with workshop(dsn) as shop, posted(shop, tmp_path) as connected:
        await build(shop.context, ports=5)
        yield connected


async def give_phone(post: Post) -> None:
    """Let Anna have a mobile number besides her address."""
    stored = await post.shop.context.store.get(AGENT, CUSTOMER_, "C-1")
    medium = {"mediumType": "mobile", "characteristic": {"phoneNumber": PHONE}}
    change = post.shop.context.change()
    media = [*stored.document["contactMedium"], medium]
    change.update(stored, stored.document | {"contactMedium": media})
    await post.shop.context.store.commit(change)


async def first_message(post: Post) -> dict[str, Any]:
    """Place an order and run its first message's job alone."""
    await place_order(post.shop.context, order(item("1", "fibre")))
    tells = [(n, a) for n, a in await post.shop.jobs() if n == "communication.tell_of_order"]
    args = {k: v for k, v in tells[0][1].items() if k not in {"correlation", "at"}}
    from abonent.domain.communication.reactions import tell_of_order

    await tell_of_order(post.shop.context, **args)
    await post.shop.rows("DELETE FROM procrastinate_jobs WHERE task_name <> 'communication.deliver'")
    (message,) = await post.messages()
    return message


def outcomes(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(a["channel"], a["outcome"]) for a in attempts(message)]


async def test_each_message_of_an_order_arrives_once_although_every_job_runs_twice(post: Post) -> None:
    await place_order(post.shop.context, order(item("1", "bundle")))
    while await run_twice_at_once(post.shop):
        pass
    told = await post.messages()
    assert [m["state"] for m in told] == ["completed"] * 3
    ids = post.sink.box.message_ids()
    assert len(ids) == len(set(ids)) == 3
    assert set(ids) == {f"<{m['id']}@abonent.example>" for m in told}
    assert {a["reference"] for m in told for a in attempts(m)} == set(ids)


async def test_a_mail_arrives_as_it_was_written_in_cyrillic(post: Post) -> None:
    message = await first_message(post)
    (mail,) = post.arrived()
    assert mail["subject"] == message["subject"] == f"Заказ {about(message, 'productOrder')} принят"
    assert mail["text"].strip() == message["content"].strip()
    assert "Анна Соколова" in mail["text"]
    headers = dict(mail["headers"])
    assert headers["From"] == "Abonent <service@abonent.example>"
    assert headers["To"] == "Анна Соколова <anna@example.org>"
    assert (headers["Auto-Submitted"], headers["Content-Language"]) == ("auto-generated", "ru")
    raw = post.sink.box.entries[0].path.read_bytes()
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998


async def test_a_temporary_no_is_tried_again_after_a_pause_and_then_goes(post: Post) -> None:
    post.treat(Rule(treatment="busy", times=1))
    message = await first_message(post)
    assert message["state"] == "inProgress" and outcomes(message) == [("email", "temporary")]
    assert attempts(message)[0]["words"] == "451 4.7.1 try again later"
    await delivery.deliver(post.shop.context, message["id"])
    assert post.arrived() == []  # a job that runs early waits for its time
    assert await post.shop.pass_time(PAUSES[0] + timedelta(seconds=1)) == [delivery.DELIVER]
    (message,) = await post.messages()
    assert message["state"] == "completed" and outcomes(message)[-1] == ("email", "sent")
    assert len(post.arrived()) == 1


async def test_a_mail_refused_for_good_goes_as_sms(post: Post) -> None:
    await give_phone(post)
    post.treat(Rule(pattern="@", treatment="refuse"))
    message = await first_message(post)
    assert (message["state"], message["messageType"]) == ("inProgress", "email")
    await post.shop.drain()
    (message,) = await post.messages()
    assert (message["state"], message["messageType"]) == ("completed", "SMS")
    assert outcomes(message) == [("email", "refused"), ("SMS", "sent")]
    assert attempts(message)[0]["words"] == "550 5.1.1 anna@example.org: there is no such mailbox"
    (sms,) = post.arrived()
    # The words are those of the SMS template: no greeting, one part's length.
    assert (sms["to"], sms["text"]) == (PHONE, message["content"])
    assert re.fullmatch(
        r"Заказ O-\d+ принят\. Срок сообщим, как только проверим линию по адресу\.", sms["text"]
    )


async def test_a_message_nobody_takes_has_failed_with_the_reasons(post: Post) -> None:
    await give_phone(post)
    post.treat(Rule(treatment="refuse"))
    message = await first_message(post)
    await post.shop.drain()
    (message,) = await post.messages()
    assert message["state"] == "failed" and outcomes(message) == [("email", "refused"), ("SMS", "refused")]
    assert about(message, "statusReason")
    assert "is not a number in service" in attempts(message)[1]["words"]


async def test_quiet_hours_hold_a_message_until_they_end(post: Post) -> None:
    quiet = Preferences("ru", quiet=read_quiet("22:00-08:00"), zone="Asia/Yekaterinburg")
    await set_preferences(post.shop.as_caller(AGENT), "C-1", quiet)
    post.shop.at(datetime(2026, 6, 3, 20, 0, tzinfo=UTC))  # one in the morning in Yekaterinburg
    message = await first_message(post)
    assert (message["state"], about(message, "statusReason")) == ("initial", QUIET)
    assert message["scheduledSendTime"] == "2026-06-04T03:00:00.000Z"
    await delivery.deliver(post.shop.context, message["id"])
    assert await post.shop.pass_time(timedelta(hours=6, minutes=59)) == [] and post.arrived() == []
    assert await post.shop.pass_time(timedelta(minutes=1, seconds=1)) == [delivery.DELIVER]
    (message,) = await post.messages()
    assert message["state"] == "completed" and about(message, "statusReason") is None
    assert len(post.arrived()) == 1


async def test_an_urgent_template_minds_no_quiet_hours(post: Post) -> None:
    quiet = Preferences("ru", quiet=read_quiet("22:00-08:00"), zone="Europe/Moscow")
    await set_preferences(post.shop.context, "C-1", quiet)
    await save_template(post.shop.context, own("Срочно") | {"urgent": True})
    post.shop.at(datetime(2026, 6, 3, 22, 0, tzinfo=UTC))
    message = await first_message(post)
    assert (message["state"], message["subject"]) == ("completed", "Срочно")
    assert about(message, "template") == "productOrder.acknowledged.email v1"


async def test_a_topic_opted_out_of_is_not_sent_and_says_so(post: Post) -> None:
    await set_preferences(post.shop.context, "C-1", Preferences("ru", opted_out=frozenset({"orders"})))
    message = await first_message(post)
    assert (message["state"], about(message, "statusReason")) == ("cancelled", OPTED_OUT)
    assert post.arrived() == []


async def test_sending_again_keeps_the_message_id(post: Post) -> None:
    message = await first_message(post)
    ctx = post.shop.as_caller(AGENT)
    await messaging.by_id(ctx, message["id"], messaging.resend)
    assert await post.shop.drain() == [delivery.DELIVER]
    ids = post.sink.box.message_ids()
    assert len(ids) == 2 and len(set(ids)) == 1
    (message,) = await post.messages()
    assert message["state"] == "completed"
    assert [a.get("earlier", False) for a in attempts(message)] == [True, False]


async def test_sending_again_goes_to_the_address_of_today(post: Post) -> None:
    post.treat(Rule(treatment="refuse", pattern=ANNA))
    message = await first_message(post)
    assert message["state"] == "failed"
    media = [{"mediumType": "email", "characteristic": {"emailAddress": "new@example.org"}}]
    await alter(post.shop.context, CUSTOMER_, "C-1", contactMedium=media)
    await messaging.by_id(post.shop.as_caller(AGENT), message["id"], messaging.resend)
    await post.shop.drain()
    assert [a["to"] for a in post.arrived()] == ["new@example.org"]


class _Dies:
    """A transport whose worker is killed after the server took the mail."""

    def __init__(self, real: Any) -> None:
        self.real = real

    async def send(self, mail: Any) -> Any:
        await self.real.send(mail)
        raise asyncio.CancelledError


async def test_a_worker_that_dies_before_its_note_sends_the_same_message_id_again(post: Post) -> None:
    ctx = post.shop.context
    post.shop.context = replace(ctx, ports={**ctx.ports, MailTransport: _Dies(ctx.ports[MailTransport])})
    with pytest.raises(asyncio.CancelledError):
        await first_message(post)
    post.shop.context = ctx
    (message,) = await post.messages()
    assert message["state"] == "inProgress"
    # Its job is given to another worker: that one waits until the first must be dead.
    with pytest.raises(TryAgain):
        await delivery.deliver(ctx, message["id"])
    with pytest.raises(IllegalMove):
        await messaging.by_id(ctx, message["id"], messaging.cancel)
    post.shop.at(ctx.now() + LEASE)
    await delivery.deliver(post.shop.context, message["id"])
    (message,) = await post.messages()
    assert message["state"] == "completed" and [a["outcome"] for a in attempts(message)] == [
        "interrupted",
        "sent",
    ]
    ids = post.sink.box.message_ids()
    assert len(ids) == 2 and len(set(ids)) == 1


async def test_without_a_transport_messages_wait_with_the_reason_and_the_order_goes_on(dsn: str) -> None:
    async with workshop(dsn) as shop:
        await build(shop.context)
        placed = await place_order(shop.context, order(item("1", "fibre")))
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "completed"
        rows = await shop.rows("SELECT doc ->> 'state', doc -> 'characteristic' FROM communication_message")
        assert [row[0] for row in rows] == ["initial"] * 3
        assert all(NO_TRANSPORT["email"] in row[1] for row in rows)


async def test_with_mail_alone_a_client_who_prefers_sms_gets_mail(post: Post) -> None:
    await give_phone(post)
    await set_preferences(post.shop.context, "C-1", Preferences("ru", "SMS"))
    ctx = post.shop.context
    ports = {k: v for k, v in ctx.ports.items() if k is not SmsTransport}
    post.shop.context = replace(ctx, ports=ports)
    message = await first_message(post)
    assert (message["messageType"], message["state"]) == ("email", "completed")


async def test_a_client_without_an_address_is_not_passed_over_in_silence(post: Post) -> None:
    world = World()
    world.add(CUSTOMER_, id="C-9", name="Nobody", engagedParty={"id": "I-9", "@referredType": "Individual"})
    await world.save(post.shop.context)
    await place_order(post.shop.context, order(item("1", "fibre"), client="C-9"))
    for _ in range(2):
        await post.shop.step()
    (message, *_) = await post.messages()
    assert (message["state"], about(message, "statusReason")) == ("initial", NO_ADDRESS)
    with pytest.raises(BadInput):
        await messaging.by_id(post.shop.as_caller(AGENT), message["id"], messaging.resend)


def own(words: str, channel: str = "email") -> dict[str, Any]:
    text = [{"language": lang, "subject": words, "content": f"{words} {{order}}"} for lang in ("en", "ru")]
    return {"event": "productOrder.acknowledged", "channel": channel, "text": text}


async def test_a_stored_template_goes_before_the_built_in_one_until_it_is_dropped(post: Post) -> None:
    ctx = post.shop.as_caller(replace(AGENT, role=AGENT.role.ADMIN))
    saved = await save_template(ctx, own("Первый"))
    assert (saved["id"], saved["version"]) == ("productOrder.acknowledged.email", 1)
    again = await save_template(ctx, own("Второй"))
    assert again["version"] == 2
    assert (await first_message(post))["subject"] == "Второй"
    await save_template(ctx, own("Тишина") | {"active": False})
    await place_order(post.shop.context, order(item("1", "fibre")))
    await post.shop.drain()
    assert not [m for m in await post.messages() if m["subject"] == "Тишина" or "принят" in m["subject"]]
    await drop_template(ctx, "productOrder.acknowledged", "email")
    await place_order(post.shop.context, order(item("1", "fibre")))
    await post.shop.drain()
    assert any("принят" in m["subject"] for m in await post.messages())
    with pytest.raises(BadInput) as unfit:
        await save_template(ctx, own("{nonsense}"))
    assert unfit.value.facts["path"] == "text[0].content"


async def test_delivery_reports_complete_an_sms_or_send_it_by_mail(dsn: str, tmp_path: Path) -> None:
    async with workshop(dsn) as shop, posted(shop, tmp_path, report_to="http://127.0.0.1:9/none") as post:
        await build(shop.context)
        await give_phone(post)
        await set_preferences(shop.context, "C-1", Preferences("ru", "SMS"))
        message = await first_message(post)
        assert (message["state"], outcomes(message)) == ("inProgress", [("SMS", "accepted")])
        for _ in range(2):  # it comes twice
            await delivery.report(shop.context, DeliveryReport(message["id"], True))
        (message,) = await post.messages()
        assert (message["state"], outcomes(message)[1:]) == ("completed", [("SMS", "delivered")])
        assert await shop.rows("SELECT key FROM timer WHERE key LIKE 'message/%'") == []

        await messaging.by_id(shop.context, message["id"], messaging.resend)
        await shop.drain()
        await delivery.report(shop.context, DeliveryReport(message["id"], False, "switched off"))
        await shop.drain()
        (message,) = await post.messages()
        assert (message["state"], message["messageType"]) == ("completed", "email")
        assert [a["channel"] for a in post.arrived()] == ["SMS", "email"]  # the same SMS key is the same SMS
        with pytest.raises(NotFound):
            await delivery.report(shop.context, DeliveryReport("M-none", True))


async def test_a_written_message_may_be_cancelled_while_it_waits(post: Post) -> None:
    ctx = post.shop.as_caller(AGENT)
    later = "2026-06-05T10:00:00.000Z"
    made = await messaging.create_message(
        ctx,
        {
            "content": "x",
            "messageType": "SMS",
            "receiver": [{"phoneNumber": PHONE}],
            "scheduledSendTime": later,
        },
    )
    assert made["state"] == "initial"
    done = await messaging.by_id(ctx, made["id"], messaging.cancel)
    assert done["state"] == "cancelled"
    assert await post.shop.pass_time(timedelta(days=3)) == [] and post.arrived() == []
