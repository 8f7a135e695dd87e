"""Charging events: one for each change of what is charged, numbered without gaps, exported as the same bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.billing import charging, rules_export
from abonent.domain.billing.queries import not_followed
from abonent.domain.billing.resources import CHARGING_EVENT
from abonent.domain.catalog.resources import PRODUCT_OFFERING, PRODUCT_OFFERING_PRICE
from abonent.domain.inventory.resources import PRODUCT
from abonent.kit.access import SYSTEM
from abonent.kit.change import Change
from abonent.kit.errors import BadInput, Conflict
from abonent.kit.values import from_wire
from tests.support.lines import change, delivered
from tests.support.workshop import Workshop, workshop
from tests.support.world import alter, build, item


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def events(shop: Workshop) -> list[dict[str, Any]]:
    rows = await shop.rows("SELECT id FROM charging_event ORDER BY id")
    return [await shop.get(CHARGING_EVENT, row[0]) for row in rows]


def month(amount: str) -> list[dict[str, Any]]:
    money = {"unit": "RUB", "value": Decimal(amount)}
    return [
        {
            "priceType": "recurring",
            "recurringChargePeriod": "month",
            "price": {"taxIncludedAmount": money},
        }
    ]


def told(each: dict[str, Any]) -> tuple[str, str]:
    return each["type"], each["reason"]


async def test_a_line_from_start_to_stop(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    product = f"P-{number}-1"
    await alter(shop.context, PRODUCT, product, status="suspended")
    await alter(shop.context, PRODUCT, product, status="active")
    await alter(shop.context, PRODUCT, product, productPrice=month("550.00"))
    await alter(shop.context, PRODUCT, product, name="Another name")
    await alter(shop.context, PRODUCT, product, billingAccount={"id": "BA-9", "name": "Other account"})
    await shop.drain()
    await delivered(shop, change(product, "delete"))
    found = await events(shop)
    assert [told(each) for each in found] == [
        ("start", "delivered"),
        ("stop", "suspended"),
        ("start", "resumed"),
        ("change", "priceChanged"),
        ("stop", "accountChanged"),
        ("start", "accountChanged"),
        ("stop", "terminated"),
    ]
    assert [each["number"] for each in found] == list(range(1, 8))
    assert [(each["account"], each["accountNumber"]) for each in found] == [
        *(("C-1", n) for n in range(1, 6)),
        *(("BA-9", n) for n in range(1, 3)),
    ]
    assert found[0]["orderItem"] == {
        "productOrderId": f"O-{number}", "orderItemId": "1", "orderItemAction": "add",
    }  # fmt: skip
    assert found[3]["price"][0]["price"]["taxIncludedAmount"]["value"] == Decimal("550.00")
    assert from_wire(found[0]["effective"]) <= from_wire(found[-1]["effective"])


async def test_one_time_prices_of_item_and_catalogue_are_charged_once(shop: Workshop) -> None:
    offering = await shop.context.store.get(SYSTEM, PRODUCT_OFFERING, "fibre")
    change = shop.context.change()
    price = {"unit": "RUB", "value": Decimal("300.00")}
    change.insert(PRODUCT_OFFERING_PRICE, {"id": "POP-once", "priceType": "oneTime", "price": price})
    prices = [*offering.document["productOfferingPrice"], {"id": "POP-once"}]
    change.update(offering, offering.document | {"productOfferingPrice": prices})
    await shop.context.store.commit(change)
    number = await delivered(shop, item("1", "fibre"))
    fee = {"priceType": "oneTime", "price": {"taxIncludedAmount": price | {"value": Decimal("900.00")}}}
    await delivered(
        shop,
        item(
            "1", None, action="delete", address=None, product={"id": f"P-{number}-1"}, itemPrice=[fee]
        ),
    )  # fmt: skip
    once = [each for each in await events(shop) if each["type"] == "oneTime"]
    amounts = [each["price"][0]["price"]["taxIncludedAmount"]["value"] for each in once]
    assert amounts == [Decimal("300.00"), Decimal("900.00")]
    await charging.follow_product(shop.context, f"P-{number}-1")
    assert len(await events(shop)) == 4


async def test_jobs_that_run_at_once_and_again_double_nothing(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    product = f"P-{number}-1"
    for amount in ("510.00", "520.00", "530.00"):
        await alter(shop.context, PRODUCT, product, productPrice=month(amount))
    await asyncio.gather(*(charging.follow_product(shop.context, product) for _ in range(6)))
    await shop.drain()
    found = await events(shop)
    assert [each["type"] for each in found] == ["start", "change", "change", "change"]
    assert [each["accountNumber"] for each in found] == [1, 2, 3, 4]
    assert await not_followed(shop.context.store) == []


async def test_a_job_killed_before_numbers_were_given_leaves_nothing_behind(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = shop.context.store.commit

    async def dies(change: Change) -> None:
        if any(write.resource is CHARGING_EVENT for write in change.writes):
            raise RuntimeError("killed")
        await commit(change)

    number = await delivered(shop, item("1", "fibre"))
    await alter(shop.context, PRODUCT, f"P-{number}-1", status="suspended")
    monkeypatch.setattr(shop.context.store, "commit", dies)
    with pytest.raises(RuntimeError):
        await charging.follow_product(shop.context, f"P-{number}-1")
    monkeypatch.undo()
    assert len(await events(shop)) == 1
    await charging.follow_product(shop.context, f"P-{number}-1")
    assert [told(each) for each in await events(shop)] == [("start", "delivered"), ("stop", "suspended")]


async def test_many_products_share_an_account_without_gaps(shop: Workshop) -> None:
    change = shop.context.change()
    for n in range(60):
        document = {"id": f"P-{n}", "name": f"Line {n}", "status": "active", "productPrice": month("10.00")}
        change.insert(PRODUCT, document | {"billingAccount": {"id": f"BA-{n % 3}"}})
    change.jobs.clear()
    await shop.context.store.commit(change)
    assert await charging.catch_up(shop.context) == 60
    found = await events(shop)
    assert [each["number"] for each in found] == list(range(1, 61))
    for account in ("BA-0", "BA-1", "BA-2"):
        numbers = [each["accountNumber"] for each in found if each["account"] == account]
        assert numbers == list(range(1, 21))
    assert await charging.catch_up(shop.context) == 0


async def test_a_product_that_was_imported_is_stopped_when_it_ends(shop: Workshop) -> None:
    change = shop.context.change()
    change.adopt(PRODUCT, {"id": "P-1", "name": "Line", "status": "active", "productPrice": month("10.00"),
        "billingAccount": {"id": "BA-1"}})  # fmt: skip
    await shop.context.store.commit(change)
    await alter(shop.context, PRODUCT, "P-1", status="terminated")
    await shop.drain()
    assert [told(each) for each in await events(shop)] == [("stop", "terminated")]


async def test_an_export_is_the_same_bytes_whatever_happens_later(shop: Workshop) -> None:
    number = await delivered(shop, item("1", "fibre"))
    ctx = shop.context
    since, until = ctx.now() - timedelta(days=1), ctx.now()
    body, stated = await charging.export(ctx, since, until)
    await alter(shop.context, PRODUCT, f"P-{number}-1", productPrice=month("550.00"))
    await shop.drain()
    again, restated = await charging.export(ctx, since, until)
    assert (again, restated) == (body, stated)
    later, more = await charging.export(ctx, until, ctx.now())
    assert (stated["count"], more["count"]) == (1, 1)
    assert stated["sums"] == {"start": {"RUB": "500.00"}} and more["sums"] == {"change": {"RUB": "550.00"}}
    assert json.loads(later)["price"][0]["price"]["taxIncludedAmount"]["value"] == "550.00"
    with pytest.raises(BadInput):
        await charging.export(ctx, since, ctx.now() + timedelta(hours=1))
    with pytest.raises(BadInput):
        await charging.export(ctx, until, since)


async def test_an_export_that_was_touched_is_found_out(shop: Workshop) -> None:
    await delivered(shop, item("1", "fibre"))
    ctx = shop.context
    body, stated = await charging.export(ctx, ctx.now() - timedelta(days=1), ctx.now())
    key = rules_export.key_of("a secret of the installation")
    manifest = rules_export.signed(stated, key)
    rules_export.check(body, manifest, key)
    for bad_body, bad_manifest, bad_key in (
        (body.replace(b"500.00", b"400.00"), manifest, key),
        (body, manifest | {"count": 2}, key),
        (body, manifest, rules_export.key_of("another")),
        (b"", manifest, key),
    ):
        with pytest.raises(BadInput):
            rules_export.check(bad_body, bad_manifest, bad_key)


async def test_events_are_pulled_by_number(shop: Workshop) -> None:
    from abonent.kit.query_parse import parse_query

    await delivered(shop, item("1", "fibre"))
    shape, columns = CHARGING_EVENT.shape, CHARGING_EVENT.columns
    query = parse_query([("id.gt", "CE-000000000000"), ("sort", "id")], shape, columns)
    listing = await shop.context.store.page(SYSTEM, CHARGING_EVENT, query)
    assert [row[1] for row in listing.rows] == ["CE-000000000001"]
    query = parse_query([("id.gt", "CE-000000000001"), ("sort", "id")], shape, columns)
    assert (await shop.context.store.page(SYSTEM, CHARGING_EVENT, query)).rows == []


async def test_an_export_made_before_is_not_replaced_by_another(shop: Workshop) -> None:
    ctx = shop.context
    since, until = ctx.now() - timedelta(days=1), ctx.now()
    _, stated = await charging.export(ctx, since, until)
    with pytest.raises(Conflict):
        await charging._note(ctx, stated | {"sha256": "0"}, charging.export_id(since, until))
