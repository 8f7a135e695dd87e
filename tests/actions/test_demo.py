"""The demo's operator: consistent whole, every state of an order, the same from the same seed, a life that goes on."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import asyncpg
import pytest
from typer.testing import CliRunner

from abonent import main
from abonent.demo import catalogue, seed
from abonent.demo.living import Life, live
from abonent.demo.scale import SMALL, Scale
from abonent.demo.simulate import ensure_operator, items_for
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.accounts import verified_account
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.rules import Demand, qualify
from abonent.faces.cli import app
from abonent.kit.shapes import encode
from tests.support import demo_world as world

# A Wednesday afternoon in the operator's region.
NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
TINY = Scale(clients=80, nodes=10, days=9, a_day=30.0)


async def test_seeding(dsn: str, tmp_path: Path, conn: asyncpg.Connection) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        assert not await seed.seeded(ctx)
        told: list[tuple[str, int, int]] = []
        began = asyncio.get_running_loop().time()
        made = await seed.seed(process, scale=SMALL, progress=lambda *step: told.append(step))
        assert asyncio.get_running_loop().time() - began < 60
        assert all(done <= total for _, done, total in told)
        # Acknowledged is the one state an order does not rest in.
        assert PRODUCT_ORDER.states is not None
        assert set(made.orders) == PRODUCT_ORDER.states.states - {"acknowledged"}
        assert made.orders["inProgress"] >= 10
        assert made.orders["completed"] > made.orders.total() * 0.6

        documents = await world.read_all(ctx)
        assert len(documents["productOrder"]) == made.orders.total() + made.in_bulk + made.moving
        for law in (world.dangling, world.ports, world.deliveries, world.messages, world.visits):
            assert law(documents) == [], law.__doc__
        assert await world.histories(conn, documents) == []

        # Nothing happened in the future, and no number was skipped by the order of time; those in bulk come last.
        now = ctx.now()
        ordered = "SELECT order_date FROM product_order ORDER BY id LIMIT $1"
        dates = [r[0] for r in await conn.fetch(ordered, made.orders.total())]
        assert dates == sorted(dates)
        assert datetime.fromisoformat(dates[-1]) < now
        assert await conn.fetchval("SELECT max(at) FROM state_history") <= now
        # What is in work will be asked for later; for the rest no job and no timer is left.
        assert await conn.fetchval("SELECT count(*) FROM timer WHERE due_at <= $1", now) == 0
        assert await conn.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0
        for name, password, role, *_ in seed.ACCOUNTS:
            account = await verified_account(ctx.store, name, password)
            assert account is not None and account["role"] == role.value
        assert await seed.seeded(ctx)


async def _seeded_at_now(dsn: str, folder: Path) -> dict[str, bytes]:
    async with main.open_process(main.Settings(folder), dsn, "test") as process:
        await seed.seed(process, 7, TINY, now=NOW)
        documents = await world.read_all(process.context)
        # Whose passwords they are is salted.
        return {name: encode(kept) for name, kept in documents.items() if "ccount" not in name}


async def test_the_same_seed_plays_the_same_months(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    first = await _seeded_at_now(dsn, tmp_path)
    tables = [r[0] for r in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    kept = ("yoyo", "_yoyo", "procrastinate")
    emptied = ", ".join(table for table in tables if not table.startswith(kept))
    await conn.execute(f"TRUNCATE {emptied} CASCADE")
    ours = "SELECT sequencename FROM pg_sequences WHERE sequencename !~ 'procrastinate|yoyo'"
    for row in await conn.fetch(ours):
        await conn.execute(f"ALTER SEQUENCE {row[0]} RESTART")
    again = await _seeded_at_now(dsn, tmp_path)
    assert [name for name in first if first[name] != again[name]] == []


async def test_the_demo_does_not_mix_with_other_data(dsn: str, tmp_path: Path) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        change = ctx.change()
        engaged = {"id": "I-1", "@referredType": "Individual"}
        change.insert(CUSTOMER_, {"id": "C-1", "name": "Ann", "engagedParty": engaged})
        await ctx.store.commit(change)
        with pytest.raises(seed.NotEmpty, match="empty folder"):
            await seed.seeded(ctx)


async def test_life_goes_on(dsn: str, tmp_path: Path, conn: asyncpg.Connection) -> None:
    """Six days pass at once: clients order, crews come to the visits that were booked, held orders are taken up."""
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        ctx = process.context
        await ctx.clock.set(conn, NOW)
        await seed.seed(process, 7, TINY, now=NOW)
        before = await conn.fetchval("SELECT count(*) FROM product_order")
        held = await conn.fetchval("SELECT count(*) FROM product_order WHERE state IN ('held', 'pending')")
        planned = await conn.fetchval("SELECT count(*) FROM work_order WHERE state = 'acknowledged'")
        assert planned > 0
        life = Life(process, TINY, 7)
        await life.begin()
        for minutes in range(60, 6 * 24 * 60, 60):
            await ctx.clock.set(conn, NOW + timedelta(minutes=minutes))
            await life.tick()
        assert await conn.fetchval("SELECT count(*) FROM product_order") > before
        ended = "SELECT count(*) FROM work_order WHERE state IN ('completed', 'failed', 'pending')"
        assert await conn.fetchval(ended) > 0
        by_hand = await conn.fetchval(
            "SELECT count(DISTINCT resource_id) FROM state_history WHERE resource = 'productOrder'"
            " AND at >= $1 AND by IN ('anna', 'operator') AND (attribute = 'release' OR new_state = 'cancelled'"
            " OR old_state IN ('held', 'pending'))",
            NOW,
        )
        assert 0 < by_hand <= held
        assert await conn.fetchval("SELECT min(at) FROM state_history WHERE at >= $1", NOW) >= NOW


async def test_the_clock_is_left_as_one_would_expect(
    dsn: str, tmp_path: Path, conn: asyncpg.Connection
) -> None:
    async with main.open_process(main.Settings(tmp_path), dsn, "test") as process:
        clock = process.context.clock
        await seed.seed(process, 7, TINY)
        stop = asyncio.Event()
        living = asyncio.create_task(live(process, stop, rate=3600, scale=TINY))
        await asyncio.sleep(1.5)  # an hour and a half of its clock, less what it took to begin
        stop.set()
        await living
        stands, real = clock.now(), datetime.now(UTC)
        assert stands > real + timedelta(minutes=20)
        row = await conn.fetchrow("SELECT rate FROM domain_clock")
        assert row is not None and row["rate"] == 1.0

        # Killed while it ran fast: what it did not see did not happen.
        await conn.execute(
            "UPDATE domain_clock SET rate = 60, domain_base = $1, real_base = $2",
            real + timedelta(hours=2),
            real - timedelta(hours=10),
        )
        await clock.pace(conn, 1.0)
        assert abs(clock.now() - (real + timedelta(hours=2))) < timedelta(minutes=8)
        # An old one whom real time has overtaken follows it again.
        await conn.execute("UPDATE domain_clock SET rate = 60, domain_base = $1", real - timedelta(days=3))
        await clock.pace(conn, 1.0)
        assert not clock.moved


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
