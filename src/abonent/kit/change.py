"""What one action writes. Saved by the store as ONE statement: documents, history, events, jobs, timers.

An update carries the version it was read at (compare-and-set). A state that changes is checked against
the resource's machine here and leaves a history row; every audited write leaves an event, and each
listener of that event gets a job. So nobody can move a state, or publish, past this door.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any

from abonent.kit.access import Caller
from abonent.kit.events import Event, Reactions
from abonent.kit.resource import Resource


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it stands in the database, with the version it was read at."""

    resource: Resource
    document: dict[str, Any]
    version: int

    @property
    def id(self) -> str:
        return self.document["id"]

    @property
    def state(self) -> str | None:
        machine = self.resource.states
        return self.document.get(machine.attribute) if machine else None


@dataclass(frozen=True, slots=True)
class Write:
    """One document to insert (version None), update or delete (document None)."""

    resource: Resource
    id: str
    document: dict[str, Any] | None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """One history row: which state a resource left and entered, and why.

    `at` and `by` are those of the change, unless the move happened before, elsewhere (see Change.adopt).
    """

    resource: str
    id: str
    attribute: str
    old: str | None
    new: str | None
    reason: str | None
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A background job to defer in the same transaction. `first`: it is taken before those that are not."""

    name: str
    args: dict[str, Any]
    first: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """A moment of domain time at which `job` is deferred. Setting a key again moves it."""

    key: str
    due_at: datetime
    job: Job


@dataclass(slots=True)
class Change:
    """Collects the writes of one action; `store.commit(change)` saves all of them or none."""

    by: Caller
    at: datetime
    correlation_id: str
    reactions: Reactions
    writes: list[Write] = field(default_factory=list)
    adopted: list[Write] = field(default_factory=list)
    flips: list[Flip] = field(default_factory=list)
    events: list[tuple[Event, int]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    stopped_timers: list[str] = field(default_factory=list)
    relied: list[Stored] = field(default_factory=list)

    @property
    def only_inserts(self) -> bool:
        """Whether it compares nothing and sets no timer: then it can share a statement with others of its kind."""
        updates = any(write.version is not None for write in self.writes)
        return not (updates or self.adopted or self.timers or self.stopped_timers)

    def insert(self, resource: Resource, document: dict[str, Any], reason: str | None = None) -> None:
        """Insert a new document (its `id` is set already); IllegalMove if its state is no initial one."""
        self.writes.append(Write(resource, document["id"], document))
        new = self._flip(resource, document["id"], None, document, reason)
        self._publish(resource, "Create", len(self.writes) - 1, None, new)

    def adopt(self, resource: Resource, document: dict[str, Any], history: Iterable[Flip] = ()) -> None:
        """Insert a document that lived elsewhere before: imports, migrations, the demo.

        Nothing happened to it now, so nothing is published and no listener gets a job. Any state of the
        resource's machine may be its first here; one the machine does not know is an IllegalMove. Its past may
        come along as `history`, with the times and names of then. Thousands of documents go into one change.
        """
        machine = resource.states
        if machine is not None:
            machine.check_known(f"{resource.name} {document['id']}", document.get(machine.attribute))
        self.adopted.append(Write(resource, document["id"], document))
        self.flips.extend(history)

    def update(self, stored: Stored, document: dict[str, Any], reason: str | None = None) -> None:
        """Replace a document read before; Conflict at commit if somebody changed it meanwhile."""
        resource = stored.resource
        self.writes.append(Write(resource, stored.id, document, stored.version))
        old = stored.state
        new = self._flip(resource, stored.id, old, document, reason)
        kind = "StateChange" if new is not None else "AttributeValueChange"
        self._publish(resource, kind, len(self.writes) - 1, old if new is not None else None, new)

    def delete(self, stored: Stored) -> None:
        """Delete a document read before."""
        self.writes.append(Write(stored.resource, stored.id, None, stored.version))
        self._publish(stored.resource, "Delete", len(self.writes) - 1, stored.state, None)

    def publish(self, resource: Resource, resource_id: str, kind: str) -> None:
        """Publish one more event (InformationRequired, ...) about a document written in this change."""
        for at, write in enumerate(self.writes):
            if write.resource is resource and write.id == resource_id:
                self._publish(resource, kind, at, None, None)
                return
        raise ValueError(f"{resource.name} {resource_id} is not written in this change")

    def rely(self, stored: Iterable[Stored]) -> None:
        """Save this change only while these documents stand as they were read; Conflict at commit otherwise."""
        self.relied.extend(stored)

    def flip(self, resource: Resource, resource_id: str, attribute: str, old: str | None, new: str | None,
             reason: str | None = None) -> None:  # fmt: skip
        """A history row for a part of a document (an item, a task) that has a state of its own."""
        self.flips.append(Flip(resource.name, resource_id, attribute, old, new, reason))

    def defer(self, job: str, **args: Any) -> None:
        """Run a background job once this change is saved."""
        self.jobs.append(Job(job, args))

    def defer_first(self, job: str, **args: Any) -> None:
        """The same, before other jobs that wait: somebody waits for what it decides."""
        self.jobs.append(Job(job, args, first=True))

    def set_timer(self, key: str, due_at: datetime, job: str, **args: Any) -> None:
        """Run a job when the domain's clock reaches `due_at`."""
        self.timers.append(Timer(key, due_at, Job(job, args)))

    def stop_timer(self, key: str) -> None:
        self.stopped_timers.append(key)

    def _flip(self, resource: Resource, resource_id: str, old: str | None, document: dict[str, Any],
              reason: str | None) -> str | None:  # fmt: skip
        """Check the move and note it; returns the new state if it changed."""
        machine = resource.states
        if machine is None:
            return None
        new = document.get(machine.attribute)
        if not machine.check(f"{resource.name} {resource_id}", old, new):
            return None
        self.flips.append(Flip(resource.name, resource_id, machine.attribute, old, new, reason))
        return new

    def _publish(self, resource: Resource, kind: str, write: int, old: str | None, new: str | None) -> None:
        if not resource.audited:
            return
        written = self.writes[write]
        event = Event(
            id=token_hex(16),
            type=resource.event_type(kind),
            resource=resource.name,
            resource_id=written.id,
            at=self.at,
            correlation_id=self.correlation_id,
            by=self.by.name,
            old_state=old,
            new_state=new,
        )
        self.events.append((event, write))
        for job in self.reactions.jobs_for(event.type):
            self.defer(job, event=event.id, id=written.id, old=old, new=new)
