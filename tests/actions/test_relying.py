"""A change that relies on documents is saved only while they stand as they were read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.kit.access import SYSTEM
from abonent.kit.change import Stored
from abonent.kit.errors import Conflict
from tests.support.workshop import Workshop, workshop


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await save(opened, order("O-1"), order("O-2"))
        yield opened


def order(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "state": "acknowledged", **more}


async def save(shop: Workshop, *orders: dict[str, Any]) -> None:
    change = shop.context.change()
    for document in orders:
        change.insert(PRODUCT_ORDER, document)
    await shop.context.store.commit(change)


async def read(shop: Workshop) -> tuple[Stored, Stored]:
    found = await shop.context.store.find([(PRODUCT_ORDER, "O-1"), (PRODUCT_ORDER, "O-2")])
    return found["productOrder", "O-1"], found["productOrder", "O-2"]


async def relying(shop: Workshop, id: str, *on: Stored) -> None:
    change = shop.context.change()
    change.insert(PRODUCT_ORDER, order(id))
    change.rely(on)
    await shop.context.store.commit(change)


async def test_it_is_saved_while_they_stand(shop: Workshop) -> None:
    await relying(shop, "O-3", *await read(shop))
    assert (await shop.context.store.get(SYSTEM, PRODUCT_ORDER, "O-3")).version == 1


@pytest.mark.parametrize("document", [None, order("O-1", description="other")])
async def test_nothing_is_saved_once_one_was_changed_or_deleted(
    shop: Workshop, document: dict[str, Any] | None
) -> None:
    stored, other = await read(shop)
    change = shop.context.change()
    change.delete(stored) if document is None else change.update(stored, document)
    await shop.context.store.commit(change)
    before = await shop.counts()
    with pytest.raises(Conflict):
        await relying(shop, "O-3", stored, other)
    assert await shop.counts() == before


async def test_of_several_at_once_those_that_rely_on_what_stands_are_saved(shop: Workshop) -> None:
    stands, changed = await read(shop)
    change = shop.context.change()
    change.update(changed, order("O-2", description="other"))
    await shop.context.store.commit(change)
    results = await asyncio.gather(
        *(relying(shop, f"O-1{n}", changed if n % 3 == 0 else stands) for n in range(8)),
        return_exceptions=True,
    )
    assert [n for n, each in enumerate(results) if isinstance(each, Conflict)] == [0, 3, 6]
    assert [each for each in results if not isinstance(each, Conflict)] == [None] * 5
