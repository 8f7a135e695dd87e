"""The labelled vertical lines of a plan picture, placed so that no label touches another or is cut. Pure."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain, combinations, permutations, product

from abonent.faces.console.plan_axis import Axis

_CHAR = 6.4
_ICON = 16.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mark to place: kind, instant, its text, and the preferred side of the text (start = right of the
    line).
    """

    kind: str
    at: datetime
    text: str
    side: str
    keep_text: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A placed mark: the line's x, the header row (0 on top) and where its text stands.

    on_axis  False when the instant lies beyond the axis: the text stands at the edge, without a line
    reach    the x range of text and icon; words: of the text alone
    """

    kind: str
    x: float
    row: int
    text: str
    text_x: float
    anchor: str
    on_axis: bool
    reach: tuple[float, float]
    words: tuple[float, float]


def place(wanted: list[Wanted], axis: Axis, width: float) -> tuple[list[Mark], int]:
    """The marks with their rows and sides, and the number of header rows used.

    As few rows as can be; among equals the side and the row that a mark prefers, the first mark first.
    """
    for rows in range(1, max(len(wanted), 1) + 1):
        choices = [
            [mark for row in range(rows) for mark in _options(want, axis, width, row)] for want in wanted
        ]
        if (placed := _apart(choices, [])) is not None:
            return placed, rows
    # A line cuts a text whatever one does: each has a row of its own, and the cuts are as few as can be.
    rows = len(wanted)
    each = (
        product(*(_options(want, axis, width, row) for want, row in zip(wanted, order, strict=True)))
        for order in permutations(range(rows))
    )
    best = min(
        chain.from_iterable(each), key=lambda marks: sum(_clash(*two) for two in combinations(marks, 2))
    )
    return list(best), rows


def _apart(choices: list[list[Mark]], placed: list[Mark]) -> list[Mark] | None:
    """One mark of each choice, none of which clashes with another; None where there is no such."""
    if len(placed) == len(choices):
        return placed
    for mark in choices[len(placed)]:
        if not any(_clash(mark, other) for other in placed):
            found = _apart(choices, [*placed, mark])
            if found is not None:
                return found
    return None


def _options(want: Wanted, axis: Axis, width: float, row: int) -> list[Mark]:
    """The ways to write one mark on one row, best first."""
    x = axis.x(want.at)
    size = len(want.text) * _CHAR
    if not axis.holds(want.at):
        ahead = want.at > axis.end
        text = f"{want.text} \u2192" if ahead else f"\u2190 {want.text}"
        size += 2 * _CHAR
        reach = (x - size, x) if ahead else (x, x + size)
        return [Mark(want.kind, x, row, text, x, "te" if ahead else "", False, reach, reach)]
    if want.side == "middle" or not want.text:
        half = max(size, _ICON) / 2 + 2
        return [
            Mark(
                want.kind,
                x,
                row,
                want.text,
                x,
                "tc",
                True,
                (x - half, x + half),
                (x - size / 2, x + size / 2),
            )
        ]
    gap = 9.0
    left = Mark(
        want.kind,
        x,
        row,
        want.text,
        x - gap,
        "te",
        True,
        (x - gap - size, x + gap),
        (x - gap - size, x - gap),
    )
    begin = x + gap + 5
    right = Mark(
        want.kind, x, row, want.text, begin, "", True, (x - gap, begin + size), (begin, begin + size)
    )
    both = [right, left] if want.side == "start" else [left, right]
    return [mark for mark in both if mark.reach[0] >= 0 and mark.reach[1] <= width] or [both[0]]


def _clash(one: Mark, other: Mark) -> bool:
    """Two labels of a row that touch, or a text that the line of a higher mark would cut."""
    if one.row == other.row:
        return one.reach[0] < other.reach[1] + 4 and other.reach[0] < one.reach[1] + 4
    upper, lower = (one, other) if one.row < other.row else (other, one)
    return bool(lower.text) and upper.on_axis and lower.words[0] - 3 < upper.x < lower.words[1] + 3
