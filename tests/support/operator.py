"""A small seeded operator before which the whole web application stands: people of every role, mail in the mailbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from abonent import main, serving
from abonent.demo import seed
from abonent.demo.scale import Scale
from abonent.domain.communication.ports import Mail, Sms
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.qualification import engineering
from abonent.domain.qualification.resources import ENGINEERING_ASSESSMENT, GEOGRAPHIC_ADDRESS
from abonent.domain.workforce.resources import WORK_ORDER
from abonent.faces.console import addresses
from abonent.faces.edge import Edge
from abonent.gateways.mail_smtp import SmtpMail
from abonent.gateways.sms_http import HttpSms
from abonent.kit.access import SYSTEM, Role
from abonent.kit.hub.choosing import of_api
from abonent.kit.hub.subscribing import Hub, subscribe
from abonent.kit.query import Query
from abonent.kit.resource import Resource
from abonent.kit.shapes import decode
from abonent.message_simulator import serving as serving_sink
from tests.support.crawler import SITE, Bounds, Walk
from tests.support.people import PASSWORD, Person, admit
from tests.support.world import customer

SENDER = "Abonent <service@abonent.example>"
TINY = Scale(clients=80, nodes=10, days=9, a_day=30.0)
# Name, role, language. Each role in one language, agents in both.
PEOPLE = (
    ("agent-en", Role.AGENT, "en"),
    ("agent-ru", Role.AGENT, "ru"),
    ("admin-en", Role.ADMIN, "en"),
    ("engineer-ru", Role.ENGINEER, "ru"),
    ("manager-ru", Role.MANAGER, "ru"),
    ("client-en", Role.CLIENT, "en"),
    ("client-ru", Role.CLIENT, "ru"),
)
NAMES = [name for name, *_ in PEOPLE]
CLIENTS = [name for name, role, _ in PEOPLE if role is Role.CLIENT]
# What hints of fields name as an example stands on pages of everybody.
SAMPLES = {"O-10001", "C-1001"}
# What has pages that look another way in each state.
STATEFUL = (
    (PRODUCT_ORDER, addresses.order_path),
    (WORK_ORDER, addresses.work_path),
    (ENGINEERING_ASSESSMENT, addresses.request_path),
    (COMMUNICATION_MESSAGE, addresses.message_path),
    (PRODUCT, addresses.product_path),
)


@dataclass
class Operator:
    """`app` is the web application; `client` the id of the client whose accounts are client-en and client-ru;
    `others` ids of orders and clients that are not his; `each_state` addresses of one order, visit and so on of each
    state there is."""

    process: main.Process
    settings: main.Settings
    app: Edge
    client: str
    others: list[str] = field(default_factory=list)
    each_state: list[str] = field(default_factory=list)
    _walked: dict[str, Walk] = field(default_factory=dict)

    @asynccontextmanager
    async def walk(self, name: str, bounds: Bounds | None = None) -> AsyncIterator[Walk]:
        """The walk of one of PEOPLE, signed in, without a socket in between."""
        lang = next(lang for known, _, lang in PEOPLE if known == name)
        headers = {"accept-language": "fr"}  # who has a language of his own reads that
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers, timeout=30) as http:
            routes = self.app._site.routes  # type: ignore[attr-defined] # a Starlette application
            walk = Walk(name, lang, http, list(routes), bounds or Bounds())
            await walk.sign_in(name, PASSWORD)
            yield walk

    async def walked(self, name: str) -> Walk:
        """A short walk along all links, made once: for tests that only read what was seen."""
        if name not in self._walked:
            async with self.walk(name) as walk:
                await walk.follow(*self.starts(name))
            self._walked[name] = walk
        return self._walked[name]

    def starts(self, name: str) -> list[str]:
        """Where a walk begins."""
        return ["/", *(self.each_state if name not in CLIENTS else [])]


# An operator and the address it is served at.
Served = tuple[Operator, str]


async def fill(dsn: str, folder: Path, scale: Scale = TINY) -> None:
    """Seed an empty database, with accounts for PEOPLE."""
    async with main.open_process(main.Settings(data=folder, database_url=dsn), dsn, "test-seed") as process:
        await seed.seed(process, scale=scale)
        client, _ = await _clients(process)
        for name, role, language in PEOPLE:
            party = client if role is Role.CLIENT else None
            await admit(process.context.store, Person(name, role, party, language))
        await _ask_engineers(process, client)
        await _listen(process)


@asynccontextmanager
async def stand(dsn: str, folder: Path) -> AsyncIterator[Operator]:
    """The web application before a database that was filled, and a mailbox with mail in it."""
    async with serving_sink(folder / "messages") as sink:
        settings = main.Settings(
            data=folder,
            database_url=dsn,
            mailbox_url=sink.url,
            smtp_url=sink.smtp,
            mail_from=SENDER,
            sms_url=f"{sink.url}/sms",
        )
        async with main.open_process(settings, dsn, "test-operator") as process:
            await _fill_mailbox(sink.url, sink.smtp, process.context.now())
            app = serving.web_app(process, settings)
            client, others = await _clients(process)
            yield Operator(process, settings, app, client, others, await _each_state(process))


async def _documents(process: main.Process, resource: Resource, limit: int) -> list[dict[str, Any]]:
    rows = (await process.context.store.page(SYSTEM, resource, Query(limit=limit))).rows
    return [decode(row[0].encode()) for row in rows]


async def _clients(process: main.Process) -> tuple[str, list[str]]:
    """The client with most orders; an order and a client that are not his."""
    orders = await _documents(process, PRODUCT_ORDER, 100)
    whose = [(order["relatedParty"][0]["id"], order["id"]) for order in orders]
    clients = [client for client, _ in whose]
    chosen = max(dict.fromkeys(clients), key=clients.count)
    foreign = next(pair for pair in whose if pair[0] != chosen and not SAMPLES & {*pair})
    return chosen, [foreign[1], foreign[0]]


async def _each_state(process: main.Process) -> list[str]:
    found = []
    for resource, path in STATEFUL:
        assert resource.states is not None
        attribute = resource.states.attribute
        one_of = {each[attribute]: each["id"] for each in await _documents(process, resource, 1000)}
        found += [path(id) for id in one_of.values()]
    return found


async def _ask_engineers(process: main.Process, client: str) -> None:
    """The client's request for what the catalogue does not have, at some address: the demo has none of these."""
    address = (await _documents(process, GEOGRAPHIC_ADDRESS, 1))[0]["id"]
    await engineering.request(
        process.context,
        {
            "description": "Fibre to a barge",
            "kind": "build",
            "relatedParty": customer(client),
            "place": [{"id": address}],
        },
    )


async def _listen(process: main.Process) -> None:
    """Some system that hears of orders: the demo has none."""
    hub = Hub(PRODUCT_ORDER.base, of_api(main.REGISTRY, PRODUCT_ORDER.base))
    await subscribe(process.context, hub, {"callback": "https://listener.example.org/orders"})


async def _fill_mailbox(url: str, smtp: str, at: datetime) -> None:
    mail, sms = SmtpMail(smtp, SENDER), HttpSms(f"{url}/sms", lambda: None)
    try:
        for language, subject in (("en", "Your order"), ("ru", "Ваш заказ")):
            await mail.send(
                Mail(f"m-{language}", "client@example.org", "Client", subject, "Line\nLine", language, at)
            )
        await sms.send(Sms("s-1", "+79990000000", "Мастер придёт завтра"))
    finally:
        await mail.close()
        await sms.close()
