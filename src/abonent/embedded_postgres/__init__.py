"""PostgreSQL that Abonent brings up by itself, shared by all its processes on one data folder.

Whoever holds the lock of the folder owns the server: it is a child of that process and stops with
it, even after kill -9. The others use it, watch the lock and take over when the owner is gone.
"""

from abonent.embedded_postgres.problems import EmbeddedPostgresProblem
from abonent.embedded_postgres.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresProblem"]
