"""The TMF641 and TMF653 clients against a real server on loopback: round trips, repeats, faults, refusals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abonent.domain.order_handling.ports import (
    ActivationFailed,
    ActivationReport,
    ActivationUnavailable,
    ActivationUnknown,
    ServiceActivation,
)
from abonent.domain.service_test import ports as service_test_ports
from abonent.gateways.activation import BASE_PATH, HttpServiceActivation, parse_notification
from abonent.gateways.service_test_http import BASE_PATH as TEST_PATH
from abonent.gateways.service_test_http import HttpServiceTesting
from abonent.network_simulator import Behaviour, create_simulator, serving

QUICK = Behaviour(latency_min=0.01, latency_max=0.03, test_latency_min=0, test_latency_max=0.01)
correlation: ContextVar[str | None] = ContextVar("correlation", default=None)


@dataclass
class Inbox:
    """Notifications that came, as reports."""

    reports: list[ActivationReport] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        self.reports.append(parse_notification(request.path_params["event"], await request.body()))
        self._came.set()
        return Response(status_code=204)

    async def wait_for(self, number: int) -> None:
        async with asyncio.timeout(5):
            while len(self.reports) < number:
                self._came.clear()
                await self._came.wait()


@dataclass
class Bench:
    activation: HttpServiceActivation
    testing: HttpServiceTesting
    inbox: Inbox
    callback: str
    root: str

    async def simulator(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession(self.root) as session,
            session.request(method, "/simulator/" + path, json=body) as answer,
        ):
            assert answer.status == 200
            return await answer.json()

    async def settled(self, external_id: str) -> ActivationReport:
        async with asyncio.timeout(5):
            while True:
                report = await self.activation.look_up(external_id)
                if report.is_final:
                    return report
                await asyncio.sleep(0.01)


@asynccontextmanager
async def bench(behaviour: Behaviour = QUICK) -> AsyncIterator[Bench]:
    inbox = Inbox()
    app = create_simulator(behaviour)
    # The listener shares the simulator's server, which saves the start of a second one.
    app.router.routes.append(Route("/network/listener/{event}", inbox.take, methods=["POST"]))
    async with serving(app) as root:
        activation = HttpServiceActivation(root + BASE_PATH, correlation.get)
        testing = HttpServiceTesting(root + TEST_PATH, correlation.get)
        try:
            yield Bench(activation, testing, inbox, f"{root}/network", root)
        finally:
            await activation.close()
            await testing.close()


def order(service_id: str, **values: Any) -> dict[str, Any]:
    service = {
        "id": service_id,
        "serviceSpecification": {"id": "ftth", "name": "Broadband"},
        "serviceCharacteristic": [{"name": name, "value": value} for name, value in values.items()],
    }
    return {"serviceOrderItem": [{"id": "1", "action": "add", "service": service}]}


def service_test(**values: Any) -> dict[str, Any]:
    return {
        "name": "after activation",
        "relatedService": {"id": "svc"},
        "testSpecification": {"id": "ftth"},
        "characteristic": [{"name": name, "value": value} for name, value in values.items()],
    }


async def test_the_whole_round_trip() -> None:
    async with bench() as network:
        activation: ServiceActivation = network.activation
        await network.activation.ensure_subscription(network.callback)
        document = order("svc")
        first = await activation.submit(document, "task-1")
        assert (first.state, first.key, first.services, first.is_final) == (
            "acknowledged",
            "task-1",
            (),
            False,
        )
        assert "externalId" not in document
        await network.inbox.wait_for(2)
        started, done = network.inbox.reports
        assert (started.state, done.state, done.is_success) == ("inProgress", "completed", True)
        assert {started.external_id, done.external_id} == {first.external_id}
        assert first.at is not None and started.at is not None and done.at is not None
        assert first.at <= started.at <= done.at
        assert abs(done.at - datetime.now(UTC)) < timedelta(seconds=10)
        (service,) = done.services
        assert service["id"] == "svc"
        assert service["serviceOrderItem"] == [
            {"itemId": "1", "itemAction": "add", "serviceOrderId": first.external_id}
        ]
        assert {"ontSerial", "vlan", "ipAddress"} <= {one["name"] for one in service["serviceCharacteristic"]}
        assert await activation.look_up(first.external_id) == done


async def test_twenty_parallel_submits_under_one_key_execute_once() -> None:
    async with bench() as network:
        reports = await asyncio.gather(*(network.activation.submit(order("svc"), "one") for _ in range(20)))
        assert len({one.external_id for one in reports}) == 1
        await network.settled(reports[0].external_id)
        again = await network.activation.submit(order("svc"), "one")
        assert again.external_id == reports[0].external_id and again.is_success
        assert (await network.simulator("GET", "executions"))["executions"] == {"one": 1}


async def test_an_answer_lost_on_its_way_is_mended_by_submitting_again() -> None:
    async with bench(Behaviour(latency_min=0, latency_max=0, lost_answer_rate=1)) as network:
        with pytest.raises(ActivationUnavailable):
            await network.activation.submit(order("svc"), "k")
        report = await network.activation.submit(order("svc"), "k")
        assert (await network.settled(report.external_id)).is_success
        assert (await network.simulator("GET", "executions"))["executions"] == {"k": 1}


async def test_duplicates_and_out_of_order_notifications_tell_their_moment() -> None:
    async with bench() as network:
        await network.activation.ensure_subscription(network.callback)
        await network.activation.submit(order("svc", simulate="twice,outOfOrder"), "k")
        await network.inbox.wait_for(4)
        states = [one.state for one in network.inbox.reports]
        assert sorted(states) == ["completed", "completed", "inProgress", "inProgress"]
        assert states[0] == "completed" and states[-1] == "inProgress"
        by_moment = sorted(network.inbox.reports, key=lambda one: one.at or datetime.max.replace(tzinfo=UTC))
        assert [one.state for one in by_moment] == ["inProgress", "inProgress", "completed", "completed"]


async def test_a_lost_notification_is_replaced_by_looking_up() -> None:
    async with bench() as network:
        await network.activation.ensure_subscription(network.callback)
        report = await network.activation.submit(order("svc", simulate="lost"), "k")
        done = await network.settled(report.external_id)
        assert done.is_success and done.services and done.at is not None
        assert network.inbox.reports == []


async def test_a_failed_execution_reports_its_reason() -> None:
    async with bench() as network:
        report = await network.activation.submit(order("svc", simulate="fail"), "k")
        done = await network.settled(report.external_id)
        assert (done.state, done.is_final, done.is_success, done.services) == ("failed", True, False, ())
        assert done.message is not None and "asked to fail" in done.message


async def test_refusals_are_permanent_and_give_the_reason() -> None:
    async with bench() as network:
        with pytest.raises(ActivationFailed, match="no way to carry this service") as refused:
            await network.activation.submit(order("svc", simulate="refuse"), "k1")
        assert refused.value.facts["status"] == 422
        await network.activation.submit(order("a"), "k2")
        with pytest.raises(ActivationFailed, match="used with another body"):
            await network.activation.submit(order("b"), "k2")
        with pytest.raises(ActivationFailed, match="serviceOrderItem"):
            await network.activation.submit({}, "k3")
        with pytest.raises(ActivationUnknown, match="no-such/order"):
            await network.activation.look_up("no-such/order")


async def test_a_network_that_is_down_is_unavailable_and_says_when_to_come_back() -> None:
    async with bench() as network:
        report = await network.activation.submit(order("svc"), "k")
        await network.simulator("PATCH", "behaviour", {"down": True})
        for call in (
            lambda: network.activation.submit(order("svc"), "k"),
            lambda: network.activation.look_up(report.external_id),
            lambda: network.activation.ensure_subscription(network.callback),
        ):
            with pytest.raises(ActivationUnavailable, match="the network is down") as away:
                await call()
            assert away.value.facts["retry_after"] == 1
        await network.simulator("PATCH", "behaviour", {"down": False})
        assert (await network.activation.submit(order("svc"), "k")).external_id == report.external_id


async def test_nobody_listening_is_unavailable() -> None:
    async with serving(Starlette()) as root:
        pass
    activation = HttpServiceActivation(root + BASE_PATH, correlation.get)
    testing = HttpServiceTesting(root + TEST_PATH, correlation.get)
    with pytest.raises(ActivationUnavailable):
        await activation.submit(order("svc"), "k")
    with pytest.raises(service_test_ports.ServiceTestUnavailable):
        await testing.run(service_test(), "k")
    await activation.close()
    await testing.close()


@asynccontextmanager
async def answering(*answers: tuple[int, bytes], wait: float = 0) -> AsyncIterator[HttpServiceActivation]:
    """A client of a server that gives these answers, one after the other."""
    left = list(answers)

    async def answer(_: Request) -> Response:
        await asyncio.sleep(wait)
        status, body = left.pop(0)
        return Response(body, status, {"Location": "http://elsewhere.invalid/"}, "application/json")

    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    async with serving(Starlette(routes=routes)) as root:
        activation = HttpServiceActivation(root, correlation.get, timeout=0.3 if wait else 5)
        try:
            yield activation
        finally:
            await activation.close()


UNREADABLE = (
    b"",
    b"<html>",
    b"[]",
    b'{"id":"1"}',
    b'{"id":"1","state":"exploded"}',
    b'{"id":"","state":"completed"}',
    b'{"id":"1\\u0000","state":"completed"}',
    b'{"id":"\xff","state":"completed"}',
    b"[" * 100_000,
    b'{"id":"' + b"x" * 5_000_000 + b'"}',
)


async def test_an_unreadable_answer_is_unavailable() -> None:
    async with answering(*((201, body) for body in UNREADABLE)) as activation:
        for _ in UNREADABLE:
            with pytest.raises(ActivationUnavailable):
                await activation.submit(order("svc"), "k")


async def test_answers_that_say_nothing_of_the_order_are_unavailable() -> None:
    statuses = (401, 403, 404, 409, 429, 500, 502, 307)
    async with answering(*((status, b"{}") for status in statuses)) as activation:
        for status in statuses:
            with pytest.raises(ActivationUnavailable, match=str(status)):
                await activation.submit(order("svc"), "k")


async def test_a_server_that_does_not_answer_in_time_is_unavailable() -> None:
    async with answering((201, b"{}"), wait=0.6) as activation:
        with pytest.raises(ActivationUnavailable, match=r"no answer within 0\.3 s"):
            await activation.submit(order("svc"), "k")


async def test_409_to_a_subscription_means_it_is_there_already() -> None:
    async with answering((409, b"{}")) as activation:
        await activation.ensure_subscription("http://127.0.0.1:1/cb")


async def test_subscribing_again_changes_nothing_and_a_bad_callback_is_refused() -> None:
    async with bench() as network:
        for _ in range(3):
            await network.activation.ensure_subscription(network.callback)
        await network.activation.submit(order("svc"), "k")
        await network.inbox.wait_for(2)
        assert (await network.simulator("GET", "executions"))["totals"]["notifications"] == 2
        with pytest.raises(ActivationFailed, match="absolute http or https"):
            await network.activation.ensure_subscription("ftp://host/cb")


async def test_the_headers_that_go_out() -> None:
    seen: list[dict[str, str]] = []

    async def answer(request: Request) -> Response:
        seen.append(dict(request.headers) | {"body": (await request.body()).decode()})
        return Response(b'{"id":"1","state":"acknowledged"}', 201)

    async with serving(Starlette(routes=[Route("/serviceOrder", answer, methods=["POST"])])) as root:
        activation = HttpServiceActivation(root + "/", correlation.get, authorization="Bearer t")
        token = correlation.set("corr-9")
        await activation.submit({"externalId": "mine", "serviceOrderItem": []}, 'k"1\\')
        correlation.reset(token)
        await activation.submit({"serviceOrderItem": []}, "k2")
        with pytest.raises(ValueError, match="printable ASCII"):
            await activation.submit({}, "ключ")
        await activation.close()
    first, second = seen
    assert first["idempotency-key"] == '"k\\"1\\\\"'
    assert (first["x-correlation-id"], first["authorization"]) == ("corr-9", "Bearer t")
    assert '"externalId":"k\\"1\\\\"' in first["body"]
    assert "x-correlation-id" not in second


async def test_a_connection_closed_while_idle_is_replaced_without_an_error() -> None:
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        asked += 1
        body = b'{"id":"1","state":"inProgress"}'
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        # The next request on this connection is read, and the connection closed instead of an answer.
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    activation = HttpServiceActivation(f"http://127.0.0.1:{port}", correlation.get)
    for number in range(3):
        assert (await activation.submit(order("svc"), f"k{number}")).state == "inProgress"
    assert asked == 3
    await activation.close()
    server.close()
    await server.wait_closed()


async def test_a_service_test_gives_measures_and_runs_once_a_key() -> None:
    async with bench() as network:
        wanted = service_test(
            downstream={"valueFrom": 95, "valueTo": 110, "unitOfMeasure": "Mbit/s"},
            registered=True,
            profile="gold",
        )
        report = await network.testing.run(wanted, "t1")
        assert (report.state, report.message) == ("completed", None)
        down, registered, profile = report.measures
        assert (down.name, down.unit, down.violations) == ("downstream", "Mbit/s", ())
        assert isinstance(down.value, float) and 95 <= down.value <= 110
        assert (registered.value, profile.value) == (True, "gold")
        assert report.at is not None and report.at.tzinfo is UTC
        assert await network.testing.run(wanted, "t1") == report
        await network.simulator("PATCH", "behaviour", {"testFailRate": 1})
        failed = await network.testing.run(wanted, "t2")
        assert failed.state == "failed" and failed.message
        assert [len(one.violations) for one in failed.measures].count(1) == 1


async def test_a_service_test_is_refused_or_put_off() -> None:
    async with bench() as network:
        with pytest.raises(service_test_ports.ServiceTestRefused, match="wrong way round"):
            await network.testing.run(service_test(x={"valueFrom": 2, "valueTo": 1}), "t1")
        await network.simulator("PATCH", "behaviour", {"down": True})
        with pytest.raises(service_test_ports.ServiceTestUnavailable, match="the network is down"):
            await network.testing.run(service_test(), "t2")
