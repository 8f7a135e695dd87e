"""The HTTP side of the bureau.

POST  /reports               {"reference", "name", "kind", ...} -> {"score", "reportId"}; 404: not known here
GET   /bureau/questions      what was asked, oldest first
GET, PUT, PATCH  /bureau/behaviour

Who is named by no rule gets a score that his name alone decides, so that the same person always has the same.
"""

import asyncio
from hashlib import sha256
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.simulator_http import answer, behaviour_asked, object_in, refusal

BODY_LIMIT = 64 * 1024
LOWEST, HIGHEST = 300, 850
_KEPT = 1000


class Rule(msgspec.Struct):
    """Whose reference is `reference`, or whose name contains `name`, gets this score; `unknown`: he is not known."""

    reference: str = ""
    name: str = ""
    score: int | None = None
    unknown: bool = False


class Behaviour(msgspec.Struct):
    """rules: the first that fits. unknown_share: of a hundred others, so many are not known. latency in seconds;
    down: 503 to everything; garbled: an answer that cannot be read. token: the bearer token it demands."""

    rules: list[Rule] = []
    unknown_share: int = 0
    latency: float = 0.0
    down: bool = False
    garbled: bool = False
    token: str | None = None


def create_bureau(behaviour: Behaviour | None = None) -> Starlette:
    """A bureau of its own; two applications share nothing."""
    return _Bureau(behaviour or Behaviour()).app()


class _Bureau:
    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._questions: list[dict[str, Any]] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/reports", self.report, methods=["POST"]),
                Route("/bureau/questions", self.questions, methods=["GET"]),
                Route("/bureau/behaviour", self.behaviour, methods=["GET", "PUT", "PATCH"]),
            ]
        )

    async def report(self, request: Request) -> Response:
        """One question."""
        now = self._behaviour
        if now.token and request.headers.get("authorization") != f"Bearer {now.token}":
            return refusal(401, "a bearer token is needed")
        asked = await object_in(request, BODY_LIMIT)
        if asked is None or not isinstance(asked.get("name"), str):
            return refusal(400, "the body is an object with a text `name`")
        self._questions = [*self._questions[1 - _KEPT :], asked]
        await asyncio.sleep(now.latency)
        if now.down:
            return refusal(503, "the bureau is closed")
        if now.garbled:
            return Response(b'{"score": "high', media_type="application/json")
        score = self._score(asked)
        if score is None:
            return refusal(404, "not known here")
        return answer({"score": score, "reportId": f"R-{_drawn(asked, 'report') % 10**9:09d}"})

    def _score(self, asked: dict[str, Any]) -> int | None:
        for rule in self._behaviour.rules:
            if (rule.reference and rule.reference == asked.get("reference")) or (
                rule.name and rule.name.lower() in asked["name"].lower()
            ):
                return None if rule.unknown else rule.score
        if _drawn(asked, "known") % 100 < self._behaviour.unknown_share:
            return None
        return LOWEST + _drawn(asked, "score") % (HIGHEST - LOWEST + 1)

    async def questions(self, _: Request) -> Response:
        """What was asked."""
        return answer(self._questions)

    async def behaviour(self, request: Request) -> Response:
        """PUT: what is not named gets its default. PATCH: what is not named stays."""
        try:
            self._behaviour = await behaviour_asked(request, self._behaviour, BODY_LIMIT)
        except msgspec.ValidationError as error:
            return refusal(400, str(error))
        return answer(msgspec.to_builtins(self._behaviour))


def _drawn(asked: dict[str, Any], what: str) -> int:
    return int.from_bytes(sha256(f"{what}|{asked['name']}".encode()).digest()[:6])
