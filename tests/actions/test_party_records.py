"""Agreements, interactions, accounts and permissions: who sees and writes them, and the dates the server sets."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from abonent import main
from abonent.domain.agreement.resources import AGREEMENT
from abonent.domain.communication.resources import PARTY_INTERACTION
from abonent.domain.party.resources import (
    BILL_FORMAT,
    FINANCIAL_ACCOUNT,
    PARTY_ACCOUNT,
    PERMISSION,
    SETTLEMENT_ACCOUNT,
    USER_ROLE,
)
from abonent.kit.access import Caller, Role
from abonent.kit.errors import Forbidden, NotFound
from abonent.kit.resource import Resource
from abonent.kit.values import to_wire
from tests.support.workshop import AGENT, CLIENT, NOW, STRANGER, Workshop, workshop

ACTIONS = main.actions()
ANNA: dict[str, Any] = {"id": "C-1", "name": "Anna", "@referredType": "Customer"}
ACCOUNT = {"name": "Anna's", "relatedParty": [ANNA]}
OWN: list[tuple[Resource, dict[str, Any]]] = [
    (PARTY_ACCOUNT, ACCOUNT),
    (SETTLEMENT_ACCOUNT, ACCOUNT),
    (FINANCIAL_ACCOUNT, ACCOUNT),
    (AGREEMENT, {"name": "Frame", "agreementType": "commercial", "agreementItem": [{}], "engagedParty": [ANNA]}),
    (
        PARTY_INTERACTION,
        {
            "direction": "inbound",
            "reason": "question",
            "status": "opened",
            "channel": [{"id": "phone", "href": "x", "name": "phone"}],
            "interactionDate": {},
            "relatedParty": [ANNA | {"href": "x"}],
        },
    ),
    (PERMISSION, {"user": ANNA, "validFor": {}}),
]  # fmt: skip
OPERATORS: list[tuple[Resource, dict[str, Any]]] = [
    (BILL_FORMAT, {"name": "Paper"}),
    (USER_ROLE, {"entitlement": [{"action": "read", "function": "bill"}]}),
]


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        yield opened


async def made(shop: Workshop, resource: Resource, document: dict[str, Any]) -> dict[str, Any]:
    resource.shape.check(dict(document))
    return await ACTIONS.of(resource).create(shop.as_caller(AGENT), dict(document))


@pytest.mark.parametrize(("resource", "document"), OWN, ids=lambda each: getattr(each, "name", ""))
async def test_a_client_reads_his_own_and_writes_none(
    shop: Workshop, resource: Resource, document: dict[str, Any]
) -> None:
    new = await made(shop, resource, document)
    assert (await shop.context.store.get(CLIENT, resource, new["id"])).document == new
    with pytest.raises(NotFound):
        await shop.context.store.get(STRANGER, resource, new["id"])
    with pytest.raises(Forbidden):
        resource.permissions.demand(CLIENT, write=True, what=resource.name)


@pytest.mark.parametrize(("resource", "document"), OPERATORS, ids=lambda each: getattr(each, "name", ""))
async def test_what_is_the_operators_everybody_reads(
    shop: Workshop, resource: Resource, document: dict[str, Any]
) -> None:
    new = await made(shop, resource, document)
    assert (await shop.context.store.get(CLIENT, resource, new["id"])).document == new
    with pytest.raises(Forbidden):
        resource.permissions.demand(AGENT, write=True, what=resource.name)


def test_permissions_are_written_by_administrators_alone() -> None:
    for role in Role:
        for resource in (PERMISSION, USER_ROLE):
            allowed = role in {Role.ADMIN, Role.SYSTEM}
            assert (role in resource.permissions.write) is allowed, role
    PERMISSION.permissions.demand(Caller("root", Role.ADMIN), write=True, what="permission")


async def test_a_permission_knows_when_it_was_given(shop: Workshop) -> None:
    new = await made(shop, PERMISSION, {"user": ANNA, "validFor": {}})
    assert new["creationDate"].startswith(to_wire(NOW)[:16])


async def test_an_interaction_knows_when_its_status_changed(shop: Workshop) -> None:
    given = dict(OWN[4][1])
    new = await made(shop, PARTY_INTERACTION, given)
    assert new["creationDate"] == new["statusChangeDate"] and new["creationDate"].startswith("2026-06-03")
    noted = await made(shop, PARTY_INTERACTION, given | {"creationDate": "2026-06-01T08:00:00.000Z"})
    assert noted["creationDate"] == "2026-06-01T08:00:00.000Z"
    shop.at(NOW + timedelta(days=1))
    ctx = shop.as_caller(AGENT)

    async def change(**attributes: Any) -> dict[str, Any]:
        stored = await ctx.store.get(AGENT, PARTY_INTERACTION, new["id"])
        return await ACTIONS.of(PARTY_INTERACTION).change(
            shop.as_caller(AGENT), stored, stored.document | attributes
        )

    assert (await change(description="asked for the bill"))["statusChangeDate"] == new["statusChangeDate"]
    assert (await change(status="completed"))["statusChangeDate"].startswith("2026-06-04")
    rows = await shop.rows("SELECT type FROM event WHERE resource_id = $1 ORDER BY at, type", new["id"])
    assert {row[0] for row in rows} == {
        "PartyInteractionCreateEvent",
        "PartyInteractionAttributeValueChangeEvent",
        "PartyInteractionStatusChangeEvent",
    }
