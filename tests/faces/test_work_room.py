"""The work room over real HTTP and a real database: list, work order, steps, bulk, board, crews, a crew's day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import pytest

from abonent import main
from abonent.domain.party.accounts import create_account
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.queries import absences, crews, visits_between
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules_hours import DAYS
from abonent.domain.workforce.slots import search_time_slots
from abonent.domain.workforce.work import rebook
from abonent.kit.access import SYSTEM, Role
from abonent.kit.values import to_wire
from tests.faces.console_fakes import EVIL, Page, page_of
from tests.support.visits import COPPER, HAND_MADE, crew, hire
from tests.support.web import Web, run_web
from tests.support.world import build

PASSWORD = "correct horse"
PEOPLE = (
    ("anna", Role.AGENT, None),
    ("ivan", Role.ENGINEER, None),
    ("maria", Role.MANAGER, None),
    ("client", Role.CLIENT, "C-1"),
)
ZONE = ZoneInfo("Europe/Moscow")
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
# Round the clock, so that there is a free slot whenever the tests run.
ROUND = [{"day": list(DAYS), "from": "00:00", "to": "24:00"}]
NORTH = crew("CR-1", "North", workingHours=ROUND, person=[{"name": "ivan", "phone": "+7 900 555-01-01"}])
SOUTH = crew("CR-2", f"South {EVIL}", workingHours=ROUND)


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        ctx = running.context
        await build(ctx)
        await hire(ctx, NORTH, SOUTH, COPPER)
        for name, role, party in PEOPLE:
            await create_account(
                ctx.store, name, PASSWORD, role, display_name=name, party=party, language="en"
            )
        yield running


@asynccontextmanager
async def person(web: Web, name: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client:
        token = (await page_of(client, "/login")).token()
        answer = await client.post("/login", data={"name": name, "password": PASSWORD, "token": token})
        assert answer.status_code == 303
        yield client


async def entered(web: Web, **more: Any) -> str:
    """A work order by hand; it waits for a slot."""
    made = await main.actions().of(WORK_ORDER).create(web.context.for_caller(SYSTEM), HAND_MADE | more)
    return made["id"]


async def planned(web: Web, crew: str = "CR-1", nth: int = 0, **more: Any) -> str:
    """The same with a slot of the crew: its first one, or the nth after it."""
    id = await entered(web, **more)
    stored = await web.context.store.get(SYSTEM, WORK_ORDER, id)
    slots = await search_time_slots(web.context, doc.wish_of(stored.document))
    free = [slot for slot in slots if crew in slot.crews]
    await rebook(web.context, id, free[nth].start, crew=crew)
    return id


async def document(web: Web, id: str) -> dict[str, Any]:
    return (await web.context.store.get(SYSTEM, WORK_ORDER, id)).document


async def step(client: httpx.AsyncClient, id: str, name: str, **fields: Any) -> tuple[httpx.Response, Page]:
    """Send a form of the work order's page."""
    token = (await page_of(client, f"/work-orders/{id}")).token()
    answer = await client.post(f"/work-orders/{id}/{name}", data={"token": token, **fields})
    return answer, Page(answer.text)


def rows(page: Page) -> list[str | None]:
    """Where the rows of a list lead."""
    return [each["href"] for each in page.found("a", class_="a-strong a-rowlink")]


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


async def test_the_board_of_a_day(web: Web) -> None:
    id = await planned(web)
    day = doc.starts((await visits_between(web.context.store, *EVER))[0]).astimezone(ZONE).date()
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments?day={day}")
        assert "3 crews, 1 visit" in page.words() and "Анна Соколова" in page.words()
        assert len(page.found("a", href=f"/work-orders/{id}")) == 3  # both drawings and the table
        assert page.found("a", href=f"/appointments?day={day + timedelta(days=1)}")
        assert "Free visits of the next 7 days" in page.words()
        copper = await page_of(anna, f"/appointments?day={day}&skill=copper")
        assert "1 crew, 0 visits" in copper.words()
        none = await page_of(anna, f"/appointments?day={day}&town=Kostroma")
        assert "No crew has this skill in this town." in none.words()
        assert (await anna.get("/appointments?day=nonsense")).status_code == 200
        assert (await anna.get("/appointments?day=2100-12-31")).status_code == 200


