"""The domain's clock. Real time, or moved and accelerated for demos and tests.

Rules take `now` as an argument; only this module reads the machine's clock. The setting is one row shared by
all processes; each reads it again about once a second. Timers are rows: the sweep turns those that are due into
jobs, so a moved clock fires them at once, which the job queue (it schedules by the database's time) could not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import asyncpg

SWEEP_BATCH = 500

_READ = "SELECT real_base, domain_base, rate FROM domain_clock"
_WRITE = """
INSERT INTO domain_clock (only_row, real_base, domain_base, rate) VALUES (true, $1, $2, $3)
ON CONFLICT (only_row) DO UPDATE SET real_base = $1, domain_base = $2, rate = $3
"""
_SWEEP = """
WITH due AS (
    DELETE FROM timer WHERE key IN (
        SELECT key FROM timer WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING job, args
), jobs AS (
    SELECT array_agg(ROW('default', job, 0, NULL, NULL, args, NULL)::procrastinate_job_to_defer_v1) AS all_of,
           count(*) AS many FROM due
)
SELECT CASE WHEN many > 0 THEN cardinality(procrastinate_defer_jobs_v1(all_of)) ELSE 0 END FROM jobs
"""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """Domain time is `domain_base` at real time `real_base` and runs `rate` times as fast."""

    real_base: datetime
    domain_base: datetime
    rate: float

    def at(self, real: datetime) -> datetime:
        return self.domain_base + (real - self.real_base) * self.rate


def real_now() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


class Clock:
    """now() for one process; `refresh` takes up what other processes set."""

    # Seconds; who accelerates the clock calls `pace` again at least so often.
    KEPT_EVERY: ClassVar[float] = 3.0

    def __init__(self, setting: ClockSetting | None = None) -> None:
        self._setting = setting

    @property
    def moved(self) -> bool:
        """Whether domain time differs from real time (the console says so)."""
        return self._setting is not None

    def now(self) -> datetime:
        real = real_now()
        return self._setting.at(real) if self._setting else real

    async def refresh(self, conn: "asyncpg.pool.PoolConnectionProxy | asyncpg.Connection") -> None:
        row = await conn.fetchrow(_READ)
        self._setting = ClockSetting(row["real_base"], row["domain_base"], row["rate"]) if row else None

    async def set(
        self, conn: "asyncpg.pool.PoolConnectionProxy | asyncpg.Connection", to: datetime, rate: float = 1.0
    ) -> None:
        """Move the domain's clock for all processes (those running take it up within a second or so)."""
        setting = ClockSetting(real_now(), to, rate)
        await conn.execute(_WRITE, setting.real_base, setting.domain_base, setting.rate)
        self._setting = setting

    async def pace(self, conn: "asyncpg.pool.PoolConnectionProxy | asyncpg.Connection", rate: float) -> None:
        """Go on from where the clock stands at `rate` times the machine's speed, never before real time.

        An accelerated clock that nobody kept for longer than KEPT_EVERY (its keeper was killed) stood still since then.
        """
        await self.refresh(conn)
        real = real_now()
        before = self._setting or ClockSetting(real, real, 1.0)
        seen = real
        if before.rate > 1.0:
            seen = min(real, before.real_base + timedelta(seconds=2 * self.KEPT_EVERY))
        stands = before.at(seen)
        if rate == 1.0 and stands <= real:
            await self.reset(conn)
        else:
            await self.set(conn, max(stands, real), rate)

    async def reset(self, conn: "asyncpg.pool.PoolConnectionProxy | asyncpg.Connection") -> None:
        """Back to real time."""
        await conn.execute("DELETE FROM domain_clock")
        self._setting = None

    async def sweep(self, conn: "asyncpg.pool.PoolConnectionProxy | asyncpg.Connection") -> int:
        """Defer the jobs of timers that are due; returns how many. Safe in many processes at once."""
        return await conn.fetchval(_SWEEP, self.now(), SWEEP_BATCH)
