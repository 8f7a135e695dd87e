"""Messages on the whole system: a worker, the web server, a mail server and an SMS gateway over real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from abonent import main, serving
from abonent.domain.communication.resources import COMMUNICATION_MESSAGE
from abonent.faces.site import Callbacks
from abonent.faces.tokens import secret_of
from abonent.kit import jobs
from abonent.kit.access import SYSTEM, Role
from abonent.message_simulator import Behaviour, Rule, Sink
from abonent.message_simulator import serving as serving_sink
from abonent.network_simulator import create_simulator
from abonent.network_simulator import serving as serving_app
from tests.support.running import QUICK, eventually
from tests.support.web import ORDERS, error_of, open_client
from tests.support.world import build, item, order

MESSAGES = "/tmf-api/communicationManagement/v4/communicationMessage"
TEMPLATES = "/abonent-api/communication/v1/messageTemplate"


@dataclass
class Whole:
    """The running system: `http` talks to its API as an agent."""

    process: main.Process
    url: str
    data: Path
    sink: Sink

    def http(self, role: Role = Role.AGENT, party: str | None = None) -> Any:
        return open_client(self.url, self.data, role, party)

    async def ended(self, id: str, *states: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            stored = await self.process.context.store.get(SYSTEM, COMMUNICATION_MESSAGE, id)
            return stored.document if stored.state in states else None

        return await eventually(look, f"message {id} in {states}")


@asynccontextmanager
async def whole(dsn: str, folder: Path, behaviour: Behaviour | None = None) -> AsyncIterator[Whole]:
    stop = asyncio.Event()
    async with (
        serving_sink(folder / "sink", behaviour=behaviour, token="secret") as sink,
        serving_app(create_simulator(QUICK)) as network,
    ):
        settings = main.Settings(
            data=folder,
            database_url=dsn,
            network_url=network,
            smtp_url=sink.smtp,
            mail_from="Abonent <service@abonent.example>",
            sms_url=f"{sink.url}/sms",
            sms_token="secret",
            mailbox_url=sink.url,
        )
        async with (
            main.open_process(settings, dsn, "test") as process,
            serving_app(serving.web_app(process, replace(settings))) as url,
        ):
            callbacks = Callbacks(secret_of(folder))
            assert process.sms is not None and process.activation is not None
            process.sms.report_to = f"{callbacks.address(url, 'sms')}/listener/{main.SMS_REPORT}"
            await process.activation.ensure_subscription(callbacks.address(url, "network"))
            worker = asyncio.create_task(
                jobs.work(jobs.queue_app(dsn, main.handlers(), process.context), concurrency=8, stop=stop)
            )
            try:
                await build(process.context, ports=5)
                yield Whole(process, url, folder, sink)
            finally:
                stop.set()
                await worker


async def test_an_orders_messages_arrive_by_mail_and_by_sms_with_reports(dsn: str, tmp_path: Path) -> None:
    async with whole(dsn, tmp_path, Behaviour(report_after=0.05, report_twice=True)) as system:
        async with system.http() as http:
            for client in ("C-1", "C-2"):
                assert (
                    await http.post(ORDERS, json=order(item("1", "fibre"), client=client))
                ).status_code == 201

            async def told() -> list[dict[str, Any]]:
                found = (await http.get(MESSAGES, params={"state": "completed", "limit": 20})).json()
                return found if len(found) == 6 else []

            messages = await eventually(told, "six messages are completed")
        assert sorted(m["messageType"] for m in messages) == ["SMS"] * 3 + ["email"] * 3
        ids = system.sink.box.message_ids()
        assert len(ids) == len(set(ids)) == 3
        texts = [e.subject for e in system.sink.box.entries if e.channel == "SMS"]
        assert len(texts) == len(set(texts)) == 3


async def test_messages_by_the_api(dsn: str, tmp_path: Path) -> None:
    refuse = Behaviour(rules=[Rule(pattern="gone@", treatment="refuse")], report_after=0.01)
    async with whole(dsn, tmp_path, refuse) as system, system.http() as http:
        body: dict[str, Any] = {"content": "Привет", "messageType": "email", "subject": "Тема"}
        made = await http.post(MESSAGES, json={**body, "sender": {"name": "x"}, "receiver": [{"id": "C-1"}]})
        assert made.status_code == 201 and made.json()["state"] == "initial"
        done = await system.ended(made.json()["id"], "completed")
        assert done["receiver"][0]["email"] == "anna@example.org"
        (arrived,) = system.sink.box.latest("anna@", 0, 5)[1]
        assert (arrived["subject"], arrived["messageId"]) == ("Тема", f"<{done['id']}@abonent.example>")

        # To two, one of whom is gone: the message failed, and the attempts say for whom.
        two = {
            **body,
            "sender": {"name": "x"},
            "receiver": [{"email": "gone@example.org"}, {"email": "b@example.org"}],
        }
        failed = await system.ended((await http.post(MESSAGES, json=two)).json()["id"], "failed")
        tried = next(c["value"] for c in failed["characteristic"] if c["name"] == "attempts")
        assert [(a["receiver"], a["outcome"]) for a in tried] == [(0, "refused"), (1, "sent")]

        # By SMS, with a report.
        sms = {
            "content": "Привет",
            "messageType": "SMS",
            "sender": {"name": "x"},
            "receiver": [{"phoneNumber": "+7"}],
        }
        await system.ended((await http.post(MESSAGES, json=sms)).json()["id"], "completed")

        # Nobody to reach: kept, with the reason.
        lost = (
            await http.post(MESSAGES, json={**body, "sender": {"name": "x"}, "receiver": [{"name": "?"}]})
        ).json()
        assert lost["state"] == "initial"
        assert [c["name"] for c in lost["characteristic"]] == ["statusReason"]
        path = f"{MESSAGES}/{lost['id']}"
        error_of(await http.patch(path, json={"state": "completed"}), 422, "stateBySending")
        assert (await http.patch(path, json={"state": "cancelled"})).json()["state"] == "cancelled"
        error_of(await http.patch(path, json={"state": "inProgress"}), 422, "messageCancelled")
        error_of(await http.patch(f"{MESSAGES}/{done['id']}", json={"content": "x"}), 422, "messageSent")
        error_of(await http.delete(f"{MESSAGES}/{done['id']}"), 422, "messageKept")
        assert (await http.delete(path)).status_code == 204

        # Sent again by a patch, under the same Message-ID.
        again = await http.patch(f"{MESSAGES}/{done['id']}", json={"state": "inProgress"})
        assert again.json()["state"] == "inProgress"
        await system.ended(done["id"], "completed")
        total, found = system.sink.box.latest("anna@", 0, 5)
        assert total == 2 and len({f["messageId"] for f in found}) == 1


async def test_templates_by_the_api_are_judged_when_they_are_saved(dsn: str, tmp_path: Path) -> None:
    async with whole(dsn, tmp_path) as system, system.http(Role.MANAGER) as http:
        text = [{"language": x, "subject": "S", "content": "{order}"} for x in ("en", "ru")]
        template = {"event": "productOrder.completed", "channel": "email", "text": text}
        made = await http.post(TEMPLATES, json=template)
        assert made.status_code == 201 and made.json()["version"] == 1
        assert made.json()["id"] == "productOrder.completed.email" and made.json()["active"] is True
        error_of(await http.post(TEMPLATES, json=template), 409, "alreadyExists")
        wrong = {"text": [{**text[0], "content": "{orders}"}, text[1]]}
        path = f"{TEMPLATES}/productOrder.completed.email"
        problem = error_of(await http.patch(path, json=wrong), 400, "templateUnfit")
        assert problem["message"] == "text[0].content"
        assert (await http.patch(path, json={"urgent": True})).json()["version"] == 2
        error_of(await http.post(TEMPLATES, json={**template, "text": text[:1]}), 400, "templateUnfit")
        async with system.http(Role.AGENT) as agent:
            error_of(await agent.patch(path, json={"urgent": False}), 403)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"externalId":"M-1","status":"eaten"}', b'{"externalId":1,"status":"delivered"}'],
)
async def test_reports_that_are_none_are_refused(dsn: str, tmp_path: Path, body: bytes) -> None:
    async with whole(dsn, tmp_path) as system, system.http() as http:
        assert system.process.sms is not None and system.process.sms.report_to is not None
        path = system.process.sms.report_to.removeprefix(system.url)
        assert (await http.post(path, content=body)).status_code == 400
        unknown = {"externalId": "M-none", "status": "delivered"}
        assert (await http.post(path, json=unknown)).status_code == 404
        assert (await http.post(path, json=unknown | {"status": "sent"})).status_code == 204
        assert (await http.post("/callbacks/forged/listener/deliveryReport", json=unknown)).status_code == 401
