"""A console over data in memory, for the tests of the console."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from abonent.domain.party.saved_filters import SavedFilter
from abonent.faces.console.app import routes
from abonent.faces.console.data import HistoryRow, OrderFile, OrderFilter, OrderPage, OrderRow, User
from abonent.faces.console.desk import ConsoleSettings
from abonent.faces.console.session import LoginBrake
from abonent.kit.errors import NotFound, Problem
from tests.support.pages import EVIL, Page

NOW = datetime(2026, 6, 17, 11, 20, 8, tzinfo=UTC)


def wire(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def price(kind: str, value: float) -> dict[str, Any]:
    period = {"recurringChargePeriod": "month"} if kind == "recurring" else {}
    return {"priceType": kind, **period, "price": {"dutyFreeAmount": {"unit": "RUB", "value": value}}}


ORDER = {
    "id": "O-1",
    "description": f"Office link {EVIL}",
    "state": "inProgress",
    "orderDate": wire(-48),
    "channel": [{"id": "portal", "name": "portal"}],
    "productOrderItem": [
        {
            "id": "1",
            "action": "add",
            "quantity": 1,
            "state": "inProgress",
            "productOffering": {"id": "PO-1", "name": "Internet 500"},
            "itemPrice": [price("recurring", 900.5), price("oneTime", 1200)],
        },
        {
            "id": "2",
            "action": "add",
            "quantity": 2,
            "state": "acknowledged",
            "productOffering": {"id": "PO-2", "name": "Television"},
            "itemPrice": [price("recurring", 300)],
        },
    ],
}
PLAN = {
    "id": "O-1",
    "promised": wire(4),
    "task": [
        {
            "id": "1.visit",
            "item": "1",
            "name": {"en": "Visit", "ru": "Выезд"},
            "kind": "workOrder",
            "state": "completed",
            "plannedStart": wire(-6),
            "plannedEnd": wire(-4),
            "start": wire(-6),
            "end": wire(-1),
            "by": "crew 9",
        },
        {
            "id": "1.access",
            "item": "1",
            "name": {"en": "Access line", "ru": "Линия доступа"},
            "kind": "serviceOrder",
            "dependsOn": ["1.visit"],
            "state": "inProgress",
            "plannedStart": wire(-4),
            "plannedEnd": wire(2),
            "start": wire(-1),
            "pointOfNoReturn": True,
        },
    ],
}
FILE = OrderFile(
    order=ORDER,
    version=7,
    plan=PLAN,
    customer={"id": "C-1", "name": "North Quay & Sons", "status": "Active"},
    decisions=[
        {
            "kind": "credit",
            "outcome": "approve",
            "at": wire(-47),
            "rulesVersion": 14,
            "reasons": [{"code": "s", "text": "score {score}", "facts": {"score": 688}, "ok": True}],
        }
    ],
    history=[
        HistoryRow(NOW - timedelta(hours=1), "task/1.visit", "inProgress", "completed", None, "crew 9"),
        HistoryRow(NOW - timedelta(hours=40), "order", "acknowledged", "inProgress", None, "automatic"),
    ],
    messages=[{"messageType": "SMS", "content": "We come today", "state": "completed", "sendTime": wire(-8)}],
    amendable=True,
)


class FakeData:
    """A console's data in memory; remembers the filters asked for."""

    def __init__(self) -> None:
        self.users = {"anna": User("anna", "Anna Sokolova", "shift lead", language="en")}
        self.files: dict[str, OrderFile] = {"O-1": FILE}
        self.rows: list[OrderRow] = []
        self.asked: list[OrderFilter] = []
        self.steps: list[str] = []
        self.refuse: Problem | None = None
        self.filters: dict[tuple[str, str, str], SavedFilter] = {}

    async def authenticate(self, name: str, password: str) -> User | None:
        return self.users.get(name) if password == "correct" else None

    async def user(self, name: str) -> User | None:
        return self.users.get(name)

    async def set_preferences(self, user: User, language: str, theme: str) -> None:
        self.users[user.name] = replace(user, language=language, theme=theme)

    async def names(self) -> dict[str, dict[str, str]]:
        return {"ru": {"Television": "Телевидение"}}

    async def list_orders(self, user: User, wanted: OrderFilter) -> OrderPage:
        self.asked.append(wanted)
        return OrderPage(self.rows[wanted.offset : wanted.offset + wanted.limit], len(self.rows))

    async def all_orders(self, user: User, wanted: OrderFilter) -> AsyncIterator[Sequence[OrderRow]]:
        self.asked.append(wanted)
        for at in range(0, len(self.rows), 2):
            yield self.rows[at : at + 2]

    async def orders(self, user: User, numbers: Sequence[str]) -> Sequence[OrderRow]:
        rows = {row.id: row for row in self.rows}
        return [rows[number] for number in numbers if number in rows]

    async def saved_filters(self, user: User, page: str) -> Sequence[SavedFilter]:
        return [each for where, each in self.filters.items() if where[:2] == (user.name, page)]

    async def save_filter(self, user: User, page: str, wanted: SavedFilter) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.filters[user.name, page, wanted.name] = wanted

    async def delete_filter(self, user: User, page: str, name: str) -> None:
        self.filters.pop((user.name, page, name), None)

    async def order(self, user: User, order_id: str) -> OrderFile | None:
        return self.files.get(order_id)

    async def release(self, user: User, order_id: str) -> None:
        self._step(order_id, "release")

    async def cancel(self, user: User, order_id: str, reason: str, item: str = "") -> None:
        self._step(order_id, f"cancel {item}: {reason}" if item else f"cancel: {reason}")

    def _step(self, order_id: str, told: str) -> None:
        if self.refuse is not None:
            raise self.refuse
        if order_id not in self.files:
            raise NotFound("notFound", "There is no {id}.", id=order_id)
        self.steps.append(told)


def open_console(data: FakeData) -> httpx.AsyncClient:
    """A browser before the console; its brake counts a second at each look at its clock."""
    seconds = iter(range(10**6))
    brake = LoginBrake(limit=3, window=60.0, clock=lambda: float(next(seconds)))
    app = Starlette(routes=routes(data, ConsoleSettings("test-secret", clock=lambda: NOW, brake=brake)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://console.test")


async def sign_in(client: httpx.AsyncClient, password: str = "correct", **more: str) -> httpx.Response:
    page = Page((await client.get("/login")).text)
    form = {"token": page.token(), "name": "anna", "password": password, **more}
    return await client.post("/login", data=form)
