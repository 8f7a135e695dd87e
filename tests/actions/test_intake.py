"""Placing an order: refused, held or acknowledged; once for each externalId; by whom and for whom."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.amend import change_order, remove_order
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import lines
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.errors import BadInput, Conflict, Forbidden, NotFound, Problem
from abonent.kit.resource import Resource
from abonent.kit.store import Store
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import World, alter, build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def own_product(shop: Workshop, client: str = "C-1", **more: Any) -> None:
    world = World()
    party = {"id": client, "role": "customer", "@referredType": "Customer"}
    world.add(PRODUCT, id="P-1", status="active", relatedParty=[party], **more)
    await world.save(shop.context)


async def refused(shop: Workshop, document: dict[str, Any], kind: type[Problem] = BadInput) -> str:
    before = await shop.counts()
    with pytest.raises(kind) as problem:
        await place_order(shop.as_caller(AGENT), document)
    assert await shop.counts() == before
    return problem.value.code


async def patched(shop: Workshop, id: str, caller: Any = AGENT, **changes: Any) -> dict[str, Any]:
    ctx = shop.as_caller(caller)
    stored = await ctx.store.get(caller, PRODUCT_ORDER, id)
    document = {k: v for k, v in (stored.document | changes).items() if v is not None}
    return await change_order(ctx, stored, document)


async def test_a_whole_order_is_acknowledged_and_assessed_next(shop: Workshop) -> None:
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
    assert (placed["state"], placed["orderDate"][:16]) == ("acknowledged", "2026-06-03T09:51")
    assert [i["state"] for i in lines(placed)] == ["acknowledged"]
    assert await shop.order(placed["id"]) == placed
    assert [name for name, _ in await shop.jobs()] == [
        "communication.tell_of_order",
        "order_handling.assess",
    ]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (order(item("1", "gone")), "unknownProductOffering"),
        (order(item("1", "fibre"), item("1", "tv")), "duplicateItem"),
        (order(item("1", "fibre", productOrderItemRelationship=[{"id": "9"}])), "unknownItem"),
        (order(item("1", None, action="modify", product={"id": "P-404"})), "unknownProduct"),
        (
            order(
                item(
                    "1",
                    "fibre",
                    itemPrice=[
                        {
                            "priceType": "recurring",
                            "price": {"taxIncludedAmount": {"unit": "RUB", "value": 499}},
                        }
                    ],
                )
            ),
            "priceMismatch",
        ),
    ],
)
async def test_what_can_only_be_wrong_leaves_no_trace(
    shop: Workshop, document: dict[str, Any], code: str
) -> None:
    assert await refused(shop, document) == code


async def test_the_catalogues_price_is_accepted(shop: Workshop) -> None:
    price = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 500}}}]
    placed = await place_order(shop.context, order(item("1", "fibre", itemPrice=price)))
    assert placed["state"] == "acknowledged"


async def test_another_clients_product_looks_like_none(shop: Workshop) -> None:
    await own_product(shop, "C-2")
    change = item("1", None, action="delete", product={"id": "P-1"})
    assert await refused(shop, order(change)) == "unknownProduct"
    placed = await place_order(shop.context, order(change, client="C-2"))
    assert placed["state"] == "acknowledged"


class TestIncomplete:
    async def test_without_a_client_it_is_held_and_never_executed(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=None))
        assert placed["state"] == "held"
        events = await shop.rows("SELECT type, doc ->> 'id' AS id FROM event ORDER BY seq DESC LIMIT 2")
        assert ("ProductOrderInformationRequiredEvent", placed["id"]) in [tuple(e) for e in events]
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "held"
        assert shop.network.submitted == []
        with pytest.raises(NotFound):
            await shop.tasks(placed["id"])
        history = await shop.context.store.history(PRODUCT_ORDER, placed["id"])
        assert "customer" in history[-1]["reason"]

    async def test_with_a_client_nobody_knows_it_is_held(self, shop: Workshop) -> None:
        placed = await place_order(shop.context, order(item("1", "fibre"), client="C-404"))
        assert placed["state"] == "held"

    async def test_without_an_offering_it_is_held(self, shop: Workshop) -> None:
        placed = await place_order(shop.context, order(item("1", "fibre"), item("2", None)))
        assert placed["state"] == "held"
        await shop.drain()
        assert shop.network.submitted == []

    async def test_the_missing_client_lets_it_go_on_to_the_end(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=None))
        client = [{"id": "C-1", "role": "customer", "@referredType": "Customer"}]
        await patched(shop, placed["id"], relatedParty=client)
        await shop.drain()
        done = await shop.order(placed["id"])
        assert done["state"] == "completed"
        assert await shop.moves(placed["id"]) == [
            (None, "held"),
            ("held", "inProgress"),
            ("inProgress", "completed"),
        ]

    async def test_the_missing_offering_lets_it_go_on(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(AGENT), order(item("1", None)))
        await patched(shop, placed["id"], productOrderItem=[item("1", "bundle")])
        await shop.drain()
        done = await shop.order(placed["id"])
        assert (done["state"], [i["id"] for i in lines(done)]) == ("completed", ["1", "1.1", "1.2"])

    async def test_a_patch_that_completes_nothing_leaves_it_held(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=None))
        await patched(
            shop, placed["id"], description="still nobody", requestedStartDate="2026-07-01T00:00:00Z"
        )
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "held"
        assert (await shop.order(placed["id"]))["description"] == "still nobody"

    async def test_a_patch_is_checked_like_an_order(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=None))
        for changes in ({}, {"state": "inProgress"}):
            with pytest.raises(BadInput):
                await patched(shop, placed["id"], productOrderItem=[item("1", "gone")], **changes)


class TestTwice:
    async def test_the_same_external_id_is_the_first_order(self, shop: Workshop) -> None:
        ctx = shop.as_caller(AGENT)
        first = await place_order(ctx, order(item("1", "fibre"), externalId="web-1"))
        before = await shop.counts()
        again = await place_order(ctx, order(item("1", "tv"), externalId="web-1"))
        assert again["id"] == first["id"]
        assert await shop.counts() == before

    async def test_posted_in_parallel_it_is_one_order(self, shop: Workshop) -> None:
        ctx = shop.as_caller(AGENT)
        document = order(item("1", "fibre"), externalId="web-1")
        placed = await asyncio.gather(*(place_order(ctx, document) for _ in range(20)))
        assert len({p["id"] for p in placed}) == 1
        counts = await shop.counts()
        assert (counts["product_order"], counts["order_receipt"], counts["procrastinate_jobs"]) == (1, 1, 2)

    async def test_other_senders_have_ids_of_their_own(self, shop: Workshop) -> None:
        document = order(item("1", "fibre"), externalId="1", client=None)
        ids = [(await place_order(shop.as_caller(c), document))["id"] for c in (CLIENT, STRANGER, AGENT)]
        assert len(set(ids)) == 3

    async def test_the_id_of_a_deleted_order_is_not_used_again(self, shop: Workshop) -> None:
        ctx = shop.as_caller(AGENT)
        placed = await place_order(ctx, order(item("1", "fibre"), externalId="web-1"))
        await remove_order(ctx, await shop.stored(placed["id"]))
        with pytest.raises(Conflict) as gone:
            await place_order(ctx, order(item("1", "fibre"), externalId="web-1"))
        assert gone.value.code == "orderDeleted"


class TestForWhom:
    async def test_a_client_orders_for_himself_unnamed(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", "fibre"), client=None))
        assert [(p["id"], p["role"]) for p in placed["relatedParty"]] == [("C-1", "customer")]
        assert placed["state"] == "acknowledged"

    async def test_a_client_may_not_order_for_another(self, shop: Workshop) -> None:
        before = await shop.counts()
        with pytest.raises(Forbidden):
            await place_order(shop.as_caller(CLIENT), order(item("1", "fibre"), client="C-2"))
        assert await shop.counts() == before

    async def test_nor_give_his_held_order_to_another(self, shop: Workshop) -> None:
        placed = await place_order(shop.as_caller(CLIENT), order(item("1", None), client=None))
        other = [{"id": "C-2", "role": "customer", "@referredType": "Customer"}]
        with pytest.raises(Forbidden):
            await patched(shop, placed["id"], CLIENT, relatedParty=other)

    async def test_a_party_stands_for_its_customer(self, shop: Workshop) -> None:
        document = order(item("1", "fibre"), client=None)
        document["relatedParty"] = [{"id": "I-C-1", "role": "customer", "@referredType": "Individual"}]
        placed = await place_order(shop.as_caller(AGENT), document)
        assert placed["state"] == "acknowledged"
        assert [p["id"] for p in placed["relatedParty"]] == ["I-C-1", "C-1"]
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "completed"
        # The customer himself sees it.
        assert (await shop.context.store.get(CLIENT, PRODUCT_ORDER, placed["id"])).state == "completed"

    async def test_a_party_of_two_customers_is_not_guessed(self, shop: Workshop) -> None:
        world = World()
        world.add(CUSTOMER_, id="C-3", name="Anna again", engagedParty={"id": "I-C-1"})
        await world.save(shop.context)
        document = order(item("1", "fibre"), client=None)
        document["relatedParty"] = [{"id": "I-C-1", "role": "customer", "@referredType": "Individual"}]
        assert (await place_order(shop.as_caller(AGENT), document))["state"] == "held"


async def test_a_bundle_is_kept_with_its_parts(shop: Workshop) -> None:
    placed = await place_order(shop.context, order(item("1", "bundle")))
    assert [(i["id"], i["state"]) for i in lines(placed)] == [
        (id, "acknowledged") for id in ("1", "1.1", "1.2")
    ]
    names = [i["productOffering"]["name"] for i in lines(placed)]
    assert names == ["Home bundle", "fibre", "tv"]


class TestDecidedByWhatWasReadLast:
    """Offerings and clients are not read again for each order; what others changed meanwhile counts all the same."""

    async def elsewhere(self, shop: Workshop, resource: Resource, id: str, **changes: Any) -> None:
        """Another process changes a document: this one does not hear of it."""
        await alter(replace(shop.context, store=Store(shop.database)), resource, id, **changes)

    async def test_nothing_is_asked_before_the_order_is_saved(
        self, shop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ctx = shop.as_caller(AGENT)
        await place_order(ctx, order(item("1", "bundle")))

        def asked(*_: Any) -> None:
            raise AssertionError("the database was asked")

        monkeypatch.setattr(ctx.store.database, "rows", asked)
        placed = await place_order(ctx, order(item("1", "bundle"), externalId="x-1"))
        assert [i["productOffering"]["name"] for i in lines(placed)] == ["Home bundle", "fibre", "tv"]

    async def test_an_offering_that_was_changed_meanwhile(self, shop: Workshop) -> None:
        await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
        await self.elsewhere(shop, PRODUCT_OFFERING, "fibre", name="Fibre 200")
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "fibre")))
        assert placed["productOrderItem"][0]["productOffering"]["name"] == "Fibre 200"

    async def test_the_part_of_a_bundle_that_was_changed_meanwhile(self, shop: Workshop) -> None:
        await place_order(shop.as_caller(AGENT), order(item("1", "bundle")))
        await self.elsewhere(shop, PRODUCT_OFFERING, "tv", name="Television 4K")
        placed = await place_order(shop.as_caller(AGENT), order(item("1", "bundle")))
        assert [i["productOffering"]["name"] for i in lines(placed)] == [
            "Home bundle",
            "fibre",
            "Television 4K",
        ]

    async def test_an_offering_that_is_gone_is_unknown(self, shop: Workshop) -> None:
        await place_order(shop.as_caller(AGENT), order(item("1", "tv")))
        async with shop.database.connection() as conn:
            await conn.execute("DELETE FROM product_offering WHERE id = 'tv'")
        assert await refused(shop, order(item("1", "tv"))) == "unknownProductOffering"

    async def test_several_at_once_while_it_changes(self, shop: Workshop) -> None:
        """However the orders and the change fall, each order says what the offering was called when it was saved."""
        ctx = shop.as_caller(AGENT)
        await place_order(ctx, order(item("1", "fibre")))
        placed, _ = await asyncio.gather(
            asyncio.gather(*(place_order(ctx, order(item("1", "fibre"))) for _ in range(12))),
            self.elsewhere(shop, PRODUCT_OFFERING, "fibre", name="Fibre 200"),
        )
        names = {each["productOrderItem"][0]["productOffering"]["name"] for each in placed}
        assert len({each["id"] for each in placed}) == 12 and names <= {"fibre", "Fibre 200"}
        after = await place_order(ctx, order(item("1", "fibre")))
        assert after["productOrderItem"][0]["productOffering"]["name"] == "Fibre 200"

    async def test_an_external_id_that_was_used_gives_the_first_order(self, shop: Workshop) -> None:
        ctx = shop.as_caller(AGENT)
        first = await place_order(ctx, order(item("1", "fibre"), externalId="x-1"))
        before = await shop.counts()
        again = await place_order(ctx, order(item("1", "fibre"), externalId="x-1"))
        assert again["id"] == first["id"] and await shop.counts() == before
