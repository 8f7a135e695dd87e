"""The inventory follows the items: add, modify, delete, bundles, several at once, each entered once (OH-4)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.inventory.resources import PRODUCT, RESOURCE, SERVICE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.tasks import run_task
from abonent.kit.errors import Conflict
from tests.support.lines import change, delivered
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def ports(shop: Workshop) -> dict[str, tuple[str, str]]:
    rows = await shop.rows(
        "SELECT id, doc ->> 'resourceStatus', doc ->> 'usageState' FROM resource WHERE category = 'port' ORDER BY id"
    )
    return {r[0]: (r[1], r[2]) for r in rows}


async def products(shop: Workshop) -> dict[str, str]:
    return {r[0]: r[1] for r in await shop.rows("SELECT id, status FROM product ORDER BY id")}


def characteristics(service: dict[str, Any]) -> dict[str, Any]:
    return {c["name"]: c["value"] for c in service["serviceCharacteristic"]}


async def test_a_new_line(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    product = await shop.get(PRODUCT, f"P-{number}-1")
    service = await shop.get(SERVICE, product["realizingService"][0]["id"])
    port = await shop.get(RESOURCE, product["realizingResource"][0]["id"])
    assert (product["status"], service["state"]) == ("active", "active")
    assert (port["resourceStatus"], port["usageState"]) == ("reserved", "active")
    assert service["supportingResource"][0]["id"] == port["id"]
    assert characteristics(service)["ontSerial"] == f"ONT-O-{number}/1.access"
    assert sorted(s for s, _ in (await ports(shop)).values()) == ["available", "available", "reserved"]
    for resource, document in ((PRODUCT, product), (SERVICE, service)):
        resource.shape.check(dict(document))


async def test_a_modification_keeps_port_and_service(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    before, held = await shop.get(PRODUCT, f"P-{number}-1"), await ports(shop)
    speed = [{"name": "downstream", "value": 200}]
    second = await delivered(shop, change(before["id"], productCharacteristic=speed))
    after = await shop.get(PRODUCT, before["id"])
    assert await ports(shop) == held
    assert after["realizingResource"] == before["realizingResource"]
    assert after["realizingService"] == before["realizingService"]
    assert after["productCharacteristic"] == speed
    assert [r["productOrderId"] for r in after["productOrderItem"]] == [f"O-{number}", f"O-{second}"]
    service = characteristics(await shop.get(SERVICE, after["realizingService"][0]["id"]))
    assert service["downstream"] == 200 and service["port"]
    # The network was asked to change the very service, and it was tested again.
    sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]
    assert (sent["action"], sent["service"]["id"]) == ("modify", after["realizingService"][0]["id"])
    assert len(shop.network.tests) == 2
    assert len(await products(shop)) == 1


async def test_a_modification_needs_no_free_port(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    await shop.rows(
        "UPDATE resource SET doc = doc || '{\"resourceStatus\": \"reserved\"}' WHERE category = 'port'"
    )
    await delivered(shop, change(f"P-{number}-1", offering="fibre"))


async def test_the_end_frees_the_port_for_the_next(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    product = await shop.get(PRODUCT, f"P-{number}-1")
    ended = await delivered(shop, change(product["id"], "delete"))
    after = await shop.get(PRODUCT, product["id"])
    service = await shop.get(SERVICE, product["realizingService"][0]["id"])
    assert after["status"] == "terminated" and after["terminationDate"].startswith("2026-06-03")
    assert after["productOrderItem"][-1]["productOrderId"] == f"O-{ended}"
    assert service["state"] == "terminated" and service["endDate"]
    assert set((await ports(shop)).values()) == {("available", "idle")}
    sent = shop.network.submitted[-1][1]["serviceOrderItem"][0]
    assert (sent["action"], sent["service"]["id"]) == ("delete", service["id"])
    # Nothing was tested that is not there any more.
    assert len(shop.network.tests) == 1


async def test_ports_come_and_go_without_loss(shop: Workshop) -> None:
    """Six clients' worth of lines over three ports, one after the other."""
    for _ in range(6):
        number = await delivered(shop, item("1", "fibre"))
        await delivered(shop, change(f"P-{number}-1", "delete"))
    assert set((await ports(shop)).values()) == {("available", "idle")}
    assert list((await products(shop)).values()) == ["terminated"] * 6


