"""Topics of TMF688: a named selection of what happens, kept for a while, with a hub of its own.

A topic with queries (`headerQuery` over the head of notifications, `contentQuery` over what is in them) collects events
of all APIs that fit. To any topic events of other systems can be posted. Both are told at the topic's hub.
"""

import time
from secrets import token_hex
from typing import Any

from abonent.kit.access import STAFF, Permissions
from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain
from abonent.kit.errors import N_, BadInput
from abonent.kit.hub import queries
from abonent.kit.hub.wanted import Wanted, read_query
from abonent.kit.query import Attribute, Condition
from abonent.kit.resource import READ_ONLY, Registry, Resource
from abonent.kit.shapes import Vocabulary
from abonent.kit.values import to_wire

EVENTS = Vocabulary(
    """
Topic: id= href= contentQuery headerQuery name @*
Event: id= href= correlationId description domain eventId eventTime:date-time eventType priority
    timeOccurred:date-time title analyticCharacteristic:Characteristic[] event:any relatedParty:RelatedParty[]
    reportingSystem:EntityRef source:EntityRef @*
# A subscription of a topic, as it is shown.
Hub: id= href= callback!:uri query @*
Characteristic: id name! valueType characteristicRelationship:CharacteristicRelationship[] value!:any @*
CharacteristicRelationship: id href:uri relationshipType @*
EntityRef: id! href:uri name @* @referredType
RelatedParty: id! href:uri name role @* @referredType!
"""
)
BASE = "/tmf-api/event/v4"
# A topic shows what happens to everybody.
_STAFF = Permissions(read=STAFF, write=STAFF)

TOPIC = Resource(
    "topic",
    EVENTS["Topic"],
    "TP",
    BASE,
    operations=frozenset({"list", "get", "create", "delete"}),
    permissions=_STAFF,
    event_kinds={"AttributeValueChange": "Change"},
)
# Its id begins with its topic's and a dot, then the time: those of a topic stand together, in order.
TOPIC_EVENT = Resource(
    "topicEvent",
    EVENTS["Event"],
    "TPE",
    BASE,
    operations=READ_ONLY,
    permissions=_STAFF,
    searched=False,
    wire="event",
)
RESOURCES = (TOPIC, TOPIC_EVENT)


def of_topic(topic: str) -> tuple[Condition, ...]:
    """The conditions that choose the events of a topic."""
    id = Attribute(("id",), (False,), "string", "id")
    # The character after the dot.
    return Condition(id, "gte", (f"{topic}.",)), Condition(id, "lt", (f"{topic}/",))


def event_id(topic: str, at: float, mark: str) -> str:
    """`at` in seconds since 1970; `mark` tells apart what happened at once."""
    return f"{topic}.{int(at * 1000):012x}{mark[:12]}"


def new_event_id(topic: str) -> str:
    return event_id(topic, time.time(), token_hex(6))


def selection(topic: dict[str, Any], registry: Registry) -> Wanted | None:
    """What a topic collects; None: only what is posted to it. BadInput names what cannot be understood."""
    told = [resource for resource in registry if resource.base and resource.audited]
    parts = [read_query(topic[name], told) for name in ("headerQuery", "contentQuery") if topic.get(name)]
    found = tuple(condition for part in parts for condition in part.conditions)
    return Wanted(found) if found else None


def register(actions: Actions, registry: Registry) -> None:
    """Put these in place of the plain actions."""
    usual = plain(TOPIC)

    async def create(ctx: Context, document: dict[str, Any]) -> dict[str, Any]:
        wanted = selection(document, registry)
        if wanted is not None and wanted.patterns:
            raise BadInput(
                "regexInTopic",
                N_(
                    "{path}: a topic takes no regular expressions. Put them into the query of a subscription to it."
                ),
                path="contentQuery",
            )
        return await usual.create(ctx, document)

    async def remove(ctx: Context, stored: Stored) -> None:
        await usual.remove(ctx, stored)
        await queries.forget_topic(ctx.store.database, stored.id)

    actions.register(TOPIC, create=create, remove=remove)
    actions.register(TOPIC_EVENT, create=post_event)


async def post_event(ctx: Context, document: dict[str, Any]) -> dict[str, Any]:
    """Save an event that another system posted to a topic; its id is given (faces/tmf/topics) and names the topic."""
    now = to_wire(ctx.now())
    given = {"eventId": document["id"], "eventTime": now, "timeOccurred": document.get("eventTime", now)}
    return await plain(TOPIC_EVENT).create(ctx, {**given, **document})
