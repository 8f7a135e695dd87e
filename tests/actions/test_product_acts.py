"""Suspend, resume, move, transfer, quantity and the end of a bundle, through the ordinary order path (OH-4)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import place_order
from abonent.kit.access import SYSTEM
from abonent.kit.errors import BadInput, Forbidden, NotFound
from tests.support.lines import change, delivered, port_states
from tests.support.second_address import open_kirova
from tests.support.stages import sell_in_stages
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import build, customer, item, order

BOTH = [{"author": "C-1", "text": "I give it away"}, {"author": "C-2", "text": "I take it over"}]


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context, ports=4)
        await open_kirova(opened.context)
        yield opened


async def everything(shop: Workshop) -> list[Any]:
    """Products, services and ports as they stand, to compare."""
    return [
        [tuple(r) for r in await shop.rows(f"SELECT id, doc::text FROM {table} ORDER BY id")]
        for table in ("product", "service", "resource")
    ]


class TestSuspend:
    async def test_suspended_and_resumed(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        id, service = f"P-{number}-1", f"S-{number}-1.access"
        tests = len(shop.network.tests)
        await delivered(shop, change(id, status="suspended"))
        assert (await shop.get(PRODUCT, id))["status"] == "suspended"
        assert (await shop.get(SERVICE, service))["state"] == "inactive"
        sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]
        assert (sent["action"], sent["service"]["id"], sent["service"]["state"]) == (
            "modify",
            service,
            "inactive",
        )
        # A silent line is not measured; its port stays taken.
        assert len(shop.network.tests) == tests
        assert list((await port_states(shop)).values()).count("reserved") == 1
        # New values while it is suspended do not wake it.
        await delivered(shop, change(id, productCharacteristic=[{"name": "vlan", "value": 7}]))
        assert shop.network.submitted[-1][1]["serviceOrderItem"][0]["service"]["state"] == "inactive"
        await delivered(shop, change(id, status="active"))
        assert (await shop.get(PRODUCT, id))["status"] == "active"
        assert (await shop.get(SERVICE, service))["state"] == "active"
        assert shop.network.submitted[-1][1]["serviceOrderItem"][0]["service"]["state"] == "active"
        assert len(shop.network.tests) > tests

    async def test_a_bundle_with_its_parts(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "bundle"))
        await delivered(shop, change(f"P-{number}-1", status="suspended"))
        rows = await shop.rows("SELECT id, status FROM product ORDER BY id")
        assert [r[1] for r in rows] == ["suspended"] * 3

    async def test_called_off_all_is_as_before(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        before = await everything(shop)
        shop.network.prompt = False
        placed = await place_order(shop.as_caller(AGENT), order(change(f"P-{number}-1", status="suspended")))
        await shop.drain()
        stored = await shop.stored(placed["id"])
        await cancel(shop.as_caller(AGENT), stored, stored.document)
        await shop.report(f"{placed['id']}/1.access", "completed")
        await shop.drain()
        sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]["service"]
        assert sent["state"] == "active"
        await shop.report(f"{placed['id']}/1.access.undo", "completed")
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "cancelled"
        assert await everything(shop) == before

    @pytest.mark.parametrize("status", ["terminated", "created"])
    async def test_other_states_are_not_asked_for(self, shop: Workshop, status: str) -> None:
        number = await delivered(shop, item("1", "fibre"))
        with pytest.raises(BadInput) as refused:
            await place_order(shop.as_caller(AGENT), order(change(f"P-{number}-1", status=status)))
        assert refused.value.code == "statusNotAsked"


class TestMove:
    async def test_to_another_address(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        id = f"P-{number}-1"
        old = (await shop.get(PRODUCT, id))["realizingResource"][0]["id"]
        second = await delivered(shop, change(id, address="A-3"))
        moved = await shop.get(PRODUCT, id)
        assert moved["place"][0]["id"] == "A-3" and moved["status"] == "active"
        assert moved["realizingResource"][0]["id"] == "N-2/1"
        assert [s["id"] for s in moved["realizingService"]] == [f"S-{second}-1.access"]
        assert (await port_states(shop))[old] == "available" and (await port_states(shop))[
            "N-2/1"
        ] == "reserved"
        assert (await shop.get(SERVICE, f"S-{number}-1.access"))["state"] == "terminated"
        assert (await shop.get(SERVICE, f"S-{second}-1.access"))["state"] == "active"
        # The new line works and is tested before the old one is ended.
        sent = [each["serviceOrderItem"][0] for _, each in shop.network.submitted[-2:]]
        assert [(s["action"], s["service"]["id"]) for s in sent] == [
            ("add", f"S-{second}-1.access"),
            ("delete", f"S-{number}-1.access"),
        ]
        assert sent[1]["service"]["place"][0]["id"] == "A-1"
        PRODUCT.shape.check(dict(moved))
        # Its life goes on: what is changed then is the new service, what ends is the new line.
        await delivered(shop, change(id, action="delete"))
        assert set((await port_states(shop)).values()) == {"available"}

    async def test_where_nothing_reaches(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        before = await everything(shop)
        placed = await place_order(shop.as_caller(AGENT), order(change(f"P-{number}-1", address="A-2")))
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "rejected"
        assert await everything(shop) == before

    async def test_called_off_before_the_old_line_ends(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        before = await everything(shop)
        shop.network.prompt = False
        placed = await place_order(shop.as_caller(AGENT), order(change(f"P-{number}-1", address="A-3")))
        await shop.drain()
        assert (await port_states(shop))["N-2/1"] == "reserved"
        stored = await shop.stored(placed["id"])
        await cancel(shop.as_caller(AGENT), stored, stored.document)
        await shop.report(f"{placed['id']}/1.access", "completed")
        await shop.drain()
        sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]
        assert (sent["action"], sent["service"]["id"]) == ("delete", f"S-{placed['id'][2:]}-1.access")
        await shop.report(f"{placed['id']}/1.access.undo", "completed")
        await shop.drain()
        assert (await shop.order(placed["id"]))["state"] == "cancelled"
        assert await everything(shop) == before


class TestTransfer:
    def given(self, product: str) -> dict[str, Any]:
        return change(product, relatedParty=customer("C-2"))

    async def test_to_another_client(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        id = f"P-{number}-1"
        sent = len(shop.network.submitted)
        second = await delivered(shop, self.given(id), note=BOTH)
        product = await shop.get(PRODUCT, id)
        assert [p["id"] for p in product["relatedParty"]] == ["C-2"]
        # The network does not care who pays; the line stays as it is.
        assert len(shop.network.submitted) == sent
        store = shop.context.store
        assert (await store.get(STRANGER, PRODUCT, id)).id == id
        with pytest.raises(NotFound):
            await store.get(CLIENT, PRODUCT, id)
        assert (await store.get(STRANGER, SERVICE, f"S-{number}-1.access")).state == "active"
        history = await store.history(PRODUCT, id)
        row = next(h for h in history if h["attribute"] == "customer")
        assert (row["old_state"], row["new_state"], row["reason"]) == ("C-1", "C-2", f"O-{second}")

    async def test_it_waits_until_both_agree(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        placed = await place_order(shop.as_caller(AGENT), order(self.given(f"P-{number}-1"), note=BOTH[:1]))
        assert placed["state"] == "held"

    async def test_a_client_does_not_enter_it_himself(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        with pytest.raises(Forbidden):
            await place_order(shop.as_caller(CLIENT), order(self.given(f"P-{number}-1"), note=BOTH))

    async def test_to_nobody(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        gone = change(f"P-{number}-1", relatedParty=[{"id": "C-9", "role": "customer"}])
        with pytest.raises(BadInput) as refused:
            await place_order(shop.as_caller(AGENT), order(gone, note=BOTH))
        assert refused.value.code == "unknownReceiver"


class TestMany:
    async def test_as_many_as_ordered_are_delivered(self, shop: Workshop) -> None:
        await sell_in_stages(shop.context)
        number = await delivered(shop, item("1", "router", quantity=3))
        rows = await shop.rows("SELECT id FROM product ORDER BY id")
        assert [r[0] for r in rows] == [f"P-{number}-{n}" for n in ("1", "1-2", "1-3")]
        document = await shop.order(f"O-{number}")
        total = document["orderTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]
        # Three routers at 120 a month: 3 x 120 = 360.
        assert float(total) == 360

    async def test_bundles_come_with_all_parts(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "bundle", quantity=2))
        rows = await shop.rows("SELECT id FROM product ORDER BY id")
        assert len(rows) == 6
        first = await shop.get(PRODUCT, f"P-{number}-1-2")
        inside = [r["product"]["id"] for r in first["productRelationship"]]
        assert len(inside) == 2 and {r[0] for r in rows} >= set(inside)

    @pytest.mark.parametrize(("quantity", "code"), [(101, "quantityTooLarge")])
    async def test_too_many(self, shop: Workshop, quantity: int, code: str) -> None:
        with pytest.raises(BadInput) as refused:
            await place_order(shop.as_caller(AGENT), order(item("1", "fibre", quantity=quantity)))
        assert refused.value.code == code

    async def test_one_product_is_not_ended_twice(self, shop: Workshop) -> None:
        number = await delivered(shop, item("1", "fibre"))
        with pytest.raises(BadInput) as refused:
            await place_order(
                shop.as_caller(AGENT), order({**change(f"P-{number}-1", action="delete"), "quantity": 2})
            )
        assert refused.value.code == "quantityOfOne"


async def test_the_end_of_a_bundle_ends_its_parts(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "bundle"))
    await delivered(shop, change(f"P-{number}-1", action="delete"))
    rows = await shop.rows("SELECT id, status FROM product")
    assert {r[1] for r in rows} == {"terminated"} and len(rows) == 3
    services = await shop.rows("SELECT state FROM service")
    assert {r[0] for r in services} == {"terminated"}
    assert set((await port_states(shop)).values()) == {"available"}
    assert (await shop.context.store.get(SYSTEM, PRODUCT, f"P-{number}-1")).state == "terminated"
