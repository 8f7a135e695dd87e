"""Bring a database to the present schema: ours and the job queue's, applied once and recorded by yoyo.

Forward only. Several processes may start at once: an advisory lock lets one migrate while the others wait. yoyo's
own lock is a row that a killed process leaves behind, so it is not used.
"""

from pathlib import Path

import psycopg
import yoyo
from procrastinate.schema import SchemaManager

from abonent.kit.errors import N_, Unavailable

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 0x61626F6E  # "abon"


def migrate(dsn: str) -> list[str]:
    """Apply what is missing; returns the names of the migrations applied. Unavailable when the database is away."""
    try:
        return _migrate(dsn)
    except psycopg.OperationalError as lost:
        raise Unavailable(
            "databaseNotReached",
            N_("The database cannot be reached: {reason}. Start it, or correct DATABASE_URL."),
            reason=str(lost).strip() or type(lost).__name__,
        ) from lost


def _migrate(dsn: str) -> list[str]:
    with psycopg.connect(dsn, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        backend = yoyo.get_backend(_yoyo_url(dsn))
        try:
            applied = []
            # The queue's tables come first: our statements call its functions.
            for source in (SchemaManager.get_migrations_path(), str(MIGRATIONS)):
                missing = backend.to_apply(yoyo.read_migrations(source))
                backend.apply_migrations(missing)
                applied += [migration.id for migration in missing]
            return applied
        finally:
            backend.connection.close()


def _yoyo_url(dsn: str) -> str:
    """yoyo wants the psycopg 3 driver named in the scheme."""
    scheme, _, rest = dsn.partition("://")
    if scheme not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+psycopg://{rest}"
