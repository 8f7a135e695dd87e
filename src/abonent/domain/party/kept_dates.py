"""Dates that the server sets on what is otherwise kept as it is sent: permissions (TMF672)."""

from typing import Any

from abonent.domain.party.resources import PERMISSION
from abonent.kit.context import Context
from abonent.kit.crud import Actions, plain
from abonent.kit.values import to_wire

Document = dict[str, Any]


async def create_permission(ctx: Context, document: Document) -> Document:
    """A permission, with the time it was given."""
    return await plain(PERMISSION).create(ctx, document | {"creationDate": to_wire(ctx.now())})


def register(actions: Actions) -> None:
    """Put these in place of the plain actions."""
    actions.register(PERMISSION, create=create_permission)
