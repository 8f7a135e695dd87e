"""The HTTP side of the clearing house.

POST  /requests                        {"externalId", "number", "owner", "requestedAt", "latest", ...}, Idempotency-Key
GET   /requests, /requests/{key}       as they stand; asOf: the asker's time, by which a window may have come
POST  /requests/{key}/withdraw, /requests/{key}/return
GET, PUT, PATCH  /house/behaviour

Donors refuse by a number's last two digits: 01 a debt (the next request about the number is granted: it was paid), 02
another owner (granted in another name than that which was refused), 03 blocked, 04 under way elsewhere, 05 not theirs.
Everything is in memory. A report is sent again with growing pauses until it is taken.
"""

import asyncio
import hmac
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import aiohttp
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.simulator_http import answer, behaviour_asked, object_in, refusal

BODY_LIMIT = 64 * 1024
_KEPT = 10_000
_PAUSES = (0.2, 0.5, 1, 2, 5, 10, 30, 60)
_WINDOW = timedelta(hours=6)
_MOSCOW = timezone(timedelta(hours=3))
_DONORS = ("Северная сотовая", "Волга Мобайл", "Связь-7")
_REFUSALS = {
    "01": ("debt", "the subscriber owes 340.00"),
    "02": ("dataMismatch", "the subscriber is another person"),
    "03": ("numberBlocked", "the number is blocked"),
    "04": ("portingUnderWay", "a request of another operator is at work"),
    "05": ("notPortable", "the number is not in service"),
}


class Behaviour(msgspec.Struct):
    """decide_after: seconds until the donor decides. days: from the request to its window, within its term.
    times: how often each report is sent; late: how many seconds late the first of them is; shuffled: a donor's decision
    is reported before that the request was received; silent: no reports at all; down: 503 to everything."""

    decide_after: float = 3.0
    days: float = 3.0
    times: int = 1
    late: float = 0.0
    shuffled: bool = False
    silent: bool = False
    down: bool = False


def create_clearing_house(secret: str, behaviour: Behaviour | None = None) -> Starlette:
    """A clearing house of its own; two applications share nothing."""
    return _House(secret, behaviour or Behaviour()).app()


