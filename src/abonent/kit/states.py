"""Legal moves between states, as data; the store refuses every other one.

A machine is a mapping from a state to the states it may move to. A state with no way out is final.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from abonent.kit.errors import N_, IllegalMove


@dataclass(frozen=True, slots=True)
class StateMachine:
    """States of one resource. `attribute` names where the document keeps its state."""

    moves: Mapping[str, frozenset[str]]
    initial: frozenset[str]
    attribute: str = "state"

    @property
    def states(self) -> frozenset[str]:
        return frozenset(self.moves).union(*self.moves.values())

    @property
    def final(self) -> frozenset[str]:
        return frozenset(s for s in self.states if not self.moves.get(s))

    def may(self, old: str, new: str) -> bool:
        return new in self.moves.get(old, frozenset())

    def check(self, what: str, old: str | None, new: str | None) -> bool:
        """True when the state changes legally, False when it stays; IllegalMove otherwise.

        `old` is None for a new document: then `new` must be an initial state.
        """
        if old == new:
            return False
        legal = self.initial if old is None else self.moves.get(old, frozenset())
        if new in legal:
            return True
        raise _illegal(what, old, new, legal)

    def check_known(self, what: str, state: str | None) -> None:
        """IllegalMove unless `state` is one of the machine's. For documents that got their state elsewhere."""
        if state not in self.states:
            raise _illegal(what, None, state, self.states)


def _illegal(what: str, old: str | None, new: str | None, legal: Iterable[str]) -> IllegalMove:
    return IllegalMove(
        "illegalStateTransition",
        N_("{what} cannot move from {old} to {new}. From {old} it may move to: {legal}."),
        what=what,
        old=old or "-",
        new=new or "-",
        legal=", ".join(sorted(legal)) or "-",
    )


def machine(attribute: str = "state", *, initial: str, **moves: str) -> StateMachine:
    """Build a machine from words: `machine(initial="new", new="open", open="done lost", done="")`."""
    return StateMachine(
        {state: frozenset(targets.split()) for state, targets in moves.items()},
        frozenset(initial.split()),
        attribute,
    )
