"""How the sink treats what comes: by default it takes everything at once."""

import re
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Treatment = Literal["take", "refuse", "busy", "undelivered", "lost"]


class Rule(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What happens to messages to certain addresses.

    pattern    regular expression that the address or number must hold
    share      of the addresses that match, 0 to 1; the same address is always in or out
    treatment  take; refuse (for good: 550 or 422); busy (for now: 451 or 503); undelivered (an SMS is taken and
               reported as undelivered); lost (an SMS is taken and never reported)
    times      so many times for each address, afterwards it is taken; 0: always
    delay      seconds before the answer
    """

    pattern: str = ""
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    treatment: Treatment = "take"
    times: Annotated[int, Meta(ge=0)] = 0
    delay: Annotated[float, Meta(ge=0, le=300)] = 0.0

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern {self.pattern!r} is no regular expression: {error}") from None

    def fits(self, address: str) -> bool:
        """Whether the rule is about this address."""
        if not re.search(self.pattern, address):
            return False
        drawn = int.from_bytes(sha256(address.encode()).digest()[:4], "big") / 2**32
        return drawn < self.share


class Behaviour(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The first rule that fits decides. `reportAfter`: seconds from an SMS to its delivery report; `reportTwice`."""

    rules: list[Rule] = []
    report_after: Annotated[float, Meta(ge=0, le=3600)] = 0.2
    report_twice: bool = False


class Treatments:
    """The present behaviour, and how often each rule was applied to an address."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._applied: dict[tuple[int, str], int] = {}

    def replace(self, behaviour: Behaviour) -> None:
        """Begin anew with other rules."""
        self.behaviour = behaviour
        self._applied.clear()

    def of(self, address: str) -> tuple[Treatment, float]:
        """(treatment, delay) of a message to an address. Counts."""
        for place, rule in enumerate(self.behaviour.rules):
            if not rule.fits(address):
                continue
            seen = self._applied.get((place, address), 0)
            if rule.times and seen >= rule.times:
                return "take", 0.0
            self._applied[place, address] = seen + 1
            return rule.treatment, rule.delay
        return "take", 0.0
