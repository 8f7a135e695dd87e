"""A product offering qualification (TMF679) is answered at once, by the rules orders are assessed with."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from abonent.domain.catalog.resources import PRODUCT_OFFERING
from abonent.domain.inventory.resources import PRODUCT
from abonent.domain.order_handling.intake import place_order
from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.qualification.actions import qualify_offering
from abonent.domain.qualification.resources import PRODUCT_OFFERING_QUALIFICATION
from abonent.kit.access import Caller
from abonent.kit.errors import NotFound
from tests.support.workshop import AGENT, CLIENT, STRANGER, Workshop, workshop
from tests.support.world import World, alter, build, item, order


@pytest.fixture
async def shop(dsn: str) -> AsyncIterator[Workshop]:
    async with workshop(dsn) as opened:
        await build(opened.context)
        yield opened


def asked(offering: str | None, address: str | None = "A-1", id: str = "1", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"id": id, **more}
    if offering:
        made["productOffering"] = {"id": offering}
    if address:
        made["product"] = {"place": [{"id": address, "role": "installationAddress"}]}
    return made


async def answer(
    shop: Workshop, *items: dict[str, Any], caller: Caller = AGENT, **more: Any
) -> dict[str, Any]:
    document = {"productOfferingQualificationItem": list(items), **more}
    answered = await qualify_offering(shop.as_caller(caller), document)
    kept = await shop.get(PRODUCT_OFFERING_QUALIFICATION, answered["id"])
    assert kept == answered
    PRODUCT_OFFERING_QUALIFICATION.shape.check(dict(kept))
    return answered


def codes(item: dict[str, Any]) -> list[str]:
    return [r["code"] for r in item.get("eligibilityUnavailabilityReason", ())]


async def held(shop: Workshop, client: str, specification: str) -> None:
    world = World()
    party = {"id": client, "role": "customer", "@referredType": "Customer"}
    world.add(
        PRODUCT, id="P-1", status="active", productSpecification={"id": specification}, relatedParty=[party]
    )
    await world.save(shop.context)


async def test_what_can_be_delivered_is_qualified(shop: Workshop) -> None:
    done = await answer(shop, asked("fibre"))
    assert (done["state"], done["qualificationResult"]) == ("done", "qualified")
    assert done["productOfferingQualificationItem"][0]["qualificationItemResult"] == "qualified"
    assert done["effectiveQualificationDate"].startswith("2026-06-03T09:51")


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (asked("turbo"), ["tooSlow"]),
        (asked("fibre", "A-2"), ["noCoverage"]),
        (asked("fibre", None), ["addressMissing"]),
        (asked("tv"), ["needsProduct"]),
    ],
)
async def test_why_something_cannot(shop: Workshop, item: dict[str, Any], found: list[str]) -> None:
    done = await answer(shop, item)
    line = done["productOfferingQualificationItem"][0]
    assert (done["qualificationResult"], line["qualificationItemResult"]) == ("unqualified", "unqualified")
    assert codes(line) == found
    assert all("{" not in r["label"] for r in line["eligibilityUnavailabilityReason"])


async def test_alternatives_when_they_are_wanted(shop: Workshop) -> None:
    def proposals(done: dict[str, Any]) -> list[str]:
        line = done["productOfferingQualificationItem"][0]
        return [p["alternateProductOffering"]["id"] for p in line["alternateProductOfferingProposal"]]

    assert proposals(await answer(shop, asked("turbo"))) == ["fibre"]
    assert proposals(await answer(shop, asked("turbo"), provideAlternative=False)) == []


async def test_the_address_of_the_whole_request_holds_for_its_items(shop: Workshop) -> None:
    place = [{"id": "A-1", "role": "installationAddress"}]
    assert (await answer(shop, asked("fibre", None), place=place))["qualificationResult"] == "qualified"


async def test_items_are_answered_each_on_its_own(shop: Workshop) -> None:
    done = await answer(shop, asked("fibre"), asked("gone", id="2"), asked(None, id="3"))
    states = [i["state"] for i in done["productOfferingQualificationItem"]]
    assert states == ["done", "terminatedWithError", "terminatedWithError"]
    assert (done["state"], done["qualificationResult"]) == ("done", "unqualified")
    alone = await answer(shop, asked("gone"))
    assert alone["state"] == "terminatedWithError"


async def test_a_request_for_nothing_is_not_qualified(shop: Workshop) -> None:
    assert (await answer(shop))["qualificationResult"] == "unqualified"


async def test_what_the_client_holds_counts(shop: Workshop) -> None:
    await held(shop, "C-1", "PS-fibre")
    client = [{"id": "C-1", "role": "customer", "@referredType": "Customer"}]
    assert (await answer(shop, asked("tv"), relatedParty=client))["qualificationResult"] == "qualified"
    assert (await answer(shop, asked("tv")))["qualificationResult"] == "unqualified"


async def test_a_change_of_ones_line_needs_no_free_port(shop: Workshop) -> None:
    await shop.rows(
        "UPDATE resource SET doc = doc || '{\"resourceStatus\": \"reserved\"}' WHERE category = 'port'"
    )
    assert (await answer(shop, asked("fibre")))["qualificationResult"] == "unqualified"
    assert (await answer(shop, asked("fibre", action="modify")))["qualificationResult"] == "qualified"


async def test_a_client_asks_for_himself_whoever_he_names(shop: Workshop) -> None:
    await held(shop, "C-2", "PS-fibre")
    other = [{"id": "C-2", "role": "customer", "@referredType": "Customer"}]
    done = await answer(shop, asked("tv"), caller=CLIENT, relatedParty=other)
    # Otherwise he would learn what another client holds.
    assert done["qualificationResult"] == "unqualified"
    store = shop.context.store
    assert (await store.get(CLIENT, PRODUCT_OFFERING_QUALIFICATION, done["id"])).id == done["id"]
    with pytest.raises(NotFound):
        await store.get(STRANGER, PRODUCT_OFFERING_QUALIFICATION, done["id"])


async def test_what_is_sold_to_businesses_is_no_private_persons(shop: Workshop) -> None:
    """C-1 and C-2 are private persons until C-2 turns out to be a business."""
    await alter(shop.context, PRODUCT_OFFERING, "fibre", marketSegment=[{"id": "business"}])
    await alter(shop.context, CUSTOMER_, "C-2", engagedParty={"id": "ORG-2", "@referredType": "Organization"})
    for client, refused in (("C-1", ["otherSegment"]), ("C-2", [])):
        party = [{"id": client, "role": "customer", "@referredType": "Customer"}]
        done = await answer(shop, asked("fibre"), relatedParty=party)
        assert codes(done["productOfferingQualificationItem"][0]) == refused
        id = (await place_order(shop.as_caller(AGENT), order(item("1", "fibre"), client=client)))["id"]
        await shop.drain()
        assert ((await shop.order(id))["state"] == "completed") == (not refused)
