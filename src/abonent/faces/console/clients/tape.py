"""The picture of half a year: a lane a process, marks where something happened, merged where they would touch. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import get_month_names

from abonent.faces.console.clients.timeline import PROCESSES, Entry
from abonent.kit.i18n import Translator

MONTHS = 6
# Marks closer than this many units become one with a count.
TOUCH = 14
LANES = ("orders", "products", "messages")
# Days shown ahead of now, for promises.
_AHEAD = timedelta(days=21)
_LABEL_ROOM = 92
# Where an instant lies on the axis.
Place = Callable[[datetime], float]


@dataclass(frozen=True, slots=True)
class Promise:
    """An order that is not over: from when to the promised instant, if there is one."""

    start: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign on a lane; `text` stands beside it, `tone` is the class of its colour."""

    x: float
    icon: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """An order that is not over, on its lane: from, now or the end, and the promised place."""

    start: float
    now: float
    promised: float | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One process. `y` is its line."""

    name: str
    y: float
    marks: tuple[Mark, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing of the tape, in units of one pixel."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    months: tuple[tuple[float, str], ...]
    now: float
    lanes: tuple[Lane, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Tape:
    """The picture twice: for its column and for a narrow screen; `finding` says what it shows."""

    wide: Drawing
    narrow: Drawing
    finding: str
    since: str


def tape(entries: Sequence[Entry], promises: Iterable[Promise], now: datetime, t: Translator) -> Tape:
    """The tape of the months up to now."""
    start = _month(t.local(now), -(MONTHS - 1))
    open_orders = [each for each in promises if each.until is None or each.until > start]
    shown = [entry for entry in entries if entry.at >= start]
    counts = {lane: sum(entry.process == lane for entry in shown) for lane in LANES}
    finding = t.gettext(
        "Since {since}: {orders} moves of orders, {products} of products, {messages} messages",
        since=t.long_day(start),
        orders=t.number(counts["orders"]),
        products=t.number(counts["products"]),
        messages=t.number(counts["messages"]),
    )
    sides = (842, 92, 836, 40, 14), (332, 76, 322, 32, 13)
    wide, narrow = (_drawing(shown, open_orders, start, now, t, *side) for side in sides)
    return Tape(wide, narrow, finding, t.long_day(start))


def _drawing(
    entries: Sequence[Entry],
    promises: Sequence[Promise],
    start: datetime,
    now: datetime,
    t: Translator,
    width: int,
    left: float,
    right: float,
    step: int,
    size: int,
) -> Drawing:
    end = now + _AHEAD
    whole = (end - start).total_seconds()

    def place(at: datetime) -> float:
        share = (at - start).total_seconds() / whole
        return round(left + (right - left) * min(max(share, 0), 1), 1)

    bottom = 18 + step * len(LANES)
    lanes = []
    for number, name in enumerate(LANES):
        own = [entry for entry in entries if entry.process == name]
        marks = tuple(_marks(own, place, wide=width > 400))
        spans = tuple(_spans(promises, place, now)) if name == "orders" else ()
        lanes.append(Lane(t.pgettext(*PROCESSES[name]), 18 + step * (number + 0.6), marks, spans))
    months, names = [], get_month_names("abbreviated", "stand-alone", t.lang)
    for offset in range(MONTHS + 1):
        first = _month(start, offset)
        if first < end:
            months.append((place(first), names[first.month]))
    return Drawing(width, bottom + 16, left, right, bottom, tuple(months), place(now), tuple(lanes), size)


def _spans(promises: Sequence[Promise], place: Place, now: datetime) -> list[Span]:
    return [
        Span(place(each.start), place(now), place(each.until) if each.until and each.until > now else None)
        for each in promises
    ]


def _marks(entries: Sequence[Entry], place: Place, *, wide: bool) -> list[Mark]:
    """Oldest first; the newest of those that touch gives its sign, and a count stands beside them."""
    placed = sorted(((place(entry.at), entry) for entry in entries), key=lambda each: each[1].at)
    groups: list[list[tuple[float, Entry]]] = []
    for each in placed:
        if groups and each[0] - groups[-1][0][0] < TOUCH:
            groups[-1].append(each)
        else:
            groups.append([each])
    marks = []
    for number, group in enumerate(groups):
        x, newest = group[0][0], group[-1][1]
        until = groups[number + 1][0][0] if number + 1 < len(groups) else float("inf")
        alone = {entry.mark for _, entry in group}
        text = str(len(group)) if len(group) > 1 else ""
        if wide and len(alone) == 1 and newest.mark and until - x > _LABEL_ROOM and x < 836 - _LABEL_ROOM:
            text = newest.mark
        elif until - x < TOUCH + 12:
            text = ""
        tone = newest.label.tone if newest.label else "wait"
        marks.append(Mark(x, newest.icon, f"c-{tone}", text))
    return marks


def _month(at: datetime, offset: int) -> datetime:
    """The first instant of the month `offset` months from that of `at`, on its wall clock."""
    months = at.year * 12 + at.month - 1 + offset
    return at.replace(
        year=months // 12, month=months % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
