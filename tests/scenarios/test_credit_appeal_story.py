"""August 2026: a client objects to a refusal, once. Fibre costs 500.00 RUB a month, television 200.00.

Olga and Oleg are agents.
"""

from collections.abc import AsyncIterator

import pytest

from abonent.domain.order_handling.credit_cases import appeal, decide, reopen
from abonent.kit.errors import BadInput, Forbidden, IllegalMove
from tests.support.credit import OLEG
from tests.support.credit_desk import case, credit, day, indebted, ordered, state
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import build, item

OLGA = AGENT


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        opened.network.prompt = False
        await build(opened.context, ports=20)
        yield opened


async def test_declined_appealed_and_approved_by_another(shop: Workshop) -> None:
    # 1 August: 300.00 overdue, referred. 2 August: Olga declines and writes what Anna is told.
    shop.at(day(8, 1))
    await indebted(shop, "300.00")
    first = await ordered(shop, item("1", "fibre"), item("2", "tv"))
    shop.at(day(8, 2))
    with pytest.raises(BadInput):
        await decide(shop.as_caller(OLGA), await case(shop, first), "declined", why="Two bills are open.")
    told = "Сначала оплатите, пожалуйста, долг 300 рублей."
    await decide(
        shop.as_caller(OLGA), await case(shop, first), "declined", why="Two bills are open.", wording=told
    )
    await shop.drain()
    over = await shop.order(first)
    assert (over["state"], over["cancellationReason"], over["note"][-1]["text"]) == ("cancelled", told, told)
    last = (await credit(shop, first))[-1]
    assert (last["outcome"], last["by"], last["reasons"][0]["facts"]["why"]) == (
        "decline",
        "olga",
        "Two bills are open.",
    )

    # 3 August: Anna says she paid on 30 July. A cancelled order does not come back (TMF622): another one stands for it.
    shop.at(day(8, 3))
    with pytest.raises(BadInput):
        await appeal(shop.as_caller(OLGA), await case(shop, first), "")
    await appeal(shop.as_caller(OLGA), await case(shop, first), "I paid on 30 July.")
    await shop.drain()
    second = (await case(shop, first)).document["appealOrder"]["id"]
    assert await state(shop, second) == "held"
    again = (await case(shop, second)).document
    assert (again["state"], again["appealOf"]["id"], again["statement"], again["declinedBy"]) == (
        "referred",
        first,
        "I paid on 30 July.",
        "olga",
    )
    assert [i["productOffering"]["id"] for i in (await shop.order(second))["productOrderItem"]] == [
        "fibre",
        "tv",
    ]
    with pytest.raises(IllegalMove):
        await appeal(shop.as_caller(OLGA), await case(shop, first), "Once more.")

    # 4 August: not Olga, who declined it; Oleg finds the payment.
    shop.at(day(8, 4))
    with pytest.raises(Forbidden):
        await decide(shop.as_caller(OLGA), await case(shop, second), "approved", why="All right.")
    await decide(shop.as_caller(OLEG), await case(shop, second), "approved", why="Paid, receipt seen.")
    await shop.drain()
    assert await state(shop, second) == "inProgress"
    assert (await credit(shop, second))[-1]["by"] == "oleg"


async def test_an_appeal_that_is_declined_ends_it_also_when_the_debt_was_too_high_for_the_table(
    shop: Workshop,
) -> None:
    # 5,000.01 overdue: the table declines by itself, and the client may appeal against a table too.
    await indebted(shop, "5000.01")
    first = await ordered(shop, item("1", "fibre"))
    declined = await shop.order(first)
    assert declined["state"] == "rejected" and "5 000" in declined["note"][-1]["text"]
    assert (await case(shop, first)).document["declinedBy"] == "table"
    await appeal(shop.as_caller(OLGA), await case(shop, first), "This is not my debt.")
    await shop.drain()
    # The job that places the second order may run twice.

    await reopen(shop.context, first)
    assert len(await shop.rows("SELECT 1 FROM product_order")) == 2
    second = (await case(shop, first)).document["appealOrder"]["id"]
    # The table would decline it again; a person decides all the same.
    assert (await credit(shop, second))[0]["outcome"] == "refer"
    assert [r["code"] for r in (await credit(shop, second))[0]["reasons"]] == ["appeal", "creditRule"]
    await decide(
        shop.as_caller(OLGA), await case(shop, second), "declined", why="It is.", wording="Долг ваш."
    )
    await shop.drain()
    assert (await state(shop, second), (await case(shop, second)).state) == ("cancelled", "upheld")
    with pytest.raises(IllegalMove):
        await appeal(shop.as_caller(OLEG), await case(shop, second), "Third time.")
