"""The demo's operator: valid documents, every state of an order, a second start that changes nothing."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import asyncpg
import pytest
from typer.testing import CliRunner

from abonent import main
from abonent.demo import catalogue, clients, network, seed
from abonent.demo.simulate import ensure_operator, items_for
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.accounts import verified_account
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.rules import Demand, qualify
from abonent.faces.cli import app
from abonent.kit.access import SYSTEM
from abonent.kit.query import Query
from abonent.kit.shapes import decode, encode

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)


def test_every_adopted_document_has_its_shape() -> None:
    wires = network.build(1)
    people = clients.build(1, NOW, wires)
    documents = [*catalogue.documents(), *wires.documents, *people.documents]
    for resource, document in documents:
        before = encode(document)
        resource.shape.check(document)
        assert encode(document) == before  # nothing had to be mended either
    ids = [(resource.name, document["id"]) for resource, document in documents]
    assert len(set(ids)) == len(ids)
    assert len(people.customer) == 200


def test_the_same_seed_makes_the_same_operator() -> None:
    def made(number: int) -> bytes:
        wires = network.build(number)
        return encode([d for _, d in [*clients.build(number, NOW, wires).documents, *wires.documents]])

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_topology_leads_from_every_port_to_the_ring() -> None:
    documents = {d["id"]: d for r, d in network.build(1).documents if r.name == "resource"}
    kinds = Counter(d["category"] for d in documents.values())
    assert kinds == {"aggregationNode": 4, "accessNode": 20, "port": 20 * 64}

    def above(id: str) -> str:
        return documents[id]["resourceRelationship"][0]["resource"]["id"]

    for id, document in documents.items():
        if document["category"] == "port":
            steps = [above(id)]
            while documents[steps[-1]]["category"] == "accessNode":
                steps.append(above(steps[-1]))
                assert len(steps) <= 3
            assert documents[steps[-1]]["category"] == "aggregationNode"
    ring = ["AGG-1"]
    while (following := above(ring[-1])) != "AGG-1":
        ring.append(following)
    assert len(ring) == 4


def test_reserved_ports_are_those_that_products_use() -> None:
    wires = network.build(1)
    people = clients.build(1, NOW, wires)
    used = [
        r["id"]
        for held in people.held.values()
        for p in held.values()
        for r in p.get("realizingResource", ())
    ]
    busy = [p["id"] for ports in wires.ports.values() for p in ports if p["resourceStatus"] == "reserved"]
    assert sorted(used) == sorted(busy)
    assert len(set(used)) == len(used)


async def test_seeding(dsn: str, tmp_path: Path, conn: asyncpg.Connection) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        assert not await seed.seeded(ctx)
        made = await seed.seed(process)
        # Acknowledged is the one state an order does not rest in.
        assert PRODUCT_ORDER.states is not None
        assert set(made.orders) == PRODUCT_ORDER.states.states - {"acknowledged"}
        assert made.orders["inProgress"] == 10

        now = ctx.now()
        for resource in main.REGISTRY:
            async for rows in ctx.store.stream(SYSTEM, resource, Query()):
                for text, _ in rows:
                    resource.shape.check(decode(text.encode()))
        # Nothing happened in the future, and no number was skipped by the order of time.
        dates = [r[0] for r in await conn.fetch("SELECT order_date FROM product_order ORDER BY id")]
        assert dates == sorted(dates)
        assert datetime.fromisoformat(dates[-1]) < now
        assert await conn.fetchval("SELECT max(at) FROM state_history") <= now
        # What is in work will be asked for later; for the rest no job and no timer is left.
        assert await conn.fetchval("SELECT count(*) FROM timer") == made.orders["inProgress"]
        assert await conn.fetchval("SELECT min(due_at) FROM timer") > now
        assert await conn.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0
        for name, password, role, *_ in seed.ACCOUNTS:
            account = await verified_account(ctx.store, name, password)
            assert account is not None and account["role"] == role.value

        assert await seed.seeded(ctx)


async def test_the_demo_does_not_mix_with_other_data(dsn: str, tmp_path: Path) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        change = ctx.change()
        engaged = {"id": "I-1", "@referredType": "Individual"}
        change.insert(CUSTOMER_, {"id": "C-1", "name": "Ann", "engagedParty": engaged})
        await ctx.store.commit(change)
        with pytest.raises(seed.NotEmpty, match="empty folder"):
            await seed.seeded(ctx)


async def test_a_missing_operator_is_added_once(dsn: str, tmp_path: Path) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        added = await ensure_operator(process.context, 1, 10)
        assert added["accessCoverage"] > 300
        assert added["productOffering"] == len(catalogue.SOLD)
        assert await ensure_operator(process.context, 1, 10) == {}


def test_simulated_items_fit_what_the_client_holds() -> None:
    fibre = {"id": "P-1", "productOffering": {"id": "fibre-100"}, "place": [{"id": "A-1"}]}
    tv = {"id": "P-2", "productOffering": {"id": "tv"}}
    other = {"id": "P-3", "productOffering": {"id": "telco-phone"}}
    drawn = [items_for([fibre, tv], ["A-9"], Random(n)) for n in range(200)]
    for (item,) in drawn:
        offering = item["productOffering"]["id"]
        match item["action"]:
            case "add":
                assert offering in {"wifi", "voice"}
                assert item["product"]["place"][0]["id"] == "A-1"
            case "delete":
                assert (item["product"]["id"], offering) == ("P-2", "tv")
            case "modify":
                assert item["product"]["id"] == "P-1"
                assert offering in {"fibre-300", "fibre-1000"}
    assert {item["action"] for (item,) in drawn} == {"add", "delete", "modify"}
    newcomers = [items_for([other], ["A-9"], Random(n)) for n in range(200)]
    for items in newcomers:
        for item in items:
            option = item["productOffering"]["id"] in {"tv", "wifi", "voice"}
            assert not option or item["productOrderItemRelationship"] == [
                {"id": "1", "relationshipType": "reliesOn"}
            ]
    assert {item["action"] for items in newcomers for item in items} == {"add", "modify", "delete"}


def test_television_needs_any_of_the_fibre_lines() -> None:
    television = Demand("tv", "Television", "PS-tv", requires_any=("PS-fibre-100", "PS-fibre-300"))
    assert qualify(television, None, [], ["PS-fibre-300"]).eligible
    refused = qualify(television, None, [], ["PS-mobile"])
    assert [(r.code, r.facts["needed"]) for r in refused.reasons] == [
        ("needsProduct", "PS-fibre-100 / PS-fibre-300")
    ]


def test_the_command_places_orders_once(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    file = tmp_path / "clients.csv"
    file.write_text("id,name\n" + "".join(f"{n},Client {n}\n" for n in range(5)))

    def command(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "data")])
        return result.exit_code, result.output

    code, told = command("simulate", "orders", "--count", "3")
    assert (code, "There are no clients" in told) == (1, True)
    assert command("import", "clients", str(file), "--mapping", "simple")[0] == 0
    code, told = command("simulate", "orders", "--count", "3")
    assert (code, "3 placed, 0 were there already, 0 refused" in told) == (0, True)
    code, told = command("simulate", "orders", "--count", "3", "--wait", "--patience", "1")
    assert "0 placed, 3 were there already" in told
    # Nobody runs a worker here.
    assert (code, "3 orders are still open" in told) == (1, True)
