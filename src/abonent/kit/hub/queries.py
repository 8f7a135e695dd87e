"""SQL of the hub."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from abonent.kit.db import Connection, Database
from abonent.kit.hub.notification import Happened
from abonent.kit.resource import Registry, UnknownResource

# Seconds a number may be taken before its transaction shows among those that run; in truth it takes microseconds.
_TAKEN = timedelta(seconds=10)
_FORGOTTEN = timedelta(days=1)

# An advisory lock, not a row lock: idle looks write nothing. "hub" in ASCII.
_CURSOR = "SELECT CASE WHEN pg_try_advisory_xact_lock(6845794) THEN (SELECT seq FROM hub_cursor) END"
_NEW = "SELECT seq FROM event WHERE seq > $1 ORDER BY seq LIMIT $2"
_FILLED = "DELETE FROM hub_gap g USING event e WHERE e.seq = g.seq RETURNING g.seq"
_GAPS = "INSERT INTO hub_gap (seq) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"
# Whoever took a number may not have begun to write; after a while he has, and then it is seen when he ends.
_HORIZON = """
UPDATE hub_gap SET horizon = pg_snapshot_xmax(pg_current_snapshot())
WHERE horizon IS NULL AND seen_at < clock_timestamp() - $1::interval"""
_ROLLED_BACK = """
DELETE FROM hub_gap g WHERE (g.horizon <= pg_snapshot_xmin(pg_current_snapshot())
    OR g.seen_at < clock_timestamp() - $1::interval) AND NOT EXISTS (SELECT FROM event e WHERE e.seq = g.seq)"""
_MOVE = "UPDATE hub_cursor SET seq = $1 WHERE seq <> $1"
_LAST = "SELECT coalesce(max(seq), 0) FROM event"

# A deletion leaves no document: what it was is told, as the event before it had it.
_EVENT = """
SELECT e.seq, e.id, e.type, e.resource, e.resource_id, e.old_state, e.new_state, e.at, e.correlation_id,
       coalesce(e.doc, (SELECT p.doc FROM event p WHERE p.resource = e.resource AND p.resource_id = e.resource_id
                        AND p.seq < e.seq AND p.doc IS NOT NULL ORDER BY p.seq DESC LIMIT 1))::text AS doc
FROM event e"""

_TOPICS = "SELECT id, doc::text FROM topic WHERE doc ?| '{headerQuery,contentQuery}'"
_COLLECT = """
INSERT INTO topic_event (id, doc) SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT DO NOTHING"""
_FORGET_HUBS = "DELETE FROM hub_subscription WHERE topic = $1"
_FORGET_EVENTS = "DELETE FROM topic_event WHERE id >= $1 || '.' AND id < $1 || '/'"
# The milliseconds stand in the id (topics.event_id).
_CLEAN_TOPICS = """
DELETE FROM topic_event WHERE left(right(id, 24), 12)
    < lpad(to_hex((extract(epoch FROM clock_timestamp() - $1::interval) * 1000)::bigint), 12, '0')"""

_SUBSCRIPTIONS = """
SELECT id, api, topic, query, role, party, since FROM hub_subscription ORDER BY created_at, id"""
_DUE = """
INSERT INTO hub_delivery (subscription, seq)
SELECT s.id, u.seq FROM unnest($1::text[], $2::bigint[]) u(id, seq) JOIN hub_subscription s USING (id)
ON CONFLICT DO NOTHING"""

# Of each host a few, so that many subscriptions of one that hangs leave room for others.
_CLAIM = """
UPDATE hub_subscription SET leased_by = $1, leased_until = clock_timestamp() + $2::interval
WHERE (leased_until IS NULL OR leased_until < clock_timestamp()) AND state = 'active' AND id IN (
    SELECT id FROM (
        SELECT s.id, s.next_at, row_number() OVER (PARTITION BY s.host ORDER BY s.next_at) AS place
        FROM hub_subscription s
        WHERE s.state = 'active' AND s.next_at <= clock_timestamp()
          AND (s.leased_until IS NULL OR s.leased_until < clock_timestamp())
          AND s.id <> ALL($3::text[]) AND s.host <> ALL($4::text[])
          AND EXISTS (SELECT FROM hub_delivery d WHERE d.subscription = s.id AND d.state = 'pending')) due
    WHERE place <= $5 ORDER BY next_at LIMIT $6)
