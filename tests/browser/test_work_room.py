"""The work room in a real browser: a visit from the phone, a slot by keys, bulk, no barriers, pages that fit."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from abonent import main
from abonent.domain.party.accounts import create_account
from abonent.domain.workforce import documents as doc
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.domain.workforce.rules_hours import DAYS
from abonent.domain.workforce.slots import search_time_slots
from abonent.domain.workforce.work import client_absent, rebook
from abonent.kit.access import SYSTEM, Role
from abonent.kit.values import from_wire
from tests.browser.desk import NARROW, WIDE, Desk
from tests.support.people import PASSWORD
from tests.support.running import Running
from tests.support.visits import COPPER, HAND_MADE, crew, hire
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ROUND = [{"day": list(DAYS), "from": "00:00", "to": "24:00", "break": [{"from": "12:00", "to": "13:00"}]}]


async def _visits(system: Running) -> tuple[str, str, str]:
    """Crews, an engineer, a manager, and three work orders: planned, planned at once after it, waiting again."""
    ctx = system.context
    people = [{"name": "Ivan Petrov", "phone": "+7 900 555-01-01"}]
    await hire(
        ctx,
        crew("CR-1", "North", workingHours=ROUND, person=people),
        crew("CR-2", "South", workingHours=ROUND),
        COPPER,
    )
    for name, role, shown in (("ivan", Role.ENGINEER, "Ivan Petrov"), ("maria", Role.MANAGER, "Maria")):
        await create_account(ctx.store, name, PASSWORD, role, display_name=shown, party=None, language="en")
    ids = []
    for nth in range(3):
        made = await main.actions().of(WORK_ORDER).create(ctx.for_caller(SYSTEM), HAND_MADE)
        slots = await search_time_slots(ctx, doc.wish_of(made))
        await rebook(ctx, made["id"], slots[min(nth, 1)].start, crew="CR-1" if nth < 2 else "CR-2")
        ids.append(made["id"])
    await client_absent(ctx, ids[2])
    return ids[0], ids[1], ids[2]


async def test_a_crew_does_its_visit_on_a_phone(desk: Desk, system: Running, world: World) -> None:
    first, _, _ = await _visits(system)
    stored = await system.context.store.get(SYSTEM, WORK_ORDER, first)
    day = stored.document["requestedStartDate"]
    await desk.page.set_viewport_size({"width": NARROW, "height": 844})
    await desk.sign_in("ivan")
    await desk.go("/work-orders/mine")
    await desk.page.wait_for_url("**/work-orders/mine?crew=CR-1")
    local = await desk.page.evaluate(
        "at => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Moscow' }).format(new Date(at))", day
    )
    await desk.go(f"/work-orders/mine?crew=CR-1&day={local}")
    for button in await desk.page.locator(".a-stop-acts .btn").all():
        box = await button.bounding_box()
        assert box is not None and box["height"] >= 44
    await desk.page.locator(".a-stop").get_by_role("button", name="Start work").click()
    await desk.page.locator(".a-stop").get_by_role("link", name="Work is done").click()
    await desk.page.fill("#complete-result", "Cable laid")
    await desk.page.get_by_label("Material 1", exact=True).fill("ONT")
    await desk.page.get_by_label("Serial number of material 1").fill("ELTX5F00A1B2")
    await desk.page.get_by_label("Quantity of material 1").fill("0")
    desk.expected = {400}
    await desk.page.locator("#complete").get_by_role("button", name="Work is done").click()
    await desk.says("Write the quantity as a number above 0")
    await expect(desk.page.get_by_label("Material 1", exact=True)).to_be_focused()
    await desk.page.get_by_label("Quantity of material 1").fill("1")
    await desk.page.locator("#complete").get_by_role("button", name="Work is done").click()
    await desk.page.wait_for_url("**/work-orders/mine?crew=CR-1*")
    stored = await system.context.store.get(SYSTEM, WORK_ORDER, first)
    assert stored.state == "completed" and doc.materials(stored.document)[0]["serialNumber"] == "ELTX5F00A1B2"


async def test_an_agent_gives_a_slot_by_keys_and_several_visits_to_another_crew(
    desk: Desk, system: Running, world: World
) -> None:
    first, second, waiting = await _visits(system)
    await desk.sign_in()
    await desk.go("/work-orders?state=pending")
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url(f"**/work-orders/{waiting}")
    await desk.page.keyboard.press("m")
    await expect(desk.page.locator("input[name=slot]").first).to_be_focused()
    await desk.page.keyboard.press("Space")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("h1")).to_contain_text("Planned")
    await desk.go("/work-orders?crew=CR-1")
    for number in (first, second):
        await desk.page.get_by_label(f"Mark work order {number}").check()
    await desk.page.get_by_role("button", name="Give marked ones to another crew").click()
    await desk.page.get_by_label("South").check()
    await desk.page.get_by_role("button", name="to another crew").click()
    await desk.says("given on", "Visit by visit")


async def test_the_filter_works_without_a_button(desk: Desk, system: Running, world: World) -> None:
    await _visits(system)
    await desk.sign_in()
    await desk.go("/work-orders")
    await desk.page.locator("#filter select[name=state]").select_option("pending")
    await expect(desk.page.locator("#list h2")).to_contain_text("1 work order")
    await desk.page.wait_for_url("**/work-orders?state=pending")


async def test_pages_fit_their_width_and_have_no_barriers(desk: Desk, system: Running, world: World) -> None:
    first, second, waiting = await _visits(system)
    await desk.sign_in("maria")
    paths = ("/work-orders", "/work-orders?town=none", f"/work-orders/{first}", f"/work-orders/{waiting}",
             f"/work-orders/bulk?work={first}&work={second}",
             "/appointments", "/appointments?town=none", f"/appointments?move={waiting}",
             "/appointments/week", "/crews", "/crews/CR-1", "/crews/new",
             "/work-orders/mine?crew=CR-1", "/work-orders/mine")  # fmt: skip
    for choice in ({"language": "en"}, {"language": "ru"}, {"theme": "dark"}):
        if choice != {"language": "en"}:
            await desk.page.set_viewport_size({"width": WIDE, "height": 900})
            await desk.go("/work-orders")
            await desk.prefer(**choice)
        for path in paths:
            await desk.go(path)
            for width in (WIDE, NARROW):
                await desk.page.set_viewport_size({"width": width, "height": 900})
                assert not await desk.scrolls_sideways(), (choice, path, width)
                assert await desk.barriers() == [], (choice, path, width)


async def test_a_visit_is_moved_on_the_board_by_mouse_and_by_keys(
    desk: Desk, system: Running, world: World
) -> None:
    first, _, waiting = await _visits(system)
    stored = await system.context.store.get(SYSTEM, WORK_ORDER, first)
    start = from_wire(stored.document["requestedStartDate"])
    day = (start + timedelta(days=1)).astimezone(ZoneInfo("Europe/Moscow")).date()
    await desk.sign_in()
    # By mouse: the visit, the next day, a marked time of the other crew, the button.
    await desk.go(f"/appointments?day={day - timedelta(days=1)}")
    await desk.page.locator(f".a-wide a[data-move='{first}']").click()
    await desk.page.get_by_role("link", name="Day after").click()
    await desk.page.locator(".a-wide a.target", has_text="15:00").last.click()
    await expect(desk.page.locator("#move-crew")).to_have_value("CR-2")
    await expect(desk.page.locator("#move-at")).to_have_value("15:00")
    await desk.page.get_by_role("button", name="Move the visit").click()
    await desk.says(f"{first}: South, 15:00–17:00 now.")
    # By keys: a time that is taken is refused in words, what was typed stays, another one goes.
    await desk.page.get_by_role("link", name=f"Give a slot: {waiting}").press("Enter")
    await desk.page.locator("#move-crew").select_option("CR-2")
    await desk.page.locator("#move-at").fill("16:00")
    desk.expected = {422, 409}
    await desk.page.locator("#move-at").press("Enter")
    await desk.says("it has another visit then")
    await expect(desk.page.locator("#move-at")).to_have_value("16:00")
    await desk.page.locator("#move-at").fill("17:10")
    await desk.page.locator("#move-at").press("Enter")
    await desk.says(f"{waiting}: South, 17:10–19:10 now.")
    await desk.page.get_by_role("link", name="The week").click()
    await desk.says("Booked of the hours each crew works", "2 visits")


async def test_a_visit_dragged_on_the_board_leads_to_its_form(
    desk: Desk, system: Running, world: World
) -> None:
    first, _, _ = await _visits(system)
    stored = await system.context.store.get(SYSTEM, WORK_ORDER, first)
    start = from_wire(stored.document["requestedStartDate"]).astimezone(ZoneInfo("Europe/Moscow"))
    await desk.sign_in()
    await desk.go(f"/appointments?day={start.date()}")
    visit = desk.page.locator(f".a-wide a[data-move='{first}'] rect").first
    lane = desk.page.locator(".a-wide rect[data-crew='CR-2']")
    have, there = await visit.bounding_box(), await lane.bounding_box()
    assert have is not None and there is not None
    x, y = have["x"] + 20, have["y"] + 10
    # Straight down is another crew at the same time; the picture is as long as the day.
    await desk.page.mouse.move(x, y)
    await desk.page.mouse.down()
    await desk.page.mouse.move(x + 1, there["y"] + 8, steps=4)
    await desk.page.mouse.up()
    await desk.page.wait_for_url("**&crew=CR-2&at=*")
    await expect(desk.page.locator("#move-crew")).to_have_value("CR-2")
    await expect(desk.page.locator("#move-at")).to_have_value(f"{start:%H:%M}")
    await expect(desk.page.get_by_role("button", name="Move the visit")).to_be_visible()
    assert (await system.context.store.get(SYSTEM, WORK_ORDER, first)).document == stored.document
