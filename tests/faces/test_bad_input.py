"""Bad input, each kind answered by a TMF error body with its status, and nothing half-written."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from abonent.faces.http import BODY_LIMIT
from tests.support.web import CUSTOMERS, ORDERS, Web, error_of, run_web
from tests.support.world import build, item, order

GOOD = order(item("1", "fibre"))
PRICE = {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "RUB", "value": 1}}}


@pytest.fixture
async def web(dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with run_web(dsn, tmp_path) as running:
        await build(running.context)
        yield running


def text(**more: Any) -> bytes:
    return json.dumps(GOOD | more).encode()


def nested(levels: int) -> bytes:
    value = '{"a":' * levels + "1" + "}" * levels
    return (
        b'{"@type":"x","@schemaLocation":"http://x/y","productOrderItem":[],"deep":' + value.encode() + b"}"
    )


BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformedJson"),
    "no json": (b"hello", "malformedJson"),
    "cut off": (text()[:-5], "malformedJson"),
    "more behind": (text() + b"x", "malformedJson"),
    "not utf-8": (b'{"description":"\xff\xfe"}', "malformedJson"),
    "a list": (b"[]", "notAnObject"),
    "a text": (b'"x"', "notAnObject"),
    "null": (b"null", "notAnObject"),
    "too deep": (nested(80), "nestedTooDeep"),
    "far too deep": (nested(100_000), "nestedTooDeep"),
    "null character": (text(description="a\x00b"), "unsafeCharacter"),
    "null character as text": (b'{"description":"\\u0000"}', "unsafeCharacter"),
    "lone surrogate": (b'{"description":"\\ud800"}', "unsafeCharacter"),
    "null character in a name": (b'{"a\\u0000":1}', "unsafeCharacter"),
    "huge number": (text()[:-1] + b',"priority":1e400}', "numberOutOfRange"),
    "many digits": (b'{"a":' + b"9" * 5000 + b"}", "numberOutOfRange"),
    "NaN": (b'{"a":NaN}', "numberOutOfRange"),
    "twice": (b'{"description":"a","description":"b"}', "duplicateAttribute"),
    "unknown attribute": (text(descripton="x"), "unknownAttribute"),
    "unknown attribute inside": (text(productOrderItem=[item("1", "fibre", colour=1)]), "unknownAttribute"),
    "no items": (b"{}", "missingAttribute"),
    "empty items": (text(productOrderItem=[]), "emptyList"),
    "items no list": (text(productOrderItem={"id": "1"}), "wrongType"),
    "item no object": (text(productOrderItem=[1]), "wrongType"),
    "item without id": (text(productOrderItem=[{"action": "add"}]), "missingAttribute"),
    "item without action": (text(productOrderItem=[{"id": "1"}]), "missingAttribute"),
    "unknown action": (text(productOrderItem=[{"id": "1", "action": "buy"}]), "notInEnumeration"),
    "id a number": (text(productOrderItem=[{"id": 1, "action": "add"}]), "wrongType"),
    "quantity a text": (text(productOrderItem=[item("1", "fibre", quantity="2")]), "wrongType"),
    "quantity with a point": (text(productOrderItem=[item("1", "fibre", quantity=1.5)]), "wrongType"),
    "quantity too large": (text(productOrderItem=[item("1", "fibre", quantity=2**70)]), "numberOutOfRange"),
    "quantity negative": (text(productOrderItem=[item("1", "fibre", quantity=-1)]), "badQuantity"),
    "no date": (text(requestedCompletionDate="tomorrow"), "malformedDateTime"),
    "no such day": (text(requestedCompletionDate="2026-02-30T00:00:00Z"), "malformedDateTime"),
    "date a number": (text(requestedCompletionDate=20260101), "wrongType"),
    "party without type": (text(relatedParty=[{"id": "C-1"}]), "missingAttribute"),
    "offering without id": (text(productOrderItem=[item("1", None, productOffering={})]), "missingAttribute"),
    "unknown offering": (text(productOrderItem=[item("1", "gone")]), "unknownProductOffering"),
    "wrong price": (text(productOrderItem=[item("1", "fibre", itemPrice=[PRICE])]), "priceMismatch"),
    "empty item id": (text(productOrderItem=[item("", "fibre")]), "badItemId"),
    "long item id": (text(productOrderItem=[item("x" * 101, "fibre")]), "badItemId"),
}


async def test_bodies(web: Web) -> None:
    before = await web.counts()
    for name, (body, code) in BODIES.items():
        answer = await web.admin.post(ORDERS, content=body, headers={"Content-Type": "application/json"})
        said = error_of(answer, 400)
        assert said["code"] == code, (name, said)
    assert await web.counts() == before
    assert (await web.admin.post(ORDERS, json=GOOD)).status_code == 201


async def test_patches_and_merge_patches(web: Web) -> None:
    made = (await web.admin.post(ORDERS, json=GOOD)).json()
    before = await web.counts()
    merge, steps = "application/merge-patch+json", "application/json-patch+json"
    cases: list[tuple[str, bytes, int]] = [
        (merge, b"{", 400),
        (merge, b"[]", 400),
        (merge, b'{"description":"\\u0000"}', 400),
        (merge, b'{"productOrderItem":[]}', 400),
        (merge, b'{"productOrderItem":null}', 400),
        (merge, b'{"orderDate":"2026-01-01T00:00:00Z"}', 400),
        (merge, b'{"state":"open"}', 400),
        (merge, b'{"state":"completed"}', 422),
        (merge, b'{"state":"assessingCancellation"}', 422),
        (steps, b"{}", 400),
        (steps, b'[{"op":"fly","path":"/state"}]', 400),
        (steps, b'[{"op":"replace","path":"/nothing/here","value":1}]', 400),
        (steps, b'[{"op":"remove","path":""}]', 400),
        (steps, b'[{"op":"replace","path":"","value":5}]', 400),
        (steps, b'[{"op":"replace","path":"/id","value":"O-1"}]', 400),
        (steps, b'[{"op":"test","path":"/state","value":"held"}]', 409),
        ("text/plain", b"{}", 415),
        ("application/xml", b"<a/>", 415),
    ]
    for kind, body, status in cases:
        answer = await web.admin.patch(made["href"], content=body, headers={"Content-Type": kind})
        error_of(answer, status)
    assert await web.counts() == before
    assert (await web.admin.get(made["href"])).json() == made


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
async def test_a_body_of_another_type_is_not_guessed_at(web: Web, kind: str) -> None:
    before = await web.counts()
    answer = await web.admin.post(ORDERS, content=text(), headers={"Content-Type": kind})
    error_of(answer, 415, "badContentType")
    assert await web.counts() == before


async def test_a_body_over_the_limit(web: Web) -> None:
    before = await web.counts()
    large = text(description="x" * BODY_LIMIT)

    def chunks() -> Iterator[bytes]:
        yield from (large[n : n + 65536] for n in range(0, len(large), 65536))

    async def streamed() -> AsyncIterator[bytes]:
        for chunk in chunks():
            yield chunk

    kind = {"Content-Type": "application/json"}
    for content in (large, streamed()):
        try:
            answer = await web.admin.post(ORDERS, content=content, headers=kind)
        except httpx.TransportError:
            continue  # the server need not read to the end before it hangs up
        error_of(answer, 413, "bodyTooLarge")
    assert await web.counts() == before
    # At the limit it is read.
    fitting = text(description="")
    body = text(description="x" * (BODY_LIMIT - len(fitting)))
    assert len(body) == BODY_LIMIT
    assert (await web.admin.post(ORDERS, content=body, headers=kind)).status_code == 201


QUERIES = {
    "nme=x": "unknownAttribute",
    "name.from=x": "unknownAttribute",
    "engagedParty=x": "badFilter",
    "engagedParty.colour=x": "unknownAttribute",
    "href=x": "badFilter",
    "sort=nme": "unknownAttribute",
    "sort=-": "unknownAttribute",
    "fields=nme": "unknownAttribute",
    "limit=x": "badPaging",
    "limit=-1": "badPaging",
    "limit=1.5": "badPaging",
    "limit=1&limit=2": "badPaging",
    "limit=99999999999": "badPaging",
    "offset=-1": "badPaging",
    "offset=": "badPaging",
    "name.regex=(": "badRegex",
    "name.regex=": "badRegex",
    f"name.regex={'a' * 501}": "badRegex",
    "validFor.startDateTime=soon": "badDateTime",
    "validFor.startDateTime.gt=": "badFilter",
    "contactMedium.preferred=perhaps": "badBoolean",
    "contactMedium.preferred.gt=true": "badFilter",
    "creditProfile.creditScore=much": "badNumber",
    "creditProfile.creditScore.gt=1e400": "badNumber",
    "filter=$.x": "unsupportedFilter",
    "name=a%00b": "badCharacter",
    f"name={'x' * 4001}": "valueTooLong",
    "&".join(f"name=v{n}" for n in range(201)): "filterTooLarge",
    ".=x": "unknownAttribute",
    "'=x": "unknownAttribute",
    "name;drop=x": "unknownAttribute",
}


async def test_queries(web: Web) -> None:
    for query, code in QUERIES.items():
        for paged in ("", "&limit=5"):
            if paged and "limit" in query:
                continue
            said = error_of(await web.admin.get(f"{CUSTOMERS}?{query}{paged}"), 400)
            assert said["code"] == code, (query[:60], said)


async def test_a_regex_that_takes_for_ever_is_no_fault_of_ours(web: Web) -> None:
    answer = await web.admin.get(CUSTOMERS, params={"name.regex": "(a+)+$" * 20, "limit": 5}, timeout=40)
    assert answer.status_code in {200, 400}


async def test_the_reason_names_the_place_and_the_mend(web: Web) -> None:
    answer = await web.admin.post(ORDERS, json=GOOD | {"productOrderItem": [item("1", "fibre", quantty=1)]})
    said = error_of(answer, 400)
    assert said["message"] == "productOrderItem[0].quantty"
    assert "quantity" in said["reason"]


@pytest.mark.parametrize(
    ("language", "russian"),
    [("ru", True), ("ru-RU,ru;q=0.9,en;q=0.8", True), ("en", False), ("en,ru;q=0.5", False), ("de, ru;q=0.1", True),
     ("", False), ("ru;q=0", False), ("xx;;;q=,", False)],
)  # fmt: skip
async def test_errors_speak_the_callers_language(web: Web, language: str, russian: bool) -> None:
    answer = await web.admin.get(f"{ORDERS}/O-404", headers={"Accept-Language": language})
    said = error_of(answer, 404, "notFound")
    assert ("Нет" in said["reason"]) is russian, said
    assert "O-404" in said["reason"]
