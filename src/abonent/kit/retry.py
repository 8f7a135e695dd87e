"""Doing something again that lost against somebody else: updates are compare-and-set."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from abonent.kit.errors import Conflict

# Each round one of those who want to change the same document gets it.
_ROUNDS = 60

T = TypeVar("T")


async def repeated(act: Callable[[], Awaitable[T]], rounds: int = _ROUNDS) -> T:
    """Do it again, from reading on, while others change what it works on at the same moment; `rounds` at the most,
    then the Conflict is the caller's."""
    for _ in range(rounds - 1):
        try:
            return await act()
        except Conflict as lost:
            if lost.code not in {"changedMeanwhile", "alreadyExists"}:
                raise
    return await act()
