"""What home and board read of a real database, and the filters people keep."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from abonent import main
from abonent.domain.communication.queries_day import sent_since, undelivered
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.order_handling.queries import CLIENTS, OrderCriteria, list_orders, order_numbers
from abonent.domain.order_handling.queries_open import cohort, open_orders, standing
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.party.accounts import create_account
from abonent.domain.party.queries_filters import number_of_customers
from abonent.domain.party.saved_filters import MOST, SavedFilter, delete_filter, save_filter, saved_filters
from abonent.faces.console.data import OrderFilter, User
from abonent.faces.console_data import StoreConsole
from abonent.kit.access import Role
from abonent.kit.change import Flip
from abonent.kit.clock import Clock
from abonent.kit.context import Context
from abonent.kit.db import Database, open_pool
from abonent.kit.errors import BadInput
from abonent.kit.store import Store
from abonent.kit.values import to_wire
from tests.browser.orders import document
from tests.support.people import ANNA, Person, admit
from tests.support.world import build

HOUR = timedelta(hours=1)


@pytest.fixture
async def ctx(dsn: str) -> AsyncIterator[Context]:
    database = Database(await open_pool(dsn, size=4, name="test"))
    yield Context(Store(database), Clock(), main.reactions(), {})
    await database.close()


async def _orders(ctx: Context) -> None:
    """O-1 held with an assessment, placed by anna in Yaroslavl; O-2 in work and late, by a client; O-3 done."""
    await build(ctx)
    await create_account(
        ctx.store, "anna", "right-password", Role.AGENT, display_name="Anna", party=None, language="en"
    )
    now, change = ctx.now().replace(microsecond=0), ctx.change()
    place = {"product": {"place": [{"id": "A-1", "role": "installationAddress"}]}}
    item = {"id": "1", "action": "add", "state": "held", "productOffering": {"id": "fibre", "name": "fibre"}}
    held = document(1, now - 5 * HOUR, state="held", productOrderItem=[item | place])
    late = document(2, now - 9 * HOUR, client="C-2", expectedCompletionDate=to_wire(now - HOUR), monthly=900)
    done = document(3, now - 8 * HOUR, state="completed", completionDate=to_wire(now - 2 * HOUR))
    done["expectedCompletionDate"] = to_wire(now - HOUR)
    for each, by in ((held, "anna"), (late, "client:C-2"), (done, "shop")):
        flips = [
            Flip("productOrder", each["id"], "state", None, "acknowledged", None, now - 5 * HOUR, by),
            Flip(
                "productOrder",
                each["id"],
                "state",
                "acknowledged",
                each["state"],
                "why",
                now - 4 * HOUR,
                "system",
            ),
        ]
        change.adopt(PRODUCT_ORDER, each, flips)
    change.adopt(ORDER_PLAN, {"id": "O-2", "task": [{"id": "1.line", "state": "ready"}]})
    change.adopt(ORDER_ASSESSMENT, {"id": "O-1", "decision": [{"kind": "credit", "outcome": "refer"}]})
    await ctx.store.commit(change)


async def test_open_orders_come_with_what_tells_how_they_stand(ctx: Context) -> None:
    await _orders(ctx)
    held, late = await open_orders(ctx.store, None)
    assert (held.id, held.towns, held.placed_by, held.agent, held.by_client) == (
        "O-1",
        ("Yaroslavl",),
        "anna",
        "Anna",
        False,
    )
    assert (held.customer_name, held.monthly, held.reason) == ("Анна Соколова", Decimal(500), "why")
    assert held.moved_at == held.ordered + HOUR
    assert held.decisions[0]["outcome"] == "refer"
    assert (late.id, late.by_client, late.offerings, late.tasks[0]["id"]) == (
        "O-2",
        True,
        ("fibre",),
        "1.line",
    )
    assert [each.id for each in await open_orders(ctx.store, "C-2")] == ["O-2"]
    counted = {each.state: each for each in await standing(ctx.store, to_wire(ctx.now()))}
    assert (counted["inProgress"].late, counted["inProgress"].monthly) == (1, Decimal(900))
    assert counted["held"].late == 0
    assert await number_of_customers(ctx.store) == 2


async def test_the_orders_of_a_month_and_how_long_they_took(ctx: Context) -> None:
    await _orders(ctx)
    whole, fibre = await cohort(ctx.store, to_wire(ctx.now() - 24 * HOUR))
    assert whole.states == {"held": 1, "inProgress": 1, "completed": 1}
    assert (whole.on_time, whole.promised, whole.median) == (1, 1, 6 * 3600.0)
    assert (fibre.offering, fibre.orders) == ("fibre", 3)
    assert [each.orders for each in await cohort(ctx.store, to_wire(ctx.now()))] == [0]


@pytest.mark.parametrize(
    ("criteria", "numbers"),
    [
        ({}, ["O-1", "O-2", "O-3"]),
        ({"town": "Yaroslavl"}, ["O-1"]),
        ({"town": "Tver"}, []),
        ({"offering": "fibre", "state": "open"}, ["O-1", "O-2"]),
        ({"placed_by": "anna"}, ["O-1"]),
        ({"placed_by": CLIENTS}, ["O-2"]),
        ({"client": "quay"}, ["O-2"]),
        ({"client": "C-1"}, ["O-1", "O-3"]),
        ({"ids": ("O-3", "O-7")}, ["O-3"]),
        ({"owner": "C-2", "ids": ("O-1", "O-2")}, ["O-2"]),
    ],
)
async def test_a_list_and_its_file_hold_the_same(ctx: Context, criteria: dict, numbers: list[str]) -> None:
    await _orders(ctx)
    wanted = OrderCriteria(**criteria)
    listed, total = await list_orders(ctx.store, wanted, sort="number", descending=False, offset=0, limit=9)
    assert ([each.document["id"] for each in listed], total) == (numbers, len(numbers))
    assert await order_numbers(ctx.store, wanted, sort="number", descending=False, most=9) == numbers


async def test_a_client_exports_his_own_orders_alone(ctx: Context) -> None:
    await _orders(ctx)
    face, client = StoreConsole(ctx), User("boris", "Boris", "client", "C-2")
    rows = [row.id async for part in face.all_orders(client, OrderFilter()) for row in part]
    assert rows == ["O-2"]
    assert await face.orders(client, ["O-1", "O-2"]) == await face.orders(client, ["O-2"])


async def test_messages_of_the_day_and_those_that_failed(ctx: Context) -> None:
    change, now = ctx.change(), ctx.now()
    for number, state, hours in (
        (1, "completed", 1),
        (2, "failed", 2),
        (3, "failed", 99),
        (4, "inProgress", 1),
    ):
        sent = to_wire(now - hours * HOUR)
        change.adopt(
            COMMUNICATION_MESSAGE, {"id": f"M-{number}", "state": state, "content": "x", "sendTime": sent}
        )
    await ctx.store.commit(change)
    since = to_wire(now - 24 * HOUR)
    assert [each["id"] for each in await undelivered(ctx.store, since, 9)] == ["M-2"]
    assert await sent_since(ctx.store, since) == {"completed": 1, "failed": 1, "inProgress": 1}


async def test_filters_are_each_persons_own_and_have_an_end(ctx: Context) -> None:
    store = ctx.store
    await admit(store, ANNA, Person("boris", Role.AGENT))
    await save_filter(store, "anna", "/orders", SavedFilter("Mine", "late=1"))
    await save_filter(store, "anna", "/orders", SavedFilter("Mine", "late=1&q=x"))
    await save_filter(store, "anna", "/clients", SavedFilter("Mine", "q=y"))
    assert await saved_filters(store, "anna", "/orders") == [SavedFilter("Mine", "late=1&q=x")]
    assert await saved_filters(store, "boris", "/orders") == []
    await delete_filter(store, "boris", "/orders", "Mine")
    for n in range(MOST - 1):
        await save_filter(store, "anna", "/orders", SavedFilter(f"{n}", "q=1"))
    with pytest.raises(BadInput, match="as many as there may be"):
        await save_filter(store, "anna", "/orders", SavedFilter("one more", "q=1"))
    await save_filter(store, "anna", "/orders", SavedFilter("Mine", "q=again"))
    await delete_filter(store, "anna", "/orders", "Mine")
    assert len(await saved_filters(store, "anna", "/orders")) == MOST - 1


@pytest.mark.parametrize("wanted", [("", "q=1"), ("x" * 61, "q=1"), ("x", "q" * 1001), ("x", "q=\r\nx")])
async def test_a_filter_without_a_name_or_too_long_is_refused(ctx: Context, wanted: tuple[str, str]) -> None:
    with pytest.raises(BadInput):
        await save_filter(ctx.store, "anna", "/orders", SavedFilter(*wanted))
