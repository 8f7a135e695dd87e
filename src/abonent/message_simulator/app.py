"""The HTTP side of the sink: the SMS gateway, what arrived, the behaviour.

POST  /sms                   take an SMS: {externalId, to, text, from?, reportTo?}
GET   /arrivals?to=&offset=&limit=     newest first, {"total", "arrivals"}
GET   /arrivals/{id}         one of them, with text and headers
GET, PUT  /behaviour
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.message_simulator.behaviour import Behaviour, Treatments
from abonent.message_simulator.box import Box
from abonent.simulator_http import answer, object_in

BODY_LIMIT = 64 * 1024
_REPORT_TRIES = 5


class Gateway:
    """The SMS gateway over a box."""

    def __init__(self, box: Box, treatments: Treatments, token: str | None = None) -> None:
        self._box, self._treatments, self._token = box, treatments, token
        self._session: aiohttp.ClientSession | None = None
        self._reports: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        """The application; its reports stop with it."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
            try:
                yield
            finally:
                for report in self._reports:
                    report.cancel()
                await asyncio.gather(*self._reports, return_exceptions=True)
                await self._session.close()

        return Starlette(
            lifespan=lifespan,
            routes=[
                Route("/sms", self.take, methods=["POST"]),
                Route("/arrivals", self.arrivals, methods=["GET"]),
                Route("/arrivals/{id}", self.arrival, methods=["GET"]),
                Route("/behaviour", self.behaviour, methods=["GET", "PUT"]),
            ],
        )

    async def take(self, request: Request) -> Response:
        """Take an SMS, or what the behaviour says."""
        if self._token and request.headers.get("authorization") != f"Bearer {self._token}":
            return _error(401, "a bearer token is needed")
        document = await object_in(request, BODY_LIMIT)
        to = document.get("to") if document else None
        if document is None or not isinstance(to, str) or not isinstance(document.get("text"), str):
            return _error(400, "the body is an object with the texts to and text")
        treatment, delay = self._treatments.of(to)
        await asyncio.sleep(delay)
        if treatment == "refuse":
            return _error(422, f"{to} is not a number in service")
        if treatment == "busy":
            return _error(503, "too many messages at the moment")
        known = len(self._box.entries)
        entry = self._box.take_sms(document)
        if len(self._box.entries) > known and treatment != "lost" and document.get("reportTo"):
            self._report(document, "undelivered" if treatment == "undelivered" else "delivered")
        return answer({"id": f"sms-{entry.number}", "status": "accepted"}, 201)

    def _report(self, document: dict[str, Any], status: str) -> None:
        told = {"externalId": document.get("externalId"), "status": status}
        if status == "undelivered":
            told["reason"] = "the phone was not reached within a day"
        for _ in range(2 if self._treatments.behaviour.report_twice else 1):
            task = asyncio.create_task(self._send_report(str(document["reportTo"]), told))
            self._reports.add(task)
            task.add_done_callback(self._reports.discard)

    async def _send_report(self, url: str, told: dict[str, Any]) -> None:
        pause = self._treatments.behaviour.report_after
        assert self._session is not None
        for _ in range(_REPORT_TRIES):
            await asyncio.sleep(pause)
            with suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
                async with self._session.post(url, json=told, allow_redirects=False) as answer:
                    if answer.status < 500:
                        return
            pause = max(0.5, pause * 2)

    async def arrivals(self, request: Request) -> Response:
        """A page of what arrived."""
        query = request.query_params
        offset, limit = query.get("offset", "0"), query.get("limit", "50")
        if not offset.isdecimal() or not limit.isdecimal():
            return _error(400, "offset and limit are whole numbers")
        total, found = self._box.latest(query.get("to", ""), int(offset), int(limit))
        return answer({"total": total, "arrivals": found})

    async def arrival(self, request: Request) -> Response:
        """One arrival."""
        found = self._box.whole(request.path_params["id"])
        return answer(found) if found is not None else _error(404, "there is no such arrival")

    async def behaviour(self, request: Request) -> Response:
        """Show the behaviour, or put another in its place."""
        if request.method == "PUT":
            try:
                self._treatments.replace(msgspec.convert(await object_in(request, BODY_LIMIT), Behaviour))
            except msgspec.ValidationError as error:
                return _error(400, str(error))
        return answer(msgspec.to_builtins(self._treatments.behaviour))


def _error(status: int, reason: str) -> Response:
    return answer({"code": str(status), "reason": reason}, status)
