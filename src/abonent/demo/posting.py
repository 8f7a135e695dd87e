"""Placing orders from outside: over HTTP with a token, as another system would; or by the process's own action."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from abonent.demo.simulate import CALLER, Place
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import Caller, Role
from abonent.kit.context import Context
from abonent.kit.errors import Problem, Unavailable
from abonent.kit.shapes import decode, encode

Document = dict[str, Any]


def direct(ctx: Context) -> Place:
    """Place orders in this process; jobs are taken up by whatever worker runs on the database."""
    own = ctx.for_caller(Caller(CALLER, Role.AGENT))

    async def place(document: Document) -> Document:
        return await place_order(own, PRODUCT_ORDER.shape.read_create(encode(document)))

    return place


@asynccontextmanager
async def over_http(url: str, token: str) -> AsyncIterator[Place]:
    """Place orders at `url`, the base address of an API (http://host:port)."""
    address = url.rstrip("/") + PRODUCT_ORDER.path
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:

        async def place(document: Document) -> Document:
            try:
                async with session.post(address, data=encode(document)) as response:
                    body = await response.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise Unavailable(
                    "notReached", "{url} was not reached: {reason}.", url=url, reason=error or "timeout"
                ) from error
            if response.status != 201:
                raise Problem(
                    "refused",
                    "{url} answered {status}: {text}",
                    url=url,
                    status=response.status,
                    text=body.decode(errors="replace")[:500],
                )
            return decode(body)

        yield place
