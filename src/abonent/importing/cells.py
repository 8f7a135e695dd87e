"""Cells to values: what a source of the mapping gives for one row. Pure."""

import re
from collections.abc import Mapping as Row
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from abonent.importing.mapping import Condition, Since, Source, Value, columns_of
from abonent.importing.problems import RowProblem

_TRUE = frozenset({"1", "true", "yes", "y", "да"})
_FALSE = frozenset({"0", "false", "no", "n", "нет"})
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row by column; a column the file lacks is empty."""

    row: Row[str, str]
    decimal: str = "."

    def cell(self, column: str) -> str:
        return self.row.get(column, "").strip()

    def read(self, source: Source | None) -> Any:
        """The value of a source: str, Decimal, int or bool; None when there is none. RowProblem."""
        if source is None:
            return None
        value = Value(column=source) if isinstance(source, str) else source
        column = value.column
        if column is None:
            names = {name: self.cell(name) for name in columns_of(value)}
            return (value.text or "").format_map(names).strip() or None
        raw = self.cell(column)
        if not raw:
            if value.blank is None:
                return None
            raw = value.blank
        elif value.values is not None:
            raw = _translated(value, column, raw)
        return _CONVERT[value.type](self, column, raw) if raw else None

    def text(self, source: Source | None) -> str | None:
        found = self.read(source)
        return None if found is None else str(found)

    def amount(self, source: Source | None) -> Decimal | None:
        """An amount of money; the source need not say that it is a number."""
        found = self.read(source)
        if found is None or isinstance(found, Decimal):
            return found
        return self.number(_name(source), str(found))

    def number(self, column: str, raw: str) -> Decimal:
        plain = re.sub(r"[\s\u00a0\u202f]", "", raw)
        if self.decimal == ",":
            plain = plain.replace(",", ".")
        try:
            number = Decimal(plain)
        except InvalidOperation:
            raise RowProblem(f"{column}: `{raw}` is not a number") from None
        if not number.is_finite() or abs(number) >= _LARGEST:
            raise RowProblem(f"{column}: `{raw}` is no usable number")
        return number

    def integer(self, column: str, raw: str) -> int:
        number = self.number(column, raw)
        if number != number.to_integral_value():
            raise RowProblem(f"{column}: `{raw}` is not a whole number")
        return int(number)

    def boolean(self, column: str, raw: str) -> bool:
        if raw.lower() in _TRUE | _FALSE:
            return raw.lower() in _TRUE
        raise RowProblem(f"{column}: `{raw}` is neither yes nor no")

    def meets(self, condition: Condition | None) -> bool:
        if condition is None:
            return True
        raw = self.cell(condition.column)
        return raw in condition.is_ if condition.is_ is not None else raw not in (condition.not_ or ())

    def since(self, since: Since | None, today: date) -> datetime | None:
        """Since when he is a client; months count back from as_of, else from `today`."""
        if since is None:
            return None
        if since.date is not None:
            raw = self.cell(since.date)
            try:
                day = datetime.strptime(raw, since.format).date() if raw else None  # noqa: DTZ007 - a day only
            except ValueError:
                raise RowProblem(f"{since.date}: `{raw}` is not a date like {since.format}") from None
        else:
            column = since.months or ""
            raw = self.cell(column)
            day = months_before(since.as_of or today, self._months(column, raw)) if raw else None
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    def _months(self, column: str, raw: str) -> int:
        months = self.integer(column, raw)
        if not 0 <= months <= 1200:
            raise RowProblem(f"{column}: {raw} months is no length of time for a client")
        return months


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month; the last of that month where it is shorter."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"no day {day.day} in {year}-{month + 1}")


def _translated(value: Value, column: str, raw: str) -> str:
    table = value.values or {}
    if raw in table:
        return table[raw]
    if value.other is not None:
        return value.other
    raise RowProblem(f"{column}: `{raw}` is not one of: {', '.join(table)}; add it to the mapping's values")


def _name(source: Source | None) -> str:
    return ", ".join(columns_of(source)) if source is not None else ""


_CONVERT: dict[str, Any] = {
    "text": lambda cells, column, raw: raw,
    "number": Cells.number,
    "integer": Cells.integer,
    "boolean": Cells.boolean,
}
