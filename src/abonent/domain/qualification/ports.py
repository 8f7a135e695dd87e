"""The outside world of qualification: the credit bureau, as the credit check sees it.

A gateway implements it, `abonent.main` hands it in; nothing here reaches a network.
"""

from dataclasses import dataclass
from typing import Protocol

from abonent.kit.errors import Unavailable


@dataclass(frozen=True, slots=True)
class BureauSubject:
    """About whom the bureau is asked.

    reference   the client's number here; the bureau gives it back and keeps nothing else of ours
    name        as on his contract
    kind        individual | organization
    birth_date  of a person, 1990-05-17; None when it is not known
    documents   (type, number) of his papers: passport, taxpayer number
    """

    reference: str
    name: str
    kind: str
    birth_date: str | None = None
    documents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BureauReport:
    """What it knows. score: higher is better, from 0; None: it does not know this client. reference: its own number."""

    score: int | None
    reference: str | None = None


class BureauAway(Unavailable):
    """503: no usable answer in time, or it is left alone since it did not answer others. Facts: reason."""


class CreditBureau(Protocol):
    """Tells how people pay elsewhere."""

    async def report(self, subject: BureauSubject) -> BureauReport:
        """Ask once, without repeating. BureauAway within the gateway's time-out, never later."""
        ...
