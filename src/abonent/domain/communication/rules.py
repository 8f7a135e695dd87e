"""Whom a message goes to, how, and when it may disturb him. Pure.

What a client wishes stands with the customer, where TM Forum keeps such things: the preferred contact medium, and
characteristics `language` (en, ru), `quietHours` ("22:00-08:00"), `timeZone` (IANA name), `optedOutTopics` (list).
A value that cannot be read counts as not given: a message is better told than lost.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from abonent.domain.party.rules_contact import language_of
from abonent.kit.i18n import DEFAULT_LANGUAGE
from abonent.kit.values import characteristic

DEFAULT_ZONE = "Europe/Moscow"
_QUIET = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)")
# channel -> the attribute of a contact medium, the attribute of a receiver
PLACES: Mapping[str, tuple[str, str]] = {
    "email": ("emailAddress", "email"),
    "SMS": ("phoneNumber", "phoneNumber"),
}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` on the client's wall clock, over midnight when `end` is not later."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a client wants to be told. `zone` is an IANA name that exists."""

    language: str = DEFAULT_LANGUAGE
    channel: str | None = None
    quiet: QuietHours | None = None
    zone: str = DEFAULT_ZONE
    opted_out: frozenset[str] = frozenset()


def preferences_of(customer: Mapping[str, Any] | None) -> Preferences:
    """What stands with the customer."""
    zone = characteristic(customer, "characteristic", "timeZone")
    topics = characteristic(customer, "characteristic", "optedOutTopics")
    return Preferences(
        language=language_of(customer),
        channel=next(iter(addresses_of(customer)), None),
        quiet=read_quiet(characteristic(customer, "characteristic", "quietHours")),
        zone=zone if isinstance(zone, str) and zone_known(zone) else DEFAULT_ZONE,
        opted_out=frozenset(t for t in topics if isinstance(t, str))
        if isinstance(topics, list)
        else frozenset(),
    )


def with_preferences(customer: Mapping[str, Any], wanted: Preferences) -> dict[str, Any]:
    """The customer's document with his wishes in it; what else stands there stays."""
    values: dict[str, Any] = {
        "language": wanted.language,
        "quietHours": str(wanted.quiet) if wanted.quiet else None,
        "timeZone": wanted.zone,
        "optedOutTopics": sorted(wanted.opted_out) or None,
    }
    kept = [c for c in customer.get("characteristic") or () if c.get("name") not in values]
    given = [{"name": name, "value": value} for name, value in values.items() if value is not None]
    media = [dict(medium) for medium in customer.get("contactMedium") or ()]
    if wanted.channel is not None:
        trait, _ = PLACES[wanted.channel]
        first = next((m for m in media if (m.get("characteristic") or {}).get(trait)), None)
        for medium in media:
            medium["preferred"] = medium is first
    document = {**customer, "characteristic": [*kept, *given]}
    return document | {"contactMedium": media} if media else document


def addresses_of(customer: Mapping[str, Any] | None) -> dict[str, str]:
    """Address by channel, the preferred channel first; a medium that was not marked comes as it was written."""
    found: dict[str, str] = {}
    for medium in sorted((customer or {}).get("contactMedium") or (), key=lambda m: not m.get("preferred")):
        traits = medium.get("characteristic") or {}
        for channel, (trait, _) in PLACES.items():
            if traits.get(trait):
                found.setdefault(channel, traits[trait])
    return found


def addresses_in(receiver: Mapping[str, Any]) -> dict[str, str]:
    """Address by channel of a message's receiver."""
    return {channel: receiver[name] for channel, (_, name) in PLACES.items() if receiver.get(name)}


def pick_channel(addresses: Iterable[str], wired: Iterable[str]) -> str | None:
    """The first of the client's channels that something is connected for; else his first; None without any."""
    channels, connected = list(addresses), set(wired)
    return next((c for c in channels if c in connected), channels[0] if channels else None)


def read_quiet(text: object) -> QuietHours | None:
    """22:00-08:00 as quiet hours; None for anything else, and for hours that begin when they end."""
    found = _QUIET.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return QuietHours(start, end) if start != end else None


@lru_cache(maxsize=256)
def zone_known(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
        return True
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def is_quiet(quiet: QuietHours, clock: time) -> bool:
    """Whether a wall clock stands within the quiet hours; at their end it does not."""
    if quiet.start < quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


def quiet_until(preferences: Preferences, now: datetime) -> datetime | None:
    """When the quiet hours that hold now end, UTC; None when none hold.

    The end is meant on the client's wall clock. Where the clock jumps over it, it is the same span later; in an hour
    that comes twice it is the first end that is still ahead.
    """
    quiet = preferences.quiet
    if quiet is None:
        return None
    zone = ZoneInfo(preferences.zone)
    here = now.astimezone(zone)
    if not is_quiet(quiet, here.time()):
        return None
    end = datetime.combine(here.date(), quiet.end, zone)
    if quiet.end <= here.time().replace(second=0, microsecond=0):
        end = datetime.combine(here.date() + timedelta(days=1), quiet.end, zone)
    until = end.astimezone(UTC)
    if until <= now:
        until = end.replace(fold=1).astimezone(UTC)
    # The clock may have jumped over a gap in nearly quiet days, right into the next quiet hours.
    return quiet_until(preferences, until) or until
