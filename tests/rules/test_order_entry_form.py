"""What is typed into a new order, and the body it makes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict

from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.order_handling.rules import IntakeFacts, check_items
from abonent.domain.qualification.rules_availability import Available
from abonent.faces.console.order_entry.answers import judge
from abonent.faces.console.order_entry.document import Meant, document, external_id, monthly_of
from abonent.faces.console.order_entry.draft import Draft, quantity_field, read_draft, value_field
from abonent.faces.console.order_entry.facts import Facts
from abonent.faces.console.order_entry.rows import soonest_of
from abonent.kit.values import Money
from tests.support.goods import shop
from tests.support.shop import SERIAL

NOW = datetime(2026, 6, 3, 9, 51, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
CLIENT = {"id": "C-1", "name": "Anna"}
ADDRESS = {"id": "A-1", "name": "Svobody 12"}


def judged(**typed: Any) -> Any:
    return judge(Draft(**typed), [shop().offers["router"]], NOW, MOSCOW)


@pytest.mark.parametrize("given", ["0", "4", "-1", "two", "1.5", "99999999999", "²"])
def test_a_quantity_that_cannot_be(given: str) -> None:
    assert quantity_field("router") in judged(fields={quantity_field("router"): given}).wrong


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("colour", "black", "black"),
        ("colour", "green", None),
        ("rooms", "4", 4),
        ("rooms", "2,5", Decimal("2.5")),
        ("rooms", "0", None),
        ("rooms", "many", None),
        ("rooms", "NaN", None),
        ("rooms", "1e99", None),
    ],
)
def test_a_characteristic_is_read_by_its_kind(name: str, given: str, value: Any) -> None:
    field = value_field("router", name)
    found = judged(fields={field: given})
    assert found.values.get("router", {}).get(name) == value
    assert (field in found.wrong) is (value is None)


def test_what_is_not_shown_yet_is_as_the_catalogue_says_and_what_is_emptied_is_not() -> None:
    assert judged().values == {"router": {"colour": "white"}}
    serial = replace(shop().offers["router"], specification={"productSpecCharacteristic": [SERIAL]})
    assert list(judge(Draft(), [serial], NOW, MOSCOW).wrong) == [value_field("router", "serial")]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", None),
        ("2026-06-03", datetime(2026, 6, 3, 15, tzinfo=UTC)),
        ("2026-06-10", datetime(2026, 6, 10, 15, tzinfo=UTC)),
    ],
)
def test_a_day_ends_with_the_working_day(given: str, wanted: datetime | None) -> None:
    found = judged(date=given)
    assert (found.requested, found.wrong) == (wanted, {})


@pytest.mark.parametrize("given", ["2026-06-02", "3 June", "2026-02-30", "2999-01-01", "0001-01-01"])
def test_a_day_that_cannot_be(given: str) -> None:
    assert list(judged(date=given).wrong) == ["date"]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("+7 999 000-00-00", True),
        ("a@example.org", True),
        ("", True),
        ("call me", False),
        ("a@b", False),
        ("12", False),
    ],
)
def test_a_contact_is_a_telephone_or_an_address(given: str, right: bool) -> None:
    assert ("contact" not in judged(contact=given).wrong) is right


def ordered(*ids: str, **typed: Any) -> dict[str, Any]:
    goods, draft = shop(), Draft(client="C-1", offers=ids, **typed)
    chosen = tuple(goods.offers[id] for id in ids)
    made = document(
        Meant(
            CLIENT,
            ADDRESS,
            chosen,
            judge(draft, chosen, NOW, MOSCOW),
            author="Olga",
            at="2026-06-03T09:51:00.000Z",
        ),
        draft,
        goods,
    )
    PRODUCT_ORDER.shape.check(made)
    offerings = {id: o.offering for id, o in goods.offers.items()}
    check_items(made, IntakeFacts(CLIENT, offerings))
    return made


def test_pieces_are_items_of_their_own_and_what_needs_another_waits_for_it() -> None:
    made = ordered("fibre", "tv", "phone", "router", fields={quantity_field("router"): "2"})
    items = made["productOrderItem"]
    assert [i["productOffering"]["id"] for i in items] == ["fibre", "tv", "phone", "router", "router"]
    assert [[r["id"] for r in i.get("productOrderItemRelationship", ())] for i in items] == [
        [],
        ["1"],
        ["2"],
        [],
        [],
    ]
    assert items[3]["product"]["productCharacteristic"] == [{"name": "colour", "value": "white"}]
    assert items[0]["product"]["place"] == [
        {
            "id": "A-1",
            "name": "Svobody 12",
            "role": "installationAddress",
            "@referredType": "GeographicAddress",
        }
    ]
    once = next(p for p in items[3]["itemPrice"] if p["priceType"] == "oneTime")
    assert once["price"]["taxIncludedAmount"]["value"] == Decimal("1500.00")


def test_note_contact_and_date_stand_in_the_order() -> None:
    made = ordered("fibre", note="Dog", contact="+7 999 000-00-00", date="2026-06-10")
    assert made["note"][0]["text"] == "Dog" and made["note"][0]["author"] == "Olga"
    assert made["notificationContact"] == "+7 999 000-00-00"
    assert made["requestedCompletionDate"] == "2026-06-10T15:00:00.000Z"


def test_the_same_order_of_the_same_form_has_one_number_and_another_order_another() -> None:
    first, other = ordered("fibre", note="x"), ordered("fibre", "tv", note="x")
    again = ordered("fibre", note="x")
    again["note"][0]["date"] = "2026-06-04T00:00:00.000Z"
    assert external_id("k", first, "") == external_id("k", again, "")
    numbers = {
        external_id("k", first, ""),
        external_id("k", first, "2026-06-05"),
        external_id("k", other, ""),
        external_id("l", first, ""),
        external_id("k", ordered("fibre", note="y"), ""),
    }
    assert len(numbers) == 5


def test_a_product_costs_what_the_inventory_says_else_its_offering() -> None:
    goods = shop()
    own = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": Decimal(450)}}}]
    assert monthly_of({"productOffering": {"id": "fibre"}, "productPrice": own}, goods) == Money(
        Decimal(450), "RUB"
    )
    assert monthly_of({"productOffering": {"id": "fibre"}}, goods) == Money(Decimal("500.00"), "RUB")
    assert monthly_of({"id": "P-1"}, goods) is None


def test_a_draft_survives_its_address_but_contact_and_note_stay_out_of_it() -> None:
    draft = read_draft(
        ImmutableMultiDict(
            [
                *(
                    ("client", "C-1"),
                    ("address", "A-1"),
                    ("offer", "fibre"),
                    ("offer", "tv"),
                    ("offer", "tv"),
                ),
                *(
                    ("n.router", "2"),
                    ("c.router.colour", "black"),
                    ("date", "2026-06-10"),
                    ("note", "secret"),
                ),
                *(("contact", "+7 999"), ("key", "0123456789abcdef"), ("action", "add")),
            ]
        )
    )
    assert draft.offers == ("fibre", "tv") and draft.key == "0123456789abcdef"
    address = draft.address_of()
    assert "secret" not in address and "999" not in address
    query = ImmutableMultiDict(parse_qsl(address.partition("?")[2]))
    again = read_draft(query)
    assert (again.client, again.address, again.offers, again.fields, again.date) == (
        draft.client,
        draft.address,
        draft.offers,
        draft.fields,
        draft.date,
    )


@given(st.lists(st.tuples(st.sampled_from(["client", "offer", "product", "action", "key", "date", "n.x", "c.x.y"]),
                          st.text(max_size=300))))  # fmt: skip
def test_no_form_breaks_the_draft(pairs: list[tuple[str, str]]) -> None:
    draft = read_draft(ImmutableMultiDict(pairs))
    assert draft.action in {"add", "modify", "delete"} and len(draft.key) == 16
    assert draft.address_of().startswith("/orders/new")
    judge(draft, shop().offers.values(), NOW, MOSCOW)


def test_what_needs_another_is_ready_no_sooner_than_that() -> None:
    catalogue = shop()
    facts = Facts(Draft(), catalogue)
    hours = {"tv": 0, "fibre": 24, "slow": 12}
    facts.soonest = {id: NOW + timedelta(hours=n) for id, n in hours.items()}
    tv = Available(catalogue.offers["tv"], False, with_one_of=("fibre", "slow"))
    assert soonest_of(tv, facts, set()) == facts.soonest["slow"]
    assert soonest_of(tv, facts, {"fibre", "tv"}) == facts.soonest["fibre"]
    assert soonest_of(replace(tv, eligible=True, with_one_of=()), facts, set()) == NOW
    facts.soonest |= {"fibre": None, "slow": None}
    assert soonest_of(tv, facts, set()) is None
