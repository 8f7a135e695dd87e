"""Somebody who fills in every form with nonsense and believes no address: nothing may break.

Each test walks as one person; the operator is seeded once. The walks with the mark `survey` go further.
"""

import pytest

from tests.support.crawler import LONG, Bounds
from tests.support.markup import read_page
from tests.support.operator import CLIENTS, NAMES, Operator

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _stale_token(operator: Operator) -> str:
    """A form token of another session."""
    async with operator.walk("manager-ru") as other:
        page = read_page((await other.http.get("/")).text, "/")
        return next(c.value for form in page.forms for c in form.controls if c.name == "token")


# A manager may do whatever staff may.
@pytest.mark.parametrize("name", ["manager-ru", "client-ru"])
async def test_bad_values_in_addresses_and_forms_are_explained(operator: Operator, name: str) -> None:
    # Forms differ from page to page of a kind: two of each are looked at.
    await _abuse(operator, name, Bounds(pages=2, of_route=8))


@pytest.mark.survey
@pytest.mark.parametrize("name", NAMES)
async def test_every_bad_value_everywhere(operator: Operator, name: str) -> None:
    await _abuse(operator, name, LONG)


async def _abuse(operator: Operator, name: str, bounds: Bounds) -> None:
    client = name in CLIENTS
    async with operator.walk(name, bounds) as walk:
        await walk.follow(*operator.starts(name))
        walk.findings.clear()  # the other test's
        await walk.try_addresses()
        await walk.try_forms(await _stale_token(operator), operator.others if client else ["O-404", "C-404"])
        assert walk.asked > (100 if client else 500)
        assert not walk.findings, walk.told()
    # What was left behind must not break a page either.
    async with operator.walk(name) as after:
        await after.follow(*operator.starts(name))
        broken = [
            finding for finding in after.findings.values() if "answered with" in finding or "shows" in finding
        ]
        assert not broken, "\n".join(broken)
