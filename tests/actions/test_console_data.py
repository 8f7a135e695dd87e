"""The console's data on a real database: steps in a person's name, and a second try after a collision."""

import asyncpg
import pytest

from abonent import main
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.faces.console.data import User
from abonent.faces.console_data import StoreConsole
from abonent.kit.access import SYSTEM, Caller
from abonent.kit.change import Stored
from abonent.kit.clock import Clock
from abonent.kit.context import Context
from abonent.kit.db import Database, open_pool
from abonent.kit.errors import Conflict, Forbidden, IllegalMove, NotFound
from abonent.kit.resource import Resource
from abonent.kit.store import Store

AGENT = User("anna", "Анна Орлова", "agent")
CLIENT = User("client", "Анна Соколова", "client", "C-1")


class RacingStore(Store):
    """Somebody else changes the order right after it was read, `races` times."""

    races = 0

    async def get(self, caller: Caller, resource: Resource, id: str) -> Stored:
        stored = await super().get(caller, resource, id)
        if self.races:
            self.races -= 1
            async with self.database.connection() as conn:
                await conn.execute("UPDATE product_order SET version = version + 1 WHERE id = $1", id)
        return stored


@pytest.fixture
async def console(dsn: str):
    database = Database(await open_pool(dsn, size=4, name="test"))
    context = Context(RacingStore(database), Clock(), main.reactions(), {})
    change = context.change()
    party = [{"id": "C-1", "role": "customer", "@referredType": "Customer"}]
    wanted = [{"id": "1", "action": "add", "state": "pending", "productOffering": {"id": "fibre"}}]
    change.adopt(PRODUCT_ORDER, {"id": "O-1", "state": "pending", "relatedParty": party, "productOrderItem": wanted,
                                 "orderDate": "2026-06-03T09:51:00.000Z"})  # fmt: skip
    await context.store.commit(change)
    yield StoreConsole(context), context
    await database.close()


async def test_a_cancellation_keeps_reason_and_name(console: tuple[StoreConsole, Context]) -> None:
    face, ctx = console
    await face.cancel(AGENT, "O-1", "moved away")
    stored = await ctx.store.get(SYSTEM, PRODUCT_ORDER, "O-1")
    assert (stored.state, stored.document["cancellationReason"]) == ("cancelled", "moved away")
    file = await face.order(AGENT, "O-1")
    assert file is not None
    assert [(row.what, row.to_state, row.by) for row in file.history if row.what != "item/1"] == [
        ("order", "cancelled", "anna")
    ]
    assert "moved away" in {row.reason for row in file.history}
    with pytest.raises(IllegalMove):
        await face.release(AGENT, "O-1")


async def test_a_release_before_the_plan_asks_for_assessment_in_the_persons_name(
    console: tuple[StoreConsole, Context], conn: asyncpg.Connection
) -> None:
    face, _ = console
    await face.release(AGENT, "O-1")
    file = await face.order(AGENT, "O-1")
    assert file is not None
    assert [(row.what, row.by) for row in file.history] == [("release", "anna")]
    jobs = await conn.fetch("SELECT task_name, args->>'override' AS override FROM procrastinate_jobs")
    assert [(job["task_name"], job["override"]) for job in jobs] == [("order_handling.assess", "true")]


async def test_one_collision_is_tried_again_and_a_second_is_told(
    console: tuple[StoreConsole, Context],
) -> None:
    face, ctx = console
    store = ctx.store
    assert isinstance(store, RacingStore)
    store.races = 2
    with pytest.raises(Conflict):
        await face.cancel(AGENT, "O-1", "x")
    store.races = 1
    await face.cancel(AGENT, "O-1", "x")
    assert (await store.get(SYSTEM, PRODUCT_ORDER, "O-1")).state == "cancelled"


async def test_a_client_takes_no_step_and_a_stranger_finds_no_order(
    console: tuple[StoreConsole, Context],
) -> None:
    face, _ = console
    for step in (face.release(CLIENT, "O-1"), face.cancel(CLIENT, "O-1", "x")):
        with pytest.raises(Forbidden):
            await step
    with pytest.raises(NotFound):
        await face.release(AGENT, "O-404")
