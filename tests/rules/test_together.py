"""Work done together: everybody gets his own result, once, whatever comes when; nobody waits for ever."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.kit.together import Together

TURNS = st.integers(0, 3)


@settings(deadline=None, max_examples=60)
@given(
    callers=st.lists(st.lists(TURNS, min_size=1, max_size=6), min_size=1, max_size=12),
    work_turns=st.lists(TURNS, min_size=1, max_size=5),
    at_once=st.integers(1, 3),
    most=st.integers(1, 5),
)
def test_each_caller_gets_his_own_result_and_no_list_is_too_long(
    callers: list[list[int]], work_turns: list[int], at_once: int, most: int
) -> None:
    """Callers pause for any number of the loop's turns between calls, so that each order of coming, running and
    ending is met; the wait has an end, so a caller nobody wakes fails the test."""
    done: Counter[tuple[int, int]] = Counter()
    running = 0
    calls = 0

    async def work(items: list[tuple[int, int]]) -> list[tuple[int, int]]:
        nonlocal running, calls
        running += 1
        calls += 1
        assert running <= at_once
        assert 1 <= len(items) <= most
        for _ in range(work_turns[calls % len(work_turns)]):
            await asyncio.sleep(0)
        done.update(items)
        running -= 1
        return items

    async def caller(number: int, pauses: list[int]) -> None:
        for step, pause in enumerate(pauses):
            for _ in range(pause):
                await asyncio.sleep(0)
            assert await together((number, step)) == (number, step)

    async def story() -> None:
        await asyncio.gather(*(caller(number, pauses) for number, pauses in enumerate(callers)))

    together = Together(work, at_once=at_once, most=most)
    asyncio.run(asyncio.wait_for(story(), 5))
    assert done == {(n, s): 1 for n, pauses in enumerate(callers) for s in range(len(pauses))}


async def test_what_waits_goes_together() -> None:
    lists: list[list[int]] = []

    async def work(items: list[int]) -> list[int]:
        lists.append(items)
        await asyncio.sleep(0)
        return items

    together = Together(work, at_once=1, most=3)
    await asyncio.gather(*(together(n) for n in range(7)))
    assert lists == [[0, 1, 2], [3, 4, 5], [6]]


async def test_of_many_half_go_at_a_time() -> None:
    sizes: list[int] = []

    async def work(items: list[int]) -> list[int]:
        sizes.append(len(items))
        await asyncio.sleep(0)
        return items

    together = Together(work, at_once=1, most=10)
    await asyncio.gather(*(together(n) for n in range(40)))
    # Of 40, 30, 20, 10, 5 and 1: half, but no more than 10 and no fewer than 4 if there are so many.
    assert sizes == [10, 10, 10, 5, 4, 1]


async def test_an_item_that_fails_fails_alone_and_work_that_fails_fails_for_all() -> None:
    async def work(items: list[str]) -> list[str | Exception]:
        await asyncio.sleep(0)
        if "all" in items:
            raise ConnectionError("gone")
        return [ValueError(item) if item == "bad" else item for item in items]

    together = Together(work, at_once=1, most=10)
    results = await asyncio.gather(*map(together, ("a", "bad", "b")), return_exceptions=True)
    assert [type(each) for each in results] == [str, ValueError, str]
    results = await asyncio.gather(*map(together, ("a", "all")), return_exceptions=True)
    assert [type(each) for each in results] == [ConnectionError, ConnectionError]
    assert await together("later") == "later"


async def test_a_caller_who_leaves_takes_nobody_along() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(items: list[int]) -> list[int]:
        begun.set()
        await go_on.wait()
        return items

    together = Together(work, at_once=1, most=10)
    leaving, staying = asyncio.create_task(together(1)), asyncio.create_task(together(2))
    await begun.wait()
    leaving.cancel()
    go_on.set()
    assert await staying == 2
    with pytest.raises(asyncio.CancelledError):
        await leaving
