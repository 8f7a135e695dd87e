"""What is wrong with a credit table, before it is kept: an error here is cheaper than a wrong answer to a client. Pure.

Beside what cannot be read, three things: a combination of inputs that no row covers; a row that never decides since
those above it take all its clients; and rows that contradict each other. Since the first row decides, rows may overlap,
but not by the way: a row that is no exception to the one below (all of whose clients are the other's too) must not take
clients whom that one treats more strictly, nor, where both ask the same columns, clients whom it treats otherwise. A
row that needs no bureau may stand above any that asks for its answer: that is how asking is spared.

All combinations are looked at, though not one by one: every column falls into pieces in which no row changes its mind,
and combinations that the same rows are left for are looked at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from string import Formatter
from typing import Any

from abonent.domain.qualification.rules_credit import STRICTNESS, CreditOutcome, Row, read_rows
from abonent.domain.qualification.rules_credit_cells import (
    ANSWERED,
    BUREAU,
    INPUTS,
    NONE,
    BadCell,
    Kind,
    read_cell,
)
from abonent.kit.errors import N_
from abonent.kit.i18n import LANGUAGES

MOST_ROWS, MOST_LOOKS = 100, 100_000
_SUMS = {"deposit": CreditOutcome.DEPOSIT, "limit": CreditOutcome.LIMIT}


@dataclass(frozen=True, slots=True)
class Fault:
    """One error. row: its number, column: the name of the input or of the part of the row; None for the whole table.

    text names `facts`; example: values of the inputs for which it goes wrong, as cells would say them.
    """

    code: str
    text: str
    row: int | None = None
    column: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    example: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """The error in English, its place before it."""
        place = [f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else ""]
        where = ", ".join(part for part in place if part)
        said = self.text.format(**self.facts)
        shown = "; ".join(f"{name} {value}" for name, value in self.example.items())
        return f"{where + ': ' if where else ''}{said}{f' ({shown})' if shown else ''}"


def faults(table: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a table; empty when it may be put in force."""
    found = [*_columns(table), *(f for n, row in enumerate(table["row"], 1) for f in _row(table, n, row))]
    return found or _coverage(table)


def _columns(table: Mapping[str, Any]) -> Iterator[Fault]:
    columns = table["column"]
    if not str(table.get("name") or "").strip():
        yield Fault("nameMissing", N_("Give the table a name."), column="name")
    for name in columns:
        if name not in INPUTS:
            text = N_("There is no input “{name}”. The inputs are: {known}.")
            yield Fault("unknownInput", text, column=name, facts={"name": name, "known": ", ".join(INPUTS)})
    for name in {each for each in columns if columns.count(each) > 1}:
        yield Fault("columnTwice", N_("This input has two columns; keep one."), column=name)
    if not table["row"]:
        yield Fault(
            "noRows", N_("The table has no row, so it decides nothing. Add one for all other clients.")
        )
    if len(table["row"]) > MOST_ROWS:
        yield Fault("tooManyRows", N_("A table has at most {most} rows."), facts={"most": MOST_ROWS})


def _row(table: Mapping[str, Any], number: int, row: Mapping[str, Any]) -> Iterator[Fault]:
    columns, cells = table["column"], row["cell"]
    if len(cells) != len(columns):
        facts = {"cells": len(cells), "columns": len(columns)}
        yield Fault(
            "cellsMissing",
            N_("The row has {cells} cells, but the table has {columns} columns."),
            number,
            facts=facts,
        )
        return
    for name, text in zip(columns, cells, strict=True):
        if name in INPUTS:
            try:
                read_cell(INPUTS[name], text)
            except BadCell as bad:
                yield Fault(bad.code, bad.text, number, name, bad.facts)
    if row["outcome"] not in STRICTNESS:
        facts = {"outcome": row["outcome"], "known": ", ".join(STRICTNESS)}
        yield Fault(
            "unknownOutcome",
            N_("“{outcome}” is no outcome. Choose one of: {known}."),
            number,
            "outcome",
            facts,
        )
    yield from _sums(number, row)
    yield from _texts(number, row)


def _sums(number: int, row: Mapping[str, Any]) -> Iterator[Fault]:
    for key, outcome in _SUMS.items():
        formula = row.get(key)
        if row["outcome"] != outcome:
            if formula:
                yield Fault(
                    "sumUnasked",
                    N_(
                        "A sum stands here, but the outcome asks for none. Take it away or choose another outcome."
                    ),
                    number,
                    key,
                )
            continue
        given = formula or {}
        values = [given[name] for name in ("months", "amount") if given.get(name) is not None]
        if len(values) != 1 or not isinstance(values[0], int | float | Decimal) or values[0] <= 0:
            yield Fault(
                "sumMissing",
                N_("Say the sum: so many months of the order, or a fixed amount; one of both, above 0."),
                number,
                key,
            )


