"""From events to deliveries: each new event is looked at once, by one worker at a time, and none is skipped.

Numbers of events are given when they are written, not when they are committed, so a lower one may show up later
(docs/decisions/0023). Numbers that are missing are kept as gaps and looked at when their rows are there.
"""

import asyncpg
import structlog

from abonent.kit.db import Connection, Database
from abonent.kit.errors import Problem
from abonent.kit.hub import queries
from abonent.kit.hub.choosing import Asked, Selector, Told, caller_of, chosen, in_topic, of_all, of_api
from abonent.kit.hub.notification import head, wire_name
from abonent.kit.hub.topics import event_id, selection
from abonent.kit.hub.wanted import Wanted, read_query
from abonent.kit.resource import Registry
from abonent.kit.shapes import decode, encode

AT_ONCE = 500
log = structlog.get_logger("hub")


class FanOut:
    """Looks for new events and notes who is to be told of them."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    async def step(self) -> bool:
        """Look once; True when there may be more to look at now."""
        async with self._database.connection() as conn, conn.transaction():
            after = await queries.position(conn)
            if after is None:
                return False
            heard = await queries.subscriptions(conn)
            topics = self._topics(await queries.topics(conn))
            if not heard and not topics:
                await queries.skip_all(conn)
                return False
            selectors = [each for one in heard if (each := self._selector(one, topics))]
            fresh = await queries.new_numbers(conn, after, AT_ONCE)
            numbers = fresh + await queries.filled_gaps(conn)
            if numbers:
                heard_of = (
                    of_all(self._registry) if topics else {r for each in selectors for r in each.resources}
                )
                names = [resource.name for resource in heard_of]
                found = await queries.events(conn, numbers, names, self._registry)
                told = [Told(each) for each in found]
                await queries.collect(conn, _collected(topics, told))
                await self._note(conn, selectors, told)
        return len(fresh) == AT_ONCE

    def _topics(self, kept: list[tuple[str, str]]) -> dict[str, Wanted]:
        """What each topic collects."""
        found: dict[str, Wanted] = {}
        for id, text in kept:
            try:
                wanted = selection(decode(text), self._registry)
            except Problem as odd:
                log.warning("topic's query is understood no more", topic=id, error=str(odd))
                continue
            if wanted is not None:
                found[id] = wanted
        return found

    def _selector(self, heard: queries.Heard, topics: dict[str, Wanted]) -> Selector | None:
        resources = of_all(self._registry) if heard.topic else of_api(self._registry, heard.api)
        caller = caller_of(heard.role, heard.party, heard.id)
        try:
            wanted = read_query(heard.query, resources)
            collects = topics.get(heard.topic or "")
            return Selector(heard.id, resources, heard.since, caller, wanted, heard.topic, collects)
        except Problem as odd:
            # It was understood when it was made: the resource is another since.
            log.warning("subscription's query is understood no more", subscription=heard.id, error=str(odd))
            return None

    async def _note(self, conn: Connection, selectors: list[Selector], told: list[Told]) -> None:
        asked = Asked()
        maybe = [
            (selector, each) for each in told for selector in selectors if chosen(selector, each, asked.note)
        ]
        await self._judge(asked)
        due = [
            (selector.id, each.event.seq)
            for selector, each in maybe
            if not selector.patterns or chosen(selector, each, asked.answer)
        ]
        await queries.add_due(conn, due)

    async def _judge(self, asked: Asked) -> None:
        for pattern, texts in asked.wanted.items():
            each = sorted(texts)
            try:
                fits = await queries.pattern_fits(self._database, pattern, each)
            except asyncpg.PostgresError as refused:
                log.warning(
                    "regular expression of a subscription failed", pattern=pattern, error=str(refused)
                )
                continue
            asked.known.update({(pattern, text): fit for text, fit in zip(each, fits, strict=True)})


def _collected(topics: dict[str, Wanted], told: list[Told]) -> list[tuple[str, str]]:
    """What the topics keep of these events: id, and the document of an Event of TMF688."""
    kept = []
    for topic, wanted in topics.items():
        for each in told:
            # What was posted to a topic stands there already.
            if wire_name(each.event.resource) == "event" or not in_topic(topic, wanted, each):
                continue
            id = event_id(topic, each.event.at.timestamp(), each.event.id)
            notification = head(each.event)
            notification["timeOccurred"] = notification.pop("timeOcurred")
            content = {wire_name(each.event.resource): each.document or {"id": each.event.resource_id}}
            kept.append((id, encode({"id": id, **notification, "event": content}).decode()))
    return kept
