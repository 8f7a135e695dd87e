"""Verdict on a test: measures against limits. Pure.

The limits stand in the product's decomposition: [{name, min?, max?, unit}]. The verdict is ours, not the test
system's: it knows what it measured, we know what was promised.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from abonent.domain.service_test.ports import Measure
from abonent.kit.errors import N_
from abonent.kit.patch import same


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit with what was measured (None: not measured, which never counts as kept)."""

    name: str
    value: float | str | bool | None
    unit: str | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    passed: bool
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if not f.ok)


def judge(limits: Iterable[Mapping[str, Any]], measures: Sequence[Measure]) -> Verdict:
    """Every limit must be measured and kept; a test without limits passes by having run."""
    by_name = {measure.name: measure for measure in measures}
    findings = tuple(_finding(limit, by_name.get(limit["name"])) for limit in limits)
    return Verdict(all(f.ok for f in findings), findings)


def _finding(limit: Mapping[str, Any], measure: Measure | None) -> Finding:
    value = measure.value if measure else None
    unit = limit.get("unit") or (measure.unit if measure else None)
    return Finding(limit["name"], value, unit, value is not None and _kept(limit, value))


def _kept(limit: Mapping[str, Any], value: float | str | bool) -> bool:
    if "expected" in limit:
        return same(value, limit["expected"])
    low, high = limit.get("min"), limit.get("max")
    if low is None and high is None:
        return True
    if isinstance(value, str | bool):
        return False
    number = Decimal(str(value))
    return (low is None or number >= Decimal(str(low))) and (high is None or number <= Decimal(str(high)))


def told(verdict: Verdict) -> str:
    """One line: "downstream 96.2 Mbit/s, optical level -19.4 dBm", or what failed."""
    shown = verdict.failures or verdict.findings
    parts = [f"{f.name} {_shown(f.value)}{' ' + f.unit if f.unit else ''}" for f in shown]
    return ", ".join(parts) or N_("test ran")


def _shown(value: float | str | bool | None) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)


def characteristics(limits: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The limits as TMF653 characteristics: what the test system is asked to measure."""
    asked = []
    for limit in limits:
        if "expected" in limit:
            asked.append({"name": limit["name"], "value": limit["expected"]})
            continue
        value = {
            key: limit[mine]
            for key, mine in (("valueFrom", "min"), ("valueTo", "max"), ("unitOfMeasure", "unit"))
            if mine in limit
        }
        asked.append({"name": limit["name"], "value": value})
    return asked