def _texts(number: int, row: Mapping[str, Any]) -> Iterator[Fault]:
    reasons, wording = row.get("reason") or {}, row.get("wording") or {}
    if not any(str(text).strip() for text in reasons.values()):
        yield Fault("reasonMissing", N_("Say why, for those who read the decision later."), number, "reason")
    for text in reasons.values():
        wrong = _unknown_fact(text)
        if wrong is not None:
            facts = {"name": wrong, "known": ", ".join(INPUTS)}
            message = N_("“{name}” in braces is no input. In braces may stand: {known}.")
            yield Fault("unknownFact", message, number, "reason", facts)
    missing = [language for language in LANGUAGES if not str(wording.get(language) or "").strip()]
    if row["outcome"] == CreditOutcome.DECLINE and missing:
        text = N_("The client is refused: say what he is told, in each of: {languages}.")
        yield Fault("wordingMissing", text, number, "wording", {"languages": ", ".join(missing)})


def _unknown_fact(text: str) -> str | None:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return text
    for literal, name, form, convert in parts:
        if "{" in literal or "}" in literal or (name is not None and (name not in INPUTS or form or convert)):
            return name or text
    return None


# ---- all combinations


@dataclass(frozen=True, slots=True)
class _Piece:
    """Values of a column (of both of the bureau's) for which every row says the same; `rows`: a bit for each that
    fits."""

    values: Mapping[str, str]
    rows: int


@dataclass(slots=True)
class _Seen:
    """What was found below a place: rows that decide somewhere, and examples of what goes wrong."""

    gap: Mapping[str, str] | None = None
    deciding: int = 0
    clashes: dict[tuple[int, int], Mapping[str, str]] = field(default_factory=dict)


class _TooInvolved(Exception):
    pass


def _coverage(table: Mapping[str, Any]) -> list[Fault]:
    rows = read_rows(table)
    axes = _axes(rows)
    impossible = [
        Fault("rowHoldsForNobody", N_("No bureau answer fits both cells of this row."), row.number, BUREAU[0])
        for at, row in enumerate(rows)
        if any(not any(piece.rows >> at & 1 for piece in axis) for axis in axes)
    ]
    if impossible:
        return impossible
    try:
        seen = _Walk(rows, axes).below(0, (1 << len(rows)) - 1)
    except _TooInvolved:
        return [
            Fault(
                "tooInvolved",
                N_("The table is too involved to be checked. Use fewer columns or fewer limits."),
            )
        ]
    found: list[Fault] = []
    if seen.gap is not None:
        text = N_("No row fits such a client. Add a row for him, or one for all others at the end.")
        found.append(Fault("gap", text, column=_last_asked(rows), example=seen.gap))
    for at in range(len(rows)):
        if not seen.deciding >> at & 1:
            found.append(_unreachable(rows, axes, at))
    dead = {fault.row for fault in found}
    for (above, below), example in sorted(seen.clashes.items()):
        if rows[below].number not in dead:
            found.append(_clash(rows, axes, above, below, example))
    return found


def _last_asked(rows: list[Row]) -> str | None:
    """A gap is in the whole table; the column that is asked most often is where one looks first."""
    asked = [name for row in rows for name in row.cells]
    return max(dict.fromkeys(asked), key=asked.count, default=None)


def _unreachable(rows: list[Row], axes: list[list[_Piece]], at: int) -> Fault:
    whole = next((rows[b].number for b in range(at) if _wider(axes, at, b) is None), None)
    if whole is not None:
        text = N_("This row never decides: row {above} takes all its clients. Move it up, or take it away.")
        return Fault("unreachable", text, rows[at].number, facts={"above": whole})
    text = N_("This row never decides: the rows above take all its clients. Move it up, or take it away.")
    return Fault("unreachable", text, rows[at].number)


def _clash(
    rows: list[Row], axes: list[list[_Piece]], above: int, below: int, example: Mapping[str, str]
) -> Fault:
    upper, lower = rows[above], rows[below]
    facts = {"above": upper.number, "its": upper.outcome.value, "this": lower.outcome.value}
    text = (
        N_(
            "Row {above} ({its}) stands above and takes clients whom this row would {this}. Put the stricter row "
            "first, or narrow row {above} until it is an exception to this one."
        )
        if _stricter(lower, upper)
        else N_(
            "Row {above} ({its}) and this row ({this}) ask the same and overlap. Draw the line between them so that a "
            "client fits one of them."
        )
    )
    return Fault("contradiction", text, lower.number, _wider(axes, above, below), facts, example)


def _stricter(row: Row, other: Row) -> bool:
    return STRICTNESS.index(row.outcome) > STRICTNESS.index(other.outcome)


