"""Assessing an order: feasibility, then credit, then the plan; each decision kept with its reasons."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.catalog.resources import DECOMPOSITION
from abonent.domain.inventory.resources import PRODUCT, RESOURCE
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.assessment import assess
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_ASSESSMENT, ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.qualification.queries_credit import credit_history
from abonent.kit.errors import Conflict
from tests.support.credit import put_in_force, row, table
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, alter, build, item, order, owe


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        opened.network.prompt = False
        yield opened


async def placed(shop: Workshop, *items: dict[str, Any], **more: Any) -> str:
    return (await place_order(shop.as_caller(AGENT), order(*items, **more)))["id"]


async def assessed(shop: Workshop, *items: dict[str, Any], **more: Any) -> tuple[str, str]:
    """Place, run all jobs; the order's id and state."""
    id = await placed(shop, *items, **more)
    await shop.drain()
    return id, (await shop.order(id))["state"]


async def reasons(shop: Workshop, id: str) -> list[str]:
    decisions = (await shop.get(ORDER_ASSESSMENT, id))["decision"]
    return [r["code"] for d in decisions if d["kind"] == "feasibility" for r in d["reasons"] if not r["ok"]]


async def indebted(shop: Workshop, amount: str, limit: str | None = None) -> None:
    world = World()
    owe(world, "C-1", amount, limit)
    await world.save(shop.context)


async def release(shop: Workshop, id: str) -> None:
    stored = await shop.stored(id)
    await change_order(shop.as_caller(AGENT), stored, stored.document | {"state": "inProgress"})
    await shop.drain()


@pytest.mark.parametrize(
    ("items", "codes"),
    [
        ([item("1", "fibre", address="A-2")], ["noCoverage"]),
        ([item("1", "fibre", address=None)], ["addressMissing"]),
        ([item("1", "turbo")], ["tooSlow"]),
        ([item("1", "tv")], ["needsProduct"]),
        ([item("1", "fibre"), item("2", "turbo")], ["tooSlow"]),
    ],
)
async def test_what_cannot_be_delivered_is_rejected(
    shop: Workshop, items: list[dict[str, Any]], codes: list[str]
) -> None:
    id, state = await assessed(shop, *items)
    done = await shop.order(id)
    assert state == "rejected"
    assert {i["state"] for i in done["productOrderItem"]} == {"rejected"}
    assert done["completionDate"].startswith("2026-06-03T09:51")
    assert await reasons(shop, id) == codes
    assert (await shop.context.store.history(orders(), id))[0]["reason"]
    assert await shop.rows("SELECT 1 FROM order_plan") == []
    assert shop.network.submitted == []


def orders() -> Any:
    from abonent.domain.order_handling.resources import PRODUCT_ORDER

    return PRODUCT_ORDER


async def test_alternatives_are_named(shop: Workshop) -> None:
    id, _ = await assessed(shop, item("1", "turbo"))
    assert (await shop.get(ORDER_ASSESSMENT, id))["decision"][0]["alternatives"] == ["fibre"]


async def test_no_free_port_no_order(shop: Workshop) -> None:
    await shop.rows(
        "UPDATE resource SET doc = doc || '{\"resourceStatus\": \"reserved\"}' WHERE category = 'port'"
    )
    id, state = await assessed(shop, item("1", "fibre"))
    assert (state, await reasons(shop, id)) == ("rejected", ["noCapacity"])


async def test_what_is_ordered_together_counts_as_held(shop: Workshop) -> None:
    id, state = await assessed(shop, item("1", "fibre"), item("2", "tv"))
    assert state == "inProgress"
    assert await shop.decisions(id) == [("feasibility", "eligible"), ("credit", "approve")]


async def test_what_the_client_holds_counts_unless_he_gives_it_up(shop: Workshop) -> None:
    world = World()
    world.add(
        PRODUCT,
        id="P-1",
        status="active",
        productSpecification={"id": "PS-fibre"},
        relatedParty=[{"id": "C-1", "role": "customer", "@referredType": "Customer"}],
    )
    await world.save(shop.context)
    leaving = item("2", None, action="delete", address=None, product={"id": "P-1"})
    id, state = await assessed(shop, item("1", "tv"), leaving)
    assert (state, await reasons(shop, id)) == ("rejected", ["needsProduct"])
    assert (await assessed(shop, item("1", "tv")))[1] == "inProgress"


async def test_an_item_that_changes_nothing_needs_nothing(shop: Workshop) -> None:
    unchanged = item("2", None, action="noChange", address=None)
    assert (await assessed(shop, item("1", "fibre"), unchanged))[1] == "inProgress"


async def test_the_plan_holds_the_promise(shop: Workshop) -> None:
    id, _ = await assessed(shop, item("1", "fibre"), requestedCompletionDate="2026-06-10T12:00:00.000Z")
    plan, done = await shop.get(ORDER_PLAN, id), await shop.order(id)
    # 13 minutes of work, but the client wants it in a week.
    assert plan["promised"] == done["expectedCompletionDate"] == "2026-06-10T12:00:00.000Z"
    assert plan["plannedEnd"] < "2026-06-03T10:06"
    assert plan["customer"] == "C-1"


async def test_the_order_is_priced(shop: Workshop) -> None:
    lie = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 1}}}]
    id, _ = await assessed(shop, item("1", "fibre", quantity=2), orderTotalPrice=lie)
    total = (await shop.order(id))["orderTotalPrice"]
    assert [p["price"]["taxIncludedAmount"]["value"] for p in total] == [Decimal("1000.00")]


