"""What strangers send is decoded exactly, or refused with the place named."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.errors import BadInput
from abonent.kit.json_guard import MAX_DEPTH, MAX_DIGITS, decode, encode, read_json, read_object


def refusal(raw: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_json(raw)
    return caught.value


@pytest.mark.parametrize(
    "number",
    [
        "0.1",
        "1234567890.1234567890",
        "599.90",
        "1.10",
        "-0.000001",
        "0",
        "-7",
        "9007199254740993",
        "99999999999999999999999999999.99",
        "1E+5",
        "1" * 300,
    ],
)
def test_numbers_come_out_digit_for_digit(number: str) -> None:
    raw = b'{"value":' + number.encode() + b"}"
    assert encode(read_object(raw)) == raw
    assert encode(decode(raw)) == raw


def test_a_number_with_a_point_is_a_decimal_and_one_without_an_int() -> None:
    doc = read_object(b'{"a": 0.10, "b": 10, "c": 1e2}')
    assert [type(value) for value in doc.values()] == [Decimal, int, Decimal]
    assert doc["c"] == 100


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (rb'{"a":[{"b":"x\u0000y"}]}', "unsafeCharacter", "a[0].b"),
        (rb'{"a":{"k\u0000":1}}', "unsafeCharacter", "a"),
        (rb'{"a":"\ud800"}', "unsafeCharacter", "a"),
        (rb'{"a":"\udc00\ud800 tail"}', "unsafeCharacter", "a"),
        (b'{"a":{"b":1e400}}', "numberOutOfRange", "a.b"),
        (b'{"a":[0,1e-400]}', "numberOutOfRange", "a[1]"),
        (b'{"a":1e99999999999999999999999}', "numberOutOfRange", "a"),
        (b'{"a":' + b"9" * 301 + b"}", "numberOutOfRange", "a"),
        (b'{"a":' + b"9" * 5000 + b"}", "numberOutOfRange", "a"),
        (b'{"a":0.' + b"1" * 400 + b"}", "numberOutOfRange", "a"),
        (b'{"a":NaN}', "numberOutOfRange", "a"),
        (b'{"a":[-Infinity]}', "numberOutOfRange", "a[0]"),
        (b'{"a":1,"b":{"c":1,"c":2}}', "duplicateAttribute", "b.c"),
        (b'{"a" :1, "a"\n:1}', "duplicateAttribute", "a"),
        (rb'{"a":1,"a":"\u003a"}', "duplicateAttribute", "a"),
        (rb'{"\u0061":1,"a":2}', "duplicateAttribute", "a"),
    ],
)
def test_refusals_name_the_place(raw: bytes, code: str, path: str) -> None:
    problem = refusal(raw)
    assert (problem.code, problem.facts["path"], problem.status) == (code, path, 400)
    assert path in str(problem)


def test_a_syntax_error_is_told_by_line_and_column() -> None:
    problem = refusal(b'{\n  "a": 1,\n  oops\n}')
    assert (problem.code, problem.facts["line"], problem.facts["column"]) == ("malformedJson", 3, 3)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{}{}", b'{"a":"x\x00"}', b"\xef\xbb\xbf{}", b"{'a':1}", b'{"a":01}']
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refusal(raw).code == "malformedJson"


@pytest.mark.parametrize("raw", [b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', '{"a":1}'.encode("utf-16")])
def test_what_is_not_utf8_is_refused(raw: bytes) -> None:
    problem = refusal(raw)
    assert problem.code == "malformedJson"
    assert "byte" in problem.facts


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"1", b"1.5", b"null", b"true"])
def test_a_resource_has_to_be_an_object(raw: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_object(raw)
    assert caught.value.code == "notAnObject"


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


def test_nesting_is_bounded_exactly() -> None:
    read_object(nested(MAX_DEPTH))
    problem = refusal(nested(MAX_DEPTH + 1))
    assert problem.code == "nestedTooDeep"
    assert problem.facts["path"].startswith("a.a.a")
    assert refusal(b"[" * 100_000 + b"]" * 100_000).code == "nestedTooDeep"
    read_json(b"[" + b"[]," * 500 + b"[]]")
    read_json(json.dumps({"a": "[{" * 500}).encode())


def test_escapes_that_only_look_dangerous_pass() -> None:
    assert read_object(rb'{"a":"\\u0000","b":"\ud83d\ude00","c":"\u003a","d":"a:b"}') == {
        "a": "\\u0000",
        "b": "😀",
        "c": ":",
        "d": "a:b",
    }
    assert read_object(b'{"phone":"' + b"7" * 400 + b'"}') == {"phone": "7" * 400}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
pieces = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"a"',
        '"b"',
        '"',
        "1",
        "-0",
        "1e400",
        "1E-9",
        "0.10",
        "1e5",
        "null",
        "true",
        r'"\u0000"',
        r'"\ud800"',
        r'"\ud83d\ude00"',
        r'"\\u0000"',
        "NaN",
        "9" * 310,
        " ",
        r'"\u003a"',
        '"\x7f"',
    ]
)


def postgres_takes(value: Any) -> bool:
    """Oracle: would jsonb take it without refusing or expanding it."""
    match value:
        case bool() | None:
            return True
        case int():
            return len(str(abs(value))) <= MAX_DIGITS
        case Decimal():
            return value.is_finite() and abs(value.adjusted()) <= MAX_DIGITS
        case str():
            return not re.search("[\x00\ud800-\udfff]", value)
        case list():
            return all(map(postgres_takes, value))
        case _:
            return all(postgres_takes(key) and postgres_takes(item) for key, item in value.items())


def levels(value: Any) -> int:
    match value:
        case list():
            return 1 + max(map(levels, value), default=0)
        case dict():
            return 1 + max(map(levels, value.values()), default=0)
        case _:
            return 0


@given(st.lists(pieces, max_size=25).map("".join) | st.text())
def test_any_text_is_refused_or_safe_and_stable(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    try:
        value = read_json(raw)
    except BadInput:
        return
    assert value == json.loads(raw, parse_float=Decimal)
    assert postgres_takes(value)
    assert levels(value) <= MAX_DEPTH
    again = encode(value)
    assert read_json(again) == value
    assert encode(read_json(again)) == again


@given(json_values)
def test_every_safe_value_is_taken_and_every_unsafe_one_refused(value: Any) -> None:
    raw = encode_plain(value)
    try:
        assert read_json(raw) == value
    except BadInput:
        assert not postgres_takes(value) or any(
            len(n) > MAX_DIGITS for n in re.findall(r"[-+.\deE]+", raw.decode())
        )
    else:
        assert postgres_takes(value)


def encode_plain(value: Any) -> bytes:
    """JSON text by the standard library, numbers as their own text, surrogates and NUL escaped."""

    def write(value: Any) -> str:
        match value:
            case Decimal():
                return str(value)
            case list():
                return "[" + ",".join(map(write, value)) + "]"
            case dict():
                return "{" + ", ".join(f"{json.dumps(k)} : {write(v)}" for k, v in value.items()) + "}"
            case _:
                return json.dumps(value)

    return write(value).encode()
