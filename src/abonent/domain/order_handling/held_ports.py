"""Orders that carry a qualification which holds a port (TMF679): the port is taken over, counted as theirs, and used.

An item says so by productOfferingQualificationItem; what it names must be the caller's to see and its client's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from abonent.domain.inventory import held_ports
from abonent.domain.inventory.resources import RESOURCE
from abonent.domain.order_handling.rules_numbers import qualified
from abonent.domain.qualification.resources import PRODUCT_OFFERING_QUALIFICATION
from abonent.domain.qualification.rules import AccessPath
from abonent.domain.qualification.rules_holding import holder_of
from abonent.kit.change import Change, Stored
from abonent.kit.context import Context
from abonent.kit.errors import NotFound
from abonent.kit.values import with_role

Document = Mapping[str, Any]


async def note_ordered(ctx: Context, change: Change, order: Document) -> None:
    """Note in `change` that an order takes the ports that its qualifications hold."""
    wanted = []
    for item, (id, line) in qualified(order).items():
        try:
            stored = await ctx.store.get(ctx.caller, PRODUCT_OFFERING_QUALIFICATION, id)
        except NotFound:
            continue
        asked = with_role(stored.document.get("relatedParty"), "customer")
        client = with_role(order.get("relatedParty"), "customer") or {}
        if asked is None or asked.get("id") == client.get("id"):
            wanted.append((item, holder_of(id, line)))
    if wanted:
        await held_ports.note_ordered(ctx, change, str(order["id"]), wanted)


async def nodes(ctx: Context, order: Document) -> dict[str, str]:
    """Item -> the node at which a port is held for it."""
    if not qualified(order):
        return {}
    return {item: node for item, (node, _) in (await held_ports.of_items(ctx, str(order["id"]))).items()}


def counted(paths: list[AccessPath], node: str | None) -> list[AccessPath]:
    """The ways to an address, with the port that is held at `node` as one that is free for this item."""
    return [replace(p, free_ports=p.free_ports + 1, held=True) if p.node == node else p for p in paths]


async def port_of(ctx: Context, order: Document, item: str, node: str) -> tuple[Stored, Stored] | None:
    """The port that is held for an item at a node, and its reservation."""
    if item not in qualified(order):
        return None
    at, held = (await held_ports.of_items(ctx, str(order["id"]))).get(item, ("", None))
    if held is None or at != node:
        return None
    port = await ctx.store.one(RESOURCE, held.document["resource"]["id"])
    return (port, held) if port is not None and port.document.get("resourceStatus") == "reserved" else None
