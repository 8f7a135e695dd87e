"""Messages by hand and over the API: write one, send it again, cancel it."""

from collections.abc import Iterable, Mapping
from typing import Any

from abonent.domain.communication.delivery import DELIVER, timer_of, wait
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.communication.rules import PLACES, addresses_in, addresses_of, preferences_of
from abonent.domain.communication.rules_delivery import being_sent, claimed
from abonent.domain.communication.rules_messages import (
    NO_ADDRESS,
    NO_RECEIVER,
    SCHEDULED,
    SENDER,
    about,
    with_about,
)
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import plain
from abonent.kit.errors import N_, BadInput, IllegalMove
from abonent.kit.retry import repeated
from abonent.kit.values import from_wire, ref, to_wire

Document = dict[str, Any]
MAX_RECEIVERS = 50
BY_HAND = N_("Sent again by hand.")


async def create_message(ctx: Context, document: Document) -> Document:
    """Write a message and have it sent to its receivers, at `scheduledSendTime` when there is one.

    A receiver may be named by a customer's id alone: his addresses are looked up, and what he prefers comes first when
    there is one receiver only. Without any address the message is kept in state `initial` with the reason. Whatever
    state is asked for, it begins as initial: its state follows from sending it.
    """
    receivers = document.get("receiver") or []
    if len(receivers) > MAX_RECEIVERS:
        raise BadInput(
            "tooManyReceivers",
            N_("{path}: a message goes to at most {limit} receivers. Send several messages."),
            path="receiver",
            limit=MAX_RECEIVERS,
        )
    now = ctx.now()
    customers = await _customers(ctx, receivers)
    message = {
        "sender": SENDER,
        **document,
        "id": await ctx.store.next_id(COMMUNICATION_MESSAGE),
        "state": "initial",
        "receiver": [_reached(receiver, customers) for receiver in receivers],
        "sendTime": to_wire(now),
    }
    message = _ours_alone(message)
    if about(message, "language") is None and len(receivers) == 1:
        customer = customers.get(receivers[0].get("id", ""))
        if customer is not None:
            message = with_about(message, language=preferences_of(customer).language)
    change = ctx.change()
    scheduled = message.get("scheduledSendTime")
    if not any(addresses_in(receiver) for receiver in message["receiver"]):
        message = with_about(message, statusReason=NO_ADDRESS if receivers else NO_RECEIVER)
    elif scheduled and from_wire(scheduled) > now:
        message = with_about(message, statusReason=SCHEDULED)
        wait(change, message["id"], from_wire(scheduled))
    else:
        change.defer(DELIVER, id=message["id"])
    change.insert(COMMUNICATION_MESSAGE, message, about(message, "statusReason"))
    await ctx.store.commit(change)
    return message


