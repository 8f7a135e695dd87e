"""The mail side of the sink: a real SMTP server that keeps what it takes."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from abonent.message_simulator.behaviour import Treatments
from abonent.message_simulator.box import Box

SIZE_LIMIT = 10 * 1024 * 1024


class Keeper:
    """Handler of aiosmtpd: asks the behaviour at each recipient, keeps the mail for each."""

    def __init__(self, box: Box, treatments: Treatments) -> None:
        self._box, self._treatments = box, treatments

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient or say why not."""
        treatment, delay = self._treatments.of(address)
        await asyncio.sleep(delay)
        if treatment == "refuse":
            return f"550 5.1.1 {address}: there is no such mailbox"
        if treatment == "busy":
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail."""
        data = envelope.content
        assert isinstance(data, bytes)
        numbers = [self._box.take_mail(data, address).number for address in envelope.rcpt_tos]
        return f"250 2.0.0 kept as {', '.join(map(str, numbers))}"


async def listen(box: Box, treatments: Treatments, host: str, port: int) -> asyncio.Server:
    """Serve in the running loop. Port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    keeper: Any = Keeper(box, treatments)
    return await loop.create_server(
        lambda: SMTP(keeper, hostname="sink", ident="sink", data_size_limit=SIZE_LIMIT, loop=loop), host, port
    )
