"""SQL of those who look after the hub: what there is, and pausing, sending again, ending."""

from collections.abc import Mapping, Sequence
from typing import Any

from abonent.kit.db import Database

PAGE = 50
_WAITING = "SELECT count(*) FROM hub_delivery d WHERE d.subscription = s.id AND d.state = 'pending'"
_OLDEST = "SELECT min(d.due_since) FROM hub_delivery d WHERE d.subscription = s.id AND d.state = 'pending'"
_COLUMNS = f"""s.id, s.api, s.topic, s.callback, s.query, s.role, s.party, s.by, s.state, s.created_at, s.failures,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_error, s.delivered, s.retried, s.failed,
    ({_WAITING}) AS waiting, ({_OLDEST}) AS oldest"""
# Those that need a person first, then the newest.
_ALL = f"""
SELECT {_COLUMNS} FROM hub_subscription s
WHERE ($1 = '' OR CASE WHEN s.state = 'paused' THEN 'paused' WHEN s.failures > 0 THEN 'failing' ELSE 'working' END = $1)
ORDER BY s.failures > 0 DESC, s.created_at DESC, s.id LIMIT 500"""
_ONE = f"SELECT {_COLUMNS} FROM hub_subscription s WHERE s.id = $1"
_DELIVERIES = """
SELECT d.seq, d.state, d.attempts, d.tried_at, d.ended_at, d.status, d.error, e.id AS event, e.type, e.resource,
       e.resource_id, e.at
FROM hub_delivery d JOIN event e USING (seq)
WHERE d.subscription = $1 AND ($2 = '' OR d.state = $2) AND ($3::bigint IS NULL OR d.seq < $3)
ORDER BY d.seq DESC LIMIT $4"""
_AGAIN = """
WITH again AS (
    UPDATE hub_delivery SET state = 'pending', due_since = clock_timestamp(), ended_at = NULL
    WHERE subscription = $1 AND state <> 'pending' AND (seq = $2 OR $2 IS NULL AND state = 'failed') RETURNING 1)
UPDATE hub_subscription SET next_at = clock_timestamp() WHERE id = $1 AND EXISTS (SELECT FROM again) RETURNING 1"""
_STATE = """
UPDATE hub_subscription SET state = $2, next_at = clock_timestamp(), failures = 0 WHERE id = $1 RETURNING 1"""
_NOW = "UPDATE hub_subscription SET next_at = clock_timestamp() WHERE id = $1 RETURNING 1"
_END = "DELETE FROM hub_subscription WHERE id = $1 RETURNING 1"

Row = Mapping[str, Any]


async def all_subscriptions(database: Database, condition: str = "") -> Sequence[Row]:
    """Subscriptions that are `working`, `failing` or `paused`; all of them for ""."""
    return [dict(row) for row in await database.rows(_ALL, condition)]


async def one_subscription(database: Database, id: str) -> Row | None:
    row = await database.row(_ONE, id)
    return dict(row) if row is not None else None


async def deliveries(
    database: Database, subscription: str, state: str = "", before: int | None = None
) -> Sequence[Row]:
    """PAGE deliveries of a subscription, the newest event first; only those before an event."""
    rows = await database.rows(_DELIVERIES, subscription, state, before, PAGE)
    return [dict(row) for row in rows]


async def send_again(database: Database, subscription: str, seq: int | None = None) -> bool:
    """Have one event, or all that were given up, told again; whether there was something to tell."""
    return bool(await database.value(_AGAIN, subscription, seq))


async def set_state(database: Database, subscription: str, state: str) -> bool:
    """`paused`: events wait; `active`: they are told."""
    return bool(await database.value(_STATE, subscription, state))


async def try_now(database: Database, subscription: str) -> bool:
    """Do not wait for the pause after a failure to end."""
    return bool(await database.value(_NOW, subscription))


async def end(database: Database, subscription: str) -> bool:
    return bool(await database.value(_END, subscription))
