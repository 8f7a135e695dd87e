"""Templates: judged when they are saved, shown before they are used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.communication.resources import MESSAGE_TEMPLATE
from abonent.domain.communication.rules import preferences_of
from abonent.domain.communication.rules_messages import translator
from abonent.domain.communication.rules_templates import SmsSize, faults, fill, sample, sms_size
from abonent.domain.communication.telling import ORDERS, Beside, found_beside
from abonent.domain.communication.texts import CHANNELS, built_in, events, subject_of, template_id
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import next_version, plain
from abonent.kit.errors import BadInput
from abonent.kit.values import with_role

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """A template in one language as a client would get it; `size` of an SMS."""

    language: str
    subject: str
    content: str
    size: SmsSize | None


async def create_template(ctx: Context, document: Document) -> Document:
    """Put a template in the place of the built-in one. BadInput names the attribute at fault; Conflict when this event
    and channel have one already: patch it."""
    check(document)
    id = template_id(document["event"], document["channel"], document.get("variant") or "")
    new = next_version(ctx, {**MESSAGE_TEMPLATE.defaults, **document, "id": id})
    change = ctx.change()
    change.insert(MESSAGE_TEMPLATE, new)
    await ctx.store.commit(change)
    return new


async def change_template(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change a template; its version goes up. BadInput as above."""
    if document == stored.document:
        return document
    check(document)
    return await plain(MESSAGE_TEMPLATE).change(ctx, stored, next_version(ctx, document, stored))


async def save_template(ctx: Context, document: Document) -> Document:
    """Create the template of an event and channel, or change the one there is. BadInput, Conflict, Forbidden."""
    MESSAGE_TEMPLATE.permissions.demand(ctx.caller, write=True, what=MESSAGE_TEMPLATE.name)
    id = template_id(document["event"], document["channel"], document.get("variant") or "")
    stored = await ctx.store.one(MESSAGE_TEMPLATE, id)
    if stored is None:
        return await create_template(ctx, document)
    return await change_template(ctx, stored, stored.document | document)


async def drop_template(ctx: Context, event: str, channel: str) -> None:
    """Go back to the built-in template of an event and channel; nothing to do when it is in force already."""
    MESSAGE_TEMPLATE.permissions.demand(ctx.caller, write=True, what=MESSAGE_TEMPLATE.name)
    id = template_id(event, channel)
    stored = await ctx.store.one(MESSAGE_TEMPLATE, id)
    if stored is not None:
        await plain(MESSAGE_TEMPLATE).remove(ctx, stored)


def check(template: Mapping[str, Any]) -> None:
    """BadInput for the first fault of a template."""
    found = faults(template)
    if found:
        raise BadInput("templateUnfit", found[0].text, **found[0].facts)


async def all_templates(ctx: Context) -> dict[str, Mapping[str, Any]]:
    """Template by id, for every event and channel that has one: stored, else built-in (version 0)."""
    names = [(event, channel) for event in events() for channel in CHANNELS]
    found = await ctx.store.find((MESSAGE_TEMPLATE, template_id(*name)) for name in names)
    templates: dict[str, Mapping[str, Any]] = {}
    for name in names:
        id = template_id(*name)
        stored = found.get((MESSAGE_TEMPLATE.name, id))
        template = stored.document if stored else built_in(*name)
        if template is not None:
            templates[id] = template
    return templates


async def preview(ctx: Context, template: Mapping[str, Any], order_id: str | None = None) -> list[Preview]:
    """The template in all its languages with sample facts; one about orders with those of a real one. NotFound."""
    order: Document | None = None
    customer: Document = {}
    beside: Beside = {}
    if order_id and template["event"].partition(".")[0] == PRODUCT_ORDER.name:
        order = (await ctx.store.get(ctx.caller, PRODUCT_ORDER, order_id)).document
        client = with_role(order.get("relatedParty"), "customer") or {"id": "-"}
        found = await ctx.store.find([(CUSTOMER_, client["id"])])
        customer = next((stored.document for stored in found.values()), dict(client))
        beside = await found_beside(ctx, ORDERS, order)
    subject = subject_of(template["event"])
    shown = []
    for text in template["text"]:
        language = text["language"]
        said = translator(language, preferences_of(customer).zone)
        facts = sample(subject, language) if subject else {}
        if order is not None:
            facts = ORDERS.facts(order, customer, said, beside)
        content = fill(text["content"], facts)
        size = sms_size(content) if template["channel"] == "SMS" else None
        shown.append(Preview(language, fill(text.get("subject") or "", facts), content, size))
    return shown
