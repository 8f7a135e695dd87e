"""Connections that died while nobody used them: the next statement takes a living one, it does not fail."""

from abonent.kit.db import Database, open_pool

KILL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = 'victim' AND datname = current_database()"
)


async def test_connections_at_hand_that_died_are_replaced_unseen(dsn: str) -> None:
    victim = Database(await open_pool(dsn, size=8, name="victim"))
    killer = Database(await open_pool(dsn, size=1, name="killer"))
    try:
        for _ in range(3):
            row = await victim.row("SELECT 1")
            assert row is not None
            assert row[0] == 1
            killed = await killer.row(KILL)
            assert killed is not None
            assert killed[0] >= 1
            # The server's last words reach the idle connection before the next statement does.
            await killer.row("SELECT pg_sleep(0.1)")
            assert (await victim.rows("SELECT 2"))[0][0] == 2
    finally:
        await victim.close()
        await killer.close()