async def change_message(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change a message that was not sent yet; `state` cancelled takes it back, inProgress sends it (again)."""
    wanted = document.get("state")
    if document == stored.document:
        return document
    if wanted != stored.state:
        rest = {k for k in {*document, *stored.document} if document.get(k) != stored.document.get(k)}
        if rest == {"state"} and wanted == "cancelled":
            return await cancel(ctx, stored)
        if rest == {"state"} and wanted == "inProgress":
            return await resend(ctx, stored)
        raise IllegalMove(
            "stateBySending",
            N_(
                "The state of message {id} follows from sending it. Set it to cancelled or to inProgress (send"
                " again), and nothing else with it."
            ),
            id=stored.id,
        )
    if stored.state != "initial":
        raise IllegalMove(
            "messageSent",
            N_(
                "Message {id} is {state}: it was sent as it stands and is not changed any more. Write a new one."
            ),
            id=stored.id,
            state=stored.state,
        )
    if about(document, "attempts") != about(stored.document, "attempts"):
        raise BadInput(
            "attemptsKept",
            N_("{path}: the attempts are noted by sending. Leave them as they are."),
            path="characteristic",
        )
    change = ctx.change()
    change.update(stored, document)
    scheduled = document.get("scheduledSendTime")
    if scheduled and scheduled != stored.document.get("scheduledSendTime"):
        wait(change, stored.id, from_wire(scheduled))
    await ctx.store.commit(change)
    return document


async def remove_message(ctx: Context, stored: Stored) -> None:
    """Delete a message that was cancelled or never sent; of what was sent the proof is kept."""
    if stored.state not in {"initial", "cancelled"}:
        raise IllegalMove(
            "messageKept",
            N_("Message {id} is {state} and is kept as the proof of what was said. Cancel it instead."),
            id=stored.id,
            state=stored.state,
        )
    await plain(COMMUNICATION_MESSAGE).remove(ctx, stored)


async def cancel(ctx: Context, stored: Stored, reason: str | None = None) -> Document:
    """Take a message back that waits or is tried again. IllegalMove once it is out."""
    _demand_at_rest(ctx, stored)
    document = with_about(stored.document, statusReason=reason) | {"state": "cancelled"}
    document.pop("scheduledSendTime", None)
    change = ctx.change()
    change.update(stored, document, reason)
    change.stop_timer(timer_of(stored.id))
    await ctx.store.commit(change)
    return document


async def resend(ctx: Context, stored: Stored) -> Document:
    """Send a message again now, whatever became of it before, to the addresses that the client has today.

    It keeps its key, so a mail keeps its Message-ID. IllegalMove for one that was cancelled or is being sent; BadInput
    when there is still no address.
    """
    _demand_at_rest(ctx, stored)
    if stored.state == "cancelled":
        raise IllegalMove(
            "messageCancelled",
            N_("Message {id} was cancelled and stays so. Write a new one."),
            id=stored.id,
        )
    receivers = stored.document.get("receiver") or []
    customers = await _customers(ctx, receivers)
    message = stored.document | {"receiver": [_renewed(receiver, customers) for receiver in receivers]}
    if not any(addresses_in(receiver) for receiver in message["receiver"]):
        raise BadInput(
            "noAddress",
            N_("{path}: nobody can be reached. Give the client an e-mail address or a mobile number first."),
            path="receiver",
        )
    # The worker claims it; until then nothing may look as if it were at it.
    document = claimed(message, ctx.now(), by_hand=True)
    document = with_about(document, attempts=about(document, "attempts")[:-1] or None)
    if stored.state == "initial":
        document["state"] = "initial"
    change = ctx.change()
    change.update(stored, document, BY_HAND)
    change.stop_timer(timer_of(stored.id))
    change.defer(DELIVER, id=stored.id, by_hand=True)
    await ctx.store.commit(change)
    return document


async def by_id(ctx: Context, id: str, act: Any, *args: Any) -> Document:
    """Do `act` (cancel, resend) with a message, once more when somebody changed it meanwhile. NotFound, Forbidden."""
    COMMUNICATION_MESSAGE.permissions.demand(ctx.caller, write=True, what=COMMUNICATION_MESSAGE.name)

    async def once() -> Document:
        return await act(ctx, await ctx.store.get(ctx.caller, COMMUNICATION_MESSAGE, id), *args)

    return await repeated(once, 2)


def _demand_at_rest(ctx: Context, stored: Stored) -> None:
    if being_sent(stored.document, ctx.now()):
        raise IllegalMove(
            "beingSent",
            N_("Message {id} is being sent at this moment. Look again in a minute."),
            id=stored.id,
        )


def _ours_alone(message: Document) -> Document:
    """Without what only sending may note."""
    return with_about(message, attempts=None, statusReason=None, event=None, template=None)


async def _customers(ctx: Context, receivers: Iterable[Mapping[str, Any]]) -> dict[str, Document]:
    wanted = [(CUSTOMER_, receiver["id"]) for receiver in receivers if receiver.get("id")]
    found = await ctx.store.find(wanted)
    return {stored.id: stored.document for stored in found.values()}


def _reached(receiver: Document, customers: Mapping[str, Document]) -> Document:
    """The receiver with an address: his own, or those of the customer he is."""
    customer = customers.get(receiver.get("id", ""))
    if customer is None or addresses_in(receiver):
        return receiver
    return {
        "name": customer.get("name") or customer["id"],
        "party": ref(customer, "Customer", role="customer"),
        **receiver,
        **{PLACES[channel][1]: place for channel, place in addresses_of(customer).items()},
    }


def _renewed(receiver: Document, customers: Mapping[str, Document]) -> Document:
    """The receiver with the addresses that his customer has today; as he was when he is no customer."""
    customer = customers.get(receiver.get("id", ""))
    today = addresses_of(customer)
    if customer is None or not today:
        return receiver
    kept = {name: value for name, value in receiver.items() if name not in {n for _, n in PLACES.values()}}
    return kept | {PLACES[channel][1]: place for channel, place in today.items()}
