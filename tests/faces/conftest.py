"""The operator that those who walk through the console find; each file of tests has one of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import database_of_its_own
from tests.support.operator import Operator, stand


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def operator(seeded: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    folder = tmp_path_factory.mktemp("operator")
    async with database_of_its_own("crawled", seeded) as dsn, stand(dsn, folder) as made:
        yield made
