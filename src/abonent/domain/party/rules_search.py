"""What was typed into a search field, taken apart: numbers of ours, a telephone number, words. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 200
MOST_WORDS = 6
MOST_MEANINGS = 4
# Kinds a bare number may be of: client, order, product, address, message, billing account.
_KINDS = ("C", "O", "P", "A", "M", "BA")
# Letters that look the same, and those that share a key.
_LOOK_ALIKE = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")
_KEYS_EN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_KEYS_RU = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_RU = str.maketrans(_KEYS_EN + _KEYS_EN.upper(), _KEYS_RU + _KEYS_RU.upper())
_TO_EN = str.maketrans(_KEYS_RU + _KEYS_RU.upper(), _KEYS_EN + _KEYS_EN.upper())
_NUMBERED = re.compile(r"([A-Z]{1,4})[\s\-\u2013\u2014]*(\d[\w\-/.:]*)", re.ASCII)
_PHONE = re.compile(r"\+?[\d\s().\-\u2013\u00a0]+")
_WORD = re.compile(r"[^\W_]+(?:[\-.@'][^\W_]+)*")
# Folded words that are said of a house, but not written with it: ул., д., дом, г., кв., пр., пер., наб.
_HOUSE = frozenset({"ul", "d", "dom", "g", "kv", "pr", "per", "nab", "st", "apt", "flat"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the search.

    numbers  ids it may mean, in capitals and Latin letters
    phone    digits with the country's code, when it can be a whole number; digits: those typed, 4 or more
    words    what it consists of, at most MOST_WORDS
    """

    text: str
    numbers: tuple[str, ...]
    phone: str
    digits: str
    words: tuple[str, ...]


def asked(text: str) -> Asked:
    """Take a question apart. What cannot be typed is left out."""
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST]
    digits = re.sub(r"\D", "", said, flags=re.ASCII) if _PHONE.fullmatch(said) else ""
    return Asked(
        text=said,
        numbers=tuple(_numbers(said)),
        phone=_phone(said, digits),
        # A part of a number may begin with the 8 that is dialled for the country.
        digits=(digits[1:] if len(digits) >= 7 and digits.startswith("8") else digits)
        if len(digits) >= 4
        else "",
        words=tuple(_WORD.findall(said)[:MOST_WORDS]),
    )


def without_house(words: list[list[str]]) -> list[list[str]]:
    """An address's words without those that only say "street" and "house"."""
    return [each for each in words if not _HOUSE.issuperset(each)] or words


def retyped(text: str) -> str:
    """The text as the same keys give it in the other layout (fyyf -> анна); empty when it has both alphabets."""
    latin = any("a" <= c <= "z" for c in text.lower())
    cyrillic = any(c in _KEYS_RU for c in text.lower())
    if latin == cyrillic:
        return ""
    return text.translate(_TO_RU if latin else _TO_EN)


def _numbers(said: str) -> list[str]:
    """Ids that a text may mean: as typed, with look-alike letters, from the other layout, with each kind's letter."""
    found: dict[str, None] = {}
    for way in (said, said.upper().translate(_LOOK_ALIKE), retyped(said).upper()):
        match = _NUMBERED.fullmatch(way.upper())
        if match:
            found[f"{match[1]}-{match[2]}"] = None
        if any(c.isdigit() for c in way) and " " not in way:
            found[way] = None
    if re.fullmatch(r"\d{1,9}(-\d+)*", said, flags=re.ASCII):
        found.update(dict.fromkeys(f"{kind}-{said}" for kind in _KINDS))
    return list(found)


def _phone(said: str, digits: str) -> str:
    if not 10 <= len(digits) <= 15:
        return ""
    if len(digits) == 11 and digits.startswith("8"):
        return "7" + digits[1:]
    return "7" + digits if len(digits) == 10 and not said.startswith("+") else digits


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """What a mistyped word most likely means: the candidates with the fewest slips (a letter left out, added, changed,
    or two swapped), at most MOST_MEANINGS. One slip in short words, two in longer ones."""
    limit = 1 if len(word) < 6 else 2
    ranked = sorted((slips(word, each), each) for each in candidates if abs(len(each) - len(word)) <= limit)
    least = ranked[0][0] if ranked else 0
    return [each for count, each in ranked if count == least <= limit][:MOST_MEANINGS]


def slips(left: str, right: str) -> int:
    """The fewest letters to leave out, add, change or swap with their neighbour to make one of the other."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]
