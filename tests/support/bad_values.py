"""What people and programs put into forms and addresses and should not; percent-encoded already."""

from collections.abc import Iterator
from urllib.parse import quote_plus

from tests.support.markup import Control, Form

SCRIPT = "<script>alert(7)</script>\"'><img src=x onerror=alert(7)>"
# What would stand in a page that shows SCRIPT unescaped.
UNESCAPED = ("<script>alert(7)", "<img src=x onerror")


def sent(text: str) -> str:
    return quote_plus(text, safe="")


# By name, so that a finding says what was sent.
BAD: dict[str, str] = {
    "nothing": "",
    "spaces": "+++%09%0A",
    "long": "x" * 100_000,
    "long Cyrillic": sent("ж") * 20_000,
    "words": sent("neither a date nor a number"),
    "a date that is none": sent("2026-13-45T99:99:99Z"),
    "a date far away": sent("9999-12-31"),
    "a date long ago": sent("0001-01-01"),
    "NUL": "a%00b",
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "controls": sent("a\r\nSet-Cookie: x=1\x1b[2J"),
    "negative": "-1",
    "huge": "9" * 400,
    "huge negative": "-99999999999999999999",
    "float": "1e308",
    "not a number": "NaN",
    "infinity": "Infinity",
    "small": "0.0000000001",
    "list": sent('["a", {"b": null}]'),
    "markup": sent(SCRIPT),
    "SQL": sent("'; DROP TABLE customer; --"),
    "quotes": sent("\\'\"`%_"),
    "braces": sent("{0.__class__} {{7*7}} %s %(x)s {"),
    "path": sent("../../etc/passwd"),
    "another site": sent("//evil.example/\\"),
    "javascript": sent("javascript:alert(7)"),
    "emoji and directions": sent("\U0001f469\u200d\U0001f680\u202e\u2066\ufeff"),
    "digits of others": sent("١٢٣²"),
}
# In an address: shorter ones, a server would refuse the rest before us.
IN_ADDRESS = {name: value for name, value in BAD.items() if len(value) < 500} | {"long": "x" * 5000}

Body = tuple[str, str]


def some(values: dict[str, str], place: int, step: int) -> list[tuple[str, str]]:
    """Of the values each `step`-th, other ones for each place; all with a step of 1."""
    return list(values.items())[place % step :: step]


def bad_bodies(form: Form, token: str, others: list[str], step: int, first: int = 0) -> Iterator[Body]:
    """(what is bad, body) for a form: all fields at once, then one after the other, each with every `step`-th value,
    other ones for each field and each `first`. The token is right here."""
    fields = [c for c in form.controls if c.name != "token"]
    names = list(dict.fromkeys(c.name for c in fields))
    usual = {c.name: sent(c.value) for c in fields if c.sent}
    asked = {"token": token}
    values = BAD | {f"other's id {one}": sent(one) for one in others}
    pressed = {c.name: sent(c.value) for c in fields if c.kind == "submit"}
    for what, value in some(values, first, step):
        yield f"all fields {what}", body(asked | dict.fromkeys(names, value) | pressed)
    for place, name in enumerate(names, first + 1):
        for what, value in some(values, place, step):
            yield f"{name} {what}", body(asked | usual | {name: value})
        if step == 1 or place % 2:
            yield f"{name} twice", f"{body(asked | usual)}&{name}=1&{name}={sent(SCRIPT)}"
        if step == 1 or not place % 2:
            yield f"{name} missing", body(asked | {n: v for n, v in usual.items() if n != name})
    for control in fields:
        for option in control.options[: 3 if step == 1 else 1]:
            yield f"{control.name}={option}", body(asked | usual | {control.name: sent(option)})
    yield "unknown fields", body(asked | usual | {"x": "1", "__proto__": "1", "%00": "%00"})
    yield "nothing but the token", body(asked)


def untrusted_bodies(form: Form, stale: str) -> Iterator[Body]:
    """Bodies that no page of this session sent: without its token, or with another's."""
    usual = {c.name: sent(c.value) for c in form.controls if c.name != "token" and c.sent}
    yield "no token", body(usual)
    yield "another's token", body(usual | {"token": stale})
    yield "a token that is none", body(usual | {"token": BAD["no UTF-8"]})


def body(fields: dict[str, str]) -> str:
    return "&".join(f"{sent(name) if name.isascii() else name}={value}" for name, value in fields.items())


def sample(control: Control) -> list[str]:
    """Values a person could choose or type into a field of a filter."""
    if control.kind in {"hidden", "submit"}:
        return [control.value]
    if control.options:
        return [control.value, *control.options[:4]]
    if control.kind in {"radio", "checkbox"}:
        return [control.value]
    if control.kind == "date":
        return [control.value, "2026-06-03"]
    return [control.value, "Иванов", "1"]