async def test_an_absence_says_what_it_hits_and_is_ended(web: Web) -> None:
    id = await planned(web)
    stored = await document(web, id)
    start = doc.starts((await visits_between(web.context.store, *EVER))[0]).astimezone(ZONE)
    fields = {"from": f"{start:%Y-%m-%dT%H:%M}", "until": "", "reason": "Training"}
    async with person(web, "maria") as maria, person(web, "anna") as anna:
        assert not (await page_of(anna, "/crews/CR-1")).found("form", id="absence")
        token = (await page_of(maria, "/crews/CR-1")).token()
        answer = await maria.post(
            "/crews/CR-1/absences", data={**fields, "token": token, "from": "", "do": "look"}
        )
        assert answer.status_code == 400 and "Say when the absence begins" in answer.text
        answer = await maria.post("/crews/CR-1/absences", data={**fields, "token": token, "do": "look"})
        page = Page(answer.text)
        assert answer.status_code == 200 and "It hits 1 visit." in page.words() and id in page.words()
        assert page.found("input", name="reason")[0]["value"] == "Training"
        assert await absences(web.context.store, ["CR-1"], *EVER) == []
        answer = await maria.post("/crews/CR-1/absences", data={**fields, "token": token, "do": "add"})
        assert answer.status_code == 303
        page = await page_of(maria, "/crews/CR-1")
        assert "1 visit falls into an absence." in page.words()
        assert page.found("a", href=f"/work-orders/bulk?work={id}&back={quote('/crews/CR-1', safe='')}")
        assert "of its crew" in (await page_of(anna, f"/appointments?day={start.date()}")).words()
        (absence,) = await absences(web.context.store, ["CR-1"], *EVER)
        other = await maria.post(f"/crews/CR-2/absences/{absence['id']}/end", data={"token": token})
        assert other.status_code == 404
        answer = await maria.post(f"/crews/CR-1/absences/{absence['id']}/end", data={"token": token})
        assert answer.status_code == 303
        assert await absences(web.context.store, ["CR-1"], *EVER) == []
        now = {**fields, "from": f"{start - timedelta(days=3):%Y-%m-%dT%H:%M}"}
        await maria.post("/crews/CR-1/absences", data={**now, "token": token, "do": "add"})
        (absence,) = await absences(web.context.store, ["CR-1"], *EVER)
        await maria.post(f"/crews/CR-1/absences/{absence['id']}/end", data={"token": token})
        (absence,) = await absences(web.context.store, ["CR-1"], *EVER)
        assert absence["validFor"]["endDateTime"] <= to_wire(web.context.now())
    assert stored["state"] == "acknowledged"


async def test_a_manager_adds_and_changes_a_crew(web: Web) -> None:
    async with person(web, "maria") as maria:
        page = await page_of(maria, "/crews/new")
        fields = {each["name"]: each.get("value") or "" for each in page.found("input") if each.get("name")}
        sent = {**fields, "name": "West", "skill": ["fibre"], "other_skill": "", "towns": "Tula", "person": ["Oleg"],
                "phone": ["+7 900 1"]}  # fmt: skip
        answer = await maria.post("/crews/new", data={**sent, "mon_from": "x"})
        assert answer.status_code == 400 and "Write from and to as 09:00" in answer.text
        answer = await maria.post("/crews/new", data=sent)
        assert answer.status_code == 303
        made = next(each for each in await crews(web.context.store) if each["name"] == "West")
        assert (made["skill"], made["district"]) == (["fibre"], [{"city": "Tula"}])
        path = f"/crews/{made['id']}/edit"
        assert answer.headers["location"] == f"/crews/{made['id']}"
        page = await page_of(maria, path)
        version = str(page.found("input", name="version")[0]["value"])
        changed = {**sent, "name": "Far West", "version": version}
        assert (await maria.post(path, data=changed)).status_code == 303
        answer = await maria.post(path, data={**changed, "name": "Near West"})
        assert answer.status_code == 409 and "Near West" in answer.text
        assert "Far West" in (await page_of(maria, "/crews")).words()


async def test_a_crew_s_own_day(web: Web) -> None:
    with_phone = {"id": "C-2", "role": "customer", "@referredType": "Customer"}
    id = await planned(web, relatedParty=[with_phone])
    start = doc.starts((await visits_between(web.context.store, *EVER))[0]).astimezone(ZONE)
    here = f"/work-orders/mine?crew=CR-1&day={start.date()}"
    async with person(web, "ivan") as ivan, person(web, "anna") as anna:
        # An engineer who stands among a crew's people is led to its day; others choose.
        assert (await ivan.get("/work-orders/mine")).headers["location"] == "/work-orders/mine?crew=CR-1"
        assert "Which crew?" in (await page_of(anna, "/work-orders/mine")).words()
        page = await page_of(ivan, here)
        assert "Next visit" in page.words() and "Yaroslavl, Svobody 12" in page.words()
        assert page.found("a", class_="btn", href="tel:+74990000000")
        back = str(page.found("input", name="back")[0]["value"])
        answer = await ivan.post(f"/work-orders/{id}/start", data={"token": page.token(), "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, back)
        assert "At work" in (await page_of(ivan, here)).words()
        evil = await ivan.post(
            f"/work-orders/{id}/complete", data={"token": page.token(), "result": "x", "back": "//evil"}
        )
        assert evil.headers["location"] == "/"
        assert "All visits of this day are over." in (await page_of(ivan, here)).words()
        assert not (await page_of(anna, here)).found("form", action=f"/work-orders/{id}/start")
