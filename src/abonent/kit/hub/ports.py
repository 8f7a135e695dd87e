"""What the hub needs of the outside: to post to a listener, never to an address that is refused."""

from collections.abc import Mapping
from typing import Protocol


class NotDelivered(Exception):
    """A listener did not take an event. `status`: its HTTP answer, None if there was none."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)


class Listeners(Protocol):
    """Posts to the listeners of other systems."""

    async def check(self, callback: str) -> None:
        """BadInput if the callback leads to an address that is refused. A name that leads nowhere now is taken: it may
        do so later, and each connect is checked."""
        ...

    async def post(self, callback: str, event: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post an event to the listener; its HTTP status, a 2xx. NotDelivered otherwise."""
        ...

    async def close(self) -> None: ...
