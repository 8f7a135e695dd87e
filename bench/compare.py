"""Side by side: the same requests to several servers in turn, round by round, so that noise hits all of them."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from load import Load
from processes import processor_seconds, send


@dataclass(slots=True)
class Contestant:
    """One server under one load, with what its rounds gave.

    pid         of the web process
    rate        requests a second, by round
    web         microseconds of processor a request, by round: the web process
    database    the same: all processes of the database
    """

    name: str
    pid: int
    load: Load
    rate: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    sent: int = 0

    def median(self, of: str) -> float:
        return statistics.median(getattr(self, of))

    def against(self, other: "Contestant") -> float:
        """How many of `other`'s requests a second this one answers: the median of the rounds' ratios."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rate, other.rate, strict=True))


def compare(
    contestants: list[Contestant], database: Callable[[], list[int]], *, rounds: int, seconds: float
) -> None:
    """A round of warming up, then `rounds` rounds, each contestant `seconds` in turn; every other round backwards."""
    for contestant in contestants:
        _shoot(contestant, database, min(2.0, seconds), keep=False)
    for number in range(rounds):
        for contestant in contestants if number % 2 == 0 else reversed(contestants):
            _shoot(contestant, database, seconds, keep=True)


def _shoot(contestant: Contestant, database: Callable[[], list[int]], seconds: float, *, keep: bool) -> None:
    servers = database()
    web, stored = processor_seconds([contestant.pid]), processor_seconds(servers)
    result = send(replace(contestant.load, seconds=seconds, skip=contestant.sent))
    web, stored = processor_seconds([contestant.pid]) - web, processor_seconds(servers) - stored
    if contestant.load.bodies:
        contestant.sent += result.requests
    if keep:
        contestant.rate.append(result.requests / result.seconds)
        contestant.web.append(1e6 * web / result.requests)
        contestant.database.append(1e6 * stored / result.requests)
        contestant.p50.append(result.p50)
        contestant.p99.append(result.p99)
