"""Changing contact data: event, history, entry of the search, collisions."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from abonent import main
from abonent.domain.party.contact import change_contact
from abonent.domain.party.queries_file import moves
from abonent.domain.party.queries_search import search
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import contact_of
from abonent.kit.access import SYSTEM, Caller, Role
from abonent.kit.clock import Clock
from abonent.kit.context import Context
from abonent.kit.db import Database, open_pool
from abonent.kit.errors import BadInput, Conflict, Forbidden, NotFound
from abonent.kit.store import Store
from tests.support.world import build

ANNA = Caller("anna", Role.AGENT)


@pytest.fixture
async def ctx(dsn: str) -> AsyncIterator[Context]:
    database = Database(await open_pool(dsn, size=4, name="test"))
    context = Context(Store(database), Clock(), main.reactions(), {})
    await build(context)
    yield context.for_caller(ANNA)
    await database.close()


async def test_a_change_is_told_kept_and_found(ctx: Context, conn: asyncpg.Connection) -> None:
    stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    wanted = replace(contact_of(stored.document), phone="8 999 000-00-12", language="en")
    assert await change_contact(ctx, "C-1", wanted, stored.version)
    after = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    assert contact_of(after.document) == replace(wanted, phone="+79990000012")
    kept = [
        (move.attribute, move.old, move.new, move.by)
        for move in await moves(ctx.store, [("customer", ["C-1"])])
    ]
    assert sorted(kept) == [("language", "ru", "en", "anna"), ("phone", None, "+79990000012", "anna")]
    told = await conn.fetch("SELECT type, by FROM event WHERE resource_id = 'C-1' AND type LIKE '%Change%'")
    assert [tuple(row) for row in told] == [("CustomerAttributeValueChangeEvent", "anna")]
    assert [each["id"] for each in (await search(ctx.store, "0000012", None)).clients] == ["C-1"]


async def test_the_same_again_changes_nothing(ctx: Context) -> None:
    stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    assert not await change_contact(ctx, "C-1", contact_of(stored.document), 0)
    assert (await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")).version == stored.version


async def test_of_two_forms_one_is_saved(ctx: Context) -> None:
    stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    contact = contact_of(stored.document)
    await change_contact(ctx, "C-1", replace(contact, city="Tula"), stored.version)
    with pytest.raises(Conflict):
        await change_contact(ctx, "C-1", replace(contact, city="Perm"), stored.version)


async def test_wrong_data_strangers_and_clients_change_nothing(ctx: Context) -> None:
    stored = await ctx.store.get(SYSTEM, CUSTOMER_, "C-1")
    contact = contact_of(stored.document)
    with pytest.raises(BadInput):
        await change_contact(ctx, "C-1", replace(contact, email="nowhere"), stored.version)
    with pytest.raises(NotFound):
        await change_contact(ctx, "C-404", contact, 1)
    with pytest.raises(Forbidden):
        own = ctx.for_caller(Caller("client", Role.CLIENT, "C-1"))
        await change_contact(own, "C-1", replace(contact, city="Tula"), stored.version)
