"""Errors of a credit table are found when it is saved: gaps, rows that never decide, contradictions, wrong cells."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domain.qualification.rules_credit import SHIPPED, CreditTable
from abonent.domain.qualification.rules_credit_lint import faults
from tests.support.credit import row, table, values

ALL = row("-", outcome="approve")


def found(document: dict[str, Any]) -> list[tuple[str, int | None, str | None]]:
    return [(fault.code, fault.row, fault.column) for fault in faults(document)]


def test_the_table_shipped_has_none() -> None:
    assert faults(SHIPPED) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (table("arrears age", row("-", "-", outcome="approve")), ("unknownInput", None, "age")),
        (table("arrears arrears", row("-", "-", outcome="approve")), ("columnTwice", None, "arrears")),
        (table("arrears"), ("noRows", None, None)),
        (table("", row(outcome="approve"), name=" "), ("nameMissing", None, "name")),
        (table("arrears", row("-", "-", outcome="approve")), ("cellsMissing", 1, None)),
        (table("arrears", ALL, row("> x", outcome="approve")), ("badNumber", 2, "arrears")),
        (table("arrears", row("-", outcome="maybe")), ("unknownOutcome", 1, "outcome")),
        (table("", row(outcome="approveWithDeposit")), ("sumMissing", 1, "deposit")),
        (table("", row(outcome="approveWithDeposit", deposit={"months": 0})), ("sumMissing", 1, "deposit")),
        (table("", row(outcome="approveWithDeposit", deposit={"months": -1})), ("sumMissing", 1, "deposit")),
        (
            table("", row(outcome="approveWithDeposit", deposit={"months": 1, "amount": 1})),
            ("sumMissing", 1, "deposit"),
        ),
        (table("", row(outcome="approveWithLimit")), ("sumMissing", 1, "limit")),
        (table("", row(outcome="approve", deposit={"months": 1})), ("sumUnasked", 1, "deposit")),
        (table("", row(outcome="refer", reason={})), ("reasonMissing", 1, "reason")),
        (table("", row(outcome="refer", reason={"en": "{age} is low"})), ("unknownFact", 1, "reason")),
        (table("", row(outcome="refer", reason={"en": "a { brace"})), ("unknownFact", 1, "reason")),
        (table("", row(outcome="refer", reason={"en": "a {{ brace"})), ("unknownFact", 1, "reason")),
        (table("", row(outcome="refer", reason={"en": "{arrears.real}"})), ("unknownFact", 1, "reason")),
        (table("", row(outcome="decline", wording={"en": "No."})), ("wordingMissing", 1, "wording")),
        (
            table(
                "bureauStatus bureauScore",
                row("down", "> 500", outcome="refer"),
                row("-", "-", outcome="approve"),
            ),
            ("rowHoldsForNobody", 1, "bureauStatus"),
        ),
    ],
)
def test_one_fault(document: dict[str, Any], expected: tuple[str, int | None, str | None]) -> None:
    assert found(document) == [expected]
    assert faults(document)[0].told()


def test_a_gap_is_shown_by_an_example() -> None:
    document = table(
        "arrears clientKind",
        row("> 100", "-", outcome="refer"),
        row("< 100", "-", outcome="approve"),
        row("100", "individual", outcome="approve"),
    )
    (fault,) = faults(document)
    assert (fault.code, fault.example) == ("gap", {"arrears": "100.00", "clientKind": "organization"})


def test_money_has_no_room_between_above_and_up_to() -> None:
    assert found(table("arrears", row("> 5000", outcome="refer"), row("<= 5000", outcome="approve"))) == []
    assert [
        f[0]
        for f in found(table("arrears", row("> 5000", outcome="refer"), row("< 5000", outcome="approve")))
    ] == ["gap"]


def test_a_row_that_never_decides_names_what_takes_its_clients() -> None:
    alone = table("arrears", row(">= 10", outcome="refer"), row("> 20", outcome="refer"), ALL)
    assert found(alone) == [("unreachable", 2, None)]
    assert faults(alone)[0].facts == {"above": 1}
    together = table(
        "arrears", row("< 10", outcome="refer"), row(">= 10", outcome="refer"), row("5..15", outcome="refer")
    )
    assert found(together) == [("unreachable", 3, None)] and faults(together)[0].facts == {}


def test_a_milder_row_must_not_take_a_stricter_ones_clients_by_the_way() -> None:
    # Who has been here for two years is approved, though he owes 6,000.
    document = table(
        "tenureMonths arrears",
        row(">= 24", "-", outcome="approve"),
        row("-", "> 5000", outcome="decline"),
        row("-", "-", outcome="approve"),
    )
    (fault,) = faults(document)
    assert (fault.code, fault.row, fault.column) == ("contradiction", 2, "arrears")
    assert fault.facts == {"above": 1, "its": "approve", "this": "decline"}
    assert fault.example == {"tenureMonths": "24", "arrears": "5000.01"}


def test_an_exception_may_stand_above_its_rule_and_a_stricter_row_above_a_milder_one() -> None:
    exception = table(
        "tenureMonths arrears",
        row(">= 24", "(5000..6000]", outcome="refer"),
        row("-", "> 5000", outcome="decline"),
        row("-", "-", outcome="approve"),
    )
    assert found(exception) == []
    crossing = table(
        "tenureMonths arrears",
        row("-", "> 5000", outcome="decline"),
        row(">= 24", "-", outcome="approve"),
        row("-", "-", outcome="refer"),
    )
    assert found(crossing) == []


def test_ranges_of_the_same_columns_must_not_overlap_at_an_edge() -> None:
    # Who has been here for 12 months fits both; neither row is an exception to the other.
    document = table(
        "tenureMonths",
        row("0..12", outcome="refer"),
        row("12..24", outcome="approve"),
        row("-", outcome="approve"),
    )
    (fault,) = faults(document)
    assert (fault.code, fault.row, fault.column) == ("contradiction", 2, "tenureMonths")
    assert fault.example == {"tenureMonths": "12"}
    document["row"][0]["cell"] = ["< 12"]
    assert found(document) == []


def test_own_history_may_spare_the_bureau() -> None:
    rows = [
        row(">= 12", "-", outcome="approve"),
        row("-", "< 500", outcome="decline"),
        row("-", "-", outcome="refer"),
    ]
    assert found(table("tenureMonths bureauScore", *rows)) == []


def test_a_contradiction_above_which_another_row_decides_is_none() -> None:
    document = table(
        "tenureMonths arrears",
        row(">= 24", "> 5000", outcome="decline"),
        row(">= 24", "-", outcome="approve"),
        row("-", "> 5000", outcome="decline"),
        row("-", "-", outcome="approve"),
    )
    assert found(document) == []


def test_a_large_table_is_checked_quickly() -> None:
    """40 rows over 6 columns: 40^4 combinations and more, one by one."""
    rows = [row(f"> {40 - n}", f"< {n + 2}", f"> {n}", "-", "-", "-", outcome="refer") for n in range(39)] + [
        row("-", "-", "-", "-", "-", "-", outcome="approve")
    ]
    columns = "arrears daysLate latePayments tenureMonths monthly clientKind"
    assert not [f for f in found(table(columns, *rows)) if f[0] in {"gap", "tooInvolved"}]


# ---- against an oracle that knows nothing of pieces or bits

_EDGE = st.integers(0, 4)
_NUMBER = st.one_of(
    st.just(("-", None)),
    _EDGE.map(lambda n: (f"> {n}", lambda v: v is not None and v > n)),
    _EDGE.map(lambda n: (f"<= {n}", lambda v: v is not None and v <= n)),
    _EDGE.map(lambda n: (f"{n}", lambda v: v is not None and v == n)),
    st.tuples(_EDGE, _EDGE).map(
        lambda p: (f"{min(p)}..{max(p)}", lambda v: v is not None and min(p) <= v <= max(p))
    ),
    st.tuples(_EDGE, _EDGE).map(
        lambda p: (f"{p[0]}, > {p[1]}", lambda v: v is not None and (v == p[0] or v > p[1]))
    ),
)
_STATUS = ("answered", "down", "unknown", "notAsked")


def _words(choices: tuple[str, ...]) -> Any:
    return st.sets(st.sampled_from(choices), min_size=1).map(
        lambda chosen: (", ".join(sorted(chosen)), lambda v: v in chosen)
    )


_CELLS: dict[str, Any] = {
    "arrears": _NUMBER,
    "tenureMonths": _NUMBER,
    "clientKind": st.one_of(st.just(("-", None)), _words(("individual", "organization"))),
    "bureauStatus": st.one_of(st.just(("-", None)), _words(_STATUS)),
    "bureauScore": st.one_of(_NUMBER, st.just(("none", lambda v: v is None))),
}


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[str], list[list[tuple[str, Any]]], list[str]]:
    columns = draw(st.lists(st.sampled_from(list(_CELLS)), unique=True, max_size=4))
    cells = [[draw(_CELLS[c]) for c in columns] for _ in range(draw(st.integers(1, 6)))]
    outcomes = [draw(st.sampled_from(["approve", "refer", "decline"])) for _ in cells]
    return columns, cells, outcomes


def _everybody(columns: list[str]) -> list[dict[str, Any]]:
    """Every client that matters: each number at each edge, a step beside it, and far above."""
    money = [Decimal(n) / 100 for e in range(5) for n in (100 * e - 1, 100 * e, 100 * e + 1) if n >= 0]
    points: dict[str, list[Any]] = {
        "arrears": [*money, Decimal(999)],
        "tenureMonths": [*range(6), 99],
        "clientKind": ["individual", "organization"],
    }
    own = [{"x": None}]
    for name in columns:
        if name in points:
            own = [{**had, name: v} for had in own for v in points[name]]
    bureau: list[dict[str, Any]] = [{}]
    if {"bureauStatus", "bureauScore"} & set(columns):
        bureau = [{"bureauStatus": "answered", "bureauScore": s} for s in (*range(6), 99)]
        bureau += [{"bureauStatus": s, "bureauScore": None} for s in _STATUS[1:]]
    return [{k: v for k, v in {**a, **b}.items() if k != "x"} for a, b in itertools.product(own, bureau)]


@settings(max_examples=300, deadline=None)
@given(drawn())
def test_lint_agrees_with_going_through_everybody(
    made: tuple[list[str], list[list[tuple[str, Any]]], list[str]],
) -> None:
    columns, cells, outcomes = made
    document = table(
        " ".join(columns),
        *(row(*(t for t, _ in line), outcome=o) for line, o in zip(cells, outcomes, strict=True)),
    )
    strictness = ["approve", "refer", "decline"]
    everybody = _everybody(columns)
    fitting = [
        [
            n
            for n, line in enumerate(cells)
            if all(h is None or h(v[c]) for c, (_, h) in zip(columns, line, strict=True))
        ]
        for v in everybody
    ]
    takes = [{i for i, fits in enumerate(fitting) if n in fits} for n in range(len(cells))]
    told = faults(document)
    codes = {f.code for f in told}
    if any(not t for t in takes):
        assert codes == {"rowHoldsForNobody"}
        return
    # A gap is told exactly when somebody fits nowhere; and then its example is such a client.
    assert ("gap" in codes) == any(not fits for fits in fitting)
    rules = CreditTable(document)
    for client, fits in zip(everybody, fitting, strict=True):
        decision = rules.decide(values(**client))
        assert decision.rule == (str(fits[0] + 1) if fits else "-")
    deciding = {fits[0] for fits in fitting if fits}
    assert {f.row for f in told if f.code == "unreachable"} == {
        n + 1 for n in range(len(cells)) if n not in deciding
    }
    bureau = {"bureauStatus", "bureauScore"}
    asked = [{c for c, (_, h) in zip(columns, line, strict=True) if h is not None} for line in cells]
    clashing = {
        (fits[0], other)
        for fits in fitting
        for other in fits[1:]
        if outcomes[other] != outcomes[fits[0]]
        and (
            strictness.index(outcomes[other]) > strictness.index(outcomes[fits[0]])
            or asked[fits[0]] == asked[other]
        )
        and not (asked[other] & bureau and not asked[fits[0]] & bureau)
        and not takes[fits[0]] <= takes[other]
        and other in deciding
    }
    assert {(f.facts["above"] - 1, (f.row or 0) - 1) for f in told if f.code == "contradiction"} == clashing
    for fault in told:
        if fault.example:
            client = {
                k: None if v == "none" else (v if k in {"clientKind", "bureauStatus"} else Decimal(v))
                for k, v in fault.example.items()
            }
            decision = rules.decide(values(**client))
            assert decision.rule == ("-" if fault.code == "gap" else str(fault.facts["above"]))
