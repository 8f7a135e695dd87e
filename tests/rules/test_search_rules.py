"""What was typed into the search, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.party.rules_search import MOST_WORDS, asked, nearest, retyped, slips, without_house


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("C-1001", "C-1001"),
        ("c 1001", "C-1001"),
        ("c1001", "C-1001"),
        ("С-1001", "C-1001"),
        ("О-10001", "O-10001"),
        ("щ-10001", "O-10001"),
        ("1001", "O-1001"),
        ("1001", "C-1001"),
        ("1001-2", "P-1001-2"),
        ("C-7590-VHVEG", "C-7590-VHVEG"),
        ("shop/17", "shop/17"),
    ],
)
def test_numbers_are_known_in_every_spelling(text: str, number: str) -> None:
    assert number in asked(text).numbers


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("8 (999) 000-00-12", "79990000012"),
        ("+7 999 000 00 12", "79990000012"),
        ("9990000012", "79990000012"),
        ("+442079460000", "442079460000"),
        ("000-00-12", ""),
        ("Анна 9990000012", ""),
    ],
)
def test_telephone_numbers_are_one_in_every_spelling(text: str, phone: str) -> None:
    assert asked(text).phone == phone


def test_a_part_of_a_number_loses_the_dialled_eight() -> None:
    assert asked("8 999 000").digits == "999000"
    assert asked("0012").digits == "0012"
    assert asked("12").digits == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("fyyf", "анна"), ("Cjrjkjd", "Соколов"), ("ыщлщдщм", "sokolov"), ("x5 ю", "")]
)
def test_the_other_layout(typed: str, meant: str) -> None:
    assert retyped(typed) == meant


@pytest.mark.parametrize(
    ("left", "right", "count"),
    [("anna", "ana", 1), ("anna", "anan", 1), ("anna", "olga", 3), ("sokolov", "skoolov", 1), ("", "ab", 2)],
)
def test_slips_are_counted(left: str, right: str, count: int) -> None:
    assert slips(left, right) == slips(right, left) == count


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_slips_are_none_only_between_equals_and_at_most_the_longer(left: str, right: str) -> None:
    assert (slips(left, right) == 0) == (left == right)
    assert abs(len(left) - len(right)) <= slips(left, right) <= max(len(left), len(right))


def test_the_nearest_words_are_taken_and_far_ones_are_not() -> None:
    assert nearest("sokolva", ["sokolova", "sokolov", "orlova"]) == ["sokolova"]
    assert nearest("ana", ["anna", "olga"]) == ["anna"]
    assert nearest("zzzz", ["anna", "olga"]) == []


def test_words_of_a_house_say_nothing_unless_there_are_no_others() -> None:
    assert without_house([["svobodi"], ["d"], ["12"]]) == [["svobodi"], ["12"]]
    assert without_house([["ul"]]) == [["ul"]]


@given(st.text(max_size=400))
def test_anything_can_be_typed(text: str) -> None:
    question = asked(text)
    assert len(question.words) <= MOST_WORDS
    assert all(word.strip() for word in question.words)
    assert "\x00" not in question.text + "".join(question.numbers) + "".join(question.words)
    retyped(question.text)
