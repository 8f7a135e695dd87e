"""Texts in two languages: all marked texts are translated; dates, money and durations."""

import ast
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from abonent.kit.i18n import LANGUAGES, LOCALES, Catalogue, Translator, choose_language

SOURCES = LOCALES.parent
KEYWORDS = {**DEFAULT_KEYWORDS, "NP_": ((1, "c"), 2)}
METHODS = [("**.py", "python"), ("**/templates/**.*", "jinja2")]
NB = "\u00a0"
MOSCOW = ZoneInfo("Europe/Moscow")
EN, RU = Translator("en", MOSCOW), Translator("ru", MOSCOW)


def marked_texts() -> set[tuple[str | None, str, bool]]:
    """(context, msgid, has plural) of every text marked in the sources and templates."""
    found = extract_from_dir(SOURCES, METHODS, {"jinja2": {"encoding": "utf-8"}}, KEYWORDS)
    texts: set[tuple[str | None, str, bool]] = set()
    for _, _, message, _, context in found:
        plural = not isinstance(message, str)
        texts.add((context, message[0] if plural else message, plural))
    return {text for text in texts if text[1]}


def entries(lang: str) -> dict[tuple[str | None, str], tuple[str, ...]]:
    with (LOCALES / lang / "abonent.po").open("rb") as file:
        catalogue = read_po(file)
    result: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        result[message.context, key] = (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        )
    return result


def test_the_extractor_sees_python_templates_contexts_and_plurals() -> None:
    texts = marked_texts()
    assert (None, "What you may do now", False) in texts  # a template
    assert (None, "The order is on hold.", False) in texts  # Python
    assert ("task", "Done", False) in texts  # NP_
    assert (None, "{n} task", True) in texts  # ngettext


def test_no_text_hides_in_a_formatted_string() -> None:
    """Extraction does not look into f-strings: what is marked there would never be translated."""
    hidden = [
        f"{path.relative_to(SOURCES)}:{call.lineno}"
        for path in sorted(SOURCES.rglob("*.py"))
        for formatted in ast.walk(ast.parse(path.read_text()))
        if isinstance(formatted, ast.JoinedStr)
        for call in ast.walk(formatted)
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in KEYWORDS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []


def test_every_marked_text_is_translated_into_russian() -> None:
    russian = entries("ru")
    missing = sorted(
        f"{context or ''}|{text}"
        for context, text, plural in marked_texts()
        if not all(russian.get((context, text), ("",))) or (plural and len(russian[context, text]) != 3)
    )
    assert missing == [], "run the two pybabel commands of kit/i18n.py and translate these"


def test_every_marked_text_stands_in_the_english_catalogue() -> None:
    english = entries("en")
    missing = sorted(f"{c or ''}|{text}" for c, text, _ in marked_texts() if (c, text) not in english)
    assert missing == [], "run the two pybabel commands of kit/i18n.py"


def test_no_catalogue_keeps_texts_that_are_gone() -> None:
    present = {(context, text) for context, text, _ in marked_texts()}
    for lang in LANGUAGES:
        assert sorted(set(entries(lang)) - present, key=str) == []


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_translations_use_exactly_the_facts_of_the_text(lang: str) -> None:
    for (_, text), written in entries(lang).items():
        for each in written:
            if each and "{n}" not in text:
                assert facts_of(each) == facts_of(text), text


def test_texts_with_context_plural_and_facts() -> None:
    assert RU.pgettext("order", "Done") == "Выполнен"
    assert RU.pgettext("task", "Done") == "Выполнена"
    assert EN.pgettext("task", "Done") == "Done"
    assert [RU.ngettext("{n} task", "{n} tasks", n) for n in (1, 3, 5, 11, 21)] == [
        "1 задача",
        "3 задачи",
        "5 задач",
        "11 задач",
        "21 задача",
    ]
    assert [EN.ngettext("{n} task", "{n} tasks", n) for n in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]
    assert RU.gettext("Order {order} is done", order="O-1") == "Заказ O-1 выполнен"
    assert RU.gettext("a text nobody {translated}") == "a text nobody {translated}"


def test_a_fuzzy_or_empty_translation_shows_the_english_text(tmp_path: Path) -> None:
    path = tmp_path / "abonent.po"
    path.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        '#, fuzzy\nmsgid "a"\nmsgstr "x"\n\nmsgid "b"\nmsgstr ""\n\nmsgid "c"\nmsgstr "z"\n',
        encoding="utf-8",
    )
    catalogue = Catalogue.read(path)
    assert [catalogue.one(None, text) for text in "abc"] == [None, None, "z"]


