"""Texts of the console that stand untranslated on a page, found by the catalogue itself."""

import re
from functools import cache, lru_cache

from babel.messages.pofile import read_po

from abonent.kit.i18n import LOCALES

_CYRILLIC = re.compile("[А-Яа-яЁё]")
_FACT = re.compile(r"\\\{\w+\\\}")
# A word of the program where one of the language belongs: inProgress, order_date.
_CODE = re.compile(r"(?<![\w.@/:-])(?!dBm\b)(?:[a-z]+[A-Z][a-z]+\w*|[a-z]+_[a-z_]+)(?![\w.@/-])")
_UNFILLED = re.compile(
    r"\{\w*\}|%\(\w+\)s|^None$|\bNone[,)]|[:·] None\b|\bUndefined\b|\bNaN\b|datetime\.|<built-in|\bDecimal\("
)


@cache
def _texts() -> tuple[
    frozenset[str], tuple[re.Pattern[str], ...], frozenset[str], tuple[re.Pattern[str], ...]
]:
    """English texts that have another Russian form, and the Russian ones: whole, and with facts as patterns."""
    with (LOCALES / "ru" / "abonent.po").open("rb") as file:
        catalogue = read_po(file)
    english: dict[str, None] = {}
    russian: dict[str, None] = {}
    # One English text may be right in Russian in another context: SMS, LTE.
    same = {str(m.id) for m in catalogue if m.id and m.id == m.string}
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        english.update(dict.fromkeys(i for i in ids if i not in same))
        russian.update(dict.fromkeys(s for s in strings if s and _CYRILLIC.search(s)))
    return (*_split(english), *_split(russian))


def _split(texts: dict[str, None]) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    plain = frozenset(" ".join(text.split()) for text in texts if "{" not in text)
    patterns = []
    for text in texts:
        words = re.escape(" ".join(text.split())).replace(r"\ ", " ")
        # Where little but facts is left, anything would fit.
        if "{" in text and len(re.findall(r"\w{2,}", re.sub(r"\{\w+\}", "", text))) >= 2:
            patterns.append(re.compile(_FACT.sub(".{0,80}?", words)))
    return plain, tuple(patterns)


def leaks(lang: str, texts: list[str]) -> list[str]:
    """Texts of a page in `lang` that stand in the other language of the catalogue."""
    pieces = [piece for text in texts for piece in (text, *text.split(" · "))]
    return [text for text in dict.fromkeys(pieces) if _leaks(lang, text)]


@lru_cache(maxsize=100_000)
def _leaks(lang: str, text: str) -> bool:
    english, english_patterns, russian, russian_patterns = _texts()
    if lang == "en":
        foreign = _CYRILLIC.search(text) is not None
        return foreign and (text in russian or any(p.fullmatch(text) for p in russian_patterns))
    return text in english or any(p.fullmatch(text) for p in english_patterns)


def codes(texts: list[str]) -> list[str]:
    """Words of the program and unfilled places in texts meant for people."""
    found = []
    for text in dict.fromkeys(texts):
        if _UNFILLED.search(text) or _CODE.search(text):
            found.append(text)
    return found
