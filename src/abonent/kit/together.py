"""Work of several callers in one go.

What is asked for while the work before it runs is gathered and done together: alone, a caller waits for nobody; under
load, the fixed costs of a round trip, a statement and a commit are shared (docs/decisions/0008).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


# So few go together without more ado.
_FEW = 4


class Together(Generic[Item, Result]):
    """Calls `work` with lists of what was asked for, at most `most` at a time and `at_once` lists at once.

    Of many who wait, half go at a time: the others' turn comes while these use their answers, so that neither this
    process nor the one that does the work stands idle.
    `work` gives a result or an exception for each item, in their order; an exception that it raises is everybody's.
    A caller that is cancelled loses the answer, not the work: others are in it.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        at_once: int,
        most: int,
    ) -> None:
        self._work, self._at_once, self._most = work, at_once, most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result:
        """The item's own result."""
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running < self._at_once:
            self._running += 1
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _run(self) -> None:
        # Counted down in the step that finds nothing waiting: whoever comes after it starts anew.
        try:
            while self._waiting:
                await self._next()
        finally:
            self._running -= 1

    async def _next(self) -> None:
        many = min(self._most, max(_FEW, len(self._waiting) // 2))
        batch, self._waiting = self._waiting[:many], self._waiting[many:]
        try:
            results = await self._work([item for item, _ in batch])
        except Exception as error:
            results = [error] * len(batch)
        except BaseException:
            for _, answer in batch:
                answer.cancel()
            raise
        for (_, answer), result in zip(batch, results, strict=True):
            if answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)