async def test_several_items_end_together(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"), item("2", "fibre"), item("3", "tv"))
    assert await products(shop) == {f"P-{number}-{n}": "active" for n in (1, 2, 3)}
    taken = [
        r["id"] for n in (1, 2) for r in (await shop.get(PRODUCT, f"P-{number}-{n}"))["realizingResource"]
    ]
    assert len(set(taken)) == 2
    moves = await shop.moves(f"O-{number}", "item 1")
    assert moves[-1] == ("inProgress", "completed")


async def test_items_of_all_actions_in_one_order(shop: Workshop) -> None:
    one, two = await delivered(shop, item("1", "fibre")), await delivered(shop, item("1", "fibre"))
    number = await delivered(
        shop,
        item("a", "fibre"),
        item("b", None, action="modify", address=None, product={"id": f"P-{one}-1", "name": "Mine"}),
        item("c", None, action="delete", address=None, product={"id": f"P-{two}-1"}),
        item("d", None, action="noChange", address=None, product={"id": f"P-{one}-1"}),
    )
    assert await products(shop) == {
        f"P-{one}-1": "active",
        f"P-{two}-1": "terminated",
        f"P-{number}-a": "active",
    }
    assert (await shop.get(PRODUCT, f"P-{one}-1"))["name"] == "Mine"


async def test_a_bundle_stands_over_its_parts(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "bundle"))
    bundle = await shop.get(PRODUCT, f"P-{number}-1")
    assert bundle["isBundle"] is True
    assert [r["product"]["id"] for r in bundle["productRelationship"]] == [
        f"P-{number}-1.1",
        f"P-{number}-1.2",
    ]
    assert await products(shop) == dict.fromkeys(
        [f"P-{number}-1", f"P-{number}-1.1", f"P-{number}-1.2"], "active"
    )
    times = {r[0]: r[1] for r in await shop.rows("SELECT id, doc ->> 'startDate' FROM product")}
    assert times[f"P-{number}-1"] >= max(times[f"P-{number}-1.1"], times[f"P-{number}-1.2"])


async def test_what_relies_on_another_item_comes_after_it(shop: Workshop) -> None:
    television = item("2", "tv", productOrderItemRelationship=[{"id": "1", "relationshipType": "reliesOn"}])
    await delivered(shop, television, item("1", "fibre"))
    assert [k.partition("/")[2] for k, _ in shop.network.submitted] == ["1.access", "2.stream"]


async def test_a_job_run_twice_enters_nothing_twice(shop: Workshop) -> None:
    placed = await place_order(shop.as_caller(AGENT), order(item("1", "tv"), item("2", "fibre")))
    while (await shop.jobs())[0][1].get("task") != "2.inventory":
        await shop.step()
    results = await asyncio.gather(
        *(run_task(shop.context, order=placed["id"], task="2.inventory") for _ in range(4)),
        return_exceptions=True,
    )
    assert all(r is None or isinstance(r, Conflict) for r in results)
    await shop.drain()
    counts = await shop.counts()
    await run_task(shop.context, order=placed["id"], task="2.inventory")
    assert await shop.counts() == counts
    assert len(await products(shop)) == 2
    assert (await shop.order(placed["id"]))["state"] == "completed"


