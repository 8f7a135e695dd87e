"""Numbers brought from another operator: an order of one, and a clearing house driven by hand."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from abonent.domain.order_handling import porting
from abonent.domain.order_handling.porting_resources import PORTING_REQUEST
from abonent.domain.order_handling.ports import (
    NumberPortability,
    PortingAsk,
    PortingAway,
    PortingReport,
    PortingUnknown,
)
from abonent.domain.order_handling.rules_porting import request_number
from tests.support.pools import add_mobile
from tests.support.workshop import Workshop
from tests.support.world import build, item

BROUGHT = "+79161234567"
TERMS = {"personDays": 8, "businessDays": 29}


@dataclass
class HandHouse:
    """NumberPortability as the test wants it. `asked` came in, `ended`: what was withdrawn or returned.

    away   nothing is answered
    stand  what is said of each request when it is asked about, by key
    """

    away: bool = False
    asked: list[PortingAsk] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    stand: dict[str, PortingReport] = field(default_factory=dict)

    async def ask(self, ask: PortingAsk) -> PortingReport:
        self._open()
        if ask.key not in self.stand:
            self.asked.append(ask)
            self.stand[ask.key] = PortingReport(ask.key, "received", at=ask.asked, external_id="NP-1")
        return self.stand[ask.key]

    async def look_up(self, key: str, now: datetime) -> PortingReport:
        return self._known(key)

    async def withdraw(self, key: str) -> PortingReport:
        if self._known(key).status in {"received", "accepted"}:
            self.ended.append(("withdrawn", key))
            self.stand[key] = PortingReport(key, "withdrawn")
        return self.stand[key]

    async def give_back(self, key: str) -> PortingReport:
        if self._known(key).status == "ported":
            self.ended.append(("returned", key))
            self.stand[key] = PortingReport(key, "returned")
        return self.stand[key]

    def _open(self) -> None:
        if self.away:
            raise PortingAway("away", "The clearing house is away.")

    def _known(self, key: str) -> PortingReport:
        self._open()
        if key not in self.stand:
            raise PortingUnknown("unknown", "There is no such request.")
        return self.stand[key]


async def opened(shop: Workshop) -> HandHouse:
    """The small operator with a mobile offering to which numbers may be brought, and a clearing house."""
    world = await build(shop.context)
    add_mobile(world, port_in=TERMS)
    await world.save(shop.context)
    house = HandHouse()
    shop.context.ports[NumberPortability] = house  # type: ignore[index]
    return house


def mobile(number: str = BROUGHT, id: str = "1", **traits: Any) -> dict[str, Any]:
    """An item that brings a number."""
    values = {"portIn": True, "phoneNumber": number, "donorOperator": "Северная сотовая", **traits}
    given = [{"name": name, "value": value} for name, value in values.items() if value is not None]
    return item(id, "mobile", address=None, product={"productCharacteristic": given})


async def tell(shop: Workshop, house: HandHouse, key: str, status: str, **more: Any) -> None:
    """The clearing house reports, of now unless `at` says otherwise; jobs that follow are run."""
    more.setdefault("at", shop.context.now())
    house.stand[key] = PortingReport(key, status, **more)
    await porting.report(shop.context, house.stand[key])
    await shop.drain()


async def request(shop: Workshop, key: str) -> dict[str, Any]:
    return await shop.get(PORTING_REQUEST, request_number(key))
