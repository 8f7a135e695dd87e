"""Rules of what is told: found for a document, saved, and shown by what they would do with an order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.catalog.resources import CATEGORY, PRODUCT_OFFERING
from abonent.domain.communication.queries_telling import all_rules, offerings_of_order, variants
from abonent.domain.communication.resources import MESSAGE_TEMPLATE
from abonent.domain.communication.rules import addresses_of, pick_channel, preferences_of, quiet_until
from abonent.domain.communication.rules_messages import translator, write
from abonent.domain.communication.rules_telling import (
    DEFAULT,
    Telling,
    allowed,
    decide,
    faults,
    follow_days,
    rule_id,
    rules_wanted,
)
from abonent.domain.communication.telling import (
    ORDERS,
    PORTINGS,
    QUOTES,
    Beside,
    Found,
    Source,
    View,
    found_beside,
    speaking,
    with_link,
)
from abonent.domain.communication.telling_resources import COMMUNICATION_RULE
from abonent.domain.communication.texts import CHANNELS, events, subject_of, template_id
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import next_version, plain
from abonent.kit.errors import N_, BadInput
from abonent.kit.resource import Resource
from abonent.kit.values import with_role

Document = dict[str, Any]
SUBJECTS: Mapping[str, Resource] = {"category": CATEGORY, "offering": PRODUCT_OFFERING}


async def telling_of(ctx: Context, source: Source, beside: Beside, event: str) -> Telling:
    """How an event about a document is told. `beside`: what was found for its texts."""
    wanted = rules_wanted(await _offerings(ctx, source, beside))
    found = await ctx.store.find([(COMMUNICATION_RULE, id) for level in wanted for id in level])
    telling = decide(event, wanted, {id: stored.document for (_, id), stored in found.items()})
    # A quote's text has its own address in it, where it needs one.
    return replace(telling, link=False) if source is QUOTES else telling


async def _offerings(ctx: Context, source: Source, beside: Beside) -> list[View]:
    """The offerings a message is about: an order's, those of a visit and a number through it; a quote has none."""
    if source is QUOTES:
        return []
    if source is ORDERS:
        return [document for (kind, _), document in beside.items() if kind == PRODUCT_OFFERING.name]
    if source is PORTINGS:
        id = next((id for (kind, id) in beside if kind == PRODUCT_ORDER.name), None)
        return list(await offerings_of_order(ctx.store, id)) if id else []
    work = next((document for (kind, _), document in beside.items() if kind == WORK_ORDER.name), {})
    order = next(iter(work.get("order") or ()), {}).get("id")
    return list(await offerings_of_order(ctx.store, order)) if order else []


async def days_to_follow(ctx: Context) -> int:
    """Days after its end in which an order is shown at its signed address."""
    stored = await ctx.store.one(COMMUNICATION_RULE, DEFAULT)
    return follow_days(stored.document if stored else None)


# ---- saved


async def create_rule(ctx: Context, document: Document) -> Document:
    """A rule for everything, a category or an offering. BadInput names the attribute at fault; Conflict when there is
    one: patch it."""
    await _check(ctx, document)
    id = rule_id(document["scope"], (document.get("subject") or {}).get("id", ""))
    new = next_version(ctx, {**document, "id": id})
    change = ctx.change()
    change.insert(COMMUNICATION_RULE, new)
    await ctx.store.commit(change)
    return new


async def change_rule(ctx: Context, stored: Stored, document: Document) -> Document:
    """Change a rule; its version goes up. BadInput as above."""
    if document == stored.document:
        return document
    await _check(ctx, document)
    return await plain(COMMUNICATION_RULE).change(ctx, stored, next_version(ctx, document, stored))


async def save_rule(ctx: Context, document: Document) -> Document:
    """Create the rule of a scope, or change the one there is. BadInput, Conflict, Forbidden."""
    COMMUNICATION_RULE.permissions.demand(ctx.caller, write=True, what=COMMUNICATION_RULE.name)
    id = rule_id(document["scope"], (document.get("subject") or {}).get("id", ""))
    stored = await ctx.store.one(COMMUNICATION_RULE, id)
    if stored is None:
        return await create_rule(ctx, document)
    return await change_rule(ctx, stored, stored.document | document)


