"""The ASGI application of the simulator: TMF641, TMF653 and its own /simulator resources."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.network_simulator import service_orders, service_tests
from abonent.network_simulator.behaviour import Behaviour
from abonent.network_simulator.kept import RefusalError, Shelf
from abonent.network_simulator.network import Network
from abonent.network_simulator.notifier import Notifier
from abonent.network_simulator.service_orders import OrderBook
from abonent.network_simulator.service_tests import TestBench

BODY_LIMIT = 1024 * 1024
"""Longest request body, bytes."""
PAGE_LIMIT = 1000

Handler = Callable[[Request], Awaitable[Response]]


def create_simulator(behaviour: Behaviour | None = None, root: str = "") -> Starlette:
    """A network of its own; two applications share nothing.

    behaviour  the start; PUT and PATCH /simulator/behaviour change it for orders that come later
    root       scheme, host and port put before every href, e.g. http://127.0.0.1:9641
    """
    simulator = Simulator(checked(behaviour or Behaviour()), root)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await simulator.notifier.open()
        try:
            yield
        finally:
            simulator.orders.close()
            simulator.tests.close()
            await simulator.notifier.close()

    return Starlette(routes=simulator.routes(), lifespan=lifespan)


def checked(behaviour: Behaviour) -> Behaviour:
    """The same behaviour, its rates and seconds checked; ValueError when one is off."""
    return msgspec.convert(msgspec.to_builtins(behaviour), Behaviour)


class Simulator:
    """The parts, and a handler for each route."""

    def __init__(self, behaviour: Behaviour, root: str) -> None:
        self.behaviour = behaviour
        self.network = Network()
        self.notifier = Notifier(self.network.ledger.totals)
        self.orders = OrderBook(self.network, self.notifier, root)
        self.tests = TestBench(self.network, root)

    def routes(self) -> list[Route]:
        """Every route; the TM Forum ones answer 503 while the network is down."""
        order, test = service_orders.BASE_PATH, service_tests.BASE_PATH
        return [
            Route(f"{order}/serviceOrder", self._up(self.place), methods=["POST"]),
            Route(f"{order}/serviceOrder", self._up(self.list_orders), methods=["GET"]),
            Route(f"{order}/serviceOrder/{{id}}", self._up(self.get_order), methods=["GET"]),
            Route(f"{order}/hub", self._up(self.subscribe), methods=["POST"]),
            Route(f"{order}/hub/{{id}}", self._up(self.unsubscribe), methods=["DELETE"]),
            Route(f"{test}/serviceTest", self._up(self.run_test), methods=["POST"]),
            Route(f"{test}/serviceTest", self._up(self.list_tests), methods=["GET"]),
            Route(f"{test}/serviceTest/{{id}}", self._up(self.get_test), methods=["GET"]),
            Route("/simulator/executions", self._answering(self.executions), methods=["GET"]),
            Route("/simulator/behaviour", self._answering(self.get_behaviour), methods=["GET"]),
            Route("/simulator/behaviour", self._answering(self.change_behaviour), methods=["PUT", "PATCH"]),
        ]

    def _answering(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except RefusalError as refusal:
                return error_response(refusal)

        return answer

    def _up(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            if self.behaviour.down:
                raise RefusalError(503, "networkDown", "the network is down", retry_after=1)
            return await handler(request)

        return self._answering(answer)

    async def place(self, request: Request) -> Response:
        document = await json_body(request)
        correlation = request.headers.get("x-correlation-id")
        record, is_new = self.orders.place(document, idempotency_key(request), correlation, self.behaviour)
        if is_new and record.fate.answer_lost:
            raise RefusalError(504, "answerLost", "the answer was lost on its way")
        location = f"{service_orders.BASE_PATH}/serviceOrder/{record.id}"
        return json_response(record.body, 201, {"Location": location})

    async def list_orders(self, request: Request) -> Response:
        return page_response(self.orders.shelf, request, "externalId")

    async def get_order(self, request: Request) -> Response:
        return json_response(self.orders.shelf.get(request.path_params["id"]).body)

    async def subscribe(self, request: Request) -> Response:
        document = await json_body(request)
        callback, query = document.get("callback"), document.get("query")
        if not isinstance(callback, str) or not isinstance(query, str | None):
            raise RefusalError(400, "bodyInvalid", "callback is a text and mandatory, query is a text")
        return json_response(msgspec.json.encode(self.notifier.subscribe(callback, query)), 201)

    async def unsubscribe(self, request: Request) -> Response:
        self.notifier.unsubscribe(request.path_params["id"])
        return Response(status_code=204)

    async def run_test(self, request: Request) -> Response:
        document = await json_body(request)
        return json_response(await self.tests.run(document, idempotency_key(request), self.behaviour), 201)

    async def list_tests(self, request: Request) -> Response:
        return page_response(self.tests.shelf, request, None)

    async def get_test(self, request: Request) -> Response:
        record = self.tests.shelf.get(request.path_params["id"])
        if not record.body:
            raise RefusalError(404, "notFound", "the test is still running")
        return json_response(record.body)

    async def executions(self, _: Request) -> Response:
        """The ledger: executions by key, totals, conflicts, and what is still to come."""
        ledger = self.network.ledger
        return json_response(
            msgspec.json.encode(
                {
                    "executions": ledger.executions,
                    "totals": ledger.totals,
                    "conflicts": list(ledger.conflicts),
                    "activeServices": len(self.network.services),
                    "openTimers": self.orders.open,
                    "waitingNotifications": self.notifier.waiting,
                }
            )
        )

    async def get_behaviour(self, _: Request) -> Response:
        return json_response(msgspec.json.encode(self.behaviour))

    async def change_behaviour(self, request: Request) -> Response:
        """PUT: what is not named gets its default. PATCH: what is not named stays."""
        document = await json_body(request)
        if request.method == "PATCH":
            document = msgspec.to_builtins(self.behaviour) | document
        try:
            self.behaviour = msgspec.convert(document, Behaviour)
        except msgspec.ValidationError as error:
            raise RefusalError(400, "behaviourInvalid", str(error)) from None
        return json_response(msgspec.json.encode(self.behaviour))


def idempotency_key(request: Request) -> str | None:
    """The key of the header, quoted as a structured-field string or bare; RefusalError 400 if unfit."""
    value = request.headers.get("idempotency-key")
    if value is None:
        return None
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if not 0 < len(value) <= 255:
        raise RefusalError(400, "keyInvalid", "Idempotency-Key has 1 to 255 characters")
    return value


async def json_body(request: Request) -> dict[str, Any]:
    """The body as an object; RefusalError 413 above BODY_LIMIT, 400 when it is not a JSON object."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise RefusalError(413, "bodyTooLarge", f"a body has at most {BODY_LIMIT} bytes")
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusalError(400, "bodyInvalid", f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise RefusalError(400, "bodyInvalid", "the body is not a JSON object")
    return document


def json_response(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


def error_response(refusal: RefusalError) -> Response:
    """The TMF630 error body."""
    body = {"code": refusal.code, "reason": refusal.reason, "status": str(refusal.status), "@type": "Error"}
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after is not None else None
    return json_response(msgspec.json.encode(body), refusal.status, headers)


def page_response(shelf: Shelf[Any], request: Request, key_parameter: str | None) -> Response:
    """A list by offset, limit (at most PAGE_LIMIT), state and, where there is one, the key."""
    query = request.query_params
    try:
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "100"))
    except ValueError:
        raise RefusalError(400, "pageInvalid", "offset and limit are whole numbers") from None
    if offset < 0 or limit < 0:
        raise RefusalError(400, "pageInvalid", "offset and limit are not negative")
    key = query.get(key_parameter) if key_parameter else None
    total, bodies = shelf.page(offset, min(limit, PAGE_LIMIT), query.get("state"), key)
    headers = {"X-Total-Count": str(total), "X-Result-Count": str(len(bodies))}
    status = 206 if "limit" in query and len(bodies) < total else 200
    return json_response(b"[" + b",".join(bodies) + b"]", status, headers)
