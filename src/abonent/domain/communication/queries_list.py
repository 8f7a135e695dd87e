"""SQL of the list of messages: newest first, filtered as people ask for them."""

from dataclasses import dataclass
from typing import Any

from abonent.kit.query_args import containing_spelled
from abonent.kit.shapes import decode, encode
from abonent.kit.store import Store

COUNTED = 10_000
_CLIENTS = 300
SORTS = {"sent": "send_time", "state": "state"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list. `client` is an id or a part of a name, `order` an order's id, `text` a part of subject or content,
    `owner` the party whose messages alone may be seen."""

    state: str | None = None
    channel: str | None = None
    client: str = ""
    order: str = ""
    text: str = ""
    owner: str | None = None
    sort: str = "sent"
    descending: bool = True
    offset: int = 0
    limit: int = 50


async def list_messages(store: Store, wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
    """The page asked for, and how many fit (COUNTED + 1 means more than COUNTED)."""
    conditions, args = ["true"], []

    def add(condition: str, value: Any) -> None:
        args.append(value)
        conditions.append(condition.replace("$?", f"${len(args)}"))

    if wanted.owner is not None:
        add("doc @> $?::jsonb", _has("receiver", id=wanted.owner))
    if wanted.state is not None:
        add("state = $?", wanted.state)
    if wanted.channel is not None:
        add("lower(doc ->> 'messageType') = lower($?)", wanted.channel)
    if wanted.order:
        add("doc @> $?::jsonb", _has("characteristic", name="productOrder", value=wanted.order))
    if wanted.text:
        words = "concat_ws(' ', doc ->> 'subject', doc ->> 'content')"
        add(f"{words} LIKE ANY($?::text[])", containing_spelled(wanted.text))
    if wanted.client:
        ids = await _clients(store, wanted.client)
        if len(ids) == 1:
            add("doc @> $?::jsonb", _has("receiver", id=ids[0]))
        else:
            # Of many clients the newest messages are met soon on the way back in time.
            add("doc #>> '{receiver,0,id}' = ANY($?::text[])", ids)
    where = " AND ".join(conditions)
    direction, column = "DESC NULLS LAST" if wanted.descending else "ASC NULLS FIRST", SORTS[wanted.sort]
    # Of one moment, what was written first stands where what was sent first does.
    way = "DESC" if wanted.descending else "ASC"
    # Rows that are skipped are not turned into text.
    page = (
        f"SELECT m.doc::text FROM (SELECT id, {column} FROM communication_message WHERE {where}"
        f" ORDER BY {column} {direction}, id {way} LIMIT {int(wanted.limit)} OFFSET {int(wanted.offset)}) picked"
        f" JOIN communication_message m USING (id) ORDER BY picked.{column} {direction}, id {way}"
    )
    count = (
        f"SELECT count(*) FROM (SELECT 1 FROM communication_message WHERE {where} LIMIT {COUNTED + 1}) found"
    )
    async with store.database.searching() as conn:
        found = [decode(row[0]) for row in await conn.fetch(page, *args)]
        if len(found) < wanted.limit and (found or not wanted.offset):
            return found, wanted.offset + len(found)
        return found, await conn.fetchval(count, *args)


async def _clients(store: Store, text: str) -> list[str]:
    """Ids of customers with this id or a name like this; the text itself when there is none."""
    rows = await store.database.rows(
        "SELECT id FROM client_entry WHERE id = $1 OR title LIKE '%' || abonent_fold($1) || '%' ORDER BY id LIMIT $2",
        text,
        _CLIENTS,
    )
    return [row[0] for row in rows] or [text]


def _has(attribute: str, **element: str) -> str:
    return encode({attribute: [element]}).decode()
