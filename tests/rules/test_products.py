"""What enters the inventory for an item that is added, modified or deleted (OH-4)."""

from decimal import Decimal
from typing import Any

from abonent.domain.inventory.resources import PRODUCT, SERVICE
from abonent.domain.order_handling import products
from abonent.domain.order_handling.charges import monthly_total, priced
from abonent.kit.values import Money
from tests.support.world import item, order

AT = "2026-06-03T10:04:00.000Z"
ORDER = {"id": "O-10001", "orderDate": "2026-06-03T09:51:00.000Z"}
CLIENT = {"id": "C-1", "name": "Anna"}
FIBRE = {"id": "fibre", "name": "Fibre 100", "productSpecification": {"id": "PS-fibre"}}


def added(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    service, port = {"id": "S-1", "@referredType": "Service"}, {"id": "N-1/1", "name": "Port 1"}
    made = products.new_product(
        "P-10001-1", given, ORDER, CLIENT, "PS-fibre", FIBRE, [service], [port], AT, **more
    )
    PRODUCT.shape.check(dict(made))
    return made


def characteristics(**values: Any) -> list[dict[str, Any]]:
    return [{"name": n, "value": v} for n, v in values.items()]


def test_a_new_product_is_active_and_names_where_it_came_from() -> None:
    product = added(item("1", "fibre", product={"productCharacteristic": characteristics(vlan=7)}))
    assert (product["id"], product["status"], product["name"]) == ("P-10001-1", "active", "Fibre 100")
    assert (product["orderDate"], product["startDate"]) == (ORDER["orderDate"], AT)
    assert product["relatedParty"] == [
        {"id": "C-1", "name": "Anna", "role": "customer", "@referredType": "Customer"}
    ]
    assert product["productOrderItem"] == [
        {"productOrderId": "O-10001", "orderItemId": "1", "orderItemAction": "add"}
    ]
    assert product["productOffering"]["id"] == "fibre"
    assert product["productSpecification"]["id"] == "PS-fibre"
    assert product["realizingService"] == [{"id": "S-1", "@referredType": "Service"}]
    assert product["realizingResource"][0]["id"] == "N-1/1"
    assert product["place"][0]["id"] == "A-1"
    assert product["productCharacteristic"] == characteristics(vlan=7)
    assert product["isBundle"] is False


def test_a_new_product_is_charged_at_its_items_price_to_an_account_of_the_client() -> None:
    price = {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": Decimal(500)}}}
    named, own = {"id": "BA-2"}, {"id": "BA-9"}
    sold = {**item("1", "fibre"), "itemPrice": [price]}
    with_accounts = {**CLIENT, "account": [{"id": "BA-1"}, named]}

    def made(given: dict[str, Any], order: dict[str, Any] = ORDER) -> dict[str, Any]:
        return products.new_product("P-1", given, order, with_accounts, None, FIBRE, [], [], AT)

    assert made(sold)["productPrice"] == [price]
    assert made(sold)["billingAccount"] == {"id": "BA-1"}
    assert made(sold, {**ORDER, "billingAccount": named})["billingAccount"] == named
    assert made({**sold, "billingAccount": own})["billingAccount"] == own
    assert "billingAccount" not in added(sold)


def test_another_offering_brings_its_price() -> None:
    once = {"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "RUB", "value": Decimal(100)}}}
    product = {"id": "P-1", "productPrice": [once, {"priceType": "recurring", "price": {"percentage": 1}}]}
    changed = products.modified_product(
        product, {"id": "1", "action": "modify"}, FIBRE, "O-1", Money(Decimal("749.90"), "RUB")
    )
    assert changed["productPrice"] == [
        {
            "priceType": "recurring",
            "recurringChargePeriod": "month",
            "price": {"taxIncludedAmount": {"unit": "RUB", "value": Decimal("749.90")}},
        },
        once,
    ]


def test_what_the_sender_claims_of_the_network_is_not_believed() -> None:
    """Otherwise deleting such a product would free another client's port."""
    claim = {
        "id": "P-9",
        "status": "terminated",
        "name": "My line",
        "realizingService": [{"id": "S-9"}],
        "realizingResource": [{"id": "N-9/9"}],
        "relatedParty": [{"id": "C-2", "role": "customer", "@referredType": "Customer"}],
    }
    product = products.new_product(
        "P-10001-1", item("1", "fibre", product=claim), ORDER, CLIENT, None, None, [], [], AT
    )
    assert (product["id"], product["status"], product["name"]) == ("P-10001-1", "active", "My line")
    assert "realizingService" not in product and "realizingResource" not in product
    assert [p["id"] for p in product["relatedParty"]] == ["C-1"]


def test_a_bundle_names_its_parts() -> None:
    bundle = item("1", "bundle", productOrderItem=[item("1.1", "fibre"), item("1.2", "tv")])
    product = added(bundle)
    assert product["isBundle"] is True
    assert product["productRelationship"] == [
        {"relationshipType": "bundles", "product": {"id": "P-10001-1.1"}},
        {"relationshipType": "bundles", "product": {"id": "P-10001-1.2"}},
    ]


def test_the_products_number_is_of_order_and_item_alone() -> None:
    assert products.product_number("O-10001", "1.1") == "P-10001-1.1"


def test_modify_changes_what_it_names_and_nothing_else() -> None:
    before = added(item("1", "fibre", product={"productCharacteristic": characteristics(a=1, b=2)}))
    asked = item(
        "7",
        "turbo",
        action="modify",
        address=None,
        product={"id": "P-10001-1", "productCharacteristic": characteristics(b=3, c=4)},
    )
    turbo = {"id": "turbo", "name": "Turbo", "productSpecification": {"id": "PS-turbo"}}
    after = products.modified_product(before, asked, turbo, "O-10002")
    PRODUCT.shape.check(dict(after))
    assert after["productCharacteristic"] == characteristics(a=1, b=3, c=4)
    assert after["productOffering"]["id"] == "turbo"
    # What it may stand beside is asked of the specification: it has to follow the offering.
    assert after["productSpecification"]["id"] == "PS-turbo"
    assert after["productOrderItem"][1:] == [
        {"productOrderId": "O-10002", "orderItemId": "7", "orderItemAction": "modify"}
    ]
    # It was called as its offering, and is called as the new one.
    assert after["name"] == "Turbo"
    untouched = {
        "name",
        "productCharacteristic",
        "productOffering",
        "productSpecification",
        "productOrderItem",
    }
    assert {k: v for k, v in after.items() if k not in untouched} == {
        k: v for k, v in before.items() if k not in untouched
    }


def test_a_name_that_a_person_gave_stays_when_the_offering_changes() -> None:
    asked = item("7", "turbo", action="modify", address=None, product={"id": "P-10001-1"})
    before = {**added(item("1", "fibre")), "name": "Line of the office"}
    after = products.modified_product(before, asked, {"id": "turbo", "name": "Turbo"}, "O-10002")
    assert after["name"] == "Line of the office"


def test_modify_without_an_offering_keeps_it() -> None:
    before = added(item("1", "fibre"))
    asked = item("7", None, action="modify", address="A-3", product={"id": "P-10001-1"})
    after = products.modified_product(before, asked, None, "O-10002")
    assert after["productOffering"] == before["productOffering"]
    assert after["place"][0]["id"] == "A-3" and before["place"][0]["id"] == "A-1"


def test_delete_ends_the_product_and_keeps_its_story() -> None:
    before = added(item("1", "fibre"))
    after = products.terminated_product(before, item("2", None, action="delete"), "O-10003", AT)
    PRODUCT.shape.check(dict(after))
    assert (after["status"], after["terminationDate"]) == ("terminated", AT)
    assert [r["productOrderId"] for r in after["productOrderItem"]] == ["O-10001", "O-10003"]
    assert before["status"] == "active"


def test_a_service_takes_over_what_the_network_reported() -> None:
    told = {
        "id": "S-1",
        "name": "GPON access",
        "state": "reserved",
        "serviceSpecification": {"id": "GPON"},
        "serviceCharacteristic": characteristics(ontSerial="ELTX1", vlan=12),
        "serviceOrderItem": [{"itemId": "1"}],
    }
    service = products.new_service(told, CLIENT, [{"id": "N-1/1"}], AT)
    SERVICE.shape.check(dict(service))
    assert (service["state"], service["startDate"]) == ("active", AT)
    assert service["supportingResource"] == [{"id": "N-1/1", "@referredType": "Resource"}]
    assert service["relatedParty"][0]["id"] == "C-1"
    assert "serviceOrderItem" not in service
    merged = products.merged_service(service, {"serviceCharacteristic": characteristics(vlan=13, ip="::1")})
    assert merged["serviceCharacteristic"] == characteristics(ontSerial="ELTX1", vlan=13, ip="::1")
    assert {k: v for k, v in merged.items() if k != "serviceCharacteristic"} == {
        k: v for k, v in service.items() if k != "serviceCharacteristic"
    }


MONTHLY = {
    "fibre": Money(Decimal("500.00"), "RUB"),
    "tv": Money(Decimal("200.10"), "RUB"),
    "pack": Money(Decimal("600.00"), "RUB"),
}


def amounts(prices: list[dict[str, Any]]) -> list[Decimal]:
    return [p["price"]["taxIncludedAmount"]["value"] for p in prices]


def test_the_order_is_charged_for_what_it_adds() -> None:
    parts = [item("3.1", "fibre"), item("3.2", "tv")]
    document = order(
        item("1", "fibre", quantity=2),
        item("2", None, action="delete", product={"id": "P-1"}),
        item("3", "bundle", productOrderItem=parts),
        item("4", "pack", productOrderItem=[item("4.1", "fibre")]),
        item("5", "free"),
    )
    # 2 x 500.00 + (500.00 + 200.10 for the parts of a bundle without a price) + 600.00 for the priced one
    assert monthly_total(document, MONTHLY) == Decimal("2300.10")
    done = priced(document, MONTHLY)
    assert amounts(done["orderTotalPrice"]) == [Decimal("2300.10")]
    first = done["productOrderItem"][0]
    assert amounts(first["itemPrice"]) == [Decimal("500.00")]
    assert amounts(first["itemTotalPrice"]) == [Decimal("1000.00")]
    assert "itemPrice" not in done["productOrderItem"][1]


def test_the_monthly_total_is_ours_whatever_the_sender_says() -> None:
    """The credit decision of the client's next order sums it up: a sender must not choose it."""
    said = [
        {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 1}}},
        {"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 99}}},
        {"price": {"taxIncludedAmount": {"unit": "RUB", "value": 2}}},
    ]
    done = priced(order(item("1", "fibre"), orderTotalPrice=list(said)), MONTHLY)
    assert amounts(done["orderTotalPrice"]) == [Decimal("500.00"), 99]
    done = priced(order(item("1", "free"), orderTotalPrice=list(said)), MONTHLY)
    assert amounts(done["orderTotalPrice"]) == [99]
    assert "orderTotalPrice" not in priced(order(item("1", "free")), MONTHLY)


def test_an_item_that_changes_the_offering_says_what_the_product_will_cost() -> None:
    held = {"P-1": {"id": "P-1", "productOffering": {"id": "fibre"}, "productPrice": []}}
    more = item("2", "pack", action="modify", address=None, product={"id": "P-1"})
    same = item("3", "fibre", action="modify", address=None, product={"id": "P-1"})
    done = priced(order(item("1", "fibre"), more, same), MONTHLY, held)
    first, changed, kept = done["productOrderItem"]
    assert amount(first["itemTotalPrice"]) == Decimal("500.00")
    assert amount(changed["itemPrice"]) == amount(changed["itemTotalPrice"]) == MONTHLY["pack"].amount
    assert "itemPrice" not in kept
    assert amount(done["orderTotalPrice"]) == Decimal("500.00") + MONTHLY["pack"].amount
    # What the credit check adds to the bill is what comes new alone.
    assert monthly_total(done, MONTHLY) == Decimal("500.00")
    # Once it is delivered the product has the offering, and the price stays.
    held["P-1"]["productOffering"] = {"id": "pack"}
    assert priced(done, MONTHLY, held)["orderTotalPrice"] == done["orderTotalPrice"]


def amount(prices: list[dict[str, Any]]) -> Decimal:
    (price,) = prices
    return price["price"]["taxIncludedAmount"]["value"]