async def drop_rule(ctx: Context, id: str) -> None:
    """Take a rule away; what it said is decided by the next one. Nothing to do when there is none."""
    COMMUNICATION_RULE.permissions.demand(ctx.caller, write=True, what=COMMUNICATION_RULE.name)
    stored = await ctx.store.one(COMMUNICATION_RULE, id)
    if stored is not None:
        await plain(COMMUNICATION_RULE).remove(ctx, stored)


async def _check(ctx: Context, document: Document) -> None:
    used = {t["event"] for t in document["telling"] if t.get("variant")}
    found = faults(document, await variants(ctx.store) if used else ())
    if found:
        raise BadInput("ruleUnfit", found[0].text, **found[0].facts)
    subject = (document.get("subject") or {}).get("id")
    if subject and await ctx.store.one(SUBJECTS[document["scope"]], subject) is None:
        raise BadInput(
            "subjectUnknown",
            N_("{path}: there is no {what} {id}. Look for it in the catalogue."),
            path="subject",
            what=document["scope"],
            id=subject,
        )


# ---- shown


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an order's client would be told of an event now: over `channel` at `at` (now or later), or why not.

    silent: "" | rule (the rule says so) | text (there is none) | topic (he wants none)
    """

    event: str
    by: str
    silent: str
    channel: str = ""
    at: datetime | None = None
    subject: str = ""
    content: str = ""


async def foretell(ctx: Context, order_id: str, draft: View | None = None) -> list[Foretold]:
    """What the client of an order would be told at each event about it; with `draft` in the place of its stored rule.
    NotFound."""
    order = (await ctx.store.get(ctx.caller, PRODUCT_ORDER, order_id)).document
    beside = await found_beside(ctx, ORDERS, order)
    rules = {rule["id"]: rule for rule in await all_rules(ctx.store)}
    if draft is not None:
        id = rule_id(draft["scope"], (draft.get("subject") or {}).get("id", ""))
        rules[id] = {**draft, "id": id}
    wanted = rules_wanted(await _offerings(ctx, ORDERS, beside))
    client = with_role(order.get("relatedParty"), "customer") or {"id": "-"}
    stored = await ctx.store.one(CUSTOMER_, client["id"])
    customer: View = stored.document if stored else client
    about = [event for event in events() if event.partition(".")[0] == PRODUCT_ORDER.name]
    tellings = {event: decide(event, wanted, rules) for event in about}
    names = {
        template_id(event, channel, variant)
        for event, telling in tellings.items()
        for channel in CHANNELS
        for variant in (telling.variant, "")
    }
    found = await ctx.store.find((MESSAGE_TEMPLATE, name) for name in sorted(names))
    return [
        _foretold(ctx, event, telling, found, order, customer, beside) for event, telling in tellings.items()
    ]


def _foretold(
    ctx: Context,
    event: str,
    telling: Telling,
    found: Found,
    order: View,
    customer: View,
    beside: Beside,
) -> Foretold:
    templates = speaking(found, event, telling.variant)
    wishes, subject = preferences_of(customer), subject_of(event)
    silent = ""
    if not templates:
        silent = "text"
    elif not telling.told:
        silent = "rule"
    elif subject is not None and subject.topic in wishes.opted_out:
        silent = "topic"
    if silent:
        return Foretold(event, telling.by, silent)
    known = addresses_of(customer)
    addresses = allowed({c: a for c, a in known.items() if c in templates}, telling.channels)
    channel = pick_channel(addresses, addresses) or next(iter(templates))
    template, now = templates[channel], ctx.now()
    at = now + timedelta(minutes=telling.delay)
    quiet = None if template.get("urgent") else quiet_until(wishes, at)
    said = translator(wishes.language, wishes.zone)
    state = event.partition(".")[2]
    facts = ORDERS.facts({**order, "state": state}, customer, said, beside)
    words, content = with_link(
        write(template, said.lang, facts), template, channel, facts, said, telling.link
    )
    return Foretold(event, telling.by, "", channel, quiet or at, words, content)
