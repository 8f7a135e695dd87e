"""What monitoring asks of the hub. Told by the database, so that any process can say it for all workers."""

from prometheus_client import Gauge

from abonent.kit.db import Database
from abonent.kit.errors import Unavailable
from abonent.kit.hub import queries

_backlog = Gauge("abonent_hub_backlog", "Events that wait to be told to listeners")
_behind = Gauge("abonent_hub_waiting_subscriptions", "Subscriptions with events that wait")
_oldest = Gauge("abonent_hub_oldest_seconds", "Age of the oldest event that waits")
_deliveries = Gauge(
    "abonent_hub_deliveries",
    "Deliveries of the present subscriptions by result: delivered, retried (attempts that failed), failed (given up)",
    ["result"],
)


async def measure(database: Database) -> None:
    """Bring the measures up to date; without the database they stay as they were."""
    try:
        waiting, behind, oldest = await queries.backlog(database)
        delivered, retried, failed = await queries.totals(database)
    except Unavailable:
        return
    _backlog.set(waiting)
    _behind.set(behind)
    _oldest.set(oldest)
    for result, count in (("delivered", delivered), ("retried", retried), ("failed", failed)):
        _deliveries.labels(result).set(count)
