"""Dates, durations, numbers and money as people write them in English and in Russian.

U+00A0 stands between digits, unit and sign, so that a figure never breaks over two lines; minus is U+2212.
Instants are aware datetimes and are shown in the zone given once to the constructor.
Month names and currency precision come from CLDR (through Babel).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any

from babel import Locale
from babel.dates import get_timezone_location
from babel.numbers import get_currency_precision, get_currency_symbol

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
_UNITS: Mapping[str, Mapping[str, str]] = {
    "en": {"d": "d", "h": "h", "min": "min", "s": "s"},
    "ru": {"d": "д", "h": "ч", "min": "мин", "s": "с"},
}
_LARGE: Mapping[str, tuple[tuple[Decimal, str], ...]] = {
    "en": ((Decimal(10**9), "bn"), (Decimal(10**6), "m")),
    "ru": ((Decimal(10**9), "млрд"), (Decimal(10**6), "млн")),
}


class Formats:
    """Writes values for one language and one time zone; holds no state that changes."""

    def __init__(self, lang: str, zone: tzinfo) -> None:
        self.lang = lang
        self.zone = zone
        self._locale = Locale.parse(lang)

    @cached_property
    def _short_months(self) -> Mapping[int, str]:
        return self._locale.months["format"]["abbreviated"]

    @cached_property
    def _long_months(self) -> Mapping[int, str]:
        return self._locale.months["format"]["wide"]

    def local(self, at: datetime) -> datetime:
        """The same instant on the wall clock of the reader's zone."""
        return at.astimezone(self.zone)

    def day(self, at: datetime, now: datetime | None = None) -> str:
        """17 Jun 2026; without the year when it is the year of `now`."""
        here = self.local(at)
        text = f"{here.day}{NBSP}{self._short_months[here.month]}"
        return text if now and self.local(now).year == here.year else f"{text}{NBSP}{here.year}"

    def long_day(self, at: datetime, now: datetime | None = None) -> str:
        """The form for sentences: 17 June 2026, 17 июня 2026."""
        here = self.local(at)
        text = f"{here.day}{NBSP}{self._long_months[here.month]}"
        return text if now and self.local(now).year == here.year else f"{text}{NBSP}{here.year}"

    def time(self, at: datetime, seconds: bool = False) -> str:
        """14:20, or 14:20:08 when the second matters."""
        return self.local(at).strftime("%H:%M:%S" if seconds else "%H:%M")

    def moment(self, at: datetime, now: datetime | None = None, seconds: bool = False) -> str:
        """17 Jun 2026, 14:20."""
        return f"{self.day(at, now)}, {self.time(at, seconds)}"

    def near(self, at: datetime, now: datetime, seconds: bool = False) -> str:
        """The shortest exact form: the time alone today, else day and time."""
        same_day = self.local(at).date() == self.local(now).date()
        return self.time(at, seconds) if same_day else self.moment(at, now, seconds)

    def span(self, start: datetime, end: datetime, now: datetime | None = None, seconds: bool = False) -> str:
        """5 Jun, 10:05-12:20 within a day; both full moments otherwise."""
        if self.local(start).date() == self.local(end).date():
            return f"{self.moment(start, now, seconds)}{EN_DASH}{self.time(end, seconds)}"
        return f"{self.moment(start, now, seconds)} {EN_DASH} {self.moment(end, now, seconds)}"

    def duration(self, length: timedelta | float) -> str:
        """Two largest units: 2 h 15 min, 3 d 4 h, 45 s; seconds only below ten minutes. Takes seconds too."""
        seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
        sign, seconds = (MINUS if seconds < 0 else "", abs(seconds))
        if seconds < 10 and seconds != int(seconds):
            text = self._join(("s", self.number(Decimal(str(round(seconds, 1))), None)))
            return sign + text
        whole = round(seconds) if seconds < 600 else round(seconds / 60) * 60
        days, rest = divmod(whole, 86400)
        hours, rest = divmod(rest, 3600)
        minutes, rest = divmod(rest, 60)
        parts = [("d", days), ("h", hours), ("min", minutes), ("s", rest)]
        first = next((i for i, (_, n) in enumerate(parts) if n), 3)
        shown = [(unit, str(n)) for unit, n in parts[first : first + 2] if n] or [("s", "0")]
        return sign + self._join(*shown)

    def _join(self, *parts: tuple[str, str]) -> str:
        return NBSP.join(f"{n}{NBSP}{_UNITS[self.lang][unit]}" for unit, n in parts)

    def number(self, value: Decimal | float, places: int | None = 0) -> str:
        """15,120 or 15 120; `places` None keeps the digits the value has."""
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        if places is not None:
            exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        text = f"{abs(exact):,f}"
        if self.lang == "ru":
            text = text.replace(",", NBSP).replace(".", ",")
        return (MINUS if exact < 0 else "") + text

    def percent(self, share: Decimal | float, places: int = 0) -> str:
        """`share` is a fraction: 0.9898 with 2 places gives 98.99% or 98,99 %."""
        exact = (share if isinstance(share, Decimal) else Decimal(str(share))) * 100
        return self.number(exact, places) + ("%" if self.lang == "en" else f"{NBSP}%")

    def money(self, amount: Decimal | float | int | str, currency: str = "RUB", cents: bool = True) -> str:
        """RUB 4,489.60 or 4 489,60 ₽; `cents` False where sums are only compared."""
        places = get_currency_precision(currency) if cents else 0
        return self._with_currency(Decimal(str(amount)), lambda value: self.number(value, places), currency)

    def large_money(self, amount: Decimal | int, currency: str = "RUB") -> str:
        """RUB 9.8 m or 9,8 млн ₽; whole units below a million."""
        value = Decimal(amount)
        for size, word in _LARGE[self.lang]:
            if abs(value) >= size:
                return self._with_currency(
                    value / size, lambda v, w=word: f"{self.number(v, 1)}{NBSP}{w}", currency
                )
        return self.money(value, currency, cents=False)

    def plain_money(self, amount: Decimal | float | int | str, currency: str = "RUB") -> str:
        """The figure alone, for a column whose head names the currency."""
        return self.number(Decimal(str(amount)), get_currency_precision(currency))

    def _with_currency(self, value: Decimal, write: Any, currency: str) -> str:
        if self.lang == "en":
            return f"{MINUS if value < 0 else ''}{currency}{NBSP}{write(abs(value))}"
        return f"{write(value)}{NBSP}{self.currency_mark(currency)}"

    def currency_mark(self, currency: str) -> str:
        """RUB in English, ₽ in Russian."""
        return currency if self.lang == "en" else get_currency_symbol(currency, locale="ru")

    def zone_name(self, at: datetime) -> str:
        """Moscow (UTC+3): the zone's town and its offset at that instant."""
        here = self.local(at)
        offset = here.utcoffset() or timedelta()
        minutes = int(offset.total_seconds() // 60)
        hours, rest = divmod(abs(minutes), 60)
        mark = f"UTC{MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
        if str(self.zone) in ("UTC", "Etc/UTC"):
            return "UTC"
        town = get_timezone_location(self.zone, locale=self._locale, return_city=True)
        return f"{town} ({mark})"
