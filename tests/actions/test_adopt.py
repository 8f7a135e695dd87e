"""Documents that lived elsewhere come in as they are: no event, no job, any known state, their history of then."""

from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from abonent import main
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from abonent.kit.change import Flip
from abonent.kit.errors import Conflict, IllegalMove
from tests.support.world import alter

ORDER = {"id": "O-1", "state": "failed", "productOrderItem": [{"id": "1", "action": "add"}]}


async def test_adopted_documents_stand_without_events_or_jobs(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    then = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        change = ctx.change()
        past = Flip("productOrder", "O-1", "state", "inProgress", "failed", "no line", at=then, by="anna")
        change.adopt(PRODUCT_ORDER, ORDER, [past])
        change.adopt(PRODUCT, {"id": "P-1", "status": "active"})
        change.adopt(PRODUCT, {"id": "P-2", "status": "terminated"})
        await ctx.store.commit(change)

        stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, "O-1")
        assert (stored.document, stored.version) == (ORDER, 1)
        assert (await ctx.store.get(SYSTEM, PRODUCT, "P-2")).state == "terminated"
        (told,) = await ctx.store.history(PRODUCT_ORDER, "O-1")
        assert (told["at"], told["by"], told["reason"]) == (then, "anna", "no line")
        assert await conn.fetchval("SELECT count(*) FROM event") == 0
        assert await conn.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0

        # From here on it is a document like any other: its machine guards it, and its moves are told.
        await alter(ctx, PRODUCT, "P-1", status="suspended")
        assert await conn.fetchval("SELECT count(*) FROM event") == 1


async def test_an_unknown_state_and_a_taken_id_are_refused(dsn: str, tmp_path: Path) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        with pytest.raises(IllegalMove, match="lost"):
            ctx.change().adopt(PRODUCT, {"id": "P-1", "status": "lost"})
        with pytest.raises(IllegalMove):
            ctx.change().adopt(PRODUCT, {"id": "P-1"})
        for id in ("P-1", "P-2"):
            change = ctx.change()
            change.adopt(PRODUCT, {"id": "P-1", "status": "active"})
            change.adopt(PRODUCT, {"id": id + "x", "status": "active"})
            if id == "P-1":
                await ctx.store.commit(change)
                continue
            with pytest.raises(Conflict, match="product exists already"):
                await ctx.store.commit(change)
        # Saved whole or not at all.
        assert list(await ctx.store.find([(PRODUCT, "P-1x"), (PRODUCT, "P-2x")])) == [("product", "P-1x")]
