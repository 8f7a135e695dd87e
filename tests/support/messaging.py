"""The workshop with a real mail server and a real SMS gateway on the loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from abonent.domain.communication import delivery
from abonent.domain.communication.ports import MailTransport, SmsTransport
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.gateways.mail_smtp import SmtpMail
from abonent.gateways.sms_http import HttpSms
from abonent.kit.access import SYSTEM
from abonent.kit.change import Stored
from abonent.message_simulator import Behaviour, Rule, Sink
from abonent.message_simulator import serving as serving_sink
from tests.support.workshop import Workshop

SENDER = "Abonent <service@abonent.example>"


@dataclass
class Post:
    """A workshop `shop` whose messages go to `sink`."""

    shop: Workshop
    sink: Sink

    def treat(self, *rules: Rule, **more: Any) -> None:
        """Have the sink misbehave from now on."""
        self.sink.treatments.replace(Behaviour(rules=list(rules), **more))

    async def messages(self) -> list[dict[str, Any]]:
        """All messages, oldest first."""
        rows = await self.shop.rows("SELECT id FROM communication_message ORDER BY send_time, id")
        return [await self.shop.get(COMMUNICATION_MESSAGE, row[0]) for row in rows]

    async def stored(self, id: str) -> Stored:
        return await self.shop.context.store.get(SYSTEM, COMMUNICATION_MESSAGE, id)

    def arrived(self) -> list[dict[str, Any]]:
        """Everything at the sink, oldest first, with texts and headers."""
        return [whole for entry in self.sink.box.entries if (whole := self.sink.box.whole(str(entry.number)))]


@asynccontextmanager
async def posted(shop: Workshop, folder: Path, *, report_to: str | None = None) -> AsyncIterator[Post]:
    """Connect a workshop to a sink; `report_to` asks the gateway for delivery reports."""
    async with serving_sink(folder) as sink:
        mail, sms = SmtpMail(sink.smtp, SENDER), HttpSms(f"{sink.url}/sms", lambda: None)
        sms.report_to = report_to
        ports = {**shop.context.ports, MailTransport: mail, SmsTransport: sms}
        shop.context = replace(shop.context, ports=ports)
        try:
            yield Post(shop, sink)
        finally:
            await mail.close()
            await sms.close()


DELIVER = delivery.DELIVER
