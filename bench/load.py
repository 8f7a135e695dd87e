"""The load generator, a process of its own: connections that send the next request when the last answer is whole.

python bench/load.py SPEC     SPEC is the JSON of `Load`; prints the JSON of `Result`
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    port          of 127.0.0.1
    path          "{id}" in it stands for L-1 ... L-`ids`, drawn evenly
    seconds       how long; or until `limit` requests were sent
    token         bearer token; empty: none
    bodies        file with one body a line, sent by POST in turn from line `skip`; empty: GET
    expect        the status every answer must have
    """

    port: int
    path: str
    expect: int
    seconds: float = 3600.0
    limit: int = 0
    connections: int = 8
    ids: int = 0
    token: str = ""
    bodies: str = ""
    skip: int = 0


@dataclass(slots=True)
class Result:
    """What came back. Latencies in milliseconds."""

    requests: int = 0
    seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    wrong: int = 0
    sample: str = ""
    latencies: list[float] = field(default_factory=list)


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], load: Load, until: float, result: Result) -> None:
        self._requests = requests
        self._expect = b"HTTP/1.1 %d " % load.expect
        self._until = until
        self._result = result
        self._head = b""
        self._left = -1
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no asyncio class.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at:].split(b"\r\n", 1)[0])
            self._left = end + 4 + length - len(self._head)
            if not self._head.startswith(self._expect):
                self._result.wrong += 1
                self._result.sample = self._head[:500].decode("latin-1")
        else:
            self._left -= len(data)
        if self._left == 0:
            self._left, self._head = -1, b""
            self._result.latencies.append(time.perf_counter() - self._begun)
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            if exc:
                self.done.set_exception(exc)
            else:
                self.done.set_result(None)


def _requests(load: Load) -> Iterator[bytes]:
    """Whole requests, headers and all."""
    head = f"HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n"
    if load.token:
        head += f"Authorization: Bearer {load.token}\r\n"
    return _posts(load, head) if load.bodies else _gets(load, head)


def _posts(load: Load, head: str) -> Iterator[bytes]:
    # Read before the clock starts: a file of hundreds of megabytes takes a good part of a round.
    with Path(load.bodies).open("rb") as file:
        bodies = [line.rstrip(b"\n") for line in islice(file, load.skip, None)]
    return (
        f"POST {load.path} {head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies[: load.limit or None]
    )


def _gets(load: Load, head: str) -> Iterator[bytes]:
    draw = random.Random(7)
    for _ in range(load.limit) if load.limit else count():
        path = load.path.replace("{id}", f"L-{draw.randint(1, load.ids)}") if load.ids else load.path
        yield f"GET {path} {head}\r\n".encode()


async def run(load: Load) -> Result:
    """Send the load and measure."""
    loop, result = asyncio.get_running_loop(), Result()
    requests = _requests(load)
    begun = time.perf_counter()
    lines = [
        (
            await loop.create_connection(
                lambda: _Line(requests, load, begun + load.seconds, result), "127.0.0.1", load.port
            )
        )[1]
        for _ in range(load.connections)
    ]
    await asyncio.gather(*(line.done for line in lines))
    result.seconds = time.perf_counter() - begun
    latencies = sorted(result.latencies)
    result.requests = len(latencies)
    result.p50 = 1000 * latencies[len(latencies) // 2]
    result.p99 = 1000 * latencies[int(len(latencies) * 0.99)]
    result.latencies = []
    return result


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(run(Load(**json.loads(sys.argv[1])))))))
