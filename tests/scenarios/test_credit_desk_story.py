"""Summer 2026 at the credit desk. Fibre costs 500.00 RUB a month, television 200.00.

Olga and Oleg are agents, Marina is the manager who keeps the tables.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from abonent.domain.order_handling.amend import change_order
from abonent.domain.order_handling.credit_cases import change_case, decide, pay
from abonent.domain.order_handling.queries_credit import case_counts, cases_in
from abonent.domain.party.resources import BILLING_ACCOUNT, CUSTOMER_
from abonent.domain.qualification.credit_resources import LATE_PAYMENT
from abonent.domain.qualification.ports import BureauAway, BureauReport, BureauSubject, CreditBureau
from abonent.kit.access import SYSTEM
from abonent.kit.errors import BadInput, IllegalMove
from tests.support.credit import OLEG, put_in_force, row, table
from tests.support.credit_desk import case, credit, day, indebted, money, ordered, state
from tests.support.workshop import AGENT, Workshop, workshop
from tests.support.world import World, alter, build, item

OLGA = AGENT


class HandBureau:
    """A bureau as the story wants it: a score, None for unknown, or away."""

    def __init__(self) -> None:
        self.score: int | None = None
        self.away = False
        self.asked: list[str] = []

    async def report(self, subject: BureauSubject) -> BureauReport:
        self.asked.append(subject.reference)
        if self.away:
            raise BureauAway("bureauAway", "The bureau is away.")
        return BureauReport(self.score, f"R-{len(self.asked)}")


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        opened.network.prompt = False
        await build(opened.context, ports=20)
        yield opened


async def test_a_new_client_without_history_pays_in_advance_and_is_then_served_by_itself(
    shop: Workshop,
) -> None:
    bureau = HandBureau()
    shop.context = replace(shop.context, ports={**shop.context.ports, CreditBureau: bureau})
    await put_in_force(
        shop.context,
        table(
            "tenureMonths bureauStatus",
            row(">= 6", "-", outcome="approve"),
            row("-", "unknown, notAsked", outcome="approveWithDeposit", deposit={"months": 2}),
            row("-", "down", outcome="refer"),
            row("-", "answered", outcome="approve"),
        ),
    )
    # Anna is a client since 10 May 2024: on 9 November 2024 for 5 whole months. She gave no consent.
    shop.at(datetime(2024, 11, 9, 9, 0, tzinfo=UTC))
    # No table is in force in 2024 but the one shipped: 700.00 a month is not large, so it approves.
    assert await state(shop, await ordered(shop, item("1", "fibre"), item("2", "tv"))) == "inProgress"
    await put_in_force(shop.context, table("", row(outcome="approveWithDeposit", deposit={"months": 2})))
    id = await ordered(shop, item("1", "fibre"), item("2", "tv"))
    assert await state(shop, id) == "pending"
    # 2 months x (500.00 + 200.00) = 1,400.00
    waiting = await case(shop, id)
    assert (waiting.state, waiting.document["deposit"]) == ("awaitingDeposit", money("1400.00"))
    ctx = shop.as_caller(OLEG)
    # 1,000.00 come first: 400.00 are missing. The same receipt noted twice is one payment.
    await pay(ctx, waiting, "B-1", Decimal("1000.00"))
    await pay(ctx, await case(shop, id), "B-1", Decimal("1000.00"))
    await shop.drain()
    assert await state(shop, id) == "pending"
    await change_case(
        ctx,
        await case(shop, id),
        (await case(shop, id)).document | {"payment": [{"reference": "B-2", "amount": money("400.00")}]},
    )
    await shop.drain()
    assert await state(shop, id) == "inProgress"
    done = await case(shop, id)
    assert [s["what"] for s in done.document["trace"]] == ["awaitingDeposit", "paidInPart", "paid"]
    assert [p["amount"]["value"] for p in done.document["payment"]] == [Decimal("1000.00"), Decimal("400.00")]
    assert [d["outcome"] for d in await credit(shop, id)] == ["approveWithDeposit", "approve"]
    with pytest.raises(IllegalMove):
        await pay(ctx, done, "B-3", Decimal("1.00"))
    assert bureau.asked == []


async def test_arrears_late_payments_and_days(shop: Workshop) -> None:
    await put_in_force(
        shop.context,
        table(
            "daysLate latePayments arrears",
            row("> 60", "-", "-", outcome="decline"),
            row("-", "-", "> 1000", outcome="refer"),
            row("-", ">= 3", "-", outcome="approveWithLimit", limit={"months": 1}),
            row("-", "-", "-", outcome="approve"),
        ),
    )
    await indebted(shop, "0")
    world = World()
    for number, (due, paid) in enumerate(
        [
            ("2025-07-01", "2025-07-20"),
            ("2026-02-01", "2026-02-03"),
            ("2026-04-01", None),
            ("2025-06-01", "2025-08-01"),
        ]
    ):
        late = {"dueDate": f"{due}T00:00:00.000Z"} | ({"paidDate": f"{paid}T00:00:00.000Z"} if paid else {})
        world.add(LATE_PAYMENT, id=f"LP-{number}", customer={"id": "C-1"}, **late)
    await world.save(shop.context)

    # 4 June: 1 June 2025 is 368 days ago, so 3 count; 64 days since 1 April are more than 60. Row 1.
    shop.at(day(6, 4))
    id = await ordered(shop, item("1", "fibre"))
    (decision,) = await credit(shop, id)
    assert (decision["outcome"], decision["rule"]) == ("decline", "1")
    assert (decision["inputs"]["daysLate"], decision["inputs"]["latePayments"]) == (64, 3)

    # 5 June: the one of April is paid at last. Row 3: approved, and a limit of one month, 500.00.
    await alter(shop.context, LATE_PAYMENT, "LP-2", paidDate="2026-06-05T00:00:00.000Z")
    shop.at(day(6, 5))
    id = await ordered(shop, item("1", "fibre"))
    (decision,) = await credit(shop, id)
    assert (await state(shop, id), decision["outcome"], decision["limit"]) == (
        "inProgress",
        "approveWithLimit",
        Decimal("500.00"),
    )
    assert (await shop.get(BILLING_ACCOUNT, "BA-C-1"))["creditLimit"] == money("500.00")


async def test_bureau_down_has_a_row_of_its_own_and_is_asked_again_for_the_next_order(shop: Workshop) -> None:
    bureau = HandBureau()
    shop.context = replace(shop.context, ports={**shop.context.ports, CreditBureau: bureau})
    stored = await shop.context.store.get(SYSTEM, CUSTOMER_, "C-1")
    change = shop.context.change()
    agreed = [*stored.document["characteristic"], {"name": "creditBureauConsent", "value": True}]
    change.update(stored, stored.document | {"characteristic": agreed})
    await shop.context.store.commit(change)
    await put_in_force(
        shop.context,
        table(
            "bureauStatus bureauScore",
            row(
                "down",
                "-",
                outcome="refer",
                reason={"en": "The bureau did not answer.", "ru": "Бюро не ответило."},
            ),
            row("-", "< 600", outcome="decline"),
            row("-", "-", outcome="approve"),
        ),
    )
    # 3 June, 09:51: the bureau is closed. Olga decides by what she knows.
    bureau.away = True
    id = await ordered(shop, item("1", "fibre"))
    assert await state(shop, id) == "held"
    assert (await credit(shop, id))[0]["reasons"][0]["text"] == {
        "en": "The bureau did not answer.",
        "ru": "Бюро не ответило.",
    }
    await decide(shop.as_caller(OLGA), await case(shop, id), "approved", why="Known to the shop in Svobody.")
    await shop.drain()
    assert await state(shop, id) == "inProgress"
    # Half an hour later it answers: 640. It was asked twice, and the answer holds for a day.
    bureau.away, bureau.score = False, 640
    assert await state(shop, await ordered(shop, item("1", "fibre"))) == "inProgress"
    assert await state(shop, await ordered(shop, item("1", "fibre"))) == "inProgress"
    assert bureau.asked == ["C-1", "C-1"]


async def test_referred_and_approved_with_a_deposit_and_a_limit(shop: Workshop) -> None:
    # 1 July: 300.00 are overdue. Row 3 of the table shipped: a person decides.
    shop.at(day(7, 1))
    await indebted(shop, "300.00")
    id = await ordered(shop, item("1", "fibre"))
    assert await state(shop, id) == "held"
    rows, total = await cases_in(shop.context.store, ("referred",))
    assert (total, rows[0].document["id"], await case_counts(shop.context.store)) == (1, id, {"referred": 1})
    assert rows[0].document["decision"]["inputs"]["arrears"] == Decimal("300.00")

    # 2 July: Olga must say why; then she asks for one month, 500.00, and sets a limit of 1,000.00.
    shop.at(day(7, 2))
    with pytest.raises(BadInput):
        await decide(shop.as_caller(OLGA), await case(shop, id), "approved", why="")
    with pytest.raises(BadInput):
        await decide(shop.as_caller(OLGA), await case(shop, id), "approved", why="ok", deposit=money("-1"))
    await decide(
        shop.as_caller(OLGA),
        await case(shop, id),
        "approved",
        why="The debt is one bill old.",
        deposit=money("500.00"),
        limit=money("1000.00"),
    )
    # TMF622 has no way from held to pending: the order waits where it is.
    await shop.drain()
    assert await state(shop, id) == "held" and await case_counts(shop.context.store) == {"awaitingDeposit": 1}
    # 4 July: the money is there.
    shop.at(day(7, 4))
    await pay(shop.as_caller(OLEG), await case(shop, id), "B-77", Decimal("500.00"))
    await shop.drain()
    assert await state(shop, id) == "inProgress" and await case_counts(shop.context.store) == {}
    assert (await shop.get(BILLING_ACCOUNT, "BA-C-1"))["creditLimit"] == money("1000.00")
    trace = (await case(shop, id)).document["trace"]
    assert [(s["what"], s["by"], s["at"][:10]) for s in trace] == [
        ("referred", "table", "2026-07-01"),
        ("awaitingDeposit", "olga", "2026-07-02"),
        ("paid", "oleg", "2026-07-04"),
    ]
    assert trace[1]["why"] == "The debt is one bill old."


async def test_the_table_changed_between_two_orders(shop: Workshop) -> None:
    # In June nothing above 10,000.00 is special for old clients; from 1 September 600.00 a month need a person.
    shop.at(day(8, 25))
    await put_in_force(
        shop.context,
        table("monthly", row("> 600", outcome="refer"), row("-", outcome="approve")),
        "2026-09-01T00:00:00.000Z",
    )
    # 31 August: 500.00 + 200.00 = 700.00, by the table shipped: approved. 1 September: the same order is referred.
    shop.at(day(8, 31))
    first = await ordered(shop, item("1", "fibre"), item("2", "tv"))
    shop.at(day(9, 1))
    second = await ordered(shop, item("1", "fibre"), item("2", "tv"))
    assert (await state(shop, first), await state(shop, second)) == ("inProgress", "held")
    (before,), (after,) = await credit(shop, first), await credit(shop, second)
    assert (before["rulesVersion"], before["rule"], before["outcome"]) == ("1", "5", "approve")
    assert (after["rulesVersion"], after["rule"], after["outcome"]) == ("2", "1", "refer")
    assert after["inputs"]["monthly"] == Decimal("700.00") and after["row"]["cell"] == ["> 600"]


async def test_release_cancellation_and_amendment_leave_no_case_behind(shop: Workshop) -> None:
    await indebted(shop, "300.00")
    released, cancelled, amended = [await ordered(shop, item("1", "fibre")) for _ in range(3)]
    assert await case_counts(shop.context.store) == {"referred": 3}
    ctx = shop.as_caller(OLGA)
    stored = await shop.stored(released)
    await change_order(ctx, stored, stored.document | {"state": "inProgress"})
    await shop.drain()
    assert [s["what"] for s in (await case(shop, released)).document["trace"]] == ["referred", "released"]
    assert (await case(shop, released)).document["trace"][1]["by"] == "olga"
    stored = await shop.stored(cancelled)
    await change_order(ctx, stored, stored.document | {"state": "cancelled"})
    with pytest.raises(IllegalMove):
        await decide(ctx, await case(shop, cancelled), "approved", why="Too late.")
    assert await case_counts(shop.context.store) == {"referred": 1}
    # The debt is paid, and the third order is looked at again.
    account = await shop.context.store.get(SYSTEM, BILLING_ACCOUNT, "BA-C-1")
    change = shop.context.change()
    change.update(account, account.document | {"paymentStatus": "paid"})
    await shop.context.store.commit(change)
    stored = await shop.stored(amended)
    await change_order(ctx, stored, stored.document | {"requestedStartDate": "2026-06-04T00:00:00Z"})
    await shop.drain()
    assert (await state(shop, amended), (await case(shop, amended)).state) == ("inProgress", "approved")


async def test_an_approval_holds_for_what_it_was_given_for(shop: Workshop) -> None:
    # Approved with a deposit for 500.00 a month; before it is paid the client wants 700.00: decided anew.
    await indebted(shop, "300.00")
    id = await ordered(shop, item("1", "fibre"))
    await decide(
        shop.as_caller(OLGA),
        await case(shop, id),
        "awaitingDeposit",
        why="One month.",
        deposit=money("500.00"),
    )
    stored = await shop.stored(id)
    more = [*stored.document["productOrderItem"], item("2", "tv")]
    await change_order(shop.as_caller(OLGA), stored, stored.document | {"productOrderItem": more})
    await shop.drain()
    assert (await state(shop, id), (await case(shop, id)).state) == ("held", "referred")
    assert (await case(shop, id)).document["monthly"] == Decimal("700.00")
