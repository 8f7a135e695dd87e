"""Numbers brought over real HTTP: the gateway, the simulated clearing house and its reports, late or twice."""

import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.domain.order_handling import fallout, porting
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.ports import (
    NumberPortability,
    PortingAsk,
    PortingAway,
    PortingRefused,
    PortingReport,
    PortingUnknown,
)
from abonent.gateways.porting import EVENT, HttpPortability
from abonent.kit.errors import BadInput, Problem, Unauthenticated
from abonent.network_simulator import serving
from abonent.porting_simulator import Behaviour, create_clearing_house
from tests.support import porting as support
from tests.support.porting import mobile
from tests.support.running import eventually
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import order

SECRET = "between the two"
ASKED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
QUICK = Behaviour(decide_after=0.05)


def ask(key: str = "O-1/1.number", number: str = "+79161234567", **more: Any) -> PortingAsk:
    return PortingAsk(
        key, number, "Анна Соколова", False, ASKED, ASKED + timedelta(days=8), documents=(("p", "1"),), **more
    )


@dataclass
class House:
    url: str
    gateway: HttpPortability

    async def behave(self, **more: Any) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            done = await http.patch(f"{self.url}/house/behaviour", json=more)
        assert done.status_code == 200, done.text

    async def decided(self, key: str = "O-1/1.number") -> PortingReport:
        async def look() -> PortingReport | None:
            told = await self.gateway.look_up(key, ASKED)
            return told if told.status != "received" else None

        return await eventually(look, "the donor's decision")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving(create_clearing_house(SECRET, QUICK)) as url:
        gateway = HttpPortability(url, lambda: None, secret=SECRET)
        yield House(url, gateway)
        await gateway.close()


async def test_a_number_is_asked_for_once_and_moves_when_its_window_has_come(house: House) -> None:
    first = await house.gateway.ask(ask())
    assert (first.key, first.status, first.external_id) == ("O-1/1.number", "received", "NP-000001")
    assert (await house.gateway.ask(ask())).external_id == "NP-000001"
    agreed = await house.decided()
    # The third night after it was asked for: from Friday 27 November, 00:00 in Moscow, which is 21:00 UTC before.
    start = datetime(2026, 11, 26, 21, tzinfo=UTC)
    assert (agreed.status, agreed.window) == ("accepted", (start, start + timedelta(hours=6)))
    assert (await house.gateway.look_up("O-1/1.number", start - timedelta(seconds=1))).status == "accepted"
    moved = await house.gateway.look_up("O-1/1.number", start)
    assert (moved.status, moved.at) == ("ported", start)
    assert (await house.gateway.withdraw("O-1/1.number")).status == "ported"
    assert (await house.gateway.give_back("O-1/1.number")).status == "returned"
    assert (await house.gateway.give_back("O-1/1.number")).status == "returned"


async def test_the_window_keeps_the_term_and_the_clients_wish(house: House) -> None:
    await house.behave(days=30)
    await house.gateway.ask(ask())
    agreed = await house.decided()
    # 24 November + 8 days is 2 December, 12:00 in Moscow; its night began at 21:00 UTC.
    assert agreed.window is not None
    assert agreed.window[0] == datetime(2026, 12, 1, 21, tzinfo=UTC)
    await house.behave(days=1)
    await house.gateway.ask(ask("O-2/1.number", wanted=ASKED + timedelta(days=5)))
    later = await house.decided("O-2/1.number")
    assert later.window is not None
    # Not before 29 November, 12:00 in Moscow: the night to the 30th.
    assert later.window[0] == datetime(2026, 11, 29, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("01", "debt"),
        ("02", "dataMismatch"),
        ("03", "numberBlocked"),
        ("04", "portingUnderWay"),
        ("05", "notPortable"),
    ],
)
async def test_donors_refuse_some_numbers(house: House, ending: str, code: str) -> None:
    await house.gateway.ask(ask(number=f"+791612345{ending}"))
    told = await house.decided()
    assert (told.status, told.code, told.window) == ("refused", code, None)
    assert told.text


async def test_an_open_request_can_be_withdrawn(house: House) -> None:
    await house.behave(decide_after=60)
    await house.gateway.ask(ask())
    for _ in range(2):
        assert (await house.gateway.withdraw("O-1/1.number")).status == "withdrawn"
    with pytest.raises(PortingUnknown):
        await house.gateway.withdraw("O-9/1.number")


async def test_a_house_that_is_closed_or_says_no(house: House) -> None:
    with pytest.raises(PortingRefused):
        await house.gateway.look_up("O-1/1.number", ASKED)
    await house.behave(down=True)
    for _ in range(3):
        with pytest.raises(PortingAway):
            await house.gateway.ask(ask())
    await house.behave(down=False)
    # It is left alone for a while.
    with pytest.raises(PortingAway):
        await house.gateway.ask(ask())


def _signed(told: dict[str, Any], secret: str = SECRET) -> bytes:
    payload = json.dumps(told)
    signature = hmac.new(secret.encode(), payload.encode(), sha256).hexdigest()
    return json.dumps({"payload": payload, "signature": signature}).encode()


@contextmanager
def refused(kind: type[Problem]) -> Iterator[None]:
    with pytest.raises(kind):
        yield


