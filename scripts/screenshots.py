#!/usr/bin/env python3
"""Take the pictures of the README and the manuals: `make screenshots`.

A demo is seeded into a temporary folder (or into --data, where it is kept for the next time) with a fixed seed and a
clock that stands at MOMENT, so the same source gives the same pictures. ABONENT_CHROMIUM names the browser.
"""

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from playwright.async_api import Browser, Page, async_playwright

from abonent import main, serving
from abonent.demo import seed
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.embedded_postgres import EmbeddedPostgres
from abonent.kit.access import SYSTEM
from abonent.kit.clock import Clock
from abonent.kit.context import Context
from abonent.kit.migrate import migrate
from abonent.kit.query import Query
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode
from abonent.kit.values import from_wire, to_wire
from abonent.message_simulator import serving as serving_messages
from abonent.network_simulator import serving as serving_app

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
# A Wednesday, 13:40 in the operator's zone.
MOMENT = datetime(2026, 6, 3, 10, 40, tzinfo=UTC)
WIDE, NARROW, LARGEST = 1366, 390, 200 * 1024
# Names and passwords of two agents of the demo.
ENGLISH, RUSSIAN = ("operator", "demo-operator"), ("anna", "demo-anna")
IN_MAILBOX = 40
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
Document = dict[str, Any]


class Stopped(Clock):
    """Stands at MOMENT, and no page says that it was moved: nobody waits here."""

    def now(self) -> datetime:
        return MOMENT


