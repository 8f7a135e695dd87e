"""How an offering is delivered, as a picture: steps with what each waits for, left to right, or down when narrow. Pure.

Boxes stand in the column after the last one they wait for; lengths are written, not drawn, as a minute and two days do
not fit one scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from textwrap import wrap
from typing import Any

from abonent.domain.order_handling.plan import Task, in_dependency_order
from abonent.faces.console.labels import ACTION, TASK_KIND, word
from abonent.kit.i18n import NP_, Translator

WIDE = 856
NARROW = 332
_GAP_X, _GAP_Y = 34, 16
# Of a box: what stands above the name and below it, and a line of the name.
_AROUND, _LINE = 36, 15
_WIDEST, _NARROWEST = 168, 92
_CHARACTER = 6.5

# The icon of a kind of step.
_ICONS: Mapping[str, str] = {
    "reserve": "lock",
    "serviceOrder": "order",
    "serviceTest": "ok",
    "workOrder": "tool",
    "inventory": "flag",
}
_KINDS = {**TASK_KIND, "workOrder": NP_("task kind", "work order")}


@dataclass(frozen=True, slots=True)
class Step:
    """A task of a decomposition as people read it. `after` are the numbers of the steps it waits for."""

    number: int
    id: str
    name: str
    kind: str
    icon: str
    after: tuple[int, ...]
    takes: str
    ready: str
    no_return: bool
    compensation: str
    actions: str


@dataclass(frozen=True, slots=True)
class Box:
    """Where a step stands."""

    step: Step
    x: float
    y: float
    width: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing; arrows are paths from box to box, all boxes are `box` high."""

    width: int
    height: float
    box: float
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    narrow: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps, how long they take when nothing waits, and both drawings."""

    steps: tuple[Step, ...]
    length: str
    finding: str
    wide: Drawing
    narrow: Drawing


def steps_view(tasks: Sequence[Task], raw: Mapping[str, Mapping[str, Any]], t: Translator) -> Steps | None:
    """The picture of an item's tasks; None where there are none or they wait for each other. `raw`: the task of the
    decomposition by the same id."""
    try:
        ordered = in_dependency_order(list(tasks))
    except ValueError:
        return None
    if not ordered:
        return None
    number = {task.id: n for n, task in enumerate(ordered, 1)}
    ends: dict[str, float] = {}
    column: dict[int, int] = {}
    steps = []
    for task in ordered:
        begins = max((ends[d] for d in task.depends_on), default=0.0)
        ends[task.id] = begins + task.minutes
        column[number[task.id]] = max((column[number[d]] + 1 for d in task.depends_on), default=0)
        steps.append(_step(task, number, ends[task.id], raw.get(task.id, {}), t))
    length = t.duration(timedelta(minutes=max(ends.values())))
    turn = next((s.name for s in steps if s.no_return), None)
    finding = t.ngettext("{n} step, {time} when nothing waits", "{n} steps, {time} when nothing waits",
                         len(steps), time=length)  # fmt: skip
    if turn:
        finding += "; " + t.gettext("no way back from “{step}” on", step=turn)
    return Steps(tuple(steps), length, finding, _wide(steps, column), _narrow(steps))


def _step(task: Task, number: Mapping[str, int], end: float, raw: Mapping[str, Any], t: Translator) -> Step:
    return Step(
        number=number[task.id],
        id=task.id,
        name=t.pick(task.name),
        kind=word(_KINDS, task.kind, t),
        icon=_ICONS.get(task.kind, "run"),
        after=tuple(sorted(number[d] for d in task.depends_on)),
        takes=t.duration(timedelta(minutes=task.minutes)) if task.minutes else t.gettext("no time"),
        ready=t.duration(timedelta(minutes=end)),
        no_return=task.point_of_no_return,
        compensation=t.gettext(task.compensation) if task.compensation else "",
        actions=", ".join(word(ACTION, a, t) for a in raw.get("action") or ()),
    )


def _lines(name: str, width: float) -> tuple[str, ...]:
    """The name in lines, whole."""
    return tuple(wrap(name, max(8, int(width / _CHARACTER)), break_long_words=True)) or ("",)


def _wide(steps: Sequence[Step], column: Mapping[int, int]) -> Drawing:
    columns = max(column.values()) + 1
    width = min(_WIDEST, max(_NARROWEST, (WIDE - _GAP_X * (columns - 1)) / columns))
    lines = {step.number: _lines(step.name, width - 18) for step in steps}
    box = _AROUND + _LINE * max(map(len, lines.values()))
    rows: dict[int, list[Step]] = {}
    for step in steps:
        rows.setdefault(column[step.number], []).append(step)
    tallest = max(map(len, rows.values()))
    height = tallest * box + (tallest - 1) * _GAP_Y + 4
    boxes: dict[int, Box] = {}
    for at, listed in rows.items():
        top = (height - len(listed) * box - (len(listed) - 1) * _GAP_Y) / 2
        for place, step in enumerate(listed):
            x, y = at * (width + _GAP_X), top + place * (box + _GAP_Y)
            boxes[step.number] = Box(step, round(x, 1), round(y, 1), round(width, 1), lines[step.number])
    arrows = [
        _arrow(boxes[before], boxes[step.number], box / 2)
        for step in steps
        for before in _direct(step, steps)
    ]
    total = columns * width + (columns - 1) * _GAP_X
    return Drawing(max(WIDE, round(total)), height, box, tuple(boxes.values()), tuple(arrows), narrow=False)


def _direct(step: Step, steps: Sequence[Step]) -> list[int]:
    """What a step waits for, without what another of these waits for itself: fewer arrows say the same."""
    by_number = {s.number: s for s in steps}

    def before(number: int) -> set[int]:
        found = set(by_number[number].after)
        for each in by_number[number].after:
            found |= before(each)
        return found

    covered = {far for each in step.after for far in before(each)}
    return [each for each in step.after if each not in covered]


def _arrow(start: Box, end: Box, half: float) -> str:
    x1, y1 = start.x + start.width, start.y + half
    x2, y2 = end.x - 6, end.y + half
    if y1 == y2:
        return f"M{x1},{y1} H{x2}"
    middle = round(x2 - _GAP_X / 2 + 4, 1)
    return f"M{x1},{y1} H{middle} V{y2} H{x2}"


def _narrow(steps: Sequence[Step]) -> Drawing:
    lines = [_lines(step.name, NARROW - 20) for step in steps]
    box = _AROUND + _LINE * max(map(len, lines))
    boxes = tuple(Box(step, 0, n * (box + _GAP_Y), NARROW, lines[n]) for n, step in enumerate(steps))
    height = len(steps) * box + (len(steps) - 1) * _GAP_Y
    return Drawing(NARROW, height, box, boxes, (), narrow=True)
