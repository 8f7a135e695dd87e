"""Contact data: read, checked, laid over the customer."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.party.resources import CUSTOMER_
from abonent.domain.party.rules_contact import Contact, changes, contact_of, contact_patch, dialled, problems
from abonent.kit.patch import merge_patch

GOOD = Contact("anna@example.org", "+79990000012", "email", "ru", "Svobody 12", "Yaroslavl", "150000")


def customer(*media: dict[str, Any], **more: Any) -> dict[str, Any]:
    party = {"id": "I-1", "@referredType": "Individual"}
    return {"id": "C-1", "name": "Anna", "engagedParty": party, "contactMedium": list(media), **more}


def medium(kind: str, preferred: bool = False, **traits: str) -> dict[str, Any]:
    return {"mediumType": kind, "preferred": preferred, "characteristic": traits}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "anna@example"}, "email"),
        ({"email": "anna example.org"}, "email"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": ""}, "channel"),
        ({"phone": "", "channel": "SMS"}, "channel"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "call me"}, "phone"),
        ({"channel": "pigeon"}, "channel"),
        ({"language": "de"}, "language"),
        ({"city": "Y" * 201}, "city"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(change: dict[str, str], field: str) -> None:
    assert set(problems(replace(GOOD, **change))) == {field}


def test_good_data_have_no_problem() -> None:
    assert problems(GOOD) == {}
    assert problems(replace(GOOD, email="", channel="SMS")) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("8 (999) 000-00-12", "+79990000012"),
        ("+7 999 000 00 12", "+79990000012"),
        ("9990000012", "+79990000012"),
        ("+44 20 7946 0000", "+442079460000"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert dialled(typed) == kept


def test_the_first_of_each_kind_is_changed_and_others_stay() -> None:
    second = medium("email", emailAddress="office@example.org")
    fax = medium("fax", faxNumber="+74850000000")
    before = customer(
        medium("email", True, emailAddress="old@example.org"), second, fax,
        characteristic=[{"name": "quietHours", "value": "22:00-08:00"}, {"name": "language", "value": "en"}],
    )  # fmt: skip
    after = merge_patch(before, contact_patch(before, replace(GOOD, channel="SMS")))
    CUSTOMER_.shape.check(after)
    assert contact_of(after) == replace(GOOD, channel="SMS")
    assert second in after["contactMedium"] and fax in after["contactMedium"]
    assert {"name": "quietHours", "value": "22:00-08:00"} in after["characteristic"]
    assert [m["preferred"] for m in after["contactMedium"]].count(True) == 1


def test_what_is_emptied_is_removed() -> None:
    before = customer(
        medium("email", True, emailAddress="a@example.org"), medium("mobile", phoneNumber="+79990000012")
    )
    after = merge_patch(before, contact_patch(before, Contact("a@example.org", language="ru")))
    assert [m["mediumType"] for m in after["contactMedium"]] == ["email"]


def test_changes_name_field_before_and_after() -> None:
    assert changes(GOOD, replace(GOOD, city="", language="en")) == [
        ("language", "ru", "en"),
        ("city", "Yaroslavl", ""),
    ]


words = st.text("abc 1", max_size=5).map(str.strip)


@given(
    st.builds(
        Contact,
        st.just("a@example.org"),
        st.sampled_from(["", "+79990000012"]),
        st.just("email"),
        st.sampled_from(["en", "ru"]),
        words,
        words,
        words,
    )
)
def test_what_is_saved_is_read_again(contact: Contact) -> None:
    """Property: whatever stood there, the patch makes the document say exactly this."""
    start = customer(medium("mobile", True, phoneNumber="+74950000000"), medium("postalAddress", city="Tula"))
    after = merge_patch(start, contact_patch(start, contact))
    assert asdict(contact_of(after)) == asdict(contact)
    again = merge_patch(after, contact_patch(after, contact))
    assert again == after
