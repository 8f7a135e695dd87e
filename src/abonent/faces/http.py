"""Bare ASGI for the API: bodies with a limit, answers as bytes. Frameworks cost as much as a query here."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from typing import Any

from abonent.kit.errors import N_, BadInput, Problem, TooLarge
from abonent.kit.i18n import Translator, choose_language
from abonent.kit.shapes import encode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

# Where other systems report back; what follows it in a path is a secret.
CALLBACKS = "/callbacks"
BODY_LIMIT = 1024 * 1024
JSON = (b"content-type", b"application/json;charset=utf-8")
HTML = (b"content-type", b"text/html;charset=utf-8")


def header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


async def read_body(receive: Receive, scope: Scope, limit: int = BODY_LIMIT) -> bytes:
    """The whole body. TooLarge as soon as it is known to be longer than `limit` bytes."""
    length = header(scope, b"content-length")
    if length and length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadInput("disconnected", N_("The request ended before its body was complete."))
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "bodyTooLarge",
        N_("The body is longer than {limit} bytes. Send less, or in several requests."),
        limit=limit,
    )


async def answer(send: Send, status: int, body: bytes = b"", headers: Headers = ()) -> None:
    """Send a whole answer."""
    listed = list(headers)
    if status != 204:
        listed.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


def explained(problem: Problem, scope: Scope) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of the answer to a problem, in the caller's language: the TMF630 error, or a plain page for a
    browser that asks for one."""
    said = Translator(choose_language(None, header(scope, b"accept-language") or ""))
    text = said.gettext(problem.text, **problem.facts)
    body = {
        "@type": "Error",
        "code": problem.code,
        "reason": text,
        "message": str(problem.facts.get("path") or text),
        "status": str(problem.status),
    }
    page = "text/html" in (header(scope, b"accept") or "")
    headers: list[tuple[bytes, bytes]] = [HTML if page else JSON]
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if problem.status == 405:
        headers.append((b"allow", problem.facts["allowed"].encode()))
    if problem.status == 503:
        headers.append((b"retry-after", b"3"))
    if page:
        told = f"<h1>{problem.status}</h1><p>{escape(text)}</p>"
        return (
            f'<!doctype html><html lang="{said.lang}"><title>Abonent</title>{told}</html>'.encode(),
            headers,
        )
    return encode(body), headers
