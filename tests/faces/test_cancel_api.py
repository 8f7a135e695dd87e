"""TMF622 cancelProductOrder over HTTP: posted, read, listed by its owner alone; refused with what is wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.kit.access import Role
from tests.support.web import ORDERS, Web, error_of, run_web
from tests.support.world import build, item, order

CANCEL = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        yield running


async def test_posted_read_and_listed(web: Web) -> None:
    placed = (await web.admin.post(ORDERS, json=order(item("1", "fibre"), item("2", "turbo")))).json()
    part = {"productOrder": {"id": placed["id"]}, "productOrderItem": [{"productOrderItemId": "2"}]}
    async with web.client(Role.CLIENT, "C-1") as anna, web.client(Role.CLIENT, "C-2") as boris:
        answer = await anna.post(CANCEL, json=part)
        assert answer.status_code == 201, answer.text
        asked = answer.json()
        assert (asked["state"], asked["productOrder"]["id"]) == ("done", placed["id"])
        left = (await anna.get(f"{ORDERS}/{placed['id']}")).json()
        assert [i["state"] for i in left["productOrderItem"]] == ["acknowledged", "cancelled"]
        whole = (await anna.post(CANCEL, json={"productOrder": {"id": placed["id"]}})).json()
        assert whole["state"] == "done"
        over = (await anna.post(CANCEL, json={"productOrder": {"id": placed["id"]}})).json()
        assert over["state"] == "terminatedWithError" and over["errorMessage"]["reason"]
        assert (await anna.get(f"{CANCEL}/{asked['id']}")).json()["id"] == asked["id"]
        assert len((await anna.get(CANCEL)).json()) == 3
        found = await anna.get(CANCEL, params={"state": "done", "productOrder.id": placed["id"]})
        assert len(found.json()) == 2
        assert (await boris.get(CANCEL)).json() == []
        error_of(await boris.get(f"{CANCEL}/{asked['id']}"), 404)
        error_of(await boris.post(CANCEL, json=part), 400, "unknownProductOrder")


async def test_it_is_neither_patched_nor_deleted(web: Web) -> None:
    placed = (await web.admin.post(ORDERS, json=order(item("1", "fibre")))).json()
    asked = (await web.admin.post(CANCEL, json={"productOrder": {"id": placed["id"]}})).json()
    error_of(await web.admin.patch(f"{CANCEL}/{asked['id']}", json={"cancellationReason": "x"}), 405)
    error_of(await web.admin.delete(f"{CANCEL}/{asked['id']}"), 405)
    error_of(await web.admin.post(CANCEL, json={"cancellationReason": "x"}), 400)
