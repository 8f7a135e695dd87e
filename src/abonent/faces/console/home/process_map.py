"""The standard's process map as a picture: four processes, the clients between them, and what flows. Geometry, pure.

One unit is one pixel; the wide drawing fills its column, the narrow one is unrolled. templates/home/map.svg draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, NARROW = 1292, 332
BOX_WIDTH, BOX_HEIGHT = 292, 134
NARROW_BOX, NARROW_LEFT = 306, 26
PAD = 14
GAP = 1.5
_RIGHT = WIDE - BOX_WIDTH - 1
_LOW = 206
_STEP = BOX_HEIGHT + 50
_PILL = 62


@dataclass(frozen=True, slots=True)
class Station:
    """A process: `figure` and `unit` say how much is in it, `money` what hangs on it, `marks` (tone, words) what must
    be looked at, `shares` (how many, look) how it divides. One that is not in use has `plain` words alone, no href.
    """

    key: str
    title: str
    number: str
    href: str = ""
    figure: str = ""
    unit: str = ""
    money: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    shares: tuple[tuple[int, str], ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        return not self.plain


@dataclass(frozen=True, slots=True)
class Flow:
    """What flows between two processes; `used` when both ends are there. number: its place in the loop, or ""."""

    key: str
    number: str
    text: str
    told: str = ""
    used: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the bar at the foot of a box; look: soft, risk or bad."""

    x: float
    width: float
    look: str


@dataclass(frozen=True, slots=True)
class Box:
    """A process drawn."""

    x: int
    y: int
    width: int
    station: Station
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A flow drawn; x, y: where its words begin."""

    path: str
    x: int
    y: int
    flow: Flow
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture. pill: x, y, width, height of the clients in the middle."""

    narrow: bool
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    pill: tuple[int, int, int, int]
    clients: tuple[str, ...]


def bars(station: Station, x: float, width: float) -> tuple[Bar, ...]:
    """The parts of a bar to scale; a part that is there is never thinner than 2."""
    shares = [(count, look) for count, look in station.shares if count]
    whole = sum(count for count, _ in shares)
    if not whole:
        return ()
    free = width - GAP * (len(shares) - 1)
    widths = [max(2.0, free * count / whole) for count, _ in shares]
    widths[widths.index(max(widths))] -= sum(widths) - free
    made, at = [], x
    for (_, look), each in zip(shares, widths, strict=True):
        made.append(Bar(round(at, 1), round(each, 1), look))
        at += each + GAP
    return tuple(made)


def wide(stations: Sequence[Station], flows: Sequence[Flow], clients: Sequence[str]) -> Drawing:
    """Orders and SLA above, retention and problems below, the clients between them."""
    places = {"orders": (1, 8), "sla": (_RIGHT, 8), "problems": (_RIGHT, _LOW), "retention": (1, _LOW)}
    boxes = tuple(_box(each, *places[each.key], BOX_WIDTH) for each in stations)
    top, low, left, right = 8 + BOX_HEIGHT, _LOW, BOX_WIDTH + 4, _RIGHT - 4
    paths = {
        "promise": (f"M{left},36 H{right}", 540, 22),
        "told": (f"M{left},104 C402,104 456,116 534,136", 380, 80),
        "counts": (f"M{_RIGHT + 60},{low - 3} V{top + 5}", _RIGHT + 82, top + 26),
        "notice": (f"M{right},{low + 90} C889,{low + 90} 836,216 758,204", 756, low + 76),
        "credit": (f"M{right},104 C889,104 836,116 758,136", 800, 80),
        "risk": (f"M534,204 C456,216 402,{low + 90} {left + 2},{low + 90}", 412, low + 76),
        "offer": (f"M60,{low - 3} V{top + 5}", 82, top + 26),
    }
    arrows = tuple(Arrow(*paths[flow.key], flow) for flow in flows)
    return Drawing(False, WIDE, _LOW + BOX_HEIGHT + 8, boxes, arrows, (516, 122, 260, 96), tuple(clients))


def narrow(stations: Sequence[Station], flows: Sequence[Flow], clients: Sequence[str]) -> Drawing:
    """The same from top to bottom: promise, measure, warn and credit, the clients, keep; and back up on the left."""
    pill_y = 2 + 3 * _STEP
    last = pill_y + _PILL + 50
    places = {"orders": 2, "sla": 2 + _STEP, "problems": 2 + 2 * _STEP, "retention": last}
    boxes = tuple(_box(each, NARROW_LEFT, places[each.key], NARROW_BOX) for each in stations)
    by_key = {flow.key: flow for flow in flows}
    # Notice and credit go the same way here: one arrow carries both words.
    both = Flow(
        "notice",
        by_key["notice"].number,
        f"{by_key['notice'].text} · {by_key['credit'].number} {by_key['credit'].text}",
        used=by_key["notice"].used or by_key["credit"].used,
    )
    arrows = (
        _down(by_key["promise"], 2 + BOX_HEIGHT),
        _up(by_key["counts"], 2 + _STEP + BOX_HEIGHT),
        _down(both, 2 + 2 * _STEP + BOX_HEIGHT),
        _down(by_key["risk"], pill_y + _PILL),
        Arrow(f"M24,{last + 60} H8 V62 H22", 11, (last + 60 + 62) // 2, by_key["offer"], upright=True),
    )
    pill = (NARROW_LEFT, pill_y, NARROW_BOX, _PILL)
    return Drawing(True, NARROW, last + BOX_HEIGHT + 4, boxes, arrows, pill, tuple(clients))


def _box(station: Station, x: int, y: int, width: int) -> Box:
    return Box(x, y, width, station, bars(station, x + PAD, width - 2 * PAD))


def _down(flow: Flow, y: int) -> Arrow:
    return Arrow(f"M50,{y + 4} V{y + 44}", 72, y + 22, flow)


def _up(flow: Flow, y: int) -> Arrow:
    return Arrow(f"M50,{y + 46} V{y + 6}", 72, y + 22, flow)