RETURNING id, host, callback, secret"""
_PENDING = "SELECT seq FROM hub_delivery WHERE subscription = $1 AND state = 'pending' ORDER BY seq LIMIT $2"
_DELIVERED = """
WITH told AS (
    UPDATE hub_delivery SET state = 'delivered', attempts = attempts + 1, tried_at = clock_timestamp(),
        ended_at = clock_timestamp(), status = $4, error = NULL
    WHERE subscription = $1 AND seq = $2)
UPDATE hub_subscription SET failures = 0, last_success_at = clock_timestamp(), delivered = delivered + 1,
    leased_until = clock_timestamp() + $5::interval
WHERE id = $1 AND leased_by = $3 RETURNING state = 'active'"""
_GONE = """
UPDATE hub_delivery SET state = 'failed', ended_at = clock_timestamp(), error = $3
WHERE subscription = $1 AND seq = $2"""
# What is past its term is given up together: a listener that is away for long is not asked for each of them.
_FAILED = """
WITH tried AS (
    UPDATE hub_delivery SET attempts = attempts + CASE WHEN seq = $2 THEN 1 ELSE 0 END,
        tried_at = CASE WHEN seq = $2 THEN clock_timestamp() ELSE tried_at END,
        status = CASE WHEN seq = $2 THEN $5 ELSE status END, error = $6,
        state = CASE WHEN due_since < clock_timestamp() - $7::interval THEN 'failed' ELSE 'pending' END,
        ended_at = CASE WHEN due_since < clock_timestamp() - $7::interval THEN clock_timestamp() END
    WHERE subscription = $1 AND state = 'pending'
      AND (seq = $2 OR due_since < clock_timestamp() - $7::interval)
    RETURNING state)
UPDATE hub_subscription SET failures = failures + 1, next_at = clock_timestamp() + $4::interval, leased_until = NULL,
    last_failure_at = clock_timestamp(), last_error = $6, retried = retried + 1,
    failed = failed + (SELECT count(*) FROM tried WHERE state = 'failed')
WHERE id = $1 AND leased_by = $3 RETURNING (SELECT count(*) FROM tried WHERE state = 'failed')"""
_FAILURES = "SELECT failures FROM hub_subscription WHERE id = $1"
_RELEASE = "UPDATE hub_subscription SET leased_until = NULL WHERE leased_by = $1 AND id = ANY($2::text[])"
_CLEAN = """
DELETE FROM hub_delivery WHERE state = 'delivered' AND ended_at < clock_timestamp() - $1::interval
   OR state = 'failed' AND ended_at < clock_timestamp() - $2::interval"""
_STATE = """
SELECT count(*), count(DISTINCT subscription),
       coalesce(extract(epoch FROM clock_timestamp() - min(due_since)), 0)::float8
FROM hub_delivery WHERE state = 'pending'"""
_TOTALS = """
SELECT coalesce(sum(delivered), 0)::bigint, coalesce(sum(retried), 0)::bigint, coalesce(sum(failed), 0)::bigint
FROM hub_subscription"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A subscription as the fan-out needs it."""

    id: str
    api: str
    topic: str | None
    query: str | None
    role: str
    party: str | None
    since: int


@dataclass(frozen=True, slots=True)
class Leased:
    """A subscription whose deliveries are this worker's for a while."""

    id: str
    host: str
    callback: str
    secret: str


# ---- fan-out: one transaction, by one worker at a time


async def position(conn: Connection) -> int | None:
    """The last event looked at; None while another worker looks."""
    return await conn.fetchval(_CURSOR)


