"""TMF641 v4 client: implements ServiceActivation over HTTP."""

from hashlib import sha256
from typing import Any
from urllib.parse import quote

from abonent.domain.order_handling.ports import (
    ActivationFailed,
    ActivationReport,
    ActivationUnavailable,
    ActivationUnknown,
)
from abonent.gateways.activation.answers import Notification, read_order, report_of
from abonent.gateways.tmf_client import (
    CorrelationId,
    MissingError,
    RefusedError,
    TmfClient,
    UnreachableError,
    decode_json,
)
from abonent.kit.errors import N_, BadInput

BASE_PATH = "/tmf-api/serviceOrdering/v4"
"""Base path of the API in the specification; to be put behind the network's root URL."""

_EVENTS = {"serviceorderstatechangeevent", "serviceordercreateevent"}


class HttpServiceActivation:
    """ServiceActivation over one TMF641 base URL. Close it when the process ends.

    base_url        e.g. http://127.0.0.1:9641/tmf-api/serviceOrdering/v4
    correlation_id  returns the id of the work at hand, sent as X-Correlation-ID
    timeout         seconds for one request
    """

    def __init__(
        self,
        base_url: str,
        correlation_id: CorrelationId,
        *,
        timeout: float = 10.0,
        connections: int = 32,
        authorization: str | None = None,
    ) -> None:
        self._client = TmfClient(
            base_url, correlation_id, timeout=timeout, connections=connections, authorization=authorization
        )

    async def submit(self, service_order: dict[str, Any], idempotency_key: str) -> ActivationReport:
        """See ServiceActivation.submit."""
        document = {**service_order, "externalId": idempotency_key}
        try:
            return _report(await self._client.send("POST", "/serviceOrder", document, idempotency_key))
        except MissingError as no:
            # A 404 to a POST is a wrong address, not a word about the order.
            raise _unavailable(f"HTTP status {no.status} at {self._client.base_url}/serviceOrder") from no
        except RefusedError as no:
            raise ActivationFailed(
                "activationRefused",
                N_("The network refused service order {key}: {reason}. Correct it and give it a new key."),
                key=idempotency_key,
                reason=no.reason,
                status=no.status,
            ) from no
        except UnreachableError as away:
            raise _unavailable(away.reason, away.retry_after) from away

    async def look_up(self, external_id: str) -> ActivationReport:
        """See ServiceActivation.look_up."""
        try:
            return _report(await self._client.send("GET", "/serviceOrder/" + quote(external_id, safe="")))
        except RefusedError as no:
            raise ActivationUnknown(
                "activationOrderUnknown",
                N_("The network knows no service order {external_id}. Submit it again under the same key."),
                external_id=external_id,
                reason=no.reason,
                status=no.status,
            ) from no
        except UnreachableError as away:
            raise _unavailable(away.reason, away.retry_after) from away

    async def ensure_subscription(self, callback_url: str) -> None:
        """Have the notifications sent to {callback_url}/listener/<eventName>.

        Call it at every start and now and then after it: the other side keeps one subscription a callback
        and answers a repeated registration with the same one, or with 409, which is as good. A network
        that lost its memory learns the callback anew. Raises ActivationFailed when the callback is refused,
        else ActivationUnavailable.
        """
        document = {"callback": callback_url}
        key = "hub-" + sha256(callback_url.encode()).hexdigest()
        try:
            await self._client.send("POST", "/hub", document, key)
        except MissingError as no:
            raise _unavailable(f"HTTP status {no.status} at {self._client.base_url}/hub") from no
        except RefusedError as no:
            raise ActivationFailed(
                "callbackRefused",
                N_("The network refused the callback {callback}: {reason}. Correct the public address."),
                callback=callback_url,
                reason=no.reason,
                status=no.status,
            ) from no
        except UnreachableError as away:
            if away.status != 409:
                raise _unavailable(away.reason, away.retry_after) from away

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def parse_notification(event_name: str, body: bytes) -> ActivationReport:
    """The report in a notification that came to {callback}/listener/{event_name}.

    Takes ServiceOrderStateChangeEvent and ServiceOrderCreateEvent (the first letter in either case).
    BadInput on any other event, on malformed JSON and on a body whose eventType contradicts the path.
    """
    if event_name.lower() not in _EVENTS:
        raise BadInput(
            "notificationUnknown",
            N_("Notifications of type {event} are not taken here; send serviceOrderStateChangeEvent."),
            event=event_name[:100],
        )
    try:
        notification = decode_json(body, Notification)
    except ValueError as error:
        raise BadInput(
            "notificationMalformed", N_("The notification cannot be read: {reason}."), reason=str(error)[:300]
        ) from error
    kind = notification.event_type
    # TMF630 examples drop the ending "Event" here and there.
    if kind is not None and kind.lower().removesuffix("event") != event_name.lower().removesuffix("event"):
        raise BadInput(
            "notificationContradicts",
            N_("The notification came to {event}, but its eventType is {kind}. Send it to its own listener."),
            event=event_name,
            kind=kind[:100],
        )
    occurred = notification.time_ocurred or notification.event_time
    return report_of(notification.event.service_order, occurred)


def _report(body: bytes) -> ActivationReport:
    try:
        return read_order(body)
    except ValueError as error:
        raise _unavailable(f"unreadable answer: {error}") from error


def _unavailable(reason: str, retry_after: int | None = None) -> ActivationUnavailable:
    return ActivationUnavailable(
        "activationUnavailable",
        N_("The activation system cannot be used now ({reason}). The order is kept and sent again."),
        reason=reason,
        retry_after=retry_after,
    )
