"""Texts in the reader's language.

The English text is the key (msgid). Catalogues are plain gettext .po files, locales/<lang>/abonent.po, read
with Babel once per process; nothing is compiled. Named facts are written {name}, filled afterwards.

Marking. Python: N_("text") where a text is stored for later, NP_("context", "text") where one English word
needs several translations, `t.gettext("text")` where it is needed at once. Templates: _("text"), pgettext,
ngettext.

Updating the catalogues after texts changed (run in the repository's root):

    mkdir -p build
    pybabel extract -F src/abonent/locales/babel.cfg -k NP_:1c,2 --no-location --sort-output \\
        -o build/abonent.pot src
    pybabel update --no-fuzzy-matching -i build/abonent.pot -l ru -o src/abonent/locales/ru/abonent.po
    pybabel update --no-fuzzy-matching -i build/abonent.pot -l en -o src/abonent/locales/en/abonent.po

then translate the entries with an empty msgstr in ru. In en an empty msgstr means "as the key"; only plurals
are written. Add --ignore-obsolete to drop texts that are gone.
tests/rules/test_i18n.py fails while a marked text has no Russian translation.
"""

import gettext
import re
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from abonent.kit.formats import Formats

LANGUAGES = ("en", "ru")
DEFAULT_LANGUAGE = "en"
LOCALES = Path(__file__).parent.parent / "locales"
_FACT = re.compile(r"\{([A-Za-z]\w*)\}")
# A text is told by its own letters; one with fewer than these could be any.
_OWN_LETTERS = 12


def NP_(context: str, text: str) -> tuple[str, str]:
    """Mark a text whose translation depends on a context; returns (context, text) for Translator.pgettext."""
    return context, text


class Catalogue:
    """The translations of one language: (context, msgid) -> forms, and the rule that picks a plural form."""

    def __init__(
        self, forms: Mapping[tuple[str | None, str], tuple[str, ...]], plural: Callable[[int], int]
    ) -> None:
        self._forms = forms
        self._plural = plural

    @classmethod
    def read(cls, path: Path) -> "Catalogue":
        """Read a .po file; fuzzy and empty translations are left out, so the English text shows instead."""
        with path.open("rb") as file:
            catalogue = read_po(file)
        forms: dict[tuple[str | None, str], tuple[str, ...]] = {}
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            written = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
            if all(written):
                forms[message.context, key] = written
        return cls(forms, gettext.c2py(catalogue.plural_expr))  # type: ignore[attr-defined]

    def one(self, context: str | None, text: str) -> str | None:
        """The translation of a text without plural, or None."""
        found = self._forms.get((context, text))
        return found[0] if found else None

    def told(self, text: str) -> tuple[str, dict[str, str]] | None:
        """The text with named facts that, filled in, reads `text`: (its translation, the facts); None without one."""
        for pattern, translated in self._fillable:
            found = pattern.fullmatch(text)
            if found is not None:
                return translated, found.groupdict()
        return None

    @cached_property
    def _fillable(self) -> list[tuple[re.Pattern[str], str]]:
        """Texts with named facts as patterns, those that say most of their own first."""
        texts = [(key, forms[0]) for (context, key), forms in self._forms.items() if context is None]
        own = {key: len(_FACT.sub("", key)) for key, _ in texts if _FACT.search(key)}
        fillable = [(key, said) for key, said in texts if own.get(key, 0) >= _OWN_LETTERS]
        fillable.sort(key=lambda each: -own[each[0]])
        return [(_pattern(key), said) for key, said in fillable]

    def many(self, text: str, n: int) -> str | None:
        """The translation of a plural text for `n`, or None."""
        found = self._forms.get((None, text))
        if not found or len(found) == 1:
            return found[0] if found else None
        return found[self._plural(n)]


@cache
def catalogue(lang: str) -> Catalogue:
    """The catalogue of a language, read at first use and kept."""
    return Catalogue.read(LOCALES / lang / "abonent.po")


@lru_cache(maxsize=4096)
def _retold(known: Catalogue, text: str) -> str:
    # Parts first: a fact could swallow the rest of a joined text.
    parts = [_retold_one(known, part) for part in text.split("; ")]
    if len(parts) > 1 and None in parts and (whole := _retold_one(known, text)) is not None:
        return whole
    return "; ".join(said or part for said, part in zip(parts, text.split("; "), strict=True))


def _retold_one(known: Catalogue, text: str) -> str | None:
    exact = known.one(None, text)
    if exact is not None:
        return exact
    told = known.told(text)
    return told[0].format(**told[1]) if told else None


def _pattern(text: str) -> re.Pattern[str]:
    """What matches the text with its facts filled in; a fact named twice reads the same both times."""
    seen: set[str] = set()
    parts: list[str] = []
    for place, part in enumerate(_FACT.split(text)):
        if place % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)


class Translator(Formats):
    """Texts and formats of one reader: language and time zone. Cheap to keep and share.

    `names` are names of the data in this language, by the name that documents keep (what the catalogue sells); whoever
    shares a translator keeps them fresh.
    """

    def __init__(self, lang: str = DEFAULT_LANGUAGE, zone: tzinfo = UTC) -> None:
        super().__init__(lang if lang in LANGUAGES else DEFAULT_LANGUAGE, zone)
        self._catalogue = catalogue(self.lang)
        self.names: Mapping[str, str] = {}

    def gettext(self, text: str, /, **facts: Any) -> str:
        """The text in the reader's language, facts filled in; an unknown text comes back as it is."""
        found = self._catalogue.one(None, text) or text
        return found.format(**facts) if facts else found

    def retell(self, text: str) -> str:
        """A text that was kept with its facts filled in (a reason in the history), in the reader's language. Several
        that were joined by "; " are retold one by one; what is no text of ours comes back as it is."""
        return _retold(self._catalogue, text)

    def pgettext(self, context: str, text: str, /, **facts: Any) -> str:
        """As gettext, for a text marked with a context (NP_)."""
        found = self._catalogue.one(context, text) or text
        return found.format(**facts) if facts else found

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        """The form that agrees with `n`; the fact {n} is filled with the formatted number unless given."""
        found = self._catalogue.many(one, n) or (one if n == 1 else many)
        return found.format(**{"n": self.number(n), **facts})

    def name(self, kept: Any) -> str:
        """A name of the data in the reader's language, else as it is kept."""
        return self.names.get(kept) or str(kept)

    def pick(self, text: str | Mapping[str, str] | None) -> str:
        """A text of the data: {"en": ..., "ru": ...} or a text of ours, its facts filled in or not."""
        if not text:
            return ""
        if isinstance(text, str):
            return self.retell(text)
        return text.get(self.lang) or text.get(DEFAULT_LANGUAGE) or next(iter(text.values()), "")


def choose_language(preferred: str | None, accept_language: str = "") -> str:
    """The user's own choice, else the best match of an Accept-Language header, else English."""
    if preferred in LANGUAGES:
        return str(preferred)
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.partition(";")
        base = tag.strip().lower().partition("-")[0]
        if base in LANGUAGES:
            ranked.append((-_quality(quality), place, base))
    ranked = [entry for entry in ranked if entry[0] < 0]
    return min(ranked)[2] if ranked else DEFAULT_LANGUAGE


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
