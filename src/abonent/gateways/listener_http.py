"""Posting to listeners of other systems over HTTP, never to an address that is refused (kit/hub/ports).

A name is looked up, what it leads to is checked, and the connection is made to the very address that was checked:
were it looked up again in between, it could lead elsewhere. Redirects are not followed for the same reason.
"""

import asyncio
import socket
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from abonent.kit.errors import N_
from abonent.kit.hub.addresses import Allowed, refused, unreadable
from abonent.kit.hub.ports import NotDelivered

# Of an answer so much is read, so that the connection can serve again; what it says is of no use.
_READ = 16 * 1024
_LOOK_UP = 3.0
_AGENT = "Abonent"
# Kept with the delivery, and told again in the reader's language.
_STATUS = N_("HTTP status {status}")
_SILENT = N_("No answer within {seconds} s")
_NOT_ALLOWED = N_("{host} leads to {address}, which is not allowed (ABONENT_HUB_ALLOW)")
_CLOSED = N_("The connection was refused")
_NOWHERE = N_("The name of the host is not known")
_BROKEN = N_("The connection broke off")


class _Refused(OSError):
    """A name leads to an address that is refused."""

    def __init__(self, host: str, address: str) -> None:
        self.address = address
        super().__init__(_NOT_ALLOWED.format(host=host, address=address))


class _Checked(AbstractResolver):
    """Looks names up and lets only allowed addresses through."""

    def __init__(self, allowed: Allowed, names: AbstractResolver) -> None:
        self._allowed = allowed
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if self._allowed.name(host):
            return found
        for each in found:
            if not self._allowed.address(each["host"]):
                # All of them: which one is connected to is a matter of chance.
                raise _Refused(host, each["host"])
        return found

    async def close(self) -> None:
        await self._names.close()


class HttpListeners:
    """The hub's port Listeners.

    allowed   see Allowed.read
    patience  seconds for a whole post
    names     looks names up, for tests
    """

    def __init__(
        self, allowed: str | None, *, patience: float = 10.0, names: AbstractResolver | None = None
    ) -> None:
        self._allowed = Allowed.read(allowed)
        self._timeout = aiohttp.ClientTimeout(total=patience, sock_connect=min(patience, 5.0))
        self._given_names = names
        self._resolver: _Checked | None = None
        self._session: aiohttp.ClientSession | None = None

    async def check(self, callback: str) -> None:
        try:
            host = URL(callback).raw_host or ""
        except ValueError:
            raise unreadable(callback) from None
        if self._barred(host):
            raise refused(callback, host)
        self._open()
        assert self._resolver is not None
        try:
            async with asyncio.timeout(_LOOK_UP):
                await self._resolver.resolve(host, 0, socket.AF_UNSPEC)
        except _Refused as wrong:
            raise refused(callback, wrong.address) from wrong
        except (OSError, TimeoutError, UnicodeError):
            return

    async def post(self, callback: str, event: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            base = URL(callback)
            # The connector looks up no literal address.
            if self._barred(base.raw_host or ""):
                raise NotDelivered(_NOT_ALLOWED.format(host=base.raw_host, address=base.raw_host))
            target = (base / "listener" / event).with_query(base.query)
            async with self._open().post(
                target, data=body, headers={**headers, "User-Agent": _AGENT}, allow_redirects=False
            ) as answer:
                await answer.content.read(_READ)
                if 200 <= answer.status < 300:
                    return answer.status
                raise NotDelivered(_STATUS.format(status=answer.status), answer.status)
        except TimeoutError:
            raise NotDelivered(_SILENT.format(seconds=f"{self._timeout.total:g}")) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotDelivered(_told(error)) from error

    def _barred(self, host: str) -> bool:
        """Whether a host is an address that is refused; of a name only a look-up can tell."""
        return _literal(host) and not (self._allowed.address(host) or self._allowed.name(host))

    def _open(self) -> aiohttp.ClientSession:
        """The session, made on first use inside the running loop."""
        if self._session is None or self._session.closed:
            self._resolver = _Checked(self._allowed, self._given_names or ThreadedResolver())
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, resolver=self._resolver, use_dns_cache=False, keepalive_timeout=15
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Close the pooled connections; the next post opens them anew."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _literal(host: str) -> bool:
    """Whether a host is an address. Odd ways to write one (127.1) count as names: looked up and refused."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])
            return True
        except (OSError, ValueError):
            continue
    return False


def _told(error: BaseException) -> str:
    cause = getattr(error, "os_error", None) or error.__cause__ or error
    if isinstance(cause, _Refused):
        return str(cause)
    if isinstance(cause, ConnectionRefusedError):
        return _CLOSED
    if isinstance(cause, socket.gaierror):
        return _NOWHERE
    if isinstance(cause, ConnectionError | aiohttp.ServerDisconnectedError):
        return _BROKEN
    return str(cause).strip()[:300] or type(error).__name__
