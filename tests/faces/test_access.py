"""Roles and ownership over HTTP: every resource against every role, and what a client sees of others: nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from abonent import main
from abonent.kit.access import STAFF, Role
from abonent.kit.resource import Resource
from tests.support.web import CUSTOMERS, ORDERS, Web, error_of, run_web
from tests.support.world import build, item, order

ON_THE_WIRE = [r for r in main.REGISTRY if r.base]
# Written down here, independently: what clients may read, and who may write what.
CLIENT_READS = {
    *("individual", "organization", "customer", "partyRole", "billingAccount", "product", "service"),
    *("category", "catalog", "productOffering", "productOfferingPrice", "productSpecification"),
    *("serviceSpecification", "geographicAddress", "productOfferingQualification"),
    *("checkServiceQualification", "productOrder", "cancelProductOrder", "communicationMessage"),
    *("quote", "appointment", "searchTimeSlot", "endingRule", "equipmentReturn", "contract"),
    *("partyAccount", "settlementAccount", "financialAccount", "agreement", "agreementSpecification"),
    *("billingCycleSpecification", "billFormat", "billPresentationMedia", "permission", "userRole"),
    *("serviceCatalog", "serviceCategory", "serviceCandidate", "queryServiceQualification"),
    "partyInteraction",
}
CLIENT_WRITES = {
    *("productOrder", "cancelProductOrder", "quote", "appointment", "searchTimeSlot"),
    *("productOfferingQualification", "checkServiceQualification", "queryServiceQualification"),
}
MANAGERS_WRITE = {
    *("category", "catalog", "productOffering", "productOfferingPrice", "productSpecification"),
    *("serviceSpecification", "decomposition", "creditTable", "messageTemplate", "resourcePool"),
    *("endingRule", "depositPolicy", "contractTemplate", "communicationRule", "paymentRequest"),
    *("quotePolicy", "crew", "crewAbsence", "agreementSpecification"),
    *("billingCycleSpecification", "billFormat", "billPresentationMedia"),
    *("serviceCatalog", "serviceCategory", "serviceCandidate", "catalogFile"),
    *("importJob", "exportJob", "serviceImportJob", "serviceExportJob"),
}
MANAGERS = {Role.ADMIN, Role.MANAGER, Role.SYSTEM}
# Written by others than the rest: what billing tells, what a person decides of credit, who may do what, how lines are
# tested.
WRITERS = {
    "latePayment": {Role.ADMIN, Role.SYSTEM},
    "creditCase": {*MANAGERS, Role.AGENT},
    "permission": {Role.ADMIN, Role.SYSTEM},
    "userRole": {Role.ADMIN, Role.SYSTEM},
    "serviceTestSpecification": {*MANAGERS, Role.ENGINEER},
}


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        yield running


def may_read(resource: Resource, role: Role) -> bool:
    return role in STAFF or resource.name in CLIENT_READS


def may_write(resource: Resource, role: Role) -> bool:
    if role is Role.CLIENT:
        return resource.name in CLIENT_WRITES
    if resource.name in WRITERS:
        return role in WRITERS[resource.name]
    return role in MANAGERS or resource.name not in MANAGERS_WRITE


@pytest.mark.parametrize("role", list(Role))
async def test_what_each_role_may_do_with_each_resource(web: Web, role: Role) -> None:
    before = await web.counts()
    async with web.client(role, "C-1" if role is Role.CLIENT else None) as http:
        for resource in ON_THE_WIRE:
            read = await http.get(resource.path, params={"limit": 1})
            if "list" not in resource.operations:
                assert read.status_code == 405, resource.name
                continue
            one = await http.get(f"{resource.path}/404")
            if may_read(resource, role):
                assert read.status_code in {200, 206}, (resource.name, read.text)
                error_of(one, 404, "notFound")
            else:
                error_of(read, 403, "roleNotAllowed")
                error_of(one, 403)
            if "create" in resource.operations:
                status = (await http.post(resource.path, content=b"[]")).status_code
                assert status == (400 if may_write(resource, role) else 403), resource.name
            if "patch" in resource.operations:
                status = (await http.patch(f"{resource.path}/404", json={})).status_code
                assert status == (404 if may_write(resource, role) else 403), resource.name
            if "delete" in resource.operations:
                status = (await http.delete(f"{resource.path}/404")).status_code
                assert status == (404 if may_write(resource, role) else 403), resource.name
    assert await web.counts() == before


async def test_a_client_sees_and_changes_his_own_alone(web: Web) -> None:
    async with web.client(Role.CLIENT, "C-1") as anna, web.client(Role.CLIENT, "C-2") as boris:
        mine = (await anna.post(ORDERS, json=order(item("1", "fibre"), client=None))).json()
        theirs = (await boris.post(ORDERS, json=order(item("1", "fibre"), client=None))).json()
        assert mine["relatedParty"][0]["id"] == "C-1" and theirs["relatedParty"][0]["id"] == "C-2"
        path = f"{ORDERS}/{theirs['id']}"
        for answer in (
            await anna.get(path),
            await anna.head(path),
            await anna.patch(path, json={"description": "x"}),
            await anna.patch(path, json={"state": "cancelled"}),
            await anna.delete(path),
        ):
            assert answer.status_code == 404
        for params in ({}, {"limit": 10}, {"relatedParty.id": "C-2"}, {"id": theirs["id"], "limit": 1}):
            listed = await anna.get(ORDERS, params=params)
            assert theirs["id"] not in {o["id"] for o in listed.json()}, params
        assert (await anna.get(ORDERS, params={"limit": 10})).headers["x-total-count"] == "1"
        assert (await boris.get(path)).json() == theirs
        assert [c["id"] for c in (await anna.get(CUSTOMERS)).json()] == ["C-1"]


async def test_a_client_orders_for_himself_alone(web: Web) -> None:
    before = await web.counts()
    async with web.client(Role.CLIENT, "C-1") as anna:
        error_of(await anna.post(ORDERS, json=order(item("1", "fibre"), client="C-2")), 403, "otherClient")
    assert await web.counts() == before


async def test_a_client_cannot_hand_his_order_over(web: Web) -> None:
    async with web.client(Role.CLIENT, "C-1") as anna:
        mine = (await anna.post(ORDERS, json=order(item("1", None), client=None))).json()
        assert mine["state"] == "held"
        other = [{"id": "C-2", "role": "customer", "@referredType": "Customer"}]
        error_of(await anna.patch(mine["href"], json={"relatedParty": other}), 403, "otherClient")
        error_of(await anna.patch(mine["href"], json={"state": "inProgress"}), 403, "releaseByStaff")


async def test_another_clients_product_cannot_be_ordered_away(web: Web) -> None:
    product = {
        "name": "Line",
        "status": "active",
        "relatedParty": [{"id": "C-2", "role": "customer", "@referredType": "Customer"}],
    }
    from tests.support.web import PRODUCTS

    made = (await web.admin.post(PRODUCTS, json=product)).json()
    async with web.client(Role.CLIENT, "C-1") as anna:
        error_of(await anna.get(made["href"]), 404)
        for action in ("modify", "delete"):
            ordered = order(item("1", None, action=action, product={"id": made["id"]}), client=None)
            error_of(await anna.post(ORDERS, json=ordered), 400, "unknownProduct")
