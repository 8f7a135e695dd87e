"""The plain actions every resource has: create, change, remove. A process replaces those that it decides on.

Faces call `Actions.of(resource)`, so that one route serves plain records and processes alike.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from abonent.kit.change import Stored
from abonent.kit.context import Context
from abonent.kit.errors import N_, IllegalMove
from abonent.kit.resource import Resource
from abonent.kit.values import to_wire

Document = dict[str, Any]
Create = Callable[[Context, Document], Awaitable[Document]]
Amend = Callable[[Context, Stored, Document], Awaitable[Document]]
Remove = Callable[[Context, Stored], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ResourceActions:
    """What create, patch and delete do for one resource. Documents are validated by the resource's shape before."""

    create: Create
    change: Amend
    remove: Remove


@dataclass(slots=True)
class Actions:
    """Actions by resource; plain ones where a process did not register its own."""

    own: dict[str, ResourceActions] = field(default_factory=dict)

    def of(self, resource: Resource) -> ResourceActions:
        known = self.own.get(resource.name)
        if known is None:
            known = self.own[resource.name] = plain(resource)
        return known

    def register(
        self,
        resource: Resource,
        *,
        create: Create | None = None,
        change: Amend | None = None,
        remove: Remove | None = None,
    ) -> None:
        usual = plain(resource)
        self.own[resource.name] = ResourceActions(
            create or usual.create, change or usual.change, remove or usual.remove
        )


def plain(resource: Resource) -> ResourceActions:
    """Create with a new number, replace, delete: for resources that are records and no process."""

    async def create(ctx: Context, document: Document) -> Document:
        new = {"id": await ctx.store.next_id(resource), **resource.defaults, **document}
        change = ctx.change()
        change.insert(resource, new)
        await ctx.store.commit(change)
        return new

    async def amend(ctx: Context, stored: Stored, document: Document) -> Document:
        if document == stored.document:
            return document
        change = ctx.change()
        change.update(stored, document)
        await ctx.store.commit(change)
        return document

    async def remove(ctx: Context, stored: Stored) -> None:
        machine = resource.states
        if machine and stored.state not in machine.final | machine.initial:
            raise _still_in_use(stored)
        change = ctx.change()
        change.delete(stored)
        await ctx.store.commit(change)

    return ResourceActions(create, amend, remove)


async def remove_ended(ctx: Context, stored: Stored) -> None:
    """Delete what is over; its history stays. IllegalMove before."""
    machine = stored.resource.states
    if machine is None or stored.state not in machine.final:
        raise _still_in_use(stored)
    await plain(stored.resource).remove(ctx, stored)


def next_version(ctx: Context, document: Document, before: Stored | None = None) -> Document:
    """The document with its number, 1 or one more than it had, and the time of it, for what keeps its versions."""
    number = int(before.document.get("version", 0)) + 1 if before else 1
    return {**document, "version": number, "lastUpdate": to_wire(ctx.now())}


def _still_in_use(stored: Stored) -> IllegalMove:
    return IllegalMove(
        "stillInUse",
        N_("{what} {id} is {state} and cannot be deleted. End it first."),
        what=stored.resource.name,
        id=stored.id,
        state=stored.state,
    )