async def subscriptions(conn: Connection) -> list[Heard]:
    return [Heard(*row) for row in await conn.fetch(_SUBSCRIPTIONS)]


async def new_numbers(conn: Connection, after: int, most: int) -> list[int]:
    """Numbers of events that were not looked at: those after the cursor, and those in gaps that are there now."""
    fresh = [row[0] for row in await conn.fetch(_NEW, after, most)]
    if fresh:
        missing = set(range(after + 1, fresh[-1] + 1)).difference(fresh)
        if missing:
            await conn.execute(_GAPS, sorted(missing))
        await conn.execute(_MOVE, fresh[-1])
    return fresh


async def filled_gaps(conn: Connection) -> list[int]:
    """Numbers of gaps whose events are there now; gaps that will never be filled are forgotten."""
    filled = [row[0] for row in await conn.fetch(_FILLED)]
    await conn.execute(_ROLLED_BACK, _FORGOTTEN)
    await conn.execute(_HORIZON, _TAKEN)
    return filled


async def skip_all(conn: Connection) -> None:
    """Nobody listens: whoever subscribes hears of what comes after that."""
    await conn.execute(_MOVE, await conn.fetchval(_LAST))
    await conn.execute("DELETE FROM hub_gap")


async def topics(conn: Connection) -> list[tuple[str, str]]:
    """Id and document (JSON) of the topics that collect events."""
    return [(row[0], row[1]) for row in await conn.fetch(_TOPICS)]


async def collect(conn: Connection, kept: Sequence[tuple[str, str]]) -> None:
    """Keep events for topics: (id, document as JSON)."""
    if kept:
        await conn.execute(_COLLECT, [id for id, _ in kept], [document for _, document in kept])


async def forget_topic(database: Database, topic: str) -> None:
    """Forget the subscriptions and events of a topic that is no more."""
    await database.run(_FORGET_HUBS, topic)
    await database.run(_FORGET_EVENTS, topic)


async def add_due(conn: Connection, due: Sequence[tuple[str, int]]) -> None:
    """Note deliveries of (subscription, event)."""
    if due:
        await conn.execute(_DUE, [each for each, _ in due], [seq for _, seq in due])


async def events(
    conn: Connection, numbers: Iterable[int], names: Iterable[str], registry: Registry
) -> list[Happened]:
    """The events with these numbers in order, as far as they are of resources with these names."""
    rows = await conn.fetch(
        f"{_EVENT} WHERE e.seq = ANY($1::bigint[]) AND e.resource = ANY($2::text[]) ORDER BY e.seq",
        list(numbers),
        list(names),
    )
    return [each for row in rows if (each := happened(row, registry))]


def happened(row: asyncpg.Record, registry: Registry) -> Happened | None:
    try:
        resource = registry[row["resource"]]
    except UnknownResource:
        return None
    return Happened(
        row["seq"], row["id"], row["type"], resource, row["resource_id"], row["old_state"], row["new_state"],
        row["at"], row["correlation_id"], row["doc"] or "",
    )  # fmt: skip


async def pattern_fits(database: Database, pattern: str, texts: Sequence[str]) -> list[bool]:
    """For each text whether a regular expression of lists fits it; within a second."""
    async with database.connection() as conn, conn.transaction(readonly=True):
        await conn.execute("SET LOCAL statement_timeout = 1000")
        rows = await conn.fetch(
            "SELECT v ~ $2 FROM unnest($1::text[]) WITH ORDINALITY u(v, n) ORDER BY n", list(texts), pattern
        )
    return [row[0] for row in rows]


# ---- draining


async def claim(
    database: Database,
    worker: str,
    lease: float,
    *,
    busy: Sequence[str],
    full: Sequence[str],
    per_host: int,
    most: int,
) -> list[Leased]:
    """Take subscriptions that have something to deliver now and that no worker has: none of `busy`, none of a host that
    is `full`."""
    rows = await database.rows(
        _CLAIM, worker, timedelta(seconds=lease), list(busy), list(full), per_host, most
    )
    return [Leased(*row) for row in rows]


