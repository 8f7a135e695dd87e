"""Products as they stood on any date: our own, those of another system; over store and API (OH-4)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from abonent.domain.inventory.queries_past import list_past, product_as_of, products_as_of, read_past
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.inventory.rules_past import moment_of
from abonent.kit.errors import BadInput, NotFound
from tests.support.lines import change, delivered
from tests.support.web import run_web
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import build, customer, item

JUNE, JULY, AUGUST = (datetime(2026, month, 3, 9, tzinfo=UTC) for month in (6, 7, 8))
BOTH = [{"author": "C-1", "text": "yes"}, {"author": "C-2", "text": "yes"}]


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


async def test_a_product_through_its_life(shop: Workshop) -> None:
    shop.at(JUNE)
    number = await delivered(shop, item("1", "fibre"))
    id, store = f"P-{number}-1", shop.context.store
    shop.at(JULY)
    await delivered(shop, change(id, status="suspended"))
    shop.at(AUGUST)
    await delivered(shop, change(id, relatedParty=customer("C-2")), note=BOTH)
    day = timedelta(days=1)
    assert await product_as_of(store, id, JUNE - day) is None
    june = await product_as_of(store, id, JUNE + day)
    july = await product_as_of(store, id, JULY + day)
    assert june is not None and july is not None
    assert (june["status"], july["status"]) == ("active", "suspended")
    # In July it was the first client's, in August the second's; each sees it while it was his.
    assert [p["id"] for p in await products_as_of(store, ["C-1"], JULY + day)] == [id]
    assert await products_as_of(store, ["C-1"], AUGUST + day) == []
    assert await products_as_of(store, ["C-2"], JULY + day) == []
    assert [p["id"] for p in await products_as_of(store, ["C-2"], AUGUST + day)] == [id]
    assert (await read_past(shop.as_caller(CLIENT), id, JULY + day))["status"] == "suspended"
    for caller, at in ((CLIENT, AUGUST + day), (STRANGER, JULY + day)):
        with pytest.raises(NotFound):
            await read_past(shop.as_caller(caller), id, at)
    # A client asks for himself, whomever he names.
    assert await list_past(shop.as_caller(STRANGER), "C-1", JULY + day) == []


async def test_one_that_came_from_another_system(shop: Workshop) -> None:
    store, id = shop.context.store, "P-old"
    change_ = shop.context.change()
    change_.adopt(
        PRODUCT,
        {
            "id": id,
            "name": "Copper",
            "status": "active",
            "startDate": "2020-01-01T00:00:00.000Z",
            "relatedParty": [{"id": "C-1", "role": "customer"}],
        },
    )
    await store.commit(change_)
    before = await product_as_of(store, id, JUNE)
    assert before is not None and before["name"] == "Copper"
    shop.at(JULY)
    stored = await store.get(AGENT, PRODUCT, id)
    renamed = shop.context.change()
    renamed.update(stored, stored.document | {"name": "Copper 2"})
    await store.commit(renamed)
    then, now = await product_as_of(store, id, JUNE), await product_as_of(store, id, AUGUST)
    assert then is not None and now is not None
    assert (then["name"], now["name"]) == ("Copper", "Copper 2")
    assert await product_as_of(store, id, datetime(2019, 1, 1, tzinfo=UTC)) is None


def test_dates() -> None:
    assert moment_of("2026-06-03") == datetime(2026, 6, 3, 23, 59, 59, 999999, UTC)
    assert moment_of("2026-06-03T12:00:00+03:00") == datetime(2026, 6, 3, 9, tzinfo=UTC)
    for wrong in ("", "today", "2026-13-01", "9999-99-99T00:00:00Z"):
        with pytest.raises(BadInput):
            moment_of(wrong)


async def test_over_the_api(dsn: str, tmp_path: Path) -> None:
    async with run_web(dsn, tmp_path) as web:
        await build(web.context)
        path = "/tmf-api/productInventory/v4/product"
        holder = {"id": "C-1", "role": "customer", "@referredType": "Customer"}
        body = {"name": "Fibre", "status": "active", "relatedParty": [holder]}
        made = (await web.admin.post(path, json=body)).json()
        await web.admin.patch(f"{path}/{made['id']}", json={"status": "suspended"})
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        answer = await web.admin.get(f"{path}/{made['id']}", params={"asOf": tomorrow})
        assert answer.status_code == 200 and answer.json()["status"] == "suspended"
        assert answer.json()["href"].endswith(made["id"])
        early = await web.admin.get(f"{path}/{made['id']}", params={"asOf": "2020-01-01"})
        assert early.status_code == 404
        params = {"asOf": tomorrow, "relatedParty.id": "C-1", "fields": "status"}
        listed = await web.admin.get(path, params=params)
        assert [p["status"] for p in listed.json()] == ["suspended"]
        assert listed.headers["x-total-count"] == "1"
        for wrong in ({"asOf": "soon"}, {"asOf": tomorrow}, {"asOf": tomorrow, "status": "active"}):
            assert (await web.admin.get(path, params=wrong)).status_code == 400
