"""What import and export jobs may name, and what a file of the catalogue must look like."""

from typing import Any

import pytest

from abonent.domain.catalog.exchange_resources import CATALOG_FILE, PRODUCT_KINDS, SERVICE_KINDS
from abonent.domain.catalog.resources import CATEGORY, PRODUCT_OFFERING
from abonent.domain.catalog.rules_exchange import (
    MOST_FAULTS,
    check_content_type,
    chosen,
    conditions,
    file_name,
    highest_number,
    read_content,
)
from abonent.kit.errors import BadInput

SITE = "https://crm.example.org"
FOLDER = CATALOG_FILE.path


@pytest.mark.parametrize(
    ("url", "site", "name"),
    [
        (f"{FOLDER}/spring", "", "spring"),
        (f"{FOLDER}/spring-2026.json", SITE, "spring-2026.json"),
        (f"{SITE}{FOLDER}/spring", SITE, "spring"),
        (f"http://127.0.0.1:8080{FOLDER}/CFL-10001", "", "CFL-10001"),
        (f"http://localhost{FOLDER}/%73pring", "", "spring"),
    ],
)
def test_files_of_this_server(url: str, site: str, name: str) -> None:
    assert file_name(url, site) == name


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://files.example.org/catalogue.json", SITE),
        (f"https://files.example.org{FOLDER}/spring", SITE),
        (f"http://crm.example.org{FOLDER}/spring", SITE),
        (f"https://crm.example.org:8443{FOLDER}/spring", SITE),
        (f"https://crm.example.org@evil.example{FOLDER}/spring", SITE),
        (f"http://files.example.org{FOLDER}/spring", ""),
        (f"http://localhost{FOLDER}/spring", SITE),
        (f"file://{FOLDER}/spring", ""),
        (f"ftp://localhost{FOLDER}/spring", ""),
        ("file:///etc/passwd", ""),
        ("http://169.254.169.254/latest/meta-data", ""),
        ("http://[::1", ""),
        (f"{FOLDER}/", ""),
        (f"{FOLDER}/../../etc", ""),
        (f"{FOLDER}/%2e%2e%2fetc", ""),
        (f"{FOLDER}/spring?x=1", ""),
        ("spring", ""),
    ],
)
def test_everything_else_is_refused_with_the_way_out(url: str, site: str) -> None:
    with pytest.raises(BadInput) as refused:
        file_name(url, site)
    assert refused.value.code == "fileElsewhere" and FOLDER in str(refused.value)


def test_formats() -> None:
    for good in (None, "", "application/json", "Application/JSON; charset=utf-8"):
        check_content_type(good)
    with pytest.raises(BadInput, match="application/json"):
        check_content_type("text/csv")


def test_kinds() -> None:
    assert chosen(None, PRODUCT_KINDS) == PRODUCT_KINDS
    for path in (
        "productOffering",
        "/tmf-api/productCatalogManagement/v4/productOffering/",
        f"{SITE}/x/productOffering",
    ):
        assert chosen(path, PRODUCT_KINDS) == (PRODUCT_OFFERING,)
    with pytest.raises(BadInput, match="serviceCandidate"):
        chosen("productOffering", SERVICE_KINDS)


def test_filters_need_a_kind() -> None:
    assert conditions(None, PRODUCT_KINDS) == []
    assert conditions("?name=a&version=", [CATEGORY]) == [("name", "a"), ("version", "")]
    with pytest.raises(BadInput, match="path"):
        conditions("name=a", PRODUCT_KINDS)


def test_a_file_is_read() -> None:
    content = {
        "category": [{"id": "CAT-1", "name": "Home", "href": "http://elsewhere/CAT-1"}],
        "productOffering": [{"id": "fibre", "name": "Fibre"}],
    }
    read = read_content(content, PRODUCT_KINDS)
    assert read == [
        (CATEGORY, {"id": "CAT-1", "name": "Home"}),
        (PRODUCT_OFFERING, {"id": "fibre", "name": "Fibre"}),
    ]
    assert read_content([{"id": "a", "name": "A"}], [CATEGORY]) == [(CATEGORY, {"id": "a", "name": "A"})]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("x", "an object with lists"),
        ([], "an object with lists"),
        ({}, "an object with lists"),
        ({"product": []}, "product is none of"),
        ({"category": {}}, "category is no list"),
        ({"category": [1]}, r"category\[0\]: no object"),
        ({"category": [{"name": "A"}]}, r"category\[0\]: it has no id"),
        ({"category": [{"id": "a"}]}, r"category\[0\]: name"),
        ({"category": [{"id": "a", "name": "A", "colour": "red"}]}, "colour"),
        ({"category": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, "stands twice"),
    ],
)
def test_faults_of_a_file(content: Any, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_content(content, PRODUCT_KINDS)


def test_the_first_faults_are_told_and_the_others_counted() -> None:
    with pytest.raises(BadInput, match="and 5 more"):
        read_content({"category": [{}] * (MOST_FAULTS + 5)}, PRODUCT_KINDS)


def test_our_own_numbers_among_ids() -> None:
    ids = ["CAT-10007", "CAT-12", "CAT-x", "PO-99999", "XCAT-88888", "CAT-10008-b"]
    assert highest_number(CATEGORY, ids) == 10007
    assert highest_number(CATEGORY, ["home"]) == 0
