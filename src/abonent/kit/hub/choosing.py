"""Which subscriptions are told of an event: those of its API whose query it fits and whose maker may see it. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abonent.kit.access import Caller, Role
from abonent.kit.hub.notification import Happened, head, wire_name
from abonent.kit.hub.wanted import Wanted, values_at
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode

# (pattern, texts) -> whether the regular expression fits one of them.
Matches = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Selector:
    """What one subscription is told of: events of these resources after number `since`, visible to `caller`, that fit
    `wanted`; of a topic, those that fit what it collects and those that were posted to it."""

    id: str
    resources: frozenset[Resource]
    since: int
    caller: Caller
    wanted: Wanted
    topic: str | None = None
    collects: Wanted | None = None

    @property
    def patterns(self) -> bool:
        return bool(self.wanted.patterns)


class Told:
    """An event with its notification, which is read only when somebody asks for it."""

    def __init__(self, event: Happened) -> None:
        self.event = event
        self._head: dict[str, Any] | None = None
        self._document: Mapping[str, Any] | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        known = self._document
        if known is None:
            known = self._document = decode(self.event.text) if self.event.text else {}
        return known

    def notification(self, *, deep: bool) -> Mapping[str, Any]:
        """What a query is held against; without the document where none of it is asked for."""
        if self._head is None:
            self._head = head(self.event)
        return (
            {**self._head, "event": {wire_name(self.event.resource): self.document}} if deep else self._head
        )


def may_see(caller: Caller, told: Told) -> bool:
    """As the store decides on rows: by the role, and for a client by who owns it."""
    resource = told.event.resource
    if caller.role not in resource.permissions.read:
        return False
    if caller.owner is None or not resource.owner:
        return True
    return any(caller.owner in values_at(told.document, tuple(path.split("."))) for path in resource.owner)


def chosen(selector: Selector, told: Told, matches: Matches) -> bool:
    """Whether this subscription is told of this event."""
    event = told.event
    return (
        event.seq > selector.since
        and event.resource in selector.resources
        and may_see(selector.caller, told)
        and (selector.topic is None or in_topic(selector.topic, selector.collects, told))
        and selector.wanted.fits(told.notification(deep=selector.wanted.deep), matches)
    )


def in_topic(topic: str, collects: Wanted | None, told: Told) -> bool:
    """Whether a topic has an event: one that was posted to it, or one that fits what it collects."""
    event = told.event
    if wire_name(event.resource) == "event":
        return event.resource_id.startswith(f"{topic}.")
    # It takes no regular expressions (topics.register).
    return collects is not None and collects.fits(told.notification(deep=collects.deep), lambda *_: False)


def caller_of(role: str, party: str | None, name: str) -> Caller:
    return Caller(name, Role(role), party)


def of_api(resources: Iterable[Resource], base: str) -> frozenset[Resource]:
    """The resources whose events are told at the hub of an API."""
    return frozenset(each for each in resources if each.base == base and each.audited)


def of_all(resources: Iterable[Resource]) -> frozenset[Resource]:
    """The resources whose events are told at the hubs of topics."""
    return frozenset(each for each in resources if each.base and each.audited)


class Asked:
    """Regular expressions to be judged by the database: noted in a first round, known in the second."""

    def __init__(self) -> None:
        self.wanted: dict[str, set[str]] = {}
        self.known: dict[tuple[str, str], bool] = {}

    def note(self, pattern: str, texts: Sequence[str]) -> bool:
        self.wanted.setdefault(pattern, set()).update(texts)
        return True

    def answer(self, pattern: str, texts: Sequence[str]) -> bool:
        return any(self.known.get((pattern, text), False) for text in texts)
