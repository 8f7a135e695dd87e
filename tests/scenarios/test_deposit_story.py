"""Summer 2026: deposits asked for, paid by a link of a real provider over HTTP, reminded of, given up.

Fibre 500.00, television 200.00 RUB a month; two months are to be paid in advance.
"""

import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import pytest

from abonent.domain.communication.queries import messages_about
from abonent.domain.order_handling import deposit, refunds
from abonent.domain.order_handling.cancel import cancel
from abonent.domain.order_handling.credit_cases import pay
from abonent.domain.order_handling.deposit_resources import PAYMENT_REQUEST
from abonent.domain.order_handling.ports import PaymentReport
from abonent.gateways.payment import EVENT
from abonent.kit.errors import BadInput, Unauthenticated
from abonent.kit.jobs import TryAgain
from abonent.payment_simulator import Behaviour
from tests.support.credit_desk import case, money, ordered, state, told
from tests.support.till import SECRET, Till, open_till
from tests.support.workshop import AGENT
from tests.support.world import item


@pytest.fixture
async def till(dsn: str) -> AsyncIterator[Till]:
    async with open_till(dsn) as opened:
        yield opened


async def test_the_deposit_is_paid_by_the_link_and_the_order_goes_on(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    asked = await till.request(id)
    assert (await state(till.shop, id), asked["state"], asked["amount"]) == (
        "pending",
        "open",
        money("1000.00"),
    )
    assert asked["payUrl"].startswith(till.url)
    # A refused card changes nothing; the same link can be tried again.
    await till.click(id, "decline")
    assert (await till.request(id))["state"] == "open"
    await till.behave(times=3)
    await till.click(id, reports=3)
    done = await case(till.shop, id)
    assert (done.state, len(done.document["payment"])) == ("approved", 1)
    assert (await till.request(id))["state"] == "paid"
    assert await state(till.shop, id) in {"inProgress", "completed"}
    # What comes again much later, or says that it ran out, is no news.
    key = asked["key"]
    for status in ("paid", "expired", "failed"):
        again = PaymentReport(key, status, till.came[-1].reference, Decimal("1000.00"), "RUB")
        await deposit.report(till.shop.context, again)
    assert (await till.request(id))["state"] == "paid"
    # Nobody is reminded, nothing is cancelled.
    await till.shop.pass_time(timedelta(days=8))
    assert await state(till.shop, id) in {"inProgress", "completed"}
    assert "productOrder.depositReminder" not in await told(till.shop, id)


async def test_who_does_not_pay_is_reminded_twice_and_then_the_order_is_over(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    payment = await till.request(id)
    await till.shop.pass_time(timedelta(days=3.1))
    await till.shop.pass_time(timedelta(days=3))
    assert (await told(till.shop, id)).count("productOrder.depositReminder") == 2
    reminder = (await messages_about(till.shop.context.store, id))[0]
    assert "1 000,00" in reminder["content"].replace("\u00a0", " ")
    assert await state(till.shop, id) == "pending"
    await till.shop.pass_time(timedelta(days=1))
    over = await till.shop.order(id)
    assert (over["state"], over["cancellationReason"]) == ("cancelled", "The deposit was not paid in time.")
    assert (await case(till.shop, id)).state == "withdrawn"
    assert (await till.request(id))["state"] == "expired"
    assert (await told(till.shop, id))[-1] == "productOrder.cancelled"
    async with httpx.AsyncClient(trust_env=False) as http:
        known = (await http.get(f"{till.url}/payments/{payment['providerId']}")).json()
    assert known["status"] == "cancelled"
    # The money had been on its way: it is due back, and the order stays as it is.
    late = PaymentReport(payment["key"], "paid", "R-LATE", Decimal("1000.00"), "RUB")
    for _ in range(2):
        await deposit.report(till.shop.context, late)
    after = await till.request(id)
    assert (after["state"], len(after["late"])) == ("refundDue", 1)
    assert await state(till.shop, id) == "cancelled"
    stored = await till.shop.context.store.get(AGENT, PAYMENT_REQUEST, id)
    patched = stored.document | {"state": "refunded", "refundDocument": "PP-17"}
    given = await refunds.change_request(till.shop.context, stored, patched)
    assert given["state"] == "refunded" and given["late"][0]["back"]["document"] == "PP-17"


async def test_cancelling_a_part_makes_the_deposit_less(till: Till) -> None:
    relies: dict[str, Any] = {"productOrderItemRelationship": [{"id": "1", "relationshipType": "reliesOn"}]}
    id = await ordered(till.shop, item("1", "fibre"), item("2", "tv", **relies))
    first = await till.request(id)
    assert first["amount"] == money("1400.00")
    stored = await till.shop.stored(id)
    await cancel(till.shop.as_caller(AGENT), stored, stored.document, ["2"], "no television")
    await till.shop.drain()
    less = await till.request(id)
    assert (less["amount"], less["state"], less["attempt"]) == (money("1000.00"), "open", 2)
    assert less["due"] == first["due"] and less["payUrl"] != first["payUrl"]
    await till.click(id)
    assert (await case(till.shop, id)).state == "approved"
    assert await state(till.shop, id) == "partial"


async def test_money_noted_by_hand_ends_the_request_and_a_part_leaves_the_rest(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    desk = till.shop.as_caller(AGENT)
    await pay(desk, await case(till.shop, id), "cash 7", Decimal("400.00"))
    await till.shop.drain()
    rest = await till.request(id)
    assert (rest["state"], rest["amount"], rest["attempt"]) == ("open", money("600.00"), 2)
    await pay(desk, await case(till.shop, id), "cash 8", Decimal("600.00"))
    await till.shop.drain()
    assert (await till.request(id))["state"] == "paid"
    assert await state(till.shop, id) in {"inProgress", "completed"}


async def test_a_client_who_cancels_is_asked_for_nothing(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    stored = await till.shop.stored(id)
    await cancel(till.shop.as_caller(AGENT), stored, stored.document, None, "changed his mind")
    await till.shop.drain()
    await till.shop.pass_time(timedelta(days=8))
    assert "productOrder.depositReminder" not in await told(till.shop, id)
    ended = await till.request(id)
    assert ended["state"] == "cancelled"
    key = ended["key"]
    await deposit.report(till.shop.context, PaymentReport(key, "paid", "R-1", Decimal("1000.00"), "RUB"))
    assert (await till.request(id))["state"] == "refundDue"


async def test_a_link_that_ran_out_is_made_anew(till: Till) -> None:
    id = await ordered(till.shop, item("1", "fibre"))
    first = await till.request(id)
    out = PaymentReport(first["key"], "expired", "R-0", Decimal("1000.00"), "RUB")
    for _ in range(2):
        await deposit.report(till.shop.context, out)
        await till.shop.drain()
    second = await till.request(id)
    assert (second["state"], second["attempt"], second["due"]) == ("open", 2, first["due"])
    # Paid at the first link after all: money is money.
    paid = PaymentReport(first["key"], "paid", "R-1", Decimal("1000.00"), "RUB")
    await deposit.report(till.shop.context, paid)
    await till.shop.drain()
    assert (await till.request(id))["state"] == "paid"


async def test_a_provider_that_is_away_is_asked_again(till: Till) -> None:
    await till.behave(down=True)
    with pytest.raises(TryAgain):
        await ordered(till.shop, item("1", "fibre"))
    orders = await till.shop.rows("SELECT id FROM product_order")
    id = orders[0][0]
    assert (await till.request(id))["state"] == "asked"
    await till.behave()
    await deposit.open_payment(till.shop.context, order=id)
    await deposit.open_payment(till.shop.context, order=id)
    assert (await till.request(id))["state"] == "open"


async def test_reports_that_are_not_the_providers_are_refused(till: Till) -> None:
    payload = json.dumps(
        {"externalId": "O-1/1", "status": "paid", "reference": "R", "amount": "1", "currency": "RUB"}
    )
    forged = json.dumps({"payload": payload, "signature": "0" * 64}).encode()
    with pytest.raises(Unauthenticated):
        till.provider.parse(EVENT, forged)
    good = hmac.new(SECRET.encode(), payload.encode(), sha256).hexdigest()
    told = till.provider.parse(EVENT, json.dumps({"payload": payload, "signature": good}).encode())
    with pytest.raises(BadInput):
        await deposit.report(till.shop.context, told)  # nobody asked for it
    for body in (b"", b"[]", b'{"payload": 1}', forged[:-3]):
        with pytest.raises(BadInput):
            till.provider.parse(EVENT, body)
    bad = json.dumps(
        {"externalId": "O-1/1", "status": "paid", "reference": "R", "amount": "NaN", "currency": "RUB"}
    )
    signed = {"payload": bad, "signature": hmac.new(SECRET.encode(), bad.encode(), sha256).hexdigest()}
    with pytest.raises(BadInput):
        till.provider.parse(EVENT, json.dumps(signed).encode())
    with pytest.raises(BadInput):
        till.provider.parse("other", forged)


def test_behaviour_has_quiet_defaults() -> None:
    assert Behaviour() == Behaviour(times=1, late=0.0, down=False, silent=False)
