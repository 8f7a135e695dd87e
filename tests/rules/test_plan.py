"""The plan as a value: order, dates, promise, and that no order of events makes it start a task too early."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.plan import CircularPlan, Plan, Task
from abonent.kit.errors import IllegalMove
from abonent.kit.values import from_wire, to_wire

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def task(id: str, *depends_on: str, minutes: float = 1, item: str = "1") -> Task:
    return Task(
        id=id, item=item, name={"en": id}, kind="inventory", depends_on=list(depends_on), minutes=minutes
    )


def build(*tasks: Task, requested: str | None = None) -> Plan:
    return planning.build("O-1", tasks, now=NOW, requested=requested, customer="C-1")


def states(plan: Plan) -> dict[str, str]:
    return {t.id: t.state for t in plan.task}


def line() -> Plan:
    """port (1 min) -> access (10) -> test (2) -> inventory (0)."""
    return build(
        task("port"),
        task("access", "port", minutes=10),
        task("test", "access", minutes=2),
        task("inventory", "test", minutes=0),
    )


def test_dates_follow_the_dependencies() -> None:
    plan = build(task("c", "a", "b", minutes=5), task("a", minutes=3), task("b", minutes=30))
    # a ends 9:03, b 9:30, so c runs from 9:30 to 9:35, whatever the order of the list.
    found = {t.id: (t.planned_start, t.planned_end) for t in plan.task}
    assert found["a"] == ("2026-06-03T09:00:00.000Z", "2026-06-03T09:03:00.000Z")
    assert found["c"] == ("2026-06-03T09:30:00.000Z", "2026-06-03T09:35:00.000Z")
    assert plan.planned_end == plan.promised == "2026-06-03T09:35:00.000Z"
    assert states(plan) == {"a": "ready", "b": "ready", "c": "pending"}


@pytest.mark.parametrize(
    ("requested", "promised"),
    [
        (None, "2026-06-03T09:13:00.000Z"),
        # Earlier than can be done: the promise stays what can be kept.
        ("2026-06-03T09:05:00Z", "2026-06-03T09:13:00.000Z"),
        ("2026-06-10T12:00:00+03:00", "2026-06-10T09:00:00.000Z"),
    ],
)
def test_the_promise_is_the_later_of_plan_and_wish(requested: str | None, promised: str) -> None:
    plan = build(*line().task, requested=requested)
    assert (plan.planned_end, plan.promised) == ("2026-06-03T09:13:00.000Z", promised)


def test_an_empty_plan_is_finished_at_once() -> None:
    plan = build()
    assert plan.finished
    assert plan.planned_start == plan.planned_end == to_wire(NOW)


@pytest.mark.parametrize("tasks", [(("a", "a"),), (("a", "b"), ("b", "a")), (("a",), ("b", "gone"))])
def test_circles_and_unknown_dependencies_are_refused(tasks: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(CircularPlan):
        build(*(task(*t) for t in tasks))


def test_a_task_runs_once_its_turn_has_come() -> None:
    plan = line()
    with pytest.raises(IllegalMove):
        planning.started(plan, "access", NOW)
    plan = planning.started(plan, "port", NOW)
    with pytest.raises(IllegalMove):
        planning.started(plan, "port", NOW)
    plan = planning.completed(plan, "port", NOW + timedelta(minutes=2), result="N-1/1", output={"port": "x"})
    assert states(plan) == {"port": "completed", "access": "ready", "test": "pending", "inventory": "pending"}
    port = plan.find("port")
    assert (port.start, port.end, port.result) == (
        "2026-06-03T09:00:00.000Z",
        "2026-06-03T09:02:00.000Z",
        "N-1/1",
    )
    with pytest.raises(IllegalMove):
        planning.completed(plan, "port", NOW, result="again", output={})


def test_moving_on_leaves_the_old_plan_as_it_was() -> None:
    before = line()
    copy = planning.to_document(before)
    after = planning.completed(before, "port", NOW, result="done", output={})
    planning.failed(planning.started(after, "access", NOW), "access", NOW, reason="no light")
    assert planning.to_document(before) == copy


def test_failure_stops_what_depends_on_it_until_it_is_run_again() -> None:
    plan = planning.completed(line(), "port", NOW, result="done", output={})
    plan = planning.failed(planning.started(plan, "access", NOW), "access", NOW, reason="no light")
    assert states(plan)["access"] == "failed" and states(plan)["test"] == "pending"
    assert plan.find("access").result == "no light"
    assert not plan.ready and not plan.finished
    plan = planning.retried(plan)
    access = plan.find("access")
    assert (access.state, access.result, access.end) == ("ready", None, None)
    plan = planning.completed(planning.started(plan, "access", NOW), "access", NOW, result="ok", output={})
    assert plan.find("test").state == "ready"


def test_the_number_of_the_attempt_moves_with_failures_only() -> None:
    """It keys what is asked of the outside: the same while one attempt goes on, another after a failure."""
    plan = build(task("a"))
    assert planning.attempt_of(plan.find("a")) == 1
    plan = planning.started(plan, "a", NOW)
    assert planning.attempt_of(plan.find("a")) == 1
    plan = planning.retried(planning.failed(plan, "a", NOW, reason="no"))
    assert planning.attempt_of(plan.find("a")) == 2
    # A kind that fails without having been started counts the same.
    plan = planning.retried(planning.failed(plan, "a", NOW, reason="no"))
    assert planning.attempt_of(plan.find("a")) == 3


def test_items_are_done_when_all_their_tasks_are() -> None:
    plan = build(task("1.a"), task("1.b"), task("2.a", item="2"))
    plan = planning.completed(plan, "1.a", NOW, result="", output={})
    assert not plan.item_done("1")
    plan = planning.completed(plan, "1.b", NOW, result="", output={})
    assert plan.item_done("1") and not plan.item_done("2")
    assert not plan.finished


def test_the_document_gives_the_plan_back() -> None:
    plan = planning.completed(line(), "port", NOW, result="N-1/1", output={"port": "N-1/1"})
    assert planning.from_document(planning.to_document(plan)) == plan


@st.composite
def graphs(draw: st.DrawFn) -> list[Task]:
    """Tasks that depend only on tasks made before them, listed in any order: always a DAG."""
    count = draw(st.integers(0, 9))
    made = []
    for number in range(count):
        before = [f"t{n}" for n in range(number)]
        on = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        made.append(task(f"t{number}", *on, minutes=draw(st.sampled_from([0, 1, 7.5, 60]))))
    return draw(st.permutations(made))


def longest(tasks: dict[str, Task], id: str) -> float:
    """Minutes from the start to the end of a task: an oracle by recursion over the definition."""
    own = tasks[id]
    return max((longest(tasks, d) for d in own.depends_on), default=0) + own.minutes


@given(graphs(), st.integers(0, 2**32))
def test_any_run_of_any_graph_ends_and_never_starts_too_early(tasks: list[Task], seed: int) -> None:
    chance = Random(seed)
    plan = build(*tasks)
    by_id = {t.id: t for t in tasks}
    for t in plan.task:
        assert from_wire(t.planned_end) - NOW == timedelta(minutes=longest(by_id, t.id))
    done: set[str] = set()
    running: set[str] = set()
    moment = NOW
    while not plan.finished:
        moment += timedelta(seconds=chance.randint(0, 90))
        ready = [t.id for t in plan.ready]
        assert ready or running
        if ready and (not running or chance.random() < 0.6):
            id = chance.choice(ready)
            assert done.issuperset(by_id[id].depends_on), f"{id} became ready before its dependencies"
            plan = planning.started(plan, id, moment)
            running.add(id)
            continue
        id = chance.choice(sorted(running))
        running.remove(id)
        if chance.random() < 0.2:
            plan = planning.retried(planning.failed(plan, id, moment, reason="chance"))
        else:
            plan = planning.completed(plan, id, moment, result="", output={})
            done.add(id)
    assert done == by_id.keys()
    for t in plan.task:
        starts = [from_wire(plan.find(d).end or "") for d in t.depends_on]
        assert all(from_wire(t.start or "") >= end for end in starts)
