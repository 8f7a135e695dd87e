"""A resource is defined once: its shape, path, indexed attributes, states and event names.

Table, routes, validation, filters and OpenAPI derive from this definition (kit/derive, faces/tmf).
What differs between APIs (base paths, event names, mandatory projection) is data here, never code in a route.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from abonent.kit.access import Permissions
from abonent.kit.shapes import Shape
from abonent.kit.states import StateMachine

ALL_OPERATIONS = frozenset({"list", "get", "create", "patch", "delete"})
READ_ONLY = frozenset({"list", "get"})


@lru_cache
def snake(name: str) -> str:
    """productOrder -> product_order"""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Index:
    """An attribute with a generated column and a B-tree index: exact filters and sorts use it.

    `path` is dotted, a number is a place in a list; `name` is the column's name where the path's own is clumsy.
    `newest_first`: the index serves `sort=-path` (times), otherwise `sort=path`.
    """

    path: str
    newest_first: bool = False
    name: str = ""

    @property
    def column(self) -> str:
        return self.name or snake(self.path.replace(".", "_").replace("@", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One registered resource; two are the same only if they are one object.

    name        camelCase as on the wire and in events ("productOrder")
    base        base path of its API ("/tmf-api/productOrderingManagement/v4"); empty: not on the wire
    shape       compiled wire type
    prefix      kind letters of its numbers ("O" -> O-10001)
    indexes     attributes with a generated column
    owner       dotted paths at which the owning party's id may stand; empty: no row belongs to a party
    states      legal moves, or None
    operations  what the API offers
    permissions which roles may read and write
    defaults    attributes a new document gets when its sender leaves them out
    audited     whether changes publish events (bulk reference data such as coverage does not)
    searched    whether any attribute may be filtered on (a GIN index over the document; costs a write about a third)
    wire        the name on the wire where two APIs call different things alike (importJob); empty: `name`
    always      attributes that `fields` need not name; empty where the API gives exactly the asked ones
    event_kinds what its API calls a kind of event where the name is another than usual
    """

    name: str
    shape: Shape
    prefix: str
    base: str = ""
    indexes: tuple[Index, ...] = ()
    owner: tuple[str, ...] = ()
    states: StateMachine | None = None
    operations: frozenset[str] = ALL_OPERATIONS
    permissions: Permissions = field(default_factory=Permissions)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    audited: bool = True
    searched: bool = True
    wire: str = ""
    always: tuple[str, ...] = ("id", "href")
    event_kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        return snake(self.name)

    @property
    def default_sort(self) -> str | None:
        """Newest first where there is an index for it; else by id, which needs none."""
        return next((f"-{i.path}" for i in self.indexes if i.newest_first), None)

    @property
    def path(self) -> str:
        return f"{self.base}/{self.wire or self.name}"

    @property
    def columns(self) -> Mapping[str, str]:
        """Attribute path -> generated column, for the filter compiler."""
        return {index.path: index.column for index in self.indexes}

    def event_type(self, kind: str) -> str:
        """Event name as in the API's specification: kind is Create, AttributeValueChange, StateChange, Delete, ..."""
        name = self.wire or self.name
        return f"{name[0].upper()}{name[1:]}{self.event_kinds.get(kind, kind)}Event"


class UnknownResource(KeyError):
    """No resource of this name is registered."""


class Registry(Protocol):
    """What derivation and faces need of the set of resources."""

    def __iter__(self) -> Iterator[Resource]: ...
    def __getitem__(self, name: str) -> Resource: ...


class ResourceRegistry:
    """All resources of the system by name; filled by main at start, in the domain's import order."""

    def __init__(self, *groups: tuple[Resource, ...]) -> None:
        self._by_name: dict[str, Resource] = {}
        for resource in (r for group in groups for r in group):
            if resource.name in self._by_name:
                raise ValueError(f"resource {resource.name} is registered twice")
            self._by_name[resource.name] = resource

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Resource:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownResource(name) from None
