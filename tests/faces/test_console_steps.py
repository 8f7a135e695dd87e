"""Steps with an order from its page: forms, tokens, refusals beside the form, the notice of a moved clock."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from abonent.faces.console.app import routes
from abonent.faces.console.data import OrderFile
from abonent.faces.console.desk import ConsoleSettings
from abonent.kit.errors import Conflict, Forbidden, IllegalMove, Problem
from tests.faces.console_fakes import NOW, FakeData, open_console, sign_in
from tests.support.pages import EVIL, Page, page_of

PENDING = OrderFile({"id": "O-9", "state": "pending", "description": "x"}, 1)


@pytest.fixture
def data() -> FakeData:
    made = FakeData()
    made.files["O-9"] = PENDING
    return made


@pytest.fixture
async def client(data: FakeData) -> AsyncIterator[httpx.AsyncClient]:
    async with open_console(data) as each:
        await sign_in(each)
        yield each


async def _post(client: httpx.AsyncClient, step: str, **form: str) -> httpx.Response:
    token = (await page_of(client, "/orders/O-9")).token()
    return await client.post(f"/orders/O-9/{step}", data={"token": token, **form})


async def test_steps_reach_the_data_and_lead_back_to_the_order(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    for answer in (await _post(client, "release"), await _post(client, "cancel", reason=" moved\x00 away ")):
        assert (answer.status_code, answer.headers["location"]) == (303, "/orders/O-9")
    assert data.steps == ["release", "cancel: moved away"]


@pytest.mark.parametrize("step", ["release", "cancel"])
async def test_an_address_of_a_step_only_looks_when_it_is_opened(
    client: httpx.AsyncClient, data: FakeData, step: str
) -> None:
    answer = await client.get(f"/orders/O-9/{step}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/O-9")
    forged = await client.post(f"/orders/O-9/{step}", data={"token": "forged", "reason": "x"})
    assert forged.status_code == 403
    assert data.steps == []


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Conflict("changed", "x"), 409),
        (Forbidden("roleNotAllowed", "Not you, {name}.", name=EVIL), 403),
        (IllegalMove("workBegan", "x"), 422),
    ],
)
async def test_a_refusal_stands_beside_the_form_and_keeps_what_was_typed(
    client: httpx.AsyncClient, data: FakeData, problem: Problem, status: int
) -> None:
    data.refuse = problem
    answer = await _post(client, "cancel", reason=f"why {EVIL}")
    page = Page(answer.text)
    assert answer.status_code == status
    assert page.found("p", id="cancel-problem", role="alert")
    assert f"why {EVIL}" in page.words()
    assert "<script>alert" not in answer.text
    assert page.found("input", name="next")[0]["value"] == "/orders/O-9"


async def test_a_reason_must_be_given_and_has_an_end(client: httpx.AsyncClient, data: FakeData) -> None:
    assert (await _post(client, "cancel", reason=" \n ")).status_code == 400
    await _post(client, "cancel", reason="x" * 9000)
    assert data.steps == [f"cancel: {'x' * 500}"]


async def test_one_item_is_cancelled_by_itself(client: httpx.AsyncClient, data: FakeData) -> None:
    await _post(client, "cancel", reason="x", what="1.2")
    await _post(client, "cancel", reason="x", what="order")
    assert data.steps == ["cancel 1.2: x", "cancel: x"]


async def test_a_refusal_of_a_step_that_is_gone_is_told_too(
    client: httpx.AsyncClient, data: FakeData
) -> None:
    token = (await page_of(client, "/orders/O-9")).token()
    data.files["O-9"] = replace(PENDING, order={**PENDING.order, "state": "cancelled"})
    data.refuse = IllegalMove("illegalStateTransition", "x")
    answer = await client.post("/orders/O-9/release", data={"token": token})
    assert answer.status_code == 422
    assert "The order is now “Cancelled”" in Page(answer.text).words()
    del data.files["O-9"]
    assert (await client.post("/orders/O-9/release", data={"token": token})).status_code == 404


async def test_a_moved_clock_is_told() -> None:
    for moved in (True, False):
        settings = ConsoleSettings("test-secret", clock=lambda: NOW, clock_moved=lambda moved=moved: moved)
        app = Starlette(routes=routes(FakeData(), settings))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
            assert ("The clock is moved." in (await page_of(client, "/login")).words()) == moved
            await sign_in(client)
            assert ("The clock is moved." in (await page_of(client, "/orders")).words()) == moved