def test_only_what_the_clearing_house_signed_is_taken() -> None:
    gateway = HttpPortability("http://127.0.0.1:1", lambda: None, secret=SECRET)
    told = {"externalId": "k", "id": "NP-1", "status": "received", "at": "2026-11-24T09:00:00Z"}
    assert gateway.parse(EVENT, _signed(told)) == PortingReport("k", "received", at=ASKED, external_id="NP-1")
    with refused(Unauthenticated):
        gateway.parse(EVENT, _signed(told, "another"))
    with refused(BadInput):
        gateway.parse("other", _signed(told))
    backwards = {"start": "2026-11-24T09:00:00Z", "end": "2026-11-23T09:00:00Z"}
    for bad in ({"status": "lost"}, {"at": "yesterday"}, {"window": {"start": "x", "end": "y"}}, {"id": 5}):
        with refused(BadInput):
            gateway.parse(EVENT, _signed(told | bad))
    with refused(BadInput):
        gateway.parse(EVENT, _signed(told | {"window": backwards}))
    for body in (b"", b"[]", b'{"payload": 1}', b"\xff"):
        with refused(BadInput):
            gateway.parse(EVENT, body)


@dataclass
class Shop:
    """A workshop with the simulated clearing house; `came`: the reports it sent that were taken."""

    work: Workshop
    house: House
    came: list[PortingReport]

    async def place(self, *items: dict[str, Any]) -> str:
        placed = await place_order(self.work.as_caller(AGENT), order(*items))
        await self.work.drain()
        return placed["id"]

    async def until(self, key: str, *states: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            await self.work.drain()
            request = await support.request(self.work, key)
            return request if request["state"] in states else None

        return await eventually(look, f"request {key} in {states}")


@pytest.fixture
async def shop(dsn: str, house: House) -> AsyncIterator[Shop]:
    async with workshop(dsn) as work:
        await support.opened(work)
        work.at(ASKED)
        work.context.ports[NumberPortability] = house.gateway  # type: ignore[index]
        opened = Shop(work, house, [])

        async def take(request: Request) -> Response:
            try:
                told = house.gateway.parse(request.path_params["event"], await request.body())
                await porting.report(work.context, told)
            except Problem as problem:
                return Response(str(problem), problem.status)
            opened.came.append(told)
            return Response(status_code=204)

        async with serving(Starlette(routes=[Route("/{event}", take, methods=["POST"])])) as url:
            house.gateway.report_to = f"{url}/{EVENT}"
            # The donor decides when the jobs have been run: here nobody runs a job again that met a report.
            await house.behave(decide_after=0.6)
            yield opened


@pytest.mark.parametrize("manners", [{"times": 3}, {"shuffled": True}, {"times": 2, "late": 0.3}])
async def test_reports_that_come_oddly_end_well(shop: Shop, manners: dict[str, Any]) -> None:
    await shop.house.behave(**manners)
    id = await shop.place(mobile())
    key = f"{id}/1.number"
    agreed = await shop.until(key, "accepted")
    assert agreed["window"]["startDateTime"] == "2026-11-26T21:00:00.000Z"
    # At the window the clearing house is asked, as its own clock says November or whatever it is now.
    await shop.work.pass_time(timedelta(days=3, minutes=1))
    await shop.until(key, "ported")
    assert (await shop.work.order(id))["state"] == "completed"


async def test_a_debt_and_a_wrong_name_are_mended(shop: Shop) -> None:
    id = await shop.place(mobile("+79161234501"), mobile("+79161234502", "2"))
    await shop.until(f"{id}/1.number", "refused")
    await shop.until(f"{id}/2.number", "refused")
    assert (await shop.work.order(id))["state"] == "held"
    staff = shop.work.as_caller(AGENT)
    await fallout.retry(staff, id, "1.number")
    await fallout.mend(staff, id, "2.number", {"numberOwner": "Пётр Соколов"})
    await shop.work.drain()
    await shop.until(f"{id}/1.number/2", "accepted")
    await shop.until(f"{id}/2.number/2", "accepted")
    await shop.work.pass_time(timedelta(days=4))
    await shop.until(f"{id}/1.number/2", "ported")
    await shop.until(f"{id}/2.number/2", "ported")
    assert (await shop.work.order(id))["state"] == "completed"


async def test_a_cancelled_order_withdraws_its_request(shop: Shop) -> None:
    id = await shop.place(mobile())
    stored = await shop.work.stored(id)
    await cancel(shop.work.as_caller(AGENT), stored, stored.document)
    await shop.until(f"{id}/1.number", "withdrawn")
    assert (await shop.work.order(id))["state"] == "cancelled"
    async with httpx.AsyncClient(trust_env=False) as http:
        [known] = (await http.get(f"{shop.house.url}/requests")).json()
    assert known["status"] == "withdrawn"
    assert "owner" not in known


async def test_a_silent_house_is_asked(shop: Shop) -> None:
    await shop.house.behave(silent=True)
    id = await shop.place(mobile("+79161234503"))
    await shop.house.decided(f"{id}/1.number")
    await shop.work.pass_time(timedelta(hours=1, minutes=1))
    refused_ = await shop.work.get(PORTING_REQUEST, f"PRT-{id.removeprefix('O-')}-1.number")
    assert (refused_["state"], refused_["refusal"]["code"]) == ("refused", "numberBlocked")
