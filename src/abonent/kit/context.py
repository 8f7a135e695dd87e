"""What an action works with: store, clock, ports, who acts and under which correlation id."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from abonent.kit.access import SYSTEM, Caller
from abonent.kit.change import Change
from abonent.kit.clock import Clock
from abonent.kit.events import Reactions

if TYPE_CHECKING:
    from abonent.kit.store import Store

T = TypeVar("T")

correlation: ContextVar[str] = ContextVar("correlation", default="-")


class PortNotWired(LookupError):
    """An action asked for a gateway that main did not wire."""


@dataclass(frozen=True, slots=True)
class Context:
    """One unit of work. Cheap to make; shared parts come from the process's context."""

    store: "Store"
    clock: Clock
    reactions: Reactions
    ports: Mapping[type, Any]
    caller: Caller = SYSTEM

    def now(self) -> datetime:
        return self.clock.now()

    def for_caller(self, caller: Caller) -> "Context":
        return Context(self.store, self.clock, self.reactions, self.ports, caller)

    def port(self, kind: type[T]) -> T:
        """The gateway wired for a Protocol; PortNotWired names what is missing."""
        try:
            return self.ports[kind]
        except KeyError:
            raise PortNotWired(kind.__name__) from None

    def change(self) -> Change:
        """A new set of writes in the name of the caller."""
        return Change(self.caller, self.now(), correlation.get(), self.reactions)
