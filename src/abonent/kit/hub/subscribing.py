"""Subscribing at a hub, and ending it."""

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from abonent.kit.context import Context
from abonent.kit.errors import N_, BadInput, Forbidden, NotFound
from abonent.kit.hub import queries
from abonent.kit.hub.addresses import read_callback
from abonent.kit.hub.notification import new_secret, read_secret
from abonent.kit.hub.ports import Listeners
from abonent.kit.hub.wanted import Wanted, read_query
from abonent.kit.query import query_error
from abonent.kit.resource import Resource
from abonent.kit.shapes import encode

_KNOWN = ("callback", "query", "secret")
_CLASS = ("@baseType", "@schemaLocation", "@type")
# Set by the server; sent back by those who copy an answer.
_SERVER_SET = ("id", "href")


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub: of an API, or of a topic of TMF688. `resources`: what is told there."""

    api: str
    resources: frozenset[Resource]
    topic: str | None = None


def _demand_readable(ctx: Context, resources: Iterable[Resource]) -> None:
    if not any(ctx.caller.role in each.permissions.read for each in resources):
        raise Forbidden(
            "roleNotAllowed",
            N_(
                "Role {role} may not see what is told here. Subscribe at the hub of an API that you may read."
            ),
            role=ctx.caller.role.value,
        )


async def subscribe(ctx: Context, hub: Hub, given: dict[str, Any]) -> dict[str, Any]:
    """Save a subscription; the answer to it, with the secret, which is shown this once. BadInput, Forbidden."""
    _demand_readable(ctx, hub.resources)
    given = {name: value for name, value in given.items() if name not in _SERVER_SET and value is not None}
    more = {name: given.pop(name) for name in _CLASS if name in given}
    for name in given:
        if name not in _KNOWN and not {"@type", "@schemaLocation"} <= more.keys():
            raise BadInput(
                "unknownAttribute",
                N_("There is no attribute {path} here; a subscription has callback, query and secret."),
                path=name[:200],
            )
    more |= {name: value for name, value in given.items() if name not in _KNOWN}
    callback = read_callback(given.get("callback"))
    query = given.get("query")
    wanted = read_query(query, hub.resources)
    await _check_patterns(ctx, wanted)
    secret = read_secret(given["secret"]) if "secret" in given else new_secret()
    await ctx.port(Listeners).check(callback)
    id = token_hex(16)
    caller = ctx.caller
    await queries.add(
        ctx.store.database,
        id,
        hub.api,
        hub.topic,
        callback,
        urlsplit(callback).netloc.lower(),
        query,
        encode(more).decode(),
        secret,
        caller.role.value,
        caller.owner,
        caller.name,
    )
    answer = {"id": id, "callback": given["callback"], **({} if query is None else {"query": query}), **more}
    return {**answer, "secret": secret}


async def _check_patterns(ctx: Context, wanted: Wanted) -> None:
    for pattern in wanted.patterns:
        try:
            await queries.pattern_fits(ctx.store.database, pattern, [""])
        except asyncpg.PostgresError as refused:
            raise query_error(refused) or refused from refused


async def unsubscribe(ctx: Context, hub: Hub, id: str) -> None:
    """End a subscription; a client ends only his own. NotFound."""
    if not await queries.remove(ctx.store.database, id, hub.api, hub.topic, ctx.caller.owner):
        raise NotFound("noSubscription", N_("There is no subscription {id} at this hub."), id=id[:100])
