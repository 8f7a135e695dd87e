"""Products as they stood on any date (OH-4), from the document that every event keeps."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.inventory.rules_past import taken_over
from abonent.kit.access import Caller
from abonent.kit.context import Context
from abonent.kit.errors import N_, NotFound
from abonent.kit.shapes import decode
from abonent.kit.store import Store

Document = dict[str, Any]

_MOST = 1000
# By `COLLATE` alone the index of events is used. A deletion is an event without a document.
_STOOD = """
    SELECT ids.id, past.seq, past.doc::text, coalesce(origin.doc, CASE WHEN born.seq IS NULL THEN now.doc END)::text
    FROM ({ids}) ids
    LEFT JOIN LATERAL (
        SELECT e.seq, e.doc FROM event e
        WHERE e.resource = 'product' AND e.resource_id = ids.id COLLATE "default" AND e.at <= $1
        ORDER BY e.seq DESC LIMIT 1) past ON true
    LEFT JOIN LATERAL (
        SELECT e.seq FROM event e
        WHERE e.resource = 'product' AND e.resource_id = ids.id COLLATE "default"
        AND e.type = 'ProductCreateEvent' ORDER BY e.seq LIMIT 1) born ON true
    LEFT JOIN product_origin origin ON origin.id = ids.id
    LEFT JOIN product now ON now.id = ids.id ORDER BY ids.id"""
_OF_CLIENTS = f"""
    SELECT id FROM (
        SELECT p.id FROM unnest($2::text[]) party, product p WHERE p.doc @> party::jsonb
        UNION
        SELECT h.resource_id FROM state_history h
        WHERE h.resource = 'product' AND h.attribute = 'customer' AND h.old_state = ANY($3::text[])
    ) his ORDER BY id LIMIT {_MOST}"""


async def product_as_of(store: Store, id: str, at: datetime) -> Document | None:
    """A product as it stood at `at`; None when there was none. No ownership is applied."""
    found = await _stood(store, at, "SELECT $2::text AS id", id)
    return next(iter(found), None)


async def products_as_of(store: Store, clients: Sequence[str], at: datetime) -> list[Document]:
    """What these clients held at `at`: products that are theirs now, or were theirs before they gave them away."""
    parties = [json.dumps({"relatedParty": [{"id": id}]}) for id in clients]
    found = await _stood(store, at, _OF_CLIENTS, parties, list(clients))
    wanted = set(clients)
    return [each for each in found if wanted & {p.get("id") for p in each.get("relatedParty") or ()}]


async def _stood(store: Store, at: datetime, ids: str, *args: Any) -> list[Document]:
    rows = await store.database.rows(_STOOD.format(ids=ids), at, *args)
    documents = []
    for _, event, then, origin in rows:
        if event is not None:
            document = decode(then) if then else None
        else:
            document = taken_over(decode(origin), at) if origin else None
        if document is not None:
            documents.append(document)
    return documents


async def read_past(ctx: Context, id: str, at: datetime) -> Document:
    """One product for an answer: whoever held it then may see it, and staff. Raises NotFound."""
    PRODUCT.permissions.demand(ctx.caller, write=False, what=PRODUCT.name)
    found = await product_as_of(ctx.store, id, at)
    if found is None or not _may_see(ctx.caller, found):
        raise NotFound("noSuchProduct", N_("There was no product {id} then."), id=id)
    return found


async def list_past(ctx: Context, client: str | None, at: datetime) -> list[Document]:
    """What a client held at `at`, for an answer. A client sees his own; staff name one."""
    PRODUCT.permissions.demand(ctx.caller, write=False, what=PRODUCT.name)
    wanted = ctx.caller.owner if ctx.caller.owner is not None else client
    if not wanted or (client and client != wanted):
        return []
    return await products_as_of(ctx.store, [wanted], at)


def _may_see(caller: Caller, product: Document) -> bool:
    return caller.owner is None or caller.owner in {p.get("id") for p in product.get("relatedParty") or ()}
