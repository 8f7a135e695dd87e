"""Texts with named facts: filling them, judging them before they are saved, counting the parts of an SMS. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from abonent.domain.communication.texts import Subject, subject_of
from abonent.kit.errors import N_
from abonent.kit.i18n import LANGUAGES

MAX_SMS_PARTS = 3
MAX_SUBJECT, MAX_CONTENT = 200, 10_000

_FACT = re.compile(r"\{([A-Za-z]\w*)\}")
_VARIANT = re.compile(r"[a-z][a-z0-9-]{0,39}")
# 3GPP TS 23.038: the default alphabet, and what takes an escape before it.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("^{}\\[~]|€\f")
NO_FACT = "\u2013"


@dataclass(frozen=True, slots=True)
class SmsSize:
    """How an SMS travels: alphabet ("GSM-7" or "UCS-2"), length in its units, and the parts it is cut into."""

    alphabet: str
    units: int
    parts: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: `path` as in the document, an English text with its facts."""

    path: str
    text: str
    facts: Mapping[str, Any]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its {facts}; one that is not known shows as a dash. Other braces stay as they are."""
    return _FACT.sub(lambda found: facts.get(found[1]) or NO_FACT, text)


def named(text: str) -> list[str]:
    """The facts a text names, each once, in their order."""
    return list(dict.fromkeys(_FACT.findall(text)))


def sms_size(text: str) -> SmsSize:
    """One part holds 160 septets or 70 UCS-2 units; parts of a longer one 153 or 67, as each carries its number."""
    if all(letter in _GSM or letter in _GSM_ESCAPED for letter in text):
        units = sum(2 if letter in _GSM_ESCAPED else 1 for letter in text)
        return SmsSize("GSM-7", units, _parts([2 if c in _GSM_ESCAPED else 1 for c in text], 160, 153))
    widths = [len(letter.encode("utf-16-le")) // 2 for letter in text]
    return SmsSize("UCS-2", sum(widths), _parts(widths, 70, 67))


def _parts(widths: list[int], whole: int, part: int) -> int:
    """A letter of two units is never cut, so a part may end one unit early."""
    if sum(widths) <= whole:
        return 1
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts


def sample(subject: Subject, language: str) -> dict[str, str]:
    """Facts to preview a text with."""
    return {name: values[LANGUAGES.index(language)] for name, values in subject.facts.items()}


def faults(template: Mapping[str, Any]) -> list[Fault]:
    """Everything that keeps a template from being saved; empty when it is fit."""
    subject = subject_of(template["event"])
    if subject is None:
        text = N_("{path}: there is no event {event}. One that exists: productOrder.completed.")
        return [Fault("event", text, {"path": "event", "event": template["event"]})]
    found = list(_languages(template))
    variant = template.get("variant") or ""
    if variant and not _VARIANT.fullmatch(variant):
        words = N_("{path}: small letters, digits and dashes name a variant, as in: business.")
        found.append(Fault("variant", words, {"path": "variant"}))
    for place, text in enumerate(template["text"]):
        at = f"text[{place}]"
        found += _text_faults(f"{at}.content", text["content"], subject, MAX_CONTENT)
        if template["channel"] == "email":
            found += _text_faults(f"{at}.subject", text.get("subject") or "", subject, MAX_SUBJECT)
        else:
            found += _sms_faults(f"{at}.content", text, subject)
    return found


def _languages(template: Mapping[str, Any]) -> Iterator[Fault]:
    given = [text["language"] for text in template["text"]]
    for language in LANGUAGES:
        if language not in given:
            text = N_(
                "{path}: the text in language {language} is missing. Every client gets his own language."
            )
            yield Fault("text", text, {"path": "text", "language": language})
    for place, language in enumerate(given):
        if language in given[:place]:
            path = f"text[{place}].language"
            text = N_("{path}: there are two texts in language {language}. Take one out.")
            yield Fault(path, text, {"path": path, "language": language})


def _text_faults(path: str, text: str, subject: Subject, longest: int) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(path, N_("{path}: the text is empty. Write what the client is to know."), {"path": path})
    if len(text) > longest:
        words = N_("{path}: the text has {length} characters, at most {limit} are sent. Shorten it.")
        yield Fault(path, words, {"path": path, "length": len(text), "limit": longest})
    if path.endswith("subject") and "\n" in text.strip():
        yield Fault(path, N_("{path}: a subject is one line. Take the line break out."), {"path": path})
    known = ", ".join(subject.facts)
    for fact in named(text):
        if fact not in subject.facts:
            words = N_("{path}: there is no fact {fact} for this event. Facts that may be named: {known}.")
            yield Fault(path, words, {"path": path, "fact": f"{{{fact}}}", "known": known})
    left = _FACT.sub("", text)
    if "{" in left or "}" in left:
        words = N_("{path}: a brace stands alone. A fact is written with its name between two: {known}.")
        yield Fault(path, words, {"path": path, "known": known})


def _sms_faults(path: str, text: Mapping[str, Any], subject: Subject) -> Iterator[Fault]:
    size = sms_size(fill(text["content"], sample(subject, text["language"])))
    if size.parts > MAX_SMS_PARTS:
        words = N_(
            "{path}: as an SMS this is cut into {parts} parts ({units} characters in {alphabet}), at most {limit}"
            " are sent. Shorten it."
        )
        facts = {"parts": size.parts, "units": size.units, "alphabet": size.alphabet, "limit": MAX_SMS_PARTS}
        yield Fault(path, words, {"path": path, **facts})
