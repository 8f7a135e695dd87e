"""PaymentProvider over HTTP, and the provider's reports.

    POST {url}/payments               Idempotency-Key: "<key>"
         {"externalId", "amount": "500.00", "currency", "description", "language", "expiresAt",
          "returnTo"?, "reportTo"?}
    2xx  {"id", "payUrl"}
    POST {url}/payments/{id}/cancel
    POST {url}/refunds                Idempotency-Key: "<key>"
         {"externalId": key, "reference", "amount", "currency"}
    2xx  {"id", "status": "refunded" | "pending"}; while it is pending it is asked again with the same key

and, when `reportTo` was given, later and perhaps twice

    POST {reportTo}   {"payload": "<JSON text>", "signature": "<hex>"}

The signature is HMAC-SHA256 over the payload's UTF-8 bytes with a secret that both sides keep. The payload says
{"externalId", "status": "paid" | "failed" | "expired" | "cancelled", "reference", "amount", "currency"}. Providers that
speak otherwise need a module like this one.
"""

import hmac
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from urllib.parse import quote, urlsplit

import msgspec

from abonent.domain.order_handling.ports import (
    PaymentAsk,
    PaymentAway,
    PaymentLink,
    PaymentRefund,
    PaymentRefused,
    PaymentReport,
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
from abonent.kit.values import to_wire

EVENT = "payment"
"""The last step of the callback address."""
_STATUSES = frozenset({"paid", "failed", "expired", "cancelled"})


class _Made(msgspec.Struct, rename="camel"):
    id: str
    pay_url: str


class _Refund(msgspec.Struct):
    id: str
    status: str


class _Signed(msgspec.Struct):
    payload: str
    signature: str


class _Report(msgspec.Struct, rename="camel"):
    external_id: str
    status: str
    reference: str
    amount: str
    currency: str


class HttpPayments:
    """One provider. Close it when the process ends.

    secret     signs the provider's reports
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

    async def create(self, ask: PaymentAsk) -> PaymentLink:
        """See PaymentProvider.create."""
        body = {
            "externalId": ask.key,
            "amount": str(ask.amount),
            "currency": ask.currency,
            "description": ask.description,
            "language": ask.language,
            "expiresAt": to_wire(ask.until),
        }
        if ask.back:
            body["returnTo"] = ask.back
        if self.report_to:
            body["reportTo"] = self.report_to
        try:
            made = decode_json(await self._send("/payments", body, ask.key), _Made)
        except ValueError as error:
            raise self._failed(f"unreadable answer: {error}") from error
        if urlsplit(made.pay_url).scheme not in {"http", "https"}:
            raise self._failed("the address to pay at is no web address")
        return PaymentLink(made.id, made.pay_url)

    async def cancel(self, id: str) -> None:
        """See PaymentProvider.cancel."""
        await self._send(f"/payments/{quote(id, safe='')}/cancel", {}, f"cancel/{id}")

    async def refund(self, ask: PaymentRefund) -> str:
        """See PaymentProvider.refund."""
        body = {
            "externalId": ask.key,
            "reference": ask.reference,
            "amount": str(ask.amount),
            "currency": ask.currency,
        }
        try:
            told = decode_json(await self._send("/refunds", body, ask.key), _Refund)
        except ValueError as error:
            raise self._failed(f"unreadable answer: {error}") from error
        if told.status != "refunded":
            raise _away(f"the refund is {told.status}")
        return told.id

    async def _send(self, path: str, body: dict[str, str], key: str) -> bytes:
        if held := self._brake.held():
            raise _away(held)
        try:
            answer = await self._client.send("POST", path, body, key)
        except MissingError as no:
            raise self._failed(f"HTTP status {no.status} at {self._client.base_url}") from no
        except RefusedError as no:
            self._brake.answered()
            text = N_("The payment provider refused: {reason}.")
            raise PaymentRefused("paymentRefused", text, reason=no.reason) from no
        except UnreachableError as away:
            raise self._failed(away.reason) from away
        self._brake.answered()
        return answer

    def parse(self, event: str, body: bytes) -> PaymentReport:
        """The report in a notification of the provider. BadInput; Unauthenticated when it is not signed by him."""
        if event != EVENT:
            raise BadInput(
                "notificationUnknown",
                N_("Notifications of type {event} are not taken here; send payment."),
                event=event[:100],
            )
        try:
            signed = decode_json(body, _Signed)
        except ValueError as error:
            raise _malformed(str(error)) from error
        if not hmac.compare_digest(sign(self._secret, signed.payload), signed.signature.lower()):
            raise Unauthenticated("badSignature", N_("The notification is not signed by the provider."))
        try:
            told = decode_json(signed.payload.encode(), _Report)
            amount = Decimal(told.amount)
        except (ValueError, InvalidOperation) as error:
            raise _malformed(str(error)) from error
        if told.status not in _STATUSES or not amount.is_finite() or amount <= 0 or not told.reference:
            raise _malformed("status, amount or reference")
        return PaymentReport(told.external_id, told.status, told.reference, amount, told.currency)

    def _failed(self, reason: str) -> PaymentAway:
        self._brake.failed(reason)
        return _away(reason)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def sign(secret: bytes, payload: str) -> str:
    """The signature of a report."""
    return hmac.new(secret, payload.encode(), sha256).hexdigest()


def _away(reason: str) -> PaymentAway:
    text = N_("The payment provider gives no answer now ({reason}). It is asked again.")
    return PaymentAway("paymentAway", text, reason=reason[:300])


def _malformed(reason: str) -> BadInput:
    text = N_("The notification cannot be read: {reason}.")
    return BadInput("notificationMalformed", text, reason=reason[:300])
