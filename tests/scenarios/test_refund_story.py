"""June 2026: a deposit of 1,000.00 RUB is paid, the order comes to nothing, the money goes back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from abonent.domain.order_handling import deposit, refunds
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.credit_cases import pay
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentProvider, PaymentReport
from abonent.domain.order_handling.queries_refund import RefundFilter, refund_counts, refunds_listed
from abonent.domain.order_handling.rules_refund import due_sum
from abonent.kit.access import Caller, Role
from abonent.kit.errors import BadInput, Forbidden, IllegalMove
from abonent.kit.jobs import TryAgain
from abonent.kit.values import Money
from tests.support.credit_desk import case, ordered, state
from tests.support.stages import sell_in_stages
from tests.support.till import Till, open_till
from tests.support.workshop import AGENT, NOW
from tests.support.world import item

MARIA = Caller("maria", Role.MANAGER)


@pytest.fixture
async def till(dsn: str) -> AsyncIterator[Till]:
    async with open_till(dsn) as opened:
        await sell_in_stages(opened.shop.context)
        yield opened


async def paid_and_cancelled(till: Till) -> str:
    """The client pays by his link and work begins; then there is no light at the house, he cancels, and what was
    built is taken back."""
    shop = till.shop
    shop.network.prompt = False
    id = await ordered(shop, item("1", "fibre"))
    await till.click(id)
    assert await state(shop, id) == "inProgress"
    await shop.report(f"{id}/1.line", "completed")
    await shop.drain()
    await shop.report(f"{id}/1.access", "failed", message="no light")
    stored = await shop.stored(id)
    await cancel(shop.as_caller(AGENT), stored, stored.document, None, "moves abroad")
    await shop.drain()
    assert (await till.request(id))["state"] == "paid"
    await shop.report(f"{id}/1.line.undo", "completed")
    await shop.drain()
    assert await state(shop, id) == "cancelled"
    return id


async def at_the_provider(till: Till) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{till.url}/refunds")).json()


async def test_a_deposit_goes_back_through_the_provider_once(till: Till) -> None:
    id = await paid_and_cancelled(till)
    due = await till.request(id)
    assert (due["state"], due_sum(due)) == ("refundDue", Money(Decimal("1000.00"), "RUB"))
    with pytest.raises(Forbidden):
        await refunds.send_back(till.shop.as_caller(AGENT), id)
    desk = till.shop.as_caller(MARIA)
    assert (await refunds.send_back(desk, id))["state"] == "refunding"
    with pytest.raises(IllegalMove):
        await refunds.send_back(desk, id)
    with pytest.raises(IllegalMove):  # he is sending it already
        await refunds.given_back(desk, id, "PP-1")
    # The provider is away, then slow: it is asked again under the same key.
    await till.behave(down=True)
    with pytest.raises(TryAgain):
        await refunds.refund(till.shop.context, id)
    await till.behave(slow_refunds=True)
    with pytest.raises(TryAgain):
        await refunds.refund(till.shop.context, id)
    assert (await till.request(id))["state"] == "refunding"
    for _ in range(3):
        await till.shop.drain()
        await refunds.refund(till.shop.context, id)
    done, there = await till.request(id), await at_the_provider(till)
    assert done["state"] == "refunded"
    assert [(r["amount"], r["status"]) for r in there] == [("1000.00", "refunded")]
    assert done["late"][0]["back"]["document"] == there[0]["id"]
    # What the case and the order did afterwards asks for nothing more.
    await deposit.follow(till.shop.context, id)
    assert await till.request(id) == done


async def test_what_the_provider_refuses_is_given_back_otherwise_and_named(till: Till) -> None:
    id = await paid_and_cancelled(till)
    await till.behave(refuse_refunds=True)
    desk = till.shop.as_caller(MARIA)
    await refunds.send_back(desk, id)
    await till.shop.drain()
    refused = await till.request(id)
    assert refused["state"] == "refundDue" and "the card of this payment was closed" in str(
        refused["refusal"]
    )
    for nothing in ("", "   ", "9" * 101):
        with pytest.raises(BadInput):
            await refunds.given_back(desk, id, nothing)
    done = await refunds.given_back(desk, id, " PP-2026-118 ")
    assert done["state"] == "refunded" and "refusal" not in done
    back = done["late"][0]["back"]
    assert (back["how"], back["document"], back["by"]) == ("otherwise", "PP-2026-118", "maria")
    with pytest.raises(IllegalMove):
        await refunds.given_back(desk, id, "PP-2026-119")
    assert await at_the_provider(till) == []


async def test_a_part_that_was_paid_in_cash_is_due_back_when_the_term_is_over(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    desk = till.shop.as_caller(AGENT)
    await pay(desk, await case(till.shop, id), "cash 7", Decimal("400.00"))
    await till.shop.drain()
    await till.shop.pass_time(timedelta(days=8))
    assert await state(till.shop, id) == "cancelled"
    due = await till.request(id)
    assert (due["state"], due_sum(due).amount) == ("refundDue", Decimal("400.00"))
    # It did not come through the provider, so it cannot go back through him.
    with pytest.raises(IllegalMove):
        await refunds.send_back(till.shop.as_caller(MARIA), id)
    # The rest comes late by the link: both are due; the provider sends back his part, cash remains.
    late = PaymentReport(due["key"], "paid", "R-LATE", Decimal("600.00"), "RUB")
    await deposit.report(till.shop.context, late)
    assert due_sum(await till.request(id)).amount == Decimal("1000.00")
    stored = await till.shop.context.store.get(MARIA, PAYMENT_REQUEST, id)
    await refunds.change_request(
        till.shop.as_caller(MARIA), stored, stored.document | {"state": "refunded", "refundDocument": "K-3"}
    )
    assert (await till.request(id))["state"] == "refunded"


async def test_a_client_who_cancels_while_he_is_asked_is_asked_no_more_at_once(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    stored = await till.shop.stored(id)
    await cancel(till.shop.as_caller(AGENT), stored, stored.document, None, "changed his mind")
    await till.shop.drain()
    assert (await till.request(id))["state"] == "cancelled"


async def test_a_process_without_a_provider_says_so(till: Till) -> None:
    id = await paid_and_cancelled(till)
    del till.shop.context.ports[PaymentProvider]  # type: ignore[attr-defined]
    with pytest.raises(IllegalMove):
        await refunds.send_back(till.shop.as_caller(MARIA), id)


async def test_the_queue_is_found_by_state_and_client_the_longest_due_first(till: Till) -> None:
    first = await paid_and_cancelled(till)
    till.shop.at(NOW + timedelta(days=2))
    second = await paid_and_cancelled(till)
    store = till.shop.context.store
    found, total = await refunds_listed(store, RefundFilter())
    assert ([each["id"] for each in found], total) == ([first, second], 2)
    assert (await refunds_listed(store, RefundFilter(client="C-1")))[1] == 2
    assert (await refunds_listed(store, RefundFilter(client="nobody")))[1] == 0
    await refunds.given_back(till.shop.as_caller(MARIA), first, "PP-1")
    assert (await refunds_listed(store, RefundFilter()))[1] == 1
    assert [each["id"] for each in (await refunds_listed(store, RefundFilter("refunded")))[0]] == [first]
    assert await refund_counts(store) == {"refundDue": 1}
