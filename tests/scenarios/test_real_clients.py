"""The clients of a real operator's file come in, and five hundred of them order: all of it is delivered."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from abonent.demo import posting
from abonent.demo.simulate import CALLER, simulate, wait_for
from abonent.faces.tokens import Tokens, secret_of
from abonent.importing import mapping as mappings
from abonent.importing.clients import import_clients
from abonent.importing.files import open_clients
from abonent.kit.access import Role
from tests.support.running import Running, run_system
from tests.support.shared import TELCO, needs_telco

ORDERS = 500


async def _import(system: Running) -> None:
    mapping = mappings.load("ibm_telco_churn")
    with open_clients(TELCO, mapping.file) as rows:

        def refuse(row: object, reason: str) -> None:
            raise AssertionError(f"{row}: {reason}")

        summary = await import_clients(system.context, mapping, rows, rejects=refuse)
    assert summary.created == summary.rows == 7043


@pytest.mark.slow
@needs_telco
async def test_orders_of_real_clients_are_delivered(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    async with run_system(dsn, tmp_path) as system:
        await _import(system)
        ctx = system.context
        place = posting.direct(ctx)
        placed = await simulate(ctx, ORDERS, 1, place)
        assert (len(placed.placed), placed.refused, placed.known) == (ORDERS, [], 0)
        assert await wait_for(ctx, placed.placed, patience=30) == Counter(completed=ORDERS)

        # Each port carries one line, and each line has its port.
        ports = await conn.fetch(
            "SELECT r ->> 'id' AS port, count(*) AS lines"
            " FROM product, jsonb_array_elements(product.doc -> 'realizingResource') r"
            " JOIN resource ON resource.id = r ->> 'id' AND category = 'port' WHERE status = 'active' GROUP BY 1"
        )
        assert {row["lines"] for row in ports} == {1}
        reserved = "SELECT count(*) FROM resource WHERE category = 'port' AND resource_status = 'reserved'"
        assert await conn.fetchval(reserved) == len(ports)

        # The same seed again, this time over HTTP: the same orders, none added.
        secret = secret_of(tmp_path)
        token = Tokens(secret).issue(Role.AGENT, None, CALLER, datetime.now(UTC), timedelta(hours=1))
        async with posting.over_http(system.url, token) as place:
            again = await simulate(ctx, ORDERS, 1, place)
        assert (sorted(again.placed), again.known) == (sorted(placed.placed), ORDERS)
        assert await conn.fetchval("SELECT count(*) FROM product_order") == ORDERS
