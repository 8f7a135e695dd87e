"""The web application alone, over real HTTP on the loopback: no worker, no network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from abonent import main, serving
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from abonent.kit.context import Context
from abonent.network_simulator import serving as serving_app

ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CUSTOMERS = "/tmf-api/customerManagement/v4/customer"
PRODUCTS = "/tmf-api/productInventory/v4/product"


def token_for(data: Path, role: Role = Role.ADMIN, party: str | None = None, valid: float = 3600) -> str:
    """A bearer token of the system that keeps its secret in `data`; expired when `valid` is negative."""
    return Tokens(secret_of(data)).issue(role, party, None, datetime.now(UTC), timedelta(seconds=valid))


def open_client(url: str, data: Path, role: Role = Role.ADMIN, party: str | None = None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token_for(data, role, party)}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False)


def error_of(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The TMF630 error body of an answer with this status; AssertionError when it is not one."""
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert body.keys() == {"@type", "code", "reason", "message", "status"}, body
    assert (body["@type"], body["status"]) == ("Error", str(status))
    assert body["reason"] and body["message"], body
    if code is not None:
        assert body["code"] == code, body
    return body


@dataclass
class Web:
    """A running web application; `admin` talks to it as an administrator."""

    context: Context
    url: str
    data: Path
    admin: httpx.AsyncClient

    def client(self, role: Role, party: str | None = None) -> httpx.AsyncClient:
        return open_client(self.url, self.data, role, party)

    async def counts(self) -> dict[str, int]:
        """Rows of every table, to show that nothing was written."""
        async with self.context.store.database.connection() as conn:
            names = await conn.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            return {n[0]: await conn.fetchval(f"SELECT count(*) FROM {n[0]}") for n in names}


@asynccontextmanager
async def run_web(
    dsn: str, data: Path, public_url: str | None = None, hub_allow: str | None = None
) -> AsyncIterator[Web]:
    settings = main.Settings(data=data, database_url=dsn, public_url=public_url, hub_allow=hub_allow)
    async with (
        main.open_process(settings, dsn, "test-web") as process,
        serving_app(serving.web_app(process, settings)) as url,
        open_client(url, data) as admin,
    ):
        yield Web(process.context, url, data, admin)
