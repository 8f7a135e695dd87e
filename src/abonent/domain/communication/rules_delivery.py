"""Sending a message: which address is next, what follows from an attempt. Pure.

Every attempt is kept in the message's characteristic `attempts`:
    {"at", "receiver" (its place in the list), "channel", "to", "outcome", "words", "reference"}
outcome:
    started      a worker is at it. Two workers exclude each other by it; after LEASE it no longer counts, as its
                 worker died, and the message goes out again under the same key
    interrupted  that worker never said how it went
    temporary    not taken now; tried again after a pause
    refused      not taken for good, with the other side's words
    accepted     taken; a report will say whether it arrived
    sent         taken, and no report follows
    delivered    a report said that it arrived
    undelivered  a report said that it will not arrive
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.domain.communication.rules import addresses_in
from abonent.domain.communication.rules_messages import NO_ADDRESS, NO_RECEIVER, Document, about, with_about
from abonent.kit.errors import N_
from abonent.kit.values import from_wire, to_wire

LEASE = timedelta(minutes=2)
REPORT_WITHIN = timedelta(hours=24)
# Pauses after a temporary failure; when they are used up, the channel is given up. TMF681 `tryTimes` asks for fewer.
PAUSES = tuple(timedelta(minutes=m) for m in (0.5, 2, 5, 15, 60, 180, 480))

FAILED = N_("No channel took it; the attempts say why. Mend the address and send it again.")
NO_REPORT = N_("The SMS gateway took it; no delivery report came within a day.")
_GOOD = frozenset({"sent", "delivered"})
_BAD = frozenset({"refused", "undelivered"})


@dataclass(frozen=True, slots=True)
class Step:
    """One sending to be done: to which receiver, over which channel, to which address."""

    receiver: int
    channel: str
    to: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a sending went; `outcome` as an attempt's."""

    step: Step
    outcome: str
    words: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """The message after its attempts, and when something has to be looked at again (None: never by itself)."""

    document: Document
    again_at: datetime | None = None


def attempts(message: Mapping[str, Any]) -> list[Document]:
    """What was tried, oldest first."""
    return list(about(message, "attempts") or ())


def being_sent(message: Mapping[str, Any], now: datetime) -> bool:
    """Whether a worker is at it that has not had its time yet."""
    return any(
        a["outcome"] == "started" and timedelta() <= now - from_wire(a["at"]) < LEASE
        for a in attempts(message)
    )


def steps(message: Mapping[str, Any], wired: Iterable[str]) -> list[Step]:
    """What is to be sent now: for each receiver that has not got it the first channel that is not given up.

    Channels that nothing is connected for come last; an empty list means that nobody is left to reach.
    """
    found, connected = [], set(wired)
    for place, receiver in enumerate(message.get("receiver") or ()):
        standing = _standing(message, place)
        if standing.reached or standing.awaited:
            continue
        left = [c for c in _channels(message, receiver) if c not in standing.given_up]
        channel = next((c for c in left if c in connected), left[0] if left else None)
        if channel is not None:
            found.append(Step(place, channel, addresses_in(receiver)[channel]))
    return found


def claimed(message: Mapping[str, Any], now: datetime, *, by_hand: bool = False) -> Document:
    """The message as a worker takes it up. `by_hand` begins anew: channels given up before are tried again."""
    tried = [a if a["outcome"] != "started" else {**a, "outcome": "interrupted"} for a in attempts(message)]
    if by_hand:
        tried = [{**a, "earlier": True} for a in tried]
    started = {"at": to_wire(now), "outcome": "started"}
    document = with_about(message, attempts=[*tried, started], statusReason=None)
    document.pop("scheduledSendTime", None)
    document.pop("sendTimeComplete", None)
    return document | {"state": "inProgress"}


def settled(message: Mapping[str, Any], results: Iterable[Result], now: datetime) -> Next:
    """What follows from results: done, failed, another channel at once, or again after a pause."""
    known = [a for a in attempts(message) if a["outcome"] != "started"]
    for result in results:
        if not _standing(message, result.step.receiver).reached:
            known.append(_attempt(result, now))
    return judged(with_about(message, attempts=known), now)


