"""Sending messages: one attempt and what follows from it, delivery reports.

A worker claims a message (compare-and-set), sends, and notes how it went. It may die between the other side's yes and
the note: after LEASE another worker sends again, under the same key. So delivery is at least once, and what arrives
twice carries the same Message-ID.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog

from abonent.domain.communication.ports import (
    DeliveryReport,
    Mail,
    MailTransport,
    MessageRefused,
    Sms,
    SmsTransport,
    TransportAway,
)
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.communication.rules import preferences_of, quiet_until
from abonent.domain.communication.rules_delivery import (
    Next,
    Result,
    Step,
    being_sent,
    channel_of,
    claimed,
    judged,
    reported,
    settled,
    steps,
)
from abonent.domain.communication.rules_messages import NO_TRANSPORT, QUIET, about, with_about
from abonent.domain.communication.telling import said_on
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, Conflict, NotFound
from abonent.kit.i18n import DEFAULT_LANGUAGE
from abonent.kit.jobs import TryAgain
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, to_wire

DELIVER = "communication.deliver"
PORTS: dict[str, type] = {"email": MailTransport, "SMS": SmsTransport}
OPEN = frozenset({"initial", "inProgress"})
_TRIES = 5
log = structlog.get_logger("communication")


def wired(ctx: Context) -> frozenset[str]:
    """The channels this process can send over."""
    return frozenset(channel for channel, port in PORTS.items() if port in ctx.ports)


def timer_of(id: str) -> str:
    """The key of the timer that looks at a message again."""
    return f"message/{id}"


def wait(change: Change, id: str, until: datetime) -> None:
    """Have a message looked at again."""
    change.set_timer(timer_of(id), until, DELIVER, id=id)


async def deliver(ctx: Context, id: str, by_hand: bool = False, **_: Any) -> None:
    """Job: send a message that is due. Does nothing when there is nothing to do; `by_hand` minds no quiet hours."""
    stored = await ctx.store.one(COMMUNICATION_MESSAGE, id)
    if stored is None or stored.state not in OPEN:
        return
    now, message = ctx.now(), stored.document
    scheduled = message.get("scheduledSendTime")
    if scheduled and from_wire(scheduled) > now:
        return
    if being_sent(message, now):
        raise TryAgain("another worker is sending it, or died doing so")
    due = judged(message, now)
    if due.again_at is None or due.again_at > now:
        await _end(ctx, stored, due)
        return
    todo = steps(message, wired(ctx))
    if todo and not any(step.channel in wired(ctx) for step in todo):
        await _keep(ctx, stored, with_about(message, statusReason=NO_TRANSPORT[todo[0].channel]))
        return
    quiet = None if by_hand else await _quiet(ctx, message, now)
    if quiet is not None:
        waiting = with_about(message, statusReason=QUIET) | {"scheduledSendTime": to_wire(quiet)}
        await _keep(ctx, stored, waiting, quiet)
        return
    if len(message["receiver"]) == 1 and todo[0].channel != channel_of(message):
        channel = todo[0].channel
        message = message | {"messageType": channel} | (await said_on(ctx, message, channel) or {})
    change = ctx.change()
    document = claimed(message, now)
    change.update(stored, document)
    await ctx.store.commit(change)
    await attempt(ctx, Stored(COMMUNICATION_MESSAGE, document, stored.version + 1))


async def attempt(ctx: Context, stored: Stored) -> None:
    """Send a message that this worker claimed, and note what came of it."""
    connected = wired(ctx)
    todo = [step for step in steps(stored.document, connected) if step.channel in connected]
    if len(todo) == 1:
        results = [await _send(ctx, stored.document, todo[0])]
    else:
        results = await asyncio.gather(*(_send(ctx, stored.document, step) for step in todo))
    await _note(ctx, stored, results)


async def report(ctx: Context, told: DeliveryReport) -> None:
    """Take up a delivery report. NotFound for a message that does not exist; a repeated report changes nothing."""
    id, _, place = told.key.partition("~")

    async def once() -> None:
        stored = await ctx.store.one(COMMUNICATION_MESSAGE, id)
        if stored is None:
            raise NotFound("unknownMessage", N_("There is no message {id} to report about."), id=id)
        if stored.state == "cancelled":
            return
        receiver = int(place) if place.isdecimal() else 0
        after = reported(stored.document, receiver, told.delivered, told.words, ctx.now())
        if after is not None:
            await _save(ctx, stored, after, timed=True)

    await repeated(once, _TRIES)


async def _quiet(ctx: Context, message: dict[str, Any], now: datetime) -> datetime | None:
    """When the quiet hours of the client of a message end; None when it may go now. What somebody sends by the API
    goes when he says."""
    receiver = next(iter(message.get("receiver") or ()), {})
    if about(message, "event") is None or about(message, "urgent") or not receiver.get("id"):
        return None
    found = await ctx.store.find([(CUSTOMER_, receiver["id"])])
    customer = next((s.document for s in found.values()), None)
    return quiet_until(preferences_of(customer), now)


async def _send(ctx: Context, message: dict[str, Any], step: Step) -> Result:
    key = message["id"] if step.receiver == 0 else f"{message['id']}~{step.receiver}"
    try:
        if step.channel == "SMS":
            accepted = await ctx.port(SmsTransport).send(Sms(key, step.to, message["content"]))
        else:
            accepted = await ctx.port(MailTransport).send(_mail(message, step, key))
    except MessageRefused as no:
        return Result(step, "refused", str(no.facts.get("reason", no)))
    except TransportAway as away:
        return Result(step, "temporary", str(away.facts.get("reason", away)))
    except Exception as error:
        # The results of other receivers must not be lost with this one's.
        log.exception("a message could not be sent", message_id=message["id"], channel=step.channel)
        return Result(step, "temporary", type(error).__name__)
    return Result(step, "accepted" if accepted.report_follows else "sent", reference=accepted.reference)


def _mail(message: dict[str, Any], step: Step, key: str) -> Mail:
    receiver = message["receiver"][step.receiver]
    return Mail(
        key=key,
        to=step.to,
        name=receiver.get("name") or "",
        subject=message.get("subject") or "",
        text=message["content"],
        language=about(message, "language", DEFAULT_LANGUAGE),
        at=from_wire(message["sendTime"]),
    )


async def _note(ctx: Context, stored: Stored, results: Iterable[Result]) -> None:
    """Keep what came of an attempt, also when a report or somebody else was quicker."""
    for again in range(_TRIES):
        try:
            await _save(ctx, stored, settled(stored.document, results, ctx.now()))
            return
        except Conflict:
            newer = await ctx.store.one(COMMUNICATION_MESSAGE, stored.id)
            if newer is None or newer.state == "cancelled":
                return
            if again == _TRIES - 1:
                raise
            stored = newer


async def _end(ctx: Context, stored: Stored, after: Next) -> None:
    """Note that nothing is left to do, or nothing for now."""
    if after.document != stored.document:
        await _save(ctx, stored, after)


async def _keep(
    ctx: Context, stored: Stored, document: dict[str, Any], until: datetime | None = None
) -> None:
    if document == stored.document:
        return
    change = ctx.change()
    change.update(stored, document)
    if until is not None:
        wait(change, stored.id, until)
    await ctx.store.commit(change)


async def _save(ctx: Context, stored: Stored, after: Next, *, timed: bool = False) -> None:
    """Save a message after its attempts. `timed`: a timer may be waiting for it that is needed no more."""
    change = ctx.change()
    change.update(stored, after.document, about(after.document, "statusReason"))
    if after.again_at is None:
        if timed:
            change.stop_timer(timer_of(stored.id))
    elif after.again_at <= change.at:
        change.defer(DELIVER, id=stored.id)
    else:
        wait(change, stored.id, after.again_at)
    await ctx.store.commit(change)