async def test_two_orders_that_end_one_product_free_its_port_once(shop: Workshop) -> None:
    """Both were accepted while it was active. The port may serve another client by the time of the second."""
    number = await delivered(shop, item("1", "fibre"))
    shop.network.prompt = False
    ends = [
        (await place_order(shop.as_caller(AGENT), order(change(f"P-{number}-1", "delete"))))["id"]
        for _ in range(2)
    ]
    await shop.drain()
    first, second = (k for k, _ in shop.network.submitted[-2:])
    await shop.report(first, "completed")
    await shop.drain()
    shop.network.prompt = True
    taken = await delivered(shop, item("1", "fibre"), item("2", "fibre"), item("3", "fibre"), client="C-2")
    assert set((await ports(shop)).values()) == {("reserved", "active")}
    await shop.report(second, "completed")
    await shop.drain()
    assert {(await shop.order(id))["state"] for id in ends} == {"completed", "held"}
    assert set((await ports(shop)).values()) == {("reserved", "active")}
    assert (await products(shop))[f"P-{taken}-1"] == "active"


async def test_a_product_of_the_inventory_named_in_an_add_is_left_alone(shop: Workshop) -> None:
    """A sender may write any id into the product he adds, also that of another client's."""
    theirs = await delivered(shop, item("1", "fibre"), client="C-2")
    before, held = await shop.get(PRODUCT, f"P-{theirs}-1"), await ports(shop)
    claim = {"id": before["id"], "realizingResource": before["realizingResource"]}
    mine = await delivered(shop, item("1", "tv", product=claim), item("2", "fibre"))
    made = await shop.get(PRODUCT, f"P-{mine}-1")
    assert "realizingResource" not in made
    await delivered(shop, change(made["id"], "delete"))
    assert await shop.get(PRODUCT, before["id"]) == before
    assert {p: s for p, s in (await ports(shop)).items() if held[p][0] == "reserved"} == {
        p: s for p, s in held.items() if s[0] == "reserved"
    }


async def test_a_product_that_vanished_holds_the_order(shop: Workshop) -> None:
    world = World()
    party = {"id": "C-1", "role": "customer", "@referredType": "Customer"}
    world.add(PRODUCT, id="P-1", status="active", relatedParty=[party])
    await world.save(shop.context)
    placed = await place_order(shop.as_caller(AGENT), order(change("P-1")))
    await shop.rows("DELETE FROM product WHERE id = 'P-1'")
    await shop.drain()
    assert (await shop.order(placed["id"]))["state"] in {"held", "rejected"}


async def test_messages_follow_the_order_in_the_clients_language(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    await delivered(shop, item("1", "fibre"), client="C-2")
    rows = await shop.rows(
        "SELECT doc ->> 'subject', doc ->> 'messageType', doc #>> '{receiver,0,id}' FROM communication_message"
        " WHERE doc #>> '{receiver,0,id}' = $1 ORDER BY doc ->> 'sendTime', id",
        "C-1",
    )
    assert {r[0] for r in rows} == {f"Заказ O-{number} {w}" for w in ("принят", "в работе", "выполнен")}
    assert {r[1] for r in rows} == {"email"}
    theirs = await shop.rows("SELECT doc ->> 'subject', doc ->> 'messageType' FROM communication_message"
                             " WHERE doc #>> '{receiver,0,id}' = 'C-2'")  # fmt: skip
    assert {r[1] for r in theirs} == {"SMS"} and all(r[0].startswith("Order ") for r in theirs)


async def test_a_product_that_changes_its_offering_is_called_by_it_and_says_so(shop: Workshop) -> None:
    await shop.rows("UPDATE access_coverage SET doc = doc || '{\"downstreamMbps\": 1000}'")
    number = await delivered(shop, item("1", "fibre"))
    second = await delivered(shop, change(f"P-{number}-1", offering="turbo"))
    after = await shop.get(PRODUCT, f"P-{number}-1")
    sent = (await shop.order(f"O-{second}"))["productOrderItem"][0]
    assert after["name"] == after["productOffering"]["name"]
    assert after["productPrice"] == sent["itemPrice"]
    rows = await shop.context.store.history(PRODUCT, after["id"])
    assert [(r["new_state"], r["reason"]) for r in rows if r["attribute"] == "offering"] == [
        (after["name"], f"O-{second}")
    ]
