"""NumberPortability over HTTP, and the clearing house's reports.

    POST {url}/requests               Idempotency-Key: "<key>"
         {"externalId", "number", "donor"?, "owner": {"name", "kind": "individual" | "organization", "documents"},
          "requestedAt", "latest", "notBefore"?, "reportTo"?}
    GET  {url}/requests/{key}?asOf=<our time>
    POST {url}/requests/{key}/withdraw, /requests/{key}/return

all answer {"externalId", "id", "status", "at", "donor"?, "window"?: {"start", "end"}, "refusal"?: {"code", "text"}};
404: no such request. When `reportTo` was given, each new status is posted there, later and perhaps twice, as

    {"payload": "<JSON text of the same>", "signature": "<hex>"}

The signature is HMAC-SHA256 over the payload's UTF-8 bytes with a secret that both sides keep. Clearing houses differ;
one that speaks otherwise needs a module like this one.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import msgspec

from abonent.domain.order_handling.ports import (
    PortingAsk,
    PortingAway,
    PortingRefused,
    PortingReport,
    PortingUnknown,
)
from abonent.gateways.brake import Brake
from abonent.gateways.tmf_client import (
    CorrelationId,
    MissingError,
    RefusedError,
    TmfClient,
    UnreachableError,
    decode_json,
)
from abonent.kit.errors import N_, BadInput, Unauthenticated
from abonent.kit.values import from_wire, to_wire

EVENT = "porting"
"""The last step of the callback address."""
_STATUSES = frozenset({"received", "accepted", "refused", "ported", "withdrawn", "returned"})


class _Window(msgspec.Struct):
    start: str
    end: str


class _Refusal(msgspec.Struct):
    code: str = ""
    text: str = ""


class _Told(msgspec.Struct, rename="camel"):
    external_id: str
    id: str
    status: str
    at: str
    donor: str = ""
    window: _Window | None = None
    refusal: _Refusal | None = None


class _Signed(msgspec.Struct):
    payload: str
    signature: str


class HttpPortability:
    """One clearing house. Close it when the process ends.

    secret     signs its reports
    report_to  where reports are to be sent; None: none are asked for. May be set later
    """

    def __init__(
        self,
        url: str,
        correlation_id: CorrelationId,
        *,
        secret: str,
        authorization: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._client = TmfClient(
            url, correlation_id, timeout=timeout, connections=8, authorization=authorization
        )
        self._secret = secret.encode()
        self._brake = Brake()
        self.report_to: str | None = None

    async def ask(self, ask: PortingAsk) -> PortingReport:
        """See NumberPortability.ask."""
        owner: dict[str, Any] = {
            "name": ask.owner,
            "kind": "organization" if ask.business else "individual",
            "documents": [{"type": kind, "number": number} for kind, number in ask.documents],
        }
        body: dict[str, Any] = {
            "externalId": ask.key,
            "number": ask.number,
            "owner": owner,
            "requestedAt": to_wire(ask.asked),
            "latest": to_wire(ask.latest),
        }
        if ask.donor:
            body["donor"] = ask.donor
        if ask.wanted is not None:
            body["notBefore"] = to_wire(ask.wanted)
        if self.report_to:
            body["reportTo"] = self.report_to
        return await self._send("POST", "/requests", body, ask.key)

    async def look_up(self, key: str, now: datetime) -> PortingReport:
        """See NumberPortability.look_up."""
        return await self._send("GET", f"{_path(key)}?asOf={quote(to_wire(now), safe='')}")

    async def withdraw(self, key: str) -> PortingReport:
        """See NumberPortability.withdraw."""
        return await self._send("POST", f"{_path(key)}/withdraw", {}, f"withdraw/{key}")

    async def give_back(self, key: str) -> PortingReport:
        """See NumberPortability.give_back."""
        return await self._send("POST", f"{_path(key)}/return", {}, f"return/{key}")

    async def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
    ) -> PortingReport:
        if held := self._brake.held():
            raise _away(held)
        try:
            answer = await self._client.send(method, path, body, key)
        except MissingError as no:
            if path == "/requests":
                # A wrong address is no answer about the number.
                raise self._failed(f"HTTP status {no.status} at {self._client.base_url}") from no
            self._brake.answered()
            text = N_("The clearing house has no such request: {reason}.")
            raise PortingUnknown("portingUnknown", text, reason=no.reason) from no
        except RefusedError as no:
            self._brake.answered()
            text = N_("The clearing house refused: {reason}.")
            raise PortingRefused("portingRefused", text, reason=no.reason) from no
        except UnreachableError as away:
            raise self._failed(away.reason) from away
        try:
            told = _report(answer)
        except ValueError as error:
            raise self._failed(f"unreadable answer: {error}") from error
        self._brake.answered()
        return told

    def parse(self, event: str, body: bytes) -> PortingReport:
        """The report in a notification. BadInput; Unauthenticated when it is not signed by the clearing house."""
        if event != EVENT:
            raise BadInput(
                "notificationUnknown",
                N_("Notifications of type {event} are not taken here; send porting."),
                event=event[:100],
            )
        try:
            signed = decode_json(body, _Signed)
        except ValueError as error:
            raise _malformed(str(error)) from error
        if not hmac.compare_digest(sign(self._secret, signed.payload), signed.signature.lower()):
            raise Unauthenticated("badSignature", N_("The notification is not signed by the clearing house."))
        try:
            return _report(signed.payload.encode())
        except ValueError as error:
            raise _malformed(str(error)) from error

    def _failed(self, reason: str) -> PortingAway:
        self._brake.failed(reason)
        return _away(reason)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def _path(key: str) -> str:
    return f"/requests/{quote(key, safe='')}"


def _report(body: bytes) -> PortingReport:
    """ValueError."""
    told = decode_json(body, _Told)
    if told.status not in _STATUSES:
        raise ValueError(f"status {told.status[:40]}")
    window = (from_wire(told.window.start), from_wire(told.window.end)) if told.window else None
    if window is not None and window[1] < window[0]:
        raise ValueError("the window ends before it begins")
    refusal = told.refusal or _Refusal()
    return PortingReport(
        told.external_id,
        told.status,
        at=from_wire(told.at),
        window=window,
        code=refusal.code[:60],
        text=refusal.text[:300],
        donor=told.donor[:120],
        external_id=told.id[:120],
    )


def sign(secret: bytes, payload: str) -> str:
    """The signature of a report."""
    return hmac.new(secret, payload.encode(), sha256).hexdigest()


def _away(reason: str) -> PortingAway:
    text = N_("The clearing house gives no answer now ({reason}). It is asked again.")
    return PortingAway("portingAway", text, reason=reason[:300])


def _malformed(reason: str) -> BadInput:
    text = N_("The notification cannot be read: {reason}.")
    return BadInput("notificationMalformed", text, reason=reason[:300])
