"""Events of orders and visits -> messages to the client. One message an event: its id is the event's, so a job run
twice adds none."""

from datetime import timedelta
from typing import Any

from abonent.domain.agreement.contract_resources import CONTRACT
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.communication.delivery import attempt, deliver, wait, wired
from abonent.domain.communication.queries import messages_of
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE, MESSAGE_TEMPLATE
from abonent.domain.communication.rules import addresses_of, pick_channel, preferences_of, quiet_until
from abonent.domain.communication.rules_delivery import claimed
from abonent.domain.communication.rules_messages import (
    NO_ADDRESS,
    NO_TRANSPORT,
    OPTED_OUT,
    QUIET,
    SCHEDULED,
    about,
    compose,
    receiver_of,
    translator,
    with_about,
    write,
)
from abonent.domain.communication.rules_telling import Telling, allowed
from abonent.domain.communication.telling import (
    ORDERS,
    PORTINGS,
    QUOTES,
    VISITS,
    Beside,
    Found,
    Source,
    View,
    outside,
    speaking,
    with_link,
)
from abonent.domain.communication.telling_rules import telling_of
from abonent.domain.communication.texts import CHANNELS, subject_of, template_id
from abonent.domain.order_handling.alerts import expected_end
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.queries_porting import requests_of
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules_deposit import ASKING
from abonent.domain.order_handling.rules_porting import window_of
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.workforce.resources import APPOINTMENT
from abonent.domain.workforce.rules_work import OPEN_APPOINTMENT
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.values import from_wire, to_wire, with_role

TELL_OF_ORDER = "communication.tell_of_order"
TELL_OF_DELAY = "communication.tell_of_delay"
TELL_OF_VISIT = "communication.tell_of_visit"
TELL_OF_QUOTE = "communication.tell_of_quote"
TELL_OF_DEPOSIT = "communication.tell_of_deposit"
DEPOSIT_EVENTS = (PAYMENT_REQUEST.event_type("AttributeValueChange"),)
TELL_OF_PORTING = "communication.tell_of_porting"
PORTING_EVENTS = tuple(PORTING_REQUEST.event_type(kind) for kind in ("StateChange", "AttributeValueChange"))
TELL_OF_CONTRACT = "communication.tell_of_contract"
CONTRACT_EVENTS = (CONTRACT.event_type("Create"), CONTRACT.event_type("AttributeValueChange"))
QUOTE_EVENTS = (QUOTE.event_type("Create"), QUOTE.event_type("StateChange"))
ORDER_EVENTS = (PRODUCT_ORDER.event_type("Create"), PRODUCT_ORDER.event_type("StateChange"))
DELAY_EVENTS = (PRODUCT_ORDER.event_type("JeopardyAlert"),)
VISIT_EVENTS = tuple(
    APPOINTMENT.event_type(kind) for kind in ("Create", "StateChange", "AttributeValueChange")
)


async def tell_of_order(ctx: Context, event: str, id: str, new: str | None = None, **_: Any) -> None:
    """Job: write the message about an order's new state, in the client's language, to his preferred medium, and send
    it unless something stands against it. Conflict when the same job runs twice at once: the second one looks again."""
    if new == "held" and await _refused(ctx, id):
        return  # he hears why his number does not come, and what he can do
    await _tell(ctx, ORDERS, id, f"M-{event}", str(new))


async def _refused(ctx: Context, order: str) -> bool:
    requests = await requests_of(ctx.store, order)
    return bool(requests) and requests[-1].state == "refused"


async def tell_of_porting(ctx: Context, event: str, id: str, **_: Any) -> None:
    """Job: tell the client when his number moves, once for each date, or why it does not. Conflict as above."""
    stored = await ctx.store.one(PORTING_REQUEST, id)
    if stored is None or stored.state not in {"accepted", "refused"}:
        return
    window = window_of(stored.document)
    which = f"{window[0]:%Y%m%d%H%M}" if stored.state == "accepted" and window else stored.state
    if stored.state == "refused" or window is not None:
        await _tell(ctx, PORTINGS, id, f"M-{id}-{which}", stored.state)


async def tell_of_delay(ctx: Context, event: str, id: str, **_: Any) -> None:
    """Job: tell the client when his order will be ready on a later day than he was promised. Conflict as above."""
    stored = await ctx.store.one(PRODUCT_ORDER, id)
    order = stored.document if stored else {}
    promised, end = order.get("expectedCompletionDate"), expected_end(order)
    client = with_role(order.get("relatedParty"), "customer")
    if promised is None or end is None or client is None or end <= from_wire(promised):
        return
    customer = await ctx.store.one(CUSTOMER_, client["id"])
    wishes = preferences_of(customer.document if customer else {})
    said = translator(wishes.language, wishes.zone)
    if said.long_day(end) != said.long_day(from_wire(promised)):
        await _tell(ctx, ORDERS, id, f"M-{event}", "delayed")


async def tell_of_visit(
    ctx: Context, event: str, id: str, old: str | None = None, new: str | None = None, **_: Any
) -> None:
    """Job: tell the client of a visit that was proposed, agreed on, moved, called off or in vain. One that changed
    without changing its state is told when it has another slot than he was told last. Conflict as above."""
    if new == "failed" and old is None:
        return  # never was one: whoever posted it has the answer
    if new is not None:
        await _tell(ctx, VISITS, id, f"M-{event}", new)
        return
    found = await ctx.store.find([(APPOINTMENT, id)])
    appointment = next((stored.document for stored in found.values()), None)
    if appointment is None or appointment["status"] not in OPEN_APPOINTMENT:
        return
    told = await messages_of(ctx.store, APPOINTMENT.name, id)
    slot = appointment["validFor"]["startDateTime"]
    if told and about(told[0], "slot") != slot:
        # Two changes heard at once tell the same: then they have the same number, and one of them is in vain.
        await _tell(ctx, VISITS, id, f"M-{id}-{len(told)}", "moved")