async def pending(database: Database, subscription: str, most: int) -> list[int]:
    return [row[0] for row in await database.rows(_PENDING, subscription, most)]


async def event(database: Database, seq: int, registry: Registry) -> Happened | None:
    row = await database.row(f"{_EVENT} WHERE e.seq = $1", seq)
    return happened(row, registry) if row is not None else None


async def note_delivered(
    database: Database, subscription: str, seq: int, worker: str, status: int, lease: float
) -> bool:
    """Whether this worker may go on with the subscription: it is there, not paused, and still leased to it."""
    return bool(await database.value(_DELIVERED, subscription, seq, worker, status, timedelta(seconds=lease)))


async def note_gone(database: Database, subscription: str, seq: int, reason: str) -> None:
    """What was to be told cannot be told any more."""
    await database.run(_GONE, subscription, seq, reason)


async def failures(database: Database, subscription: str) -> int:
    return await database.value(_FAILURES, subscription) or 0


async def note_failed(
    database: Database,
    subscription: str,
    seq: int,
    worker: str,
    *,
    pause: float,
    status: int | None,
    reason: str,
    term: timedelta,
) -> int:
    """Note an attempt and when the next one is due; how many deliveries were given up, being past the term."""
    given = await database.value(
        _FAILED, subscription, seq, worker, timedelta(seconds=pause), status, reason, term
    )
    return given or 0


async def release(database: Database, worker: str, mine: Sequence[str]) -> None:
    await database.run(_RELEASE, worker, list(mine))


async def clean(database: Database, kept: timedelta, kept_failed: timedelta) -> None:
    """Forget deliveries that ended long ago."""
    await database.run(_CLEAN, kept, kept_failed)
    await database.run(_CLEAN_TOPICS, kept)


async def backlog(database: Database) -> tuple[int, int, float]:
    """Deliveries that wait, of how many subscriptions, and since how many seconds the oldest does."""
    row = await database.row(_STATE)
    return (row[0], row[1], row[2]) if row is not None else (0, 0, 0.0)


async def totals(database: Database) -> tuple[int, int, int]:
    """Over the subscriptions there are: deliveries that succeeded, attempts that failed, deliveries given up."""
    row = await database.row(_TOTALS)
    return (row[0], row[1], row[2]) if row is not None else (0, 0, 0)


# ---- subscriptions

_ADD = """
INSERT INTO hub_subscription (id, api, topic, callback, host, query, more, secret, role, party, by, since)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, (SELECT coalesce(max(seq), 0) FROM event))"""
_REMOVE = """
DELETE FROM hub_subscription WHERE id = $1 AND api = $2 AND topic IS NOT DISTINCT FROM $3
    AND ($4::text IS NULL OR party = $4) RETURNING 1"""


async def add(database: Database, *values: Any) -> None:
    """Insert a subscription: id, api, topic, callback, host, query, more (JSON text), secret, role, party, by."""
    await database.run(_ADD, *values)


_OF_TOPIC = """
SELECT id, callback, query, more::text FROM hub_subscription WHERE api = $1 AND topic = $2 AND ($3 = '' OR id = $3)
ORDER BY created_at, id"""


async def of_topic(
    database: Database, api: str, topic: str, id: str = ""
) -> list[tuple[str, str, str | None, str]]:
    """Id, callback, query and the rest (JSON) of the subscriptions of a topic, or of one of them."""
    return [(row[0], row[1], row[2], row[3]) for row in await database.rows(_OF_TOPIC, api, topic, id)]


async def remove(database: Database, id: str, api: str, topic: str | None, party: str | None) -> bool:
    """Delete a subscription of an API's hub, with its deliveries; of a client only his own."""
    return "\x00" not in id and bool(await database.value(_REMOVE, id, api, topic, party))
