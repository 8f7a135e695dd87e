"""The board of visits over real HTTP and a database: the grid, the week, a visit that is moved, travel of a crew."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.queries import crews
from abonent.domain.workforce.requests import post_absence
from abonent.domain.workforce.work import client_absent, start_work
from abonent.kit.access import SYSTEM
from abonent.kit.values import from_wire, to_wire
from tests.support.crew_house import ZONE, crew_house, document, entered, planned
from tests.support.pages import Page, page_of
from tests.support.people import person
from tests.support.web import Web


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with crew_house(dsn, tmp_path) as running:
        yield running


async def when(web: Web, id: str) -> datetime:
    return from_wire((await document(web, id))["requestedStartDate"]).astimezone(ZONE)


async def moves(client: httpx.AsyncClient, id: str, day: date, **fields: str) -> tuple[httpx.Response, Page]:
    """Pick a visit on the board of a day and send the form that moves it."""
    token = (await page_of(client, f"/appointments?day={day}&move={id}")).token()
    data = {"token": token, "move": id, "day": f"{day}", **fields}
    answer = await client.post("/appointments/move", data=data)
    return answer, Page(answer.text)


async def test_a_visit_is_moved_from_the_board_by_a_form(web: Web) -> None:
    id = await planned(web)
    day = (await when(web, id)).date() + timedelta(days=1)
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments?day={(await when(web, id)).date()}")
        assert page.found("a", href=f"/appointments?day={(await when(web, id)).date()}&move={id}#move")
        page = await page_of(anna, f"/appointments?day={day}&skill=fibre&move={id}")
        target = f"/appointments?day={day}&skill=fibre&move={id}&crew=CR-2&at=10%3A00#move"
        assert page.found("a", href=target, class_="target")
        assert "Copper: lacks the skill" in page.words()
        page = await page_of(anna, target.partition("#")[0])
        assert page.found("input", name="at")[0]["value"] == "10:00"
        sent = {"crew": "CR-2", "at": "10:00", "skill": "fibre"}
        answer, _ = await moves(anna, id, day, **sent)
        shown = f"/appointments?day={day}&skill=fibre&moved={id}"
        assert (answer.status_code, answer.headers["location"]) == (303, shown + "#moved")
        assert f"{id}: South" in (await page_of(anna, shown)).words()
        assert (await when(web, id)) == datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)
        assert doc.related(await document(web, id), "crew") == "CR-2"


async def test_what_waits_or_is_late_stands_beside_the_grid_and_gets_a_slot(web: Web) -> None:
    waiting = await entered(web)
    day = web.context.now().astimezone(ZONE).date() + timedelta(days=2)
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments?day={day}")
        assert page.found("a", href=f"/appointments?day={day}&move={waiting}#move")
        assert "Every work order has a slot." not in page.words() and "No visit is late." in page.words()
        answer, _ = await moves(anna, waiting, day, crew="CR-1", at="09:15")
        assert answer.status_code == 303
        assert "Every work order has a slot." in (await page_of(anna, f"/appointments?day={day}")).words()
    assert (await document(web, waiting))["state"] == "acknowledged"


async def test_refusals_are_said_in_words_and_keep_what_was_typed(web: Web) -> None:
    id, other = await planned(web), await planned(web, "CR-2", 5)
    start = await when(web, other)
    day, at = start.date(), f"{start:%H:%M}"
    past = web.context.now().astimezone(ZONE).date() - timedelta(days=1)
    async with person(web, "anna") as anna:
        for crew, time, on, said, status in (
            ("CR-2", at, day, "it has another visit then", 422),
            ("CR-3", at, day, "it lacks the skill", 422),
            ("CR-404", at, day, "there is no such crew", 422),
            ("", at, day, "Choose the crew that makes the visit.", 400),
            ("CR-1", "soon", day, "Write when the visit begins", 400),
            ("CR-1", "", day, "Write when the visit begins", 400),
            ("CR-1", at, past, "that time is over", 400),
            ("CR-1", at, date(2090, 1, 1), "Choose a day within a year.", 400),
        ):
            answer, page = await moves(anna, id, on, crew=crew, at=time)
            assert answer.status_code in {status, 409} and said in page.words(), (crew, time, said)
            assert page.found("input", name="move")[0]["value"] == id
            assert page.found("input", id="move-day")[0]["value"] == f"{on}"
        answer, page = await moves(anna, "WO-404", day, crew="CR-1", at=at)
        assert answer.status_code == 404 and "There is no work order WO-404" in page.words()
        # Picked a moment ago, but the crew has begun meanwhile.
        await start_work(web.context, id)
        assert not (await page_of(anna, f"/appointments?day={day}&move={id}")).found(
            "form", action="/appointments/move"
        )
        answer, _ = await moves(anna, other, day, crew="CR-1", at=at)
        assert answer.status_code == 303


async def test_who_may_move_visits(web: Web) -> None:
    id = await planned(web)
    day = (await when(web, id)).date()
    async with person(web, "ivan") as ivan, person(web, "client") as client, person(web, "anna") as anna:
        page = await page_of(ivan, f"/appointments?day={day}&move={id}")
        assert not page.found("form", action="/appointments/move")
        assert page.found("a", href=f"/work-orders/{id}") and "move=" not in str(page.tags)
        answer, _ = await moves(ivan, id, day, crew="CR-2", at="10:00")
        assert answer.status_code == 403
        for path in ("/appointments", "/appointments/week"):
            assert (await client.get(path)).status_code == 403
        assert (await anna.get("/appointments/move")).headers["location"] == "/appointments"
        assert (await anna.post("/appointments/move", data={"move": id})).status_code == 403


async def test_visits_of_an_absent_crew_go_to_whoever_can(web: Web) -> None:
    one, two = await planned(web), await planned(web, nth=1)
    start = await when(web, one)
    valid = {"startDateTime": to_wire(start), "endDateTime": to_wire(start + timedelta(hours=12))}
    absence = {"crew": {"id": "CR-1"}, "validFor": valid, "reason": "Training"}
    await post_absence(web.context.for_caller(SYSTEM), absence)
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments?day={start.date()}")
        assert "absent" in page.words()
        give = next(str(each["href"]) for each in page.found("a") if "/work-orders/bulk" in str(each["href"]))
        page = await page_of(anna, f"/work-orders/bulk?work={one}&work={two}&back=/appointments")
        assert one in give and page.found("input", name="crew", value="*")
        sent = {"token": page.token(), "back": "/appointments", "work": [one, two], "crew": "*"}
        answer = await anna.post("/work-orders/bulk", data=sent)
        assert "2 visits given on" in Page(answer.text).words()
        sent["work"] = [one]
        await planned(web, "CR-1", 40)
        answer = await anna.post("/work-orders/bulk", data=sent)
        assert "No other crew can make this visit at its time." in Page(answer.text).words()
    for id in (one, two):
        assert doc.related(await document(web, id), "crew") == "CR-2"


async def test_the_week_counts_visits_and_leads_to_the_day(web: Web) -> None:
    id = await planned(web)
    await client_absent(web.context, await planned(web, nth=2))
    day = (await when(web, id)).date()
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments/week?day={day}")
        assert page.found("a", href=f"/appointments?day={day}")
        assert "3 crews, 1 visit" in page.words()  # nobody was at home: that slot is free again
        assert "does not work" in page.words()  # the copper crew on Sunday
        only = await page_of(anna, f"/appointments/week?day={day}&skill=copper")
        assert "North" not in only.words() and "Copper" in only.words()
        none = await page_of(anna, f"/appointments/week?day={day}&town=Kostroma")
        assert "No crew has this skill in this town." in none.words()
        for strange in ("day=2000-01-01", "day=2100-12-31", "day=x&skill=%00&town=%27"):
            assert (await anna.get(f"/appointments/week?{strange}")).status_code == 200


async def test_a_manager_says_how_a_crew_travels(web: Web) -> None:
    async with person(web, "maria") as maria:
        page = await page_of(maria, "/crews/CR-3/edit")
        fields = {each["name"]: each.get("value") or "" for each in page.found("input") if each.get("name")}
        sent = {
            **fields,
            "skill": ["copper"],
            "person": [],
            "phone": [],
            "towns": "Yaroslavl",
            "other_skill": "",
        }
        answer = await maria.post("/crews/CR-3/edit", data={**sent, "speed": "fast", "legs": "nonsense"})
        page = Page(answer.text)
        assert answer.status_code == 400 and "Write the speed in km/h, from 1 to 300." in page.words()
        assert "this line is not: nonsense" in page.words()
        assert page.found("input", id="speed")[0]["value"] == "fast"
        travel = {"speed": "40", "least": "10", "legs": "Yaroslavl – Far: 50"}
        assert (await maria.post("/crews/CR-3/edit", data={**sent, **travel})).status_code == 303
    stored = next(each for each in await crews(web.context.store) if each["id"] == "CR-3")
    assert stored["travel"] == {
        "kmPerHour": 40,
        "minimumMinutes": 10,
        "leg": [{"from": "Yaroslavl", "to": "Far", "minutes": 50}],
    }
