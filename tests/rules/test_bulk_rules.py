"""Files of bulk orders as spreadsheets write them, and what is read from a line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.catalog.rules_sale import Catalogue, Offer
from abonent.domain.order_handling.rules_bulk import judge, offers_by_name, order_of, seen_twice
from abonent.domain.order_handling.rules_bulk_file import BulkFile, cells_of, read_file, reject_file
from abonent.kit.errors import BadInput, Problem, TooLarge

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SPEED = {
    "productSpecCharacteristic": [
        {
            "name": "speed",
            "configurable": True,
            "minCardinality": 1,
            "valueType": "number",
            "productSpecCharacteristicValue": [{"value": 100}, {"value": 300}],
        },
        {
            "name": "quantity",
            "configurable": True,
            "valueType": "number",
            "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 5}],
        },
    ]
}
CATALOGUE = Catalogue({"OF-1": Offer({"id": "OF-1", "name": "Office line"}, SPEED)})
RUSSIAN = "Номер;Адрес;Услуга;Количество\r\nБ-1;Тверь, Мира 5;Линия;2\r\n"


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-8", b""), ("cp1251", b""), ("utf-16", b"")]
)
def test_what_spreadsheets_save_is_read(encoding: str, mark: bytes) -> None:
    file = read_file(mark + RUSSIAN.encode(encoding))
    assert file.delimiter == ";" and [line for line, _ in file.rows] == [2]
    assert cells_of(file.header, file.rows[0][1]) == {
        "externalId": "Б-1", "address": "Тверь, Мира 5", "offering": "Линия", "quantity": "2",
    }  # fmt: skip


def test_lines_are_numbered_as_in_the_file_and_blank_ones_left_out() -> None:
    file = read_file(b'external_id,address,offering\n\n1,"a\nb",x\n,,\n2,c,y\n')
    assert [line for line, _ in file.rows] == [3, 6]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"PK\x03\x04", b"a;b\n1;2", b"external_id,address,offering"],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_file(data)


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_file(b"external_id,address,offering\n" + b"1,2,3\n" * 1001)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(read_file(b"external_id,address,offering\n1,2,3\n" + data), BulkFile)
        read_file(data)
    except Problem as problem:
        assert problem.text


cell = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="'\ufeff"), max_size=12
).map(str.strip)


@given(st.lists(st.lists(cell, min_size=3, max_size=3).filter(any), min_size=1, max_size=5))
def test_a_reject_file_is_read_as_what_was_sent(rows: list[list[str]]) -> None:
    header = ("external_id", "address", "offering")
    made = reject_file(header, ";", [(n, "a reason", row) for n, row in enumerate(rows, 2)])
    file = read_file(made)
    again = [cells_of(file.header, cells) for _, cells in file.rows]
    assert again == [dict(zip(("externalId", "address", "offering"), row, strict=True)) for row in rows]
    twice = reject_file(file.header, file.delimiter, [(n, "", cells) for n, cells in file.rows])
    assert read_file(twice).header == file.header


def read(**cells: str) -> list[tuple[str, str]]:
    given_ = {"externalId": "1", "site": "A-1", "offering": "OF-1", "characteristics": "speed=100"} | cells
    return [(p["column"], p["text"]) for p in judge(given_, offers_by_name(CATALOGUE), NOW, UTC).problems]


def test_a_line_in_order_has_no_problem() -> None:
    assert read() == []
    assert read(offering="office  LINE", quantity="5,0", date="31.12.2026", contact="+79990000000") == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"externalId": ""}, "externalId"),
        ({"externalId": "x" * 300}, "externalId"),
        ({"offering": ""}, "offering"),
        ({"offering": "nothing"}, "offering"),
        ({"quantity": "6"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "two"}, "quantity"),
        ({"characteristics": ""}, "characteristics"),
        ({"characteristics": "speed=200"}, "characteristics"),
        ({"characteristics": "speed=100|colour=red"}, "characteristics"),
        ({"characteristics": "speed"}, "characteristics"),
        ({"date": "2026-11-23"}, "date"),
        ({"date": "2036-11-23"}, "date"),
        ({"date": "soon"}, "date"),
        ({"contact": "nobody@"}, "contact"),
        ({"site": ""}, "address"),
    ],
)
def test_each_problem_names_its_column(cells: dict[str, str], column: str) -> None:
    found = read(**cells)
    assert found and {name for name, _ in found} == {column}


def test_an_order_has_an_item_for_each_piece_and_the_clients_own_number() -> None:
    line = {
        "bulkOrder": "BO-1", "line": 7, "externalId": "X-1", "quantity": 2, "address": {"id": "A-1"},
        "offering": {"id": "OF-1", "name": "Office line"}, "characteristic": {"speed": 100},
    }  # fmt: skip
    order = order_of(line, {"id": "C-1", "name": "North Quay"}, "sites.csv")
    assert [item["id"] for item in order["productOrderItem"]] == ["1", "2"]
    assert order["externalId"] == "X-1" and order["note"][0]["text"] == "sites.csv, line 7"


def test_numbers_that_stand_twice_are_found() -> None:
    assert seen_twice(["1", "2", "1", "", ""]) == {"1"}
