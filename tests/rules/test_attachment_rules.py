"""What may be attached to a work order: by content, size and count; under which name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.workforce.rules_attachments import (
    MOST_BYTES,
    MOST_FILES,
    check_count,
    check_file,
    free_name,
    safe_name,
    type_of,
)
from abonent.kit.errors import BadInput, IllegalMove
from tests.support.files import JPEG, PDF, PNG, png


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", None),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<!doctype html><script>alert(1)</script>", None),
        (b"PK\x03\x04", None),
        (b"MZ\x90\x00", None),
        (b" %PDF-1.7", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_the_type_is_told_by_the_content(content: bytes, kind: str | None) -> None:
    assert type_of(content) == kind


def test_the_name_gets_the_ending_of_its_type() -> None:
    assert check_file("box.html", JPEG).name == "box.jpg"
    assert check_file("акт.PDF", PDF).name == "акт.pdf"
    assert check_file("image", PNG).name == "image.png"
    checked = check_file("C:\\photos\\box.jpeg", JPEG)
    assert (checked.name, checked.type, checked.content) == ("box.jpg", "image/jpeg", JPEG)
    assert len(checked.sha256) == 64


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "fileEmpty"),
        (b"<script>", "fileType"),
        (JPEG + bytes(MOST_BYTES + 1 - len(JPEG)), "fileTooLarge"),
    ],
)
def test_what_cannot_be_kept_is_told(content: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_file("box.jpg", content)
    assert refused.value.code == code and refused.value.facts["path"] == "photo"


def test_the_largest_file_is_kept() -> None:
    assert check_file("box.png", PNG + bytes(MOST_BYTES - len(PNG))).type == "image/png"


def test_the_count_is_bounded() -> None:
    check_count(MOST_FILES - 1, 1)
    with pytest.raises(IllegalMove):
        check_count(MOST_FILES - 1, 2)


@given(st.text(max_size=300))
def test_no_name_can_do_harm(name: str) -> None:
    made = safe_name(name)
    assert 0 < len(made) <= 80 and made.isprintable()
    assert not set(made) & set('/\\<>:"|?*;%') and not made.startswith(".")
    assert safe_name(made) == made


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("box.jpg", set()) == "box.jpg"
    assert free_name("box.jpg", {"box.jpg", "box (2).jpg"}) == "box (3).jpg"


def test_pictures_of_the_tests_are_real() -> None:
    assert png(1) != png(2) and type_of(png(3)) == "image/png"
