"""The picture of a plan: bars to scale, labels that do not touch, the finding in words; its forecast."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abonent.faces.console.plan_axis import Axis, choose_axis, ticks
from abonent.faces.console.plan_marks import Wanted, place
from abonent.faces.console.plan_model import read_plan
from abonent.faces.console.plan_picture import NARROW, WIDE, Drawing, Lane, plan_picture
from abonent.kit.i18n import Translator

T0 = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
EN, RU = Translator("en"), Translator("ru")


def task(name: str, start: float, end: float, *after: str, **more: Any) -> dict[str, Any]:
    """A task planned from `start` to `end` hours after T0."""

    def wire(hours: float) -> str:
        return (T0 + timedelta(hours=hours)).isoformat()

    times = {key: wire(more.pop(key)) for key in ("began", "ended") if key in more}
    return {
        "id": name,
        "name": name,
        "dependsOn": list(after),
        "state": "pending",
        "plannedStart": wire(start),
        "plannedEnd": wire(end),
        "start": times.get("began"),
        "end": times.get("ended"),
        **more,
    }


def hours(at: datetime) -> float:
    return (at - T0).total_seconds() / 3600


def at(hour: float) -> datetime:
    return T0 + timedelta(hours=hour)


THREE = {
    "task": [
        task("design", 0, 10, state="completed", began=0, ended=14),
        task("fibre", 10, 30, "design", state="inProgress", began=20),
        task("port", 10, 12, "design", state="completed", began=14, ended=16, pointOfNoReturn=False),
        task("test", 30, 34, "fibre", "port", pointOfNoReturn=True),
    ]
}


def test_forecast_follows_actual_times_dependencies_and_now() -> None:
    plan = read_plan(THREE, at(25))
    assert plan is not None
    # fibre began 10 h late and lasts 20 h: ends at 40; test lasts 4 h after it: 40 to 44
    assert [hours(each.begins) for each in plan.tasks] == [0, 20, 14, 40]
    assert [hours(each.ends) for each in plan.tasks] == [14, 40, 16, 44]
    assert hours(plan.forecast) == 44
    assert plan.no_return == at(40)
    assert not plan.passed_no_return
    assert [each.id for each in plan.tasks if each.critical] == ["design", "fibre", "test"]


def test_a_running_task_past_its_length_ends_now_at_the_earliest() -> None:
    plan = read_plan(THREE, at(50))
    assert plan is not None
    assert hours(plan.tasks[1].ends) == 50
    assert hours(plan.forecast) == 54


def test_a_ring_of_dependencies_and_unknown_ones_do_no_harm() -> None:
    plan = read_plan({"task": [task("a", 0, 1, "b"), task("b", 0, 1, "a", "gone")]}, at(0))
    assert plan is not None
    assert hours(plan.forecast) >= 1


def test_no_plan_no_picture() -> None:
    assert plan_picture(None, None, T0, EN) is None
    assert plan_picture({"task": []}, None, T0, EN) is None


def drawing(now: float, promised: float | None, narrow: bool = False) -> Drawing:
    picture = plan_picture(THREE, at(promised) if promised is not None else None, at(now), EN)
    assert picture is not None
    return picture.narrow if narrow else picture.wide


def bar(lane: Lane, look: str) -> tuple[float, float]:
    found = next(each for each in lane.bars if each.look == look)
    return found.x, found.x + found.width


def test_bars_are_to_scale() -> None:
    wide = drawing(now=25, promised=40)
    start, end = bar(wide.lanes[0], "done")  # 0 h to 14 h
    hour = (end - start) / 14
    assert bar(wide.lanes[1], "planned") == pytest.approx((start + 10 * hour, start + 30 * hour), abs=0.5)
    assert bar(wide.lanes[1], "running") == pytest.approx((start + 20 * hour, start + 25 * hour), abs=0.5)
    assert bar(wide.lanes[1], "forecast") == pytest.approx((start + 20 * hour, start + 40 * hour), abs=0.5)
    assert bar(wide.lanes[3], "risk") == pytest.approx((start + 40 * hour, start + 44 * hour), abs=0.5)
    now = next(mark for mark in wide.marks if mark.kind == "now")
    assert now.x == pytest.approx(start + 25 * hour, abs=0.5)


def test_what_is_beyond_a_passed_promise_is_broken_not_at_risk() -> None:
    looks = {each.look for lane in drawing(now=42, promised=40).lanes for each in lane.bars}
    assert "bad" in looks
    assert "risk" not in looks


def test_within_the_promise_nothing_is_hatched_and_the_forecast_is_calm() -> None:
    wide = drawing(now=25, promised=60)
    looks = {each.look for lane in wide.lanes for each in lane.bars}
    assert looks <= {"planned", "done", "running", "forecast"}
    assert "late" not in {mark.kind for mark in wide.marks}


def test_a_promise_far_beyond_the_plan_does_not_flatten_the_bars() -> None:
    wide = drawing(now=25, promised=2000)
    promise = next(mark for mark in wide.marks if mark.kind == "promised")
    assert not promise.on_axis
    start, end = bar(wide.lanes[0], "done")
    assert end - start > 150


def test_dependencies_of_the_critical_path_are_stronger() -> None:
    links = drawing(now=25, promised=40).links
    assert [link.critical for link in links] == [False, False, True, True]


def test_a_failed_task_stops_the_forecast() -> None:
    broken = task("a", 0, 1, state="failed", began=0, ended=1)
    plan = {"task": [broken, task("b", 1, 2, "a", pointOfNoReturn=True)]}
    picture = plan_picture(plan, at(9), at(3), EN)
    assert picture is not None
    assert picture.finding == "Plan of 2 tasks: a task failed, the end cannot be forecast"
    assert {mark.kind for mark in picture.wide.marks} == {"now", "promised"}


def test_the_finding_in_both_languages() -> None:
    assert plan_picture(THREE, at(40), at(25), EN).finding.endswith("4\u00a0h after the promise")  # type: ignore[union-attr]
    assert plan_picture(THREE, at(40), at(25), RU).finding.endswith("на 4\u00a0ч позже обещанного")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("span", "step"),
    [
        (20, 2),
        (240, 30),
        (3600 * 3, 900),
        (86400 * 2, 3600 * 6),
        (86400 * 20, 86400),
        (86400 * 80, 7 * 86400),
    ],
)
def test_the_scale_fits_the_length_of_the_plan(span: int, step: int) -> None:
    axis = choose_axis(T0, T0 + timedelta(seconds=span), 300, 1170, 62, EN)
    assert axis.step == timedelta(seconds=step)
    assert axis.start <= T0
    assert axis.end >= T0 + timedelta(seconds=span)


@given(st.floats(min_value=1, max_value=3e8), st.integers(min_value=0, max_value=10**7), st.booleans())
@settings(max_examples=60, deadline=None)
def test_tick_labels_never_touch(span: float, shift: int, narrow: bool) -> None:
    start = T0 + timedelta(seconds=shift)
    left, right = (0, NARROW - 4) if narrow else (320, WIDE - 124)
    axis = choose_axis(start, start + timedelta(seconds=span), left, right, 70 if narrow else 62, RU)
    marks = ticks(axis, NARROW if narrow else WIDE, RU, dated=narrow)
    assert len(marks) >= 2
    assert [mark.x for mark in marks] == sorted(mark.x for mark in marks)
    reach = [
        (mark.label_x, mark.label_x + len(mark.label) * 6.2)
        if mark.anchor == ""
        else (mark.label_x - len(mark.label) * 3.1, mark.label_x + len(mark.label) * 3.1)
        for mark in marks
        if mark.label
    ]
    assert all(one[1] < other[0] for one, other in pairwise(reach))


@given(st.lists(st.floats(min_value=0, max_value=100), min_size=4, max_size=4), st.booleans())
@example([98.5, 0.0, 0.0, 99.5], False)
@settings(max_examples=60, deadline=None)
def test_labels_of_marks_stand_apart_on_their_row(places: list[float], cyrillic: bool) -> None:
    axis = Axis(at(0), at(100), 320, 1168, timedelta(hours=6))
    text = "необратимо после 23 июн., 09:40" if cyrillic else "no return after 23 Jun, 09:40"
    kinds = [
        ("now", "now", "middle"),
        ("promised", "promised 24 Jun", "end"),
        ("late", "forecast 26 Jun", "start"),
    ]
    wanted = [Wanted(kind, at(x), words, side) for (kind, words, side), x in zip(kinds, places, strict=False)]
    marks, rows = place([*wanted, Wanted("no_return", at(places[3]), text, "end")], axis, WIDE)
    assert {mark.kind for mark in marks} == {"now", "promised", "late", "no_return"}
    assert all(0 <= mark.row < rows for mark in marks)
    for one in marks:
        for other in marks:
            if one is not other and one.row == other.row:
                assert one.reach[1] <= other.reach[0] or other.reach[1] <= one.reach[0]


times = st.floats(min_value=0, max_value=500)
states = st.sampled_from(["pending", "ready", "inProgress", "completed", "failed", "skipped", "cancelled"])


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    tasks = []
    for number in range(draw(st.integers(min_value=1, max_value=7))):
        start, length, state = draw(times), draw(st.floats(min_value=0, max_value=90)), draw(states)
        earlier = [f"t{n}" for n in range(number)]
        before = draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []
        begun = state in ("inProgress", "completed", "failed")
        more: dict[str, Any] = {"began": draw(times)} if begun else {}
        if state in ("completed", "failed"):
            more["ended"] = more["began"] + draw(st.floats(min_value=0, max_value=50))
        tasks.append(task(f"t{number}", start, start + length, *before, state=state, **more))
    return {"task": tasks}


@given(plans(), times, st.one_of(st.none(), times))
@settings(max_examples=80, deadline=None)
def test_every_bar_stays_in_its_drawing(plan: dict[str, Any], now: float, promised: float | None) -> None:
    picture = plan_picture(plan, at(promised) if promised is not None else None, at(now), RU)
    assert picture is not None
    for each in (picture.wide, picture.narrow):
        assert [lane.number for lane in each.lanes] == list(range(1, len(plan["task"]) + 1))
        for lane in each.lanes:
            for rect in lane.bars:
                assert each.label_width <= rect.x <= each.width
                assert rect.width > 0
                assert rect.x + rect.width <= each.width + 8  # a least bar may pass the axis
                assert lane.top <= rect.y
                assert rect.y + rect.height <= lane.top + lane.height
            lanes = sorted(each.lanes, key=lambda lane: lane.top)
            assert all(a.top + a.height <= b.top + 0.01 for a, b in pairwise(lanes))
