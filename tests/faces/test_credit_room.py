"""The credit room over real HTTP and a real database: the queue, a case and its steps, tables and their editor."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent import main, serving
from abonent.domain.order_handling.assessment import assess
from abonent.domain.order_handling.credit_cases import reopen
from abonent.domain.order_handling.credit_resources import CREDIT_CASE
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.qualification.credit_resources import CREDIT_TABLE
from abonent.kit.access import SYSTEM, Role
from abonent.kit.context import Context
from abonent.network_simulator import serving as serving_app
from tests.support.credit import put_in_force, row, table
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit, person
from tests.support.world import World, build, item, order, owe

PEOPLE = (
    ANNA,
    Person("boris", Role.AGENT),
    Person("chief", Role.MANAGER),
    CLIENT,
)


class House:
    """The web application; jobs are run by hand."""

    def __init__(self, context: Context, url: str) -> None:
        self.context, self.url = context, url

    async def referred(self) -> str:
        """An order of C-1 that waits for a person."""
        placed = await place_order(self.context, order(item("1", "fibre")))
        await assess(self.context, placed["id"])
        return placed["id"]

    async def case(self, id: str) -> dict[str, Any]:
        return (await self.context.store.get(SYSTEM, CREDIT_CASE, id)).document

    async def state(self, id: str) -> str | None:
        return (await self.context.store.get(SYSTEM, PRODUCT_ORDER, id)).state


@pytest.fixture
async def house(dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = main.Settings(data=tmp_path, database_url=dsn)
    async with (
        main.open_process(settings, dsn, "test") as process,
        serving_app(serving.web_app(process, settings)) as url,
    ):
        await build(process.context, ports=20)
        world = World()
        owe(world, "C-1", "300.00")
        await world.save(process.context)
        await admit(process.context.store, *PEOPLE)
        yield House(process.context, url)


async def send(http: httpx.AsyncClient, page: str, path: str, **fields: Any) -> httpx.Response:
    """Post a form with the token of `page`."""
    token = (await page_of(http, page)).token()
    return await http.post(path, data={"token": token, **fields})


def problems(answer: httpx.Response) -> list[str]:
    return [str(p["id"]) for p in Page(answer.text).found("p", role="alert")]


def refusal(answer: httpx.Response) -> tuple[int, list[str], list[str]]:
    """The status, where it is told why, and the names of the fields that this is said of."""
    page, told = Page(answer.text), problems(answer)
    fields = [*page.found("input"), *page.found("textarea")]
    return answer.status_code, told, [str(f["name"]) for f in fields if f.get("aria-describedby") in told]


async def test_the_queue_shows_who_waits_and_why(house: House) -> None:
    async with person(house, "anna") as anna:
        assert "No order waits for a person" in (await page_of(anna, "/credit")).words()
        id = await house.referred()
        page = await page_of(anna, "/credit")
        assert page.found("a", href=f"/credit/{id}") and "The client has arrears." in page.words()
        assert "Wait for a person 1" in page.words()
        for query, found in (
            ("client=C-1", True),
            ("client=соколова", True),
            ("client=C-2", False),
            ("state=awaitingDeposit", False),
            ("state=eaten&sort=x&page=-1", True),
            ("page=9", True),
            ("sort=-since", True),
        ):
            shown = await anna.get(f"/credit?{query}", follow_redirects=True)
            assert (f"/credit/{id}" in shown.text) == found, query
    async with person(house, "client") as client:
        for path in (
            "/credit",
            f"/credit/{id}",
            "/credit/tables",
            "/credit/tables/shipped",
            "/credit/tables/new",
        ):
            assert (await client.get(path)).status_code == 403, path
        assert (await send(client, "/", f"/credit/{id}/approve", reason="mine")).status_code == 403


async def test_approve_with_a_deposit_that_is_paid(house: House) -> None:
    id = await house.referred()
    path = f"/credit/{id}"
    async with person(house, "anna") as anna:
        page = await page_of(anna, path)
        assert "300.00> 0" in page.words() and "The bureau was not needed" in page.words()
        assert (await anna.get(f"{path}/approve")).headers["location"] == path
        for fields, field in (
            ({"reason": ""}, "reason"),
            ({"reason": "ok", "deposit": "much"}, "deposit"),
            ({"reason": "ok", "deposit": "-5"}, "deposit"),
            ({"reason": "ok", "limit": "1e99"}, "limit"),
            ({"reason": "ok", "limit": "1.005"}, "limit"),
        ):
            refused = await send(anna, path, f"{path}/approve", **fields)
            assert refusal(refused) == (400, ["approve-problem"], [field]), fields
            assert 'value="much"' in refused.text or fields.get("deposit") != "much"
        assert (await house.case(id))["state"] == "referred"
        done = await send(anna, path, f"{path}/approve", reason=f"Known {EVIL}", deposit="1 000,50")
        assert (done.status_code, done.headers["location"]) == (303, path)
        assert (await house.case(id))["deposit"]["value"] == Decimal("1000.50")
        page = (await anna.get(path)).text
        assert EVIL not in page and "Missing: RUB\u00a01,000.50" in page
        for fields, field in (
            ({"payment": "", "reference": "B-1"}, "payment"),
            ({"payment": "5", "reference": ""}, "reference"),
        ):
            refused = await send(anna, path, f"{path}/pay", **fields)
            assert refusal(refused) == (400, ["pay-problem"], [field])
        await send(anna, path, f"{path}/pay", payment="1000.50", reference="B-1")
        assert (await house.case(id))["state"] == "approved"
        await assess(house.context, id)
        assert await house.state(id) == "inProgress"
        assert "nothing left to do here" in (await page_of(anna, path)).words()
        assert (await send(anna, path, f"{path}/approve", reason="again")).status_code == 422
        assert (await anna.get("/credit/O-404")).status_code == 404


async def test_decline_appeal_and_the_other_person(house: House) -> None:
    id = await house.referred()
    path = f"/credit/{id}"
    async with person(house, "anna") as anna, person(house, "boris") as boris:
        refused = await send(anna, path, f"{path}/decline", reason="Debt.", wording="")
        assert refusal(refused) == (400, ["decline-problem"], ["wording"])
        assert ">Debt.</textarea>" in refused.text
        await send(anna, path, f"{path}/decline", reason="Debt.", wording="Please pay first.")
        assert await house.state(id) == "cancelled"
        refused = await send(anna, path, f"{path}/appeal", statement=" ")
        assert refusal(refused)[1:] == (["appeal-problem"], ["statement"])
        await send(anna, path, f"{path}/appeal", statement="I paid.")
        await reopen(house.context, id)
        second = (await house.case(id))["appealOrder"]["id"]
        await assess(house.context, second)
        again = f"/credit/{second}"
        page = await page_of(anna, again)
        assert (
            "The client appeals: I paid." in page.words()
            and "You declined this client before" in page.words()
        )
        assert not page.found("form", id="approve")
        assert (await send(anna, again, f"{again}/approve", reason="x")).status_code == 403
        await send(boris, again, f"{again}/approve", reason="Receipt seen.")
        await assess(house.context, second)
        assert await house.state(second) == "inProgress"
        assert "boris" in (await page_of(anna, again)).words()


FORM = {
    "name": "Stricter",
    "column": ["arrears", "clientKind"],
    "shown": "arrears clientKind",
    "rows": "2",
    "cell.0.arrears": "> 100",
    "outcome.0": "decline",
    "reason.0.en": "Owes {arrears}.",
    "wording.0.en": "Pay first.",
    "wording.0.ru": "Сначала оплатите.",
    "outcome.1": "approveWithDeposit",
    "sum.1": "1,5",
    "unit.1": "months",
    "reason.1.ru": "Все остальные.",
}


async def test_a_table_is_written_tried_and_put_in_force(house: House) -> None:
    await house.referred()
    async with person(house, "anna") as anna:
        assert not (await page_of(anna, "/credit/tables")).found("a", href="/credit/tables/new?from=shipped")
        assert (await anna.get("/credit/tables/new")).status_code == 403
        assert (await send(anna, "/credit/tables", "/credit/tables/new", **FORM)).status_code == 403
    async with person(house, "chief") as chief:
        begun = await page_of(chief, "/credit/tables/new?from=shipped")
        assert begun.found("input", name="cell.0.arrears")[0]["value"] == "> 5000"
        new = "/credit/tables/new"
        wrong = await send(
            chief, new, new, **FORM | {"cell.0.arrears": "> x", "wording.0.ru": "", "do": "save"}
        )
        assert wrong.status_code == 400
        assert problems(wrong) == ["cell.0.arrears-problem", "wording-0"]
        gap = await send(chief, new, new, **FORM | {"cell.1.clientKind": "individual", "do": "save"})
        assert "For example: Arrears, RUB: 0.00; Kind of client: business." in Page(gap.text).words()
        tried = await send(chief, new, new, **FORM, do="try")
        assert "Of 1 order of the last 30 days 1 would be decided otherwise." in Page(tried.text).words()
        assert "Declined, row 1" in Page(tried.text).words()
        saved = await send(chief, new, new, **FORM, do="save")
        assert (saved.status_code, saved.headers["location"]) == (303, "/credit/tables/CT-2")
        kept = (await house.context.store.get(SYSTEM, CREDIT_TABLE, "CT-2")).document
        assert kept["row"][1]["deposit"] == {"months": Decimal("1.5")} and kept["row"][1]["cell"] == [
            "-",
            "-",
        ]
        path = "/credit/tables/CT-2"
        late = await send(chief, path, f"{path}/release", since="2001-01-01")
        assert (late.status_code, problems(late)) == (400, ["since-problem"])
        for since in ("0001-01-01", "9999-12-31", "soon"):
            assert (await send(chief, path, f"{path}/release", since=since)).status_code == 400, since
        await send(chief, path, f"{path}/release", since="2099-01-01")
        assert "Will be in force" in (await page_of(chief, path)).words()
        await send(chief, path, f"{path}/withdraw")
        assert "Withdrawn" in (await page_of(chief, "/credit/tables")).words()
        await put_in_force(house.context, table("", row(outcome="approve")))
        page = await page_of(chief, "/credit/tables/CT-3?try=1")
        assert "In force" in page.words() and "Needs a person, row 3" in page.words()
        assert (await send(chief, "/credit/tables", "/credit/tables/CT-3", **FORM)).status_code == 422
        assert (await chief.get("/credit/tables/CT-404")).status_code == 404


async def test_buttons_of_the_editor_keep_what_was_typed(house: House) -> None:
    new = "/credit/tables/new"
    async with person(house, "chief") as chief:
        added = Page((await send(chief, new, new, **FORM, do="add")).text)
        assert len(added.found("select", name="outcome.2")) == 1
        swapped = Page((await send(chief, new, new, **FORM, do="down.0")).text)
        assert swapped.found("input", name="cell.1.arrears")[0]["value"] == "> 100"
        dropped = Page((await send(chief, new, new, **FORM, do="drop.0")).text)
        assert dropped.found("input", name="sum.0")[0]["value"] == "1.5" and not dropped.found(
            "input", name="sum.1"
        )
        columns = FORM | {"column": ["tenureMonths", "arrears"], "do": "columns"}
        shown = Page((await send(chief, new, new, **columns)).text)
        assert shown.found("input", name="cell.0.arrears")[0]["value"] == "> 100"
        assert shown.found("input", name="cell.0.tenureMonths") and not shown.found(
            "input", name="cell.0.clientKind"
        )
        for do in ("up.0", "drop.99", "drop.x", "copy.1", "nonsense"):
            assert (await send(chief, new, new, **FORM, do=do)).status_code == 200
        for broken in (
            {"rows": "x"},
            {"rows": "-1"},
            {"outcome.0": "\u0000"},
            {"sum.1": "NaN"},
            {"sum.1": "1e999999"},
        ):
            assert (await send(chief, new, new, **FORM | broken, do="save")).status_code == 400, broken
