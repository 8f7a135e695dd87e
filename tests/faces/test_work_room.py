"""The work room over real HTTP and a real database: list, work order, steps, bulk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.queries import visits_between
from tests.support.crew_house import (
    EVER,
    ZONE,
    crew_house,
    document,
    entered,
    planned,
    rows,
    step,
)
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import person
from tests.support.web import Web


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with crew_house(dsn, tmp_path) as running:
        yield running


async def test_the_list_filters_sorts_and_is_empty_with_advice(web: Web) -> None:
    async with person(web, "anna") as anna:
        assert "No work orders yet." in (await page_of(anna, "/work-orders")).words()
        waiting, going = await entered(web), await planned(web)
        assert rows(await page_of(anna, "/work-orders?sort=number")) == [
            f"/work-orders/{waiting}",
            f"/work-orders/{going}",
        ]
        assert rows(await page_of(anna, "/work-orders?state=pending")) == [f"/work-orders/{waiting}"]
        for query in ("crew=CR-1", "state=open&sort=crew&crew=CR-1", "q=" + going):
            assert rows(await page_of(anna, f"/work-orders?{query}")) == [f"/work-orders/{going}"], query
        for query in ("town=Yaroslavl", "skill=fibre", "client=C-1"):
            assert len(rows(await page_of(anna, f"/work-orders?{query}"))) == 2, query
        for query in ("late=1", "town=Kostroma", "day=2001-01-01"):
            assert (
                "No work order fits this filter." in (await page_of(anna, f"/work-orders?{query}")).words()
            ), query
        start = doc.starts((await visits_between(web.context.store, *EVER))[0])
        day = start.astimezone(ZONE).date()
        assert rows(await page_of(anna, f"/work-orders?day={day}")) == [f"/work-orders/{going}"]
        beyond = await anna.get("/work-orders?page=9&state=open")
        assert (beyond.status_code, beyond.headers["location"]) == (303, "/work-orders?state=open")
        assert (await page_of(anna, "/work-orders?state=x&sort=y&page=-1&day=z")).found("table")


async def test_a_waiting_work_order_gets_a_slot_from_the_list_of_free_ones(web: Web) -> None:
    id = await entered(web)
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/work-orders/{id}")
        for each in ("There is no slot yet.", "Анна Соколова", "Yaroslavl, Svobody 12", "O-77"):
            assert each in page.words(), each
        slots = [each["value"] for each in page.found("input", name="slot")]
        assert len(slots) > 20
        answer, page = await step(anna, id, "rebook")
        assert answer.status_code == 400 and "Choose one of the free slots." in page.words()
        for bad in ("soon", "2001-01-01T00:00:00Z", "9999-12-31T23:00:00Z"):
            assert (await step(anna, id, "rebook", slot=bad))[0].status_code == 400
        answer, _ = await step(anna, id, "rebook", slot=slots[3])
        assert (answer.status_code, answer.headers["location"]) == (303, f"/work-orders/{id}")
        stored = await document(web, id)
        assert (stored["state"], stored["requestedStartDate"]) == ("acknowledged", slots[3])
        assert EVIL not in (await anna.get(f"/work-orders/{id}")).text


async def test_the_last_slot_that_somebody_else_took_is_told_with_what_is_free(web: Web) -> None:
    first, second, third = await entered(web), await entered(web), await entered(web)
    async with person(web, "anna") as anna:
        slot = (await page_of(anna, f"/work-orders/{first}")).found("input", name="slot")[5]["value"]
        for id in (first, second):
            assert (await step(anna, id, "rebook", slot=slot))[0].status_code == 303
        answer, page = await step(anna, third, "rebook", slot=slot)
        assert answer.status_code == 409 and "That slot was taken a moment ago." in page.words()
        free = {each["value"] for each in page.found("input", name="slot")}
        assert free and slot not in free


async def test_the_crew_starts_and_completes_with_materials(web: Web) -> None:
    id = await planned(web)
    async with person(web, "ivan") as ivan:
        assert (await step(ivan, id, "start"))[0].status_code == 303
        fields = {
            "result": "Cable laid",
            "material": ["ONT", "drop cable"],
            "quantity": ["1", "many"],
            "unit": ["pcs", "m"],
            "serial": ["ELTX5F00A1B2", ""],
            "note": "Dog",
        }
        answer, page = await step(ivan, id, "complete", **fields)
        assert answer.status_code == 400 and "Write the quantity as a number" in page.words()
        assert [each["value"] for each in page.found("input", name="material")][:2] == ["ONT", "drop cable"]
        assert [each["value"] for each in page.found("input", name="quantity")][:2] == ["1", "many"]
        assert "Cable laid" in page.text and "Dog" in page.text
        answer, page = await step(ivan, id, "complete", **{**fields, "result": " "})
        assert answer.status_code == 400 and "Say in a few words what was done." in page.words()
        answer, _ = await step(ivan, id, "complete", **{**fields, "quantity": ["1", "35,5"]})
        assert answer.status_code == 303
        stored = await document(web, id)
        assert stored["state"] == "completed"
        assert doc.materials(stored) == [
            {"name": "ONT", "quantity": 1, "unit": "pcs", "serialNumber": "ELTX5F00A1B2"},
            {"name": "drop cable", "quantity": 35.5, "unit": "m"},
        ]
        words = (await page_of(ivan, f"/work-orders/{id}")).words()
        for each in ("Cable laid", "ELTX5F00A1B2", "35.5 m", "Nothing: the work is over.", "At work → Done"):
            assert each in words, each


async def test_a_client_who_is_not_at_home_and_work_that_cannot_be_done(web: Web) -> None:
    id = await planned(web)
    async with person(web, "ivan") as ivan:
        assert (await step(ivan, id, "absent", note="called twice"))[0].status_code == 303
        words = (await page_of(ivan, f"/work-orders/{id}")).words()
        assert "There is no slot yet. The client was not at home: called twice." in words
        assert "Without result" in words
        answer, page = await step(ivan, id, "fail", reason="")
        assert (
            answer.status_code == 400
            and page.found("textarea", id="fail-reason")[0]["aria-invalid"] == "true"
        )
        assert (await step(ivan, id, "fail", reason="No duct"))[0].status_code == 303
        assert "The work was not done. No duct" in (await page_of(ivan, f"/work-orders/{id}")).words()
        answer, page = await step(ivan, id, "start")
        assert answer.status_code == 422 and "now “Failed”" in page.words()


async def test_another_crew_and_those_that_cannot(web: Web) -> None:
    id = await planned(web)
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/work-orders/{id}")
        assert [each["value"] for each in page.found("input", name="crew")] == ["CR-2"]
        assert "Copper: lacks the skill" in page.words()
        answer, page = await step(anna, id, "reassign", crew="CR-3")
        assert answer.status_code == 422 and "cannot take this visit: it lacks the skill" in page.words()
        assert (await step(anna, id, "reassign", crew=""))[0].status_code == 400
        assert (await step(anna, id, "reassign", crew="CR-2"))[0].status_code == 303
        assert doc.related(await document(web, id), "crew") == "CR-2"
        assert (await step(anna, id, "cancel", reason="not wanted"))[0].status_code == 303
        assert (await document(web, id))["state"] == "cancelled"


async def test_every_role_does_its_own(web: Web) -> None:
    id = await planned(web)
    async with person(web, "anna") as anna, person(web, "ivan") as ivan, person(web, "client") as client:
        for name, who in (("start", anna), ("fail", anna), ("reassign", ivan), ("cancel", ivan)):
            answer, page = await step(who, id, name, reason="x", crew="CR-2")
            assert answer.status_code == 403 and page.found("p", id="problem"), name
        for path in (
            "/work-orders",
            f"/work-orders/{id}",
            "/appointments",
            "/crews",
            "/crews/CR-1",
            "/work-orders/mine",
            "/work-orders/bulk",
        ):
            assert (await client.get(path)).status_code == 403, path
        for who, path in (
            (ivan, "/work-orders/bulk?work=" + id),
            (anna, "/crews/new"),
            (ivan, "/crews/CR-1/edit"),
        ):
            assert (await who.get(path)).status_code == 403, path
        token = (await page_of(client, "/login")).found("input", name="token")
        answer = await client.post(f"/work-orders/{id}/cancel", data={"reason": "x", "token": str(token)})
        assert answer.status_code == 403
        answer = await anna.post(f"/work-orders/{id}/cancel", data={"reason": "x"})
        assert answer.status_code == 403
        assert (await document(web, id))["state"] == "acknowledged"


async def test_what_is_not_there_is_not_found(web: Web) -> None:
    async with person(web, "maria") as maria:
        for path in (
            "/work-orders/WO-404",
            "/work-orders/%00",
            "/crews/CR-404",
            "/crews/CR-404/edit",
            "/work-orders/mine?crew=CR-404",
        ):
            assert (await maria.get(path)).status_code == 404, path
        token = (await page_of(maria, "/crews/CR-1")).token()
        for path in (
            "/work-orders/WO-404/start",
            "/crews/CR-404/absences",
            "/crews/CR-1/absences/CA-404/end",
        ):
            assert (await maria.post(path, data={"token": token})).status_code == 404, path
        assert (await maria.get("/work-orders/WO-404/start")).status_code == 303


async def test_any_address_is_answered(web: Web) -> None:
    id = await planned(web)
    async with person(web, "maria") as maria:
        for path in (
            "/crews/CR-1?week=2100-12-31",
            "/crews/CR-1?week=2000-01-01",
            "/crews/CR-1?week=0001-01-01",
            "/work-orders/mine?crew=CR-1&day=2100-12-31",
            "/appointments?day=2000-01-01",
            "/appointments?day=9999-12-31&skill=%00&town=%27",
            "/work-orders?crew=%00&town=%27&skill=%5C&q=%25&sort=-crew",
            f"/work-orders/{id}?back=//evil.example",
        ):
            assert (await maria.get(path)).status_code == 200, path
        assert (await maria.get("/work-orders/bulk?work=%00")).status_code == 400


async def test_several_go_to_another_crew_each_with_its_result(web: Web) -> None:
    one, two, waiting = await planned(web), await planned(web, nth=1), await entered(web)
    busy = await planned(web, "CR-2")  # at the same time as the first
    async with person(web, "anna") as anna:
        page = await page_of(
            anna, f"/work-orders/bulk?work={one}&work={two}&work={waiting}&back=/work-orders"
        )
        assert "Give 2 visits to another crew" in page.words() and "can take 1 of 2" in page.words()
        assert "has no visit that another crew could make" in page.words()
        sent = {"token": page.token(), "back": "/work-orders", "work": [one, two, "WO-404"]}
        assert (await anna.post("/work-orders/bulk", data=sent)).status_code == 400
        answer = await anna.post("/work-orders/bulk", data={**sent, "crew": "CR-2"})
        words = Page(answer.text).words()
        assert answer.status_code == 200
        for each in (
            "1 visit given on",
            "2 visits stay",
            "it has another visit then",
            "There is no work order WO-404",
        ):
            assert each in words, each
        assert doc.related(await document(web, two), "crew") == "CR-2"
        assert doc.related(await document(web, one), "crew") == "CR-1"
        assert "No work order is marked" in Page((await anna.get("/work-orders/bulk")).text).words()
        assert (
            await anna.get("/work-orders/bulk?" + "&".join(f"work={n}" for n in range(51)))
        ).status_code == 400
    assert doc.related(await document(web, busy), "crew") == "CR-2"