def test_texts_of_the_data() -> None:
    assert RU.pick({"en": "Line", "ru": "Линия"}) == "Линия"
    assert RU.pick({"en": "Line"}) == "Line"
    assert EN.pick(None) == ""


AT = datetime(2026, 6, 17, 11, 20, 8, tzinfo=UTC)


def test_dates_and_times_in_the_readers_zone() -> None:
    assert EN.day(AT) == f"17{NB}Jun{NB}2026"
    assert RU.day(AT) == f"17{NB}июн.{NB}2026"
    assert EN.moment(AT, AT) == f"17{NB}Jun, 14:20"
    assert RU.long_day(AT, AT) == f"17{NB}июня"
    assert EN.time(AT, seconds=True) == "14:20:08"
    assert EN.near(AT, AT + timedelta(hours=9, minutes=39)) == "14:20"
    assert EN.near(AT, AT + timedelta(hours=9, minutes=40)) == f"17{NB}Jun, 14:20"  # midnight in Moscow
    assert EN.span(AT, AT + timedelta(hours=2), AT) == f"17{NB}Jun, 14:20\u201316:20"
    assert RU.zone_name(AT) == "Москва (UTC+3)"
    assert Translator("en").zone_name(AT) == "UTC"


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [
        (8100, "2 h 15 min", "2 ч 15 мин"),
        (76 * 3600, "3 d 4 h", "3 д 4 ч"),
        (43 * 60 + 12, "43 min", "43 мин"),
        (192, "3 min 12 s", "3 мин 12 с"),
        (1.44, "1.4 s", "1,4 с"),
        (0, "0 s", "0 с"),
        (3599, "1 h", "1 ч"),
        (-90, "\u22121 min 30 s", "\u22121 мин 30 с"),
    ],
)
def test_durations(seconds: float, en: str, ru: str) -> None:
    assert EN.duration(seconds) == en.replace(" ", NB)
    assert RU.duration(timedelta(seconds=seconds)) == ru.replace(" ", NB)


@given(st.integers(min_value=0, max_value=10**7))
def test_a_duration_says_the_time_within_its_smallest_unit(seconds: int) -> None:
    sizes = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    words = EN.duration(seconds).split(NB)
    said = sum(int(n) * sizes[unit] for n, unit in zip(words[::2], words[1::2], strict=True))
    step = 1 if seconds < 600 else 3600 if seconds >= 86400 else 60
    assert abs(said - seconds) <= step


def test_money_numbers_and_shares() -> None:
    assert EN.money(Decimal("4489.6")) == f"RUB{NB}4,489.60"
    assert RU.money(Decimal("4489.6")) == f"4{NB}489,60{NB}₽"
    assert EN.money(-1200) == f"\u2212RUB{NB}1,200.00"
    assert RU.money("-1200", cents=False) == f"\u22121{NB}200{NB}₽"
    assert EN.large_money(9_800_000) == f"RUB{NB}9.8{NB}m"
    assert RU.large_money(9_800_000) == f"9,8{NB}млн{NB}₽"
    assert (EN.number(15120), RU.number(15120)) == ("15,120", f"15{NB}120")
    assert (EN.percent(0.9898, 2), RU.percent(Decimal("0.001"), 2)) == ("98.98%", f"0,10{NB}%")


@pytest.mark.parametrize(
    ("preferred", "header", "expected"),
    [
        ("ru", "en", "ru"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "de, en;q=0.5, ru;q=0.7", "ru"),
        (None, "ru;q=0, en;q=0.1", "en"),
        (None, "fr", "en"),
        ("xx", "", "en"),
        (None, "ru;q=x, en;q=0.2", "en"),
    ],
)
def test_choice_of_language(preferred: str | None, header: str, expected: str) -> None:
    assert choose_language(preferred, header) == expected


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("Item 7 names no product offering.", "В позиции 7 не назван продукт каталога."),
        ("Compatible with the client's products.", "Совместимо с продуктами клиента."),
        (
            "Item 1 names no product offering.; Item 2 names no product offering.",
            "В позиции 1 не назван продукт каталога.; В позиции 2 не назван продукт каталога.",
        ),
        ("ordered by mistake; call me", "ordered by mistake; call me"),
        ("", ""),
    ],
)
def test_a_text_that_was_kept_with_its_facts_is_told_in_the_readers_language(kept: str, told: str) -> None:
    assert Translator("ru").retell(kept) == told
    assert Translator("en").retell(kept) == kept
