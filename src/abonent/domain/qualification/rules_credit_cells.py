"""What a credit table may ask of a client and his order, and how a condition is written in a cell. Pure.

A cell is text, so that the API, the editor and a person read the same:

    (empty) or -             anything
    > 5000    <= 12          a number compared; also = and a number alone
    1..12                    from 1 to 12, both included; [1..12) leaves 12 out, (1..12] leaves 1 out
    0, 6..12, > 24           one of these
    individual, none         a word of the input's own; `none`: there is no such number (no bureau score)

Numbers are compared on a grid: money in hundredths, the rest in ones. So between > 5000 and <= 5000 nothing is left.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from abonent.kit.errors import N_

ANYTHING = frozenset({"", "-", "–", "—"})
NONE = "none"
_MOST = Decimal(10) ** 12
_SPACES = re.compile("[\\s\u00a0\u202f]+")
_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"([\[(]?)({_NUMBER})\.\.({_NUMBER})([\])]?)")
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?({_NUMBER})")


class Kind(StrEnum):
    """MONEY: the operator's currency, hundredths; COUNT: whole numbers from 0; CHOICE: one of the input's words."""

    MONEY = "money"
    COUNT = "count"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a table may ask. `optional`: it may be missing (None), which a cell says as `none`."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def step(self) -> Decimal:
        return Decimal("0.01") if self.kind is Kind.MONEY else Decimal(1)

    def on_grid(self, value: Any) -> int:
        """A number as a count of steps, to the nearest (half to even); below zero counts as zero."""
        return max(0, int((Decimal(str(value)) / self.step).to_integral_value(ROUND_HALF_EVEN)))


ANSWERED, DOWN, UNKNOWN, NOT_ASKED = "answered", "down", "unknown", "notAsked"
BUREAU = ("bureauStatus", "bureauScore")
INPUTS: Mapping[str, Input] = {
    each.name: each
    for each in (
        Input("arrears", Kind.MONEY),
        Input("daysLate", Kind.COUNT),
        Input("latePayments", Kind.COUNT),
        Input("tenureMonths", Kind.COUNT),
        Input("openOrdersMonthly", Kind.MONEY),
        Input("overLimit", Kind.MONEY),
        Input("clientKind", Kind.CHOICE, ("individual", "organization")),
        Input("monthly", Kind.MONEY),
        Input("oneTime", Kind.MONEY),
        Input("bureauStatus", Kind.CHOICE, (ANSWERED, DOWN, UNKNOWN, NOT_ASKED)),
        Input("bureauScore", Kind.COUNT, optional=True),
    )
}


class BadCell(ValueError):
    """A cell cannot be read. `text` says what is wrong and how to mend it; `facts` are named in it."""

    def __init__(self, code: str, text: str, **facts: Any) -> None:
        super().__init__(text.format(**facts))
        self.code, self.text, self.facts = code, text, facts


@dataclass(frozen=True, slots=True)
class Cell:
    """A condition. ranges: counts of steps, both ends included, None without an end."""

    anything: bool = False
    words: frozenset[str] = frozenset()
    ranges: tuple[tuple[int, int | None], ...] = ()
    none: bool = False

    def holds(self, input: Input, value: Any) -> bool:
        """Whether a value fits: a number, a word, or None where there is no number."""
        if self.anything:
            return True
        if value is None:
            return self.none
        if input.kind is Kind.CHOICE:
            return value in self.words
        number = input.on_grid(value)
        return any(low <= number and (high is None or number <= high) for low, high in self.ranges)


ANY = Cell(anything=True)


def read_cell(input: Input, text: str) -> Cell:
    """What a cell says. BadCell when it cannot be read, or holds for no value at all."""
    if text.strip() in ANYTHING:
        return ANY
    parts = [part.strip() for part in text.split(",")]
    if input.kind is Kind.CHOICE:
        for part in parts:
            if part not in input.choices:
                raise BadCell(
                    "unknownWord",
                    N_("“{cell}” is none of the words of this column: {words}."),
                    cell=part,
                    words=", ".join(input.choices),
                )
        return Cell(words=frozenset(parts))
    none = NONE in parts
    if none and not input.optional:
        raise BadCell("neverMissing", N_("This number is always known; “none” holds for no client."))
    ranges = tuple(_range(input, part) for part in parts if part != NONE)
    return Cell(ranges=ranges, none=none)


def _range(input: Input, text: str) -> tuple[int, int | None]:
    plain = _SPACES.sub("", text)
    between = _RANGE.fullmatch(plain)
    if between:
        left, first, last, right = between.groups()
        low = _steps(input, first, text) + (left == "(")
        high = _steps(input, last, text) - (right == ")")
        if low > high:
            raise BadCell(
                "emptyRange", N_("“{cell}” holds for no number; write the smaller one first."), cell=text
            )
        return low, high
    compared = _COMPARED.fullmatch(plain)
    if not compared:
        raise BadCell(
            "badNumber",
            N_("“{cell}” is not a condition on a number. Write as in: 0   > 5000   1..12   0, 6..12"),
            cell=text,
        )
    sign, number = compared.group(1) or "=", _steps(input, compared.group(2), text)
    if sign == "<" and number == 0:
        raise BadCell("emptyRange", N_("“{cell}” holds for no number; no number here is below 0."), cell=text)
    return {
        "=": (number, number),
        "<": (0, number - 1),
        "<=": (0, number),
        ">": (number + 1, None),
        ">=": (number, None),
    }[sign]


def _steps(input: Input, number: str, cell: str) -> int:
    value = Decimal(number)
    if value > _MOST:
        raise BadCell(
            "tooLarge", N_("“{cell}” names a number above {most}."), cell=cell, most=f"{_MOST:,.0f}"
        )
    if value % input.step:
        text = (
            N_("“{cell}” is finer than hundredths, and money is compared in hundredths.")
            if input.kind is Kind.MONEY
            else N_("“{cell}” is not a whole number; this column is compared with whole ones.")
        )
        raise BadCell("tooFine", text, cell=cell)
    return int(value / input.step)