def _attempt(result: Result, now: datetime) -> Document:
    step = result.step
    attempt: Document = {
        "at": to_wire(now),
        "receiver": step.receiver,
        "channel": step.channel,
        "to": step.to,
        "outcome": result.outcome,
    }
    return attempt | {k: v for k, v in (("words", result.words), ("reference", result.reference)) if v}


def judged(message: Mapping[str, Any], now: datetime) -> Next:
    """The message in the state that its attempts mean, at `now`."""
    receivers = message.get("receiver") or ()
    if not receivers:
        return Next(with_about(message, statusReason=NO_RECEIVER) | {"state": "failed"})
    document = dict(message)
    again: list[datetime] = []
    lost = unreported = False
    for place, receiver in enumerate(receivers):
        standing = _standing(message, place)
        if standing.reached:
            continue
        if standing.awaited:
            if now - standing.awaited < REPORT_WITHIN:
                again.append(standing.awaited + REPORT_WITHIN)
            unreported = True
            continue
        left = [c for c in _channels(message, receiver) if c not in standing.given_up]
        if left:
            pause = standing.paused.get(left[0])
            again.append(max(now, pause) if pause else now)
        else:
            lost = True
    if again:
        return Next(document | {"state": "inProgress"}, min(again))
    end = {"sendTimeComplete": to_wire(now)}
    if lost:
        reason = FAILED if attempts(message) else NO_ADDRESS
        return Next(with_about(document, statusReason=reason) | {"state": "failed"} | end)
    reason = NO_REPORT if unreported else None
    return Next(with_about(document, statusReason=reason) | {"state": "completed"} | end)


def reported(
    message: Mapping[str, Any], receiver: int, delivered: bool, words: str, now: datetime
) -> Next | None:
    """What follows from a delivery report about an SMS; None when it says nothing new."""
    receivers = message.get("receiver") or ()
    if not 0 <= receiver < len(receivers):
        return None
    sms = [a for a in attempts(message) if a.get("receiver") == receiver and a.get("channel") == "SMS"]
    if any(a["outcome"] in {"delivered", "undelivered"} and not a.get("earlier") for a in sms):
        return None
    to = addresses_in(receivers[receiver]).get("SMS")
    if to is None or not (sms or any(a["outcome"] == "started" for a in attempts(message))):
        return None
    outcome = "delivered" if delivered else "undelivered"
    result = Result(Step(receiver, "SMS", to), outcome, words)
    # Not `settled`: a worker may be sending to another receiver, and its claim must stand.
    known = [*attempts(message), _attempt(result, now)]
    return judged(with_about(message, attempts=known), now)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a receiver stands: reached, a report awaited since, channels given up, channels paused until."""

    reached: bool
    awaited: datetime | None
    given_up: frozenset[str]
    paused: Mapping[str, datetime]


def _standing(message: Mapping[str, Any], receiver: int) -> _Standing:
    own = [a for a in attempts(message) if a.get("receiver") == receiver and not a.get("earlier")]
    refused = {a["channel"] for a in own if a["outcome"] in _BAD}
    failures: dict[str, list[datetime]] = {}
    for attempt in own:
        if attempt["outcome"] == "temporary":
            failures.setdefault(attempt["channel"], []).append(from_wire(attempt["at"]))
    retries = min(len(PAUSES), max(0, int(message.get("tryTimes", len(PAUSES)))))
    spent = {channel for channel, times in failures.items() if len(times) > retries}
    last = own[-1] if own else None
    # A report may be here before the note that it was accepted.
    awaiting = last is not None and last["outcome"] == "accepted" and last["channel"] not in refused
    return _Standing(
        reached=any(a["outcome"] in _GOOD for a in own),
        awaited=from_wire(last["at"]) if last and awaiting else None,
        given_up=frozenset(refused | spent),
        paused={c: t[-1] + PAUSES[len(t) - 1] for c, t in failures.items() if c not in spent},
    )


def _channels(message: Mapping[str, Any], receiver: Mapping[str, Any]) -> list[str]:
    """Channels the receiver has an address for, the message's own first."""
    own = channel_of(message)
    return sorted(addresses_in(receiver), key=lambda channel: channel != own)


def channel_of(message: Mapping[str, Any]) -> str:
    """The channel a messageType means; the standard leaves its spelling open. Others count as mail."""
    kind = str(message.get("messageType") or "").replace("-", "").lower()
    return "SMS" if kind in {"sms", "text", "mobile"} else "email"
