"""Summer 2026: an offering under contract is not delivered before its client accepted the paper."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from abonent import main
from abonent.domain.agreement import contracts
from abonent.domain.agreement.contract_resources import CONTRACT, CONTRACT_FILE, CONTRACT_TEMPLATE
from abonent.domain.agreement.resources import AGREEMENT
from abonent.domain.agreement.rules_agreement import agreement_number
from abonent.domain.agreement.rules_contract import contract_number
from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.order_handling.cancel import cancel
from abonent.kit.access import SYSTEM
from abonent.kit.errors import BadInput, Forbidden, IllegalMove, NotFound
from tests.support.contracts import TEMPLATE, needs_contract
from tests.support.credit_desk import ordered, state, told
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import alter, build, item


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context, ports=10)
        await contracts.create_template(opened.context, dict(TEMPLATE))
        await needs_contract(opened.context, "fibre")
        yield opened


async def test_work_begins_when_the_client_accepted(shop: Workshop) -> None:
    relies: dict[str, Any] = {"productOrderItemRelationship": [{"id": "1", "relationshipType": "reliesOn"}]}
    id = await ordered(shop, item("1", "fibre"), item("2", "tv", **relies))
    assert await state(shop, id) == "inProgress"
    tasks = await shop.tasks(id)
    assert tasks["1.contract"] == "ready" and tasks["1.port"] == "pending"
    assert not shop.network.submitted
    contract = await shop.get(CONTRACT, contract_number(id))
    file = await contracts.file_of(shop.as_caller(CLIENT), contract["id"])
    assert file.startswith(b"%PDF") and contract["language"] == "ru"
    assert (contract["sha256"], contract["size"]) == (sha256(file).hexdigest(), len(file))
    kept = await shop.get(CONTRACT_FILE, contract["id"])
    assert base64.b64decode(kept["content"]) == file and kept["sha256"] == contract["sha256"]
    assert "productOrder.contractOffered" in await told(shop, id)
    with pytest.raises(NotFound):
        await contracts.accept(shop.as_caller(STRANGER), contract["id"], how="link")
    done = await contracts.accept(shop.as_caller(CLIENT), contract["id"], how="link")
    again = await contracts.accept(shop.as_caller(CLIENT), contract["id"], how="link")
    assert done == again and done["acceptance"]["how"] == "link"
    await agreed(shop, contract["id"])
    await shop.drain()
    assert await state(shop, id) == "completed"
    assert (await shop.tasks(id))["1.contract"] == "completed"


async def agreed(shop: Workshop, contract: str) -> None:
    """What the client accepted stands as an agreement that he reads and nobody changes."""
    stored = await shop.context.store.get(CLIENT, AGREEMENT, agreement_number(contract))
    AGREEMENT.shape.check(dict(stored.document))
    assert stored.document["status"] == "approved" and stored.document["engagedParty"][0]["id"] == "C-1"
    assert stored.document["agreementAuthorization"][0]["signatureRepresentation"] == "electronic"
    ours = main.actions().of(AGREEMENT)
    with pytest.raises(IllegalMove, match=contract):
        await ours.change(shop.as_caller(AGENT), stored, stored.document | {"status": "rejected"})
    with pytest.raises(IllegalMove, match=contract):
        await ours.remove(shop.as_caller(AGENT), stored)


async def test_in_the_office_a_document_is_looked_at(shop: Workshop) -> None:
    id = await ordered(shop, item("1", "fibre"))
    number, desk = contract_number(id), shop.as_caller(AGENT)
    for kind, digits in (
        ("library card", "12"),
        ("passport", ""),
        ("passport", "123456"),
        ("passport", "ab"),
    ):
        with pytest.raises(BadInput):
            await contracts.accept(desk, number, how="office", kind=kind, digits=digits)
    with pytest.raises(Forbidden):
        await contracts.accept(shop.as_caller(CLIENT), number, how="office", kind="passport", digits="1234")
    done = await contracts.accept(desk, number, how="office", kind="passport", digits="1234")
    assert done["acceptance"] | {"at": ""} == {
        "at": "", "by": "olga", "how": "office", "documentKind": "passport", "documentDigits": "1234",
    }  # fmt: skip
    await shop.drain()
    assert await state(shop, id) == "completed"


async def test_who_does_not_accept_is_reminded_and_then_the_order_is_over(shop: Workshop) -> None:
    id = await ordered(shop, item("1", "fibre"))
    await shop.pass_time(timedelta(days=4.1))
    assert (await told(shop, id)).count("productOrder.contractReminder") == 1
    await shop.pass_time(timedelta(days=6))
    over = await shop.order(id)
    assert (over["state"], over["cancellationReason"]) == (
        "cancelled",
        "The contract was not accepted in time.",
    )
    assert (await shop.get(CONTRACT, contract_number(id)))["state"] == "expired"
    with pytest.raises(IllegalMove):
        await contracts.accept(shop.as_caller(CLIENT), contract_number(id), how="link")
    assert not shop.network.submitted


async def test_an_order_is_cancelled_while_its_contract_waits(shop: Workshop) -> None:
    id = await ordered(shop, item("1", "fibre"))
    stored = await shop.stored(id)
    await cancel(shop.as_caller(AGENT), stored, stored.document, None, "changed his mind")
    await shop.drain()
    assert await state(shop, id) == "cancelled"
    await shop.pass_time(timedelta(days=5))
    assert "productOrder.contractReminder" not in await told(shop, id)
    await shop.pass_time(timedelta(days=6))
    assert (await shop.order(id)).get("cancellationReason") != "The contract was not accepted in time."


async def test_two_items_wait_for_one_contract(shop: Workshop) -> None:
    await needs_contract(shop.context, "tv")
    relies: dict[str, Any] = {"productOrderItemRelationship": [{"id": "1", "relationshipType": "reliesOn"}]}
    id = await ordered(shop, item("1", "fibre"), item("2", "tv", **relies))
    tasks = await shop.tasks(id)
    assert (tasks["1.contract"], tasks["2.contract"]) == ("ready", "ready")
    await contracts.accept(shop.as_caller(CLIENT), contract_number(id), how="link")
    await shop.drain()
    assert await state(shop, id) == "completed"


async def test_a_template_is_checked_and_counted(shop: Workshop) -> None:
    with pytest.raises(BadInput):
        await contracts.create_template(shop.context, {**TEMPLATE, "id": "empty", "clause": []})
    stored = await shop.context.store.get(SYSTEM, CONTRACT_TEMPLATE, "home")
    newer = await contracts.change_template(shop.context, stored, stored.document | {"termDays": 5})
    assert (stored.document["version"], newer["version"]) == (1, 2)
    with pytest.raises(BadInput):
        await contracts.change_template(shop.context, stored, stored.document | {"termDays": 900})


async def test_what_names_no_template_of_ours_needs_no_contract(shop: Workshop) -> None:
    id = await ordered(shop, item("1", "fibre", product={}), client="C-1")
    assert "1.contract" in await shop.tasks(id)
    await alter(shop.context, PRODUCT_OFFERING, "fibre", agreement=[{"id": "home", "href": ""}])
    other = await ordered(shop, item("1", "fibre"))
    assert "1.contract" not in await shop.tasks(other)
