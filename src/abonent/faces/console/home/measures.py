"""The orders of the last thirty days in words: how many ended how, how long they took. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from abonent.domain.order_handling.queries_open import Cohort
from abonent.faces.console.labels import ORDER, Label, label
from abonent.kit.i18n import Translator

SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many orders are in a state and what share of all that is."""

    label: Label
    count: str
    share: str
    href: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Orders of an offering (or all): placed, done, on time, how long they took."""

    name: str
    placed: str
    done: str
    on_time: str
    median: str
    nine: str


@dataclass(frozen=True, slots=True)
class MeasuresView:
    """Everything the page shows of the last thirty days."""

    states: tuple[StateCount, ...]
    whole: Measure
    offerings: tuple[Measure, ...]


def measures_view(cohorts: Sequence[Cohort], t: Translator) -> MeasuresView | None:
    """The measures; None when no order was placed. The first cohort is that of all orders."""
    whole = cohorts[0] if cohorts else None
    if whole is None or not whole.orders:
        return None
    states = [
        StateCount(
            label(ORDER, state, t),
            t.number(whole.states[state]),
            t.percent(whole.states[state] / whole.orders),
            f"/orders?state={state}",
        )
        for state in ORDER
        if whole.states.get(state)
    ]
    rows = [_measure(each, t.name(each.offering), t) for each in cohorts[1:]]
    return MeasuresView(tuple(states), _measure(whole, t.gettext("All orders"), t), tuple(rows))


def _measure(cohort: Cohort, name: str, t: Translator) -> Measure:
    return Measure(
        name,
        t.number(cohort.orders),
        t.number(cohort.states.get("completed", 0)),
        t.percent(cohort.on_time / cohort.promised) if cohort.promised else "–",
        t.duration(cohort.median) if cohort.median is not None else "–",
        t.duration(cohort.nine) if cohort.nine is not None else "–",
    )
