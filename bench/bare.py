"""The other side of the comparison: a bare ASGI handler that sends the plainest correct SQL, and nothing else.

No token, no validation, no event, no log. Server settings, pool and database are those of
`abonent serve`.

    python bench/bare.py DSN PORT
"""

import sys
from itertools import count

import asyncpg
import uvicorn
import uvloop

from abonent.faces.http import Receive, Scope, Send
from abonent.kit.db import open_pool

_GET = "SELECT doc::text FROM product_order WHERE id = $1"
_PAGE = "SELECT doc::text FROM product_order ORDER BY order_date DESC NULLS LAST, id LIMIT 20"
_COUNT = "SELECT count(*) FROM product_order"
_PLAIN = "INSERT INTO bare_order (id, doc) VALUES ($1, $2::jsonb)"
_INDEXED = "INSERT INTO product_order (id, doc) VALUES ($1, $2::jsonb)"


class Bare:
    """GET /order/ID, GET /orders (with a total), GET /page (without), POST /plain, POST /indexed."""

    def __init__(self, pool: asyncpg.Pool, mark: str) -> None:
        self._pool = pool
        self._numbers = count(1)
        self._mark = mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, status, total = scope["path"], 200, 0
        if scope["method"] == "POST":
            body = await _body(receive)
            await self._pool.execute(
                _PLAIN if path == "/plain" else _INDEXED,
                f"{self._mark}-{next(self._numbers)}",
                body.decode(),
            )
            status = 201
        elif path.startswith("/order/"):
            text = await self._pool.fetchval(_GET, path[7:])
            body = text.encode() if text else b""
            status = 200 if text else 404
        else:
            async with self._pool.acquire() as conn:
                rows = await conn.fetch(_PAGE)
                if path == "/orders":
                    total = await conn.fetchval(_COUNT)
            body = b"[" + ",".join([row[0] for row in rows]).encode() + b"]"
            status = 206 if total > len(rows) else 200
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if path == "/orders":
            headers.append((b"x-total-count", str(total).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


async def serve(dsn: str, port: int) -> None:
    pool = await open_pool(dsn, name="bare")
    config = uvicorn.Config(
        Bare(pool, f"B{port}"),
        port=port,
        http="httptools",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
