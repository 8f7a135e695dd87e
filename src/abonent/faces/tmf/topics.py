"""Paths below a topic (TMF688): its events are answered as the resource `event` is, its hub as those of the APIs."""

from typing import Any
from urllib.parse import parse_qsl

from abonent.faces.http import JSON, Scope, Send, answer
from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, NotFound
from abonent.kit.hub import queries
from abonent.kit.hub.topics import BASE, EVENTS, TOPIC, TOPIC_EVENT, new_event_id, of_topic
from abonent.kit.query import parse_fields
from abonent.kit.shapes import decode, encode

_ABOVE = f"{TOPIC.path}/"


async def in_topic(ctx: Context, scope: Scope) -> Scope:
    """The request as one for the resource `event`, bounded to a topic: which rows, what a new one is given, the path
    that is shown. Unchanged if it is for something else. NotFound without the topic or with an event of another."""
    path = scope["path"].rstrip("/")
    topic, _, below = path.removeprefix(_ABOVE).partition("/")
    if not path.startswith(_ABOVE) or below.partition("/")[0] != "event":
        return scope
    await ctx.store.text(ctx.caller, TOPIC, topic)
    id = below.partition("/")[2]
    if id and not id.startswith(f"{topic}."):
        raise NotFound("notFound", N_("There is no {what} {id}, or you may not see it."), what="event", id=id)
    inner = f"{TOPIC_EVENT.path}/{id}" if id else TOPIC_EVENT.path
    return {
        **scope,
        "path": inner,
        "shown": f"{_ABOVE}{topic}/event",
        "offered": frozenset({"create"}),
        "only": of_topic(topic),
        "given": {"id": new_event_id(topic)},
    }


def hub_of(path: str) -> tuple[str, str] | None:
    """Topic and id of a path .../topic/{topic}/hub or .../hub/{id}; None for another path. The id may be empty."""
    topic, _, below = path.rstrip("/").removeprefix(_ABOVE).partition("/")
    first, _, id = below.partition("/")
    return (topic, id) if path.startswith(_ABOVE) and first == "hub" else None


async def show_hubs(ctx: Context, topic: str, id: str, base: str, scope: Scope, send: Send) -> None:
    """The subscriptions of a topic, or one of them; never with its secret. `base`: the public start of addresses."""
    rows = await queries.of_topic(ctx.store.database, BASE, topic, id)
    if id and not rows:
        raise no_subscription(id)
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    fields = parse_fields([asked["fields"]], EVENTS["Hub"]) if "fields" in asked else None
    documents = [_chosen(_hub(topic, row, base), fields) for row in rows]
    if id:
        await answer(send, 200, encode(documents[0]), [JSON])
        return
    offset, limit = _whole(asked, "offset", 0), _whole(asked, "limit", None)
    shown = documents[offset : None if limit is None else (offset or 0) + limit]
    count = [(b"x-total-count", str(len(rows)).encode()), (b"x-result-count", str(len(shown)).encode())]
    await answer(send, 206 if len(shown) < len(rows) else 200, encode(shown), [JSON, *count])


def _hub(topic: str, row: tuple[str, str, str | None, str], base: str) -> dict[str, Any]:
    id, callback, query, more = row
    document = {"id": id, "href": f"{base}{_ABOVE}{topic}/hub/{id}", "callback": callback, **decode(more)}
    return document if query is None else {**document, "query": query}


def _chosen(document: dict[str, Any], fields: tuple[str, ...] | None) -> dict[str, Any]:
    return {name: value for name, value in document.items() if fields is None or name in fields}


def _whole(asked: dict[str, str], name: str, otherwise: int | None) -> int | None:
    text = asked.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise BadInput(
            "badPaging",
            N_("{path} must be one whole number from 0 to {most}, not {value}"),
            path=name,
            most=99_999_999,
            value=text[:100],
        )
    return int(text)


def no_subscription(id: str) -> NotFound:
    return NotFound("noSubscription", N_("There is no subscription {id} at this hub."), id=id[:100])
