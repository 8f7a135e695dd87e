"""The plan of an order as lanes over time: pure geometry in pixels; templates/plan_picture.svg draws it.

Two drawings of one plan: wide (a labelled column left, bars right) and narrow (332 px, bars under their
names). Planned is a thin outline; done solid; running filled up to now; forecast dashed, its part beyond the
promise hatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from abonent.faces.console.labels import TASK, Label, label
from abonent.faces.console.plan_axis import Axis, Tick, caption, choose_axis, ticks, weekends
from abonent.faces.console.plan_marks import Mark, Wanted, place
from abonent.faces.console.plan_model import NO_WORK, Plan, Task, read_plan, slips
from abonent.faces.console.traits import result_told
from abonent.kit.i18n import Translator

WIDE, NARROW = 1292, 332
_GUTTER = 124
_CHAR, _SMALL_CHAR = 6.6, 6.1
_MIN_BAR = 8.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle on a lane; `look` is planned, done, failed, forecast, running, risk or bad."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One task: where its text stands and its bars. `top` and `height` bound the lane."""

    id: str
    number: int
    top: float
    height: float
    lines: tuple[str, ...]
    who: str
    label: Label
    bars: tuple[Bar, ...]
    note: str
    note_x: float
    note_tone: str
    hover: str


@dataclass(frozen=True, slots=True)
class Link:
    """A dependency, from the end of one bar to the start of another, as an SVG path."""

    path: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything one SVG shows, placed."""

    narrow: bool
    width: int
    height: float
    label_width: float
    tick_y: float
    top: float
    caption: str
    ticks: Sequence[Tick]
    shades: Sequence[tuple[float, float]]
    lanes: Sequence[Lane]
    links: Sequence[Link]
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """Both drawings and the finding in words; `kinds` names the marks drawn, for the legend."""

    finding: str
    wide: Drawing
    narrow: Drawing
    kinds: frozenset[str]


def plan_picture(
    document: Mapping[str, Any] | None, promised: datetime | None, now: datetime, t: Translator
) -> PlanPicture | None:
    """The picture of an OrderPlan document, or None when it has no tasks."""
    plan = read_plan(document, now)
    return picture_of(plan, promised, now, t) if plan else None


def picture_of(plan: Plan, promised: datetime | None, now: datetime, t: Translator) -> PlanPicture:
    """The picture of a plan already read."""
    wide = _Pencil(plan, promised, now, t, narrow=False).draw()
    narrow = _Pencil(plan, promised, now, t, narrow=True).draw()
    looks = {bar.look for lane in wide.lanes for bar in lane.bars}
    kinds = looks | {mark.kind for mark in wide.marks}
    kinds |= {"critical" if link.critical else "link" for link in wide.links}
    if wide.shades:
        kinds.add("weekend")
    return PlanPicture(finding(plan, promised, now, t), wide, narrow, frozenset(kinds))


def finding(plan: Plan, promised: datetime | None, now: datetime, t: Translator) -> str:
    """What the picture says, in one sentence, for the title and for those who do not see it."""
    count = t.ngettext("Plan of {n} task", "Plan of {n} tasks", len(plan.tasks))
    end = t.near(plan.forecast, now)
    if plan.is_over:
        return t.gettext("{plan}: ended {end}", plan=count, end=end)
    if plan.stuck:
        return t.gettext("{plan}: a task failed, the end cannot be forecast", plan=count)
    if promised is None:
        return t.gettext("{plan}: forecast {end}, no date is promised", plan=count, end=end)
    if slips(plan.forecast, promised):
        late = t.duration(plan.forecast - promised)
        return t.gettext("{plan}: forecast {end}, {late} after the promise", plan=count, end=end, late=late)
    return t.gettext("{plan}: forecast {end}, within the promise", plan=count, end=end)


def quick(plan: Plan) -> bool:
    """Whether the plan lasts so short that seconds matter."""
    return max(task.ends for task in plan.tasks) - plan.starts < timedelta(minutes=10)


class _Pencil:
    """Lays one drawing out; holds what all its parts share."""

    def __init__(
        self, plan: Plan, promised: datetime | None, now: datetime, t: Translator, narrow: bool
    ) -> None:
        self.plan, self.promised, self.now, self.t, self.narrow = plan, promised, now, t, narrow
        self.width = NARROW if narrow else WIDE
        self.names = [t.pick(task.name) for task in plan.tasks]
        self.label_width = 0.0 if narrow else _label_width(plan.tasks, self.names)
        self.axis = self._axis()

    def draw(self) -> Drawing:
        marks, rows = place(self._wanted(), self.axis, self.width)
        tick_y = 10 + 18 * rows if not self.narrow else 18 + 16 * rows
        lanes: list[Lane] = []
        top = tick_y + 11
        for task, name in zip(self.plan.tasks, self.names, strict=True):
            lanes.append(self._lane(task, name, top))
            top += lanes[-1].height
        return Drawing(
            narrow=self.narrow,
            width=self.width,
            height=top + 5,
            label_width=self.label_width,
            tick_y=tick_y,
            top=tick_y + 8,
            caption="" if self.narrow else caption(self.axis, self.t),
            ticks=ticks(self.axis, self.width, self.t, dated=self.narrow),
            shades=weekends(self.axis, self.t),
            lanes=lanes,
            links=[] if self.narrow else self._links(lanes),
            marks=marks,
        )

    def _axis(self) -> Axis:
        """From the first begin to the last end; the promise and now too, unless they would flatten the
        bars.
        """
        start = self.plan.starts
        end = max(max(task.ends, task.planned_end) for task in self.plan.tasks)
        span = max(end - start, timedelta(seconds=1))
        if self.promised and start <= self.promised <= end + span:
            end = max(end, self.promised)
        if not self.plan.is_over and start - span / 2 <= self.now <= end + span / 2:
            start, end = min(start, self.now), max(end, self.now)
        left = 0.0 if self.narrow else self.label_width + 6
        right = self.width - (4 if self.narrow else _GUTTER)
        return choose_axis(start, end, left, right, 70 if self.narrow else 62, self.t)

    def _wanted(self) -> list[Wanted]:
        plan, t, now = self.plan, self.t, self.now
        sharp = quick(plan)
        wanted: list[Wanted] = []
        if not plan.is_over and self.axis.holds(now):
            wanted.append(Wanted("now", now, t.gettext("now"), "middle", keep_text=True))
        if self.promised:
            text = t.gettext("promised {when}", when=_when(self.promised, now, self.axis, t, sharp))
            wanted.append(Wanted("promised", self.promised, text, "end"))
        if not plan.is_over and not plan.stuck:
            late = self.promised is not None and slips(plan.forecast, self.promised)
            text = t.gettext("forecast {when}", when=_when(plan.forecast, now, self.axis, t, sharp))
            wanted.append(Wanted("late" if late else "forecast", plan.forecast, text, "start"))
        if plan.no_return and (plan.passed_no_return or not plan.stuck):
            text = t.gettext(
                "no return after {when}", when=_when(plan.no_return, now, self.axis, t, sharp, exact=True)
            )
            wanted.append(Wanted("no_return", plan.no_return, text, "end"))
        return [_iconic(mark) for mark in wanted if self.axis.holds(mark.at)] if self.narrow else wanted

    def _lane(self, task: Task, name: str, top: float) -> Lane:
        t = self.t
        who = "" if self.narrow else task.by
        room = self.width - 20 if self.narrow else self.label_width - 48 - _who_width(who)
        lines = _wrap(name, room)
        extra = 15 * (len(lines) - 1)
        bar_y = top + 22 + extra if self.narrow else top + 6.5
        bars = self._bars(task, bar_y)
        right = max((bar.x + bar.width for bar in bars), default=0.0)
        note, tone = self._note(task)
        return Lane(
            id=task.id,
            number=task.number,
            top=top,
            height=(37 if self.narrow else 25) + extra,
            lines=lines,
            who=who,
            label=label(TASK, task.shown, t),
            bars=bars,
            note=note,
            note_x=float(self.width) if self.narrow else round(right + 8, 1),
            note_tone=tone,
            hover=self._hover(task, name),
        )

    def _bars(self, task: Task, y: float) -> tuple[Bar, ...]:
        planned = self._bar(task.planned_start, task.planned_end, y, 4, "planned", 7)
        if task.state in NO_WORK and task.start is None:
            return (planned,)
        low = y + 5.5
        whole = self._bar(task.begins, task.ends, low, 8, "done")
        if task.state == "failed":
            return planned, Bar(whole.x, low, whole.width, 8, "failed")
        if task.is_over:
            return planned, whole
        bars = [planned, Bar(whole.x, low, whole.width, 8, "forecast")]
        if self.promised and task.ends > self.promised and self.axis.holds(self.promised):
            x = max(whole.x, self.axis.x(self.promised))
            look = "bad" if self.now > self.promised else "risk"
            bars.append(Bar(x, low, round(max(whole.x + whole.width - x, 2), 1), 8, look))
        if task.is_running and not task.waits_for_visit:
            filled = min(max(self.axis.x(self.now) - whole.x, 3.0), whole.width)
            bars.append(Bar(whole.x, low, round(filled, 1), 8, "running"))
        return tuple(bars)

    def _bar(
        self, start: datetime, end: datetime, y: float, height: float, look: str, least: float = _MIN_BAR
    ) -> Bar:
        x = self.axis.x(start)
        return Bar(x, y, round(max(self.axis.x(end) - x, least), 1), height, look)

    def _note(self, task: Task) -> tuple[str, str]:
        """The delay of a task that ended or runs, when it can be seen in the picture."""
        seen = self.axis.x(task.ends) - self.axis.x(task.planned_end) >= 10
        if not seen or task.state in NO_WORK or not (task.is_over or task.is_running):
            return "", ""
        breaks = task.critical and self.promised is not None and slips(self.plan.forecast, self.promised)
        return f"+{self.t.duration(task.delay)}", "risk" if breaks else "muted"

    def _hover(self, task: Task, name: str) -> str:
        t, sharp = self.t, quick(self.plan)
        parts = [f"{task.number}. {name}", label(TASK, task.shown, t).word]
        if task.by:
            parts.append(task.by)
        when = t.span(task.planned_start, task.planned_end, self.now, sharp)
        parts.append(t.gettext("planned {when}", when=when))
        if task.start:
            when = t.span(task.begins, task.ends, self.now, sharp)
            parts.append(
                t.gettext("actual {when}", when=when) if task.end else t.gettext("forecast {when}", when=when)
            )
        if task.result:
            parts.append(result_told(task.result, t))
        return " · ".join(parts)

    def _links(self, lanes: Sequence[Lane]) -> list[Link]:
        by_id = dict(zip((task.id for task in self.plan.tasks), lanes, strict=True))
        chain = {task.id for task in self.plan.tasks if task.critical}
        links = [
            Link(_path(by_id[other], by_id[task.id]), {task.id, other} <= chain and self._drives(other, task))
            for task in self.plan.tasks
            for other in task.depends_on
            if other in by_id
        ]
        return sorted(links, key=lambda link: link.critical)

    def _drives(self, other: str, task: Task) -> bool:
        ends = {each.id: each.ends for each in self.plan.tasks}
        return ends[other] == max(ends[i] for i in task.depends_on if i in ends)


def _iconic(mark: Wanted) -> Wanted:
    return mark if mark.keep_text else Wanted(mark.kind, mark.at, "", mark.side)


def _when(at: datetime, now: datetime, axis: Axis, t: Translator, sharp: bool, exact: bool = False) -> str:
    """A day on an axis of days, else the time; `exact` gives both. Off the axis the day is always said."""
    if exact and axis.step >= timedelta(days=1):
        return t.near(at, now)
    if axis.step >= timedelta(days=1):
        return t.day(at, now)
    return t.near(at, now, seconds=sharp and axis.holds(at))


def _label_width(tasks: Sequence[Task], names: Sequence[str]) -> float:
    need = (56 + len(name) * _CHAR + _who_width(task.by) for name, task in zip(names, tasks, strict=True))
    return round(min(max(*need, 240.0), 420.0))


def _who_width(who: str) -> float:
    return 14 + len(who) * _SMALL_CHAR if who else 0.0


def _wrap(text: str, room: float) -> tuple[str, ...]:
    """Lines of whole words, each within `room` pixels where words allow."""
    most = max(int(room / _CHAR), 8)
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)


def _path(source: Lane, target: Lane) -> str:
    """Down (or up) from the end of the source bar, then along to the target's; straight when they meet."""
    a, b = source.bars[min(1, len(source.bars) - 1)], target.bars[min(1, len(target.bars) - 1)]
    x = round(max(a.x + a.width - 2, a.x + 2), 1)
    down = target.top >= source.top
    start_y = a.y + a.height + 0.5 if down else source.bars[0].y - 0.5
    if b.x - 6 <= x <= b.x + b.width:
        return f"M{x},{start_y} V{target.bars[0].y - 2 if down else b.y + b.height + 2}"
    end = b.x - 1 if b.x > x else b.x + b.width + 1
    return f"M{x},{start_y} V{b.y + b.height / 2} H{round(end, 1)}"
