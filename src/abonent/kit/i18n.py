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
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from abonent.kit.formats import Formats

LANGUAGES = ("en", "ru")
DEFAULT_LANGUAGE = "en"
LOCALES = Path(__file__).parent.parent / "locales"


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


class Translator(Formats):
    """Texts and formats of one reader: language and time zone. Immutable, cheap to keep and share."""

    def __init__(self, lang: str = DEFAULT_LANGUAGE, zone: tzinfo = UTC) -> None:
        super().__init__(lang if lang in LANGUAGES else DEFAULT_LANGUAGE, zone)
        self._catalogue = catalogue(self.lang)

    def gettext(self, text: str, /, **facts: Any) -> str:
        """The text in the reader's language, facts filled in; an unknown text comes back as it is."""
        found = self._catalogue.one(None, text) or text
        return found.format(**facts) if facts else found

    def pgettext(self, context: str, text: str, /, **facts: Any) -> str:
        """As gettext, for a text marked with a context (NP_)."""
        found = self._catalogue.one(context, text) or text
        return found.format(**facts) if facts else found

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        """The form that agrees with `n`; the fact {n} is filled with the formatted number unless given."""
        found = self._catalogue.many(one, n) or (one if n == 1 else many)
        return found.format(**{"n": self.number(n), **facts})

    def pick(self, text: str | Mapping[str, str] | None) -> str:
        """A text of the data: {"en": ..., "ru": ...} or a msgid."""
        if not text:
            return ""
        if isinstance(text, str):
            return self.gettext(text)
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