def _contradict(axes: list[list[_Piece]], rows: list[Row], above: int, below: int) -> bool:
    """Whether a client whom both rows fit is decided otherwise than he should: see the head of this file."""
    upper, lower = rows[above], rows[below]
    if upper.outcome is lower.outcome or _wider(axes, above, below) is None:
        return False
    if not any(name in upper.cells for name in BUREAU) and any(name in lower.cells for name in BUREAU):
        return False
    return _stricter(lower, upper) or upper.cells.keys() == lower.cells.keys()


def _wider(axes: list[list[_Piece]], row: int, other: int) -> str | None:
    """The first column in which `row` fits where `other` does not; None when all its clients are the other's too."""
    for axis in axes:
        for piece in axis:
            if piece.rows >> row & 1 and not piece.rows >> other & 1:
                return next(iter(piece.values))
    return None


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Walk:
    """Goes through the columns with the rows that are left; remembers what it found for the same rows."""

    def __init__(self, rows: list[Row], axes: list[list[_Piece]]) -> None:
        self._axes = axes
        every = (1 << len(rows)) - 1
        # Rows that hold for anything from this column on: then the first of those left decides, whatever follows.
        self._free = [
            reduce(lambda mask, piece: mask & piece.rows, (p for axis in axes[at:] for p in axis), every)
            for at in range(len(axes) + 1)
        ]
        self._against = [self._clashing(rows, at) for at in range(len(rows))]
        self._known: dict[tuple[int, int], _Seen] = {}

    def _clashing(self, rows: list[Row], above: int) -> int:
        return sum(
            1 << below for below in range(above + 1, len(rows)) if _contradict(self._axes, rows, above, below)
        )

    def below(self, at: int, left: int) -> _Seen:
        known = self._known.get((at, left))
        if known is not None:
            return known
        if len(self._known) >= MOST_LOOKS:
            raise _TooInvolved
        seen = _Seen()
        first = (left & -left).bit_length() - 1
        if not left:
            seen.gap = {name: value for axis in self._axes[at:] for name, value in axis[0].values.items()}
        elif self._free[at] >> first & 1:
            seen.deciding = 1 << first
            rest = {name: value for axis in self._axes[at:] for name, value in axis[0].values.items()}
            for other in _bits(left & self._against[first]):
                seen.clashes[first, other] = self._example(at, other, rest)
        else:
            for piece in self._axes[at]:
                self._take(seen, piece, self.below(at + 1, left & piece.rows))
        self._known[at, left] = seen
        return seen

    def _take(self, seen: _Seen, piece: _Piece, under: _Seen) -> None:
        seen.deciding |= under.deciding
        if seen.gap is None and under.gap is not None:
            seen.gap = {**piece.values, **under.gap}
        for pair, example in under.clashes.items():
            if pair not in seen.clashes:
                seen.clashes[pair] = {**piece.values, **example}

    def _example(self, at: int, row: int, rest: Mapping[str, str]) -> Mapping[str, str]:
        found = dict(rest)
        for axis in self._axes[at:]:
            found.update(next(piece.values for piece in axis if piece.rows >> row & 1))
        return found


def _axes(rows: list[Row]) -> list[list[_Piece]]:
    """The columns that are asked at all, each in its pieces. The bureau's two are one: it has a score for those alone
    whom it knows."""
    asked = list(dict.fromkeys(name for row in rows for name in row.cells))
    axes = [
        _pieces(rows, [{name: value} for value in _values(rows, name)])
        for name in asked
        if name not in BUREAU
    ]
    if any(name in BUREAU for name in asked):
        status, score = BUREAU
        answers = [{status: ANSWERED, score: value} for value in _values(rows, score) if value is not None]
        answers += [{status: word, score: None} for word in INPUTS[status].choices if word != ANSWERED]
        axes.append(_pieces(rows, answers))
    return axes


def _values(rows: list[Row], name: str) -> list[Any]:
    """One value out of each piece of a column."""
    input = INPUTS[name]
    if input.kind is Kind.CHOICE:
        return list(input.choices)
    edges = {0}
    for row in rows:
        for low, high in row.cells[name].ranges if name in row.cells else ():
            edges |= {low} if high is None else {low, high + 1}
    values: list[Any] = [edge * input.step for edge in sorted(edges)]
    return [*values, None] if input.optional else values


def _pieces(rows: list[Row], points: list[dict[str, Any]]) -> list[_Piece]:
    return [
        _Piece(
            {name: NONE if value is None else str(value) for name, value in point.items()},
            sum(
                1 << at
                for at, row in enumerate(rows)
                if all(n not in row.cells or row.cells[n].holds(INPUTS[n], v) for n, v in point.items())
            ),
        )
        for point in points
    ]
