"""Visits in an order's plan: dated at their slot, moved with it; and how a task gets to know of the appointment."""

from datetime import UTC, datetime

from abonent.domain.order_handling import plan as planning
from abonent.domain.order_handling.decompose import tasks_of
from abonent.domain.order_handling.plan import Plan, Task, key_of
from abonent.domain.order_handling.visits import chosen_appointments, work_for, work_order_number
from abonent.kit.values import to_wire
from tests.support.visits import VISIT_TASKS, june

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def task(id: str, *depends_on: str, minutes: float = 10, kind: str = "inventory") -> Task:
    return Task(id=id, item="1", name={"en": id}, kind=kind, depends_on=list(depends_on), minutes=minutes)


def plan(slots: dict[str, planning.Slot]) -> Plan:
    """port (10 min) -> visit (120) -> access (10) -> second visit (60) -> end (10); tv (10) beside them."""
    tasks = [
        task("port"),
        task("visit", "port", minutes=120, kind="workOrder"),
        task("access", "visit"),
        task("again", "access", minutes=60, kind="workOrder"),
        task("end", "again"),
        task("tv"),
    ]
    return planning.build("O-1", tasks, now=NOW, requested=None, customer="C-1", slots=slots)


def times(made: Plan) -> dict[str, tuple[str, str]]:
    return {t.id: (t.planned_start[5:16], t.planned_end[5:16]) for t in made.task}


def test_a_visit_is_planned_at_its_slot_and_the_rest_after_it() -> None:
    made = plan({"visit": (june(4, 6), june(4, 8)), "again": (june(4, 13), june(4, 15))})
    assert times(made) == {
        "port": ("06-03T09:00", "06-03T09:10"),
        "visit": ("06-04T06:00", "06-04T08:00"),
        "access": ("06-04T08:00", "06-04T08:10"),
        "again": ("06-04T13:00", "06-04T15:00"),
        "end": ("06-04T15:00", "06-04T15:10"),
        "tv": ("06-03T09:00", "06-03T09:10"),
    }
    assert made.promised == to_wire(june(4, 15, 10))


def test_a_slot_that_comes_before_what_it_waits_for_cannot_be_kept() -> None:
    made = plan({"visit": (june(3, 9, 9), june(3, 11, 9))})
    assert times(made)["visit"] == ("06-03T09:10", "06-03T11:10")


def test_without_slots_dates_follow_the_minutes() -> None:
    # 10 + 120 + 10 + 60 = 200 minutes after 09:00.
    assert times(plan({}))["end"] == ("06-03T12:20", "06-03T12:30")


def test_a_visit_moves_and_what_waits_for_it_follows() -> None:
    made = plan({"visit": (june(4, 6), june(4, 8)), "again": (june(5, 13), june(5, 15))})
    promised = made.promised
    # One day later: access follows; the second visit keeps its slot, as that is still after it.
    later = planning.rescheduled(made, "visit", (june(5, 6), june(5, 8)))
    assert times(later)["access"] == ("06-05T08:00", "06-05T08:10")
    assert times(later)["again"] == times(made)["again"]
    # Past the second visit: that one can only be after it.
    past = planning.rescheduled(made, "visit", (june(8, 6), june(8, 8)))
    assert times(past)["again"] == ("06-08T08:10", "06-08T10:10")
    assert past.planned_end == to_wire(june(8, 10, 20))
    assert (past.promised, times(past)["tv"], times(past)["port"]) == (
        promised,
        times(made)["tv"],
        times(made)["port"],
    )
    # Earlier again: access comes earlier, the second visit does not.
    back = planning.rescheduled(later, "visit", (june(4, 6), june(4, 8)))
    assert times(back) == times(made)
    assert times(made)["access"] == ("06-04T08:00", "06-04T08:10")


def test_what_is_done_keeps_its_dates() -> None:
    made = plan({"visit": (june(4, 6), june(4, 8))})
    made = planning.completed(made, "port", NOW, result="", output={})
    made = planning.started(made, "visit", NOW)
    made = planning.completed(made, "visit", NOW, result="", output={})
    made = planning.started(made, "access", NOW)
    moved = planning.rescheduled(made, "visit", (june(5, 6), june(5, 8)))
    assert times(moved)["access"] == times(made)["access"]


def test_the_task_knows_the_appointment_of_its_item() -> None:
    item = {"id": "1", "action": "add", "appointment": {"id": "AP-1"}}
    order = {"id": "O-1", "productOrderItem": [item], "requestedStartDate": "2026-06-10T00:00:00Z"}
    made = {t.id: t for t in tasks_of(order, {"1": {"task": VISIT_TASKS}}, {"1": "A-1"}, {"1": "N-1"})}
    assert made["1.visit"].spec["appointment"] == "AP-1"
    assert "appointment" not in made["1.port"].spec
    work = work_for(order, {"id": "C-1"}, made["1.visit"])
    assert (work.id, work.key, work.skill, work.address, work.minutes) == (
        "WO-1-1.visit",
        "O-1/1.visit",
        "fibre",
        "A-1",
        120,
    )
    assert work.not_before == datetime(2026, 6, 10, tzinfo=UTC)
    # After a failure it is another piece of work.
    made["1.visit"].attempts = 1
    assert work_order_number(key_of("O-1", made["1.visit"])) == "WO-1-1.visit-2"


def test_appointments_of_an_order_and_its_bundles() -> None:
    inner = {"id": "1.1", "appointment": {"id": "AP-2"}}
    items = [{"id": "1", "productOrderItem": [inner]}, {"id": "2", "appointment": {"id": "AP-1"}}, inner]
    assert chosen_appointments({"productOrderItem": items}) == ["AP-2", "AP-1"]
    assert chosen_appointments({}) == []
