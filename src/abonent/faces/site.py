"""What is not the TM Forum API: console, health, metrics, reports from the network."""

from collections.abc import Awaitable, Callable

from itsdangerous import BadSignature, URLSafeSerializer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from abonent.faces.http import CALLBACKS, explained, read_body
from abonent.kit.db import Database
from abonent.kit.errors import N_, Problem, Unauthenticated
from abonent.kit.hub.measures import measure

Report = Callable[[str, bytes], Awaitable[None]]


class Callbacks:
    """Addresses at which other systems report back. The address itself is the secret: it carries a signature."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="callback")

    def address(self, base: str, system: str) -> str:
        """The callback address to hand to `system`."""
        return f"{base}{CALLBACKS}/{self._signer.dumps(system)}"

    def system_of(self, token: str) -> str:
        try:
            return str(self._signer.loads(token))
        except BadSignature as forged:
            raise Unauthenticated(
                "badCallback", N_("This callback address was not handed out here.")
            ) from forged


def site(
    console: list[BaseRoute], database: Database, callbacks: Callbacks, reports: dict[str, Report]
) -> Starlette:
    """The Starlette application beside the API."""

    async def explain(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        body, headers = explained(error, request.scope)
        answer = Response(body, error.status)
        answer.raw_headers.extend(headers)
        return answer

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        # Unavailable is answered with 503.
        async with database.connection() as conn:
            await conn.fetchval("SELECT 1")
        return PlainTextResponse("ready")

    async def metrics(_: Request) -> Response:
        await measure(database)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def callback(request: Request) -> Response:
        system = callbacks.system_of(request.path_params["token"])
        body = await read_body(request.receive, request.scope)
        await reports[system](request.path_params["event"], body)
        return Response(status_code=204)

    made = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route(f"{CALLBACKS}/{{token}}/listener/{{event}}", callback, methods=["POST"]),
            *console,
        ],
    )
    # Starlette's outermost layer would make a bare 500 of what goes wrong; the edge tells it with the correlation id.
    made.middleware_stack = ExceptionMiddleware(made.router, handlers={Problem: explain})
    return made
