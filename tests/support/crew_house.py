"""A small operator with crews whose console is open: people of each role, work orders with and without a slot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from abonent import main
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules_hours import DAYS
from abonent.domain.workforce.slots import search_time_slots
from abonent.domain.workforce.work import rebook
from abonent.kit.access import SYSTEM, Role
from tests.support.pages import EVIL, Page, page_of
from tests.support.people import ANNA, CLIENT, Person, admit
from tests.support.visits import COPPER, HAND_MADE, crew, hire
from tests.support.web import Web, run_web
from tests.support.world import build

PEOPLE = (
    ANNA,
    Person("ivan", Role.ENGINEER),
    Person("maria", Role.MANAGER),
    CLIENT,
)
ZONE = ZoneInfo("Europe/Moscow")
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
# Round the clock, so that there is a free slot whenever the tests run.
ROUND = [{"day": list(DAYS), "from": "00:00", "to": "24:00"}]
NORTH = crew("CR-1", "North", workingHours=ROUND, person=[{"name": "ivan", "phone": "+7 900 555-01-01"}])
SOUTH = crew("CR-2", f"South {EVIL}", workingHours=ROUND)


@asynccontextmanager
async def crew_house(dsn: str, folder: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, folder) as running:
        ctx = running.context
        await build(ctx)
        await hire(ctx, NORTH, SOUTH, COPPER)
        await admit(ctx.store, *PEOPLE)
        yield running


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