async def test_a_change_of_offering_has_its_price_and_counts_once_for_credit(shop: Workshop) -> None:
    added, _ = await assessed(shop, item("1", "fibre"))
    owing, _ = await credit_history(shop.context.store, "C-1", "-", shop.context.now())
    assert owing.open_orders == Decimal("500.00")
    change = shop.context.change()
    changed = order(item("1", "tv", action="modify", address=None, product={"id": "P-1"}))
    kept = {**changed, "id": "O-20001", "state": "acknowledged", "orderDate": "2026-06-03T09:00:00.000Z"}
    total = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 900}}}]
    kept["productOrderItem"][0] |= {"itemTotalPrice": total, "state": "acknowledged"}
    change.insert(PRODUCT_ORDER, kept | {"orderTotalPrice": total})
    await shop.context.store.commit(change)
    # The product is owed for as it is; the new price is no second one beside it.
    owing, _ = await credit_history(shop.context.store, "C-1", "-", shop.context.now())
    assert owing.open_orders == Decimal("500.00") and added


class TestCredit:
    async def test_large_arrears_decline(self, shop: Workshop) -> None:
        await indebted(shop, "5000.01")
        id, state = await assessed(shop, item("1", "fibre"))
        assert state == "rejected"
        decision = (await shop.get(ORDER_ASSESSMENT, id))["decision"][1]
        assert (decision["outcome"], decision["rule"], decision["rulesVersion"]) == ("decline", "1", "1")

    async def test_small_arrears_wait_for_a_person_who_may_release(self, shop: Workshop) -> None:
        await indebted(shop, "0.01")
        id, state = await assessed(shop, item("1", "fibre"))
        assert state == "held" and shop.network.submitted == []
        await release(shop, id)
        assert (await shop.order(id))["state"] == "inProgress"
        decisions = (await shop.get(ORDER_ASSESSMENT, id))["decision"]
        assert [(d["outcome"], d.get("overridden")) for d in decisions] == [
            ("eligible", None),
            ("refer", False),
            ("eligible", None),
            ("refer", True),
        ]

    async def test_open_orders_count_against_the_limit(self, shop: Workshop) -> None:
        await indebted(shop, "0", limit="999.99")
        assert (await assessed(shop, item("1", "fibre")))[1] == "inProgress"
        # 500.00 on order and 500.00 more are above 999.99.
        assert (await assessed(shop, item("1", "fibre")))[1] == "held"

    async def test_a_deposit_is_waited_for(self, shop: Workshop) -> None:
        await put_in_force(shop.context, table("", row(outcome="approveWithDeposit", deposit={"months": 2})))
        id, state = await assessed(shop, item("1", "fibre"))
        assert state == "pending"
        decision = (await shop.get(ORDER_ASSESSMENT, id))["decision"][1]
        assert (decision["deposit"], decision["rulesVersion"]) == (Decimal("1000.00"), "2")
        await release(shop, id)
        assert (await shop.order(id))["state"] == "inProgress"

    async def test_the_operators_table_stands_in_place_of_ours(self, shop: Workshop) -> None:
        await put_in_force(shop.context, table("", row(outcome="decline")))
        assert (await assessed(shop, item("1", "fibre")))[1] == "rejected"
        await put_in_force(shop.context, table("", row(outcome="approve")))
        assert (await assessed(shop, item("1", "fibre")))[1] == "inProgress"


async def test_assessing_twice_makes_one_plan(shop: Workshop) -> None:
    id = await placed(shop, item("1", "fibre"))
    results = await asyncio.gather(*(assess(shop.context, id) for _ in range(5)), return_exceptions=True)
    # Those that come second find the order changed; the queue repeats them, and then there is nothing to do.
    assert all(r is None or isinstance(r, Conflict) for r in results) and None in results
    await assess(shop.context, id)
    jobs = [args for name, args in await shop.jobs() if name == "order_handling.run_task"]
    assert [j["task"] for j in jobs] == ["1.port"]
    assert await shop.decisions(id) == [("feasibility", "eligible"), ("credit", "approve")]


async def test_a_plan_that_cannot_be_made_holds_the_order_with_the_reason(shop: Workshop) -> None:
    """A decomposition can be wrong: the order must not be stuck without a word."""
    circle = [
        {"id": "a", "kind": "inventory", "dependsOn": ["b"]},
        {"id": "b", "kind": "inventory", "dependsOn": ["a"]},
    ]
    await alter(shop.context, DECOMPOSITION, "DC-fibre", task=circle)
    id, state = await assessed(shop, item("1", "fibre"))
    assert state == "held"
    assert "1.a, 1.b" in (await shop.context.store.history(orders(), id))[0]["reason"]
    await alter(shop.context, DECOMPOSITION, "DC-fibre", task=[{"id": "a", "kind": "inventory"}])
    await release(shop, id)
    assert (await shop.order(id))["state"] == "completed"


async def test_an_order_that_is_gone_or_further_is_left_alone(shop: Workshop) -> None:
    id, _ = await assessed(shop, item("1", "fibre", address="A-2"))
    before = await shop.counts()
    await assess(shop.context, id)
    await assess(shop.context, id, override=True)
    assert await shop.counts() == before


async def test_the_last_port_goes_to_one(shop: Workshop) -> None:
    """Both orders were feasible when they were assessed; one is held when its turn comes, and says why."""
    for id in ("N-1/2", "N-1/3"):
        await alter(shop.context, RESOURCE, id, resourceStatus="reserved")
    first, second = await placed(shop, item("1", "fibre")), await placed(shop, item("1", "fibre"))
    await assess(shop.context, first)
    await assess(shop.context, second)
    await shop.drain()
    states = {(await shop.order(id))["state"] for id in (first, second)}
    assert states == {"inProgress", "held"}
