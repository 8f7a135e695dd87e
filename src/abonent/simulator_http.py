"""What the simulators' HTTP sides share: bodies that are objects, answers, a behaviour that can be changed, serving."""

from typing import Any, TypeVar

import msgspec
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

Behaviour = TypeVar("Behaviour", bound=msgspec.Struct)


async def object_in(request: Request, most: int) -> dict[str, Any] | None:
    """The body as an object; None for anything else, or when it has more than `most` bytes."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            return None
    try:
        document = msgspec.json.decode(bytes(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def answer(document: Any, status: int = 200) -> Response:
    """A document as JSON."""
    return Response(msgspec.json.encode(document), status, media_type="application/json")


def refusal(status: int, reason: str) -> Response:
    """Why something is not done."""
    return answer({"reason": reason}, status)


async def behaviour_asked(request: Request, behaviour: Behaviour, most: int) -> Behaviour:
    """The behaviour that a request asks for. PUT: what is not named gets its default; PATCH: it stays; else all stays.
    msgspec.ValidationError."""
    if request.method == "GET":
        return behaviour
    document = await object_in(request, most) or {}
    if request.method == "PATCH":
        document = msgspec.to_builtins(behaviour) | document
    return msgspec.convert(document, type(behaviour))


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
        server_header=False,
    )
