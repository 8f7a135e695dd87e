"""What the simulator keeps: documents under an id and an idempotency key, timers, time stamps."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar

import msgspec


def stamp() -> str:
    """The present moment, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fingerprint_of(document: dict[str, Any]) -> bytes:
    """Equal for equal documents, whatever the order of their members."""
    return sha256(msgspec.json.encode(document, order="sorted")).digest()


class RefusalError(Exception):
    """An answer with a TMF630 error body."""

    def __init__(self, status: int, code: str, reason: str, retry_after: int | None = None) -> None:
        self.status = status
        self.code = code
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(reason)


@dataclass(slots=True)
class Record:
    """One order or test. `body` is its present JSON, empty until there is one; `open` while it runs."""

    id: str
    key: str
    fingerprint: bytes
    body: bytes
    state: str
    open: bool


R = TypeVar("R", bound=Record)


class Shelf(Generic[R]):
    """Records by id and by key. Above `capacity` the oldest that are not open are forgotten, keys too."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._by_id: dict[str, R] = {}
        self._id_by_key: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def known(self, key: str, fingerprint: bytes) -> R | None:
        """The record made under this key; RefusalError 422 when it was made of another body."""
        if (id := self._id_by_key.get(key)) is None:
            return None
        record = self._by_id[id]
        if record.fingerprint != fingerprint:
            raise RefusalError(422, "keyReused", f"the key {key} was used with another body")
        return record

    def get(self, id: str) -> R:
        """The record, or RefusalError 404."""
        try:
            return self._by_id[id]
        except KeyError:
            raise RefusalError(404, "notFound", f"there is nothing with the id {id}") from None

    def add(self, record: R) -> None:
        """Keep a new record, forgetting the oldest one if there are too many."""
        self._by_id[record.id] = record
        self._id_by_key[record.key] = record.id
        if len(self._by_id) > self._capacity:
            oldest = next((one for one in self._by_id.values() if not one.open), None)
            if oldest is not None:
                del self._by_id[oldest.id]
                del self._id_by_key[oldest.key]

    def page(self, offset: int, limit: int, state: str | None, key: str | None) -> tuple[int, list[bytes]]:
        """How many match, and the JSON of those from `offset` on, oldest first."""
        if key is not None:
            id = self._id_by_key.get(key)
            matching = [self._by_id[id]] if id is not None else []
        else:
            matching = list(self._by_id.values())
        if state is not None:
            matching = [one for one in matching if one.state == state]
        return len(matching), [one.body for one in matching[offset : offset + limit] if one.body]


class Timers:
    """Callbacks to come, at most `capacity` of them, all cancelled on close. No task stands behind them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._handles: dict[int, asyncio.TimerHandle] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._handles)

    @property
    def full(self) -> bool:
        """True when no more should be asked for."""
        return len(self._handles) >= self._capacity

    def later(self, seconds: float, call: Callable[..., None], *arguments: Any) -> None:
        """Call in `seconds`, from the running loop."""
        self._next += 1
        number = self._next
        loop = asyncio.get_running_loop()
        self._handles[number] = loop.call_later(seconds, self._fire, number, call, arguments)

    def _fire(self, number: int, call: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        del self._handles[number]
        call(*arguments)

    def close(self) -> None:
        """Cancel everything that is still to come."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()
