"""SmsTransport over HTTP, and the gateway's delivery reports.

    POST {url}   Idempotency-Key: "<key>"   {"externalId", "to", "text", "from"?, "reportTo"?}
    2xx          {"id": "..."}

and, when `reportTo` was given, later and perhaps twice

    POST {reportTo}   {"externalId", "status": "delivered" | "undelivered", "reason"?}

Gateways that speak otherwise need a module like this one.
"""

import msgspec

from abonent.domain.communication.ports import Accepted, DeliveryReport, MessageRefused, Sms, TransportAway
from abonent.gateways.brake import Brake
from abonent.gateways.tmf_client import CorrelationId, RefusedError, TmfClient, UnreachableError, decode_json
from abonent.gateways.tmf_client import MissingError as WrongAddressError
from abonent.kit.errors import N_, BadInput

EVENT = "deliveryReport"
"""The last step of the callback address."""
_DELIVERED = {"delivered": True, "undelivered": False, "failed": False, "expired": False, "rejected": False}
# What is on its way is no news.
_ON_THE_WAY = {"accepted", "queued", "sent", "buffered"}


class _Taken(msgspec.Struct):
    id: str


class _Report(msgspec.Struct, rename="camel"):
    external_id: str
    status: str
    reason: str | None = None


class HttpSms:
    """One gateway. Close it when the process ends.

    url        where messages are posted
    sender     the name or number shown as sender, or None: the gateway's own
    report_to  where delivery reports are to be sent; None: none are asked for. May be set later
    """

    def __init__(
        self,
        url: str,
        correlation_id: CorrelationId,
        *,
        sender: str | None = None,
        authorization: str | None = None,
        timeout: float = 20.0,
        connections: int = 8,
    ) -> None:
        self._client = TmfClient(
            url, correlation_id, timeout=timeout, connections=connections, authorization=authorization
        )
        self._sender = sender
        self._brake = Brake()
        self.report_to: str | None = None

    async def send(self, sms: Sms) -> Accepted:
        """See SmsTransport.send."""
        if held := self._brake.held():
            raise _away(held)
        document = {"externalId": sms.key, "to": sms.to, "text": sms.text}
        if self._sender:
            document["from"] = self._sender
        if self.report_to:
            document["reportTo"] = self.report_to
        try:
            taken = decode_json(await self._client.send("POST", "", document, sms.key), _Taken)
        except WrongAddressError as no:
            # A 404 says that the address is not the gateway's, nothing about the message.
            raise self._failed(f"HTTP status {no.status} at {self._client.base_url}") from no
        except RefusedError as no:
            self._brake.answered()
            raise MessageRefused(
                "smsRefused",
                N_("The SMS gateway refused the message: {reason}. Mend the number and send it again."),
                reason=no.reason,
            ) from no
        except UnreachableError as away:
            raise self._failed(away.reason) from away
        except ValueError as error:
            raise self._failed(f"unreadable answer: {error}") from error
        self._brake.answered()
        return Accepted(taken.id, report_follows=self.report_to is not None)

    def _failed(self, reason: str) -> TransportAway:
        self._brake.failed(reason)
        return _away(reason)

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def parse_report(event: str, body: bytes) -> DeliveryReport | None:
    """The report in a notification of the gateway; None when it says nothing new. BadInput."""
    if event != EVENT:
        raise BadInput(
            "notificationUnknown",
            N_("Notifications of type {event} are not taken here; send deliveryReport."),
            event=event[:100],
        )
    try:
        told = decode_json(body, _Report)
    except ValueError as error:
        raise BadInput(
            "notificationMalformed", N_("The notification cannot be read: {reason}."), reason=str(error)[:300]
        ) from error
    status = told.status.lower()
    if status in _ON_THE_WAY:
        return None
    if status not in _DELIVERED:
        raise BadInput(
            "statusUnknown",
            N_("{path}: `{value}` is not one of: {allowed}."),
            path="status",
            value=told.status[:50],
            allowed=", ".join(sorted(_DELIVERED)),
        )
    return DeliveryReport(told.external_id, _DELIVERED[status], (told.reason or "")[:500])


def _away(reason: str) -> TransportAway:
    return TransportAway(
        "smsGatewayAway",
        N_("The SMS gateway cannot be used now ({reason}). The message is kept and sent again."),
        reason=reason[:500],
    )
