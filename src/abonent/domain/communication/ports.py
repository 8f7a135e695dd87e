"""The outside world of communication: a mail server, an SMS gateway, and the demo's mailbox where both arrive.

Every message has a key that stays the same however often it is sent. A mail's Message-ID is made of it, and an SMS
gateway gets it as idempotency key, so that a message sent a second time (a worker died before it noted the first) can
be recognised as the same one: delivery is at least once, and the receiver's side can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from abonent.kit.errors import Problem, Unavailable


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address. `at` becomes its Date; `language` its Content-Language."""

    key: str
    to: str
    name: str
    subject: str
    text: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sms:
    """One SMS to one number."""

    key: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took the message.

    reference       its Message-ID, or the gateway's own number
    report_follows  whether a DeliveryReport will say if it arrived; otherwise this is all that will be known
    """

    reference: str
    report_follows: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of an SMS. Comes late, twice, or never."""

    key: str
    delivered: bool
    words: str = ""


class MessageRefused(Problem):
    """422: refused for good; the same message gets the same answer. Fact: reason, the other side's words."""

    status = 422


class TransportAway(Unavailable):
    """503: not reached, busy or too slow; whether the message arrived is not known. Fact: reason."""


class MailTransport(Protocol):
    """Hands mail to a server. Raises MessageRefused (final) or TransportAway (try again)."""

    async def send(self, mail: Mail) -> Accepted:
        """Send one mail."""
        ...


class SmsTransport(Protocol):
    """Hands SMS to a gateway. Raises MessageRefused (final) or TransportAway (try again)."""

    async def send(self, sms: Sms) -> Accepted:
        """Send one SMS; the same key again is sent once."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail or SMS as it arrived. `headers` are those a reader may want to see; SMS have none."""

    id: str
    channel: str
    to: str
    at: datetime
    subject: str
    text: str
    message_id: str
    headers: Sequence[tuple[str, str]] = ()


class Mailbox(Protocol):
    """What arrived at the demo's stand-in for the world. Raises TransportAway."""

    async def arrivals(self, to: str, limit: int, offset: int) -> tuple[Sequence[Arrival], int]:
        """The newest arrivals (at an address or number that contains `to`), and how many there are."""
        ...

    async def arrival(self, id: str) -> Arrival | None:
        """One arrival, whole."""
        ...
