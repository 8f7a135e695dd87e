"""The words of a message about an order: its template, filled for its client."""

from collections.abc import Mapping
from typing import Any

from abonent.domain.communication.resources import MESSAGE_TEMPLATE
from abonent.domain.communication.rules import preferences_of
from abonent.domain.communication.rules_messages import about, order_facts, translator, write
from abonent.domain.communication.texts import built_in, template_id
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Stored
from abonent.kit.context import Context

Document = dict[str, Any]
Found = Mapping[tuple[str, str], Stored]


def in_force(found: Found, event: str, channel: str) -> Mapping[str, Any] | None:
    """The template that speaks for an event on a channel: the stored one among `found`, else the built-in one.
    None where nothing is said, or where it was switched off."""
    stored = found.get((MESSAGE_TEMPLATE.name, template_id(event, channel)))
    template = stored.document if stored else built_in(event, channel)
    return template if template is not None and template.get("active", True) else None


async def said_on(ctx: Context, message: Mapping[str, Any], channel: str) -> Document | None:
    """The words of a message that goes over another channel than it was written for.

    None when it was not written from a template, or nothing is said on that channel: it goes as it stands.
    """
    event, number = about(message, "event"), about(message, "productOrder")
    receiver = next(iter(message.get("receiver") or ()), {})
    if event is None or number is None or not receiver.get("id"):
        return None
    found = await ctx.store.find(
        [
            (PRODUCT_ORDER, number),
            (CUSTOMER_, receiver["id"]),
            (MESSAGE_TEMPLATE, template_id(event, channel)),
        ]
    )
    template = in_force(found, event, channel)
    order = found.get((PRODUCT_ORDER.name, number))
    customer = found.get((CUSTOMER_.name, receiver["id"]))
    if template is None or order is None or customer is None:
        return None
    wishes = preferences_of(customer.document)
    said = translator(wishes.language, wishes.zone)
    subject, content = write(template, said.lang, order_facts(order.document, customer.document, said))
    return {"subject": subject, "content": content}