class _House:
    def __init__(self, secret: str, behaviour: Behaviour) -> None:
        self._secret = secret.encode()
        self._behaviour = behaviour
        self._requests: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, tuple[str, str]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/requests", self.create, methods=["POST"]),
                Route("/requests", self.listing, methods=["GET"]),
                Route("/requests/{key:path}/withdraw", self.withdraw, methods=["POST"]),
                Route("/requests/{key:path}/return", self.give_back, methods=["POST"]),
                Route("/requests/{key:path}", self.one, methods=["GET"]),
                Route("/house/behaviour", self.behaviour, methods=["GET", "PUT", "PATCH"]),
            ]
        )

    async def create(self, request: Request) -> Response:
        """Take a request, once for a key."""
        if self._behaviour.down:
            return refusal(503, "the clearing house is closed")
        asked, key = await object_in(request, BODY_LIMIT), _key(request)
        if asked is None or not key or not {"externalId", "number", "owner", "latest"} <= asked.keys():
            return refusal(400, "an Idempotency-Key, and externalId, number, owner and latest are needed")
        if asked["externalId"] in self._requests:
            return answer(_shown(self._requests[asked["externalId"]]))
        if len(self._requests) >= _KEPT:
            return refusal(503, "full")
        try:
            begun = _time(asked.get("requestedAt") or asked["latest"])
            _time(asked["latest"])
        except ValueError:
            return refusal(400, "requestedAt and latest are dates")
        number = str(asked["number"])
        made = {
            **asked,
            "id": f"NP-{len(self._requests) + 1:06d}",
            "status": "received",
            "at": _wire(begun),
            "donor": asked.get("donor") or _DONORS[sum(map(ord, number)) % len(_DONORS)],
        }
        self._requests[asked["externalId"]] = made
        if not self._behaviour.shuffled:
            self._tell(made)
        self._later(self._decide(made, dict(made)))
        return answer(_shown(made), 201)

    async def _decide(self, made: dict[str, Any], received: dict[str, Any]) -> None:
        await asyncio.sleep(self._behaviour.decide_after)
        if made["status"] != "received":
            return
        begun = _time(made["at"])
        made["at"] = _wire(begun + timedelta(hours=1))
        why = self._why_not(made)
        if why is not None:
            made |= {"status": "refused", "refusal": {"code": why[0], "text": why[1]}}
        else:
            start = _night(begun + timedelta(days=self._behaviour.days))
            if made.get("notBefore") and start < _time(made["notBefore"]):
                start = _night(_time(made["notBefore"]) + timedelta(days=1))
            start = min(start, _night(_time(made["latest"])))
            window = {"start": _wire(start), "end": _wire(start + _WINDOW)}
            made |= {"status": "accepted", "window": window}
        self._tell(made)
        if self._behaviour.shuffled:
            self._tell(received)

    def _why_not(self, made: dict[str, Any]) -> tuple[str, str] | None:
        number, name = str(made["number"]), str((made.get("owner") or {}).get("name"))
        why, before = _REFUSALS.get(number[-2:]), self._refused.get(number)
        paid = before is not None and before[0] == "debt"
        another = before is not None and before[0] == "dataMismatch" and before[1] != name
        if why is None or paid or another:
            return None
        self._refused[number] = (why[0], name)
        return why

    async def listing(self, _: Request) -> Response:
        """All requests, oldest first."""
        return answer([_shown(each) for each in self._requests.values()])

    async def one(self, request: Request) -> Response:
        """A request as it stands at the asker's time: once its window has come, the number has moved."""
        if self._behaviour.down:
            return refusal(503, "the clearing house is closed")
        known = self._requests.get(request.path_params["key"])
        if known is None:
            return refusal(404, "no such request")
        try:
            now = _time(request.query_params.get("asOf") or _wire(datetime.now(UTC)))
        except ValueError:
            return refusal(400, "asOf is no date")
        if known["status"] == "accepted" and _time(known["window"]["start"]) <= now:
            known |= {"status": "ported", "at": known["window"]["start"]}
            self._tell(known)
        return answer(_shown(known))

    async def withdraw(self, request: Request) -> Response:
        """Take a request back; one that is over stays as it is."""
        return self._ended(request.path_params["key"], {"received", "accepted"}, "withdrawn")

    async def give_back(self, request: Request) -> Response:
        """Return a number that was ported."""
        return self._ended(request.path_params["key"], {"ported"}, "returned")

    def _ended(self, key: str, states: set[str], state: str) -> Response:
        if self._behaviour.down:
            return refusal(503, "the clearing house is closed")
        known = self._requests.get(key)
        if known is None:
            return refusal(404, "no such request")
        if known["status"] in states:
            known |= {"status": state}
        return answer(_shown(known))

    def _tell(self, made: dict[str, Any]) -> None:
        if made.get("reportTo") and not self._behaviour.silent:
            for number in range(self._behaviour.times):
                self._later(
                    self._report(_shown(made), made["reportTo"], self._behaviour.late * (number == 0))
                )

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _report(self, told: dict[str, Any], to: str, late: float) -> None:
        payload = msgspec.json.encode(told).decode()
        signature = hmac.new(self._secret, payload.encode(), sha256).hexdigest()
        await asyncio.sleep(late)
        for pause in _PAUSES:
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                    session.post(to, json={"payload": payload, "signature": signature}) as response,
                ):
                    if response.status < 300:
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(pause)

    async def behaviour(self, request: Request) -> Response:
        """PUT: what is not named gets its default. PATCH: what is not named stays."""
        try:
            self._behaviour = await behaviour_asked(request, self._behaviour, BODY_LIMIT)
        except msgspec.ValidationError as error:
            return refusal(400, str(error))
        return answer(msgspec.to_builtins(self._behaviour))


def _key(request: Request) -> str:
    return request.headers.get("idempotency-key", "")


def _shown(made: dict[str, Any]) -> dict[str, Any]:
    names = ("externalId", "id", "number", "status", "at", "donor", "window", "refusal")
    return {name: made[name] for name in names if name in made}


def _night(at: datetime) -> datetime:
    """The midnight before a moment, Moscow time: numbers move at night."""
    return at.astimezone(_MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)


def _time(text: str) -> datetime:
    """ValueError."""
    at = datetime.fromisoformat(str(text))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _wire(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
