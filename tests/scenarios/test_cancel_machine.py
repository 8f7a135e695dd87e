"""Anything may happen to a bundle in any order: amended, cancelled in part or whole, its tasks failing and done again.

A naive model says what the client must have in the end. The network is a dictionary that does what it is told.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from abonent.domain.order_handling import fallout
from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.intake import place_order
from abonent.domain.order_handling.lines import copied, leaves, line, lines
from abonent.domain.order_handling.queries_fallout import fallen_tasks
from abonent.domain.order_handling.resources import ORDER_PLAN
from abonent.domain.order_handling.states import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.errors import IllegalMove
from tests.support.stages import sell_in_stages
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, item, order

T = TypeVar("T")
GOOD, BAD = {"downstream": 99.5}, {"downstream": 1}
SPEEDS = st.integers(1, 5)


class Bundle(RuleBasedStateMachine):
    """One order of fibre and television. `speeds`: what the client asked for, item by item."""

    dsn = ""
    numbers = iter(range(10**6))

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = workshop(self.dsn)
        self.shop: Workshop = self.run(self.stack.__aenter__())
        self.id = ""
        self.speeds: dict[str, int] = {}
        self.network: dict[str, dict[str, Any]] = {}
        self.reported: list[str] = []

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(what)

    @initialize()
    def placed(self) -> None:
        self.run(self._placed())

    async def _placed(self) -> None:
        self.shop.network.prompt = False
        client = f"C-{next(self.numbers) + 100}"
        change = self.shop.context.change()
        change.insert(CUSTOMER_, {"id": client, "name": client, "engagedParty": {"id": f"I-{client}"}})
        await self.shop.context.store.commit(change)
        placed = await place_order(self.shop.as_caller(AGENT), order(item("1", "bundle"), client=client))
        self.id = placed["id"]
        await self.shop.drain()

    # ---- what is asked for

    @rule(data=st.data(), value=SPEEDS)
    def amended(self, data: st.DataObject, value: int) -> None:
        document = copied(self.order)
        chosen = data.draw(st.sampled_from([i["id"] for i in lines(document)]))
        changed = line(document, chosen)
        changed["product"] = {
            **changed.get("product", {}),
            "productCharacteristic": [{"name": "speed", "value": value}],
        }
        if self._change(document):
            self.speeds[chosen] = value

    @rule()
    def added(self) -> None:
        document = copied(self.order)
        document["productOrderItem"].append(item(f"r{len(document['productOrderItem'])}", "router"))
        self._change(document)

    @rule(data=st.data())
    def dropped(self, data: st.DataObject) -> None:
        document = copied(self.order)
        top = document["productOrderItem"]
        gone = data.draw(st.sampled_from([i["id"] for i in top]))
        document["productOrderItem"] = [i for i in top if i["id"] != gone]
        if document["productOrderItem"]:
            self._change(document)

    def _change(self, document: dict[str, Any]) -> bool:
        async def act() -> None:
            await change_order(self.shop.as_caller(AGENT), await self.shop.stored(self.id), document)
            await self.shop.drain()

        try:
            self.run(act())
        except IllegalMove:
            return False
        return True

    @rule(data=st.data())
    def cancelled(self, data: st.DataObject) -> None:
        ids = [i["id"] for i in lines(self.order)]
        chosen = data.draw(st.one_of(st.none(), st.lists(st.sampled_from(ids), min_size=1, max_size=2)))

        async def act() -> None:
            stored = await self.shop.stored(self.id)
            await cancel(self.shop.as_caller(AGENT), stored, stored.document, chosen)
            await self.shop.drain()

        with suppress(IllegalMove):
            self.run(act())

    # ---- what happens

    @rule(data=st.data(), well=st.sampled_from([True, True, False]))
    def told(self, data: st.DataObject, well: bool) -> None:
        if keys := self.open_keys():
            self._report(data.draw(st.sampled_from(keys)), well)

    @rule(data=st.data())
    def told_again(self, data: st.DataObject) -> None:
        if self.reported:
            key = data.draw(st.sampled_from(self.reported))
            self.run(self.shop.report(key, data.draw(st.sampled_from(["completed", "failed"]))))
            self.run(self.shop.drain())

    def _report(self, key: str, well: bool) -> None:
        body = next(b for k, b in self.shop.network.submitted if k == key)
        asked = body["serviceOrderItem"][0]
        if well:
            service = asked["service"]
            values = {c["name"]: c["value"] for c in service["serviceCharacteristic"]}
            if asked["action"] == "add":
                assert service["id"] not in self.network, f"{key} adds what is there"
                self.network[service["id"]] = values
            else:
                assert service["id"] in self.network, f"{key}: {asked['action']} of what is not there"
                self.network[service["id"]] = values
                if asked["action"] == "delete":
                    del self.network[service["id"]]
        self.reported.append(key)
        self.run(self.shop.report(key, "completed" if well else "failed", message="" if well else "no light"))
        self.run(self.shop.drain())

    @rule(good=st.booleans())
    def measured(self, good: bool) -> None:
        self.shop.network.measures = GOOD if good else BAD

    @rule(data=st.data(), out=st.booleans())
    def taken_up(self, data: st.DataObject, out: bool) -> None:
        if tasks := self.failed():
            task = data.draw(st.sampled_from(tasks))

            async def act() -> None:
                ctx = self.shop.as_caller(AGENT)
                await (fallout.skip(ctx, self.id, task, "why") if out else fallout.retry(ctx, self.id, task))
                await self.shop.drain()

            with suppress(IllegalMove):
                self.run(act())

    # ---- what must hold

    @property
    def order(self) -> dict[str, Any]:
        return self.run(self.shop.order(self.id))

    def plan(self) -> list[dict[str, Any]]:
        return self.run(self.shop.get(ORDER_PLAN, self.id))["task"]

    def open_keys(self) -> list[str]:
        working = {t["id"]: t for t in self.plan() if t["state"] == "inProgress"}
        keys = []
        for id, task in working.items():
            attempt = task["attempts"]
            keys.append(f"{self.id}/{id}" if attempt == 1 else f"{self.id}/{id}/{attempt}")
        return [key for key in keys if any(k == key for k, _ in self.shop.network.submitted)]

    def failed(self) -> list[str]:
        queue = self.run(fallen_tasks(self.shop.context.store))
        return [each.task["id"] for each in queue if each.order == self.id]

    @invariant()
    def nothing_is_stuck_unseen(self) -> None:
        if not self.id:
            return
        document = self.order
        if document["state"] not in PRODUCT_ORDER.final:
            assert self.open_keys() or self.failed(), f"nobody sees {document['state']}"
        self._inventory(document)

    def _inventory(self, document: dict[str, Any]) -> None:
        delivered = {i["id"] for i in lines(document) if i["state"] == "completed"}
        rows = self.run(
            self.shop.rows("SELECT id, doc::text FROM product WHERE id LIKE $1", f"P-{self.id[2:]}-%")
        )
        assert {row[0].removeprefix(f"P-{self.id[2:]}-") for row in rows} == delivered
        for id, text in rows:
            speed = self.speeds.get(id.removeprefix(f"P-{self.id[2:]}-"))
            assert speed is None or f'"value": {speed}' in text

    def teardown(self) -> None:
        try:
            if self.id:
                self._to_the_end()
                self._right_in_the_end()
        finally:
            self.run(self.stack.__aexit__(None, None, None))
            self.runner.close()

    def _to_the_end(self) -> None:
        self.shop.network.measures = GOOD
        for _ in range(60):
            if self.order["state"] in PRODUCT_ORDER.final:
                return
            for key in self.open_keys():
                self._report(key, True)
            for task in self.failed():
                self.run(fallout.retry(self.shop.as_caller(AGENT), self.id, task))
            self.run(self.shop.drain())
        raise AssertionError(f"it never ends: {self.order['state']} {self.plan()}")

    def _right_in_the_end(self) -> None:
        document = self.order
        self._inventory(document)
        assert {i["state"] for i in lines(document)} <= {"completed", "cancelled"}
        kept = {i["id"] for i in leaves(document) if i["state"] == "completed"}
        owners = {id.removeprefix(f"S-{self.id[2:]}-").rpartition(".")[0] for id in self.network}
        assert owners == kept, "the network has what was ordered"
        for id, values in self.network.items():
            speed = self.speeds.get(id.removeprefix(f"S-{self.id[2:]}-").rpartition(".")[0])
            assert speed is None or values.get("speed") == speed
        services = self.run(self.shop.rows("SELECT id FROM service WHERE id LIKE $1", f"S-{self.id[2:]}-%"))
        assert {row[0] for row in services} == set(self.network)
        ports = self.run(
            self.shop.rows(
                "SELECT id FROM resource WHERE resource_status = 'reserved' AND doc ->> 'usageState' <> 'active'"
            )
        )
        assert ports == [], "nothing stays reserved"


@pytest.fixture
async def sold(dsn: str) -> str:
    async with workshop(dsn) as opened:
        await build(opened.context, ports=400)
        await sell_in_stages(opened.context)
    return dsn


def test_whatever_happens_the_inventory_is_right(sold: str) -> None:
    Bundle.dsn = sold
    run_state_machine_as_test(
        Bundle,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
