"""The console in Russian, wholly; dark when asked; and the notice of a clock that is moved."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.kit.access import SYSTEM
from tests.browser.desk import Desk
from tests.support.running import Running
from tests.support.world import World, item, order

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What a Russian page may say in Latin letters: names of the product, of catalogue, client, place and API.
NAMES = {
    "Abonent",
    "SLA",
    "API",
    "TMF",
    "GPON",
    "UTC",
    "fibre",
    "turbo",
    "North",
    "Quay",
    "Yaroslavl",
    "Svobody",
}
LATIN = re.compile(r"[A-Za-z]{2,}")
# Kept out: keys and words marked as another language.
CHROME = """() => {
  const copy = document.body.cloneNode(true);
  for (const each of copy.querySelectorAll("script, kbd, [lang=en]")) each.remove();
  const marks = ["placeholder", "aria-label"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].map((each) => each.getAttribute(name)));
  const texts = [];
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  return [document.title, ...texts, ...marks].join(" ");
}"""


async def _foreign(desk: Desk) -> set[str]:
    """Latin words of the page that are no names."""
    text: str = await desk.page.evaluate(CHROME)
    return set(LATIN.findall(text)) - NAMES


async def _said_by_the_network(system: Running, order_id: str) -> set[str]:
    """Latin words of the results that the network reported, which stand on the page as it wrote them."""
    plan = await system.context.store.get(SYSTEM, ORDER_PLAN, order_id)
    return {word for task in plan.document["task"] for word in LATIN.findall(task["result"])}


async def test_every_page_is_russian_when_russian_is_chosen(
    desk: Desk, system: Running, world: World
) -> None:
    ctx = system.context
    done = (await place_order(ctx, order(item("1", "fibre"))))["id"]
    refused = (await place_order(ctx, order(item("1", "turbo"), description="Линия")))["id"]
    await system.order_in(done, "completed")
    await system.order_in(refused, "rejected")
    await desk.sign_in()
    await desk.go("/orders")
    await desk.prefer(language="ru")
    await expect(desk.page.locator("html")).to_have_attribute("lang", "ru")

    await expect(desk.page).to_have_title("Заказы · Abonent")
    heads = await desk.page.locator("th:not(.a-mark)").all_inner_texts()
    assert heads == ["Номер", "Клиент", "Что", "Состояние", "Обещано", "₽ в месяц, с налогом"]
    await desk.says("2 заказа", "Выполнен", "Отклонён", "Анна Орлова, оператор")
    assert await _foreign(desk) == set()

    await desk.go(f"/orders/{done}")
    await expect(desk.page).to_have_title(f"Заказ {done} · Abonent")
    assert await desk.page.locator("main h2").all_inner_texts() == [
        "План",
        "Что заказано",
        "Сообщения клиенту",
        "История",
        "Решения",
        "Что можно сделать сейчас",
    ]
    await desk.says("500,00\u00a0₽", "Долга нет, в пределах кредитного лимита.", "Заказ: Выполнен")
    footer = await desk.words("#as-of")
    assert re.fullmatch(r"По состоянию на \d{1,2} [а-я]+\.? \d{4}, \d\d:\d\d:\d\d", footer), footer
    # What is called so in every language.
    named = {"IP", "VLAN"}
    assert await _foreign(desk) - await _said_by_the_network(system, done) - named == set()

    await desk.go(f"/orders/{refused}")
    await desk.says("Заказ отклонён.", "Что можно сделать сейчас")
    assert await _foreign(desk) == set()

    await desk.go("/orders?q=нет+такого")
    assert await _foreign(desk) == set()
    desk.expected = {404}
    await desk.go("/orders/O-1")
    assert await _foreign(desk) == set()
    await desk.prefer(language="en")
    await expect(desk.page.locator("html")).to_have_attribute("lang", "en")


async def test_the_sign_in_page_speaks_the_browsers_language(
    browser: Browser, system: Running, world: World
) -> None:
    desk = await Desk.open(browser, system.url, locale="ru-RU")
    await desk.go("/login")
    await expect(desk.page).to_have_title("Вход · Abonent")
    assert await _foreign(desk) == set()
    desk.expected = {401}
    await desk.sign_in(password="wrong-password")
    assert await _foreign(desk) == set()
    assert desk.complaints() == []


async def test_the_theme_stays_over_pages_and_visits(desk: Desk, browser: Browser, system: Running) -> None:
    await desk.sign_in()
    page = desk.page.locator("html")
    light = await desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    await desk.prefer(theme="dark")
    await expect(page).to_have_attribute("data-bs-theme", "dark")
    assert await desk.page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    await desk.go("/orders?late=1")
    await expect(page).to_have_attribute("data-bs-theme", "dark")
    elsewhere = await Desk.open(browser, system.url, viewport={"width": 390, "height": 800})
    await elsewhere.sign_in()
    await expect(elsewhere.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await elsewhere.prefer(theme="light")  # the switch stands in the footer there
    await expect(elsewhere.page.locator("html")).to_have_attribute("data-bs-theme", "light")


async def test_a_moved_clock_is_told_on_every_page(desk: Desk, system: Running) -> None:
    await desk.sign_in()
    await expect(desk.page.locator(".a-moved")).to_have_count(0)
    async with system.process.database.connection() as conn:
        await system.context.clock.set(conn, system.context.now() + timedelta(days=400))
    for path in ("/orders", "/login"):
        await desk.go(path)
        await desk.says("The clock is moved.")
    year = (system.context.now()).year
    assert str(year) in await desk.words(".a-moved")
