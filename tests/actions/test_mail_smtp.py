"""The SMTP gateway against a real server: connections kept, answers told apart, addresses read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.communication.ports import Mail, MessageRefused, TransportAway
from abonent.gateways.brake import Brake
from abonent.gateways.mail_smtp import SmtpMail
from abonent.gateways.mail_smtp.address import read_sender, read_server
from abonent.gateways.mail_smtp.letter import letter
from abonent.kit.errors import BadInput
from abonent.message_simulator import Behaviour, Rule
from abonent.message_simulator import serving as serving_sink

SENDER = "Abonent <service@abonent.example>"
AT = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)


def mail(key: str = "M-1", to: str = "a@example.org", **more: Any) -> Mail:
    facts: dict[str, Any] = {
        "name": "Анна",
        "subject": "Заказ",
        "text": "Готово.",
        "language": "ru",
        "at": AT,
    }
    return Mail(key=key, to=to, **{**facts, **more})


class Server:
    """aiosmtpd with a handler that answers as told and counts connections and mails."""

    def __init__(self) -> None:
        self.connections = 0
        self.mails: list[bytes] = []
        self.answer: str | None = None
        self.hang_up = False

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        if self.answer is not None:
            return self.answer
        return "250 OK"


@asynccontextmanager
async def serving(handler: Server, **more: Any) -> AsyncIterator[tuple[str, list[Any]]]:
    loop = asyncio.get_running_loop()
    made: list[Any] = []

    def protocol() -> SMTP:
        handler.connections += 1
        made.append(SMTP(handler, loop=loop, hostname="test", **more))
        return made[-1]

    listening = await loop.create_server(protocol, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}", made
    finally:
        listening.close()


async def test_mails_share_a_few_connections() -> None:
    handler = Server()
    async with serving(handler) as (place, _):
        gateway = SmtpMail(f"smtp://{place}", SENDER, connections=2)
        for _ in range(3):
            await gateway.send(mail())
        assert handler.connections == 1
        await asyncio.gather(*(gateway.send(mail(str(n))) for n in range(10)))
        await gateway.close()
    assert (handler.connections, len(handler.mails)) == (2, 13)


async def test_a_connection_closed_while_idle_is_opened_anew() -> None:
    handler = Server()
    async with serving(handler) as (place, made):
        gateway = SmtpMail(f"smtp://{place}", SENDER)
        await gateway.send(mail("1"))
        made[0].transport.close()
        await asyncio.sleep(0.02)
        await gateway.send(mail("2"))
        await gateway.close()
    assert (handler.connections, len(handler.mails)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "raised", "reason"),
    [
        ("552 5.2.2 mailbox full", MessageRefused, "552 5.2.2 mailbox full"),
        ("452 4.2.2 mailbox full", TransportAway, "452 4.2.2 mailbox full"),
    ],
)
async def test_answers_to_a_mail_are_final_or_not_as_the_server_says(
    answer: str, raised: type[Exception], reason: str
) -> None:
    handler = Server()
    handler.answer = answer
    async with serving(handler) as (place, _):
        gateway = SmtpMail(f"smtp://{place}", SENDER)
        with pytest.raises(raised) as told:
            await gateway.send(mail())
        assert told.value.facts["reason"] == reason  # type: ignore[attr-defined]
        handler.answer = None
        await gateway.send(mail())  # the conversation goes on on the same connection
        await gateway.close()
    assert handler.connections == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_a_server_that_demands_a_password_gets_it_and_a_wrong_one_is_no_fault_of_the_mail() -> None:
    def check(_s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.login == b"us er" and data.password == b"p@ss/")

    options = {"auth_required": True, "auth_require_tls": False, "authenticator": check}
    handler = Server()
    async with serving(handler, **options) as (place, _):
        good = SmtpMail(f"smtp://us%20er:p%40ss%2F@{place}?starttls=never", SENDER)
        await good.send(mail())
        await good.close()
        bad = SmtpMail(f"smtp://user:wrong@{place}?starttls=never", SENDER)
        with pytest.raises(TransportAway):
            await bad.send(mail())
        await bad.close()
    assert len(handler.mails) == 1


async def test_a_server_that_is_away_or_silent_is_left_alone_for_a_while() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gateway = SmtpMail(f"smtp://127.0.0.1:{port}", SENDER, timeout=0.1)
    for _ in range(3):
        with pytest.raises(TransportAway):
            await gateway.send(mail())
    begun = asyncio.get_running_loop().time()
    with pytest.raises(TransportAway):
        await gateway.send(mail())
    assert asyncio.get_running_loop().time() - begun < 0.05
    await gateway.close()
    server.close()
    await asyncio.sleep(0.02)  # the server's ends of the connections close


def test_the_brake_holds_after_failures_in_a_row_and_lets_go() -> None:
    now = 0.0
    brake = Brake(failures=2, pause=10, clock=lambda: now)
    brake.failed("x")
    brake.answered()
    brake.failed("x")
    assert brake.held() is None
    brake.failed("why")
    assert brake.held() == "why"
    now = 10.0
    assert brake.held() is None


@pytest.mark.parametrize(
    "address", ["no-at-sign", "a b@example.org", "a@example.org\r\nBcc: b@example.org", ""]
)
async def test_what_is_no_address_is_refused_before_it_reaches_a_server(address: str) -> None:
    gateway = SmtpMail("smtp://127.0.0.1:9", SENDER)
    with pytest.raises(MessageRefused):
        await gateway.send(mail(to=address))


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=80))
def test_no_text_breaks_out_of_its_place(subject: str, text: str, name: str) -> None:
    try:
        data = letter(mail(subject=subject, text=text, name=name), read_sender(SENDER))
    except (ValueError, UnicodeError):
        return  # refused, as lone surrogates are
    read = message_from_bytes(data, policy=default)
    assert set(read.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
        *("Content-Type", "Content-Transfer-Encoding", "Content-Language"),
    }
    assert read["Message-ID"] == "<M-1@abonent.example>"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "starttls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, None),
        ("smtp://u:p@mail.example.org", "mail.example.org", 587, False, True),
        ("smtp://u:p@127.0.0.1:2525", "127.0.0.1", 2525, False, None),
        ("smtp://mail.example.org:25?starttls=always", "mail.example.org", 25, False, True),
        ("smtp://mail.example.org?starttls=never", "mail.example.org", 25, False, False),
        ("smtps://u:p@mail.example.org", "mail.example.org", 465, True, False),
    ],
)
def test_the_servers_address_says_how_safe_the_way_is(
    url: str, host: str, port: int, tls: bool, starttls: bool | None
) -> None:
    server = read_server(url)
    assert (server.host, server.port, server.tls, server.starttls) == (host, port, tls, starttls)


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://host:port", "smtp://h?starttls=maybe", "mail"]
)
def test_an_address_that_is_none_is_told_without_the_password(url: str) -> None:
    with pytest.raises(BadInput):
        read_server(url)


@pytest.mark.parametrize("sender", [None, "", "nobody", "a b@example.org", "Имя"])
def test_a_sender_that_is_none_is_told(sender: str | None) -> None:
    with pytest.raises(BadInput):
        read_sender(sender)


async def test_the_sink_keeps_what_came_over_a_restart(tmp_path: Path) -> None:
    async with serving_sink(tmp_path) as sink:
        gateway = SmtpMail(sink.smtp, SENDER)
        await gateway.send(mail())
        await gateway.close()
    async with serving_sink(tmp_path, behaviour=Behaviour(rules=[Rule(treatment="refuse")])) as sink:
        assert sink.box.message_ids() == ["<M-1@abonent.example>"]
        gateway = SmtpMail(sink.smtp, SENDER)
        with pytest.raises(MessageRefused):
            await gateway.send(mail("M-2"))
        await gateway.close()
