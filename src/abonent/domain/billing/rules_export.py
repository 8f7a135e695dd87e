"""The export of charging events: lines in one canonical form, and a manifest that says what is in them. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from abonent.domain.billing.rules import total
from abonent.kit.errors import N_, BadInput

Document = Mapping[str, Any]
FORMAT = "abonent-charging-1"


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no spaces, UTF-8; amounts are texts, so that no reader rounds them."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_text)
    return text.encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no canonical form")


def line(event: Document) -> bytes:
    """One event as a line of the export."""
    return canonical(_exact(event)) + b"\n"


def _exact(value: Any) -> Any:
    """The same value with money as text, whether the amount was written 500 or 500.00."""
    if isinstance(value, Mapping):
        if "value" in value and "unit" in value:
            return {**value, "value": money(Decimal(str(value["value"])))}
        return {name: _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, list) else value


def money(amount: Decimal) -> str:
    """At least two places after the point."""
    places = -int(amount.as_tuple().exponent)
    return f"{amount.quantize(Decimal('0.01')) if places < 2 else amount:f}"


def summary(events: Iterable[Document]) -> dict[str, Any]:
    """How many events of which type, and what their prices come to by type and currency."""
    counts: dict[str, int] = {}
    sums: dict[str, dict[str, Decimal]] = {}
    for event in events:
        kind = event["type"]
        counts[kind] = counts.get(kind, 0) + 1
        for unit, amount in total(event).items():
            of_kind = sums.setdefault(kind, {})
            of_kind[unit] = of_kind.get(unit, Decimal(0)) + amount
    told = {kind: {unit: money(amount) for unit, amount in each.items()} for kind, each in sums.items()}
    return {"counts": counts, "sums": told}


def manifest(body: bytes, events: list[Document], since: str, until: str, file: str) -> dict[str, Any]:
    """What stands beside the file, not signed yet."""
    return {
        "format": FORMAT,
        "file": file,
        "since": since,
        "until": until,
        "count": len(events),
        "firstEvent": events[0]["id"] if events else "",
        "lastEvent": events[-1]["id"] if events else "",
        "sha256": hashlib.sha256(body).hexdigest(),
        **summary(events),
    }


def key_of(secret: str) -> str:
    """The key of the exports, which the billing system is given: made of the installation's secret, of no other use."""
    return hmac.new(secret.encode(), b"charging-export", hashlib.sha256).hexdigest()


def signed(stated: Document, key: str) -> dict[str, Any]:
    """The manifest with its HMAC-SHA256 over its canonical form."""
    plain = {name: value for name, value in stated.items() if name != "signature"}
    made = hmac.new(bytes.fromhex(key), canonical(plain), hashlib.sha256).hexdigest()
    return {**plain, "signature": f"hmac-sha256:{made}"}


def check(body: bytes, stated: Document, key: str) -> None:
    """BadInput saying what is not as it was exported."""
    if stated.get("format") != FORMAT:
        raise BadInput("exportFormat", N_("The manifest is not of the form {form}."), form=FORMAT)
    given = str(stated.get("signature") or "")
    if not hmac.compare_digest(given.encode(), signed(stated, key)["signature"].encode()):
        raise BadInput(
            "exportSignature",
            N_("The signature does not fit: the manifest was changed, or signed with another key."),
        )
    if hashlib.sha256(body).hexdigest() != stated.get("sha256"):
        raise BadInput("exportChanged", N_("The file is not the one that was exported: its SHA-256 differs."))
    events = [json.loads(each) for each in body.splitlines()]
    if len(events) != stated.get("count") or summary(events) != {
        "counts": stated.get("counts"),
        "sums": stated.get("sums"),
    }:
        raise BadInput("exportSums", N_("The sums or counts of the manifest are not those of the file."))
