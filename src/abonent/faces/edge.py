"""The outermost ASGI layer: correlation id, who calls, errors as TMF bodies, measures, the access log."""

import time
from collections.abc import MutableMapping
from random import getrandbits
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

from abonent.faces.http import CALLBACKS, App, Receive, Scope, Send, answer, explained, header
from abonent.faces.tmf.app import TmfFace
from abonent.faces.tokens import Tokens
from abonent.kit.context import correlation
from abonent.kit.errors import N_, Problem, Unauthenticated

log = structlog.get_logger("http")
requests = Counter(
    "abonent_http_requests_total", "Requests by face, method and status", ["face", "method", "status"]
)
seconds = Histogram("abonent_http_seconds", "Time to answer a request", ["face", "method"])

SLOW = 0.5


class Edge:
    """Routes API paths to the TMF face with the token's caller, all others to `site` (console, health, callbacks)."""

    def __init__(self, tmf: TmfFace, site: App, tokens: Tokens) -> None:
        self._tmf = tmf
        self._site = site
        self._tokens = tokens
        # Label look-ups cost more than a request's own work, so children are kept.
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        begun = time.perf_counter()
        id = _correlation_id(scope)
        token = correlation.set(id)
        face = "tmf" if self._tmf.knows(scope["path"]) else "site"
        status = 0

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-correlation-id", id.encode())]
            await send(message)

        try:
            if face == "tmf":
                scope["caller"] = self._tokens.read(_bearer(scope))
                await self._tmf(scope, receive, sending)
            else:
                await self._site(scope, receive, sending)
        except Problem as problem:
            await self._explain(problem, scope, sending, status)
        except Exception:
            log.exception("request failed", path=scope["path"], method=scope["method"], correlation_id=id)
            problem = Problem(
                "internal", N_("Something went wrong here. Name the correlation id {id} to support."), id=id
            )
            await self._explain(problem, scope, sending, status)
        finally:
            correlation.reset(token)
            self._measure(face, scope, status, time.perf_counter() - begun, id)

    async def _explain(self, problem: Problem, scope: Scope, send: Send, status: int) -> None:
        if status:
            raise problem  # the answer began; the server cuts the connection
        body, headers = explained(problem, scope)
        await answer(send, problem.status, body, headers)

    def _measure(self, face: str, scope: Scope, status: int, took: float, id: str) -> None:
        method = scope["method"]
        counter = self._counts.get((face, method, status))
        if counter is None:
            counter = self._counts[face, method, status] = requests.labels(face, method, status)
        counter.inc()
        timer = self._times.get((face, method))
        if timer is None:
            timer = self._times[face, method] = seconds.labels(face, method)
        timer.observe(took)
        # Reads that went well are counted above; writing a line for each would cost as much as the read.
        if method != "GET" or status >= 400 or took > SLOW:
            log.info(
                "request",
                method=method,
                path=_shown(scope["path"]),
                status=status,
                ms=round(took * 1000, 1),
                correlation_id=id,
            )


def _bearer(scope: Scope) -> str:
    scheme, _, token = (header(scope, b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "noToken",
            N_("Send a bearer token: Authorization: Bearer ... Make one with: abonent token --role ROLE."),
        )
    return token.strip()


def _correlation_id(scope: Scope) -> str:
    """The caller's own id if it is a plain short one, else a new one."""
    given = header(scope, b"x-correlation-id")
    if given and len(given) <= 100 and given.isascii() and given.isprintable():
        return given
    return f"{getrandbits(128):032x}"


def _shown(path: str) -> str:
    """A path for the log: the address of a callback is a secret and stays out of it."""
    return f"{CALLBACKS}/..." if path.startswith(CALLBACKS) else path
