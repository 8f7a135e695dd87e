"""Intake of an order: what is refused and why, what is held, and the client and lines it is read for."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import rules
from abonent.domain.order_handling.lines import address_id, leaves, lines, offering_id, parents, with_state
from abonent.domain.order_handling.rules import IntakeFacts
from abonent.kit.errors import BadInput, Forbidden
from tests.support.world import item, order

CLIENT = {"id": "C-1", "engagedParty": {"id": "I-C-1"}}
OFFERINGS = {
    "fibre": {"id": "fibre", "name": "Fibre"},
    "tv": {"id": "tv", "name": "TV"},
    "bundle": {
        "id": "bundle",
        "isBundle": True,
        "bundledProductOffering": [{"id": "fibre"}, {"id": "tv"}, {"name": "no id"}],
    },
    "outer": {"id": "outer", "isBundle": True, "bundledProductOffering": [{"id": "bundle"}]},
}


def facts(products: dict[str, Any] | None = None, customer: Any = CLIENT, **prices: str) -> IntakeFacts:
    return IntakeFacts(customer, OFFERINGS, products or {}, {k: Decimal(v) for k, v in prices.items()})


def refusal(document: dict[str, Any], known: IntakeFacts) -> str | None:
    try:
        rules.check_items(document, known)
    except BadInput as refused:
        assert str(refused)
        return refused.code
    return None


def priced(amount: Any, kind: str | None = "recurring", key: str = "taxIncludedAmount") -> list[Any]:
    price: dict[str, Any] = {"price": {key: {"unit": "RUB", "value": amount}}}
    return [price | ({"priceType": kind} if kind else {})]


def relating(id: str, *targets: str, kind: str = "reliesOn") -> dict[str, Any]:
    return item(
        id, "fibre", productOrderItemRelationship=[{"id": t, "relationshipType": kind} for t in targets]
    )


def owned(*parties: dict[str, Any], status: str = "active") -> dict[str, Any]:
    return {"P-1": {"id": "P-1", "status": status, "relatedParty": list(parties)}}


def change(action: str = "modify") -> dict[str, Any]:
    return order(item("1", None, action=action, product={"id": "P-1"}))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (order(item("1", "fibre"), item("2", "tv")), None),
        (order(item("1", "gone")), "unknownProductOffering"),
        (order(item("1", None)), None),
        (order(item("1", "fibre"), item("1", "tv")), "duplicateItem"),
        (order(item("1", "bundle", productOrderItem=[item("1", "fibre")])), "duplicateItem"),
        (order(relating("1", "7")), "unknownItem"),
        (order(relating("1", "2"), item("2", "tv")), None),
        (order(item("1", "bundle", productOrderItem=[item("1.1", "gone")])), "unknownProductOffering"),
        (order(item("1", "fibre", quantity=0)), "badQuantity"),
        (order(item("1", "fibre", quantity=-3)), "badQuantity"),
        (order(item("1", "fibre", quantity=2)), None),
        (order(item("1", "fibre", action="modify")), "productMissing"),
        (order(item("1", None, action="delete")), "productMissing"),
        (order(item("1", None, action="delete", product={"id": "P-404"})), "unknownProduct"),
        (order(item("1", None, action="noChange")), None),
    ],
)
def test_what_can_only_be_wrong_is_refused(document: dict[str, Any], code: str | None) -> None:
    assert refusal(document, facts()) == code


@pytest.mark.parametrize(
    "items",
    [
        [relating("1", "1")],
        [relating("1", "2"), relating("2", "1")],
        [relating("1", "2"), relating("2", "3"), relating("3", "1"), item("4", "tv")],
        [item("1", "bundle", productOrderItem=[relating("1.1", "1")])],
        [
            item("1", "bundle", productOrderItem=[relating("1.1", "2")]),
            item(
                "2",
                "tv",
                productOrderItemRelationship=[{"id": "1", "relationshipType": "reliesOn"}],
            ),
        ],
    ],
)
def test_items_that_wait_for_each_other_are_refused(items: list[dict[str, Any]]) -> None:
    assert refusal(order(*items), facts()) == "circularItems"


def test_relations_that_order_nothing_may_be_circular() -> None:
    assert refusal(order(relating("1", "2", kind="x"), relating("2", "1", kind="x")), facts()) is None


@pytest.mark.parametrize(
    ("price", "code"),
    [
        (priced(500), None),
        (priced(Decimal("500.00")), None),
        (priced(Decimal("500.01")), "priceMismatch"),
        (priced(Decimal("499.99"), None), "priceMismatch"),
        (priced(0), "priceMismatch"),
        (priced(1, "oneTime"), None),
        (priced(400, key="dutyFreeAmount"), "priceMismatch"),
        ([{"priceType": "recurring"}], None),
    ],
)
def test_a_quoted_price_must_be_the_offerings(price: list[Any], code: str | None) -> None:
    assert refusal(order(item("1", "fibre", itemPrice=price)), facts(fibre="500")) == code
    # Without a price in the catalogue there is nothing to contradict.
    assert refusal(order(item("1", "fibre", itemPrice=price)), facts()) is None


@pytest.mark.parametrize("action", ["modify", "delete"])
@pytest.mark.parametrize(
    ("parties", "code"),
    [
        ([{"id": "C-1", "role": "customer"}], None),
        ([{"id": "C-1", "role": "Customer"}, {"id": "C-2", "role": "user"}], None),
        ([{"id": "I-C-1", "role": "customer"}], None),
        ([], None),
        ([{"id": "C-2", "role": "customer"}], "unknownProduct"),
        ([{"id": "C-2", "role": "customer"}, {"id": "C-1", "role": "user"}], "unknownProduct"),
        # Nobody is called customer in it: still it is not a stranger's to change.
        ([{"id": "C-2"}], "unknownProduct"),
        ([{"id": "C-2", "role": "user"}], "unknownProduct"),
        ([{"id": "C-1"}], None),
    ],
)
def test_only_ones_own_product_is_changed(action: str, parties: list[Any], code: str | None) -> None:
    assert refusal(change(action), facts(owned(*parties))) == code


@pytest.mark.parametrize(
    ("status", "code"),
    [("active", None), ("suspended", None), ("terminated", "productGone"), ("cancelled", "productGone"),
     ("aborted", "productGone")],
)  # fmt: skip
def test_a_product_that_is_over_cannot_be_changed(status: str, code: str | None) -> None:
    mine = {"id": "C-1", "role": "customer"}
    assert refusal(change(), facts(owned(mine, status=status))) == code


@pytest.mark.parametrize(
    ("parties", "id"),
    [
        (None, None),
        ([], None),
        ([{"id": "a", "role": "seller"}, {"id": "b", "role": "Customer"}], "b"),
        ([{"id": "a"}, {"id": "b", "@referredType": "Customer"}], "b"),
        ([{"id": "a"}], "a"),
        ([{"id": "a"}, {"id": "b"}], None),
    ],
)
def test_who_the_client_is(parties: list[Any] | None, id: str | None) -> None:
    assert (rules.client_reference({"relatedParty": parties}) or {}).get("id") == id


def test_a_client_orders_for_himself() -> None:
    rules.check_own(order(item("1", "fibre"), client="C-1"), "C-1")
    rules.check_own(order(item("1", "fibre"), client=None), "C-1")
    with pytest.raises(Forbidden):
        rules.check_own(order(item("1", "fibre"), client="C-2"), "C-1")


def test_what_is_incomplete_is_named() -> None:
    document = order(
        item("1", None),
        item("2", "fibre"),
        item("3", None, action="delete"),
        item("4", "bundle", productOrderItem=[item("4.1", None)]),
    )
    found = rules.missing_information(document, facts(customer=None))
    assert [(r.code, r.facts.get("item")) for r in found] == [
        ("clientMissing", None),
        ("offeringMissing", "1"),
        ("offeringMissing", "4.1"),
        ("productMissing", "3"),
    ]
    assert rules.missing_information(order(item("2", "fibre")), facts()) == []


def test_a_bundle_is_opened_with_its_place_and_quantity() -> None:
    document = order(item("1", "bundle", quantity=2))
    opened = rules.expand_bundles(document, OFFERINGS)
    parts = opened["productOrderItem"][0]["productOrderItem"]
    assert [(p["id"], p["action"], offering_id(p), p["quantity"]) for p in parts] == [
        ("1.1", "add", "fibre", 2),
        ("1.2", "add", "tv", 2),
    ]
    assert parts[0]["productOffering"]["name"] == "Fibre"
    assert all(address_id(p) == "A-1" for p in parts)
    assert "productOrderItem" not in document["productOrderItem"][0]


def test_bundles_in_bundles_are_opened_too() -> None:
    opened = rules.expand_bundles(order(item("1", "outer")), OFFERINGS)
    assert [i["id"] for i in leaves(opened)] == ["1.1.1", "1.1.2"]
    assert [i["id"] for i in parents(opened)] == ["1", "1.1"]


def test_parts_never_take_an_id_that_is_in_use() -> None:
    opened = rules.expand_bundles(order(item("1", "bundle"), item("1.1", "fibre")), OFFERINGS)
    ids = [i["id"] for i in lines(opened)]
    assert len(ids) == len(set(ids)) == 4
    assert "1.1" in ids


@pytest.mark.parametrize(
    "document",
    [
        order(item("1", "bundle", action="delete", product={"id": "P-1"})),
        order(item("1", "fibre")),
        order(item("1", "bundle", productOrderItem=[item("x", "tv")])),
    ],
)
def test_what_is_no_new_bundle_stays_as_sent(document: dict[str, Any]) -> None:
    assert rules.expand_bundles(document, OFFERINGS) == document


def test_a_bundle_that_holds_itself_ends() -> None:
    """A catalogue can be wrong; intake must not run for ever."""
    circular = {"a": {"id": "a", "isBundle": True, "bundledProductOffering": [{"id": "a"}]}}
    with pytest.raises(BadInput) as refused:
        rules.expand_bundles(order(item("1", "a")), circular)
    assert refused.value.code == "circularBundle"


def test_the_address_is_the_items_or_the_products() -> None:
    placed = {"P-1": {"place": [{"id": "A-7", "role": "installationAddress"}]}}
    document = order(
        item("1", "fibre"),
        item("2", None, action="modify", address=None, product={"id": "P-1"}),
        item("3", None, action="modify", address="A-9", product={"id": "P-1"}),
        item("4", "tv", address=None),
    )
    assert rules.with_addresses(document, placed) == {"1": "A-1", "2": "A-7", "3": "A-9", "4": None}


@pytest.mark.parametrize(
    ("places", "id"),
    [
        ([{"id": "a", "role": "billing"}, {"id": "b", "role": "Installation address"}], "b"),
        ([{"id": "a", "role": "whatever"}], "a"),
        ([{"id": "a", "role": "x"}, {"id": "b", "role": "y"}], None),
        ([], None),
    ],
)
def test_which_place_is_the_installation_address(places: list[Any], id: str | None) -> None:
    assert address_id({"product": {"place": places}}) == id


def test_states_are_set_on_a_copy_and_only_where_asked() -> None:
    document = order(item("1", "bundle", productOrderItem=[item("1.1", "fibre")]), item("2", "tv"))
    changed = with_state(document, "held", {"1.1"})
    assert [i.get("state") for i in lines(changed)] == [None, "held", None]
    assert all("state" not in i for i in lines(document))


STATES = ["completed", "failed", "cancelled", "rejected", "inProgress", "held", "pending", "acknowledged"]


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6))
def test_the_order_rolls_up_from_its_items(states: list[str]) -> None:
    result = rules.roll_up(states)
    if any(s in STATES[4:] for s in states):
        assert result is None
    elif all(s == "completed" for s in states):
        assert result == "completed"
    elif any(s == "completed" for s in states):
        assert result == "partial"
    elif all(s == "cancelled" for s in states):
        assert result == "cancelled"
    else:
        assert result == "failed"
