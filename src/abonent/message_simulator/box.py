"""What came, as files in a folder: mail as .eml as it was sent, SMS as .json. Also after a restart."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from textwrap import shorten
from typing import Any

import msgspec

LONGEST_LIST = 200
_FILE = re.compile(r"(\d{6,})-(mail|sms)\.(eml|json)")
_SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language")


@dataclass(slots=True)
class Entry:
    """One arrival in short. `number` is its place in the order of arrival."""

    number: int
    channel: str
    to: str
    at: str
    subject: str
    message_id: str
    path: Path

    def short(self) -> dict[str, Any]:
        """For a list."""
        return {
            "id": str(self.number),
            "channel": self.channel,
            "to": self.to,
            "at": self.at,
            "subject": self.subject,
            "messageId": self.message_id,
        }


@dataclass(slots=True)
class Box:
    """The folder and an index of it in memory. One process at a time may write to a folder."""

    folder: Path
    entries: list[Entry] = field(default_factory=list)
    _keys: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.iterdir()):
            found = _FILE.fullmatch(path.name)
            if found is None:
                continue
            entry = (
                _mail_entry(int(found[1]), path) if found[2] == "mail" else _sms_entry(int(found[1]), path)
            )
            self._index(entry)

    def take_mail(self, data: bytes, to: str) -> Entry:
        """Keep a mail as one recipient got it."""
        number = self._next()
        path = self.folder / f"{number:06d}-mail.eml"
        # The envelope's words, as a delivering server puts them in front.
        _write(path, f"Delivered-To: {to}\r\nX-Arrived: {_now()}\r\n".encode() + data)
        entry = _mail_entry(number, path)
        self._index(entry)
        return entry

    def take_sms(self, document: dict[str, Any]) -> Entry:
        """Keep an SMS; one with an externalId that came before is the same one and is not kept again."""
        key = str(document.get("externalId") or "")
        known = self._keys.get(f"sms {key}") if key else None
        if known is not None:
            return known
        number = self._next()
        path = self.folder / f"{number:06d}-sms.json"
        _write(path, msgspec.json.encode({**document, "at": _now()}))
        entry = _sms_entry(number, path)
        self._index(entry)
        return entry

    def latest(self, to: str, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """(how many there are, newest first) of those whose address holds `to`."""
        wanted = to.lower()
        found = [e for e in reversed(self.entries) if wanted in e.to.lower()]
        return len(found), [e.short() for e in found[offset : offset + min(limit, LONGEST_LIST)]]

    def whole(self, number: str) -> dict[str, Any] | None:
        """One arrival with its text and headers."""
        entry = next((e for e in self.entries if str(e.number) == number), None)
        if entry is None:
            return None
        data = entry.path.read_bytes()
        if entry.channel == "SMS":
            return entry.short() | {"text": str(msgspec.json.decode(data).get("text", "")), "headers": []}
        mail = message_from_bytes(data, policy=default)
        body = mail.get_body(("plain", "html"))  # type: ignore[attr-defined]
        text = body.get_content() if body is not None else ""
        headers = [[name, str(mail[name])] for name in _SHOWN_HEADERS if mail[name] is not None]
        return entry.short() | {"text": text.replace("\r\n", "\n"), "headers": headers}

    def message_ids(self) -> list[str]:
        """The Message-ID of every mail, in their order of arrival; twice what came twice."""
        return [entry.message_id for entry in self.entries if entry.channel == "email"]

    def _next(self) -> int:
        return self.entries[-1].number + 1 if self.entries else 1

    def _index(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.channel == "SMS" and entry.message_id:
            self._keys[f"sms {entry.message_id}"] = entry


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.rename(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _mail_entry(number: int, path: Path) -> Entry:
    mail = message_from_bytes(path.read_bytes(), policy=default)
    return Entry(
        number,
        "email",
        str(mail["Delivered-To"] or mail["To"] or ""),
        str(mail["X-Arrived"] or ""),
        str(mail["Subject"] or ""),
        str(mail["Message-ID"] or ""),
        path,
    )


def _sms_entry(number: int, path: Path) -> Entry:
    sms = msgspec.json.decode(path.read_bytes())
    text = str(sms.get("text", ""))
    key = str(sms.get("externalId") or "")
    return Entry(
        number,
        "SMS",
        str(sms.get("to", "")),
        str(sms.get("at", "")),
        shorten(text, 80, placeholder=" …"),
        key,
        path,
    )
