"""A workshop whose clients pay deposits at a provider over HTTP: two months of what they order, in advance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.domain.order_handling import deposit
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentProvider, PaymentReport
from abonent.gateways.payment import EVENT, HttpPayments
from abonent.kit.errors import Problem
from abonent.network_simulator import serving
from abonent.payment_simulator import create_provider
from tests.support.credit import put_in_force, row, table
from tests.support.running import eventually
from tests.support.workshop import Workshop, workshop
from tests.support.world import build

SECRET = "between the two"


@dataclass
class Till:
    """A workshop `shop` with a provider over HTTP; `came` are the reports that were taken."""

    shop: Workshop
    provider: HttpPayments
    url: str
    came: list[PaymentReport]

    async def request(self, order: str) -> dict[str, Any]:
        return await self.shop.get(PAYMENT_REQUEST, order)

    async def behave(self, **more: Any) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.put(f"{self.url}/provider/behaviour", json=more)).status_code == 200

    async def click(self, order: str, what: str = "pay", *, reports: int = 1) -> None:
        """The client opens his link and presses a button; the reports are waited for."""
        before = len(self.came)
        async with httpx.AsyncClient(trust_env=False) as http:
            href = (await self.request(order))["payUrl"]
            assert (await http.get(href)).status_code == 200
            assert (await http.post(href, data={"do": what})).status_code == 303

        async def arrived() -> bool:
            return len(self.came) >= before + reports

        await eventually(arrived, "the provider's report")
        await self.shop.drain()


@asynccontextmanager
async def taking_reports(till: Till) -> AsyncIterator[str]:
    async def take(request: Request) -> Response:
        try:
            told = till.provider.parse(request.path_params["event"], await request.body())
            await deposit.report(till.shop.context, told)
        except Problem as problem:
            return Response(str(problem), problem.status)
        till.came.append(told)
        return Response(status_code=204)

    async with serving(Starlette(routes=[Route("/{event}", take, methods=["POST"])])) as url:
        yield f"{url}/{EVENT}"


@asynccontextmanager
async def open_till(dsn: str) -> AsyncIterator[Till]:
    async with workshop(dsn) as shop, serving(create_provider(SECRET)) as url:
        provider = HttpPayments(url, lambda: None, secret=SECRET)
        shop.context.ports[PaymentProvider] = provider  # type: ignore[index]
        await build(shop.context, ports=10)
        await put_in_force(shop.context, table("", row(outcome="approveWithDeposit", deposit={"months": 2})))
        opened = Till(shop, provider, url, [])
        async with taking_reports(opened) as address:
            provider.report_to = address
            yield opened
        await provider.close()
