"""The outermost layer over real HTTP: who calls, correlation ids, health, measures, callbacks."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.faces.edge import Edge
from abonent.faces.site import Callbacks, site
from abonent.faces.tmf.app import TmfFace
from abonent.faces.tokens import Tokens, secret_of
from abonent.kit.access import Role
from abonent.kit.db import Database
from tests.support.web import CUSTOMERS, ORDERS, Web, error_of, run_web, token_for
from tests.support.world import build, item, order


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Basic YTpi", "Bearer x", "Bearer a.b.c", "bearer", "Token x", "Bearer \xe9"],
)
async def test_without_a_valid_token_there_is_nothing(web: Web, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as http:
        before = await web.counts()
        for method, path in (
            ("GET", ORDERS),
            ("POST", ORDERS),
            ("GET", "/tmf-api/x"),
            ("DELETE", f"{CUSTOMERS}/C"),
        ):
            answer = await http.request(method, path, headers=headers)
            error_of(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
        assert await web.counts() == before


async def test_an_expired_token_says_so(web: Web) -> None:
    old = {"Authorization": f"Bearer {token_for(web.data, valid=-10)}"}
    error_of(await web.admin.get(ORDERS, headers=old), 401, "tokenExpired")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
async def test_the_word_bearer_in_any_case(web: Web, scheme: str) -> None:
    answer = await web.admin.get(ORDERS, headers={"Authorization": f"{scheme} {token_for(web.data)}"})
    assert answer.status_code == 200


class TestCorrelation:
    async def test_the_callers_id_comes_back_and_goes_into_the_history(self, web: Web) -> None:
        await build(web.context)
        headers = {"X-Correlation-ID": "web-42"}
        placed = await web.admin.post(ORDERS, json=order(item("1", "fibre")), headers=headers)
        assert placed.headers["x-correlation-id"] == "web-42"
        async with web.context.store.database.connection() as conn:
            event = "SELECT correlation_id FROM event WHERE resource_id = $1"
            assert await conn.fetchval(event, placed.json()["id"]) == "web-42"
            job = "SELECT args ->> 'correlation' FROM procrastinate_jobs WHERE task_name = 'order_handling.assess'"
            assert await conn.fetchval(job) == "web-42"

    async def test_without_one_each_request_gets_its_own(self, web: Web) -> None:
        ids = {(await web.admin.get(ORDERS)).headers["x-correlation-id"] for _ in range(5)}
        assert len(ids) == 5 and all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)

    @pytest.mark.parametrize("given", [b"x" * 101, b"\xe9", b"a\tb", b""])
    async def test_one_that_would_harm_a_log_is_replaced(self, web: Web, given: bytes) -> None:
        answer = await web.admin.get(ORDERS, headers=[(b"X-Correlation-ID", given)])
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-correlation-id"])

    async def test_errors_carry_it_too(self, web: Web) -> None:
        answer = await web.admin.get(f"{ORDERS}/O-404", headers={"X-Correlation-ID": "web-43"})
        assert (answer.status_code, answer.headers["x-correlation-id"]) == (404, "web-43")


async def test_health_needs_no_token(web: Web) -> None:
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as http:
        for path in ("/healthz", "/readyz"):
            answer = await http.get(path)
            assert answer.status_code == 200, path


async def test_measures_count_what_was_asked(web: Web) -> None:
    def counted(text: str) -> float:
        found = re.search(r'abonent_http_requests_total\{face="tmf",method="GET",status="404"\} (\S+)', text)
        return float(found.group(1)) if found else 0.0

    before = counted((await web.admin.get("/metrics")).text)
    for _ in range(3):
        await web.admin.get(f"{ORDERS}/O-404")
    assert counted((await web.admin.get("/metrics")).text) == before + 3


class TestCallbacks:
    def path(self, web: Web, event: str = "serviceOrderStateChangeEvent") -> str:
        return Callbacks(secret_of(web.data)).address("", "network") + f"/listener/{event}"

    async def test_a_report_about_nothing_known_is_taken_and_does_nothing(self, web: Web) -> None:
        before = await web.counts()
        body = {"event": {"serviceOrder": {"id": "x", "externalId": "O-1/1.access", "state": "completed"}}}
        answer = await web.admin.post(self.path(web), json=body)
        assert answer.status_code == 204
        assert await web.counts() == before

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"event":{}}', b'{"event":{"serviceOrder":5}}',
                                      b'{"event":{"serviceOrder":{"id":"x","state":"flying"}}}'])  # fmt: skip
    async def test_a_report_that_cannot_be_read_is_refused(self, web: Web, body: bytes) -> None:
        error_of(await web.admin.post(self.path(web), content=body), 400)

    async def test_an_event_nobody_takes_is_refused(self, web: Web) -> None:
        error_of(await web.admin.post(self.path(web, "weatherChangeEvent"), json={}), 400)

    @pytest.mark.parametrize("token", ["x", "network", "Im5ldHdvcmsi.forged"])
    async def test_an_address_that_was_not_handed_out_is_closed(self, web: Web, token: str) -> None:
        error_of(await web.admin.post(f"/callbacks/{token}/listener/x", json={}), 401, "badCallback")

    async def test_a_report_over_the_limit_is_refused(self, web: Web) -> None:
        try:
            answer = await web.admin.post(self.path(web), content=b"x" * (1024 * 1024 + 1))
        except httpx.TransportError:
            return
        error_of(answer, 413)


async def test_a_client_token_needs_its_party(web: Web) -> None:
    await build(web.context)
    async with web.client(Role.CLIENT) as nobody:
        assert (await nobody.get(ORDERS)).json() == []
        assert (await nobody.get(CUSTOMERS, params={"limit": 5})).headers["x-total-count"] == "0"


@pytest.mark.parametrize(
    ("accept", "begins"), [("application/json", '{"@type":"Error"'), ("text/html", "<!doctype html>")]
)
async def test_what_goes_wrong_on_a_page_is_told_with_the_id_to_name(accept: str, begins: str) -> None:
    """In what the caller reads: JSON for programs, a page for people."""

    async def broken(_: Request) -> Response:
        raise RuntimeError("secret detail")

    class NoApi:
        def knows(self, path: str) -> bool:
            return False

    outside = site([Route("/broken", broken)], cast(Database, None), Callbacks("s"), {})
    edge = Edge(cast(TmfFace, NoApi()), outside, Tokens("a secret of sufficient length"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge), base_url="http://x") as http:
        answer = await http.get("/broken", headers={"x-correlation-id": "abc-1", "accept": accept})
    assert answer.status_code == 500
    assert answer.text.startswith(begins)
    assert "abc-1" in answer.text
    assert "secret" not in answer.text