async def tell_of_quote(ctx: Context, event: str, id: str, new: str | None = None, **_: Any) -> None:
    """Job: tell the client of a quote that he may accept, and of its end. Conflict as above."""
    await _tell(ctx, QUOTES, id, f"M-{event}", str(new))


async def tell_of_deposit(ctx: Context, event: str, id: str, **_: Any) -> None:
    """Job: remind the client of a deposit that he has not paid, once for each reminder. Conflict as above."""
    stored = await ctx.store.one(PAYMENT_REQUEST, id)
    if stored is None or stored.state not in ASKING:
        return
    request = stored.document
    if number := int(request.get("reminders") or 0):
        await _tell(
            ctx, ORDERS, id, f"M-{id}-{from_wire(request['since']):%Y%m%d}-{number}", "depositReminder"
        )


async def tell_of_contract(ctx: Context, event: str, id: str, **_: Any) -> None:
    """Job: tell the client of a contract that he is to accept, and remind him of it. Conflict as above."""
    stored = await ctx.store.one(CONTRACT, id)
    if stored is None or stored.state != "offered":
        return
    order = await ctx.store.one(PRODUCT_ORDER, stored.document["productOrder"]["id"])
    if order is None or order.state not in {"inProgress", "held"}:
        return
    number = int(stored.document["reminders"])
    await _tell(
        ctx, ORDERS, order.id, f"M-{id}-{number}", "contractReminder" if number else "contractOffered"
    )


async def _tell(ctx: Context, source: Source, id: str, number: str, what: str) -> None:
    """Write message `number` about what became of a document, and send it."""
    name = f"{source.resource.name}.{what}"
    if subject_of(name) is None:
        return
    templates = [(MESSAGE_TEMPLATE, template_id(name, channel)) for channel in CHANNELS]
    found = await ctx.store.find([(source.resource, id), (COMMUNICATION_MESSAGE, number), *templates])
    written = found.get((COMMUNICATION_MESSAGE.name, number))
    if written is not None:
        if written.state == "inProgress":
            await deliver(ctx, number)  # the worker before died while sending, or is at it still
        return
    stored = found.get((source.resource.name, id))
    client = with_role(stored.document.get("relatedParty"), "customer") if stored else None
    if stored is None or client is None:
        return
    around = await ctx.store.find([(CUSTOMER_, client["id"]), *source.beside(stored.document)])
    customer = around.pop((CUSTOMER_.name, client["id"]), None)
    if customer is None:
        return
    beside = {key: each.document for key, each in around.items()}
    beside |= outside(ctx, source, stored.document, beside)
    telling = await telling_of(ctx, source, beside, name)
    if not telling.told:
        return
    if telling.variant:
        own = [(MESSAGE_TEMPLATE, template_id(name, channel, telling.variant)) for channel in CHANNELS]
        found |= await ctx.store.find(own)
    message = _written(ctx, source, stored.document, number, name, customer.document, beside, found, telling)
    if message is None:
        return
    change = ctx.change()
    change.insert(COMMUNICATION_MESSAGE, message)
    if message.get("scheduledSendTime"):
        wait(change, number, from_wire(message["scheduledSendTime"]))
    await ctx.store.commit(change)
    if message["state"] == "inProgress":
        await attempt(ctx, Stored(COMMUNICATION_MESSAGE, message, 1))


def _written(
    ctx: Context,
    source: Source,
    document: View,
    id: str,
    event: str,
    customer: View,
    beside: Beside,
    found: Found,
    telling: Telling,
) -> dict[str, Any] | None:
    """The message, in the state it begins in; None when nothing is said on the client's channels."""
    templates = speaking(found, event, telling.variant)
    known = addresses_of(customer)
    reached = {channel: place for channel, place in known.items() if channel in templates}
    addresses = allowed(reached, telling.channels)
    if not templates or (known and not addresses):
        return None
    connected, now = wired(ctx), ctx.now()
    channel = pick_channel(addresses, connected) or next(iter(templates))
    template, wishes = templates[channel], preferences_of(customer)
    said = translator(wishes.language, wishes.zone)
    urgent = bool(template.get("urgent"))
    facts = source.facts(document, customer, said, beside)
    message = compose(
        id,
        channel,
        template,
        with_link(write(template, said.lang, facts), template, channel, facts, said, telling.link),
        receiver_of(customer, addresses),
        now,
        wishes,
        **source.kept(document, beside),
        event=event,
        **({"urgent": True} if urgent else {}),
        **({"link": True} if telling.link and facts.get("link") else {}),
        **({"variant": telling.variant} if telling.variant else {}),
    )
    subject = subject_of(event)
    if subject is not None and subject.topic in wishes.opted_out:
        return with_about(message, statusReason=OPTED_OUT) | {"state": "cancelled"}
    if not addresses:
        return with_about(message, statusReason=NO_ADDRESS)
    if channel not in connected:
        return with_about(message, statusReason=NO_TRANSPORT[channel])
    later = now + timedelta(minutes=telling.delay)
    quiet = None if urgent else quiet_until(wishes, later)
    if telling.delay and quiet is None:
        return with_about(message, statusReason=SCHEDULED) | {"scheduledSendTime": to_wire(later)}
    if quiet is not None:
        return with_about(message, statusReason=QUIET) | {"scheduledSendTime": to_wire(quiet)}
    return claimed(message, now)
