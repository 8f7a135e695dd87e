"""Events: what happened to a resource. The row stands in the writer's statement, with one job a reaction.

A process publishes by writing; another hears by registering a reaction for the event's type.
Nobody calls upward: the publisher does not know who listens.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event row; the resource as it stood after the change is stored beside it.

    `old_state` and `new_state` are None where the state did not change.
    """

    id: str
    type: str
    resource: str
    resource_id: str
    at: datetime
    correlation_id: str
    by: str
    old_state: str | None = None
    new_state: str | None = None


class Reactions:
    """Who hears which event type. Each listener is one background job of its own."""

    def __init__(self) -> None:
        self._jobs: dict[str, list[str]] = defaultdict(list)

    def on(self, event_type: str, job: str) -> None:
        """Have `job` deferred with the event's facts whenever an event of this type is written."""
        if job not in self._jobs[event_type]:
            self._jobs[event_type].append(job)

    def jobs_for(self, event_type: str) -> list[str]:
        return self._jobs.get(event_type, [])
