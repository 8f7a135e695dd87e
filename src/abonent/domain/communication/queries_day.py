"""SQL over messages for the day's work: what went out, and what did not arrive."""

from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def undelivered(store: Store, since: str, most: int) -> list[dict[str, Any]]:
    """Messages that failed for good and were to be sent after `since` (UTC text), newest first."""
    rows = await store.database.rows(
        "SELECT doc::text FROM communication_message WHERE state = 'failed' AND send_time >= $1"
        " ORDER BY send_time DESC, id LIMIT $2",
        since,
        most,
    )
    return [decode(row[0]) for row in rows]


async def sent_since(store: Store, since: str) -> dict[str, int]:
    """How many messages with a time of sending after `since` (UTC text) are in which state."""
    rows = await store.database.rows(
        "SELECT state, count(*) FROM communication_message WHERE send_time >= $1 GROUP BY state", since
    )
    return {row[0]: row[1] for row in rows}
