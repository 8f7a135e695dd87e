"""Geometry of the picture of visits: lanes over the hours, wide and narrow. Pure; one unit is one pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

from abonent.faces.console.work.day_model import Block, Lane, Room
from abonent.kit.i18n import Translator

WIDE, NARROW = 1292, 332
_LABEL, _TOP = 178.0, 34.0
_CHAR, _SMALL_CHAR = 6.5, 6.0
_USUAL = (8, 20)


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Box:
    """A visit drawn; `lines` are the words that fit into it, `way_x` where the way to it begins."""

    x: float
    y: float
    width: float
    height: float
    block: Block
    lines: tuple[str, ...]
    way_x: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Free time drawn; `words` is its time if it fits."""

    x: float
    width: float
    room: Room
    words: str


@dataclass(frozen=True, slots=True)
class DrawnLane:
    lane: Lane
    top: float
    bar_top: float
    bar_height: float
    working: tuple[Rect, ...]
    absent: tuple[Rect, ...]
    boxes: tuple[Box, ...]
    title: tuple[str, ...]
    about: str
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing of the hours `first` to `last`; `now_x` is None when the present moment lies outside of it."""

    width: int
    height: float
    left: float
    right: float
    top: float
    narrow: bool
    lanes: tuple[DrawnLane, ...]
    ticks: tuple[Tick, ...]
    now_x: float | None
    now_text: str
    now_text_x: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DayPicture:
    """Both drawings, what they show in a sentence, and the looks that need a line in the legend."""

    wide: Drawing
    narrow: Drawing
    finding: str
    kinds: frozenset[str]


def hours_of(lanes: Sequence[Lane]) -> tuple[int, int]:
    """The hours the axis shows: all in which somebody works or visits; the usual ones when nobody does."""
    spans = [span for lane in lanes for span in lane.working]
    spans += [(block.start, block.end) for lane in lanes for block in lane.blocks]
    spans += [(room.start, room.end) for lane in lanes for room in lane.free]
    if not spans:
        return _USUAL
    first = max(int(min(start for start, _ in spans) // 60), 0)
    last = min(-int(-max(end for _, end in spans) // 60), 24)
    return first, max(last, first + 1)


def day_picture(
    lanes: Sequence[Lane], now: float | None, finding: str, t: Translator, width: int = WIDE
) -> DayPicture:
    """The picture of these lanes; `now` is the present minute of the day, None when it is another day; `width` of the
    wide drawing."""
    wide = _Drawer(lanes, now, width, t).draw()
    narrow = _Drawer(lanes, now, NARROW, t, narrow=True).draw()
    kinds = {block.look for lane in lanes for block in lane.blocks}
    for lane in lanes:
        kinds |= {"target" if room.href else "free" for room in lane.free}
        kinds |= {"tight" if block.tight else "way" for block in lane.blocks if block.way}
    if any(lane.absent for lane in lanes):
        kinds.add("absent")
    return DayPicture(wide, narrow, finding, frozenset(kinds))


class _Drawer:
    def __init__(
        self, lanes: Sequence[Lane], now: float | None, width: int, t: Translator, *, narrow: bool = False
    ) -> None:
        self.lanes, self.now, self.narrow, self.t = lanes, now, narrow, t
        self.width = width
        self.left = 0.0 if narrow else _LABEL
        self.right = float(self.width) - (0 if narrow else 2)
        self.first, self.last = hours_of(lanes)
        self.row = 34.0 if narrow else 42.0
        self.head = 20.0 if narrow else 0.0

    def draw(self) -> Drawing:
        drawn, top = [], _TOP
        for lane in self.lanes:
            one = self._lane(lane, top)
            drawn.append(one)
            top = one.bar_top + one.bar_height + (10 if self.narrow else 6)
        now_x = self._now()
        text = self.t.gettext("now") if now_x is not None else ""
        half = len(text) * _SMALL_CHAR / 2
        return Drawing(
            width=self.width,
            height=round(top, 1),
            left=self.left,
            right=self.right,
            top=_TOP,
            narrow=self.narrow,
            lanes=tuple(drawn),
            ticks=self._ticks(),
            now_x=now_x,
            now_text=text,
            now_text_x=round(min(max(now_x, self.left + half), self.right - half), 1)
            if now_x is not None
            else 0.0,
            first=self.first,
            last=self.last,
        )

    def _x(self, minutes: float) -> float:
        share = (minutes / 60 - self.first) / (self.last - self.first)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def _now(self) -> float | None:
        if self.now is None or not self.first * 60 <= self.now <= self.last * 60:
            return None
        return self._x(self.now)

    def _ticks(self) -> tuple[Tick, ...]:
        step = (
            1
            if not self.narrow and self.last - self.first <= 16
            else 2
            if self.last - self.first <= 14
            else 4
        )
        return tuple(
            Tick(self._x(hour * 60), f"{hour:02}:00") for hour in range(self.first, self.last + 1, step)
        )

    def _lane(self, lane: Lane, top: float) -> DrawnLane:
        levels = stacked(lane.blocks)
        rows = max(levels, default=0) + 1
        bar_top = top + self.head
        boxes = tuple(
            self._box(block, bar_top + level * self.row)
            for block, level in zip(lane.blocks, levels, strict=True)
        )
        room = self.width if self.narrow else _LABEL - 12
        title = wrap(lane.title, room, _CHAR)
        about = lane.about if self.narrow else fit(lane.about, room, _SMALL_CHAR)
        if self.narrow and (len(lane.title) + 2) * _CHAR + len(about) * _SMALL_CHAR > room:
            about = ""
        return DrawnLane(
            lane, top, bar_top, rows * self.row, self._rects(lane.working), self._rects(lane.absent), boxes,
            title[: 2 if not about else 1] if not self.narrow else title[:1], about, self._gaps(lane.free),
        )  # fmt: skip

    def _gaps(self, free: Sequence[Room]) -> tuple[Gap, ...]:
        gaps = []
        for room in free:
            x = self._x(room.start)
            width = max(round(self._x(room.end) - x, 1), 6.0)
            gaps.append(Gap(x, width, room, room.time if width > len(room.time) * _SMALL_CHAR + 8 else ""))
        return tuple(gaps)

    def _rects(self, spans: Sequence[tuple[float, float]]) -> tuple[Rect, ...]:
        rects = [Rect(x, round(self._x(end) - x, 1)) for start, end in spans for x in [self._x(start)]]
        return tuple(rect for rect in rects if rect.width > 0)

    def _box(self, block: Block, top: float) -> Box:
        x = self._x(block.start)
        width = max(round(self._x(block.end) - x, 1), 6.0)
        height = self.row - 4
        if self.narrow:
            lines = (block.time[:5],) if width >= 50 else ()
        else:
            room = width - 28
            texts = (fit(block.client, room, _CHAR), fit(block.street, width - 12, _SMALL_CHAR))
            lines = tuple(text for text in texts) if room > 20 else ()
        way_x = self._x(block.start - block.way) if block.way else x
        return Box(x, top + 2, width, height, block, lines, way_x)


def stacked(blocks: Sequence[Block]) -> list[int]:
    """A level for each visit so that those at the same time do not cover each other."""
    ends: list[float] = []
    levels = []
    for block in blocks:
        level = next((n for n, end in enumerate(ends) if end <= block.start), len(ends))
        ends[level : level + 1] = [block.end]
        levels.append(level)
    return levels


def fit(text: str, room: float, char: float) -> str:
    """As many whole words as fit; the first one always, as far as it goes."""
    most = int(room / char)
    kept = ""
    for word in text.split():
        longer = f"{kept} {word}".strip()
        if len(longer) > most:
            break
        kept = longer
    return kept.rstrip(",") or text[: max(most, 0)]


def wrap(text: str, room: float, char: float) -> tuple[str, ...]:
    """Lines of whole words."""
    most = max(int(room / char), 6)
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)