@dataclass(frozen=True)
class Shot:
    """One picture: NAME.png of a path, at most `height` pixels of it. With `others`: of the first address at which
    something is chosen."""

    name: str
    path: str
    who: tuple[str, str] = ENGLISH
    width: int = WIDE
    theme: str = "light"
    height: int = 900
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What is shown: the order in work with the longest plan, one on hold for its credit, the client with most behind
    him, the newest English mail; `english` and `russian` clients who have a telephone only, for whom one orders.
    """

    order: str
    held: str
    client: str
    message: str
    messages: list[Document]
    english: list[str]
    russian: list[str]


async def read(ctx: Context, resource: Resource) -> list[Document]:
    """All documents of a resource, by number."""
    found: list[Document] = []
    async for rows in ctx.store.stream(SYSTEM, resource, Query()):
        found += [decode(text.encode()) for text, _ in rows]
    return sorted(found, key=lambda each: each["id"])


async def choose(ctx: Context) -> Chosen:
    """Choose by what the documents say, so that another seed would do as well."""
    orders = {each["id"]: each for each in await read(ctx, PRODUCT_ORDER)}
    plans = {each["id"]: each["task"] for each in await read(ctx, ORDER_PLAN)}
    working = [
        each
        for number, each in orders.items()
        if each["state"] == "inProgress"
        and any(task["state"] == "completed" for task in plans.get(number, ()))
    ]
    held = [
        number
        for number, each in orders.items()
        if each["state"] == "held"
        and number not in plans
        and all(item.get("productOffering") for item in each["productOrderItem"])
    ]
    order = max(working, key=lambda each: (len(plans[each["id"]]), each["id"]))
    of_client = Counter(each["relatedParty"][0]["id"] for each in orders.values())
    clients = {each["id"]: each for each in await read(ctx, CUSTOMER_)}
    homes = [number for number in of_client if _russian(clients[number])]
    client = max(homes, key=lambda number: (of_client[number], number))
    holds: dict[str, set[str]] = {}
    for product in await read(ctx, PRODUCT):
        if product["status"] == "active":
            offering = (product.get("productOffering") or {}).get("id", "")
            holds.setdefault(product["relatedParty"][0]["id"], set()).add(offering)
    mobile = [number for number in clients if holds.get(number) == {"mobile"}]
    messages = [each for each in await read(ctx, COMMUNICATION_MESSAGE) if each.get("sendTime")]
    messages.sort(key=lambda each: (each["sendTime"], each["id"]))
    english = [each for each in messages if each["content"].isascii() and each["messageType"] == "email"]
    return Chosen(
        order=order["id"],
        held=held[0],
        client=client,
        message=english[-1]["id"],
        messages=messages,
        english=[number for number in mobile if not _russian(clients[number])],
        russian=[number for number in mobile if _russian(clients[number])],
    )


def _russian(client: Document) -> bool:
    return any(c["name"] == "language" and c["value"] == "ru" for c in client.get("characteristic", ()))


def fill_mailbox(folder: Path, messages: list[Document]) -> None:
    """Put the newest messages where the message simulator keeps what came, as if it had come at their time."""
    folder.mkdir(parents=True)
    for number, message in enumerate(messages[-IN_MAILBOX:], 1):
        sent = from_wire(message["sendTime"])
        receiver = message["receiver"][0]
        if message["messageType"] == "email":
            mail = EmailMessage()
            mail["From"] = "Abonent <service@example.org>"
            mail["To"] = receiver["email"]
            mail["Subject"] = message["subject"]
            mail["Date"] = format_datetime(sent)
            mail["Message-ID"] = f"<{message['id']}@example.org>"
            mail.set_content(message["content"])
            arrived = f"Delivered-To: {receiver['email']}\r\nX-Arrived: {to_wire(sent)}\r\n".encode()
            path = folder / f"{number:06d}-mail.eml"
            path.write_bytes(arrived + mail.as_bytes().replace(b"\n", b"\r\n"))
        else:
            sms = {
                "to": receiver["phoneNumber"],
                "text": message["content"],
                "externalId": message["id"],
                "at": to_wire(sent),
            }
            (folder / f"{number:06d}-sms.json").write_bytes(msgspec.json.encode(sms))


def shots(chosen: Chosen) -> list[Shot]:
    """The pictures of the README (English) and of the manuals."""
    order, client = f"/orders/{chosen.order}", f"/clients/{chosen.client}"
    wanted = "/orders/new?client={}&offer=fibre-300&offer=tv"
    english = tuple(map(wanted.format, chosen.english))
    russian = tuple(map(wanted.format, chosen.russian))
    return [
        Shot("home", "/", height=940),
        Shot("home-ru", "/", RUSSIAN, height=780),
        Shot("processes", "/processes"),
        Shot("order", order, height=1400),
        Shot("order-ru", order, RUSSIAN, height=1400),
        Shot("order-held", f"/orders/{chosen.held}"),
        Shot("order-held-ru", f"/orders/{chosen.held}", RUSSIAN),
        Shot("order-390-dark", order, width=NARROW, theme="dark", height=1100),
        Shot("client-ru", client, RUSSIAN, height=820),
        Shot("client", client, height=820),
        Shot("order-entry", english[0], others=english[1:], height=1000),
        Shot("order-entry-ru", russian[0], RUSSIAN, others=russian[1:], height=1000),
        Shot("board", "/orders/board", height=800),
        Shot("board-ru", "/orders/board", RUSSIAN, height=780),
        Shot("work-day", "/appointments"),
        Shot("work-day-ru", "/appointments", RUSSIAN),
        Shot("message", f"/messages/{chosen.message}"),
        Shot("mailbox", "/mailbox", height=700),
    ]


async def take(page: Page, url: str, shot: Shot, folder: Path) -> None:
    """One picture; says its size. Exits when the page is not there or the picture is too large."""
    await page.set_viewport_size({"width": shot.width, "height": 800})
    answer = await page.goto(url + shot.path)
    for other in shot.others:
        if await page.locator("input[name=offer]:checked").count():
            break
        answer = await page.goto(url + other)
    if answer is None or answer.status != 200:
        sys.exit(f"{shot.path} is answered with {answer.status if answer else 'nothing'}")
    await page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", shot.theme)
    await page.evaluate("document.fonts.ready")
    tall = await page.evaluate("document.documentElement.scrollHeight")
    path = folder / f"{shot.name}.png"
    clip = {"x": 0, "y": 0, "width": shot.width, "height": min(tall, shot.height)}
    await page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]
    size = path.stat().st_size
    print(f"{path}  {size / 1024:.0f} KB")
    if size > LARGEST:
        sys.exit(f"{path} is larger than {LARGEST // 1024} KB: make it less high")


async def take_all(browser: Browser, url: str, wanted: list[Shot], folder: Path) -> None:
    for who in dict.fromkeys(shot.who for shot in wanted):
        page = await browser.new_page(reduced_motion="reduce", locale="en-GB")
        await page.goto(f"{url}/login")
        await page.fill("#name", who[0])
        await page.fill("#password", who[1])
        await page.press("#password", "Enter")
        await page.wait_for_url(f"{url}/")
        for shot in wanted:
            if shot.who == who:
                await take(page, url, shot, folder)
        await page.context.close()


@asynccontextmanager
async def operator(dsn: str, data: Path) -> AsyncIterator[tuple[str, Chosen]]:
    """The demo at MOMENT: address, and what is worth a picture. No worker runs, so nothing moves."""
    settings = main.Settings(data=data, database_url=dsn)
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(main.open_process(settings, dsn, "abonent-screenshots"))
        if not await seed.seeded(process.context):
            print("Seeding the demo, which takes a minute or two.")
            await seed.seed(process, now=MOMENT)
        chosen = await choose(process.context)
        mailbox = data / "screenshots-mailbox"
        shutil.rmtree(mailbox, ignore_errors=True)
        fill_mailbox(mailbox, chosen.messages)
        sink = await stack.enter_async_context(serving_messages(mailbox))
        settings = replace(settings, mailbox_url=sink.url)
        connected = await stack.enter_async_context(main.open_process(settings, dsn, "abonent-screenshots"))
        stopped = replace(connected, context=replace(connected.context, clock=Stopped()))
        url = await stack.enter_async_context(serving_app(serving.web_app(stopped, settings)))
        yield url, chosen


async def make(dsn: str, data: Path, folder: Path, chromium: str, only: list[str]) -> None:
    async with (
        operator(dsn, data) as (url, chosen),
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=chromium, args=ARGS) as browser,
    ):
        wanted = [shot for shot in shots(chosen) if not only or shot.name in only]
        await take_all(browser, url, wanted, folder)


def run() -> int:
    parser = argparse.ArgumentParser(description="Take the pictures of the README and the manuals.")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    parser.add_argument("--data", type=Path, help="folder of the demo, kept; default: a temporary one")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    asked = parser.parse_args()
    chromium = os.environ.get("ABONENT_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("No Chromium found: install it (apt install chromium) or name one in ABONENT_CHROMIUM.")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    data = asked.data or Path(tempfile.mkdtemp(prefix="abonent-screenshots-"))
    data.mkdir(parents=True, exist_ok=True)
    asked.folder.mkdir(parents=True, exist_ok=True)
    database = EmbeddedPostgres(data)
    try:
        dsn = database.attach()
        migrate(dsn)
        asyncio.run(make(dsn, data, asked.folder, chromium, asked.only))
    finally:
        database.detach()
        if asked.data is None:
            shutil.rmtree(database.folder, ignore_errors=True)
            shutil.rmtree(data, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(run())
