"""Where the mail server is and who sends, read from settings."""

from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from abonent.kit.errors import N_, BadInput


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `tls`: TLS from the first byte; `starttls`: True demanded, None when offered, False never."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    starttls: bool | None


@dataclass(frozen=True, slots=True)
class Sender:
    """Name and address in From; Message-IDs end with the address's domain."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def read_server(url: str) -> Server:
    """smtp://[user:password@]host[:port][?starttls=always|never] or smtps://... BadInput, never with the password.

    smtp:// takes TLS when the server offers it. With a password it demands TLS, unless the server is on this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise _unreadable()
    tls = parts.scheme == "smtps"
    asked = parse_qs(parts.query).get("starttls", ["offered"])[0]
    if asked not in {"offered", "always", "never"}:
        raise _unreadable()
    starttls = {"offered": None, "always": True, "never": False}[asked]
    if parts.password and starttls is None and not _local(parts.hostname):
        starttls = True
    return Server(
        host=parts.hostname,
        port=port or (465 if tls else 587 if parts.username else 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=False if tls else starttls,
    )


def read_sender(text: str | None) -> Sender:
    """`Name <address>` or an address alone; BadInput."""
    name, address = parseaddr(text or "")
    local, _, domain = address.rpartition("@")
    if not local or not domain or not address.isascii() or any(c.isspace() for c in address):
        raise BadInput(
            "badMailFrom",
            N_("ABONENT_MAIL_FROM is {given}, not a sender such as: Abonent <service@example.org>."),
            given=text or "empty",
        )
    return Sender(name, address)


def _local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unreadable() -> BadInput:
    return BadInput(
        "badSmtpUrl",
        N_(
            "ABONENT_SMTP_URL is not an address such as smtp://user:password@mail.example.org:587 or"
            " smtps://mail.example.org."
        ),
    )
