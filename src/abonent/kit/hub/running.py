"""The hub's part of a worker."""

from collections.abc import Awaitable, Callable

from abonent.kit.context import Context
from abonent.kit.hub import queries
from abonent.kit.hub.drain import Drain
from abonent.kit.hub.fanout import FanOut
from abonent.kit.hub.pace import Pace
from abonent.kit.hub.ports import Listeners
from abonent.kit.resource import Registry

CLEAN_EVERY = 3600.0
# A step to call again and again: True when there may be more to do at once.
Step = Callable[[], Awaitable[bool]]


class HubWorker:
    """Looks for events, tells the listeners and cleans up, in steps. `public_url`: start of the hrefs told."""

    def __init__(
        self, context: Context, registry: Registry, public_url: str, pace: Pace | None = None
    ) -> None:
        self.pace = pace or Pace()
        database = context.store.database
        self._database = database
        self._fanout = FanOut(database, registry)
        self._drain = Drain(database, registry, context.port(Listeners), public_url, self.pace)

    @property
    def steps(self) -> list[tuple[str, Step, float]]:
        """What each is, the step, and the pause between two in seconds."""
        return [
            ("events", self._fanout.step, self.pace.look),
            ("deliveries", self._drain.step, self.pace.look),
            ("old deliveries", self._clean, CLEAN_EVERY),
        ]

    async def _clean(self) -> bool:
        await queries.clean(self._database, self.pace.kept, self.pace.kept_failed)
        return False

    async def close(self) -> None:
        """Stop telling; what was not told is told by another worker or after the next start."""
        await self._drain.close()
