"""SQL over messages that the store's gets and lists cannot say."""

from collections.abc import Sequence
from typing import Any

from abonent.kit.shapes import decode
from abonent.kit.store import Store


async def messages_about(
    store: Store, order_id: str, appointments: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Messages to the client about an order and its visits, newest first. `appointments`: those that were booked for
    it before it was placed; what was told of them then names no order."""
    found = await messages_of(store, "productOrder", order_id)
    for id in appointments:
        known = {message["id"] for message in found}
        found += [m for m in await messages_of(store, "appointment", id) if m["id"] not in known]
    return sorted(found, key=lambda m: (m.get("sendTime") or "", m["id"]), reverse=True)


async def messages_of(store: Store, kind: str, id: str) -> list[dict[str, Any]]:
    """Messages about the document `id` of a resource, newest first."""
    sql = """
        SELECT doc::text FROM communication_message
        WHERE doc @> jsonb_build_object('characteristic', jsonb_build_array(
            jsonb_build_object('name', $1::text, 'value', $2::text))) ORDER BY doc ->> 'sendTime' DESC, id DESC"""
    return [decode(row[0]) for row in await store.database.rows(sql, kind, id)]
