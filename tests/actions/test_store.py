"""Saving and reading documents: all or nothing, who may see what, numbers nobody gets twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import parse_qsl

import asyncpg
import pytest

from abonent.domain.order_handling.resources import ORDER_PLAN, PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.change import Change
from abonent.kit.db import Database
from abonent.kit.errors import Conflict, Forbidden, IllegalMove, NotFound, Unavailable
from abonent.kit.query import Query, parse_query
from abonent.kit.store import NUMBER_BLOCK, Store
from tests.support.workshop import CLIENT, STRANGER, Workshop, workshop


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        yield opened


def order(id: str, client: str = "C-1", state: str = "acknowledged", **more: Any) -> dict[str, Any]:
    return {"id": id, "state": state, "relatedParty": [{"id": client, "role": "customer"}], **more}


async def save(shop: Workshop, *orders: dict[str, Any]) -> None:
    change = shop.context.change()
    for document in orders:
        change.insert(PRODUCT_ORDER, document)
    await shop.context.store.commit(change)


def query(text: str = "", *, limit: int | None = None) -> Query:
    pairs = parse_qsl(text)
    if limit is not None:
        pairs.append(("limit", str(limit)))
    return parse_query(pairs, PRODUCT_ORDER.shape, PRODUCT_ORDER.columns, default_sort="-orderDate")


async def test_a_document_comes_back_as_it_was_saved(shop: Workshop) -> None:
    document = order("O-1", description='Ёлка "и" \\ 🎄', note=[{"text": "a\nb"}])
    await save(shop, document)
    stored = await shop.context.store.get(SYSTEM, PRODUCT_ORDER, "O-1")
    assert (stored.document, stored.version) == (document, 1)
    change = shop.context.change()
    change.update(stored, document | {"description": "new"})
    await shop.context.store.commit(change)
    stored = await shop.context.store.get(SYSTEM, PRODUCT_ORDER, "O-1")
    assert (stored.document["description"], stored.version) == ("new", 2)


async def test_an_unknown_id_is_not_found(shop: Workshop) -> None:
    with pytest.raises(NotFound) as missing:
        await shop.context.store.get(SYSTEM, PRODUCT_ORDER, "O-404")
    assert "O-404" in str(missing.value)


async def test_documents_history_event_and_jobs_are_one_statement(shop: Workshop) -> None:
    """They carry the number of one transaction, and the driver was asked once."""
    asked: list[str] = []
    real = shop.database.run

    async def counting(sql: str, *args: Any) -> None:
        asked.append(sql)
        await real(sql, *args)

    shop.database.run = counting  # type: ignore[method-assign]
    try:
        change = shop.context.change()
        change.insert(PRODUCT_ORDER, order("O-1"), "why")
        change.defer("order_handling.assess", order="O-1")
        change.set_timer("t-1", shop.context.now(), "order_handling.assess", order="O-1")
        await shop.context.store.commit(change)
    finally:
        del shop.database.run
    assert len(asked) == 1
    numbers = await shop.rows(
        "SELECT xmin::text FROM product_order UNION SELECT xmin::text FROM state_history"
        " UNION SELECT xmin::text FROM event UNION SELECT xmin::text FROM procrastinate_jobs"
        " UNION SELECT xmin::text FROM timer"
    )
    assert len(numbers) == 1


async def test_history_and_event_say_what_happened(shop: Workshop) -> None:
    ctx = shop.as_caller(CLIENT)
    change = ctx.change()
    change.insert(PRODUCT_ORDER, order("O-1"), "placed")
    await ctx.store.commit(change)
    stored = await shop.stored("O-1")
    change = shop.context.change()
    change.update(stored, stored.document | {"state": "held"}, "no credit")
    await shop.context.store.commit(change)
    history = await shop.context.store.history(PRODUCT_ORDER, "O-1")
    assert [(h["old_state"], h["new_state"], h["reason"], h["by"]) for h in history] == [
        ("acknowledged", "held", "no credit", "system"),
        (None, "acknowledged", "placed", "anna"),
    ]
    rows = await shop.rows(
        "SELECT type, old_state, new_state, by, doc ->> 'state' AS state FROM event ORDER BY seq"
    )
    assert [tuple(r) for r in rows] == [
        ("ProductOrderCreateEvent", None, "acknowledged", "anna", "acknowledged"),
        ("ProductOrderStateChangeEvent", "acknowledged", "held", "system", "held"),
    ]


async def _lost(shop: Workshop, make: Any, code: str) -> None:
    """A change that must not be saved: nothing of it is there afterwards."""
    before = await shop.counts()
    change: Change = shop.context.change()
    change.insert(CUSTOMER_, {"id": "C-new", "name": "x"})
    change.defer("order_handling.assess", order="O-1")
    change.set_timer("t-lost", shop.context.now(), "x")
    make(change)
    with pytest.raises(Conflict) as refused:
        await shop.context.store.commit(change)
    assert refused.value.code == code
    assert await shop.counts() == before


async def test_a_lost_update_undoes_everything(shop: Workshop) -> None:
    await save(shop, order("O-1"))
    old = await shop.stored("O-1")
    change = shop.context.change()
    change.update(old, old.document | {"description": "first"})
    await shop.context.store.commit(change)
    await _lost(shop, lambda c: c.update(old, old.document | {"state": "held"}), "changedMeanwhile")
    await _lost(shop, lambda c: c.delete(old), "changedMeanwhile")
    assert (await shop.order("O-1"))["description"] == "first"


async def test_a_taken_id_undoes_everything(shop: Workshop) -> None:
    await save(shop, order("O-1"))
    await _lost(shop, lambda c: c.insert(PRODUCT_ORDER, order("O-1")), "alreadyExists")


async def test_an_update_of_what_was_deleted_is_a_conflict(shop: Workshop) -> None:
    await save(shop, order("O-1"))
    old = await shop.stored("O-1")
    change = shop.context.change()
    change.delete(old)
    await shop.context.store.commit(change)
    await _lost(shop, lambda c: c.update(old, old.document | {"description": "x"}), "changedMeanwhile")


async def test_of_two_writers_at_once_one_wins(shop: Workshop) -> None:
    await save(shop, order("O-1"))
    old = await shop.stored("O-1")

    async def write(number: int) -> bool:
        change = shop.context.change()
        change.update(old, old.document | {"description": str(number)})
        try:
            await shop.context.store.commit(change)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(write(n) for n in range(20)))) == 1
    rows = await shop.rows("SELECT count(*) FROM event WHERE type LIKE '%AttributeValueChange%'")
    assert rows[0][0] == 1


async def test_an_illegal_state_is_refused_before_anything_is_sent(shop: Workshop) -> None:
    await save(shop, order("O-1"))
    stored = await shop.stored("O-1")
    with pytest.raises(IllegalMove):
        shop.context.change().update(stored, stored.document | {"state": "completed"})


async def test_reactions_are_deferred_once_for_each_event(shop: Workshop) -> None:
    await save(shop, order("O-1"), order("O-2"))
    events = [tuple(r) for r in await shop.rows("SELECT id, resource_id FROM event ORDER BY seq")]
    jobs = await shop.jobs()
    assert [(a["event"], a["id"]) for name, a in jobs if name == "communication.tell_of_order"] == events
    assert all(a["new"] == "acknowledged" and a["correlation"] for _, a in jobs)


async def test_the_queue_takes_first_what_somebody_waits_for(shop: Workshop) -> None:
    for number, defer in enumerate(("defer", "defer_first", "defer", "defer_first")):
        change = shop.context.change()
        getattr(change, defer)("job", number=number)
        await shop.context.store.commit(change)
    taken = []
    while row := await shop.rows(
        "SELECT (args ->> 'number')::int FROM procrastinate_fetch_job_v2(NULL, NULL) job WHERE job.id IS NOT NULL"
    ):
        taken.append(row[0][0])
    assert taken == [1, 3, 0, 2]


async def test_many_documents_of_several_kinds_are_found_at_once(shop: Workshop) -> None:
    await save(shop, order("O-1"), order("O-2"))
    found = await shop.context.store.find(
        [(PRODUCT_ORDER, "O-2"), (CUSTOMER_, "C-1"), (PRODUCT_ORDER, "O-404"), (PRODUCT_ORDER, "O-2")]
    )
    assert found.keys() == {("productOrder", "O-2")}
    assert await shop.context.store.find([]) == {}


class TestOwnership:
    async def test_a_client_sees_his_rows_alone(self, shop: Workshop) -> None:
        await save(shop, *(order(f"O-{n}", "C-1" if n % 3 else "C-2") for n in range(1, 13)))
        store = shop.context.store
        mine = {f"O-{n}" for n in range(1, 13) if n % 3}
        assert (await store.get(CLIENT, PRODUCT_ORDER, "O-1")).id == "O-1"
        listing = await store.page(CLIENT, PRODUCT_ORDER, query(limit=5))
        assert len(listing.rows) == 5 and listing.total == 8
        streamed = [
            id async for batch in store.stream(CLIENT, PRODUCT_ORDER, query()) for _, id in batch.rows
        ]
        assert set(streamed) == mine
        assert (await store.page(SYSTEM, PRODUCT_ORDER, query(limit=5))).total == 12

    async def test_a_strangers_row_looks_like_none(self, shop: Workshop) -> None:
        await save(shop, order("O-1", "C-2"))
        texts = []
        for id in ("O-1", "O-404"):
            with pytest.raises(NotFound) as missing:
                await shop.context.store.get(CLIENT, PRODUCT_ORDER, id)
            texts.append(str(missing.value).replace(id, "?"))
        assert texts[0] == texts[1]

    async def test_filters_do_not_reach_over_the_fence(self, shop: Workshop) -> None:
        await save(shop, order("O-1", "C-2"), order("O-2"))
        asked = query("relatedParty.id=C-2", limit=10)
        assert (await shop.context.store.page(CLIENT, PRODUCT_ORDER, asked)).rows == []
        assert len((await shop.context.store.page(STRANGER, PRODUCT_ORDER, asked)).rows) == 1

    async def test_a_client_token_without_a_party_sees_nothing(self, shop: Workshop) -> None:
        await save(shop, order("O-1"), order("O-2", ""))
        nobody = Caller("x", Role.CLIENT)
        listing = await shop.context.store.page(nobody, PRODUCT_ORDER, query(limit=10))
        assert (listing.rows, listing.total) == ([], 0)

    async def test_staff_resources_are_closed_to_clients(self, shop: Workshop) -> None:
        for read in (shop.context.store.get, shop.context.store.text):
            with pytest.raises(Forbidden):
                await read(CLIENT, ORDER_PLAN, "O-1")
        with pytest.raises(Forbidden):
            await shop.context.store.page(CLIENT, ORDER_PLAN, Query(limit=1))
        with pytest.raises(Forbidden):
            _ = [each async for each in shop.context.store.stream(CLIENT, ORDER_PLAN, Query())]


class TestLists:
    async def test_pages_join_up_without_gap_or_overlap(self, shop: Workshop) -> None:
        dates = [f"2026-06-{1 + n % 7:02}T00:00:00.000Z" for n in range(23)]
        await save(shop, *(order(f"O-{n:02}", orderDate=d) for n, d in enumerate(dates)))
        seen: list[str] = []
        for offset in range(0, 30, 5):
            listing = await shop.context.store.page(SYSTEM, PRODUCT_ORDER, query(f"offset={offset}", limit=5))
            assert listing.total == 23
            seen += [id for _, id in listing.rows]
        # Newest first, equals by id.
        assert seen == [id for _, id in sorted(((d, f"O-{n:02}") for n, d in enumerate(dates)),
                                               key=lambda p: (-int(p[0][8:10]), p[1]))]  # fmt: skip

    async def test_a_long_stream_comes_in_batches(self, shop: Workshop) -> None:
        for start in range(0, 1200, 400):
            await save(shop, *(order(f"O-{n:04}") for n in range(start, start + 400)))

        async def streamed(text: str = "") -> list[tuple[int, int]]:
            batches = shop.context.store.stream(SYSTEM, PRODUCT_ORDER, query(text))
            return [(len(batch.rows), batch.total) async for batch in batches]

        assert await streamed() == [(500, 1200), (500, 1200), (200, 1200)]
        assert await streamed("offset=1100") == [(100, 1200)]
        assert await streamed("offset=1300") == [(0, 1200)]
        assert await streamed("state=held") == [(0, 0)]


class TestNumbers:
    async def test_nobody_gets_a_number_twice(self, shop: Workshop) -> None:
        stores = [Store(shop.database) for _ in range(4)]
        numbers = await asyncio.gather(*(s.next_id(PRODUCT_ORDER) for _ in range(60) for s in stores))
        assert len(set(numbers)) == 240

    async def test_a_process_takes_them_in_blocks(self, shop: Workshop) -> None:
        store = Store(shop.database)
        numbers = [await store.next_id(PRODUCT_ORDER) for _ in range(NUMBER_BLOCK + 1)]
        assert numbers[:2] == ["O-10001", "O-10002"]
        assert numbers[-1] == f"O-{10001 + NUMBER_BLOCK}"
        last = await shop.rows("SELECT last_value FROM product_order_number")
        assert last[0][0] == 10001 + NUMBER_BLOCK
        assert (await Store(shop.database).next_id(PRODUCT_ORDER)) == f"O-{10001 + 2 * NUMBER_BLOCK}"


async def test_the_database_away_is_said_so() -> None:
    class Gone:
        def get_max_size(self) -> int:
            return 2

        async def acquire(self) -> Any:
            raise asyncpg.CannotConnectNowError("starting up")

    store = Store(Database(cast(asyncpg.Pool, Gone())))
    with pytest.raises(Unavailable):
        await store.get(SYSTEM, PRODUCT_ORDER, "O-1")


async def test_a_refused_insert_leaves_those_beside_it_saved(shop: Workshop) -> None:
    """Inserts of several callers share a statement; one that is taken already is refused alone."""
    await save(shop, order("O-3"))
    results = await asyncio.gather(*(save(shop, order(f"O-{n}")) for n in range(8)), return_exceptions=True)
    assert [n for n, each in enumerate(results) if isinstance(each, Conflict)] == [3]
    assert [each for n, each in enumerate(results) if n != 3] == [None] * 7
    stored = await shop.context.store.find((PRODUCT_ORDER, f"O-{n}") for n in range(8))
    assert len(stored) == 8
    async with shop.context.store.database.connection() as conn:
        events = await conn.fetch("SELECT resource_id, count(*), min(doc ->> 'id') FROM event GROUP BY 1")
        moves = await conn.fetchval("SELECT count(*) FROM state_history")
    assert {(row[0], row[1], row[2]) for row in events} == {(f"O-{n}", 1, f"O-{n}") for n in range(8)}
    assert moves == 8


async def test_callers_who_find_together_get_documents_of_their_own(shop: Workshop) -> None:
    await save(shop, order("O-1"), order("O-2"))
    store = shop.context.store
    first, second, none = await asyncio.gather(
        store.find([(PRODUCT_ORDER, "O-1"), (PRODUCT_ORDER, "O-2")]),
        store.find([(PRODUCT_ORDER, "O-1"), (CUSTOMER_, "O-1")]),
        store.find([(CUSTOMER_, "O-1")]),
    )
    assert {key[1] for key in first} == {"O-1", "O-2"}
    assert (list(second), none) == ([("productOrder", "O-1")], {})
    mine, his = first["productOrder", "O-1"].document, second["productOrder", "O-1"].document
    assert mine == his
    mine["relatedParty"].clear()
    assert his["relatedParty"]


async def test_numbers_taken_at_once_leave_no_more_gaps_than_a_block(shop: Workshop) -> None:
    ids = await asyncio.gather(*(shop.context.store.next_id(PRODUCT_ORDER) for _ in range(3 * NUMBER_BLOCK)))
    numbers = sorted(int(id.removeprefix("O-")) for id in ids)
    assert numbers == list(range(numbers[0], numbers[0] + 3 * NUMBER_BLOCK))


async def test_a_small_table_is_read_whole_and_what_is_written_here_counts_at_once(shop: Workshop) -> None:
    store, other = shop.context.store, Store(shop.database)
    assert await store.whole(PRODUCT_ORDER) == {}
    await save(shop, order("O-1"))
    assert set(await store.whole(PRODUCT_ORDER)) == {"O-1"}
    # What another process writes is seen after WHOLE_TTL seconds; nothing is asked before.
    change = shop.context.change()
    change.insert(PRODUCT_ORDER, order("O-2"))
    await other.commit(change)
    assert set(await store.whole(PRODUCT_ORDER)) == {"O-1"}
    assert set(await other.whole(PRODUCT_ORDER)) == {"O-1", "O-2"}
