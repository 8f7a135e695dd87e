"""A brake for calls to one other system: after failures in a row it is left alone for a while.

Without it a system that does not answer would hold every caller for the length of a time-out.
"""

import time
from collections.abc import Callable

FAILURES = 3
PAUSE = 15.0


class Brake:
    """Counts failures in a row. `clock` gives seconds that never go back."""

    def __init__(
        self, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures, self._pause, self._clock = failures, pause, clock
        self._count = 0
        self._until = 0.0
        self._reason = ""

    def held(self) -> str | None:
        """Why the system is left alone now; None when it may be called."""
        return self._reason if self._clock() < self._until else None

    def failed(self, reason: str) -> None:
        """No answer, or one that said nothing about the request."""
        self._count += 1
        if self._count >= self._failures:
            self._until, self._reason = self._clock() + self._pause, reason

    def answered(self) -> None:
        """It answered, with yes or no."""
        self._count, self._until = 0, 0.0
