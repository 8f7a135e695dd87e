"""Order events -> messages to the client. One message an event: its id is the event's, so a job run twice adds none."""

from typing import Any

from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.communication.rules import ORDER_TEXTS, address_of, language_of
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.context import Context
from abonent.kit.errors import Conflict
from abonent.kit.i18n import Translator
from abonent.kit.values import from_wire, ref, to_wire, with_role

TELL_OF_ORDER = "communication.tell_of_order"
EVENTS = (PRODUCT_ORDER.event_type("Create"), PRODUCT_ORDER.event_type("StateChange"))


async def tell_of_order(ctx: Context, event: str, id: str, new: str | None = None, **_: Any) -> None:
    """Job: write the message about an order's new state, in the client's language, to his preferred medium."""
    texts = ORDER_TEXTS.get(new or "")
    if texts is None:
        return
    found = await ctx.store.find([(PRODUCT_ORDER, id), (COMMUNICATION_MESSAGE, f"M-{event}")])
    order = found.get((PRODUCT_ORDER.name, id))
    if order is None or (COMMUNICATION_MESSAGE.name, f"M-{event}") in found:
        return
    client = with_role(order.document.get("relatedParty"), "customer") or {}
    customers = await ctx.store.find([(CUSTOMER_, client.get("id", ""))])
    customer = next((stored.document for stored in customers.values()), None)
    address = address_of(customer)
    if customer is None or address is None:
        return
    said = Translator(language_of(customer))
    promised = order.document.get("expectedCompletionDate")
    facts = {"order": id, "promised": said.long_day(from_wire(promised)) if promised else "-"}
    kind, place = address
    change = ctx.change()
    change.insert(
        COMMUNICATION_MESSAGE,
        {
            "id": f"M-{event}",
            "messageType": kind,
            "subject": said.gettext(texts[0], **facts),
            "content": said.gettext(texts[1], **facts),
            "state": "initial",
            "sender": {"id": "abonent", "name": "Abonent"},
            "receiver": [
                {
                    "id": customer["id"],
                    "name": customer.get("name", customer["id"]),
                    "party": ref(customer, "Customer", role="customer"),
                    **({"email": place} if kind == "email" else {"phoneNumber": place}),
                }
            ],
            "characteristic": [{"name": "productOrder", "value": id}],
            "sendTime": to_wire(ctx.now()),
        },
    )
    try:
        await ctx.store.commit(change)
    except Conflict:
        return  # the same job ran twice at once
