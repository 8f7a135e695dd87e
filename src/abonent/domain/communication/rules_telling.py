"""What is told of an order: the rule that decides, of those for its offerings, their categories, and everything. Pure.

The nearest rule that names the event decides: an offering's before a category's before the default's. Where several
offerings of an order name it, what any of them wants told is told. What no rule names is told as the built-in rule has
it. A client's own wishes come on top: his language, his channel among those that the rule allows, his quiet hours, the
topics he opted out of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from abonent.domain.communication.rules_templates import Fault, named
from abonent.domain.communication.texts import CHANNELS, subject_of
from abonent.kit.errors import N_

View = Mapping[str, Any]
DEFAULT = "default"
FOLLOW_DAYS = 30
MAX_DELAY = 7 * 24 * 60
MAX_FOLLOW_DAYS = 365


@dataclass(frozen=True, slots=True)
class Telling:
    """How an event is told. `channels` empty: the client's own; `delay` in minutes; `variant` "" for the usual text;
    `by`: the rule that says so, "" for the built-in one."""

    told: bool = True
    channels: tuple[str, ...] = ()
    delay: int = 0
    variant: str = ""
    link: bool = True
    by: str = ""


BUILT_IN = Telling()


def rule_id(scope: str, subject: str = "") -> str:
    """The id of the rule of a scope."""
    return scope if scope == DEFAULT else f"{scope}.{subject}"


def rules_wanted(offerings: Iterable[View]) -> list[list[str]]:
    """Ids of the rules that may decide about these offerings, the nearest first."""
    listed = list(offerings)
    categories = [c["id"] for o in listed for c in o.get("category") or () if c.get("id")]
    return [
        [rule_id("offering", o["id"]) for o in listed],
        [rule_id("category", id) for id in dict.fromkeys(categories)],
        [DEFAULT],
    ]


def telling_in(rule: View, event: str) -> Telling | None:
    """What a rule says of an event; None when it does not name it."""
    said = next((t for t in rule.get("telling") or () if t["event"] == event), None)
    if said is None:
        return None
    return Telling(
        told=said.get("told", True),
        channels=tuple(said.get("channel") or ()),
        delay=int(said.get("delayMinutes") or 0),
        variant=said.get("variant") or "",
        link=said.get("link", True),
        by=rule["id"],
    )


def decide(event: str, wanted: Sequence[Sequence[str]], rules: Mapping[str, View]) -> Telling:
    """How an event is told. `wanted` as rules_wanted gives it, `rules` those that are stored, by id."""
    for level in wanted:
        saying = [t for id in level if id in rules and (t := telling_in(rules[id], event)) is not None]
        if saying:
            return _together(saying)
    return BUILT_IN


def _together(saying: Sequence[Telling]) -> Telling:
    """One answer of several: told as soon as any of them has it, over any channel that any of them allows."""
    telling = [t for t in saying if t.told]
    if not telling:
        return saying[0]
    free = any(not t.channels for t in telling)
    channels = () if free else tuple(dict.fromkeys(c for t in telling for c in t.channels))
    return replace(
        telling[0],
        channels=channels,
        delay=min(t.delay for t in telling),
        variant=next((t.variant for t in telling if t.variant), ""),
        link=any(t.link for t in telling),
    )


def allowed(addresses: Mapping[str, str], channels: Sequence[str]) -> dict[str, str]:
    """The client's addresses that a rule allows, as he prefers them; all of his where it would reach him by none."""
    kept = {channel: place for channel, place in addresses.items() if not channels or channel in channels}
    return kept or dict(addresses)


def names_link(template: View) -> bool:
    """Whether a text has a place of its own for the order's address."""
    return any("link" in named(text["content"]) for text in template["text"])


def follow_days(rule: View | None) -> int:
    """Days after an order's end in which its signed address shows it."""
    days = (rule or {}).get("followDays")
    return FOLLOW_DAYS if days is None else int(days)


def faults(rule: View, variants: Iterable[tuple[str, str]] = ()) -> list[Fault]:
    """Everything that keeps a rule from being saved. `variants`: (event, variant) of the texts there are."""
    found: list[Fault] = []
    scope, subject = rule["scope"], (rule.get("subject") or {}).get("id")
    if (scope == DEFAULT) == bool(subject):
        text = N_("{path}: a rule for an offering or a category names it; the default rule names none.")
        found.append(Fault("subject", text, {"path": "subject"}))
    days = rule.get("followDays")
    if days is not None and (scope != DEFAULT or not 0 <= days <= MAX_FOLLOW_DAYS):
        text = N_("{path}: days from 0 to {limit}, in the default rule alone.")
        found.append(Fault("followDays", text, {"path": "followDays", "limit": MAX_FOLLOW_DAYS}))
    known, seen = set(variants), set[str]()
    for place, telling in enumerate(rule["telling"]):
        found += _telling_faults(f"telling[{place}]", telling, known, seen)
        seen.add(telling["event"])
    return found


def _telling_faults(
    at: str, telling: View, variants: set[tuple[str, str]], seen: set[str]
) -> Iterator[Fault]:
    event = telling["event"]
    if subject_of(event) is None:
        text = N_("{path}: there is no event {event}. One that exists: productOrder.completed.")
        yield Fault(f"{at}.event", text, {"path": f"{at}.event", "event": event})
    elif event in seen:
        text = N_("{path}: event {event} stands there twice. Take one out.")
        yield Fault(f"{at}.event", text, {"path": f"{at}.event", "event": event})
    delay = telling.get("delayMinutes") or 0
    if not 0 <= delay <= MAX_DELAY:
        text = N_("{path}: minutes from 0 to {limit}.")
        yield Fault(f"{at}.delayMinutes", text, {"path": f"{at}.delayMinutes", "limit": MAX_DELAY})
    channels = telling.get("channel") or ()
    if len(set(channels)) != len(channels) or not set(channels) <= set(CHANNELS):
        text = N_("{path}: each channel once at most.")
        yield Fault(f"{at}.channel", text, {"path": f"{at}.channel"})
    variant = telling.get("variant")
    if variant and (event, variant) not in variants:
        text = N_("{path}: event {event} has no text {variant}. Write it first.")
        yield Fault(f"{at}.variant", text, {"path": f"{at}.variant", "event": event, "variant": variant})
