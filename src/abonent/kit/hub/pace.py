"""How often and how long a listener is tried. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, if not said otherwise.

    first     pause after the first failure; each further one is twice as long
    longest   no pause is longer
    patience  for one post, from looking the name up to the answer
    lease     so long a subscription is left to a worker that is not heard of; longer than `patience`
    term      after that an event is given up, and waits to be sent again by hand
    look      pause between looks for new events and due deliveries
    kept, kept_failed   how long deliveries can be looked at after they ended
    """

    first: float = 1.0
    longest: float = 300.0
    patience: float = 10.0
    lease: float = 20.0
    term: timedelta = timedelta(hours=24)
    look: float = 0.25
    kept: timedelta = timedelta(days=7)
    kept_failed: timedelta = timedelta(days=30)

    def pause(self, failures: int, luck: float) -> float:
        """How long to wait after so many failures in a row. `luck` from 0 to 1 spreads what failed together."""
        return min(self.longest, self.first * 2 ** min(failures - 1, 30)) * (0.5 + luck)
