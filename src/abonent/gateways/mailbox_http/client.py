"""Mailbox over the message simulator's HTTP side."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec

from abonent.domain.communication.ports import Arrival, TransportAway
from abonent.gateways.tmf_client import CorrelationId, MissingError, RefusedError, TmfClient, UnreachableError
from abonent.gateways.tmf_client import decode_json as decode
from abonent.kit.errors import N_


class _Arrival(msgspec.Struct, rename="camel"):
    id: str
    channel: str
    to: str
    at: datetime
    subject: str = ""
    message_id: str = ""
    text: str = ""
    headers: list[tuple[str, str]] = []


class _Page(msgspec.Struct):
    total: int
    arrivals: list[_Arrival]


class HttpMailbox:
    """One message simulator. Close it when the process ends."""

    def __init__(self, url: str, correlation_id: CorrelationId) -> None:
        self._client = TmfClient(url, correlation_id, timeout=3.0, connections=4, authorization=None)

    async def arrivals(self, to: str, limit: int, offset: int) -> tuple[Sequence[Arrival], int]:
        """See Mailbox.arrivals."""
        query = urlencode({"to": to, "limit": limit, "offset": offset})
        try:
            page = decode(await self._client.send("GET", f"/arrivals?{query}"), _Page)
        except (RefusedError, UnreachableError, ValueError) as error:
            raise _away(str(error)) from error
        return [_arrival(one) for one in page.arrivals], page.total

    async def arrival(self, id: str) -> Arrival | None:
        """See Mailbox.arrival."""
        try:
            return _arrival(
                decode(await self._client.send("GET", f"/arrivals/{quote(id, safe='')}"), _Arrival)
            )
        except MissingError:
            return None
        except (RefusedError, UnreachableError, ValueError) as error:
            raise _away(str(error)) from error

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


def _arrival(one: _Arrival) -> Arrival:
    return Arrival(one.id, one.channel, one.to, one.at, one.subject, one.text, one.message_id, one.headers)


def _away(reason: str) -> TransportAway:
    return TransportAway("mailboxAway", N_("The mailbox cannot be read now ({reason})."), reason=reason[:300])
