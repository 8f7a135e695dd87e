"""Which work is done again after a failed test, and what the plan is then."""

from datetime import UTC, datetime

import pytest

from abonent.domain.order_handling.plan import Plan, Task
from abonent.domain.order_handling.rules_retest import failures, mender, reopened, violations, with_failure

NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)


def plan(*, visit: bool = True, mended_by: list[str] | None = None) -> Plan:
    tasks = [Task(id="1.port", item="1", name={"en": "Port"}, kind="reserve", state="completed")]
    if visit:
        tasks.append(
            Task(
                id="1.visit",
                item="1",
                name={"en": "Visit"},
                kind="workOrder",
                state="completed",
                depends_on=["1.port"],
                spec={"appointment": "AP-1", "skill": "fibre"},
                planned_start="2026-06-02T06:00:00.000Z",
                planned_end="2026-06-02T08:00:00.000Z",
                minutes=120,
            )
        )
    before = "1.visit" if visit else "1.port"
    spec = {"mendedBy": mended_by} if mended_by else {}
    tasks += [
        Task(
            id="1.access",
            item="1",
            name={"en": "Access"},
            kind="serviceOrder",
            state="completed",
            depends_on=[before],
            output={"services": [{"id": "S-1"}]},
            spec={"action": "add"},
            minutes=10,
        ),
        Task(
            id="1.test",
            item="1",
            name={"en": "Test"},
            kind="serviceTest",
            state="failed",
            depends_on=["1.access"],
            spec=spec,
            planned_start="2026-06-02T08:10:00.000Z",
            planned_end="2026-06-02T08:12:00.000Z",
        ),
    ]
    return Plan(id="O-1", planned_start="", planned_end="", task=tasks)


@pytest.mark.parametrize(
    ("visit", "mended_by", "expected"),
    [
        (True, None, ["1.access", "1.visit", "1.visit"]),
        (False, None, ["1.access", "1.access", "1.access"]),
        (True, ["visit"], ["1.visit", "1.visit", "1.visit"]),
        (True, ["visit", "access"], ["1.visit", "1.access", "1.access"]),
        (True, ["unknown"], [None, None, None]),
    ],
)
def test_who_mends(visit: bool, mended_by: list[str] | None, expected: list[str | None]) -> None:
    now = plan(visit=visit, mended_by=mended_by)
    found = []
    for number in range(3):
        work = mender(now, now.find("1.test"))
        found.append(work.id if work else None)
        now = with_failure(now, "1.test", f"ST-{number}")
    assert found == expected
    assert failures(now.find("1.test")) == ["ST-0", "ST-1", "ST-2"]


def test_the_same_evidence_counts_once() -> None:
    twice = with_failure(with_failure(plan(), "1.test", "ST-1"), "1.test", "ST-1")
    assert failures(twice.find("1.test")) == ["ST-1"]


def test_nothing_mends_where_nothing_was_done() -> None:
    bare = plan()
    for task in bare.task:
        if task.id != "1.test":
            task.state = "skipped"
    assert mender(bare, bare.find("1.test")) is None


def test_an_activation_is_modified_upon_what_it_made() -> None:
    before = plan()
    after = reopened(before, "1.test", "1.access", NOW)
    work, test = after.find("1.access"), after.find("1.test")
    assert (work.state, work.spec["action"], test.state) == ("pending", "modify", "pending")
    assert work.planned_start == "2026-06-03T09:00:00.000Z" and work.planned_end == "2026-06-03T09:10:00.000Z"
    assert test.planned_start == work.planned_end
    # The plan that was given stays as it was.
    assert before.find("1.test").state == "failed"


def test_a_visit_gets_a_slot_of_its_own_and_the_test_waits_for_it() -> None:
    after = reopened(plan(), "1.test", "1.visit", NOW)
    assert after.find("1.visit").spec == {"skill": "fibre"}
    assert after.find("1.test").depends_on == ["1.access", "1.visit"]
    assert after.find("1.access").state == "completed"


def test_broken_limits_in_the_words_of_the_standard() -> None:
    limits = [
        {"name": "downstream", "min": 90, "max": 110, "unit": "Mbit/s"},
        {"name": "up", "expected": True},
    ]
    assert violations(limits, "downstream") == [
        {"name": "downstream", "conformanceTargetLower": "90", "conformanceTargetUpper": "110"}
    ]
    assert violations(limits, "up") == [{"name": "up", "conformanceTargetExact": "True"}]
    assert violations(limits, "other") == []
