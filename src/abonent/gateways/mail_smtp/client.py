"""MailTransport over SMTP: a few connections kept open, one mail after the other on each."""

import asyncio
import socket
from collections import deque

import aiosmtplib

from abonent.domain.communication.ports import Accepted, Mail, MessageRefused, TransportAway
from abonent.gateways.brake import Brake
from abonent.gateways.mail_smtp.address import Sender, Server, read_sender, read_server
from abonent.gateways.mail_smtp.letter import letter, message_id
from abonent.kit.errors import N_

IDLE = 20.0
"""Seconds after which an unused connection is not trusted any more; servers close theirs after a while."""


class SmtpMail:
    """One mail server. Close it when the process ends.

    url, sender   see address.read_server, address.read_sender
    connections   most connections at once
    timeout       seconds for each answer of the server
    """

    def __init__(self, url: str, sender: str | None, *, connections: int = 8, timeout: float = 20.0) -> None:
        self._server: Server = read_server(url)
        self._sender: Sender = read_sender(sender)
        self._timeout = timeout
        self._room = asyncio.Semaphore(connections)
        self._idle: deque[tuple[aiosmtplib.SMTP, float]] = deque()
        self._brake = Brake()

    async def send(self, mail: Mail) -> Accepted:
        """See MailTransport.send. The Message-ID is the reference."""
        try:
            data = letter(mail, self._sender)
        except (ValueError, UnicodeError, IndexError) as unfit:
            raise _refused(f"{mail.to}: {unfit}") from unfit
        if held := self._brake.held():
            raise _away(held)
        async with self._room:
            try:
                await self._hand_over(mail.to, data)
            except aiosmtplib.SMTPException as error:
                raise self._problem(error) from error
            except OSError as error:
                self._brake.failed(str(error))
                raise _away(f"{type(error).__name__}: {error}") from error
        self._brake.answered()
        return Accepted(message_id(mail.key, self._sender))

    async def _hand_over(self, to: str, data: bytes) -> None:
        """On a kept connection, or on a new one when that turns out to be closed before the mail was begun."""
        kept = self._take()
        if kept is not None:
            try:
                await self._send_on(kept, to, data)
                return
            except (aiosmtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError):
                # It was closed while idle. Were the mail accepted and the answer lost, its Message-ID tells the second.
                pass
        await self._send_on(await self._connect(), to, data)

    async def _send_on(self, connection: aiosmtplib.SMTP, to: str, data: bytes) -> None:
        try:
            await connection.sendmail(self._sender.address, [to], data)
        except aiosmtplib.SMTPResponseException as no:
            # A no that leaves the conversation in order; 421 says that the server hangs up.
            self._put_back(connection, usable=no.code != 421)
            raise
        except aiosmtplib.SMTPRecipientsRefused:
            self._put_back(connection, usable=True)
            raise
        except BaseException:
            connection.close()
            raise
        self._put_back(connection, usable=True)

    def _take(self) -> aiosmtplib.SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_connected and now - since < IDLE:
                return connection
            connection.close()
        return None

    def _put_back(self, connection: aiosmtplib.SMTP, *, usable: bool) -> None:
        if usable and connection.is_connected:
            self._idle.append((connection, asyncio.get_running_loop().time()))
        else:
            connection.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            local_hostname=socket.gethostname(),
            timeout=self._timeout,
        )
        try:
            await connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection

    def _problem(self, error: aiosmtplib.SMTPException) -> MessageRefused | TransportAway:
        """What an answer means: 5xx about this mail is final, all else may pass."""
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            error = error.recipients[0]
        if isinstance(error, aiosmtplib.SMTPResponseException):
            words = f"{error.code} {' '.join(error.message.split())}"
            # A refused greeting, log-in or sender is the operator's trouble, not the mail's.
            of_mail = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
            if of_mail and error.code >= 500:
                self._brake.answered()
                return _refused(words)
            if not of_mail:
                self._brake.failed(words)
            return _away(words)
        words = str(error) or type(error).__name__
        self._brake.failed(words)
        return _away(words)

    async def close(self) -> None:
        """Say goodbye on the kept connections."""
        while self._idle:
            connection, _ = self._idle.pop()
            try:
                await asyncio.wait_for(connection.quit(), 1.0)
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                connection.close()


def _refused(reason: str) -> MessageRefused:
    return MessageRefused(
        "mailRefused",
        N_("The mail server refused the mail: {reason}. Mend the address and send it again."),
        reason=reason[:500],
    )


def _away(reason: str) -> TransportAway:
    return TransportAway(
        "mailServerAway",
        N_("The mail server cannot be used now ({reason}). The mail is kept and sent again."),
        reason=reason[:500],
    )
