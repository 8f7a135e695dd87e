"""Crews in the console over real HTTP and a database: the board of a day, absences, keeping crews, a crew's own day."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.queries import absences, crews, visits_between
from abonent.kit.values import to_wire
from tests.support.crew_house import (
    EVER,
    ZONE,
    crew_house,
    document,
    planned,
)
from tests.support.pages import Page, page_of
from tests.support.people import person
from tests.support.web import Web


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with crew_house(dsn, tmp_path) as running:
        yield running


async def test_the_board_of_a_day(web: Web) -> None:
    id = await planned(web)
    day = doc.starts((await visits_between(web.context.store, *EVER))[0]).astimezone(ZONE).date()
    async with person(web, "anna") as anna:
        page = await page_of(anna, f"/appointments?day={day}")
        assert "3 crews, 1 visit" in page.words() and "Анна Соколова" in page.words()
        assert len(page.found("a", href=f"/work-orders/{id}")) == 2  # list and table; the grid picks it
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
