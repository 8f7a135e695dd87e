"""What messages are about: how a subject names its client, its facts, and the words of a message from both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.agreement import documents as quoting
from abonent.domain.agreement.contract_resources import CONTRACT
from abonent.domain.agreement.ports import QuoteLinks
from abonent.domain.agreement.resources import QUOTE
from abonent.domain.agreement.rules_contract import contract_number
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.catalog.texts import text_in
from abonent.domain.communication.resources import MESSAGE_TEMPLATE
from abonent.domain.communication.rules import preferences_of
from abonent.domain.communication.rules_messages import (
    about,
    contract_facts,
    deposit_facts,
    order_facts,
    porting_facts,
    translator,
    visit_facts,
    write,
)
from abonent.domain.communication.rules_telling import names_link
from abonent.domain.communication.texts import CHANNELS, built_in, template_id
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.lines import offering_id
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.ports import OrderLinks
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.resources import GEOGRAPHIC_ADDRESS
from abonent.domain.workforce.documents import related
from abonent.domain.workforce.resources import APPOINTMENT, WORK_ORDER
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_
from abonent.kit.i18n import Translator
from abonent.kit.resource import Resource

Document = dict[str, Any]
View = Mapping[str, Any]
# Documents found beside, by resource name and id.
Beside = Mapping[tuple[str, str], View]
Found = Mapping[tuple[str, str], Stored]
# Among what is found beside: the address at which the client answers.
LINK = ("link", "")
# What the signed address is of: the key of Source.kept, by the subject's resource.
_LINKED = {
    "quote": "quote",
    "productOrder": "productOrder",
    "appointment": "productOrder",
    "portingRequest": "productOrder",
}
FOLLOW = N_("Follow your order here: {link}")


@dataclass(frozen=True, slots=True)
class Source:
    """A resource that clients are told of.

    beside  document -> what else its texts need
    facts   (document, customer, the client's language, what was found beside) -> what a text may name
    kept    (document, what was found beside) -> characteristics by which the message is found
    """

    resource: Resource
    beside: Callable[[View], list[tuple[Resource, str]]]
    facts: Callable[[View, View, Translator, Beside], dict[str, str]]
    kept: Callable[[View, Beside], dict[str, str]]


def _visit_beside(appointment: View) -> list[tuple[Resource, str]]:
    named = {
        WORK_ORDER: related(appointment, "workOrder"),
        GEOGRAPHIC_ADDRESS: (appointment.get("relatedPlace") or {}).get("id"),
    }
    return [(resource, id) for resource, id in named.items() if id]


def _only(beside: Beside, resource: Resource) -> View:
    """The one document of a resource that was found beside; empty without it."""
    return next((document for (name, _), document in beside.items() if name == resource.name), {})


def _visit_facts(appointment: View, customer: View, said: Translator, beside: Beside) -> dict[str, str]:
    work_order, address = _only(beside, WORK_ORDER), _only(beside, GEOGRAPHIC_ADDRESS)
    return _linked(visit_facts(appointment, customer, said, work_order, address), beside)


def _linked(facts: dict[str, str], beside: Beside) -> dict[str, str]:
    """The facts with the order's address, where one is known."""
    href = beside.get(LINK, {}).get("href")
    return facts | ({"link": str(href)} if href else {})


def _visit_kept(appointment: View, beside: Beside) -> dict[str, str]:
    """Besides, the slot that the client was told: another one later is worth a message."""
    order = next(iter(_only(beside, WORK_ORDER).get("order") or ()), {}).get("id")
    kept = {"appointment": appointment["id"], "slot": appointment["validFor"]["startDateTime"]}
    return kept | ({"productOrder": order} if order else {})


def _order_beside(order: View) -> list[tuple[Resource, str]]:
    """The offerings, for what they are called in the client's language, and what he has to pay or to accept before."""
    ids = dict.fromkeys(id for item in order.get("productOrderItem") or () if (id := offering_id(item)))
    number = order["id"]
    return [
        *((PRODUCT_OFFERING, id) for id in ids),
        (CREDIT_CASE, number),
        (PAYMENT_REQUEST, number),
        (CONTRACT, contract_number(number)),
    ]


def _order_facts(order: View, customer: View, said: Translator, beside: Beside) -> dict[str, str]:
    names = {
        id: text_in(o, "name", said.lang) for (kind, id), o in beside.items() if kind == PRODUCT_OFFERING.name
    }
    deposit = deposit_facts(_only(beside, CREDIT_CASE), _only(beside, PAYMENT_REQUEST), said)
    contract = contract_facts(_only(beside, CONTRACT), said)
    return _linked(order_facts(order, customer, said, names) | deposit | contract, beside)


def _quote_facts(quote: View, customer: View, said: Translator, beside: Beside) -> dict[str, str]:
    """What a text about a quote may name; its address where one is known (see `outside`)."""
    price, until = quoting.total_of(quote), quoting.valid_until(quote)
    facts = {
        "client": str(customer.get("name") or customer["id"]),
        "quote": str(quote["id"]),
        "what": str(quote.get("description") or ""),
        "once": said.money(price.once, price.currency),
        "monthly": said.money(price.monthly, price.currency),
        "days": str(quoting.lead_days(quote)),
        "until": said.long_day(until) if until else "",
        "link": str(beside.get(LINK, {}).get("href") or ""),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _porting_beside(request: View) -> list[tuple[Resource, str]]:
    return [(PRODUCT_ORDER, request["productOrder"]["id"])]


def _porting_facts(request: View, customer: View, said: Translator, beside: Beside) -> dict[str, str]:
    return _linked(porting_facts(request, customer, said), beside)


def _porting_kept(request: View, _: Beside) -> dict[str, str]:
    return {"portingRequest": request["id"], "productOrder": request["productOrder"]["id"]}


ORDERS = Source(PRODUCT_ORDER, _order_beside, _order_facts, lambda order, _: {"productOrder": order["id"]})
VISITS = Source(APPOINTMENT, _visit_beside, _visit_facts, _visit_kept)
QUOTES = Source(QUOTE, lambda _: [], _quote_facts, lambda quote, _: {"quote": quote["id"]})
PORTINGS = Source(PORTING_REQUEST, _porting_beside, _porting_facts, _porting_kept)
SOURCES: Mapping[str, Source] = {each.resource.name: each for each in (ORDERS, VISITS, QUOTES, PORTINGS)}


def in_force(found: Found, event: str, channel: str, variant: str = "") -> Mapping[str, Any] | None:
    """The template that speaks for an event on a channel: the stored one among `found` (that of the variant first),
    else the built-in one. None where nothing is said, or where it was switched off."""
    names = [template_id(event, channel, variant), template_id(event, channel)]
    stored = next((s for name in names if (s := found.get((MESSAGE_TEMPLATE.name, name)))), None)
    template = stored.document if stored else built_in(event, channel)
    return template if template is not None and template.get("active", True) else None


def speaking(found: Found, event: str, variant: str = "") -> dict[str, Mapping[str, Any]]:
    """Channel -> the template that speaks for an event there; see `in_force`."""
    return {c: t for c in CHANNELS if (t := in_force(found, event, c, variant)) is not None}


async def found_beside(ctx: Context, source: Source, document: View) -> Beside:
    """What the texts about a document need besides it."""
    found = await ctx.store.find(source.beside(document))
    beside = {key: stored.document for key, stored in found.items()}
    return beside | outside(ctx, source, document, beside)


def outside(ctx: Context, source: Source, document: View, beside: Beside) -> dict[tuple[str, str], View]:
    """What a text needs that is no document: the signed address of a quote or of the order, where the site has a
    public one."""
    port = QuoteLinks if source is QUOTES else OrderLinks
    links, id = ctx.ports.get(port), source.kept(document, beside).get(_LINKED[source.resource.name])
    return {LINK: {"href": links.address(id)}} if links is not None and id else {}


def with_link(
    words: tuple[str, str],
    template: View,
    channel: str,
    facts: Mapping[str, str],
    said: Translator,
    wanted: bool,
) -> tuple[str, str]:
    """Subject and content of a message with the address to follow the order at, where the rule wants it, there is one,
    and the text has no place of its own for it."""
    subject, content = words
    if not wanted or not facts.get("link") or names_link(template):
        return subject, content
    if channel == "SMS":
        return subject, f"{content} {facts['link']}"
    return subject, f"{content}\n\n{said.gettext(FOLLOW, link=facts['link'])}"


async def said_on(ctx: Context, message: Mapping[str, Any], channel: str) -> Document | None:
    """The words of a message that goes over another channel than it was written for.

    None when it was not written from a template, or nothing is said on that channel: it goes as it stands.
    """
    event = about(message, "event")
    source = SOURCES.get(str(event).partition(".")[0])
    number = about(message, source.resource.name) if source else None
    receiver = next(iter(message.get("receiver") or ()), {})
    if source is None or number is None or not receiver.get("id"):
        return None
    variant = about(message, "variant") or ""
    found = await ctx.store.find(
        [
            (source.resource, number),
            (CUSTOMER_, receiver["id"]),
            *((MESSAGE_TEMPLATE, template_id(event, channel, each)) for each in {variant, ""}),
        ]
    )
    template = in_force(found, event, channel, variant)
    subject = found.get((source.resource.name, number))
    customer = found.get((CUSTOMER_.name, receiver["id"]))
    if template is None or subject is None or customer is None:
        return None
    wishes = preferences_of(customer.document)
    said = translator(wishes.language, wishes.zone)
    beside = await found_beside(ctx, source, subject.document)
    facts = source.facts(subject.document, customer.document, said, beside)
    words, content = with_link(
        write(template, said.lang, facts), template, channel, facts, said, bool(about(message, "link"))
    )
    return {"subject": words, "content": content}
