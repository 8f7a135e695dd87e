"""The mapping language: what is refused and how it is told, what cells become, how documents are merged."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.importing.cells import Cells, months_before
from abonent.importing.documents import Offered, documents_of
from abonent.importing.mapping import Condition, Since, Value, built_in, check_header, load, parse
from abonent.importing.merging import merged
from abonent.importing.problems import FileProblem, MappingProblem, RowProblem

CLIENT = '[client]\nkey = "id"\nname = "name"\n'


@pytest.mark.parametrize(
    ("text", "path", "hint"),
    [
        ('[client]\nname = "n"', "client.key", "missing; add it"),
        ("[file]\nencoding = 'utf-8'", "client", "missing; add it"),
        (CLIENT + 'langauge = "en"', "client.langauge", "did you mean language?"),
        (CLIENT + "[fil]\n", "fil", "did you mean file?"),
        (CLIENT + "[file]\nencoding = 'koi8-r'", "file.encoding", "koi8-r"),
        (CLIENT + "[file]\ndelimiter = '::'", "file.delimiter", "one character"),
        (CLIENT + "[party]\nkind = { colum = 'x' }", "party.kind.colum", "did you mean column?"),
        (CLIENT + "[party]\nkind = { type = 'text' }", "party.kind", "either a column or a text"),
        (CLIENT + "[client.since]\nformat = '%Y'", "client.since", "either date or months"),
        (CLIENT + "[[product]]\nprice = 'p'", "product 1", "either offering or offering_from"),
        (CLIENT + "[[product]]\noffering='a'\nwhen = {column='c'}", "product 1.when", "is = [...]"),
        (CLIENT + "[[contact]]\ntype = 'pigeon'", "contact.type", "pigeon"),
        (
            CLIENT + "[[offering]]\nid='a'\nname='A'\nrequires=['b']",
            "offering a",
            "no [[offering]] with id b",
        ),
        (CLIENT + "[[offering]]\nid='a'\nname='A'\nmonthly='4,90'", "offering a.monthly", "490.00"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_key_and_the_fix(text: str, path: str, hint: str) -> None:
    with pytest.raises(MappingProblem) as refused:
        parse(text)
    assert refused.value.facts["path"] == path
    assert hint in str(refused.value)


def test_what_is_not_toml_is_told_with_its_place() -> None:
    with pytest.raises(MappingProblem, match="line 2"):
        parse(CLIENT.replace('"id"', "id"))


def test_a_column_the_file_lacks_is_refused_unless_optional() -> None:
    mapping = parse(CLIENT + '[party]\ngender = { text = "{sex}" }')
    with pytest.raises(FileProblem, match=r"party.gender: .* no column sex \(close: sexe\)"):
        check_header(mapping, ["id", "name", "sexe"])
    check_header(parse(CLIENT + '[party]\ngender = "sex"\n[file]\noptional = ["sex"]'), ["id", "name"])


def test_the_built_in_mappings_load_and_an_unknown_one_names_them() -> None:
    assert {"ibm_telco_churn", "simple"} <= set(built_in())
    for name in built_in():
        assert load(name).title
    with pytest.raises(MappingProblem, match="ibm_telco_churn, simple"):
        load("simpel")


def test_cells_become_values() -> None:
    cells = Cells({"n": " 1 234,50 ", "yes": "Да", "empty": "  ", "kind": "B", "i": "7"}, decimal=",")
    assert cells.read(Value(column="n", type="number")) == Decimal("1234.50")
    assert cells.read(Value(column="yes", type="boolean")) is True
    assert cells.read(Value(column="i", type="integer")) == 7
    assert cells.read("empty") is None
    assert cells.read("not in the file") is None
    assert cells.read(Value(column="empty", blank="0", type="number")) == 0
    assert cells.read(Value(column="kind", values={"B": "business"})) == "business"
    assert cells.read(Value(column="kind", values={}, other="?")) == "?"
    assert cells.read(Value(text="{kind}-{i}")) == "B-7"
    assert cells.meets(Condition(column="kind", is_=["B"]))
    assert not cells.meets(Condition(column="kind", not_=["B"]))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Value(column="c", type="number"), "c: `abc` is not a number"),
        (Value(column="c", type="integer"), "c: `abc` is not a number"),
        (Value(column="c", type="boolean"), "neither yes nor no"),
        (Value(column="c", values={"x": "y"}), "not one of: x"),
    ],
)
def test_a_cell_that_does_not_fit_is_told(value: Value, told: str) -> None:
    with pytest.raises(RowProblem, match=told):
        Cells({"c": "abc"}).read(value)


def test_no_infinity_passes_as_a_number() -> None:
    for raw in ("Infinity", "NaN", "1e400"):
        with pytest.raises(RowProblem):
            Cells({"c": raw}).read(Value(column="c", type="number"))


def test_since_is_counted_back_or_read() -> None:
    today = date(2026, 3, 31)
    cells = Cells({"months": "1", "day": "05.02.2020", "none": ""})
    # One month before 31 March is 28 February: that is as far as February goes in 2026.
    assert cells.since(Since(months="months"), today) == datetime(2026, 2, 28, tzinfo=UTC)
    dated = Since(months="months", as_of=date(2024, 3, 31))
    assert cells.since(dated, today) == datetime(2024, 2, 29, tzinfo=UTC)
    assert cells.since(Since(date="day", format="%d.%m.%Y"), today) == datetime(2020, 2, 5, tzinfo=UTC)
    assert cells.since(Since(months="none"), today) is None
    with pytest.raises(RowProblem, match="not a date like"):
        cells.since(Since(date="day"), today)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(0, 600))
def test_months_are_counted_one_by_one(day: date, months: int) -> None:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    found = months_before(day, months)
    assert (found.year, found.month) == (year, month)
    assert found.day == day.day or (found.day < day.day and found.replace(day=found.day).day >= 28)


_words = st.sampled_from(["a", "b", "c"])
_entries = st.lists(
    st.fixed_dictionaries({"name": _words, "value": st.integers(0, 3)}), unique_by=lambda e: e["name"]
)
_documents = st.dictionaries(_words, st.one_of(st.integers(0, 3), _entries), max_size=3)


@given(_documents, _documents)
def test_merging_twice_is_merging_once(old: dict, new: dict) -> None:
    once = merged(old, new)
    assert merged(once, new) == once
    assert merged(old, {}) == old
    assert {k: v for k, v in once.items() if k not in new} == {k: v for k, v in old.items() if k not in new}
    for name, value in new.items():
        if isinstance(value, list):
            assert all(entry in once[name] for entry in value)
        else:
            assert once[name] == value


def test_merging_keeps_what_is_ours() -> None:
    old = {
        "status": "suspended",
        "characteristic": [
            {"name": "contract", "value": "year"},
            {"name": "note", "value": "calls at night"},
        ],
        "accountBalance": [{"balanceType": "receivableBalance", "amount": {"value": 5}, "validFor": "then"}],
        "validFor": "2020",
    }
    new = {
        "status": "active",
        "characteristic": [{"name": "contract", "value": "month"}],
        "accountBalance": [{"balanceType": "receivableBalance", "amount": {"value": 5}, "validFor": "now"}],
        "validFor": "2024",
    }
    assert merged(old, new, keep_dates=True) == old | {
        "characteristic": [
            {"name": "contract", "value": "month"},
            {"name": "note", "value": "calls at night"},
        ]
    }
    assert merged(old, new)["validFor"] == "2024"


PAYING = """
[client]
key = "id"
name = "name"
[charges]
total = "paid"
[[product]]
offering = "phone"
[[product]]
offering = "tv"
when = { column = "tv", is = ["yes"] }
"""


def _row(**cells: str) -> list[dict]:
    offered = {"phone": Offered("Phone", "PS-phone", Decimal(20)), "tv": Offered("TV", None, Decimal(10))}
    made = documents_of(parse(PAYING), Cells(cells), offered, date(2026, 1, 1))
    return [document for _, document in made.documents]


def test_the_sum_of_the_prices_is_what_the_client_pays() -> None:
    products = _row(id="7", name="Anna Sokolova", paid="28.50", tv="yes")[3:]
    prices = [p["productPrice"][0]["price"]["taxIncludedAmount"]["value"] for p in products]
    # TV costs its 10; the phone carries the rest of the 28.50.
    assert prices == [Decimal("18.50"), Decimal(10)]
    assert [p["id"] for p in products] == ["P-7-phone", "P-7-tv"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"id": "", "name": "A"}, "cannot be a client's key"),
        ({"id": "a b", "name": "A"}, "cannot be a client's key"),
        ({"id": "1", "name": " "}, "has no name"),
        ({"id": "1", "name": "A", "paid": "much"}, "paid: `much` is not a number"),
        ({"id": "1", "name": "A\x00"}, "cannot be stored"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: dict[str, str], told: str) -> None:
    with pytest.raises(RowProblem, match=told):
        _row(**cells)


def test_the_example_of_the_documentation_is_a_mapping() -> None:
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert [offering.id for offering in parse(example).offering] == ["internet", "tv-basic", "tv-max"]
