"""One pooled HTTP client for a TM Forum API of another system, and the three ways it can go wrong.

Knows no resource: a gateway says what to send and reads what came. Nothing is repeated here except a
request whose kept-alive connection turned out to be dead; further attempts belong to the job that asked.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
import msgspec

ANSWER_LIMIT = 4 * 1024 * 1024
"""Longest answer read, bytes."""

_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_MISSING = {404, 410}
# 409 is not here: under the Idempotency-Key draft it says that the first request is still at work.
_REFUSALS = {400, 411, 413, 414, 415, 422}

T = TypeVar("T")
CorrelationId = Callable[[], str | None]


class UnreachableError(Exception):
    """No usable answer; what became of the request is not known.

    status  the HTTP status, None when there was no answer at all; retry_after  in seconds, or None
    """

    def __init__(self, reason: str, status: int | None = None, retry_after: int | None = None) -> None:
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        super().__init__(reason)


class RefusedError(Exception):
    """A clear no, which the same request will meet again."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


class MissingError(RefusedError):
    """The other side has no such resource."""


class _ErrorBody(msgspec.Struct):
    reason: str = ""
    message: str | None = None
    code: str | None = None


def decode_json(body: bytes, shape: type[T]) -> T:
    """JSON into `shape`. ValueError on anything malformed, also on NUL, which PostgreSQL cannot keep."""
    if _NUL_ESCAPE.search(body):
        raise ValueError("a text holds the character U+0000")
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def quoted_key(key: str) -> str:
    """An Idempotency-Key header value: a structured-field string. ValueError if not printable ASCII."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"an idempotency key is 1 to 255 printable ASCII characters, not {key!r}")
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


class TmfClient:
    """Sends JSON to one base URL over one session, made on first use inside the running loop.

    base_url        without a trailing slash, the API's base path included
    correlation_id  read at each request; sent as X-Correlation-ID unless empty
    timeout         seconds for a whole request, waiting for a free connection included
    connections     most connections open at once
    authorization   value of the Authorization header, or None
    """

    def __init__(
        self,
        base_url: str,
        correlation_id: CorrelationId,
        *,
        timeout: float,
        connections: int,
        authorization: str | None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._correlation_id = correlation_id
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 3.0))
        self._connections = connections
        self._headers = {"Accept": "application/json"}
        if authorization:
            self._headers["Authorization"] = authorization
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        path: str,
        document: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> bytes:
        """The body of a 2xx answer; RefusedError, MissingError or UnreachableError for every other one."""
        headers = {}
        if correlation := self._correlation_id():
            headers["X-Correlation-ID"] = correlation
        data = None
        if document is not None:
            data = msgspec.json.encode(document)
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = quoted_key(idempotency_key)
        try:
            try:
                return await self._once(method, path, data, headers)
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                # The pooled connection was closed by the other side while idle; every request sent here
                # is a GET or carries a key, so one more attempt cannot execute anything twice.
                return await self._once(method, path, data, headers)
        except TimeoutError:
            raise UnreachableError(f"no answer within {self._timeout.total:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(f"{type(error).__name__}: {error}"[:300]) from error

    async def _once(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> bytes:
        session = self._open()
        async with session.request(
            method, self.base_url + path, data=data, headers=headers, allow_redirects=False
        ) as response:
            body = await _read(response)
            if 200 <= response.status < 300:
                return body
            raise _failure(response.status, response.headers.get("Retry-After"), body)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=15),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
            )
        return self._session

    async def close(self) -> None:
        """Close the pooled connections; the next request opens them anew."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            # aiohttp closes its transports on the next turn of the loop.
            await asyncio.sleep(0)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > ANSWER_LIMIT:
            raise UnreachableError(f"the answer is longer than {ANSWER_LIMIT} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _failure(status: int, retry_after: str | None, body: bytes) -> Exception:
    try:
        error = decode_json(body, _ErrorBody)
        reason = ": ".join(part for part in (error.reason, error.message) if part)
    except ValueError:
        reason = ""
    reason = reason[:500] or "no reason given"
    if status in _MISSING:
        return MissingError(status, reason)
    if status in _REFUSALS:
        return RefusedError(status, reason)
    # The rest says nothing about the request itself (5xx, 429) or can be mended by an operator without
    # changing it (401, 403, 405, a redirect): the request is worth keeping.
    seconds = int(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 6 else None
    return UnreachableError(f"{reason} (HTTP status {status})", status, seconds)
