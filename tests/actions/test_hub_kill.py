"""kill -9 of the worker that tells a listener: another one goes on where it was, in order, with nothing lost."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from abonent.network_simulator import serving as serving_app
from tests.support.listening import Listener, hub_web, new_customer, rename, subscribed
from tests.support.processes import site

pytestmark = pytest.mark.slow
CHANGES = 60


class Slow(Listener):
    """Takes its time, so that the worker dies in the middle."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.03)
        await super().__call__(scope, receive, send)


async def test_a_killed_worker_is_followed_by_another(dsn: str, tmp_path: Path) -> None:
    listener = Slow()
    with site(tmp_path, DATABASE_URL=dsn, ABONENT_HUB_ALLOW="private") as place:
        async with hub_web(dsn, tmp_path) as web, serving_app(listener) as url:
            await subscribed(web, url)
            first = place.worker()
            id = await new_customer(web, "0")
            for number in range(1, CHANGES):
                await rename(web, id, str(number))
            await listener.heard(10, 40)
            await asyncio.to_thread(first.kill)
            reached = len(listener.came)
            assert reached < CHANGES, "it was quicker than its death"
            place.worker()
            # The lease of the dead one ends after 20 s.
            await listener.heard(CHANGES, 60)
            await asyncio.sleep(1)
    names = [came.body["event"]["customer"]["name"] for came in listener.came]
    assert list(dict.fromkeys(names)) == [str(number) for number in range(CHANGES)]
    # The post under way at the kill may have come twice, with the same id.
    assert len(names) <= CHANGES + 1
    assert len(set(listener.ids)) == CHANGES
