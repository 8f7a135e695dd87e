"""The rules of the hub: addresses, queries, pauses, signatures, bodies. No database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent import main
from abonent.domain.order_handling.resources import PRODUCT_ORDER
from abonent.domain.party.resources import CUSTOMER_
from abonent.kit.access import Caller, Role
from abonent.kit.errors import BadInput
from abonent.kit.hub.addresses import Allowed, read_callback
from abonent.kit.hub.choosing import Selector, Told, chosen, of_api
from abonent.kit.hub.notification import (
    Happened,
    api_name,
    body,
    head,
    listener_name,
    new_secret,
    read_secret,
    signed,
)
from abonent.kit.hub.pace import Pace
from abonent.kit.hub.wanted import read_query, values_at

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ORDERS = frozenset({PRODUCT_ORDER})
ORDER = {
    "id": "O-1",
    "state": "completed",
    "orderDate": "2026-11-20T10:00:00.000Z",
    "relatedParty": [{"id": "C-1", "role": "customer"}, {"id": "C-2", "role": "payer"}],
    "productOrderItem": [
        {"id": "1", "quantity": 2, "product": {"isBundle": True}},
        {"id": "2", "quantity": 10},
    ],
}


def happened(document: dict[str, Any] | None = None, **facts: Any) -> Happened:
    given = {
        "seq": 7, "id": "e1", "type": "ProductOrderStateChangeEvent", "resource": PRODUCT_ORDER, "resource_id": "O-1",
        "old_state": "inProgress", "new_state": "completed", "at": AT, "correlation_id": "c-1",
        "text": json.dumps(ORDER if document is None else document),
    }  # fmt: skip
    return Happened(**{**given, **facts})


def never(_: str, __: Sequence[str]) -> bool:
    return False


# ---- addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.5.5", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:c0a8:101::1", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(address: str) -> None:
    assert not Allowed.read(None).address(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_public_addresses_are_not_refused(address: str) -> None:
    assert Allowed.read(None).address(address)


def test_what_an_operator_allows() -> None:
    everything = Allowed.read("private")
    assert everything.address("127.0.0.1")
    assert everything.name("anything.example")
    some = Allowed.read(" billing.internal , 10.1.0.0/16,fd00::7 ")
    assert some.name("Billing.Internal.")
    assert some.address("10.1.200.3")
    assert some.address("fd00::7")
    assert not some.address("10.2.0.1")
    assert not some.address("127.0.0.1")
    assert not some.name("other.internal")
    assert Allowed.read("") == Allowed.read(None)


def test_callbacks() -> None:
    assert read_callback(" https://a.example/x/ ") == "https://a.example/x"
    assert read_callback("http://[::1]:8080") == "http://[::1]:8080"
    for wrong in (
        "//a.example",
        "http://",
        "http://a b.example",
        "http://a.example:99999",
        "http://a.example/#x",
        "x" * 3000,
    ):
        with pytest.raises(BadInput) as refused:
            read_callback(wrong)
        assert refused.value.facts["path"] == "callback"


# ---- queries


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        (None, True),
        ("", True),
        ("eventType=ProductOrderStateChangeEvent", True),
        ("eventType = ProductOrderStateChangeEvent", True),
        ("eventType=ProductOrderCreateEvent", False),
        ("eventType=ProductOrderCreateEvent,ProductOrderStateChangeEvent", True),
        ("eventType=ProductOrderCreateEvent&eventType=ProductOrderStateChangeEvent", True),
        ("event.productOrder.state=completed", True),
        ("event.productOrder.state='completed'", True),
        ("event.productOrder.state=held", False),
        ("eventType=ProductOrderStateChangeEvent&event.productOrder.state=held", False),
        ("event.productOrder.relatedParty.id=C-2", True),
        ("event.productOrder.relatedParty.id=C-3", False),
        ("event.productOrder.orderDate.gte=2026-11-20", True),
        ("event.productOrder.orderDate>2026-11-20T10:00:00Z", False),
        ("event.productOrder.orderDate=2026-11-20", True),
        ("event.productOrder.productOrderItem.quantity.gt=5", True),
        ("event.productOrder.productOrderItem.quantity.gt=10", False),
        ("event.productOrder.productOrderItem.quantity=2", True),
        ("event.productOrder.productOrderItem.product.isBundle=true", True),
        ("event.productOrder.productOrderItem.product.isBundle=false", False),
        ("event.productOrder.description=x", False),
        ("eventTime.lt=2026-11-24T10:00:00Z", True),
        ("domain=productOrderingManagement&correlationId=c-1", True),
    ],
)
def test_queries(query: str | None, fits: bool) -> None:
    wanted = read_query(query, ORDERS)
    notification = Told(happened()).notification(deep=True)
    assert wanted.fits(notification, never) is fits


def test_a_regular_expression_is_left_to_the_database() -> None:
    asked: list[tuple[str, list[str]]] = []

    def matches(pattern: str, texts: Sequence[str]) -> bool:
        asked.append((pattern, list(texts)))
        return True

    wanted = read_query("event.productOrder.relatedParty.id.regex=^C", ORDERS)
    assert wanted.patterns == ["^C"]
    assert wanted.fits(Told(happened()).notification(deep=True), matches)
    assert asked == [("^C", ["C-1", "C-2"])]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("state=completed", "state"),
        ("event.productOrder=5", "event.productOrder"),
        ("event.product.id=5", "event.product.id"),
        ("event.productOrder.stat=5", "event.productOrder.stat"),
        ("eventTime.gt=", "eventTime"),
        ("offset=3", "offset"),
        ("event.productOrder.productOrderItem.quantity=many", "event.productOrder.productOrderItem.quantity"),
        (5, "query"),
        ("x" * 3000, "query"),
    ],
)
def test_a_query_that_cannot_be_understood_names_the_fault(query: object, named: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_query(query, ORDERS)
    assert refused.value.facts["path"] == named


def test_advice_knows_the_attributes() -> None:
    with pytest.raises(BadInput) as refused:
        read_query("event.productOrder.stat=5", ORDERS)
    assert "event.productOrder.state" in str(refused.value)


def test_values_are_found_in_lists_of_lists() -> None:
    assert list(values_at({"a": [{"b": [1, [2]]}, {"b": 3}, {"c": 4}]}, ("a", "b"))) == [1, 2, 3]
    assert list(values_at({"a": {"b": {}}}, ("a", "b"))) == []


# ---- who is told


def selector(
    role: Role = Role.ADMIN, party: str | None = None, query: str | None = None, since: int = 0
) -> Selector:
    return Selector("s", ORDERS, since, Caller("x", role, party), read_query(query, ORDERS))


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (selector(), True),
        (selector(since=7), False),
        (selector(since=6), True),
        (selector(Role.CLIENT, "C-1"), True),
        (selector(Role.CLIENT, "C-9"), False),
        (selector(Role.CLIENT), False),
        (selector(query="event.productOrder.id=O-1"), True),
        (selector(query="event.productOrder.id=O-2"), False),
    ],
)
def test_who_is_told(one: Selector, told: bool) -> None:
    assert chosen(one, Told(happened()), never) is told


def test_of_another_api_nothing_is_told_and_of_nothing_known_no_client_hears() -> None:
    other = happened(
        {"id": "C-1", "name": "A"}, resource=CUSTOMER_, resource_id="C-1", type="CustomerCreateEvent"
    )
    assert not chosen(selector(), Told(other), never)
    unknown = happened(text="")
    assert chosen(selector(), Told(unknown), never)
    assert not chosen(selector(Role.CLIENT, "C-1"), Told(unknown), never)


def test_a_hub_has_the_audited_resources_of_its_base() -> None:
    names = {each.name for each in of_api(main.REGISTRY, PRODUCT_ORDER.base)}
    assert {"productOrder", "cancelProductOrder"} <= names
    assert all(
        each.audited and each.base == PRODUCT_ORDER.base for each in of_api(main.REGISTRY, PRODUCT_ORDER.base)
    )


# ---- what is sent


def test_the_body() -> None:
    told = json.loads(body(happened(), "https://a.example"))
    assert told == {
        "eventId": "e1",
        "eventTime": "2026-11-24T09:30:00.000Z",
        "eventType": "ProductOrderStateChangeEvent",
        "correlationId": "c-1",
        "domain": "productOrderingManagement",
        "title": "Product order state change",
        "description": "productOrder O-1: inProgress -> completed",
        "priority": "normal",
        "timeOcurred": "2026-11-24T09:30:00.000Z",
        "event": {"productOrder": {"href": f"https://a.example{PRODUCT_ORDER.path}/O-1", **ORDER}},
    }
    bare = json.loads(body(happened(text="", old_state=None, new_state=None), ""))
    assert bare["event"]["productOrder"] == {"href": f"{PRODUCT_ORDER.path}/O-1", "id": "O-1"}
    assert head(happened(old_state=None, new_state=None))["description"] == "productOrder O-1"
    assert listener_name("ProductOrderStateChangeEvent") == "productOrderStateChangeEvent"
    assert api_name("/tmf-api/party/v4") == "party"


def test_the_signature_against_the_one_in_the_text_of_standard_webhooks() -> None:
    """The example that the specification's reference libraries are tested with."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.integers(0, 2**33))
def test_signatures_against_hmac(content: bytes, at: int) -> None:
    secret = new_secret()
    key = base64.b64decode(secret[6:])
    mark = hmac.new(key, b"id." + str(at).encode() + b"." + content, hashlib.sha256).digest()
    assert signed(secret, "id", at, content)["webhook-signature"] == "v1," + base64.b64encode(mark).decode()


def test_secrets() -> None:
    assert new_secret() != new_secret()
    assert read_secret(new_secret())
    for wrong in (
        None,
        5,
        "",
        "whsec_",
        "whsec_abc",
        "whsec_!!!!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "x" * 50,
    ):
        with pytest.raises(BadInput):
            read_secret(wrong)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_and_end(failures: int, luck: float) -> None:
    pace = Pace()
    pause = pace.pause(failures, luck)
    assert 0.5 <= pause <= 1.5 * pace.longest
    assert pace.pause(failures + 1, luck) >= pause
    if failures <= 5:
        assert pace.pause(failures, 0.5) == 2 ** (failures - 1)
    assert pace.lease > pace.patience + 1
