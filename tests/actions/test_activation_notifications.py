"""Notifications of the network, read into reports or refused."""

from datetime import UTC, datetime

import pytest

from abonent.domain.order_handling.ports import (
    ActivationReport,
)
from abonent.gateways.activation import parse_notification
from abonent.kit.errors import BadInput

GOOD = (
    b'{"eventType":"ServiceOrderStateChangeEvent","eventTime":"2026-11-24T05:22:20.123Z","unknown":{},'
    b'"event":{"serviceOrder":{"id":"7","state":"failed","externalId":"k",'
    b'"errorMessage":[{"message":"no light"}],'
    b'"serviceOrderItem":[{"id":"1","state":"failed","service":{"id":"s"},"errorMessage":null}]}}}'
)


def test_a_notification_becomes_a_report() -> None:
    report = parse_notification("serviceOrderStateChangeEvent", GOOD)
    moment = datetime(2026, 11, 24, 5, 22, 20, 123_000, tzinfo=UTC)
    assert report == ActivationReport("7", "failed", "k", moment, "no light", ())
    created = GOOD.replace(b"StateChangeEvent", b"CreateEvent")
    assert parse_notification("ServiceOrderCreateEvent", created) == report


def test_services_of_nested_items_count_when_their_own_item_is_completed() -> None:
    body = (
        b'{"eventTime":"2026-11-24T08:22:20+03:00","event":{"serviceOrder":{"id":"7","state":"partial",'
        b'"serviceOrderItem":[{"id":"1","action":"add","state":"completed","service":{"id":"a"},"serviceOrderItem":['
        b'{"id":"1.1","action":"add","state":"completed","service":{"id":"b"}},'
        b'{"id":"1.2","action":"add","state":"failed","service":{"id":"c"},'
        b'"errorMessage":[{"reason":"no port"}]}]}]}}}'
    )
    report = parse_notification("serviceOrderStateChangeEvent", body)
    assert [one["id"] for one in report.services] == ["a", "b"]
    assert report.message == "1.2: no port"
    assert report.at == datetime(2026, 11, 24, 5, 22, 20, tzinfo=UTC)


@pytest.mark.parametrize("depth", [10, 300, 480, 2000, 20_000])
def test_deep_nesting_is_read_or_refused_and_never_breaks(depth: int) -> None:
    head = b'{"event":{"serviceOrder":{"id":"7","state":"completed","serviceOrderItem":['
    opening, closing = b'{"id":"1","service":{"id":"s"},"serviceOrderItem":[', b"]}"
    body = head + opening * depth + closing * depth + b"]}}}"
    try:
        report = parse_notification("serviceOrderStateChangeEvent", body)
    except BadInput:
        assert depth > 100
    else:
        assert len(report.services) == depth


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("serviceOrderDeleteEvent", GOOD),
        ("serviceOrderCreateEvent", GOOD),
        ("serviceOrderStateChangeEvent", b""),
        ("serviceOrderStateChangeEvent", b"{}"),
        ("serviceOrderStateChangeEvent", GOOD[:-1]),
        ("serviceOrderStateChangeEvent", GOOD.replace(b'"id":"7"', b'"id":7')),
        ("serviceOrderStateChangeEvent", GOOD.replace(b"failed", b"exploded")),
        ("serviceOrderStateChangeEvent", GOOD.replace(b"no light", b"no\\u0000light")),
        ("serviceOrderStateChangeEvent", GOOD.replace(b"no light", b"\\ud800")),
        ("serviceOrderStateChangeEvent", GOOD.replace(b"no light", b"\xff")),
        ("serviceOrderStateChangeEvent", GOOD.replace(b'{"id":"s"}', b'{"id":1e400}')),
        ("serviceOrderStateChangeEvent", b'{"event":' * 50_000),
        ("serviceOrderStateChangeEvent", GOOD.replace(b"2026-11", b"2026-13")),
    ],
)
def test_a_malformed_notification_is_bad_input(event: str, body: bytes) -> None:
    with pytest.raises(BadInput):
        parse_notification(event, body)
