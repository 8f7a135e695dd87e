"""The rules of order entry: what is available, what clashes, when it could be ready."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.catalog.rules import price_of
from abonent.domain.catalog.rules_sale import choices, is_sold, quantity_of
from abonent.domain.order_handling.forecast import offer_tasks, soonest, wish_of
from abonent.domain.qualification.rules import AccessPath
from abonent.domain.qualification.rules_availability import (
    Clash,
    Place,
    availability,
    clashes,
    dependents,
)
from abonent.kit.values import Money
from tests.support.goods import shop

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
PATHS = (AccessPath("N-1", "GPON", 300, 3),)


def available(
    held: tuple[str, ...] = (), paths: tuple[AccessPath, ...] = PATHS, address: str | None = "A-1"
) -> dict:
    goods = shop()
    return {
        row.offer.id: row for row in availability(goods, goods.offers.values(), Place(address, paths, held))
    }


def test_what_can_be_delivered_stands_apart_from_what_needs_another_and_what_cannot() -> None:
    rows = available()
    assert [id for id, row in rows.items() if row.eligible] == ["bundle", "fibre", "router", "slow"]
    assert rows["tv"].with_one_of == ("fibre", "slow") and rows["tv"].orderable
    assert [r.code for r in rows["turbo"].reasons] == ["tooSlow"]
    assert rows["turbo"].alternatives == ("fibre", "slow")
    assert rows["fibre"].nodes == {"fibre": "N-1"} == rows["bundle"].nodes
    # What it would need cannot be ordered without a third thing: that is too much to promise.
    assert [r.code for r in rows["phone"].reasons] == ["needsProduct"]


def test_what_the_client_has_counts() -> None:
    rows = available(held=("PS-fibre",))
    assert rows["tv"].eligible
    assert [r.code for r in rows["slow"].reasons] == ["excludedBy"]
    assert available(held=("PS-tv",))["phone"].eligible
    # What he has already is no alternative for him.
    assert rows["turbo"].alternatives == ()
    assert available(held=("PS-slow",))["turbo"].alternatives == ("fibre",)


def test_without_a_line_the_rest_can_still_be_ordered() -> None:
    for rows, code in (
        (available(paths=()), "noCoverage"),
        (available(address=None, paths=()), "addressMissing"),
    ):
        assert [id for id, row in rows.items() if row.eligible] == ["router"]
        assert rows["fibre"].reasons[0].code == code
        # Television needs a fibre that cannot be delivered here.
        assert rows["tv"].reasons[0].code == "needsProduct"
    full = available(paths=(AccessPath("N-1", "GPON", 300, 0),))
    assert full["fibre"].reasons[0].code == "noCapacity"
    assert full["bundle"].reasons[0].code == "noCapacity"


def test_a_product_that_is_changed_keeps_its_line() -> None:
    goods, full = shop(), Place("A-1", (AccessPath("N-1", "GPON", 300, 0),), ())
    row = availability(goods, [goods.offers["slow"]], full, keeps_access=True)[0]
    assert row.eligible


def test_what_is_chosen_must_go_together() -> None:
    goods = shop()
    assert clashes(goods, ["fibre", "tv"], ()) == []
    assert clashes(goods, ["bundle"], ()) == []
    assert clashes(goods, ["tv"], ()) == [Clash("tv", "needsProduct", ("fibre", "slow"))]
    assert clashes(goods, ["slow", "fibre"], ()) == [Clash("slow", "excludedBy", ("fibre",))]
    assert clashes(goods, ["slow"], ("PS-fibre",)) == [Clash("slow", "excludedBy", ("fibre",), held=True)]
    assert clashes(goods, ["phone"], ("PS-fibre",)) == [Clash("phone", "needsProduct", ("tv",))]
    assert clashes(goods, ["phone", "tv"], ("PS-fibre",)) == []


def test_what_would_be_left_without_its_line() -> None:
    goods = shop()
    held = {"P-1": "PS-fibre", "P-2": "PS-tv", "P-3": "PS-phone", "P-4": "PS-router"}
    assert dependents(goods, "P-1", held) == ("P-2",)
    assert dependents(goods, "P-2", held) == ("P-3",)
    assert dependents(goods, "P-4", held) == ()
    assert dependents(goods, "P-1", held | {"P-5": "PS-slow"}) == ()
    assert dependents(goods, "P-1", held | {"P-6": "PS-fibre"}) == ()


def test_a_bundle_saves_against_its_parts() -> None:
    goods = shop()
    assert goods.saving("bundle") == Money(Decimal("100.00"), "RUB")
    assert goods.saving("fibre") is None


@pytest.mark.parametrize(
    ("more", "sold"),
    [
        ({}, True),
        ({"lifecycleStatus": "Launched"}, True),
        ({"lifecycleStatus": "Retired"}, False),
        ({"isSellable": False}, False),
        ({"validFor": {"startDateTime": "2026-06-04T00:00:00Z"}}, False),
        ({"validFor": {"endDateTime": "2026-06-03T09:51:00Z"}}, False),
        (
            {"validFor": {"startDateTime": "2026-06-01T00:00:00Z", "endDateTime": "2026-07-01T00:00:00Z"}},
            True,
        ),
    ],
)
def test_when_an_offering_is_sold(more: dict[str, Any], sold: bool) -> None:
    assert is_sold({"id": "x", **more}, NOW) is sold


def test_a_price_that_the_offering_carries_itself_counts_with_its_tax() -> None:
    carried = {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "EUR", "value": 12}}}
    assert price_of({"productOfferingPrice": [carried]}, {}, "recurring") == Money(Decimal(12), "EUR")


def test_the_date_of_an_offering_is_that_of_its_plan() -> None:
    goods = shop()
    assert soonest(offer_tasks(goods, goods.offers["fibre"], "A-1", {}), NOW, {}) == NOW + timedelta(
        minutes=13
    )
    bundle = offer_tasks(goods, goods.offers["bundle"], "A-1", {"fibre": "N-1"})
    assert {t.item for t in bundle} == {"1", "1.1", "1.2"}
    assert next(t for t in bundle if t.kind == "reserve").spec["node"] == "N-1"


def test_a_visit_waits_for_the_first_free_slot_after_what_is_before_it() -> None:
    goods = shop(visits=True)
    tasks = offer_tasks(goods, goods.offers["fibre"], "A-1", {})
    wish = next(wish_of(t) for t in tasks if t.kind == "workOrder")
    assert (wish.skill, wish.address, wish.minutes) == ("fibre", "A-1", 120)
    early = (NOW, NOW + timedelta(hours=2))
    slot = (NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
    assert soonest(tasks, NOW, {wish: [early, slot]}) == slot[1] + timedelta(minutes=12)
    assert soonest(tasks, NOW, {wish: [early]}) is None


def test_what_may_be_chosen_about_an_offering() -> None:
    router = shop().offers["router"]
    assert [(c.name, c.values, c.least, c.most) for c in choices(router)] == [
        ("colour", ("white", "black"), None, None),
        ("rooms", (), 1, 9),
        ("quantity", (), 1, 3),
    ]
    assert quantity_of(router) == (1, 3)
    assert quantity_of(shop().offers["fibre"]) == (1, 1)
