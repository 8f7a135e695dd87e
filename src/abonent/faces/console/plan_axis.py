"""The time axis of a plan picture: its ends, its step (seconds to months) and where an instant falls.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from abonent.kit.i18n import NP_, Translator

DAY = timedelta(days=1)
_STEPS = (
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12)),
    *(timedelta(days=n) for n in (1, 2, 7, 30, 91, 365)),
)
_DAY_PIXELS = 30.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its label; `anchor` is an SVG text class ("" start, "tc" middle)."""

    x: float
    label: str
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps instants between `start` and `end` to x between `left` and `right`, in pixels."""

    start: datetime
    end: datetime
    left: float
    right: float
    step: timedelta

    def x(self, at: datetime) -> float:
        """The place of an instant; outside the axis it is held at the nearer end."""
        share = (at - self.start) / (self.end - self.start)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies on the axis."""
        return self.start <= at <= self.end


def choose_axis(
    start: datetime, end: datetime, left: float, right: float, spacing: float, t: Translator
) -> Axis:
    """An axis over [start, end] widened to whole steps, labels at least `spacing` pixels apart (days may be
    denser).
    """
    span = max(end - start, timedelta(seconds=1))
    room = right - left
    step = next(
        (s for s in _STEPS if room * (s / span) >= (_DAY_PIXELS if s == DAY else spacing)), _STEPS[-1]
    )
    first = _floor(start, step, t)
    last = first
    for last in _ticks_from(first, step, t):
        if last >= start + span:
            break
    return Axis(first, last, left, right, step)


def ticks(axis: Axis, limit: float, t: Translator, dated: bool) -> list[Tick]:
    """The grid lines. A label that would touch the one before it or pass `limit` is left out, the line stays.

    dated   the first label of an axis shorter than a day carries the date (else a caption says it)
    """
    marks: list[Tick] = []
    free_from = -1e9
    by_day = axis.step == DAY and not dated
    for at in _ticks_from(axis.start, axis.step, t):
        if at > axis.end or (at == axis.end and by_day):
            break
        x = axis.x(at)
        text = _label(at, axis, t, first=not marks, dated=dated)
        middle = x + (axis.x(at + DAY) - x) / 2 if by_day else x
        width = len(text) * 6.2
        begins = middle if dated else middle - width / 2
        fits = begins >= free_from and begins + width <= limit
        if fits:
            free_from = begins + width + 5
        marks.append(Tick(x, text if fits else "", round(middle, 1), "" if dated else "tc"))
    return marks


def weekends(axis: Axis, t: Translator) -> list[tuple[float, float]]:
    """(x, width) of each Saturday and Sunday, when the axis counts days."""
    if not DAY <= axis.step <= 7 * DAY:
        return []
    shades: list[tuple[float, float]] = []
    for at in _ticks_from(axis.start, DAY, t):
        if at >= axis.end:
            return shades
        if t.local(at).weekday() >= 5:
            x = axis.x(at)
            shades.append((x, round(axis.x(at + DAY) - x, 1)))
    return shades


def caption(axis: Axis, t: Translator) -> str:
    """The day and the unit of an axis shorter than a day; empty when the labels are dates."""
    if axis.step >= DAY:
        return ""
    unit = NP_("axis", "h:min:s") if axis.step < timedelta(minutes=1) else NP_("axis", "h:min")
    return f"{t.day(axis.start)}, {t.pgettext(*unit)}"


def _label(at: datetime, axis: Axis, t: Translator, first: bool, dated: bool) -> str:
    here = t.local(at)
    if axis.step >= DAY:
        short = axis.step == DAY and not first and here.day != 1 and not dated
        return str(here.day) if short else t.day(at, at)
    clock = t.time(at, seconds=axis.step < timedelta(minutes=1))
    if first and dated:
        return f"{t.day(at, at)}, {clock}"
    return t.day(at, at) if here.time() == time(0) else clock


def _floor(at: datetime, step: timedelta, t: Translator) -> datetime:
    here = t.local(at)
    if step >= DAY:
        return _midnight(_floor_day(here.date(), step), t)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((here - midnight) // step) * step


def _floor_day(day: date, step: timedelta) -> date:
    if step == 7 * DAY:
        return day - timedelta(days=day.weekday())
    if step < 30 * DAY:
        return day
    day = day.replace(day=1)
    if step == 91 * DAY:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1)
    return day if step == 30 * DAY else day.replace(month=1)


def _midnight(day: date, t: Translator) -> datetime:
    return datetime.combine(day, time(0), tzinfo=t.zone)


def _ticks_from(first: datetime, step: timedelta, t: Translator) -> Iterator[datetime]:
    """Endless instants from `first`; whole days follow the calendar of the zone, months the months."""
    if step < DAY:
        at = first
        while True:
            yield at
            at += step
    day = t.local(first).date()
    months = {30: 1, 91: 3, 365: 12}.get(step.days, 0)
    while True:
        yield _midnight(day, t)
        if months:
            total = day.year * 12 + day.month - 1 + months
            day = date(total // 12, total % 12 + 1, 1)
        else:
            day += timedelta(days=step.days)
