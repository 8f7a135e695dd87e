"""What a listener is sent: the body of an event, the address below the callback, the signature. Pure."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from abonent.kit.errors import N_, BadInput
from abonent.kit.resource import Resource
from abonent.kit.values import to_wire

# What a secret of Standard Webhooks begins with.
PREFIX = "whsec_"
# Bytes of a secret, as Standard Webhooks wants them.
_SHORTEST, _LONGEST = 24, 64
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it was read back. `text`: the document after it, of a deletion the one before; "" if none."""

    seq: int
    id: str
    type: str
    resource: Resource
    resource_id: str
    old_state: str | None
    new_state: str | None
    at: datetime
    correlation_id: str
    text: str


def listener_name(event_type: str) -> str:
    """ProductOrderStateChangeEvent -> productOrderStateChangeEvent, as the listener's paths have it."""
    return event_type[0].lower() + event_type[1:]


def api_name(base: str) -> str:
    """/tmf-api/productOrderingManagement/v4 -> productOrderingManagement"""
    parts = base.strip("/").split("/")
    return parts[-2] if len(parts) > 1 else parts[-1]


def wire_name(resource: Resource) -> str:
    """What the resource is called on the wire."""
    return resource.wire or resource.name


def head(event: Happened) -> dict[str, Any]:
    """Everything of a notification but what happened to whom. timeOcurred is spelt so in the specifications."""
    words = _WORDS.sub(" ", event.type.removesuffix("Event")).lower()
    what = f"{wire_name(event.resource)} {event.resource_id}"
    moved = f": {event.old_state or '-'} -> {event.new_state}" if event.new_state else ""
    at = to_wire(event.at)
    return {
        "eventId": event.id,
        "eventTime": at,
        "eventType": event.type,
        "correlationId": event.correlation_id,
        "domain": api_name(event.resource.base),
        "title": words[:1].upper() + words[1:],
        "description": what + moved,
        "priority": "normal",
        "timeOcurred": at,
    }


def body(event: Happened, public_url: str) -> bytes:
    """The notification as it is posted. The same event makes the same bytes each time."""
    href = f"{public_url}{event.resource.path}/{quote(event.resource_id, safe='')}"
    start = b'{"href":' + msgspec.json.encode(href)
    text = event.text or msgspec.json.encode({"id": event.resource_id}).decode()
    document = msgspec.Raw(start + (b"}" if text == "{}" else b"," + text.encode()[1:]))
    return msgspec.json.encode({**head(event), "event": {wire_name(event.resource): document}})


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secret(given: object) -> str:
    """A secret that a subscriber chose. BadInput if it is none."""
    try:
        if not isinstance(given, str) or not given.startswith(PREFIX):
            raise ValueError
        if not _SHORTEST <= len(base64.b64decode(given[len(PREFIX) :], validate=True)) <= _LONGEST:
            raise ValueError
    except (ValueError, binascii.Error):
        raise BadInput(
            "badSecret",
            N_(
                "{path}: a secret is whsec_ and {least} to {most} random bytes in base64. Leave it out, and one is "
                "made and shown in the answer."
            ),
            path="secret",
            least=_SHORTEST,
            most=_LONGEST,
        ) from None
    return given


def signed(secret: str, id: str, at: int, content: bytes) -> Mapping[str, str]:
    """The headers of Standard Webhooks. `at` in seconds since 1970: a listener refuses what is old."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mark = hmac.new(key, f"{id}.{at}.".encode() + content, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }
