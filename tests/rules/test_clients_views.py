"""The clients' pages in words: filters as addresses, the time line, the tape, the client and the product."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from abonent.domain.party.queries_clients import ClientFilter, ClientListing, FilterWords
from abonent.domain.party.queries_file import Holdings, Move, ProductFile
from abonent.domain.party.queries_search import Found
from abonent.faces.console.clients.client_view import ClientFile, Doors, client_view
from abonent.faces.console.clients.labels import arrears, shown_phone
from abonent.faces.console.clients.list_view import address, list_view, read_filter
from abonent.faces.console.clients.product_view import product_view
from abonent.faces.console.clients.search_view import search_view
from abonent.faces.console.clients.tape import TOUCH, Promise, tape
from abonent.faces.console.clients.timeline import Entry, timeline
from abonent.kit.i18n import Translator

NOW = datetime(2026, 6, 17, 11, 0, tzinfo=UTC)
T = Translator("en")
CUSTOMER: dict[str, Any] = {
    "id": "C-1",
    "name": "North Quay",
    "engagedParty": {"id": "ORG-1", "@referredType": "Organization"},
    "validFor": {"startDateTime": "2024-05-10T00:00:00.000Z"},
    "contactMedium": [{"mediumType": "mobile", "characteristic": {"phoneNumber": "+79990000012"}}],
    "agreement": [{"id": "DG-7", "name": "Contract 7"}],
}
ORDER = {
    "id": "O-1",
    "state": "inProgress",
    "orderDate": "2026-06-10T09:00:00.000Z",
    "expectedCompletionDate": "2026-06-16T09:00:00.000Z",
    "productOrderItem": [{"id": "1", "productOffering": {"id": "fibre", "name": "Fibre 100"}}],
}
PRODUCT = {
    "id": "P-1",
    "name": "Fibre 100",
    "status": "active",
    "startDate": "2026-03-01T09:00:00.000Z",
    "place": [{"id": "A-1"}],
    "relatedParty": [{"id": "C-1", "name": "North Quay", "role": "customer"}],
    "productPrice": [
        {
            "priceType": "recurring",
            "price": {"taxIncludedAmount": {"unit": "RUB", "value": Decimal("490.50")}},
        }
    ],
}
GONE = PRODUCT | {"id": "P-0", "status": "terminated", "terminationDate": "2026-02-01T09:00:00.000Z"}
ACCOUNT = {
    "id": "BA-1",
    "paymentStatus": "in arrears",
    "accountBalance": [
        {"balanceType": "receivableBalance", "amount": {"unit": "RUB", "value": Decimal("1200.50")}}
    ],
}
MESSAGE = {
    "id": "M-1",
    "messageType": "SMS",
    "subject": "Order O-1 is received",
    "state": "completed",
    "sendTime": "2026-06-10T09:01:00.000Z",
    "receiver": [{"id": "C-1", "name": "North Quay"}],
}
HELD = Holdings([PRODUCT, GONE], [ORDER], [ACCOUNT], [MESSAGE])
MOVES = [
    Move("customer", "C-1", "email", "a@example.org", None, None, NOW - timedelta(hours=1), "anna"),
    Move(
        "productOrder", "O-1", "state", "acknowledged", "inProgress", None, NOW - timedelta(days=6), "system"
    ),
    Move("product", "P-1", "status", None, "active", "adopted", NOW, "system"),
]


def file(held: Holdings = HELD, moves: list[Move] | None = None) -> ClientFile:
    places = {"A-1": {"id": "A-1", "city": "Yaroslavl", "streetName": "Svobody", "streetNr": "12"}}
    return ClientFile(CUSTOMER, 3, held, MOVES if moves is None else moves, places)


@pytest.mark.parametrize(
    "wanted",
    [
        ClientFilter(),
        ClientFilter(text="анна & co", kind="home", state="active", town="Рыбинск", offering="fibre-100"),
        ClientFilter(busy=True, owing=True, sort="owed", descending=True, offset=100),
        ClientFilter(sort="number"),
        ClientFilter(sort="since", descending=True),
    ],
)
def test_a_filter_comes_back_from_its_address(wanted: ClientFilter) -> None:
    import httpx

    assert read_filter(httpx.URL(address(wanted)).params) == wanted


def test_nonsense_in_an_address_is_not_said() -> None:
    bad = {"sort": "drop", "page": "-1", "kind": "robot", "q": "\x00", "busy": "maybe"}
    assert read_filter(bad) == ClientFilter()


def test_the_list_says_what_it_shows() -> None:
    row = ClientListing(CUSTOMER, "business", "closed", "2024-05-10T00:00:00.000Z", 2, Decimal(980), 1,
                        Decimal(1200), "RUB", "Yaroslavl")  # fmt: skip
    words = FilterWords(["active"], ["Yaroslavl"], [{"id": "fibre", "name": "Fibre"}])
    view = list_view([row], 51, ClientFilter(state="strange"), words, NOW, T)
    shown = view.rows[0]
    assert (shown.href, shown.products, shown.open_orders) == ("/clients/C-1", "2 products", "1 open")
    assert shown.label and shown.label.word == "Left"
    assert view.next == "/clients?state=strange&page=2" and not view.previous
    assert view.sentence.startswith("51 clients") and view.filtered
    # A state no client is in any more can still be seen and taken away.
    assert [each.value for each in view.states if each.chosen] == ["strange"]


def test_the_client_page_shows_what_he_has_and_owes() -> None:
    view = client_view(file(), "", Doors(), NOW, T)
    assert [row.id for row in view.products] == ["P-1"] and [row.id for row in view.gone] == ["P-0"]
    assert (view.monthly, view.owes) == ("490.50", "RUB\u00a01,200.50")
    assert view.orders[0].late is not None
    facts = {fact.term: fact.value for fact in view.facts}
    assert facts["Connected at"] == "Yaroslavl, Svobody 12"
    assert facts["Contract"] == "Contract 7"
    assert facts["E-mail"] == "not known"


def test_an_empty_client_has_a_page_too() -> None:
    view = client_view(file(Holdings([], [], [], []), []), "", Doors(), NOW, T)
    assert (view.products, view.entries, view.tape, view.owes) == ((), (), None, "")


def test_the_time_line_is_newest_first_and_dates_what_was_taken_over_by_the_document() -> None:
    entries = timeline(HELD, MOVES, T)
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    assert entries[0].text == "E-mail: a@example.org removed" and entries[0].by == "anna"
    taken_over = next(entry for entry in entries if entry.mark == "P-1")
    assert taken_over.at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert {entry.process for entry in entries} == {"orders", "products", "messages", "client"}


def test_the_time_line_can_be_kept_to_one_process() -> None:
    view = client_view(file(), "messages", Doors(), NOW, T)
    assert {entry.process for entry in view.entries} == {"messages"}
    assert [each.word for each in view.processes if each.chosen] == ["Messages"]


def test_marks_of_the_tape_never_touch_and_count_what_they_stand_for() -> None:
    entries = [Entry(NOW - timedelta(hours=6 * n), "orders", "order", "x", mark=f"O-{n}") for n in range(400)]
    drawn = tape(entries, [Promise(NOW - timedelta(days=9), NOW + timedelta(days=3))], NOW, T)
    for drawing in (drawn.wide, drawn.narrow):
        marks = drawing.lanes[0].marks
        assert all(b.x - a.x >= TOUCH for a, b in itertools.pairwise(marks))
        assert all(drawing.left <= mark.x <= drawing.now for mark in marks)
        span = drawing.lanes[0].spans[0]
        assert span.promised is not None and span.start < span.now < span.promised <= drawing.right
    assert drawn.finding.replace("\u00a0", " ").startswith("Since 1 January 2026: ")


def test_arrears_are_those_of_accounts_in_arrears() -> None:
    assert arrears([ACCOUNT, ACCOUNT | {"paymentStatus": "paid"}]) == (Decimal("1200.50"), "RUB")


def test_russian_numbers_are_shown_in_groups() -> None:
    assert shown_phone("+79990000012") == "+7\u00a0999\u00a0000-00-12"
    assert shown_phone("+442079460000") == "+442079460000"


def test_the_product_page_goes_from_the_port_upwards() -> None:
    path = [
        {"id": "N-1/1", "category": "port", "resourceStatus": "reserved"},
        {"id": "N-1", "name": "Node 1", "category": "accessNode", "operationalState": "disable"},
    ]
    service = {"id": "S-1", "serviceSpecification": {"id": "GPON", "name": "Line"}, "state": "active",
               "serviceCharacteristic": [{"name": "vlan", "value": 7},
                                         {"name": "odd", "value": {"@type": "X", "a": 1}}]}  # fmt: skip
    history = [{"at": NOW, "new_state": "active", "reason": "adopted", "by": "system"}]
    view = product_view(PRODUCT, ProductFile([service], path, [ORDER]), history, {}, NOW, T)
    assert [(part.name, part.kind, part.label.tone) for part in view.path] == [
        ("N-1/1", "", "run"),
        ("Node 1", "access node", "bad"),
    ]
    assert view.services[0].traits == (("VLAN", "7"), ("odd", "1"))
    assert view.history[0].detail == "taken over from another system"
    assert (view.client, view.client_href) == ("North Quay", "/clients/C-1")


def test_a_single_hit_is_gone_to_and_several_are_listed() -> None:
    def only(**found: Any) -> str:
        return search_view(Found(**found), "x", NOW, T, messages=False).only

    place = {"id": "A-1", "name": "Svobody 12"}
    assert only(clients=[CUSTOMER]) == "/clients/C-1"
    assert only(orders=[ORDER]) == "/orders/O-1"
    assert only(products=[PRODUCT]) == "/products/P-1"
    assert only(messages=[MESSAGE]) == "/clients/C-1"
    assert only(addresses=[place]) == ""
    assert only(clients=[CUSTOMER], addresses=[place], holders={"C-1"}) == "/clients/C-1"
    assert only(clients=[CUSTOMER], orders=[ORDER]) == ""


def test_a_products_history_says_when_it_became_another_offering() -> None:
    row = {"at": NOW, "attribute": "offering", "old_state": "Fibre 100", "new_state": "Fibre 300"}
    view = product_view(
        PRODUCT, ProductFile([], [], [ORDER]), [row | {"reason": "O-1", "by": "system"}], {}, NOW, T
    )
    assert view.history[0].label.word == "Now Fibre 300, was Fibre 100"


def test_what_is_only_similar_never_opens_another_clients_page() -> None:
    client = {"id": "C-1", "name": "Anna"}
    exact, near = (
        search_view(Found([client], similar=similar), "x", NOW, T, messages=False, places={"C-1": "Tver"})
        for similar in (False, True)
    )
    assert (exact.only, near.only) == ("/clients/C-1", "")
    assert near.groups[0].hits[0].detail == "Tver"
